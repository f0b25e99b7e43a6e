//! The correlation between truth and prediction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{counts, labels};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The Matthews correlation coefficient between the true and the predicted classes.
///
/// From -1 to 1, higher is better: 1 is always right, 0 is no better than chance. It stays telling
/// where one class is rare, because all four kinds of right and wrong count.
///
/// Formula: `(c n - Σ tₖ pₖ) / √((n² - Σ pₖ²) (n² - Σ tₖ²))`, with `n` rows, `c` right answers, and
/// `tₖ` rows and `pₖ` predictions of class `k` (Gorodkin, 2004). For two classes this is the
/// coefficient of Matthews (1975); for more, the lowest possible value lies above -1.
///
/// Where all predictions are of one class there is nothing to correlate, and the value is 0 as in
/// scikit-learn. Undefined by the data where all rows are of one class. **scikit-learn gives 0
/// there.**
///
/// ```yaml
/// thresholds:
///   matthews: "> 0.6"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matthews {}

impl Metric for Matthews {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Labels,
            direction: Direction::HigherIsBetter,
            range: (-1.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = labels(judged)?;
        let (mut rows, mut right) = (0_i128, 0_i128);
        let (mut together, mut actual, mut predicted) = (0_i128, 0_i128, 0_i128);
        for class in counts(&labels) {
            let (t, p) = (i128::from(class.actual), i128::from(class.predicted));
            rows += t;
            right += i128::from(class.right);
            together += t * p;
            actual += t * t;
            predicted += p * p;
        }
        if actual == rows * rows {
            let reason = "all judged rows are of one class";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        let spread = (rows * rows - actual) as f64 * (rows * rows - predicted) as f64;
        if spread == 0.0 {
            return Ok(0.0);
        }
        Ok((right * rows - together) as f64 / spread.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn matthews(classes: i64, truth: &[u32], predicted: &[u32]) -> crate::data::Value {
        Sample::classes(classes, truth, predicted).measure(json!("matthews"))
    }

    #[test]
    fn two_classes_follow_the_formula_of_1975() {
        // tp 3, fn 1, fp 2, tn 4.
        let truth = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        let predicted = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0];
        let expected = (3.0 * 4.0 - 2.0 * 1.0) / (5.0_f64 * 4.0 * 6.0 * 5.0).sqrt();
        assert_close(matthews(2, &truth, &predicted), expected);
    }

    #[test]
    fn perfect_is_one_and_swapped_minus_one() {
        assert_eq!(matthews(3, &[0, 1, 2, 2, 1], &[0, 1, 2, 2, 1]), Ok(1.0));
        assert_eq!(matthews(2, &[0, 1, 1], &[1, 0, 0]), Ok(-1.0));
    }

    #[test]
    fn one_predicted_class_is_zero_and_one_true_class_undefined() {
        assert_eq!(matthews(2, &[0, 1, 1], &[1, 1, 1]), Ok(0.0));
        for predicted in [[0, 1, 1], [1, 1, 1], [0, 0, 0]] {
            let reason = by_data(matthews(2, &[0, 0, 0], &predicted));
            assert_eq!(reason, "all judged rows are of one class");
        }
    }
}
