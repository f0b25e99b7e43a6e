use linfa::ParamGuard;
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

fn fit(quantile: f64, alpha: f64, x: &Array2<f64>, y: &Array1<f64>) -> FittedQuantileRegression {
    checked(QuantileRegression::new().quantile(quantile).alpha(alpha))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap()
}

fn objective(
    model: &FittedQuantileRegression,
    (quantile, alpha): (f64, f64),
    (x, y): (&Array2<f64>, &Array1<f64>),
    weights: &[f64],
) -> f64 {
    let residuals = y - &model.predict_rows(x.view());
    let loss = |r: &f64| (quantile * r).max((quantile - 1.0) * r);
    let sum: f64 = residuals.iter().zip(weights).map(|(r, weight)| weight * loss(r)).sum();
    let size: f64 = model.coefficients().iter().map(|b| b.abs()).sum();
    sum / weights.iter().sum::<f64>() + alpha * size
}

/// scikit-learn 1.9.1, `QuantileRegressor(quantile, alpha, solver="highs").fit(X, y)`: the objective,
/// and how many coefficients are not 0.
#[test]
fn agrees_with_scikit_learn_on_diabetes() {
    let (x, y) = diabetes();
    for (quantile, alpha, expected, kept) in [
        (0.1, 0.0, 8.515882905527281, 10),
        (0.1, 0.01, 8.733976518989163, 7),
        (0.1, 1.0, 10.269142238835332, 1),
        (0.5, 0.0, 21.520750342938967, 10),
        (0.5, 0.01, 22.40311183378336, 9),
        (0.5, 1.0, 29.768949466680766, 4),
        (0.9, 0.0, 9.087896783858504, 10),
        (0.9, 0.01, 9.838734514527985, 7),
        (0.9, 1.0, 13.956235377756958, 2),
    ] {
        let model = fit(quantile, alpha, &x, &y);
        let found = objective(&model, (quantile, alpha), (&x, &y), &[1.0; 442]);
        assert!((found / expected - 1.0).abs() < 1e-10, "{quantile} {alpha}: {found} {expected}");
        assert_eq!(model.coefficients().iter().filter(|b| **b != 0.0).count(), kept);
        assert!(model.convergence().converged);
        assert!(model.convergence().iterations < 60, "{:?}", model.convergence());
    }
}

/// As above with `fit_intercept=False` and `sample_weight=arange(442) % 3 + 0.5`.
#[test]
fn agrees_with_scikit_learn_with_weights_and_without_an_intercept() {
    let (x, y) = diabetes();
    let weights: Vec<f64> = (0..442).map(|row| f64::from(row % 3) + 0.5).collect();
    let model = checked(QuantileRegression::new().quantile(0.3).alpha(0.05).fit_intercept(false))
        .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
        .unwrap();
    let expected = [
        -0.01088276,
        0.0,
        4.40642533,
        0.37673604,
        1.39374216,
        -1.38937805,
        -2.38173523,
        0.0,
        0.0,
        -0.20442013,
    ];
    assert_close(model.coefficients(), &expected, 1e-7);
    let found = objective(&model, (0.3, 0.05), (&x, &y), &weights);
    assert_close([&found], &[19.5408540332251], 1e-11);
}

#[test]
fn a_constant_model_is_the_quantile_of_the_target() {
    let x = Array2::zeros((5, 1));
    let y = array![3.0, 1.0, 1e12, 2.0, 5.0];
    for (quantile, expected) in [(0.1, 1.0), (0.5, 3.0), (0.7, 5.0), (0.9, 1e12)] {
        let model = fit(quantile, 1.0, &x, &y);
        assert_close([&model.intercept()], &[expected], 1e-9);
    }
    // Between two medians lies one.
    let even = fit(0.5, 1.0, &x.slice(ndarray::s![..2, ..]).to_owned(), &array![1.0, 3.0]);
    assert!(even.intercept() > 1.5 && even.intercept() < 2.5, "{}", even.intercept());
}

