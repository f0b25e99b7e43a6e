//! Folders under `tests/cases`, each a spec with its data and what the program says of it.
//! `tests/cases/README.md` says how to add one.

use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::support::{Ran, Workspace, names};

/// Files of a case that are for the test, not for the program.
const ASIDE: &[&str] = &["command", "env", "expected.snap", "expected.snap.new"];

macro_rules! areas {
    ($($area:ident)*) => {
        const AREAS: &[&str] = &[$(stringify!($area)),*];

        $(
            #[test]
            fn $area() {
                judge(stringify!($area));
            }
        )*
    };
}

areas! {
    yaml schema plan data split weight prepare model predictions decision importance metric slice threshold
    report suite
}

#[test]
fn every_area_is_judged() {
    let folder = root();
    let found: Vec<String> =
        names(&folder).into_iter().filter(|name| folder.join(name).is_dir()).collect();
    let mut known: Vec<&str> = AREAS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known, "folders in tests/cases and the list in tests/cases.rs");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Runs every case of an area and names all that differ from their snapshot.
fn judge(area: &str) {
    let folder = root().join(area);
    let mut failed = Vec::new();
    for case in names(&folder) {
        if !folder.join(&case).is_dir() {
            continue;
        }
        let passed = catch_unwind(AssertUnwindSafe(|| compare(area, &case))).is_ok();
        if !passed {
            failed.push(format!("tests/cases/{area}/{case}"));
        }
    }
    assert!(failed.is_empty(), "these cases failed:\n{}", failed.join("\n"));
}

fn compare(area: &str, case: &str) {
    let folder = root().join(area);
    let workspace = Workspace::new();
    // A file beside the cases of an area is there for each of them.
    let cases: Vec<String> =
        names(&folder).into_iter().filter(|name| folder.join(name).is_dir()).collect();
    workspace.copy(&folder, &cases.iter().map(String::as_str).collect::<Vec<_>>());
    let case_folder = folder.join(case);
    workspace.copy(&case_folder, ASIDE);
    let given = names(&workspace.path("."));

    let mut command = workspace.command();
    let line = optional(&case_folder.join("command"));
    command.args(line.as_deref().unwrap_or("run spec.mlspec.yaml").split_whitespace());
    for variable in optional(&case_folder.join("env")).unwrap_or_default().lines() {
        let (name, value) = variable.split_once('=').expect("a line of env is NAME=value");
        command.env(name, value);
    }
    let ran = Ran::new(&command.output().expect("the program starts"));
    let mut text = shown(&ran);
    for name in names(&workspace.path(".")) {
        if !given.contains(&name) {
            let _ = write!(text, "\n── written to {name} ──\n{}", workspace.read(&name));
        }
    }

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("cases/{area}/{case}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\b\d+ ms\b|\b\d+\.\d s\b", "[time]");
    settings.add_filter(r#"("duration_ms": )[\d.]+"#, "$1[time]");
    // Metrics that are times: in the line, in a trace, in JSON.
    settings.add_filter(r"\b((?:fit|predict)_seconds) \d[\d.e-]* \(", "$1 [time] (");
    settings.add_filter(
        r"\b((?:measure|judge) (?:fit|predict)_seconds(?: < \d+)?) +\d[\d.e-]*( on \d+ rows)? +",
        "$1  [time]$2  ",
    );
    settings.add_filter(
        r#"("name": "fit_seconds",\s+"metric": "fit_seconds",[^}]*?"value": )[\d.e-]+"#,
        "$1[time]",
    );
    settings.add_filter(r#"("value": \[time\],\s+"shown": ")[^"]+"#, "$1[time]");
    settings.add_filter(
        r#"("action": "(?:measure|judge) fit_seconds[^"]*",\s+"evaluation": ")[\d.e-]+"#,
        "$1[time]",
    );
    settings.add_filter(r#"( time=")[\d.]+""#, "$1[time]\"");
    settings.add_filter(r#"("semanticVersion": )"\d+\.\d+\.\d+[^"]*""#, r#"$1"[version]""#);
    settings.add_filter(r#"("version": )"\d+\.\d+\.\d+[^"]*""#, r#"$1"[version]""#);
    settings.bind(|| insta::assert_snapshot!("expected", text));
}

fn optional(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn shown(ran: &Ran) -> String {
    let mut text = match ran.status {
        Some(status) => format!("exit status: {status}\n"),
        None => "ended by a signal\n".to_owned(),
    };
    for (name, stream) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !stream.is_empty() {
            let _ = write!(text, "── {name} ──\n{stream}");
        }
    }
    text
}
