//! Same spec, same data, same seed: the same bytes, whatever the number of threads.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::program;

/// What `mlspec run` prints as JSON, with its durations left out.
fn report(folder: &Path, specs: &str, jobs: usize, threads: usize) -> String {
    let output = program()
        .args(["run", specs, "--format", "json", "--jobs", &jobs.to_string()])
        .env("POLARS_MAX_THREADS", threads.to_string())
        .env("RAYON_NUM_THREADS", threads.to_string())
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("a report is text");
    assert!(text.starts_with('{'), "{text}{}", String::from_utf8_lossy(&output.stderr));
    without_durations(&text)
}

fn without_durations(text: &str) -> String {
    let key = "\"duration_ms\":";
    let mut parts = text.split(key);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find([',', '}', '\n']).unwrap_or(part.len());
        kept.push_str(key);
        kept.push_str(&part[end..]);
    }
    kept
}

/// The first line in which two reports differ.
fn difference<'t>(a: &'t str, b: &'t str) -> Option<(&'t str, &'t str)> {
    if a == b {
        return None;
    }
    Some(a.lines().zip(b.lines()).find(|(a, b)| a != b).unwrap_or(("", "more lines, or fewer")))
}

#[test]
fn durations_are_left_out() {
    let text = "{ \"duration_ms\": 1.5, \"value\": 2,\n\"duration_ms\":7\n}";
    assert_eq!(without_durations(text), "{ \"duration_ms\":, \"value\": 2,\n\"duration_ms\":\n}");
}

#[test]
fn the_examples_give_the_same_report_twenty_times() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let first = report(root, "specs", 1, 1);
    let measured = first.matches("\"value\": 0.").count() + first.matches("\"value\":0.").count();
    assert!(measured >= 5, "a report without measurements proves nothing:\n{first}");
    for run in 1..20 {
        let (jobs, threads) = ([1, 2, 8][run % 3], [1, 2, 8][run / 3 % 3]);
        let again = report(root, "specs", jobs, threads);
        assert_eq!(difference(&first, &again), None, "run {run}, {jobs} jobs, {threads} threads");
    }
}

/// Every model that draws or sums, each with a spec of its own over the same table.
const MODELS: &[(&str, &str, &str)] = &[
    ("logistic_regression", "class", "log_loss: \"< 30\"\n  roc_auc: .. 0.9"),
    ("gaussian_naive_bayes", "class", "log_loss: \"< 30\"\n  accuracy: 0.1 .. 0.9"),
    ("decision_tree", "class", "matthews: \"> 0\"\n  f1: \"> 0.2\""),
    ("decision_tree", "number", "rmse: \"< 1\"\n  mae: \"< 1\""),
    ("linear_regression", "number", "r2: \"> 0.5\"\n  mse: \"< 1\""),
    ("ridge", "number", "r2: \"> 0.5\"\n  mse: \"< 1\""),
    ("lasso", "number", "r2: \"> 0.5\"\n  mse: \"< 1\""),
    ("elastic_net", "number", "r2: \"> 0.5\"\n  mse: \"< 1\""),
    ("huber", "number", "r2: \"> 0.5\"\n  mse: \"< 1\""),
    ("quantile_regression", "number", "r2: \"> 0.5\"\n  mae: \"< 1\""),
    ("k_means", "", "silhouette: \"> 0.5\"\n  inertia: \"< 1\""),
    ("dummy", "class", "log_loss: \"< 1\"\n  accuracy: \"> 0.5\""),
];

/// Folds, slices, weights and what compares with other rows, at once.
const EVERYTHING: &str = "version: 1
data:
  path: data.csv
  target: class
  positive: a
  exclude: [number]
  derive: { weight: CASE WHEN x > 0 THEN x ELSE 0.5 END, near: abs(y) < 300000 }
  weight: { fit: weight, score: weight }
  split: { k_fold: { folds: 4, repeats: 2, stratify: false, seed: SEED } }
prepare:
  - impute
  - target_encode: { columns: [group], shuffle: true, seed: SEED }
  - standardize
