//! Against scikit-learn's trees, against exhaustive search, and on awkward data.

use linfa::ParamGuard;
use ndarray::{Axis, ShapeBuilder, array};
use proptest::prelude::*;

use super::*;
use crate::Generator;
use crate::test_support::*;

fn classify(
    parameters: DecisionTreeClassifier,
    x: &Array2<f64>,
    codes: &[u32],
) -> FittedDecisionTreeClassifier {
    let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
    checked(parameters).fit_rows(x.view(), codes, classes, &Control::plain()).unwrap()
}

fn regress(
    parameters: DecisionTreeRegressor,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> FittedDecisionTreeRegressor {
    checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap()
}

type Expected = (usize, usize, f64, f64);

/// scikit-learn 1.9.1, `DecisionTreeClassifier(random_state=s, ...).fit(X, y)`, the same for `s`
/// from 0 to 19: depth, leaves, accuracy, `(predict_proba(X) ** 2).sum()`.
#[test]
fn grows_scikit_learns_classification_trees() {
    let base = DecisionTreeClassifier::new;
    let variants = [
        base(),
        base().max_depth(Some(3)),
        base().max_leaf_nodes(Some(5)),
        base().max_depth(Some(3)).criterion(ClassCriterion::Entropy),
        base().min_samples_leaf(5),
        base().min_impurity_decrease(0.02),
        base().max_depth(Some(3)).class_weight(ClassWeight::Balanced),
    ];
    let expected: [(&str, [Expected; 7]); 3] = [
        (
            "iris",
            [
                (5, 9, 1.0, 150.0),
                (3, 5, 0.973333, 144.041667),
                (4, 5, 0.98, 145.376812),
                (3, 5, 0.973333, 144.041667),
                (4, 6, 0.973333, 144.066667),
                (3, 4, 0.973333, 143.418478),
                (3, 5, 0.973333, 144.041667),
            ],
        ),
        (
            "wine",
            [
                (5, 12, 1.0, 178.0),
                (3, 8, 0.977528, 170.510317),
                (3, 5, 0.94382, 159.888157),
                (3, 7, 0.994382, 176.5),
                (4, 9, 0.949438, 166.133333),
                (3, 7, 0.966292, 167.510317),
                // scikit-learn has 7 leaves: rounding makes it split a pure node.
                (3, 6, 0.994382, 175.651218),
            ],
        ),
        (
            "breast_cancer",
            [
                (7, 22, 1.0, 569.0),
                (3, 8, 0.97891, 547.458891),
                (3, 5, 0.961336, 535.076682),
                (3, 8, 0.968366, 541.543646),
                (6, 15, 0.977153, 553.2),
                (2, 3, 0.940246, 516.510791),
                (3, 8, 0.961336, 540.2057),
            ],
        ),
    ];
    for (name, expected) in expected {
        let (x, codes) = table(name);
        for (parameters, (depth, leaves, accuracy, squares)) in variants.iter().zip(expected) {
            let model = classify(parameters.clone(), &x, &codes);
            assert_eq!((model.depth(), model.leaves()), (depth, leaves), "{name} {parameters:?}");
            let predicted = model.predict_rows(x.view());
            let right = predicted.iter().zip(&codes).filter(|(a, b)| a == b).count();
            assert_close([&(right as f64 / codes.len() as f64)], &[accuracy], 1e-6);
            let probabilities = model.predict_probabilities(x.view());
            assert_probabilities(&probabilities);
            assert_close([&probabilities.mapv(|p| p * p).sum()], &[squares], 1e-6);
            assert_close([&model.feature_importances().iter().sum()], &[1.0], 1e-12);
        }
    }
}

/// As above with `DecisionTreeRegressor` on the wine table's first column: depth, leaves, sums of
/// squared and of absolute residuals.
#[test]
fn grows_scikit_learns_regression_trees() {
    let base = DecisionTreeRegressor::new;
    let absolute = || base().criterion(ValueCriterion::AbsoluteError);
    let (x, y) = wine_alcohol();
    for (parameters, (depth, leaves, squares, distances)) in [
        (base().max_depth(Some(3)), (3, 8, 37.5940024, 63.2835668)),
        (base().max_leaf_nodes(Some(6)), (4, 6, 38.540656, 64.3682489)),
        (absolute().max_depth(Some(3)), (3, 8, 39.63265, 62.21)),
        (base().min_samples_leaf(5), (7, 29, 17.2498779, 43.9212063)),
    ] {
        let model = regress(parameters, &x, &y);
        assert_eq!((model.depth(), model.leaves()), (depth, leaves));
        let residuals = &y - &model.predict_rows(x.view());
        assert_close([&residuals.mapv(|value| value * value).sum()], &[squares], 1e-7);
        assert_close([&residuals.mapv(f64::abs).sum()], &[distances], 1e-7);
    }
    for parameters in [base(), absolute()] {
        assert_eq!(regress(parameters, &x, &y).predict_rows(x.view()), y);
    }
}

/// scikit-learn 1.9.1, `DecisionTreeClassifier(ccp_alpha=a, criterion=c, random_state=s).fit(X, y)`,
/// the same for `s` from 0 to 19: depth, leaves, `(predict_proba(X) ** 2).sum()`. And
/// `DecisionTreeRegressor` on the wine table's first column, with the sum of squared residuals.
#[test]
fn prunes_scikit_learns_trees() {
    let (gini, entropy) = (ClassCriterion::Gini, ClassCriterion::Entropy);
    for (name, criterion, alpha, (depth, leaves, squares)) in [
        ("iris", gini, 0.005, (5, 9, 150.0)),
        ("iris", gini, 0.02, (3, 4, 143.418478)),
        ("iris", entropy, 0.005, (5, 9, 150.0)),
        ("iris", entropy, 0.02, (4, 6, 146.0)),
        ("wine", gini, 0.005, (5, 12, 178.0)),
        ("wine", gini, 0.02, (3, 7, 167.510317)),
        ("wine", entropy, 0.005, (4, 8, 178.0)),
        ("wine", entropy, 0.02, (3, 7, 176.5)),
        ("breast_cancer", gini, 0.005, (4, 7, 546.496393)),
        ("breast_cancer", gini, 0.02, (2, 3, 516.510791)),
        ("breast_cancer", entropy, 0.005, (7, 19, 567.666667)),
        ("breast_cancer", entropy, 0.02, (4, 8, 544.99648)),
    ] {
        let (x, codes) = table(name);
        let parameters = DecisionTreeClassifier::new().criterion(criterion).ccp_alpha(alpha);
        let model = classify(parameters, &x, &codes);
        assert_eq!((model.depth(), model.leaves()), (depth, leaves), "{name} {alpha}");
        let probabilities = model.predict_probabilities(x.view());
        assert_close([&probabilities.mapv(|p| p * p).sum()], &[squares], 1e-6);
        assert_close([&model.feature_importances().iter().sum()], &[1.0], 1e-12);
    }
    let (x, y) = wine_alcohol();
    for (criterion, alpha, (depth, leaves, squares)) in [
        (ValueCriterion::SquaredError, 0.005, (9, 18, 20.322956)),
        (ValueCriterion::SquaredError, 0.02, (3, 4, 44.424524)),
        (ValueCriterion::AbsoluteError, 0.01, (6, 8, 36.5031)),
        (ValueCriterion::AbsoluteError, 0.03, (2, 3, 49.5193)),
    ] {
        let parameters = DecisionTreeRegressor::new().criterion(criterion).ccp_alpha(alpha);
        let model = regress(parameters, &x, &y);
        assert_eq!((model.depth(), model.leaves()), (depth, leaves), "{criterion:?} {alpha}");
        let residuals = &y - &model.predict_rows(x.view());
        assert_close([&residuals.mapv(|value| value * value).sum()], &[squares], 1e-6);
    }
    let whole = classify(
        DecisionTreeClassifier::new().ccp_alpha(1.0),
        &x,
        &[vec![0; 89], vec![1; 89]].concat(),
    );
    assert_eq!((whole.depth(), whole.leaves()), (0, 1));
    assert_close(&whole.predict_probabilities(x.slice(ndarray::s![..1, ..])), &[0.5, 0.5], 1e-12);
    assert_eq!(whole.feature_importances().iter().sum::<f64>(), 0.0);
}

/// scikit-learn 1.9.1, `DecisionTreeRegressor(criterion="poisson", ...)` of
/// `floor(proline / 100) - 2` by the other columns of wine: depth, leaves, sum of squared residuals.
#[test]
fn grows_scikit_learns_poisson_trees() {
    let (wine, _) = table("wine");
    let x = wine.slice(ndarray::s![.., ..12]).to_owned();
    let y = wine.column(12).mapv(|value| (value / 100.0).floor() - 2.0);
    let base = || DecisionTreeRegressor::new().criterion(ValueCriterion::Poisson);
    for (parameters, (depth, leaves, squares)) in [
        (base().max_depth(Some(3)), (3, 8, 467.54314)),
        (base().min_samples_leaf(5), (7, 30, 172.12341)),
        (base().ccp_alpha(0.02), (4, 7, 417.10777)),
        (base().max_leaf_nodes(Some(6)), (3, 6, 492.43806)),
    ] {
        let model = regress(parameters, &x, &y);
        assert_eq!((model.depth(), model.leaves()), (depth, leaves));
        let predicted = model.predict_rows(x.view());
        assert_close([&predicted.sum()], &[882.0], 1e-9);
        let squared = (&y - &predicted).mapv(|value| value * value).sum();
        assert_close([&squared], &[squares], 1e-6);
    }
    let refused = |y: [f64; 3]| {
        let x = uniform(3, 1, 1);
        checked(base()).fit_rows(x.view(), ndarray::aview1(&y), &Control::plain())
    };
    assert!(matches!(refused([1.0, 2.0, -1.0]), Err(Error::Target { row: 2, .. })));
    assert!(matches!(refused([0.0; 3]), Err(Error::Target { row: 0, .. })));
    assert!(refused([0.0, 0.0, 1e300]).is_ok());
}

#[test]
fn cuts_at_random_reach_every_row() {
    for (name, x) in awkward_tables() {
        let y = Array1::from_shape_fn(x.nrows(), |row| (row % 3) as f64);
        let codes: Vec<u32> = y.iter().map(|value| *value as u32).collect();
        for seed in 0..3 {
            let random = || DecisionTreeClassifier::new().splitter(Splitter::Random).seed(seed);
            let model = classify(random(), &x, &codes);
            let exact = classify(DecisionTreeClassifier::new(), &x, &codes);
            let (found, expected) = (model.predict_rows(x.view()), exact.predict_rows(x.view()));
            assert_eq!(found, expected, "{name}");
            for criterion in [
                ValueCriterion::SquaredError,
                ValueCriterion::AbsoluteError,
                ValueCriterion::Poisson,
            ] {
                if y.iter().all(|value| *value == 0.0) {
                    continue;
                }
                let random = DecisionTreeRegressor::new().splitter(Splitter::Random);
                let model = regress(random.criterion(criterion).seed(seed), &x, &y);
                let predicted = model.predict_rows(x.view());
                assert!(predicted.iter().all(|value| value.is_finite()), "{name}");
            }
        }
    }
}

#[test]
fn forms_of_max_features_are_scikit_learns() {
    for (form, columns, expected) in [
        (MaxFeatures::Sqrt, 20, Some(4)),
        (MaxFeatures::Log2, 20, Some(4)),
        (MaxFeatures::Share(0.3), 20, Some(6)),
        (MaxFeatures::Share(0.01), 20, Some(1)),
        (MaxFeatures::Share(1.0), 20, None),
        (MaxFeatures::Count(30), 20, None),
        (MaxFeatures::Sqrt, 1, None),
        (MaxFeatures::Log2, 1, None),
        (MaxFeatures::All, 0, None),
    ] {
        assert_eq!(form.of(columns), expected, "{form:?} of {columns}");
    }
}

#[test]
fn cuts_are_midpoints_and_never_the_right_value() {
    let cut = |x: Array2<f64>| {
        classify(DecisionTreeClassifier::new(), &x, &[0, 1]).tree.nodes[0].threshold
    };
    assert_eq!(cut(array![[1.0], [2.0]]), 1.5);
    let next = 1.0_f64.next_up();
    assert_eq!(cut(array![[1.0], [next]]), 1.0);
    assert_eq!(cut(array![[next], [next.next_up()]]), next);
    assert_eq!(cut(array![[-f64::MAX], [f64::MAX]]), 0.0);
    assert_eq!(cut(array![[0.0], [5e-324]]), 0.0);
}

#[test]
fn any_gap_between_values_can_be_cut() {
    for factor in [1e-300, 1e-150, 1e-9, 1.0, 1e150, 1e300] {
        let x = uniform(100, 2, 4) * factor;
        let codes = noisy_codes(&uniform(100, 2, 4), 3, 4);
        let model = classify(DecisionTreeClassifier::new(), &x, &codes);
        assert_eq!(model.predict_rows(x.view()).to_vec(), codes);
        let y = x.column(0).to_owned();
        assert_eq!(regress(DecisionTreeRegressor::new(), &x, &y).predict_rows(x.view()), y);
        let absolute = DecisionTreeRegressor::new().criterion(ValueCriterion::AbsoluteError);
        assert_eq!(regress(absolute, &x, &y).predict_rows(x.view()), y);
    }
}

#[test]
fn splits_that_decrease_nothing_at_first_are_made() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let model = classify(DecisionTreeClassifier::new(), &x, &[0, 1, 1, 0]);
    assert_eq!(model.predict_rows(x.view()).to_vec(), [0, 1, 1, 0]);
    assert_eq!((model.depth(), model.leaves()), (2, 4));
}

