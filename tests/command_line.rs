//! The command line: arguments, exit statuses, streams, signals, and files that git cannot hold.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::support::{Ran, Workspace, names, without_durations};

/// Nine of ten answers are right.
const TABLE: &str =
    "truth,said\nno,no\nyes,yes\nno,no\nyes,yes\nno,no\nyes,yes\nno,no\nyes,yes\nno,no\nyes,no\n";

const PASSING: &str = "version: 1
tags: [good]
data: { path: data.csv, target: truth }
model: { predictions: { label: said } }
thresholds: { accuracy: \"> 0.8\" }
";

fn failing() -> String {
    PASSING.replace("> 0.8", "> 0.95").replace("good", "bad")
}

fn erring() -> String {
    PASSING.replace("data.csv", "missing.csv").replace("good", "bad")
}

fn invalid() -> String {
    PASSING.replace("version: 1", "vresion: 1").replace("good", "bad")
}

/// A folder with a spec of each outcome.
fn four_specs() -> Workspace {
    let workspace = Workspace::new();
    workspace
        .write("data.csv", TABLE)
        .write("a_passing.mlspec.yaml", PASSING)
        .write("b_failing.mlspec.yaml", failing())
        .write("c_erring.mlspec.yaml", erring())
        .write("d_invalid.mlspec.yaml", invalid());
    workspace
}

// Exit statuses.

#[test]
fn the_worst_spec_decides_the_exit_status() {
    let workspace = four_specs();
    let [passing, failing, erring, invalid] = ["a_passing", "b_failing", "c_erring", "d_invalid"]
        .map(|name| format!("{name}.mlspec.yaml"));
    let status = |specs: &[&str], status: i32| {
        workspace.run(&[&["run", "--jobs", "1"], specs].concat()).ends(status)
    };
    status(&[&passing], 0);
    status(&[&failing, &passing], 1);
    status(&[&failing, &erring], 3);
    status(&[&failing, &invalid, &passing], 2);
    status(&[&erring, &invalid], 2);
    status(&["."], 2).says(&[
        "pass  a_passing",
        "fail  b_failing",
        "error c_erring",
        "invalid d_invalid",
        "4 specs: 1 passed, 1 failed, 1 could not be evaluated, 1 invalid",
    ]);
}

#[test]
fn check_trains_nothing_and_misses_no_bound() {
    let workspace = four_specs();
    workspace
        .run(&["check", "a_passing.mlspec.yaml", "b_failing.mlspec.yaml"])
        .ends(0)
        .says(&["2 valid"]);
    workspace.run(&["check", "c_erring.mlspec.yaml"]).ends(3);
    workspace.run(&["check"]).ends(2).says(&["2 valid, 1 could not be evaluated, 1 invalid"]);
}

#[test]
fn no_spec_is_a_status_of_its_own() {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE).write("notes.yaml", "a: 1\n");
    for command in ["run", "check"] {
        workspace.run(&[command]).ends(4).says(&["mlspec::run::no_specs", "no spec was found"]);
    }
    let json = workspace.run(&["run", "--format", "json"]).ends(4).json();
    assert_eq!(json["summary"]["specs"], 0);
    assert_eq!(json["diagnostics"][0]["code"], "mlspec::run::no_specs");
}

#[test]
fn a_path_that_is_missing_keeps_nothing_from_running() {
    let workspace = four_specs();
    workspace.run(&["run", "nowhere", "a_passing.mlspec.yaml"]).ends(2).says(&[
        "mlspec::file::missing",
        "nowhere does not exist",
        "pass  a_passing",
        "1 spec: 1 passed",
    ]);
    workspace.run(&["run", "nowhere.mlspec.yaml"]).ends(2).says(&["mlspec::file::missing"]);
    workspace.run(&["plan", "nowhere.mlspec.yaml"]).ends(2).complains(&["mlspec::file::missing"]);
}

#[test]
fn wrong_usage_is_said_on_standard_error() {
    let workspace = four_specs();
    for arguments in [
        &["run", "--fast"][..],
        &["rnu"],
        &[],
        &["run", "--jobs", "0"],
        &["run", "--jobs", "many"],
        &["run", "--format", "xml"],
        &["run", "--report", "report.json"],
        &["run", "--report", "json="],
        &["run", "--report", "xml=report.xml"],
        &["plan"],
        &["list", "modles"],
        &["explain", "threshold::mised"],
    ] {
        let ran = workspace.run(arguments).ends(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}");
    }
    workspace.run(&["--version"]).ends(0).says(&["mlspec "]);
    workspace.run(&["--help"]).ends(0).says(&["Exit status: 0 all passed"]);
    workspace.run(&["run", "--help"]).ends(0).says(&["--fail-fast", "--report <FORMAT=FILE>"]);
}

