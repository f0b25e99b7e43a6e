//! Properties of whole runs over small random tables: what adds up, and what changes nothing.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;

use crate::support::{Ran, Workspace, without_durations};

/// One row: two numbers, a draw that names its region and class, and a probability.
type Cells = (f64, f64, u8, f64);

fn rows() -> impl Strategy<Value = Vec<Cells>> {
    let share = (0_u32..=1000).prop_map(|share| f64::from(share) / 1000.0);
    prop::collection::vec((-3.0..3.0_f64, -1.0..1.0_f64, any::<u8>(), share), 24..60)
}

/// The table of some rows, each as often as `times` says; its key is unique all the same.
fn table(rows: &[Cells], times: impl Fn(usize) -> usize) -> String {
    let mut text = String::from("key,x,y,region,class,number,p,value,weight,one\n");
    for (row, (x, y, draw, p)) in rows.iter().enumerate() {
        let region = ["north", "south", "west", ""][usize::from(draw % 4)];
        let class = ["no", "yes"][usize::from(row < 2 && row % 2 == 0 || x + y > 0.3)];
        let (number, value) = (2.0 * x - y, 1.5 * x + p);
        for time in 0..times(row) {
            let weight = draw / 4 % 4;
            let _ = writeln!(
                text,
                "r{row}_{time},{x},{y},{region},{class},{number},{p},{value},{weight},1"
            );
        }
    }
    text
}

fn once(_: usize) -> usize {
    1
}

fn run(workspace: &Workspace) -> Value {
    let mut report = workspace.run(&["run", "spec.mlspec.yaml", "--format", "json"]).json();
    without_durations(&mut report);
    report
}

fn measurements(report: &Value) -> Vec<Value> {
    report["specs"][0]["measurements"].as_array().cloned().unwrap_or_default()
}

