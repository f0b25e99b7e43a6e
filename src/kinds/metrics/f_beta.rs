//! The weighted harmonic mean of precision and recall.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::{Average, Choice};
use super::class::{self, Missing};
use super::counts::Counts;
use super::{About, Metric, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// The harmonic mean of a class's precision and recall, in which recall counts `beta` times as much.
///
/// From 0 to 1, higher is better: 1 means neither a false alarm nor a missed row. With `beta: 1` it is
/// `f1`; above 1 missed rows cost more than false alarms, below 1 less.
///
/// Formula: `(1 + β²) tp / ((1 + β²) tp + β² fn + fp)`, with the rows of the class that were found
/// (`tp`) and missed (`fn`), and the rows wrongly predicted as it (`fp`).
///
/// With two classes it is about the positive one. With more, choose `class`, or an `average` over
/// the classes that occur in truth or prediction.
///
/// A class that is never predicted, or that is predicted where no row has it, scores 0. Undefined by
/// the data where neither a row nor a prediction is of the class: **scikit-learn gives 0 with a
/// warning there.** With `beta: 0` it is `precision`, so undefined by the model where a class is never
/// predicted.
///
/// ```yaml
/// metrics:
///   - f_beta: { beta: 2, average: macro }
/// thresholds:
///   f_beta: { min: 0.9 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FBeta {
    /// How many times as much recall counts as precision. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1000.0), example = 2.0)]
    pub beta: Option<f64>,
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

impl FBeta {
    fn choice(&self) -> Choice<'_> {
        Choice {
            metric: "f_beta",
            average: self.average,
            class: self.class.as_ref(),
            threshold: self.threshold,
        }
    }
}

impl Metric for FBeta {
    fn about(&self) -> About {
        self.choice().about()
    }

    fn rules() -> Vec<Rule> {
        vec![class::exclusive("average", "class"), beta()]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = self.choice().check(setting);
        if self.beta.is_none() {
            problems.push(beta().problem());
        }
        problems
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        // `check` refuses a spec without `beta`.
        let square = self.beta.unwrap_or(1.0).powi(2);
        self.choice().measure(judged, |of| rate(of, square))
    }
}

/// The parameter without a default; a threshold alone gives none.
fn beta() -> Rule {
    class::required("f_beta", "beta", "2")
}

fn rate(of: Counts, square: f64) -> Result<f64, Missing> {
    // The rows found stand in both, so this is (1 + β²) tp + β² fn + fp.
    let both = square * of.actual() + of.predicted();
    match (both > 0.0, of.either() > 0.0) {
        (_, false) => Err(Missing::Absent),
        (false, true) => Err(Missing::NeverPredicted),
        (true, true) => Ok((1.0 + square) * of.right / both),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model, problems};
    use serde_json::json;

    #[test]
    fn recall_counts_beta_times() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 1, 1, 0]);
        let of = |beta: f64| sample.measure(json!({ "f_beta": { "beta": beta } }));
        let (precision, recall) = (1.0 / 3.0, 0.5);
        assert_close(of(2.0), 5.0 * precision * recall / (4.0 * precision + recall));
        assert_close(of(1.0), 0.4);
        assert_close(of(0.0), precision);
        assert_close(of(1000.0), 1_000_001.0 / (2e6 + 3.0));
    }

    #[test]
    fn undefined_cases_say_why() {
        let sample = Sample::classes(3, &[0, 1], &[0, 0]);
        let of = |beta: f64, class: u32| {
            sample.measure(json!({ "f_beta": { "beta": beta, "class": class } }))
        };
        assert_close(of(2.0, 1), 0.0);
        assert_eq!(by_model(of(0.0, 1)), "class `1` is never predicted");
        let absent = "class `2` has no row among those judged, and is not predicted either";
        assert_eq!(by_data(of(0.0, 2)), absent);
    }

    #[test]
    fn beta_has_to_be_given() {
        let sample = Sample::classes(2, &[0, 1], &[0, 1]);
        let found = problems(json!("f_beta"), &sample.setting());
        assert_eq!(found[0].message, "`f_beta` has no `beta`");
        assert_eq!(problems(json!({ "f_beta": { "beta": 0.5 } }), &sample.setting()), []);
    }
}
