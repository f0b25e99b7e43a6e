use linfa::ParamGuard;
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

fn fit(parameters: Ftrl, x: &Array2<f64>, codes: &[u32]) -> Result<FittedFtrl, Error> {
    let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
    parameters.check()?.fit_rows(x.view(), codes, classes, &Control::plain())
}

/// Algorithm 1 of the paper, transcribed into numpy 2 without any of the savings here, on the
/// standardized iris table with the second class against the others and the rows as they stand:
/// alpha, beta, the penalties, passes, whether there is an intercept; coefficients, intercept last.
#[test]
fn follows_the_paper() {
    type Case = (f64, f64, f64, f64, usize, bool, [f64; 5]);
    let cases: [Case; 4] = [
        (
            0.005,
            0.0,
            0.5,
            0.5,
            1,
            true,
            [
                0.03221480327582982,
                -0.053897962790328414,
                0.03986211575184508,
                0.033855306884461756,
                -0.05527957419294068,
            ],
        ),
        (
            0.1,
            1.0,
            0.5,
            0.5,
            3,
            true,
            [
                -0.06453777040366174,
                -0.7674639116364061,
                0.04698862433218259,
                -0.134738091790797,
                -0.666091665547501,
            ],
        ),
        (
            0.5,
            0.0,
            0.0,
            0.0,
            2,
            false,
            [
                -0.6184050008820998,
                -0.7147502163687572,
                -0.6536100557929747,
                -0.9125055194714105,
                0.0,
            ],
        ),
        (
            0.05,
            0.1,
            5.0,
            1.0,
            4,
            true,
            [0.0, -0.6013235669635327, 0.10800224417542227, 0.0, -0.5686814949279958],
        ),
    ];
    let (x, codes) = table("iris");
    let x = standardized(&x);
    let codes: Vec<u32> = codes.iter().map(|&code| u32::from(code == 1)).collect();
    for (alpha, beta, l1_ratio, l2_ratio, max_iter, fit_intercept, expected) in cases {
        let parameters = Ftrl::new()
            .alpha(alpha)
            .beta(beta)
            .l1_ratio(l1_ratio)
            .l2_ratio(l2_ratio)
            .max_iter(max_iter)
            .fit_intercept(fit_intercept)
            .order(Order::Given);
        let model = fit(parameters, &x, &codes).unwrap();
        let found: Vec<f64> =
            model.coefficients().iter().copied().chain(model.intercepts()).collect();
        assert_close(&found, &expected, 1e-9);
        assert!(!model.convergence().converged);
    }
}

#[test]
fn learns_what_logistic_regression_learns() {
    for (name, least) in [("iris", 0.9), ("wine", 0.97), ("breast_cancer", 0.96)] {
        let (x, codes) = table(name);
        let x = standardized(&x);
        let model = fit(Ftrl::new().alpha(0.1), &x, &codes).unwrap();
        assert!(model.convergence().converged, "{name}: {:?}", model.convergence());
        let right = model.predict_rows(x.view()).iter().zip(&codes).filter(|(a, b)| a == b).count();
        let accuracy = right as f64 / codes.len() as f64;
        assert!(accuracy >= least, "{name}: {accuracy}");
        assert_probabilities(&model.predict_probabilities(x.view()));
    }
}

#[test]
fn a_penalty_above_all_gradients_leaves_every_column_out() {
    let x = uniform(400, 4, 3);
    let codes: Vec<u32> = x.column(1).iter().map(|value| u32::from(*value > 0.0)).collect();
    let model = fit(Ftrl::new().l1_ratio(1e9), &x, &codes).unwrap();
    assert!(model.coefficients().iter().all(|value| *value == 0.0));
}

#[test]
fn a_class_without_rows_has_probability_zero() {
    let x = array![[0.0], [1.0], [5.0], [6.0], [-5.0]];
    for codes in [[0, 0, 2, 2, 0], [0, 0, 2, 2, 3]] {
        let model = checked(Ftrl::new()).fit_rows(x.view(), &codes, 5, &Control::plain()).unwrap();
        let probabilities = model.predict_probabilities(array![[3.0], [1e300], [-1e300]].view());
        assert_probabilities(&probabilities);
        assert!(probabilities.column(1).iter().chain(probabilities.column(4)).all(|p| *p == 0.0));
    }
}

#[test]
fn refuses_what_it_cannot_use() {
    let name = |parameters: Ftrl| match parameters.check() {
        Err(Error::Parameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(Ftrl::new().alpha(0.0)), "alpha");
    assert_eq!(name(Ftrl::new().beta(-1.0)), "beta");
    assert_eq!(name(Ftrl::new().l1_ratio(f64::NAN)), "l1_ratio");
    assert_eq!(name(Ftrl::new().l2_ratio(-1.0)), "l2_ratio");
    assert_eq!(name(Ftrl::new().tol(-1.0)), "tol");
    let x = array![[1.0], [2.0]];
    assert!(matches!(fit(Ftrl::new(), &x, &[0, 0]), Err(Error::Degenerate(_))));
    let far = fit(Ftrl::new(), &array![[1.0], [-1e101]], &[0, 1]);
    assert!(matches!(far, Err(Error::Column { column: 0, row: Some(1), .. })));
    let missing = fit(Ftrl::new(), &array![[1.0], [f64::NAN]], &[0, 1]);
    assert!(matches!(missing, Err(Error::NotFinite { column: 0 })));
    let with = |control: &Control<'_>| {
        checked(Ftrl::new()).fit_rows(x.view(), &[0, 1], 2, control).map(|_| ())
    };
    assert!(matches!(with(&Control::weighted(&[1.0, 2.0])), Err(Error::Weights(_))));
    let stopped = Control { weights: None, stop: &|| true };
    assert!(matches!(with(&stopped), Err(Error::Stopped)));
}

#[test]
fn awkward_tables_give_probabilities_or_errors() {
    for (name, x) in awkward_tables() {
        let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % 3).collect();
        for parameters in [
            Ftrl::new(),
            Ftrl::new().l1_ratio(0.0).l2_ratio(0.0),
            Ftrl::new().alpha(1e3).max_iter(20),
        ] {
            match fit(parameters, &x, &codes) {
                Ok(model) => assert_probabilities(&model.predict_probabilities(x.view())),
                Err(Error::Degenerate(_) | Error::Column { .. }) => {}
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(2000, 5, 13);
    let codes = noisy_codes(&x, 3, 13);
    assert_same_bits(|| {
        let model = fit(Ftrl::new(), &x, &codes).unwrap();
        model.predict_probabilities(x.view()).into_raw_vec_and_offset().0
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_seed_decides_the_order(seed in any::<u64>()) {
        let x = uniform(60, 3, seed);
        let codes = noisy_codes(&x, 2, seed);
        let of = |seed| fit(Ftrl::new().seed(seed), &x, &codes).unwrap();
        prop_assert_eq!(of(1), of(1));
        prop_assert_ne!(of(1).coefficients(), of(2).coefficients());
        // In the given order the seed is not looked at.
        let given = |seed| fit(Ftrl::new().order(Order::Given).seed(seed), &x, &codes).unwrap();
        prop_assert_eq!(given(1), given(2));
        let reversed: Vec<usize> = (0..60).rev().collect();
        let other = fit(
            Ftrl::new().order(Order::Given),
            &x.select(Axis(0), &reversed),
            &pick(&codes, &reversed),
        )
        .unwrap();
        prop_assert_ne!(given(1).coefficients(), other.coefficients());
    }
}
