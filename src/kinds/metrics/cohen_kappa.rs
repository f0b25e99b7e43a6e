//! The agreement of truth and prediction beyond chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{counts, labels};
use super::values::sum;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// Cohen's kappa: how far truth and prediction agree beyond what chance would make them.
///
/// From -1 to 1, higher is better: 1 is always right, 0 is no better than drawing the predictions at
/// random in their shares. With `weights` a wrong class that lies near the right one costs less, for
/// classes that have an order: theirs is that of the sorted classes.
///
/// Formula: `1 - Σ w o / Σ w e` over the pairs of a true and a predicted class, with the share `o` of
/// the rows that have it, the share `e` that they would have if both were independent, and the weight
/// `w` of the mistake: 1 (Cohen, 1960), or the distance of the classes, or its square.
///
/// **Distances are counted over all classes of the target; scikit-learn leaves out those that no row
/// has and none is predicted as.** Undefined by the data where all judged rows are of one class:
/// **scikit-learn gives 0 or NaN there.**
///
/// ```yaml
/// metrics:
///   - cohen_kappa: { weights: quadratic }
/// thresholds:
///   cohen_kappa: "> 0.6"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CohenKappa {
    /// What mistakes cost.
    pub weights: Weights,
}

impl Metric for CohenKappa {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Labels,
            direction: Direction::HigherIsBetter,
            range: (-1.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = labels(judged)?;
        let counts = counts(&labels);
        let rows = labels.truth.len() as u64;
        if counts.iter().any(|class| class.actual == rows) {
            let reason = "all judged rows are of one class";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        let pairs = labels.truth.iter().zip(labels.predicted);
        let observed = sum(pairs.map(|(t, p)| self.weights.of(*t as usize, *p as usize)));
        let expected = sum(counts.iter().enumerate().flat_map(|(t, truth)| {
            counts.iter().enumerate().map(move |(p, prediction)| {
                self.weights.of(t, p) * (truth.actual as f64 * prediction.predicted as f64)
            })
        }));
        Ok(1.0 - observed * rows as f64 / expected)
    }
}

/// What it costs to take one class for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Weights {
    /// Every mistake costs the same.
    #[default]
    None,
    /// As much as the classes lie apart.
    Linear,
    /// As much as the square of that.
    Quadratic,
}

impl Weights {
    fn of(self, truth: usize, predicted: usize) -> f64 {
        let apart = truth.abs_diff(predicted) as f64;
        match self {
            Self::None => f64::from(truth != predicted),
            Self::Linear => apart,
            Self::Quadratic => apart * apart,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn kappa(weights: &str, truth: &[u32], predicted: &[u32]) -> crate::data::Value {
        let metric = json!({ "cohen_kappa": { "weights": weights } });
        Sample::classes(3, truth, predicted).measure(metric)
    }

    #[test]
    fn agreement_beyond_chance() {
        // scikit-learn's example.
        let (a, b) = ([0, 1, 0, 2, 0], [0, 1, 0, 2, 1]);
        assert_close(kappa("none", &a, &b), 0.6875);
        assert_close(Sample::classes(3, &a, &b).measure(json!("cohen_kappa")), 0.6875);
        assert_close(kappa("none", &[0, 1], &[1, 0]), -1.0);
        assert_close(kappa("linear", &[0, 1], &[0, 0]), 0.0);
    }

    #[test]
    fn near_mistakes_cost_less() {
        let (truth, predicted) = ([0, 1, 2, 2], [1, 1, 2, 0]);
        // Observed 1 + 2 and 1 + 4 over 4 rows; expected 14 and 20 over 16 pairs.
        assert_close(kappa("linear", &truth, &predicted), 1.0 - (3.0 / 4.0) / (14.0 / 16.0));
        assert_close(kappa("quadratic", &truth, &predicted), 1.0 - (5.0 / 4.0) / (20.0 / 16.0));
    }

    #[test]
    fn one_class_is_undefined() {
        for predicted in [[0, 0, 0], [0, 1, 2]] {
            let value = kappa("none", &[0, 0, 0], &predicted);
            assert_eq!(by_data(value), "all judged rows are of one class");
        }
    }
}
