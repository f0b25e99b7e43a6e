//! Weights of training rows: for every learner what scikit-learn makes of `sample_weight`, and what
//! weights mean.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use mlspec_learn::Generator;
use ndarray::{Array2, Axis, ShapeBuilder};
use serde_json::{Value as Json, json};

use super::admission::suiting;
use super::{AnyModel, Context, Failure, Fit, Role, Scores, StopFlag, Target};
use crate::data::{Prediction, Rows, Task};
use crate::kinds::Family;

/// Rows with an answer for every task.
#[derive(Clone)]
struct Sample {
    x: Array2<f64>,
    codes: Vec<u32>,
    classes: usize,
    values: Vec<f64>,
    weights: Vec<f64>,
    names: Vec<Arc<str>>,
}

impl Sample {
    /// Three groups of rows; weights are whole, some of them 0.
    fn groups(rows: usize, spread: f64) -> Self {
        let mut generator = Generator::new(5);
        let codes: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
        let x = Array2::from_shape_fn((rows, 3).f(), |(row, column)| {
            let centre = f64::from(u8::from(codes[row] as usize == column)) * 4.0;
            centre + spread * (generator.unit() - 0.5)
        });
        let values = (0..rows).map(|row| x.row(row).sum() + generator.unit()).collect();
        let weights = (0..rows).map(|_| generator.below(4) as f64).collect();
        Self { x, codes, classes: 3, values, weights, names: names() }
    }

    /// The rows as often as their weights say, with weights of 1.
    fn repeated(&self) -> Self {
        let rows: Vec<usize> = (0..self.codes.len())
            .flat_map(|row| std::iter::repeat_n(row, self.weights[row] as usize))
            .collect();
        Self {
            x: self.x.select(Axis(0), &rows),
            codes: rows.iter().map(|row| self.codes[*row]).collect(),
            values: rows.iter().map(|row| self.values[*row]).collect(),
            weights: vec![1.0; rows.len()],
            ..self.clone()
        }
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            values: self.x.view(),
            names: &self.names[..self.x.ncols()],
            levels: &[],
            indicators: Default::default(),
        }
    }

    fn suiting(&self, model: &AnyModel) -> Self {
        Self { x: suiting(model, &self.x), ..self.clone() }
    }

    fn target(&self, task: Task) -> Target<'_> {
        match task {
            Task::Classification => Target::Codes { codes: &self.codes, classes: self.classes },
            Task::Regression => Target::Values(&self.values),
            Task::Clustering => Target::None,
        }
    }

    fn fit(&self, model: &AnyModel, task: Task, weights: Option<&[f64]>) -> Result<Fit, Failure> {
        let stop = StopFlag::new();
        let Role::Learns(learner) = model.kind().role() else { panic!("{}", model.name()) };
        learner.fit(
            self.rows(),
            self.target(task),
            &Context { weights, stop: &stop, classes: None, positive: None },
        )
    }

    /// What the model answers on its own rows, as numbers.
    fn answers(&self, model: &AnyModel, task: Task, weights: Option<&[f64]>) -> Vec<f64> {
        match self.fit(model, task, weights) {
            Ok(fit) => numbers(fit.model.predict(self.rows())),
            Err(failure) => panic!("{} on {task}: {failure:?}", model.name()),
        }
    }
}

fn names() -> Vec<Arc<str>> {
    (0..3).map(|column| format!("x{column}").into()).collect()
}

fn numbers(prediction: Prediction) -> Vec<f64> {
    match prediction {
        Prediction::Values(values) => values,
        Prediction::Codes { probabilities: Some(matrix), .. } => matrix.iter().copied().collect(),
        Prediction::Codes { codes, probabilities: None } => {
            codes.into_iter().map(f64::from).collect()
        }
        Prediction::Clusters { codes, squared_distances } => {
            squared_distances.unwrap_or_else(|| {
                codes.iter().map(|code| f64::from(code.unwrap_or(u32::MAX))).collect()
            })
        }
    }
}

fn model(spec: Json) -> AnyModel {
    serde_json::from_value(spec).expect("a model of the catalogue")
}

