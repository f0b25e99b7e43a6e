//! Against scikit-learn's optima, the conditions of an optimum, and awkward data.

use linfa::ParamGuard;
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;
use crate::{LinearRegression, Ridge};

fn net(alpha: f64, l1_ratio: f64) -> ElasticNet {
    ElasticNet::new().alpha(alpha).l1_ratio(l1_ratio).tol(1e-10)
}

fn fit(
    parameters: ElasticNet,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> Result<FittedElasticNet, Error> {
    checked(parameters).fit_rows(x.view(), y.view(), &Control::plain())
}

fn objective(
    model: &FittedElasticNet,
    x: &Array2<f64>,
    y: &Array1<f64>,
    (alpha, l1_ratio): (f64, f64),
    weights: &[f64],
) -> f64 {
    let errors = y - &model.predict_rows(x.view());
    let squares: f64 = errors.iter().zip(weights).map(|(e, weight)| weight * e * e).sum();
    let b = model.coefficients();
    squares / (2.0 * weights.iter().sum::<f64>())
        + alpha * l1_ratio * b.mapv(f64::abs).sum()
        + 0.5 * alpha * (1.0 - l1_ratio) * b.dot(b)
}

/// The largest violation of the conditions of an optimum, in units of what the columns and the
/// target are long.
fn violation(
    model: &FittedElasticNet,
    x: &Array2<f64>,
    y: &Array1<f64>,
    (alpha, l1_ratio): (f64, f64),
) -> f64 {
    let n = y.len() as f64;
    let residuals = y - &model.predict_rows(x.view());
    let length = y.std(0.0).max(1e-300);
    x.columns()
        .into_iter()
        .zip(model.coefficients())
        .map(|(column, &b)| {
            let centred = &column - column.mean().unwrap();
            let slope = centred.dot(&residuals) / n - alpha * (1.0 - l1_ratio) * b;
            let miss = if b == 0.0 {
                (slope.abs() - alpha * l1_ratio).max(0.0)
            } else {
                (slope - (alpha * l1_ratio).copysign(b)).abs()
            };
            miss / (column.std(0.0).max(1e-300) * length)
        })
        .fold(0.0, f64::max)
}

/// scikit-learn 1.9.1, `ElasticNet(alpha, l1_ratio, tol=1e-14, max_iter=10**7).fit(X, y)`.
#[test]
fn reaches_scikit_learns_optima() {
    let (x, y) = wine_alcohol();
    let ones = vec![1.0; y.len()];
    for (alpha, l1_ratio, expected) in [
        (0.01, 1.0, 0.14033889679976458),
        (0.01, 0.5, 0.13763418978598624),
        (1e-4, 0.3, 0.13322819142485423),
        (0.1, 0.9, 0.1593416548402759),
    ] {
        for (tol, bound) in [(1e-4, 1e-8), (1e-10, 1e-13)] {
            let model = fit(net(alpha, l1_ratio).tol(tol), &x, &y).unwrap();
            let found = objective(&model, &x, &y, (alpha, l1_ratio), &ones);
            assert_close(&[found], &[expected], bound);
            assert!(model.convergence().converged);
        }
    }
    let model = fit(net(0.01, 1.0).fit_intercept(false), &x, &y).unwrap();
    let found = objective(&model, &x, &y, (0.01, 1.0), &ones);
    assert_close(&[found, model.intercept()], &[0.48064739923701855, 0.0], 1e-13);
    let model = fit(net(0.01, 0.5).sign(Sign::Positive), &x, &y).unwrap();
    let found = objective(&model, &x, &y, (0.01, 0.5), &ones);
    assert_close(&[found, model.intercept()], &[0.14308318854041413, 10.717420355522036], 1e-12);
}

/// As above with `sample_weight=np.arange(178) % 4`.
#[test]
fn reaches_scikit_learns_optimum_with_weights() {
    let (x, y) = wine_alcohol();
    let weights: Vec<f64> = (0..178).map(|row| f64::from(row % 4)).collect();
    let model =
        checked(net(0.01, 0.5)).fit_rows(x.view(), y.view(), &Control::weighted(&weights)).unwrap();
    let found = objective(&model, &x, &y, (0.01, 0.5), &weights);
    assert_close(&[found, model.intercept()], &[0.11359955304174754, 11.05158630814983], 1e-12);
}

/// As above on the first eight rows, `alpha=0.05, l1_ratio=0.7`.
#[test]
fn agrees_with_scikit_learn_with_more_columns_than_rows() {
    let (x, y) = wine_alcohol();
    let rows: Vec<usize> = (0..8).collect();
    let model = fit(net(0.05, 0.7), &x.select(Axis(0), &rows), &y.select(Axis(0), &rows)).unwrap();
    let expected = [
        0.0,
        0.0,
        -0.019818354502860236,
        0.020916135810084047,
        0.0,
        -0.03309771030198441,
        0.0,
        0.0,
        0.0,
        0.0,
        0.050059467389937516,
        0.0016535548665332453,
    ];
    assert_close(model.coefficients(), &expected, 1e-10);
}

/// scikit-learn 1.9.1, `enet_path(X - X.mean(0), y - y.mean(), l1_ratio=0.5, alphas=[1, 0.1, 0.01,
/// 0.001], tol=1e-14, max_iter=10**7)`.
#[test]
fn follows_scikit_learns_path() {
    let (x, y) = wine_alcohol();
    let alphas = [1.0, 0.1, 0.01, 0.001];
    let models =
        checked(net(7.0, 0.5)).path(x.view(), y.view(), &alphas, &Control::plain()).unwrap();
    let expected = [
        [
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.026903352383261286,
            0.0,
            0.0,
            0.0015918157330426707,
        ],
        [
            0.05595886505030828,
            0.0,
            -0.023179404485476333,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.11838501342787905,
            0.0,
            0.0,
            0.001313314443010408,
        ],
        [
            0.11276448285577347,
            0.011759905285218163,
            -0.031956572633978324,
            0.0005520002016359183,
            0.023534368229631775,
            0.03716061458447307,
            0.0,
            -0.11817711942459999,
            0.14993023204922806,
            0.0,
            0.14353443292910237,
            0.0011141162677093454,
        ],
        [
            0.12877296872891864,
            0.11642724208296609,
            -0.03717132793866506,
            0.000186240451928089,
            0.04783610057209654,
            0.016031924422991745,
            -0.13139688826316015,
            -0.14986574699350594,
            0.1612237858576715,
            0.18007456755120868,
            0.16153315689677103,
            0.0010289142961332268,
        ],
    ];
    for (model, expected) in models.iter().zip(expected) {
        assert_close(model.coefficients(), &expected, 1e-10);
    }
    for (model, alpha) in models.iter().zip(alphas) {
        let cold = fit(net(alpha, 0.5), &x, &y).unwrap();
        assert_close(model.coefficients(), &cold.coefficients().to_vec(), 1e-10);
    }
}

#[test]
fn refuses_parameters_out_of_range() {
    for alpha in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = ElasticNet::new().alpha(alpha).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "alpha", .. })));
    }
    for ratio in [-0.1, 1.1, f64::NAN] {
        let refused = ElasticNet::new().l1_ratio(ratio).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "l1_ratio", .. })));
    }
    for tol in [-0.1, f64::INFINITY, f64::NAN] {
        let refused = ElasticNet::new().tol(tol).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "tol", .. })));
    }
}

