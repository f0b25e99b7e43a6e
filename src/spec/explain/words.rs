//! What the explanations share: names of places, quoted values, and parts of the schema.

use jsonschema::ValidationError;
use serde_json::Value;

use crate::diagnostic::{Route, Segment};

pub fn name_of(route: &Route) -> String {
    match route.segments().last() {
        Some(Segment::Key(key)) => key.to_string(),
        Some(Segment::Index(_)) => {
            let keys = route.segments();
            let last = keys.iter().rposition(|each| matches!(each, Segment::Key(_))).unwrap_or(0);
            keys[last..].iter().cloned().collect::<Route>().to_string()
        }
        None => "the spec".to_owned(),
    }
}

pub fn in_thresholds(route: &Route) -> bool {
    matches!(route.segments().first(), Some(Segment::Key(key)) if &**key == "thresholds")
}

pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as a message quotes it: short, on one line.
pub fn shown(value: &Value) -> String {
    let text = match value {
        Value::Object(_) => return "a map".to_owned(),
        Value::Array(_) => return "a list".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= 60 {
        return text;
    }
    let start: String = text.chars().take(57).collect();
    format!("{start}…")
}

pub fn listing(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// A message of the schema as help: without its full stop, starting in lower case.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
/// The keys that the failing schema lists.
pub fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    parent_schema(error, schema)
        .and_then(|parent| parent.get("properties"))
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// What the schema shows as a value of a key, as YAML on one line.
pub fn example(error: &ValidationError<'_>, schema: &Value, key: &str) -> Option<String> {
    example_of(parent_schema(error, schema)?.get("properties")?.get(key)?, schema)
}

/// What the schema shows as a value of a property, as YAML on one line.
pub fn example_of<'a>(mut of_key: &'a Value, schema: &'a Value) -> Option<String> {
    if let Some(name) = of_key.get("$ref").and_then(Value::as_str) {
        of_key = schema.pointer(name.strip_prefix('#')?)?;
    }
    let first = |list: &str| of_key.get(list).and_then(Value::as_array)?.first();
    let value = first("examples").or_else(|| of_key.get("default")).or_else(|| first("enum"))?;
    // JSON on one line is YAML.
    (!value.is_null()).then(|| value.to_string())
}

/// The schema object that holds the failing keyword.
pub fn parent_schema<'a>(error: &ValidationError<'_>, schema: &'a Value) -> Option<&'a Value> {
    let path = error.schema_path().as_str();
    let (parent, _) = path.rsplit_once('/')?;
    schema.pointer(parent)
}

/// What the failing schema tells editors to say, as help.
pub fn advice(error: &ValidationError<'_>, schema: &Value) -> Option<String> {
    parent_schema(error, schema)?.get("errorMessage")?.as_str().map(sentence)
}
