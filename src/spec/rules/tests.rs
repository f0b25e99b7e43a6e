//! Every rule, broken and kept, with where it is told.

use crate::diagnostic::{Diagnostic, Place};
use crate::kinds::Family;
use crate::kinds::sources::AnySource;
use crate::spec::decode;
use crate::text::{Document, Source};

fn findings(section: &str, body: &str) -> Vec<Diagnostic> {
    let model = if section == "model" { body } else { "ridge: {}" };
    // What is not asked about is left out: some models refuse a split.
    let split = match section {
        "split" => format!(", split: {{ {body} }}"),
        _ => String::new(),
    };
    let list = match section {
        "prepare" | "metrics" => format!("{section}: [{body}]\n"),
        _ => String::new(),
    };
    let text = format!(
        "version: 1\ndata: {{ path: a.csv{split} }}\nmodel: {{ {model} }}\n{list}\
         thresholds: {{ r2: \"> 0.5\" }}\n",
    );
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
    ("model", "logistic_regression: { penalty: l1, l1_ratio: 0.5 }", "l1_ratio spec::exclusive"),
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
    ("model", "linear_svm: { epsilon: 0.1, class_weight: balanced }", "epsilon spec::exclusive"),
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
    ("metrics", "roc_auc: { average: macro, class: a, multi_class: ovo }", "class spec::exclusive"),
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
    ("model", "predictions: { value: a, probabilities: { x: c, y: d } }", "value spec::exclusive"),
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
            some => {
                some.split(", ").map(|each| format!("{at}.{each}").replace("._ ", " ")).collect()
            }
        };
        if found != wanted {
            wrong.push(format!("{body}: {found:?} instead of {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_is_broken_by_a_case() {
    let of_kinds = CASES.iter().flat_map(|(section, body, _)| findings(section, body));
    let of_spec =
        SPECS.iter().flat_map(|(data, model, more, _)| findings_of_spec(data, model, more));
    let of_files =
        formats().into_iter().flat_map(|(data, _)| findings_of_spec(&data, RIDGE, BOUND));
    let told: Vec<String> =
        of_kinds.chain(of_spec).chain(of_files).map(|found| found.message).collect();
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

/// What `data`, `model` and the rest of a spec hold, with the places where something is told.
const SPECS: &[(&str, &str, &str, &[&str])] = &[
    ("path: a.csv", RIDGE, BOUND, &[]),
    ("target: a", RIDGE, BOUND, &["data"]),
    ("train: a.csv", RIDGE, BOUND, &["data"]),
    ("test: a.csv", RIDGE, BOUND, &["data"]),
    ("test: a.csv, path: b.csv", RIDGE, BOUND, &["data"]),
    ("train: a.csv, test: b.csv, path: c.csv", RIDGE, BOUND, &["data.path"]),
    ("train: a.csv, test: b.csv, split: { k_fold: {} }", RIDGE, BOUND, &["data.split"]),
    ("pth: a.csv", RIDGE, BOUND, &["data.pth"]),
    (
        "path: a.csv, split: { k_fold: {} }, weight: { fit: w }",
        "predictions: { value: a }",
        BOUND,
        &["data.split", "data.weight.fit"],
    ),
    ("path: a.csv, split: { k_fold: {} }", "dbscan: {}", BOUND, &["data.split"]),
    ("path: a.csv, split: { k_fold: {} }", "optics: {}", BOUND, &["data.split"]),
    ("path: a.csv, split: { k_fold: {} }", "hierarchical: {}", BOUND, &["data.split"]),
    ("path: a.csv, split: { k_fld: {} }", "dbscan: {}", BOUND, &["data.split.k_fld"]),
    ("path: a.csv", RIDGE, "thresholds: { mae: { folds: worst } }", &["thresholds.mae"]),
    (
        "path: a.csv",
        RIDGE,
        "thresholds: { mae: [{ min: 1, above: 2 }, \"< 3\"] }",
        &["thresholds.mae[0].above"],
    ),
    ("path: a.csv", RIDGE, "thresholds: { mae: { max: 1, below: 2 } }", &["thresholds.mae.below"]),
    (
        "path: a.csv",
        RIDGE,
        "slices: { a: { min_rows: 3 } }\nthresholds: { mae: < 1 }",
        &["slices.a"],
    ),
    (
        "path: a.csv",
        RIDGE,
        "slices: { a: { by: b, where: c } }\nthresholds: { mae: < 1 }",
        &["slices.a.where"],
    ),
    (
        "path: a.csv",
        RIDGE,
        "slices: { a: { where: b, bins: 3 } }\nthresholds: { mae: < 1 }",
        &["slices.a.bins"],
    ),
    (
        "path: a.csv",
        RIDGE,
        "slices: { a: { where: b, expect: [c] } }\nthresholds: { mae: < 1 }",
        &["slices.a.expect"],
    ),
];

const RIDGE: &str = "ridge: {}";
const BOUND: &str = "thresholds: { mae: < 1 }";

fn findings_of_spec(data: &str, model: &str, more: &str) -> Vec<Diagnostic> {
    let text = format!("version: 1\ndata: {{ {data} }}\nmodel: {{ {model} }}\n{more}\n");
    let text = text.replace("< 1", "\"< 1\"");
    let (document, found) =
        Document::parse(Source::new("a.mlspec.yaml", text.as_str()), &|_: &str| None);
    assert!(found.is_empty(), "{text}\n{found:?}");
    decode(&document).err().unwrap_or_default()
}

/// A file with options of each format beside another format, and beside each other's.
fn formats() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, entry) in AnySource::ALL.iter().enumerate() {
        for (other_at, other) in AnySource::ALL.iter().enumerate() {
            let [name, other] = [entry.name, other.name];
            if at < other_at {
                let path = format!("path: {{ path: a, {name}: {{}}, {other}: {{}} }}");
                found.push((path, format!("data.path.{other}")));
            }
            if at != other_at {
                let path = format!("path: {{ path: a, format: {other}, {name}: {{}} }}");
                found.push((path, format!("data.path.{name}")));
            }
        }
    }
    found
}

#[test]
fn rules_of_the_spec_are_told_where_they_are_broken() {
    let told = |data: &str, model: &str, more: &str| -> Vec<String> {
        let place = |found: &Diagnostic| match &found.place {
            Place::Spec { route, .. } => route.to_string(),
            other => format!("{other:?}"),
        };
        findings_of_spec(data, model, more).iter().map(place).collect()
    };
    for (data, model, more, wanted) in SPECS {
        assert_eq!(told(data, model, more), *wanted, "{data} {model} {more}");
    }
    for (data, wanted) in formats() {
        assert_eq!(told(&data, RIDGE, BOUND), [wanted], "{data}");
    }
}
