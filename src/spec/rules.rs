//! Rules between keys to JSON Schema, and what the schema says of a broken one back to its words.

mod of_model;
mod of_spec;

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::ValidationError;
use serde_json::{Map, Value, json};

use super::explain;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place, Position, Route, Segment, Severity};
use crate::kinds::family::rules_definition;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::kinds::sources::AnySource;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
use crate::kinds::{Condition, Family, Fault, Rule, THE_OTHER, Test};

/// The rules by the definition that holds them, in its order.
static RULES: LazyLock<HashMap<String, Vec<Rule>>> = LazyLock::new(|| {
    fn family<F: Family>() -> (String, Vec<Rule>) {
        let rules = F::ALL.iter().flat_map(|entry| entry.rules()).collect();
        (rules_definition::<F>(), rules)
    }
    let families = [
        family::<AnySource>(),
        family::<AnySplit>(),
        family::<AnyTransform>(),
        family::<AnyModel>(),
        family::<AnyMetric>(),
    ];
    let of_spec = of_spec::all().into_iter().map(|(map, rules)| (map.to_owned(), rules));
    families.into_iter().chain(of_spec).collect()
});

/// Adds the rules to a schema that has all keys.
pub fn add(schema: &mut Value) {
    for (name, rules) in of_spec::all() {
        let map = match name {
            "" => Some(&mut *schema),
            name => schema["definitions"].get_mut(name),
        };
        let Some(map) = map.and_then(Value::as_object_mut) else { continue };
        let properties = map.get("properties").and_then(Value::as_object);
        let rules = rules.iter().map(|rule| unless(&broken(rule, properties), &told(rule)));
        let rules = rules.collect();
        map.insert("allOf".to_owned(), Value::Array(rules));
    }
    of_family::<AnySource>(schema);
    of_family::<AnySplit>(schema);
    of_family::<AnyTransform>(schema);
    of_family::<AnyModel>(schema);
    of_family::<AnyMetric>(schema);
    of_model::add(schema);
}

fn of_family<F: Family>(schema: &mut Value) {
    let mut rules = Vec::new();
    for entry in F::ALL {
        let at = format!("/definitions/{}.{}/properties", F::NOUN, entry.name);
        let properties = schema.pointer(&at).and_then(Value::as_object);
        for rule in entry.rules() {
            rules.push(unless(
                &within(entry.name, &broken(&rule, properties)),
                &json!({ "properties": { entry.name: told(&rule) } }),
            ));
        }
    }
    schema["definitions"][rules_definition::<F>()] = match rules.is_empty() {
        true => json!({}),
        false => json!({ "allOf": rules }),
    };
}

/// Whether what the validator refuses is told by `plan`, in words of its own.
pub fn is_told_by_plan(error: &ValidationError<'_>) -> bool {
    of_model::is_told_elsewhere(error.schema_path().as_str())
}

/// What holds unless a schema does. Editors offer and explain what they find in `if`, but not what
/// stands in `not`.
fn unless(broken: &Value, told: &Value) -> Value {
    json!({ "if": { "not": broken }, "else": told })
}

/// A key that is there, and what is below it.
fn within(key: &str, schema: &Value) -> Value {
    json!({ "required": [key], "properties": { key: schema } })
}

/// What a map looks like that breaks a rule.
fn broken(rule: &Rule, properties: Option<&Map<String, Value>>) -> Value {
    let mut whole = Map::new();
    for condition in &rule.when {
        also(&mut whole, holds(condition, properties));
    }
    Value::Object(whole)
}

