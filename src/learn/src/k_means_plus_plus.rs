//! Starting centres for k-means.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::control::of_rows;
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
                format!("is {}, more than {}", self.n_clusters, of_rows(columns.rows())),
            ));
        }
        let points = Points::new(columns, weights);
        let mut generator = Generator::new(self.seed);
        let trials = 2 + (self.n_clusters as f64).ln() as usize;
        let weights = points.weights();
        let sums: Vec<f64> = weights.chunks(BLOCK).map(|block| block.iter().sum()).collect();
        let mut chosen = vec![draw(&sums, columns.rows(), |row| weights[row], &mut generator)];
        let mut reach = Reach::new(columns.rows());
        points.try_all(&chosen, &mut reach);
        reach.take(0);
        while chosen.len() < self.n_clusters {
            control.poll()?;
            if reach.sums.iter().all(|sum| *sum == 0.0) {
                break;
            }
            let share = |row: usize| weights[row] * reach.nearest[row];
            let candidates: Vec<usize> = (0..trials)
                .map(|_| draw(&reach.sums, columns.rows(), share, &mut generator))
                .collect();
            points.try_all(&candidates, &mut reach);
            let mut best = (0, f64::INFINITY);
            for trial in 0..trials {
                let potential = reach.potential(trial);
                if potential < best.1 {
                    best = (trial, potential);
                }
            }
            chosen.push(candidates[best.0]);
            reach.take(best.0);
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

    /// The squared distances of all rows to the nearest of each candidate and what was chosen before. All
    /// candidates are compared with a block of rows while it is at hand.
    fn try_all(&self, candidates: &[usize], reach: &mut Reach) {
        let Reach { nearest, tried, tried_sums, count, .. } = reach;
        *count = candidates.len();
        tried.resize(nearest.len() * candidates.len(), 0.0);
        tried_sums.resize(nearest.len().div_ceil(BLOCK) * candidates.len(), 0.0);
        let blocks = nearest
            .par_chunks(BLOCK)
            .zip(tried.par_chunks_mut(BLOCK * candidates.len()))
            .zip(tried_sums.par_chunks_mut(candidates.len()));
        blocks.enumerate().for_each(|(index, ((nearest, tried), sums))| {
            let start = index * BLOCK;
            let range = start..start + nearest.len();
            tried.fill(0.0);
            for j in 0..self.columns.len() {
                let column = self.columns.column(j);
                let values = &column[range.clone()];
                for (distances, row) in tried.chunks_mut(values.len()).zip(candidates) {
                    let centre = column[*row] * self.factor;
                    for (distance, value) in distances.iter_mut().zip(values) {
                        let difference = value * self.factor - centre;
                        *distance += difference * difference;
                    }
                }
            }
            for (distances, sum) in tried.chunks_mut(nearest.len()).zip(sums) {
                for (distance, nearest) in distances.iter_mut().zip(nearest) {
                    *distance = distance.min(*nearest);
                }
                *sum = match self.weights {
                    None => distances.iter().sum(),
                    Some(weights) => {
                        let weights = &weights[range.clone()];
                        distances.iter().zip(weights).map(|(distance, by)| distance * by).sum()
                    }
                };
            }
        });
    }
}

/// How far the rows are from the nearest centre, and from the nearest with each candidate added.
struct Reach {
    nearest: Vec<f64>,
    /// Its weighted sum over each block of rows.
    sums: Vec<f64>,
    /// Blocks of rows × candidates × the rows of a block.
    tried: Vec<f64>,
    /// Blocks × candidates.
    tried_sums: Vec<f64>,
    count: usize,
}

impl Reach {
    fn new(rows: usize) -> Self {
        Self {
            nearest: vec![f64::INFINITY; rows],
            sums: vec![0.0; rows.div_ceil(BLOCK)],
            tried: Vec::new(),
            tried_sums: Vec::new(),
            count: 0,
        }
    }

    fn potential(&self, candidate: usize) -> f64 {
        self.tried_sums[candidate..].iter().step_by(self.count).sum()
    }

    /// Adds the candidate to the centres.
    fn take(&mut self, candidate: usize) {
        let blocks = self.nearest.par_chunks_mut(BLOCK);
        blocks.zip(self.tried.par_chunks(BLOCK * self.count)).for_each(|(nearest, tried)| {
            let start = candidate * nearest.len();
            nearest.copy_from_slice(&tried[start..start + nearest.len()]);
        });
        for (sum, tried) in self.sums.iter_mut().zip(self.tried_sums.chunks(self.count)) {
            *sum = tried[candidate];
        }
    }
}

/// A row with probability proportional to its share, by the sums over the blocks of rows; never one whose
/// share is 0.
fn draw(
    sums: &[f64],
    rows: usize,
    share: impl Fn(usize) -> f64,
    generator: &mut Generator,
) -> usize {
    let mut left = generator.unit() * sums.iter().sum::<f64>();
    let mut last = 0;
    for (index, sum) in sums.iter().enumerate() {
        let block = index * BLOCK..(index + 1) * BLOCK;
        if left >= *sum && index + 1 < sums.len() {
            left -= sum;
            if *sum > 0.0 {
                last = block.rev().find(|row| share(*row) > 0.0).unwrap_or(last);
            }
            continue;
        }
        for row in block.start..block.end.min(rows) {
            let share = share(row);
            if share > 0.0 {
                last = row;
                if left < share {
                    return row;
                }
                left -= share;
            }
        }
    }
    last
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
