use linfa::ParamGuard;
use ndarray::{Array2, Axis, ShapeBuilder, array, s};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

/// Three columns of the wine table with alcohol above 10 percent as a target above 0, and with its
/// rounding as a count.
fn wine() -> (Array2<f64>, Array1<f64>, Array1<f64>) {
    let (wine, _) = table("wine");
    let y = wine.column(0).mapv(|value| value - 10.0);
    let counts = y.mapv(|value| (value - 1.0).round_ties_even().max(0.0));
    (wine.slice(s![.., 1..4]).to_owned(), y, counts)
}

fn fit(
    parameters: GeneralizedLinear,
    x: &Array2<f64>,
    y: &Array1<f64>,
    weights: Option<&[f64]>,
) -> Result<FittedGeneralizedLinear, Error> {
    let control = Control { weights, ..Control::plain() };
    parameters.check()?.fit_rows(x.view(), y.view(), &control)
}

/// Half the unit deviance.
fn half_deviance(y: f64, mean: f64, power: f64) -> f64 {
    if power == 0.0 {
        0.5 * (y - mean).powi(2)
    } else if power == 1.0 {
        (if y > 0.0 { y * (y / mean).ln() } else { 0.0 }) - y + mean
    } else if power == 2.0 {
        (mean / y).ln() + y / mean - 1.0
    } else {
        y.powf(2.0 - power) / ((1.0 - power) * (2.0 - power))
            - y * mean.powf(1.0 - power) / (1.0 - power)
            + mean.powf(2.0 - power) / (2.0 - power)
    }
}

/// scikit-learn 1.9.1, `TweedieRegressor(power=p, link=link, alpha=alpha, fit_intercept=fi,
/// solver="newton-cholesky", tol=1e-12).fit(X, y, sample_weight=w)` on the target or the counts of
/// [`wine`], `w` none or 1, 2, 3, 1, ...: coefficients, intercept, objective.
#[test]
fn agrees_with_scikit_learn() {
    type Case = (f64, Link, f64, bool, bool, bool, [f64; 3], f64, f64);
    let cases: [Case; 11] = [
        (
            0.0,
            Link::Auto,
            1.0,
            false,
            false,
            true,
            [0.07370121111020105, 0.06948167339294059, -0.07802415517167718],
            4.185073247734806,
            0.29028669586639466,
        ),
        (
            1.0,
            Link::Auto,
            1.0,
            true,
            false,
            true,
            [0.047365122581581834, 0.07063110655769547, -0.04284634241495513],
            1.2309121411022952,
            0.18834573635688814,
        ),
        (
            1.0,
            Link::Auto,
            0.01,
            true,
            true,
            true,
            [0.06604210321420531, 0.6253499233470118, -0.06714873038182657],
            0.34735123149884384,
            0.16697007997651978,
        ),
        (
            1.5,
            Link::Auto,
            0.01,
            true,
            false,
            true,
            [0.06797410479227427, 0.6229834403851633, -0.06381955380441814],
            0.2700625619155005,
            0.15176087415920614,
        ),
        (
            2.0,
            Link::Auto,
            0.01,
            false,
            false,
            true,
            [0.04677699190079631, 0.3658120302438182, -0.04098435314401743],
            0.9128978611892202,
            0.03097189279432967,
        ),
        (
            3.0,
            Link::Auto,
            0.01,
            false,
            false,
            true,
            [0.04719828678615216, 0.286218005054456, -0.036503420358008964],
            1.0107085326321095,
            0.012181744954792652,
        ),
        (
            0.0,
            Link::Log,
            0.01,
            false,
            false,
            true,
            [0.046156707282772776, 0.3907171870521687, -0.04483122404619947],
            0.9306765761275245,
            0.23635552941280694,
        ),
        (
            1.0,
            Link::Auto,
            0.01,
            true,
            false,
            false,
            [0.06833739883455357, 0.7196830851582603, -0.06197175646266755],
            0.0,
            0.16489488715802791,
        ),
        (
            1.0,
            Link::Identity,
            0.1,
            true,
            false,
            true,
            [0.11289517923007505, 0.30956446339669064, -0.08589318005583894],
            2.6440635162012325,
            0.1847816538673464,
        ),
        (
            2.0,
            Link::Identity,
            0.1,
            false,
            false,
            true,
            [0.07872050236445989, 0.07322186478541487, -0.07216898621450646],
            4.039398912792559,
            0.03617878948861744,
        ),
        (
            3.0,
            Link::Auto,
            0.0,
            false,
            true,
            true,
            [0.04070043231665174, 0.4734579866726354, -0.04399890542389907],
            0.7364065415100323,
            0.011372413530784687,
        ),
    ];
    let (x, y, counts) = wine();
    let weights: Vec<f64> = (0..y.len()).map(|row| 1.0 + (row % 3) as f64).collect();
    for (power, link, alpha, counted, weighted, intercept, coefficients, constant, objective) in
        cases
    {
        let name = format!("power {power}, {link:?}, {alpha}");
        let y = if counted { &counts } else { &y };
        let weights = weighted.then_some(weights.as_slice());
        let parameters = GeneralizedLinear::new()
            .power(power)
            .link(link)
            .alpha(alpha)
            .fit_intercept(intercept)
            .tol(1e-9);
        let model = fit(parameters, &x, y, weights).unwrap();
        assert!(model.convergence().converged, "{name}");
        assert_close(model.coefficients(), &coefficients, 2e-6);
        assert_close([&model.intercept()], &[constant], 2e-6);
        let mut sums = (0.0, 0.0);
        for (row, mean) in model.predict_rows(x.view()).iter().enumerate() {
            let weight = weights.map_or(1.0, |weights| weights[row]);
            sums.0 += weight * half_deviance(y[row], *mean, power);
            sums.1 += weight;
        }
        let squares = model.coefficients().dot(model.coefficients());
        let found = sums.0 / sums.1 + 0.5 * alpha * squares;
        assert!((found - objective).abs() <= 1e-10, "{name}: {found} is not {objective}");
    }
}

