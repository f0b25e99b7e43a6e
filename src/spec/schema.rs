//! Generates the JSON Schema of specs from the types, in the patterns that YAML editors handle well.
//! Why each pattern looks as it does is written in `docs/architecture.md`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::names::{self, Names};
use super::polish::{polish, polish_property};
use super::rules;
use super::snippets;
use super::threshold::BoundText;
use super::{BoundMap, DropMissing, FoldRule, Slice, Spec};
use crate::data::{ClassName, ColumnName, DeclaredType, Task};
use crate::kinds::metrics::{AnyMetric, Direction};
use crate::kinds::sources::AnySource;
use crate::kinds::{Family, family};

/// The pattern of names that an author gives.
pub const NAME_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// The pattern of what a threshold speaks of: `accuracy`, `accuracy@slice`, `accuracy@slice=VALUE`.
const THRESHOLD_PATTERN: &str = "^[a-z][a-z0-9_]*(@[a-z][a-z0-9_]*(=.+)?)?$";

/// The whole schema, draft-07.
pub fn generate() -> Value {
    let mut schema = marked();
    names::strip(&mut schema);
    schema
}

/// The schema for the specs of one table: with its columns and classes as choices.
pub fn generate_for(known: &Names) -> Value {
    let mut schema = marked();
    known.fill_in(&mut schema);
    schema
}

/// The schema with marks where names stand that depend on the data; `names` says which there are.
pub(super) fn marked() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Spec>().to_value();
    polish(&mut schema);
    polish_property(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("mlspec"));
        root.insert("patternProperties".to_owned(), json!({ "^x-": {} }));
    }
    data_apart(&mut schema);
    rules::add(&mut schema);
    snippets::add(&mut schema);
    schema
}

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    of(json!({ "const": 1 }))
}

/// A map with one key of a family.
pub(super) fn one_kind<F: Family + JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let noun = F::NOUN;
    of(json!({
        "title": noun,
        "type": "object",
        "errorMessage": format!("A {noun} is a map with one key, such as {}.", sample::<F>()),
        "allOf": [family_ref::<F>(generator), family::rules_ref::<F>(), single_key()],
    }))
}

/// A list whose items are names or maps with one key.
pub(super) fn kind_list<F: Family + JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let family = family_ref::<F>(generator);
    list_of_kinds::<F>(&family)
}

/// As `kind_list`, where each metric also takes `as`.
pub(super) fn metric_list(generator: &mut SchemaGenerator) -> Schema {
    let family = family::family_schema::<AnyMetric>(generator, add_alias);
    generator.definitions_mut().insert(AnyMetric::NOUN.to_owned(), family.to_value());
    list_of_kinds::<AnyMetric>(&json!({ "$ref": format!("#/definitions/{}", AnyMetric::NOUN) }))
}

fn add_alias(parameters: &mut Value) {
    let alias = json!({
        "type": "string",
        "pattern": NAME_PATTERN,
        "patternErrorMessage": "A name has lower-case letters, digits and underscores, and starts with a letter.",
        "description": "The name that thresholds and reports use for this metric. Required where one metric stands twice.",
        "examples": ["my_name"],
    });
    if let Some(object) = parameters.as_object_mut() {
        let properties = object.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("as".to_owned(), alias);
        }
    }
}

fn list_of_kinds<F: Family>(family: &Value) -> Schema {
    let noun = F::NOUN;
    let names: Vec<&str> = family::bare_names::<F>().map(|entry| entry.name).collect();
    let docs: Vec<String> = family::bare_names::<F>().map(|entry| entry.summary()).collect();
    let wrong = format!(
        "Not a {noun}. Write a name ({}) or a map with one key ({}).",
        names.first().copied().unwrap_or_default(),
        sample::<F>()
    );
    let text = format!("A {noun}: a name, or a map with the {noun} as its one key.");
    of(json!({
        "type": "array",
        "items": {
            "title": noun,
            "description": text,
            "type": ["object", "string"],
            "errorMessage": wrong,
            "if": { "type": "object" },
            "then": { "allOf": [family, family::rules_ref::<F>(), single_key()] },
            "else": { "enum": names, "markdownEnumDescriptions": docs, "errorMessage": wrong },
        },
    }))
}

