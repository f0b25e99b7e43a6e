//! Keys and names that are unknown, missing, reserved, or one too many.

use serde_json::Value;

use super::words::{listing, name_of, plain, shown};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Near, Place, Position, Route, Segment};
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
use crate::kinds::{Entry, Family, Rule};
use crate::spec::nested::{self, Holds};
use crate::spec::{left_out, reserved, rules, synonyms};
use crate::text::nearest;

/// The family whose kinds a map at some route names.
#[derive(Clone, Copy)]
struct Catalogue {
    noun: &'static str,
    plural: &'static str,
    entries: &'static [Entry],
}

impl Catalogue {
    fn of<F: Family>() -> Self {
        Self { noun: F::NOUN, plural: F::PLURAL, entries: F::ALL }
    }

    /// The family at a route; none where a map has keys of its own.
    fn at(route: &Route) -> Option<Self> {
        match nested::at(route.segments()) {
            Some(Holds::Model) => return Some(Self::of::<AnyModel>()),
            Some(Holds::Metric) => return Some(Self::of::<AnyMetric>()),
            None => {}
        }
        match route.segments() {
            [Segment::Key(top), Segment::Key(key)] if &**top == "data" && &**key == "split" => {
                Some(Self::of::<AnySplit>())
            }
            [Segment::Key(key), Segment::Index(_)] if &**key == "metrics" => {
                Some(Self::of::<AnyMetric>())
            }
            [Segment::Key(key), Segment::Index(_)] if &**key == "prepare" => {
                Some(Self::of::<AnyTransform>())
            }
            _ => None,
        }
    }

    fn has(self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }
}

