//! Values of scikit-learn 1.9.1 are those of `tests/reference/make_support_vectors.py`.

use linfa::ParamGuard;
use ndarray::{Array1, Array2, Axis, s};

use super::*;
use crate::ClassWeight;
use crate::test_support::*;

fn breast_cancer() -> (Array2<f64>, Vec<u32>) {
    let (x, codes) = table("breast_cancer");
    (standardized(&x), codes)
}

fn every_third(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row % 3) as f64).collect()
}

fn exact() -> SupportVectorClassifier {
    SupportVectorClassifier::new().tol(1e-9)
}

/// Decisions of the first rows for the higher of two classes, as scikit-learn gives them.
fn first_decisions(model: &FittedSupportVectorClassifier, x: &Array2<f64>) -> Vec<f64> {
    model.decisions(x.slice(s![..5, ..])).iter().map(|decision| -decision).collect()
}

/// scikit-learn 1.9.1, `SVC(kernel=…, tol=1e-9).fit(X, y)`; for the polynomial `coef0=1`.
#[test]
fn agrees_with_scikit_learn_on_two_classes() {
    let (x, codes) = breast_cancer();
    let cases = [
        (
            Kernel::Rbf,
            0.0,
            -59.76134537133554,
            [
                1.0000000055745475,
                1.880419237623533,
                2.4440468074136925,
                0.9999999971894561,
                1.480194004599066,
            ],
        ),
        (
            Kernel::Linear,
            0.0,
            -26.525455159802213,
            [
                13.449903576643845,
                7.104443144880582,
                10.368787384467085,
                5.145711457883486,
                7.427373404850929,
            ],
        ),
        (
            Kernel::Poly,
            1.0,
            -31.8739646395227,
            [
                7.036366087610667,
                3.5020307463930775,
                5.631419378132714,
                6.153426865611973,
                3.6217302496321695,
            ],
        ),
        (
            Kernel::Sigmoid,
            0.0,
            -83.34611341073095,
            [
                2.6109399265376365,
                3.543797834049463,
                7.4287053757412895,
                -8.9971124368974,
                3.843810983928325,
            ],
        ),
    ];
    for (kernel, coef0, objective, decisions) in cases {
        for shrinking in [true, false] {
            let model = checked(exact().kernel(kernel).coef0(coef0).shrinking(shrinking))
                .fit_rows(x.view(), &codes, 2, &Control::plain())
                .unwrap();
            assert!(model.convergence().converged);
            // A sigmoid is no kernel: its dual has several optima.
            if kernel == Kernel::Sigmoid {
                let answers = model.predict_rows(x.view());
                let right = answers.iter().zip(&codes).filter(|(a, b)| a == b).count();
                assert!(right > 520, "{right}");
            } else {
                assert_close(model.objectives(), &[objective], 1e-7);
                assert_close(&first_decisions(&model, &x), &decisions, 1e-5);
            }
        }
    }
}

/// scikit-learn 1.9.1, `SVC(C=3, gamma=.02, tol=1e-9).fit(X, y, sample_weight=i % 3)` and
/// `SVC(class_weight="balanced", gamma="auto", tol=1e-9).fit(X, y)`.
#[test]
fn agrees_with_scikit_learn_on_weights() {
    let (x, codes) = breast_cancer();
    let weights = every_third(codes.len());
    let model = checked(exact().c(3.0).gamma(Gamma::Value(0.02)))
        .fit_rows(x.view(), &codes, 2, &Control::weighted(&weights))
        .unwrap();
    let expected = [
        1.1521530333893664,
        2.491018081282533,
        3.3639614485422697,
        0.7303796032518599,
        2.289554569043664,
    ];
    assert_close(&first_decisions(&model, &x), &expected, 1e-6);
    let model = checked(exact().gamma(Gamma::Auto).class_weight(ClassWeight::Balanced))
        .fit_rows(x.view(), &codes, 2, &Control::plain())
        .unwrap();
    let expected = [
        1.0000000031668725,
        1.9013710078455255,
        2.4121961357100936,
        0.9999999978493883,
        1.4752764375728844,
    ];
    assert_close(&first_decisions(&model, &x), &expected, 1e-6);
}

