//! How far the rows of a class and the rows predicted as it are the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{Average, Choice};
use super::class::{self, Missing};
use super::counts::Counts;
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The Jaccard index: how far the rows of a class and the rows predicted as it are the same.
///
/// From 0 to 1, higher is better: 1 means neither a false alarm nor a missed row. It orders models of
/// one class as `f1` does, and is never above it. Also called intersection over union.
///
/// Formula: `tp / (tp + fp + fn)`, with the rows of the class that were found (`tp`) and missed
/// (`fn`), and the rows wrongly predicted as it (`fp`).
///
/// With two classes it is about the positive one. With more, choose `class`, or an `average` over
/// the classes that occur in truth or prediction.
///
/// A class that is never predicted, or that is predicted where no row has it, scores 0. Undefined by
/// the data where neither a row nor a prediction is of the class. **scikit-learn gives 0 with a
/// warning there.**
///
/// ```yaml
/// metrics:
///   - jaccard: { average: macro }
/// thresholds:
///   jaccard: { min: 0.7 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jaccard {
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

impl Jaccard {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "jaccard",
            average: self.average,
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for Jaccard {
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
    if of.either() > 0.0 { Ok(of.right / of.either()) } else { Err(Missing::Absent) }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    #[test]
    fn two_classes_are_about_the_positive_one() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 1, 1, 0]);
        assert_close(sample.measure(json!("jaccard")), 0.25);
        assert_close(sample.measure(json!({ "jaccard": { "class": 0 } })), 0.25);
    }

    #[test]
    fn averages() {
        let sample = Sample::classes(3, &[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 2]);
        let of = |average| sample.measure(json!({ "jaccard": { "average": average } }));
        assert_close(of("macro"), (2.0 / 3.0 + 1.0 / 3.0 + 0.5) / 3.0);
        assert_close(of("weighted"), (2.0 + 2.0 / 3.0 + 0.5) / 6.0);
        assert_close(of("micro"), 0.5);
    }

    #[test]
    fn an_absent_class_is_undefined() {
        let value = Sample::classes(3, &[0, 0, 1], &[0, 1, 0])
            .measure(json!({ "jaccard": { "class": 2 } }));
        assert_eq!(
            by_data(value),
            "class `2` has no row among those judged, and is not predicted either"
        );
    }
}
