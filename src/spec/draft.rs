//! Turns an unfinished document into what can be read of it, however wrong the rest is.
//! Whether its files are there is left to `session`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Data, Spec, decode};
use crate::diagnostic::Diagnostic;
use crate::kinds::Family;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::text::Document;

/// A spec that may be unfinished.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The data and the model without what is wrong with them, and nothing else of the spec. A model
    /// that cannot be read is `dummy`, which does every task.
    pub spec: Spec,
    /// What thresholds can speak of: the name, and the metric that it stands for.
    pub measured: Vec<(String, String)>,
    /// The names of the slices.
    pub slices: Vec<String>,
}

/// Reads the parts one by one, and leaves out those that are wrong.
///
/// # Errors
/// Parts that can be read alone and not together, which would be a bug.
pub fn draft(document: &Document) -> Result<Draft, Vec<Diagnostic>> {
    let resolved = document.resolved();
    let spec = json!({
        "version": 1,
        "data": data(resolved.get("data")),
        "model": model(resolved.get("model")),
        "thresholds": {},
    });
    let written = document.written();
    let slices = written.get("slices").and_then(Value::as_object);
    Ok(Draft {
        spec: decode::read(spec)?,
        measured: measured(written),
        slices: slices.into_iter().flat_map(Map::keys).cloned().collect(),
    })
}

/// The entries of a map that decode when they are alone.
fn sound(map: &Map<String, Value>, decodes: impl Fn(Value) -> bool) -> Map<String, Value> {
    let alone = |(key, value): &(&String, &Value)| decodes(json!({ key.as_str(): value }));
    map.iter().filter(alone).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn data(written: Option<&Value>) -> Map<String, Value> {
    let Some(mut data) = written.and_then(Value::as_object).cloned() else { return Map::new() };
    let decodes = |data: Value| Data::deserialize(data).is_ok();
    for key in ["types", "derive"] {
        if let Some(entries) = data.get_mut(key).and_then(Value::as_object_mut) {
            *entries = sound(entries, |entry| decodes(json!({ key: entry })));
        }
    }
    sound(&data, decodes)
}

fn model(written: Option<&Value>) -> Value {
    let (name, parameters) = match written {
        Some(Value::String(name)) => (name, None),
        Some(Value::Object(map)) => match map.iter().next() {
            Some((name, parameters)) => (name, parameters.as_object()),
            None => return json!("dummy"),
        },
        _ => return json!("dummy"),
    };
    let decodes = |model: Value| AnyModel::deserialize(model).is_ok();
    let alone = |parameter: Value| decodes(json!({ name.as_str(): parameter }));
    let parameters = parameters.map(|map| sound(map, alone)).unwrap_or_default();
    let model = json!({ name.as_str(): parameters });
    if decodes(model.clone()) { model } else { json!("dummy") }
}

/// The metrics under `metrics`, by their own names, and those that thresholds name.
fn measured(written: &Value) -> Vec<(String, String)> {
    let is_metric = |name: &str| AnyMetric::ALL.iter().any(|entry| entry.name == name);
    let mut measured: Vec<(String, String)> = Vec::new();
    for item in written.get("metrics").and_then(Value::as_array).into_iter().flatten() {
        let (metric, name) = match item {
            Value::String(metric) => (metric, None),
            Value::Object(map) => match map.iter().next() {
                Some((metric, parameters)) => (metric, parameters["as"].as_str()),
                None => continue,
            },
            _ => continue,
        };
        measured.push((name.unwrap_or(metric).to_owned(), metric.clone()));
    }
    let thresholds = written.get("thresholds").and_then(Value::as_object);
    for key in thresholds.into_iter().flat_map(Map::keys) {
        let name = key.split_once('@').map_or(key.as_str(), |(name, _)| name);
        if measured.iter().all(|(other, _)| other != name) {
            measured.push((name.to_owned(), name.to_owned()));
        }
    }
    measured.retain(|(_, metric)| is_metric(metric));
    measured
}