#[test]
fn the_keys_of_a_spec_can_be_listed() {
    let workspace = Workspace::new();
    workspace
        .run(&["list", "spec"])
        .ends(0)
        .says(&["## thresholds", "- `max_train_gap`: How much"]);
}

// Which specs are selected.

/// The paths of the specs of a JSON report, in its order.
fn paths(report: &Value) -> Vec<&str> {
    let specs = report["specs"].as_array().expect("specs are a list");
    specs.iter().map(|spec| spec["path"].as_str().expect("a path is text")).collect()
}

#[test]
fn folders_are_searched_in_order_without_what_is_hidden_or_ignored() {
    let workspace = Workspace::new();
    workspace
        .write(".gitignore", "/ignored/\n*.draft.mlspec.yaml\n")
        .write("b/.ignore", "left_out.mlspec.yaml\n");
    for folder in ["", "b/", "b/deep/er/", "a/", ".hidden/", "ignored/", "folder.mlspec.yaml/"] {
        workspace.write(&format!("{folder}data.csv"), TABLE);
    }
    let taken = [
        "a/two.mlspec.yaml",
        "b/deep/er/four.mlspec.yml",
        "b/three.mlspec.yaml",
        "folder.mlspec.yaml/six.mlspec.yaml",
        "one.mlspec.yaml",
    ];
    let left = [
        ".hidden/five.mlspec.yaml",
        "b/left_out.mlspec.yaml",
        "ignored/seven.mlspec.yaml",
        "one.draft.mlspec.yaml",
        "one.mlspec.yaml.bak",
        "one.yaml",
        "mlspec.yaml",
    ];
    for path in taken.iter().chain(&left) {
        workspace.write(path, PASSING);
    }
    let report = workspace.run(&["run", "--format", "json"]).ends(0).json();
    assert_eq!(paths(&report), taken);
    // What is named is taken, whatever its name and place, and only once.
    let named = [
        "run",
        "--format",
        "json",
        "one.yaml",
        "ignored/seven.mlspec.yaml",
        "./one.yaml",
        "b/deep",
        "b/deep/er",
    ];
    let report = workspace.run(&named).ends(0).json();
    assert_eq!(
        paths(&report),
        ["b/deep/er/four.mlspec.yml", "ignored/seven.mlspec.yaml", "one.yaml"]
    );
    let report = workspace.run(&["run", "--format", "json", ".hidden"]).ends(0).json();
    assert_eq!(paths(&report), [".hidden/five.mlspec.yaml"]);
}

#[test]
fn tags_select() {
    let workspace = four_specs();
    workspace.run(&["run", "--tag", "good"]).ends(0).says(&["1 spec: 1 passed"]);
    let both = workspace.run(&["run", "--tag", "good", "--tag", "bad", "--format", "json"]).ends(2);
    assert_eq!(paths(&both.json()).len(), 4);
    workspace.run(&["run", "--tag", "nightly"]).ends(4).says(&["no spec has the tag nightly"]);
    // A spec that cannot be read might have the tag: it is never left out in silence.
    workspace.write("e_broken.mlspec.yaml", "tags: [\n");
    workspace
        .run(&["run", "--tag", "good"])
        .ends(2)
        .says(&["e_broken.mlspec.yaml", "1 passed, 1 invalid"]);
}

#[test]
fn fail_fast_says_what_was_not_run() {
    let workspace = four_specs();
    let arguments = ["run", "--fail-fast", "--jobs", "1"];
    workspace
        .run(&arguments)
        .ends(1)
        .says(&["pass  a_passing", "fail  b_failing", "2 specs: 1 passed, 1 failed, 2 not run"])
        .never_says("c_erring");
    let report = workspace.run(&[&arguments[..], &["--format", "json"]].concat()).ends(1).json();
    assert_eq!(report["summary"]["not_begun"], 2);
    assert_eq!(paths(&report), ["a_passing.mlspec.yaml", "b_failing.mlspec.yaml"]);
}

#[test]
fn warnings_do_not_end_a_fail_fast_run() {
    let workspace = Workspace::new();
    let warning = PASSING.replace("\"> 0.8\"", "{ min: 0.95, severity: warn }");
    workspace
        .write("data.csv", TABLE)
        .write("a.mlspec.yaml", warning)
        .write("b.mlspec.yaml", PASSING);
    workspace
        .run(&["run", "--fail-fast", "--jobs", "1"])
        .ends(0)
        .says(&["2 specs: 1 passed, 1 passed with warnings"]);
}

