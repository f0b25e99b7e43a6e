//! Selecting specs over several runs: what was kept, parts of a suite, and orders.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::support::{Ran, Workspace, without_durations};

const TABLE: &str = "truth,said\nyes,yes\nyes,yes\nyes,yes\nno,no\nno,no\nno,yes\n";

fn spec(bound: &str) -> String {
    format!(
        "version: 1\ndata: {{ path: data.csv, target: truth }}\nmodel: {{ predictions: {{ label: said }} }}\n\
         thresholds: {{ accuracy: \"{bound}\" }}\n"
    )
}

/// As many specs, of which every third fails.
fn suite(count: usize) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE);
    for at in 0..count {
        let bound = if at % 3 == 2 { "> 0.9" } else { "> 0.5" };
        workspace.write(&format!("s{at:02}.mlspec.yaml"), spec(bound));
    }
    workspace
}

fn paths(report: &Value) -> Vec<String> {
    let specs = report["specs"].as_array().expect("a list of specs");
    specs.iter().map(|spec| spec["path"].as_str().expect("a path").to_owned()).collect()
}

fn ran(workspace: &Workspace, arguments: &[&str], status: i32) -> Value {
    let all = [&["run", "--format", "json"], arguments].concat();
    let mut report = workspace.run(&all).ends(status).json();
    without_durations(&mut report);
    report
}

#[test]
fn failed_specs_are_run_again_until_they_pass() {
    let workspace = suite(6);
    let failed = ["s02.mlspec.yaml", "s05.mlspec.yaml"];
    ran(&workspace, &[], 1);
    assert_eq!(paths(&ran(&workspace, &["--rerun", "failed"], 1)), failed);
    assert_eq!(paths(&ran(&workspace, &["--filter", "status(fail)"], 1)), failed);
    workspace.write("s02.mlspec.yaml", spec("> 0.5"));
    // Running one spec does not forget the others.
    ran(&workspace, &["s02.mlspec.yaml"], 0);
    assert_eq!(paths(&ran(&workspace, &["--rerun", "failed"], 1)), failed[1..]);
    assert_eq!(paths(&ran(&workspace, &["--filter", "status(passed)"], 0)).len(), 5);
    workspace.write("s06.mlspec.yaml", spec("> 0.5"));
    assert_eq!(paths(&ran(&workspace, &["--filter", "status(new)"], 0)), ["s06.mlspec.yaml"]);
    workspace.write("s05.mlspec.yaml", spec("> 0.5"));
    ran(&workspace, &[], 0);
    workspace
        .run(&["run", "--rerun", "failed"])
        .ends(4)
        .says(&["no spec failed when it was last run"]);
}

#[test]
fn checking_does_not_count_as_running() {
    let workspace = suite(3);
    ran(&workspace, &[], 1);
    workspace.run(&["check"]).ends(0);
    assert_eq!(paths(&ran(&workspace, &["--rerun", "failed"], 1)), ["s02.mlspec.yaml"]);
}

#[test]
fn a_cache_that_cannot_be_used_breaks_no_run() {
    let workspace = suite(1);
    workspace.write("cache", "a file");
    for folder in ["cache", "cache/below", ""] {
        let output = workspace
            .command()
            .args(["run"])
            .env("MLSPEC_CACHE_DIR", folder)
            .env("HOME", workspace.path("home"))
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{folder}");
        assert!(output.stderr.is_empty(), "{folder}: {output:?}");
    }
}

#[test]
fn parts_of_a_suite_are_all_of_it_once() {
    let workspace = suite(11);
    let whole = ran(&workspace, &[], 1);
    for by in ["hash", "count"] {
        let mut specs: Vec<Value> = Vec::new();
        for part in 1..=3 {
            let arguments = ["run", "--format", "json", "--partition", &format!("{by}:{part}/3")];
            let mut report = workspace.run(&arguments).json();
            without_durations(&mut report);
            specs.extend(report["specs"].as_array().expect("a list").clone());
        }
        specs.sort_by_key(|spec| spec["path"].as_str().map(ToOwned::to_owned));
        assert_eq!(Value::Array(specs), whole["specs"], "{by}");
    }
}

#[test]
fn a_part_is_the_same_from_every_folder_of_the_project() {
    let workspace = Workspace::new();
    workspace.write("mlspec.toml", "").write("a/data.csv", TABLE);
    for at in 0..9 {
        workspace.write(&format!("a/s{at}.mlspec.yaml"), spec("> 0.5"));
    }
    let above = paths(&ran(&workspace, &["--partition", "hash:1/2"], 0));
    let output = workspace
        .command()
        .current_dir(workspace.path("a"))
        .args(["run", "--format", "json", "--partition", "hash:1/2"])
        .output()
        .expect("the program starts");
    let below: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let below: Vec<String> = paths(&below).iter().map(|path| format!("a/{path}")).collect();
    assert_eq!(above, below);
}

