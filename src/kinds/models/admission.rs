//! The admission test: what every learner must stand before it is in the catalogue, linfa's and
//! ours alike. What of linfa fails it is listed in `docs/architecture.md`.

use std::sync::Arc;

use mlspec_learn::Generator;
use ndarray::{Array2, ShapeBuilder, s};
use serde_json::{Map, Value, json};

use super::{AnyModel, Context, Fit, Role, StopFlag, Target};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::Code;
use crate::kinds::{Entry, Family, Parameters};
use crate::text::{Document, Source};

/// Three groups of rows that four columns tell apart; `shape` bends the columns.
#[derive(Clone)]
struct Sample {
    values: Array2<f64>,
    codes: Vec<u32>,
    numbers: Vec<f64>,
    names: Vec<Arc<str>>,
}

impl Sample {
    fn new(rows: usize, shape: impl Fn(usize, f64) -> f64) -> Self {
        let mut generator = Generator::new(11);
        let columns = 4;
        let codes: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
        let mut values = Array2::zeros((rows, columns).f());
        for row in 0..rows {
            for column in 0..columns {
                let noise = generator.unit() + generator.unit() + generator.unit() - 1.5;
                let centre = f64::from((codes[row] + column as u32) % 3) * 4.0;
                values[[row, column]] = shape(column, centre + noise);
            }
        }
        let numbers = (0..rows)
            .map(|row| 3.0 * f64::from(codes[row]) - 7.0 + generator.unit() * 0.1)
            .collect();
        let names = (0..columns).map(|column| format!("x{column}").into()).collect();
        Self { values, codes, numbers, names }
    }

    fn rows(&self) -> Rows<'_> {
        let names = &self.names[..self.values.ncols()];
        Rows { values: self.values.view(), names, levels: &[], indicators: Default::default() }
    }

    fn suiting(&self, model: &AnyModel) -> Self {
        Self { values: suiting(model, &self.values), ..self.clone() }
    }

    fn target(&self, task: Task) -> Target<'_> {
        match task {
            Task::Classification => Target::Codes { codes: &self.codes, classes: 3 },
            Task::Regression => Target::Values(&self.numbers),
            Task::Clustering => Target::None,
        }
    }
}

/// The columns, or what of them the model takes: some ask for more than numbers.
pub fn suiting(model: &AnyModel, values: &Array2<f64>) -> Array2<f64> {
    match model.name() {
        "isotonic" => values.slice(s![.., ..1]).to_owned(),
        "multinomial_naive_bayes" | "complement_naive_bayes" => values.mapv(f64::abs),
        "categorical_naive_bayes" => values.mapv(|value| value.abs().floor().min(50.0)),
        _ => values.clone(),
    }
}

