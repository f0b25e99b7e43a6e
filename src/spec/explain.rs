//! Turns errors of the JSON Schema validator into diagnostics on the exact key or value.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::reserved;
use crate::diagnostic::{Code, Diagnostic, Place, Route, Segment};
use crate::kinds::Family;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
use crate::text::nearest;

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
        Kind::MinProperties { .. } => one(if route.last_key() == Some("thresholds") {
            Diagnostic::error(Code::ThresholdEmpty, Place::value(route), "there are no thresholds")
                .label("empty")
                .help("a spec without a threshold would pass whatever the model does: write for example `accuracy: \"> 0.8\"`")
        } else {
            not_one_kind(&route, value)
        }),
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

/// Where a name is wrong, the complaint about its value says nothing more: keeps, for each place,
/// the first finding, and drops those below a key that is unknown.
pub fn without_echoes(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        if !kept.iter().any(|other| other.place == finding.place) {
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

fn name_of(route: &Route) -> String {
    match route.segments().last() {
        Some(Segment::Key(key)) => key.to_string(),
        _ => route.to_string(),
    }
}

fn in_thresholds(route: &Route) -> bool {
    matches!(route.segments().first(), Some(Segment::Key(key)) if &**key == "thresholds")
}

/// The keys that the failing schema lists.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    parent_schema(error, schema)
        .and_then(|parent| parent.get("properties"))
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// The schema object that holds the failing keyword.
fn parent_schema<'a>(error: &ValidationError<'_>, schema: &'a Value) -> Option<&'a Value> {
    let path = error.schema_path().as_str();
    let (parent, _) = path.rsplit_once('/')?;
    schema.pointer(parent)
}

/// What a map at this route holds, for messages.
fn noun(route: &Route) -> Option<&'static str> {
    match route.segments() {
        [Segment::Key(key)] if &**key == "model" => Some(AnyModel::NOUN),
        [Segment::Key(top), Segment::Key(key)] if &**top == "data" && &**key == "split" => {
            Some(AnySplit::NOUN)
        }
        [Segment::Key(key), Segment::Index(_)] if &**key == "metrics" => Some(AnyMetric::NOUN),
        [Segment::Key(key), Segment::Index(_)] if &**key == "prepare" => Some(AnyTransform::NOUN),
        _ => None,
    }
}

fn plural(noun: &str) -> &'static str {
    match noun {
        "model" => AnyModel::PLURAL,
        "split" => AnySplit::PLURAL,
        "metric" => AnyMetric::PLURAL,
        _ => AnyTransform::PLURAL,
    }
}

fn unknown_key(route: &Route, key: &str, known: &[String]) -> Diagnostic {
    let place = Place::key(route.key(key));
    if reserved::is_reserved(route, key) {
        return reserved_word(place, key);
    }
    let near = nearest(key, known.iter().map(String::as_str));
    let (code, message) = match noun(route) {
        Some(noun) => (Code::UnknownKind, format!("there is no {noun} called `{key}`")),
        None if route.segments().is_empty() => {
            (Code::UnknownKey, format!("`{key}` is not a key of a spec"))
        }
        None => (Code::UnknownKey, format!("`{key}` is not a key of `{}`", name_of(route))),
    };
    let diagnostic = Diagnostic::error(code, place, message);
    match (near, noun(route)) {
        (Some(near), _) => {
            diagnostic.label(format!("did you mean `{near}`?")).help(format!("write `{near}`"))
        }
        (None, Some(noun)) => diagnostic
            .label(format!("unknown {noun}"))
            .help(format!("`mlspec list {}` prints what there is", plural(noun))),
        (None, None) => {
            diagnostic.label("unknown key").help(format!("the keys here are {}", listing(known)))
        }
    }
}

fn reserved_word(place: Place, key: &str) -> Diagnostic {
    Diagnostic::error(
        Code::Reserved,
        place,
        format!("`{key}` is reserved: this version of mlspec does not run it yet"),
    )
    .label("not yet")
    .help(format!("remove `{key}`; a spec never passes because a part of it was skipped"))
}

