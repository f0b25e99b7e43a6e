//! Values of scikit-learn 1.9.1 are those of `tests/reference/make_support_vectors.py`.

use linfa::ParamGuard;
use ndarray::{Array1, Array2, Axis, s};

use super::*;
use crate::test_support::*;

fn every_third(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row % 3) as f64).collect()
}

fn exact() -> LinearSupportVectorClassifier {
    LinearSupportVectorClassifier::new().tol(1e-10).max_iter(1_000_000)
}

/// scikit-learn 1.9.1, `LinearSVC(loss=…, dual=True, tol=1e-10, max_iter=10**6).fit(X, y)`.
#[test]
fn agrees_with_scikit_learn_on_two_classes() {
    let (x, codes) = table("breast_cancer");
    let x = standardized(&x);
    let cases = [
        (
            ClassLoss::SquaredHinge,
            31.05563801156209,
            [
                10.83603757006616,
                5.526781822533234,
                7.8884632589793675,
                4.084361734696801,
                4.795103757095195,
            ],
        ),
        (
            ClassLoss::Hinge,
            26.526351608942896,
            [
                13.456304569334804,
                7.106705373463235,
                10.36776035448688,
                5.145192504872709,
                7.423657626277678,
            ],
        ),
    ];
    for (loss, objective, expected) in cases {
        let model =
            checked(exact().loss(loss)).fit_rows(x.view(), &codes, 2, &Control::plain()).unwrap();
        assert!(model.convergence().converged);
        assert_close([&-model.objectives().next().unwrap()], &[objective], 1e-9);
        assert_close(&model.decisions(x.slice(s![..5, ..])), &expected, 1e-5);
    }
}

/// scikit-learn 1.9.1, `LinearSVC(C=…, dual=False, tol=1e-10, max_iter=10**6).fit(X, y)` (17 and 153 steps) and
/// `LinearSVR(C=1e5, loss="squared_epsilon_insensitive", epsilon=.1, dual=False, …)` (8 steps).
#[test]
fn costly_errors_take_few_steps() {
    let (x, codes) = table("breast_cancer");
    let x = standardized(&x);
    let of_ten = [
        18.505169491343043,
        10.037616613874858,
        13.623084643730392,
        6.991227704590786,
        7.329623085108713,
    ];
    let of_thousand = [
        78.27694156424083,
        52.01468148086101,
        70.26038898144407,
        36.35520251760502,
        40.316461090938695,
    ];
    for (c, objective, expected) in
        [(10.0, 226.86723251718894, of_ten), (1000.0, 14690.634053622913, of_thousand)]
    {
        let parameters = LinearSupportVectorClassifier::new().c(c).max_iter(60);
        let model = checked(parameters).fit_rows(x.view(), &codes, 2, &Control::plain()).unwrap();
        assert!(model.convergence().converged, "{c}");
        assert_close([&-model.objectives().next().unwrap()], &[objective], 1e-8);
        assert_close(&model.decisions(x.slice(s![..5, ..])), &expected, 1e-3);
    }
    let (x, y) = wine_alcohol();
    let x = standardized(&x);
    let parameters = LinearSupportVectorRegressor::new()
        .loss(ValueLoss::SquaredEpsilonInsensitive)
        .c(1e5)
        .epsilon(0.1)
        .max_iter(20);
    let model = checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    assert!(model.convergence().converged);
    assert_close([&-model.objective()], &[3450967.034479253], 1e-8);
    let expected = [
        13.63265588441383,
        13.650479649015649,
        13.600037751666312,
        14.39050237456151,
        12.951877362540182,
    ];
    assert_close(&model.predict_rows(x.slice(s![..5, ..])), &expected, 1e-5);
}

/// The two ways to the same optimum: repeated columns make the columns more than the rows.
#[test]
fn few_rows_and_many_rows_meet_at_the_same_machine() {
    let x = uniform(40, 39, 9);
    let codes = noisy_codes(&x, 2, 9);
    let wide = ndarray::concatenate(Axis(1), &[(&x / 2.0).view(), (&x * 0.75_f64.sqrt()).view()]);
    let wide = wide.unwrap();
    let fit = |x: &Array2<f64>| {
        checked(exact()).fit_rows(x.view(), &codes, 2, &Control::plain()).unwrap()
    };
    let (newton, descent) = (fit(&x), fit(&wide));
    assert!(newton.convergence().iterations < descent.convergence().iterations);
    let decisions = descent.decisions(wide.view());
    assert_close(&newton.decisions(x.view()), &decisions.iter().copied().collect::<Vec<_>>(), 1e-5);
}

