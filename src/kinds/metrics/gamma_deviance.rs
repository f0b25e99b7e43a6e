//! The deviance of positive amounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Pairs, in_range, pairs, sum};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
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
        let pairs = checked(judged)?;
        let losses = pairs.truth.iter().zip(pairs.predicted).map(|(truth, predicted)| {
            let ratio = truth / predicted;
            // Below 0 only by rounding.
            (2.0 * (ratio - 1.0 - ratio.ln())).max(0.0)
        });
        in_range(sum(losses) / pairs.rows() as f64)
    }
}

/// The pairs, once truth and prediction are where the metric has a value.
fn checked<'a>(judged: &Judged<'a>) -> Result<Pairs<'a>, Undefined> {
    let pairs = pairs(judged)?;
    if let Some(row) = pairs.truth.iter().position(|value| *value <= 0.0) {
        let (value, row) = (pairs.truth[row], row + 1);
        return Err(Undefined::ByData(format!(
            "the target in judged row {row} is {value}, but gamma_deviance needs it above 0"
        )));
    }
    match pairs.predicted.iter().position(|value| *value <= 0.0) {
        None => Ok(pairs),
        Some(row) => Err(Undefined::ByModel(format!(
            "the prediction in judged row {} is {}, but gamma_deviance needs it above 0",
            row + 1,
            pairs.predicted[row]
        ))),
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
