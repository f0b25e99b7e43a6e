//! Report files: what every form of them keeps, whatever specs and data hold.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::support::{Ran, Workspace, without_durations};

/// The forms of report files.
const FORMS: &[&str] = &["json", "junit", "sarif", "github", "gitlab", "markdown", "tap", "html"];

const TABLE: &str = "truth,said\nyes,yes\nyes,yes\nyes,yes\nno,no\nno,no\nno,yes\n";

const SPEC: &str = "version: 1\nname: Gate\ndata: { path: data.csv, target: truth }\nmodel: { predictions: { label: said } }\n\
     thresholds: { accuracy: \"> 0.9\" }\n";

/// The spec and the data that try to break out of each form.
fn hostile() -> Workspace {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/report");
    let workspace = Workspace::new();
    for name in ["hostile.mlspec.yaml", "hostile.csv"] {
        workspace.write(name, fs::read(from.join(name)).expect("the file of the cases"));
    }
    workspace
}

#[test]
fn no_form_has_what_steers_terminals_or_hides_text() {
    let workspace = hostile();
    for form in FORMS {
        workspace.run(&["run", "--report", &format!("{form}=report")]).ends(1);
        let text = workspace.read("report");
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2028}');
        // JSON holds what was there, escaped where JSON asks for it.
        let found = text.chars().find(|c| bad(*c) && *form != "json");
        assert_eq!(found, None, "in {form}");
    }
    let ran = workspace.run(&["run"]).ends(1);
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{ran}");
}

#[test]
fn values_of_the_data_neither_steer_the_terminal_nor_begin_a_line() {
    let values = ["\u{1b}[31mred", "a\n::error::b", "c\u{202e}d"];
    for value in values {
        let table =
            format!("truth,said,by\n{}", format!("yes,no,\"{value}\"\nno,yes,x\n").repeat(3));
        let bound = "slices: { s: { by: by, min_rows: 1 } }\nthresholds: { accuracy@s: \"> 0.9\" }";
        let spec = SPEC.replace("thresholds: { accuracy: \"> 0.9\" }", bound);
        let workspace = Workspace::with_spec(&spec, &table);
        for arguments in [&["run"][..], &["run", "--trace"], &["run", "--quiet"]] {
            let ran = workspace.run(arguments).ends(1);
            assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{ran}");
            assert!(!ran.stdout.lines().any(|line| line.starts_with("::")), "{ran}");
        }
    }
}

#[test]
fn a_full_disk_loses_the_report_and_not_the_verdict() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let workspace = Workspace::with_spec(SPEC, TABLE);
    for form in FORMS {
        let report = format!("{form}=/dev/full");
        workspace
            .run(&["run", "--report", &report])
            .ends(1)
            .says(&["accuracy is 0.8333", "1 spec: 1 failed"])
            .complains(&["the report /dev/full cannot be written: No space left on device"]);
    }
    workspace.write("spec.mlspec.yaml", SPEC.replace("0.9", "0.5"));
    // A run that passed has not done what it was asked to.
    workspace.run(&["run", "--report", "json=/dev/full"]).ends(2).says(&["1 spec: 1 passed"]);
    workspace
        .run(&["run", "--report", "json=/dev/full", "--report", "junit=report.xml"])
        .ends(2)
        .complains(&["/dev/full"]);
    assert!(workspace.read("report.xml").contains("<testcase name=\"accuracy &gt; 0.5\""));
}

#[test]
fn what_passed_has_not_passed_when_its_words_are_lost() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let workspace = Workspace::with_spec(&SPEC.replace("0.9", "0.5"), TABLE);
    for (arguments, status) in [(["run"].as_slice(), 2), (&["list", "models"], 2)] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device opens");
        let ran = workspace.command().args(arguments).stdout(full).output().expect("it starts");
        Ran::new(&ran).ends(status).complains(&["standard output cannot be written"]);
    }
}

#[test]
fn a_dash_is_no_file_for_a_report() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.run(&["run", "--report", "tap=-"]).ends(2).complains(&["tap=/dev/stdout"]);
    workspace.run(&["run", "--report", "tap=./-"]).ends(1);
    assert!(workspace.read("-").starts_with("TAP version 14"));
}

