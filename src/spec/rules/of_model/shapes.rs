//! Schemas of which rules are made: keys in keys, names of kinds, and what is refused with its words.

use serde_json::{Map, Value, json};

use crate::kinds::{Condition, Test};
use crate::spec::rules::unless;

pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A map that names one of these kinds.
pub fn named(names: &[&str]) -> Value {
    json!({ "type": "object", "minProperties": 1, "propertyNames": { "enum": names } })
}

/// A name, or a map that names one of these kinds.
pub fn one_of(names: &[&str]) -> Value {
    any(&[json!({ "enum": names }), named(names)])
}

pub fn any(these: &[Value]) -> Value {
    json!({ "anyOf": these })
}

pub fn both(this: &Value, other: &Value) -> Value {
    json!({ "allOf": [this, other] })
}

/// A map with a key, and what is below it.
pub fn within(key: &str, schema: &Value) -> Value {
    json!({ "type": "object", "required": [key], "properties": { key: schema } })
}

/// Keys in keys, whether they are there or not.
pub fn within_all(keys: &[&str], schema: &Value) -> Value {
    keys.iter().rev().fold(schema.clone(), |inner, key| json!({ "properties": { *key: inner } }))
}

/// A value of which something does not hold. Of `not` editors say words of their own.
pub fn refused(schema: &Value, message: &str) -> Value {
    unless(schema, &nothing(message))
}

/// What no value is that is written.
fn nothing(message: &str) -> Value {
    json!({ "type": "null", "errorMessage": message })
}

/// A map without a key.
pub fn named_refused(key: &str, message: &str) -> Value {
    json!({ "properties": { key: false }, "errorMessage": message })
}

/// The keys of thresholds that are about these metrics.
pub fn of_names(names: &[&str]) -> String {
    format!("^({})(@|$)", names.join("|"))
}

/// A bound, or a list of them, without some keys.
pub fn bounds_refused(keys: &[&str], message: &str) -> Value {
    let keys: Map<String, Value> =
        keys.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
    let bound = json!({ "properties": keys, "errorMessage": message });
    let mut all = bound.clone();
    all["items"] = bound;
    all
}

/// The values with which a parameter is as if it were not given.
pub fn refused_value(
    Condition { key, test }: &Condition,
    of: Option<&Map<String, Value>>,
    message: &str,
) -> Value {
    let default = of.and_then(|parameters| parameters.get(*key)?.get("default"));
    match (test, default) {
        (Test::OneOf(values), _) => refused(&json!({ "enum": values }), message),
        (_, Some(default)) => json!({ "const": default, "errorMessage": message }),
        (_, None) => nothing(message),
    }
}