/// scikit-learn 1.9.1, `SVC(tol=1e-9, decision_function_shape="ovo")` and the same with
/// `kernel="linear", C=0.1`.
#[test]
fn agrees_with_scikit_learn_on_three_classes() {
    let (x, codes) = table("wine");
    let x = standardized(&x);
    let rows = x.select(Axis(0), &[0, 60, 140]);
    let model = checked(exact()).fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        1.4533117356184784,
        1.1697563199359877,
        0.7077767485837081,
        -1.3242335285036322,
        -0.42548907859675483,
        1.1234696590328124,
        -0.9059844274104658,
        -1.1116549598238958,
        -1.0000000954563764,
    ];
    assert_close(&model.decisions(rows.view()), &expected, 1e-6);
    assert_eq!(model.supports(), 69);
    let model = checked(exact().kernel(Kernel::Linear).c(0.1))
        .fit_rows(x.view(), &codes, 3, &Control::plain())
        .unwrap();
    let expected = [
        2.6307382996746234,
        1.9946156845397907,
        1.9605573804447425,
        -1.5914750949450989,
        -0.616737762052308,
        1.0000000396339765,
        -0.38653681800846473,
        -1.1876482424984103,
        -1.0000000316863038,
    ];
    assert_close(&model.decisions(rows.view()), &expected, 1e-6);
}

/// scikit-learn 1.9.1, `SVR(kernel=…, tol=1e-9)` and
/// `SVR(C=2, epsilon=.3, gamma=.05, tol=1e-9).fit(X, y, sample_weight=i % 3)`.
#[test]
fn agrees_with_scikit_learn_on_values() {
    let (x, y) = wine_alcohol();
    let x = standardized(&x);
    let cases = [
        (
            Kernel::Rbf,
            -41.129265709670015,
            [
                14.28764994658093,
                13.489237383866394,
                13.743717698248922,
                14.13623438700002,
                13.183255286704123,
            ],
        ),
        (
            Kernel::Linear,
            -55.42877273727928,
            [
                13.739798882006186,
                13.601961861418024,
                13.605859251648027,
                14.375793585199927,
                13.072256696316405,
            ],
        ),
    ];
    for (kernel, objective, expected) in cases {
        for shrinking in [true, false] {
            let model = checked(
                SupportVectorRegressor::new().kernel(kernel).tol(1e-9).shrinking(shrinking),
            )
            .fit_rows(x.view(), y.view(), &Control::plain())
            .unwrap();
            assert_close([&model.objective()], &[objective], 1e-9);
            // libsvm keeps kernel values in single precision.
            assert_close(&model.predict_rows(x.slice(s![..5, ..])), &expected, 2e-6);
        }
    }
    let weights = every_third(y.len());
    let model = checked(
        SupportVectorRegressor::new().c(2.0).epsilon(0.3).gamma(Gamma::Value(0.05)).tol(1e-9),
    )
    .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
    .unwrap();
    let expected = [
        14.049400995450123,
        13.599368970336476,
        13.459999773129828,
        13.79391496656756,
        12.940000094458913,
    ];
    assert_close(&model.predict_rows(x.slice(s![..5, ..])), &expected, 1e-6);
}

/// scikit-learn 1.9.1, `OneClassSVM(nu=…, tol=1e-9).fit(X)` and
/// `OneClassSVM(nu=.2, gamma=.05, tol=1e-9).fit(X, sample_weight=i % 3)`.
#[test]
fn agrees_with_scikit_learn_on_one_class() {
    let (x, y) = wine_alcohol();
    let x = standardized(&x);
    let cases = [
        (
            0.5,
            [
                -0.92825902839542,
                -1.8236025616063518,
                2.2997205917363317e-08,
                -3.997716641689186,
                1.1653911713377063,
            ],
        ),
        (
            0.1,
            [
                0.4445657578012505,
                -5.218313114951911e-09,
                0.5227126140087996,
                -2.5962554106584435e-08,
                0.8339661778324339,
            ],
        ),
    ];
    for (nu, expected) in cases {
        let model = checked(OneClassSupportVectorMachine::new().nu(nu).tol(1e-9))
            .fit_rows(x.view(), &Control::plain())
            .unwrap();
        assert_close(&model.decisions(x.slice(s![..5, ..])), &expected, 1e-6);
    }
    let weights = every_third(y.len());
    let model =
        checked(OneClassSupportVectorMachine::new().nu(0.2).gamma(Gamma::Value(0.05)).tol(1e-9))
            .fit_rows(x.view(), &Control::weighted(&weights))
            .unwrap();
    let expected = [
        0.32082739093639745,
        2.0655765098354095e-08,
        1.5414075297708187,
        -1.2502589227569558,
        2.211011093507457,
    ];
    assert_close(&model.decisions(x.slice(s![..5, ..])), &expected, 1e-6);
}