/// The default tolerance is enough for the objective.
#[test]
fn the_default_tolerance_reaches_the_optimum() {
    let (x, _, counts) = wine();
    for power in [1.0, 1.5] {
        let of = |tol: f64| {
            let parameters = GeneralizedLinear::new().power(power).alpha(0.01).tol(tol);
            let model = fit(parameters, &x, &counts, None).unwrap();
            let deviances = model.predict_rows(x.view());
            let deviances = deviances.iter().zip(&counts);
            let sum: f64 = deviances.map(|(mean, y)| half_deviance(*y, *mean, power)).sum();
            let squares = model.coefficients().dot(model.coefficients());
            sum / counts.len() as f64 + 0.005 * squares
        };
        assert!(of(1e-4) / of(1e-12) - 1.0 < 1e-7);
    }
}

#[test]
fn newton_and_lbfgs_find_the_same_model() {
    let x = uniform(400, 560, 4);
    let y = x.slice(s![.., ..5]).sum_axis(Axis(1)).mapv(f64::exp);
    let wide =
        fit(GeneralizedLinear::new().power(1.0).alpha(0.1).tol(1e-9).max_iter(2000), &x, &y, None)
            .unwrap();
    assert!(wide.convergence().converged, "{:?}", wide.convergence());
    // At the optimum the gradient of the penalty is that of the deviance.
    let missed = &wide.predict_rows(x.view()) - &y;
    let gradient = x.t().dot(&missed) / 400.0 + 0.1 * wide.coefficients();
    assert_close(&gradient, &[0.0; 560], 1e-7);
    let narrow = x.slice(s![.., ..450]).to_owned();
    let narrow =
        fit(GeneralizedLinear::new().power(1.0).alpha(0.1).tol(1e-9), &narrow, &y, None).unwrap();
    assert!(narrow.convergence().iterations < 20);
}

#[test]
fn refuses_targets_that_the_distribution_cannot_give() {
    let x = array![[1.0], [2.0], [3.0]];
    for (power, y, row) in [
        (1.0, array![1.0, -1.0, 2.0], 1),
        (1.5, array![1.0, 0.0, -2.0], 2),
        (2.0, array![0.0, 1.0, 2.0], 0),
        (3.0, array![1.0, 1.0, 0.0], 2),
    ] {
        let found = fit(GeneralizedLinear::new().power(power), &x, &y, None).unwrap_err();
        assert!(matches!(found, Error::Target { row: r, .. } if r == row), "{found}");
        let mut weights = vec![1.0; 3];
        weights[row] = 0.0;
        assert!(fit(GeneralizedLinear::new().power(power), &x, &y, Some(&weights)).is_ok());
    }
    let zeros = fit(GeneralizedLinear::new().power(1.0), &x, &array![0.0, 0.0, 0.0], None);
    assert!(matches!(zeros, Err(Error::Degenerate(_))));
    let negative = GeneralizedLinear::new().link(Link::Log);
    assert!(matches!(fit(negative, &x, &array![-1.0, -2.0, 1.0], None), Err(Error::Degenerate(_))));
}

