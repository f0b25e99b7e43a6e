//! Turns a document into a `Spec`: first the schema, then serde.
//! Because both come from the same types, a spec that the schema accepts always decodes.

use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::{self, Broken};
use super::{DropMissing, MissingTarget, Slice, Source, Spec, Text, explain, schema, tried};
use crate::data::DeclaredType;
use crate::diagnostic::{Code, Diagnostic, Place, Route, Segment};
use crate::kinds::Family;
use crate::kinds::sources::AnySource;
use crate::text::Document;

static SCHEMA: LazyLock<Value> = LazyLock::new(schema::generate);

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    jsonschema::draft7::new(&SCHEMA).expect("the generated schema is valid: a test compiles it")
});

/// Decodes a document.
///
/// # Errors
/// Every way in which the document departs from the schema, each at its own place.
pub fn decode(document: &Document) -> Result<Spec, Vec<Diagnostic>> {
    let written = document.written();
    let mut findings = departures(written).all();
    findings.extend(tried::findings(written, departures));
    if !findings.is_empty() {
        return Err(explain::without_echoes(findings));
    }
    let mut resolved = document.resolved();
    if let Some(root) = resolved.as_object_mut() {
        root.retain(|key, _| !key.starts_with("x-"));
    }
    read(resolved)
}

/// How a document departs from the schema.
pub(super) struct Departures {
    /// What is wrong with keys and values on their own.
    pub alone: Vec<Diagnostic>,
    /// The rules between keys that are broken where all is well otherwise.
    pub broken: Vec<Broken>,
}

impl Departures {
    fn all(self) -> Vec<Diagnostic> {
        let broken = self.broken.into_iter().map(|broken| broken.diagnostic);
        self.alone.into_iter().chain(broken).collect()
    }
}

fn departures(written: &Value) -> Departures {
    let (mut alone, mut broken) = (Vec::new(), Vec::new());
    let errors = VALIDATOR.iter_errors(written).filter(|error| !rules::is_told_by_plan(error));
    for error in errors {
        match Broken::of(&error, &explain::route_of(&error, written), &SCHEMA) {
            Some(rule) => broken.push(rule),
            None => alone.extend(explain::explain(&error, &SCHEMA, written)),
        }
    }
    broken.retain(|rule: &Broken| !alone.iter().any(|found| rule.hangs_on(found)));
    Departures { alone, broken }
}

/// The places of what an editor with the schema alone tells of a document.
#[derive(Clone, Debug, Default)]
pub struct OfSchema {
    /// Where keys and values are wrong, exactly.
    pub wrong: Vec<Route>,
    /// Where something does not go with the model; what `plan` tells is there or below.
    pub refused: Vec<Route>,
}

/// What the schema alone says of a document; values that a search tries are not in it.
pub fn of_schema(document: &Document) -> OfSchema {
    let written = document.written();
    let found = departures(written).all();
    let route = |found: Diagnostic| match found.place {
        Place::Spec { route, .. } => Some(route),
        Place::Text { .. } | Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => None,
    };
    let refused = VALIDATOR.iter_errors(written).filter(rules::is_told_by_plan);
    OfSchema {
        wrong: found.into_iter().filter_map(route).collect(),
        refused: refused.map(|error| explain::route_of(&error, written)).collect(),
    }
}

/// Decodes what fits the schema.
pub(super) fn read(resolved: Value) -> Result<Spec, Vec<Diagnostic>> {
    serde_path_to_error::deserialize(resolved).map_err(|error| {
        let route: Route = error.path().iter().filter_map(segment).collect();
        let message = format!("the schema accepts what the decoder refuses: {}", error.inner());
        vec![Diagnostic::error(Code::Internal, Place::value(route), message)]
    })
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<Segment> {
    use serde_path_to_error::Segment as Path;
    match segment {
        Path::Seq { index } => Some(Segment::Index(*index)),
        Path::Map { key } => Some(Segment::Key(key.as_str().into())),
        Path::Enum { variant } => Some(Segment::Key(variant.as_str().into())),
        Path::Unknown => None,
    }
}

/// Reads a map as pairs in the order of the file.
pub(super) fn pairs<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<Vec<(String, T)>, D::Error> {
    struct Pairs<T>(&'static str, PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_map(Pairs(expected, PhantomData))
}

/// Reads `data.types`.
pub(super) fn types<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, DeclaredType)>, D::Error> {
    pairs(deserializer, "a map of columns and types")
}

/// Reads `slices`.
pub(super) fn slices<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Slice)>, D::Error> {
    pairs(deserializer, "a map of names and slices")
}

/// Reads `data.derive`.
pub(super) fn derived<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Text)>, D::Error> {
    pairs(deserializer, "a map of columns and SQL")
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |value: &Value| Text::deserialize(value).map_err(de::Error::custom);
        let Some(map) = value.as_object().filter(|map| !map.contains_key("$written")) else {
            return Ok(Self { path: text(&value)?, format: None, options: None });
        };
        let path = text(map.get("path").ok_or_else(|| de::Error::missing_field("path"))?)?;
        let format = map.get("format").and_then(Value::as_str).map(str::to_owned);
        let mut options = None;
        for (key, parameters) in map {
            if AnySource::ALL.iter().any(|entry| entry.name == key) {
                let kind = serde_json::json!({ key: parameters });
                options = Some(AnySource::deserialize(kind).map_err(de::Error::custom)?);
            }
        }
        Ok(Self { path, format, options })
    }
}

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.format.is_none() && self.options.is_none() {
            return self.path.serialize(serializer);
        }
        let mut map = match &self.options {
            Some(options) => serde_json::to_value(options).map_err(serde::ser::Error::custom)?,
            None => serde_json::json!({}),
        };
        map["path"] = Value::String(self.path.written().to_owned());
        if let Some(format) = &self.format {
            map["format"] = Value::String(format.clone());
        }
        map.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MissingTarget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(word) if word == "error" => Ok(Self::Error),
            map @ Value::Object(_) => {
                let form: DropMissing = serde_json::from_value(map).map_err(de::Error::custom)?;
                Ok(if form.drop { Self::Drop { max: form.max } } else { Self::Error })
            }
            other => Err(de::Error::custom(format!("{other} is neither error nor a map"))),
        }
    }
}

impl Serialize for MissingTarget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Error => "error".serialize(serializer),
            Self::Drop { max } => DropMissing { drop: true, max }.serialize(serializer),
        }
    }
}