#[test]
fn reports_are_in_the_order_of_paths_whatever_the_number_of_jobs() {
    let workspace = four_specs();
    let mut reports = ["1", "2", "8"]
        .map(|jobs| workspace.run(&["run", "--jobs", jobs, "--format", "json"]).ends(2).json());
    reports.iter_mut().for_each(without_durations);
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
}

// Report files.

#[test]
fn a_report_file_equals_the_report_on_standard_output() {
    let workspace = four_specs();
    let ran = workspace
        .run(&["run", "--format", "json", "--report", "json=one.json", "--report", "json=two.json"])
        .ends(2);
    assert_eq!(ran.stdout, workspace.read("one.json"));
    assert_eq!(ran.stdout, workspace.read("two.json"));
    // Another run in the form for people writes the same but for durations, over the old file.
    workspace.run(&["run", "--report", "json=one.json"]).ends(2).says(&["4 specs"]);
    let mut reports = ["one.json", "two.json"].map(|name| -> Value {
        serde_json::from_str(&workspace.read(name)).expect("a report is JSON")
    });
    reports.iter_mut().for_each(without_durations);
    assert_eq!(reports[0], reports[1]);
    let left: Vec<String> = names(&workspace.path("."))
        .into_iter()
        .filter(|name| !name.contains("mlspec.yaml"))
        .collect();
    assert_eq!(left, ["data.csv", "one.json", "two.json"], "no temporary file is left");
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_anything_runs() {
    let workspace = four_specs();
    workspace.write("folder/old.json", "{}").write("folder/file", "");
    for (reports, why) in [
        (&["json=nowhere/report.json"][..], "nowhere/report.json"),
        (&["json=folder"], "it is a folder"),
        (&["json=folder/file/report.json"], "folder/file/report.json"),
        (&["json=folder/old.json", "json=folder/old.json"], "given twice"),
        (&["json=folder/old.json", "json=nowhere/report.json"], "nowhere/report.json"),
    ] {
        let mut arguments = vec!["run", "a_passing.mlspec.yaml"];
        for report in reports {
            arguments.extend(["--report", *report]);
        }
        workspace
            .run(&arguments)
            .ends(2)
            .says(&["mlspec::run::report", why])
            .never_says("a_passing");
    }
    assert_eq!(workspace.read("folder/old.json"), "{}", "an old report stays");
    assert_eq!(names(&workspace.path("folder")), ["file", "old.json"], "no temporary file is left");
}

#[test]
fn a_report_is_written_when_no_spec_is_found() {
    let workspace = Workspace::new();
    workspace.run(&["run", "--report", "json=report.json"]).ends(4);
    let report: Value = serde_json::from_str(&workspace.read("report.json")).expect("JSON");
    assert_eq!(report["diagnostics"][0]["code"], "mlspec::run::no_specs");
}

/// The keys of an object, in their order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_json_report_has_the_keys_of_its_version() {
    let workspace = Workspace::with_spec(
        &PASSING.replace("\"> 0.8\"", "[\"> 0.8\", { min: 0.95, because: \"it counts\" }]"),
        TABLE,
    );
    let report = workspace.run(&["run", "--format", "json"]).ends(1).json();
    // Keys may be added within version 1, but these never go away.
    let has = |value: &Value, wanted: &[&str]| {
        let keys = keys(value);
        for key in wanted {
            assert!(keys.contains(key), "{key} in {keys:?}");
        }
    };
    assert_eq!(report["format"], "mlspec-report/1");
    has(&report, &["format", "tool", "summary", "specs"]);
    assert_eq!(report["tool"]["name"], "mlspec");
    assert!(report["tool"]["version"].is_string());
    let summary = &report["summary"];
    let counts =
        ["specs", "passed", "warned", "failed", "inconclusive", "errored", "invalid", "skipped"];
    for count in counts {
        assert!(summary[count].is_u64(), "{count}");
    }
    assert!(summary["duration_ms"].is_f64());

    let spec = &report["specs"][0];
    has(
        spec,
        &[
            "path",
            "name",
            "tags",
            "status",
            "duration_ms",
            "model",
            "data",
            "steps",
            "measurements",
            "verdicts",
            "diagnostics",
        ],
    );
    assert_eq!(spec["path"], "spec.mlspec.yaml");
    assert_eq!(spec["name"], "spec");
    assert_eq!(spec["tags"][0], "good");
    assert_eq!(spec["status"], "fail");
    assert_eq!(spec["model"], "predictions");
    assert!(spec["duration_ms"].is_f64());
    for count in ["rows", "train_rows", "test_rows", "features"] {
        assert!(spec["data"][count].is_u64(), "{count}");
    }
    for (at, step) in spec["steps"].as_array().expect("steps").iter().enumerate() {
        assert_eq!(step["step"], at + 1);
        assert!(step["action"].is_string() && step["evaluation"].is_string());
        assert!(step["result"].is_string() && step["duration_ms"].is_f64());
    }
    let measurement = &spec["measurements"][0];
    has(
        measurement,
        &["name", "metric", "value", "on", "slice", "rows", "dummy", "interval", "reason"],
    );
    assert_eq!(measurement["value"], 0.9);
    assert_eq!(measurement["rows"], 10);
    assert!(measurement["slice"].is_null() && measurement["reason"].is_null());

    let verdicts = spec["verdicts"].as_array().expect("verdicts");
    let statuses: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["status"]).collect();
    assert_eq!(statuses, ["pass", "fail"]);
    let verdict = &verdicts[1];
    has(
        verdict,
        &[
            "name", "metric", "slice", "bound", "value", "rows", "status", "severity", "reason",
            "location",
        ],
    );
    assert_eq!(verdict["bound"], ">= 0.95");
    assert_eq!(verdict["severity"], "fail");
    assert_eq!(verdict["because"], "it counts");
    let location = serde_json::json!({
        "path": "spec.mlspec.yaml", "line": 5, "column": 35, "end_line": 5, "end_column": 70,
    });
    assert_eq!(verdict["location"], location);

    let diagnostic = &spec["diagnostics"][0];
    has(diagnostic, &["code", "severity", "message", "help", "location", "related"]);
    assert_eq!(diagnostic["code"], "mlspec::threshold::missed");
    assert_eq!(diagnostic["severity"], "error");
    assert_eq!(diagnostic["location"]["line"], 5);
    assert_eq!(diagnostic["location"]["column"], 42, "the end that was missed");
    assert_eq!(diagnostic["related"][0]["location"]["line"], 4);
}

