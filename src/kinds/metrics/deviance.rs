//! What the mean deviances of the Tweedie family share.

use super::values::pairs;
use super::{About, Direction, Needs, OverFolds, Weighting};
use crate::data::{Judged, Task, Value};

/// What a deviance takes, and what it makes of it.
pub struct Deviance<L> {
    /// Which true numbers it has no value for, and what they should be.
    pub truth: (fn(f64) -> bool, &'static str),
    /// What predictions that are not above 0 should be.
    pub predicted: &'static str,
    /// Half of a row's deviance, given truth and prediction.
    pub half: L,
}

/// What is known of every deviance.
pub fn about() -> About {
    About {
        tasks: &[Task::Regression],
        needs: Needs::Values,
        direction: Direction::LowerIsBetter,
        range: (0.0, f64::INFINITY),
        over_folds: OverFolds::Mean,
        weighting: Weighting::Rows,
    }
}

impl<L: Fn(f64, f64) -> f64 + Sync> Deviance<L> {
    /// The mean over the rows that count.
    ///
    /// # Errors
    /// Undefined by the data where a true number is not taken, by the model where a prediction is
    /// not above 0.
    pub fn mean(&self, judged: &Judged<'_>) -> Value {
        let pairs = pairs(judged)?;
        let (unfit, should) = self.truth;
        pairs.refuse_truth(unfit, should)?;
        pairs.refuse_predicted(|value| value <= 0.0, self.predicted)?;
        // Below 0 only by rounding.
        pairs.mean(|truth, predicted| (2.0 * (self.half)(truth, predicted)).max(0.0))
    }
}
