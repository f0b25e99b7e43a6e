//! A kind of a plan to text: its name and parameters, and below it the models inside it.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A model with its parameters; those inside it follow on lines of their own, each under its key.
pub fn model(kind: &Value, indent: usize) -> String {
    let Some((name, Value::Object(map))) = kind.as_object().and_then(|map| map.iter().next())
    else {
        return parameters(kind);
    };
    let (mut own, mut inside) = (Map::new(), String::new());
    for (key, value) in map {
        let list = match value {
            Value::Array(list) if !list.is_empty() => list.as_slice(),
            value => std::slice::from_ref(value),
        };
        // What is tried is no kind, even where it looks like one.
        if key == "over" || !list.iter().all(is_kind) {
            own.insert(key.clone(), value.clone());
            continue;
        }
        for (at, each) in list.iter().enumerate() {
            let place = if value.is_array() { format!("{key}[{at}]") } else { key.clone() };
            let text = model(each, indent + 2);
            let _ = write!(inside, "\n{}{place}: {text}", " ".repeat(indent));
        }
    }
    format!("{}{inside}", parameters(&json!({ name: own })))
}

/// Whether it is written as a kind is, a map with one key for its parameters.
fn is_kind(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1 && map.values().all(Value::is_object))
}

/// A value on one line, as a spec writes it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) if !map.is_empty() => {
            let pairs = map.iter().map(|(key, value)| format!("{key}: {}", written(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// `ridge (alpha 1, fit_intercept true)`.
pub fn parameters(kind: &Value) -> String {
    let Some((name, value)) = kind.as_object().and_then(|map| map.iter().next()) else {
        return kind.to_string();
    };
    let parameters: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key} {}", written(value)))
        .collect();
    if parameters.is_empty() { name.clone() } else { format!("{name} ({})", parameters.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_inside_stand_on_lines_of_their_own() {
        let search = json!({ "search": {
            "model": { "voting": { "of": [{ "ridge": { "alpha": 1 } }, { "svm": {} }] } },
            "over": { "weights": [[1, 2]], "c": { "min": 1, "max": 2 } },
            "metric": { "mae": {} },
            "folds": 5,
        } });
        let lines = [
            "search (over { weights: [[1, 2]], c: { min: 1, max: 2 } }, folds 5)",
            "  model: voting",
            "    of[0]: ridge (alpha 1)",
            "    of[1]: svm",
            "  metric: mae",
        ];
        assert_eq!(model(&search, 2), lines.join("\n"));
    }
}