/// scikit-learn 1.9.1, `LinearSVC(C=.1, intercept_scaling=10, tol=1e-10, max_iter=10**6)
/// .fit(X, y, sample_weight=i % 3)`.
#[test]
fn agrees_with_scikit_learn_on_weights() {
    let (x, codes) = table("breast_cancer");
    let x = standardized(&x);
    let weights = every_third(codes.len());
    let model = checked(exact().c(0.1).intercept_scaling(10.0))
        .fit_rows(x.view(), &codes, 2, &Control::weighted(&weights))
        .unwrap();
    assert_close([&-model.objectives().next().unwrap()], &[3.375100612471343], 1e-9);
    let (_, intercept) = model.planes().next().unwrap();
    assert_close([&intercept], &[-0.09839983944160335], 1e-5);
    let expected = [
        7.280452661937757,
        3.105094249717571,
        5.353159643661235,
        2.4867644010581764,
        3.4745428607759328,
    ];
    assert_close(&model.decisions(x.slice(s![..5, ..])), &expected, 1e-5);
}

/// scikit-learn 1.9.1, `LinearSVC(class_weight="balanced", tol=1e-10, max_iter=10**6)`.
#[test]
fn agrees_with_scikit_learn_on_three_classes() {
    let (x, codes) = table("wine");
    let x = standardized(&x);
    let model = checked(exact().class_weight(ClassWeight::Balanced))
        .fit_rows(x.view(), &codes, 3, &Control::plain())
        .unwrap();
    let expected = [
        3.965193437985956,
        -3.3886126522793827,
        -2.7521273923537897,
        -2.410923067582507,
        1.796906395625948,
        -1.7650683984187747,
        -1.7041411743016248,
        -1.4550090942091516,
        1.251569721403602,
    ];
    assert_close(&model.decisions(x.select(Axis(0), &[0, 60, 140]).view()), &expected, 1e-5);
}

/// scikit-learn 1.9.1, `LinearSVR(loss=…, epsilon=…, dual=True, tol=1e-10, max_iter=10**6)`.
#[test]
fn agrees_with_scikit_learn_on_values() {
    let (x, y) = wine_alcohol();
    let x = standardized(&x);
    let squared = ValueLoss::SquaredEpsilonInsensitive;
    let cases = [
        (
            ValueLoss::EpsilonInsensitive,
            0.1,
            139.63964420409982,
            [
                13.70588104964928,
                13.59261834205216,
                13.54949261293221,
                14.373457907273131,
                13.004295830817988,
            ],
        ),
        (
            squared,
            0.1,
            118.9335080965422,
            [
                13.589743875972136,
                13.603336855302123,
                13.55253946927604,
                14.342609984281793,
                12.911494207056144,
            ],
        ),
        (
            squared,
            0.0,
            131.8374436771012,
            [
                13.628103958381022,
                13.609266752596412,
                13.55931623156416,
                14.367157912154767,
                12.939880746584809,
            ],
        ),
    ];
    for (loss, epsilon, objective, expected) in cases {
        let parameters = LinearSupportVectorRegressor::new().loss(loss).epsilon(epsilon);
        let model = checked(parameters.tol(1e-10).max_iter(1_000_000))
            .fit_rows(x.view(), y.view(), &Control::plain())
            .unwrap();
        assert!(model.convergence().converged);
        assert_close([&-model.objective()], &[objective], 1e-8);
        assert_close(&model.predict_rows(x.slice(s![..5, ..])), &expected, 1e-5);
    }
}

