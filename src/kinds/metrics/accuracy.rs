//! The share of rows whose class was predicted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::right;
use super::cut::{OfAll, needs};
use super::{About, Direction, Metric, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The share of rows whose class was predicted: right answers divided by all rows.
///
/// From 0 to 1, higher is better. Where one class is frequent, a model that always answers that
/// class scores high too: compare with the dummy's value in the report, or use
/// `balanced_accuracy`.
///
/// ```yaml
/// thresholds:
///   accuracy: "> 0.9"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Accuracy {
    /// A cut of its own, for a target of two classes: a row counts as the positive class where that
    /// class's probability is above this, and as the other elsewhere. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl Accuracy {
    fn choice(&self) -> OfAll {
        OfAll { metric: "accuracy", threshold: self.threshold }
    }
}

impl Metric for Accuracy {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: needs(self.threshold),
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = self.choice().labels(judged)?;
        let (right, rows) = right(&labels)?;
        Ok(right / rows)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn rows_count_as_much_as_they_weigh() {
        let sample = Sample::classes(3, &[0, 1, 2, 2], &[0, 1, 0, 2]);
        assert_eq!(sample.measure(json!("accuracy")), Ok(0.75));
        let weighted = sample.clone().weighted(&[1.0, 0.5, 2.0, 0.0]);
        assert_close(weighted.measure(json!("accuracy")), 1.5 / 3.5);
        let nothing = sample.clone().weighted(&[0.0; 4]);
        assert_eq!(by_data(nothing.measure(json!("accuracy"))), "the judged rows weigh nothing");
        let heavy = sample.weighted(&[f64::MAX; 4]);
        let reason = "the weights are too large to be summed";
        assert_eq!(by_data(heavy.measure(json!("accuracy"))), reason);
    }
}
