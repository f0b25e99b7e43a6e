//! What the metrics share that choose the best cut through a class's probabilities.

use super::class::{check_one_class, missing_parameter};
use super::scores::{Cut, cuts_of_one};
use super::{About, Direction, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Value};
use crate::diagnostic::Problem;

/// What is known of every such metric.
pub fn about() -> About {
    About {
        tasks: &[Task::Classification],
        needs: Needs::Ranks,
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        over_folds: OverFolds::Mean,
        weighting: Weighting::Rows,
    }
}

/// What keeps a metric from being clear that needs a level of the other rate, its parameter.
pub fn check(
    metric: &'static str,
    parameter: (&str, Option<f64>),
    class: Option<&ClassName>,
    setting: &Setting<'_>,
) -> Vec<Problem> {
    let mut problems = check_one_class(metric, class, setting);
    if let (name, None) = parameter {
        problems.push(missing_parameter(metric, name, "0.9"));
    }
    problems
}

/// The greatest value of the cuts that have one, or 0 where none has; `value` gets a cut and what
/// all rows of the class weigh.
///
/// # Errors
/// As `cuts_of_one`.
pub fn best(
    class: Option<&ClassName>,
    judged: &Judged<'_>,
    value: impl Fn(Cut, f64) -> Option<f64>,
) -> Value {
    let cuts = cuts_of_one(class, judged)?;
    let mut best = 0.0_f64;
    cuts.each(|cut| {
        if let Some(value) = value(cut, cuts.of_class) {
            best = best.max(value);
        }
    });
    Ok(best)
}
