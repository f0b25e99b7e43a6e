//! What is asked about the importance of features: how they are shuffled, and what tells the loss.

use mlspec_learn::Generator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scoring::{self, Scoring};
use crate::data::Task;

/// How much a metric loses when the values of one feature are shuffled among the test rows.
///
/// The model is trained once. Then the values of one feature are put into another order, `repeats`
/// times, and the metric is measured again: what it loses is the importance of the feature (Breiman,
/// 2001; scikit-learn's `permutation_importance` of a pipeline). A useful feature has a positive loss,
/// whatever the direction of the metric; one that the model ignores has 0. **The features are those of
/// the data, before any step**: a column that becomes several is shuffled as one. Of features that say
/// the same, each can stand in for the other, and all seem to count little.
///
/// Mean and (population) standard deviation over the repeats are in the JSON report, under
/// `importances`; the features that lose most are in the trace. Over several folds both are means.
/// `data.weight.score` counts as in `metrics`, and a `decision` is applied. Where the metric has no
/// value in a fold, a warning says so and there are no importances.
///
/// ```yaml
/// importance:
///   permutation: { metric: log_loss, repeats: 10 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct Permutation {
    /// The metric that loses: one of the catalogue, with its parameters. Default: `accuracy` for
    /// classes, `r2` for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scoring::schema")]
    pub metric: Option<Scoring>,
    /// How many orders are tried for each feature.
    #[schemars(range(min = 1, max = 1000))]
    pub repeats: usize,
    /// Where the random numbers start: the same seed draws the same orders.
    pub seed: u64,
}

impl Default for Permutation {
    fn default() -> Self {
        Self { metric: None, repeats: 5, seed: 0 }
    }
}

impl Permutation {
    /// The metric that is measured, with its default.
    pub fn scoring(&self, task: Task) -> Scoring {
        match (&self.metric, task) {
            (Some(metric), _) => metric.clone(),
            (None, Task::Regression) => Scoring::r2(),
            (None, Task::Classification | Task::Clustering) => Scoring::accuracy(),
        }
    }

    /// The order of so many values of a feature in one repeat. It depends on the seed, the feature and
    /// the repeat only.
    pub fn order(&self, feature: usize, repeat: usize, rows: usize) -> Vec<u32> {
        let draw = (feature * self.repeats + repeat) as u64;
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let seed = self.seed ^ draw.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Generator::new(seed).shuffle(&mut order);
        order
    }
}

/// What shuffling one feature takes from a score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreLoss {
    /// The mean over the repeats.
    pub mean: f64,
    /// Their (population) standard deviation, as scikit-learn gives it.
    pub deviation: f64,
}

impl ScoreLoss {
    /// Sums up the losses of at least one repeat.
    pub fn of(losses: &[f64]) -> Self {
        let count = losses.len() as f64;
        let mean = losses.iter().sum::<f64>() / count;
        let squares: f64 = losses.iter().map(|loss| (loss - mean).powi(2)).sum();
        Self { mean, deviation: (squares / count).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_differ_by_feature_repeat_and_seed() {
        let permutation = Permutation::default();
        let order = permutation.order(0, 0, 50);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<u32>>());
        assert_eq!(order, permutation.order(0, 0, 50));
        let other = Permutation { seed: 1, ..Permutation::default() };
        for different in
            [permutation.order(0, 1, 50), permutation.order(1, 0, 50), other.order(0, 0, 50)]
        {
            assert_ne!(order, different);
        }
    }

    #[test]
    fn losses_are_summed_up() {
        assert_eq!(ScoreLoss::of(&[1.0, 3.0]), ScoreLoss { mean: 2.0, deviation: 1.0 });
        assert_eq!(ScoreLoss::of(&[0.5]), ScoreLoss { mean: 0.5, deviation: 0.0 });
    }
}
