use ndarray::{Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

/// The first column of the breast cancer table as a score of malignant tumours.
fn radius() -> (Vec<f64>, Vec<bool>) {
    let (x, codes) = table("breast_cancer");
    (x.column(0).to_vec(), codes.iter().map(|&code| code == 1).collect())
}

fn cycling_weights(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| 1.0 + (row % 3) as f64).collect()
}

/// scikit-learn 1.9.1, `_SigmoidCalibration().fit(radius, malignant, w)`: `-a_`, `-b_` and
/// `predict([10, 15, 20])`; its optimiser stops at a gradient of 1e-6.
#[test]
fn the_sigmoid_agrees_with_scikit_learn() {
    let (scores, truth) = radius();
    let weights = cycling_weights(scores.len());
    for (control, slope, intercept, expected) in [
        (
            Control::plain(),
            0.990163163360471,
            -14.631479407209259,
            [0.008750566384746711, 0.5550183283394419, 0.9943575801744884],
        ),
        (
            Control::weighted(&weights),
            1.0021141467360866,
            -14.791655684598412,
            [0.008404781423451359, 0.5597275768091025, 0.9947831305278637],
        ),
    ] {
        let sigmoid = Sigmoid::fit(&scores, &truth, &control).unwrap();
        assert_close([&sigmoid.slope(), &sigmoid.intercept()], &[slope, intercept], 1e-6);
        assert_close(&sigmoid.apply(&[10.0, 15.0, 20.0]), &expected, 1e-7);
    }
}

/// scikit-learn 1.9.1, `IsotonicRegression(out_of_bounds="clip").fit(radius, malignant, w)`.
#[test]
fn the_isotonic_curve_agrees_with_scikit_learn() {
    let (scores, truth) = radius();
    let weights = cycling_weights(scores.len());
    let expected: [[f64; 6]; 2] = [
        [0.0, 0.0, 0.35185185185185186, 0.35185185185185186, 0.9458237840590772, 1.0],
        [0.0, 0.0, 0.37142857142857144, 0.37142857142857144, 0.9196705475621532, 1.0],
    ];
    for (control, expected) in [Control::plain(), Control::weighted(&weights)].iter().zip(expected)
    {
        let curve = Isotonic::fit(&scores, &truth, control).unwrap();
        assert_close(&curve.apply(&[5.0, 10.0, 14.9, 15.03, 17.0, 30.0]), &expected, 1e-12);
    }
}

#[test]
fn two_classes_need_one_column_of_scores() {
    let (scores, truth) = radius();
    let codes: Vec<u32> = truth.iter().map(|&truth| u32::from(truth)).collect();
    let one = Array2::from_shape_vec((scores.len(), 1), scores.clone()).unwrap();
    let mut two = Array2::zeros((scores.len(), 2));
    two.column_mut(1).assign(&one.column(0));
    let of = |scores: &Array2<f64>| {
        let control = Control::plain();
        let calibration =
            Calibration::fit(Method::Sigmoid, scores.view(), &codes, 2, &control).unwrap();
        calibration.apply(scores.view())
    };
    assert_eq!(of(&one), of(&two));
    assert_probabilities(&of(&one));
}

