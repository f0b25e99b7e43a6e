//! Rules between keys to JSON Schema, and what the schema says of a broken one back to its words.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::ValidationError;
use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Part, Place, Route, Segment, Severity};
use crate::kinds::family::rules_definition;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::kinds::sources::AnySource;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
use crate::kinds::{Condition, Family, Fault, Rule, Test};

/// The rules by the definition that holds them, in its order.
static RULES: LazyLock<HashMap<String, Vec<Rule>>> = LazyLock::new(|| {
    fn family<F: Family>() -> (String, Vec<Rule>) {
        let rules = F::ALL.iter().flat_map(|entry| entry.rules()).collect();
        (rules_definition::<F>(), rules)
    }
    HashMap::from([
        family::<AnySource>(),
        family::<AnySplit>(),
        family::<AnyTransform>(),
        family::<AnyModel>(),
        family::<AnyMetric>(),
    ])
});

/// Adds the rules between the parameters of kinds, to a schema that has the parameters.
pub fn add(schema: &mut Value) {
    of_family::<AnySource>(schema);
    of_family::<AnySplit>(schema);
    of_family::<AnyTransform>(schema);
    of_family::<AnyModel>(schema);
    of_family::<AnyMetric>(schema);
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
            let missing = rule.when.iter().find(|each| matches!(each.test, Test::Missing));
            json!({ "required": [missing.map(|each| each.key)], "errorMessage": message })
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
    pub fn of(error: &ValidationError<'_>, route: &Route) -> Option<Self> {
        let path = error.schema_path().as_str().strip_prefix("/definitions/")?;
        let (definition, path) = path.split_once("/allOf/")?;
        let (at, _) = path.split_once('/')?;
        let rule = RULES.get(definition)?.get(at.parse::<usize>().ok()?)?;
        let map: Route = match rule.fault {
            Fault::Map => route.clone(),
            Fault::At(key, _) => {
                let segments = route.segments();
                let above = segments.len().saturating_sub(key.split('.').count());
                segments[..above].iter().cloned().collect()
            }
        };
        Some(Self { diagnostic: words(rule, &map), map, rule })
    }

    /// Whether it hangs on what another finding is about: a wrong value breaks no rule besides, and a
    /// key that is not known may have been meant as the one that is missing.
    pub fn hangs_on(&self, found: &Diagnostic) -> bool {
        let Place::Spec { route, part, .. } = &found.place else { return false };
        match route.segments().strip_prefix(self.map.segments()) {
            None => false,
            Some([]) => true,
            Some([top, below @ ..]) => {
                let mentions = |key: &str| {
                    key.split('.').next().is_some_and(|key| *top == Segment::Key(key.into()))
                };
                (*part == Part::Key && below.is_empty()) || self.rule.keys().any(mentions)
            }
        }
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

/// What is said of a map that breaks a rule.
pub fn words(rule: &Rule, map: &Route) -> Diagnostic {
    let below = |key: &str| key.split('.').fold(map.clone(), |route, key| route.key(key));
    let diagnostic = rule.problem().under(map, Severity::Error);
    match rule.related {
        Some((key, label)) => diagnostic.related(Place::key(below(key)), label),
        None => diagnostic,
    }
}

/// Rows come from `path`, or from `train` and `test`, which are split already.
pub fn two_ways_to_give_rows(schema: &mut Value) {
    if let Some(data) = schema.pointer_mut("/properties/data").and_then(Value::as_object_mut) {
        let together = "train and test are given together, without path and split.";
        let only_test = json!({
            "if": { "required": ["test"] },
            "then": { "required": ["train"], "errorMessage": together },
            "else": { "required": ["path"] },
        });
        let ways = json!([{
            "if": { "required": ["train"] },
            "then": {
                "required": ["test"],
                "properties": { "path": false, "split": false },
                "errorMessage": together,
            },
            "else": only_test,
        }]);
        data.insert("allOf".to_owned(), ways);
    }
}

/// Two keys that exclude each other; the second is the one too many.
pub fn pair(a: &str, b: &str) -> Value {
    json!({
        "if": { "required": [a, b] },
        "then": { "properties": { b: false }, "errorMessage": format!("{a} and {b} exclude each other.") },
    })
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use crate::diagnostic::{Diagnostic, Place};
    use crate::text::{Document, Source};

    fn findings(section: &str, body: &str) -> Vec<Diagnostic> {
        let model = if section == "model" { body } else { "ridge: {}" };
        let split = if section == "split" { body } else { "holdout: {}" };
        let list = |name: &str| if section == name { format!("[{body}]") } else { "[]".to_owned() };
        let text = format!(
            "version: 1\ndata: {{ path: a.csv, split: {{ {split} }} }}\nmodel: {{ {model} }}\nprepare: {}\n\
             metrics: {}\nthresholds: {{ r2: > 0.5 }}\n",
            list("prepare"),
            list("metrics"),
        );
        let text = text.replace("> 0.5", "\"> 0.5\"");
        let (document, found) =
            Document::parse(Source::new("a.mlspec.yaml", text.as_str()), &|_: &str| None);
        assert!(found.is_empty(), "{text}\n{found:?}");
        decode(&document).err().unwrap_or_default()
    }

    /// Where the findings are and what they are, each as `route code`.
    fn told(section: &str, body: &str) -> Vec<String> {
        let line = |found: &Diagnostic| match &found.place {
            Place::Spec { route, .. } => {
                format!("{route} {}", found.code.to_string().trim_start_matches("mlspec::"))
            }
            other => format!("{other:?}"),
        };
        findings(section, body).iter().map(line).collect()
    }

    /// Each with what is told of it, `-` for nothing.
    const CASES: &[(&str, &str, &str)] = &[
        ("model", "logistic_regression: { penalty: elastic_net }", "penalty model::parameter"),
        ("model", "logistic_regression: { penalty: elastic_net, l1_ratio: 0.5 }", "-"),
        ("model", "logistic_regression: { l1_ratio: 0.5 }", "l1_ratio spec::exclusive"),
        (
            "model",
            "logistic_regression: { penalty: l1, l1_ratio: 0.5 }",
            "l1_ratio spec::exclusive",
        ),
        (
            "model",
            "decision_tree: { criterion: poisson, class_weight: balanced }",
            "class_weight spec::exclusive",
        ),
        ("model", "decision_tree: { class_weight: balanced }", "-"),
        ("model", "decision_tree: { criterion: poisson, class_weight: none }", "-"),
        (
            "model",
            "random_forest: { bootstrap: false, max_samples: 0.5, oob_score: true }",
            "max_samples spec::exclusive, oob_score spec::exclusive",
        ),
        ("model", "random_forest: { max_samples: 0.5, oob_score: true }", "-"),
        (
            "model",
            "extra_trees: { max_samples: 0.5, class_weight: balanced_subsample }",
            "max_samples spec::exclusive, class_weight spec::exclusive",
        ),
        ("model", "extra_trees: { bootstrap: true, max_samples: 0.5, oob_score: true }", "-"),
        ("model", "extra_trees: { max_features: 1.5 }", "max_features spec::range"),
        ("model", "generalized_linear: { power: 0.5 }", "power model::parameter"),
        (
            "model",
            "generalized_linear: { power: 1, link: identity, fit_intercept: false }",
            "fit_intercept spec::exclusive",
        ),
        ("model", "generalized_linear: { link: identity, fit_intercept: false }", "-"),
        ("model", "gradient_boosting: { loss: quantile }", "loss model::parameter"),
        ("model", "gradient_boosting: { loss: quantile, quantile: 0.3 }", "-"),
        ("model", "gradient_boosting: { quantile: 0.3 }", "quantile spec::exclusive"),
        (
            "model",
            "gradient_boosting: { tol: 0.1, n_iter_no_change: 3 }",
            "n_iter_no_change spec::exclusive, tol spec::exclusive",
        ),
        ("model", "gradient_boosting: { n_iter_no_change: 10 }", "-"),
        ("model", "gradient_boosting: { early_stopping: true, tol: 0.1 }", "-"),
        (
            "model",
            "gradient_boosting: { loss: gamma, class_weight: balanced }",
            "class_weight spec::exclusive",
        ),
        (
            "model",
            "gradient_boosting: { loss: absolute_error, monotonic_cst: { x: increasing } }",
            "monotonic_cst spec::exclusive",
        ),
        (
            "model",
            "hierarchical: { n_clusters: 3, distance_threshold: 1.5 }",
            "distance_threshold spec::exclusive",
        ),
        ("model", "hierarchical: { metric: manhattan }", "metric spec::exclusive"),
        ("model", "hierarchical: { metric: manhattan, linkage: single }", "-"),
        ("model", "linear_svm: { loss: hinge, epsilon: 0.1 }", "epsilon spec::exclusive"),
        (
            "model",
            "linear_svm: { loss: epsilon_insensitive, epsilon: 0.1, class_weight: balanced }",
            "loss spec::exclusive",
        ),
        (
            "model",
            "linear_svm: { epsilon: 0.1, class_weight: balanced }",
            "epsilon spec::exclusive",
        ),
        (
            "model",
            "svm: { probability: true, class_weight: balanced, epsilon: 0.1 }",
            "epsilon spec::exclusive",
        ),
        ("model", "svm: { class_weight: balanced, epsilon: 0.1 }", "epsilon spec::exclusive"),
        ("model", "svm: { kernel: linear, gamma: 0.5 }", "gamma spec::exclusive"),
        ("model", "svm: { degree: 4, coef0: 1 }", "degree spec::exclusive, coef0 spec::exclusive"),
        ("model", "svm: { kernel: poly, degree: 4, coef0: 1, gamma: auto }", "-"),
        ("model", "one_class_svm: { kernel: linear, gamma: 0.5 }", "gamma spec::exclusive"),
        (
            "model",
            "k_nearest_neighbors: { algorithm: brute, leaf_size: 5 }",
            "leaf_size spec::exclusive",
        ),
        (
            "model",
            "linear_svm: { fit_intercept: false, intercept_scaling: 2 }",
            "intercept_scaling spec::exclusive",
        ),
        ("model", "logistic_regression: { penalty: none, c: 5 }", "c spec::exclusive"),
        ("model", "optics: { cluster_method: dbscan, max_eps: 1, xi: 0.5 }", "xi spec::exclusive"),
        ("model", "optics: { eps: 0.5 }", "eps spec::exclusive"),
        ("model", "optics: { cluster_method: dbscan }", "cluster_method model::parameter"),
        ("model", "optics: { cluster_method: dbscan, max_eps: 0.5 }", "-"),
        ("model", "predictions: {}", "_ spec::missing_key"),
        ("model", "predictions: ", "_ spec::missing_key"),
        (
            "model",
            "predictions: { label: a, value: b, probabilities: { x: c, y: d } }",
            "value spec::exclusive",
        ),
        (
            "model",
            "predictions: { probability: a, probabilities: { x: c, y: d } }",
            "probabilities spec::exclusive",
        ),
        ("model", "predictions: { label: a, path: b.csv }", "path spec::missing_key"),
        ("model", "predictions: { label: a, \"on\": b }", "on spec::missing_key"),
        ("model", "quantile_regression: { quantile: 1 }", "quantile spec::range"),
        ("model", "search: { model: { ridge: {} } }", "_ spec::missing_key"),
        ("model", "search: ", "_ spec::missing_key, _ spec::missing_key"),
        ("model", "search: { model: { ridge: {} }, over: {} }", "over spec::value"),
        (
            "model",
            "search: { model: { ridge: {} }, over: { alpha: [1] }, n_iter: 3, factor: 2 }",
            "n_iter spec::exclusive, factor spec::exclusive",
        ),
        (
            "model",
            "search: { model: { ridge: {} }, over: { alpha: [1] }, strategy: random, n_iter: 3 }",
            "-",
        ),
        ("model", "calibrate: {}", "_ spec::missing_key"),
        ("model", "voting: {}", "_ spec::missing_key"),
        ("model", "voting: { of: [stacking] }", "of[0] spec::missing_key"),
        (
            "model",
            "voting: { of: [{ logistic_regression: { l1_ratio: 0.5 } }] }",
            "of[0].logistic_regression.l1_ratio spec::exclusive",
        ),
        ("model", "stacking: { off: [ridge] }", "off spec::unknown_key"),
        ("split", "grouped: { test: 0.5, folds: 2 }", "_ spec::missing_key, folds spec::exclusive"),
        ("split", "chronological: ", "_ spec::missing_key"),
        ("split", "rolling: {}", "_ spec::missing_key"),
        ("split", "by_column: {}", "_ spec::missing_key, _ spec::missing_key, _ spec::missing_key"),
        ("split", "holdout: { stratify: true, shuffle: false }", "stratify spec::exclusive"),
        ("split", "holdout: { stratify: false, shuffle: false }", "-"),
        ("split", "k_fold: { repeats: 3, shuffle: false }", "repeats spec::exclusive"),
        ("split", "k_fold: { repeats: 1, shuffle: false }", "-"),
        ("prepare", "clip: {}", "_ spec::missing_key"),
        ("prepare", "clip: { lower: 0.1 }", "-"),
        ("prepare", "pca: { n_components: 2, variance: 0.9 }", "variance spec::exclusive"),
        ("metrics", "f1: { average: macro, class: a }", "class spec::exclusive"),
        (
            "metrics",
            "roc_auc: { average: macro, class: a, multi_class: ovo }",
            "class spec::exclusive",
        ),
        ("metrics", "roc_auc: { average: macro }", "average metric::average"),
        ("metrics", "roc_auc: { average: micro, multi_class: ovo }", "average spec::exclusive"),
        ("metrics", "f_beta: {}", "_ spec::missing_key"),
        ("metrics", "cost: ", "_ spec::missing_key"),
        ("metrics", "precision_at_recall: {}", "_ spec::missing_key"),
        ("metrics", "recall_at_precision: { precision: 0.9 }", "-"),
        ("metrics", "recall_at_precision: {}", "_ spec::missing_key"),
        (
            "model",
            "gradient_boosting: { validation_fraction: 0.2 }",
            "validation_fraction spec::exclusive",
        ),
        (
            "model",
            "search: { model: { ridge: {} }, over: { alpha: [1] }, min_resources: 50 }",
            "min_resources spec::exclusive",
        ),
        ("model", "predictions: { value: a, probability: b }", "value spec::exclusive"),
        (
            "model",
            "predictions: { value: a, probabilities: { x: c, y: d } }",
            "value spec::exclusive",
        ),
    ];

    #[test]
    fn each_rule_is_told_where_it_is_broken() {
        let mut wrong = Vec::new();
        for (section, body, wanted) in CASES {
            let found = told(section, body);
            let kind = body.split(':').next().unwrap_or_default();
            let at = match *section {
                "model" => format!("model.{kind}"),
                "split" => format!("data.split.{kind}"),
                list => format!("{list}[0].{kind}"),
            };
            let wanted: Vec<String> = match *wanted {
                "-" => Vec::new(),
                some => some
                    .split(", ")
                    .map(|each| format!("{at}.{each}").replace("._ ", " "))
                    .collect(),
            };
            if found != wanted {
                wrong.push(format!("{body}: {found:?} instead of {wanted:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn each_rule_is_broken_by_a_case() {
        let told: Vec<String> = CASES
            .iter()
            .flat_map(|(section, body, _)| findings(section, body))
            .map(|found| found.message)
            .collect();
        let rules = super::RULES.values().flatten();
        let untold: Vec<&String> =
            rules.map(|rule| &rule.message).filter(|message| !told.contains(message)).collect();
        assert!(untold.is_empty(), "{untold:#?}");
    }

    #[test]
    fn a_rule_waits_for_what_it_hangs_on() {
        let found = told("model", "logistic_regression: { penalty: elastic, l1_ratio: 0.5 }");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("model.logistic_regression.penalty"), "{found:?}");
    }

    #[test]
    fn what_a_search_tries_may_stand_beside_what_it_needs() {
        let search = |model: &str, over: &str| {
            told(
                "model",
                &format!(
                    "search: {{ model: {{ logistic_regression: {{ {model} }} }}, over: {{ {over} }} }}"
                ),
            )
        };
        assert!(search("l1_ratio: 0.5", "penalty: [l2, elastic_net]").is_empty());
        assert!(search("", "penalty: [l2, elastic_net], l1_ratio: [0.1, 0.5]").is_empty());
        let at = "model.search.over.penalty[1] model::parameter";
        assert_eq!(search("", "penalty: [l2, elastic_net]"), [at]);
        let at = "model.search.over.l1_ratio[0] spec::exclusive";
        assert_eq!(search("", "l1_ratio: [0.1]"), [at]);
        let at = "model.search.model.logistic_regression.l1_ratio spec::exclusive";
        assert_eq!(search("l1_ratio: 0.5", "c: [1, 2]"), [at]);
        assert_eq!(search("l1_ratio: 0.5", "penalty: [l2, l1]"), [at]);
        let at = "model.search.over.l1_ratio spec::exclusive";
        assert_eq!(search("", "l1_ratio: [0.1, 0.5], penalty: [l2, l1]"), [at]);
    }
}
