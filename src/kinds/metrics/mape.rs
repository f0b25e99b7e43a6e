//! The mean of the errors as shares of the truth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::pairs;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The mean absolute percentage error: how large the errors are as shares of the truth.
///
/// From 0 without an upper end, lower is better. A fraction, as in scikit-learn: 0.1 is 10 %.
/// Predicting too high costs more than too low, since an error of the latter kind is at most the
/// truth itself, so models that are chosen by it tend to be low.
///
/// Formula: `(1 / n) Σ |ŷ - y| / |y|` over the rows.
///
/// Undefined by the data where a true number is 0: **scikit-learn divides by 2⁻⁵² instead, there and
/// where the truth is nearer to 0 than that.** Also where a prediction is not a finite number, or a
/// sum leaves the range of f64.
///
/// ```yaml
/// thresholds:
///   mape: "< 0.15"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanAbsolutePercentageError {}

impl Metric for MeanAbsolutePercentageError {
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
        let pairs = pairs(judged)?;
        if let Some(row) = pairs.rows.first(|row| pairs.truth()[row] == 0.0) {
            return Err(Undefined::ByData(format!(
                "the target in judged row {} is 0, of which nothing is a share",
                row + 1
            )));
        }
        pairs.mean(|truth, predicted| ((predicted - truth) / truth).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn the_mean_share() {
        let sample = Sample::values(&[3.0, -0.5, 2.0, 8.0], &[2.5, 0.0, 2.0, 10.0]);
        assert_close(sample.measure(json!("mape")), (0.5 / 3.0 + 1.0 + 0.25) / 4.0);
    }

    #[test]
    fn a_truth_of_zero_has_no_share() {
        let of = |truth: f64, value: f64| {
            by_data(Sample::values(&[1.0, truth], &[1.0, value]).measure(json!("mape")))
        };
        assert_eq!(of(-0.0, 0.0), "the target in judged row 2 is 0, of which nothing is a share");
        assert_eq!(of(1e-300, 1e300), "the numbers are too large to be summed");
    }
}
