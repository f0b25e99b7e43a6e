//! The share of the rows of other classes that are not predicted as a class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::against_rest::Choice;
use super::{About, Direction, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;

/// The share of the rows that are not of a class which are not predicted as it.
///
/// From 0 to 1, higher is better: 1 means no false alarm. It is the recall of the rest, also called
/// true negative rate, and 1 less `false_positive_rate`.
///
/// Formula: `tn / (tn + fp)`, with the rows of the rest that are rightly left alone (`tn`) and that
/// are wrongly predicted as the class (`fp`). scikit-learn has it as the recall of the other class.
///
/// With two classes it is about the positive one. With more, choose `class`.
///
/// Undefined by the data where all judged rows are of the class. **scikit-learn gives 0 with a warning
/// there.**
///
/// ```yaml
/// thresholds:
///   specificity: { min: 0.9 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Specificity {
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

impl Specificity {
    fn choice(&self) -> Choice<'_> {
        Choice { metric: "specificity", class: self.class.as_ref(), threshold: self.threshold }
    }
}

impl Metric for Specificity {
    fn about(&self) -> About {
        self.choice().about(Direction::HigherIsBetter)
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        self.choice().share(judged, |rest| rest.passed, |rest| rest.class.alarms)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, problems, words};
    use crate::diagnostic::Code;
    use crate::kinds::metrics::Setting;
    use serde_json::json;

    #[test]
    fn the_recall_of_the_rest() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 0, 1, 0]);
        assert_close(sample.measure(json!("specificity")), 2.0 / 3.0);
        assert_close(sample.measure(json!({ "specificity": { "class": 0 } })), 0.5);
        let many = Sample::classes(3, &[0, 1, 2, 2], &[1, 1, 0, 1]);
        assert_close(many.measure(json!({ "specificity": { "class": 1 } })), 1.0 / 3.0);
    }

    #[test]
    fn a_rest_without_rows_is_undefined() {
        let sample = Sample::classes(2, &[1, 1], &[0, 1]);
        assert_eq!(by_data(sample.measure(json!("specificity"))), "all judged rows are of class 1");
    }

    #[test]
    fn more_than_two_classes_need_one() {
        let classes = words(&["a", "b", "c"]);
        let setting = Setting { classes: Some(&classes), positive: None };
        let of = |metric| {
            let found = problems(metric, &setting);
            found.iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        assert_eq!(of(json!("specificity")), [Code::MetricNeedsAverage]);
        assert_eq!(of(json!({ "specificity": { "class": "d" } })), [Code::UnknownClass]);
        assert_eq!(of(json!({ "specificity": { "class": "b" } })), []);
    }
}