/// What a kind lacks that stands alone and cannot; none where something else is wrong.
pub fn wanting(route: &Route, value: &Value, schema: &Value) -> Option<Vec<Diagnostic>> {
    let (family, name, place, map) = match value {
        Value::Null => {
            let family = Catalogue::at(&route.parent()?)?;
            (family, route.last_key()?, Place::key(route.clone()), route.clone())
        }
        Value::String(name) => {
            let map = route.key(name);
            (Catalogue::at(route)?, name.as_str(), Place::value(route.clone()), map)
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let wants = family.entries.iter().find(|entry| entry.name == name)?.wants();
    let keys = schema.pointer(&format!("/definitions/{}.{name}/properties", family.noun));
    let told = |rule: &Rule| {
        let mut told = Diagnostic { place: place.clone(), ..rules::words(rule, route) };
        told.fixes.extend(keys.and_then(|keys| rules::added(rule, &map, keys, schema)));
        told
    };
    Some(wants.iter().map(told).collect()).filter(|told: &Vec<_>| !told.is_empty())
}

pub fn unknown_key(route: &Route, key: &str, known: &[String]) -> Diagnostic {
    let place = Place::key(route.key(key));
    if reserved::is_reserved(route, key) {
        return reserved_word(place, key, Catalogue::at(route));
    }
    if let Some(because) = left_out::because(route, key).filter(|_| synonyms::of(key).is_none()) {
        let message = format!("`{key}` is not a key of `{}`", name_of(route));
        return Diagnostic::error(Code::UnknownKey, place, message)
            .label("left out of what scikit-learn has")
            .help(format!("leave it out: {because}"));
    }
    let synonym = synonyms::of(key).filter(|name| known.iter().any(|known| known == name));
    let near = synonym.map(Near::only).or_else(|| nearest(key, known.iter().map(String::as_str)));
    let family = Catalogue::at(route);
    let (code, message) = match family {
        Some(Catalogue { noun, .. }) => {
            (Code::UnknownKind, format!("there is no {noun} called `{key}`"))
        }
        None if route.segments().is_empty() => {
            (Code::UnknownKey, format!("`{key}` is not a key of a spec"))
        }
        None => (Code::UnknownKey, format!("`{key}` is not a key of `{}`", name_of(route))),
    };
    let diagnostic = Diagnostic::error(code, place, message);
    if let Some(home) = synonyms::home(route, key) {
        return diagnostic.label("another place").help(home);
    }
    match (near, family) {
        (Some(near), _) => renamed(diagnostic, key, &near),
        (None, Some(Catalogue { noun, plural, .. })) => diagnostic
            .label(format!("unknown {noun}"))
            .help(format!("`mlspec list {plural}` prints what there is")),
        (None, None) => {
            diagnostic.label("unknown key").help(format!("the keys here are {}", listing(known)))
        }
    }
}

/// A word that was meant as another one. Some other names say more than ours: what they say
/// besides has to be written anew.
fn renamed(diagnostic: Diagnostic, word: &str, near: &Near) -> Diagnostic {
    let mut diagnostic = diagnostic.did_you_mean(word, near);
    if synonyms::says_more(word) {
        diagnostic.fixes = diagnostic.fixes.into_iter().map(Fix::unsure).collect();
    } else if near.sole().is_some_and(|near| synonyms::of(word) == Some(near)) {
        diagnostic.fixes = diagnostic.fixes.into_iter().map(Fix::sure).collect();
    }
    diagnostic
}

fn reserved_word(place: Place, key: &str, family: Option<Catalogue>) -> Diagnostic {
    Diagnostic::error(
        Code::Reserved,
        place,
        format!("`{key}` is reserved: this version of mlspec does not run it yet"),
    )
    .label("not yet")
    .help(match family {
        Some(Catalogue { plural, .. }) => format!("`mlspec list {plural}` prints what runs today"),
        None => format!("remove `{key}`; a spec never passes because a part of it was skipped"),
    })
}

/// A key that is missing; `value` is what might stand there, as YAML.
pub fn missing_key(route: &Route, key: &str, value: Option<String>) -> Diagnostic {
    let (place, message) = if route.segments().is_empty() {
        (Place::value(Route::root()), format!("the spec has no `{key}`"))
    } else {
        (Place::key(route.clone()), format!("`{}` has no `{key}`", name_of(route)))
    };
    let value = match (route.segments(), key) {
        ([], "version") => Some("1".to_owned()),
        ([], "data") => Some("{ path: data.csv, target: label }".to_owned()),
        ([], "model") => Some("{ logistic_regression: {} }".to_owned()),
        ([], "thresholds") => Some("{ accuracy: \"> 0.8\" }".to_owned()),
        ([Segment::Key(data), ..], "path") if &**data == "data" => Some("data.csv".to_owned()),
        _ => value,
    };
    let help = match (key, &value) {
        ("version", Some(value)) => format!("add `version: {value}` at the top"),
        ("data" | "model" | "thresholds" | "path", Some(value)) => {
            format!("add for example `{key}: {value}`")
        }
        _ => format!("add `{key}: …`"),
    };
    let diagnostic = Diagnostic::error(Code::MissingKey, place, message)
        .label(format!("`{key}` is missing"))
        .help(help);
    let Some(yaml) = value else { return diagnostic };
    let title = format!("add `{key}: {yaml}`");
    let is_version = route.segments().is_empty() && key == "version";
    let position = if is_version { Position::First } else { Position::Last };
    let edit = Edit::Insert { map: route.clone(), key: key.to_owned(), yaml, position };
    // There is one version only; all else is for the author to say.
    diagnostic.fix(if is_version { Fix::certain(title, edit) } else { Fix::guess(title, edit) })
}

pub fn wrong_name(
    route: &Route,
    value: &Value,
    options: &Value,
    advice: Option<String>,
) -> Diagnostic {
    let place = Place::value(route.clone());
    let names: Vec<String> =
        options.as_array().map(|list| list.iter().map(plain).collect()).unwrap_or_default();
    // A name of one or two letters is another choice, not a slip: l1 is no misspelt l2.
    let word = value.as_str().filter(|word| word.chars().count() > 2);
    let synonym =
        word.and_then(synonyms::of).filter(|name| names.iter().any(|known| known == name));
    let near = synonym
        .map(Near::only)
        .or_else(|| word.and_then(|word| nearest(word, names.iter().map(String::as_str))));
    if let (Some(word), Some(Catalogue { noun, plural, .. })) =
        (value.as_str(), Catalogue::at(route))
    {
        if reserved::is_reserved(route, word) {
            return reserved_word(place, word, Catalogue::at(route));
        }
        let diagnostic = Diagnostic::error(
            Code::UnknownKind,
            place,
            format!("there is no {noun} called `{word}`"),
        );
        return match near {
            Some(near) => renamed(diagnostic, word, &near),
            None => diagnostic
                .label(format!("unknown {noun}"))
                .help(format!("`mlspec list {plural}` prints what there is")),
        };
    }
    let message = format!("`{}` cannot be {}", name_of(route), shown(value));
    let diagnostic = Diagnostic::error(Code::WrongValue, place, message);
    match near {
        Some(near) => renamed(diagnostic, word.unwrap_or_default(), &near),
        None => {
            let diagnostic = diagnostic.label(match names.as_slice() {
                [only] => format!("must be `{only}`"),
                _ => format!("must be one of {}", listing(&names)),
            });
            match advice {
                Some(advice) => diagnostic.help(advice),
                None => diagnostic,
            }
        }
    }
}

pub fn wrong_key(route: &Route, key: &Value) -> Diagnostic {
    let key = key.as_str().unwrap_or_default();
    let place = Place::key(route.key(key));
    if route.last_key() == Some("slices") {
        let message = format!("`{key}` cannot be the name of a slice");
        let diagnostic = no_slice(place.clone(), message, "not a name");
        return match as_name(key) {
            Some(name) => diagnostic.fix(Fix::rename(place, key, name).unsure()),
            None => diagnostic,
        };
    }
    if let Some((metric, on)) = key.split_once('@') {
        let (slice, value) = on.split_once('=').unwrap_or((on, "…"));
        if metric.is_empty() {
            return Diagnostic::error(
                Code::ThresholdUnknown,
                place,
                format!("`{key}` names no metric"),
            )
            .label("no metric before `@`")
            .help(format!("write for example `accuracy{key}`"));
        }
        if slice.is_empty() {
            return no_slice(place, format!("`{key}` names no slice"), "no slice after `@`");
        }
        if value.is_empty() {
            return no_slice(place, format!("`{key}` names no value"), "no value after `=`")
                .help(format!("name a value, or write `{metric}@{slice}` for all of them"));
        }
        if !is_name(slice) {
            let message = format!("`{slice}` cannot be the name of a slice");
            return no_slice(place, message, "not a name");
        }
    }
    let names: Vec<&str> = AnyMetric::ALL.iter().map(|entry| entry.name).collect();
    let diagnostic = Diagnostic::error(
        Code::ThresholdUnknown,
        place,
        format!("`{key}` is not the name of a metric"),
    );
    match nearest(key, names) {
        Some(near) => {
            let name = key.split('@').next().unwrap_or(key);
            let place = diagnostic.place.clone().within(0..name.len());
            let diagnostic = diagnostic.did_you_mean(name, &near);
            Diagnostic { fixes: near.fixes(&place, name), ..diagnostic }
        }
        None => diagnostic
            .label("not a metric")
            .help("names have lower-case letters, digits and underscores; `mlspec list metrics` prints the catalogue"),
    }
}

/// Text as a name that the language allows, where it has letters for one.
pub fn as_name(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("_");
    (is_name(&name) && name != text).then_some(name)
}

/// Whether text is what `slices` may call a slice.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn no_slice(place: Place, message: String, label: &str) -> Diagnostic {
    Diagnostic::error(Code::SliceUnknown, place, message).label(label).help(
        "a slice has a name of lower-case letters, digits and underscores, such as `by_island`",
    )
}

pub fn excluded(route: &Route) -> Diagnostic {
    // Only rules exclude keys, and they have words of their own.
    let message = format!("`{}` is not allowed beside the other keys", name_of(route));
    Diagnostic::error(Code::Exclusive, Place::key(route.clone()), message).label("not allowed here")
}

/// The map without one of its keys.
fn removed(place: Place, key: &str) -> Fix {
    Fix::guess(format!("remove `{key}`"), Edit::Remove { place })
}

pub fn not_one_kind(route: &Route, value: &Value) -> Diagnostic {
    let Some(family) = Catalogue::at(route) else {
        let message = format!("`{}` is empty", name_of(route));
        return Diagnostic::error(Code::WrongValue, Place::value(route.clone()), message)
            .label("empty");
    };
    let noun = family.noun;
    let keys: Vec<String> =
        value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    match keys.as_slice() {
        [] => Diagnostic::error(
            Code::OneKind,
            Place::value(route.clone()),
            format!("this {noun} has no name"),
        )
        .label("empty")
        .help(format!("`mlspec list {}` prints what there is", family.plural)),
        [first, second, ..] => {
            let help = if family.has(first) && !family.has(second) {
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
            .fix(removed(Place::key(route.key(second)), second))
        }
        [_] => Diagnostic::error(Code::OneKind, Place::value(route.clone()), "not a kind"),
    }
}