#[test]
fn the_largest_strength_is_the_first_without_coefficients() {
    let (x, y) = wine_alcohol();
    for sign in [Sign::Any, Sign::Positive] {
        let parameters = checked(net(1.0, 0.5).sign(sign));
        let largest = parameters.largest_alpha(x.view(), y.view(), &Control::plain()).unwrap();
        for (factor, empty) in [(1.0 + 1e-12, true), (1.0 - 1e-6, false)] {
            let model = fit(net(largest * factor, 0.5).sign(sign), &x, &y).unwrap();
            assert_eq!(model.coefficients().iter().all(|b| *b == 0.0), empty, "{sign:?} {factor}");
        }
    }
}

#[test]
fn no_penalty_is_least_squares_and_no_absolute_values_is_ridge() {
    let (x, y) = wine_alcohol();
    let squares =
        checked(LinearRegression::new()).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    for (alpha, ratio) in [(0.0, 0.5), (1e-13, 1.0), (1e-200, 0.5)] {
        let model = fit(net(alpha, ratio), &x, &y).unwrap();
        assert!(model.convergence().converged);
        assert_close(model.coefficients(), &squares.coefficients().to_vec(), 1e-9);
    }
    let ridge = checked(Ridge::new().alpha(178.0 * 0.3))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    let model = fit(net(0.3, 0.0), &x, &y).unwrap();
    assert_close(model.coefficients(), &ridge.coefficients().to_vec(), 1e-12);
}

