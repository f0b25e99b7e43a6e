//! How much nearer rows are to their own cluster than to the next one.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clusters::{Points, clustered};
use super::sums::{in_parts, sum};
use super::values::in_range;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Undefined, Value};
use crate::diagnostic::Problem;

/// The mean silhouette coefficient: how much nearer rows are to their own cluster than to the
/// next one.
///
/// From -1 to 1, higher is better. Near 1 the clusters lie far apart, near 0 they touch, and below
/// 0 rows are nearer to another cluster than to their own.
///
/// Formula: the mean over the rows of `(b - a) / max(a, b)`, with the mean Euclidean distance `a`
/// to the other rows of the row's cluster, and `b` to the rows of the nearest other cluster
/// (Rousseeuw, 1987). A row that is alone in its cluster counts 0. Distances are those of the
/// prepared features, so a column with a large unit dominates unless it is scaled.
///
/// Rows that the model left out as noise are **not judged; scikit-learn takes them for one more
/// cluster**. Undefined by the data with fewer than three rows. Undefined by the model where it
/// finds no two clusters, or where no two rows share one. **There is no `sample_size`**: the time
/// grows with the square of the number of rows.
///
/// ```yaml
/// thresholds:
///   silhouette: "> 0.5"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silhouette {}

impl Metric for Silhouette {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            needs: Needs::Clusters,
            direction: Direction::HigherIsBetter,
            range: (-1.0, 1.0),
            over_folds: OverFolds::Apart,
            weighting: Weighting::Never,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let points = clustered("silhouette", judged)?;
        let points = by_cluster(points);
        let rows = points.clusters.len();
        let stop = judged.stop;
        let coefficients = in_parts(rows, TILE, |tile| match stop.is_raised() {
            true => Vec::new(),
            false => coefficients(&points, tile),
        })
        .concat();
        if coefficients.len() < rows {
            return Err(Undefined::ByData("the run was stopped".to_owned()));
        }
        in_range(sum(coefficients) / rows as f64)
    }
}

/// How many rows are compared with a block of others at a time, so that the block stays in the
/// cache.
const TILE: usize = 16;
const BLOCK: usize = 1024;
/// How many distances are added side by side.
const LANES: usize = 4;

