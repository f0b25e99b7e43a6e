//! Every key of a spec as one reference page, from the schema and the types' doc comments.
//! What a kind takes stands on the kind's own page.

use std::fmt::Write as _;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::catalogue::properties;
use super::schema;
use super::{BoundMap, Data, Decision, DropMissing, Importance, Slice, Spec, Weight};
use crate::kinds::Family;
use crate::kinds::family::first_paragraph;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::{AnyModel, Permutation};
use crate::kinds::sources::AnySource;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;

/// A map of a spec: where it stands, what it is, and its keys.
pub struct Section {
    pub title: &'static str,
    /// The type's doc comment, in markdown, with an example.
    pub doc: String,
    pub keys: Vec<Key>,
}

/// One key, with what a hover shows.
pub struct Key {
    pub name: String,
    pub doc: String,
}

/// Every map of a spec whose keys are the language's own, from the outside in.
pub fn sections() -> Vec<Section> {
    let schema = schema::generate();
    let section = |title, doc: String, pointer: &str| {
        let map = schema.pointer(pointer).unwrap_or(&Value::Null);
        Section { title, doc, keys: keys(map) }
    };
    let file = "A data file, and how to read it where its name does not say: the map form of `path`, \
                `train` and `test`.\n\n```yaml\ndata:\n  path: { path: data/penguins.csv, format: csv, \
                csv: { comment: \"#\" } }\n```";
    vec![
        section("The top of a spec", doc::<Spec>(), ""),
        section("data", doc::<Data>(), "/definitions/data"),
        section("data.path", file.to_owned(), "/definitions/data.path"),
        section(
            "data.missing_target",
            doc::<DropMissing>(),
            "/definitions/data/properties/missing_target/then",
        ),
        section("data.weight", doc::<Weight>(), "/definitions/data/properties/weight"),
        section("decision", doc::<Decision>(), "/properties/decision"),
        section("importance", doc::<Importance>(), "/properties/importance"),
        section(
            "importance.permutation",
            doc::<Permutation>(),
            "/properties/importance/properties/permutation",
        ),
        section("slices", doc::<Slice>(), "/definitions/Slice"),
        section("thresholds", doc::<BoundMap>(), "/definitions/BoundMap"),
    ]
}

/// The sections as one page, in markdown.
pub fn page() -> String {
    let mut text = String::from(
        "# Spec\n\nEvery key of a spec, map by map. The kinds that stand in them have pages of their \
         own.\n",
    );
    for Section { title, doc, keys } in sections() {
        let _ = write!(text, "\n## {title}\n\n{}\n\n", doc.trim());
        for Key { name, doc } in keys {
            let _ = writeln!(text, "- `{name}`: {doc}");
        }
    }
    text
}

/// A type's doc comment.
fn doc<T: JsonSchema>() -> String {
    let schema = T::json_schema(&mut SchemaGenerator::default()).to_value();
    schema["description"].as_str().unwrap_or_default().to_owned()
}

fn keys(map: &Value) -> Vec<Key> {
    let required: Vec<&str> =
        map["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    properties(map)
        .into_iter()
        .map(|(name, doc)| {
            let property = &map["properties"][&name];
            // A format's text ends in an example, which its own page shows.
            let page = format!("#/definitions/{}.{name}", AnySource::NOUN);
            let is_format = property.pointer("/allOf/0/$ref") == Some(&Value::String(page));
            let mut doc = match is_format {
                true => format!(
                    "{} Its options are on [its page]({}/{name}.md).",
                    first_paragraph(&doc),
                    AnySource::PLURAL
                ),
                // The section of a map begins with an example.
                false => without_example(&doc).replace("\n\n", " "),
            };
            if let Some(plural) = family(property) {
                let _ = write!(doc, " See the [{plural}](README.md#{plural}).");
            }
            if required.contains(&name.as_str()) {
                doc.push_str(" **Required.**");
            }
            Key { name, doc }
        })
        .collect()
}

/// A text without its fenced example.
fn without_example(doc: &str) -> String {
    let parts = doc.split_once("\n\n```yaml\n").and_then(|(before, rest)| {
        let (_, after) = rest.split_once("\n```")?;
        Some(format!("{before}{after}"))
    });
    parts.unwrap_or_else(|| doc.to_owned())
}

/// The plural of the family whose kinds a property takes, alone or in a list.
fn family(property: &Value) -> Option<&'static str> {
    let noun = property["title"].as_str().or_else(|| property["items"]["title"].as_str())?;
    [
        (AnySplit::NOUN, AnySplit::PLURAL),
        (AnyTransform::NOUN, AnyTransform::PLURAL),
        (AnyModel::NOUN, AnyModel::PLURAL),
        (AnyMetric::NOUN, AnyMetric::PLURAL),
    ]
    .into_iter()
    .find_map(|(family, plural)| (family == noun).then_some(plural))
}
