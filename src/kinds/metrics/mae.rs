//! The mean size of the errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::mean_loss;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The mean absolute error: how far predictions are from the truth on average.
///
/// From 0 without an upper end, lower is better; in the unit of the target. Every unit of error
/// costs the same, so single large errors weigh less than in `rmse`.
///
/// Formula: `(1 / n) Σ |ŷ - y|` over the rows.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// thresholds:
///   mae: "< 12"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanAbsoluteError {}

impl Metric for MeanAbsoluteError {
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
        mean_loss(judged, f64::abs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn errors_of_both_signs_add_up() {
        let sample = Sample::values(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]);
        assert_close(sample.measure(json!("mae")), 0.5);
        assert_close(Sample::values(&[1.0], &[4.0]).measure(json!("mae")), 3.0);
    }

    #[test]
    fn numbers_that_are_not_finite_are_named() {
        let of = |last| Sample::values(&[1.0, 2.0], &[1.0, last]).measure(json!("mae"));
        let reason = "the prediction in judged row 2 is inf, not a finite number";
        assert_eq!(by_data(of(f64::INFINITY)), reason);
        assert!(by_data(of(f64::NAN)).contains("NaN"));
        let huge = Sample::values(&[-f64::MAX; 3], &[f64::MAX; 3]).measure(json!("mae"));
        assert_eq!(by_data(huge), "the numbers are too large to be summed");
    }
}