#[test]
fn parts_that_are_unknown_are_null_and_not_left_out() {
    let workspace = four_specs();
    for (name, status) in [("c_erring", 3), ("d_invalid", 2)] {
        let path = format!("{name}.mlspec.yaml");
        let report = workspace.run(&["run", "--format", "json", &path]).ends(status).json();
        let spec = &report["specs"][0];
        assert!(keys(spec).contains(&"data") && spec["data"].is_null());
        assert!(keys(spec).contains(&"model"));
        assert_eq!(spec["measurements"], serde_json::json!([]));
        assert_eq!(spec["verdicts"], serde_json::json!([]));
    }
}

// Streams and signals.

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    let workspace = four_specs();
    for (spec, status) in [("a_passing", 0), ("b_failing", 1), ("c_erring", 3), ("d_invalid", 2)] {
        for format in ["human", "json"] {
            let path = format!("{spec}.mlspec.yaml");
            let mut child = workspace.start(&["run", "--trace", "--format", format, &path]);
            drop(child.stdout.take());
            let mut stderr = String::new();
            let mut pipe = child.stderr.take().expect("standard error is a pipe");
            pipe.read_to_string(&mut stderr).expect("standard error is text");
            assert_eq!(child.wait().expect("the program ends").code(), Some(status), "{stderr}");
            assert_eq!(stderr, "");
        }
    }
    let mut child = workspace.start(&["list"]);
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

