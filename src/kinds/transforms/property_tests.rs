//! What holds for every step on numbers, whatever the rows: tried on rows by chance.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::numbers::transformed;
use super::{AnyTransform, Transform};

fn steps() -> Vec<(AnyTransform, Value)> {
    [
        json!("standardize"),
        json!({ "min_max": { "clip": true } }),
        json!({ "min_max": { "min": -3, "max": 5 } }),
        json!("max_abs"),
        json!("robust"),
        json!({ "robust": { "low": 0.0, "high": 1.0 } }),
        json!({ "normalize": { "norm": "l1" } }),
        json!("normalize"),
        json!({ "normalize": { "norm": "max" } }),
        json!({ "clip": { "lower": 0.1, "upper": 0.6 } }),
        json!({ "clip": { "lower": 0.5, "max": -2 } }),
        json!("bin"),
        json!({ "bin": { "n_bins": 3, "strategy": "uniform" } }),
        json!({ "polynomial": { "degree": 3 } }),
        json!("drop_constant"),
        json!("pca"),
        json!({ "pca": { "variance": 0.5 } }),
    ]
    .into_iter()
    .map(|spec| (serde_json::from_value(spec.clone()).expect("a step"), spec))
    .collect()
}

/// A number as tables hold them: often the same one, sometimes huge or tiny.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => Just(0.0),
        3 => Just(0.3),
        3 => (-5_i32..5).prop_map(f64::from),
        3 => -1e3..1e3,
        1 => -1e90..1e90,
        1 => -1e-90..1e-90,
    ]
}

/// Three columns of twelve numbers, the first constant; and other last four rows.
fn columns() -> impl Strategy<Value = (Vec<Vec<f64>>, Vec<Vec<f64>>)> {
    let column = |rows: usize| prop::collection::vec(number(), rows);
    let constant = (number(), column(4)).prop_map(|(value, test)| [vec![value; 8], test].concat());
    let columns = (constant, column(12), column(12)).prop_map(|(a, b, c)| vec![a, b, c]);
    (columns, prop::collection::vec(column(4), 3))
}

fn apply(step: &dyn Transform, columns: &[Vec<f64>]) -> Vec<(String, Vec<f64>)> {
    let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    transformed(step, &columns, 8)
}

proptest! {
    #[test]
    fn finite_numbers_stay_finite((columns, _) in columns()) {
        for (step, spec) in steps() {
            prop_assert!(step.kind().check().is_empty(), "{spec}");
            for (name, values) in apply(step.kind(), &columns) {
                prop_assert_eq!(values.len(), 12);
                // Products of three huge values are infinite, and known to be.
                let fine = |value: &f64| value.is_finite() || step.name() == "polynomial";
                prop_assert!(values.iter().all(fine), "{} of {}: {:?}", name, spec, values);
                prop_assert!(!values.iter().any(|value| value.is_nan()), "{} of {}", name, spec);
            }
        }
    }

    #[test]
    fn the_test_rows_teach_nothing((columns, others) in columns()) {
        let changed: Vec<Vec<f64>> = columns
            .iter()
            .zip(&others)
            .map(|(column, other)| [&column[..8], other].concat())
            .collect();
        for (step, spec) in steps() {
            let (one, other) = (apply(step.kind(), &columns), apply(step.kind(), &changed));
            prop_assert_eq!(one.len(), other.len());
            for ((name, one), (_, other)) in one.into_iter().zip(other) {
                let same = one[..8].iter().zip(&other[..8]).all(|(a, b)| a.to_bits() == b.to_bits());
                prop_assert!(same, "{} of {}: {:?} {:?}", name, spec, one, other);
            }
        }
    }
}
