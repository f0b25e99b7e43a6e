//! How far the rows are from the centres of their clusters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sums::RowWeights;
use super::values::{all_finite, in_range};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Prediction, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The sum over the rows of the squared Euclidean distance to the centre of the row's cluster.
///
/// From 0 without an upper end, lower is better; in squared units of the prepared features. It
/// grows with the number of rows, or their weight, and falls with the number of clusters, so compare it only at the
/// same of both.
///
/// Formula: `Σ ‖xᵢ - m(cᵢ)‖²`, with the centre `m` of the cluster `cᵢ` of row `i`; what k-means
/// makes small, and scikit-learn's `inertia_` of the rows judged. Only models with centres have it.
///
/// Undefined by the data where a distance is not a finite number.
///
/// ```yaml
/// thresholds:
///   inertia: "< 250"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inertia {}

impl Metric for Inertia {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            needs: Needs::Centres,
            direction: Direction::LowerIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Apart,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        match judged.prediction {
            Prediction::Clusters { squared_distances: Some(distances), .. }
                if !distances.is_empty() =>
            {
                judged.memo.numbers(|| all_finite(distances, "squared distance"))?;
                let rows = RowWeights::new(distances.len(), judged)?;
                in_range(rows.sum(|row| distances[row]))
            }
            Prediction::Clusters { squared_distances: None, .. } => {
                Err(Undefined::ByData("the model has no cluster centres".to_owned()))
            }
            _ => Err(Undefined::ByData("there are no rows to judge".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use crate::data::{Prediction, Value};
    use serde_json::json;

    fn inertia(distances: Option<Vec<f64>>) -> Value {
        let rows = distances.as_ref().map_or(1, Vec::len);
        let mut sample = Sample::values(&[], &[]);
        sample.prediction =
            Prediction::Clusters { codes: vec![Some(0); rows], squared_distances: distances };
        sample.measure(json!("inertia"))
    }

    #[test]
    fn squared_distances_add_up() {
        assert_close(inertia(Some(vec![0.25, 0.0, 4.0])), 4.25);
        assert_close(inertia(Some(vec![0.0])), 0.0);
    }

    #[test]
    fn a_row_counts_as_much_as_it_weighs() {
        let mut sample = Sample::values(&[], &[]).weighted(&[2.0, 0.0, 0.5]);
        let distances = Some(vec![0.25, 7.0, 4.0]);
        sample.prediction =
            Prediction::Clusters { codes: vec![Some(0); 3], squared_distances: distances };
        assert_close(sample.measure(json!("inertia")), 2.5);
    }

    #[test]
    fn undefined_cases_say_why() {
        assert_eq!(by_data(inertia(None)), "the model has no cluster centres");
        assert_eq!(by_data(inertia(Some(vec![]))), "there are no rows to judge");
        assert_eq!(
            by_data(inertia(Some(vec![1.0, f64::NAN]))),
            "the squared distance in judged row 2 is NaN, not a finite number"
        );
    }
}
