//! What is generated and committed, compared with what the code generates now; and the patterns
//! that the schema keeps to, so that editors complete, show and report well.
//!
//! `MLSPEC_BLESS=1 cargo test --test suite generated` writes the files anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jsonschema::Validator;
use mlspec::diagnostic::Code;
use mlspec::plan::lower;
use mlspec::session::{Options, Session, StopFlag, schema_text};
use mlspec::spec::catalogue::{Catalogue, Kind, catalogues, page};
use mlspec::spec::decode;
use mlspec::spec::keys::{self, Section};
use mlspec::text::{Document, ProcessEnvironment, Source};
use mlspec::verdict::Status;
use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&schema_text()).expect("the schema is JSON"));

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Every generated file with its text, by its path in the repository.
fn expected() -> BTreeMap<PathBuf, String> {
    let families = catalogues();
    let reference = Path::new("docs/reference");
    let mut files = BTreeMap::from([
        (PathBuf::from("schema/mlspec.schema.json"), schema_text()),
        (PathBuf::from("schema/mlspec-settings.schema.json"), mlspec::settings::schema_text()),
        (reference.join("README.md"), index(&families)),
        (reference.join("diagnostics.md"), diagnostics()),
        (reference.join("spec.md"), keys::page()),
    ]);
    for family in &families {
        for kind in &family.kinds {
            let path = reference.join(family.plural).join(kind.name).with_extension("md");
            files.insert(path, page(family, kind));
        }
    }
    files
}

fn index(families: &[Catalogue]) -> String {
    let mut text = String::from(
        "# Reference\n\n[Every key of a spec](spec.md), every kind that a spec can name, and [every \
         diagnostic](diagnostics.md). `mlspec list` and `mlspec explain` print the same on a terminal.\n",
    );
    for family in families {
        let _ = write!(text, "\n## {}\n\n", capital(family.plural));
        let noted = family.kinds.iter().any(|kind| !kind.note.is_empty());
        text.push_str(if noted {
            "| name | what it is | for |\n|---|---|---|\n"
        } else {
            "| name | what it is |\n|---|---|\n"
        });
        for kind in &family.kinds {
            let Kind { name, summary, note, .. } = kind;
            let summary = summary.replace('|', "\\|");
            let _ = write!(text, "| [`{name}`]({}/{name}.md) | {summary} |", family.plural);
            if noted {
                let _ = write!(text, " {note} |");
            }
            text.push('\n');
        }
    }
    text
}

fn diagnostics() -> String {
    let mut text = String::from(
        "# Diagnostics\n\nEvery diagnostic has a code; `mlspec explain CODE` prints its \
         explanation.\n",
    );
    let mut area = "";
    for code in Code::ALL {
        let first = code.name().split("::").nth(1).unwrap_or_default();
        if first != area {
            area = first;
            let _ = write!(text, "\n## {area}\n");
        }
        let _ = write!(
            text,
            "\n### `{}`\n\n**{}.** {}\n",
            code.name(),
            capital(code.summary()),
            code.explanation()
        );
    }
    text
}

