//! Trees on bins: against the trees that look at every cut, and where the rows stand otherwise.

use ndarray::Axis;
use proptest::prelude::*;

use super::*;
use crate::Generator;
use crate::test_support::*;

const VALUES: [ValueCriterion; 3] =
    [ValueCriterion::SquaredError, ValueCriterion::AbsoluteError, ValueCriterion::Poisson];

/// Columns of fewer different values than there are bins.
fn few_values(rows: usize, seed: u64) -> Array2<f64> {
    let mut x = uniform(rows, 4, seed).mapv(|value| (value * 40.0).round() / 7.0);
    x.column_mut(1).fill(3.0);
    x.column_mut(2).mapv_inplace(|value| if value > 0.0 { 0.0 } else { -0.0 });
    x
}

/// Numbers from 0 that no two sets of rows share the mean of.
fn targets(x: &Array2<f64>, seed: u64) -> Array1<f64> {
    noisy_values(x, seed).mapv(f64::exp)
}

#[test]
fn bins_from_2_to_255_are_taken() {
    for (bins, is_taken) in [(0, false), (1, false), (2, true), (255, true), (256, false)] {
        let found = linfa::ParamGuard::check(DecisionTreeClassifier::new().max_bins(Some(bins)));
        match found {
            Ok(_) => assert!(is_taken),
            Err(error) => assert!(!is_taken && error.to_string().contains("`max_bins`")),
        }
    }
}

#[test]
fn two_bins_leave_one_cut_a_column() {
    let x = uniform(1000, 1, 3);
    let y = x.column(0).to_owned();
    let model = checked(DecisionTreeRegressor::new().max_bins(Some(2)))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    assert_eq!((model.depth(), model.leaves()), (1, 2));
    let mut sorted = y.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let threshold = model.tree.nodes[0].threshold;
    assert!(sorted[499] <= threshold && threshold < sorted[500]);
}

#[test]
fn a_value_that_most_rows_have_is_a_bin_of_its_own() {
    let x = Array2::from_shape_fn((1000, 1), |(row, _)| if row < 900 { 5.0 } else { row as f64 });
    let y: Array1<f64> = (0..1000).map(|row| f64::from(u8::from(row >= 900))).collect();
    let model = checked(DecisionTreeRegressor::new().max_bins(Some(4)))
        .fit_rows(x.view(), y.view(), &Control::plain())
        .unwrap();
    assert_eq!(model.predict_rows(x.view()), y);
}

