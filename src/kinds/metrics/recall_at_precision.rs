//! The best recall of a cut that is precise enough.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::best_cut::{about, best, check, level};
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The highest share of a class's rows that a cut through its probabilities finds with at least a
/// given precision.
///
/// From 0 to 1, higher is better. The cut is chosen on the judged rows themselves, so it says what a
/// good cut could reach and not what the model's own does; `recall` says that.
///
/// Formula: `max R(c)` over the distinct probabilities `c` with `P(c) ≥ precision`, with precision `P`
/// and recall `R` of the rows at or above `c`, from scikit-learn's `precision_recall_curve`. Where no
/// cut is precise enough, nothing can be taken, and the value is 0.
///
/// With two classes it is about the positive one. With more, choose `class`.
///
/// Undefined by the data where no judged row is of the class, or all are, and where a probability is
/// not a finite number.
///
/// ```yaml
/// metrics:
///   - recall_at_precision: { precision: 0.9 }
/// thresholds:
///   recall_at_precision: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecallAtPrecision {
    /// The share of the rows taken that has to be of the class. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.9)]
    pub precision: Option<f64>,
    /// The one class that is measured against the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Metric for RecallAtPrecision {
    fn about(&self) -> About {
        about()
    }

    fn rules() -> Vec<Rule> {
        vec![level("recall_at_precision", "precision")]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        check("recall_at_precision", ("precision", self.precision), self.class.as_ref(), setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        // `check` refuses a spec without `precision`.
        let least = self.precision.unwrap_or(1.0);
        best(self.class.as_ref(), judged, |cut, of_class| {
            (cut.precision() >= least).then(|| cut.found / of_class)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, problems};
    use serde_json::json;

    fn at(least: f64) -> crate::data::Value {
        // Cuts, from the highest: 1 of 1, 1 of 2, 3 of 4, 3 of 5.
        let sample = Sample::scores(&[1, 0, 1, 1, 0], &[0.9, 0.8, 0.5, 0.5, 0.2]);
        sample.measure(json!({ "recall_at_precision": { "precision": least } }))
    }

    #[test]
    fn the_best_cut_that_is_precise() {
        assert_close(at(1.0), 1.0 / 3.0);
        assert_close(at(0.75), 1.0);
        assert_close(at(0.76), 1.0 / 3.0);
        let wrong = Sample::scores(&[0, 1], &[0.9, 0.1]);
        assert_close(wrong.measure(json!({ "recall_at_precision": { "precision": 0.6 } })), 0.0);
    }

    #[test]
    fn what_is_missing_is_said() {
        let sample = Sample::scores(&[0, 0], &[0.5, 0.25]);
        let found = problems(json!("recall_at_precision"), &sample.setting());
        assert_eq!(found[0].message, "`recall_at_precision` has no `precision`");
        let value = sample.measure(json!({ "recall_at_precision": { "precision": 0.5 } }));
        assert_eq!(by_data(value), "no judged row is of class 1");
    }
}