model: { logistic_regression: {} }
decision: { threshold: 0.4 }
metrics: [accuracy, log_loss, f1, roc_auc, brier]
slices:
  by_group: { by: [group, near], min_rows: 5 }
  by_x: { by: x, bins: 3, min_rows: 5 }
  far: { where: NOT near, min_rows: 5 }
thresholds:
  accuracy: [\"> 0.5\", { over_dummy: 0.1, folds: worst }, { max_train_gap: 0.1, folds: 5 of 8 }]
  log_loss@by_x: { max: 1, max_train_gap: 0.5 }
";

fn write_specs(folder: &Path, table: &str, seed: u64) {
    fs::write(folder.join("data.csv"), table).expect("a table can be written");
    let everything = EVERYTHING.replace("SEED", &seed.to_string());
    fs::write(folder.join("everything.mlspec.yaml"), everything).expect("a spec can be written");
    for (at, (model, target, thresholds)) in MODELS.iter().enumerate() {
        let task = match *target {
            "class" => "classification",
            "number" => "regression",
            _ => "clustering",
        };
        let others = ["class", "number"].into_iter().filter(|name| name != target);
        let others = others.collect::<Vec<_>>().join(", ");
        let target = match *target {
            "" => String::new(),
            name => format!("  target: {name}\n"),
        };
        let positive = if task == "classification" { "  positive: a\n" } else { "" };
        let spec = format!(
            "version: 1\ndata:\n  path: data.csv\n{target}{positive}  task: {task}\n  \
             exclude: [{others}]\n  split: {{ holdout: {{ seed: {seed} }} }}\n\
             model: {{ {model}: {{}} }}\nthresholds:\n  {thresholds}\n"
        );
        fs::write(folder.join(format!("{at}_{model}.mlspec.yaml")), spec)
            .expect("a spec can be written");
    }
}

/// A table with numbers of many sizes, gaps, a category and two targets.
fn table(cells: &[(f64, f64, Option<f64>, u8)]) -> String {
    let mut text = String::from("x,y,z,group,class,number\n");
    for (row, (x, y, z, draw)) in cells.iter().enumerate() {
        let z = z.map_or_else(String::new, |z| z.to_string());
        let group = ["red", "green", "blue", ""][usize::from(draw % 4)];
        let class = if (x + y > 0.0) == (draw % 5 > 0) { "a" } else { "b" };
        let number = x * 3.0 - y + f64::from(*draw) / 100.0 + row as f64 * 1e-3;
        let _ = writeln!(text, "{x},{y},{z},{group},{class},{number}");
    }
    text
}

#[test]
fn small_tables_give_the_same_report() {
    let cell =
        (-1.0..1.0_f64, -1e6..1e6_f64, prop::option::weighted(0.9, -1e-3..1e-3_f64), any::<u8>());
    let strategy = (prop::collection::vec(cell, 40..200), any::<u64>());
    let config =
        Config { cases: 4, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let result = TestRunner::new(config).run(&strategy, |(cells, seed)| {
        let folder = tempfile::tempdir()?;
        write_specs(folder.path(), &table(&cells), seed >> 12);
        let first = report(folder.path(), ".", 1, 1);
        let again = report(folder.path(), ".", 8, 8);
        prop_assert_eq!(difference(&first, &again), None);
        prop_assert!(first.matches("\"measurements\": [\n").count() >= 6, "{}", first);
        prop_assert!(first.contains("\"invalid\": 0"), "{}", first);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Enough rows that a loader with more threads cuts them into other pieces.
#[test]
fn a_long_table_gives_the_same_report() {
    let mut state = 1_u64;
    let mut draw = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let cells: Vec<_> = (0..6000)
        .map(|_| {
            let z = (draw() > 0.1).then(|| draw() * 1e-3);
            (draw() - 0.5, (draw() - 0.5) * 1e6, z, (draw() * 256.0) as u8)
        })
        .collect();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_specs(folder.path(), &table(&cells), 7);
    let first = report(folder.path(), ".", 1, 1);
    assert_eq!(first.matches("\"measurements\": [\n").count(), MODELS.len() + 1, "{first}");
    for (jobs, threads) in [(1, 8), (8, 2)] {
        let again = report(folder.path(), ".", jobs, threads);
        assert_eq!(difference(&first, &again), None, "{jobs} jobs, {threads} threads");
    }
}
