use linfa::ParamGuard;
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

fn fit(alpha: f64, x: &Array2<f64>, y: &Array1<f64>) -> FittedHuber {
    checked(Huber::new().alpha(alpha)).fit_rows(x.view(), y.view(), &Control::plain()).unwrap()
}

/// The diabetes table, standardized, with outliers on both sides.
fn outliers() -> (Array2<f64>, Array1<f64>) {
    let (x, mut y) = diabetes();
    y.iter_mut().step_by(17).for_each(|value| *value += 1000.0);
    y.iter_mut().skip(5).step_by(29).for_each(|value| *value -= 2000.0);
    (standardized(&x), y)
}

/// The minimum of scikit-learn 1.9.1's `_huber_loss_and_gradient`, where `scipy.optimize.root` of its
/// gradient ends when begun at `HuberRegressor(epsilon, alpha, fit_intercept).fit(X, y, sample_weight)`,
/// which is off by up to 0.01. The weights are `arange(442) % 3 + 0.5`.
#[test]
fn agrees_with_scikit_learn_on_diabetes_with_outliers() {
    let (x, y) = outliers();
    let weights: Vec<f64> = (0..442).map(|row| f64::from(row % 3) + 0.5).collect();
    for ((epsilon, alpha, fit_intercept, weighted), coefficients, intercept, scale) in [
        (
            (1.35, 1e-4, true, false),
            [
                -1.0709839169663988,
                -10.714097229745567,
                25.109956050022742,
                17.209993932723048,
                -35.12510701770056,
                20.721517090257894,
                -0.019256585965992484,
                2.592275654064367,
                38.84587052634556,
                0.2702532855249072,
            ],
            153.09969104482212,
            42.053516793060126,
        ),
        (
            (1.1, 5.0, true, false),
            [
                1.1795763842061877,
                -4.619900841574377,
                16.169345195437312,
                13.308635107191927,
                -0.6857961497933843,
                -2.838386425728999,
                -9.0885146847413,
                5.193814367676743,
                15.017900555826317,
                5.155166819287479,
            ],
            148.4971055512734,
            18.953353227307314,
        ),
        (
            (2.5, 0.5, false, false),
            [
                3.6768544578452516,
                9.137142534384829,
                17.251420309077265,
                19.367832479620017,
                -7.882374279088291,
                -5.195944697493759,
                -8.479628187973539,
                6.474264242040796,
                15.318740877437426,
                -1.986924233476744,
            ],
            0.0,
            239.5731073242278,
        ),
        (
            (1.35, 0.1, true, true),
            [
                -1.2057372473663106,
                -10.547516090286308,
                25.202722293972563,
                13.997176487951362,
                -19.319664995657778,
                9.933056108409849,
                -7.415095277718328,
                1.675184852348969,
                31.763322209045622,
                0.013445633187161458,
            ],
            154.12366719673787,
            42.31685379353995,
        ),
    ] {
        let parameters =
            Huber::new().epsilon(epsilon).alpha(alpha).fit_intercept(fit_intercept).tol(1e-9);
        let control = if weighted { Control::weighted(&weights) } else { Control::plain() };
        let model = checked(parameters).fit_rows(x.view(), y.view(), &control).unwrap();
        assert!(model.convergence().converged, "{:?}", model.convergence());
        assert!(model.convergence().iterations < 30, "{:?}", model.convergence());
        assert_close(model.coefficients(), &coefficients, 1e-9);
        assert_close([&model.intercept(), &model.scale()], &[intercept, scale], 1e-9);
    }
}

#[test]
fn points_on_a_line_are_met_whatever_some_others_are() {
    let x = uniform(200, 3, 1);
    let mut y = x.dot(&array![2.0, -1.0, 0.5]) + 7.0;
    for row in 0..20 {
        y[5 * row] += if row % 2 == 0 { 1e4 } else { -1e7 };
    }
    let model = fit(0.0, &x, &y);
    assert!(model.convergence().converged, "{:?}", model.convergence());
    assert_close(model.coefficients(), &[2.0, -1.0, 0.5], 1e-6);
    assert_close([&model.intercept()], &[7.0], 1e-6);
}

#[test]
fn few_far_residuals_are_least_squares() {
    let x = uniform(60, 3, 5);
    let y = noisy_values(&x, 5);
    let model = checked(Huber::new().epsilon(1e6).alpha(0.0))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    let expected = checked(crate::LinearRegression::new())
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    assert_close(model.coefficients(), &expected.coefficients().to_vec(), 1e-10);
    let residuals = &y - &expected.predict_rows(x.view());
    assert_close([&model.scale()], &[(residuals.dot(&residuals) / 60.0).sqrt()], 1e-10);
}

#[test]
fn few_iterations_are_said_to_be_few() {
    let (x, y) = outliers();
    let parameters = checked(Huber::new().max_iter(1).tol(1e-12));
    let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    assert!(!model.convergence().converged);
    assert_eq!(model.convergence().iterations, 1);
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
                for epsilon in [1.0, 1.35, 1e10] {
                    let parameters = checked(Huber::new().alpha(alpha).epsilon(epsilon));
                    if let Ok(model) = parameters.fit_rows(x.view(), y.view(), &Control::plain()) {
                        let predicted = model.predict_rows(x.view());
                        let finite = predicted.iter().all(|value| value.is_finite());
                        assert!(finite, "{name}: {predicted}");
                    }
                }
            }
        }
    }
}

#[test]
fn columns_that_say_the_same_share_their_coefficient() {
    let x = uniform(50, 1, 3);
    let y = noisy_values(&x, 3);
    let twice = ndarray::concatenate![Axis(1), x, x];
    for alpha in [0.0, 0.1] {
        let one = fit(alpha / 2.0, &x, &y);
        let half = one.coefficients()[0] / 2.0;
        let two = fit(alpha, &twice, &y);
        assert!(two.convergence().converged, "{:?}", two.convergence());
        assert_close(two.coefficients(), &[half, half], 1e-6);
    }
}

#[test]
fn refuses_parameters_out_of_range() {
    for (name, parameters) in [
        ("epsilon", Huber::new().epsilon(0.9)),
        ("epsilon", Huber::new().epsilon(f64::NAN)),
        ("alpha", Huber::new().alpha(-1.0)),
        ("tol", Huber::new().tol(f64::INFINITY)),
    ] {
        let refused = parameters.check();
        assert!(matches!(refused, Err(Error::Parameter { name: found, .. }) if found == name));
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(5000, 5, 12);
    let y = noisy_values(&x, 12);
    assert_same_bits(|| fit(0.3, &x, &y).coefficients().to_vec());
}

#[test]
fn a_raised_stop_flag_ends_the_training() {
    let (x, y) = outliers();
    let control = Control { weights: None, stop: &|| true };
    let stopped = checked(Huber::new()).fit_rows(x.view(), y.view(), &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), columns in 1_usize..6) {
        let x = uniform(30, columns, seed);
        let y = noisy_values(&x, seed).mapv(|value| value.powi(3));
        let (weights, repeated) = whole_weights(30, seed);
        let weighted = checked(Huber::new().alpha(0.01))
            .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
            .unwrap();
        let plain = fit(0.01, &x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated));
        prop_assert!(weighted.convergence().converged);
        assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-8);
    }
}