/// The text as the start of a sentence; the program's name stays as it is.
fn capital(text: &str) -> String {
    if text.starts_with("mlspec") {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[test]
fn committed_files_are_what_the_code_generates() {
    let expected = expected();
    let committed = markdown(&root().join("docs/reference"));
    let superfluous = committed.iter().filter(|path| !expected.contains_key(*path));
    if std::env::var_os("MLSPEC_BLESS").is_some() {
        for (path, text) in &expected {
            let path = root().join(path);
            fs::create_dir_all(path.parent().expect("a file lies in a folder"))
                .expect("a folder can be made");
            fs::write(&path, text).expect("a generated file can be written");
        }
        for path in superfluous {
            fs::remove_file(root().join(path)).expect("a stale file can be removed");
        }
        return;
    }
    let mut complaints: Vec<String> =
        superfluous.map(|path| format!("{}: nothing generates this", path.display())).collect();
    for (path, text) in &expected {
        match fs::read_to_string(root().join(path)) {
            Ok(found) if found.replace("\r\n", "\n") == *text => {}
            Ok(_) => complaints.push(format!("{}: out of date", path.display())),
            Err(_) => complaints.push(format!("{}: missing", path.display())),
        }
    }
    if !complaints.is_empty() {
        complaints.push("MLSPEC_BLESS=1 cargo test --test suite generated".to_owned());
    }
    assert_none(&complaints);
}

/// The pages under a folder, by their paths in the repository.
fn markdown(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for entry in entries {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(markdown(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.insert(path.strip_prefix(root()).expect("it lies in here").to_owned());
        }
    }
    found
}

#[test]
fn pages_read_well() {
    let mut complaints = Vec::new();
    let expected = expected();
    for (path, text) in &expected {
        if path.extension().is_some_and(|extension| extension == "json") {
            continue;
        }
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", path.display()));
        let mut fenced = false;
        for line in text.lines() {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if !fenced && line.contains("```") {
                complain("a fence inside a line");
            }
            if !fenced && line.contains("  ") && !line.trim_start().starts_with(['-', '|', '#']) {
                complain("two blanks in a row");
            }
        }
        if fenced {
            complain("a fence that is not closed");
        }
        if text.contains("\n\n\n") {
            complain("two empty lines");
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            complain("does not end in one line feed");
        }
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap_or_default();
            let folder = path.parent().unwrap_or(Path::new(""));
            if !target.contains("://") && !expected.contains_key(&folder.join(target)) {
                complain(&format!("a link to {target}, which is not there"));
            }
        }
    }
    assert_none(&complaints);
}

// The schema.

/// A schema inside of the schema, with the JSON pointer to it.
struct Part<'s> {
    pointer: String,
    schema: &'s Map<String, Value>,
}

impl Part<'_> {
    fn is_property(&self) -> bool {
        self.pointer.rsplit('/').nth(1) == Some("properties")
    }

    /// Whether the keyword that holds this is one of `names`.
    fn is_under(&self, names: &[&str]) -> bool {
        let mut segments = self.pointer.rsplit('/');
        let last = segments.next().unwrap_or_default();
        let holder = if last.parse::<usize>().is_ok() { segments.next() } else { Some(last) };
        holder.is_some_and(|name| names.contains(&name))
    }

    fn types(&self) -> Vec<&str> {
        match self.schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.schema.get(key).and_then(Value::as_str)
    }
}

const ONE: &[&str] =
    &["items", "additionalProperties", "propertyNames", "if", "then", "else", "not"];
const MANY: &[&str] = &["allOf", "anyOf", "oneOf"];
const NAMED: &[&str] = &["properties", "patternProperties", "definitions"];

/// Whether it is a rule between keys, which has a form of its own.
fn is_rule(schema: &Value) -> bool {
    schema.pointer("/if/not").is_some()
}

/// Whether a definition is part of rules between models and the rest: what is known of models and
/// metrics, and what is refused beside some.
fn is_of_rules(name: &str) -> bool {
    name.starts_with("known.") || name.starts_with("refused.")
}

/// Every schema inside of the schema, rules and those that are `true` or `false` excepted.
fn parts() -> Vec<Part<'static>> {
    fn walk(value: &'static Value, pointer: String, found: &mut Vec<Part<'static>>) {
        let Some(schema) = value.as_object() else { return };
        if is_rule(value) {
            return;
        }
        for (keyword, inner) in schema {
            let below = format!("{pointer}/{keyword}");
            match keyword.as_str() {
                one if ONE.contains(&one) => walk(inner, below, found),
                many if MANY.contains(&many) => {
                    for (at, branch) in inner.as_array().into_iter().flatten().enumerate() {
                        walk(branch, format!("{below}/{at}"), found);
                    }
                }
                named if NAMED.contains(&named) => {
                    for (name, branch) in inner.as_object().into_iter().flatten() {
                        if keyword == "definitions" && is_of_rules(name) {
                            continue;
                        }
                        walk(branch, format!("{below}/{name}"), found);
                    }
                }
                _ => {}
            }
        }
        found.push(Part { pointer, schema });
    }
    let mut found = Vec::new();
    walk(&SCHEMA, String::new(), &mut found);
    found
}

