//! The mean of the errors as shares of the size of truth and prediction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::pairs;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The symmetric mean absolute percentage error: errors as shares of the mean size of truth and
/// prediction.
///
/// From 0 to 2, lower is better. A fraction: 0.1 is 10 %. 2 means that every prediction has the wrong
/// sign, or is 0 where the truth is not.
///
/// Formula: `(1 / n) Σ 2 |ŷ - y| / (|y| + |ŷ|)` over the rows; a row where both are 0 is right and
/// counts 0. Other definitions divide by `|y| + |ŷ|` without the 2 and end at 1. scikit-learn has no
/// such metric.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// thresholds:
///   smape: "< 0.2"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SymmetricMape {}

impl Metric for SymmetricMape {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::LowerIsBetter,
            range: (0.0, 2.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let share = |truth: f64, predicted: f64| match truth.abs() + predicted.abs() {
            0.0 => 0.0,
            size => 2.0 * ((predicted - truth).abs() / size),
        };
        // Above 2 only by rounding.
        pairs(judged)?.mean(share).map(|value| value.min(2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn smape(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("smape"))
    }

    #[test]
    fn the_mean_share_of_both() {
        assert_close(smape(&[1.0, 4.0], &[3.0, 4.0]), 0.5);
        assert_close(smape(&[2.0, 0.0], &[-1.0, 5.0]), 2.0);
        assert_close(smape(&[0.0, 1.0], &[-0.0, 3.0]), 0.5);
    }

    #[test]
    fn numbers_that_are_too_large_are_refused() {
        let huge = smape(&[f64::MAX], &[-f64::MAX]);
        assert_eq!(by_data(huge), "the numbers are too large to be summed");
    }
}