/// Puts the keys of `data` into a definition: beside the text of `data` they would make editors
/// write out every default where they complete the word.
fn data_apart(schema: &mut Value) {
    let data = schema.pointer_mut("/properties/data").and_then(Value::as_object_mut);
    let Some(data) = data else { return };
    let mut apart = Map::new();
    for keyword in ["properties", "additionalProperties"] {
        apart.extend(data.shift_remove_entry(keyword));
    }
    data.insert("title".to_owned(), json!("data"));
    data.insert("allOf".to_owned(), json!([{ "$ref": "#/definitions/data" }]));
    schema["definitions"]["data"] = Value::Object(apart);
}

pub(super) fn slices(generator: &mut SchemaGenerator) -> Schema {
    let body = generator.subschema_for::<Slice>().to_value();
    if let Some(slice) = generator.definitions_mut().get_mut("Slice").and_then(Value::as_object_mut)
    {
        let doc = slice["description"].as_str().unwrap_or_default().to_owned();
        let summary = family::first_paragraph(&doc).replace('`', "");
        slice.insert("description".to_owned(), json!(summary));
        slice.insert("markdownDescription".to_owned(), json!(doc));
    }
    of(json!({
        "title": "slices",
        "type": "object",
        "additionalProperties": body,
        "propertyNames": {
            "title": "slice",
            "pattern": NAME_PATTERN,
            "patternErrorMessage": "A name has lower-case letters, digits and underscores, and starts with a letter.",
        },
    }))
}

pub(super) fn slice_by(generator: &mut SchemaGenerator) -> Schema {
    of(json!({
        "type": ["string", "array"],
        "x-names": "column",
        "items": ColumnName::json_schema(generator),
        "minItems": 1,
        "errorMessage": "by is a column, or a list of columns.",
        "examples": ["island"],
    }))
}

pub(super) fn slice_values(_: &mut SchemaGenerator) -> Schema {
    of(json!({ "type": "array", "items": ClassName::any_value() }))
}

pub(super) fn slice_bins(_: &mut SchemaGenerator) -> Schema {
    of(json!({
        "type": ["integer", "array"],
        "minimum": 2,
        "maximum": 1000,
        "items": { "type": "number" },
        "minItems": 1,
        "errorMessage": "bins is a number of ranges, or a list of the edges between them.",
        "examples": [4],
    }))
}

pub(super) fn fold_rule(_: &mut SchemaGenerator) -> Schema {
    of(json!({
        "type": "string",
        "pattern": FoldRule::PATTERN,
        "patternErrorMessage": "Write mean, worst, pooled, or a count such as 8 of 10.",
        "examples": ["worst"],
    }))
}

/// The thresholds: one property a metric, and names that the author gave.
pub(super) fn thresholds(generator: &mut SchemaGenerator) -> Schema {
    let body = generator.subschema_for::<BoundMap>().to_value();
    plain_bound(generator);
    let mut properties = Map::new();
    for entry in AnyMetric::ALL {
        let example = match AnyMetric::build(entry.name, family::Parameters(Map::new()))
            .map(|metric| metric.kind().about())
        {
            Ok(about) => match about.direction {
                Direction::HigherIsBetter => "> 0.8",
                Direction::LowerIsBetter => "< 0.5",
                Direction::ZeroIsBest => "-0.5 .. 0.5",
            },
            Err(_) => "> 0.8",
        };
        properties.insert(entry.name.to_owned(), threshold(&body, &entry.summary(), example));
    }
    let other = threshold(&body, "A bound on a metric that got its name with `as`.", "> 0.8");
    of(json!({
        "title": "thresholds",
        "type": "object",
        "minProperties": 1,
        "properties": properties,
        "additionalProperties": other,
        "propertyNames": {
            "title": "metric@slice",
            "pattern": THRESHOLD_PATTERN,
            "patternErrorMessage": "A threshold names a metric of the catalogue or a name given with as; @slice or @slice=VALUE may follow.",
        },
    }))
}

const NOT_A_BOUND: &str =
    "Not a bound. Write \"> 0.8\", \">= 0.8\", \"< 12\", \"<= 12\" or 0.1 .. 0.2.";

fn threshold(body: &Value, description: &str, example: &str) -> Value {
    let mut item = bound(body, example);
    item["description"] = json!("A bound in quotes, or a map such as { min: 0.8 }.");
    let mut schema = bound(body, example);
    schema["description"] = json!(description.replace('`', ""));
    schema["markdownDescription"] = json!(description);
    schema["type"] = json!(["string", "object", "array"]);
    // Beside `type`, `items` would make editors insert a list where most want a bound.
    schema["allOf"] = json!([body, { "items": item, "minItems": 1 }]);
    schema
}

