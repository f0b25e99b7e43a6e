//! The deviance of positive amounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::deviance::{Deviance, about};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// The mean Gamma deviance: how far predictions are from positive amounts, as ratios.
///
/// From 0 without an upper end, lower is better. It has no unit: an amount and its prediction in
/// another currency give the same value. It fits amounts whose spread grows with their size.
///
/// Formula: `(2 / n) Σ (ln(ŷ / y) + y / ŷ - 1)` over the rows; scikit-learn's `mean_gamma_deviance`.
///
/// **Undefined where scikit-learn raises**: by the data where a true number is not above 0, by the
/// model where a prediction is not. Undefined by the data where a prediction is not a finite number,
/// or a sum leaves the range of f64.
///
/// ```yaml
/// thresholds:
///   gamma_deviance: "< 0.4"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GammaDeviance {}

impl Metric for GammaDeviance {
    fn about(&self) -> About {
        about()
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let deviance = Deviance {
            truth: (|value| value <= 0.0, "gamma_deviance needs it above 0"),
            predicted: "gamma_deviance needs it above 0",
            half: |truth: f64, predicted: f64| {
                let ratio = truth / predicted;
                ratio - 1.0 - ratio.ln()
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
        Sample::values(truth, predicted).measure(json!("gamma_deviance"))
    }

    #[test]
    fn ratios_count() {
        let expected = f64::midpoint(2.0 * (1.0 - 2.0_f64.ln()), 2.0 * (3.0_f64.ln() - 2.0 / 3.0));
        assert_close(deviance(&[2.0, 1.0], &[1.0, 3.0]), expected);
        assert_close(deviance(&[200.0, 100.0], &[100.0, 300.0]), expected);
        assert_close(deviance(&[0.3], &[0.3]), 0.0);
    }

    #[test]
    fn what_is_not_above_zero_is_undefined() {
        let reason = by_data(deviance(&[0.0], &[1.0]));
        assert_eq!(reason, "the target in judged row 1 is 0, but gamma_deviance needs it above 0");
        let reason = by_model(deviance(&[1.0], &[-1.0]));
        assert_eq!(
            reason,
            "the prediction in judged row 1 is -1, but gamma_deviance needs it above 0"
        );
    }
}
