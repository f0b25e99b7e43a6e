//! The parameter `threshold` of the metrics of labels: a cut through the probabilities of one class,
//! which takes the place of the model's own answers.

use std::borrow::Cow;

use rayon::prelude::*;

use super::class::{Labels, labels, one_class};
use super::scores::shares;
use super::{About, Direction, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Undefined};
use crate::diagnostic::{Code, Problem};

/// What a metric of labels looks at: probabilities only where it cuts them itself.
pub fn needs(threshold: Option<f64>) -> Needs {
    match threshold {
        None => Needs::Labels,
        Some(_) => Needs::Probabilities,
    }
}

/// What is known of a rate of labels that lies between 0 and 1.
pub fn about_rate(threshold: Option<f64>, direction: Direction) -> About {
    About {
        tasks: &[Task::Classification],
        needs: needs(threshold),
        direction,
        range: (0.0, 1.0),
        over_folds: OverFolds::Pooled,
        weighting: Weighting::Rows,
    }
}

/// The labels for a metric of one class, with the code of that class. A cut tells the class from the
/// rest; which of the others stands for the rest is left open.
///
/// # Errors
/// No rows, a class that `check` would have refused, or a cut without probabilities.
pub fn labels_of_one<'a>(
    class: Option<&ClassName>,
    threshold: Option<f64>,
    judged: &Judged<'a>,
) -> Result<(Labels<'a>, u32), Undefined> {
    let labels = labels(judged)?;
    let code = one_class(class, judged, labels.classes)?;
    match threshold {
        None => Ok((labels, code)),
        Some(threshold) => Ok((cut(judged, code, threshold)?, code)),
    }
}

/// The labels for a metric over all classes. A cut is one through the probabilities of the positive of
/// two classes.
///
/// # Errors
/// No rows, a cut that `check` would have refused, or one without probabilities.
pub fn labels_of_all<'a>(
    threshold: Option<f64>,
    judged: &Judged<'a>,
) -> Result<Labels<'a>, Undefined> {
    let labels = labels(judged)?;
    let Some(threshold) = threshold else { return Ok(labels) };
    if labels.classes.len() != 2 {
        return Err(Undefined::ByData("a cut needs a target of two classes".to_owned()));
    }
    let positive = one_class(None, judged, labels.classes)?;
    cut(judged, positive, threshold)
}

/// The class where its probability is above the cut, and another one elsewhere.
fn cut<'a>(judged: &Judged<'a>, class: u32, threshold: f64) -> Result<Labels<'a>, Undefined> {
    let labels = labels(judged)?;
    let probabilities = shares(judged)?.probabilities;
    let other = u32::from(class == 0);
    let column = probabilities.column(class as usize);
    let of_row = |row| if column[row] > threshold { class } else { other };
    let predicted: Vec<u32> =
        (0..column.len()).into_par_iter().with_min_len(1 << 14).map(of_row).collect();
    Ok(Labels { predicted: Cow::Owned(predicted), ..labels })
}

/// What keeps the cut of a metric over all classes from being clear. `instead` says how to measure one
/// class, where there are more than two.
pub fn check_cut_of_all(
    metric: &'static str,
    threshold: Option<f64>,
    setting: &Setting<'_>,
    instead: impl FnOnce() -> String,
) -> Option<Problem> {
    let (_, classes) = (threshold?, setting.classes?);
    if classes.len() != 2 {
        return Some(
            Problem::of_parameter(
                Code::MetricNeedsAverage,
                "threshold",
                format!(
                    "a cut is about the probability of one class, but the target has {}",
                    classes.len()
                ),
            )
            .label("of which class?")
            .help(instead()),
        );
    }
    if setting.positive.is_some() {
        return None;
    }
    let names: Vec<String> = classes.labels().iter().map(|label| format!("`{label}`")).collect();
    let last = classes.labels().last()?;
    Some(
        Problem::of_kind(
            Code::MetricNeedsPositive,
            format!(
                "{metric} with a cut needs to know which class is positive: {}",
                names.join(" or ")
            ),
        )
        .label("the positive class is not known")
        .help(format!("say `positive: {last}` under `data`")),
    )
}

/// A metric over all classes with no parameter but its cut.
pub struct OfAll {
    /// The metric's name, for messages.
    pub metric: &'static str,
    pub threshold: Option<f64>,
}

