//! `mlspec schema --for SPEC`: the schema with the names of one spec's data.

use std::path::Path;

use jsonschema::Validator;
use mlspec::text::{Document, ProcessEnvironment, Source};
use serde_json::{Value, json};

use super::support::Workspace;

/// Names that need care in YAML, in JSON, in patterns and in globs.
const HEADER: &str = "id,size mm,\"a \"\"b\"\" 'c'\",🐧,x*,[y],2020,kind\n";

const SPEC: &str = "version: 1
data:
  path: data.csv
  target: kind
  positive: 1
  exclude: ['a \"b\" ''c''', 🐧, '*y*', 'x*']
  features: [\"size*\", '2020', double, \"${EXTRA:-id}\"]
  derive: { double: '\"size mm\" * 2' }
  types: { '2020': float, '[y]': int }
  id: id
model: { logistic_regression: {} }
metrics:
  - recall: { class: 1, as: hits }
  - precision: { class: '0' }
  - cost: { of: { 0: { 1: 2 }, 1: { 0: 3 } } }
slices:
  by_size: { by: size mm, bins: 2, expect: ['>= 1'] }
  both: { by: [id, 'x*'] }
thresholds:
  hits: '> 0.1'
  accuracy: '> 0.1'
  hits@by_size: '> 0.1'
  accuracy@both=1: '> 0.1'
";

fn workspace(spec: &str) -> Workspace {
    let mut table = HEADER.to_owned();
    for row in 0..8 {
        table.push_str(&format!("{row},{row}.5,1,2,3,4,5,{}\n", row % 2));
    }
    Workspace::with_spec(spec, &table)
}

fn schema(workspace: &Workspace) -> Value {
    let ran = workspace.run(&["schema", "--for", "spec.mlspec.yaml"]).ends(0);
    ran.complains(&[]).json()
}

fn validator(schema: &Value) -> Validator {
    if let Err(error) = jsonschema::meta::validate(schema) {
        panic!("{}: {error}", error.instance_path());
    }
    let text = schema.to_string();
    assert!(!text.contains("\"x-names\"") && !text.contains("\"x-keys\""), "a mark is left");
    jsonschema::draft7::new(schema).expect("the schema is valid")
}

/// Where a spec departs from a schema.
fn wrong(validator: &Validator, spec: &str) -> Vec<String> {
    let (document, found) = Document::parse(Source::new("a.yaml", spec), &ProcessEnvironment);
    assert!(found.is_empty(), "{found:?}");
    let mut places: Vec<String> = validator
        .iter_errors(document.written())
        .map(|error| error.instance_path().to_string())
        .collect();
    places.sort();
    places.dedup();
    places
}

#[test]
fn a_right_spec_fits_the_schema_of_its_data() {
    let workspace = workspace(SPEC);
    workspace.run(&["check"]).ends(0);
    assert_eq!(wrong(&validator(&schema(&workspace)), SPEC), [""; 0]);
}

#[test]
fn the_examples_fit_the_schemas_of_their_data() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let workspace = Workspace::new();
    workspace.copy(&folder, &[]);
    for name in ["breast_cancer", "diabetes", "iris", "penguins", "wine"] {
        let name = format!("{name}.mlspec.yaml");
        let schema = workspace.run(&["schema", "--for", &name]).ends(0).json();
        assert_eq!(wrong(&validator(&schema), &workspace.read(&name)), [""; 0], "{name}");
    }
}

#[test]
fn misspelt_names_are_found_where_they_stand() {
    let validator = validator(&schema(&workspace(SPEC)));
    for (right, misspelt, place) in [
        ("target: kind", "target: kinds", "/data/target"),
        ("id: id", "id: ids", "/data/id"),
        ("positive: 1", "positive: 2", "/data/positive"),
        ("🐧, '*y*'", "🐧🐧, '*y*'", "/data/exclude/1"),
        ("double, \"$", "doubel, \"$", "/data/features/2"),
        ("'[y]': int", "'y': int", "/data/types"),
        ("types: {", "types: { double: int,", "/data/types"),
        ("class: 1,", "class: yes,", "/metrics/0/recall/class"),
        ("class: '0'", "class: '00'", "/metrics/1/precision/class"),
        ("of: { 0:", "of: { 2:", "/metrics/2/cost/of"),
        ("0: { 1: 2 }", "0: { 3: 2 }", "/metrics/2/cost/of/0"),
        ("by: size mm", "by: size", "/slices/by_size/by"),
        ("by: [id, 'x*']", "by: [id, 'y*']", "/slices/both/by/1"),
        ("  id: id", "  id: id\n  weight: { fit: w }", "/data/weight/fit"),
        ("  id: id", "  id: id\n  split: { grouped: { column: w } }", "/data/split/grouped/column"),
    ] {
        assert!(SPEC.contains(right), "{right}");
        assert_eq!(wrong(&validator, &SPEC.replacen(right, misspelt, 1)), [place], "{misspelt}");
    }
}

#[test]
fn thresholds_are_offered_on_each_slice_and_by_their_own_names() {
    let schema = schema(&workspace(SPEC));
    let offered = &schema["properties"]["thresholds"]["properties"];
    let metrics = ["hits", "precision", "cost", "accuracy"];
    for name in metrics
        .iter()
        .flat_map(|name| [(*name).to_owned(), format!("{name}@by_size"), format!("{name}@both")])
    {
        assert_eq!(offered[&name]["title"], "threshold", "{name}");
    }
    assert_eq!(offered.get("f1@both"), None);
}

