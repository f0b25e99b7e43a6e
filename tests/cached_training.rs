//! Training that is kept between runs: what is measured of it is what a run that trains would measure, and what it
//! hangs on trains again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{Ran, Workspace, names, without_durations};

const FOREST: &str = "version: 1
name: penguins
data:
  path: data.csv
  target: species
  split: { holdout: { test: 0.25, seed: 1 } }
model: { random_forest: { n_estimators: 10, seed: 2 } }
thresholds: { accuracy: \"> 0.5\" }
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn penguins() -> String {
    fs::read_to_string(root().join("specs/data/penguins.csv")).expect("the table of the examples")
}

fn workspace(spec: &str) -> Workspace {
    Workspace::with_spec(spec, &penguins())
}

/// A spec with a line of its own below `data`.
fn in_data(spec: &str, line: &str) -> String {
    spec.replacen("  target", &format!("  {line}\n  target"), 1)
}

/// A report without durations, and what of each spec was kept.
type Told = (Value, Vec<Option<String>>);

fn told(ran: &Ran) -> Told {
    let mut report = ran.json();
    without_durations(&mut report);
    let mut kept = Vec::new();
    for spec in report["specs"].as_array_mut().expect("a list of specs") {
        let spec = spec.as_object_mut().expect("a spec is a map");
        let cached = spec.remove("cached").is_some_and(|cached| cached == true);
        let what = spec.remove("kept").map(|what| what.as_str().expect("a word").to_owned());
        assert_eq!(cached, what.is_some());
        kept.push(what);
    }
    (report, kept)
}

fn run(workspace: &Workspace) -> Told {
    let output = workspace.caching().args(["run", "--format", "json"]).output();
    told(&Ran::new(&output.expect("the program starts")))
}

fn fresh(workspace: &Workspace) -> Value {
    let (report, kept) = told(&workspace.run(&["run", "--format", "json"]));
    assert!(kept.iter().all(Option::is_none));
    report
}

/// What became of the training of the one spec in the workspace; its report is that of a run that trains.
#[track_caller]
fn kept(workspace: &Workspace) -> Option<String> {
    let (report, mut kept) = run(workspace);
    assert_eq!(report, fresh(workspace));
    assert_ne!(report["specs"][0]["status"], "invalid", "{report}");
    assert_ne!(report["specs"][0]["status"], "error", "{report}");
    kept.swap_remove(0)
}

fn forget_results(workspace: &Workspace) {
    fs::remove_dir_all(workspace.cache().join("results")).expect("there are results");
}

/// The files that training is kept in.
fn entries(workspace: &Workspace) -> Vec<PathBuf> {
    let folder = workspace.cache().join("training");
    if !folder.exists() {
        return Vec::new();
    }
    let below = |name: &String| {
        let folder = folder.join(name);
        names(&folder).into_iter().map(move |name| folder.join(name)).collect::<Vec<_>>()
    };
    names(&folder).iter().flat_map(below).collect()
}

#[test]
fn examples_and_cases_measure_the_same_on_cached_training() {
    let workspace = Workspace::new();
    for folder in ["specs", "tests/cases"] {
        workspace.copy(&root().join(folder), &[]);
    }
    let first = run(&workspace).0;
    forget_results(&workspace);
    let (again, kept) = run(&workspace);
    let fresh = fresh(&workspace);
    assert_eq!(first, fresh);
    let mut count = 0;
    for (at, kept) in kept.iter().enumerate() {
        let (spec, expected) = (&again["specs"][at], &fresh["specs"][at]);
        assert_eq!(spec, expected, "{}", spec["path"]);
        let is = |key: &str, words: &[&str]| words.iter().any(|word| spec[key] == *word);
        let measures = |words: &[&str]| {
            let metrics = spec["measurements"].as_array().expect("a list");
            metrics.iter().any(|each| words.iter().any(|word| each["metric"] == *word))
        };
        let trained = !is("status", &["error", "invalid"]) && !is("model", &["predictions"]);
        let times = ["fit_seconds", "predict_seconds", "predict_microseconds_per_row"];
        if trained && !measures(&times) {
            // Cases may have a twin, whose result is theirs.
            assert!(kept.is_some(), "{}", spec["path"]);
            count += usize::from(kept.as_deref() == Some("training"));
        } else {
            assert_ne!(kept.as_deref(), Some("training"), "{}", spec["path"]);
        }
    }
    assert!(count > 80, "{count} specs were measured on cached training");
}

#[test]
fn what_only_measures_or_judges_trains_nothing() {
    let folds = FOREST.replace("holdout: { test: 0.25, seed: 1 }", "k_fold: { folds: 3, seed: 1 }");
    let searched = FOREST.replace(
        "random_forest: { n_estimators: 10, seed: 2 }",
        "search: { model: { decision_tree: { seed: 1 } }, over: { max_depth: [1, 3] } }",
    );
    for first in [FOREST, &folds, &searched] {
        let workspace = workspace(first);
        assert_eq!(kept(&workspace), None);
        let more = |text: &str| first.replace("thresholds", &format!("{text}\nthresholds"));
        let bound = |text: &str| first.replace("{ accuracy: \"> 0.5\" }", text);
        for spec in [
            more("metrics: [balanced_accuracy, log_loss, { f1: { average: macro } }]"),
            more(
                "slices: { island: { by: island }, heavy: { where: \"body_mass_g > 4000\" } }\nmetrics: [log_loss]",
            ),
            bound("{ matthews: \"> 0.1\", accuracy: { min: 0.2, over_dummy: 0.1 } }"),
            in_data(first, "weight: { score: body_mass_g }")
                .replace("  target", "  where: body_mass_g > 0\n  target"),
        ] {
            workspace.write("spec.mlspec.yaml", &spec);
            // Weights are no features, so that the first of them trains.
            let expected = (!spec.contains("weight")).then(|| "training".to_owned());
            assert_eq!(kept(&workspace), expected, "{spec}");
            assert_eq!(kept(&workspace).as_deref(), Some("results"), "{spec}");
        }
    }
}

#[test]
fn numbers_clusters_and_two_classes_are_measured_anew() {
    let holdout = "{ holdout: { test: 0.3, seed: 1 } }";
    let numbers = format!(
        "version: 1\ndata: {{ path: data.csv, target: body_mass_g, split: {holdout}, missing_target: {{ drop: true, max: 0.1 }} }}\n\
         model: {{ gradient_boosting: {{ max_iter: 5, seed: 1 }} }}\nthresholds: {{ r2: \"> 0\" }}\n"
    );
    let two = format!(
        "version: 1\ndata: {{ path: data.csv, target: sex, positive: male, split: {holdout}, missing_target: {{ drop: true, max: 0.1 }} }}\n\
         model: {{ extra_trees: {{ n_estimators: 10, seed: 1 }} }}\nthresholds: {{ accuracy: \"> 0\" }}\n"
    );
    let clusters = "version: 1\ndata: { path: data.csv, target: species, features: [bill_length_mm, bill_depth_mm] }\n\
                    prepare: [impute, standardize]\nmodel: { k_means: { n_clusters: 3, seed: 1 } }\n\
                    thresholds: { adjusted_rand: \"> 0\" }\n";
    for (spec, from, to) in [
        (numbers.as_str(), "r2: \"> 0\"", "mae: { max: 5000, over_dummy: 0 }, rmse: \"< 5000\""),
        (
            &two,
            "thresholds",
            "decision: { threshold: 0.7 }\nmetrics: [recall, roc_auc]\nthresholds",
        ),
        (clusters, "adjusted_rand: \"> 0\"", "homogeneity: \"> 0\", inertia: \"< 1000000\""),
    ] {
        let workspace = workspace(spec);
        assert_eq!(kept(&workspace), None, "{spec}");
        let other = spec.replace(from, to);
        assert_ne!(other, spec);
        workspace.write("spec.mlspec.yaml", &other);
        assert_eq!(kept(&workspace).as_deref(), Some("training"), "{other}");
        workspace.write("spec.mlspec.yaml", spec);
        forget_results(&workspace);
        assert_eq!(kept(&workspace).as_deref(), Some("training"), "{spec}, once more");
    }
    // Distances are measured between prepared rows, which are prepared anew.
    let workspace = workspace(clusters);
    assert_eq!(kept(&workspace), None);
    let farther = "silhouette: \"> 0\", adjusted_rand";
    workspace.write("spec.mlspec.yaml", clusters.replace("adjusted_rand", farther));
    assert_eq!(kept(&workspace).as_deref(), Some("training"));
}

#[test]
fn whatever_training_hangs_on_trains_again() {
    let workspace = workspace(FOREST);
    assert_eq!(kept(&workspace), None);
    // With another metric, so that a result that is kept does not answer first.
    let measured = |spec: &str| spec.replace("thresholds", "metrics: [log_loss]\nthresholds");
    for (what, spec) in [
        ("the seed of the model", FOREST.replace("seed: 2", "seed: 3")),
        ("a parameter", FOREST.replace("n_estimators: 10", "n_estimators: 11")),
        ("another model", FOREST.replace("random_forest", "extra_trees")),
        ("the seed of the split", FOREST.replace("seed: 1", "seed: 3")),
        ("its size", FOREST.replace("0.25", "0.3")),
        (
            "another split",
            FOREST.replace("holdout: { test: 0.25, seed: 1 }", "k_fold: { folds: 2 }"),
        ),
        ("a step", FOREST.replace("model:", "prepare: [impute, one_hot, standardize]\nmodel:")),
        (
            "a parameter of a step",
            FOREST.replace(
                "model:",
                "prepare: [{ impute: { numeric: mean } }, one_hot, standardize]\nmodel:",
            ),
        ),
        ("features", in_data(FOREST, "features: [bill_length_mm, bill_depth_mm]")),
        ("columns left out", in_data(FOREST, "exclude: [year]")),
        ("types", in_data(FOREST, "types: { year: category }")),
        ("a derived column", in_data(FOREST, "derive: { area: bill_length_mm * bill_depth_mm }")),
        ("rows", in_data(FOREST, "where: year > 2007")),
        ("fewer rows", in_data(FOREST, "limit: 300")),
        ("weights", in_data(FOREST, "weight: { fit: year }")),
        ("a bound on the training rows", FOREST.replace("\"> 0.5\"", "{ max_train_gap: 0.9 }")),
        (
            "importance",
            FOREST
                .replace("model:", "importance: { permutation: { repeats: 2, seed: 1 } }\nmodel:"),
        ),
    ] {
        workspace.write("spec.mlspec.yaml", &spec);
        assert_eq!(kept(&workspace), None, "{what}");
        workspace.write("spec.mlspec.yaml", measured(&spec));
        assert_eq!(kept(&workspace).as_deref(), Some("training"), "{what}, measured otherwise");
    }
    workspace
        .write("spec.mlspec.yaml", FOREST.replace("accuracy: \"> 0.5\"", "fit_seconds: \"< 100\""));
    assert_eq!(run(&workspace).1, [None], "a time is that of a model that trains now");
    // One digit of one cell.
    let table = penguins();
    let at = table.find("39.1").expect("the first row");
    workspace.write("data.csv", format!("{}39.2{}", &table[..at], &table[at + 4..]));
    workspace.write("spec.mlspec.yaml", measured(FOREST));
    assert_eq!(kept(&workspace), None, "a byte of the data");
}

#[test]
fn importance_hangs_on_how_shuffled_rows_are_scored() {
    let asked = "importance: { permutation: { repeats: 2, seed: 1, metric: roc_auc } }\nmodel:";
    let spec = FOREST
        .replace("species", "sex\n  positive: male\n  missing_target: { drop: true, max: 0.1 }")
        .replace("model:", asked);
    let workspace = workspace(&spec);
    assert_eq!(kept(&workspace), None);
    workspace.write("spec.mlspec.yaml", spec.replace("thresholds", "metrics: [f1]\nthresholds"));
    assert_eq!(kept(&workspace).as_deref(), Some("training"));
    workspace
        .write("spec.mlspec.yaml", spec.replace("model:", "decision: { threshold: 0.7 }\nmodel:"));
    assert_eq!(kept(&workspace), None);
}

#[test]
fn damaged_training_is_made_again() {
    let workspace = workspace(FOREST);
    let (first, _) = run(&workspace);
    let [entry] = &*entries(&workspace) else { panic!("one entry") };
    let whole = fs::read(entry).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 8) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        for bytes in [&damaged[..], &whole[..at]] {
            fs::write(entry, bytes).unwrap();
            forget_results(&workspace);
            assert_eq!(run(&workspace), (first.clone(), vec![None]), "byte {at}");
        }
    }
    forget_results(&workspace);
    assert_eq!(run(&workspace), (first, vec![Some("training".to_owned())]), "it is there again");
}

