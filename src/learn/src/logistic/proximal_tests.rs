//! The penalty on absolute values, against scikit-learn's optima and the conditions of an optimum.

use linfa::ParamGuard;
use ndarray::{Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

fn fit(
    parameters: LogisticRegression,
    x: &Array2<f64>,
    codes: &[u32],
) -> Result<FittedLogisticRegression, Error> {
    let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
    checked(parameters).fit_rows(x.view(), codes, classes, &Control::plain())
}

fn objective(
    model: &FittedLogisticRegression,
    x: &Array2<f64>,
    codes: &[u32],
    (c, ratio): (f64, f64),
) -> f64 {
    let probabilities = model.predict_probabilities(x.view());
    let losses: f64 = probabilities
        .rows()
        .into_iter()
        .zip(codes)
        .map(|(row, &code)| -row[code as usize].ln())
        .sum();
    let b = model.coefficients();
    c * losses
        + ratio * b.mapv(f64::abs).sum()
        + 0.5 * (1.0 - ratio) * b.mapv(|value| value * value).sum()
}

/// scikit-learn 1.9.1, `LogisticRegression(solver="saga", C=c, l1_ratio=r, tol=1e-12,
/// max_iter=100000)` on `(X - X.mean(0)) / X.std(0)`.
#[test]
fn reaches_scikit_learns_optima() {
    for (name, c, ratio, expected) in [
        ("iris", 1.0, 1.0, 28.70456708323325),
        ("iris", 0.1, 1.0, 9.487825265704936),
        ("iris", 1.0, 0.5, 31.719128729569363),
        ("iris", 0.05, 0.8, 6.018656386640027),
        ("wine", 1.0, 1.0, 20.1062165666101),
        ("wine", 0.1, 1.0, 8.81168337084764),
        ("wine", 1.0, 0.5, 16.78105537844292),
        ("wine", 0.05, 0.8, 5.937960132656134),
    ] {
        let (x, codes) = table(name);
        let x = standardized(&x);
        let parameters = match ratio {
            1.0 => LogisticRegression::new().penalty(Penalty::L1),
            _ => LogisticRegression::new().penalty(Penalty::ElasticNet).l1_ratio(ratio),
        };
        for (tol, bound) in [(1e-4, 1e-6), (1e-9, 1e-10)] {
            let model = fit(parameters.clone().c(c).tol(tol), &x, &codes).unwrap();
            let found = objective(&model, &x, &codes, (c, ratio));
            let excess = (found - expected) / expected;
            assert!(excess.abs() < bound, "{name}, {c}, {ratio}, {tol}: {found}, not {expected}");
            assert!(model.convergence().converged, "{name}: {:?}", model.convergence());
        }
    }
}

#[test]
fn squares_alone_are_the_default_penalty() {
    let x = uniform(200, 4, 5);
    let codes = noisy_codes(&x, 3, 5);
    let squares = fit(LogisticRegression::new().tol(1e-9), &x, &codes).unwrap();
    let net = LogisticRegression::new().penalty(Penalty::ElasticNet).l1_ratio(0.0).tol(1e-9);
    let found = fit(net, &x, &codes).unwrap();
    assert_close(
        found.coefficients(),
        &squares.coefficients().iter().copied().collect::<Vec<_>>(),
        1e-9,
    );
}

#[test]
fn a_strong_penalty_leaves_the_shares_of_the_classes() {
    let x = uniform(200, 4, 5);
    for classes in [2, 3] {
        let codes = noisy_codes(&x, classes, 5);
        let parameters = LogisticRegression::new().penalty(Penalty::L1).c(1e-4).tol(1e-10);
        let model = fit(parameters, &x, &codes).unwrap();
        assert!(model.coefficients().iter().all(|value| *value == 0.0));
        let probabilities = model.predict_probabilities(x.view());
        for class in 0..classes {
            let share = codes.iter().filter(|code| **code == class).count() as f64 / 200.0;
            assert_close([&probabilities[[7, class as usize]]], &[share], 1e-8);
        }
    }
}

#[test]
fn separable_classes_have_an_optimum() {
    let x = array![[1.0], [2.0], [3.0], [4.0]];
    for codes in [vec![0, 0, 1, 1], vec![0, 1, 1, 2]] {
        let model = fit(LogisticRegression::new().penalty(Penalty::L1), &x, &codes).unwrap();
        assert!(model.convergence().converged, "{:?}", model.convergence());
        assert_probabilities(&model.predict_probabilities(x.view()));
    }
}

#[test]
fn refuses_a_share_out_of_range() {
    for ratio in [-0.1, 1.1, f64::NAN] {
        let refused = LogisticRegression::new().l1_ratio(ratio).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "l1_ratio", .. })));
    }
}

