//! What holds for every set of judged rows, not only for the stored ones.

use ndarray::{Array2, Axis};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::samples::{Answers, Sample};
use crate::data::{Prediction, Value};

const CLASSES: usize = 3;

/// Metrics of classes, with every choice of parameters.
fn of_classes() -> Vec<Json> {
    let mut metrics = vec![
        json!("accuracy"),
        json!("balanced_accuracy"),
        json!("matthews"),
        json!("log_loss"),
        json!({ "roc_auc": { "class": 1 } }),
        json!("cohen_kappa"),
        json!("brier"),
        json!({ "brier": { "class": 1 } }),
        json!({ "average_precision": { "class": 1 } }),
        json!({ "average_precision": { "average": "macro" } }),
        json!({ "average_precision": { "average": "weighted" } }),
        json!({ "expected_calibration_error": { "class": 1 } }),
        json!({ "precision_at_recall": { "class": 1, "recall": 0.7 } }),
        json!({ "recall_at_precision": { "class": 1, "precision": 0.7 } }),
        json!({ "f_beta": { "class": 1, "beta": 0 } }),
        json!({ "f_beta": { "average": "macro", "beta": 3 } }),
    ];
    for name in ["specificity", "false_positive_rate", "false_negative_rate"] {
        metrics.push(json!({ name: { "class": 1 } }));
    }
    for name in ["precision", "recall", "f1", "jaccard"] {
        metrics.push(json!({ name: { "class": 1 } }));
        for average in ["macro", "micro", "weighted"] {
            metrics.push(json!({ name: { "average": average } }));
        }
    }
    for multi_class in ["ovr", "ovo"] {
        for average in ["macro", "weighted"] {
            metrics.push(json!({ "roc_auc": { "multi_class": multi_class, "average": average } }));
        }
    }
    metrics
}

/// Metrics of classes to which it matters how these are sorted: by distance, or in ties.
fn of_sorted_classes() -> Vec<Json> {
    vec![
        json!("top_k_accuracy"),
        json!({ "cohen_kappa": { "weights": "linear" } }),
        json!({ "cohen_kappa": { "weights": "quadratic" } }),
        json!("expected_calibration_error"),
        json!({ "expected_calibration_error": { "bins": 3, "strategy": "quantile" } }),
        json!({ "cost": { "of": {
            "0": { "1": 1, "2": 7 }, "1": { "0": 3, "1": -2, "2": 1 }, "2": { "0": 0, "1": 9 },
        } } }),
    ]
}

/// Metrics of labels with a cut of their own.
fn of_cuts() -> Vec<Json> {
    let cut = |name: &str| json!({ name: { "class": 1, "threshold": 0.4 } });
    let names = ["specificity", "false_positive_rate", "false_negative_rate"];
    let averaged = ["precision", "recall", "f1", "jaccard"];
    names.into_iter().chain(averaged).map(cut).collect()
}

/// Metrics of labels, in which a row counts as much as it weighs.
fn of_labels() -> Vec<Json> {
    let names = [
        "accuracy",
        "balanced_accuracy",
        "precision",
        "recall",
        "specificity",
        "false_positive_rate",
        "false_negative_rate",
        "f1",
        "f_beta",
        "jaccard",
        "matthews",
        "cohen_kappa",
        "cost",
    ];
    let is_of_labels = |metric: &Json| {
        let name = super::samples::metric_of(metric.clone()).name();
        names.contains(&name)
    };
    let all = of_classes().into_iter().chain(of_sorted_classes()).chain(of_cuts());
    all.filter(is_of_labels).collect()
}

/// Metrics of numbers, of either sign or positive.
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

const OF_CLUSTERS: [&str; 4] = ["inertia", "silhouette", "davies_bouldin", "calinski_harabasz"];

