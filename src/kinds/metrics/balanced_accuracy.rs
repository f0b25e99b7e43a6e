//! The mean over the classes of the share of each that was found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{Missing, counts, labels};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
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
#[serde(deny_unknown_fields)]
pub struct BalancedAccuracy {}

impl Metric for BalancedAccuracy {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Labels,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = labels(judged)?;
        let counts = counts(&labels);
        let present: Vec<_> = counts.iter().filter(|class| class.actual > 0).collect();
        if let [_] = present.as_slice() {
            return Err(Undefined::ByData("all judged rows are of one class".to_owned()));
        }
        let strangers: Vec<usize> = (0..counts.len())
            .filter(|code| counts[*code].actual == 0 && counts[*code].predicted > 0)
            .collect();
        if !strangers.is_empty() {
            return Err(Missing::NoTrueRow.of(labels.classes, &strangers));
        }
        let sum: f64 = present.iter().map(|class| class.right as f64 / class.actual as f64).sum();
        Ok(sum / present.len() as f64)
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
