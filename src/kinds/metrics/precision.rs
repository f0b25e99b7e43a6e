//! The share of the rows predicted as a class that are of that class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{Average, Choice};
use super::class::{self, Missing};
use super::counts::Counts;
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The share of the rows predicted as a class that are of that class.
///
/// From 0 to 1, higher is better: 1 means no false alarm. It says nothing of the rows that were
/// missed; `recall` does.
///
/// Formula: `tp / (tp + fp)`, with the rows that are rightly (`tp`) and wrongly (`fp`) predicted
/// as the class.
///
/// With two classes it is about the positive one. With more, choose `class`, or an `average` over
/// the classes that occur in truth or prediction.
///
/// **Never a stand-in of 0, as scikit-learn gives with a warning.** Undefined by the model where
/// a class has rows but is never predicted; undefined by the data where neither a row nor a
/// prediction is of the class. An average is undefined where one of its classes is.
///
/// ```yaml
/// metrics:
///   - precision: { average: macro }
/// thresholds:
///   precision: { min: 0.8 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Precision {
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

impl Precision {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "precision",
            average: self.average,
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for Precision {
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
    if of.predicted() > 0.0 {
        return Ok(of.right / of.predicted());
    }
    Err(if of.actual() > 0.0 { Missing::NeverPredicted } else { Missing::Absent })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use serde_json::json;

    #[test]
    fn two_classes_are_about_the_positive_one() {
        let mut sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 1, 1, 0]);
        assert_close(sample.measure(json!("precision")), 1.0 / 3.0);
        assert_close(sample.measure(json!({ "precision": { "class": 0 } })), 0.5);
        sample.positive = Some(0);
        assert_close(sample.measure(json!({ "precision": { "average": "binary" } })), 0.5);
    }

    #[test]
    fn averages() {
        let sample = Sample::classes(3, &[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2]);
        let of = |average| sample.measure(json!({ "precision": { "average": average } }));
        assert_close(of("macro"), (1.0 + 0.5 + 0.5) / 3.0);
        assert_close(of("weighted"), (3.0 * 1.0 + 2.0 * 0.5 + 0.5) / 6.0);
        assert_close(of("micro"), 4.0 / 6.0);
    }

    #[test]
    fn a_class_that_only_occurs_in_predictions_counts_zero() {
        let sample = Sample::classes(4, &[0, 0, 1], &[0, 2, 1]);
        let of = |average| sample.measure(json!({ "precision": { "average": average } }));
        assert_close(of("macro"), 2.0 / 3.0);
        assert_close(of("weighted"), 1.0);
    }

    #[test]
    fn never_predicted_is_the_models_doing() {
        let sample = Sample::classes(4, &[0, 1, 2], &[0, 0, 0]);
        let of = |parameters| sample.measure(json!({ "precision": parameters }));
        assert_eq!(by_model(of(json!({ "class": 1 }))), "class `1` is never predicted");
        for average in ["macro", "weighted"] {
            let reason = by_model(of(json!({ "average": average })));
            assert_eq!(reason, "classes `1`, `2` are never predicted");
        }
        assert_eq!(
            by_data(of(json!({ "class": 3 }))),
            "class `3` has no row among those judged, and is not predicted either"
        );
    }
}
