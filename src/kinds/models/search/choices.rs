//! The values that a search tries: combinations of parameters, and the models that they make.

use std::collections::HashSet;

use mlspec_learn::Generator;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::diagnostic::Route;
use crate::kinds::models::AnyModel;

/// The most combinations that are tried.
pub const MOST: usize = 10_000;

/// What is tried for one parameter.
pub enum Choices<'a> {
    List(&'a [Value]),
    Range { min: f64, max: f64, log: bool },
}

impl<'a> Choices<'a> {
    pub fn of(value: &'a Value) -> Self {
        let end = |key: &str| value[key].as_f64().unwrap_or(0.0);
        match value {
            Value::Array(list) => Self::List(list),
            _ => Self::Range { min: end("min"), max: end("max"), log: value["scale"] == "log" },
        }
    }
}

/// The values that stand in the spec, each with its route: all of a list, the ends of a range.
pub fn sample(choices: &Value) -> Vec<(Route, Value)> {
    match choices {
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, v)| (Route::root().index(at), v.clone())).collect()
        }
        _ => ["min", "max"].map(|key| (Route::root().key(key), choices[key].clone())).to_vec(),
    }
}

/// The model with these parameters, and its own where they say nothing.
///
/// # Errors
/// Why the model does not take them.
pub fn with<'a>(
    model: &AnyModel,
    parameters: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<AnyModel, String> {
    let mut value = serde_json::to_value(model).map_err(|error| error.to_string())?;
    for (name, parameter) in parameters {
        value[model.name()][name] = parameter.clone();
    }
    AnyModel::deserialize(value).map_err(|error| error.to_string())
}

/// How many combinations the lists have; a range counts as one value.
pub fn count(over: &Map<String, Value>) -> u128 {
    over.values().fold(1, |count: u128, choices| {
        count.saturating_mul(choices.as_array().map_or(1, Vec::len).max(1) as u128)
    })
}

/// Every combination of the lists, the last parameter changing first.
pub fn grid(over: &Map<String, Value>) -> Vec<Map<String, Value>> {
    (0..count(over).min(MOST as u128)).map(|at| nth(over, at)).collect()
}

/// The combination at a position of the grid, without the ranges.
fn nth(over: &Map<String, Value>, mut at: u128) -> Map<String, Value> {
    let mut digits = Vec::new();
    for (_, choices) in over.iter().rev() {
        let base = choices.as_array().map_or(1, Vec::len).max(1) as u128;
        digits.push((at % base) as usize);
        at /= base;
    }
    let lists = over.iter().zip(digits.into_iter().rev());
    lists
        .filter_map(|((name, choices), digit)| Some((name.clone(), choices.get(digit)?.clone())))
        .collect()
}

/// Combinations drawn at random, none twice, and all of them where there are no more.
pub fn drawn(
    over: &Map<String, Value>,
    model: &AnyModel,
    wanted: usize,
    seed: u64,
) -> Vec<Map<String, Value>> {
    let is_whole = |(name, choices): (&String, &Value)| is_whole(model.name(), name, choices);
    let whole: Vec<bool> = over.iter().map(is_whole).collect();
    if let Some(lists) = as_lists(over, &whole, wanted) {
        return grid(&lists);
    }
    let mut generator = Generator::new(seed);
    let mut known = HashSet::with_capacity(wanted);
    let mut combinations: Vec<Map<String, Value>> = Vec::with_capacity(wanted);
    // A range that favours some values keeps the others rare, and one with two equal ends has one.
    for _ in 0..wanted.saturating_mul(DRAWS) {
        let draw = |((name, choices), whole): ((&String, &Value), &bool)| {
            (name.clone(), one(choices, *whole, &mut generator))
        };
        let combination: Map<String, Value> = over.iter().zip(&whole).map(draw).collect();
        if known.insert(Value::Object(combination.clone()).to_string()) {
            combinations.push(combination);
        }
        if combinations.len() == wanted {
            break;
        }
    }
    combinations
}

