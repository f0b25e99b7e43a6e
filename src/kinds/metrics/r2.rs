//! The share of the target's variance that the predictions explain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{explained, pairs};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The coefficient of determination: the share of the target's variance that the predictions
/// explain.
///
/// At most 1, higher is better, without a lower end. Always answering the mean of the judged rows
/// scores 0; worse than that is negative.
///
/// Formula: `1 - Σ (y - ŷ)² / Σ (y - ȳ)²` over the rows, with the mean `ȳ` of the judged rows.
///
/// Undefined by the data with fewer than two rows, and where all judged rows have the same target:
/// **scikit-learn gives 1 or 0 there.** Also where a prediction is not a finite number.
///
/// ```yaml
/// thresholds:
///   r2: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct R2 {}

impl Metric for R2 {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::HigherIsBetter,
            range: (f64::NEG_INFINITY, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let pairs = pairs(judged)?;
        let square = |truth: f64, predicted: f64| (predicted - truth) * (predicted - truth);
        explained("r2", &pairs, || pairs.sum(square))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn r2(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("r2"))
    }

    #[test]
    fn the_share_of_variance() {
        let truth = [3.0, -0.5, 2.0, 7.0];
        assert_close(r2(&truth, &[2.5, 0.0, 2.0, 8.0]), 1.0 - 1.5 / 29.1875);
        assert_eq!(r2(&truth, &truth), Ok(1.0));
        assert_close(r2(&truth, &[2.875; 4]), 0.0);
        assert_close(r2(&[0.0, 2.0], &[2.0, 0.0]), -3.0);
    }

    #[test]
    fn a_large_offset_does_not_cost_digits() {
        let truth: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i)).collect();
        let predicted: Vec<f64> = truth.iter().map(|value| value + 1.0).collect();
        assert_close(r2(&truth, &predicted), 1.0 - 12.0 / (1000.0 * 1000.0 - 1.0));
    }

    #[test]
    fn undefined_cases_say_why() {
        let constant = "the target is the same in all judged rows, so none varies";
        assert_eq!(by_data(r2(&[0.1; 3], &[0.1; 3])), constant);
        assert_eq!(by_data(r2(&[0.1; 3], &[0.1, 0.2, 0.3])), constant);
        assert_eq!(by_data(r2(&[0.0, 1e-300], &[0.0, 0.0])), constant);
        assert_eq!(by_data(r2(&[1.0], &[1.0])), "r2 needs two rows, but there is one");
        let huge = by_data(r2(&[-1e200, 1e200], &[0.0, 0.0]));
        assert_eq!(huge, "the numbers are too large to be summed");
    }
}
