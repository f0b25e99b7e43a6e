//! Judged rows with everything that metrics look at; parts of them, and several sets as one.

use std::sync::Arc;

use ndarray::{Array2, Axis, concatenate};

use super::answers::Answers;
use crate::data::{Judged, Memo, Prediction, Rows, Times};

/// What models answer on the judged rows of one fold, beside the truth.
#[derive(Clone, Debug)]
pub struct Judging<'a> {
    /// The rows of the frame.
    pub rows: Vec<u32>,
    pub answers: Answers<'a>,
    pub positive: Option<u32>,
    pub prediction: Prediction,
    pub dummies: Dummies,
    /// The prepared features, where a metric measures distances.
    pub features: Option<Features>,
    pub weights: Option<Vec<f64>>,
    pub times: Option<Times>,
}

/// What models answer that ignore the features.
#[derive(Clone, Debug, Default)]
pub struct Dummies {
    /// The most frequent class with the shares as probabilities, or the mean.
    pub usual: Option<Prediction>,
    /// The median, where a metric is measured whose best constant answer that is.
    pub median: Option<Prediction>,
}

/// Rows × columns of numbers, and the columns' names.
#[derive(Clone, Debug)]
pub struct Features {
    pub values: Array2<f64>,
    pub names: Arc<[Arc<str>]>,
}

impl Judging<'_> {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// A prediction for these rows, as metrics see it.
    pub fn judged<'b>(&'b self, prediction: &'b Prediction) -> Judged<'b> {
        Judged {
            truth: self.answers.truth(),
            prediction,
            positive: self.positive,
            rows: self.features.as_ref().map(|features| Rows {
                values: features.values.view(),
                names: &features.names,
                levels: &[],
                indicators: Default::default(),
            }),
            weights: self.weights.as_deref(),
            times: self.times,
            memo: Memo::default(),
        }
    }

    /// The rows at some positions.
    pub fn pick(&self, at: &[u32]) -> Self {
        let index: Vec<usize> = at.iter().map(|at| *at as usize).collect();
        let prediction = |prediction: &Prediction| picked(prediction, &index);
        Self {
            rows: index.iter().map(|at| self.rows[*at]).collect(),
            answers: self.answers.pick(at),
            positive: self.positive,
            prediction: prediction(&self.prediction),
            dummies: Dummies {
                usual: self.dummies.usual.as_ref().map(prediction),
                median: self.dummies.median.as_ref().map(prediction),
            },
            features: self.features.as_ref().map(|features| Features {
                values: features.values.select(Axis(0), &index),
                names: features.names.clone(),
            }),
            weights: self
                .weights
                .as_ref()
                .map(|weights| index.iter().map(|at| weights[*at]).collect()),
            times: self.times,
        }
    }

    /// The rows of all folds, one after the other. What cannot be joined is left out: features of
    /// different folds were prepared differently, and times are not of one model.
    pub fn pool(folds: &[Self]) -> Option<Self> {
        let (first, rest) = folds.split_first()?;
        let mut all = Self { features: None, times: None, ..first.clone() };
        for fold in rest {
            all.rows.extend(&fold.rows);
            match (&mut all.answers, &fold.answers) {
                (Answers::Codes(codes, _), Answers::Codes(more, _)) => codes.extend(more),
                (Answers::Values(values), Answers::Values(more)) => values.extend(more),
                _ => {}
            }
            join(&mut all.prediction, &fold.prediction);
            for (dummy, more) in [
                (&mut all.dummies.usual, &fold.dummies.usual),
                (&mut all.dummies.median, &fold.dummies.median),
            ] {
                match (dummy.as_mut(), more) {
                    (Some(dummy), Some(more)) => join(dummy, more),
                    _ => *dummy = None,
                }
            }
            if let (Some(weights), Some(more)) = (&mut all.weights, &fold.weights) {
                weights.extend(more);
            }
        }
        Some(all)
    }
}

fn picked(prediction: &Prediction, index: &[usize]) -> Prediction {
    match prediction {
        Prediction::Values(values) => {
            Prediction::Values(index.iter().map(|at| values[*at]).collect())
        }
        Prediction::Codes { codes, probabilities } => Prediction::Codes {
            codes: index.iter().map(|at| codes[*at]).collect(),
            probabilities: probabilities.as_ref().map(|matrix| matrix.select(Axis(0), index)),
        },
        Prediction::Clusters { codes, squared_distances } => Prediction::Clusters {
            codes: index.iter().map(|at| codes[*at]).collect(),
            squared_distances: squared_distances
                .as_ref()
                .map(|distances| index.iter().map(|at| distances[*at]).collect()),
        },
    }
}

/// Adds the rows of another prediction of the same kind.
fn join(prediction: &mut Prediction, more: &Prediction) {
    match (prediction, more) {
        (Prediction::Values(values), Prediction::Values(more)) => values.extend(more),
        (
            Prediction::Codes { codes, probabilities },
            Prediction::Codes { codes: more, probabilities: others },
        ) => {
            codes.extend(more);
            *probabilities = match (probabilities.take(), others) {
                (Some(a), Some(b)) => concatenate(Axis(0), &[a.view(), b.view()]).ok(),
                _ => None,
            };
        }
        (
            Prediction::Clusters { codes, squared_distances },
            Prediction::Clusters { codes: more, squared_distances: others },
        ) => {
            codes.extend(more);
            match (squared_distances.as_mut(), others) {
                (Some(distances), Some(more)) => distances.extend(more),
                _ => *squared_distances = None,
            }
        }
        // A model gives one kind of answer, whatever the fold.
        _ => {}
    }
}
