//! Results that are kept between runs: when they count, when they do not, and what no accident may do to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::Value;

use super::support::{Ran, Workspace, without_durations};

const SPEC: &str = "version: 1
name: penguins
data: { path: data.csv, target: species, split: { holdout: { test: 0.25, seed: 1 } } }
model: { random_forest: { n_estimators: 10, seed: 2 } }
thresholds: { accuracy: \"> 0.5\" }
";

fn penguins() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("specs/data/penguins.csv")).expect("the table of the examples")
}

fn workspace() -> Workspace {
    Workspace::with_spec(&spec("> 0.5"), &penguins())
}

fn spec(bound: &str) -> String {
    SPEC.replace("> 0.5", bound)
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Ran {
    let mut command = workspace.caching();
    Ran::new(&command.arg("run").args(arguments).output().expect("the program starts"))
}

/// The report of a run, and the results of which specs were cached.
fn report(workspace: &Workspace, status: i32) -> (Value, Vec<bool>) {
    let report = run(workspace, &["--format", "json"]).ends(status).json();
    split(report)
}

fn split(mut report: Value) -> (Value, Vec<bool>) {
    without_durations(&mut report);
    let mut cached = Vec::new();
    for spec in report["specs"].as_array_mut().expect("a list of specs") {
        let spec = spec.as_object_mut().expect("a spec is a map");
        spec.remove("cached");
        cached.push(spec.remove("kept").is_some_and(|kept| kept == "results"));
    }
    (report, cached)
}

/// The files that results are kept in.
fn entries(workspace: &Workspace) -> Vec<PathBuf> {
    entries_of(workspace, "results")
}

/// The files below one of the folders of the cache.
fn entries_of(workspace: &Workspace, folder: &str) -> Vec<PathBuf> {
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    };
    let folders = files(&workspace.cache().join(folder));
    let mut found: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder)).collect();
    found.sort();
    found
}

#[test]
fn the_examples_give_the_same_report_without_training() {
    let workspace = Workspace::new();
    workspace.copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs"), &[]);
    let run = || run(&workspace, &["--format", "json"]).json();
    let (first, cached) = split(run());
    assert!(cached.iter().all(|cached| !cached));
    let (second, cached) = split(run());
    assert_eq!(first, second);
    for (spec, cached) in second["specs"].as_array().expect("a list").iter().zip(cached) {
        let metrics = spec["measurements"].as_array().expect("a list");
        let timed = metrics.iter().any(|each| {
            each["metric"].as_str().is_some_and(|metric| {
                metric.ends_with("_seconds") || metric.ends_with("microseconds_per_row")
            })
        });
        assert_eq!(cached, !timed && spec["status"] != "error", "{}", spec["path"]);
    }
}

#[test]
fn a_threshold_that_changed_is_judged_anew_on_what_is_kept() {
    let workspace = workspace();
    report(&workspace, 0);
    workspace.write("spec.mlspec.yaml", spec("> 0.9999"));
    let (failed, cached) = report(&workspace, 1);
    assert_eq!(cached, [true]);
    assert_eq!(failed["specs"][0]["verdicts"][0]["status"], "fail");
    workspace.write("spec.mlspec.yaml", spec("> 0.4").replace("penguins", "renamed"));
    let (passed, cached) = report(&workspace, 0);
    assert_eq!(cached, [true]);
    assert_eq!(passed["specs"][0]["name"], "renamed");
    // The same as if nothing were kept.
    let (fresh, cached) = split(workspace.run(&["run", "--format", "json"]).ends(0).json());
    assert_eq!(cached, [false]);
    assert_eq!(passed, fresh);
    // A bound that asks for more than was measured.
    workspace.write(
        "spec.mlspec.yaml",
        spec("> 0.4").replace("{ accuracy", "{ f1@s: \"> 0\", accuracy"),
    );
    assert_ne!(run(&workspace, &[]).status, Some(0), "there is no slice `s`");
}

