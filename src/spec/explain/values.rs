//! Values of the wrong type, the wrong form, or out of range.

use jsonschema::error::TypeKind;
use jsonschema::{JsonType, ValidationError};
use serde_json::{Value, json};

use super::bounds::{good_side, no_bound};
use super::names::as_name;
use super::words::{advice, in_thresholds, name_of, parent_schema, sentence, shown};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place, Route, Segment};
use crate::text::{Form, spelled};

pub fn wrong_type(
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
        let diagnostic = Diagnostic::error(
            Code::ThresholdSyntax,
            Place::value(route),
            format!("the bound {number} does not say on which side the value must be"),
        )
        .label("a bare number")
        .help(format!(
            "write \"> {number}\", \">= {number}\", \"< {number}\" or \"<= {number}\", in quotes"
        ));
        let Some(sign) = good_side(&diagnostic.place) else { return diagnostic };
        let fix = rewritten(diagnostic.place.clone(), &Value::String(format!("{sign} {number}")));
        return diagnostic.fix(fix.unsure());
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
        match route.segments() {
            [] => format!("the spec is {found}; it must be {wanted}"),
            _ => format!("`{}` is {found}; it must be {wanted}", name_of(&route)),
        },
    )
    .label(format!("must be {wanted}"));
    if let (Value::String(text), true) = (value, wanted.contains("number"))
        && text.parse::<f64>().is_ok()
    {
        diagnostic = diagnostic.help(format!("write {text} without quotes"));
        if let Ok(number @ Value::Number(_)) = serde_json::from_str(text.trim()) {
            let fix = rewritten(diagnostic.place.clone(), &number);
            diagnostic = diagnostic.fix(fix);
        }
    } else if let (Value::String(text), false) = (value, wanted.contains("text"))
        && text.contains("${")
    {
        diagnostic = diagnostic.help("write the value itself: variables stand in text only");
    } else if let Some((suggestion, better)) = in_form(&route, value, &wanted) {
        diagnostic = diagnostic.help(suggestion);
        if let Some(better) = better {
            let fix = rewritten(Place::value(route), &better);
            diagnostic = diagnostic.fix(fix);
        }
    } else if let Some(advice) = advice(error, schema) {
        diagnostic = diagnostic.help(advice);
    }
    diagnostic
}

/// The value in the form that belongs here, in words and as such, where that is plain to see.
fn in_form(route: &Route, value: &Value, wanted: &str) -> Option<(String, Option<Value>)> {
    let name = name_of(route);
    match (value, wanted) {
        (Value::String(text), "a list") => {
            Some((format!("write `{name}: [{text}]`"), Some(json!([text]))))
        }
        (Value::String(text), "true or false") => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => Some(("write true".to_owned(), Some(json!(true)))),
            "no" | "off" | "n" => Some(("write false".to_owned(), Some(json!(false)))),
            _ => None,
        },
        (Value::String(text), "a map") if name == "data" => {
            Some((format!("write `data: {{ path: {text}, target: … }}`"), None))
        }
        (Value::String(text), "a map") if name == "model" => {
            Some((format!("write `model: {{ {text}: {{}} }}`"), Some(json!({ text: {} }))))
        }
        (Value::Null, _) => Some(("give it a value, or leave the key out".to_owned(), None)),
        _ => None,
    }
}

pub fn wrong_pattern(
    route: Route,
    value: &Value,
    schema: &Value,
    error: &ValidationError<'_>,
) -> Diagnostic {
    if in_thresholds(&route) && route.last_key() != Some("folds") {
        return no_bound(route, value);
    }
    let named = (route.last_key() == Some("as")).then(|| as_name(value.as_str()?)).flatten();
    let diagnostic = Diagnostic::error(
        Code::WrongValue,
        Place::value(route.clone()),
        format!("`{}` cannot be {}", name_of(&route), shown(value)),
    )
    .label("not allowed here");
    let diagnostic = match named {
        Some(name) => {
            let place = diagnostic.place.clone();
            diagnostic.fix(Fix::rename(place, value.as_str().unwrap_or_default(), name).unsure())
        }
        None => diagnostic,
    };
    match parent_schema(error, schema)
        .and_then(|parent| parent.get("patternErrorMessage"))
        .and_then(Value::as_str)
    {
        Some(text) => diagnostic.help(sentence(text)),
        None => diagnostic,
    }
}

pub fn out_of_range(route: Route, value: &Value, range: &str) -> Diagnostic {
    let message = format!("`{}` is {value}; it must be {range}", name_of(&route));
    let percent = value.as_f64().filter(|value| {
        (2.0..=100.0).contains(value) && matches!(range, "less than 1" | "at most 1")
    });
    let diagnostic = Diagnostic::error(Code::OutOfRange, Place::value(route), message)
        .label(format!("must be {range}"));
    match percent {
        Some(percent) => {
            let fix = rewritten(diagnostic.place.clone(), &json!(percent / 100.0));
            diagnostic.help(format!("{percent} % is written {}", percent / 100.0)).fix(fix.unsure())
        }
        None => match nearest_within(range) {
            Some(limit) => {
                let fix = rewritten(diagnostic.place.clone(), &limit);
                diagnostic.fix(fix.unsure())
            }
            None => diagnostic,
        },
    }
}

/// The limit of a range, where it is one of its values.
fn nearest_within(range: &str) -> Option<Value> {
    let limit = ["at least ", "at most "].iter().find_map(|word| range.strip_prefix(word))?;
    serde_json::from_str(limit).ok().filter(Value::is_number)
}

/// Another value in the place of what stands there.
pub fn rewritten(place: Place, value: &Value) -> Fix {
    let yaml = in_yaml(value);
    Fix::certain(format!("write `{yaml}`"), Edit::Rewrite { place, yaml })
}

/// A value on one line, with spaces inside the braces of maps, as specs are written.
fn in_yaml(value: &Value) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}: {}", in_yaml(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(in_yaml).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => spelled(text, Form::Flow),
        other => other.to_string(),
    }
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