#[test]
fn one_file_takes_one_report() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("folder/old", "");
    for second in ["tap=report", "json=./report", "tap=folder/../report"] {
        workspace
            .run(&["run", "--report", "json=report", "--report", second])
            .ends(2)
            .says(&["mlspec::run::report", "the same file is given twice"])
            .never_says("accuracy");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_on_standard_output_comes_after_the_text_for_people() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    std::os::unix::fs::symlink("/dev/stdout", workspace.path("link")).expect("a link can be made");
    for path in ["/dev/stdout", "/proc/self/fd/1", "link"] {
        let file = fs::File::create(workspace.path("out.txt")).expect("a file can be made");
        let mut command = workspace.command();
        command.args(["run", "--report", &format!("tap={path}")]).stdout(file);
        assert_eq!(command.status().expect("the program starts").code(), Some(1));
        let text = workspace.read("out.txt");
        let (people, tap) = text.split_once("TAP version 14\n").expect("both are there");
        assert!(people.contains("1 spec: 1 failed") && tap.starts_with("1..1\n"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_there_yet_stays_a_link() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("folder/other", "");
    std::os::unix::fs::symlink("folder/report", workspace.path("link"))
        .expect("a link can be made");
    workspace.run(&["run", "--report", "tap=link"]).ends(1);
    assert!(workspace.path("link").is_symlink());
    assert!(workspace.read("folder/report").starts_with("TAP version 14"));
    workspace
        .run(&["run", "--report", "tap=link", "--report", "json=folder/report"])
        .ends(2)
        .says(&["the same file is given twice"]);
}

#[test]
fn fingerprints_stay_when_lines_move_and_values_change() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let fingerprints = |report: &str, key: &str| -> Vec<String> {
        let report: Value = serde_json::from_str(report).expect("JSON");
        let mut found = Vec::new();
        collect(&report, key, &mut found);
        found
    };
    let read = || {
        workspace.run(&["run", "--report", "sarif=a", "--report", "gitlab=b"]).ends(1);
        let sarif = fingerprints(&workspace.read("a"), "mlspecFinding/v1");
        (sarif, fingerprints(&workspace.read("b"), "fingerprint"))
    };
    let before = read();
    workspace.write("spec.mlspec.yaml", format!("# A line more.\n\n{SPEC}"));
    workspace.write("data.csv", TABLE.replace("no,no\nno,no", "no,no\nno,yes"));
    assert_eq!(before, read());
    assert_eq!(before.0, before.1);
    assert_eq!(before.0.len(), 1);
}

fn collect(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get(key).and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, key, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, key, found)),
        _ => {}
    }
}

fn parts() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE);
    for at in 0..5 {
        let bound = if at == 3 { "> 0.9" } else { "> 0.5" };
        workspace.write(&format!("s{at}.mlspec.yaml"), SPEC.replace("> 0.9", bound));
    }
    workspace
}

