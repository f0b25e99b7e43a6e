//! The mean over the classes of the share of each that was found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::Missing;
use super::counts::tally;
use super::cut::{OfAll, needs};
use super::{About, Direction, Metric, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The mean over the classes of the share of each class's rows that were predicted right.
///
/// From 0 to 1, higher is better. A model that always answers one of `k` classes scores `1 / k`,
/// however frequent that class is.
///
/// Formula: `(1 / k) Σ right_c / rows_c` over the `k` classes that occur among the judged rows,
/// which is the macro average of `recall` (Brodersen et al., 2010).
///
/// Undefined by the data where all judged rows are of one class. **Also where a class is
/// predicted that no judged row has: scikit-learn warns, and takes the mean of the others.**
///
/// ```yaml
/// thresholds:
///   balanced_accuracy: "> 0.85"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BalancedAccuracy {
    /// A cut of its own, for a target of two classes: a row counts as the positive class where that
    /// class's probability is above this, and as the other elsewhere. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl BalancedAccuracy {
    fn choice(&self) -> OfAll {
        OfAll { metric: "balanced_accuracy", threshold: self.threshold }
    }
}

impl Metric for BalancedAccuracy {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: needs(self.threshold),
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
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
        let counts = &tally.classes;
        if tally.is_of_one_class() {
            return Err(Undefined::ByData("all judged rows are of one class".to_owned()));
        }
        let strangers: Vec<usize> = (0..counts.len())
            .filter(|code| counts[*code].actual() == 0.0 && counts[*code].alarms > 0.0)
            .collect();
        if !strangers.is_empty() {
            return Err(Missing::NoTrueRow.of(labels.classes, &strangers));
        }
        let present = counts.iter().filter(|class| class.actual() > 0.0);
        let sum: f64 = present.clone().map(|class| class.right / class.actual()).sum();
        Ok(sum / present.count() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn every_class_counts_the_same() {
        let sample = Sample::classes(2, &[0, 0, 0, 0, 1], &[0, 0, 0, 0, 0]);
        assert_close(sample.measure(json!("balanced_accuracy")), 0.5);
        let sample = Sample::classes(3, &[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2]);
        let expected = (2.0 / 3.0 + 1.0 / 2.0 + 1.0) / 3.0;
        assert_close(sample.measure(json!("balanced_accuracy")), expected);
    }

    #[test]
    fn a_class_that_no_row_has_and_none_predicts_is_left_out() {
        let sample = Sample::classes(3, &[0, 0, 2, 2], &[0, 2, 2, 2]);
        assert_close(sample.measure(json!("balanced_accuracy")), 0.75);
    }

    #[test]
    fn undefined_cases_say_why() {
        let reason = |truth, predicted| {
            by_data(Sample::classes(3, truth, predicted).measure(json!("balanced_accuracy")))
        };
        assert_eq!(reason(&[1, 1], &[1, 0]), "all judged rows are of one class");
        assert_eq!(
            reason(&[0, 1], &[0, 2]),
            "class `2` is predicted, but has no row among those judged"
        );
    }
}