fn missing_key(route: &Route, key: &str) -> Diagnostic {
    let (place, message) = if route.segments().is_empty() {
        (Place::value(Route::root()), format!("the spec has no `{key}`"))
    } else {
        (Place::key(route.clone()), format!("`{}` has no `{key}`", name_of(route)))
    };
    let help = match key {
        "version" => "add `version: 1` at the top".to_owned(),
        "data" => "add for example `data: { path: data.csv, target: label }`".to_owned(),
        "model" => "add for example `model: { logistic_regression: {} }`".to_owned(),
        "thresholds" => "add for example `thresholds: { accuracy: \"> 0.8\" }`".to_owned(),
        _ => format!("add `{key}: …`"),
    };
    Diagnostic::error(Code::MissingKey, place, message)
        .label(format!("`{key}` is missing"))
        .help(help)
}

fn wrong_name(route: &Route, value: &Value, options: &Value) -> Diagnostic {
    let place = Place::value(route.clone());
    let names: Vec<String> =
        options.as_array().map(|list| list.iter().map(plain).collect()).unwrap_or_default();
    let near = value.as_str().and_then(|word| nearest(word, names.iter().map(String::as_str)));
    if let (Some(word), Some(noun)) = (value.as_str(), noun(route)) {
        if reserved::is_reserved(route, word) {
            return reserved_word(place, word);
        }
        let diagnostic = Diagnostic::error(
            Code::UnknownKind,
            place,
            format!("there is no {noun} called `{word}`"),
        );
        return match near {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).help(format!("write `{near}`"))
            }
            None => diagnostic
                .label(format!("unknown {noun}"))
                .help(format!("`mlspec list {}` prints what there is", plural(noun))),
        };
    }
    let message = format!("`{}` cannot be {}", name_of(route), shown(value));
    let diagnostic = Diagnostic::error(Code::WrongValue, place, message);
    match near {
        Some(near) => {
            diagnostic.label(format!("did you mean `{near}`?")).help(format!("write `{near}`"))
        }
        None => diagnostic.label(format!("must be one of {}", listing(&names))),
    }
}

fn wrong_type(
    route: Route,
    value: &Value,
    kind: &TypeKind,
    schema: &Value,
    error: &ValidationError<'_>,
) -> Diagnostic {
    let found = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => format!("{value}, a truth value"),
        Value::Number(_) => format!("{value}, a number"),
        Value::String(_) => format!("{}, text", shown(value)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    };
    let bound_itself =
        in_thresholds(&route) && matches!(route.segments(), [_, _] | [_, _, Segment::Index(_)]);
    if let (Value::Number(number), true) = (value, bound_itself) {
        return Diagnostic::error(
            Code::ThresholdSyntax,
            Place::value(route),
            format!("the bound {number} does not say on which side the value must be"),
        )
        .label("a bare number")
        .help(format!(
            "write \"> {number}\", \">= {number}\", \"< {number}\" or \"<= {number}\", in quotes"
        ));
    }
    if let (Value::Array(_), Some("target")) = (value, route.last_key()) {
        return Diagnostic::error(
            Code::Reserved,
            Place::value(route),
            "several targets are reserved: this version of mlspec judges one",
        )
        .label("not yet")
        .help("name one column, and write a spec for each of the others");
    }
    let wanted = match kind {
        TypeKind::Single(one) => type_name(*one).to_owned(),
        TypeKind::Multiple(many) => {
            let names: Vec<&str> =
                many.iter().filter(|one| *one != JsonType::Null).map(type_name).collect();
            names.join(" or ")
        }
    };
    let mut diagnostic = Diagnostic::error(
        Code::WrongType,
        Place::value(route.clone()),
        format!("`{}` is {found}; it must be {wanted}", name_of(&route)),
    )
    .label(format!("must be {wanted}"));
    if let (Value::String(text), true) = (value, wanted.contains("number"))
        && text.parse::<f64>().is_ok()
    {
        diagnostic = diagnostic.help(format!("write {text} without quotes"));
    } else if let Some(text) = parent_schema(error, schema)
        .and_then(|parent| parent.get("errorMessage"))
        .and_then(Value::as_str)
    {
        diagnostic = diagnostic.help(sentence(text));
    }
    diagnostic
}

