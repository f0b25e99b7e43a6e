//! The share of the rows of a class that are missed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against_rest::Choice;
use super::{About, Direction, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
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
    /// A cut of its own: a row counts as the class where the class's probability is above this, and not
    /// where the model answers it. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl FalseNegativeRate {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "false_negative_rate",
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for FalseNegativeRate {
    fn about(&self) -> About {
        self.choice().about(Direction::LowerIsBetter)
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        self.choice().share(judged, |rest| rest.class.missed, |rest| rest.class.right)
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
