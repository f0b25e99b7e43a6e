//! The root of the mean of the squared differences of logarithms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::pairs;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The root mean squared logarithmic error: the typical ratio between predictions and truth, as a
/// logarithm.
///
/// From 0 without an upper end, lower is better. Small values are shares: 0.1 is about 10 %. Large
/// targets count no more than small ones, and a prediction that is half costs about as much as one
/// that is double.
///
/// Formula: `√((1 / n) Σ (ln(1 + ŷ) - ln(1 + y))²)` over the rows; scikit-learn's
/// `root_mean_squared_log_error`.
///
/// **Undefined where scikit-learn raises**: by the data where a true number is -1 or less, by the
/// model where a prediction is. Undefined by the data where a prediction is not a finite number.
///
/// ```yaml
/// thresholds:
///   rmsle: "< 0.3"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RootMeanSquaredLogError {}

impl Metric for RootMeanSquaredLogError {
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
        pairs.refuse_truth(|value| value <= -1.0, "rmsle needs more than -1")?;
        pairs.refuse_predicted(|value| value <= -1.0, "rmsle needs more than -1")?;
        let loss = |truth: f64, predicted: f64| {
            let difference = log_ratio(truth, predicted);
            difference * difference
        };
        pairs.mean(loss).map(f64::sqrt)
    }
}

/// `|ln (1 + a) - ln (1 + b)|` of two numbers above -1, by one logarithm.
fn log_ratio(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let ratio = (high - low) / (1.0 + low);
    if ratio.is_finite() { ratio.ln_1p() } else { high.ln_1p() - low.ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use serde_json::json;

    fn rmsle(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("rmsle"))
    }

    #[test]
    fn the_root_of_the_mean_square_of_log_ratios() {
        let (a, b) = ((4.0_f64 / 3.0).ln(), (6.0_f64 / 1.5).ln());
        assert_close(rmsle(&[2.0, 0.5], &[3.0, 5.0]), f64::midpoint(a * a, b * b).sqrt());
        assert_close(rmsle(&[0.0], &[0.0]), 0.0);
    }

    #[test]
    fn no_logarithm_is_undefined() {
        let reason = by_data(rmsle(&[0.0, -1.0], &[0.0, 0.0]));
        assert_eq!(reason, "the target in judged row 2 is -1, but rmsle needs more than -1");
        let reason = by_model(rmsle(&[0.0, 1.0], &[0.0, -2.5]));
        assert_eq!(reason, "the prediction in judged row 2 is -2.5, but rmsle needs more than -1");
    }
}
