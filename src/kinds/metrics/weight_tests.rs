//! What weights of rows mean to every metric of numbers and of probabilities, and that the number
//! of threads means nothing.

use ndarray::Array2;
use proptest::collection::vec;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use serde_json::{Value as Json, json};

use super::samples::Sample;
use crate::data::{Prediction, Value};

const CLASSES: usize = 3;

const OF_NUMBERS: [&str; 14] = [
    "mae",
    "mse",
    "rmse",
    "rmsle",
    "mape",
    "smape",
    "median_absolute_error",
    "max_error",
    "mean_error",
    "r2",
    "explained_variance",
    "poisson_deviance",
    "gamma_deviance",
    "pinball",
];

fn of_classes() -> Vec<Json> {
    let mut metrics = vec![
        json!("log_loss"),
        json!("brier"),
        json!({ "brier": { "class": 1 } }),
        json!({ "average_precision": { "class": 1 } }),
        json!({ "average_precision": { "average": "macro" } }),
        json!({ "average_precision": { "average": "weighted" } }),
        json!({ "precision_at_recall": { "class": 1, "recall": 0.7 } }),
        json!({ "recall_at_precision": { "class": 1, "precision": 0.7 } }),
        json!("expected_calibration_error"),
        json!({ "expected_calibration_error": { "class": 1, "bins": 3 } }),
        json!("top_k_accuracy"),
        json!({ "roc_auc": { "class": 1 } }),
        json!({ "roc_auc": { "multi_class": "ovr", "average": "micro" } }),
    ];
    for multi_class in ["ovr", "ovo"] {
        for average in ["macro", "weighted"] {
            metrics.push(json!({ "roc_auc": { "multi_class": multi_class, "average": average } }));
        }
    }
    metrics
}

fn quantile() -> Json {
    json!({ "expected_calibration_error": { "class": 1, "bins": 4, "strategy": "quantile" } })
}

/// A class, what its three probabilities are in proportion to, two numbers, and a whole weight.
type Row = (u32, [u8; CLASSES], [f64; 2], u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let share = 1..6_u8;
    let number = 0.1..100.0_f64;
    let row = (0..3_u32, [share.clone(), share.clone(), share], [number.clone(), number], 0..4_u8);
    vec(row, 1..40)
}

fn classified(rows: &[Row]) -> Sample {
    let truth: Vec<u32> = rows.iter().map(|(class, ..)| *class).collect();
    let probabilities = Array2::from_shape_fn((rows.len(), CLASSES), |(row, class)| {
        let parts = rows[row].1;
        f64::from(parts[class]) / parts.map(f64::from).iter().sum::<f64>()
    });
    Sample::probabilities(&truth, probabilities.view())
}

fn measured(rows: &[Row]) -> Sample {
    let truth: Vec<f64> = rows.iter().map(|row| row.2[0]).collect();
    let predicted: Vec<f64> = rows.iter().map(|row| row.2[1]).collect();
    Sample::values(&truth, &predicted)
}

fn distances(rows: &[Row]) -> Sample {
    let mut sample = Sample::values(&[], &[]);
    sample.prediction = Prediction::Clusters {
        codes: vec![Some(0); rows.len()],
        squared_distances: Some(rows.iter().map(|row| row.2[0]).collect()),
    };
    sample
}

/// Each metric with the rows that it judges.
fn judged(rows: &[Row]) -> Vec<(Sample, Json)> {
    let classes = of_classes().into_iter().map(|metric| (classified(rows), metric));
    let numbers = OF_NUMBERS.map(|name| (measured(rows), json!(name)));
    classes.chain(numbers).chain([(distances(rows), json!("inertia"))]).collect()
}

fn whole_weights(rows: &[Row]) -> Vec<f64> {
    rows.iter().map(|row| f64::from(row.3)).collect()
}

