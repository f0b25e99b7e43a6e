//! The mean squared error of the probabilities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{one_class, unknown_class};
use super::scores::shares;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Side, Task, Value};
use crate::diagnostic::Problem;

/// The Brier score: the mean squared error of the probabilities.
///
/// Lower is better. For two classes it is from 0 to 1, and always answering 0.5 scores 0.25. For more
/// it is **not halved**: from 0 to 2, as in Brier's paper of 1950 and scikit-learn's
/// `brier_score_loss`. It punishes both bad order and bad calibration, and a single sure and wrong
/// answer less than `log_loss` does.
///
/// Formula: `(1 / n) Σ (p - y)²` over the rows, with the probability `p` of the positive class and `y` 1
/// where the row is of it and 0 elsewhere. For more than two classes `(1 / n) Σ Σₖ (pₖ - yₖ)²` over the
/// rows and classes, or one `class` against the rest. Two classes have the same score, so none has to
/// be named positive.
///
/// Undefined by the data where a probability is not a number from 0 to 1.
///
/// ```yaml
/// thresholds:
///   brier: "< 0.1"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Brier {
    /// The one class that is measured against the rest; without it, all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Metric for Brier {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Probabilities,
            direction: Direction::LowerIsBetter,
            range: (0.0, if self.class.is_some() { 1.0 } else { 2.0 }),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let problem = match (&self.class, setting.classes) {
            (Some(name), Some(classes)) => unknown_class(name, classes),
            _ => None,
        };
        problem.into_iter().collect()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let scores = shares(judged)?;
        let square = |p: f64, is_of_class: bool| {
            let error = p - f64::from(is_of_class);
            error * error
        };
        let mean = if self.class.is_some() || scores.classes.len() == 2 {
            // Either of two classes has the same errors.
            let class = match (&self.class, judged.positive) {
                (None, None) => 1,
                (class, _) => one_class(class.as_ref(), judged, scores.classes)?,
            };
            scores.rows.mean(|row| {
                let (p, side) = scores.entry(row, class);
                square(p, side == Side::OfClass)
            })
        } else {
            scores.rows.mean(|row| {
                let truth = scores.truth[row] as usize;
                let row = scores.probabilities.row(row);
                row.iter().enumerate().map(|(class, p)| square(*p, class == truth)).sum()
            })
        };
        // Above the end only by rounding.
        Ok(mean.min(self.about().range.1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, problems};
    use ndarray::array;
    use serde_json::json;

    #[test]
    fn two_classes_count_once() {
        // scikit-learn's example.
        let mut sample = Sample::scores(&[0, 1, 1, 0], &[0.1, 0.9, 0.8, 0.3]);
        assert_close(sample.measure(json!("brier")), 0.0375);
        assert_close(sample.measure(json!({ "brier": { "class": 0 } })), 0.0375);
        sample.positive = None;
        assert_eq!(problems(json!("brier"), &sample.setting()), []);
        assert_close(sample.measure(json!("brier")), 0.0375);
    }

    #[test]
    fn more_classes_are_not_halved() {
        let scores = array![[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]];
        let sample = Sample::probabilities(&[1, 1], scores.view());
        assert_close(sample.measure(json!("brier")), f64::midpoint(2.0, 0.25 + 0.5625 + 0.0625));
        let one = sample.measure(json!({ "brier": { "class": 1 } }));
        assert_close(one, f64::midpoint(1.0, 0.5625));
    }

    #[test]
    fn what_is_no_probability_is_named() {
        let value = Sample::scores(&[0, 1], &[0.5, 1.5]).measure(json!("brier"));
        assert_eq!(by_data(value), "a probability in judged row 2 is not between 0 and 1");
    }
}