/// A table on which a tree without limits takes a while.
fn long_table(rows: u32) -> String {
    let mut table = String::from("a,b,c,d,e,f,g,h,kind\n");
    let mut state = 1_u32;
    for _ in 0..rows {
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let _ = write!(table, "{},", state >> 8);
        }
        let _ = writeln!(table, "{}", if state & 0x1_0000 == 0 { "x" } else { "y" });
    }
    table
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_with_what_was_finished() {
    let workspace = Workspace::new();
    let long = PASSING
        .replace("data.csv, target: truth", "long.csv, target: kind")
        .replace("predictions: { label: said }", "decision_tree: {}")
        .replace("> 0.8", "> 0.1");
    workspace
        .write("data.csv", TABLE)
        .write("long.csv", long_table(60_000))
        .write("a_quick.mlspec.yaml", PASSING)
        .write("b_long.mlspec.yaml", long)
        .write("c_later.mlspec.yaml", PASSING);
    let arguments = ["run", "--jobs", "1", "--report", "json=report.json"];
    let mut child = workspace.start(&arguments);
    let mut lines = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
    let mut output = String::new();
    lines.read_line(&mut output).expect("a line comes");
    assert!(output.contains("a_quick"), "{output}");
    // The first spec has been reported, so the long one is under way.
    let kill = format!("kill -INT {}", child.id());
    let killed = std::process::Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.expect("sh starts").success());
    lines.read_to_string(&mut output).expect("the rest comes");
    let ended = child.wait_with_output().expect("the program ends");
    assert_eq!(ended.status.code(), Some(130), "{output}");
    assert!(output.contains("interrupted after 1 spec: 1 passed, 2 not run"), "{output}");
    assert!(ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    let report: Value = serde_json::from_str(&workspace.read("report.json")).expect("JSON");
    assert_eq!(report["summary"]["interrupted"], true);
    assert_eq!(report["summary"]["not_begun"], 2);
    assert_eq!(paths(&report), ["a_quick.mlspec.yaml"]);
}

#[test]
fn colours_follow_the_environment() {
    let workspace = four_specs();
    let output = |set: &[(&str, &str)], unset: &[&str]| {
        let mut command = workspace.command();
        command.args(["run", "--trace", "--jobs", "1"]).envs(set.iter().copied());
        unset.iter().for_each(|name| {
            command.env_remove(name);
        });
        Ran::new(&command.output().expect("the program starts")).ends(2).stdout
    };
    let escape = '\u{1b}';
    assert!(!output(&[], &[]).contains(escape), "NO_COLOR");
    assert!(!output(&[], &["NO_COLOR"]).contains(escape), "a pipe");
    assert!(output(&[("CLICOLOR_FORCE", "1")], &["NO_COLOR"]).contains(escape));
    assert!(!output(&[("CLICOLOR_FORCE", "1")], &[]).contains(escape), "NO_COLOR comes first");
    assert!(!output(&[("TERM", "dumb")], &["NO_COLOR"]).contains(escape));
}

#[test]
fn json_is_all_that_stands_on_standard_output() {
    let workspace = four_specs();
    let ran = workspace.run(&["run", "--format", "json", "--trace", "nowhere", "."]).ends(2);
    let report = ran.json();
    assert_eq!(report["diagnostics"][0]["code"], "mlspec::file::missing");
    assert_eq!(ran.stderr, "");
}

// Specs that are no text, or odd text.

/// The finding of a run of a spec with these bytes.
#[track_caller]
fn finding(spec: impl AsRef<[u8]>, status: i32) -> Value {
    let workspace = Workspace::new();
    workspace.write("spec.mlspec.yaml", spec).write("data.csv", TABLE);
    workspace.run(&["run", "spec.mlspec.yaml"]).ends(status);
    let report = workspace.run(&["run", "--format", "json"]).ends(status).json();
    report["specs"][0]["diagnostics"][0].clone()
}

#[test]
fn specs_that_are_no_utf_8() {
    let utf_16: Vec<u8> =
        std::iter::once(0xFEFF).chain(PASSING.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let found = finding(utf_16, 2);
    assert_eq!(found["code"], "mlspec::file::encoding");
    assert_eq!(found["help"], "the file looks like UTF-16; save it as UTF-8");

    let latin_1 = PASSING.replace("version: 1", "version: 1\nname: Bl~mchen");
    let latin_1: Vec<u8> =
        latin_1.bytes().map(|byte| if byte == b'~' { 0xFC } else { byte }).collect();
    let found = finding(latin_1, 2);
    assert_eq!(found["code"], "mlspec::file::encoding");
    let message = found["message"].as_str().expect("text");
    assert!(message.contains("line 2") && message.contains("column 9"), "{message}");

    let binary: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    assert_eq!(finding(binary, 2)["code"], "mlspec::file::encoding");
    let zeros = vec![0; 5_000];
    assert_eq!(finding(zeros, 2)["code"], "mlspec::yaml::syntax");
}

/// Checks all of these texts in one go, in both forms of the report.
#[track_caller]
fn check_all(texts: &[String]) -> Value {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE);
    for (at, text) in texts.iter().enumerate() {
        workspace.write(&format!("{at:04}.mlspec.yaml"), text);
    }
    workspace.run(&["check"]).ends(2);
    let report = workspace.run(&["check", "--format", "json"]).ends(2).json();
    assert_eq!(report["summary"]["specs"], texts.len());
    report
}