#[test]
fn classes_that_a_plane_all_but_separates_end_unconverged_without_a_penalty() {
    // The second column tells most rows apart, those where it is 0 overlap.
    let x = Array2::from_shape_fn((60, 2), |(row, column)| match column {
        0 => ((row * 7) % 11) as f64,
        _ => [0.0, 1.0, -1.0][row % 3],
    });
    let codes: Vec<u32> = (0..60)
        .map(|row| match row % 3 {
            0 => (row / 3 % 2) as u32,
            other => 2 - other as u32,
        })
        .collect();
    for max_iter in [100, 100_000] {
        let parameters = LogisticRegression::new().penalty(Penalty::None).max_iter(max_iter);
        let model = fit(parameters, &x, &codes).unwrap();
        assert!(!model.convergence().converged, "{:?}", model.convergence());
        assert_probabilities(&model.predict_probabilities(x.view()));
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (rows, columns, classes) in [(3000, 5, 2), (1500, 4, 3), (300, 200, 2)] {
        let x = uniform(rows, columns, 71);
        let codes = noisy_codes(&x, classes, 71);
        assert_same_bits(|| {
            let parameters = LogisticRegression::new().penalty(Penalty::L1);
            let model = fit(parameters, &x, &codes).unwrap();
            model.coefficients().iter().chain(model.intercepts()).copied().collect()
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Along every coefficient `c · slope` is minus the sign, or within 1 where it is 0.
    #[test]
    fn the_conditions_of_an_optimum_hold(
        seed in any::<u64>(),
        columns in 1_usize..90,
        classes in 2_u32..4,
        c in 0.05_f64..20.0,
    ) {
        let x = uniform(120, columns, seed);
        let codes = noisy_codes(&x, classes, seed);
        let parameters = LogisticRegression::new().penalty(Penalty::L1).c(c).tol(1e-8);
        let model = fit(parameters.max_iter(1000), &x, &codes).unwrap();
        prop_assert!(model.convergence().converged, "{:?}", model.convergence());
        let probabilities = model.predict_probabilities(x.view());
        let heads = model.coefficients().nrows();
        for head in 0..heads {
            let class = if heads == 1 { 1 } else { head };
            let residuals: Array1<f64> = (0..120)
                .map(|row| f64::from(codes[row] as usize == class) - probabilities[[row, class]])
                .collect();
            for (j, column) in x.columns().into_iter().enumerate() {
                let slope = c * column.dot(&residuals);
                let b = model.coefficients()[[head, j]];
                let missed = if b == 0.0 { slope.abs() - 1.0 } else { (slope - b.signum()).abs() };
                prop_assert!(missed < 1e-4, "{head} {j} {b} {slope} {:?}", model.convergence());
            }
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), classes in 2_u32..4) {
        let x = uniform(60, 3, seed);
        let codes = noisy_codes(&x, classes, seed);
        let (weights, repeated) = whole_weights(60, seed);
        let parameters = checked(
            LogisticRegression::new()
                .penalty(Penalty::ElasticNet)
                .tol(1e-9)
                .class_weight(ClassWeight::Balanced),
        );
        let weighted = parameters
            .fit_rows(x.view(), &codes, classes as usize, &Control::weighted(&weights))
            .unwrap();
        let (some_x, some) = (x.select(Axis(0), &repeated), pick(&codes, &repeated));
        let plain = parameters
            .fit_rows(some_x.view(), &some, classes as usize, &Control::plain())
            .unwrap();
        let expected = plain.predict_probabilities(x.view());
        let found = weighted.predict_probabilities(x.view());
        assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-7);
    }
}
