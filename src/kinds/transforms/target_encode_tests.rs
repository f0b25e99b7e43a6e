//! What target encoding promises: scikit-learn's values, and no leak.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::cross_folds::CrossFolds;
use super::numbers::assert_close;
use super::{FittedStep, Smooth, TargetEncode, Training, Transform};
use crate::data::{Classes, Column, Label, MISSING, Truth, Values};
use crate::diagnostic::{Code, Problem};

/// A column of categories; none is missing.
fn column(name: &str, words: &[Option<&str>]) -> Column {
    let mut dictionary: Vec<&str> = words.iter().copied().flatten().collect();
    dictionary.sort_unstable();
    dictionary.dedup();
    let code = |word: &Option<&str>| match word {
        None => MISSING,
        Some(word) => dictionary.binary_search(word).unwrap() as u32,
    };
    let codes = words.iter().map(code).collect();
    let dictionary: Vec<Arc<str>> = dictionary.iter().map(|word| Arc::from(*word)).collect();
    Column { name: name.into(), values: Values::Category { codes, dictionary: dictionary.into() } }
}

fn coded(codes: Vec<u32>, categories: usize) -> Column {
    let dictionary: Vec<Arc<str>> =
        (0..categories).map(|code| format!("{code:06}").into()).collect();
    Column { name: "x".into(), values: Values::Category { codes, dictionary: dictionary.into() } }
}

fn labels(names: &[&str]) -> Classes {
    Classes::new(names.iter().map(|name| Label::Text((*name).into())).collect())
}

fn made(fitted: FittedStep, columns: Vec<Column>) -> Vec<(String, Vec<f64>)> {
    let number = |column: Column| match column.values {
        Values::Number(values) => (column.name.to_string(), values),
        other => panic!("{other:?}"),
    };
    fitted.apply.apply(columns).into_iter().flatten().map(number).collect()
}

fn encode(
    step: &TargetEncode,
    columns: Vec<Column>,
    truth: Truth<'_>,
) -> Result<Vec<(String, Vec<f64>)>, Problem> {
    let rows = match truth {
        Truth::Values(values) => values.len(),
        Truth::Codes { codes, .. } => codes.len(),
        Truth::None => columns[0].len(),
    };
    let picked: Vec<&Column> = columns.iter().collect();
    let fitted = step.fit(&picked, &Training { rows, truth })?;
    Ok(made(fitted, columns))
}

fn numbers(step: &TargetEncode, codes: &[u32], target: &[f64]) -> Vec<f64> {
    let categories = codes.iter().filter(|code| **code != MISSING).max().map_or(0, |most| most + 1);
    let column = coded(codes.to_vec(), categories as usize);
    encode(step, vec![column], Truth::Values(target)).unwrap().remove(0).1
}

/// Values of `tests/reference/make_target_encode.py` with scikit-learn 1.9.1.
#[test]
fn encodings_equal_scikit_learn() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/target_encode");
    let mut compared = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let step: TargetEncode = serde_json::from_value(
            json!({ "smooth": case["smooth"], "cv": case["cv"], "shuffle": false }),
        )
        .unwrap();
        let columns = case["columns"].as_object().unwrap().iter().map(|(name, words)| {
            let words: Vec<Option<&str>> =
                words.as_array().unwrap().iter().map(Json::as_str).collect();
            column(name, &words)
        });
        let target = case["target"].as_array().unwrap();
        let numbers: Vec<f64> = target.iter().filter_map(Json::as_f64).collect();
        let names: Vec<&str> = target.iter().filter_map(Json::as_str).collect();
        let classes = labels(&names);
        let code = |name: &&str| classes.code(&Label::Text((*name).into())).unwrap();
        let codes: Vec<u32> = names.iter().map(code).collect();
        let truth = if numbers.is_empty() {
            Truth::Codes { codes: &codes, classes: &classes }
        } else {
            Truth::Values(&numbers)
        };
        let made = encode(&step, columns.collect(), truth).unwrap();
        let expected = case["expected"].as_object().unwrap();
        assert_eq!(made.len(), expected.len(), "{path:?}");
        for (name, values) in made {
            let expected: Vec<f64> =
                expected[&name].as_array().unwrap().iter().filter_map(Json::as_f64).collect();
            assert_close(&values, &expected);
            compared += values.len();
        }
    }
    assert!(compared > 3000, "{compared}");
}