#[test]
fn every_beginning_of_a_spec_is_refused() {
    // The last cut leaves out the closing quote and bracket.
    let cuts: Vec<String> =
        (0..PASSING.len() - 3).step_by(2).map(|end| PASSING[..end].to_owned()).collect();
    assert_eq!(check_all(&cuts)["summary"]["invalid"], cuts.len());
}

#[test]
fn damaged_specs_never_crash() {
    let spec = PASSING.replace("good", "größe 🌷");
    let letters: Vec<char> = spec.chars().collect();
    let odd = [
        '\n', ' ', ':', '-', '>', '{', '}', '[', ']', '"', '\'', '&', '*', '#', '$', '\t', '|',
        '0', 'é', '\r',
    ];
    let mut state = 7_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let texts: Vec<String> = (0..400)
        .map(|_| {
            let mut text = letters.clone();
            for _ in 0..=random(3) {
                let at = random(text.len());
                match random(3) {
                    0 => drop(text.remove(at)),
                    1 => text.insert(at, odd[random(odd.len())]),
                    _ => text[at] = odd[random(odd.len())],
                }
            }
            text.into_iter().collect()
        })
        .collect();
    check_all(&texts);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_move_nothing() {
    let spec = failing().replace("bad", "größe");
    let windows = format!("\u{FEFF}{}", spec.replace('\n', "\r\n"));
    let found = finding(&windows, 1);
    assert_eq!(found["code"], "mlspec::threshold::missed");
    assert_eq!(found["location"], finding(&spec, 1)["location"]);
    assert_eq!(found["location"]["line"], 5);
    assert_eq!(found["location"]["column"], 25);

    let misspelt = windows.replace("accuracy", "acuracy");
    let found = finding(misspelt, 2);
    assert_eq!(found["code"], "mlspec::threshold::unknown_metric");
    assert_eq!(found["location"]["line"], 5);
    assert_eq!(found["location"]["column"], 15);

    let old_mac = spec.replace('\n', "\r");
    assert_eq!(finding(old_mac, 1)["location"]["line"], 5);
}

#[test]
fn deep_and_exploding_specs_are_refused() {
    let around = |middle: String| format!("{PASSING}x-odd: {middle}\n");
    for depth in [100, 100_000] {
        let found = finding(around("[".repeat(depth) + &"]".repeat(depth)), 2);
        assert_eq!(found["code"], "mlspec::yaml::budget", "{depth} lists");
        let found = finding(around("{a: ".repeat(depth) + &"}".repeat(depth)), 2);
        assert_eq!(found["code"], "mlspec::yaml::budget", "{depth} maps");
        assert_eq!(finding(around("[".repeat(depth)), 2)["severity"], "error");
    }
    let steps: String = (1..300).fold(String::from("\n"), |mut text, depth| {
        let _ = writeln!(text, "{}a:", " ".repeat(depth));
        text
    });
    assert_eq!(finding(around(steps), 2)["code"], "mlspec::yaml::budget", "block maps");

    let mut bomb = String::from("&a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let _ = writeln!(bomb, "x-{level}: &a{level} [{}]", format!("*a{},", level - 1).repeat(9));
    }
    assert_eq!(finding(around(bomb), 2)["code"], "mlspec::yaml::budget", "aliases");

    let found = finding(around("&self [*self]".to_owned()), 2);
    assert_eq!(found["severity"], "error", "an alias of what it stands in: {found}");
    // A long text is one node.
    let workspace = Workspace::with_spec(&around("a".repeat(1_000_000)), TABLE);
    workspace.run(&["run"]).ends(0);
}

#[test]
fn a_finding_far_to_the_right_is_reported() {
    let numbers = (0..100_001).fold(String::new(), |mut text, at| {
        let _ = write!(text, "{at}, ");
        text
    });
    let found = finding(format!("{PASSING}x-odd: [{numbers}]\n"), 2);
    assert_eq!(found["code"], "mlspec::yaml::budget");
    let name = "a".repeat(70_000);
    let found = finding(PASSING.replace("said", &name), 2);
    assert_eq!(found["code"], "mlspec::data::unknown_column");
}

#[test]
fn a_data_file_given_as_a_spec_is_refused_at_once() {
    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE).write("large.csv", "a,b,c\n".repeat(3_000_000));
    workspace.run(&["run", "data.csv"]).ends(2);
    workspace.run(&["run", "large.csv"]).ends(2).says(&["is larger than 16 MiB"]);
    workspace
        .run(&["plan", "."])
        .ends(2)
        .complains(&["mlspec::file::unreadable", "is a directory"]);
}