#[test]
fn several_classes_are_divided_by_their_sum() {
    let (x, codes) = table("iris");
    let scores = x.select(Axis(1), &[0, 1, 2]);
    for method in [Method::Sigmoid, Method::Isotonic] {
        let control = Control::plain();
        let calibration = Calibration::fit(method, scores.view(), &codes, 3, &control).unwrap();
        let probabilities = calibration.apply(scores.view());
        assert_probabilities(&probabilities);
        let alone = calibration
            .heads()
            .iter()
            .enumerate()
            .map(|(class, head)| head.apply(&scores.column(class).to_vec())[0]);
        let alone: Vec<f64> = alone.collect();
        let sum: f64 = alone.iter().sum();
        let expected: Vec<f64> = alone.iter().map(|value| value / sum).collect();
        assert_close(probabilities.row(0), &expected, 1e-14);
    }
    // All three curves are 0 here.
    let scores = array![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let fitted = Calibration::fit(
        Method::Isotonic,
        scores.slice(ndarray::s![1.., ..]),
        &[0, 1, 2],
        3,
        &Control::plain(),
    )
    .unwrap();
    assert_close(fitted.apply(scores.view()).row(0), &[1.0 / 3.0; 3], 1e-15);
}

#[test]
fn awkward_scores_give_probabilities() {
    let cases: [(&[f64], &[bool]); 6] = [
        (&[1.0], &[true]),
        (&[3.0, 3.0, 3.0], &[true, false, false]),
        (&[0.0, 1.0, 2.0, 3.0], &[false, false, true, true]),
        (&[-1e300, 1e300, 5.0], &[false, true, true]),
        (&[1e-310, 2e-310, 3e-310], &[false, true, false]),
        (&[1.0, 2.0], &[true, true]),
    ];
    for (scores, truth) in cases {
        for method in [Method::Sigmoid, Method::Isotonic] {
            let fitted = Calibrator::fit(method, scores, truth, &Control::plain()).unwrap();
            for places in [scores, &[f64::MAX, f64::MIN, 0.0]] {
                let found = fitted.apply(places);
                assert!(found.iter().all(|p| (0.0..=1.0).contains(p)), "{scores:?}: {found:?}");
            }
        }
    }
    let equal = Sigmoid::fit(&[3.0; 3], &[true, false, false], &Control::plain()).unwrap();
    // The mean of the targets 2/3, 1/4 and 1/4.
    assert_close(&equal.apply(&[3.0]), &[7.0 / 18.0], 1e-10);
}

#[test]
fn refuses_what_it_cannot_use() {
    for method in [Method::Sigmoid, Method::Isotonic] {
        let fit = |scores: &[f64], truth: &[bool], control: &Control<'_>| {
            Calibrator::fit(method, scores, truth, control).map(|_| ())
        };
        let plain = Control::plain();
        assert!(matches!(fit(&[], &[], &plain), Err(Error::Shape(_))));
        assert!(matches!(fit(&[1.0], &[true, false], &plain), Err(Error::Shape(_))));
        assert!(matches!(fit(&[f64::NAN], &[true], &plain), Err(Error::Shape(_))));
        let weighted = Control::weighted(&[-1.0]);
        assert!(matches!(fit(&[1.0], &[true], &weighted), Err(Error::Weights(_))));
        let stopped = Control { weights: None, stop: &|| true };
        assert!(matches!(fit(&[1.0, 2.0], &[true, false], &stopped), Err(Error::Stopped)));
    }
    let scores = array![[0.0, 1.0]];
    let refused = Calibration::fit(Method::Sigmoid, scores.view(), &[0], 3, &Control::plain());
    assert!(matches!(refused, Err(Error::Shape(_))));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(30_000, 1, 3);
    let truth: Vec<bool> = noisy_codes(&x, 2, 3).iter().map(|&code| code == 1).collect();
    let scores = x.column(0).to_vec();
    for method in [Method::Sigmoid, Method::Isotonic] {
        assert_same_bits(|| {
            Calibrator::fit(method, &scores, &truth, &Control::plain()).unwrap().apply(&scores)
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
        let x = uniform(60, 1, seed);
        let scores = x.column(0).to_vec();
        let truth: Vec<bool> = noisy_codes(&x, 2, seed).iter().map(|&code| code == 1).collect();
        let (weights, repeated) = whole_weights(60, seed);
        for method in [Method::Sigmoid, Method::Isotonic] {
            let weighted =
                Calibrator::fit(method, &scores, &truth, &Control::weighted(&weights)).unwrap();
            let plain = Calibrator::fit(
                method,
                &pick(&scores, &repeated),
                &pick(&truth, &repeated),
                &Control::plain(),
            )
            .unwrap();
            assert_close(&weighted.apply(&scores), &plain.apply(&scores), 1e-9);
        }
    }

    /// At the minimum the probabilities have the mean of the targets, with and without the scores
    /// as factors.
    #[test]
    fn the_moments_of_the_sigmoid_are_those_of_the_targets(seed in any::<u64>(), exponent in -9_i32..9) {
        let x = uniform(50, 1, seed) * 10_f64.powi(exponent);
        let scores = x.column(0).to_vec();
        let truth: Vec<bool> = noisy_codes(&uniform(50, 1, seed), 2, seed).iter().map(|&code| code == 1).collect();
        let trues = truth.iter().filter(|truth| **truth).count() as f64;
        let (low, high) = (1.0 / (52.0 - trues), (trues + 1.0) / (trues + 2.0));
        let found = Sigmoid::fit(&scores, &truth, &Control::plain()).unwrap().apply(&scores);
        let missed: Vec<f64> = found.iter().zip(&truth).map(|(p, &truth)| p - if truth { high } else { low }).collect();
        let by_score: f64 = missed.iter().zip(&scores).map(|(missed, score)| missed * score).sum();
        assert_close([&missed.iter().sum::<f64>(), &(by_score / 10_f64.powi(exponent))], &[0.0, 0.0], 1e-7);
    }
}