/// How often one is drawn for each combination that is wanted, at most.
const DRAWS: usize = 100;

/// The values as lists, where these have no more combinations than are wanted.
fn as_lists(
    over: &Map<String, Value>,
    whole: &[bool],
    wanted: usize,
) -> Option<Map<String, Value>> {
    let list = |((name, choices), whole): ((&String, &Value), &bool)| {
        let values = match Choices::of(choices) {
            Choices::List(list) => list.to_vec(),
            Choices::Range { min, max, .. } if min == max => vec![choices["min"].clone()],
            Choices::Range { min, max, .. } if *whole && max - min < wanted as f64 => {
                (min.ceil() as i64..=max.floor() as i64).map(Value::from).collect()
            }
            Choices::Range { .. } => return None,
        };
        Some((name.clone(), Value::Array(values)))
    };
    let lists: Option<Map<String, Value>> = over.iter().zip(whole).map(list).collect();
    lists.filter(|lists| count(lists) <= wanted as u128)
}

/// One value of a list or a range.
fn one(choices: &Value, whole: bool, generator: &mut Generator) -> Value {
    match Choices::of(choices) {
        Choices::List(list) => list[generator.below(list.len() as u64) as usize].clone(),
        Choices::Range { min, max, log } => at((min, max, log), whole, generator.unit()),
    }
}

/// The value of a range so far from its beginning to its end, from 0 to 1.
fn at((min, max, log): (f64, f64, bool), whole: bool, unit: f64) -> Value {
    // A whole number stands for the unit of length around it.
    let (low, high) = if whole { (min - 0.5, max + 0.5) } else { (min, max) };
    let value = if log {
        let (low, high) = (low.max(min / 2.0).ln(), high.ln());
        (low + unit * (high - low)).exp()
    } else {
        // The difference of the ends may be beyond all numbers.
        low * (1.0 - unit) + high * unit
    };
    if whole { json!(value.round().clamp(min, max) as i64) } else { json!(value.clamp(min, max)) }
}

/// Some values between the ends of a range of a model's parameter, as they may be drawn; none where it is no range.
pub fn between(model: &str, parameter: &str, choices: &Value) -> Vec<Value> {
    const UNITS: [f64; 5] = [0.5, 0.25, 0.75, 0.02, 0.98];
    let Choices::Range { min, max, log } = Choices::of(choices) else { return Vec::new() };
    let is_range = min < max && (!log || min > 0.0);
    if !is_range {
        return Vec::new();
    }
    let whole = is_whole(model, parameter, choices);
    UNITS.map(|unit| at((min, max, log), whole, unit)).to_vec()
}