#[test]
fn whole_weights_are_repeated_rows() {
    let x = uniform(60, 3, 4);
    let (weights, repeated) = whole_weights(60, 4);
    let more = x.select(Axis(0), &repeated);
    let codes = noisy_codes(&x, 3, 4);
    for loss in [ClassLoss::SquaredHinge, ClassLoss::Hinge] {
        let fit = |x: &Array2<f64>, codes: &[u32], control: &Control<'_>| {
            checked(exact().loss(loss).class_weight(ClassWeight::Balanced))
                .fit_rows(x.view(), codes, 3, control)
                .unwrap()
                .decisions(more.view())
        };
        let weighted = fit(&x, &codes, &Control::weighted(&weights));
        let plain = fit(&more, &pick(&codes, &repeated), &Control::plain());
        assert_close(&weighted, &plain.iter().copied().collect::<Vec<_>>(), 1e-6);
    }
}

#[test]
fn awkward_tables_give_finite_answers_or_errors() {
    for (name, x) in awkward_tables() {
        let codes: Vec<u32> = (0..x.nrows() as u32).map(|row| row % 3).collect();
        let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
        for fit_intercept in [true, false] {
            for loss in [ClassLoss::SquaredHinge, ClassLoss::Hinge] {
                let parameters =
                    LinearSupportVectorClassifier::new().loss(loss).fit_intercept(fit_intercept);
                if let Ok(model) =
                    checked(parameters).fit_rows(x.view(), &codes, 3, &Control::plain())
                {
                    let decisions = model.decisions(x.view());
                    assert!(decisions.iter().all(|value| value.is_finite()), "{name} {loss:?}");
                }
            }
            for loss in [ValueLoss::EpsilonInsensitive, ValueLoss::SquaredEpsilonInsensitive] {
                let parameters =
                    LinearSupportVectorRegressor::new().loss(loss).fit_intercept(fit_intercept);
                if let Ok(model) =
                    checked(parameters).fit_rows(x.view(), y.view(), &Control::plain())
                {
                    let predicted = model.predict_rows(x.view());
                    assert!(predicted.iter().all(|value| value.is_finite()), "{name} {loss:?}");
                }
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(2000, 10, 12);
    let codes = noisy_codes(&x, 3, 12);
    assert_same_bits(|| {
        let model = checked(LinearSupportVectorClassifier::new())
            .fit_rows(x.view(), &codes, 3, &Control::plain())
            .unwrap();
        model.decisions(x.slice(s![..200, ..])).iter().copied().collect()
    });
}

#[test]
fn classes_without_rows_are_never_answered() {
    let x = uniform(60, 2, 2);
    let codes: Vec<u32> = noisy_codes(&x, 2, 2).into_iter().map(|code| 2 * code).collect();
    let model = checked(LinearSupportVectorClassifier::new())
        .fit_rows(x.view(), &codes, 4, &Control::plain())
        .unwrap();
    assert!(model.answer(x.view()).1.is_none());
    assert!(model.predict_rows(x.view()).iter().all(|code| [0, 2].contains(code)));
    let refused = checked(LinearSupportVectorClassifier::new()).fit_rows(
        x.view(),
        &[1; 60],
        2,
        &Control::plain(),
    );
    assert!(matches!(refused, Err(Error::Degenerate(_))));
}

#[test]
fn a_training_that_is_cut_short_says_so() {
    let (x, codes) = table("breast_cancer");
    let x = standardized(&x);
    let model = checked(LinearSupportVectorClassifier::new().max_iter(1).tol(1e-12))
        .fit_rows(x.view(), &codes, 2, &Control::plain())
        .unwrap();
    assert!(!model.convergence().converged);
    let control = Control { weights: None, stop: &|| true };
    let parameters = LinearSupportVectorClassifier::new().max_iter(10_000).tol(1e-12);
    let stopped = checked(parameters).fit_rows(x.view(), &codes, 2, &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn parameters_out_of_range_are_refused() {
    let c = LinearSupportVectorClassifier::new().c(0.0).check();
    assert!(matches!(c, Err(Error::Parameter { name: "c", .. })));
    let scaling = LinearSupportVectorClassifier::new().intercept_scaling(-1.0).check();
    assert!(matches!(scaling, Err(Error::Parameter { name: "intercept_scaling", .. })));
    let epsilon = LinearSupportVectorRegressor::new().epsilon(f64::NAN).check();
    assert!(matches!(epsilon, Err(Error::Parameter { name: "epsilon", .. })));
}
