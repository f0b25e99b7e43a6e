//! The deviance of counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::deviance::{Deviance, about};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// The mean Poisson deviance: how far predicted rates are from counts.
///
/// From 0 without an upper end, lower is better; in the unit of the target. It fits targets that
/// count something, where the variance grows with the mean.
///
/// Formula: `(2 / n) Σ (y ln(y / ŷ) - y + ŷ)` over the rows, where `0 ln 0` is 0; scikit-learn's
/// `mean_poisson_deviance`.
///
/// **Undefined where scikit-learn raises**: by the data where a true number is negative, by the model
/// where a prediction is not above 0. Undefined by the data where a prediction is not a finite number,
/// or a sum leaves the range of f64.
///
/// ```yaml
/// thresholds:
///   poisson_deviance: "< 1.2"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoissonDeviance {}

impl Metric for PoissonDeviance {
    fn about(&self) -> About {
        about()
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let deviance = Deviance {
            truth: (|value| value < 0.0, "counts are not negative"),
            predicted: "a rate is above 0",
            half: |truth: f64, predicted: f64| {
                let logarithm = if truth == 0.0 { 0.0 } else { truth * (truth / predicted).ln() };
                logarithm - truth + predicted
            },
        };
        deviance.mean(judged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use serde_json::json;

    fn deviance(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("poisson_deviance"))
    }

    #[test]
    fn counts_and_rates() {
        // 2 (2 ln 2 - 2 + 1) and 2 (0 - 0 + 3).
        let expected = f64::midpoint(4.0 * 2.0_f64.ln() - 2.0, 6.0);
        assert_close(deviance(&[2.0, 0.0], &[1.0, 3.0]), expected);
        assert_close(deviance(&[0.3], &[0.3]), 0.0);
    }

    #[test]
    fn no_rate_is_undefined() {
        let reason = by_data(deviance(&[-1.0], &[1.0]));
        assert_eq!(reason, "the target in judged row 1 is -1, but counts are not negative");
        let reason = by_model(deviance(&[1.0], &[0.0]));
        assert_eq!(reason, "the prediction in judged row 1 is 0, but a rate is above 0");
    }
}