#[test]
fn a_shuffled_run_reports_in_the_order_of_paths() {
    let workspace = suite(8);
    let sorted = ran(&workspace, &[], 1);
    let shuffled = ran(&workspace, &["--shuffle-seed", "7", "--jobs", "1"], 1);
    assert_eq!(sorted, shuffled);
    let began = |seed: &str| {
        let arguments = ["run", "--jobs", "1", "--max-fail", "1", "--shuffle-seed", seed];
        let report =
            workspace.run(&[&arguments[..], &["--format", "json"]].concat()).ends(1).json();
        paths(&report)
    };
    assert_eq!(began("3"), began("3"));
    let orders: BTreeSet<Vec<String>> = ["1", "2", "3", "4", "5"].map(began).into();
    assert!(orders.len() > 1, "{orders:?}");
}

#[test]
fn no_further_spec_begins_once_enough_have_failed() {
    let workspace = suite(12);
    let report = ran(&workspace, &["--jobs", "1", "--max-fail", "2"], 1);
    assert_eq!(paths(&report).len(), 6);
    assert_eq!(report["summary"]["not_begun"], 6);
}

/// A spec that would train for minutes if nobody stopped it.
const ENDLESS: &str = "version: 1\nname: Endless\nLIMITdata: { path: numbers.csv, target: y, task: regression }\n\
                       model: { random_forest: { n_estimators: 100000 } }\nthresholds: { mae: \"< 1\" }\n";

fn with_endless(limit: &str) -> Workspace {
    let workspace = suite(2);
    let rows: String = (0..2000).map(|at| format!("{at},{}\n", at * 7 % 13)).collect();
    workspace.write("numbers.csv", format!("x,y\n{rows}"));
    workspace.write("endless.mlspec.yaml", ENDLESS.replace("LIMIT", limit));
    workspace
}

#[test]
fn a_spec_ends_at_its_deadline_and_the_others_go_on() {
    let workspace = with_endless("timeout: 200ms\n");
    // What the spec says itself counts, whatever the flag says.
    let report = ran(&workspace, &["--timeout", "1h"], 3);
    assert_eq!(paths(&report), ["endless.mlspec.yaml", "s00.mlspec.yaml", "s01.mlspec.yaml"]);
    let spec = &report["specs"][0];
    assert_eq!((&spec["status"], &spec["name"]), (&"error".into(), &"Endless".into()));
    let found = &spec["diagnostics"][0];
    assert_eq!(found["code"], "mlspec::run::timeout");
    assert_eq!(found["location"]["line"], 3, "at the limit that it set itself");
    assert_eq!(report["summary"]["passed"], 2);
    assert_eq!(report["summary"]["interrupted"], false);
}

#[test]
fn a_limit_for_all_specs_is_shown_at_the_model() {
    let workspace = with_endless("");
    workspace.run(&["run", "endless.mlspec.yaml", "--timeout", "200ms"]).ends(3).says(&[
        "this spec was stopped after 200ms",
        "took too long",
        "timeout: 10m",
    ]);
}

