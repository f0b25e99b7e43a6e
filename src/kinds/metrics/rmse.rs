//! The root of the mean of the squared errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::mean_loss;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The square root of the mean squared error between predictions and truth.
///
/// From 0 without an upper end, lower is better; in the unit of the target. It is never below
/// `mae`, and the further above it, the more the errors differ in size.
///
/// Formula: `√((1 / n) Σ (ŷ - y)²)` over the rows; scikit-learn's `root_mean_squared_error`.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// thresholds:
///   rmse: "< 15"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RootMeanSquaredError {}

impl Metric for RootMeanSquaredError {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::LowerIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        mean_loss(judged, |error| error * error).map(f64::sqrt)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn the_root_of_the_mean_square() {
        let sample = Sample::values(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]);
        assert_close(sample.measure(json!("rmse")), 0.375_f64.sqrt());
        assert_close(Sample::values(&[1.0], &[4.0]).measure(json!("rmse")), 3.0);
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let sample = Sample::values(&[1.0, 0.0], &[f64::NAN, 0.0]);
        let reason = "the prediction in judged row 1 is NaN, not a finite number";
        assert_eq!(by_data(sample.measure(json!("rmse"))), reason);
    }
}
