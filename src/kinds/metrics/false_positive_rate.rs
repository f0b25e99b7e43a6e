//! The share of the rows of other classes that are predicted as a class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against_rest::Choice;
use super::{About, Direction, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;

/// The share of the rows that are not of a class which are predicted as it nevertheless.
///
/// From 0 to 1, lower is better: 0 means no false alarm. It is 1 less `specificity`.
///
/// Formula: `fp / (fp + tn)`, with the rows of the rest that are wrongly predicted as the class (`fp`)
/// and that are rightly left alone (`tn`).
///
/// With two classes it is about the positive one. With more, choose `class`.
///
/// Undefined by the data where all judged rows are of the class. **scikit-learn gives NaN with a
/// warning there.**
///
/// ```yaml
/// thresholds:
///   false_positive_rate: "< 0.05"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FalsePositiveRate {
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

impl FalsePositiveRate {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "false_positive_rate",
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for FalsePositiveRate {
    fn about(&self) -> About {
        self.choice().about(Direction::LowerIsBetter)
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        self.choice().share(judged, |rest| rest.class.alarms, |rest| rest.passed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn false_alarms_among_the_rest() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 0, 1, 0]);
        assert_close(sample.measure(json!("false_positive_rate")), 1.0 / 3.0);
        assert_close(sample.measure(json!({ "false_positive_rate": { "class": 0 } })), 0.5);
    }

    #[test]
    fn a_rest_without_rows_is_undefined() {
        let value = Sample::classes(2, &[1, 1], &[0, 1]).measure(json!("false_positive_rate"));
        assert_eq!(by_data(value), "all judged rows are of class 1");
    }
}