#[test]
fn awkward_tables_work() {
    for (name, x) in awkward_tables() {
        let codes: Vec<u32> = (0..x.nrows() as u32).map(|row| row % 3).collect();
        let y: Array1<f64> = codes.iter().map(|code| f64::from(*code) * 1e300 + 1.0).collect();
        for splitter in [Splitter::Best, Splitter::Random] {
            let model = checked(DecisionTreeClassifier::new().splitter(splitter).max_bins(Some(5)))
                .fit_rows(x.view(), &codes, 3, &Control::plain())
                .unwrap();
            assert_probabilities(&model.predict_probabilities(x.view()));
            for criterion in VALUES {
                let model = DecisionTreeRegressor::new().splitter(splitter).max_bins(Some(5));
                let model = checked(model.criterion(criterion))
                    .fit_rows(x.view(), y.view(), &Control::plain())
                    .unwrap();
                assert!(model.predict_rows(x.view()).iter().all(|y| y.is_finite()), "{name}");
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(6000, 6, 9);
    let y = targets(&x, 9);
    for criterion in [ValueCriterion::SquaredError, ValueCriterion::Poisson] {
        for splitter in [Splitter::Best, Splitter::Random] {
            let parameters = checked(
                DecisionTreeRegressor::new()
                    .criterion(criterion)
                    .splitter(splitter)
                    .max_bins(Some(32)),
            );
            assert_same_bits(|| {
                let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
                model.tree.nodes.iter().map(|node| node.threshold).collect()
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_many_bins_as_values_grow_the_exact_tree_of_classes(
        seed in any::<u64>(),
        classes in 2_usize..5,
    ) {
        let x = few_values(400, seed);
        let codes = noisy_codes(&x, classes as u32, seed);
        let (weights, _) = whole_weights(400, seed);
        let base = DecisionTreeClassifier::new;
        for parameters in [
            base(),
            base().criterion(ClassCriterion::Entropy),
            base().min_samples_leaf(7).min_samples_split(30).max_depth(Some(4)),
            base().max_leaf_nodes(Some(9)),
            base().max_features(MaxFeatures::Count(2)).seed(seed),
            base().ccp_alpha(0.002).min_impurity_decrease(0.001),
            base().splitter(Splitter::Random).seed(seed),
        ] {
            for control in [Control::plain(), Control::weighted(&weights)] {
                let grow = |parameters: DecisionTreeClassifier| {
                    checked(parameters).fit_rows(x.view(), &codes, classes, &control).unwrap()
                };
                let (exact, binned) = (grow(parameters.clone()), grow(parameters.clone().max_bins(Some(255))));
                prop_assert_eq!(&exact.tree.nodes, &binned.tree.nodes);
                prop_assert_eq!(&exact.tree.values, &binned.tree.values);
            }
        }
    }

    #[test]
    fn as_many_bins_as_values_grow_the_exact_tree_of_values(seed in any::<u64>()) {
        let x = few_values(400, seed);
        let y = targets(&x, seed);
        let (weights, _) = whole_weights(400, seed);
        for criterion in VALUES {
            let base = DecisionTreeRegressor::new().criterion(criterion).min_samples_leaf(5);
            for control in [Control::plain(), Control::weighted(&weights)] {
                let grow = |bins| {
                    let model = checked(base.clone().max_bins(bins));
                    model.fit_rows(x.view(), y.view(), &control).unwrap().predict_rows(x.view())
                };
                assert_close(&grow(Some(255)), &grow(None).to_vec(), 1e-9);
            }
        }
    }

    #[test]
    fn permuted_rows_grow_the_same_tree(seed in any::<u64>()) {
        let x = uniform(500, 3, seed);
        let y = targets(&x, seed).mapv(|y| (y * 4.0).round() + 1.0);
        let codes: Vec<u32> = noisy_codes(&x, 3, seed);
        let weights: Vec<f64> = uniform(500, 1, seed ^ 1).iter().map(|value| value.abs()).collect();
        let mut order: Vec<usize> = (0..500).collect();
        Generator::new(seed).shuffle(&mut order);
        let (other, other_y) = (x.select(Axis(0), &order), y.select(Axis(0), &order));
        let other_weights = pick(&weights, &order);
        let (a, b) = (Control::weighted(&weights), Control::weighted(&other_weights));
        for splitter in [Splitter::Best, Splitter::Random] {
            let tree = checked(DecisionTreeClassifier::new().splitter(splitter).max_bins(Some(16)));
            prop_assert_eq!(
                tree.fit_rows(x.view(), &codes, 3, &a).unwrap(),
                tree.fit_rows(other.view(), &pick(&codes, &order), 3, &b).unwrap()
            );
            for criterion in VALUES {
                let tree = DecisionTreeRegressor::new().splitter(splitter).criterion(criterion);
                let tree = checked(tree.max_bins(Some(16)));
                prop_assert_eq!(
                    tree.fit_rows(x.view(), y.view(), &a).unwrap(),
                    tree.fit_rows(other.view(), other_y.view(), &b).unwrap()
                );
            }
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
        let x = uniform(300, 3, seed);
        let y = targets(&x, seed);
        let codes = noisy_codes(&x, 3, seed);
        let (weights, repeated) = whole_weights(300, seed);
        let (some, some_y) = (x.select(Axis(0), &repeated), y.select(Axis(0), &repeated));
        let control = Control::weighted(&weights);
        let tree = checked(DecisionTreeClassifier::new().max_bins(Some(16)));
        let weighted = tree.fit_rows(x.view(), &codes, 3, &control).unwrap();
        let plain =
            tree.fit_rows(some.view(), &pick(&codes, &repeated), 3, &Control::plain()).unwrap();
        prop_assert_eq!(&weighted.tree.nodes, &plain.tree.nodes);
        prop_assert_eq!(&weighted.tree.values, &plain.tree.values);
        let tree = checked(DecisionTreeRegressor::new().max_bins(Some(16)));
        let weighted = tree.fit_rows(x.view(), y.view(), &control).unwrap();
        let plain = tree.fit_rows(some.view(), some_y.view(), &Control::plain()).unwrap();
        let found = weighted.predict_rows(some.view());
        assert_close(&found, &plain.predict_rows(some.view()).to_vec(), 1e-9);
    }
}
