//! The values that a search tries, each judged as what it will be: a parameter of the model.

use serde_json::{Map, Value, json};

use super::decode::Departures;
use super::nested::{self, Holds};
use super::rules::Broken;
use crate::diagnostic::{Diagnostic, Part, Place, Route, Segment};
use crate::kinds::models::{self, AnyModel};
use crate::kinds::{Entry, Family, Test};

/// The most values of one parameter that are looked at here; the rest is for `check`.
const MOST: usize = 1000;

/// The most combinations of all parameters that rules between tried ones are held against.
const MOST_TOGETHER: usize = 200;

/// What is wrong with names and values under `over`, at their places, and the rules that the model
/// breaks whatever is tried. `departures` says where a document departs from the schema.
pub(super) fn findings(
    written: &Value,
    departures: impl Fn(&Value) -> Departures,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut searches = Vec::new();
    if let Some(model) = written.get("model") {
        searches_in(model, &Route::root().key("model"), &mut searches);
    }
    for (search, at) in searches {
        let Some((kind, parameters)) = search.get("model").and_then(only_kind) else { continue };
        let over = search.get("over").and_then(Value::as_object);
        let model = Route::root().key("model").key(kind);
        if let Some(parameters) = parameters {
            let document = json!({ "model": { kind: parameters } });
            let broken = departures(&document).broken.into_iter();
            // What models inside it break is told where they stand.
            let own = broken.filter(|broken| broken.map == model);
            let fixed = own.filter(|broken| !tried(over).any(|name| broken.is_about(name)));
            let real = at.key("model").key(kind);
            found.extend(fixed.map(|broken| broken.in_map(&real)));
        }
        for (name, choices) in over.into_iter().flatten() {
            let route = at.key("over").key(name);
            let inside;
            let values: Vec<(Route, &Value)> = match choices {
                Value::Array(list) => {
                    let item = |(at, value)| (route.index(at), value);
                    list.iter().enumerate().take(MOST).map(item).collect()
                }
                Value::Object(range) => {
                    let end = |key: &str| Some((route.key(key), range.get(key)?));
                    inside = inside_range(kind, name, choices);
                    let ends = ["min", "max"].into_iter().filter_map(end);
                    ends.chain(inside.iter().map(|value| (route.clone(), value))).collect()
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => continue,
            };
            let here = model.key(name);
            let mut whatever = Always::default();
            let mut of_range = false;
            for (place, value) in values {
                // One value between two ends that are right says what there is to say.
                if place == route && of_range {
                    break;
                }
                let mut with = json!({ name.as_str(): value });
                if let (Some(with), Some(others)) = (with.as_object_mut(), parameters) {
                    let others = others.iter().filter(|(other, _)| *other != name);
                    with.extend(others.map(|(name, value)| (name.clone(), value.clone())));
                }
                let document = json!({ "model": { kind: with } });
                let Departures { alone, mut broken } = departures(&document);
                // A rule about several names that are tried may hold for some of what they come to.
                broken.retain(|broken| {
                    !tried(over).any(|other| other != name && broken.is_about(other))
                });
                whatever.add(broken.iter().filter(|broken| broken.map == model));
                let all = alone.into_iter().chain(broken.into_iter().map(Broken::without_fixes));
                let known = found.len();
                let about_it =
                    all.filter_map(|diagnostic| moved(diagnostic, &here, &route, &place));
                found.extend(about_it);
                of_range |= found.len() > known;
            }
            // What all values break at another parameter is told there.
            let elsewhere = whatever.broken.iter().filter(|broken| !broken.stands_under(&here));
            found.extend(elsewhere.map(|broken| broken.in_map(&at.key("model").key(kind))));
        }
        found.extend(broken_together(kind, parameters, over, &at, &departures));
    }
    found.dedup();
    found
}

/// Values between the ends of a range, with one from each part of it that a rule of the model refuses.
fn inside_range(kind: &str, name: &str, range: &Value) -> Vec<Value> {
    let entry = AnyModel::ALL.iter().find(|entry| entry.name == kind);
    let [min, max] = ["min", "max"].map(|key| range[key].as_f64().unwrap_or(f64::NAN));
    let rules = entry.into_iter().flat_map(Entry::rules).flat_map(|rule| rule.when);
    let refused = rules.filter_map(|condition| match condition.test {
        Test::Between(least, most) if condition.key == name => {
            let (low, high) = (least.max(min), most.min(max));
            (low < high).then(|| json!(low + (high - low) / 2.0))
        }
        _ => None,
    });
    refused.chain(models::between(kind, name, range)).collect()
}

/// The rules about several tried parameters that all combinations of their values break, at the last of
/// them; none where there are too many combinations to look at.
fn broken_together(
    kind: &str,
    parameters: Parameters<'_>,
    over: Parameters<'_>,
    at: &Route,
    departures: &impl Fn(&Value) -> Departures,
) -> Vec<Diagnostic> {
    let lists: Vec<(&String, &Vec<Value>)> = over
        .into_iter()
        .flatten()
        .filter_map(|(name, choices)| Some((name, choices.as_array()?)))
        .collect();
    let count = lists.iter().try_fold(1, |all: usize, (_, list)| all.checked_mul(list.len()));
    if lists.len() < 2 || count.is_none_or(|count| count > MOST_TOGETHER) {
        return Vec::new();
    }
    let model = Route::root().key("model").key(kind);
    let mut always = Always::default();
    let mut combinations = vec![parameters.cloned().unwrap_or_default()];
    for (name, list) in &lists {
        let with = |map: &Map<String, Value>, value: &Value| {
            let mut map = map.clone();
            map.insert((*name).clone(), value.clone());
            map
        };
        combinations = combinations
            .iter()
            .flat_map(|map| list.iter().map(move |value| with(map, value)))
            .collect();
    }
    for parameters in combinations {
        let broken = departures(&json!({ "model": { kind: parameters } })).broken;
        always.add(broken.iter().filter(|broken| {
            let names = lists.iter().filter(|(name, _)| broken.is_about(name));
            broken.map == model && names.count() > 1
        }));
    }
    let real = at.key("model").key(kind);
    let told = |broken: &Broken| {
        let mut diagnostic = broken.in_map(&real);
        diagnostic.related.clear();
        if let Some((name, _)) =
            lists.iter().find(|(name, _)| broken.stands_under(&model.key(name)))
            && let Place::Spec { route, .. } = &mut diagnostic.place
        {
            *route = at.key("over").key(name);
        }
        diagnostic
    };
    always.broken.iter().map(told).collect()
}

/// The rules that all of several documents break.
#[derive(Default)]
struct Always {
    broken: Vec<Broken>,
    has_begun: bool,
}

impl Always {
    fn add<'a>(&mut self, broken: impl Iterator<Item = &'a Broken>) {
        let broken: Vec<&Broken> = broken.collect();
        match self.has_begun {
            false => self.broken = broken.into_iter().cloned().collect(),
            true => self.broken.retain(|known| broken.iter().any(|each| each.is_of_rule(known))),
        }
        self.has_begun = true;
    }
}