/// What a map looks like where a condition holds.
fn holds(Condition { key, test }: &Condition, properties: Option<&Map<String, Value>>) -> Value {
    if let Some((outer, inner)) = key.split_once('.') {
        let inner = Condition { key: inner, test: test.clone() };
        return within(outer, &holds(&inner, None));
    }
    let property = properties.and_then(|properties| properties.get(*key));
    let default = property.and_then(|property| property.get("default"));
    let (value, by_default) = match test {
        Test::Missing => return json!({ "not": { "required": [key] } }),
        Test::Given => (default.map(|default| json!({ "not": { "const": default } })), false),
        Test::OneOf(these) => {
            (Some(json!({ "enum": these })), default.is_some_and(|value| these.contains(value)))
        }
        Test::NoneOf(these) => {
            let all = property.and_then(|property| property["enum"].as_array());
            let others = all.map(|all| all.iter().filter(|value| !these.contains(value)));
            let value = match others {
                // A value that there is not breaks no rule besides.
                Some(others) => json!({ "enum": others.collect::<Vec<_>>() }),
                None => json!({ "not": { "enum": these } }),
            };
            (Some(value), default.is_none_or(|value| !these.contains(value)))
        }
        Test::Between(least, most) => {
            let mut range = json!({ "type": "number", "exclusiveMinimum": least });
            if most.is_finite() {
                range["exclusiveMaximum"] = json!(most);
            }
            let default = default.and_then(Value::as_f64);
            (Some(range), default.is_some_and(|value| *least < value && value < *most))
        }
    };
    let mut schema = Map::new();
    if !by_default {
        schema.insert("required".to_owned(), json!([key]));
    }
    if let Some(value) = value {
        schema.insert("properties".to_owned(), json!({ *key: value }));
    }
    Value::Object(schema)
}

