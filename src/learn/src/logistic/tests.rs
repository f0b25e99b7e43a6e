//! Against scikit-learn's optima, the conditions of an optimum, and awkward data.

use linfa::ParamGuard;
use ndarray::{Axis, array};
use proptest::prelude::*;

use super::*;
use crate::smooth::{Order, Smooth, lbfgs, newton};
use crate::test_support::*;

fn fit(
    parameters: LogisticRegression,
    x: &Array2<f64>,
    codes: &[u32],
) -> Result<FittedLogisticRegression, Error> {
    let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
    checked(parameters).fit_rows(x.view(), codes, classes, &Control::plain())
}

/// `c · sum wᵢ lossᵢ + |b|² / 2` from nothing but the public model.
fn objective(
    model: &FittedLogisticRegression,
    x: &Array2<f64>,
    codes: &[u32],
    c: f64,
    weights: &[f64],
) -> f64 {
    let logs = model.logs(x.view());
    let losses: f64 = logs
        .rows()
        .into_iter()
        .zip(codes)
        .zip(weights)
        .map(|((row, &code), weight)| {
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = row.iter().map(|log| (log - largest).exp()).sum();
            weight * (sum.ln() + largest - row[code as usize])
        })
        .sum();
    c * losses + 0.5 * model.coefficients().iter().map(|value| value * value).sum::<f64>()
}

/// The best of scikit-learn 1.9.1's `LogisticRegression(solver=s, C=c, tol=1e-10,
/// max_iter=20000)` for `s` in `newton-cholesky`, `lbfgs`, on the table as it is and on
/// `(X - X.mean(0)) / X.std(0)`.
#[test]
fn reaches_scikit_learns_optima() {
    for (name, raw, c, expected) in [
        ("iris", true, 1.0, 28.88631660409249),
        ("iris", true, 100.0, 738.713496175186),
        ("iris", false, 1.0, 31.378768260796473),
        ("iris", false, 100.0, 754.5710577844742),
        ("wine", true, 1.0, 11.077958141629264),
        ("wine", true, 100.0, 90.09074900294787),
        ("wine", false, 1.0, 12.090335773855227),
        ("wine", false, 100.0, 71.12998184810276),
        ("breast_cancer", true, 1.0, 53.79461123048324),
        ("breast_cancer", true, 100.0, 3628.848397691),
        ("breast_cancer", false, 1.0, 37.75894596187597),
        ("breast_cancer", false, 100.0, 1921.6504038030712),
    ] {
        let (x, codes) = table(name);
        let x = if raw { x } else { standardized(&x) };
        for (tol, bound) in [(1e-4, 1e-6), (1e-10, 1e-12)] {
            let model = fit(LogisticRegression::new().c(c).tol(tol), &x, &codes).unwrap();
            let found = objective(&model, &x, &codes, c, &vec![1.0; codes.len()]);
            let excess = (found - expected) / expected;
            assert!(excess < bound, "{name}, {raw}, {c}, {tol}: {found} is above {expected}");
            assert!(excess > -1e-6, "{name}, {raw}, {c}, {tol}: {found} is below {expected}");
            assert!(model.convergence().converged, "{name}: {:?}", model.convergence());
        }
    }
}

/// As above with `class_weight="balanced"` and with `fit_intercept=False`, standardised.
#[test]
fn reaches_scikit_learns_optima_balanced_and_without_an_intercept() {
    for (name, balanced, through_zero) in [
        ("iris", 31.378768260796473, 54.272414744229316),
        ("wine", 11.92196716400331, 13.03960608019933),
        ("breast_cancer", 40.609439158314586, 37.87776555709082),
    ] {
        let (x, codes) = table(name);
        let x = standardized(&x);
        let parameters = LogisticRegression::new().class_weight(ClassWeight::Balanced);
        let classes = *codes.iter().max().unwrap() as usize + 1;
        let weights =
            input::class_weights(&codes, classes, None, &ClassWeight::Balanced).unwrap().unwrap();
        let model = fit(parameters, &x, &codes).unwrap();
        assert_close([&objective(&model, &x, &codes, 1.0, &weights)], &[balanced], 1e-7);
        let model = fit(LogisticRegression::new().fit_intercept(false), &x, &codes).unwrap();
        let ones = vec![1.0; codes.len()];
        assert_close([&objective(&model, &x, &codes, 1.0, &ones)], &[through_zero], 1e-7);
        assert!(model.intercepts().iter().all(|value| *value == 0.0));
    }
}