/// The diagnostic at the place in the search; none where it is about something else.
fn moved(
    mut diagnostic: Diagnostic,
    tried: &Route,
    name: &Route,
    value: &Route,
) -> Option<Diagnostic> {
    let Place::Spec { route, part, .. } = &mut diagnostic.place else { return None };
    let below: Vec<Segment> =
        route.segments().strip_prefix(tried.segments()).map(<[Segment]>::to_vec)?;
    // A wrong name is wrong once, whatever its values.
    *route = match part {
        Part::Key if below.is_empty() => name.clone(),
        Part::Key | Part::Value => value.join(&below.into_iter().collect()),
    };
    diagnostic.related.clear();
    Some(diagnostic)
}

/// The names that are tried.
fn tried<'a>(over: Parameters<'a>) -> impl Iterator<Item = &'a String> {
    over.into_iter().flat_map(|over| over.keys())
}

type Parameters<'a> = Option<&'a Map<String, Value>>;

/// The one kind that a model names, with its parameters.
fn only_kind(model: &Value) -> Option<(&str, Parameters<'_>)> {
    match model {
        Value::String(kind) => Some((kind, None)),
        Value::Object(map) if map.len() == 1 => {
            map.iter().next().map(|(kind, parameters)| (kind.as_str(), parameters.as_object()))
        }
        _ => None,
    }
}

/// Every search in a model, with its route.
fn searches_in<'a>(model: &'a Value, at: &Route, found: &mut Vec<(&'a Value, Route)>) {
    if nested::at(at.segments()) != Some(Holds::Model) {
        return;
    }
    let Some(map) = model.as_object() else { return };
    for (kind, parameters) in map {
        let here = at.key(kind);
        if kind == "search" {
            found.push((parameters, here.clone()));
        }
        for (key, value) in parameters.as_object().into_iter().flatten() {
            match value {
                Value::Array(list) => {
                    for (position, item) in list.iter().enumerate() {
                        searches_in(item, &here.key(key).index(position), found);
                    }
                }
                value => searches_in(value, &here.key(key), found),
            }
        }
    }
}
