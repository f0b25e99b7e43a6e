//! Turns errors of the JSON Schema validator into diagnostics on the exact key or value.

mod bounds;
mod names;
mod values;
mod words;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Edit, Part, Place, Route, Segment, counted};
use names::{excluded, missing_key, not_one_kind, unknown_key, wanting, wrong_key, wrong_name};
use values::{out_of_range, rewritten, wrong_pattern, wrong_type};
pub use words::example_of;
use words::{advice, example, in_thresholds, known_keys, name_of};

/// The diagnostics of one error; several where one error of the validator names several keys.
pub fn explain(error: &ValidationError<'_>, schema: &Value, written: &Value) -> Vec<Diagnostic> {
    let route = route_of(error, written);
    let value = error.instance();
    let one = |diagnostic| vec![diagnostic];
    if let Some(wanting) = wanting(&route, value, schema) {
        return wanting;
    }
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = known_keys(error, schema);
            unexpected.iter().map(|key| unknown_key(&route, key, &known)).collect()
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or("?");
            one(missing_key(&route, key, example(error, schema, key)))
        }
        Kind::Enum { options } => one(wrong_name(&route, value, options, advice(error, schema))),
        Kind::Constant { expected_value } => {
            let diagnostic = Diagnostic::error(
                Code::WrongValue,
                Place::value(route),
                format!("version {value} of the language is not known to this mlspec"),
            )
            .label(format!("must be {expected_value}"));
            one(match value.as_str() {
                Some(text) if text == expected_value.to_string() => {
                    let fix = rewritten(diagnostic.place.clone(), expected_value);
                    diagnostic.help(format!("write {expected_value} without quotes")).fix(fix)
                }
                _ => diagnostic.help(format!("this mlspec knows version {expected_value}; a newer one may know this one")),
            })
        }
        Kind::Type { kind } => one(wrong_type(route, value, kind, schema, error)),
        Kind::Pattern { .. } => one(wrong_pattern(route, value, schema, error)),
        Kind::PropertyNames { error: inner } => one(wrong_key(&route, inner.instance())),
        // Where no key is allowed, the validator complains of the map as a whole.
        Kind::FalseSchema if error.schema_path().as_str().ends_with("/additionalProperties") => {
            let map = written.pointer(error.instance_path().as_str()).and_then(Value::as_object);
            let keys = map.into_iter().flat_map(|map| map.keys());
            keys.map(|key| unknown_key(&route, key, &[])).collect()
        }
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
        Kind::MinProperties { .. } if route.last_key() == Some("weight") => one(
            Diagnostic::error(
                Code::MissingKey,
                Place::value(route),
                "`weight` names no column",
            )
            .label("empty")
            .help("write `fit: column`, `score: column`, or both"),
        ),
        Kind::MinProperties { limit } if *limit > 1 => {
            let message = format!("`{}` names too few; at least {limit} are needed", name_of(&route));
            one(Diagnostic::error(Code::WrongValue, Place::value(route), message).label("too few"))
        }
        Kind::MinProperties { .. } => one(not_one_kind(&route, value)),
        Kind::Minimum { limit } => one(out_of_range(route, value, &format!("at least {limit}"))),
        Kind::Maximum { limit } => {
            let diagnostic = out_of_range(route, value, &format!("at most {limit}"));
            one(match (&diagnostic.help, advice(error, schema)) {
                (None, Some(advice)) if error.schema_path().as_str().ends_with("/else/maximum") => {
                    diagnostic.help(advice)
                }
                _ => diagnostic,
            })
        }
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
            let message = format!(
                "`{}` is longer than {}",
                name_of(&route),
                counted(usize::try_from(*limit).unwrap_or(usize::MAX), "character")
            );
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

/// One mistake can break several rules of the schema: keeps one finding a place, save for missing
/// keys, which all point at their map. A parameter that slipped out beside its kind is better
/// explained as that than as an unknown kind. A key that is misspelt is not told to be missing besides.
pub fn without_echoes(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    let misspelt: Vec<Route> = findings.iter().flat_map(renames).collect();
    let is_there = |finding: &Diagnostic| additions(finding).any(|key| misspelt.contains(&key));
    for finding in findings.into_iter().filter(|finding| !is_there(finding)) {
        let missing = |each: &Diagnostic| each.code == Code::MissingKey;
        let echoed = kept.iter_mut().find(|other| {
            let both_told = missing(other) || missing(&finding);
            other.place == finding.place && (!both_told || other.message == finding.message)
        });
        match echoed {
            None => kept.push(finding),
            Some(other) => {
                let slipped = finding.help.as_ref().is_some_and(|help| help.starts_with("indent"));
                if other.code == Code::UnknownKind && finding.code == Code::OneKind && slipped {
                    *other = finding;
                }
            }
        }
    }
    kept
}

/// The keys that would be there if a finding were mended as it proposes.
fn renames(finding: &Diagnostic) -> impl Iterator<Item = Route> {
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits);
    edits.filter_map(|edit| match edit {
        Edit::Replace { place: Place::Spec { route, part: Part::Key, .. }, new, .. } => {
            Some(route.parent()?.key(new))
        }
        Edit::Replace { .. } | Edit::Rewrite { .. } | Edit::Insert { .. } | Edit::Remove { .. } => {
            None
        }
    })
}

/// The keys that are missing and would be added.
fn additions(finding: &Diagnostic) -> impl Iterator<Item = Route> {
    let is_missing = finding.code == Code::MissingKey;
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).filter(move |_| is_missing);
    edits.filter_map(|edit| match edit {
        Edit::Insert { map, key, .. } => Some(map.key(key)),
        Edit::Replace { .. } | Edit::Rewrite { .. } | Edit::Remove { .. } => None,
    })
}

/// The route of the value that failed. The validator does not tell a key `1` from an index, so the
/// document has to.
pub fn route_of(error: &ValidationError<'_>, written: &Value) -> Route {
    let mut at = Some(written);
    let segment = |segment: LocationSegment<'_>| {
        let segment = match (segment, at) {
            (LocationSegment::Index(index), Some(Value::Object(_))) => {
                Segment::Key(index.to_string().into())
            }
            (LocationSegment::Index(index), _) => Segment::Index(index),
            (LocationSegment::Property(key), _) => Segment::Key(key.as_ref().into()),
        };
        at = at.and_then(|value| match &segment {
            Segment::Key(key) => value.get(&**key),
            Segment::Index(index) => value.get(index),
        });
        segment
    };
    error.instance_path().iter().map(segment).collect()
}