/// As above, `coef_[0, :3]`, `intercept_` and `predict_proba(Z)[[0, 70, 140]]` at `tol=1e-12`.
#[test]
fn gives_scikit_learns_probabilities() {
    let (x, codes) = table("iris");
    let x = standardized(&x);
    let model = fit(LogisticRegression::new().tol(1e-10), &x, &codes).unwrap();
    let first = model.coefficients().row(0).to_vec();
    assert_close(
        &first[..3],
        &[-1.0740661541568248, 1.1601151162144576, -1.9306918616825617],
        1e-8,
    );
    let intercepts = [-0.20524113301621139, 2.0748397842352215, -1.8695986512190104];
    assert_close(model.intercepts(), &intercepts, 1e-8);
    let probabilities = model.predict_probabilities(x.select(Axis(0), &[0, 70, 140]).view());
    let expected = [
        [0.9846955587159982, 0.015304379267370945, 6.20166307289956e-08],
        [0.01201214343535252, 0.44032622421911904, 0.5476616323455283],
        [1.322257123685584e-05, 0.015299962863178808, 0.9846868145655843],
    ];
    assert_close(&probabilities, expected.as_flattened(), 1e-9);
    assert_probabilities(&probabilities);
}

fn problem<'a>(
    features: &'a Features<'a>,
    codes: &[u32],
    classes: u32,
    strength: f64,
) -> Objective<'a> {
    let present: Vec<u32> = (0..classes).collect();
    let weights = (0..codes.len()).map(|i| 0.5 + (i % 3) as f64).collect();
    Objective::new(features, codes, &present, Some(weights), (0.0, strength), true).unwrap()
}

#[test]
fn derivatives_are_those_of_the_objective() {
    let x = uniform(700, 3, 21) * 5.0 + 3.0;
    for classes in [2, 4] {
        let codes = noisy_codes(&x, classes, 21);
        let features = Features::dense(x.view()).unwrap();
        let problem = problem(&features, &codes, classes, 2.0);
        let free = problem.parameters();
        // With heads that sum to 0, where the flat directions that the Hessian fills are met.
        let point: Vec<f64> = uniform(free, 1, 22).into_iter().collect();
        let value = problem.at(&point, Order::Second);
        let step = 1e-5;
        for i in 0..free {
            let at = |sign: f64| {
                let mut point = point.clone();
                point[i] += sign * step;
                problem.at(&point, Order::First)
            };
            let (up, down) = (at(1.0), at(-1.0));
            let slope = (up.objective - down.objective) / (2.0 * step);
            assert_close([&value.gradient[i]], &[slope], 1e-8);
            for k in 0..=i {
                let curvature = (up.gradient[k] - down.gradient[k]) / (2.0 * step);
                let width = free / classes as usize;
                let filled = classes > 2 && i % width == k % width && i % width == width - 1;
                let found = value.hessian[i * free + k] - f64::from(filled);
                assert_close([&found], &[curvature], 1e-7);
            }
        }
    }
}

#[test]
fn both_methods_reach_the_same_optimum() {
    for (classes, strength) in [(2, 1.0), (4, 1.0), (2, 0.0), (4, 0.0)] {
        let x = uniform(600, 5, 31) * 3.0;
        let codes = noisy_codes(&x, classes, 31);
        let features = Features::dense(x.view()).unwrap();
        let problem = problem(&features, &codes, classes, strength);
        let (control, free) = (Control::plain(), problem.parameters());
        let (a, newton) = newton::minimize(&problem, vec![0.0; free], 100, 1e-8, &control).unwrap();
        let (b, lbfgs) = lbfgs::minimize(&problem, vec![0.0; free], 500, 1e-8, &control).unwrap();
        assert!(newton.converged && lbfgs.converged, "{newton:?} {lbfgs:?}");
        let [a, b] = [a, b].map(|point| problem.at(&point, Order::First).objective);
        assert!((a - b).abs() < 1e-10 * a, "{a} {b}");
    }
}

/// 700 columns are too many for a Hessian.
#[test]
fn many_columns_converge() {
    let x = uniform(300, 700, 41);
    let codes = noisy_codes(&x, 2, 41);
    let model = fit(LogisticRegression::new(), &x, &codes).unwrap();
    assert!(model.convergence().converged, "{:?}", model.convergence());
    // The optimum's own condition: b = c Σ (y - p) x.
    let residuals: Array1<f64> = model
        .predict_probabilities(x.view())
        .column(1)
        .iter()
        .zip(&codes)
        .map(|(p, &code)| f64::from(code) - p)
        .collect();
    let gradient = x.t().dot(&residuals) - model.coefficients().row(0);
    assert_close(&gradient, &vec![0.0; 700], 300.0 * 1e-4);
}

#[test]
fn separable_classes_without_a_penalty_end_unconverged() {
    let x = array![[1.0], [2.0], [3.0], [4.0]];
    for (codes, max_iter) in
        [(vec![0, 0, 1, 1], 100), (vec![0, 1, 1, 2], 100), (vec![0, 0, 1, 1], 5000)]
    {
        let parameters = LogisticRegression::new().penalty(Penalty::None).max_iter(max_iter);
        let model = fit(parameters, &x, &codes).unwrap();
        assert!(!model.convergence().converged, "{:?}", model.convergence());
        assert!(model.convergence().iterations <= max_iter);
        assert_probabilities(&model.predict_probabilities(x.view()));
    }
}

#[test]
fn says_when_there_were_too_few_iterations() {
    let (x, codes) = table("breast_cancer");
    let model = fit(LogisticRegression::new().max_iter(2), &x, &codes).unwrap();
    let Convergence { converged, iterations, tolerance, gradient } = model.convergence();
    assert!(!converged && iterations == 2 && tolerance == 1e-4 && gradient > 1e-6);
}

