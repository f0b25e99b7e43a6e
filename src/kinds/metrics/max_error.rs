//! The largest of the errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{in_range, pairs};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The maximum error: how far the worst prediction is from the truth.
///
/// From 0 without an upper end, lower is better; in the unit of the target. A single row decides, whatever
/// its weight; those of weight 0 do not count.
///
/// Formula: `max |ŷ - y|` over the rows.
///
/// Undefined by the data where a prediction is not a finite number, or a difference leaves the
/// range of f64.
///
/// ```yaml
/// thresholds:
///   max_error: "< 150"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaximumError {}

impl Metric for MaximumError {
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
        let pairs = pairs(judged)?;
        in_range(pairs.rows.max(|row| pairs.error(row).abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn a_row_without_weight_does_not_count() {
        let sample = Sample::values(&[1.0, 2.0], &[1.5, 9.0]).weighted(&[0.1, 0.0]);
        assert_close(sample.measure(json!("max_error")), 0.5);
    }

    #[test]
    fn the_worst_row_decides() {
        let sample = Sample::values(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 5.0]);
        assert_close(sample.measure(json!("max_error")), 2.0);
        assert_close(Sample::values(&[1.0], &[1.0]).measure(json!("max_error")), 0.0);
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let of =
            |value| by_data(Sample::values(&[-f64::MAX], &[value]).measure(json!("max_error")));
        assert_eq!(of(f64::NAN), "the prediction in judged row 1 is NaN, not a finite number");
        assert_eq!(of(f64::MAX), "the numbers are too large to be summed");
    }
}
