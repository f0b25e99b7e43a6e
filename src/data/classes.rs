//! The classes of a target: sorted labels that codes index into.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One class of a target, as its column stores it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    Integer(i64),
    Bool(bool),
    Text(Arc<str>),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

impl Label {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            // A column has one type, so this arm only keeps the order total.
            (a, b) => a.to_string().cmp(&b.to_string()),
        }
    }
}

/// The distinct labels of a target, numbers by value and text by code point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes(Vec<Label>);

impl Classes {
    pub fn new(mut labels: Vec<Label>) -> Self {
        labels.sort_by(Label::order);
        labels.dedup();
        Self(labels)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn labels(&self) -> &[Label] {
        &self.0
    }

    /// The code of a label.
    pub fn code(&self, label: &Label) -> Option<u32> {
        let at = self.0.binary_search_by(|other| other.order(label)).ok()?;
        u32::try_from(at).ok()
    }

    /// The code of the class that a spec names; `6` and `"6"` name the same one.
    pub fn find(&self, name: &ClassName) -> Option<u32> {
        let at = self.0.iter().position(|label| label.to_string() == *name.value)?;
        u32::try_from(at).ok()
    }

    /// The class that is positive when a spec does not say: 1 of 0/1, true of false/true.
    pub fn default_positive(&self) -> Option<u32> {
        match self.0.as_slice() {
            [Label::Integer(0), Label::Integer(1)] | [Label::Bool(false), Label::Bool(true)] => {
                Some(1)
            }
            _ => None,
        }
    }

    /// The classes as a list for a message, cut after eight.
    pub fn listing(&self) -> String {
        let shown: Vec<String> = self.0.iter().take(8).map(ToString::to_string).collect();
        let more = self.0.len().saturating_sub(8);
        match more {
            0 => shown.join(", "),
            _ => format!("{} and {more} more", shown.join(", ")),
        }
    }
}

/// A class as a spec names it: text, a number or a truth value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassName {
    written: Arc<str>,
    value: Arc<str>,
}

impl ClassName {
    pub fn new(name: &str) -> Self {
        Self { written: name.into(), value: name.into() }
    }

    /// The schema of a value that need not be a class of the target.
    pub fn any_value() -> Schema {
        json_schema!({ "type": ["string", "integer", "number", "boolean"] })
    }

    /// The name to compare; for people there is `Display`, which keeps variables as they are written.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for ClassName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl<'de> Deserialize<'de> for ClassName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self::new(&text)),
            serde_json::Value::Object(map) => {
                let text =
                    super::written::Text::from_parts(&map).map_err(serde::de::Error::custom)?;
                Ok(Self { written: text.written().into(), value: text.value().into() })
            }
            scalar @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => {
                Ok(Self::new(&scalar.to_string()))
            }
            other => Err(serde::de::Error::custom(format!("{other} is not a class name"))),
        }
    }
}

impl Serialize for ClassName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl JsonSchema for ClassName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClassName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = Self::any_value();
        schema.insert("x-names".to_owned(), "class".into());
        schema.insert("examples".to_owned(), serde_json::json!(["malignant"]));
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_sort_by_number_or_code_point() {
        let numbers = Classes::new(vec![Label::Integer(10), Label::Integer(9), Label::Integer(10)]);
        assert_eq!(numbers.listing(), "9, 10");
        assert_eq!(numbers.find(&ClassName::new("10")), Some(1));
        let words = Classes::new(["no", "Ähre", "6"].map(|w| Label::Text(w.into())).to_vec());
        assert_eq!(words.listing(), "6, no, Ähre");
    }

    #[test]
    fn only_zero_one_and_bool_have_a_positive_class() {
        let of = |a, b| Classes::new(vec![Label::Integer(a), Label::Integer(b)]).default_positive();
        assert_eq!((of(0, 1), of(1, 2)), (Some(1), None));
    }
}
