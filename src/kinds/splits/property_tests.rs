//! What holds for every split of any rows, not only for the stored ones.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::Fold;
use super::samples::{Rows, split_of};

fn sorted(rows: &[u32]) -> Vec<u32> {
    let mut sorted = rows.to_vec();
    sorted.sort_unstable();
    sorted
}

/// Each row at most once over both sides, and a row on each.
fn assert_sound(folds: &[Fold], rows: usize) {
    for fold in folds {
        assert!(!fold.train.is_empty() && !fold.test.is_empty(), "{fold:?}");
        let all: BTreeSet<u32> = fold.train.iter().chain(&fold.test).copied().collect();
        assert_eq!(all.len(), fold.train.len() + fold.test.len(), "a row twice in {fold:?}");
        assert!(all.last().is_none_or(|last| (*last as usize) < rows));
    }
}

/// Together the test sides are all rows, each once; and every other row trains.
fn assert_each_judges_once(folds: &[Fold], rows: usize) {
    let judged: Vec<u32> = folds.iter().flat_map(|fold| fold.test.iter().copied()).collect();
    assert_eq!(sorted(&judged), (0..rows as u32).collect::<Vec<u32>>());
    for fold in folds {
        assert_eq!(fold.train.len() + fold.test.len(), rows);
    }
}

fn spread(counts: &[usize]) -> usize {
    counts.iter().max().unwrap() - counts.iter().min().unwrap()
}

fn values(rows: &[u32], column: &[u32]) -> BTreeSet<u32> {
    rows.iter().map(|row| column[*row as usize]).collect()
}

