//! Judged rows with everything that metrics look at; parts of them, and several sets as one.

use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::answers::Answers;
use crate::data::{Judged, Memo, Polled, Prediction, Rows, Times};

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
    /// For rows of several folds: the usual answers as one, which ranks no row above another.
    pub level: Option<Prediction>,
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
    pub fn judged<'b>(&'b self, prediction: &'b Prediction, stop: Polled<'b>) -> Judged<'b> {
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
            stop,
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
                level: self.dummies.level.as_ref().map(prediction),
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
    /// different folds were prepared differently, and times are not of one model. A dummy answers the same on all
    /// of them.
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
        all.dummies.level = all.dummies.usual.as_ref().map(level);
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

/// The answers of the dummies of several folds as one. A row that is judged is missing from the rows that its own
/// dummy knows, so side by side they rank the rows of a class below all others, and a model that guesses would
/// beat them by far.
fn level(dummy: &Prediction) -> Prediction {
    let mut dummy = dummy.clone();
    match &mut dummy {
        Prediction::Values(values) => {
            let count = values.len().max(1) as f64;
            let mean = values.iter().map(|value| value / count).sum();
            values.fill(mean);
        }
        Prediction::Codes { probabilities: Some(matrix), .. } => {
            if let Some(mean) = matrix.mean_axis(Axis(0)) {
                matrix.outer_iter_mut().for_each(|mut row| row.assign(&mean));
            }
        }
        Prediction::Codes { probabilities: None, .. } | Prediction::Clusters { .. } => {}
    }
    dummy
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
            // Grows in place: of thousands of folds each would else copy all before it.
            *probabilities = match (probabilities.take(), others) {
                (Some(mut all), Some(more)) => {
                    all.append(Axis(0), more.view()).is_ok().then_some(all)
                }
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

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    fn fold(usual: Prediction) -> Judging<'static> {
        let dummies = Dummies { usual: Some(usual.clone()), ..Dummies::default() };
        Judging {
            rows: vec![0, 1],
            answers: Answers::Values(vec![0.0, 1.0]),
            positive: None,
            prediction: usual,
            dummies,
            features: None,
            weights: None,
            times: None,
        }
    }

    #[test]
    fn dummies_of_several_folds_rank_no_row_above_another() {
        let of = |share: f64| Prediction::Codes {
            codes: vec![u32::from(share > 0.5); 2],
            probabilities: Some(arr2(&[[1.0 - share, share]; 2])),
        };
        let pooled = Judging::pool(&[fold(of(0.75)), fold(of(0.25))]).unwrap();
        let shares = |prediction: Option<Prediction>| match prediction {
            Some(Prediction::Codes { codes, probabilities: Some(shares) }) => (codes, shares),
            other => panic!("{other:?}"),
        };
        let (codes, level) = shares(pooled.dummies.level);
        assert_eq!((codes, level), (vec![1, 1, 0, 0], arr2(&[[0.5, 0.5]; 4])));
        // What each of them says stays as it is.
        let (_, usual) = shares(pooled.dummies.usual);
        assert_eq!(usual, arr2(&[[0.25, 0.75], [0.25, 0.75], [0.75, 0.25], [0.75, 0.25]]));
    }
}