/// Adds what a schema says to another.
fn also(whole: &mut Map<String, Value>, more: Value) {
    let Value::Object(more) = more else { return };
    for (keyword, value) in more {
        match (keyword.as_str(), whole.get_mut(&keyword), value) {
            ("required", Some(Value::Array(names)), Value::Array(more)) => {
                for name in more {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            ("properties", Some(Value::Object(properties)), Value::Object(more)) => {
                for (name, schema) in more {
                    match properties.get_mut(&name) {
                        Some(Value::Object(property)) => also(property, schema),
                        _ => {
                            properties.insert(name, schema);
                        }
                    }
                }
            }
            (_, None, value) => {
                whole.insert(keyword, value);
            }
            (_, Some(_), value) => {
                let all = whole.entry("allOf").or_insert_with(|| json!([]));
                if let Some(all) = all.as_array_mut() {
                    all.push(json!({ keyword: value }));
                }
            }
        }
    }
}

/// What a schema refuses of a map that breaks a rule.
fn told(rule: &Rule) -> Value {
    let message = [&rule.message, &rule.help].map(|text| text.replace('`', ""));
    let message = format!("{}.", message.join("; ").trim_end_matches("; "));
    match rule.fault {
        Fault::Map => {
            json!({ "required": [rule.wanted], "errorMessage": message })
        }
        Fault::At(key, _) => {
            let mut keys = key.rsplit('.');
            let last = keys.next().unwrap_or(key);
            let told = json!({ "properties": { last: false }, "errorMessage": message });
            keys.fold(told, |told, key| json!({ "properties": { key: told } }))
        }
    }
}

/// A rule that a document breaks.
#[derive(Clone)]
pub struct Broken {
    pub diagnostic: Diagnostic,
    /// The map that the rule is about.
    pub map: Route,
    rule: &'static Rule,
}

impl Broken {
    /// The rule that an error of the validator, at `route`, is about; none where it is about none.
    pub fn of(error: &ValidationError<'_>, route: &Route, schema: &Value) -> Option<Self> {
        let path = error.schema_path().as_str();
        let (definition, path) = path.split_once("/allOf/")?;
        let definition = definition.strip_prefix("/definitions/").unwrap_or(definition);
        let (at, path) = path.split_once('/')?;
        let rule = RULES.get(definition)?.get(at.parse::<usize>().ok()?)?;
        let map: Route = match rule.fault {
            Fault::Map => route.clone(),
            Fault::At(key, _) => {
                let segments = route.segments();
                let above = segments.len().saturating_sub(key.split('.').count());
                segments[..above].iter().cloned().collect()
            }
        };
        let mut diagnostic = words(rule, &map);
        if rule.wanted.is_some() {
            let keys = match definition.strip_suffix(".rules") {
                None if definition.is_empty() => schema.get("properties"),
                None => schema.pointer(&format!("/definitions/{definition}/properties")),
                Some(noun) => {
                    let kind = path.strip_prefix("else/properties/")?.split('/').next()?;
                    schema.pointer(&format!("/definitions/{noun}.{kind}/properties"))
                }
            };
            diagnostic.fixes.extend(keys.and_then(|keys| added(rule, &map, keys, schema)));
        }
        Some(Self { diagnostic, map, rule })
    }

    /// Whether it hangs on what another finding is about: a wrong value breaks no rule besides, and a
    /// key that is not known may have been meant as the one that is missing.
    pub fn hangs_on(&self, found: &Diagnostic) -> bool {
        let Place::Spec { route, .. } = &found.place else { return false };
        let was_meant = found.code == Code::UnknownKey && self.rule.wanted.is_some();
        match route.segments().strip_prefix(self.map.segments()) {
            None => false,
            Some([]) => true,
            Some([top, below @ ..]) => {
                let mentions = |key: &str| {
                    key.split('.').next().is_some_and(|key| *top == Segment::Key(key.into()))
                };
                (was_meant && below.is_empty()) || self.rule.keys().any(mentions)
            }
        }
    }

    /// What is said, without what would mend it there.
    pub fn without_fixes(self) -> Diagnostic {
        Diagnostic { fixes: Vec::new(), ..self.diagnostic }
    }

    /// What is said where the map stands elsewhere.
    pub fn in_map(&self, map: &Route) -> Diagnostic {
        words(self.rule, map)
    }

    /// Whether it is told at a place, or below.
    pub fn stands_under(&self, above: &Route) -> bool {
        let Place::Spec { route, .. } = &self.diagnostic.place else { return false };
        route.segments().starts_with(above.segments())
    }

    /// Whether both are the same rule, broken in two documents.
    pub fn is_of_rule(&self, other: &Self) -> bool {
        std::ptr::eq(self.rule, other.rule)
    }

    /// Whether it looks at a key of its map.
    pub fn is_about(&self, key: &str) -> bool {
        self.rule.keys().any(|each| each == key)
    }
}

/// The key that a rule asks for, with what might stand there.
pub fn added(rule: &Rule, map: &Route, keys: &Value, schema: &Value) -> Option<Fix> {
    let key = rule.wanted?;
    let yaml = match &rule.example {
        Some(example) => example.clone(),
        None => explain::example_of(keys.get(key)?, schema)?,
    };
    let title = format!("add `{key}: {yaml}`");
    let edit =
        Edit::Insert { map: map.clone(), key: key.to_owned(), yaml, position: Position::Last };
    Some(Fix::guess(title, edit))
}

/// What is said of a map that breaks a rule.
pub fn words(rule: &Rule, map: &Route) -> Diagnostic {
    let below = |key: &str| key.split('.').fold(map.clone(), |route, key| route.key(key));
    let mut diagnostic = rule.problem().under(map, Severity::Error);
    if let (Fault::At(key, _), None) = (rule.fault, rule.wanted) {
        diagnostic.fixes.push(removed(below(key), key));
    }
    let Some((key, label)) = rule.related else { return diagnostic };
    // Without `train` there would be a `test` that is left over.
    if label == THE_OTHER && key != "train" {
        diagnostic.fixes.push(removed(below(key), key));
    }
    diagnostic.related(Place::key(below(key)), label)
}

/// The map without one of its keys.
fn removed(route: Route, key: &str) -> Fix {
    let name = key.rsplit('.').next().unwrap_or(key);
    Fix::guess(format!("remove `{name}`"), Edit::Remove { place: Place::key(route) })
}

#[cfg(test)]
mod tests;
