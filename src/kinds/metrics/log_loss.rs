//! The mean negative logarithm of the probability given to the true class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scores::shares;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The mean negative natural logarithm of the probability that each row's true class was given.
///
/// From 0 without an upper end, lower is better. Guessing among `k` equally frequent classes scores
/// `ln k`. A single sure and wrong answer costs about 36, because probabilities are clipped. Also
/// called cross-entropy.
///
/// Formula: `-(1 / n) Σ ln clip(p, ε, 1 - ε)` over the rows, with the probability `p` of the true
/// class and ε = 2⁻⁵², scikit-learn's for f64. The probabilities of a row are taken as they are,
/// not scaled to a sum of 1.
///
/// Undefined by the data where a probability is not a number from 0 to 1.
///
/// ```yaml
/// thresholds:
///   log_loss: "< 0.4"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogLoss {}

impl Metric for LogLoss {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Probabilities,
            direction: Direction::LowerIsBetter,
            // The clip at 2⁻⁵² is also where the loss ends.
            range: (0.0, 52.0 * std::f64::consts::LN_2),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let scores = shares(judged)?;
        let loss = |row: usize| {
            let p = scores.probabilities[[row, scores.truth[row] as usize]];
            -p.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
        };
        // Above the end only by rounding.
        Ok(scores.rows.mean(loss).min(self.about().range.1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use ndarray::array;
    use serde_json::json;

    #[test]
    fn the_mean_surprise_of_the_true_class() {
        let sample = Sample::scores(&[0, 1, 1], &[0.25, 0.5, 0.125]);
        let expected = ((4.0_f64 / 3.0).ln() + 2.0_f64.ln() + 8.0_f64.ln()) / 3.0;
        assert_close(sample.measure(json!("log_loss")), expected);
        let thirds = Sample::probabilities(&[0, 2], array![[1.0; 3], [1.0; 3]].view());
        assert_close(thirds.measure(json!("log_loss")), f64::EPSILON);
    }

    #[test]
    fn sure_answers_are_clipped_at_two_to_the_minus_52() {
        let of = |score| Sample::scores(&[1], &[score]).measure(json!("log_loss"));
        assert_close(of(0.0), 52.0 * 2.0_f64.ln());
        assert_eq!(of(1.0), Ok(-(1.0 - f64::EPSILON).ln()));
    }

    #[test]
    fn what_is_no_probability_is_named() {
        let of = |score| Sample::scores(&[0, 1], &[0.5, score]).measure(json!("log_loss"));
        let reason = "a probability in judged row 2 is not a finite number";
        assert_eq!(by_data(of(f64::NAN)), reason);
        assert_eq!(by_data(of(1.5)), "a probability in judged row 2 is not between 0 and 1");
    }
}