#[test]
fn whatever_a_result_hangs_on_makes_another_run() {
    let workspace = workspace();
    let misses = |what: &str| {
        let (_, cached) = report(&workspace, 0);
        assert_eq!(cached, [false], "{what}");
        let (_, cached) = report(&workspace, 0);
        assert_eq!(cached, [true], "{what}, once more");
    };
    misses("the first run");
    let write = |text: String| workspace.write("spec.mlspec.yaml", text);
    write(spec("> 0.5").replace("seed: 2", "seed: 3"));
    misses("the seed of the model");
    write(spec("> 0.5").replace("seed: 1", "seed: 3"));
    misses("the seed of the split");
    write(spec("> 0.5").replace("n_estimators: 10", "n_estimators: 11"));
    misses("a parameter");
    write(spec("> 0.5").replace("thresholds", "metrics: [log_loss]\nthresholds"));
    misses("one more metric");
    write(spec("{ max_train_gap: 0.9 }").replace('"', ""));
    misses("a bound on the training rows");
    // One digit of one cell.
    let table = penguins();
    let at = table.find("39.1").expect("the first row");
    workspace.write("data.csv", format!("{}39.2{}", &table[..at], &table[at + 4..]));
    misses("a byte of the data");
    workspace.write("other.csv", &table);
    write(spec("> 0.5").replace("data.csv", "\"${TABLE}\""));
    let with = |table: &str| {
        let mut command = workspace.caching();
        command.args(["run", "--format", "json"]).env("TABLE", table);
        split(Ran::new(&command.output().expect("the program starts")).ends(0).json()).1
    };
    assert_eq!(with("data.csv"), [false]);
    assert_eq!(with("other.csv"), [false], "what a variable stands for");
    assert_eq!(with("data.csv"), [true]);
}

#[test]
fn another_file_of_a_pattern_makes_another_run() {
    let workspace = Workspace::new();
    workspace.write("spec.mlspec.yaml", spec("> 0.5").replace("data.csv", "part-*.csv"));
    workspace.write("part-1.csv", penguins());
    let cached = || report(&workspace, 0).1;
    assert_eq!((cached(), cached()), (vec![false], vec![true]));
    workspace.write("part-2.csv", penguins());
    assert_eq!((cached(), cached()), (vec![false], vec![true]));
    fs::rename(workspace.path("part-1.csv"), workspace.path("part-3.csv")).unwrap();
    assert_eq!((cached(), cached()), (vec![false], vec![true]));
}

