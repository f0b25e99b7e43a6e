//! The middle of the absolute errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{in_range, pairs};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The median absolute error between predictions and truth: half of the rows are nearer than that.
///
/// From 0 without an upper end, lower is better; in the unit of the target. A few rows that are far
/// off do not move it, and it says nothing of them; `max_error` does.
///
/// Formula: the median of `|ŷ - y|` over the rows; of an even number of rows, the mean of the two in
/// the middle.
///
/// Undefined by the data where a prediction is not a finite number, or a difference leaves the range
/// of f64.
///
/// ```yaml
/// thresholds:
///   median_absolute_error: "< 8"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MedianAbsoluteError {}

impl Metric for MedianAbsoluteError {
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
        let mut errors: Vec<f64> = pairs(judged)?.errors().map(f64::abs).collect();
        errors.sort_unstable_by(f64::total_cmp);
        let (low, high) = (errors[(errors.len() - 1) / 2], errors[errors.len() / 2]);
        in_range(f64::midpoint(low, high))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn median(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("median_absolute_error"))
    }

    #[test]
    fn the_middle_one_or_two() {
        assert_close(median(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]), 0.5);
        assert_close(median(&[0.0; 4], &[1.0, -2.0, 4.0, 100.0]), 3.0);
        assert_close(median(&[0.0; 3], &[1.0, -2.0, 100.0]), 2.0);
        assert_close(median(&[1.0], &[4.0]), 3.0);
    }

    #[test]
    fn large_numbers_are_refused_only_where_they_decide() {
        assert_eq!(median(&[0.0; 2], &[f64::MAX; 2]), Ok(f64::MAX));
        let huge = median(&[-f64::MAX; 2], &[f64::MAX; 2]);
        assert_eq!(by_data(huge), "the numbers are too large to be summed");
    }
}