/// Every learner that takes weights, with each of its tasks.
fn learners() -> Vec<(AnyModel, Task)> {
    AnyModel::ALL
        .iter()
        .filter(|entry| entry.name != "predictions")
        .map(|entry| match entry.name {
            "k_means" => model(json!({ "k_means": { "n_clusters": 3, "n_init": 10 } })),
            "logistic_regression" => {
                model(json!({ "logistic_regression": { "tol": 1e-9, "max_iter": 10_000 } }))
            }
            "voting" => model(json!({ "voting": {
                "of": ["gaussian_naive_bayes", "decision_tree"], "voting": "soft",
            } })),
            "search" => model(json!({ "search": {
                "model": { "decision_tree": {} }, "over": { "max_depth": [1, 3] },
            } })),
            "calibrate" => model(json!({ "calibrate": {
                "model": { "gaussian_naive_bayes": {} }, "method": "isotonic",
            } })),
            "stacking" => model(json!({ "stacking": {
                "of": ["gaussian_naive_bayes", "decision_tree"],
                "final": { "logistic_regression": { "tol": 1e-9, "max_iter": 10_000 } },
            } })),
            "linear_svm" => model(json!({ "linear_svm": { "tol": 1e-13, "max_iter": 1_000_000 } })),
            "svm" => model(json!({ "svm": { "tol": 1e-10 } })),
            // Leaves count rows, whatever their weight: only a limit of 1 is the same for both.
            "gradient_boosting" => model(json!({ "gradient_boosting": { "min_samples_leaf": 1 } })),
            name @ ("lasso" | "elastic_net") => {
                model(json!({ name: { "alpha": 0.1, "tol": 1e-12 } }))
            }
            "huber" => model(json!({ "huber": { "tol": 1e-10 } })),
            "quantile_regression" => {
                model(json!({ "quantile_regression": { "quantile": 0.37, "alpha": 0.01 } }))
            }
            name => model(json!({ name: {} })),
        })
        .filter(|model| matches!(model.kind().role(), Role::Learns(_)))
        .filter(|model| model.kind().refuses_weights().is_none())
        .flat_map(|model| {
            let tasks = model.kind().about().tasks;
            tasks.iter().map(move |task| (model.clone(), *task)).collect::<Vec<_>>()
        })
        .collect()
}

fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let of = |(a, b): (&f64, &f64)| (a - b).abs() / b.abs().max(1.0);
    let worst = found.iter().zip(expected).map(of).fold(0.0, f64::max);
    if found.iter().any(|value| !value.is_finite()) { f64::INFINITY } else { worst }
}

