//! How pure the most probable rows of a class are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::average::AverageOfClasses;
use super::class::{self, unknown_class, unknown_positive};
use super::scores::{Cuts, cuts, cuts_of_one, scores};
use super::sums::{Sum, sum};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Value};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// The average precision: how pure the rows with the highest probabilities of a class are, over all
/// cuts.
///
/// From 0 to 1, higher is better; guessing scores the share of the class. It looks at the class alone,
/// so it tells models of a rare class apart where `roc_auc` is near 1 for all.
///
/// Formula: `Σ (Rᵢ - Rᵢ₋₁) Pᵢ` over the distinct probabilities from the highest down, with precision
/// `P` and recall `R` of the rows at or above each. There is no interpolation.
///
/// With two classes it is about the positive one. With more, choose one `class` against the rest, or
/// an `average` over all classes, each against the rest.
///
/// Undefined by the data where no judged row is of the class, or all are, and for an `average` where
/// that holds for some class of the target. **scikit-learn gives 0 with a warning, or 1.**
///
/// ```yaml
/// metrics:
///   - average_precision: { average: macro }
/// thresholds:
///   average_precision: "> 0.8"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AveragePrecision {
    /// How the classes become one number. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AverageOfClasses")]
    pub average: Option<AverageOfClasses>,
    /// The one class that is measured against the rest, instead of `average`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Metric for AveragePrecision {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Ranks,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn rules() -> Vec<Rule> {
        vec![class::exclusive("average", "class")]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(classes) = setting.classes else { return problems };
        match (&self.class, self.average) {
            (Some(name), _) => problems.extend(unknown_class(name, classes)),
            (None, Some(_)) => {}
            (None, None) if classes.len() > 2 => problems.push(
                Problem::of_kind(
                    Code::MetricNeedsAverage,
                    format!(
                        "average_precision is about one class, but the target has {}",
                        classes.len()
                    ),
                )
                .label("needs `average` or `class`")
                .help(format!(
                    "add `average: macro` or `weighted`, or `class:` with one of {}",
                    classes.listing()
                )),
            ),
            (None, None) => problems.extend(unknown_positive("average_precision", setting)),
        }
        problems
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let Some(average) = self.average else {
            return cuts_of_one(self.class.as_ref(), judged).map(|cuts| area(&cuts));
        };
        let scores = scores(judged)?;
        let (mut areas, mut weights) = (Vec::new(), Vec::new());
        for class in (0_u32..).take(scores.classes.len()) {
            let cuts = cuts(&scores, class, &judged.memo)?;
            let weight = match average {
                AverageOfClasses::Macro => 1.0,
                AverageOfClasses::Weighted => cuts.of_class,
            };
            areas.push(weight * area(&cuts));
            weights.push(weight);
        }
        Ok((sum(areas) / sum(weights)).min(1.0))
    }
}

/// The mean precision over the rows of the class, each at the cut that finds it.
fn area(cuts: &Cuts) -> f64 {
    let (mut area, mut before) = (Sum::default(), 0.0);
    cuts.each(|cut| {
        if cut.found > before {
            area.add((cut.found - before) * cut.precision());
            before = cut.found;
        }
    });
    // Above 1 only by rounding.
    (area.value() / cuts.of_class).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, problems};
    use ndarray::array;
    use serde_json::json;

    #[test]
    fn precision_over_the_cuts() {
        // scikit-learn's example.
        let sample = Sample::scores(&[0, 0, 1, 1], &[0.1, 0.4, 0.35, 0.8]);
        assert_close(sample.measure(json!("average_precision")), f64::midpoint(1.0, 2.0 / 3.0));
        let ties = Sample::scores(&[0, 1, 1, 0], &[0.5; 4]);
        assert_close(ties.measure(json!("average_precision")), 0.5);
    }

    #[test]
    fn classes_are_averaged() {
        let scores = array![[0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.2, 0.5, 0.3], [0.1, 0.4, 0.5]];
        let sample = Sample::probabilities(&[0, 1, 1, 2], scores.view());
        let of = |average| sample.measure(json!({ "average_precision": { "average": average } }));
        // Class 1 is found at the first and at the last cut.
        assert_close(of("macro"), (1.0 + 0.75 + 1.0) / 3.0);
        assert_close(of("weighted"), (1.0 + 2.0 * 0.75 + 1.0) / 4.0);
        assert_close(sample.measure(json!({ "average_precision": { "class": 1 } })), 0.75);
        assert_eq!(problems(json!("average_precision"), &sample.setting()).len(), 1);
    }

    #[test]
    fn a_side_without_rows_is_undefined() {
        let of = |truth: &[u32]| {
            by_data(Sample::scores(truth, &[0.5, 0.25]).measure(json!("average_precision")))
        };
        assert_eq!(of(&[0, 0]), "no judged row is of class 1");
        assert_eq!(of(&[1, 1]), "all judged rows are of class 1");
        let third = Sample::probabilities(&[0, 1], array![[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]].view());
        let value = third.measure(json!({ "average_precision": { "average": "macro" } }));
        assert_eq!(by_data(value), "no judged row is of class 2");
    }
}