fn bound(body: &Value, example: &str) -> Value {
    json!({
        "title": "threshold",
        "type": ["string", "object"],
        "errorMessage": "A threshold is a bound in quotes, \"> 0.8\", or a map such as { min: 0.8 }.",
        "pattern": BoundText::pattern(),
        "patternErrorMessage": NOT_A_BOUND,
        "examples": [example],
        "allOf": [body],
    })
}

/// The type and the text of a bound stand where it is used.
fn plain_bound(generator: &mut SchemaGenerator) {
    if let Some(body) = generator.definitions_mut().get_mut("BoundMap")
        && let Some(object) = body.as_object_mut()
    {
        object.remove("type");
        // The description of the metric is what a hover should show.
        object.remove("description");
    }
}

pub(super) fn source(generator: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = AnySource::ALL.iter().map(|entry| entry.name).collect();
    let docs: Vec<String> = AnySource::ALL.iter().map(|entry| entry.summary()).collect();
    let mut properties = json!({
        "path": {
            "type": "string",
            "minLength": 1,
            "description": "The data file, relative to this spec.",
            "examples": ["data/penguins.csv"],
        },
        "format": {
            "type": "string",
            "enum": names,
            "markdownEnumDescriptions": docs,
            "description": "The file's format, where its extension does not say.",
            "examples": ["csv"],
        },
    });
    for entry in AnySource::ALL {
        let parameters = entry.parameters(generator);
        let doc = parameters["description"].as_str().unwrap_or_default().to_owned();
        let definition = format!("{}.{}", AnySource::NOUN, entry.name);
        let mut body = parameters;
        if let Some(object) = body.as_object_mut() {
            object.remove("description");
            object.remove("type");
        }
        generator.definitions_mut().insert(definition.clone(), body);
        properties[entry.name] = family::kind_property(entry, &doc, &definition);
    }
    let body =
        json!({ "properties": properties, "required": ["path"], "additionalProperties": false });
    generator.definitions_mut().insert("data.path".to_owned(), body);
    of(json!({
        "type": ["string", "object"],
        "minLength": 1,
        "errorMessage": "A path is text, or a map such as { path: data.csv, csv: { separator: \";\" } }.",
        "examples": ["data/penguins.csv"],
        "allOf": [{ "$ref": "#/definitions/data.path" }, family::rules_ref::<AnySource>()],
    }))
}

pub(super) fn task(_: &mut SchemaGenerator) -> Schema {
    let (names, docs): (Vec<_>, Vec<_>) = Task::ALL.into_iter().unzip();
    of(
        json!({ "type": "string", "enum": names, "markdownEnumDescriptions": docs, "examples": ["classification"] }),
    )
}

pub(super) fn types(generator: &mut SchemaGenerator) -> Schema {
    let declared = DeclaredType::json_schema(generator).to_value();
    of(
        json!({ "type": "object", "additionalProperties": declared, "x-keys": "column of the file" }),
    )
}

pub(super) fn derived(_: &mut SchemaGenerator) -> Schema {
    of(json!({
        "type": "object",
        "additionalProperties": {
            "type": "string",
            "minLength": 1,
            "description": "An SQL expression over the columns of one row.",
            "examples": ["weight / height"],
        },
        "propertyNames": { "minLength": 1 },
    }))
}

pub(super) fn missing_target(generator: &mut SchemaGenerator) -> Schema {
    let body = DropMissing::json_schema(generator).to_value();
    let wrong = "Write error, or a map such as { drop: true, max: 0.05 }.";
    of(json!({
        "type": ["string", "object"],
        "errorMessage": wrong,
        "default": "error",
        "if": { "type": "object" },
        "then": {
            "properties": body["properties"],
            "required": body["required"],
            "additionalProperties": false,
        },
        "else": { "enum": ["error"], "errorMessage": wrong },
    }))
}

fn single_key() -> Value {
    json!({ "minProperties": 1, "maxProperties": 1 })
}

fn family_ref<F: Family + JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<F>().to_value()
}

/// What a kind of the family looks like in flow style.
fn sample<F: Family>() -> String {
    let name = F::ALL.first().map(|entry| entry.name).unwrap_or_default();
    format!("{name}: {{}}")
}

fn of(value: Value) -> Schema {
    Schema::try_from(value).expect("a JSON object is a schema")
}