#[cfg(unix)]
#[test]
fn files_that_may_not_be_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let workspace = four_specs();
    symlink("nowhere", workspace.path("dangling.mlspec.yaml")).expect("a link can be made");
    workspace.run(&["run", "dangling.mlspec.yaml"]).ends(2).says(&["mlspec::file::missing"]);
    workspace.run(&["run", "--tag", "good"]).ends(2).says(&["dangling.mlspec.yaml", "1 passed"]);

    for name in ["a_passing.mlspec.yaml", "data.csv"] {
        let mode = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(workspace.path(name), mode).expect("modes can be set");
    }
    // Permissions do not bind the superuser.
    if std::fs::File::open(workspace.path("data.csv")).is_ok() {
        return;
    }
    workspace.run(&["run", "a_passing.mlspec.yaml"]).ends(2).says(&["mlspec::file::unreadable"]);
    workspace
        .run(&["run", "b_failing.mlspec.yaml"])
        .ends(3)
        .says(&["mlspec::data::unreadable", "permission denied"]);
}

#[test]
fn variables_come_from_the_environment() {
    let spec = PASSING
        .replace("data.csv", "\"${FOLDER}/data.csv\"")
        .replace("said }", "\"${COLUMN:-said}\" }");
    let workspace = Workspace::new();
    workspace.write("spec.mlspec.yaml", spec).write("there/data.csv", TABLE);
    workspace.run(&["run"]).ends(2).says(&["mlspec::env::unset", "`FOLDER` is not set"]);
    let with = |variables: &[(&str, &str)], status| {
        let mut command = workspace.command();
        command.args(["run", "--trace"]).envs(variables.iter().copied());
        Ran::new(&command.output().expect("the program starts")).ends(status)
    };
    with(&[("FOLDER", "there")], 0).says(&["load ${FOLDER}/data.csv"]).never_says("there/");
    with(&[("FOLDER", "there"), ("COLUMN", "truth")], 2)
        .says(&["`${COLUMN:-said}` is the target, so it cannot be a prediction"]);
    with(&[("FOLDER", "there"), ("COLUMN", "")], 0).says(&["accuracy 0.9000"]);
    // A value is text and never YAML, a path or SQL of its own shape.
    with(&[("FOLDER", "there"), ("COLUMN", "said }, x: {")], 2).says(&["unknown_column"]);
}

// Data that git cannot hold.

/// The code and message of a run of `PASSING` on a table of these bytes.
#[track_caller]
fn on_table(table: impl AsRef<[u8]>, status: i32) -> (String, String) {
    let workspace = Workspace::new();
    workspace.write("spec.mlspec.yaml", PASSING).write("data.csv", table);
    workspace.run(&["run"]).ends(status);
    let report = workspace.run(&["run", "--format", "json"]).ends(status).json();
    let found = &report["specs"][0]["diagnostics"][0];
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("message"))
}

#[test]
fn tables_with_windows_line_ends_and_byte_order_marks_are_read() {
    for table in [
        TABLE.replace('\n', "\r\n"),
        format!("\u{FEFF}{TABLE}"),
        format!("\u{FEFF}{}", TABLE.replace('\n', "\r\n")),
        TABLE.trim_end().to_owned(),
        format!("{TABLE}\n\n"),
        TABLE.replace("truth", "\"truth\"").replace("yes", "\"yes\""),
    ] {
        on_table(table, 0);
    }
}

