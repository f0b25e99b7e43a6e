//! What does not go with the model is refused by the schema exactly where `check` refuses it: for every model with
//! each value of its parameters, beside every metric and every other part of a spec.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use mlspec::diagnostic::{Code, Place, Route, Segment};
use mlspec::plan::lower;
use mlspec::session::schema_text;
use mlspec::spec::decode;
use mlspec::text::{Document, Source};
use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&schema_text()).expect("the schema is JSON"));

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).expect("the schema is valid"));

/// Models that hold others or have no defaults.
const MORE_MODELS: &[&str] = &[
    "predictions: { label: p }",
    "predictions: { value: p }",
    "predictions: { probability: p }",
    "predictions: { probabilities: { a: p, b: q } }",
    "predictions: { label: l, probability: p }",
    "calibrate: { model: { linear_svm: {} } }",
    "calibrate: { model: { k_nearest_neighbors: {} } }",
    "voting: { of: [ridge, lasso] }",
    "voting: { of: [decision_tree, { svm: { epsilon: 0.2 } }] }",
    "voting: { of: [logistic_regression, decision_tree] }",
    "voting: { of: [logistic_regression, decision_tree], voting: soft }",
    "voting: { of: [decision_tree, k_nearest_neighbors] }",
    "stacking: { of: [logistic_regression, decision_tree] }",
    "stacking: { of: [logistic_regression, decision_tree], final: { linear_svm: {} } }",
    "stacking: { of: [decision_tree], final: { ridge: {} } }",
    "stacking: { of: [decision_tree], final: { voting: { of: [decision_tree] } } }",
    "search: { model: { ridge: {} }, over: { alpha: [1, 2] } }",
    "search: { model: { ridge: {} }, over: { alpha: [1, 2] }, metric: rmse }",
    "search: { model: { decision_tree: {} }, over: { max_depth: [1, 2] }, metric: roc_auc }",
    "search: { model: { decision_tree: {} }, over: { max_depth: [1, 2] }, metric: { mae: {} } }",
    "search: { model: { linear_svm: {} }, over: { c: [1, 2] } }",
    "search: { model: { svm: {} }, over: { c: [1, 2] } }",
    "search: { model: { k_nearest_neighbors: {} }, over: { n_neighbors: [1, 2] } }",
    "search: { model: { voting: { of: [ridge, lasso] } }, over: { weights: [[1, 2]] } }",
];

/// Searches that try other models inside theirs, which a schema does not follow: it refuses less.
const TRIED: &[&str] = &[
    "search: { model: { voting: { of: [ridge] } }, over: { of: [[decision_tree]] } }",
    "search: { model: { voting: { of: [k_nearest_neighbors] } }, over: { of: [[decision_tree]] } }",
    "search: { model: { stacking: { of: [decision_tree], final: { ridge: {} } } }, over: { final: [{ lasso: {} }, { decision_tree: {} }] } }",
    "search: { model: { stacking: { of: [logistic_regression], final: { linear_svm: {} } } }, over: { final: [{ logistic_regression: {} }] } }",
    "search: { model: { calibrate: { model: { k_nearest_neighbors: {} } } }, over: { model: [{ linear_svm: {} }] } }",
];

/// Searches whose metric does not go with their model.
const SEARCHES: &[&str] = &[
    "search: { model: { ridge: {} }, over: { alpha: [1, 2] }, metric: accuracy }",
    "search: { model: { ridge: {} }, over: { alpha: [1, 2] }, metric: { f1: {} } }",
    "search: { model: { logistic_regression: {} }, over: { c: [1, 2] }, metric: r2 }",
    "search: { model: { decision_tree: {} }, over: { max_depth: [1, 2] }, metric: fit_seconds }",
    "search: { model: { decision_tree: {} }, over: { max_depth: [1, 2] }, metric: inertia }",
    "voting: { of: [{ search: { model: { ridge: {} }, over: { alpha: [1, 2] }, metric: accuracy } }] }",
];

fn yaml(text: &str) -> Value {
    yaml_serde::from_str(text).expect("the model is YAML")
}

/// Every model with its defaults, and with each listed value of each parameter.
fn models() -> Vec<Value> {
    let mut models: Vec<Value> = MORE_MODELS.iter().chain(TRIED).map(|text| yaml(text)).collect();
    let kinds = SCHEMA["definitions"]["model"]["properties"].as_object().expect("models");
    for name in kinds.keys() {
        if ["predictions", "calibrate", "voting", "stacking", "search"].contains(&&**name) {
            continue;
        }
        models.push(json!({ name: {} }));
        let parameters = SCHEMA["definitions"][format!("model.{name}")]["properties"].as_object();
        for (parameter, schema) in parameters.into_iter().flatten() {
            let mut values: Vec<Value> = ["enum", "examples"]
                .iter()
                .flat_map(|key| schema[*key].as_array().cloned().unwrap_or_default())
                .collect();
            values.extend(schema.get("default").cloned());
            if schema["type"] == "boolean" {
                values.extend([json!(false), json!(true)]);
            }
            if parameter == "epsilon" {
                values.push(json!(0.25));
            }
            models.extend(values.into_iter().map(|value| json!({ name: { parameter: value } })));
        }
    }
    models
}

