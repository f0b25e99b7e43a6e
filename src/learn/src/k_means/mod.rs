//! K-means: centres that make the sum of squared distances to the nearest of them small.

mod assign;

#[cfg(test)]
mod tests;

use linfa::ParamGuard;
use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};
use rayon::prelude::*;

use self::assign::{Holds, Table, too_large};
use crate::control::of_rows;
use crate::dense::power_of_two;
use crate::input::{self, Columns};
use crate::k_means_plus_plus::KMeansPlusPlus;
use crate::{Control, Error, rows};

parameters! {
    /// Minimises `Σ weight · ‖row − nearest centre‖²` by Lloyd's algorithm from greedy k-means++
    /// centres. A centre that loses all its rows moves to the row that is farthest from its own, as
    /// in scikit-learn.
    KMeans => CheckedKMeans {
        /// Number of centres, at least 1. The default is 8.
        n_clusters: usize = 8,
        /// How often training starts anew, at least 1; the run of the smallest inertia is kept. The
        /// default is 1.
        n_init: usize = 1,
        /// The most steps of one run, at least 1. The default is 300.
        max_iter: usize = 300,
        /// A run ends when the squared movements of the centres sum to no more than this times the
        /// mean variance of the columns. From 0; the default is 1e-4.
        tol: f64 = 1e-4,
        /// Seed of the draws. The default is 0.
        seed: u64 = 0,
    }
}

/// Centres, and how they were found.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedKMeans {
    centres: Array2<f64>,
    inertia: f64,
    iterations: usize,
    converged: bool,
    distinct: usize,
}

impl CheckedKMeans {
    fn validate(&self) -> Result<(), Error> {
        for (name, value) in
            [("n_clusters", self.n_clusters), ("n_init", self.n_init), ("max_iter", self.max_iter)]
        {
            if value < 1 {
                return Err(Error::parameter(name, "is 0, not at least 1"));
            }
        }
        if !(self.tol >= 0.0 && self.tol.is_finite()) {
            return Err(Error::parameter("tol", format!("is {}, not a number from 0", self.tol)));
        }
        Ok(())
    }

    /// Finds centres for the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite or whose squared distances are not, unsound weights, more
    /// clusters than rows, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedKMeans, Error> {
        let table = Columns::new(x)?;
        let weights = input::weights(control, table.rows())?;
        if self.n_clusters > table.rows() {
            let message = format!("is {}, more than {}", self.n_clusters, of_rows(table.rows()));
            return Err(Error::parameter("n_clusters", message));
        }
        let sample = Sample::new(&table, weights);
        let mut best: Option<Run> = None;
        for start in 0..self.n_init as u64 {
            let seeding = KMeansPlusPlus::new()
                .n_clusters(self.n_clusters)
                .seed(self.seed.wrapping_add(start));
            let seeded = seeding.check()?.choose_from(&table, weights, control)?;
            let run = sample.run(self, sample.inner(&seeded.centres), seeded.distinct, control)?;
            if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
                best = Some(run);
            }
        }
        let run = best.ok_or_else(|| Error::Degenerate("there is no finite solution".into()))?;
        let inertia = run.inertia / sample.factor / sample.factor;
        if !inertia.is_finite() {
            return Err(too_large(&table));
        }
        Ok(FittedKMeans {
            centres: sample.outer(&run.centres),
            inertia,
            iterations: run.iterations,
            converged: run.converged,
            distinct: run.distinct,
        })
    }
}

/// One run, in the units of the sample.
struct Run {
    centres: Array2<f64>,
    inertia: f64,
    iterations: usize,
    converged: bool,
    distinct: usize,
}

/// The rows with a weight.
struct Sample {
    table: Table,
    weights: Option<Vec<f64>>,
    /// `inner = outer * factor - offset`
    factor: f64,
    offsets: Vec<f64>,
    variance: f64,
}

/// What rows that change their cluster do to the sums of each, its weight and its number of rows.
struct Change {
    sums: Vec<f64>,
    moved: bool,
}

