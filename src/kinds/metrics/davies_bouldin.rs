//! How wide clusters are for their distance to the nearest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clusters::clustered;
use super::sums::{group_sums, sum};
use super::values::in_range;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The Davies-Bouldin index: how wide clusters are, measured by the distance to the one they are most
/// easily taken for.
///
/// From 0 without an upper end, lower is better. Below 1 clusters are farther apart than they are
/// wide.
///
/// Formula: the mean over the clusters of `max (sᵢ + sⱼ) / dᵢⱼ` over the others, with the mean
/// Euclidean distance `s` of a cluster's rows to its centre, and the distance `d` of two centres
/// (Davies and Bouldin, 1979). Distances are those of the prepared features, so a column with a large
/// unit dominates unless it is scaled.
///
/// Rows that the model left out as noise are **not judged; scikit-learn takes them for one more
/// cluster**. Undefined by the data with fewer than three rows. Undefined by the model where it finds
/// no two clusters, or where no two rows share one, or
/// where two clusters have the same centre: **scikit-learn leaves such a pair out.**
///
/// ```yaml
/// thresholds:
///   davies_bouldin: "< 0.8"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaviesBouldin {}

impl Metric for DaviesBouldin {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            needs: Needs::Clusters,
            direction: Direction::LowerIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Apart,
            weighting: Weighting::Never,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let points = clustered("davies_bouldin", judged)?;
        let count = points.sizes.len();
        let centres: Vec<Vec<f64>> =
            points.columns.iter().map(|column| points.centres(column)).collect();
        let distance = |row: usize| {
            let cluster = points.clusters[row];
            let columns = points.columns.iter().zip(&centres);
            let square: f64 =
                columns.map(|(column, centres)| (column[row] - centres[cluster]).powi(2)).sum();
            Some((cluster, square.sqrt()))
        };
        let widths: Vec<f64> = group_sums(points.clusters.len(), count, distance)
            .into_iter()
            .zip(&points.sizes)
            .map(|(of, size)| of / *size as f64)
            .collect();
        let mut worst = vec![0.0_f64; count];
        for a in 0..count {
            for b in a + 1..count {
                let square: f64 =
                    centres.iter().map(|column| (column[a] - column[b]).powi(2)).sum();
                if square == 0.0 {
                    let reason = "two clusters have the same centre";
                    return Err(Undefined::ByModel(reason.to_owned()));
                }
                let ratio = in_range((widths[a] + widths[b]) / in_range(square)?.sqrt())?;
                worst[a] = worst[a].max(ratio);
                worst[b] = worst[b].max(ratio);
            }
        }
        in_range(sum(worst) / count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use ndarray::{Array2, array};
    use serde_json::json;

    fn index(features: &Array2<f64>, codes: &[Option<u32>]) -> crate::data::Value {
        Sample::clusters(features.view(), codes).measure(json!("davies_bouldin"))
    }

    #[test]
    fn two_pairs_and_noise_on_a_line() {
        let features = array![[0.0], [2.0], [50.0], [10.0], [14.0]];
        let codes = [Some(3), Some(3), None, Some(0), Some(0)];
        assert_close(index(&features, &codes), (1.0 + 2.0) / 11.0);
        // scikit-learn's example.
        let features = array![[0.0, 1.0], [1.0, 1.0], [3.0, 4.0]];
        let expected = 0.5 / (2.5_f64 * 2.5 + 9.0).sqrt();
        assert_close(index(&features, &[Some(0), Some(0), Some(1)]), expected);
    }

    #[test]
    fn undefined_cases_say_why() {
        let features = array![[0.0], [2.0], [1.0]];
        let same = by_model(index(&features, &[Some(0), Some(0), Some(1)]));
        assert_eq!(same, "two clusters have the same centre");
        let single = by_model(index(&features, &[Some(0); 3]));
        assert_eq!(single, "the model finds a single cluster");
        let two = index(&array![[0.0], [1.0]], &[Some(0), Some(1)]);
        assert_eq!(by_data(two), "davies_bouldin needs three rows, but there are 2");
    }
}
