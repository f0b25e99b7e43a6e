//! The share of the rows of a class that are missed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{against_rest, check_one_class, one_sided};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Value};
use crate::diagnostic::Problem;

/// The share of a class's rows that are not predicted as it.
///
/// From 0 to 1, lower is better: 0 means that no row is missed. It is 1 less `recall`.
///
/// Formula: `fn / (fn + tp)`, with the rows of the class that are missed (`fn`) and found (`tp`).
///
/// With two classes it is about the positive one. With more, choose `class`.
///
/// Undefined by the data where no judged row is of the class. **scikit-learn gives NaN with a warning
/// there.**
///
/// ```yaml
/// thresholds:
///   false_negative_rate: "< 0.1"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FalseNegativeRate {
    /// The one class that is measured against the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Metric for FalseNegativeRate {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Labels,
            direction: Direction::LowerIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        check_one_class("false_negative_rate", self.class.as_ref(), setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let (labels, code, rest) = against_rest(self.class.as_ref(), judged)?;
        match rest.found + rest.missed {
            0 => Err(one_sided(&labels, code)),
            rows => Ok(rest.missed as f64 / rows as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn missed_rows_of_the_class() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 0, 1, 0]);
        assert_close(sample.measure(json!("false_negative_rate")), 0.5);
        assert_close(sample.measure(json!({ "false_negative_rate": { "class": 0 } })), 1.0 / 3.0);
    }

    #[test]
    fn a_class_without_rows_is_undefined() {
        let value = Sample::classes(2, &[0, 0], &[0, 1]).measure(json!("false_negative_rate"));
        assert_eq!(by_data(value), "no judged row is of class 1");
    }
}
