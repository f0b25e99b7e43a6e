use ndarray::{Axis, ShapeBuilder, s};

use super::*;
use crate::Generator;
use crate::test_support::{
    assert_probabilities, assert_same_bits, awkward_tables, checked, noisy_codes, noisy_values,
    pick, table, uniform, whole_weights, wine_alcohol,
};

fn classifier() -> GradientBoostingClassifier {
    GradientBoostingClassifier::new().max_iter(20).min_samples_leaf(5)
}

fn regressor() -> GradientBoostingRegressor {
    GradientBoostingRegressor::new().max_iter(20).min_samples_leaf(5)
}

/// Rows whose number is no multiple of 4, and those whose number is.
fn halves(rows: usize) -> (Vec<usize>, Vec<usize>) {
    (0..rows).partition(|row| row % 4 != 0)
}

fn values_of(
    parameters: GradientBoostingRegressor,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> (f64, Vec<f64>) {
    let (train, test) = halves(x.nrows());
    let model = checked(parameters)
        .fit_rows(
            x.select(Axis(0), &train).view(),
            y.select(Axis(0), &train).view(),
            &Control::plain(),
        )
        .unwrap();
    let predicted = model.predict_rows(x.select(Axis(0), &test).view());
    let error = (&predicted - &y.select(Axis(0), &test)).mapv(|error| error * error);
    (error.mean().unwrap(), predicted.to_vec())
}

/// scikit-learn 1.9.1, `HistGradientBoostingRegressor(random_state=0, early_stopping=False,
/// max_iter=40, …)` on the other columns of wine, trained on rows whose number is no multiple of 4:
/// the mean squared error on the others, and the first two predictions.
#[test]
fn values_are_predicted_like_scikit_learn() {
    let (x, y) = wine_alcohol();
    let base = || GradientBoostingRegressor::new().max_iter(40);
    let mut rising = vec![Monotonic::Free; 12];
    (rising[0], rising[1]) = (Monotonic::Increasing, Monotonic::Decreasing);
    let cases = [
        (base(), 0.375_228_892_663, [13.912_777_35, 12.674_605_28]),
        (base().loss(ValueLoss::Poisson), 0.371_363_402_735, [13.893_059_36, 12.697_077_53]),
        (base().loss(ValueLoss::Gamma), 0.369_882_865_457, [13.888_409_06, 12.765_446_22]),
        (
            base()
                .max_depth(Some(2))
                .l2_regularization(3.0)
                .min_samples_leaf(5)
                .max_leaf_nodes(None),
            0.350_466_490_653,
            [13.768_233_41, 12.850_010_49],
        ),
        (base().monotonic_cst(rising), 0.381_139_943_926, [13.873_100_77, 12.660_650_29]),
    ];
    for (parameters, expected, first) in cases {
        let (error, predicted) = values_of(parameters.clone(), &x, &y);
        assert!((error - expected).abs() < 0.004, "{parameters:?}: {error}, not {expected}");
        for (found, expected) in predicted.iter().zip(first) {
            assert!((found - expected).abs() < 0.06, "{parameters:?}: {found}, not {expected}");
        }
    }
}

/// As above, `loss="absolute_error"` with so many rounds. In the end gains are equal but for rounding, and then
/// other splits may follow.
#[test]
fn medians_are_predicted_like_scikit_learn() {
    let (x, y) = wine_alcohol();
    for (rounds, expected, first, tolerance) in [
        (1, 0.702_891_672_222, [13.121_5, 13.015_5], 1e-9),
        (5, 0.500_831_570_542, [13.289_044_15, 13.183_044_15], 1e-9),
        (20, 0.347_186_055_801, [13.684_818_592_8, 13.087_565_085_9], 1e-9),
        (40, 0.328_900_772_599, [13.930_894_694_7, 13.103_804_261_4], 0.07),
    ] {
        let base = GradientBoostingRegressor::new().max_iter(rounds);
        let (error, predicted) = values_of(base.loss(ValueLoss::AbsoluteError), &x, &y);
        assert!((error - expected).abs() < tolerance, "{rounds}: {error}, not {expected}");
        for (found, expected) in predicted.iter().zip(first) {
            assert!((found - expected).abs() < tolerance, "{rounds}: {found}, not {expected}");
        }
    }
}

/// As above, `loss="quantile"` with `max_leaf_nodes=2`: one round with `learning_rate=1`, whose leaves are
/// numpy's `percentile` of their targets, and with `quantile=0.8` forty rounds of whole trees, which gains
/// that are equal but for rounding lead to other splits.
#[test]
fn quantiles_are_predicted_like_scikit_learn() {
    let (x, y) = wine_alcohol();
    let base = GradientBoostingRegressor::new().loss(ValueLoss::Quantile);
    let stump = base.clone().max_iter(1).learning_rate(1.0).max_leaf_nodes(Some(2));
    for (quantile, expected, first) in [
        (0.2, 0.749_283_022_222, [12.75, 12.75]),
        (0.8, 0.841_123_2, [14.198, 13.41]),
        (0.9, 1.250_497_777_778, [14.38, 13.71]),
    ] {
        let (error, predicted) = values_of(stump.clone().quantile(quantile), &x, &y);
        assert!((error - expected).abs() < 1e-9, "{quantile}: {error}, not {expected}");
        for (found, expected) in predicted.iter().zip(first) {
            assert!((found - expected).abs() < 1e-9, "{quantile}: {found}, not {expected}");
        }
    }
    let (error, _) = values_of(base.max_iter(40).quantile(0.8), &x, &y);
    assert!((error - 0.439_467_552).abs() < 0.02, "{error}");
}

/// As above, with NaN in every third row of column 2 and in column 6 of rows 1, 6, 11, …; and with
/// column 11 turned into `floor(value / 100) % 7` as categories and `min_samples_leaf=5`.
#[test]
fn gaps_and_categories_are_used_like_scikit_learn() {
    let (x, y) = wine_alcohol();
    let base = GradientBoostingRegressor::new().max_iter(40);
    let mut gaps = x.clone();
    gaps.slice_mut(s![..;3, 2]).fill(f64::NAN);
    gaps.slice_mut(s![1..;5, 6]).fill(f64::NAN);
    let (error, _) = values_of(base.clone(), &gaps, &y);
    assert!((error - 0.385_322_058).abs() < 0.004, "{error}");
    let mut codes = x.clone();
    codes.column_mut(11).mapv_inplace(|value| (value / 100.0).floor() % 7.0);
    let mut categories = vec![0; 12];
    categories[11] = 7;
    let (error, _) = values_of(base.categories(categories).min_samples_leaf(5), &codes, &y);
    assert!((error - 0.329_608_946).abs() < 0.01, "{error}");
}

/// scikit-learn 1.9.1, `HistGradientBoostingClassifier(random_state=0, early_stopping=False)` with
/// 100 rounds on breast cancer and 30 on wine: log loss and accuracy on rows whose number is a
/// multiple of 4.
#[test]
fn classes_are_predicted_like_scikit_learn() {
    for (name, rounds, loss, accuracy) in
        [("breast_cancer", 100, 0.088_638_099, 0.986_013_986), ("wine", 30, 0.021_516_751, 1.0)]
    {
        let (x, codes) = table(name);
        let (train, test) = halves(x.nrows());
        let classes = *codes.iter().max().unwrap() as usize + 1;
        let model = checked(GradientBoostingClassifier::new().max_iter(rounds))
            .fit_rows(
                x.select(Axis(0), &train).view(),
                &pick(&codes, &train),
                classes,
                &Control::plain(),
            )
            .unwrap();
        let rows = x.select(Axis(0), &test);
        let truth = pick(&codes, &test);
        let probabilities = model.predict_probabilities(rows.view());
        assert_probabilities(&probabilities);
        let found = probabilities
            .rows()
            .into_iter()
            .zip(&truth)
            .map(|(row, &code)| -row[code as usize].ln())
            .sum::<f64>()
            / truth.len() as f64;
        assert!((found - loss).abs() < 0.02, "{name}: {found}, not {loss}");
        let predicted = model.predict_rows(rows.view());
        let right = predicted.iter().zip(&truth).filter(|(a, b)| a == b).count();
        assert!((right as f64 / truth.len() as f64 - accuracy).abs() < 0.008, "{name}");
        let sum: f64 = model.feature_importances().iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let x = uniform(70_000, 3, 1);
    let y = noisy_values(&x, 1);
    let codes = noisy_codes(&x, 3, 1);
    let few = 2;
    assert_same_bits(|| {
        let parameters = regressor().max_iter(few).subsample(0.99).max_features(0.5);
        let model = checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        let mut found = model.predict_rows(x.slice(s![..500, ..])).to_vec();
        let early = Some(EarlyStopping::default());
        let parameters = classifier().max_iter(few).early_stopping(early);
        let model = checked(parameters).fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
        found.extend(model.predict_probabilities(x.slice(s![..500, ..])));
        found
    });
}

#[test]
fn weights_are_repeated_rows() {
    let x = uniform(150, 3, 2);
    let (y, codes) = (noisy_values(&x, 2).mapv(f64::abs), noisy_codes(&x, 3, 2));
    let (weights, repeated) = whole_weights(150, 2);
    let control = Control::weighted(&weights);
    let many = x.select(Axis(0), &repeated);
    for loss in [
        ValueLoss::SquaredError,
        ValueLoss::AbsoluteError,
        ValueLoss::Quantile,
        ValueLoss::Poisson,
        ValueLoss::Gamma,
    ] {
        // Leaves count rows, so a limit of 1 is the one that both forms meet alike.
        let parameters =
            checked(regressor().min_samples_leaf(1).max_leaf_nodes(Some(5)).loss(loss));
        let weighted = parameters.fit_rows(x.view(), y.view(), &control).unwrap();
        let plain = parameters
            .fit_rows(many.view(), y.select(Axis(0), &repeated).view(), &Control::plain())
            .unwrap();
        for (a, b) in weighted.predict_rows(x.view()).iter().zip(plain.predict_rows(x.view())) {
            assert!((a - b).abs() < 1e-6, "{loss:?}: {a} and {b}");
        }
    }
    let parameters = checked(classifier().min_samples_leaf(1).max_leaf_nodes(Some(5)));
    let weighted = parameters.fit_rows(x.view(), &codes, 3, &control).unwrap();
    let plain =
        parameters.fit_rows(many.view(), &pick(&codes, &repeated), 3, &Control::plain()).unwrap();
    let difference =
        weighted.predict_probabilities(x.view()) - plain.predict_probabilities(x.view());
    assert!(difference.iter().all(|difference| difference.abs() < 1e-6));
}

#[test]
fn steps_that_are_too_long_are_told() {
    let x = uniform(200, 2, 4);
    let y = noisy_values(&x, 4);
    for loss in [ValueLoss::SquaredError, ValueLoss::AbsoluteError] {
        let parameters = checked(regressor().learning_rate(100.0).loss(loss));
        let refused = parameters.fit_rows(x.view(), y.view(), &Control::plain());
        let told = matches!(refused, Err(Error::Parameter { name: "learning_rate", .. }));
        assert!(told, "{loss:?}");
    }
}

#[test]
fn trees_beyond_the_memory_are_refused_by_the_first_ones() {
    let x = uniform(200, 2, 4);
    let y = noisy_values(&x, 4);
    let parameters = checked(regressor().max_iter(1_000_000_000).min_samples_leaf(1));
    let refused = parameters.fit_rows(x.view(), y.view(), &Control::plain());
    assert!(matches!(refused, Err(Error::Memory { parameter: Some("max_iter"), .. })));
}

#[test]
fn monotonic_predictions_hold_on_a_grid() {
    let x = uniform(600, 3, 3);
    let y = noisy_values(&x, 3) + x.column(0).mapv(|value| (6.0 * value).sin());
    let codes: Vec<u32> = y.iter().map(|y| u32::from(*y > 0.2)).collect();
    let cst = vec![Monotonic::Increasing, Monotonic::Decreasing];
    let regressor = checked(regressor().monotonic_cst(cst.clone()));
    let values = regressor.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    let classifier = checked(classifier().monotonic_cst(cst));
    let classes = classifier.fit_rows(x.view(), &codes, 2, &Control::plain()).unwrap();
    for (column, sign) in [(0, 1.0), (1, -1.0)] {
        for row in 0..20 {
            let mut grid = Array2::from_shape_fn((50, 3), |(_, j)| x[[row, j]]);
            for (step, value) in grid.column_mut(column).iter_mut().enumerate() {
                *value = step as f64 / 20.0 - 1.2;
            }
            let steps = values.predict_rows(grid.view()).to_vec();
            assert!(steps.windows(2).all(|pair| sign * (pair[1] - pair[0]) >= 0.0));
            let steps = classes.predict_probabilities(grid.view()).column(1).to_vec();
            assert!(steps.windows(2).all(|pair| sign * (pair[1] - pair[0]) >= -1e-12));
        }
    }
}

#[test]
fn sets_of_categories_need_fewer_splits_than_single_ones() {
    let mut generator = Generator::new(4);
    let codes: Vec<usize> = (0..2000).map(|_| generator.below(40) as usize).collect();
    let y: Array1<f64> = codes.iter().map(|code| ((code * 7919) % 40 % 2) as f64).collect();
    let native = Array2::from_shape_fn((2000, 1), |(row, _)| codes[row] as f64);
    let one_hot =
        Array2::from_shape_fn((2000, 40).f(), |(row, j)| f64::from(u8::from(codes[row] == j)));
    let base = regressor().max_iter(5).learning_rate(1.0).max_leaf_nodes(Some(2));
    let error = |parameters: GradientBoostingRegressor, x: &Array2<f64>| {
        let model = checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        (model.predict_rows(x.view()) - &y).mapv(f64::abs).mean().unwrap()
    };
    assert!(error(base.clone().categories(vec![40]), &native) < 1e-6);
    assert!(error(base, &one_hot) > 0.2);
}

#[test]
fn unknown_categories_and_gaps_never_panic() {
    let x = Array2::from_shape_fn((90, 2), |(row, j)| ((row * (j + 1)) % 9) as f64);
    let y: Array1<f64> = (0..90).map(|row| (row % 9) as f64).collect();
    let parameters = checked(regressor().categories(vec![9]));
    let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    let odd = ndarray::array![[f64::NAN, f64::NAN], [77.0, 1e300], [-1.0, -1e300], [1e300, 0.0]];
    assert!(model.predict_rows(odd.view()).iter().all(|value| value.is_finite()));
}

#[test]
fn training_stops_early_where_nothing_improves() {
    let x = uniform(400, 2, 5);
    let mut generator = Generator::new(6);
    let y: Array1<f64> = (0..400).map(|_| generator.unit()).collect();
    let early = EarlyStopping { n_iter_no_change: 3, ..EarlyStopping::default() };
    let parameters = checked(regressor().max_iter(200).early_stopping(Some(early)));
    let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    assert!((3..100).contains(&model.iterations()), "{}", model.iterations());
}

#[test]
fn drawn_rows_and_columns_follow_from_the_seed() {
    let x = uniform(300, 4, 7);
    let y = noisy_values(&x, 7);
    let run = |parameters: GradientBoostingRegressor| {
        let model = checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        model.predict_rows(x.view())
    };
    for drawn in [regressor().subsample(0.5), regressor().max_features(0.5)] {
        assert_eq!(run(drawn.clone()), run(drawn.clone()));
        assert_ne!(run(drawn.clone()), run(drawn.clone().seed(1)));
        let error = (run(drawn) - &y).mapv(f64::abs).mean().unwrap();
        assert!(error < 0.3, "{error}");
    }
}

#[test]
fn awkward_tables_break_nothing() {
    for (name, x) in awkward_tables() {
        let y = noisy_values(&x, 8).mapv(|y| if y.is_finite() { y } else { 1e300 });
        let codes: Vec<u32> = (0..x.nrows()).map(|row| (row % 2) as u32).collect();
        let parameters = checked(regressor().min_samples_leaf(1));
        let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        let found = model.predict_rows(x.view());
        assert!(found.iter().all(|value| value.is_finite()), "{name}: {found}");
        let parameters = checked(classifier().min_samples_leaf(1));
        let model = parameters.fit_rows(x.view(), &codes, 4, &Control::plain()).unwrap();
        assert_probabilities(&model.predict_probabilities(x.view()));
    }
}

#[test]
fn targets_of_any_scale_are_learnt() {
    let x = uniform(200, 2, 9);
    let y = noisy_values(&x, 9);
    let parameters = checked(regressor());
    let plain = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
    for scale in [2_f64.powi(-990), 2_f64.powi(990)] {
        let scaled = &y * scale;
        let model = parameters.fit_rows(x.view(), scaled.view(), &Control::plain()).unwrap();
        assert_eq!(model.predict_rows(x.view()) / scale, plain.predict_rows(x.view()));
    }
    let far = parameters.fit_rows(x.view(), (&y + 1e9).view(), &Control::plain()).unwrap();
    let error = (far.predict_rows(x.view()) - 1e9 - &y).mapv(f64::abs).mean().unwrap();
    assert!(error < 0.3, "{error}");
}

#[test]
fn bad_targets_and_values_are_refused() {
    let x = uniform(4, 2, 10);
    let fit = |loss: ValueLoss, y: [f64; 4]| {
        let y = Array1::from(y.to_vec());
        checked(regressor().loss(loss)).fit_rows(x.view(), y.view(), &Control::plain())
    };
    let row = |result: Result<_, Error>| match result {
        Err(Error::Target { row, .. }) => Some(row),
        _ => None,
    };
    assert_eq!(row(fit(ValueLoss::Poisson, [1.0, 0.0, -1.0, 2.0])), Some(2));
    assert_eq!(row(fit(ValueLoss::Poisson, [0.0; 4])), Some(0));
    assert_eq!(row(fit(ValueLoss::Gamma, [1.0, 0.0, 1.0, 2.0])), Some(1));
    let y = Array1::from(vec![1.0; 4]);
    let mut infinite = x.clone();
    infinite[[2, 1]] = f64::INFINITY;
    let refused = checked(regressor()).fit_rows(infinite.view(), y.view(), &Control::plain());
    assert!(matches!(refused, Err(Error::NotFinite { column: 1 })));
    let stopped = Control { weights: None, stop: &|| true };
    let refused = checked(regressor()).fit_rows(x.view(), y.view(), &stopped);
    assert!(matches!(refused, Err(Error::Stopped)));
    let cst = checked(classifier().monotonic_cst(vec![Monotonic::Increasing]));
    let refused = cst.fit_rows(x.view(), &[0, 1, 2, 0], 3, &Control::plain());
    assert!(matches!(refused, Err(Error::Parameter { name: "monotonic_cst", .. })));
}

#[test]
fn parameters_out_of_range_are_refused() {
    use linfa::ParamGuard;
    let early = |early: EarlyStopping| regressor().early_stopping(Some(early));
    let base = EarlyStopping::default();
    for (name, parameters) in [
        ("learning_rate", regressor().learning_rate(0.0)),
        ("max_iter", regressor().max_iter(0)),
        ("max_leaf_nodes", regressor().max_leaf_nodes(Some(1))),
        ("max_depth", regressor().max_depth(Some(0))),
        ("min_samples_leaf", regressor().min_samples_leaf(0)),
        ("l2_regularization", regressor().l2_regularization(f64::NAN)),
        ("max_features", regressor().max_features(1.1)),
        ("max_bins", regressor().max_bins(256)),
        ("subsample", regressor().subsample(0.0)),
        ("quantile", regressor().quantile(1.0)),
        ("validation_fraction", early(EarlyStopping { validation_fraction: 1.0, ..base })),
        ("n_iter_no_change", early(EarlyStopping { n_iter_no_change: 0, ..base })),
        ("tol", early(EarlyStopping { tol: -1.0, ..base })),
        (
            "monotonic_cst",
            regressor().loss(ValueLoss::AbsoluteError).monotonic_cst(vec![Monotonic::Increasing]),
        ),
    ] {
        let Err(Error::Parameter { name: found, .. }) = parameters.check() else {
            panic!("{name} is not refused")
        };
        assert_eq!(found, name);
    }
}
