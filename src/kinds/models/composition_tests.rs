//! Models made of models: what they come to where it is known from their parts.

use std::sync::Arc;

use mlspec_learn::Generator;
use ndarray::{Array2, ShapeBuilder};
use serde_json::{Value, json};

use super::{AnyModel, AsTheyAre, Context, Cut, Failure, Fit, Folding, Role, StopFlag, Target};
use crate::data::{Prediction, Rows};
use crate::diagnostic::{Code, Problem};

struct Sample {
    x: Array2<f64>,
    codes: Vec<u32>,
    values: Vec<f64>,
    names: Vec<Arc<str>>,
}

impl Sample {
    fn new(rows: usize) -> Self {
        let mut generator = Generator::new(3);
        let codes: Vec<u32> = (0..rows).map(|row| (row % 3) as u32).collect();
        let x = Array2::from_shape_fn((rows, 2).f(), |(row, column)| {
            f64::from((codes[row] + column as u32) % 3) + 2.0 * generator.unit()
        });
        let values = x.rows().into_iter().map(|row| row.sum() + generator.unit()).collect();
        Self { x, codes, values, names: vec!["a".into(), "b".into()] }
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            values: self.x.view(),
            names: &self.names,
            levels: &[],
            indicators: Default::default(),
        }
    }

    fn classes(&self) -> Target<'_> {
        Target::Codes { codes: &self.codes, classes: 3 }
    }

    fn try_fit(&self, spec: Value, y: Target<'_>) -> Result<Fit, Failure> {
        let model = model(spec);
        assert_eq!(model.kind().check(), []);
        let stop = StopFlag::new();
        let context = Context { weights: None, stop: &stop, classes: None, positive: None };
        let Role::Learns(learner) = model.kind().role() else { panic!("it learns") };
        learner.fit(self.rows(), y, &context)
    }

    fn fit(&self, spec: Value, y: Target<'_>) -> Fit {
        match self.try_fit(spec, y) {
            Ok(fit) => fit,
            Err(failure) => panic!("{failure:?}"),
        }
    }

    fn answers(&self, spec: Value, y: Target<'_>) -> Vec<f64> {
        match self.fit(spec, y).model.predict(self.rows()) {
            Prediction::Values(values) => values,
            Prediction::Codes { codes, probabilities } => {
                let codes = codes.into_iter().map(f64::from);
                codes.chain(probabilities.into_iter().flatten()).collect()
            }
            Prediction::Clusters { .. } => panic!("there is a target"),
        }
    }
}

fn model(spec: Value) -> AnyModel {
    serde_json::from_value(spec).expect("a model of the catalogue")
}

fn problems(spec: Value) -> Vec<Problem> {
    model(spec).kind().check()
}

#[test]
fn one_model_alone_is_the_model() {
    let sample = Sample::new(120);
    let ridge = json!({ "ridge": { "alpha": 3.0 } });
    let values = Target::Values(&sample.values);
    let plain = sample.answers(ridge.clone(), values);
    assert_eq!(sample.answers(json!({ "voting": { "of": [ridge] } }), values), plain);
    let search = json!({ "search": { "model": { "ridge": {} }, "over": { "alpha": [3.0] } } });
    assert_eq!(sample.answers(search, values), plain);
    let bayes = json!({ "gaussian_naive_bayes": {} });
    let voting = json!({ "voting": { "of": [bayes], "voting": "soft" } });
    let plain = sample.answers(bayes, sample.classes());
    assert_eq!(sample.answers(voting, sample.classes()), plain);
}

#[test]
fn the_first_of_equal_candidates_is_chosen() {
    let sample = Sample::new(60);
    let search = json!({ "search": {
        "model": { "ridge": {} }, "over": { "alpha": [5, 0.5, 5, 0.5] },
    } });
    let fit = sample.fit(search, Target::Values(&sample.values));
    let [tuning] = &fit.model.tunings()[..] else { panic!("one search") };
    assert_eq!(tuning.candidates.len(), 4);
    assert_eq!(tuning.candidates[0].score, tuning.candidates[2].score);
    assert!(tuning.chosen < 2);
    assert_eq!(tuning.metric, "r2");
}