/// Each row as often as it weighs.
fn repeated(rows: &[Row]) -> Vec<Row> {
    rows.iter().flat_map(|row| vec![*row; usize::from(row.3)]).collect()
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-12 * a.abs().max(1.0),
        (Err(a), Err(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

proptest! {
    #[test]
    fn weights_of_one_are_no_weights(rows in rows()) {
        for (sample, metric) in judged(&rows) {
            let plain = sample.measure(metric.clone());
            let weighted = sample.weighted(&vec![1.0; rows.len()]).measure(metric.clone());
            prop_assert!(same(&plain, &weighted), "{metric}: {plain:?} {weighted:?}");
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in rows()) {
        let more = repeated(&rows);
        for ((sample, metric), (repeated, _)) in judged(&rows).into_iter().zip(judged(&more)) {
            let weighted = sample.weighted(&whole_weights(&rows)).measure(metric.clone());
            // A single row of weight 2 is one row to those that need two.
            if matches!(metric.as_str(), Some("r2" | "explained_variance")) && weighted.is_err() {
                continue;
            }
            let value = repeated.measure(metric.clone());
            prop_assert!(same(&value, &weighted), "{metric}: {value:?} {weighted:?}");
        }
        let weighted = classified(&rows).weighted(&whole_weights(&rows)).measure(quantile());
        let ones = classified(&more).weighted(&vec![1.0; more.len()]).measure(quantile());
        prop_assert!(same(&weighted, &ones), "{weighted:?} {ones:?}");
    }

    #[test]
    fn the_unit_of_weights_does_not_matter(rows in rows(), unit in 0.01..100.0_f64) {
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.3) + 0.5).collect();
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * unit).collect();
        for (sample, metric) in judged(&rows) {
            // A sum is in the unit; a level may be met by a rounding error more or less.
            let name = metric.to_string();
            if ["inertia", "precision_at", "recall_at"].iter().any(|sum| name.contains(sum)) {
                continue;
            }
            let a = sample.clone().weighted(&weights).measure(metric.clone());
            let b = sample.weighted(&scaled).measure(metric.clone());
            prop_assert!(same(&a, &b), "{metric}: {a:?} {b:?}");
        }
    }

    #[test]
    fn the_order_of_weighted_rows_does_not_matter(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let weights = |rows: &[Row]| -> Vec<f64> {
            rows.iter().map(|row| f64::from(row.3) * row.2[1]).collect()
        };
        for ((a, metric), (b, _)) in judged(&rows).into_iter().zip(judged(&shuffled)) {
            let a = a.weighted(&weights(&rows)).measure(metric.clone());
            let b = b.weighted(&weights(&shuffled)).measure(metric.clone());
            prop_assert!(same(&a, &b), "{metric}: {a:?} {b:?}");
        }
    }
}

/// More rows than are summed, ranked or counted at a time.
fn many() -> Vec<Row> {
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    (0..150_000)
        .map(|_| {
            let parts = [draw(), draw(), draw()].map(|part| (part * 250.0) as u8 + 1);
            let numbers = [draw() * 90.0 + 0.1, draw() * 90.0 + 0.1];
            ((draw() * 3.0) as u32, parts, numbers, (draw() * 4.0) as u8)
        })
        .collect()
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    let rows = many();
    let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.3) * row.2[1]).collect();
    for (plain, metric) in judged(&rows).into_iter().chain([(classified(&rows), quantile())]) {
        for sample in [plain.clone(), plain.weighted(&weights)] {
            let bits = [1, 2, 8].map(|threads| {
                let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| sample.measure(metric.clone())).unwrap().to_bits()
            });
            assert!(bits.iter().all(|b| *b == bits[0]), "{metric}: {bits:?}");
        }
    }
}

#[test]
fn the_middle_of_many_rows_is_that_of_the_sorted_ones() {
    let rows = many();
    for rows in [&rows[..], &rows[1..]] {
        let mut errors: Vec<f64> = rows.iter().map(|row| (row.2[1] - row.2[0]).abs()).collect();
        errors.sort_by(f64::total_cmp);
        let (low, high) = (errors[(errors.len() - 1) / 2], errors[errors.len() / 2]);
        let value = measured(rows).measure(json!("median_absolute_error"));
        assert_eq!(value, Ok(f64::midpoint(low, high)));
        let ones = measured(rows).weighted(&vec![0.1; rows.len()]);
        assert_eq!(ones.measure(json!("median_absolute_error")), Ok(f64::midpoint(low, high)));
    }
    let same = Sample::values(&vec![1.0; 100_000], &vec![3.0; 100_000]);
    assert_eq!(same.measure(json!("median_absolute_error")), Ok(2.0));
}
