//! What SchemaStore is given: the entry of its catalog, and specs that the schema takes and refuses.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

use super::support::names;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/schemastore").join(name)
}

fn validator() -> Validator {
    let text = mlspec::session::schema_text();
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::draft7::new(&schema).expect("the schema is valid")
}

/// The name, text and value of every spec in a folder.
fn specs(name: &str) -> Vec<(String, String, Value)> {
    let folder = folder(name).join("mlspec");
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).expect("a spec can be read");
        let value = yaml_serde::from_str(&text).expect("a spec is YAML");
        (name, text, value)
    };
    names(&folder).into_iter().map(read).collect()
}

#[test]
fn the_entry_says_what_a_catalog_needs() {
    let text = fs::read_to_string(folder("catalog.json")).expect("the entry can be read");
    let entry: Value = serde_json::from_str(&text).expect("the entry is JSON");
    let mut keys: Vec<&String> = entry.as_object().expect("the entry is a map").keys().collect();
    keys.sort();
    assert_eq!(keys, ["description", "fileMatch", "name", "url"]);
    let patterns = entry["fileMatch"].as_array().expect("patterns are a list");
    assert_eq!(patterns, &["*.mlspec.yaml", "*.mlspec.yml"]);
    assert!(entry["url"].as_str().is_some_and(|url| url.starts_with("https://")));
}

#[test]
fn positive_tests_are_valid() {
    let validator = validator();
    let specs = specs("test");
    assert!(specs.len() > 3);
    for (name, _, spec) in specs {
        let error = validator.iter_errors(&spec).next().map(|error| error.to_string());
        assert_eq!(error, None, "{name}");
    }
}

#[test]
fn negative_tests_are_refused_where_they_say() {
    let validator = validator();
    let specs = specs("negative_test");
    assert!(specs.len() > 8);
    for (name, text, spec) in specs {
        let first = text.lines().next().unwrap_or_default();
        let place = first.strip_prefix("# refused at:").expect("the first line names the place");
        let mut at: Vec<String> =
            validator.iter_errors(&spec).map(|error| error.instance_path().to_string()).collect();
        at.dedup();
        assert_eq!(at, [place.trim()], "{name}");
    }
}