/// Whether whole numbers are drawn from the range of a parameter: where it takes no others, and where a fraction is
/// a share and the ends are counts.
fn is_whole(model: &str, parameter: &str, choices: &Value) -> bool {
    let takes =
        |value: Value| AnyModel::deserialize(json!({ model: { parameter: value } })).is_ok();
    let is_count = |key: &str| choices[key].as_u64().is_some_and(|count| count >= 1);
    let counts = || is_count("min") && is_count("max") && choices["max"] != 1;
    takes(json!(2)) && !takes(json!(1.5)) && (!takes(json!(0.5)) || counts())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::models::members;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    fn ridge() -> AnyModel {
        serde_json::from_value(json!({ "ridge": {} })).unwrap()
    }

    fn tree() -> AnyModel {
        serde_json::from_value(json!({ "decision_tree": {} })).unwrap()
    }

    #[test]
    fn the_last_parameter_changes_first() {
        let grid = grid(&map(json!({ "b": [1, 2], "a": ["x", "y"] })));
        let shown: Vec<String> = grid.iter().map(members::shown).collect();
        assert_eq!(shown, ["b 1, a x", "b 1, a y", "b 2, a x", "b 2, a y"]);
    }

    #[test]
    fn combinations_are_drawn_once_where_all_are_lists() {
        let over = map(json!({ "alpha": [1, 2, 3, 4, 5], "fit_intercept": [true, false] }));
        let drawn = drawn(&over, &ridge(), 9, 3);
        for (at, one) in drawn.iter().enumerate() {
            assert!(!drawn[..at].contains(one), "{one:?} twice");
        }
        assert_eq!(drawn.len(), 9);
        assert_eq!(super::drawn(&over, &ridge(), 100, 3), grid(&over));
    }

    #[test]
    fn no_combination_of_ranges_is_drawn_twice() {
        let over = map(json!({ "max_depth": { "min": 1, "max": 3 } }));
        let depths = |wanted| -> Vec<i64> {
            let drawn = drawn(&over, &tree(), wanted, 0);
            drawn.iter().map(|one| one["max_depth"].as_i64().expect("a whole number")).collect()
        };
        assert_eq!(depths(50), [1, 2, 3], "all of them");
        let two = depths(2);
        assert!(two.len() == 2 && two[0] != two[1], "{two:?}");
        let over = map(json!({ "max_depth": { "min": 2, "max": 2 }, "ccp_alpha": [0, 0.1] }));
        assert_eq!(drawn(&over, &tree(), 10, 0).len(), 2);
        let over = map(json!({ "min_impurity_decrease": { "min": 0.5, "max": 0.5 },
            "ccp_alpha": { "min": 0, "max": 1 } }));
        assert_eq!(drawn(&over, &tree(), 20, 0).len(), 20);
    }

    #[test]
    fn counts_are_drawn_whole_and_shares_are_not() {
        let drawn = |range: Value| {
            let over = map(json!({ "max_features": range }));
            let drawn = drawn(&over, &tree(), 5, 0);
            drawn.into_iter().map(|mut one| one["max_features"].take()).collect::<Vec<_>>()
        };
        let counts = drawn(json!({ "min": 1, "max": 40 }));
        assert!(counts.iter().all(Value::is_i64), "{counts:?}");
        assert!(drawn(json!({ "min": 0.1, "max": 1 })).iter().all(Value::is_f64));
        let inside = between("decision_tree", "max_features", &json!({ "min": 2, "max": 40 }));
        assert_eq!(inside[..3], [json!(21), json!(11), json!(31)]);
        assert!(between("ridge", "alpha", &json!({ "min": 2, "max": 1 })).is_empty());
        assert!(
            between("ridge", "alpha", &json!({ "min": 0, "max": 1, "scale": "log" })).is_empty()
        );
        assert!(between("ridge", "alpha", &json!([1, 2])).is_empty());
        let wide = between("svm", "coef0", &json!({ "min": -1.5e308, "max": 1.5e308 }));
        assert_eq!(wide[..2], [json!(0.0), json!(-7.5e307)]);
    }

    #[test]
    fn ranges_keep_to_their_ends() {
        let over = map(json!({ "max_depth": { "min": 1, "max": 3 } }));
        let mut generator = Generator::new(0);
        let depths: Vec<i64> = (0..300)
            .map(|_| one(&over["max_depth"], true, &mut generator).as_i64().expect("whole"))
            .collect();
        for depth in 1..=3 {
            let share = depths.iter().filter(|each| **each == depth).count();
            assert!((70..130).contains(&share), "{share} of 300 are {depth}");
        }
        let over = map(json!({ "alpha": { "min": 0.01, "max": 100, "scale": "log" } }));
        let below = drawn(&over, &ridge(), 400, 0)
            .iter()
            .map(|one| one["alpha"].as_f64().unwrap())
            .inspect(|alpha| assert!((0.01..=100.0).contains(alpha)))
            .filter(|alpha| *alpha < 1.0)
            .count();
        assert!((160..240).contains(&below), "{below} of 400 are below the middle");
    }
}