#[test]
fn a_column_of_chance_tells_nothing_of_the_target() {
    let rows = 4000;
    let mut generator = mlspec_learn::Generator::new(3);
    let codes: Vec<u32> = (0..rows).map(|_| generator.below(2000) as u32).collect();
    let target: Vec<f64> = (0..rows).map(|_| generator.unit()).collect();
    let correlation = |values: &[f64]| {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (a, b) = (mean(values), mean(&target));
        let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            values.iter().zip(&target).map(|(x, y)| f(x - a, y - b)).sum()
        };
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    };
    let all: Vec<u32> = codes.iter().chain(&codes).copied().collect();
    for smooth in [Smooth::Auto, Smooth::Rows(0.0), Smooth::Rows(10.0)] {
        let step = TargetEncode { smooth, ..TargetEncode::default() };
        let made = numbers(&step, &all, &target);
        assert!(correlation(&made[..rows]).abs() < 0.06, "{}", correlation(&made[..rows]));
        // The same rows as if they were others: here the answers shine through.
        assert!(correlation(&made[rows..]) > 0.5, "{}", correlation(&made[rows..]));
    }
}

#[test]
fn a_row_is_not_encoded_by_its_own_answer() {
    let codes = [0, 1, 0, 1, 0, 1, 2, 2, MISSING, MISSING];
    let mut target = [1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 4.0, 9.0, 8.0];
    for shuffle in [true, false] {
        let step = TargetEncode { shuffle, ..TargetEncode::default() };
        for row in 0..10 {
            let before = numbers(&step, &codes, &target)[row];
            target[row] += 1e6;
            assert_eq!(numbers(&step, &codes, &target)[row].to_bits(), before.to_bits());
            target[row] -= 1e6;
        }
    }
}

#[test]
fn the_test_rows_teach_nothing() {
    let target = [1.0, 5.0, 2.0, 6.0, 3.0, 7.0];
    let train = [0, 1, 0, 1, 2, MISSING];
    let first = numbers(&TargetEncode::default(), &[&train[..], &[0, 1]].concat(), &target);
    let other = numbers(&TargetEncode::default(), &[&train[..], &[7, 2, 9]].concat(), &target);
    assert_eq!(first[..6], other[..6]);
    // A new category is the mean of the target.
    assert_eq!([other[6], other[8]], [4.0, 4.0]);
}

#[test]
fn what_has_nothing_to_tell_becomes_the_mean() {
    let whole = |smooth| TargetEncode { smooth, cv: 2, shuffle: false, ..TargetEncode::default() };
    for smooth in [Smooth::Auto, Smooth::Rows(0.0), Smooth::Rows(1e300)] {
        // A constant column: the mean of the other fold, and for other rows of all.
        let made = numbers(&whole(smooth), &[0, 0, 0, 0, 0], &[1.0, 2.0, 3.0, 6.0]);
        assert_close(&made, &[4.5, 4.5, 1.5, 1.5, 3.0]);
        // A constant target, exactly.
        assert_eq!(numbers(&whole(smooth), &[0, 1, 0, 2, 3], &[0.1; 4]), [0.1; 5]);
        // A category a row: none of the other fold is known.
        let made = numbers(&whole(smooth), &[0, 1, 2, 3], &[1.0, 2.0, 3.0, 6.0]);
        assert_close(&made, &[4.5, 4.5, 1.5, 1.5]);
        // No category at all.
        let made = numbers(&whole(smooth), &[MISSING; 5], &[1.0, 2.0, 3.0, 6.0]);
        assert_close(&made, &[4.5, 4.5, 1.5, 1.5, 3.0]);
    }
}

#[test]
fn targets_of_any_size_stay_finite() {
    for size in [1e300, 1e-300, 5e-324] {
        let target = [1.0, -1.0, 1.0, 1.0, -1.0, 1.0].map(|value| value * size);
        for smooth in [Smooth::Auto, Smooth::Rows(f64::MAX)] {
            let step = TargetEncode { smooth, cv: 3, ..TargetEncode::default() };
            let made = numbers(&step, &[0, 0, 1, 1, 2, 2, 0, 3], &target);
            assert!(made.iter().all(|value| value.abs() <= 1.01 * size), "{made:?}");
        }
    }
}

#[test]
fn classes_become_shares() {
    let classes = labels(&["a", "b"]);
    let step = TargetEncode { smooth: Smooth::Rows(0.0), cv: 2, ..TargetEncode::default() };
    let codes = [0, 1, 1, 1];
    let column = || vec![coded(vec![0, 0, 1, 1, 0, 1, 2], 3)];
    let truth = Truth::Codes { codes: &codes, classes: &classes };
    let made = encode(&step, column(), truth).unwrap();
    assert_eq!(made[0].0, "x");
    assert_eq!(made[0].1[4..], [0.5, 1.0, 0.75]);
    // A third class makes columns, but none for a class that only the test rows have.
    let classes = labels(&["a", "b", "c"]);
    let truth = Truth::Codes { codes: &codes, classes: &classes };
    let made = encode(&step, column(), truth).unwrap();
    let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x_a", "x_b"]);
    assert_eq!(made[0].1[4..], [0.5, 0.0, 0.25]);
}