/// The same points, those of a cluster side by side.
fn by_cluster(points: Points<'_>) -> Points<'_> {
    let mut order: Vec<usize> = (0..points.clusters.len()).collect();
    order.sort_by_key(|row| points.clusters[*row]);
    Points {
        columns: points
            .columns
            .iter()
            .map(|column| order.iter().map(|row| column[*row]).collect::<Vec<f64>>().into())
            .collect(),
        clusters: order.iter().map(|row| points.clusters[*row]).collect(),
        sizes: points.sizes,
    }
}

/// The silhouette coefficients of some rows.
fn coefficients(points: &Points<'_>, tile: Range<usize>) -> Vec<f64> {
    let mut totals = vec![vec![0.0; points.sizes.len()]; tile.len()];
    let mut start = 0;
    for (cluster, size) in points.sizes.iter().enumerate() {
        let end = start + size;
        for block in (start..end).step_by(BLOCK).map(|from| from..end.min(from + BLOCK)) {
            for (row, totals) in tile.clone().zip(&mut totals) {
                totals[cluster] += distances(points, row, block.clone());
            }
        }
        start = end;
    }
    tile.zip(&totals)
        .map(|(row, totals)| coefficient(points, points.clusters[row], totals))
        .collect()
}

/// The sum of the distances from a row to those of a block.
fn distances(points: &Points<'_>, row: usize, block: Range<usize>) -> f64 {
    let mut squares = [0.0; BLOCK];
    let squares = &mut squares[..block.len()];
    for column in &points.columns {
        let from = column[row];
        for (square, to) in squares.iter_mut().zip(&column[block.clone()]) {
            *square += (to - from) * (to - from);
        }
    }
    let mut lanes = [0.0; LANES];
    let (whole, rest) = squares.as_chunks::<LANES>();
    for squares in whole {
        for (lane, square) in lanes.iter_mut().zip(squares) {
            *lane += square.sqrt();
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|square| square.sqrt()).sum::<f64>()
}

/// The silhouette coefficient of a row, given the sum of its distances to each cluster's rows.
fn coefficient(points: &Points<'_>, own: usize, totals: &[f64]) -> f64 {
    if points.sizes[own] == 1 {
        return 0.0;
    }
    let within = totals[own] / (points.sizes[own] - 1) as f64;
    let nearest = (0..totals.len())
        .filter(|cluster| *cluster != own)
        .map(|cluster| totals[cluster] / points.sizes[cluster] as f64)
        .fold(f64::INFINITY, f64::min);
    match within.max(nearest) {
        0.0 => 0.0,
        farther => (nearest - within) / farther,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, by_model};
    use super::*;
    use crate::data::Polled;
    use ndarray::{Array2, array};
    use serde_json::json;

    fn silhouette(features: &Array2<f64>, codes: &[Option<u32>]) -> Value {
        Sample::clusters(features.view(), codes).measure(json!("silhouette"))
    }

    #[test]
    fn two_pairs_on_a_line() {
        let features = array![[0.0], [1.0], [10.0], [11.0]];
        let (far, near) = ((10.5 - 1.0) / 10.5, (9.5 - 1.0) / 9.5);
        let codes = [Some(4), Some(4), Some(0), Some(0)];
        assert_close(silhouette(&features, &codes), f64::midpoint(far, near));
    }

    #[test]
    fn a_row_alone_counts_zero_and_so_do_rows_at_one_place() {
        let features = array![[0.0, 0.0], [0.0, 1.0], [3.0, 4.0]];
        let first = (5.0 - 1.0) / 5.0;
        let other = 18.0_f64.sqrt();
        let second = (other - 1.0) / other;
        let codes = [Some(0), Some(0), Some(1)];
        assert_close(silhouette(&features, &codes), (first + second) / 3.0);
        assert_close(silhouette(&Array2::zeros((3, 2)), &codes), 0.0);
        assert_close(silhouette(&Array2::zeros((3, 0)), &codes), 0.0);
    }

    #[test]
    fn noise_is_left_out() {
        let with = array![[0.0], [5.0], [1.0], [10.0], [11.0]];
        let without = array![[0.0], [1.0], [10.0], [11.0]];
        let codes = [Some(0), None, Some(0), Some(1), Some(1)];
        let rest = [Some(0), Some(0), Some(1), Some(1)];
        assert_eq!(silhouette(&with, &codes), silhouette(&without, &rest));
    }

    #[test]
    fn a_stop_ends_it() {
        let features = Array2::from_shape_fn((4, 1), |(row, _)| (row / 2) as f64);
        let codes = [Some(0), Some(0), Some(1), Some(1)];
        let sample = Sample::clusters(features.view(), &codes);
        let stop = || true;
        let judged = Judged { stop: Polled(&stop), ..sample.judged() };
        assert_eq!(by_data(Silhouette {}.measure(&judged)), "the run was stopped");
    }

    #[test]
    fn rows_beyond_a_block_count() {
        let rows = 2 * BLOCK + 3;
        let features = Array2::from_shape_fn((rows, 1), |(row, _)| (row % 2) as f64);
        let codes: Vec<_> = (0..rows).map(|row| Some(u32::from(row % 2 == 1))).collect();
        assert_close(silhouette(&features, &codes), 1.0);
    }

    #[test]
    fn undefined_cases_say_why() {
        let features = array![[0.0], [1.0], [2.0], [3.0]];
        let of = |codes: &[Option<u32>]| silhouette(&features, codes);
        let reason = by_model(of(&[Some(1); 4]));
        assert_eq!(reason, "the model finds a single cluster");
        let reason = by_model(of(&[Some(1), Some(1), None, None]));
        assert_eq!(reason, "the model finds a single cluster (2 rows are noise)");
        assert_eq!(by_model(of(&[None; 4])), "every row is noise: there is no cluster");
        let reason = by_model(of(&[Some(0), Some(1), Some(2), None]));
        assert_eq!(reason, "each row is a cluster of its own (1 row is noise)");
        let two = silhouette(&array![[0.0], [1.0]], &[Some(0), Some(1)]);
        assert_eq!(by_data(two), "silhouette needs three rows, but there are 2");
    }
}
