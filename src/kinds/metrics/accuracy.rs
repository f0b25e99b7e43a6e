//! The share of rows whose class was predicted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The share of rows whose class was predicted: right answers divided by all rows.
///
/// From 0 to 1, higher is better. Where one class is frequent, a model that always answers that
/// class scores high too: compare with the dummy's value in the report, or use
/// `balanced_accuracy`.
///
/// ```yaml
/// thresholds:
///   accuracy: "> 0.9"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {}

impl Metric for Accuracy {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Labels,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = super::class::labels(judged)?;
        let right = labels.truth.iter().zip(labels.predicted).filter(|(t, p)| t == p).count();
        Ok(right as f64 / labels.truth.len() as f64)
    }
}