/// At the optimum no pair of variables can be moved to lower the objective: rows within their margin
/// count with their whole cost, rows beyond it not at all.
#[test]
fn the_conditions_of_the_optimum_hold() {
    let x = uniform(1500, 4, 3);
    let codes = noisy_codes(&x, 2, 3);
    for cache_size in [0, 200] {
        let model = checked(SupportVectorClassifier::new().tol(1e-6).cache_size(cache_size).c(5.0))
            .fit_rows(x.view(), &codes, 2, &Control::plain())
            .unwrap();
        let slack: f64 = model
            .decisions(x.view())
            .iter()
            .zip(&codes)
            .map(|(f, code)| (1.0 - if *code == 0 { *f } else { -f }).max(0.0))
            .sum();
        let sum: f64 = model.factors[0].iter().map(|factor| factor.abs()).sum();
        // The primal and the dual objective meet: ½|f|² + c · slack = Σ|β| - ½|f|².
        let half_norm = model.objectives()[0] + sum;
        let primal = half_norm + 5.0 * slack;
        let dual = sum - half_norm;
        assert!((primal - dual).abs() < 1e-4 * dual, "{primal} {dual}");
    }
}

#[test]
fn shrinking_does_not_change_the_optimum() {
    let x = uniform(1500, 3, 21);
    let codes = noisy_codes(&x, 2, 21);
    let fit = |shrinking: bool| {
        checked(SupportVectorClassifier::new().tol(1e-7).c(20.0).shrinking(shrinking).cache_size(3))
            .fit_rows(x.view(), &codes, 2, &Control::plain())
            .unwrap()
    };
    let (with, without) = (fit(true), fit(false));
    assert_close(with.objectives(), without.objectives(), 1e-9);
    let expected: Vec<f64> = without.decisions(x.view()).iter().copied().collect();
    assert_close(&with.decisions(x.view()), &expected, 1e-4);
}

#[test]
fn whole_weights_are_repeated_rows() {
    let x = uniform(60, 3, 4);
    let (weights, repeated) = whole_weights(60, 4);
    let more = x.select(Axis(0), &repeated);
    let codes = noisy_codes(&x, 3, 4);
    let fit = |x: &Array2<f64>, codes: &[u32], control: &Control<'_>| {
        checked(SupportVectorClassifier::new().tol(1e-10).class_weight(ClassWeight::Balanced))
            .fit_rows(x.view(), codes, 3, control)
            .unwrap()
            .decisions(more.view())
    };
    let weighted = fit(&x, &codes, &Control::weighted(&weights));
    let plain = fit(&more, &pick(&codes, &repeated), &Control::plain());
    assert_close(&weighted, &plain.iter().copied().collect::<Vec<_>>(), 1e-7);
    let y = noisy_values(&x, 4);
    let fit = |x: &Array2<f64>, y: &Array1<f64>, control: &Control<'_>| {
        checked(SupportVectorRegressor::new().tol(1e-10))
            .fit_rows(x.view(), y.view(), control)
            .unwrap()
            .predict_rows(more.view())
    };
    let weighted = fit(&x, &y, &Control::weighted(&weights));
    let plain = fit(&more, &y.select(Axis(0), &repeated), &Control::plain());
    assert_close(&weighted, &plain.to_vec(), 1e-8);
    let fit = |x: &Array2<f64>, control: &Control<'_>| {
        checked(OneClassSupportVectorMachine::new().tol(1e-10).nu(0.3))
            .fit_rows(x.view(), control)
            .unwrap()
            .decisions(more.view())
    };
    let weighted = fit(&x, &Control::weighted(&weights));
    assert_close(&weighted, &fit(&more, &Control::plain()).to_vec(), 1e-7);
}