/// Metrics that compare clusters with groups, with every choice of parameters.
fn of_groups() -> Vec<Json> {
    let mut metrics: Vec<Json> = ["adjusted_rand", "v_measure", "homogeneity", "completeness"]
        .map(|name| json!(name))
        .into();
    metrics.push(json!({ "v_measure": { "beta": 0.2 } }));
    for method in ["arithmetic", "geometric", "min", "max"] {
        for name in ["normalized_mutual_info", "adjusted_mutual_info"] {
            metrics.push(json!({ name: { "average_method": method } }));
        }
    }
    metrics
}

/// Rows as class, three weights and three features; few distinct weights, so that ties occur.
fn rows() -> impl Strategy<Value = Vec<(u32, [u8; CLASSES], [f64; 3])>> {
    let number = -100.0..100.0_f64;
    vec((0..3_u32, [1..6_u8, 1..6_u8, 1..6_u8], [number.clone(), number.clone(), number]), 1..40)
}

fn classified(rows: &[(u32, [u8; CLASSES], [f64; 3])]) -> Sample {
    let truth: Vec<u32> = rows.iter().map(|(class, ..)| *class).collect();
    let probabilities = Array2::from_shape_fn((rows.len(), CLASSES), |(row, class)| {
        let weights = rows[row].1;
        f64::from(weights[class]) / weights.map(f64::from).iter().sum::<f64>()
    });
    Sample::probabilities(&truth, probabilities.view())
}

fn measured(rows: &[(u32, [u8; CLASSES], [f64; 3])]) -> Sample {
    let truth: Vec<f64> = rows.iter().map(|(.., numbers)| numbers[0]).collect();
    let predicted: Vec<f64> = rows.iter().map(|(.., numbers)| numbers[1]).collect();
    Sample::values(&truth, &predicted)
}

/// As `measured`, above 0, so that ratios and logarithms exist.
fn positive(rows: &[(u32, [u8; CLASSES], [f64; 3])]) -> Sample {
    let truth: Vec<f64> = rows.iter().map(|(.., numbers)| numbers[0].abs() + 0.1).collect();
    let predicted: Vec<f64> = rows.iter().map(|(.., numbers)| numbers[1].abs() + 0.1).collect();
    Sample::values(&truth, &predicted)
}

fn clustered(rows: &[(u32, [u8; CLASSES], [f64; 3])]) -> Sample {
    let features = Array2::from_shape_fn((rows.len(), 3), |(row, column)| rows[row].2[column]);
    // The heaviest weight stands for noise.
    let codes: Vec<_> =
        rows.iter().map(|(class, weights, _)| (weights[0] < 5).then_some(*class)).collect();
    let mut sample = Sample::clusters(features.view(), &codes);
    let distances = features.map_axis(Axis(1), |row| row.dot(&row)).to_vec();
    sample.prediction = Prediction::Clusters { codes, squared_distances: Some(distances) };
    sample
}