fn flat(json: &Json) -> Vec<f64> {
    match json {
        Json::Array(items) => items.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// Values of `tests/reference/make_weights.py` with scikit-learn 1.9.1.
#[test]
fn weighted_models_answer_like_scikit_learn() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/weights");
    let mut compared = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let x = flat(&case["x"]);
        let sample = Sample {
            x: Array2::from_shape_fn((x.len() / 3, 3).f(), |(row, column)| x[row * 3 + column]),
            codes: flat(&case["codes"]).into_iter().map(|code| code as u32).collect(),
            classes: case["classes"].as_u64().unwrap() as usize,
            values: flat(&case["values"]),
            weights: flat(&case["weights"]),
            names: names(),
        };
        for expected in case["models"].as_array().unwrap() {
            let spec = &expected["model"];
            let (task, answers) = [
                (Task::Classification, "probabilities"),
                (Task::Regression, "values"),
                (Task::Clustering, "squared_distances"),
            ]
            .into_iter()
            .find(|(_, key)| !expected[*key].is_null())
            .map(|(task, key)| (task, flat(&expected[key])))
            .unwrap();
            let mut trained = model(spec.clone());
            if let AnyModel::KMeans(k_means) = &mut trained {
                // Other draws than scikit-learn's may need more starts to find the same optimum.
                k_means.n_init = 100;
            }
            let found = sample.answers(&trained, task, Some(&sample.weights));
            let difference = difference(&found, &answers);
            if difference > 1e-7 {
                wrong.push(format!("{spec} in {path:?}: {difference:e}"));
            }
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(compared, 8 * 19);
}

/// Their folds are of rows, so that repeated rows are cut otherwise.
const CUTS_FOLDS: [&str; 3] = ["calibrate", "search", "stacking"];

#[test]
fn whole_weights_are_repeated_rows() {
    let sample = Sample::groups(90, 3.0);
    let repeated = sample.repeated();
    for (model, task) in learners() {
        let model = match model.name() {
            // Without a share as many rows are drawn as there are; where trees are deep, several
            // questions are equally good, and rounding chooses.
            "random_forest" => {
                self::model(json!({ "random_forest": { "max_samples": 1.0, "max_depth": 2 } }))
            }
            // As many rows are drawn as there are.
            "ada_boost" if task == Task::Regression => continue,
            _ => model,
        };
        if CUTS_FOLDS.contains(&model.name()) {
            continue;
        }
        let (sample, repeated) = (sample.suiting(&model), repeated.suiting(&model));
        let weighted = sample.fit(&model, task, Some(&sample.weights)).ok().unwrap();
        let plain = repeated.fit(&model, task, None).ok().unwrap();
        let found = numbers(weighted.model.predict(repeated.rows()));
        let expected = numbers(plain.model.predict(repeated.rows()));
        let difference = difference(&found, &expected);
        assert!(difference < 1e-7, "{} on {task}: {difference:e}", model.name());
    }
    let balanced = [
        json!({ "logistic_regression": { "class_weight": "balanced", "tol": 1e-9 } }),
        json!({ "decision_tree": { "class_weight": "balanced", "max_depth": 2 } }),
        json!({ "svm": { "class_weight": "balanced", "tol": 1e-10 } }),
    ];
    for spec in balanced {
        let model = model(spec);
        let weighted =
            sample.fit(&model, Task::Classification, Some(&sample.weights)).ok().unwrap();
        let found = numbers(weighted.model.predict(repeated.rows()));
        let expected = repeated.answers(&model, Task::Classification, None);
        assert!(difference(&found, &expected) < 1e-7, "{}", model.name());
    }
}

#[test]
fn rows_without_weight_have_no_say() {
    let mut sample = Sample::groups(90, 3.0);
    for (model, task) in learners() {
        let all = sample.clone();
        sample = sample.suiting(&model);
        let known = sample.clone();
        let before = sample.fit(&model, task, Some(&sample.weights)).ok().unwrap();
        let before = numbers(before.model.predict(known.rows()));
        for row in (0..90).filter(|row| known.weights[*row] == 0.0) {
            sample.x.row_mut(row).fill(1e6);
            sample.values[row] = -1e9;
            sample.codes[row] = 0;
        }
        let after = sample.fit(&model, task, Some(&sample.weights)).ok().unwrap();
        let after = numbers(after.model.predict(known.rows()));
        // Columns are centred about numbers that hold a little of the rounding of all rows.
        let difference = difference(&after, &before);
        assert!(difference < 1e-9, "{} on {task}: {difference:e}", model.name());
        sample = all;
    }
}

#[test]
fn a_class_without_weight_has_probability_zero() {
    let mut sample = Sample::groups(90, 3.0);
    for (weight, code) in sample.weights.iter_mut().zip(&sample.codes) {
        *weight = if *code == 1 { 0.0 } else { 0.5 + *weight };
    }
    for (model, task) in learners() {
        let probable = model.kind().about().scores == Scores::Probabilities;
        if task != Task::Classification || !probable {
            continue;
        }
        let sample = sample.suiting(&model);
        let found = sample.answers(&model, task, Some(&sample.weights));
        for row in found.chunks(3) {
            assert!(row[1] == 0.0 && (row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
        }
    }
}

/// Models whose penalty does not grow with the weights.
const PENALISED: &[&str] =
    &["ridge", "logistic_regression", "stacking", "huber", "svm", "linear_svm"];

#[test]
fn only_the_ratios_of_weights_count_where_nothing_is_penalised() {
    let sample = Sample::groups(90, 3.0);
    let scaled: Vec<f64> = sample.weights.iter().map(|weight| weight * 2_f64.powi(-60)).collect();
    for (model, task) in learners() {
        // What `alpha` adds to counts is a penalty as well.
        let counts = model.name().ends_with("naive_bayes") && !model.name().starts_with("gaussian");
        if counts || PENALISED.contains(&model.name()) {
            continue;
        }
        let sample = sample.suiting(&model);
        let one = sample.answers(&model, task, Some(&sample.weights));
        let other = sample.answers(&model, task, Some(&scaled));
        assert!(difference(&other, &one) < 1e-9, "{} on {task}", model.name());
    }
}

#[test]
fn weights_that_leave_nothing_are_refused() {
    let sample = Sample::groups(30, 3.0);
    for weights in [vec![0.0; 30], vec![-1.0; 30], vec![f64::NAN; 30], vec![1.0; 29]] {
        for (model, task) in learners() {
            let refused = sample.suiting(&model).fit(&model, task, Some(&weights));
            assert!(matches!(refused, Err(Failure::Problem(_))), "{} on {task}", model.name());
        }
    }
}

#[test]
fn models_that_cannot_weigh_rows_refuse_to() {
    let sample = Sample::groups(30, 3.0);
    let mut refusing = Vec::new();
    for entry in AnyModel::ALL.iter().filter(|entry| entry.name != "predictions") {
        let model = model(json!({ entry.name: {} }));
        if model.kind().refuses_weights().is_none() {
            continue;
        }
        refusing.push(model.name());
        let stop = StopFlag::new();
        let context =
            Context { weights: Some(&sample.weights), stop: &stop, classes: None, positive: None };
        for task in model.kind().about().tasks {
            let refused = match model.kind().role() {
                Role::Learns(learner) | Role::Detects(learner) => {
                    learner.fit(sample.rows(), sample.target(*task), &context).err()
                }
                Role::Labels(labeller) => labeller.label(sample.rows(), &context).err(),
                Role::Given(_) => continue,
            };
            assert!(matches!(refused, Some(Failure::Problem(_))), "{} on {task}", model.name());
        }
    }
    assert_eq!(refusing, ["ftrl", "k_nearest_neighbors", "optics", "hierarchical"]);
}
