//! The agreement of truth and prediction beyond chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::Labels;
use super::counts::{Tally, others, parts, running, tally};
use super::cut::{OfAll, needs};
use super::values::{products, sum};
use super::{About, Direction, Metric, OverFolds, Setting, Weighting};
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
    /// A cut of its own, for a target of two classes: a row counts as the positive class where that
    /// class's probability is above this, and as the other elsewhere. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

impl CohenKappa {
    fn choice(&self) -> OfAll {
        OfAll { metric: "cohen_kappa", threshold: self.threshold }
    }
}

impl Metric for CohenKappa {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: needs(self.threshold),
            direction: Direction::HigherIsBetter,
            range: (-1.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        self.choice().check(setting)
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = self.choice().labels(judged)?;
        let tally = tally(&labels)?;
        if tally.is_of_one_class() {
            let reason = "all judged rows are of one class";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        let actual: Vec<f64> = tally.classes.iter().map(|class| class.actual()).collect();
        let predicted: Vec<f64> = tally.classes.iter().map(|class| class.predicted()).collect();
        let (observed, expected) = match self.weights {
            Weights::None => (
                tally.classes.iter().map(|class| class.missed).sum(),
                products(actual.iter().copied().zip(others(&predicted))),
            ),
            Weights::Linear => (
                mistakes(&labels, &tally, |apart| apart),
                products(crossings(&actual, &predicted).chain(crossings(&predicted, &actual))),
            ),
            Weights::Quadratic => (
                mistakes(&labels, &tally, |apart| apart * apart),
                squares(&actual, &predicted, tally.rows),
            ),
        };
        Ok((1.0 - observed * tally.rows / expected).clamp(-1.0, 1.0))
    }
}

/// The sum over the rows of what the distance of actual and predicted class costs.
fn mistakes(labels: &Labels<'_>, tally: &Tally, cost: fn(f64) -> f64) -> f64 {
    let add = |sum: &mut f64, truth: u32, predicted: u32, weight| {
        *sum += weight * tally.unit * cost(f64::from(truth.abs_diff(predicted)));
    };
    sum(parts(labels, 1, || 0.0, add))
}

/// For each cut between two neighbouring classes: the rows of `below` under it, and those of `above`
/// over it. The distance of two classes is the number of cuts between them.
fn crossings(below: &[f64], above: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    let mut over: Vec<f64> = running(above.iter().rev().copied()).collect();
    over.reverse();
    running(below.iter().copied()).zip(over.into_iter().skip(1))
}

/// `Σ (i - j)² aᵢ bⱼ` from the mean and the spread of each, which needs no pair of classes.
fn squares(a: &[f64], b: &[f64], rows: f64) -> f64 {
    let mean =
        |of: &[f64]| products((0..of.len()).map(|at| at as f64).zip(of.iter().copied())) / rows;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let spread = |of: &[f64], mean: f64| {
        sum(of.iter().enumerate().map(|(at, rows)| rows * (at as f64 - mean).powi(2)))
    };
    rows * (spread(a, mean_a) + spread(b, mean_b)) + rows * rows * (mean_a - mean_b).powi(2)
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