/// Every metric as an item of `metrics`, with what it requires.
fn metrics() -> Vec<Value> {
    let kinds = SCHEMA["definitions"]["metric"]["properties"].as_object().expect("metrics");
    let item = |(name, at): (&String, usize)| match name.as_str() {
        "f_beta" => json!({ name: { "beta": 2 } }),
        "cost" => json!({ name: { "of": { "a": { "b": 1 }, "b": { "a": 5 } } } }),
        "precision_at_recall" => json!({ name: { "recall": 0.9 } }),
        "recall_at_precision" => json!({ name: { "precision": 0.9 } }),
        _ if at % 2 == 0 => json!(name),
        _ => json!({ name: {} }),
    };
    let cut = |name: &&String| {
        let parameters = &SCHEMA["definitions"][format!("metric.{name}")]["properties"];
        parameters["threshold"].is_object() && *name != "cost"
    };
    let with_cuts = kinds.keys().filter(cut).map(|name| {
        let beta = if name == "f_beta" { json!(2) } else { Value::Null };
        let mut parameters = json!({ "threshold": 0.3, "as": format!("{name}_cut"), "beta": beta });
        parameters.as_object_mut().expect("a map").retain(|_, value| !value.is_null());
        json!({ name: parameters })
    });
    kinds.keys().zip(0..).map(item).chain(with_cuts).collect()
}

fn spec(model: &Value, more: &[(&str, Value)]) -> Value {
    let mut spec = json!({
        "version": 1,
        "data": { "path": "a.csv", "target": "t" },
        "model": model,
        "thresholds": { "a_name_of_its_own": "< 9" },
    });
    for (key, value) in more {
        match spec["data"].get(*key).is_some() || value["in_data"] == true {
            true => spec["data"][*key] = value["value"].clone(),
            false => spec[*key] = value.clone(),
        }
    }
    spec
}

/// Where `check` says that something does not fit; none where the spec does not come so far.
fn of_plan(spec: &Value) -> Option<BTreeSet<String>> {
    let text = spec.to_string();
    let (document, found) =
        Document::parse(Source::new("a.mlspec.yaml", text.as_str()), &|_: &str| None);
    assert!(found.is_empty(), "{text}");
    let spec = decode(&document).ok()?;
    let found = lower(spec, Path::new(".")).err().unwrap_or_default();
    let codes = [
        Code::MetricMisfit,
        Code::MetricNeedsProbabilities,
        Code::TargetNeeded,
        Code::TaskMisfit,
        Code::Decision,
        Code::Importance,
        Code::WeightRefused,
        Code::SplitImpossible,
        Code::ThresholdMisfit,
    ];
    let found = found.into_iter().filter(|each| codes.contains(&each.code));
    let routes = found.map(|each| match each.place {
        Place::Spec { route, .. } => short(&route),
        other => panic!("{other:?}"),
    });
    Some(routes.collect())
}

/// Where the schema says that something does not fit.
fn of_schema(spec: &Value) -> BTreeSet<String> {
    let errors = VALIDATOR.iter_errors(spec);
    let refused = errors.filter(|error| {
        let told = error.schema_path().as_str().starts_with("/definitions/refused.");
        assert!(told, "{spec}: {error} at {}", error.instance_path());
        told
    });
    let routes = refused.map(|error| {
        let segments = error.instance_path().as_str().split('/').skip(1);
        let segment = |text: &str| match text.parse() {
            Ok(index) => Segment::Index(index),
            Err(_) => Segment::Key(text.into()),
        };
        let mut segments: Vec<Segment> = segments.map(segment).collect();
        segments.extend(refused_key(&error, spec));
        short(&segments.into_iter().collect())
    });
    routes.collect()
}

/// The key that is too many, where the error is about its map.
fn refused_key(error: &jsonschema::ValidationError<'_>, spec: &Value) -> Option<Segment> {
    let path = error.schema_path().as_str();
    let key = path.rsplit("/properties/").next().filter(|_| path.contains("/properties/"))?;
    let there = spec.pointer(error.instance_path().as_str())?.get(key)?;
    (!there.is_null()).then(|| Segment::Key(key.into()))
}