fn grouped(rows: &[(u32, [u8; CLASSES], [f64; 3])]) -> Sample {
    let truth: Vec<u32> = rows.iter().map(|(class, ..)| *class).collect();
    // The heaviest weight stands for noise.
    let codes: Vec<_> = rows
        .iter()
        .map(|(_, weights, _)| (weights[0] < 5).then_some(u32::from(weights[0] + weights[1] / 4)))
        .collect();
    Sample::groups(&truth, &codes)
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-12 * a.abs().max(1.0),
        (Err(a), Err(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

fn swapped(sample: &Sample) -> Sample {
    let (Answers::Codes(truth), Prediction::Codes { codes, .. }) =
        (&sample.answers, &sample.prediction)
    else {
        panic!("not a classification")
    };
    Sample::classes(3, codes, truth)
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        for metric in of_classes().into_iter().chain(of_sorted_classes()).chain(of_cuts()) {
            let (a, b) = (classified(&rows), classified(&shuffled));
            prop_assert!(same(&a.measure(metric.clone()), &b.measure(metric.clone())), "{metric}");
        }
        for metric in OF_NUMBERS {
            for sample in [measured, positive] {
                let (a, b) = (sample(&rows), sample(&shuffled));
                let same = same(&a.measure(json!(metric)), &b.measure(json!(metric)));
                prop_assert!(same, "{metric}");
            }
        }
        for metric in OF_CLUSTERS {
            let (a, b) = (clustered(&rows), clustered(&shuffled));
            prop_assert!(same(&a.measure(json!(metric)), &b.measure(json!(metric))), "{metric}");
        }
        for metric in of_groups() {
            let (a, b) = (grouped(&rows), grouped(&shuffled));
            prop_assert!(same(&a.measure(metric.clone()), &b.measure(metric.clone())), "{metric}");
        }
    }

    #[test]
    fn values_stay_in_their_range(rows in rows()) {
        let classes = of_classes().into_iter().chain(of_sorted_classes()).chain(of_cuts());
        let groups = of_groups().into_iter().map(|metric| (grouped(&rows), metric));
        let classes = classes.map(|metric| (classified(&rows), metric));
        let numbers = OF_NUMBERS.map(|name| (measured(&rows), json!(name)));
        let amounts = OF_NUMBERS.map(|name| (positive(&rows), json!(name)));
        let clusters = OF_CLUSTERS.map(|name| (clustered(&rows), json!(name)));
        for (sample, metric) in classes.chain(numbers).chain(amounts).chain(clusters).chain(groups) {
            let kind = super::samples::metric_of(metric.clone());
            let (low, high) = kind.kind().about().range;
            if let Ok(value) = sample.measure(metric.clone()) {
                prop_assert!(low <= value && value <= high, "{metric}: {value}");
            }
        }
    }

    #[test]
    fn a_row_that_weighs_two_counts_as_two(rows in rows(), weights in vec(0..4_u8, 40)) {
        let mut repeated = Vec::new();
        for (row, weight) in rows.iter().zip(&weights) {
            repeated.extend(std::iter::repeat_n(*row, usize::from(*weight)));
        }
        let weights: Vec<f64> = weights.iter().take(rows.len()).map(|each| f64::from(*each)).collect();
        let small: Vec<f64> = weights.iter().map(|each| each * 1e-250).collect();
        for metric in of_labels() {
            let counted = classified(&repeated).measure(metric.clone());
            let weighed = classified(&rows).weighted(&weights).measure(metric.clone());
            prop_assert!(same(&counted, &weighed), "{metric}: {counted:?} {weighed:?}");
            let light = classified(&rows).weighted(&small).measure(metric.clone());
            prop_assert!(same(&counted, &light), "{metric}: {counted:?} {light:?}");
        }
    }

    #[test]
    fn groups_and_clusters_change_places(rows in rows()) {
        let sample = grouped(&rows);
        let codes: Vec<u32> = match &sample.prediction {
            Prediction::Clusters { codes, .. } => codes.iter().map(|code| code.unwrap_or(9)).collect(),
            Prediction::Values(_) | Prediction::Codes { .. } => panic!("not a clustering"),
        };
        let Answers::Codes(truth) = &sample.answers else { panic!("no groups") };
        let turned: Vec<Option<u32>> = truth.iter().copied().map(Some).collect();
        let turned = Sample::groups(&codes, &turned);
        for metric in of_groups() {
            let there = sample.measure(metric.clone());
            let back = match metric.as_str() {
                Some("homogeneity") => turned.measure(json!("completeness")),
                Some("completeness") => turned.measure(json!("homogeneity")),
                _ if metric.to_string().contains("beta") => continue,
                _ => turned.measure(metric.clone()),
            };
            prop_assert!(there.is_err() || back.is_err() || same(&there, &back), "{metric}");
        }
    }

    #[test]
    fn names_of_classes_and_clusters_do_not_matter(rows in rows()) {
        let renamed: Vec<_> = rows
            .iter()
            .map(|(class, [a, b, c], numbers)| ((class + 1) % 3, [*c, *a, *b], *numbers))
            .collect();
        // The first of equally probable classes is predicted, so ties would tell the names apart.
        let (mut a, mut b) = (classified(&rows), classified(&renamed));
        if let (Prediction::Codes { codes: old, .. }, Prediction::Codes { codes: new, .. }) =
            (&mut a.prediction, &mut b.prediction)
        {
            *new = old.iter().map(|code| (code + 1) % 3).collect();
        }
        for metric in of_classes().into_iter().filter(|metric| !metric.to_string().contains("class\":1")) {
            prop_assert!(same(&a.measure(metric.clone()), &b.measure(metric.clone())), "{metric}");
        }
        let mut clusters = clustered(&rows);
        let before = clusters.measure(json!("silhouette"));
        if let Prediction::Clusters { codes, .. } = &mut clusters.prediction {
            for code in codes.iter_mut().flatten() {
                *code = 100 - 7 * *code;
            }
        }
        prop_assert!(same(&before, &clusters.measure(json!("silhouette"))));
    }

    #[test]
    fn truth_and_prediction_change_places(rows in rows()) {
        let sample = classified(&rows);
        let swapped = swapped(&sample);
        let both = |there: Json, back: Json| (sample.measure(there), swapped.measure(back));
        for metric in [json!("accuracy"), json!({ "f1": { "average": "macro" } })] {
            let (a, b) = both(metric.clone(), metric);
            prop_assert!(same(&a, &b));
        }
        // One class is undefined in the truth and no correlation in the prediction.
        let (a, b) = both(json!("matthews"), json!("matthews"));
        prop_assert!(a.is_err() || b.is_err() || same(&a, &b));
        let parameters = json!({ "class": 2 });
        let (a, b) = both(json!({ "precision": parameters }), json!({ "recall": parameters }));
        prop_assert_eq!(a.is_err(), b.is_err());
        prop_assert!(a.is_err() || same(&a, &b));
    }

    #[test]
    fn the_area_of_turned_scores_is_the_rest(
        truth in vec(0..2_u32, 2..60),
        scores in vec(0..20_u8, 60),
    ) {
        let scores: Vec<f64> = scores.iter().take(truth.len()).map(|s| f64::from(*s) / 20.0).collect();
        let turned: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let a = Sample::scores(&truth, &scores).measure(json!("roc_auc"));
        let b = Sample::scores(&truth, &turned).measure(json!("roc_auc"));
        prop_assert!(same(&a, &b.map(|area| 1.0 - area)));
    }

    #[test]
    fn errors_scale_with_the_unit(rows in rows(), shift in -1e3..1e3_f64) {
        let of = |unit: f64, shift: f64, name: &str| {
            let numbers = |at: usize| -> Vec<f64> {
                rows.iter().map(|(.., numbers)| numbers[at] * unit + shift).collect()
            };
            Sample::values(&numbers(0), &numbers(1)).measure(json!(name))
        };
        let close = |a: Value, b: Value| match (a, b) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
            (a, b) => a.is_err() && b.is_err(),
        };
        prop_assert!(close(of(4.0, shift, "mae"), of(1.0, 0.0, "mae").map(|v| 4.0 * v)));
        prop_assert!(close(of(4.0, shift, "mse"), of(1.0, 0.0, "mse").map(|v| 16.0 * v)));
        prop_assert!(close(of(4.0, shift, "rmse"), of(1.0, 0.0, "rmse").map(|v| 4.0 * v)));
        prop_assert!(rows.len() < 2 || close(of(4.0, shift, "r2"), of(1.0, 0.0, "r2")));
    }
}

#[test]
fn no_rows_are_undefined_and_never_a_panic() {
    let empty = Array2::zeros((0, 3));
    for metric in of_groups() {
        assert!(Sample::groups(&[], &[]).measure(metric).is_err());
    }
    for metric in of_classes().into_iter().chain(of_sorted_classes()).chain(of_cuts()) {
        assert!(Sample::probabilities(&[], empty.view()).measure(metric).is_err());
    }
    for name in OF_NUMBERS {
        assert!(Sample::values(&[], &[]).measure(json!(name)).is_err());
    }
    for name in OF_CLUSTERS {
        assert!(Sample::clusters(empty.view(), &[]).measure(json!(name)).is_err());
    }
}
