//! What the metrics share that choose the best cut through a class's probabilities.

use super::class::{check_one_class, required};
use super::scores::{Cut, cuts_of_one};
use super::{About, Direction, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

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

/// The level of the other rate has no default; a threshold alone gives none.
pub fn level(metric: &str, parameter: &'static str) -> Rule {
    required(metric, parameter, "0.9")
}

/// What keeps a metric from being clear that needs a level of the other rate, its parameter.
pub fn check(
    metric: &'static str,
    parameter: (&'static str, Option<f64>),
    class: Option<&ClassName>,
    setting: &Setting<'_>,
) -> Vec<Problem> {
    let mut problems = check_one_class(metric, class, setting);
    if let (name, None) = parameter {
        problems.push(level(metric, name).problem());
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