#[test]
fn specs_that_passed_are_not_listed_when_there_are_many() {
    let workspace = suite(33);
    workspace
        .run(&["run"])
        .ends(1)
        .says(&["✗ fail  s02", "33 specs: 22 passed, 11 failed"])
        .never_says("✓ pass  s00");
    workspace.run(&["run", "--verbose"]).ends(1).says(&["✓ pass  s00", "✗ fail  s02"]);
    let quiet = workspace.run(&["run", "--quiet", "--filter", "!status(failed)"]).ends(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn logs_go_where_they_are_asked_for() {
    let workspace = suite(1);
    workspace.write("cache", "a file");
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = workspace.command();
        command.args(arguments).envs(variables.iter().copied());
        String::from_utf8(command.output().expect("the program starts").stderr).expect("UTF-8")
    };
    let in_file = ("MLSPEC_CACHE_DIR", "cache");
    assert_eq!(run(&[in_file], &["run"]), "");
    let warned = run(&[in_file], &["run", "--verbose"]);
    assert!(warned.contains("the last results cannot be kept"), "{warned}");
    assert!(run(&[in_file, ("MLSPEC_LOG", "warn")], &["run"]).contains("cannot be kept"));
    let not_understood = run(&[("MLSPEC_LOG", "mlspec=loud")], &["run"]);
    assert!(not_understood.contains("MLSPEC_LOG is not understood"), "{not_understood}");
}

#[test]
fn settings_are_found_from_below_with_their_paths() {
    let workspace = suite(3);
    workspace.write("mlspec.toml", "[profile.default]\npaths = [\"s00.mlspec.yaml\"]\n");
    workspace.write("below/file", "");
    let run = |arguments: &[&str]| {
        let mut command = workspace.command();
        let output = command.current_dir(workspace.path("below")).args(arguments).output();
        let output = output.expect("the program starts");
        serde_json::from_slice::<Value>(&output.stdout).expect("a report")
    };
    assert_eq!(paths(&run(&["run", "--format", "json"])), ["../s00.mlspec.yaml"]);
    let named = run(&["run", "--format", "json", "../s01.mlspec.yaml"]);
    assert_eq!(paths(&named), ["../s01.mlspec.yaml"], "what is typed counts");
    let found = run(&["run", "--format", "json", "--no-config", ".."]);
    assert_eq!(paths(&found).len(), 3);
}

#[test]
fn a_profile_sets_what_flags_would() {
    let workspace = suite(6);
    let settings = "[profile.default]\nmax-fail = 1\njobs = 1\n[profile.all]\nmax-fail = 5\nformat = \"json\"\n";
    workspace.write("mlspec.toml", settings);
    workspace.run(&["run"]).ends(1).says(&["3 specs: 2 passed, 1 failed, 3 not run"]);
    let report = workspace.run(&["run", "--profile", "all"]).ends(1).json();
    assert_eq!(paths(&report).len(), 6);
    // A flag that says the same in other words is no conflict with a setting.
    let report = workspace.run(&["run", "--profile", "all", "--fail-fast"]).ends(1).json();
    assert_eq!(paths(&report).len(), 3);
    let mut command = workspace.command();
    command.args(["run"]).env("MLSPEC_MAX_FAIL", "2");
    let output = command.output().expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("6 specs: 4 passed, 2 failed"), "{text}");
}

#[test]
fn parts_of_a_filter_that_hold_for_no_spec_are_told() {
    let workspace = suite(2);
    let warned = |ran: &Ran| ran.stderr.matches("the filter matches no spec").count();
    let ran = workspace.run(&["run", "--filter", "!path(old/**) & !tag(smoek*)"]).ends(0);
    let ran = ran.complains(&["no spec with `path(old/**)`", "no spec with `tag(smoek*)`"]);
    assert_eq!(warned(&ran), 2, "{ran}");
    let ran = workspace.run(&["run", "--quiet", "--filter", "!path(old/**)"]).ends(0);
    assert_eq!(warned(&ran), 0, "{ran}");
    let ran = workspace.run(&["run", "--filter", "path(s00*) | status(failed)"]).ends(0);
    assert_eq!(warned(&ran), 0, "{ran}");
    // A filter of the project may be about specs that were not asked for.
    workspace.write("mlspec.toml", "[profile.default]\nfilter = [\"!path(old/**)\"]\n");
    assert_eq!(warned(&workspace.run(&["run", "s00.mlspec.yaml"]).ends(0)), 0);
    assert_eq!(warned(&workspace.run(&["run"]).ends(0)), 1);
    assert_eq!(warned(&workspace.run(&["check"]).ends(0)), 1);
}

#[test]
fn what_nobody_means_is_said_in_words() {
    let workspace = suite(1);
    let seed = workspace.run(&["run", "--shuffle-seed", "x"]).ends(2);
    seed.complains(&["a whole number from 0 to 18446744073709551615 is wanted"]);
    workspace.run(&["run", ""]).ends(2).complains(&["the path is empty; write `.`"]);
    fs::create_dir(workspace.path("mlspec.toml")).unwrap();
    let ran = workspace.run(&["run"]).ends(2);
    ran.complains(&["the settings mlspec.toml cannot be read: ", "--no-config"]);
    workspace.run(&["run", "--no-config"]).ends(0);
}

#[test]
fn links_are_written_where_they_are_asked_for() {
    let workspace = suite(1);
    workspace.write("s00.mlspec.yaml", "version: 1\n");
    let linked = |force: &str, arguments: &[&str]| {
        let mut command = workspace.command();
        command.env("FORCE_HYPERLINK", force).args(["run"]).args(arguments);
        let ran = Ran::new(&command.output().expect("the program starts")).ends(2);
        ran.stdout.contains("\u{1b}]8;;file:///")
    };
    assert!(linked("1", &["--color", "always"]));
    assert!(!linked("0", &["--color", "always"]));
    assert!(!linked("1", &["--color", "never"]));
}

#[test]
fn colours_are_as_they_are_asked_for() {
    let workspace = suite(1);
    let coloured = |arguments: &[&str]| {
        workspace.run(&[&["run", "s00.mlspec.yaml"], arguments].concat()).stdout.contains('\u{1b}')
    };
    assert!(coloured(&["--color", "always"]));
    assert!(!coloured(&["--color", "never"]));
    assert!(!coloured(&[]), "standard output is a pipe");
}