#[test]
fn nothing_but_the_data_has_to_be_right() {
    for spec in [
        "data: { path: data.csv }",
        "data: { path: data.csv, target: kind, task: 3, splt: {}, types: { id: what, '2020': int } }
model: { logistic_regresion: {} }\nslices: 3\nmetrics: [3, {}, recal, { recall: }, { f1: { as: 2 } }]\n",
        "data:\n  path: data.csv\n  target:\n  features:\n    -\n  derive: { a: 'sum(', id: id }\n",
        "data: { path: data.csv, id: ${NONE} }\nmodel:\nmodel: {}\nthresholds:\n  accuracy: > 0.8\n",
        "data: { path: { path: data.csv, format: csv, csv: { separator: ',' } } }\nprepare: [",
    ] {
        let schema = schema(&workspace(spec));
        validator(&schema);
        let names = schema["definitions"]["column"]["enum"].as_array().expect("there are names");
        assert!(names.contains(&json!("🐧")), "{spec}");
    }
}

#[test]
fn data_that_cannot_be_found_is_a_diagnostic_and_no_schema() {
    for (spec, status, code) in [
        ("data: { path: none.csv }", 3, "mlspec::data::missing"),
        ("data: { path: data.xyz }", 2, "mlspec::data::format"),
        ("data: { path: '${NONE}.csv' }", 2, "mlspec::env::unset"),
        ("data: { target: kind }", 2, "`path` is missing"),
        ("data: { path: 3 }", 2, "a path is text"),
        ("", 2, "mlspec::yaml::empty"),
        (": : :", 2, "mlspec::"),
    ] {
        let workspace = workspace(spec);
        let ran = workspace.run(&["schema", "--for", "spec.mlspec.yaml"]).ends(status);
        ran.complains(&[code]).says(&[]).never_says("$schema");
    }
    workspace("").run(&["schema", "--for", "none.yaml"]).ends(2).complains(&["none.yaml"]);
}

#[test]
fn classes_are_those_of_all_rows_and_only_of_targets_with_classes() {
    let classes = |spec: &str, table: &str| {
        let workspace = Workspace::with_spec(spec, table);
        schema(&workspace)["definitions"]["class"]["enum"].clone()
    };
    let spec = |data: &str| format!("data: {{ path: data.csv, target: y, {data} }}");
    let texts = "x,y\n1,b\n2,a\n3,7\n4,true\n5,1.50\n";
    let all = json!([1.5, "1.50", 7, "7", "a", "b", true, "true"]);
    let expected: Value = all.as_array().into_iter().flatten().skip(1).cloned().collect();
    assert_eq!(classes(&spec("where: x > 2"), texts), expected);
    let truths = "x,y\n1,true\n2,false\n";
    assert_eq!(classes(&spec(""), truths), json!([false, "false", true, "true"]));
    let numbers = "x,y\n1,5\n2,10\n";
    assert_eq!(classes(&spec("task: classification"), numbers), json!([5, "5", 10, "10"]));
    assert_eq!(classes(&spec(""), numbers), Value::Null);
    assert_eq!(classes(&spec("task: regression"), numbers), Value::Null);
    assert_eq!(classes(&spec("task: classification"), "x,y\n1,0.5\n2,1\n"), Value::Null);
    let of_model = format!("{}\nmodel: {{ gaussian_naive_bayes: {{ none: 1 }} }}", spec(""));
    assert_eq!(classes(&of_model, numbers), json!([5, "5", 10, "10"]));
    let many: String = (0..1001).map(|row| format!("{row},c{row}\n")).collect();
    assert_eq!(classes(&spec(""), &format!("x,y\n{many}")), Value::Null);
    let few: String = (0..1000).map(|row| format!("{row},c{row}\n")).collect();
    assert_eq!(classes(&spec(""), &format!("x,y\n{few}")).as_array().map(Vec::len), Some(1000));
}

#[test]
fn two_files_have_the_classes_of_both() {
    let workspace = Workspace::new();
    workspace
        .write("spec.mlspec.yaml", "data: { train: a.csv, test: b.csv, target: y }")
        .write("a.csv", "x,y\n1,b\n2,a\n")
        .write("b.csv", "x,y\n1,b\n2,c\n");
    let schema = schema(&workspace);
    assert_eq!(schema["definitions"]["class"]["enum"], json!(["a", "b", "c"]));
}

#[test]
fn predictions_are_columns_of_their_own_file() {
    let spec = "version: 1
data: { path: data.csv, target: kind }
model:
  predictions: { path: said.csv, on: id, probabilities: { 0: p0, 1: p1 } }
thresholds: { accuracy: '> 0.1' }
";
    let workspace = workspace(spec);
    workspace.write("said.csv", "id,p0,p1\n0,0.5,0.5\n");
    let validator = validator(&schema(&workspace));
    assert_eq!(wrong(&validator, spec), [""; 0]);
    for (right, misspelt, place) in [
        ("on: id", "on: p0", "/model/predictions/on"),
        ("0: p0", "0: kind", "/model/predictions/probabilities/0"),
        ("{ 0: p0", "{ 3: p0", "/model/predictions/probabilities"),
    ] {
        assert_eq!(wrong(&validator, &spec.replacen(right, misspelt, 1)), [place]);
    }
}

#[test]
fn what_cannot_be_read_beside_the_columns_is_a_warning() {
    let spec = "version: 1
data: { path: data.csv, target: derived, derive: { derived: CAST(kind AS text) } }
model: { predictions: { path: none.csv, on: id, label: said } }
thresholds: { accuracy: '> 0.1' }
";
    let workspace = workspace(spec);
    let ran = workspace.run(&["schema", "--for", "spec.mlspec.yaml"]).ends(0);
    let schema = ran.complains(&["mlspec::data::missing", "none.csv"]).json();
    assert_eq!(wrong(&validator(&schema), spec), [""; 0]);
    assert_eq!(schema["definitions"].get("prediction"), None);
}