#[test]
fn folds_are_even_and_stratified_whatever_the_draw() {
    let rows = 103;
    let codes: Vec<u32> = (0..rows).map(|row| u32::from(row % 10 == 0)).collect();
    let classes = labels(&["a", "b"]);
    for seed in 0..5 {
        let step = CrossFolds { cv: 5, shuffle: true, seed };
        let truth = Truth::Codes { codes: &codes, classes: &classes };
        let folds = step.assign(&Training { rows, truth }).unwrap();
        let target = vec![0.0; rows];
        let plain = step.assign(&Training { rows, truth: Truth::Values(&target) }).unwrap();
        for fold in 0..5 {
            let of = |folds: &[u32]| folds.iter().filter(|each| **each == fold).count();
            assert!([20, 21].contains(&of(&folds)) && [20, 21].contains(&of(&plain)));
            let rare = (0..rows).filter(|row| codes[*row] == 1 && folds[*row] == fold).count();
            assert!([2, 3].contains(&rare), "{rare}");
        }
    }
    let drawn = |seed| {
        let target = vec![0.0; rows];
        let step = CrossFolds { cv: 5, shuffle: true, seed };
        step.assign(&Training { rows, truth: Truth::Values(&target) }).unwrap()
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}

#[test]
fn too_few_rows_point_at_the_folds() {
    let refused = |codes: &[u32], truth: Truth<'_>| {
        encode(&TargetEncode::default(), vec![coded(codes.to_vec(), 1)], truth).unwrap_err()
    };
    let problem = refused(&[0; 3], Truth::Values(&[1.0, 2.0, 3.0]));
    assert_eq!(problem.code, Code::ModelParameter);
    assert_eq!(problem.message, "5 folds are more than the 3 training rows");
    assert_eq!(problem.route.last_key(), Some("cv"));
    let classes = labels(&["a", "b"]);
    let truth = Truth::Codes { codes: &[0, 1, 0, 1, 0, 1], classes: &classes };
    let problem = refused(&[0; 6], truth);
    assert_eq!(problem.message, "no class has 5 training rows, one for each fold");
    assert_eq!(refused(&[0; 6], Truth::None).code, Code::TaskMisfit);
}

#[test]
fn a_hundred_thousand_categories() {
    let rows = 200_000_u32;
    let codes: Vec<u32> = (0..rows + 10).map(|row| row.wrapping_mul(7919) % 100_000).collect();
    let target: Vec<f64> = (0..rows).map(|row| f64::from(row % 17)).collect();
    let made = numbers(&TargetEncode::default(), &codes, &target);
    assert_eq!(made.len(), codes.len());
    assert!(made.iter().all(|value| (0.0..=16.0).contains(value)));
}

#[test]
fn more_classes_than_memory_are_refused() {
    let rows = 100_000;
    let names: Vec<Label> = (0..rows).map(Label::Integer).collect();
    let classes = Classes::new(names);
    let codes: Vec<u32> = (0..rows as u32).map(|row| if row < 10 { 0 } else { row }).collect();
    let truth = Truth::Codes { codes: &codes, classes: &classes };
    let problem = encode(&TargetEncode::default(), vec![coded(vec![0; rows as usize], 1)], truth)
        .unwrap_err();
    assert_eq!(problem.code, Code::Memory);
}

#[test]
fn smooth_is_auto_or_a_number() {
    let step = |smooth: Json| serde_json::from_value::<TargetEncode>(json!({ "smooth": smooth }));
    for (written, smooth) in [(json!("auto"), Smooth::Auto), (json!(0), Smooth::Rows(0.0))] {
        assert_eq!(step(written).unwrap().smooth, smooth);
    }
    for refused in [json!("Auto"), json!(-1), json!(true), json!(null)] {
        assert!(step(refused).is_err());
    }
    for smooth in [Smooth::Auto, Smooth::Rows(2.5)] {
        let step = TargetEncode { smooth, ..TargetEncode::default() };
        let written = serde_json::to_value(&step).unwrap();
        assert_eq!(serde_json::from_value::<TargetEncode>(written).unwrap(), step);
    }
}
