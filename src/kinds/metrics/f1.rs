//! The harmonic mean of precision and recall.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{Average, Choice};
use super::class::{self, Missing};
use super::counts::Counts;
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The harmonic mean of a class's precision and recall.
///
/// From 0 to 1, higher is better: 1 means neither a false alarm nor a missed row. Rows that are
/// rightly not of the class do not count.
///
/// Formula: `2 tp / (2 tp + fp + fn)`, with the rows of the class that were found (`tp`) and
/// missed (`fn`), and the rows wrongly predicted as it (`fp`).
///
/// With two classes it is about the positive one. With more, choose `class`, or an `average` over
/// the classes that occur in truth or prediction.
///
/// A class that is never predicted, or that is predicted where no row has it, scores 0. Undefined
/// by the data where neither a row nor a prediction is of the class. **scikit-learn gives 0 with
/// a warning there.**
///
/// ```yaml
/// metrics:
///   - f1: { average: macro }
/// thresholds:
///   f1: { min: 0.93 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct F1 {
    /// How the classes become one number. Default: `binary` with two classes; with more there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Average")]
    pub average: Option<Average>,
    /// The one class that is measured against the rest, instead of `average`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
    /// A cut of its own: a row counts as the class where the class's probability is above this, and not
    /// where the model answers it. With an `average` over all classes it is a cut through the positive
    /// class of two. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl F1 {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "f1",
            average: self.average,
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for F1 {
    fn about(&self) -> About {
        self.choice().about()
    }

    fn rules() -> Vec<Rule> {
        vec![class::exclusive("average", "class")]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        self.choice().measure(judged, rate)
    }
}

fn rate(of: Counts) -> Result<f64, Missing> {
    let both = of.actual() + of.predicted();
    // The rows found stand in both, so this is 2 tp + fp + fn.
    if both > 0.0 { Ok(2.0 * of.right / both) } else { Err(Missing::Absent) }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn two_classes_are_about_the_positive_one() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 1, 1, 0]);
        let (precision, recall) = (1.0 / 3.0, 0.5);
        let expected = 2.0 * precision * recall / (precision + recall);
        assert_close(sample.measure(json!("f1")), expected);
    }

    #[test]
    fn averages() {
        let sample = Sample::classes(3, &[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2]);
        let of = |average| sample.measure(json!({ "f1": { "average": average } }));
        assert_close(of("macro"), (0.8 + 0.5 + 2.0 / 3.0) / 3.0);
        assert_close(of("weighted"), (3.0 * 0.8 + 2.0 * 0.5 + 2.0 / 3.0) / 6.0);
        assert_close(of("micro"), 4.0 / 6.0);
    }

    #[test]
    fn no_right_answer_is_zero_and_an_absent_class_undefined() {
        let sample = Sample::classes(4, &[0, 0, 1], &[0, 2, 0]);
        let of = |parameters| sample.measure(json!({ "f1": parameters }));
        assert_close(of(json!({ "class": 1 })), 0.0);
        assert_close(of(json!({ "class": 2 })), 0.0);
        assert_close(of(json!({ "average": "macro" })), 0.5 / 3.0);
        assert_eq!(
            by_data(of(json!({ "class": 3 }))),
            "class `3` has no row among those judged, and is not predicted either"
        );
    }
}
