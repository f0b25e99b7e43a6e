//! Against scikit-learn's forests by score, against their own trees, and on awkward data.

use linfa::ParamGuard;
use ndarray::ShapeBuilder;

use super::*;
use crate::test_support::*;

fn classify(
    parameters: RandomForestClassifier,
    x: &Array2<f64>,
    codes: &[u32],
) -> FittedRandomForestClassifier {
    let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
    checked(parameters).fit_rows(x.view(), codes, classes, &Control::plain()).unwrap()
}

fn regress(
    parameters: RandomForestRegressor,
    x: &Array2<f64>,
    y: &Array1<f64>,
) -> FittedRandomForestRegressor {
    checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap()
}

fn extra_classes() -> RandomForestClassifier {
    RandomForestClassifier::new().splitter(Splitter::Random).bootstrap(false)
}

fn extra_values() -> RandomForestRegressor {
    RandomForestRegressor::new().splitter(Splitter::Random).bootstrap(false)
}

/// Every third row is for the test.
fn sides(rows: usize) -> (Vec<usize>, Vec<usize>) {
    (0..rows).partition(|row| row % 3 != 0)
}

fn accuracy(parameters: &RandomForestClassifier, name: &str) -> f64 {
    let (mut x, codes) = table(name);
    if name == "iris" {
        x.mapv_inplace(|value| (10.0 * value).round());
    }
    let (training, test) = sides(codes.len());
    let score = |seed| {
        let own = x.select(Axis(0), &training);
        let model = classify(parameters.clone().seed(seed), &own, &pick(&codes, &training));
        let predicted = model.predict_rows(x.select(Axis(0), &test).view());
        let right = predicted.iter().zip(&test).filter(|(code, row)| **code == codes[**row]);
        right.count() as f64 / test.len() as f64
    };
    (0..5).map(score).sum::<f64>() / 5.0
}

fn r2(parameters: &RandomForestRegressor) -> f64 {
    let (x, y) = wine_alcohol();
    let (training, test) = sides(y.len());
    let truth = y.select(Axis(0), &test);
    let mean = truth.mean().unwrap();
    let score = |seed| {
        let own = x.select(Axis(0), &training);
        let model = regress(parameters.clone().seed(seed), &own, &y.select(Axis(0), &training));
        let predicted = model.predict_rows(x.select(Axis(0), &test).view());
        let missed = (&predicted - &truth).mapv(|value| value * value).sum();
        1.0 - missed / truth.mapv(|value| (value - mean).powi(2)).sum()
    };
    (0..5).map(score).sum::<f64>() / 5.0
}

/// Mean accuracy of scikit-learn 1.9.1 over `random_state` from 0 to 11, trained on the rows that
/// 3 does not divide and scored on the others: `RandomForestClassifier()`,
/// `RandomForestClassifier(max_depth=3, class_weight="balanced_subsample", criterion="entropy")`,
/// `RandomForestClassifier(max_samples=0.3, min_samples_leaf=5)`, `ExtraTreesClassifier()`,
/// `RandomForestClassifier(ccp_alpha=0.03)`.
///
/// Iris is in whole tenths: some of its petals are midpoints of two others, and in decimals the
/// rounding of scikit-learn's `f32` columns chooses their side of a cut (0.982 instead of 0.968
/// for the pruned forest).
#[test]
fn classifies_as_well_as_scikit_learn() {
    let base = RandomForestClassifier::new;
    let variants = [
        base(),
        base()
            .max_depth(Some(3))
            .class_weight(ForestClassWeight::BalancedSubsample)
            .criterion(ClassCriterion::Entropy),
        base().max_samples(Some(MaxSamples::Share(0.3))).min_samples_leaf(5),
        extra_classes(),
        base().ccp_alpha(0.03),
    ];
    for (name, expected) in [
        ("iris", [0.9583, 0.9667, 0.9717, 0.9767, 0.9683]),
        ("wine", [1.0000, 0.9972, 0.9819, 1.0000, 1.0000]),
        ("breast_cancer", [0.9645, 0.9667, 0.9618, 0.9680, 0.9605]),
    ] {
        for (parameters, expected) in variants.iter().zip(expected) {
            let found = accuracy(parameters, name);
            let right = (found - expected).abs() < 0.02;
            assert!(right, "{name} {found} {expected} {parameters:?}");
        }
    }
}

/// As above with the wine table's first column and R²: `RandomForestRegressor()`,
/// `RandomForestRegressor(max_features=0.3, max_depth=4)`, `ExtraTreesRegressor()`,
/// `RandomForestRegressor(criterion="poisson", max_leaf_nodes=12)`,
/// `ExtraTreesRegressor(criterion="absolute_error", max_features="sqrt", max_depth=5)`.
#[test]
fn predicts_values_as_well_as_scikit_learn() {
    let base = RandomForestRegressor::new;
    for (parameters, expected) in [
        base(),
        base().max_features(MaxFeatures::Share(0.3)).max_depth(Some(4)),
        extra_values(),
        base().criterion(ValueCriterion::Poisson).max_leaf_nodes(Some(12)),
        extra_values()
            .criterion(ValueCriterion::AbsoluteError)
            .max_features(MaxFeatures::Sqrt)
            .max_depth(Some(5)),
    ]
    .iter()
    .zip([0.6160, 0.6076, 0.6559, 0.6210, 0.5885])
    {
        let found = r2(parameters);
        assert!((found - expected).abs() < 0.012, "{found} {expected} {parameters:?}");
    }
}

