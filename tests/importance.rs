//! The importance of features by shuffling them, against scikit-learn, whatever the number of threads.

use serde_json::Value;

use crate::support::Workspace;

const SPEC: &str = "
version: 1
data:
  path: data.csv
  target: pain
  features: [x, z, city]
  WEIGHT
  split: { by_column: { column: clinic, train: [a, b, c, d], test: [e, f] } }
prepare: [one_hot]
model: { ridge: { alpha: 1 } }
importance: { permutation: { metric: METRIC, repeats: 1000 } }
thresholds: { r2: \"> 0.9\" }
";

/// What the report says of a feature.
fn losses(metric: &str, weight: &str, threads: &str) -> Vec<(String, f64, f64)> {
    let spec = SPEC.replace("METRIC", metric).replace("WEIGHT", weight);
    let workspace = Workspace::with_spec(&spec, include_str!("cases/importance/patients.csv"));
    let mut command = workspace.command();
    command.env("POLARS_MAX_THREADS", threads).env("RAYON_NUM_THREADS", threads);
    let output = command
        .args(["run", "spec.mlspec.yaml", "--format", "json"])
        .output()
        .expect("the program starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report is JSON");
    let list = report["specs"][0]["importances"].as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(|each| {
            let number = |key: &str| each["permutation"][key].as_f64();
            Some((each["feature"].as_str()?.to_owned(), number("mean")?, number("deviation")?))
        })
        .collect()
}

/// scikit-learn 1.9.1 on the same rows: a pipeline of `OneHotEncoder(handle_unknown='ignore')` for
/// `city` and `Ridge(alpha=1.0)`, `permutation_importance(m, test, y, scoring=…, n_repeats=1000,
/// random_state=0)`; the second with `sample_weight=weight`. Both sides are means over a thousand
/// orders, so they differ by five standard errors at most.
#[test]
fn scikit_learn_finds_the_same_losses() {
    let close = |found: Vec<(String, f64, f64)>, expected: [(&str, f64, f64); 3]| {
        assert_eq!(found.len(), 3);
        for ((feature, mean, deviation), (name, their_mean, their_deviation)) in
            found.iter().zip(expected)
        {
            assert_eq!(feature, name);
            let error = their_deviation * (2.0_f64 / 1000.0).sqrt();
            assert!((mean - their_mean).abs() < 5.0 * error, "{name}: {mean}, not {their_mean}");
            let ratio = deviation / their_deviation;
            assert!((0.85..1.18).contains(&ratio), "{name}: {deviation}, not {their_deviation}");
        }
    };
    close(
        losses("r2", "", "2"),
        [
            ("x", 1.09158111, 0.25441923),
            ("z", 0.323265001, 0.08359012),
            ("city", 0.00101110966, 0.00065413),
        ],
    );
    close(
        losses("rmse", "weight: { score: weight }", "2"),
        [
            ("x", 2.35962575, 0.38286008),
            ("z", 1.04172339, 0.20165044),
            ("city", 0.00425266, 0.00405262),
        ],
    );
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let first = losses("mae", "", "1");
    assert_eq!(first.len(), 3);
    for threads in ["2", "8"] {
        assert_eq!(losses("mae", "", threads), first);
    }
}