#[test]
fn parts_that_are_merged_are_the_whole_but_for_durations() {
    let workspace = parts();
    let mut whole = workspace.run(&["run", "--no-cache", "--format", "json"]).ends(1).json();
    let mut names = Vec::new();
    for part in 1..=3 {
        let name = format!("part{part}.json");
        let by = format!("count:{part}/3");
        let report = format!("json={name}");
        workspace.run(&["run", "--no-cache", "--partition", &by, "--report", &report]);
        names.insert(0, name);
    }
    let arguments: Vec<&str> =
        ["report", "merge"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let ran = workspace.run(&arguments).ends(0);
    let mut merged = ran.json();
    without_durations(&mut whole);
    without_durations(&mut merged);
    assert_eq!(whole, merged);
    workspace.run(&[&arguments[..], &["-o", "all.json"]].concat()).ends(0);
    assert_eq!(workspace.read("all.json"), ran.stdout);
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let workspace = parts();
    workspace.run(&["run", "s0.mlspec.yaml", "s1.mlspec.yaml", "--report", "json=a.json"]).ends(0);
    workspace.run(&["run", "s1.mlspec.yaml", "--report", "json=b.json"]).ends(0);
    workspace.run(&["check", "s2.mlspec.yaml", "--report", "json=c.json"]).ends(0);
    let newer = workspace.read("b.json").replace("mlspec-report/1", "mlspec-report/2");
    workspace.write("d.json", newer).write("e.json", "{}");
    for (second, why) in [
        (
            "b.json",
            &["s1.mlspec.yaml stands in a.json and in b.json", "mlspec::report::differ"][..],
        ),
        ("a.json", &["a.json is given twice", "name it once"]),
        ("./a.json", &["./a.json is given twice"]),
        ("c.json", &["c.json is of another command than a.json"]),
        ("d.json", &["d.json has the format mlspec-report/2", "mlspec::report::unreadable"]),
        ("e.json", &["e.json is no JSON report of mlspec"]),
        ("gone.json", &["gone.json cannot be read"]),
    ] {
        let ran = workspace.run(&["report", "merge", "a.json", second]).ends(2).complains(why);
        assert_eq!(ran.stdout, "", "{second}");
    }
}

#[test]
fn no_report_takes_the_place_of_one_that_is_read() {
    let workspace = parts();
    workspace.run(&["run", "s1.mlspec.yaml", "--report", "json=a.json"]).ends(0);
    let before = workspace.read("a.json");
    for (arguments, it) in [
        (&["merge", "a.json", "-o", "a.json"][..], "one of those that are read"),
        (&["convert", "a.json", "--report", "markdown=./a.json"], "the report that is converted"),
        (
            &["convert", "-", "--baseline-report", "a.json", "--report", "markdown=a.json"],
            "the baseline",
        ),
    ] {
        workspace
            .run(&[&["report"], arguments].concat())
            .ends(2)
            .complains(&[&format!("a.json cannot be written: the file is {it}")]);
    }
    assert_eq!(workspace.read("a.json"), before);
    for arguments in [
        &["compare", "-", "-"][..],
        &["merge", "-", "a.json", "-"],
        &["convert", "-", "--baseline-report", "-", "--to", "tap"],
    ] {
        workspace
            .run(&[&["report"], arguments].concat())
            .ends(2)
            .complains(&["standard input can be read only once"]);
    }
    workspace.run(&["report", "compare", "a.json", "a.json"]).ends(0);
}

#[cfg(unix)]
#[test]
fn a_report_that_cannot_be_written_is_named_as_it_was_given() {
    let workspace = Workspace::with_spec(&SPEC.replace("0.9", "0.5"), TABLE);
    let gone = format!("json={}", workspace.path("gone/report.json").display());
    workspace.run(&["run", "--report", &gone]).ends(2).says(&["there is no folder"]);
    // Where nobody may put files, not even who may do everything.
    if Path::new("/proc/self").exists() {
        let ran = workspace.run(&["run", "--report", "json=/proc/self/report.json"]).ends(2);
        let ran = ran.says(&["the report /proc/self/report.json cannot be written: "]);
        ran.never_says(".mlspec-");
    }
    workspace.run(&["run", "--report", "json=report.json"]).ends(0);
    let is_spare = |name: &String| name.contains(".mlspec-");
    assert!(!super::support::names(&workspace.path(".")).iter().any(is_spare));
}

#[test]
fn a_report_converts_to_what_the_run_would_have_written() {
    let workspace = hostile();
    for form in FORMS {
        let report = format!("{form}=of_run");
        workspace.run(&["run", "--report", "json=a.json", "--report", &report]).ends(1);
        let of_run = workspace.read("of_run");
        let ran = workspace.run(&["report", "convert", "a.json", "--to", form]).ends(0);
        assert_eq!(ran.stdout, of_run, "{form}");
        let report = format!("{form}=converted");
        workspace.run(&["report", "convert", "a.json", "--report", &report]).ends(0);
        assert_eq!(workspace.read("converted"), of_run, "{form}");
    }
    workspace.run(&["report", "convert", "a.json"]).ends(2);
    workspace.run(&["report", "convert", "a.json", "--to", "html4"]).ends(2);
    workspace
        .run(&["report", "convert", "hostile.csv", "--to", "json"])
        .ends(2)
        .complains(&["no JSON report"]);
}

#[test]
fn reports_are_compared() {
    let workspace = parts();
    workspace.run(&["run", "--report", "json=old.json"]).ends(1);
    workspace.write("data.csv", TABLE.replace("no,no\nno,no", "no,no\nno,yes"));
    fs::remove_file(workspace.path("s4.mlspec.yaml")).expect("a spec can go");
    workspace.write("s5.mlspec.yaml", SPEC);
    let again = ["run", "--report", "json=new.json", "--report", "markdown=new.md"];
    workspace.run(&[&again[..], &["--baseline-report", "old.json"]].concat()).ends(1);
    let compare = ["report", "compare", "old.json", "new.json"];
    let says = ["4 worse, 0 better, 1 new, 1 gone, 0 the same", "0.8333 (pass) → 0.6667 (pass)"];
    workspace.run(&compare).ends(0).says(&says);
    workspace.run(&[&compare[..], &["--exit-code"]].concat()).ends(1);
    let tolerant = [&compare[..], &["--exit-code", "--tolerance", "0.2"]].concat();
    // What is new fails.
    workspace.run(&tolerant).ends(1).says(&["0 worse, 0 better, 1 new, 1 gone, 4 the same"]);
    let back = ["report", "compare", "new.json", "old.json", "--format", "json", "--exit-code"];
    let json = workspace.run(&back).ends(0).json();
    assert_eq!(json["format"], "mlspec-comparison/1");
    assert_eq!(json["better"].as_array().map(Vec::len), Some(4));
    let markdown = workspace.read("new.md");
    for text in ["#### What failed", "#### What changed", "worse", "1 new, 1 gone"] {
        assert!(markdown.contains(text), "{text} in {markdown}");
    }
    workspace.run(&["report", "compare", "old.json", "s0.mlspec.yaml"]).ends(2);
    workspace.run(&["run", "--baseline-report", "gone.json"]).ends(2).never_says("accuracy");
}

#[test]
fn what_was_checked_is_not_compared_with_what_was_run() {
    let workspace = parts();
    workspace.run(&["run", "--report", "json=run.json"]).ends(1);
    workspace.run(&["check", "--report", "json=check.json"]).ends(0);
    for arguments in [
        &["report", "compare", "run.json", "check.json"][..],
        &["report", "compare", "check.json", "run.json"],
        &["report", "convert", "run.json", "--to", "markdown", "--baseline-report", "check.json"],
        &["run", "--baseline-report", "check.json"],
        &["check", "--baseline-report", "run.json"],
    ] {
        let ran = workspace.run(arguments).ends(2);
        let ran = ran.complains(&["is of another command than", "mlspec::report::differ"]);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
    workspace.run(&["report", "compare", "check.json", "check.json"]).ends(0);
}

#[test]
fn github_gets_annotations_and_a_summary_and_no_command_of_a_spec() {
    let workspace = hostile();
    let output = workspace
        .command()
        .args(["run"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", workspace.path("summary.md"))
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let first = text.lines().next().expect("a line");
    let word = first.strip_prefix("::stop-commands::").expect("commands are stopped first");
    let (before, after) = text.split_once(&format!("::{word}::\n")).expect("and taken again");
    assert!(before.contains("1 spec: 1 failed"), "{before}");
    assert!(!after.is_empty());
    for line in after.lines() {
        assert!(line.starts_with("::error file=hostile.mlspec.yaml,line=1"), "{line}");
    }
    let summary = workspace.read("summary.md");
    assert!(summary.contains("mlspec: 1 of 1 spec did not pass"), "{summary}");
    // In other places, and on request, nothing of that.
    workspace.run(&["run"]).ends(1).never_says("::stop-commands::");
    workspace.run(&["run", "--github", "always"]).ends(1).says(&["::stop-commands::"]);
}

#[test]
fn github_takes_commands_again_after_a_refusal() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let ran = workspace.run(&["run", "--github", "always", "--changed-since", "nowhere"]).ends(2);
    let first = ran.stdout.lines().next().expect("a line");
    let word = first.strip_prefix("::stop-commands::").expect("commands are stopped first");
    assert!(ran.stdout.ends_with(&format!("::{word}::\n")), "{ran}");
}

#[test]
fn a_summary_without_room_is_said() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("summary.md", vec![b' '; (1 << 20) - 10]);
    let mut command = workspace.command();
    command.args(["run", "--github", "always"]);
    command.env("GITHUB_STEP_SUMMARY", workspace.path("summary.md"));
    Ran::new(&command.output().expect("the program starts"))
        .ends(1)
        .complains(&["the summary of the job cannot be written: what is there leaves no room"]);
}

#[test]
fn annotations_stay_within_the_limits_of_a_step() {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE);
    for at in 0..14 {
        workspace.write(&format!("s{at:02}.mlspec.yaml"), SPEC);
    }
    workspace.run(&["run", "--report", "github=report"]).ends(1);
    let text = workspace.read("report");
    let errors = text.lines().filter(|line| line.starts_with("::error ")).count();
    assert_eq!(errors, 10);
    assert!(text.contains("::notice title=mlspec::4 more errors"), "{text}");
}

#[test]
fn a_page_is_one_file_and_hostile_text_is_text_in_it() {
    let workspace = hostile();
    workspace.run(&["run", "--report", "html=report.html"]).ends(1);
    let page = workspace.read("report.html");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    for text in ["<script>alert", "<img", "<b>x", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(text), "{text} in the page");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn warnings_about_thresholds_are_in_every_form() {
    let spec = "version: 1\ndata: { path: data.csv, target: truth }\nmodel: { predictions: { value: said } }\n\
                thresholds: { mae: \"> 0.1\" }\n";
    let table = "truth,said\n1.5,2\n2.5,2\n3.25,3\n4.5,5\n";
    let workspace = Workspace::with_spec(spec, table);
    workspace.run(&["run"]).ends(0).says(&["mlspec::threshold::side"]);
    for form in ["json", "junit", "sarif", "github", "gitlab", "markdown", "html"] {
        workspace.run(&["run", "--report", &format!("{form}=report")]).ends(0);
        let text = workspace.read("report");
        assert!(text.contains("lets any worse model pass"), "{form}: {text}");
    }
}

#[test]
fn charts_are_kept_where_they_are_asked_for() {
    let workspace = Workspace::with_spec(
        "version: 1\ndata: { path: data.csv, target: truth, task: classification }\nmodel: { decision_tree: { max_depth: 2 } }\nthresholds: { accuracy: \">= 0.1\" }\n",
        &(0..60)
            .map(|at| format!("{},{}\n", at % 7, at % 2))
            .fold("x,truth\n".to_owned(), |all, row| all + &row),
    );
    let charts = |arguments: &[&str]| -> Value {
        let report =
            workspace.run(&[&["run", "--format", "json"], arguments].concat()).ends(0).json();
        report["specs"][0]["charts"].clone()
    };
    assert_eq!(charts(&[]), Value::Null);
    // What was kept without charts does not stand in for what has them, and the other way it does.
    let drawn = charts(&["--charts"]);
    assert_eq!(drawn["confusion"]["classes"], serde_json::json!(["0", "1"]));
    assert_eq!(drawn["curves"][0]["class"], "1");
    assert_eq!(charts(&["--report", "html=page.html"]), drawn);
    for text in ["Confusion matrix", "ROC curve", "Precision and recall", "Calibration"] {
        assert!(workspace.read("page.html").contains(text), "{text}");
    }
}

#[test]
fn a_report_takes_the_place_of_nothing_that_is_read() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("mlspec.toml", "[profile.default]\njobs = 1\n");
    workspace.run(&["run", "--report", "json=old.json"]).ends(1);
    let files = ["spec.mlspec.yaml", "./data.csv", "mlspec.toml", "old.json"];
    let before = files.map(|file| workspace.read(file));
    for file in files {
        workspace
            .run(&["run", "--baseline-report", "old.json", "--report", &format!("tap={file}")])
            .ends(2)
            .says(&["mlspec::run::report", "cannot be written: the file is"])
            .never_says("accuracy");
    }
    assert_eq!(files.map(|file| workspace.read(file)), before);
    // A baseline may be renewed, and a report of an earlier run may go.
    let renewed = ["run", "--baseline-report", "old.json", "--report", "json=old.json"];
    workspace.run(&renewed).ends(1);
    workspace.run(&["run", "--report", "tap=old.json"]).ends(1);
}

#[cfg(unix)]
#[test]
fn a_file_name_begins_no_line_of_its_own() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let name = "x\n::error::f <b>]]>\u{1b}[31m.mlspec.yaml";
    workspace.write(name, SPEC.replace("name: Gate\n", ""));
    workspace.write("y\n::error::.mlspec.yaml", "version: 1\ndata: { pth: 1 }\n");
    for command in ["run", "check"] {
        let ran = workspace.run(&[command]);
        let lines = ran.stdout.lines().chain(ran.stderr.lines());
        assert_eq!(lines.filter(|line| line.starts_with("::")).count(), 0, "{ran}");
        assert!(!ran.stdout.contains('\u{1b}'), "{ran}");
    }
    for form in FORMS {
        workspace.run(&["run", "--report", &format!("{form}=report")]);
        let text = workspace.read("report");
        assert!(!text.lines().any(|line| line.starts_with("::error::")), "in {form}:\n{text}");
        assert!(!text.contains('\u{1b}'), "in {form}");
    }
}