#[test]
fn without_a_penalty_scales_do_not_matter() {
    let x = uniform(300, 3, 51);
    let codes = noisy_codes(&x, 2, 51);
    let parameters = LogisticRegression::new().penalty(Penalty::None).tol(1e-8);
    let expected = fit(parameters.clone(), &x, &codes).unwrap().predict_probabilities(x.view());
    let mut scaled = x;
    for (mut column, (factor, shift)) in
        scaled.columns_mut().into_iter().zip([(1e-150, 0.0), (1e150, 0.0), (1.0, 1e7)])
    {
        column.mapv_inplace(|value| value * factor + shift);
    }
    let found = fit(parameters, &scaled, &codes).unwrap();
    assert!(found.convergence().converged);
    let found = found.predict_probabilities(scaled.view());
    assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-6);
}

#[test]
fn absent_classes_have_probability_zero() {
    let x = uniform(60, 2, 61);
    let two = noisy_codes(&x, 2, 61);
    let parameters = checked(LogisticRegression::new());
    let plain = parameters.fit_rows(x.view(), &two, 2, &Control::plain()).unwrap();
    let expected = plain.predict_probabilities(x.view());
    let spread: Vec<u32> = two.iter().map(|code| 1 + 2 * code).collect();
    let model = parameters.fit_rows(x.view(), &spread, 5, &Control::plain()).unwrap();
    assert_eq!(model.present_classes(), [1, 3]);
    let probabilities = model.predict_probabilities(x.view());
    assert_probabilities(&probabilities);
    assert_eq!(probabilities.select(Axis(1), &[1, 3]), expected);
    assert_eq!(probabilities.select(Axis(1), &[0, 2, 4]), Array2::<f64>::zeros((60, 3)));
    assert!(model.predict_rows(x.view()).iter().all(|code| [1, 3].contains(code)));
}

#[test]
fn refuses_what_it_cannot_use() {
    let x = array![[1.0], [2.0]];
    let with = |codes: &[u32], classes| {
        checked(LogisticRegression::new())
            .fit_rows(x.view(), codes, classes, &Control::plain())
            .map(|_| ())
    };
    assert!(matches!(with(&[1, 1], 2), Err(Error::Degenerate(_))));
    assert!(matches!(with(&[0, 2], 2), Err(Error::Shape(_))));
    assert!(matches!(with(&[0], 2), Err(Error::Shape(_))));
    for parameters in [
        LogisticRegression::new().c(0.0),
        LogisticRegression::new().c(f64::NAN),
        LogisticRegression::new().tol(-1.0),
    ] {
        assert!(matches!(parameters.check(), Err(Error::Parameter { .. })));
    }
}

#[test]
fn awkward_tables_give_probabilities_or_errors() {
    for (name, x) in awkward_tables() {
        for classes in [2, 3] {
            let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % classes).collect();
            for penalty in [Penalty::L2, Penalty::L1, Penalty::ElasticNet, Penalty::None] {
                match fit(LogisticRegression::new().penalty(penalty), &x, &codes) {
                    Ok(model) => assert_probabilities(&model.predict_probabilities(x.view())),
                    Err(Error::Degenerate(_)) => {}
                    Err(error) => panic!("{name}: {error}"),
                }
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (rows, columns, classes) in [(9000, 5, 2), (3000, 4, 3), (700, 600, 2)] {
        let x = uniform(rows, columns, 71);
        let codes = noisy_codes(&x, classes, 71);
        assert_same_bits(|| {
            let model = fit(LogisticRegression::new().max_iter(20), &x, &codes).unwrap();
            model.coefficients().iter().chain(model.intercepts()).copied().collect()
        });
    }
}

#[test]
fn works_through_linfa() {
    use linfa::traits::{Fit, Predict};
    let x = array![[0.0], [1.0], [2.0], [3.0]];
    let data = linfa::Dataset::new(x.clone(), array![0_usize, 0, 2, 2]);
    let model = LogisticRegression::new().fit(&data).unwrap();
    let predicted: Array1<usize> = model.predict(&x);
    assert_eq!(predicted.to_vec(), [0, 0, 2, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), classes in 2_u32..4) {
        let x = uniform(60, 3, seed);
        let codes = noisy_codes(&x, classes, seed);
        let (weights, repeated) = whole_weights(60, seed);
        let parameters =
            checked(LogisticRegression::new().tol(1e-9).class_weight(ClassWeight::Balanced));
        let weighted = parameters
            .fit_rows(x.view(), &codes, classes as usize, &Control::weighted(&weights))
            .unwrap();
        let (some_x, some) = (x.select(Axis(0), &repeated), pick(&codes, &repeated));
        let plain = parameters
            .fit_rows(some_x.view(), &some, classes as usize, &Control::plain())
            .unwrap();
        let expected = plain.predict_probabilities(x.view());
        let found = weighted.predict_probabilities(x.view());
        assert_probabilities(&found);
        assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-7);
    }
}
