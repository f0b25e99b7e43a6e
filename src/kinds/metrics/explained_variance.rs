//! The share of the variance that the predictions explain, whatever their bias.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{explained, pairs};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The share of the target's variance that the predictions explain, but for a constant error.
///
/// At most 1, higher is better, without a lower end. It is `r2` but for a constant error: predictions
/// that are all too high by the same amount score 1. `mean_error` measures that amount.
///
/// Formula: `1 - Var(y - ŷ) / Var(y)` over the rows.
///
/// Undefined by the data with fewer than two rows, and where all judged rows have the same target:
/// **scikit-learn gives 1 or 0 there.** Also where a prediction is not a finite number, or a sum
/// leaves the range of f64.
///
/// ```yaml
/// thresholds:
///   explained_variance: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainedVariance {}

impl Metric for ExplainedVariance {
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
        let bias = pairs.mean(|truth, predicted| predicted - truth)?;
        let square = |error: f64| error * error;
        let missed = || pairs.sum(|truth, predicted| square(predicted - truth - bias));
        explained("explained_variance", &pairs, missed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn explained(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("explained_variance"))
    }

    #[test]
    fn a_constant_error_does_not_count() {
        let truth = [3.0, -0.5, 2.0, 7.0];
        assert_close(explained(&truth, &[2.5, 0.0, 2.0, 8.0]), 1.0 - 1.25 / 29.1875);
        assert_close(explained(&truth, &[4.0, 0.5, 3.0, 8.0]), 1.0);
        assert_close(explained(&[0.0, 2.0], &[2.0, 0.0]), -3.0);
    }

    #[test]
    fn undefined_cases_say_why() {
        let constant = "the target is the same in all judged rows, so none varies";
        assert_eq!(by_data(explained(&[0.1; 3], &[0.1, 0.2, 0.3])), constant);
        assert_eq!(by_data(explained(&[0.0, 1e-300], &[0.0, 0.0])), constant);
        let single = by_data(explained(&[1.0], &[1.0]));
        assert_eq!(single, "explained_variance needs two rows, but there is one");
        let huge = by_data(explained(&[-1e200, 1e200], &[0.0, 0.0]));
        assert_eq!(huge, "the numbers are too large to be summed");
    }
}