#[test]
fn parts_of_two_versions_are_not_merged() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.run(&["run", "--report", "json=one.json"]).ends(1);
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    workspace
        .write("two.json", workspace.read("one.json").replace(&version, "\"version\": \"0.0.9\""));
    workspace.run(&["report", "merge", "one.json", "two.json"]).ends(2).complains(&[
        "mlspec::report::differ",
        "one.json is of mlspec",
        "two.json of mlspec 0.0.9",
    ]);
}

#[test]
fn what_is_new_and_fails_is_worse_for_a_gate() {
    let workspace = Workspace::with_spec(&SPEC.replace("0.9", "0.5"), TABLE);
    workspace.run(&["run", "--report", "json=old.json"]).ends(0);
    workspace.write("other.mlspec.yaml", SPEC);
    workspace.run(&["run", "--report", "json=new.json"]).ends(1);
    workspace.run(&["report", "compare", "old.json", "new.json", "--exit-code"]).ends(1);
    workspace.run(&["report", "compare", "new.json", "old.json", "--exit-code"]).ends(0);
}

#[test]
fn what_was_not_run_may_be_worse_for_a_gate() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("other.mlspec.yaml", SPEC);
    workspace.run(&["run", "--report", "json=old.json"]).ends(1);
    let cut =
        ["run", "--fail-fast", "--jobs", "1", "--report", "json=new.json", "--report", "tap=a.tap"];
    workspace.run(&cut).ends(1);
    assert!(workspace.read("a.tap").ends_with("\n# 1 spec was not run\n"));
    let compare = ["report", "compare", "old.json", "new.json", "--exit-code"];
    workspace.run(&compare).ends(1).says(&["the newer report is incomplete: 1 not run"]);
    workspace.run(&["report", "compare", "old.json", "old.json", "--exit-code"]).ends(0);
}

#[test]
fn a_converted_report_takes_the_place_of_nothing_that_it_is_about() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.run(&["run", "--report", "json=a.json"]).ends(1);
    workspace.run(&["run", "--report", "json=old.json"]).ends(1);
    let files = ["a.json", "spec.mlspec.yaml", "old.json"];
    let before = files.map(|file| workspace.read(file));
    for file in files {
        let report = format!("tap={file}");
        let baseline = ["--baseline-report", "old.json", "--report", &report];
        workspace
            .run(&[&["report", "convert", "a.json"], &baseline[..]].concat())
            .ends(2)
            .complains(&["mlspec::run::report", "cannot be written: the file is"]);
    }
    assert_eq!(files.map(|file| workspace.read(file)), before);
    let renews = ["--baseline-report", "old.json", "--report", "json=old.json"];
    workspace.run(&[&["report", "convert", "a.json"], &renews[..]].concat()).ends(0);
}