proptest! {
    #[test]
    fn k_fold_judges_each_row_once_a_repeat(
        rows in 2..120_usize, folds in 2..12_usize, repeats in 1..4_usize, seed in 0..100_u64,
    ) {
        let split = json!({ "k_fold": { "folds": folds, "repeats": repeats, "seed": seed } });
        let found = Rows::plain(rows).split(&split);
        prop_assert_eq!(found.is_err(), folds > rows);
        let Ok(found) = found else { return Ok(()) };
        prop_assert_eq!(found.len(), split_of(&split).kind().about().folds);
        assert_sound(&found, rows);
        for repeat in found.chunks(folds) {
            assert_each_judges_once(repeat, rows);
            let sizes: Vec<usize> = repeat.iter().map(|fold| fold.test.len()).collect();
            prop_assert!(spread(&sizes) <= 1);
        }
        prop_assert_eq!(Rows::plain(rows).split(&split).unwrap(), found);
    }

    #[test]
    fn stratified_folds_spread_each_class(
        classes in vec(0..3_usize, 2..120), folds in 2..8_usize, seed in 0..100_u64,
    ) {
        let names: Vec<&str> = classes.iter().map(|class| ["x", "y", "z"][*class]).collect();
        let rows = Rows::of_classes(&names);
        let split = json!({ "k_fold": { "folds": folds, "seed": seed } });
        let count = |class| classes.iter().filter(|other| **other == class).count();
        let rare = (0..3).any(|class| (1..folds).contains(&count(class)));
        let found = rows.split(&split);
        prop_assert_eq!(found.is_err(), rare || folds > classes.len());
        let Ok(found) = found else { return Ok(()) };
        assert_sound(&found, classes.len());
        assert_each_judges_once(&found, classes.len());
        let sizes: Vec<usize> = found.iter().map(|fold| fold.test.len()).collect();
        prop_assert!(spread(&sizes) <= 1);
        for class in 0..3 {
            let of_class = |fold: &Fold| {
                fold.test.iter().filter(|row| classes[**row as usize] == class).count()
            };
            prop_assert!(spread(&found.iter().map(of_class).collect::<Vec<usize>>()) <= 1);
        }
    }

    #[test]
    fn no_time_is_on_both_sides_of_a_chronological_cut(
        days in vec(0..20_u32, 2..80), share in 0.01..0.99_f64,
    ) {
        let split = json!({ "chronological": { "column": "day", "test": share } });
        let Ok(found) = Rows::of_column(&days).split(&split) else {
            let first = days.iter().min().unwrap();
            let rest = days.iter().filter(|day| *day != first).count();
            prop_assert!((share * days.len() as f64).ceil() as usize > rest);
            return Ok(());
        };
        assert_sound(&found, days.len());
        assert_each_judges_once(&[found[0].clone(), swapped(&found[0])], days.len());
        prop_assert!(found[0].test.len() as f64 >= share * days.len() as f64);
        let (train, test) = (values(&found[0].train, &days), values(&found[0].test, &days));
        prop_assert!(train.last() < test.first());
        let at = |row: &u32| (days[*row as usize], *row);
        prop_assert!(found[0].train.iter().map(at).is_sorted());
        prop_assert!(found[0].test.iter().map(at).is_sorted());
    }

    #[test]
    fn rolling_folds_know_only_their_past(
        days in vec(0..40_u32, 3..120), folds in 2..6_usize, test in proptest::option::of(1..12_usize),
        gap in 0..6_usize, window in proptest::option::of(1..30_usize),
    ) {
        let mut parameters = json!({ "column": "day", "folds": folds, "gap": gap });
        if let Some(test) = test {
            parameters["test"] = json!(test);
        }
        if let Some(window) = window {
            parameters["window"] = json!(window);
        }
        let Ok(found) = Rows::of_column(&days).split(&json!({ "rolling": parameters })) else {
            return Ok(());
        };
        prop_assert_eq!(found.len(), folds);
        assert_sound(&found, days.len());
        let mut judged = BTreeSet::new();
        for fold in &found {
            let (train, test) = (values(&fold.train, &days), values(&fold.test, &days));
            prop_assert!(train.last() < test.first());
            prop_assert!(judged.last() < test.first(), "a time in two folds");
            judged.extend(test);
            prop_assert!(window.is_none_or(|window| fold.train.len() <= window));
            let first = days[fold.test[0] as usize];
            let before = days.iter().filter(|day| **day < first).count();
            let most = window.unwrap_or(usize::MAX).min(before - gap);
            prop_assert_eq!(fold.train.len(), most);
        }
        prop_assert_eq!(judged.last(), days.iter().max());
    }

    #[test]
    fn no_group_is_on_both_sides(
        groups in vec(0..12_u32, 2..100), folds in proptest::option::of(2..6_usize), seed in 0..100_u64,
    ) {
        let mut parameters = json!({ "column": "day", "seed": seed });
        if let Some(folds) = folds {
            parameters["folds"] = json!(folds);
        }
        let split = json!({ "grouped": parameters });
        let distinct = groups.iter().collect::<BTreeSet<_>>().len();
        let found = Rows::of_column(&groups).split(&split);
        prop_assert_eq!(found.is_err(), distinct < folds.unwrap_or(2));
        let Ok(found) = found else { return Ok(()) };
        prop_assert_eq!(found.len(), folds.unwrap_or(1));
        assert_sound(&found, groups.len());
        for fold in &found {
            let (train, test) = (values(&fold.train, &groups), values(&fold.test, &groups));
            prop_assert!(train.is_disjoint(&test));
            prop_assert_eq!(fold.train.len() + fold.test.len(), groups.len());
            if folds.is_none() {
                prop_assert_eq!(test.len(), distinct.div_ceil(4));
            }
        }
        if folds.is_some() {
            assert_each_judges_once(&found, groups.len());
        }
        prop_assert_eq!(Rows::of_column(&groups).split(&split).unwrap(), found);
    }

    #[test]
    fn by_column_takes_the_rows_of_its_values(waves in vec(0..5_u32, 2..60)) {
        let split = json!({ "by_column": { "column": "day", "train": ["v0", "v3"], "test": "v1" } });
        let found = Rows::of_column(&waves).split(&split);
        prop_assert_eq!(found.is_ok(), [0, 1, 3].iter().all(|wave| waves.contains(wave)));
        let Ok(found) = found else { return Ok(()) };
        assert_sound(&found, waves.len());
        let rows = |wanted: &[u32]| -> Vec<u32> {
            (0..waves.len() as u32).filter(|row| wanted.contains(&waves[*row as usize])).collect()
        };
        prop_assert_eq!(&found[0].train, &rows(&[0, 3]));
        prop_assert_eq!(&found[0].test, &rows(&[1]));
    }
}

fn swapped(fold: &Fold) -> Fold {
    Fold { train: fold.test.clone(), test: fold.train.clone() }
}