fn check(cases: u32, property: impl Fn(Vec<Cells>, u64) -> Result<(), TestCaseError>) {
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 30, ..Config::default() };
    let strategy = (rows(), 0_u64..1 << 50);
    let result = TestRunner::new(config).run(&strategy, |(rows, seed)| property(rows, seed));
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn number(value: &Value) -> Result<f64, TestCaseError> {
    value.as_f64().ok_or_else(|| TestCaseError::fail(format!("no number: {value}")))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

const FOLDS: &str = "version: 1
data:
  path: data.csv
  target: class
  positive: yes
  features: [x, y]
  split: { k_fold: { folds: 4, stratify: false, SEED } }
model: { gaussian_naive_bayes: {} }
metrics: [accuracy, log_loss]
slices:
  by_region: { by: region, min_rows: 1 }
thresholds:
  accuracy: { min: 0.001, folds: pooled }
";

#[test]
fn what_is_pooled_is_the_sum_of_the_folds_and_of_the_slices() {
    check(6, |rows, seed| {
        let spec = FOLDS.replace("SEED", &format!("seed: {seed}"));
        let report = run(&Workspace::with_spec(&spec, &table(&rows, once)));
        let pooled = number(&report["specs"][0]["verdicts"][0]["value"])?;
        let all = measurements(&report);
        let folds = all[0]["folds"].as_array().cloned().unwrap_or_default();
        prop_assert_eq!(folds.len(), 4);
        let (mut right, mut judged, mut sum) = (0.0, 0.0, 0.0);
        for fold in &folds {
            let (value, count) = (number(&fold["value"])?, number(&fold["rows"])?);
            (right, judged, sum) = (right + value * count, judged + count, sum + value);
        }
        prop_assert_eq!(judged, rows.len() as f64, "every row is judged once");
        prop_assert!(close(pooled, right / judged));
        prop_assert!(close(number(&all[0]["value"])?, sum / 4.0), "reported is the mean");
        for metric in ["accuracy", "log_loss"] {
            let (mut weighted, mut count) = (0.0, 0.0);
            for each in all.iter().filter(|each| each["name"] == metric && !each["slice"].is_null())
            {
                let rows = number(&each["rows"])?;
                (weighted, count) = (weighted + number(&each["value"])? * rows, count + rows);
            }
            prop_assert_eq!(count, judged, "the values of a slice part the rows");
            if metric == "accuracy" {
                prop_assert!(close(weighted / count, pooled));
            }
        }
        Ok(())
    });
}

#[test]
fn weights_of_one_change_nothing() {
    check(4, |rows, seed| {
        let spec = FOLDS.replace("SEED", &format!("seed: {seed}"));
        let plain = run(&Workspace::with_spec(&spec, &table(&rows, once)));
        let weighted =
            spec.replace("  features:", "  weight: { fit: one, score: one }\n  features:");
        let weighted = run(&Workspace::with_spec(&weighted, &table(&rows, once)));
        same_measurements(&plain, &weighted)
    });
}

/// Values agree where both are defined, and both are defined in the same places; rows may differ.
fn same_measurements(a: &Value, b: &Value) -> Result<(), TestCaseError> {
    let (a, b) = (measurements(a), measurements(b));
    prop_assert!(!a.is_empty());
    prop_assert_eq!(a.len(), b.len());
    let defined = a.iter().filter(|each| each["value"].is_f64()).count();
    prop_assert!(defined > 0, "nothing is measured: {:?}", a);
    for (a, b) in a.iter().zip(&b) {
        prop_assert_eq!((&a["name"], &a["slice"]), (&b["name"], &b["slice"]));
        let none = Vec::new();
        let folds = |of: &Value| of["folds"].as_array().unwrap_or(&none).clone();
        let (of_a, of_b) = (folds(a), folds(b));
        prop_assert_eq!(of_a.len(), of_b.len());
        for (a, b) in of_a.iter().zip(&of_b).chain([(a, b)]) {
            for key in ["value", "dummy", "train"] {
                match (a[key].as_f64(), b[key].as_f64()) {
                    (Some(x), Some(y)) => prop_assert!(close(x, y), "{} of {} and {}", key, a, b),
                    (x, y) => prop_assert_eq!(x, y, "{} of {} and {}", key, a, b),
                }
            }
        }
    }
    Ok(())
}

const GIVEN: [&str; 2] = [
    "version: 1
data: { path: data.csv, target: class, positive: yes }
model: { predictions: { probability: p } }
metrics: [accuracy, balanced_accuracy, precision, recall, f1, roc_auc, average_precision, log_loss, brier, matthews, cohen_kappa]
slices:
  by_region: { by: region, min_rows: 1 }
thresholds: { accuracy: \"> 0.1\" }
",
    "version: 1
data: { path: data.csv, target: number }
model: { predictions: { value: value } }
metrics: [mae, mse, rmse, r2, explained_variance, mean_error, max_error, { pinball: { alpha: 0.3 } }]
slices:
  by_region: { by: region, min_rows: 1 }
thresholds: { mae: \"< 100\" }
",
];

#[test]
fn whole_weights_stand_for_repeated_rows() {
    check(4, |rows, _| {
        let mut rows = rows;
        // Every region keeps a row: one that is gone would be no slice.
        (0_u8..4).for_each(|region| rows[usize::from(region)].2 = region | 4);
        for spec in GIVEN {
            let weighted =
                spec.replacen("path: data.csv,", "path: data.csv, weight: { score: weight },", 1);
            let weighted = run(&Workspace::with_spec(&weighted, &table(&rows, once)));
            let times = |row: usize| usize::from(rows[row].2 / 4 % 4);
            let repeated = run(&Workspace::with_spec(spec, &table(&rows, times)));
            same_measurements(&weighted, &repeated)?;
        }
        Ok(())
    });
}

#[test]
fn the_order_of_joined_predictions_changes_nothing() {
    check(4, |rows, seed| {
        let spec = GIVEN[0].replace("probability: p", "path: made.csv, on: key, probability: p");
        let text = table(&rows, once);
        let (head, lines) = text.split_once('\n').expect("a header");
        let mut lines: Vec<&str> = lines.lines().collect();
        let report = |lines: &[&str]| {
            let workspace = Workspace::with_spec(&spec, &text);
            workspace.write("made.csv", format!("{head}\n{}\n", lines.join("\n")));
            run(&workspace)
        };
        let first = report(&lines);
        prop_assert!(measurements(&first).iter().any(|each| each["value"].is_f64()));
        lines.reverse();
        let turn = seed as usize % lines.len();
        lines.rotate_left(turn);
        prop_assert_eq!(&first, &report(&lines));
        let inside = run(&Workspace::with_spec(GIVEN[0], &text));
        prop_assert_eq!(measurements(&first), measurements(&inside));
        Ok(())
    });
}

#[test]
fn the_dummy_is_no_better_than_itself() {
    for (target, metrics) in
        [("class", "[accuracy, log_loss, f1, brier]"), ("number", "[mse, r2, rmse, mean_error]")]
    {
        check(2, |rows, seed| {
            let positive = if target == "class" { "positive: yes, " } else { "" };
            let metric = metrics.trim_start_matches('[').split(',').next().unwrap_or_default();
            let spec = format!(
                "version: 1\ndata: {{ path: data.csv, target: {target}, {positive}features: [x, y], \
                 split: {{ k_fold: {{ folds: 3, stratify: false, seed: {seed} }} }} }}\n\
                 model: {{ dummy: {{}} }}\nmetrics: {metrics}\n\
                 thresholds: {{ {metric}: [{{ over_dummy: 0 }}, {{ over_dummy: 0, folds: worst }}] }}\n"
            );
            let report = run(&Workspace::with_spec(&spec, &table(&rows, once)));
            for each in measurements(&report) {
                prop_assert_eq!(&each["value"], &each["dummy"]);
            }
            for verdict in report["specs"][0]["verdicts"].as_array().into_iter().flatten() {
                prop_assert_eq!(verdict["value"].as_f64(), Some(0.0));
                prop_assert_eq!(&verdict["status"], "fail");
            }
            Ok(())
        });
    }
}

/// The report of a spec over the table that `TABLE` names. Reports never tell what it holds.
fn over(workspace: &Workspace, table: &str) -> Value {
    let output = workspace
        .command()
        .args(["run", "spec.mlspec.yaml", "--format", "json"])
        .env("TABLE", table)
        .output()
        .expect("the program starts");
    let mut report = Ran::new(&output).ends(0).json();
    without_durations(&mut report);
    report
}

#[test]
fn the_format_of_a_table_changes_nothing() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::new();
    workspace.copy(&root.join("tests/reference/whole_runs/formats"), &[]);
    workspace.copy(&root.join("specs/data"), &[]);
    workspace.write(
        "spec.mlspec.yaml",
        "version: 1
data:
  path: ${TABLE}
  target: species
  split: { k_fold: { folds: 4, seed: 3 } }
model: { logistic_regression: {} }
metrics: [accuracy, log_loss, { f1: { average: macro } }]
slices:
  by_sex: { by: [island, sex], min_rows: 5 }
  by_mass: { by: body_mass_g, bins: 3 }
  old: { where: \"year < 2009\" }
thresholds: { accuracy: \"> 0.5\", accuracy@by_mass: \"> 0.5\" }
",
    );
    let plain = over(&workspace, "penguins.csv");
    assert!(measurements(&plain).len() > 20, "{plain}");
    for format in ["csv.gz", "csv.zst", "tsv", "parquet", "arrow", "ndjson", "ndjson.gz"] {
        let report = over(&workspace, &format!("penguins.{format}"));
        assert_eq!(plain["specs"], report["specs"], "{format}");
    }
}
