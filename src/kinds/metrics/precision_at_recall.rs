//! The best precision of a cut that finds enough rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::best_cut::{about, best, check, level};
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The highest precision of a cut through the probabilities of a class that finds at least a given
/// share of its rows.
///
/// From 0 to 1, higher is better. The cut is chosen on the judged rows themselves, so it says what a
/// good cut could reach and not what the model's own does; `precision` says that.
///
/// Formula: `max P(c)` over the distinct probabilities `c` with `R(c) ≥ recall`, with precision `P` and
/// recall `R` of the rows at or above `c`, from scikit-learn's `precision_recall_curve`. The lowest
/// cut finds every row, so there always is one.
///
/// With two classes it is about the positive one. With more, choose `class`.
///
/// Undefined by the data where no judged row is of the class, or all are, and where a probability is
/// not a finite number.
///
/// ```yaml
/// metrics:
///   - precision_at_recall: { recall: 0.9 }
/// thresholds:
///   precision_at_recall: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrecisionAtRecall {
    /// The share of the rows of the class that has to be found. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.9)]
    pub recall: Option<f64>,
    /// The one class that is measured against the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Metric for PrecisionAtRecall {
    fn about(&self) -> About {
        about()
    }

    fn rules() -> Vec<Rule> {
        vec![level("precision_at_recall", "recall")]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        check("precision_at_recall", ("recall", self.recall), self.class.as_ref(), setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        // `check` refuses a spec without `recall`.
        let least = self.recall.unwrap_or(1.0);
        best(self.class.as_ref(), judged, |cut, of_class| {
            (cut.found / of_class >= least).then(|| cut.precision())
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
        sample.measure(json!({ "precision_at_recall": { "recall": least } }))
    }

    #[test]
    fn the_best_cut_with_enough_rows() {
        assert_close(at(1.0), 0.75);
        assert_close(at(0.34), 0.75);
        assert_close(at(1.0 / 3.0), 1.0);
        assert_close(at(0.0), 1.0);
    }

    #[test]
    fn what_is_missing_is_said() {
        let sample = Sample::scores(&[0, 0], &[0.5, 0.25]);
        let found = problems(json!("precision_at_recall"), &sample.setting());
        assert_eq!(found[0].message, "`precision_at_recall` has no `recall`");
        let value = sample.measure(json!({ "precision_at_recall": { "recall": 0.5 } }));
        assert_eq!(by_data(value), "no judged row is of class 1");
    }
}