/// As above, `oob_score=True` on all rows: accuracies, and R² of wine's first column.
#[test]
fn out_of_bag_scores_are_scikit_learns() {
    for (name, expected) in [("iris", 0.9528), ("wine", 0.9822), ("breast_cancer", 0.9634)] {
        let (x, codes) = table(name);
        let score = |seed| {
            let forest = RandomForestClassifier::new().oob_score(true).seed(seed);
            classify(forest, &x, &codes).out_of_bag_score().unwrap()
        };
        let found = (0..5).map(score).sum::<f64>() / 5.0;
        assert!((found - expected).abs() < 0.01, "{name} {found} {expected}");
    }
    let (x, y) = wine_alcohol();
    let forest = regress(RandomForestRegressor::new().oob_score(true), &x, &y);
    let found = forest.out_of_bag_score().unwrap();
    assert!((found - 0.5395).abs() < 0.02, "{found}");
    assert_eq!(regress(RandomForestRegressor::new(), &x, &y).out_of_bag_score(), None);
}

#[test]
fn a_tree_on_all_rows_and_columns_is_the_decision_tree() {
    let (x, codes) = table("wine");
    let forest = RandomForestClassifier::new()
        .n_estimators(3)
        .bootstrap(false)
        .max_features(MaxFeatures::All);
    let tree = checked(crate::DecisionTreeClassifier::new());
    let tree = tree.fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let forest = classify(forest, &x, &codes);
    assert_eq!(forest.predict_probabilities(x.view()), tree.predict_probabilities(x.view()));
    assert_close(forest.feature_importances(), tree.feature_importances(), 1e-12);
    assert_eq!(forest.leaves(), 3 * tree.leaves());
}

#[test]
fn sorting_at_the_node_finds_the_same_cuts_as_sorting_beforehand() {
    // Of nine columns two are drawn; with the seven others constant all is as with two columns.
    let mut x = Array2::zeros((400, 9).f());
    let few = uniform(400, 2, 3).mapv(|value| (value * 40.0).round());
    x.column_mut(0).assign(&few.column(0));
    x.column_mut(1).assign(&few.column(1));
    let codes = noisy_codes(&few, 3, 3);
    let forest = RandomForestClassifier::new().n_estimators(5).bootstrap(false);
    let all = classify(forest.clone().max_features(MaxFeatures::All), &few, &codes);
    let drawn = forest.max_features(MaxFeatures::Count(8));
    let kept = classify(drawn.clone(), &x, &codes);
    assert_eq!(kept.predict_rows(few_and_zeros(&few).view()), all.predict_rows(few.view()));
    let gathered = classify(drawn.max_features(MaxFeatures::Count(1)), &x, &codes);
    assert_eq!(gathered.predict_rows(x.view()), all.predict_rows(few.view()));
}

fn few_and_zeros(few: &Array2<f64>) -> Array2<f64> {
    ndarray::concatenate![Axis(1), *few, Array2::<f64>::zeros((few.nrows(), 7))]
}

#[test]
fn whole_weights_are_repeated_rows() {
    let x = uniform(60, 3, 5);
    let codes = noisy_codes(&x, 3, 5);
    let y = noisy_values(&x, 5);
    let (weights, repeated) = whole_weights(60, 5);
    let some = x.select(Axis(0), &repeated);
    let control = Control::weighted(&weights);
    // With a share, as many rows are drawn in both cases.
    let share = Some(MaxSamples::Share(1.0));
    for parameters in [extra_classes(), RandomForestClassifier::new().max_samples(share)] {
        let forest = checked(parameters.n_estimators(10));
        let weighted = forest.fit_rows(x.view(), &codes, 3, &control).unwrap();
        let plain = classify_repeated(&forest, &some, &pick(&codes, &repeated));
        let found = weighted.predict_probabilities(x.view());
        assert_close(&found, plain.predict_probabilities(x.view()).as_slice().unwrap(), 1e-12);
    }
    // In small nodes several columns are equally good, and rounding chooses.
    let shallow = RandomForestRegressor::new().max_samples(share).max_depth(Some(2));
    for parameters in [extra_values(), shallow] {
        let forest = checked(parameters.n_estimators(10));
        let weighted = forest.fit_rows(x.view(), y.view(), &control).unwrap();
        let target = y.select(Axis(0), &repeated);
        let plain = forest.fit_rows(some.view(), target.view(), &Control::plain()).unwrap();
        assert_close(
            &weighted.predict_rows(x.view()),
            &plain.predict_rows(x.view()).to_vec(),
            1e-9,
        );
    }
}