#[test]
fn refuses_parameters_out_of_range() {
    let refused = |parameters: GeneralizedLinear| match parameters.check() {
        Err(Error::Parameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    for power in [0.5, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(GeneralizedLinear::new().power(power)), "power");
    }
    assert_eq!(refused(GeneralizedLinear::new().alpha(-1.0)), "alpha");
    assert_eq!(refused(GeneralizedLinear::new().tol(0.0)), "tol");
    let identity = GeneralizedLinear::new().power(1.0).link(Link::Identity).fit_intercept(false);
    assert_eq!(refused(identity), "fit_intercept");
}

#[test]
fn an_exact_target_converges() {
    let x = uniform(50, 2, 6);
    let score = x.column(0).mapv(|value| 1.0 + 0.5 * value);
    for (power, y) in
        [(0.0, score.clone()), (1.0, score.mapv(f64::exp)), (2.0, score.mapv(f64::exp))]
    {
        let model =
            fit(GeneralizedLinear::new().power(power).alpha(0.0).tol(1e-8), &x, &y, None).unwrap();
        assert!(model.convergence().converged);
        assert_close(model.coefficients(), &[0.5, 0.0], 1e-7);
    }
    let constant = Array1::from_elem(50, 3.0);
    for power in [0.0, 1.0, 2.0, 3.0] {
        let model = fit(GeneralizedLinear::new().power(power), &x, &constant, None).unwrap();
        assert!(model.convergence().converged);
        assert_close(&model.predict_rows(x.view()), &[3.0; 50], 1e-9);
    }
}

#[test]
fn a_power_of_zero_is_ridge_regression() {
    let (x, y, _) = wine();
    let model = fit(GeneralizedLinear::new().alpha(0.5), &x, &y, None).unwrap();
    let ridge = checked(crate::Ridge::new().alpha(0.5 * y.len() as f64))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    assert_close(model.coefficients(), &ridge.coefficients().to_vec(), 1e-10);
    assert_close([&model.intercept()], &[ridge.intercept()], 1e-10);
}

#[test]
fn targets_of_any_scale_have_the_model_of_their_unit() {
    let x = uniform(60, 2, 7);
    let y = x.column(0).mapv(|value| (1.0 + value).exp());
    let parameters = GeneralizedLinear::new().power(2.0).alpha(0.1).tol(1e-8);
    let expected = fit(parameters.clone(), &x, &y, None).unwrap();
    for exponent in [-150, -20, 20, 150] {
        let factor = 10_f64.powi(exponent);
        let found = fit(parameters.clone(), &x, &(&y * factor), None).unwrap();
        assert_close(found.coefficients(), &expected.coefficients().to_vec(), 1e-9);
        let unscaled = found.predict_rows(x.view()) / factor;
        assert_close(&unscaled, &expected.predict_rows(x.view()).to_vec(), 1e-9);
    }
}

#[test]
fn awkward_tables_give_finite_predictions_or_errors() {
    for (name, x) in awkward_tables() {
        let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64 + 0.5);
        for (power, link) in [
            (0.0, Link::Auto),
            (0.0, Link::Log),
            (1.0, Link::Auto),
            (2.0, Link::Identity),
            (3.0, Link::Log),
        ] {
            for alpha in [0.0, 1.0] {
                let parameters = GeneralizedLinear::new().power(power).link(link).alpha(alpha);
                if let Ok(model) = fit(parameters, &x, &y, None) {
                    let predicted = model.predict_rows(x.view());
                    assert!(predicted.iter().all(|value| value.is_finite()), "{name}: {predicted}");
                    let far = Array2::from_elem((1, x.ncols()).f(), 1e9);
                    assert!(!model.predict_rows(far.view())[0].is_nan(), "{name}");
                }
            }
        }
    }
}

#[test]
fn training_can_be_stopped_or_cut_short() {
    let (x, y, _) = wine();
    let parameters = checked(GeneralizedLinear::new().power(2.0).max_iter(1).tol(1e-12));
    let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    assert!(!model.convergence().converged);
    let stopped = Control { weights: None, stop: &|| true };
    assert!(matches!(parameters.fit_rows(x.view(), y.view(), &stopped), Err(Error::Stopped)));
    let missing = array![[f64::NAN]];
    let refused = parameters.fit_rows(missing.view(), array![1.0].view(), &Control::plain());
    assert!(matches!(refused, Err(Error::NotFinite { column: 0 })));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(20_000, 5, 12);
    let y = noisy_values(&x, 12).mapv(f64::exp);
    assert_same_bits(|| {
        let parameters = GeneralizedLinear::new().power(1.0).alpha(0.1);
        fit(parameters, &x, &y, None).unwrap().coefficients().to_vec()
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), power in 0_usize..5) {
        let power = [0.0, 1.0, 1.5, 2.0, 3.0][power];
        let x = uniform(40, 3, seed);
        let y = noisy_values(&x, seed).mapv(f64::exp);
        let (weights, repeated) = whole_weights(40, seed);
        let parameters = GeneralizedLinear::new().power(power).alpha(0.1).tol(1e-10);
        let weighted = fit(parameters.clone(), &x, &y, Some(&weights)).unwrap();
        let (x, y) = (x.select(Axis(0), &repeated), y.select(Axis(0), &repeated));
        let plain = fit(parameters, &x, &y, None).unwrap();
        assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-7);
    }
}
