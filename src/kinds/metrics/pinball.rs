//! The loss of a predicted quantile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::mean_loss;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The mean pinball loss: how good the predictions are as a quantile of the target.
///
/// From 0 without an upper end, lower is better; in the unit of the target. With `alpha: 0.9` a
/// prediction that is too low costs nine times as much as one that is too high by the same amount.
/// With the default of 0.5 it is half of `mae`.
///
/// Formula: the mean over the rows of `α (y - ŷ)` where the prediction is too low and of
/// `(1 - α) (ŷ - y)` where it is too high; scikit-learn's `mean_pinball_loss`, also called quantile
/// loss.
///
/// Undefined by the data where a prediction is not a finite number, or a sum leaves the range of
/// f64.
///
/// ```yaml
/// metrics:
///   - pinball: { alpha: 0.9 }
/// thresholds:
///   pinball: "< 4"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinballLoss {
    /// Which quantile is predicted: 0.9 should be above nine of ten rows.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub alpha: f64,
}

impl Default for PinballLoss {
    fn default() -> Self {
        Self { alpha: 0.5 }
    }
}

impl Metric for PinballLoss {
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
        let alpha = self.alpha;
        mean_loss(judged, |error| (-alpha * error).max((1.0 - alpha) * error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    #[test]
    fn too_low_costs_alpha_and_too_high_the_rest() {
        let sample = Sample::values(&[10.0, 10.0], &[8.0, 14.0]);
        let of = |alpha: f64| sample.measure(json!({ "pinball": { "alpha": alpha } }));
        assert_close(of(0.9), (0.9 * 2.0 + 0.1 * 4.0) / 2.0);
        assert_close(of(0.0), 2.0);
        assert_close(of(1.0), 1.0);
        assert_close(sample.measure(json!("pinball")), 1.5);
    }
}
