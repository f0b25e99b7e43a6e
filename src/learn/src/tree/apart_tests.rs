//! Subtrees that grow apart against trees that grow in one go.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::grow::grow_apart;
use super::*;
use crate::Generator;
use crate::test_support::*;

/// Whole numbers with many ties, distinct numbers, a constant, classes of one-hot columns.
fn columns(rows: usize, seed: u64) -> Array2<f64> {
    let mut x = uniform(rows, 9, seed);
    x.column_mut(0).mapv_inplace(|value| (value * 3.0).round());
    x.column_mut(2).fill(0.5);
    for j in [3, 4, 5] {
        x.column_mut(j).mapv_inplace(|value| f64::from(u8::from(value > 0.8)));
    }
    let copy = x.column(1).to_owned();
    x.column_mut(7).assign(&copy);
    x
}

fn settings(seed: u64, sharing: Sharing) -> Settings {
    let mut generator = Generator::new(seed);
    let mut draw = |bound| generator.below(bound) as usize;
    Settings {
        splitter: Splitter::Best,
        max_depth: [usize::MAX, 4][draw(2)],
        min_samples_split: 2 + draw(4),
        min_samples_leaf: 1 + draw(3),
        min_impurity_decrease: [0.0, 0.003][draw(2)],
        max_leaf_nodes: None,
        max_features: [MaxFeatures::All, MaxFeatures::All, MaxFeatures::Count(4)][draw(3)],
        ccp_alpha: [0.0, 0.0, 0.002][draw(3)],
        max_bins: None,
        sharing,
        seed,
    }
}

/// The bits of a tree, or the error.
fn grown<C: Criterion>(
    x: &Array2<f64>,
    canonical: &[u32],
    criterion: &C,
    settings: &Settings,
    near: usize,
    control: &Control<'_>,
) -> Result<String, Error> {
    let columns = Columns::new(x.view())?;
    let mut table = Table::new(&columns, canonical, None, asked(settings, columns.len()));
    let orders = table.take_orders();
    let rows = (0..canonical.len() as u32).collect();
    let tree = grow_apart(&table, rows, orders, criterion, settings, near, control)?;
    Ok(format!("{tree:?}"))
}

fn assert_same<C: Criterion>(x: &Array2<f64>, canonical: &[u32], criterion: &C, seed: u64) {
    for sharing in [Sharing::Nothing, Sharing::Columns] {
        let settings = settings(seed, sharing);
        let grow = |near| grown(x, canonical, criterion, &settings, near, &Control::plain());
        let whole = grow(0).unwrap();
        for near in [20, 100, 400, usize::MAX] {
            assert_eq!(
                grow(near).unwrap(),
                whole,
                "nodes of fewer than {near} values, {settings:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_is_that_of_growing_in_one_go(
        seed in any::<u64>(), rows in 2_usize..150, classes in 2_usize..5, weighted in any::<bool>(),
    ) {
        let x = columns(rows, seed);
        let weights: Vec<f64> = uniform(rows, 1, seed ^ 1).iter().map(|value| value.max(0.0)).collect();
        let weights = (weighted && weights.iter().any(|weight| *weight > 0.0)).then_some(&*weights);
        let codes = noisy_codes(&x, classes as u32, seed);
        let canonical = canonical_order(rows, weights, |a, b| codes[a].cmp(&codes[b]));
        for criterion in [ClassCriterion::Gini, ClassCriterion::Entropy] {
            let criterion = ClassImpurity::new(criterion, &codes, classes, weights, &canonical);
            assert_same(&x, &canonical, &criterion, seed);
        }
        // Some targets are equal.
        let y = noisy_values(&x, seed).mapv(|value| (value * 8.0).round().abs() + 1.0).to_vec();
        let canonical = canonical_order(rows, weights, |a, b| y[a].total_cmp(&y[b]));
        assert_same(&x, &canonical, &SquaredError::new(&y, weights, &canonical), seed);
        assert_same(&x, &canonical, &AbsoluteError::new(&y, weights, &canonical), seed);
        assert_same(&x, &canonical, &Poisson::new(&y, weights, &canonical), seed);
    }
}

/// A tree that is large enough to share the subtrees between threads without being told to.
#[test]
fn large_trees_have_the_same_bits_on_any_number_of_threads() {
    let x = columns(4000, 3);
    let y = noisy_values(&x, 3);
    let tree = checked(DecisionTreeRegressor::new());
    assert_same_bits(|| {
        let model = tree.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        let thresholds = model.tree.nodes.iter().map(|node| node.threshold);
        thresholds.chain(model.tree.values.iter().copied()).collect()
    });
}

#[test]
fn a_stop_is_heard_in_every_subtree() {
    let x = columns(200, 5);
    let y = noisy_values(&x, 5).to_vec();
    let canonical = canonical_order(200, None, |a, b| y[a].total_cmp(&y[b]));
    let criterion = SquaredError::new(&y, None, &canonical);
    let polls = AtomicUsize::new(0);
    let count = |most: usize, near: usize| {
        polls.store(0, Ordering::Relaxed);
        let stop = || polls.fetch_add(1, Ordering::Relaxed) >= most;
        let control = Control { weights: None, stop: &stop };
        let settings = Settings {
            max_depth: usize::MAX,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            ccp_alpha: 0.0,
            ..settings(5, Sharing::Nothing)
        };
        let grown = grown(&x, &canonical, &criterion, &settings, near, &control);
        (grown.is_err(), polls.load(Ordering::Relaxed))
    };
    let (_, all) = count(usize::MAX, 200);
    assert!(all >= count(usize::MAX, 0).1);
    for most in 0..all {
        assert_eq!(count(most, 200), (true, most + 1));
    }
}
