//! One step of Lloyd's algorithm over weighted rows. Starting centres come from
//! [`KMeansPlusPlus`](crate::KMeansPlusPlus); when to stop is for the caller to say.

use ndarray::{Array2, ArrayView2};

use crate::rows;

/// Moves every centre (clusters × columns) to the weighted mean of the rows (rows × columns) that are
/// nearest to it; of equally near centres the first. A centre without weight stays where it is.
///
/// # Panics
/// If centres and rows differ in columns, or weights and rows in number.
#[must_use]
pub fn step(x: ArrayView2<'_, f64>, centres: ArrayView2<'_, f64>, weights: &[f64]) -> Array2<f64> {
    let (clusters, columns) = centres.dim();
    assert_eq!(x.ncols(), columns, "columns differ from those of the centres");
    assert_eq!(weights.len(), x.nrows(), "one weight a row");
    // For each cluster the distances of its rows to its centre, summed, and behind them its weight.
    let width = columns + 1;
    let sums = rows::sum(x.nrows(), clusters * width, |range, sums| {
        for row in range.filter(|row| weights[*row] > 0.0) {
            let point = x.row(row);
            let mut nearest = (0, f64::INFINITY);
            for (cluster, centre) in centres.outer_iter().enumerate() {
                let distance =
                    point.iter().zip(centre).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
                if distance < nearest.1 {
                    nearest = (cluster, distance);
                }
            }
            let sums = &mut sums[nearest.0 * width..(nearest.0 + 1) * width];
            for ((sum, value), centre) in sums.iter_mut().zip(point).zip(centres.row(nearest.0)) {
                *sum += weights[row] * (value - centre);
            }
            sums[columns] += weights[row];
        }
    });
    Array2::from_shape_fn((clusters, columns), |(cluster, j)| {
        let weight = sums[cluster * width + columns];
        let moved = if weight > 0.0 { sums[cluster * width + j] / weight } else { 0.0 };
        centres[[cluster, j]] + moved
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Axis, array};

    use super::*;
    use crate::test_support::*;

    #[test]
    fn centres_move_to_the_weighted_means_of_their_rows() {
        let x = array![[0.0, 0.0], [4.0, 0.0], [1e300, 7.0], [10.0, 2.0]];
        let centres = array![[1.0, 0.0], [9.0, 9.0], [-50.0, 0.0]];
        let moved = step(x.view(), centres.view(), &[3.0, 1.0, 0.0, 0.5]);
        assert_eq!(moved, array![[1.0, 0.0], [10.0, 2.0], [-50.0, 0.0]]);
        // The third row is halfway between two centres.
        let moved = step(array![[2.0]].view(), array![[1.0], [3.0]].view(), &[1.0]);
        assert_eq!(moved, array![[2.0], [3.0]]);
    }

    #[test]
    fn whole_weights_are_repeated_rows() {
        for seed in 0..20 {
            let x = uniform(80, 3, seed);
            let centres = uniform(5, 3, seed ^ 7);
            let (weights, repeated) = whole_weights(80, seed);
            let plain = x.select(Axis(0), &repeated);
            let expected = step(plain.view(), centres.view(), &vec![1.0; repeated.len()]);
            let found = step(x.view(), centres.view(), &weights);
            assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-12);
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let (x, centres) = (uniform(40_000, 3, 1), uniform(6, 3, 2));
        let weights: Vec<f64> = (0..40_000).map(|row| f64::from(row % 5) * 0.3).collect();
        assert_same_bits(|| step(x.view(), centres.view(), &weights).iter().copied().collect());
    }
}
