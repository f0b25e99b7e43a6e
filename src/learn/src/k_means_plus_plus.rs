//! Starting centres for k-means.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::dense::{max_abs, power_of_two};
use crate::input::{self, Columns};
use crate::seeded::Generator;
use crate::{Control, Error};

/// Rows whose distances are summed together.
const BLOCK: usize = 1024;

parameters! {
    /// Greedy k-means++ (Arthur and Vassilvitskii, 2007, with the trials of their section 5, as in
    /// scikit-learn): the first centre is a random row; each further one is, of `2 + ln k` rows
    /// drawn with probability proportional to the squared distance to the nearest centre, the
    /// one that leaves the smallest sum of such squares.
    KMeansPlusPlus => CheckedKMeansPlusPlus {
        /// Number of centres, at least 1. The default is 8.
        n_clusters: usize = 8,
        /// Seed of the draws. The default is 0.
        seed: u64 = 0,
    }
}

/// Centres to start k-means from.
#[derive(Clone, Debug, PartialEq)]
pub struct Centres {
    /// One centre a row (`n_clusters` × columns), each a row of the data.
    pub centres: Array2<f64>,
    /// How many of the centres differ, the first `distinct` ones. Below `n_clusters` where the
    /// data has fewer different rows; the remaining centres repeat the first ones in turn.
    pub distinct: usize,
}

impl CheckedKMeansPlusPlus {
    fn validate(&self) -> Result<(), Error> {
        if self.n_clusters >= 1 {
            Ok(())
        } else {
            Err(Error::parameter("n_clusters", "is 0, not at least 1"))
        }
    }

    /// Draws the centres from the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, unsound weights, more centres than rows, and when stopped.
    pub fn choose(&self, x: ArrayView2<'_, f64>, control: &Control<'_>) -> Result<Centres, Error> {
        let columns = Columns::new(x)?;
        let weights = input::weights(control, columns.rows())?;
        self.choose_from(&columns, weights, control)
    }

    /// The same from columns and weights that were looked at.
    pub(crate) fn choose_from(
        &self,
        columns: &Columns<'_>,
        weights: Option<&[f64]>,
        control: &Control<'_>,
    ) -> Result<Centres, Error> {
        if self.n_clusters > columns.rows() {
            return Err(Error::parameter(
                "n_clusters",
                format!("is {}, more than the {} rows", self.n_clusters, columns.rows()),
            ));
        }
        let points = Points::new(columns, weights);
        let mut generator = Generator::new(self.seed);
        let trials = 2 + (self.n_clusters as f64).ln() as usize;
        let mut chosen = vec![points.draw(&points.weights(), &mut generator)];
        let mut nearest = points.distances(chosen[0], None);
        while chosen.len() < self.n_clusters {
            control.poll()?;
            let shares = points.weighted(&nearest);
            if shares.iter().all(|share| *share == 0.0) {
                break;
            }
            let mut best: Option<(f64, usize, Vec<f64>)> = None;
            for _ in 0..trials {
                let candidate = points.draw(&shares, &mut generator);
                let distances = points.distances(candidate, Some(&nearest));
                let potential = sum_in_blocks(&points.weighted(&distances));
                if best.as_ref().is_none_or(|(least, ..)| potential < *least) {
                    best = Some((potential, candidate, distances));
                }
            }
            let Some((_, candidate, distances)) = best else { break };
            chosen.push(candidate);
            nearest = distances;
        }
        let distinct = chosen.len();
        let centres = Array2::from_shape_fn((self.n_clusters, columns.len()), |(centre, j)| {
            columns.column(j)[chosen[centre % distinct]]
        });
        Ok(Centres { centres, distinct })
    }
}

/// The rows, scaled by one power of two so that no squared distance overflows.
struct Points<'a> {
    columns: &'a Columns<'a>,
    weights: Option<&'a [f64]>,
    factor: f64,
}

impl<'a> Points<'a> {
    fn new(columns: &'a Columns<'a>, weights: Option<&'a [f64]>) -> Self {
        let largest = (0..columns.len()).map(|j| max_abs(columns.column(j))).fold(0.0, f64::max);
        Self { columns, weights, factor: 1.0 / power_of_two(largest) }
    }

    fn weights(&self) -> Vec<f64> {
        self.weights.map_or_else(|| vec![1.0; self.columns.rows()], <[f64]>::to_vec)
    }

    fn weighted(&self, values: &[f64]) -> Vec<f64> {
        match self.weights {
            None => values.to_vec(),
            Some(weights) => values.iter().zip(weights).map(|(value, by)| value * by).collect(),
        }
    }