#[test]
fn notes_that_would_name_files_from_elsewhere_are_made_again() {
    let stopped = "logistic_regression: { max_iter: 1 }";
    let spec = FOREST.replace("random_forest: { n_estimators: 10, seed: 2 }", stopped);
    let workspace = workspace(&spec);
    workspace.write("below/here", "");
    let from = |folder: &str, spec: &str| {
        let mut command = workspace.caching();
        command.current_dir(workspace.path(folder)).args(["run", "--format", "json", spec]);
        let (report, kept) = told(&Ran::new(&command.output().expect("the program starts")));
        let found = report["specs"][0]["diagnostics"].as_array().expect("a list").len();
        assert!(found > 0, "it did not converge");
        kept
    };
    assert_eq!(from(".", "spec.mlspec.yaml"), [None]);
    forget_results(&workspace);
    assert_eq!(from(".", "spec.mlspec.yaml"), [Some("training".to_owned())]);
    forget_results(&workspace);
    assert_eq!(from("below", "../spec.mlspec.yaml"), [None]);
}

#[test]
fn errors_and_times_leave_no_training() {
    let workspace = workspace(&FOREST.replace("accuracy: \"> 0.5\"", "fit_seconds: \"< 100\""));
    run(&workspace);
    // Nothing can be compared where a slice that must be there has no row.
    let slices = "slices: { island: { by: island, expect: [Atlantis] } }\nthresholds";
    let spec =
        FOREST.replace("thresholds", slices).replace("accuracy:", "accuracy@island=Atlantis:");
    workspace.write("spec.mlspec.yaml", spec);
    assert_eq!(run(&workspace).0["specs"][0]["status"], "error");
    assert_eq!(entries(&workspace), [] as [PathBuf; 0]);
}

#[test]
fn people_are_told_what_was_measured_on_cached_training() {
    let workspace = workspace(FOREST);
    let run = || {
        let output = workspace.caching().arg("run").output();
        Ran::new(&output.expect("the program starts")).ends(0)
    };
    run().never_says("cached");
    workspace.write("spec.mlspec.yaml", FOREST.replace("accuracy", "balanced_accuracy"));
    run().says(&["· cached training", ", 1 with cached training"]);
    run().says(&["· cached\n", ", 1 cached\n"]);
}