#[test]
fn of_equal_columns_the_first_is_cut() {
    let x = uniform(200, 1, 5);
    let x = ndarray::concatenate![Axis(1), x, x];
    let model = classify(DecisionTreeClassifier::new(), &x, &noisy_codes(&x, 2, 5));
    assert_eq!(model.feature_importances(), [1.0, 0.0]);
}

#[test]
fn a_deep_tree_needs_no_deep_stack() {
    let rows = 1000;
    let x = Array2::from_shape_fn((rows, 1), |(i, _)| i as f64);
    let y = Array1::from_shape_fn(rows, |i| 2_f64.powi(i as i32));
    let model = regress(DecisionTreeRegressor::new(), &x, &y);
    assert!(model.depth() > 400, "{}", model.depth());
    assert_eq!(model.predict_rows(x.view()), y);
}

#[test]
fn drawn_columns_depend_on_the_seed_only() {
    let x = uniform(300, 6, 6);
    let codes = noisy_codes(&x, 2, 6);
    let drawn = |seed| {
        classify(
            DecisionTreeClassifier::new().max_features(MaxFeatures::Count(2)).seed(seed),
            &x,
            &codes,
        )
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    assert_eq!(drawn(1).predict_rows(x.view()).to_vec(), codes);
    // Constant columns cannot be cut: drawing goes on until one can.
    let mut constant = Array2::zeros((300, 6));
    constant.column_mut(4).assign(&x.column(0));
    let model = classify(
        DecisionTreeClassifier::new().max_features(MaxFeatures::Count(1)),
        &constant,
        &codes,
    );
    assert_eq!(model.predict_rows(constant.view()).to_vec(), codes);
}

#[test]
fn limits_hold() {
    let x = uniform(500, 4, 7);
    let codes = noisy_codes(&x, 3, 7);
    let base = DecisionTreeClassifier::new;
    assert_eq!(classify(base().max_depth(Some(0)), &x, &codes).leaves(), 1);
    assert_eq!(classify(base().max_depth(Some(4)), &x, &codes).depth(), 4);
    assert_eq!(classify(base().max_leaf_nodes(Some(17)), &x, &codes).leaves(), 17);
    assert!(classify(base().min_samples_leaf(40), &x, &codes).leaves() <= 12);
    assert_eq!(classify(base().min_samples_split(501), &x, &codes).leaves(), 1);
    assert_eq!(classify(base().min_impurity_decrease(1.0), &x, &codes).leaves(), 1);
    // Without a need to choose, the order of the splits makes no difference.
    let first = classify(base(), &x, &codes);
    let best = classify(base().max_leaf_nodes(Some(10_000)), &x, &codes);
    assert_eq!(first.predict_probabilities(x.view()), best.predict_probabilities(x.view()));
    assert_eq!(first.leaves(), best.leaves());
    for parameters in [
        base().min_samples_split(1),
        base().min_samples_leaf(0),
        base().max_leaf_nodes(Some(1)),
        base().max_features(MaxFeatures::Count(0)),
        base().max_features(MaxFeatures::Share(1.5)),
        base().ccp_alpha(f64::NAN),
        base().min_impurity_decrease(-1.0),
    ] {
        assert!(matches!(parameters.check(), Err(Error::Parameter { .. })));
    }
}

#[test]
fn absent_classes_and_single_classes_work() {
    let x = array![[1.0], [2.0], [3.0]];
    let model = checked(DecisionTreeClassifier::new())
        .fit_rows(x.view(), &[3, 1, 1], 5, &Control::plain())
        .unwrap();
    let probabilities = model.predict_probabilities(x.view());
    assert_eq!(probabilities.row(0).to_vec(), [0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(model.predict_rows(x.view()).to_vec(), [3, 1, 1]);
    let model = classify(DecisionTreeClassifier::new(), &x, &[2, 2, 2]);
    assert_eq!((model.depth(), model.leaves()), (0, 1));
    assert_eq!(model.feature_importances(), [0.0]);
}

#[test]
fn awkward_tables_work() {
    for (name, x) in awkward_tables() {
        for classes in [1, 2, 3] {
            let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % classes).collect();
            let model = classify(DecisionTreeClassifier::new(), &x, &codes);
            assert_probabilities(&model.predict_probabilities(x.view()));
            let y: Array1<f64> = codes.iter().map(|code| f64::from(*code) * 1e300).collect();
            for criterion in [ValueCriterion::SquaredError, ValueCriterion::AbsoluteError] {
                let model = regress(DecisionTreeRegressor::new().criterion(criterion), &x, &y);
                let predicted = model.predict_rows(x.view());
                assert!(predicted.iter().all(|value| value.is_finite()), "{name}");
                let sum: f64 = model.feature_importances().iter().sum();
                assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-12, "{name}: {sum}");
            }
        }
    }
    let refused = checked(DecisionTreeClassifier::new()).fit_rows(
        array![[0.0, f64::INFINITY]].view(),
        &[0],
        1,
        &Control::plain(),
    );
    assert!(matches!(refused, Err(Error::NotFinite { column: 1 })));
}

#[test]
fn stops_when_asked() {
    let x = uniform(100, 2, 8);
    let codes = noisy_codes(&x, 2, 8);
    let polls = std::sync::atomic::AtomicUsize::new(0);
    let stop = || polls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 5;
    let control = Control { weights: None, stop: &stop };
    let stopped = checked(DecisionTreeClassifier::new()).fit_rows(x.view(), &codes, 2, &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let mut x = uniform(6000, 6, 9);
    x.column_mut(2).mapv_inplace(|value| (value * 4.0).round());
    let y = noisy_values(&x, 9);
    for classes in [2, 3] {
        let codes = noisy_codes(&x, classes, 9);
        for parameters in [
            DecisionTreeClassifier::new(),
            DecisionTreeClassifier::new()
                .max_features(MaxFeatures::Count(2))
                .criterion(ClassCriterion::Entropy),
        ] {
            assert_same_bits(|| {
                let model = classify(parameters.clone(), &x, &codes);
                model.tree.nodes.iter().map(|node| node.threshold).collect()
            });
        }
    }
    for criterion in [ValueCriterion::SquaredError, ValueCriterion::AbsoluteError] {
        let parameters = DecisionTreeRegressor::new().criterion(criterion).max_depth(Some(5));
        assert_same_bits(|| regress(parameters.clone(), &x, &y).predict_rows(x.view()).to_vec());
    }
}

/// The least impurity, times the rows, that one cut of any column can leave.
fn exhaustive(x: &Array2<f64>, impurity: &dyn Fn(&[usize]) -> f64) -> f64 {
    let mut least = f64::INFINITY;
    for column in x.columns() {
        for cut in column {
            let (left, right): (Vec<usize>, Vec<usize>) =
                (0..x.nrows()).partition(|row| column[*row] <= *cut);
            if !right.is_empty() {
                least = least.min(impurity(&left) + impurity(&right));
            }
        }
    }
    least
}

fn class_impurity(codes: &[u32], rows: &[usize], of_share: impl Fn(f64) -> f64) -> f64 {
    let count = rows.len() as f64;
    (0..4)
        .map(|class| rows.iter().filter(|row| codes[**row] == class).count() as f64)
        .filter(|own| *own > 0.0)
        .map(|own| count * of_share(own / count))
        .sum()
}

fn distances(y: &Array1<f64>, rows: &[usize], centre: f64, power: i32) -> f64 {
    rows.iter().map(|row| (y[*row] - centre).abs().powi(power)).sum()
}

fn rounded(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    uniform(rows, columns, seed).mapv(|value| (value * 4.0).round())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_cut_is_the_best(seed in any::<u64>(), classes in 2_u32..5) {
        let x = rounded(24, 3, seed);
        let codes = noisy_codes(&uniform(24, 3, seed), classes, seed);
        let y = noisy_values(&x, seed);
        let gini = |p: f64| p * (1.0 - p);
        let entropy = |p: f64| -p * p.log2();
        let stump = |criterion| {
            classify(DecisionTreeClassifier::new().max_depth(Some(1)).criterion(criterion), &x, &codes)
        };
        let leaves = |tree: &Tree| {
            let leaves = tree.leaves_of(x.view());
            let of = |leaf: u32| (0..24).filter(|row| leaves[*row] == leaf).collect::<Vec<_>>();
            (of(0), of(1))
        };
        let (a, b) = leaves(&stump(ClassCriterion::Gini).tree);
        let impurity = |rows: &[usize]| class_impurity(&codes, rows, gini);
        assert_close([&(impurity(&a) + impurity(&b))], &[exhaustive(&x, &impurity)], 1e-12);
        let (a, b) = leaves(&stump(ClassCriterion::Entropy).tree);
        let impurity = |rows: &[usize]| class_impurity(&codes, rows, entropy);
        assert_close([&(impurity(&a) + impurity(&b))], &[exhaustive(&x, &impurity)], 1e-12);

        for criterion in [ValueCriterion::SquaredError, ValueCriterion::AbsoluteError] {
            let parameters = DecisionTreeRegressor::new().max_depth(Some(1)).criterion(criterion);
            let (a, b) = leaves(&regress(parameters, &x, &y).tree);
            let impurity = |rows: &[usize]| {
                let mut values: Vec<f64> = rows.iter().map(|row| y[*row]).collect();
                values.sort_by(f64::total_cmp);
                match criterion {
                    ValueCriterion::SquaredError => {
                        let mean = values.iter().sum::<f64>() / values.len() as f64;
                        distances(&y, rows, mean, 2)
                    }
                    ValueCriterion::AbsoluteError | ValueCriterion::Poisson => {
                        distances(&y, rows, values[values.len() / 2], 1)
                    }
                }
            };
            assert_close([&(impurity(&a) + impurity(&b))], &[exhaustive(&x, &impurity)], 1e-12);
        }
    }

    #[test]
    fn permuted_rows_grow_the_same_tree(seed in any::<u64>(), classes in 2_u32..5) {
        let x = rounded(80, 3, seed);
        let codes = noisy_codes(&x, classes, seed);
        let y = noisy_values(&x, seed);
        let weights: Vec<f64> = uniform(80, 1, seed ^ 1).iter().map(|value| value.abs()).collect();
        let mut order: Vec<usize> = (0..80).collect();
        Generator::new(seed).shuffle(&mut order);
        let other = x.select(Axis(0), &order);
        let (other_weights, other_y) = (pick(&weights, &order), y.select(Axis(0), &order));
        let (a, b) = (Control::weighted(&weights), Control::weighted(&other_weights));
        for criterion in [ClassCriterion::Gini, ClassCriterion::Entropy] {
            let tree = checked(DecisionTreeClassifier::new().criterion(criterion));
            let classes = classes as usize;
            assert_eq!(
                tree.fit_rows(x.view(), &codes, classes, &a).unwrap(),
                tree.fit_rows(other.view(), &pick(&codes, &order), classes, &b).unwrap()
            );
        }
        for criterion in [ValueCriterion::SquaredError, ValueCriterion::AbsoluteError] {
            let tree = checked(DecisionTreeRegressor::new().criterion(criterion));
            assert_eq!(
                tree.fit_rows(x.view(), y.view(), &a).unwrap(),
                tree.fit_rows(other.view(), other_y.view(), &b).unwrap()
            );
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>(), classes in 2_u32..5) {
        let x = rounded(60, 3, seed);
        let codes = noisy_codes(&uniform(60, 3, seed), classes, seed);
        // Whole targets, so that sums are exact and ties fall alike.
        let y = noisy_values(&x, seed).mapv(f64::round);
        let (weights, repeated) = whole_weights(60, seed);
        let some = x.select(Axis(0), &repeated);
        let control = Control::weighted(&weights);
        for criterion in [ClassCriterion::Gini, ClassCriterion::Entropy] {
            let tree = checked(
                DecisionTreeClassifier::new()
                    .criterion(criterion)
                    .class_weight(ClassWeight::Balanced)
                    .max_depth(Some(3)),
            );
            let classes = classes as usize;
            let weighted = tree.fit_rows(x.view(), &codes, classes, &control).unwrap();
            let plain = tree
                .fit_rows(some.view(), &pick(&codes, &repeated), classes, &Control::plain())
                .unwrap();
            assert_eq!(weighted.leaves(), plain.leaves());
        }
        let tree = checked(DecisionTreeClassifier::new());
        let weighted = tree.fit_rows(x.view(), &codes, 5, &control).unwrap();
        let plain = tree
            .fit_rows(some.view(), &pick(&codes, &repeated), 5, &Control::plain())
            .unwrap();
        assert_eq!(weighted.tree.nodes, plain.tree.nodes);
        assert_eq!(weighted.tree.values, plain.tree.values);
        let tree = checked(DecisionTreeRegressor::new());
        let weighted = tree.fit_rows(x.view(), y.view(), &control).unwrap();
        let plain = tree
            .fit_rows(some.view(), y.select(Axis(0), &repeated).view(), &Control::plain())
            .unwrap();
        let found = weighted.predict_rows(some.view());
        assert_close(&found, &plain.predict_rows(some.view()).to_vec(), 1e-12);
    }

    #[test]
    fn layout_does_not_matter(seed in any::<u64>()) {
        let x = uniform(50, 3, seed);
        let codes = noisy_codes(&x, 2, seed);
        let row_major = x.as_standard_layout().to_owned();
        let mut reversed = Array2::zeros((50, 6).f());
        reversed.slice_mut(ndarray::s![.., ..;2]).assign(&x);
        let strided = reversed.slice(ndarray::s![.., ..;2]);
        let tree = checked(DecisionTreeClassifier::new());
        let expected = tree.fit_rows(x.view(), &codes, 2, &Control::plain()).unwrap();
        for view in [row_major.view(), strided] {
            let found = tree.fit_rows(view, &codes, 2, &Control::plain()).unwrap();
            assert_eq!(found, expected);
            assert_eq!(found.predict_rows(view), expected.predict_rows(x.view()));
        }
    }
}