impl Sample {
    fn new(columns: &Columns<'_>, weights: Option<&[f64]>) -> Self {
        let counted: Vec<usize> = match weights {
            None => (0..columns.rows()).collect(),
            Some(weights) => (0..weights.len()).filter(|row| weights[*row] > 0.0).collect(),
        };
        let weights: Option<Vec<f64>> =
            weights.map(|weights| counted.iter().map(|row| weights[*row]).collect());
        let (rows, width) = (counted.len(), columns.len());
        let largest = (0..width)
            .into_par_iter()
            .map(|j| {
                counted.iter().fold(0.0_f64, |max, row| max.max(columns.column(j)[*row].abs()))
            })
            .reduce(|| 0.0, f64::max);
        let factor = 1.0 / power_of_two(largest);
        let weight = |place: usize| weights.as_ref().map_or(1.0, |weights| weights[place]);
        let total: f64 = (0..rows).map(weight).sum();
        // The column's mean and variance, in blocks so that rounding stays small.
        let mean = |j: usize, about: f64, power: i32| {
            let column = columns.column(j);
            let term = |place: usize| (column[counted[place]] * factor - about).powi(power);
            let block = |from: usize| {
                (from..rows.min(from + 256)).map(|place| weight(place) * term(place)).sum::<f64>()
            };
            (0..rows).step_by(256).map(block).sum::<f64>() / total
        };
        let moments: Vec<(f64, f64)> = (0..width)
            .into_par_iter()
            .map(|j| {
                let offset = mean(j, 0.0, 1);
                (offset, mean(j, offset, 2))
            })
            .collect();
        let offsets: Vec<f64> = moments.iter().map(|(offset, _)| *offset).collect();
        let variance = moments.iter().map(|(_, variance)| variance).sum::<f64>();
        let mut values = vec![0.0; rows * width];
        if width > 0 {
            values.par_chunks_mut(512 * width).enumerate().for_each(|(block, values)| {
                for (j, offset) in offsets.iter().enumerate() {
                    let column = columns.column(j);
                    for (place, row) in values.chunks_mut(width).enumerate() {
                        row[j] = column[counted[block * 512 + place]] * factor - offset;
                    }
                }
            });
        }
        let table = Table::new(values, rows, width);
        Self { table, weights, factor, offsets, variance: variance / width.max(1) as f64 }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    fn inner(&self, centres: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn(centres.dim(), |(cluster, j)| {
            centres[[cluster, j]] * self.factor - self.offsets[j]
        })
    }

    fn outer(&self, centres: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn(centres.dim(), |(cluster, j)| {
            (centres[[cluster, j]] + self.offsets[j]) / self.factor
        })
    }

    /// Lloyd's algorithm. Sums follow the rows that change their cluster, and are taken anew at the end.
    fn run(
        &self,
        settings: &CheckedKMeans,
        mut centres: Array2<f64>,
        distinct: usize,
        control: &Control<'_>,
    ) -> Result<Run, Error> {
        let width = self.table.columns + 2;
        let tolerance = settings.tol * self.variance;
        // No cluster yet.
        let mut labels = vec![u32::MAX; self.table.rows];
        let mut holds = Holds::new(self.table.rows, centres.nrows());
        let mut sums = vec![0.0; centres.nrows() * width];
        let (mut iterations, mut converged) = (0, false);
        while iterations < settings.max_iter && !converged {
            control.poll()?;
            let moved = self.reassign(&centres, &mut holds, &mut labels, &mut sums);
            let next = self.means(&sums, &centres, &labels);
            let shift = (&next - &centres).iter().map(|by| by * by).sum::<f64>();
            iterations += 1;
            converged = !moved || shift <= tolerance;
            holds.shift(centres.view(), next.view());
            centres = next;
        }
        let sums = self.sums(&labels, centres.nrows());
        let next = self.means(&sums, &centres, &labels);
        holds.shift(centres.view(), next.view());
        let centres = next;
        let inertia = self.inertia(&centres, &mut holds, &mut labels);
        Ok(Run { centres, inertia, iterations, converged, distinct })
    }

    /// Gives every row to its nearest centre; whether any changed.
    fn reassign(
        &self,
        centres: &Array2<f64>,
        holds: &mut Holds,
        labels: &mut [u32],
        sums: &mut [f64],
    ) -> bool {
        let width = self.table.columns + 2;
        let changes = self.table.assign(centres.view(), holds, labels, |start, before, after| {
            let mut change = Change { sums: Vec::new(), moved: false };
            for (place, (from, to)) in before.iter().zip(after).enumerate() {
                if from == to {
                    continue;
                }
                if !change.moved {
                    change = Change { sums: vec![0.0; centres.nrows() * width], moved: true };
                }
                let row = start + place;
                self.add(&mut change.sums, *to, row, 1.0);
                if *from != u32::MAX {
                    self.add(&mut change.sums, *from, row, -1.0);
                }
            }
            change
        });
        for change in changes.iter().filter(|change| change.moved) {
            for (sum, by) in sums.iter_mut().zip(&change.sums) {
                *sum += by;
            }
        }
        changes.iter().any(|change| change.moved)
    }

    fn add(&self, sums: &mut [f64], cluster: u32, row: usize, times: f64) {
        let width = self.table.columns + 2;
        let sums = &mut sums[cluster as usize * width..(cluster as usize + 1) * width];
        let weight = times * self.weight(row);
        for (sum, value) in sums.iter_mut().zip(self.table.row(row)) {
            *sum += weight * value;
        }
        sums[width - 2] += weight;
        sums[width - 1] += times;
    }

    fn sums(&self, labels: &[u32], clusters: usize) -> Vec<f64> {
        let length = clusters * (self.table.columns + 2);
        rows::sum(self.table.rows, length, |range, sums| {
            for row in range {
                self.add(sums, labels[row], row, 1.0);
            }
        })
    }

    /// The means of the clusters; an empty one gets the row that is farthest from its own centre.
    fn means(&self, sums: &[f64], centres: &Array2<f64>, labels: &[u32]) -> Array2<f64> {
        let width = self.table.columns + 2;
        let mut sums = sums.to_vec();
        let empty: Vec<usize> =
            (0..centres.nrows()).filter(|cluster| sums[(cluster + 1) * width - 1] == 0.0).collect();
        for cluster in &empty {
            sums[cluster * width..(cluster + 1) * width].fill(0.0);
        }
        let far =
            if empty.is_empty() { Vec::new() } else { self.farthest(centres, labels, empty.len()) };
        for (cluster, row) in empty.iter().zip(far) {
            self.add(&mut sums, labels[row], row, -1.0);
            self.add(&mut sums, *cluster as u32, row, 1.0);
        }
        Array2::from_shape_fn(centres.dim(), |(cluster, j)| {
            let sums = &sums[cluster * width..(cluster + 1) * width];
            if sums[width - 1] > 0.0 { sums[j] / sums[width - 2] } else { centres[[cluster, j]] }
        })
    }

    /// The `count` rows farthest from their centres, those at a centre left out.
    fn farthest(&self, centres: &Array2<f64>, labels: &[u32], count: usize) -> Vec<usize> {
        let mut far: Vec<(f64, usize)> = labels
            .par_iter()
            .enumerate()
            .map(|(row, label)| {
                let centre = centres.row(*label as usize);
                (self.table.distance(row, centre.to_slice().unwrap_or(&[])), row)
            })
            .filter(|(distance, _)| *distance > 0.0)
            .collect();
        far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        far.into_iter().take(count).map(|(_, row)| row).collect()
    }

    fn inertia(&self, centres: &Array2<f64>, holds: &mut Holds, labels: &mut [u32]) -> f64 {
        let parts = self.table.assign(centres.view(), holds, labels, |start, _, labels| {
            let of = |(place, label): (usize, &u32)| {
                let centre = centres.row(*label as usize);
                let distance = self.table.distance(start + place, centre.to_slice().unwrap_or(&[]));
                self.weight(start + place) * distance
            };
            labels.iter().enumerate().map(of).sum::<f64>()
        });
        parts.iter().sum()
    }
}

impl FittedKMeans {
    /// One centre a row (clusters × columns).
    #[must_use]
    pub fn centres(&self) -> &Array2<f64> {
        &self.centres
    }