#[test]
fn duplicate_columns_are_one_for_the_lasso_and_share_in_the_elastic_net() {
    let x = uniform(50, 2, 3);
    let twice = x.select(Axis(1), &[0, 1, 0]);
    let y = noisy_values(&x, 3);
    let once = fit(net(0.1, 1.0), &x, &y).unwrap();
    let found = fit(net(0.1, 1.0), &twice, &y).unwrap();
    assert!(found.convergence().converged);
    let b = found.coefficients();
    assert_close(&[b[0] + b[2], b[1]], &once.coefficients().to_vec(), 1e-6);
    let shared = fit(net(0.1, 0.5), &twice, &y).unwrap();
    assert_close(&[shared.coefficients()[0]], &[shared.coefficients()[2]], 1e-7);
}

#[test]
fn a_constant_target_has_no_coefficients() {
    let x = uniform(50, 3, 3);
    for sign in [Sign::Any, Sign::Positive] {
        let model = fit(net(0.1, 0.5).sign(sign), &x, &Array1::from_elem(50, 0.3)).unwrap();
        assert!(model.coefficients().iter().all(|b| *b == 0.0));
        assert_close(&[model.intercept()], &[0.3], 1e-15);
        assert!(model.convergence().converged);
    }
}

#[test]
fn columns_far_from_zero_lose_no_digits() {
    let x = uniform(200, 4, 9);
    let y = noisy_values(&x, 9);
    let near = fit(net(0.05, 0.5), &x, &y).unwrap();
    let far = fit(net(0.05, 0.5), &(&x + 1e6), &y).unwrap();
    assert_close(far.coefficients(), &near.coefficients().to_vec(), 1e-9);
}

#[test]
fn awkward_tables_give_finite_predictions_or_errors() {
    for (name, x) in awkward_tables() {
        let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
        for alpha in [0.0, 1e-300, 1e-3, 1.0, 1e300] {
            for (ratio, sign) in [(0.0, Sign::Positive), (0.5, Sign::Any), (1.0, Sign::Positive)] {
                for scale in [1.0, 1e-150, 1e150] {
                    let parameters = net(alpha, ratio).sign(sign);
                    if let Ok(model) = fit(parameters, &x, &(&y * scale)) {
                        let predicted = model.predict_rows(x.view());
                        let finite = predicted.iter().all(|value| value.is_finite());
                        assert!(finite, "{name} {alpha} {ratio} {scale}: {predicted}");
                        let positive = model.coefficients().iter().all(|b| *b >= 0.0);
                        assert!(positive || sign == Sign::Any);
                    }
                }
            }
        }
    }
}

#[test]
fn training_that_is_cut_short_says_so() {
    let (x, y) = wine_alcohol();
    let model = fit(net(1e-3, 0.9).max_iter(1), &x, &y).unwrap();
    assert!(!model.convergence().converged);
    assert_eq!(model.convergence().iterations, 1);
}

#[test]
fn many_columns_are_handled_and_a_raised_flag_stops() {
    let x = uniform(300, 400, 8);
    let y = noisy_values(&x.slice(ndarray::s![.., ..40]).to_owned(), 8);
    for (alpha, ratio) in [(0.2, 1.0), (0.02, 0.5), (1e-3, 0.9)] {
        let model = fit(net(alpha, ratio), &x, &y).unwrap();
        assert!(model.convergence().converged, "{:?}", model.convergence());
        assert!(violation(&model, &x, &y, (alpha, ratio)) < 1e-6);
    }
    let stopped = checked(net(0.1, 0.5)).fit_rows(
        x.view(),
        y.view(),
        &Control { weights: None, stop: &|| true },
    );
    assert!(matches!(stopped, Err(Error::Stopped)));
}

/// Products with the digits of `f32` lead to the optimum as well, or are made anew where columns
/// nearly depend on each other.
#[test]
fn many_columns_lose_no_digits() {
    for near in [1.0, 1e-3, 1e-5] {
        let mut x = uniform(800, 300, 21);
        let sum = &x.column(0) + &(&x.column(1) * near);
        x.column_mut(1).assign(&sum);
        let y = noisy_values(&x, 21);
        for (alpha, ratio) in [(1e-3, 1.0), (1e-3, 0.5), (1e-5, 0.9)] {
            let model = fit(net(alpha, ratio).max_iter(100_000), &x, &y).unwrap();
            assert!(model.convergence().converged, "{near} {:?}", model.convergence());
            let missed = violation(&model, &x, &y, (alpha, ratio));
            assert!(missed < 1e-6, "{near}: {missed:e}");
        }
    }
}

