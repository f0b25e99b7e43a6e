//! Rules between keys to JSON Schema: `if` some are there, `then` others must or must not be.

use serde_json::{Value, json};

/// Rows come from `path`, or from `train` and `test`, which are split already.
pub fn two_ways_to_give_rows(schema: &mut Value) {
    if let Some(data) = schema.pointer_mut("/properties/data").and_then(Value::as_object_mut) {
        let together = "train and test are given together, without path and split.";
        let only_test = json!({
            "if": { "required": ["test"] },
            "then": { "required": ["train"], "errorMessage": together },
            "else": { "required": ["path"] },
        });
        let ways = json!([{
            "if": { "required": ["train"] },
            "then": {
                "required": ["test"],
                "properties": { "path": false, "split": false },
                "errorMessage": together,
            },
            "else": only_test,
        }]);
        data.insert("allOf".to_owned(), ways);
    }
}

/// Two keys that exclude each other; the second is the one too many.
pub fn pair(a: &str, b: &str) -> Value {
    json!({
        "if": { "required": [a, b] },
        "then": { "properties": { b: false }, "errorMessage": format!("{a} and {b} exclude each other.") },
    })
}
