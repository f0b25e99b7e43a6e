//! Tests of the area under the ROC curve.

use super::super::samples::{Sample, assert_close, by_data, problems, words};
use super::*;
use ndarray::array;
use serde_json::json;

#[test]
fn the_schemas_list_what_is_decoded() {
    for (name, _) in MultiClass::ALL {
        let multi_class = serde_json::from_value::<MultiClass>(json!(name)).unwrap();
        assert_eq!(multi_class.to_string(), name);
    }
    for (name, _) in RocAverage::ALL {
        serde_json::from_value::<RocAverage>(json!(name)).unwrap();
    }
}

fn ranking(scores: &[(f64, bool)]) -> Ranking {
    Ranking::new(scores.len(), |row| {
        let (score, of_class) = scores[row];
        (score, if of_class { Side::OfClass } else { Side::Rest })
    })
}

#[test]
fn ties_count_half() {
    let of = |scores: &[(f64, bool)]| area(&ranking(scores));
    assert_eq!(of(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)]), Some(0.75));
    assert_eq!(of(&[(0.5, false), (0.5, true), (0.5, false)]), Some(0.5));
    assert_eq!(of(&[(0.0, true), (-0.0, false)]), Some(0.5));
    assert_eq!(of(&[(1.0, false), (0.0, true)]), Some(0.0));
    assert_eq!(of(&[(1.0, true)]), None);
    assert_eq!(of(&[]), None);
}

#[test]
fn the_area_equals_the_count_of_pairs() {
    let scores: Vec<(f64, bool)> =
        (0..200_u32).map(|i| (f64::from(i * 7919 % 31), i * 31 % 7 < 3)).collect();
    let mut won = 0.0;
    let mut pairs = 0.0;
    for (right, _) in scores.iter().filter(|(_, of_class)| *of_class) {
        for (wrong, _) in scores.iter().filter(|(_, of_class)| !of_class) {
            pairs += 1.0;
            won += match right.total_cmp(wrong) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    assert_eq!(area(&ranking(&scores)), Some(won / pairs));
}

#[test]
fn two_classes_agree_on_both_sides() {
    let sample = Sample::scores(&[0, 0, 1, 1], &[0.125, 0.5, 0.375, 0.875]);
    for parameters in [
        json!({}),
        json!({ "class": 0 }),
        json!({ "multi_class": "ovr" }),
        json!({ "multi_class": "ovo", "average": "weighted" }),
    ] {
        assert_close(sample.measure(json!({ "roc_auc": parameters })), 0.75);
    }
}

#[test]
fn one_against_one_looks_at_the_rows_of_the_pair_alone() {
    let probabilities =
        array![[0.6, 0.2, 0.2], [0.3, 0.3, 0.4], [0.4, 0.4, 0.2], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]];
    let sample = Sample::probabilities(&[0, 0, 1, 1, 2], probabilities.view());
    // Pair 0-1: 3 of 4 by p0 and 4 of 4 by p1; pairs 0-2 and 1-2: p1 ties in none, all apart.
    let pairs = [(0.75 + 1.0) / 2.0, 1.0, 1.0];
    assert_close(
        sample.measure(json!({ "roc_auc": { "multi_class": "ovo" } })),
        pairs.iter().sum::<f64>() / 3.0,
    );
    assert_close(
        sample.measure(json!({ "roc_auc": { "multi_class": "ovo", "average": "weighted" } })),
        (4.0 * pairs[0] + 3.0 * pairs[1] + 3.0 * pairs[2]) / 10.0,
    );
}

#[test]
fn one_sided_rows_are_undefined_by_the_data() {
    let of = |truth: &[u32]| Sample::scores(truth, &[0.2, 0.7]).measure(json!("roc_auc"));
    assert_eq!(by_data(of(&[1, 1])), "all judged rows are of class 1");
    assert_eq!(by_data(of(&[0, 0])), "no judged row is of class 1");
    let probabilities = array![[0.6, 0.2, 0.2], [0.3, 0.6, 0.1]];
    let sample = Sample::probabilities(&[0, 1], probabilities.view());
    for multi_class in ["ovr", "ovo"] {
        let reason = by_data(sample.measure(json!({ "roc_auc": { "multi_class": multi_class } })));
        let expected =
            format!("no judged row is of class 2, which `multi_class: {multi_class}` compares");
        assert_eq!(reason, expected);
    }
}

#[test]
fn probabilities_that_are_not_numbers_are_refused() {
    let sample = Sample::scores(&[0, 1, 1], &[0.2, 0.7, f64::NAN]);
    assert_eq!(
        by_data(sample.measure(json!("roc_auc"))),
        "a probability in judged row 3 is not a finite number"
    );
    let without = Sample::classes(2, &[0, 1], &[0, 1]);
    assert_eq!(by_data(without.measure(json!("roc_auc"))), "the model gives no probabilities");
}

#[test]
fn parameters_are_checked() {
    let (two, three) = (words(&["no", "yes"]), words(&["a", "b", "c"]));
    let unknown = Setting { classes: None, positive: None };
    let binary = Setting { classes: Some(&two), positive: None };
    let many = Setting { classes: Some(&three), positive: None };
    let codes = |parameters, setting: &Setting<'_>| {
        let found = problems(json!({ "roc_auc": parameters }), setting);
        found.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(json!({}), &unknown), []);
    assert_eq!(codes(json!({}), &binary), [Code::MetricNeedsPositive]);
    assert_eq!(codes(json!({ "class": "yes" }), &binary), []);
    assert_eq!(codes(json!({}), &many), [Code::MetricNeedsAverage]);
    assert_eq!(codes(json!({ "class": "d" }), &many), [Code::UnknownClass]);
    assert_eq!(codes(json!({ "multi_class": "ovo", "average": "weighted" }), &many), []);
    assert_eq!(codes(json!({ "multi_class": "ovr", "average": "micro" }), &many), []);
}
