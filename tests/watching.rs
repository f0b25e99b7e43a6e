//! `mlspec run --watch`: rounds that edits bring about. The program is driven by files, and read line by line.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::support::Workspace;

const TABLE: &str = "truth,said\nyes,yes\nyes,yes\nno,no\nno,yes\n";

/// A program that says nothing for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(120);

fn spec(bound: &str, data: &str) -> String {
    format!(
        "version: 1\ndata: {{ path: \"{data}\", target: truth }}\nmodel: {{ predictions: {{ label: said }} }}\n\
         thresholds: {{ accuracy: \"{bound}\" }}\n"
    )
}

/// The program, with its lines as they come.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn begin(workspace: &Workspace, arguments: &[&str]) -> Self {
        let mut child = workspace.start(&[&["run", "--watch"], arguments].concat());
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The lines up to the end of a round.
    #[track_caller]
    fn round(&self) -> String {
        let mut text = String::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                    if line.starts_with("watching ") {
                        return text;
                    }
                }
                Err(error) => panic!("{error} after\n{text}"),
            }
        }
    }

    /// Rounds until one says all of this. What is written in two steps may be seen between them.
    #[track_caller]
    fn until(&self, texts: &[&str]) -> String {
        loop {
            let round = self.round();
            if texts.iter().all(|text| round.contains(text)) {
                return round;
            }
        }
    }

    /// Ends it as Ctrl-C does.
    fn end(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &pid]).status().expect("kill starts");
        assert!(kill.success());
        let status = self.child.wait().expect("it ends");
        status.code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("a.mlspec.yaml", spec("> 0.5", "a.csv")).write("a.csv", TABLE);
    workspace.write("b.mlspec.yaml", spec("> 0.5", "parts/*.csv")).write("parts/1.csv", TABLE);
    workspace
}

#[test]
fn an_edit_runs_what_it_touches_and_nothing_else() {
    let workspace = workspace();
    let watching = Watching::begin(&workspace, &["--report", "json=report.json"]);
    let first = watching.round();
    assert!(first.contains("pass") && first.contains("2 specs: 2 passed"), "{first}");
    assert!(first.contains("watching 2 specs and 2 data files"), "{first}");
    // A spec, written over.
    workspace.write("a.mlspec.yaml", spec("> 0.9", "a.csv"));
    let round = watching.until(&["a.mlspec.yaml changed", "2 specs: 1 passed, 1 failed"]);
    assert!(!round.contains("b.mlspec.yaml"), "{round}");
    let report = workspace.read("report.json");
    assert!(report.contains("\"failed\": 1") && report.contains("b.mlspec.yaml"), "{report}");
    // As editors save: beside its place, then moved there.
    workspace.write("a.mlspec.yaml~", spec("> 0.6", "a.csv"));
    fs::rename(workspace.path("a.mlspec.yaml~"), workspace.path("a.mlspec.yaml")).unwrap();
    watching.until(&["a.mlspec.yaml changed", "2 specs: 2 passed"]);
    // Data, and a file that joins a pattern.
    workspace.write("a.csv", TABLE.replace("no,no", "no,yes"));
    let round = watching.until(&["the data of a.mlspec.yaml changed", "1 failed"]);
    assert!(!round.contains("b.mlspec.yaml"), "{round}");
    workspace.write("parts/2.csv", TABLE);
    watching.until(&["the data of b.mlspec.yaml changed", "1 passed, 1 failed"]);
    assert_eq!(watching.end(), Some(1));
}

#[test]
fn specs_come_and_go() {
    let workspace = workspace();
    let watching = Watching::begin(&workspace, &[]);
    watching.round();
    workspace.write("more/c.mlspec.yaml", spec("> 0.5", "../a.csv"));
    watching.until(&["more/c.mlspec.yaml is new", "3 specs: 3 passed"]);
    fs::remove_file(workspace.path("a.mlspec.yaml")).unwrap();
    watching.until(&["a.mlspec.yaml is gone", "watching 2 specs"]);
    // Data that is missing is an error until it is there.
    fs::remove_file(workspace.path("a.csv")).unwrap();
    watching.until(&["the data of more/c.mlspec.yaml changed", "1 could not be evaluated"]);
    workspace.write("a.csv", TABLE);
    watching.until(&["the data of more/c.mlspec.yaml changed", "2 specs: 2 passed"]);
    // A spec that is broken for a while.
    workspace.write("b.mlspec.yaml", "version: 1\ndata: [\n");
    watching.until(&["b.mlspec.yaml changed", "1 passed, 1 invalid"]);
    workspace.write("b.mlspec.yaml", spec("> 0.5", "parts/*.csv"));
    watching.until(&["b.mlspec.yaml changed", "2 specs: 2 passed"]);
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn one_file_is_watched_alone_and_all_may_go() {
    let workspace = workspace();
    let watching = Watching::begin(&workspace, &["a.mlspec.yaml"]);
    watching.round();
    workspace.write("b.mlspec.yaml", spec("> 0.9", "parts/*.csv"));
    fs::remove_file(workspace.path("a.mlspec.yaml")).unwrap();
    let round = watching.until(&["a.mlspec.yaml is gone"]);
    assert!(!round.contains("b.mlspec.yaml"), "{round}");
    workspace.write("a.mlspec.yaml", spec("> 0.5", "a.csv"));
    watching.until(&["a.mlspec.yaml is new", "1 spec: 1 passed"]);
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn what_cannot_be_watched_is_said() {
    let workspace = workspace();
    workspace.run(&["run", "--watch", "nowhere.mlspec.yaml"]).ends(2).says(&["does not exist"]);
    workspace
        .run(&["run", "--watch", "--format", "json"])
        .ends(2)
        .complains(&["`--watch` shows text"]);
    workspace.run(&["run", "--watch", "--rerun", "failed"]).ends(2).complains(&["--rerun"]);
}

#[test]
fn a_baseline_that_cannot_be_read_is_said_before_anything_is_run() {
    let workspace = Workspace::with_spec(&spec(">= 0.5", "data.csv"), TABLE);
    let watch = ["run", "--watch", "--report", "html=a.html", "--baseline-report", "gone.json"];
    workspace.run(&watch).ends(2).complains(&["mlspec::report::unreadable"]).never_says("accuracy");
    assert!(!workspace.path("a.html").exists());
}
