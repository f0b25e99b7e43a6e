//! Turns errors of the JSON Schema validator into diagnostics on the exact key or value.

mod names;
mod values;
mod words;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Place, Route, Segment};
use names::{excluded, missing_key, not_one_kind, unknown_key, wrong_key, wrong_name};
use values::{out_of_range, wrong_pattern, wrong_type};
use words::{in_thresholds, known_keys, name_of};

/// The diagnostics of one error; several where one error of the validator names several keys.
pub fn explain(error: &ValidationError<'_>, schema: &Value) -> Vec<Diagnostic> {
    let route = route_of(error);
    let value = error.instance();
    let one = |diagnostic| vec![diagnostic];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = known_keys(error, schema);
            unexpected.iter().map(|key| unknown_key(&route, key, &known)).collect()
        }
        Kind::Required { property } => one(missing_key(&route, property.as_str().unwrap_or("?"))),
        Kind::Enum { options } => one(wrong_name(&route, value, options)),
        Kind::Constant { expected_value } => one(if route.last_key() == Some("version") {
            Diagnostic::error(
                Code::WrongValue,
                Place::value(route),
                format!("version {value} of the language is not known to this mlspec"),
            )
            .label("not a known version")
            .help("write `version: 1`")
        } else {
            Diagnostic::error(
                Code::WrongValue,
                Place::value(route),
                format!("{value} is not allowed here"),
            )
            .label(format!("must be {expected_value}"))
        }),
        Kind::Type { kind } => one(wrong_type(route, value, kind, schema, error)),
        Kind::Pattern { .. } => one(wrong_pattern(route, value, schema, error)),
        Kind::PropertyNames { error: inner } => one(wrong_key(&route, inner.instance())),
        Kind::FalseSchema => one(excluded(&route)),
        Kind::MaxProperties { .. } => one(not_one_kind(&route, value)),
        Kind::MinProperties { .. } if route.last_key() == Some("thresholds") => one(
            Diagnostic::error(
                Code::ThresholdEmpty,
                Place::value(route),
                "there are no thresholds",
            )
            .label("empty")
            .help("a spec without a threshold would pass whatever the model does: write for example `accuracy: \"> 0.8\"`"),
        ),
        Kind::MinProperties { limit } if *limit > 1 => {
            let message = format!("`{}` names fewer than {limit}", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message).label("too few"))
        }
        Kind::MinProperties { .. } => one(not_one_kind(&route, value)),
        Kind::Minimum { limit } => one(out_of_range(route, value, &format!("at least {limit}"))),
        Kind::Maximum { limit } => one(out_of_range(route, value, &format!("at most {limit}"))),
        Kind::ExclusiveMinimum { limit } => {
            one(out_of_range(route, value, &format!("greater than {limit}")))
        }
        Kind::ExclusiveMaximum { limit } => {
            one(out_of_range(route, value, &format!("less than {limit}")))
        }
        Kind::MinItems { .. } | Kind::MinLength { .. } => {
            let message = format!("`{}` is empty", name_of(&route));
            let code = if in_thresholds(&route) { Code::ThresholdEmpty } else { Code::WrongValue };
            one(Diagnostic::error(code, Place::value(route), message).label("empty"))
        }
        Kind::UniqueItems => {
            let message = format!("`{}` holds a value twice", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message)
                .label("not unique"))
        }
        Kind::MaxLength { limit } => {
            let message = format!("`{}` is longer than {limit} characters", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message).label("too long"))
        }
        Kind::MaxItems { limit } => {
            let message = format!("`{}` has more than {limit} items", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message).label("too many"))
        }
        // The schema uses none of the other keywords; a test over its text says so.
        _ => {
            let message = format!("`{}` is not allowed here", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message))
        }
    }
}

/// The same complaint reaches a place through several branches of the schema: keeps one of each.
pub fn without_echoes(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        let echo = kept.iter().any(|other| {
            let missing = finding.code == Code::MissingKey || other.code == Code::MissingKey;
            other.place == finding.place && (!missing || other.message == finding.message)
        });
        if !echo {
            kept.push(finding);
        }
    }
    kept
}

fn route_of(error: &ValidationError<'_>) -> Route {
    error
        .instance_path()
        .iter()
        .map(|segment| match segment {
            jsonschema::paths::LocationSegment::Property(key) => Segment::Key(key.as_ref().into()),
            jsonschema::paths::LocationSegment::Index(index) => Segment::Index(index),
        })
        .collect()
}