#[test]
fn points_on_a_line_are_met_whatever_some_others_are() {
    let x = uniform(200, 3, 1);
    let mut y = x.dot(&array![2.0, -1.0, 0.5]) + 7.0;
    for row in 0..40 {
        y[5 * row] += if row % 2 == 0 { 1e6 } else { -1e9 };
    }
    let model = fit(0.5, 0.0, &x, &y);
    assert_close(model.coefficients(), &[2.0, -1.0, 0.5], 1e-5);
    assert_close([&model.intercept()], &[7.0], 1e-5);
}

#[test]
fn awkward_tables_give_finite_predictions_or_errors() {
    for (name, x) in awkward_tables() {
        for y in [
            Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64),
            Array1::from_elem(x.nrows(), 4.0),
            Array1::from_shape_fn(x.nrows(), |i| 1e150 * (i % 7) as f64),
            Array1::from_shape_fn(x.nrows(), |i| if i == 0 { f64::MAX } else { 1e-300 }),
        ] {
            for alpha in [0.0, 1e-300, 1e-3, 1.0, 1e300] {
                let parameters = checked(QuantileRegression::new().alpha(alpha).quantile(0.2));
                if let Ok(model) = parameters.fit_rows(x.view(), y.view(), &Control::plain()) {
                    let predicted = model.predict_rows(x.view());
                    assert!(predicted.iter().all(|value| value.is_finite()), "{name}: {predicted}");
                }
            }
        }
    }
}

#[test]
fn columns_that_say_the_same_share_their_coefficient() {
    let x = uniform(51, 1, 3);
    let y = noisy_values(&x, 3);
    let twice = ndarray::concatenate![Axis(1), x, x];
    let (one, two) = (fit(0.5, 0.0, &x, &y), fit(0.5, 0.0, &twice, &y));
    assert_close([&two.coefficients().sum()], &[one.coefficients()[0]], 1e-9);
    assert!(two.coefficients().iter().all(|b| *b > 0.4));
}

#[test]
fn refuses_parameters_out_of_range() {
    for quantile in [0.0, 1.0, -0.5, f64::NAN] {
        let refused = QuantileRegression::new().quantile(quantile).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "quantile", .. })));
    }
    for alpha in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = QuantileRegression::new().alpha(alpha).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "alpha", .. })));
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(5000, 5, 12);
    let y = noisy_values(&x, 12);
    assert_same_bits(|| fit(0.3, 0.001, &x, &y).coefficients().to_vec());
}

#[test]
fn a_raised_stop_flag_ends_the_training() {
    let x = uniform(50, 3, 2);
    let y = noisy_values(&x, 2);
    let control = Control { weights: None, stop: &|| true };
    let stopped = checked(QuantileRegression::new()).fit_rows(x.view(), y.view(), &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), columns in 1_usize..6) {
        let x = uniform(30, columns, seed);
        let y = noisy_values(&x, seed);
        let (weights, repeated) = whole_weights(30, seed);
        let weighted = checked(QuantileRegression::new().alpha(0.01))
            .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
            .unwrap();
        let plain = fit(0.5, 0.01, &x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated));
        assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-6);
    }

    /// The share of rows below the plane is the quantile, up to the rows on it.
    #[test]
    fn the_quantile_of_the_rows_lies_below(seed in any::<u64>(), quantile in 0.05..0.95) {
        let x = uniform(200, 4, seed);
        let y = noisy_values(&x, seed);
        let residuals = &y - &fit(quantile, 0.0, &x, &y).predict_rows(x.view());
        let below = residuals.iter().filter(|r| **r < -1e-7).count() as f64;
        let above = residuals.iter().filter(|r| **r > 1e-7).count() as f64;
        prop_assert!(below <= 200.0 * quantile && above <= 200.0 * (1.0 - quantile));
        prop_assert!(below + above >= 195.0, "{below} {above}");
    }
}