    /// The weighted sum of squared distances of the training rows to their centres.
    #[must_use]
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// Steps of the run that was kept.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Whether that run ended before its last step was due.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// How many of the centres that it started from differ: below `n_clusters` where the data has
    /// fewer different rows.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.distinct
    }

    /// The nearest centre of each row, the first of equally near ones, and the squared distance.
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_with_distances(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Vec<f64>) {
        const BLOCK: usize = 1024;
        assert_eq!(x.ncols(), self.centres.ncols(), "columns differ from those trained on");
        let mut labels = vec![0_u32; x.nrows()];
        let mut distances = vec![f64::INFINITY; x.nrows()];
        let blocks = labels.par_chunks_mut(BLOCK).zip(distances.par_chunks_mut(BLOCK));
        blocks.enumerate().for_each(|(block, (labels, distances))| {
            let start = block * BLOCK;
            let rows = x.slice_axis(Axis(0), Slice::from(start..start + labels.len()));
            let mut sums = vec![0.0; labels.len()];
            for (cluster, centre) in self.centres.outer_iter().enumerate() {
                sums.fill(0.0);
                for (column, centre) in rows.axis_iter(Axis(1)).zip(centre) {
                    let add = |(sum, value): (&mut f64, &f64)| *sum += (value - centre).powi(2);
                    match column.to_slice() {
                        Some(column) => sums.iter_mut().zip(column).for_each(add),
                        None => sums.iter_mut().zip(column).for_each(add),
                    }
                }
                for ((sum, label), distance) in sums.iter().zip(&mut *labels).zip(&mut *distances) {
                    if sum < distance {
                        (*label, *distance) = (cluster as u32, *sum);
                    }
                }
            }
        });
        (Array1::from_vec(labels), distances)
    }
}
