//! Times each metric on arrays in memory and prints a JSON map of names and seconds.
//!
//! usage: cargo bench --bench metrics -- FOLDER, where `make_data.py` wrote the arrays

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use mlspec::data::{Classes, Judged, Label, Memo, Polled, Prediction, Truth, in_pool};
use mlspec::kinds::metrics::AnyMetric;
use ndarray::Array2;
use serde_json::{Value, json};

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn codes(folder: &Path, name: &str) -> Vec<u32> {
    let bytes = bytes(folder, name);
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn numbers(folder: &Path, name: &str) -> Vec<f64> {
    let bytes = bytes(folder, name);
    let number = |b: &[u8]| f64::from_le_bytes(b.try_into().expect("eight bytes"));
    bytes.chunks_exact(8).map(number).collect()
}

/// The best of three runs, each on rows that nothing is known of.
fn seconds(metric: &Value, truth: Truth<'_>, prediction: &Prediction) -> f64 {
    let metric: AnyMetric = serde_json::from_value(metric.clone()).expect("a metric");
    let run = || {
        let started = Instant::now();
        let value = in_pool(|| {
            let judged = Judged {
                truth,
                prediction,
                positive: Some(1),
                rows: None,
                weights: None,
                times: None,
                memo: Memo::default(),
                stop: Polled::NEVER,
            };
            metric.kind().measure(&judged)
        });
        assert!(value.is_ok(), "{metric:?}: {value:?}");
        started.elapsed().as_secs_f64()
    };
    (0..3).map(|_| run()).fold(f64::INFINITY, f64::min)
}

fn main() {
    let folder = std::env::args().nth(1).filter(|argument| !argument.starts_with("--"));
    let Some(folder) = folder else { return };
    let folder = Path::new(&folder);
    let mut times: BTreeMap<String, f64> = BTreeMap::new();
    {
        let actual = codes(folder, "actual.u32");
        let score = numbers(folder, "score.f64");
        let classes = Classes::new(vec![Label::Integer(0), Label::Integer(1)]);
        let probabilities = Array2::from_shape_fn((score.len(), 2), |(row, class)| match class {
            0 => 1.0 - score[row],
            _ => score[row],
        });
        let prediction = Prediction::Codes {
            codes: codes(folder, "predicted.u32"),
            probabilities: Some(probabilities),
        };
        let truth = Truth::Codes { codes: &actual, classes: &classes };
        for metric in [
            json!("accuracy"),
            json!("balanced_accuracy"),
            json!({ "top_k_accuracy": { "k": 1 } }),
            json!("precision"),
            json!("recall"),
            json!("f1"),
            json!({ "f_beta": { "beta": 2 } }),
            json!("jaccard"),
            json!("roc_auc"),
            json!("average_precision"),
            json!({ "precision_at_recall": { "recall": 0.9 } }),
            json!({ "recall_at_precision": { "precision": 0.9 } }),
            json!("log_loss"),
            json!("brier"),
            json!("matthews"),
            json!("cohen_kappa"),
        ] {
            times.insert(name(&metric), seconds(&metric, truth, &prediction));
        }
    }
    let price = numbers(folder, "price.f64");
    let prediction = Prediction::Values(numbers(folder, "forecast.f64"));
    for metric in [
        json!("mae"),
        json!("mse"),
        json!("rmse"),
        json!("rmsle"),
        json!("mape"),
        json!("median_absolute_error"),
        json!("max_error"),
        json!("r2"),
        json!("explained_variance"),
        json!("poisson_deviance"),
        json!("gamma_deviance"),
        json!({ "pinball": { "alpha": 0.5 } }),
    ] {
        times.insert(name(&metric), seconds(&metric, Truth::Values(&price), &prediction));
    }
    output(&json!(times));
}

fn name(metric: &Value) -> String {
    let of_map = |map: &serde_json::Map<String, Value>| map.keys().next().cloned();
    metric
        .as_str()
        .map(str::to_owned)
        .or_else(|| metric.as_object().and_then(of_map))
        .unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn output(times: &Value) {
    println!("{times}");
}