#[test]
fn a_file_that_moves_from_training_to_test_makes_another_run() {
    let workspace = Workspace::new();
    let given = "version: 1
data: { train: train/*.csv, test: test/*.csv, target: species }
model: { gaussian_naive_bayes: {} }
thresholds: { accuracy: \"> 0.5\" }
";
    workspace.write("spec.mlspec.yaml", given);
    for file in ["train/1.csv", "train/2.csv", "test/3.csv"] {
        workspace.write(file, penguins());
    }
    let cached = || report(&workspace, 0).1;
    assert_eq!((cached(), cached()), (vec![false], vec![true]));
    fs::rename(workspace.path("train/2.csv"), workspace.path("test/2.csv")).unwrap();
    assert_eq!((cached(), cached()), (vec![false], vec![true]));
}

#[test]
fn charts_come_only_where_they_are_asked_for() {
    let workspace = workspace();
    let charts = |arguments: &[&str]| {
        let arguments = [&["--format", "json"], arguments].concat();
        let report = run(&workspace, &arguments).ends(0).json();
        (report["specs"][0]["charts"].is_object(), report["specs"][0]["kept"] == "results")
    };
    assert_eq!(charts(&[]), (false, false));
    assert_eq!(charts(&["--charts"]), (true, false), "what has none does not stand in");
    assert_eq!(charts(&["--charts"]), (true, true));
    assert_eq!(charts(&[]), (false, true));
}

#[test]
fn a_result_counts_wherever_the_spec_is_run_from() {
    let workspace = workspace();
    assert_eq!(report(&workspace, 0).1, [false]);
    let from = |folder: &str, arguments: &[&str]| {
        let mut command = workspace.caching();
        command.current_dir(workspace.path(folder)).args(["run", "--format", "json"]);
        split(Ran::new(&command.args(arguments).output().unwrap()).ends(0).json()).1
    };
    assert_eq!(from("", &["spec.mlspec.yaml"]), [true]);
    workspace.write("sub/other.mlspec.yaml", spec("> 0.3")).write("sub/data.csv", penguins());
    assert_eq!(from("sub", &["../spec.mlspec.yaml"]), [true]);
    assert_eq!(from("sub", &["other.mlspec.yaml"]), [true], "the same content elsewhere");
}

#[test]
fn people_are_told_what_was_cached() {
    let workspace = workspace();
    run(&workspace, &[]).ends(0).never_says("cached");
    run(&workspace, &[]).ends(0).says(&["· cached", ", 1 cached"]);
    run(&workspace, &["--no-cache"]).ends(0).never_says("cached");
    workspace.run(&["run"]).ends(0).never_says("cached");
    workspace.write("mlspec.toml", "[profile.default]\nno-cache = true\n");
    run(&workspace, &[]).ends(0).never_says("cached");
    run(&workspace, &["--no-config"]).ends(0).says(&["· cached"]);
}

#[test]
fn errors_and_times_are_measured_each_time() {
    let workspace = Workspace::with_spec(&spec("> 0.5"), &penguins());
    workspace.write(
        "spec.mlspec.yaml",
        spec("> 0.5").replace("accuracy", "fit_seconds").replace("> 0.5", "< 100"),
    );
    assert_eq!((report(&workspace, 0).1, report(&workspace, 0).1), (vec![false], vec![false]));
    assert_eq!(entries(&workspace), [] as [PathBuf; 0]);
    // No comparison can be made where only one class is judged.
    workspace.write("data.csv", "truth,said\nyes,0.5\nyes,0.7\nyes,0.9\n");
    workspace.write(
        "spec.mlspec.yaml",
        "version: 1\ndata: { path: data.csv, target: truth, positive: yes }\nmodel: { predictions: { probability: said } }\nthresholds: { roc_auc: \"> 0.5\" }\n",
    );
    assert_eq!((report(&workspace, 3).1, report(&workspace, 3).1), (vec![false], vec![false]));
    workspace.write("data.csv", "truth,said\nyes,broken\n");
    assert_eq!((report(&workspace, 2).1, report(&workspace, 2).1), (vec![false], vec![false]));
    assert_eq!(entries(&workspace), [] as [PathBuf; 0]);
}

#[test]
fn a_damaged_entry_is_made_again() {
    let workspace = workspace();
    let (first, _) = report(&workspace, 0);
    let [entry] = &*entries(&workspace) else { panic!("one entry") };
    let whole = fs::read(entry).unwrap();
    let step = whole.len() / 8;
    for at in (0..whole.len()).step_by(step) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        for bytes in [&damaged[..], &whole[..at]] {
            fs::write(entry, bytes).unwrap();
            let (again, cached) = report(&workspace, 0);
            assert_eq!(cached, [false], "byte {at}");
            assert_eq!(first, again);
        }
    }
    assert_eq!(report(&workspace, 0).1, [true], "it was put in its place again");
}

#[test]
fn a_cache_that_cannot_be_used_is_said_once_and_costs_no_verdict() {
    let workspace = workspace();
    for at in 0..3 {
        workspace.write(&format!("more{at}.mlspec.yaml"), spec("> 0.5"));
    }
    workspace.write("in_the_way", "a file");
    let run = |folder: &Path, arguments: &[&str]| {
        let mut command = workspace.caching();
        command.arg("run").args(arguments).env("MLSPEC_CACHE_DIR", folder);
        Ran::new(&command.output().expect("the program starts"))
    };
    for folder in ["in_the_way", "in_the_way/below"] {
        let ran = run(&workspace.path(folder), &[]).ends(0);
        assert_eq!(ran.stderr.matches("cannot be used").count(), 1, "{ran}");
        let ran = ran.complains(&["it is a file, not a folder; every spec is run without it"]);
        ran.never_says("cached");
        run(&workspace.path(folder), &["--no-cache"]).ends(0).never_says("cannot be used");
    }
    // Digests cannot be put where a file is in their way; results still can.
    workspace.write("partly/contents", "a file");
    let ran =
        run(&workspace.path("partly"), &[]).ends(0).complains(&["digests cannot be kept in "]);
    assert_eq!(ran.stderr.matches("cannot be kept").count(), 1, "{ran}");
    run(&workspace.path("partly"), &[]).ends(0).says(&["cached"]);
    // Results cannot be put where a file is in their way.
    workspace.write("odd/results", "a file");
    let ran = run(&workspace.path("odd"), &[]).ends(0).complains(&["results cannot be kept in "]);
    assert_eq!(ran.stderr.matches("cannot be kept").count(), 1, "{ran}");
}

#[cfg(unix)]
#[test]
fn a_cache_of_somebody_else_is_not_trusted() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

    let workspace = workspace();
    report(&workspace, 0);
    let own = fs::metadata(workspace.cache()).unwrap().uid();
    if chown(workspace.cache(), Some(own + 1), None).is_ok() {
        let ran = run(&workspace, &[]).ends(0).complains(&["it belongs to another user"]);
        ran.never_says("· cached");
        for command in [&["cache", "clear"][..], &["cache", "prune", "--max-size", "1B"]] {
            workspace.run(command).ends(2).complains(&["it belongs to another user"]);
        }
        chown(workspace.cache(), Some(own), None).unwrap();
        run(&workspace, &[]).ends(0).says(&["· cached"]);
        return;
    }
    // Who may not give a folder away may not write a closed one either.
    fs::set_permissions(workspace.cache(), fs::Permissions::from_mode(0o500)).unwrap();
    let ran = run(&workspace, &[]).ends(0).complains(&["it cannot be written"]);
    fs::set_permissions(workspace.cache(), fs::Permissions::from_mode(0o700)).unwrap();
    ran.never_says("· cached");
}

#[test]
fn the_cache_is_shown_cut_down_and_emptied() {
    let workspace = workspace();
    workspace.run(&["cache", "size"]).ends(0).says(&["results", "0 B  0 results"]);
    report(&workspace, 0);
    workspace.run(&["cache", "size"]).ends(0).says(&[
        "1 result\n",
        "1 training\n",
        "1 spec\n",
        "in all",
    ]);
    workspace
        .run(&["cache", "prune", "--max-size", "1GB"])
        .ends(0)
        .says(&["nothing to remove from "]);
    assert_eq!(report(&workspace, 0).1, [true]);
    workspace.run(&["cache", "prune", "--max-size", "1B"]).ends(0).says(&["removed 2 files, "]);
    assert_eq!(report(&workspace, 0).1, [false]);
    workspace.run(&["cache", "clear"]).ends(0).says(&["removed 2 files, "]);
    assert_eq!(report(&workspace, 0).1, [false]);
    workspace.run(&["run", "--rerun", "failed"]).ends(4);
    workspace.run(&["cache", "prune"]).ends(2).complains(&["--max-size"]);
    workspace
        .run(&["cache", "prune", "--max-size", "much"])
        .ends(2)
        .complains(&["write a number and a unit"]);
    workspace.write("file", "");
    for arguments in
        [&["cache", "size"][..], &["cache", "clear"], &["cache", "prune", "--max-size", "1B"]]
    {
        let on = |folder: &str| {
            let mut command = workspace.command();
            command.args(arguments).env("MLSPEC_CACHE_DIR", workspace.path(folder));
            Ran::new(&command.output().unwrap())
        };
        on("file").ends(2).complains(&["cannot be used: it is a file, not a folder"]);
        on("nowhere").ends(0);
        assert!(!workspace.path("nowhere").exists());
    }
}

/// Specs whose models are trained in no time.
fn many(count: usize) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("data.csv", penguins());
    for at in 0..count {
        let model = format!("{{ decision_tree: {{ seed: {at} }} }}");
        let spec =
            spec("> 0.5").replace("{ random_forest: { n_estimators: 10, seed: 2 } }", &model);
        workspace.write(&format!("s{at:02}.mlspec.yaml"), spec);
    }
    workspace
}

/// Starts a run that lists each spec as it ends.
fn begin(workspace: &Workspace) -> Child {
    let mut command = workspace.caching();
    command.args(["run", "--jobs", "2", "--verbose"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

/// Everything in the folders of results and training that has the name of an entry is a whole one.
fn assert_nothing_is_torn(workspace: &Workspace) {
    assert_all_are_whole(entries(workspace), "mlspec-result/1 ");
    assert_all_are_whole(entries_of(workspace, "training"), "mlspec-training/1 ");
}

fn assert_all_are_whole(entries: Vec<PathBuf>, format: &str) {
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        if name.starts_with(".new-") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let rest = bytes.strip_prefix(format.as_bytes()).expect("the head of an entry");
        let (digest, content) = (&rest[..64], &rest[65..]);
        let mut hasher = blake3::Hasher::new();
        hasher.update(blake3::Hash::from_hex(name).expect("a key").as_bytes());
        hasher.update(content);
        assert_eq!(hasher.finalize().to_hex().as_bytes(), digest, "{}", path.display());
    }
}

/// Starts a run that writes reports into the workspace.
fn report_files(workspace: &Workspace, mut command: Command) -> Child {
    let report =
        |format: &str, name: &str| format!("--report={format}={}", workspace.path(name).display());
    command.args(["run", "--jobs", "2", "--verbose"]).args([
        report("json", "report.json"),
        report("html", "report.html"),
        report("junit", "report.xml"),
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

/// Reports are there whole or not at all; how many are there.
fn whole_reports(workspace: &Workspace, reference: &Value) -> usize {
    let read = |name: &str| fs::read_to_string(workspace.path(name)).ok();
    let json = read("report.json");
    if let Some(json) = &json {
        let json = serde_json::from_str(json).expect("a JSON report is whole");
        assert_eq!(&split(json).0, reference);
    }
    let html = read("report.html");
    if let Some(html) = &html {
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
    }
    let junit = read("report.xml");
    if let Some(junit) = &junit {
        assert!(junit.starts_with("<?xml") && junit.ends_with("</testsuites>\n"));
        assert_eq!(junit.matches("<testcase").count(), 8);
    }
    [json, html, junit].iter().flatten().count()
}

/// Two runs share a cache and write the same reports, and one of them is killed: at any moment from its start until
/// after it would have ended.
fn share_and_kill(rounds: u64) {
    let workspace = many(8);
    let ends = |run: Child| Ran::new(&run.wait_with_output().expect("the run ends")).ends(0);
    ends(report_files(&workspace, workspace.command()));
    let reference = serde_json::from_str(&workspace.read("report.json")).expect("a report");
    let (reference, _) = split(reference);
    let started = Instant::now();
    ends(report_files(&workspace, workspace.caching()));
    let whole_run = started.elapsed();
    workspace.run(&["cache", "clear"]).ends(0);
    let mut chance: u64 = 1;
    let mut before_its_end = 0;
    for round in 0..rounds {
        chance = chance.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        // The reports of the round before are there, or none.
        let old = if round % 2 == 0 { whole_reports(&workspace, &reference) } else { 0 };
        if old == 0 {
            for name in ["report.json", "report.html", "report.xml"] {
                let _ = fs::remove_file(workspace.path(name));
            }
        }
        let mut killed = report_files(&workspace, workspace.caching());
        let other = report_files(&workspace, workspace.caching());
        // Two runs take longer than one. The moment is what is drawn here; nothing waits for it to be right.
        thread::sleep(whole_run * 3 / 2 * (chance >> 40) as u32 / (1 << 24));
        before_its_end += u64::from(killed.try_wait().expect("a child of ours").is_none());
        killed.kill().expect("a child can be killed");
        killed.wait().expect("a child ends");
        assert!(whole_reports(&workspace, &reference) >= old, "round {round}");
        assert_nothing_is_torn(&workspace);
        let other = ends(other);
        assert!(other.stdout.contains("8 specs: 8 passed"), "round {round}: {other}");
        assert_eq!(whole_reports(&workspace, &reference), 3, "round {round}");
        assert_nothing_is_torn(&workspace);
        let mut again = workspace.caching();
        again.args(["run", "--charts", "--format", "json"]);
        let again = Ran::new(&again.output().expect("the program starts")).ends(0);
        let (again, cached) = split(again.json());
        assert_eq!(again, reference, "round {round}");
        assert_eq!(cached, [true; 8], "round {round}");
        match (chance >> 36) & 15 {
            0..6 => drop(workspace.run(&["cache", "clear"]).ends(0)),
            6..10 => drop(workspace.run(&["cache", "prune", "--max-size", "6kB"]).ends(0)),
            _ => {}
        }
    }
    assert!(before_its_end > rounds / 10, "only {before_its_end} of {rounds} were killed in time");
}

#[test]
fn a_run_that_is_killed_harms_no_other() {
    share_and_kill(10);
}

#[test]
#[ignore = "takes minutes: the same for two hundred rounds"]
fn runs_that_are_killed_harm_no_other() {
    share_and_kill(200);
}

#[test]
fn what_is_pruned_under_a_run_is_made_again() {
    let workspace = many(8);
    let (reference, _) = report(&workspace, 0);
    for _ in 0..3 {
        let run = begin(&workspace);
        for size in ["0B", "5kB", "0B"] {
            workspace.run(&["cache", "prune", "--max-size", size]).ends(0);
        }
        let run = Ran::new(&run.wait_with_output().expect("the run ends")).ends(0);
        assert!(run.stdout.contains("8 specs: 8 passed"), "{run}");
        assert_nothing_is_torn(&workspace);
        assert_eq!(report(&workspace, 0).0, reference);
    }
}

#[cfg(unix)]
#[test]
fn data_without_an_end_is_refused_before_it_is_looked_through() {
    let workspace = workspace();
    let endless = spec("> 0.5").replace("data.csv", "{ path: /dev/zero, format: csv }");
    workspace.write("spec.mlspec.yaml", endless);
    run(&workspace, &[]).ends(3).says(&["`/dev/zero` is not a regular file"]);
}