#[test]
fn awkward_tables_give_finite_answers_or_errors() {
    for (name, x) in awkward_tables() {
        let codes: Vec<u32> = (0..x.nrows() as u32).map(|row| row % 3).collect();
        let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
        for kernel in [Kernel::Rbf, Kernel::Linear, Kernel::Poly, Kernel::Sigmoid] {
            for gamma in [Gamma::Scale, Gamma::Auto, Gamma::Value(0.0), Gamma::Value(1e300)] {
                // Some of these have no optimum that could be reached.
                let most = Some(2000);
                let classes =
                    SupportVectorClassifier::new().kernel(kernel).gamma(gamma).max_iter(most);
                if let Ok(model) = checked(classes).fit_rows(x.view(), &codes, 3, &Control::plain())
                {
                    let decisions = model.decisions(x.view());
                    assert!(decisions.iter().all(|value| value.is_finite()), "{name} {kernel:?}");
                }
                let values =
                    SupportVectorRegressor::new().kernel(kernel).gamma(gamma).max_iter(most);
                if let Ok(model) = checked(values).fit_rows(x.view(), y.view(), &Control::plain()) {
                    let predicted = model.predict_rows(x.view());
                    assert!(predicted.iter().all(|value| value.is_finite()), "{name} {kernel:?}");
                }
                let one =
                    OneClassSupportVectorMachine::new().kernel(kernel).gamma(gamma).max_iter(most);
                if let Ok(model) = checked(one).fit_rows(x.view(), &Control::plain()) {
                    let decisions = model.decisions(x.view());
                    assert!(decisions.iter().all(|value| value.is_finite()), "{name} {kernel:?}");
                }
            }
        }
    }
}

#[test]
fn the_scale_of_all_columns_does_not_matter() {
    let (x, codes) = table("iris");
    let fit = |x: &Array2<f64>| {
        checked(exact())
            .fit_rows(x.view(), &codes, 3, &Control::plain())
            .unwrap()
            .predict_rows(x.view())
    };
    for factor in [2_f64.powi(-500), 2_f64.powi(500)] {
        assert_eq!(fit(&(&x * factor)), fit(&x));
    }
}

#[test]
fn a_target_of_any_size_is_followed() {
    let (x, y) = wine_alcohol();
    let x = standardized(&x);
    for factor in [1e-150, 1e150, 1e300] {
        let model = checked(SupportVectorRegressor::new().c(factor).epsilon(0.0))
            .fit_rows(x.view(), (&y * factor).view(), &Control::plain())
            .unwrap();
        let predicted = model.predict_rows(x.view());
        assert!(predicted.iter().all(|value| value.is_finite()), "{factor}");
    }
    let model = checked(SupportVectorRegressor::new())
        .fit_rows(x.view(), Array1::from_elem(x.nrows(), 7.5).view(), &Control::plain())
        .unwrap();
    assert!(model.predict_rows(x.view()).iter().all(|value| *value == 7.5));
}

/// scikit-learn 1.9.1, `SVC(probability=True).fit(X, y).predict_proba(X)`: the mean of the
/// probabilities of the right classes is 0.9735 on breast cancer and 0.9747 on wine; its folds are others.
#[test]
fn probabilities_come_near_those_of_scikit_learn() {
    for (name, classes, expected) in [("breast_cancer", 2, 0.9735), ("wine", 3, 0.9747)] {
        let (x, codes) = table(name);
        let x = standardized(&x);
        let model = checked(SupportVectorClassifier::new().probability(true))
            .fit_rows(x.view(), &codes, classes, &Control::plain())
            .unwrap();
        let (_, probabilities) = model.answer(x.view());
        let probabilities = probabilities.unwrap();
        assert_probabilities(&probabilities);
        let right: f64 = probabilities
            .rows()
            .into_iter()
            .zip(&codes)
            .map(|(row, &code)| row[code as usize])
            .sum();
        let mean = right / codes.len() as f64;
        assert!((mean - expected).abs() < 0.01, "{name}: {mean}");
    }
}

#[test]
fn probabilities_are_those_of_the_seed() {
    let x = uniform(120, 3, 8);
    let codes: Vec<u32> = noisy_codes(&x, 3, 8).into_iter().map(|code| 2 * code).collect();
    let fit = |seed: u64| {
        let parameters = SupportVectorClassifier::new().probability(true).seed(seed);
        let model = checked(parameters).fit_rows(x.view(), &codes, 6, &Control::plain()).unwrap();
        model.answer(x.view()).1.unwrap()
    };
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
    assert!(fit(1).column(1).iter().all(|probability| *probability == 0.0));
}

#[test]
fn one_class_is_no_classification() {
    let x = uniform(10, 2, 1);
    let refused =
        checked(SupportVectorClassifier::new()).fit_rows(x.view(), &[1; 10], 2, &Control::plain());
    assert!(matches!(refused, Err(Error::Degenerate(_))));
}

