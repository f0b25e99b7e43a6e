//! The spread between clusters over the spread within.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clusters::clustered;
use super::sums::{in_chunks, sum};
use super::values::in_range;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The Calinski-Harabasz index: how much rows are spread between the clusters, as a multiple of the
/// spread within.
///
/// From 0 without an upper end, higher is better. It grows with the number of rows, so compare it only
/// on the same ones. Also called variance ratio criterion.
///
/// Formula: `(B / (k - 1)) / (W / (n - k))` for `n` rows in `k` clusters, with the sum `W` of the
/// squared distances of the rows to the centre of their cluster, and the sum `B` of those of the
/// clusters' centres to the centre of all rows, each counted once a row (Caliński and Harabasz, 1974).
///
/// Rows that the model left out as noise are **not judged; scikit-learn takes them for one more
/// cluster**. Undefined by the data with fewer than three rows. Undefined by the model where it finds
/// no two clusters, or where no two rows share one.
/// Undefined by the data where the rows of each cluster are all the same: **scikit-learn gives 1
/// there.**
///
/// ```yaml
/// thresholds:
///   calinski_harabasz: "> 100"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalinskiHarabasz {}

impl Metric for CalinskiHarabasz {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            needs: Needs::Clusters,
            direction: Direction::HigherIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Apart,
            weighting: Weighting::Never,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let points = clustered("calinski_harabasz", judged)?;
        let (rows, count) = (points.clusters.len(), points.sizes.len());
        let (mut between, mut within) = (0.0, 0.0);
        for column in &points.columns {
            let centres = points.centres(column);
            let centre =
                sum(in_chunks(rows, |range| sum(column[range].iter().copied()))) / rows as f64;
            let square = |distance: f64| distance * distance;
            let sizes = points.sizes.iter().zip(&centres);
            between += sum(sizes.map(|(size, own)| *size as f64 * square(own - centre)));
            let own = |row: usize| centres[points.clusters[row]];
            within +=
                sum(in_chunks(rows, |range| sum(range.map(|row| square(column[row] - own(row))))));
        }
        if within == 0.0 {
            let reason = "the rows of each cluster are all the same";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        let ratio = in_range(between)? / in_range(within)?;
        in_range(ratio * ((rows - count) as f64 / (count - 1) as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use ndarray::{Array2, array};
    use serde_json::json;

    fn index(features: &Array2<f64>, codes: &[Option<u32>]) -> crate::data::Value {
        Sample::clusters(features.view(), codes).measure(json!("calinski_harabasz"))
    }

    #[test]
    fn two_pairs_and_noise_on_a_line() {
        let features = array![[0.0], [2.0], [50.0], [10.0], [14.0]];
        let codes = [Some(3), Some(3), None, Some(0), Some(0)];
        // Centres 1, 12 and 6.5; within 1 + 1 + 4 + 4.
        assert_close(index(&features, &codes), (4.0 * 5.5 * 5.5 / 1.0) / (10.0 / 2.0));
    }

    #[test]
    fn undefined_cases_say_why() {
        let features = array![[1.0], [1.0], [2.0]];
        let same = by_data(index(&features, &[Some(0), Some(0), Some(1)]));
        assert_eq!(same, "the rows of each cluster are all the same");
        let own = by_model(index(&features, &[Some(0), Some(1), Some(2)]));
        assert_eq!(own, "each row is a cluster of its own");
        let two = index(&array![[0.0], [1.0]], &[Some(0), Some(1)]);
        assert_eq!(by_data(two), "calinski_harabasz needs three rows, but there are 2");
    }
}