    /// Squared distances of all rows to one, or to the nearest of it and what `nearest` is for.
    fn distances(&self, row: usize, nearest: Option<&[f64]>) -> Vec<f64> {
        let mut distances = vec![0.0; self.columns.rows()];
        distances.par_chunks_mut(BLOCK).enumerate().for_each(|(index, distances)| {
            let range: Range<usize> = index * BLOCK..index * BLOCK + distances.len();
            for j in 0..self.columns.len() {
                let column = self.columns.column(j);
                let centre = column[row] * self.factor;
                for (distance, value) in distances.iter_mut().zip(&column[range.clone()]) {
                    let difference = value * self.factor - centre;
                    *distance += difference * difference;
                }
            }
            if let Some(nearest) = nearest {
                for (distance, nearest) in distances.iter_mut().zip(&nearest[range]) {
                    *distance = distance.min(*nearest);
                }
            }
        });
        distances
    }

    /// A row with probability proportional to its share; never one whose share is 0.
    fn draw(&self, shares: &[f64], generator: &mut Generator) -> usize {
        let blocks: Vec<f64> = shares.chunks(BLOCK).map(|block| block.iter().sum()).collect();
        let mut left = generator.unit() * blocks.iter().sum::<f64>();
        let mut last = 0;
        for (index, (block, sum)) in shares.chunks(BLOCK).zip(&blocks).enumerate() {
            if left >= *sum && index + 1 < blocks.len() {
                left -= sum;
                if let Some(place) = block.iter().rposition(|share| *share > 0.0) {
                    last = index * BLOCK + place;
                }
                continue;
            }
            for (place, share) in block.iter().enumerate() {
                if *share > 0.0 {
                    last = index * BLOCK + place;
                    if left < *share {
                        return last;
                    }
                    left -= share;
                }
            }
        }
        last
    }
}

fn sum_in_blocks(values: &[f64]) -> f64 {
    values.chunks(BLOCK).map(|block| block.iter().sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Axis, array};

    use super::*;
    use crate::test_support::*;

    fn choose(clusters: usize, seed: u64, x: &Array2<f64>) -> Result<Centres, Error> {
        let parameters = checked(KMeansPlusPlus::new().n_clusters(clusters).seed(seed));
        parameters.choose(x.view(), &Control::plain())
    }

    #[test]
    fn finds_one_centre_in_each_of_distant_groups() {
        let mut x = uniform(60, 2, 1);
        for (i, mut row) in x.rows_mut().into_iter().enumerate() {
            row += 100.0 * (i % 6) as f64;
        }
        for seed in 0..20 {
            let centres = choose(6, seed, &x).unwrap();
            let mut groups: Vec<i64> = centres
                .centres
                .column(0)
                .iter()
                .map(|value| (value / 100.0).round() as i64)
                .collect();
            groups.sort_unstable();
            assert_eq!(groups, [0, 1, 2, 3, 4, 5]);
            assert_eq!(centres.distinct, 6);
        }
    }

    #[test]
    fn says_when_there_are_too_few_different_rows() {
        let x = array![[1.0, 0.0], [2.0, 0.0], [1.0, 0.0], [2.0, 0.0], [1.0, 0.0]];
        let centres = choose(5, 3, &x).unwrap();
        assert_eq!(centres.distinct, 2);
        assert_eq!(centres.centres.dim(), (5, 2));
        assert_eq!(centres.centres.row(0), centres.centres.row(2));
        assert_ne!(centres.centres.row(0), centres.centres.row(1));
    }

    #[test]
    fn rows_of_weight_zero_are_never_chosen() {
        let x = uniform(3000, 2, 5);
        let weights: Vec<f64> = (0..3000).map(|row| f64::from(row % 100 == 7)).collect();
        let chosen = checked(KMeansPlusPlus::new().n_clusters(30))
            .choose(x.view(), &Control::weighted(&weights))
            .unwrap();
        let candidates: Vec<usize> = (7..3000).step_by(100).collect();
        let candidates = x.select(Axis(0), &candidates);
        assert_eq!(chosen.distinct, 30);
        for centre in chosen.centres.rows() {
            assert!(candidates.rows().into_iter().any(|row| row == centre));
        }
    }

    #[test]
    fn refuses_more_centres_than_rows() {
        assert!(matches!(choose(4, 0, &uniform(3, 1, 1)), Err(Error::Parameter { .. })));
        assert!(KMeansPlusPlus::new().n_clusters(0).check().is_err());
    }

    #[test]
    fn awkward_tables_have_centres() {
        for (name, x) in awkward_tables() {
            let centres = choose(x.nrows().min(4), 1, &x).unwrap();
            assert!(centres.distinct >= 1, "{name}");
            assert!(centres.centres.iter().all(|value| value.is_finite()), "{name}");
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = uniform(5000, 4, 2);
        assert_same_bits(|| choose(9, 4, &x).unwrap().centres.iter().copied().collect());
        assert_ne!(choose(9, 4, &x).unwrap(), choose(9, 5, &x).unwrap());
    }
}
