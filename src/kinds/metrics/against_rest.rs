//! One class against the rest: what `specificity` and the error rates share.

use super::class::{check_one_class, one_sided};
use super::counts::{self, AgainstRest};
use super::cut::about_rate;
use super::{About, Direction, Setting};
use crate::data::{ClassName, Judged, Value};
use crate::diagnostic::Problem;

/// The class that a rate is about, and a cut through its probabilities, as a spec says them.
pub struct Choice<'a> {
    /// The metric's name, for messages.
    pub metric: &'static str,
    pub class: Option<&'a ClassName>,
    pub threshold: Option<f64>,
}

impl Choice<'_> {
    /// What is known of the rate.
    pub fn about(&self, direction: Direction) -> About {
        about_rate(self.threshold, direction)
    }

    /// What keeps the choice from being clear.
    pub fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        check_one_class(self.metric, self.class, setting)
    }

    /// The share that `part` is of itself and `others`.
    ///
    /// # Errors
    /// There is neither, or nothing to count.
    pub fn share(
        &self,
        judged: &Judged<'_>,
        part: fn(AgainstRest) -> f64,
        others: fn(AgainstRest) -> f64,
    ) -> Value {
        let (labels, code, rest) = counts::against_rest(self.class, self.threshold, judged)?;
        let all = part(rest) + others(rest);
        if all > 0.0 { Ok(part(rest) / all) } else { Err(one_sided(&labels, code)) }
    }
}
