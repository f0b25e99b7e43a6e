//! The catalogue as lists and as reference pages, from the kinds' doc comments.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{left_out, schema};
use crate::data::Task;
use crate::kinds::metrics::{AnyMetric, Direction};
use crate::kinds::models::AnyModel;
use crate::kinds::sources::AnySource;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
use crate::kinds::{Entry, Family, Parameters};

/// One kind, ready to be shown.
pub struct Kind {
    pub name: &'static str,
    pub summary: String,
    /// What stands beside the name in a list: tasks, for example.
    pub note: String,
    pub doc: String,
    pub parameters: Value,
}

/// A family with its kinds.
pub struct Catalogue {
    /// What one of them is called.
    pub noun: &'static str,
    /// What the family is called: `models`.
    pub plural: &'static str,
    pub kinds: Vec<Kind>,
}

/// Every family, in the order in which a spec meets them.
pub fn catalogues() -> Vec<Catalogue> {
    let schema = schema::generate();
    let none = |_: &str| String::new();
    vec![
        catalogue::<AnySource>(&schema, none),
        catalogue::<AnySplit>(&schema, none),
        catalogue::<AnyTransform>(&schema, none),
        catalogue::<AnyModel>(&schema, |name| {
            build::<AnyModel>(name).map_or_else(String::new, |model| {
                let tasks: Vec<String> =
                    model.kind().about().tasks.iter().map(ToString::to_string).collect();
                // Which task predictions are of depends on the columns that are named.
                if matches!(model, AnyModel::Predictions(_)) {
                    return "classification and regression".to_owned();
                }
                tasks.join(" and ")
            })
        }),
        catalogue::<AnyMetric>(&schema, |name| {
            build::<AnyMetric>(name).map_or_else(String::new, |metric| {
                let about = metric.kind().about();
                let direction = match about.direction {
                    Direction::HigherIsBetter => "higher is better",
                    Direction::LowerIsBetter => "lower is better",
                    Direction::ZeroIsBest => "zero is best",
                };
                let tasks: Vec<String> = about.tasks.iter().map(Task::to_string).collect();
                format!("{}; {direction}", tasks.join(", "))
            })
        }),
    ]
}

/// The extensions of data files, without what a packing adds.
pub fn data_extensions() -> impl Iterator<Item = &'static str> {
    let sources = AnySource::ALL.iter().filter_map(|entry| build::<AnySource>(entry.name));
    sources.flat_map(|source| source.kind().extensions().iter().copied())
}

/// What a metric measures; none where there is no such metric.
pub fn tasks_of_metric(name: &str) -> Option<&'static [Task]> {
    build::<AnyMetric>(name).map(|metric| metric.kind().about().tasks)
}

fn build<F: Family>(name: &str) -> Option<F> {
    F::build(name, Parameters(Map::new())).ok()
}

fn catalogue<F: Family>(schema: &Value, note: impl Fn(&str) -> String) -> Catalogue {
    let kind = |entry: &Entry| Kind {
        name: entry.name,
        summary: entry.summary(),
        note: note(entry.name),
        doc: entry.doc(),
        parameters: schema["definitions"][format!("{}.{}", F::NOUN, entry.name)].clone(),
    };
    Catalogue { noun: F::NOUN, plural: F::PLURAL, kinds: F::ALL.iter().map(kind).collect() }
}

/// The family as a list: name, note and summary of each kind.
pub fn list(family: &Catalogue, width: usize) -> String {
    let names = family.kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for kind in &family.kinds {
        let indent = names + 2;
        let note = if kind.note.is_empty() { String::new() } else { format!(" [{}]", kind.note) };
        let body = wrap(&format!("{}{note}", kind.summary), width.saturating_sub(indent).max(30));
        for (at, line) in body.iter().enumerate() {
            let name = if at == 0 { kind.name } else { "" };
            let _ = writeln!(text, "{name:<indent$}{line}");
        }
    }
    text
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The reference page of one kind, in markdown.
pub fn page(family: &Catalogue, kind: &Kind) -> String {
    let mut text = format!("# {}\n\n", kind.name);
    let note = if kind.note.is_empty() { String::new() } else { format!(" for {}", kind.note) };
    let _ = writeln!(text, "_A {}{note}._\n", family.noun);
    let _ = writeln!(text, "{}\n", kind.doc.trim());
    let properties = properties(&kind.parameters);
    if properties.is_empty() {
        let _ = writeln!(text, "It has no parameters.");
    } else {
        let _ = writeln!(text, "## Parameters\n");
        for (name, doc) in properties {
            let _ = writeln!(text, "- `{name}`: {}", doc.replace("\n\n", " "));
        }
    }
    if family.noun == "model" {
        let mut left_out = left_out::of(kind.name).peekable();
        if left_out.peek().is_some() {
            let _ = writeln!(text, "\n## Left out of scikit-learn's parameters\n");
        }
        for (name, because) in left_out {
            let _ = writeln!(text, "- `{name}`: {because}");
        }
    }
    text
}

/// Name and description of each key of a map.
pub(super) fn properties(parameters: &Value) -> Vec<(String, String)> {
    let Some(map) = parameters.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    map.iter()
        .map(|(name, property)| {
            let mut doc = property["markdownDescription"].as_str().unwrap_or_default().to_owned();
            // Of a map with names of the author's, these are the values.
            let values = property.get("additionalProperties");
            // Of a word or a map, these are the words.
            let values = values.or_else(|| property.get("else")).unwrap_or(property);
            if let (Some(names), Some(docs)) = (
                values.get("enum").and_then(Value::as_array),
                values.get("markdownEnumDescriptions").and_then(Value::as_array),
            ) {
                for (name, words) in names.iter().zip(docs) {
                    let _ = write!(
                        doc,
                        "\n  - `{}`: {}",
                        name.as_str().unwrap_or_default(),
                        words.as_str().unwrap_or_default()
                    );
                }
            }
            (name.clone(), doc)
        })
        .collect()
}