impl OfAll {
    /// What keeps the cut from being clear.
    pub fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let instead = || {
            let class = setting.classes.and_then(|classes| classes.labels().last());
            let class = class.map(ToString::to_string).unwrap_or_default();
            format!(
                "remove `threshold`, or name one class for a metric that takes `class`: `recall: {{ \
                 class: {class}, threshold: {} }}`",
                self.threshold.unwrap_or_default()
            )
        };
        check_cut_of_all(self.metric, self.threshold, setting, instead).into_iter().collect()
    }

    /// The labels that are measured.
    ///
    /// # Errors
    /// As `labels_of_all`.
    pub fn labels<'a>(&self, judged: &Judged<'a>) -> Result<Labels<'a>, Undefined> {
        labels_of_all(self.threshold, judged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, metric_of, problems, words};
    use super::*;
    use ndarray::array;
    use serde_json::json;

    #[test]
    fn a_cut_is_strict_and_replaces_the_answers() {
        let sample = Sample::scores(&[0, 0, 1, 1], &[0.25, 0.5, 0.5, 0.75]);
        let of = |name: &str, threshold: f64| {
            sample.measure(json!({ name: { "threshold": threshold } }))
        };
        assert_close(of("accuracy", 0.5), 0.75);
        assert_close(of("accuracy", 0.25), 0.75);
        assert_close(of("recall", 0.5), 0.5);
        assert_close(of("recall", 0.25), 1.0);
        assert_close(of("false_positive_rate", 0.25), 0.5);
        assert_close(of("matthews", 1.0), 0.0);
        let other = json!({ "recall": { "class": 0, "threshold": 0.6 } });
        assert_close(sample.measure(other), 0.5);
    }

    #[test]
    fn one_of_many_classes_is_cut_from_the_rest() {
        let scores = array![[0.5, 0.3, 0.2], [0.2, 0.45, 0.35], [0.1, 0.5, 0.4], [0.6, 0.1, 0.3]];
        let sample = Sample::probabilities(&[0, 2, 2, 1], scores.view());
        let of = |name: &str| sample.measure(json!({ name: { "class": 2, "threshold": 0.3 } }));
        assert_close(of("recall"), 1.0);
        assert_close(of("precision"), 1.0);
        let all = sample.measure(json!({ "accuracy": { "threshold": 0.3 } }));
        assert_eq!(by_data(all), "a cut needs a target of two classes");
    }

    #[test]
    fn a_cut_needs_probabilities() {
        for name in ["accuracy", "cohen_kappa", "f1", "specificity"] {
            let of = |parameters| metric_of(json!({ name: parameters })).kind().about().needs;
            assert_eq!(of(json!({})), Needs::Labels);
            assert_eq!(of(json!({ "threshold": 0.3 })), Needs::Probabilities);
        }
        let sample = Sample::classes(2, &[0, 1], &[0, 1]);
        let value = sample.measure(json!({ "accuracy": { "threshold": 0.5 } }));
        assert_eq!(by_data(value), "the model gives no probabilities");
        let beyond = Sample::scores(&[0, 1], &[0.5, 1.5]);
        let value = beyond.measure(json!({ "f1": { "threshold": 0.5 } }));
        assert_eq!(by_data(value), "a probability in judged row 2 is not between 0 and 1");
    }

    #[test]
    fn it_has_to_be_clear_which_class_is_cut() {
        let (two, three) = (words(&["no", "yes"]), words(&["a", "b", "c"]));
        let many = Setting { classes: Some(&three), positive: None };
        let binary = Setting { classes: Some(&two), positive: None };
        let positive = Setting { classes: Some(&two), positive: Some(1) };
        let found = |metric: serde_json::Value, setting: &Setting<'_>| -> Vec<(Code, String)> {
            let help = |problem: Problem| (problem.code, problem.help.unwrap());
            problems(metric, setting).into_iter().map(help).collect()
        };
        for name in ["accuracy", "balanced_accuracy", "matthews", "cohen_kappa"] {
            let metric = json!({ name: { "threshold": 0.3 } });
            assert_eq!(found(metric.clone(), &positive), []);
            let help = "say `positive: yes` under `data`".to_owned();
            assert_eq!(found(metric.clone(), &binary), [(Code::MetricNeedsPositive, help)]);
            let help = "remove `threshold`, or name one class for a metric that takes `class`: \
                        `recall: { class: c, threshold: 0.3 }`";
            assert_eq!(found(metric, &many), [(Code::MetricNeedsAverage, help.to_owned())]);
        }
        for name in ["precision", "recall", "f1", "jaccard"] {
            let metric = json!({ name: { "average": "macro", "threshold": 0.3 } });
            assert_eq!(found(metric.clone(), &positive), []);
            assert_eq!(found(metric.clone(), &binary)[0].0, Code::MetricNeedsPositive);
            let help = "say `class:` instead of `average`, with one of a, b, c".to_owned();
            assert_eq!(found(metric, &many), [(Code::MetricNeedsAverage, help)]);
            let help = "add `class:` with one of a, b, c".to_owned();
            let bare = json!({ name: { "threshold": 0.3 } });
            assert_eq!(found(bare, &many), [(Code::MetricNeedsAverage, help)]);
            assert_eq!(found(json!({ name: { "class": "b", "threshold": 0.3 } }), &many), []);
        }
    }
}
