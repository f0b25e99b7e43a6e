//! Whole runs against scikit-learn: the same data, folds, steps and models, written a second time in
//! Python by `tests/reference/make_whole_runs.py` (scikit-learn 1.9.1).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Ran, Workspace, names, program};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/whole_runs")
}

/// Collects what differs, so that one run of the tests shows all of it.
struct Differences {
    tolerance: f64,
    found: String,
    compared: usize,
}

impl Differences {
    fn numbers(&mut self, what: &str, ours: &Value, theirs: &Value) {
        let equal = match (ours.as_f64(), theirs.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= self.tolerance * b.abs().max(1.0),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.compared += usize::from(ours.is_f64());
        if !equal {
            let _ = writeln!(self.found, "{what}: {ours}, in scikit-learn {theirs}");
        }
    }

    fn readings(&mut self, what: &str, ours: &Value, theirs: &Value) {
        for key in ["value", "dummy", "train", "rows"] {
            // Given predictions have no dummy, and training rows are measured on demand.
            self.numbers(&format!("{what}, {key}"), &ours[key], &theirs[key]);
        }
    }

    fn measurement(&mut self, ours: &Value, theirs: &Value) {
        let what = format!("{} on {}", theirs["name"], theirs["slice"]);
        if theirs["skipped"] == true {
            self.numbers(&what, &ours["value"], &Value::Null);
            self.numbers(&what, &ours["rows"], &theirs["rows"]);
            return;
        }
        let folds = theirs["folds"].as_array().expect("a list of folds");
        let value = match ours["over"].as_str() {
            None => &folds[0],
            Some(over) => &theirs[over],
        };
        self.readings(&what, ours, value);
        let none = Vec::new();
        let of_ours = ours["folds"].as_array().unwrap_or(&none);
        if folds.len() > 1 && of_ours.len() != folds.len() {
            let _ = writeln!(self.found, "{what}: {} folds of {}", of_ours.len(), folds.len());
        }
        for (ours, theirs) in of_ours.iter().zip(folds) {
            self.readings(&format!("{what}, fold {}", ours["fold"]), ours, theirs);
        }
    }
}

/// Runs a spec and compares every measurement and verdict with what Python found.
fn compare(spec: &str, expected: &Value) -> Differences {
    let output = program()
        .args(["run", spec, "--format", "json"])
        .current_dir(folder())
        .output()
        .expect("the program starts");
    let report = Ran::new(&output).json();
    let ours = &report["specs"][0];
    let tolerance = expected["tolerance"].as_f64().expect("a number");
    let mut differences = Differences { tolerance, found: String::new(), compared: 0 };
    let list = |of: &Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
    let mut measured = list(ours, "measurements");
    for theirs in list(expected, "measurements") {
        let same =
            |ours: &Value| ours["name"] == theirs["name"] && ours["slice"] == theirs["slice"];
        match measured.iter().position(same) {
            Some(at) => differences.measurement(&measured.remove(at), &theirs),
            None => {
                let _ = writeln!(
                    differences.found,
                    "not measured: {}, {}",
                    theirs["name"], theirs["slice"]
                );
            }
        }
    }
    for more in measured {
        let _ = writeln!(differences.found, "only here: {} on {}", more["name"], more["slice"]);
    }
    let (verdicts, theirs) = (list(ours, "verdicts"), list(expected, "verdicts"));
    if verdicts.len() != theirs.len() {
        let _ = writeln!(differences.found, "{} verdicts of {}", verdicts.len(), theirs.len());
    }
    for (at, (ours, theirs)) in verdicts.iter().zip(&theirs).enumerate() {
        let what = format!("verdict {at} on {}, {}", ours["name"], ours["bound"]);
        differences.numbers(&what, &ours["value"], &theirs["value"]);
        if ours["status"] != theirs["status"] {
            let _ =
                writeln!(differences.found, "{what}: {}, not {}", ours["status"], theirs["status"]);
        }
    }
    differences
}

#[test]
fn whole_runs_come_to_what_scikit_learn_comes_to() {
    let mut found = String::new();
    let mut compared = 0;
    for name in names(&folder()) {
        let Some(run) = name.strip_suffix(".mlspec.yaml") else { continue };
        let expected = fs::read_to_string(folder().join(format!("{run}.json"))).expect("a file");
        let expected = serde_json::from_str(&expected).expect("JSON");
        let differences = compare(&name, &expected);
        compared += differences.compared;
        if !differences.found.is_empty() {
            let _ = writeln!(found, "{run}:\n{}", differences.found);
        }
    }
    assert!(found.is_empty(), "{found}");
    assert!(compared > 1000, "{compared} numbers prove little");
}

/// The features that a plan lists for a table of `height`, `weight` and the target `price`.
fn features(data: &str) -> String {
    let spec = format!(
        "version: 1\ndata: {{ path: data.csv, task: regression, {data} }}\n\
         model: {{ linear_regression: {{}} }}\nthresholds: {{ r2: \"> 0.1\" }}\n"
    );
    let workspace = Workspace::with_spec(&spec, "height,weight,price\n1.5,2.5,3.5\n2.5,1.5,4.5\n");
    let plan = workspace.run(&["plan", "spec.mlspec.yaml"]).ends(0).stdout;
    let line = plan.lines().find(|line| line.contains(" feature")).expect("a line of features");
    line.split_once(": ").expect("a list").1.replace(" (float)", "")
}

#[test]
fn what_knows_the_answer_is_no_feature() {
    let ratio = "ratio: price / weight, more: ratio + 1, tall: height * 2";
    assert_eq!(features(&format!("target: price, derive: {{ {ratio} }}")), "height, weight, tall");
    let all = format!("target: price, features: [\"*\"], derive: {{ {ratio} }}");
    assert_eq!(features(&all), "height, weight, tall");
    let total = "target: total, derive: { sum: price + weight, total: sum * 2 }";
    assert_eq!(features(total), "height");
    assert_eq!(features(&format!("{total}, features: [height, weight]")), "height, weight");
}