#[test]
fn the_schema_is_valid_draft_07() {
    if let Err(error) = jsonschema::meta::validate(&SCHEMA) {
        panic!("{}: {error}", error.instance_path());
    }
    assert_eq!(SCHEMA["$schema"], "http://json-schema.org/draft-07/schema#");
    for part in parts() {
        if let Some(target) = part.text("$ref") {
            let found = SCHEMA.pointer(target.trim_start_matches('#'));
            assert!(found.is_some(), "{}: {target} leads nowhere", part.pointer);
        }
    }
}

/// Keywords that restrict values, each with words of its own in `src/spec/explain.rs`; those that
/// hold other schemas; and those that only tell something.
const EXPLAINED: &[&str] = &[
    "additionalProperties",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "propertyNames",
    "required",
    "type",
    "uniqueItems",
];
const HOLDING: &[&str] = &[
    "$ref",
    "allOf",
    "definitions",
    "else",
    "if",
    "items",
    "patternProperties",
    "properties",
    "then",
];
const TELLING: &[&str] = &[
    "$schema",
    "default",
    "defaultSnippets",
    "description",
    "errorMessage",
    "examples",
    "markdownDescription",
    "markdownEnumDescriptions",
    "patternErrorMessage",
    "title",
];

#[test]
fn the_schema_uses_only_keywords_that_are_explained() {
    let mut complaints = Vec::new();
    for part in parts() {
        for keyword in part.schema.keys().map(String::as_str) {
            if ![EXPLAINED, HOLDING, TELLING].iter().any(|list| list.contains(&keyword)) {
                complaints.push(format!("{}: {keyword}", part.pointer));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn maps_of_one_key_count_their_keys_inside_all_of() {
    let mut complaints = Vec::new();
    for part in parts() {
        let counts = part.schema.get("maxProperties") == Some(&json!(1));
        if counts && !part.is_under(&["allOf"]) {
            complaints.push(format!("{}: beside other keywords", part.pointer));
        }
        if counts && part.schema.len() != 2 {
            complaints.push(format!("{}: belongs alone into its branch", part.pointer));
        }
    }
    assert_none(&complaints);
}

#[test]
fn rules_say_what_is_at_fault() {
    let mut complaints = Vec::new();
    let definitions = SCHEMA["definitions"].as_object().into_iter().flatten();
    let whole = ("the whole", &*SCHEMA);
    let maps = definitions.map(|(name, map)| (name.as_str(), map)).chain([whole]);
    let rules = maps.flat_map(|(name, definition)| {
        let all = definition["allOf"].as_array().into_iter().flatten();
        all.filter(|rule| is_rule(rule)).map(move |rule| (name, rule))
    });
    let mut count = 0;
    for (name, rule) in rules {
        count += 1;
        let told_by_plan = rule["else"].to_string().contains("#/definitions/refused.");
        if told_by_plan {
            continue;
        }
        let mut told = &rule["else"];
        while told["errorMessage"].is_null() {
            match told["properties"].as_object().and_then(|map| map.values().next()) {
                Some(inner) => told = inner,
                None => break,
            }
        }
        let refuses =
            told["properties"].as_object().is_some_and(|map| map.values().eq([&json!(false)]));
        let wants = told["required"].as_array().is_some_and(|list| list.len() == 1);
        let words = told["errorMessage"].as_str().is_some_and(|text| text.ends_with('.'));
        if !words || refuses == wants {
            complaints.push(format!("{name}: {rule}"));
        }
    }
    assert_none(&complaints);
    assert!(count > 90, "{count} rules");
}

#[test]
fn what_does_not_go_together_is_refused_in_words() {
    fn walk(told: &Value, words: &mut Vec<String>, silent: &mut Vec<String>) {
        let Some(map) = told.as_object() else { return };
        let refuses_keys = ["properties", "patternProperties"].iter().any(|keyword| {
            let keys = map.get(*keyword).and_then(Value::as_object);
            keys.is_some_and(|keys| keys.values().any(|key| *key == false))
        });
        let refuses =
            ["not", "required", "const", "type"].iter().any(|keyword| map.contains_key(*keyword));
        match map.get("errorMessage").and_then(Value::as_str) {
            Some(text) => words.push(text.to_owned()),
            None if refuses || refuses_keys => silent.push(told.to_string()),
            None => {}
        }
        for keyword in ["properties", "patternProperties"] {
            let keys = map.get(keyword).and_then(Value::as_object).into_iter().flatten();
            keys.for_each(|(_, key)| walk(key, words, silent));
        }
        for keyword in ["items", "additionalProperties", "else"] {
            map.get(keyword).into_iter().for_each(|inner| walk(inner, words, silent));
        }
    }
    let [mut words, mut silent] = [Vec::new(), Vec::new()];
    let definitions = SCHEMA["definitions"].as_object().into_iter().flatten();
    for (_, told) in definitions.filter(|(name, _)| name.starts_with("refused.")) {
        walk(told, &mut words, &mut silent);
    }
    assert_none(&silent);
    assert!(words.len() > 30, "{} texts", words.len());
    words.retain(|text| !text.ends_with('.') || text.contains('`'));
    assert_none(&words);
}

#[test]
fn kinds_have_the_pattern_that_editors_complete() {
    let mut complaints = Vec::new();
    let mut kinds = 0;
    let parts = parts();
    for part in parts.iter().filter(|part| part.types().contains(&"null")) {
        if part.types() != ["object", "null"] {
            let what = "null stands for nothing but the defaults of a kind";
            complaints.push(format!("{}: {what}", part.pointer));
        }
    }
    let families = catalogues();
    let is_kind = |part: &&Part<'_>| {
        let named = |noun: &str, name: &str| match noun {
            "source" => format!("/definitions/data.path/properties/{name}"),
            noun => format!("/definitions/{noun}/properties/{name}"),
        };
        families.iter().any(|family| {
            family.kinds.iter().any(|kind| part.pointer == named(family.noun, kind.name))
        })
    };
    for part in parts.iter().filter(is_kind) {
        kinds += 1;
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", part.pointer));
        for key in ["title", "description", "markdownDescription", "errorMessage"] {
            if part.text(key).is_none_or(str::is_empty) {
                complain(&format!("no {key}"));
            }
        }
        let parameters = part.schema.get("allOf").and_then(Value::as_array);
        let is_ref = |branch: &Value| {
            branch.as_object().is_some_and(|map| map.len() == 1 && map.contains_key("$ref"))
        };
        if !parameters.is_some_and(|list| matches!(list.as_slice(), [only] if is_ref(only))) {
            complain("its parameters are one $ref inside allOf");
        }
        for key in ["properties", "additionalProperties", "required", "default", "examples"] {
            if part.schema.contains_key(key) {
                complain(&format!("{key} belongs into its definition"));
            }
        }
    }
    assert_none(&complaints);
    let listed: usize = catalogues().iter().map(|family| family.kinds.len()).sum();
    assert_eq!(kinds, listed, "kinds in the schema and in the catalogue");
}

#[test]
fn parameters_of_kinds_are_closed_and_take_null() {
    let mut complaints = Vec::new();
    for family in catalogues() {
        for kind in &family.kinds {
            let name = format!("{}.{}", family.noun, kind.name);
            let definition = &SCHEMA["definitions"][&name];
            if definition["additionalProperties"] != json!(false) {
                complaints.push(format!("{name}: takes any key"));
            }
            if !definition["type"].is_null() {
                complaints.push(format!("{name}: a type of its own refuses null"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn properties_are_described() {
    let mut complaints = Vec::new();
    for part in parts() {
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", part.pointer));
        if part.is_property() {
            for key in ["description", "markdownDescription"] {
                if part.text(key).is_none_or(str::is_empty) {
                    complain(&format!("no {key}"));
                }
            }
        }
        if let Some(plain) = part.text("description") {
            if plain.contains(['`', '\n', '*']) && !plain.contains("(*, ?)") {
                complain("markdown in the plain description");
            }
            if part.is_property() && !plain.ends_with(['.', ':', '…']) {
                complain("the description is no sentence");
            }
        }
        if let Some(markdown) = part.text("markdownDescription") {
            for (at, _) in markdown.match_indices("```") {
                let before = &markdown[..at];
                let after = &markdown[at + 3..];
                let starts = before.is_empty() || before.ends_with('\n');
                if !starts || !(after.is_empty() || after.starts_with(['\n', 'y'])) {
                    complain("a code block on one line");
                    break;
                }
                if let Some(rest) = after.strip_prefix("yaml")
                    && !rest.starts_with('\n')
                {
                    complain("a code block on one line");
                    break;
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn ranges_and_defaults_stand_in_the_hover_text() {
    let mut complaints = Vec::new();
    for part in parts().iter().filter(|part| part.is_property()) {
        let Some(markdown) = part.text("markdownDescription") else { continue };
        for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default"] {
            // What the type of the code cannot hold is a range that nobody asks for.
            let of_the_type =
                |value: &&Value| value.as_f64().is_some_and(|end| end.abs() >= i32::MAX.into());
            if let Some(value) = part.schema.get(key).filter(|value| !of_the_type(value))
                && !markdown.contains(&value.to_string())
                && !markdown.contains(value.to_string().trim_end_matches(".0"))
            {
                complaints.push(format!("{}: the hover text lacks {key} {value}", part.pointer));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn values_to_insert_are_there_and_fit() {
    let mut complaints = Vec::new();
    for part in parts() {
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", part.pointer));
        let default = part.schema.get("default");
        let examples = part.schema.get("examples").and_then(Value::as_array);
        let numeric = part.types().iter().all(|name| ["number", "integer"].contains(name));
        if part.is_property() && numeric && !part.types().is_empty() {
            match (default, examples) {
                (None, None) => complain("a number with neither default nor example inserts 0"),
                (Some(_), Some(_)) => complain("with an example the default is not inserted"),
                _ => {}
            }
        }
        if examples.is_some_and(|examples| examples.len() != 1) {
            complain("one example: each adds a block to the hover");
        }
        if let Some(names) = part.schema.get("enum").and_then(Value::as_array)
            && part.is_property()
            && names.len() > 1
        {
            let docs = part.schema.get("markdownEnumDescriptions").and_then(Value::as_array);
            let told = |docs: &Vec<Value>| {
                docs.len() == names.len()
                    && docs.iter().all(|doc| doc.as_str().is_some_and(|doc| !doc.is_empty()))
            };
            if !docs.is_some_and(told) {
                complain("each name of an enum has a description");
            }
        }
        let validator = validator(part.schema);
        for value in default.into_iter().chain(examples.into_iter().flatten()) {
            if !validator.is_valid(value) {
                complain(&format!("its own default or example {value} does not fit"));
            }
        }
    }
    assert_none(&complaints);
}

/// A validator of one part, with the definitions that it may refer to.
fn validator(schema: &Map<String, Value>) -> Validator {
    let mut schema = schema.clone();
    schema.insert("definitions".to_owned(), SCHEMA["definitions"].clone());
    jsonschema::draft7::new(&Value::Object(schema)).expect("a part of the schema is a schema")
}

#[test]
fn nothing_stands_beside_a_reference() {
    let mut complaints = Vec::new();
    for part in parts() {
        let beside = part.schema.keys().any(|key| {
            !["$ref", "title", "description", "markdownDescription", "default", "examples"]
                .contains(&key.as_str())
        });
        if part.schema.contains_key("$ref") && beside {
            complaints.push(format!("{}: draft-07 ignores it", part.pointer));
        }
    }
    assert_none(&complaints);
}

#[test]
fn items_are_names_or_maps_by_condition() {
    let mut complaints = Vec::new();
    for part in parts().iter().filter(|part| part.schema.contains_key("if")) {
        // A number that is a share or a count.
        let share = part.schema.get("else").filter(|share| share["maximum"] == 1);
        if share.is_some_and(|share| share["errorMessage"].is_string()) {
            continue;
        }
        let by_type = part.schema["if"] == json!({ "type": "object" });
        let mut complain = |what: &str| complaints.push(format!("{}: {what}", part.pointer));
        if by_type {
            if part.text("errorMessage").is_none() {
                complain("no errorMessage");
            }
            let otherwise = &part.schema["else"];
            if otherwise["enum"].is_null() || otherwise["errorMessage"].is_null() {
                complain("the names are an enum with an errorMessage");
            }
        } else {
            complain("a condition that is neither a rule nor about the type");
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_top_of_the_schema_is_as_editors_want_it() {
    assert_eq!(SCHEMA["properties"]["version"]["const"], 1);
    assert_eq!(SCHEMA["properties"]["version"].get("type"), None);
    assert_eq!(SCHEMA["patternProperties"], json!({ "^x-": {} }));
    assert_eq!(SCHEMA["additionalProperties"], false);
    let thresholds = &SCHEMA["properties"]["thresholds"];
    assert!(thresholds["patternProperties"].is_null());
    for key in ["title", "pattern", "patternErrorMessage"] {
        assert!(thresholds["propertyNames"][key].is_string(), "propertyNames.{key}");
    }
    for (name, threshold) in thresholds["properties"].as_object().into_iter().flatten() {
        assert_eq!(threshold["type"], json!(["string", "object", "array"]), "{name}");
        for key in ["pattern", "patternErrorMessage", "errorMessage"] {
            assert!(threshold[key].is_string(), "{name}: {key}");
        }
        assert_eq!(threshold["examples"].as_array().map(Vec::len), Some(1), "{name}");
    }
    let snippets = SCHEMA["defaultSnippets"].as_array().expect("there are snippets");
    assert!(snippets.iter().all(|snippet| snippet["body"].is_object()));
}

// The examples of the kinds.

/// A complete spec that a kind's example can be laid over, and what is wrong with the result.
struct Base {
    spec: Value,
    /// Whether the example fits the columns of a data file that is here.
    columns: bool,
}

fn base(family: &Catalogue, kind: &Kind) -> Base {
    let species = json!({
        "data": { "path": data("penguins.csv"), "target": "species", "exclude": ["year"] },
        "model": { "logistic_regression": {} },
        "thresholds": { "accuracy": "> 0.8" },
    });
    let progression = json!({
        "data": { "path": data("diabetes.csv"), "target": "progression" },
        "model": { "ridge": {} },
        "thresholds": { "mae": "< 60" },
    });
    let groups = json!({
        "data": { "path": data("iris.csv"), "exclude": ["species"] },
        "model": { "k_means": { "n_clusters": 3 } },
        "thresholds": { "silhouette": "> 0.3" },
    });
    let mut compared = groups.clone();
    compared["data"] = json!({ "path": data("iris.csv"), "target": "species" });
    let mut numbers = species.clone();
    numbers["data"]["features"] = json!(["*_mm", "body_mass_g"]);
    numbers["data"]["where"] = json!("bill_length_mm IS NOT NULL");
    let diagnosis = json!({
        "data": { "path": data("breast_cancer.csv"), "target": "diagnosis", "positive": "malignant" },
        "model": { "logistic_regression": {} },
        "thresholds": { "accuracy": "> 0.8" },
    });
    let mut categories = species.clone();
    categories["data"]["features"] = json!(["island", "*_mm"]);
    let columns = !matches!((family.plural, kind.name), ("sources", _) | (_, "predictions"));
    let spec = match (family.plural, kind.name) {
        // What a step leaves as text no model takes.
        ("transforms", "one_hot" | "drop_constant" | "target_encode") => species,
        ("transforms", "ordinal") => categories,
        ("transforms", _) => numbers,
        (_, "specificity" | "false_positive_rate" | "false_negative_rate" | "cost") => diagnosis,
        (
            _,
            "precision_at_recall" | "recall_at_precision" | "one_class_svm" | "isolation_forest",
        ) => diagnosis,
        (_, "adjusted_rand" | "adjusted_mutual_info" | "normalized_mutual_info") => compared,
        (_, "v_measure" | "homogeneity" | "completeness") => compared,
        (_, "predictions") => {
            json!({ "data": { "path": "data.csv", "target": "y" }, "thresholds": { "accuracy": "> 0.8" } })
        }
        _ if kind.doc.contains("strategy: median") => progression,
        _ if kind.note.starts_with("classification") => species,
        _ if kind.note.starts_with("regression") => progression,
        _ if kind.note.starts_with("clustering") => groups,
        _ => species,
    };
    Base { spec, columns }
}

fn data(name: &str) -> String {
    root().join("specs/data").join(name).to_string_lossy().into_owned()
}

/// Lays maps over maps; a model, the thresholds and whatever is no map are replaced.
fn lay(over: &Value, under: &mut Value) {
    match (over, under) {
        (Value::Object(over), Value::Object(under)) => {
            for (key, value) in over {
                match under.get_mut(key) {
                    Some(below) if key == "data" || key == "split" => lay(value, below),
                    _ => {
                        under.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (over, under) => *under = over.clone(),
    }
}

#[test]
fn examples_of_kinds_run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut complaints = Vec::new();
    for family in catalogues() {
        for kind in &family.kinds {
            let name = format!("{} {}", family.noun, kind.name);
            let Some(example) = example(&kind.doc) else {
                complaints.push(format!("{name}: no example"));
                continue;
            };
            let Base { mut spec, columns } = base(&family, kind);
            spec["version"] = json!(1);
            match yaml_serde::from_str::<Value>(example) {
                Ok(example) => lay(&example, &mut spec),
                Err(error) => {
                    complaints.push(format!("{name}: {error}"));
                    continue;
                }
            }
            let text = spec.to_string();
            if !text.contains(&format!("\"{}\"", kind.name)) {
                complaints.push(format!("{name}: the example does not show it"));
            }
            let found = if columns {
                let path = folder.path().join("spec.mlspec.yaml");
                fs::write(&path, &text).expect("a spec can be written");
                run(&path)
            } else {
                read(&text)
            };
            complaints.extend(found.iter().map(|found| format!("{name}: {found}\n  {text}")));
        }
    }
    assert_none(&complaints);
}

#[test]
fn examples_of_keys_run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join("data")).expect("a folder can be made");
    for name in ["data/penguins.csv", "data/breast_cancer.csv"] {
        fs::copy(root().join("specs").join(name), folder.path().join(name)).expect("the data");
    }
    let mut complaints = Vec::new();
    for Section { title, doc, keys } in keys::sections() {
        if keys.is_empty() {
            complaints.push(format!("{title}: no keys"));
        }
        let Some(example) = example(&doc) else {
            complaints.push(format!("{title}: no example"));
            continue;
        };
        let mut spec = json!({
            "version": 1,
            "data": { "path": "data/penguins.csv", "target": "species" },
            "model": { "logistic_regression": {} },
            "thresholds": { "accuracy": "> 0.8" },
        });
        let example = yaml_serde::from_str::<Value>(example).expect("an example is YAML");
        lay(&example, &mut spec);
        let path = folder.path().join("spec.mlspec.yaml");
        fs::write(&path, spec.to_string()).expect("a spec can be written");
        complaints.extend(run(&path).iter().map(|found| format!("{title}: {found}\n  {spec}")));
    }
    assert_none(&complaints);
}

fn example(doc: &str) -> Option<&str> {
    let (_, rest) = doc.split_once("```yaml\n")?;
    rest.split_once("```").map(|(example, _)| example)
}

/// What keeps a spec from being evaluated; whether it passes is not asked.
fn run(path: &Path) -> Vec<String> {
    static STOP: StopFlag = StopFlag::new();
    let session = Arc::new(Session::new(&ProcessEnvironment, &|| Duration::ZERO, &STOP));
    let outcome =
        session.run(&[path.to_owned()], Options { jobs: 1, ..Options::default() }, &mut |_, _| ());
    let spec = &outcome.specs[0];
    match spec.status {
        Status::Pass | Status::Warn | Status::Fail | Status::Inconclusive => Vec::new(),
        Status::Skipped | Status::Error | Status::Invalid => {
            spec.diagnostics.iter().map(|each| each.message.clone()).collect()
        }
    }
}

/// What decoding and lowering say, for examples whose data is nowhere.
fn read(text: &str) -> Vec<String> {
    let (document, mut found) =
        Document::parse(Source::new("spec.mlspec.yaml", text), &ProcessEnvironment);
    match decode(&document) {
        Err(more) => found.extend(more),
        Ok(spec) => found.extend(lower(spec, Path::new("")).err().unwrap_or_default()),
    }
    found.into_iter().map(|each| each.message).collect()
}
