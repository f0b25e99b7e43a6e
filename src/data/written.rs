//! A string of a spec, as its author wrote it and with its environment variables filled in.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Free text of a spec. Whatever is shown or stored is the written form, so that the value of an
/// environment variable never reaches a plan, a report or a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    written: Arc<str>,
    value: Arc<str>,
}

impl Text {
    /// Text without variables.
    pub fn plain(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        Self { written: text.clone(), value: text }
    }

    pub fn written(&self) -> &str {
        &self.written
    }

    /// The text to act on: a path to open, a name to compare.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Reads the pair that a resolved document holds in place of a string with variables.
    ///
    /// # Errors
    /// A map that is not such a pair.
    pub fn from_parts(map: &Map<String, Value>) -> Result<Self, String> {
        match (map.get("$written"), map.get("$value")) {
            (Some(Value::String(written)), Some(Value::String(value))) if map.len() == 2 => {
                Ok(Self { written: written.as_str().into(), value: value.as_str().into() })
            }
            _ => Err("expected text, found a map".to_owned()),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::plain(text)),
            Value::Object(map) => Self::from_parts(&map).map_err(serde::de::Error::custom),
            other => Err(serde::de::Error::custom(format!("expected text, found {other}"))),
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