fn wrong_pattern(
    route: Route,
    value: &Value,
    schema: &Value,
    error: &ValidationError<'_>,
) -> Diagnostic {
    if in_thresholds(&route) {
        let text = value.as_str().unwrap_or_default();
        let diagnostic = Diagnostic::error(
            Code::ThresholdSyntax,
            Place::value(route),
            format!("{} is not a bound", shown(value)),
        );
        return if text.contains("${") {
            diagnostic.label("a bound is never taken from the environment").help(
                "write the number: what must hold belongs into the spec, where a review sees it",
            )
        } else if text.contains('%') {
            diagnostic.label("not a bound").help("rates are fractions: write 0.8 for 80 %")
        } else {
            diagnostic.label("not a bound").help(
                "write \"> 0.8\", \">= 0.8\", \"< 12\", \"<= 12\", or a range such as 0.1 .. 0.2",
            )
        };
    }
    let diagnostic = Diagnostic::error(
        Code::WrongValue,
        Place::value(route.clone()),
        format!("`{}` cannot be {}", name_of(&route), shown(value)),
    )
    .label("not allowed here");
    match parent_schema(error, schema)
        .and_then(|parent| parent.get("patternErrorMessage"))
        .and_then(Value::as_str)
    {
        Some(text) => diagnostic.help(sentence(text)),
        None => diagnostic,
    }
}

fn wrong_key(route: &Route, key: &Value) -> Diagnostic {
    let key = key.as_str().unwrap_or_default();
    let place = Place::key(route.key(key));
    if key.contains('@') {
        return Diagnostic::error(
            Code::Reserved,
            place,
            format!("`{key}`: slices are reserved, this version of mlspec does not run them yet"),
        )
        .label("not yet")
        .help("judge the slice in a spec of its own, with `where`");
    }
    let names: Vec<&str> = AnyMetric::ALL.iter().map(|entry| entry.name).collect();
    let diagnostic = Diagnostic::error(
        Code::ThresholdUnknown,
        place,
        format!("`{key}` is not the name of a metric"),
    );
    match nearest(key, names) {
        Some(near) => {
            diagnostic.label(format!("did you mean `{near}`?")).help(format!("write `{near}`"))
        }
        None => diagnostic
            .label("not a metric")
            .help("names have lower-case letters, digits and underscores; `mlspec list metrics` prints the catalogue"),
    }
}

fn excluded(route: &Route) -> Diagnostic {
    let key = name_of(route);
    let other = match key.as_str() {
        "above" => "min",
        "below" => "max",
        "class" => "average",
        _ => "another key",
    };
    let diagnostic = Diagnostic::error(
        Code::Exclusive,
        Place::key(route.clone()),
        format!("`{key}` and `{other}` exclude each other"),
    )
    .label(format!("there is `{other}` already"))
    .help(format!("keep the one of `{other}` and `{key}` that you mean"));
    match route.parent() {
        Some(parent) => diagnostic.related(Place::key(parent.key(other)), "the other one"),
        None => diagnostic,
    }
}

fn not_one_kind(route: &Route, value: &Value) -> Diagnostic {
    let noun = noun(route).unwrap_or("kind");
    let keys: Vec<String> =
        value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    match keys.as_slice() {
        [] => Diagnostic::error(
            Code::OneKind,
            Place::value(route.clone()),
            format!("this {noun} has no name"),
        )
        .label("empty")
        .help(format!("`mlspec list {}` prints what there is", plural(noun))),
        [first, second, ..] => {
            let known = |key: &String| is_kind(noun, key);
            let help = if known(first) && !known(second) {
                format!("indent `{second}` below `{first}` if it is a parameter of it")
            } else if noun == "model" || noun == "split" {
                format!("keep one of {}", listing(&keys))
            } else {
                format!("write each {noun} as an item of its own, with a `-` before it")
            };
            Diagnostic::error(
                Code::OneKind,
                Place::key(route.key(second)),
                format!("a {noun} is a map with one key; this one has {}", keys.len()),
            )
            .label("a second key")
            .help(help)
            .related(Place::key(route.key(first)), "the first key")
        }
        [_] => Diagnostic::error(Code::OneKind, Place::value(route.clone()), "not a kind"),
    }
}

fn is_kind(noun: &str, key: &str) -> bool {
    let entries = match noun {
        "model" => AnyModel::ALL,
        "split" => AnySplit::ALL,
        "metric" => AnyMetric::ALL,
        _ => AnyTransform::ALL,
    };
    entries.iter().any(|entry| entry.name == key)
}

fn out_of_range(route: Route, value: &Value, range: &str) -> Diagnostic {
    let message = format!("`{}` is {value}; it must be {range}", name_of(&route));
    Diagnostic::error(Code::OutOfRange, Place::value(route), message)
        .label(format!("must be {range}"))
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "nothing",
        JsonType::Number => "a number",
        JsonType::Object => "a map",
        JsonType::String => "text",
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as a message quotes it: short, on one line.
fn shown(value: &Value) -> String {
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

fn listing(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// A message of the schema as help: without its full stop, starting in lower case.
fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
