//! The correlation between truth and prediction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::{others, tally};
use super::cut::{OfAll, needs};
use super::values::products;
use super::{About, Direction, Metric, OverFolds, Setting, Weighting};
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
#[serde(default, deny_unknown_fields)]
pub struct Matthews {
    /// A cut of its own, for a target of two classes: a row counts as the positive class where that
    /// class's probability is above this, and as the other elsewhere. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl Matthews {
    fn choice(&self) -> OfAll {
        OfAll { metric: "matthews", threshold: self.threshold }
    }
}

impl Metric for Matthews {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: needs(self.threshold),
            direction: Direction::HigherIsBetter,
            range: (-1.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = self.choice().labels(judged)?;
        let tally = tally(&labels)?;
        if tally.is_of_one_class() {
            let reason = "all judged rows are of one class";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        let classes = &tally.classes;
        let actual: Vec<f64> = classes.iter().map(|class| class.actual()).collect();
        let predicted: Vec<f64> = classes.iter().map(|class| class.predicted()).collect();
        let (truth, answers) = (apart(&actual), apart(&predicted));
        if answers == 0.0 {
            return Ok(0.0);
        }
        // One root is the more exact; two keep the smallest weights apart from 0.
        let product = truth * answers;
        let spread =
            if product.is_normal() { product.sqrt() } else { truth.sqrt() * answers.sqrt() };
        let right = classes.iter().map(|class| (class.right, tally.rows));
        let chance = actual.iter().zip(&predicted).map(|(t, p)| (-t, *p));
        Ok((products(right.chain(chance)) / spread).clamp(-1.0, 1.0))
    }
}

/// The pairs of rows that are of two classes, from the rows of each: `n² - Σ rows²` without its
/// cancellation.
fn apart(rows: &[f64]) -> f64 {
    products(rows.iter().copied().zip(others(rows)))
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