/// Nearly all columns take part, so that the descent is over the rows: to the same optimum as over
/// the products, along a path and with weights.
#[test]
fn many_columns_that_take_part_reach_the_same_optimum() {
    let x = uniform(2100, 290, 5);
    let y = noisy_values(&x, 5);
    for (ratio, sign) in [(1.0, Sign::Any), (0.5, Sign::Any), (0.7, Sign::Positive)] {
        let parameters = checked(net(1.0, ratio).sign(sign));
        let alphas = [1e-2, 1e-3, 1e-4];
        let models = parameters.path(x.view(), y.view(), &alphas, &Control::plain()).unwrap();
        for (model, alpha) in models.iter().zip(alphas) {
            assert!(model.convergence().converged, "{:?}", model.convergence());
            let missed = violation(model, &x, &y, (alpha, ratio));
            assert!(sign == Sign::Positive || missed < 1e-9, "{alpha} {ratio}: {missed:e}");
            let cold = fit(net(alpha, ratio).sign(sign), &x, &y).unwrap();
            assert_close(cold.coefficients(), &model.coefficients().to_vec(), 1e-8);
        }
    }
    let (weights, repeated) = whole_weights(2100, 5);
    let weighted =
        checked(net(1e-3, 0.5)).fit_rows(x.view(), y.view(), &Control::weighted(&weights)).unwrap();
    let plain =
        fit(net(1e-3, 0.5), &x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated)).unwrap();
    assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-8);
}

#[test]
fn rows_of_weight_zero_do_not_count_however_far_out() {
    let mut x = uniform(50, 3, 16);
    let mut y = noisy_values(&x, 16);
    let tail = |x: &Array2<f64>| x.slice(ndarray::s![1.., ..]).to_owned();
    let expected = fit(net(0.1, 0.5), &tail(&x), &y.slice(ndarray::s![1..]).to_owned()).unwrap();
    x.row_mut(0).fill(1e300);
    y[0] = -1e300;
    let mut weights = vec![1.0; 50];
    weights[0] = 0.0;
    let found =
        checked(net(0.1, 0.5)).fit_rows(x.view(), y.view(), &Control::weighted(&weights)).unwrap();
    assert_close(found.coefficients(), &expected.coefficients().to_vec(), 1e-12);
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (rows, columns) in [(5000, 30), (60, 300), (900, 200), (800, 300), (5000, 330)] {
        let x = uniform(rows, columns, 12);
        let y = noisy_values(&x, 12);
        assert_same_bits(|| fit(net(0.01, 0.5), &x, &y).unwrap().coefficients().to_vec());
    }
}

#[test]
fn linfas_dataset_gives_the_same_model() {
    use linfa::traits::{Fit, Predict};
    let data = linfa::Dataset::new(array![[0.0], [1.0], [2.0]], array![1.0, 3.0, 5.0]);
    let model = checked(net(0.0, 0.5)).fit(&data).unwrap();
    assert_close(&model.predict(&array![[3.0]]), &[7.0], 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), columns in 1_usize..40) {
        let x = uniform(20, columns, seed);
        let y = noisy_values(&x, seed);
        let (weights, repeated) = whole_weights(20, seed);
        let weighted = checked(net(0.05, 0.5))
            .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
            .unwrap();
        let plain =
            fit(net(0.05, 0.5), &x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated))
                .unwrap();
        assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-8);
    }

    #[test]
    fn the_conditions_of_an_optimum_hold(
        seed in any::<u64>(),
        columns in 1_usize..60,
        ratio in 0.01_f64..1.0,
        strength in -4_i32..0,
        exponent in -6_i32..6,
    ) {
        let mut x = uniform(40, columns, seed);
        x.column_mut(0).mapv_inplace(|value| value * 10_f64.powi(exponent));
        let y = noisy_values(&x, seed);
        let alpha = 10_f64.powi(strength);
        let model = fit(net(alpha, ratio).max_iter(100_000), &x, &y).unwrap();
        let missed = violation(&model, &x, &y, (alpha, ratio));
        assert!(missed < 1e-6, "{missed:e} {:?}", model.convergence());
        assert!(model.convergence().converged, "{:?}", model.convergence());
    }
}