#[test]
fn a_candidate_without_a_value_cannot_win() {
    let sample = Sample::new(60);
    // A constant is out of the reach of r2 in no fold; a dummy of classes is not trained on numbers.
    let over = json!({ "strategy": ["prior", "mean"] });
    let search = json!({ "search": { "model": { "dummy": {} }, "over": over, "metric": "mae" } });
    let [problem] = &problems(search)[..] else { panic!("one problem") };
    assert_eq!(problem.code, Code::MetricMisfit);
    let values = vec![1.0; 60];
    let ridge = json!({ "search": { "model": { "ridge": {} }, "over": { "alpha": [1, 2] } } });
    let Err(Failure::Problem(problem)) = sample.try_fit(ridge, Target::Values(&values)) else {
        panic!("a constant target has no r2")
    };
    assert_eq!(problem.code, Code::TrainFailed);
    assert!(problem.message.starts_with("none of 2 candidates can be compared"), "{problem:?}");
}

#[test]
fn a_candidate_that_does_not_converge_is_told_once() {
    let sample = Sample::new(90);
    let search = json!({ "search": {
        "model": { "logistic_regression": { "tol": 1e-12 } }, "over": { "max_iter": [1, 2, 500] },
    } });
    let fit = sample.fit(search, sample.classes());
    let told: Vec<&Problem> =
        fit.notes.iter().filter(|note| note.code == Code::NotConverged).collect();
    assert!(told[0].message.contains("(max_iter 1, and 1 other candidate)"), "{told:?}");
    assert_eq!(told[0].route.to_string(), "model.logistic_regression");
}

#[test]
fn halving_ends_with_all_rows() {
    let sample = Sample::new(270);
    let alphas: Vec<f64> = (1..=9).map(f64::from).collect();
    let search = json!({ "search": {
        "model": { "ridge": {} }, "over": { "alpha": alphas }, "strategy": "successive_halving",
    } });
    let fit = sample.fit(search, Target::Values(&sample.values));
    let [tuning] = &fit.model.tunings()[..] else { panic!("one search") };
    let mut rows: Vec<usize> = tuning.candidates.iter().map(|each| each.rows).collect();
    rows.sort_unstable();
    // scikit-learn 1.9.1, HalvingGridSearchCV over 9 candidates of 270 rows: n_resources_ [30, 90, 270].
    assert_eq!(rows, [30, 30, 30, 30, 30, 30, 90, 90, 270]);
    assert_eq!(tuning.candidates[tuning.chosen].rows, 270);
}

#[test]
fn rows_judge_once_and_classes_are_spread() {
    let sample = Sample::new(60);
    let folding = AsTheyAre::alone(60, sample.classes());
    let cut = Cut { folds: 4, shuffle: true, seed: 1 };
    let folds = folding.folds(&cut, sample.classes()).unwrap();
    let mut judged: Vec<u32> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
    judged.sort_unstable();
    assert_eq!(judged, (0..60).collect::<Vec<u32>>());
    for fold in &folds {
        let of = |class| fold.test.iter().filter(|row| *row % 3 == class).count();
        assert_eq!([of(0), of(1), of(2)], [5, 5, 5]);
    }
}

#[test]
fn what_does_not_fit_together_is_told_at_the_member() {
    let found = |spec: Value| -> Vec<(String, Code)> {
        problems(spec).iter().map(|each| (each.route.to_string(), each.code)).collect()
    };
    let voting = json!({ "voting": { "of": ["logistic_regression", "ridge", "k_means"] } });
    assert_eq!(
        found(voting),
        [
            ("of[1].ridge".to_owned(), Code::TaskMisfit),
            ("of[2].k_means".to_owned(), Code::TaskMisfit)
        ]
    );
    let given = json!({ "calibrate": { "model": { "predictions": { "label": "p" } } } });
    assert_eq!(found(given), [("model.predictions".to_owned(), Code::TaskMisfit)]);
    let hard = json!({ "voting": { "of": ["gaussian_naive_bayes"] } });
    let soft = json!({ "voting": { "of": [hard], "voting": "soft" } });
    assert_eq!(found(soft), [("of[0].voting".to_owned(), Code::MetricNeedsProbabilities)]);
    let mut deep = json!({ "ridge": {} });
    for _ in 0..4 {
        deep = json!({ "voting": { "of": [deep] } });
    }
    let route = "of[0].voting.of[0].voting.of[0].voting.of[0].ridge";
    assert_eq!(found(deep), [(route.to_owned(), Code::ModelParameter)]);
    let search = json!({ "search": {
        "model": { "ridge": {} }, "over": { "alpha": { "min": 1, "max": 2 } },
        "metric": "accuracy",
    } });
    assert_eq!(found(search), [("over.alpha".to_owned(), Code::Exclusive)]);
    let search = json!({ "search": {
        "model": { "ridge": {} }, "over": { "alpha": [1] }, "metric": "accuracy",
    } });
    assert_eq!(found(search), [("metric.accuracy".to_owned(), Code::MetricMisfit)]);
}
