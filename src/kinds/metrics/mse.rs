//! The mean of the squared errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::mean_loss;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The mean squared error between predictions and truth.
///
/// From 0 without an upper end, lower is better; in the squared unit of the target. Few large
/// errors outweigh many small ones. `rmse` says the same in the unit of the target.
///
/// Formula: `(1 / n) Σ (ŷ - y)²` over the rows.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// thresholds:
///   mse: "< 150"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanSquaredError {}

impl Metric for MeanSquaredError {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::LowerIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        mean_loss(judged, |error| error * error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn errors_are_squared() {
        let sample = Sample::values(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]);
        assert_close(sample.measure(json!("mse")), 0.375);
    }

    #[test]
    fn squares_that_overflow_are_refused() {
        let sample = Sample::values(&[1.0, 0.0], &[1.0, 1e200]);
        let reason = "the numbers are too large to be summed";
        assert_eq!(by_data(sample.measure(json!("mse"))), reason);
    }
}