/// A place as far as both name it alike: an item of a list is named by its number, a model by its kind.
fn short(route: &Route) -> String {
    let segments = route.segments();
    let most = match segments.first() {
        Some(Segment::Key(key)) if **key == *"metrics" || **key == *"importance" => 2,
        Some(Segment::Key(key)) if **key == *"model" => 1,
        _ => usize::MAX,
    };
    let segments = segments.iter().take(most).cloned();
    let route: Route = segments.collect();
    route.to_string()
}

#[track_caller]
fn compare(specs: impl Iterator<Item = Value>) {
    let mut wrong = Vec::new();
    let [mut refused, mut known, mut all] = [0; 3];
    for spec in specs {
        all += 1;
        let Some(plan) = of_plan(&spec) else { continue };
        known += 1;
        let schema = of_schema(&spec);
        refused += plan.len();
        let goes_less_far = TRIED.iter().any(|text| yaml(text) == spec["model"]);
        let is_right = if goes_less_far { schema.is_subset(&plan) } else { plan == schema };
        if !is_right {
            let only = |these: &BTreeSet<String>, others: &BTreeSet<String>| {
                these.difference(others).cloned().collect::<Vec<_>>().join(", ")
            };
            let model = &spec["model"];
            wrong.push(format!(
                "{model} {}: only by check: {}; only by the schema: {}",
                spec["data"],
                only(&plan, &schema),
                only(&schema, &plan)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused > 0 && 2 * known > all, "{refused} in {known} of {all}");
}

fn in_data(value: &Value) -> Value {
    json!({ "in_data": true, "value": value })
}

#[test]
fn metrics_beside_every_model() {
    let metrics = Value::Array(metrics());
    compare(models().into_iter().map(|model| spec(&model, &[("metrics", metrics.clone())])));
}

#[test]
fn thresholds_beside_every_model() {
    let names = SCHEMA["definitions"]["metric"]["properties"].as_object().expect("metrics").keys();
    // These need parameters, which a threshold does not give.
    let needy = ["f_beta", "cost", "precision_at_recall", "recall_at_precision"];
    let names: Vec<&String> = names.filter(|name| !needy.contains(&name.as_str())).collect();
    let slices = json!({ "part": { "where": "a > 1" } });
    for suffix in ["", "@part"] {
        let bound = |name: &&String| (format!("{name}{suffix}"), json!({ "above": 0.1 }));
        let bounds: Map<String, Value> = names.iter().map(bound).collect();
        let more = [("thresholds", Value::Object(bounds)), ("slices", slices.clone())];
        compare(models().into_iter().map(|model| spec(&model, &more)));
    }
    for key in ["over_dummy", "max_train_gap"] {
        let bound = |name: &&String| (name.to_string(), json!([{ key: 0.1 }]));
        let bounds: Map<String, Value> = names.iter().map(bound).collect();
        compare(
            models()
                .into_iter()
                .map(|model| spec(&model, &[("thresholds", bounds.clone().into())])),
        );
    }
}

#[test]
fn sections_beside_every_model() {
    let decision = json!({ "threshold": 0.3 });
    let permutation = |metric: &str| match metric {
        "" => json!({ "permutation": {} }),
        metric => json!({ "permutation": { "metric": metric } }),
    };
    compare(models().into_iter().map(|model| spec(&model, &[("decision", decision.clone())])));
    for metric in ["", "accuracy", "roc_auc", "log_loss", "mae", "fit_seconds", "silhouette"] {
        let more = [("importance", permutation(metric))];
        compare(models().into_iter().map(|model| spec(&model, &more)));
    }
}

#[test]
fn data_beside_every_model() {
    let split = |kind: &str| in_data(&json!({ kind: { "stratify": true } }));
    let task = |name: &str| in_data(&json!(name));
    let tasks = ["classification", "regression", "clustering"];
    let metrics = Value::Array(metrics());
    let mut more = vec![
        vec![("weight", in_data(&json!({ "fit": "w" })))],
        vec![("weight", in_data(&json!({ "score": "w" }))), ("metrics", metrics.clone())],
        vec![("split", split("holdout"))],
        vec![("split", split("k_fold"))],
        vec![("target", in_data(&Value::Null))],
        vec![("target", in_data(&Value::Null)), ("metrics", metrics)],
    ];
    more.extend(tasks.map(|name| vec![("task", task(name))]));
    more.extend(tasks.map(|name| vec![("task", task(name)), ("split", split("k_fold"))]));
    more.extend(
        tasks.map(|name| vec![("task", task(name)), ("decision", json!({ "threshold": 0.3 }))]),
    );
    for more in more {
        let specs = models().into_iter().map(|model| {
            let mut spec = spec(&model, &more);
            if spec["data"]["target"].is_null() {
                spec["data"].as_object_mut().expect("a map").remove("target");
            }
            spec
        });
        compare(specs);
    }
}

#[test]
fn metrics_of_searches() {
    compare(SEARCHES.iter().map(|text| spec(&yaml(text), &[])));
}