fn build(name: &str, parameters: Value) -> AnyModel {
    let parameters = match parameters {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    AnyModel::build(name, Parameters(parameters)).expect("a model of the catalogue")
}

fn fit(model: &AnyModel, sample: &Sample, task: Task) -> Fit {
    let stop = StopFlag::new();
    let context = Context { weights: None, stop: &stop, classes: None, positive: None };
    let Role::Learns(learner) = model.kind().role() else { panic!("{} learns", model.name()) };
    match learner.fit(sample.rows(), sample.target(task), &context) {
        Ok(fit) => fit,
        Err(failure) => panic!("{} on {task}: {failure:?}", model.name()),
    }
}

/// The model with its defaults, or that of its example where some parameter has none.
fn usable(entry: &Entry) -> AnyModel {
    if entry.wants().is_empty() {
        return build(entry.name, json!({}));
    }
    let example = entry.example().expect("every kind has an example");
    let (document, _) = Document::parse(Source::new("example.yaml", example), &|_: &str| None);
    serde_json::from_value(document.written()["model"].clone()).expect("the example is a model")
}

/// Every learner of the catalogue with each of its tasks; those that find anomalies have a test below.
pub(super) fn learners() -> Vec<(AnyModel, Task)> {
    AnyModel::ALL
        .iter()
        .map(usable)
        .filter(|model| matches!(model.kind().role(), Role::Learns(_)))
        .flat_map(|model| {
            model
                .kind()
                .about()
                .tasks
                .iter()
                .map(move |task| (model.clone(), *task))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The exact bits of every number in a prediction.
fn bits(prediction: &Prediction) -> Vec<u64> {
    match prediction {
        Prediction::Values(values) => values.iter().map(|value| value.to_bits()).collect(),
        Prediction::Codes { codes, probabilities } => codes
            .iter()
            .map(|code| u64::from(*code))
            .chain(probabilities.iter().flatten().map(|value| value.to_bits()))
            .collect(),
        Prediction::Clusters { codes, squared_distances } => codes
            .iter()
            .map(|code| code.map_or(u64::MAX, u64::from))
            .chain(squared_distances.iter().flatten().map(|value| value.to_bits()))
            .collect(),
    }
}

pub(super) fn assert_usable(name: &str, prediction: &Prediction) {
    match prediction {
        Prediction::Values(values) => assert!(values.iter().all(|v| v.is_finite()), "{name}"),
        Prediction::Codes { probabilities, .. } => {
            for row in probabilities.iter().flat_map(|matrix| matrix.outer_iter()) {
                assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{name}: {row}");
                assert!((row.sum() - 1.0).abs() < 1e-9, "{name}: {row}");
            }
        }
        Prediction::Clusters { squared_distances, .. } => {
            assert!(squared_distances.iter().flatten().all(|d| d.is_finite()), "{name}");
        }
    }
}

#[test]
fn the_same_bits_over_fits_and_threads() {
    let sample = Sample::new(3000, |_, value| value);
    for (model, task) in learners() {
        let sample = sample.suiting(&model);
        let run = || bits(&fit(&model, &sample, task).model.predict(sample.rows()));
        let expected = run();
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for _ in 0..3 {
                assert!(pool.install(run) == expected, "{} on {threads} threads", model.name());
            }
        }
    }
}

#[test]
fn columns_of_any_scale_and_place_are_handled() {
    type Bend = fn(usize, f64) -> f64;
    let shapes: [(&str, Bend); 5] = [
        ("collinear", |column, value| if column == 3 { 5.0 } else { value }),
        ("uncentred", |_, value| value + 1e6),
        ("tiny", |_, value| value * 1e-9),
        ("huge", |_, value| value * 1e9),
        ("mixed", |column, value| value * [1e-6, 1.0, 1e6, 1e3][column]),
    ];
    for (shape, bend) in shapes {
        let mut sample = Sample::new(300, bend);
        if shape == "collinear" {
            for row in 0..300 {
                sample.values[[row, 2]] = 2.0 * sample.values[[row, 0]] - sample.values[[row, 1]];
            }
        }
        for (model, task) in learners() {
            let name = format!("{} on {shape} columns", model.name());
            let sample = sample.suiting(&model);
            let prediction = fit(&model, &sample, task).model.predict(sample.rows());
            assert_usable(&name, &prediction);
            // Penalised models answer for the scale they are given; the others must not care.
            let free =
                ["linear_regression", "decision_tree", "gaussian_naive_bayes", "gradient_boosting"];
            match prediction {
                Prediction::Codes { codes, .. } if free.contains(&model.name()) => {
                    let right = codes.iter().zip(&sample.codes).filter(|(a, b)| a == b).count();
                    assert!(right >= 285, "{name}: {right} of 300 right");
                }
                Prediction::Values(values) if free.contains(&model.name()) => {
                    let error = values.iter().zip(&sample.numbers).map(|(a, b)| (a - b).abs());
                    let error = error.sum::<f64>() / 300.0;
                    assert!(error < 1.5, "{name}: mean error {error}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn probabilities_far_from_the_training_rows_stay_probabilities() {
    let sample = Sample::new(90, |_, value| value);
    let far = Sample::new(90, |_, value| value * 1e4 - 1e5);
    for (model, task) in learners() {
        let (sample, far) = (sample.suiting(&model), far.suiting(&model));
        let prediction = fit(&model, &sample, task).model.predict(far.rows());
        assert_usable(model.name(), &prediction);
    }
}

#[test]
fn training_that_is_cut_short_says_so() {
    let sample = Sample::new(300, |column, value| value * [1.0, 3.0, 0.2, 7.0][column]);
    for (name, task) in [
        ("logistic_regression", Task::Classification),
        ("ftrl", Task::Classification),
        ("lasso", Task::Regression),
        ("elastic_net", Task::Regression),
        ("svm", Task::Classification),
        ("svm", Task::Regression),
        ("huber", Task::Regression),
        ("k_means", Task::Clustering),
        ("gaussian_mixture", Task::Clustering),
    ] {
        let fitted = fit(&build(name, json!({ "max_iter": 1, "tol": 1e-12 })), &sample, task);
        assert!(fitted.notes.iter().any(|note| note.code == Code::NotConverged), "{name}");
        let fitted = fit(&build(name, json!({ "max_iter": 10_000 })), &sample, task);
        assert!(fitted.notes.is_empty(), "{name}: {:?}", fitted.notes);
    }
}

#[test]
fn a_raised_stop_flag_ends_the_training() {
    let sample = Sample::new(300, |_, value| value);
    let stop = StopFlag::new();
    stop.raise();
    let context = Context { weights: None, stop: &stop, classes: None, positive: None };
    for (model, task) in learners() {
        let Role::Learns(learner) = model.kind().role() else { continue };
        let sample = sample.suiting(&model);
        let looped = !matches!(model.name(), "dummy");
        let result = learner.fit(sample.rows(), sample.target(task), &context);
        if looped {
            assert!(matches!(result, Err(super::Failure::Stopped)), "{}", model.name());
        }
    }
}

/// Models that find anomalies, of which a third of the rows are here.
#[test]
fn detectors_are_repeatable_and_stand_far_rows() {
    let sample = Sample::new(900, |_, value| value);
    let far = Sample::new(90, |_, value| value * 1e4 - 1e5);
    let codes: Vec<u32> = sample.codes.iter().map(|code| u32::from(*code == 2)).collect();
    let target = Target::Codes { codes: &codes, classes: 2 };
    for entry in AnyModel::ALL {
        let model = build(entry.name, json!({}));
        if !matches!(model.kind().role(), Role::Detects(_)) {
            continue;
        }
        let stop = StopFlag::new();
        let context = Context { weights: None, stop: &stop, classes: None, positive: Some(1) };
        let train = || match model.kind().role() {
            Role::Detects(learner) => learner.fit(sample.rows(), target, &context),
            Role::Learns(_) | Role::Given(_) | Role::Labels(_) => {
                panic!("{} finds anomalies", entry.name)
            }
        };
        let run = |rows: &Sample| match train() {
            Ok(fit) => fit.model.predict(rows.rows()),
            Err(failure) => panic!("{}: {failure:?}", entry.name),
        };
        assert_usable(entry.name, &run(&sample));
        assert_usable(entry.name, &run(&far));
        let expected = bits(&run(&sample));
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| bits(&run(&sample)));
            assert!(found == expected, "{} on {threads} threads", entry.name);
        }
        stop.raise();
        assert!(matches!(train(), Err(super::Failure::Stopped)), "{}", entry.name);
    }
}

/// Every model of the catalogue that groups rows.
fn labellers() -> Vec<AnyModel> {
    let all = AnyModel::ALL.iter().map(|entry| build(entry.name, json!({})));
    all.filter(|model| matches!(model.kind().role(), Role::Labels(_))).collect()
}

#[test]
fn models_that_group_rows_keep_the_promises_of_learners() {
    let stop = StopFlag::new();
    let context = Context { weights: None, stop: &stop, classes: None, positive: None };
    let label = |model: &AnyModel, sample: &Sample| {
        let Role::Labels(labeller) = model.kind().role() else { panic!("{}", model.name()) };
        match labeller.label(sample.rows(), &context) {
            Ok(labelled) => Some(labelled.clusters),
            // A parameter may ask for more rows than there are.
            Err(super::Failure::Problem(problem))
                if problem.code == Code::ModelParameter && sample.values.nrows() < 3 =>
            {
                None
            }
            Err(failure) => panic!("{}: {failure:?}", model.name()),
        }
    };
    type Bend = fn(usize, f64) -> f64;
    let bends: [Bend; 6] = [
        |_, value| value,
        |column, value| if column == 3 { 5.0 } else { value },
        |_, value| value + 1e6,
        |_, value| value * 1e-150,
        |_, value| value * 1e150,
        |_, _| 0.3,
    ];
    for model in labellers() {
        for bend in bends {
            for rows in [1, 2, 600] {
                let sample = Sample::new(rows, bend);
                let Some(expected) = label(&model, &sample) else { continue };
                assert_eq!(expected.len(), rows, "{}", model.name());
                let mut next = 0;
                for cluster in expected.iter().flatten() {
                    assert!(*cluster <= next, "{} does not number in order", model.name());
                    next = next.max(cluster + 1);
                }
                for threads in [1, 2, 8] {
                    let pool =
                        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    let again = pool.install(|| label(&model, &sample));
                    let again = again.as_ref();
                    assert!(again == Some(&expected), "{} on {threads} threads", model.name());
                }
            }
        }
        let raised = StopFlag::new();
        raised.raise();
        let context = Context { stop: &raised, ..context };
        let Role::Labels(labeller) = model.kind().role() else { continue };
        let stopped = labeller.label(Sample::new(300, bends[0]).rows(), &context);
        assert!(matches!(stopped, Err(super::Failure::Stopped)), "{}", model.name());
    }
}

#[test]
fn k_means_reaches_the_inertia_of_scikit_learn() {
    // scikit-learn 1.9.1, KMeans(3, n_init=10, random_state=0, tol=0) on the raw four columns of
    // iris: inertia_ 78.851441426146.
    let table = include_str!("../../../specs/data/iris.csv");
    let rows: Vec<Vec<f64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(4).map(|field| field.parse().unwrap()).collect())
        .collect();
    let values = Array2::from_shape_fn((rows.len(), 4).f(), |(row, column)| rows[row][column]);
    let names: Vec<Arc<str>> = (0..4).map(|column| format!("x{column}").into()).collect();
    let sample = Sample { values, codes: Vec::new(), numbers: Vec::new(), names };
    let model = build("k_means", json!({ "n_clusters": 3, "n_init": 10, "tol": 0.0 }));
    let fitted = fit(&model, &sample, Task::Clustering);
    let Prediction::Clusters { squared_distances: Some(distances), .. } =
        fitted.model.predict(sample.rows())
    else {
        panic!("k-means gives clusters")
    };
    let inertia: f64 = distances.iter().sum();
    assert!((inertia - 78.851_441_426_146).abs() < 1e-9, "{inertia}");
}
