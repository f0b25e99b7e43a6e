//! Small judged rows for the tests of the metrics.

use ndarray::{Array2, ArrayView2};
use serde_json::Value as Json;

use super::{AnyMetric, Setting};
use crate::data::{
    Classes, Judged, Label, Memo, Polled, Prediction, Rows, Times, Truth, Undefined, Value,
};
use crate::diagnostic::Problem;

/// The answers of a sample, owned.
#[derive(Clone, Debug)]
pub enum Answers {
    Values(Vec<f64>),
    Codes(Vec<u32>),
    None,
}

/// Judged rows that own what they show.
#[derive(Clone, Debug)]
pub struct Sample {
    pub answers: Answers,
    pub classes: Classes,
    pub positive: Option<u32>,
    pub prediction: Prediction,
    pub features: Option<Array2<f64>>,
    pub weights: Option<Vec<f64>>,
    pub times: Option<Times>,
}

impl Sample {
    /// Labels of the classes 0, 1, …; of two, the second is positive.
    pub fn classes(count: i64, truth: &[u32], predicted: &[u32]) -> Self {
        Self {
            answers: Answers::Codes(truth.to_vec()),
            classes: Classes::new((0..count).map(Label::Integer).collect()),
            positive: (count == 2).then_some(1),
            prediction: Prediction::Codes { codes: predicted.to_vec(), probabilities: None },
            features: None,
            weights: None,
            times: None,
        }
    }

    /// Classes with probabilities, one row a row; the first most probable class is predicted.
    pub fn probabilities(truth: &[u32], probabilities: ArrayView2<'_, f64>) -> Self {
        let predicted: Vec<u32> = probabilities
            .rows()
            .into_iter()
            .map(|row| {
                let best = row.iter().copied().fold(f64::MIN, f64::max);
                row.iter().position(|p| *p == best).map_or(0, |at| u32::try_from(at).unwrap())
            })
            .collect();
        let count = i64::try_from(probabilities.ncols()).unwrap();
        Self {
            prediction: Prediction::Codes {
                codes: predicted,
                probabilities: Some(probabilities.to_owned()),
            },
            ..Self::classes(count, truth, &[])
        }
    }

    /// Two classes, with the probability of the second.
    pub fn scores(truth: &[u32], scores: &[f64]) -> Self {
        let probabilities = Array2::from_shape_fn((scores.len(), 2), |(row, class)| match class {
            0 => 1.0 - scores[row],
            _ => scores[row],
        });
        Self::probabilities(truth, probabilities.view())
    }

    pub fn values(truth: &[f64], predicted: &[f64]) -> Self {
        Self {
            answers: Answers::Values(truth.to_vec()),
            prediction: Prediction::Values(predicted.to_vec()),
            ..Self::classes(0, &[], &[])
        }
    }

    /// Clusters of rows × columns features; none is noise.
    pub fn clusters(features: ArrayView2<'_, f64>, codes: &[Option<u32>]) -> Self {
        Self {
            answers: Answers::None,
            prediction: Prediction::Clusters { codes: codes.to_vec(), squared_distances: None },
            features: Some(features.to_owned()),
            ..Self::classes(0, &[], &[])
        }
    }

    /// Clusters beside the groups 0, 1, … of a target; no cluster is noise.
    pub fn groups(truth: &[u32], codes: &[Option<u32>]) -> Self {
        let count = truth.iter().max().map_or(0, |last| i64::from(*last) + 1);
        Self {
            prediction: Prediction::Clusters { codes: codes.to_vec(), squared_distances: None },
            ..Self::classes(count, truth, &[])
        }
    }

    /// The same rows with a weight each.
    pub fn weighted(self, weights: &[f64]) -> Self {
        Self { weights: Some(weights.to_vec()), ..self }
    }

    pub fn judged(&self) -> Judged<'_> {
        Judged {
            truth: match &self.answers {
                Answers::Values(values) => Truth::Values(values),
                Answers::Codes(codes) => Truth::Codes { codes, classes: &self.classes },
                Answers::None => Truth::None,
            },
            prediction: &self.prediction,
            positive: self.positive,
            rows: self.features.as_ref().map(|features| Rows {
                values: features.view(),
                names: &[],
                levels: &[],
                indicators: Default::default(),
            }),
            weights: self.weights.as_deref(),
            times: self.times,
            memo: Memo::default(),
            stop: Polled::NEVER,
        }
    }

    pub fn setting(&self) -> Setting<'_> {
        Setting { classes: Some(&self.classes), positive: self.positive }
    }

    /// The value of a metric that is written as in a spec.
    pub fn measure(&self, metric: Json) -> Value {
        metric_of(metric).kind().measure(&self.judged())
    }
}

/// The metric that a spec's JSON stands for.
pub fn metric_of(metric: Json) -> AnyMetric {
    serde_json::from_value(metric).unwrap()
}

/// The problems of a metric that is written as in a spec.
pub fn problems(metric: Json, setting: &Setting<'_>) -> Vec<Problem> {
    metric_of(metric).kind().check(setting)
}

/// Classes that are words.
pub fn words(words: &[&str]) -> Classes {
    Classes::new(words.iter().map(|word| Label::Text((*word).into())).collect())
}

/// The reason of a value that is undefined by the data.
pub fn by_data(value: Value) -> String {
    match value {
        Err(Undefined::ByData(reason)) => reason,
        other => panic!("expected undefined by the data, found {other:?}"),
    }
}

/// The reason of a value that is undefined by the model.
pub fn by_model(value: Value) -> String {
    match value {
        Err(Undefined::ByModel(reason)) => reason,
        other => panic!("expected undefined by the model, found {other:?}"),
    }
}

/// Asserts equality within the tolerance that the language promises.
#[track_caller]
pub fn assert_close(value: Value, expected: f64) {
    let value = value.unwrap();
    let tolerance = 1e-12 + 1e-9 * expected.abs();
    assert!((value - expected).abs() <= tolerance, "{value} is not {expected}");
}
