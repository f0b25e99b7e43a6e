//! The JSON Schema of `mlspec.toml`, for editors with a TOML language server.

use serde_json::{Map, Value, json};

use super::keys::{Form, KEYS, Key};
use crate::text::Period;

/// The schema as it is committed and printed, ending in a line feed.
pub fn schema_text() -> String {
    let mut properties: Map<String, Value> =
        KEYS.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    properties.insert(
        "inherits".to_owned(),
        json!({
            "type": "string",
            "description": "The profile whose values count where this one has none; without it, default.",
        }),
    );
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of mlspec",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "profile": {
                "type": "object",
                "description": "Sets of values by name. `default` counts always, another one where it is asked for: `mlspec run --profile ci`.",
                "additionalProperties": { "$ref": "#/definitions/profile" },
                "properties": {
                    "default": { "$ref": "#/definitions/profile" },
                    "ci": { "$ref": "#/definitions/profile" },
                },
            },
        },
        "definitions": {
            "profile": {
                "type": "object",
                "additionalProperties": false,
                "properties": properties,
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

fn property(key: &Key) -> Value {
    let mut property = match key.form {
        Form::Switch => json!({ "type": "boolean" }),
        Form::Whole => json!({ "type": "integer", "minimum": 0 }),
        Form::Text => json!({ "type": "string" }),
        Form::Texts => json!({ "type": ["string", "array"], "items": { "type": "string" } }),
        Form::Time => json!({ "type": "string", "pattern": Period::PATTERN }),
    };
    property["description"] = json!(key.about);
    // The examples are both JSON and TOML.
    property["examples"] = json!([serde_json::from_str::<Value>(key.example).unwrap_or_default()]);
    property
}

#[cfg(test)]
mod tests {
    use super::super::file::read;
    use super::*;

    #[test]
    fn the_example_of_each_key_is_read() {
        for key in KEYS {
            let text = format!("[profile.default]\n{} = {}\n", key.name, key.example);
            let file = read(&text).unwrap_or_else(|found| panic!("{text}: {found:?}"));
            assert_eq!(file.profiles[0].entries[0].key, key.name);
            assert!(serde_json::from_str::<Value>(key.example).is_ok(), "{}", key.name);
        }
    }
}