#[test]
fn tables_that_are_no_text() {
    let latin_1: Vec<u8> =
        TABLE.bytes().map(|byte| if byte == b'y' { 0xFF } else { byte }).collect();
    let (code, message) = on_table(latin_1, 3);
    assert_eq!(code, "mlspec::data::encoding");
    assert!(message.contains("line 3"), "{message}");
    let binary: Vec<u8> = (0..=255).rev().cycle().take(10_000).collect();
    assert!(on_table(binary, 3).0.starts_with("mlspec::data::"));
    assert!(on_table([0; 1_000], 3).0.starts_with("mlspec::data::"));
    let utf_16: Vec<u8> =
        std::iter::once(0xFEFF).chain(TABLE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(on_table(utf_16, 3).0, "mlspec::data::encoding");
}

#[test]
fn tables_with_ten_thousand_columns() {
    let mut table = (0..10_000).fold(String::new(), |mut text, at| {
        let _ = write!(text, "c{at},");
        text
    });
    table.push_str("kind\n");
    for row in 0..20 {
        for column in 0..10_000 {
            let _ = write!(table, "{},", (row * 7 + column * 3) % 11);
        }
        table.push_str(if row % 2 == 0 { "a\n" } else { "b\n" });
    }
    let spec = PASSING
        .replace("target: truth", "target: kind")
        .replace("predictions: { label: said }", "gaussian_naive_bayes: {}")
        .replace("> 0.8", ">= 0.1");
    let workspace = Workspace::with_spec(&spec, &table);
    workspace.run(&["run", "--trace"]).ends(0).says(&["20 rows × 10001 columns"]);
    workspace
        .run(&["plan", "spec.mlspec.yaml"])
        .ends(0)
        .says(&["10000 features: c0 (int)", "more"]);
    let misspelt = spec.replace("target: kind", "target: kidn");
    workspace.write("spec.mlspec.yaml", misspelt);
    workspace.run(&["check"]).ends(2).says(&["did you mean `kind`?"]);
}

#[test]
fn a_header_of_many_lines_is_known_before_all_rows_are_read() {
    let mut table = String::from("size,kind\n");
    for row in 0..3_000 {
        let _ = writeln!(table, "{row},{}", if row % 2 == 0 { "a" } else { "b" });
    }
    let spec = PASSING
        .replace("target: truth", "target: kind")
        .replace("predictions: { label: said }", "gaussian_naive_bayes: {}")
        .replace("> 0.8", ">= 0.1");
    let workspace = Workspace::with_spec(&spec, &table);
    workspace
        .run(&["check"])
        .ends(0)
        .says(&["left to run: the classes of the target, types and gaps beyond the first rows"]);
    // A column that widens behind the first rows: from whole numbers to numbers, and to text.
    for value in ["0.5", "none of them"] {
        let wider = table.replace("\n2999,", &format!("\n{value},"));
        let workspace = Workspace::with_spec(&spec, &wider);
        workspace.run(&["run"]).ends(0);
    }
}

#[test]
fn a_spec_may_be_read_from_another_folder() {
    let workspace = Workspace::new();
    workspace.write("specs/deep/gate.mlspec.yaml", PASSING.replace("data.csv", "../data/data.csv"));
    workspace.write("specs/data/data.csv", TABLE);
    workspace.run(&["run", "specs"]).ends(0).says(&["specs/deep/gate.mlspec.yaml"]);
    let mut command = workspace.command();
    command.current_dir(workspace.path("specs/data")).args(["run", "../deep"]);
    Ran::new(&command.output().expect("the program starts"))
        .ends(0)
        .says(&["../deep/gate.mlspec.yaml"]);
}

#[test]
fn a_plan_keeps_what_is_doubtful_about_the_spec_beside_it() {
    let workspace = Workspace::with_spec(&PASSING.replace("> 0.8", "< 0.8"), TABLE);
    let warned = ["mlspec::threshold::side", "lets any worse model pass"];
    let ran = workspace.run(&["plan", "spec.mlspec.yaml", "--format", "json"]).ends(0);
    ran.complains(&warned).json();
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_does_not_count_as_not_set() {
    use std::os::unix::ffi::OsStrExt;
    let workspace = Workspace::with_spec(PASSING, TABLE);
    let mut command = workspace.command();
    command.arg("run").env("MLSPEC_FILTER", std::ffi::OsStr::from_bytes(b"\xff"));
    let ran = Ran::new(&command.output().expect("the program starts"));
    ran.ends(2).complains(&["MLSPEC_FILTER is not UTF-8 text"]).never_says("accuracy");
}

#[test]
fn a_bound_that_is_missed_on_many_values_does_not_flood_the_terminal() {
    let mut table = String::from("truth,said,id\n");
    for row in 0..120 {
        let _ = writeln!(table, "{},no,u{}", if row % 2 == 0 { "yes" } else { "no" }, row / 2);
    }
    let slices = "slices: { s: { by: id, min_rows: 1 } }\nthresholds: { accuracy@s";
    let spec = PASSING.replace("thresholds: { accuracy", slices);
    let workspace = Workspace::with_spec(&spec, &table);
    let few = workspace.run(&["run"]).ends(1);
    assert_eq!(few.stdout.matches("mlspec::threshold::missed").count(), 50);
    few.says(&["10 more findings in spec.mlspec.yaml: `--verbose` shows all"]);
    let all = workspace.run(&["run", "--verbose"]).ends(1).never_says("more findings");
    assert_eq!(all.stdout.matches("mlspec::threshold::missed").count(), 60);
}