#[test]
fn a_class_without_rows_is_never_answered() {
    let x = uniform(60, 2, 2);
    let codes: Vec<u32> = noisy_codes(&x, 2, 2).into_iter().map(|code| 2 * code).collect();
    let model = checked(SupportVectorClassifier::new())
        .fit_rows(x.view(), &codes, 4, &Control::plain())
        .unwrap();
    assert_eq!(model.present(), [0, 2]);
    assert!(model.answer(x.view()).1.is_none());
    assert!(model.predict_rows(x.view()).iter().all(|code| [0, 2].contains(code)));
}

#[test]
fn separable_classes_are_separated() {
    let x = Array2::from_shape_fn((40, 2), |(i, j)| if i < 20 { -1.0 } else { 1.0 } + j as f64);
    let codes: Vec<u32> = (0..40).map(|row| u32::from(row >= 20)).collect();
    for kernel in [Kernel::Rbf, Kernel::Linear] {
        let model = checked(SupportVectorClassifier::new().kernel(kernel).c(1e6))
            .fit_rows(x.view(), &codes, 2, &Control::plain())
            .unwrap();
        assert_eq!(model.predict_rows(x.view()).to_vec(), codes);
        let ranks = model.answer(x.view()).1.unwrap();
        assert_probabilities(&ranks);
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(2600, 20, 12);
    let codes = noisy_codes(&x, 3, 12);
    let y = noisy_values(&x, 12);
    assert_same_bits(|| {
        let model = checked(SupportVectorClassifier::new().cache_size(8))
            .fit_rows(x.view(), &codes, 3, &Control::plain())
            .unwrap();
        model.decisions(x.slice(s![..200, ..])).iter().copied().collect()
    });
    assert_same_bits(|| {
        let model = checked(SupportVectorRegressor::new())
            .fit_rows(x.view(), y.view(), &Control::plain())
            .unwrap();
        model.predict_rows(x.slice(s![..200, ..])).to_vec()
    });
}

/// Of points that do not stay near several rows of the kernel are worked out at a time, where the
/// cache has room for them.
#[test]
fn rows_that_are_worked_out_ahead_change_no_bit() {
    let x = uniform(1100, 1000, 4);
    let codes = noisy_codes(&x, 2, 4);
    let decisions = |cache_size: u32| -> Vec<u64> {
        let model =
            checked(SupportVectorClassifier::new().cache_size(cache_size).max_iter(Some(300)))
                .fit_rows(x.view(), &codes, 2, &Control::plain())
                .unwrap();
        let decisions = model.decisions(x.slice(s![..100, ..]));
        decisions.iter().map(|decision| decision.to_bits()).collect()
    };
    assert_eq!(decisions(0), decisions(200));
}

#[test]
fn a_training_that_is_cut_short_says_so() {
    let x = uniform(200, 3, 5);
    let codes = noisy_codes(&x, 2, 5);
    let model = checked(SupportVectorClassifier::new().max_iter(Some(3)))
        .fit_rows(x.view(), &codes, 2, &Control::plain())
        .unwrap();
    assert!(!model.convergence().converged);
    assert_eq!(model.convergence().iterations, 3);
}

#[test]
fn a_raised_stop_ends_the_training() {
    let x = uniform(200, 3, 5);
    let codes = noisy_codes(&x, 2, 5);
    let control = Control { weights: None, stop: &|| true };
    let stopped = checked(SupportVectorClassifier::new()).fit_rows(x.view(), &codes, 2, &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn parameters_out_of_range_are_refused() {
    let refused = [
        ("c", SupportVectorClassifier::new().c(0.0)),
        ("c", SupportVectorClassifier::new().c(f64::NAN)),
        ("tol", SupportVectorClassifier::new().tol(0.0)),
        ("gamma", SupportVectorClassifier::new().gamma(Gamma::Value(-1.0))),
        ("degree", SupportVectorClassifier::new().degree(1001)),
        ("coef0", SupportVectorClassifier::new().coef0(f64::INFINITY)),
    ];
    for (expected, parameters) in refused {
        let found = parameters.check();
        assert!(matches!(found, Err(Error::Parameter { name, .. }) if name == expected));
    }
    let too_large = SupportVectorClassifier::new().cache_size(4097).check();
    assert!(matches!(too_large, Err(Error::Memory { bytes, .. }) if bytes == 4097 << 20));
    let nu = OneClassSupportVectorMachine::new().nu(0.0).check();
    assert!(matches!(nu, Err(Error::Parameter { name: "nu", .. })));
    let epsilon = SupportVectorRegressor::new().epsilon(-0.1).check();
    assert!(matches!(epsilon, Err(Error::Parameter { name: "epsilon", .. })));
}