fn classify_repeated(
    forest: &CheckedRandomForestClassifier,
    x: &Array2<f64>,
    codes: &[u32],
) -> FittedRandomForestClassifier {
    forest.fit_rows(x.view(), codes, 3, &Control::plain()).unwrap()
}

#[test]
fn rows_without_weight_have_no_say() {
    let mut x = uniform(80, 3, 6);
    let mut codes = noisy_codes(&x, 3, 6);
    let (weights, _) = whole_weights(80, 6);
    let control = Control::weighted(&weights);
    for parameters in [RandomForestClassifier::new(), extra_classes()] {
        let forest = checked(parameters.n_estimators(10));
        let before = forest.fit_rows(x.view(), &codes, 4, &control).unwrap();
        for row in (0..80).filter(|row| weights[*row] == 0.0) {
            x.row_mut(row).fill(1e9);
            codes[row] = 3;
        }
        assert_eq!(before, forest.fit_rows(x.view(), &codes, 4, &control).unwrap());
        let probabilities = before.predict_probabilities(x.view());
        assert_probabilities(&probabilities);
        assert!(probabilities.column(3).iter().all(|value| *value == 0.0));
    }
}

#[test]
fn awkward_tables_work() {
    for (name, x) in awkward_tables() {
        for classes in [1, 2, 3] {
            let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % classes).collect();
            for parameters in [RandomForestClassifier::new().oob_score(true), extra_classes()] {
                let model = classify(parameters.n_estimators(7), &x, &codes);
                assert_probabilities(&model.predict_probabilities(x.view()));
            }
            let y: Array1<f64> = codes.iter().map(|code| f64::from(*code) * 8e307).collect();
            for parameters in [RandomForestRegressor::new().oob_score(true), extra_values()] {
                let model = regress(parameters.n_estimators(7), &x, &y);
                let predicted = model.predict_rows(x.view());
                assert!(predicted.iter().all(|value| value.is_finite()), "{name}");
                assert!(model.out_of_bag_score().is_none_or(f64::is_finite), "{name}");
            }
        }
    }
}

#[test]
fn parameters_that_contradict_each_other_are_refused() {
    let base = RandomForestClassifier::new;
    for parameters in [
        base().n_estimators(0),
        base().max_samples(Some(MaxSamples::Share(1.5))),
        base().max_samples(Some(MaxSamples::Count(0))),
        base().bootstrap(false).max_samples(Some(MaxSamples::Count(5))),
        base().bootstrap(false).oob_score(true),
        base().bootstrap(false).class_weight(ForestClassWeight::BalancedSubsample),
        base().max_features(MaxFeatures::Count(0)),
    ] {
        assert!(matches!(parameters.check(), Err(Error::Parameter { .. })));
    }
    let poisson = checked(RandomForestRegressor::new().criterion(ValueCriterion::Poisson));
    let x = uniform(3, 1, 1);
    for (y, row) in [([1.0, -1.0, 0.0], 1), ([0.0; 3], 0)] {
        let refused =
            poisson.fit_rows(x.view(), Array1::from(y.to_vec()).view(), &Control::plain());
        assert!(matches!(refused, Err(Error::Target { row: found, .. }) if found == row));
    }
}

#[test]
fn stops_when_asked() {
    let x = uniform(500, 2, 8);
    let codes = noisy_codes(&x, 2, 8);
    let polls = std::sync::atomic::AtomicUsize::new(0);
    let stop = || polls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 50;
    let control = Control { weights: None, stop: &stop };
    let stopped = checked(RandomForestClassifier::new()).fit_rows(x.view(), &codes, 2, &control);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(1500, 6, 9);
    let codes = noisy_codes(&x, 3, 9);
    let y = noisy_values(&x, 9);
    for parameters in [RandomForestClassifier::new().oob_score(true), extra_classes()] {
        assert_same_bits(|| {
            let model = classify(parameters.clone().n_estimators(5), &x, &codes);
            let mut bits = model.predict_probabilities(x.view()).into_raw_vec_and_offset().0;
            bits.extend(model.out_of_bag_score());
            bits
        });
    }
    for parameters in [RandomForestRegressor::new(), extra_values()] {
        assert_same_bits(|| {
            let model = regress(parameters.clone().n_estimators(5), &x, &y);
            model.predict_rows(x.view()).to_vec()
        });
    }
}

#[test]
fn trees_beyond_the_memory_are_refused_by_the_first_ones() {
    let x = uniform(200, 2, 4);
    let codes = noisy_codes(&x, 2, 4);
    let parameters = checked(RandomForestClassifier::new().n_estimators(1_000_000_000));
    let refused = parameters.fit_rows(x.view(), &codes, 2, &Control::plain());
    assert!(matches!(refused, Err(Error::Memory { parameter: Some("n_estimators"), .. })));
}
