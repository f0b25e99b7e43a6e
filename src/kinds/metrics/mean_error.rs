//! The mean of the signed errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::mean_loss;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The mean error, predicted minus true: how much too high the predictions are on the whole.
///
/// Any number, in the unit of the target. **Neither lower nor higher is better: 0 is**, whatever the
/// catalogue says of the direction. Bound it from both sides, with a range as below. Errors of
/// different sign cancel, so 0 does not mean that any prediction is right; `mae` says that.
///
/// Formula: `(1 / n) Σ (ŷ - y)` over the rows, also called bias. scikit-learn has no such metric.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// thresholds:
///   mean_error: -2 .. 2
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanError {}

impl Metric for MeanError {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::ZeroIsBest,
            range: (f64::NEG_INFINITY, f64::INFINITY),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        mean_loss(judged, |error| error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn predicted_minus_true() {
        let sample = Sample::values(&[1.0, 2.0, 3.0], &[2.0, 4.0, 3.0]);
        assert_close(sample.measure(json!("mean_error")), 1.0);
        assert_close(Sample::values(&[1.0, 1.0], &[0.0, 2.0]).measure(json!("mean_error")), 0.0);
        assert_close(Sample::values(&[4.0], &[1.0]).measure(json!("mean_error")), -3.0);
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let of =
            |value| by_data(Sample::values(&[-f64::MAX], &[value]).measure(json!("mean_error")));
        assert_eq!(of(f64::NAN), "the prediction in judged row 1 is NaN, not a finite number");
        assert_eq!(of(f64::MAX), "the numbers are too large to be summed");
    }
}
