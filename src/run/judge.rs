//! What a model answers on rows of a fold to judged rows: decided, weighed, and beside what models answer
//! that ignore the features.

use std::ops::Range;
use std::sync::Arc;

use super::answers::Answers;
use super::fit::Needed;
use super::fold::FoldRows;
use super::judging::{Dummies, Features, Judging};
use crate::data::{Prediction, Rows, Task, Times};
use crate::kinds::models::{Context, Dummy, DummyStrategy, Learner, StopFlag};
use crate::plan::BoundPlan;

/// What a prediction needs to become a set of judged rows.
pub struct Judge<'a, 'b> {
    bound: &'a BoundPlan,
    needed: Needed,
    rows: &'b FoldRows<'a>,
    /// The answers of the training rows.
    training: Answers<'a>,
    stop: &'b StopFlag,
}

impl<'a, 'b> Judge<'a, 'b> {
    pub fn new(
        bound: &'a BoundPlan,
        needed: Needed,
        rows: &'b FoldRows<'a>,
        stop: &'b StopFlag,
    ) -> Self {
        Self { bound, needed, rows, training: rows.training_answers(), stop }
    }

    /// Rows at these places of the fold with what the model answers on them.
    pub fn judging(
        &self,
        range: Range<usize>,
        prediction: Prediction,
        features: Option<Features>,
        times: Option<Times>,
    ) -> Judging<'a> {
        let count = range.len();
        let decide =
            |prediction| decided(prediction, self.bound.plan.decision, self.bound.positive);
        let median = self.needed.median.then_some(DummyStrategy::Median);
        Judging {
            rows: self.rows.order[range.clone()].to_vec(),
            answers: self.rows.answers.pick(&positions(&range)),
            positive: self.bound.positive,
            prediction: decide(prediction),
            dummies: Dummies {
                usual: self.dummy(None, count).map(decide),
                median: median.and_then(|median| self.dummy(Some(median), count)),
                level: None,
            },
            features,
            weights: self.rows.score_weights.as_ref().map(|weights| weights[range].to_vec()),
            times,
        }
    }

    /// What a model answers that ignores the features.
    fn dummy(&self, strategy: Option<DummyStrategy>, count: usize) -> Option<Prediction> {
        if self.bound.task == Task::Clustering {
            return None;
        }
        let none: [Arc<str>; 0] = [];
        let context = Context {
            weights: self.rows.training_weights(),
            stop: self.stop,
            classes: self.bound.classes.as_ref(),
            positive: self.bound.positive,
        };
        let training = ndarray::Array2::zeros((self.rows.train, 0));
        let rows = Rows {
            values: training.view(),
            names: &none,
            levels: &[],
            indicators: Default::default(),
        };
        let target = self.training.target(self.bound.task);
        let fit = Dummy { strategy }.fit(rows, target, &context).ok()?;
        let features = ndarray::Array2::zeros((count, 0));
        Some(fit.model.predict(Rows {
            values: features.view(),
            names: &none,
            levels: &[],
            indicators: Default::default(),
        }))
    }
}

fn positions(range: &Range<usize>) -> Vec<u32> {
    range.clone().map(|row| row as u32).collect()
}

/// Cuts the probability of the positive class of two where the spec says so.
pub fn decided(prediction: Prediction, cut: Option<f64>, positive: Option<u32>) -> Prediction {
    match (prediction, cut, positive) {
        (Prediction::Codes { probabilities: Some(matrix), .. }, Some(cut), Some(positive))
            if matrix.ncols() == 2 =>
        {
            let column = matrix.column(positive as usize);
            let codes =
                column.iter().map(|p| if *p > cut { positive } else { 1 - positive }).collect();
            Prediction::Codes { codes, probabilities: Some(matrix) }
        }
        (prediction, _, _) => prediction,
    }
}
