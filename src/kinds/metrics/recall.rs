//! The share of the rows of a class that were found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{Average, Choice};
use super::class::{self, Missing};
use super::counts::Counts;
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The share of the rows of a class that were predicted as that class.
///
/// From 0 to 1, higher is better: 1 means that no row was missed. It says nothing of false
/// alarms; `precision` does. Also called sensitivity, or true positive rate.
///
/// Formula: `tp / (tp + fn)`, with the rows of the class that were found (`tp`) and missed (`fn`).
///
/// With two classes it is about the positive one. With more, choose `class`, or an `average` over
/// the classes that occur in truth or prediction.
///
/// **Never a stand-in of 0, as scikit-learn gives with a warning.** Undefined by the data where
/// no judged row is of the class. An average is undefined where one of its classes is: where a
/// class is predicted that no judged row has.
///
/// ```yaml
/// metrics:
///   - recall: { class: Gentoo, as: gentoo_recall }
/// thresholds:
///   gentoo_recall: { min: 0.97 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Recall {
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

impl Recall {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "recall",
            average: self.average,
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for Recall {
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
    if of.actual() > 0.0 {
        return Ok(of.right / of.actual());
    }
    Err(if of.predicted() > 0.0 { Missing::NoTrueRow } else { Missing::Absent })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn two_classes_are_about_the_positive_one() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 1, 1, 0]);
        assert_close(sample.measure(json!("recall")), 0.5);
        assert_close(sample.measure(json!({ "recall": { "class": "0" } })), 1.0 / 3.0);
    }

    #[test]
    fn averages() {
        let sample = Sample::classes(3, &[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2]);
        let of = |average| sample.measure(json!({ "recall": { "average": average } }));
        assert_close(of("macro"), (2.0 / 3.0 + 0.5 + 1.0) / 3.0);
        assert_close(of("weighted"), 4.0 / 6.0);
        assert_close(of("micro"), 4.0 / 6.0);
    }

    #[test]
    fn a_class_that_is_never_predicted_has_recall_zero() {
        let sample = Sample::classes(2, &[0, 1, 1], &[0, 0, 0]);
        assert_close(sample.measure(json!("recall")), 0.0);
    }

    #[test]
    fn a_class_without_rows_is_the_datas_doing() {
        let sample = Sample::classes(4, &[0, 0, 1], &[0, 2, 1]);
        let of = |parameters| sample.measure(json!({ "recall": parameters }));
        let reason = "class `2` is predicted, but has no row among those judged";
        assert_eq!(by_data(of(json!({ "class": 2 }))), reason);
        for average in ["macro", "weighted"] {
            assert_eq!(by_data(of(json!({ "average": average }))), reason);
        }
        assert_eq!(
            by_data(of(json!({ "class": 3 }))),
            "class `3` has no row among those judged, and is not predicted either"
        );
    }
}
