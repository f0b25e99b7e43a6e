//! Mixtures of normal distributions, fitted by expectation and maximisation.

mod component;

#[cfg(test)]
mod tests;

use std::f64::consts::PI;
use std::ops::Range;

use linfa::ParamGuard;
use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

use self::component::{Component, Layout, components};
use crate::control::of_rows;
use crate::input::{self, Columns};
use crate::{Control, Error, KMeans, rows};

/// What the components' covariances may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CovarianceType {
    /// Each component has a matrix of its own.
    #[default]
    Full,
    /// All components have the same matrix.
    Tied,
    /// Each component has a variance for each column.
    Diag,
    /// Each component has one variance.
    Spherical,
}

parameters! {
    /// Maximises the likelihood of the rows under `Σ share · Normal(mean, covariance)`, from the clusters
    /// of k-means. With weights a row of 2 counts as two rows.
    GaussianMixture => CheckedGaussianMixture {
        /// Number of components, at least 1. The default is 1.
        n_components: usize = 1,
        /// What their covariances may be. The default is any matrix.
        covariance_type: CovarianceType = CovarianceType::Full,
        /// A run ends when the mean log likelihood of a row changes by less. From 0; the default
        /// is 1e-3.
        tol: f64 = 1e-3,
        /// What is added to the variances. From 0; the default is 1e-6.
        reg_covar: f64 = 1e-6,
        /// The most iterations of one run, at least 1. The default is 100.
        max_iter: usize = 100,
        /// How often training starts anew, at least 1; the run of the largest likelihood is kept.
        /// The default is 1.
        n_init: usize = 1,
        /// Seed of the draws. The default is 0.
        seed: u64 = 0,
    }
}

/// Components, and how they were found.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGaussianMixture {
    components: Vec<Component>,
    lower_bound: f64,
    iterations: usize,
    converged: bool,
}

/// The most memory that sums may take.
const LIMIT: u64 = 4 << 30;

impl CheckedGaussianMixture {
    fn validate(&self) -> Result<(), Error> {
        for (name, value) in [
            ("n_components", self.n_components),
            ("max_iter", self.max_iter),
            ("n_init", self.n_init),
        ] {
            if value < 1 {
                return Err(Error::parameter(name, "is 0, not at least 1"));
            }
        }
        for (name, value) in [("tol", self.tol), ("reg_covar", self.reg_covar)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::parameter(name, format!("is {value}, not a number from 0")));
            }
        }
        Ok(())
    }

    /// Fits a mixture to the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, unsound weights, more components than rows, too much memory, a
    /// covariance that is not positive, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedGaussianMixture, Error> {
        let table = Columns::new(x)?;
        let weights = input::weights(control, table.rows())?;
        if self.n_components > table.rows() {
            let message = format!("is {}, more than {}", self.n_components, of_rows(table.rows()));
            return Err(Error::parameter("n_components", message));
        }
        let triangle = match self.covariance_type {
            CovarianceType::Full | CovarianceType::Tied => true,
            CovarianceType::Diag | CovarianceType::Spherical => false,
        };
        let layout = Layout { columns: table.len(), triangle };
        // Sums of 32 parts of the rows, the total, and the components.
        let bytes = 36 * 8 * (self.n_components as u64).saturating_mul(layout.length() as u64);
        if bytes > LIMIT {
            let what = format!("{} components of {} columns", self.n_components, table.len());
            return Err(Error::memory_of("n_components", what, bytes));
        }
        let rows: Vec<usize> = (0..table.rows())
            .filter(|row| weights.is_none_or(|weights| weights[*row] > 0.0))
            .collect();
        let sample = Sample { table, rows, weights, layout };
        let mut best: Option<FittedGaussianMixture> = None;
        for start in 0..self.n_init as u64 {
            let fitted = self.run(x, &sample, self.seed.wrapping_add(start), control)?;
            if best.as_ref().is_none_or(|best| fitted.lower_bound > best.lower_bound) {
                best = Some(fitted);
            }
        }
        best.ok_or_else(|| Error::Degenerate("there is no finite solution".into()))
    }

    fn run(
        &self,
        x: ArrayView2<'_, f64>,
        sample: &Sample<'_>,
        seed: u64,
        control: &Control<'_>,
    ) -> Result<FittedGaussianMixture, Error> {
        let k_means = KMeans::new().n_clusters(self.n_components).seed(seed);
        let start = k_means.check()?.fit_rows(x, control)?;
        let (labels, _) = start.predict_with_distances(x);
        let old: Vec<Component> =
            start.centres().rows().into_iter().map(|row| Component::at(row.to_vec())).collect();
        let sums = sample.sums(&old, |rows, logs| {
            for (component, logs) in logs.iter_mut().enumerate() {
                logs.clear();
                let of = |row: &usize| f64::from(u8::from(labels[*row] as usize == component));
                logs.extend(sample.rows[rows.clone()].iter().map(of));
            }
            0.0
        });
        let mut components = self.components(sample, &old, &sums)?;
        let (mut lower_bound, mut iterations) = (f64::NEG_INFINITY, 0);
        let mut converged = false;
        while iterations < self.max_iter && !converged {
            control.poll()?;
            let sums = sample.expect(&components);
            let total: f64 = (0..self.n_components)
                .map(|component| sums[component * sample.layout.length()])
                .sum();
            let likelihood = sums.last().copied().unwrap_or(0.0) / total;
            if !likelihood.is_finite() {
                return Err(Error::Degenerate(
                    "the likelihood of the rows is not finite: their scale is extreme".into(),
                ));
            }
            components = self.components(sample, &components, &sums)?;
            converged = (likelihood - lower_bound).abs() < self.tol;
            lower_bound = likelihood;
            iterations += 1;
        }
        Ok(FittedGaussianMixture { components, lower_bound, iterations, converged })
    }

    fn components(
        &self,
        sample: &Sample<'_>,
        old: &[Component],
        sums: &[f64],
    ) -> Result<Vec<Component>, Error> {
        components(&sample.layout, self.covariance_type, self.reg_covar, old, sums).ok_or_else(
            || {
                let message = format!(
                    "is {}, too small: a component has collapsed, its covariance is not positive",
                    self.reg_covar
                );
                Error::parameter("reg_covar", message)
            },
        )
    }
}

/// The rows with a weight.
struct Sample<'a> {
    table: Columns<'a>,
    rows: Vec<usize>,
    weights: Option<&'a [f64]>,
    layout: Layout,
}

impl Sample<'_> {
    /// Sums about components with the shares that `share` writes for a range of rows, and, last, the weighted sum of
    /// what it answers.
    fn sums(
        &self,
        old: &[Component],
        share: impl Fn(Range<usize>, &mut [Vec<f64>]) -> f64 + Sync,
    ) -> Vec<f64> {
        let length = self.layout.length();
        rows::sum(self.rows.len(), old.len() * length + 1, |range, sums| {
            let mut block = vec![Vec::new(); self.layout.columns];
            let mut about = block.clone();
            let mut shares = vec![Vec::new(); old.len()];
            for range in rows::blocks(range) {
                self.gather(range.clone(), &mut block);
                sums[old.len() * length] += share(range.clone(), &mut shares);
                for (index, component) in old.iter().enumerate() {
                    if let Some(weights) = self.weights {
                        for (share, row) in shares[index].iter_mut().zip(&self.rows[range.clone()])
                        {
                            *share *= weights[*row];
                        }
                    }
                    let sums = &mut sums[index * length..(index + 1) * length];
                    component.add(&self.layout, &block, &shares[index], &mut about, sums);
                }
            }
        })
    }

    /// The sums with each row shared out by its probabilities, and the log likelihood.
    fn expect(&self, components: &[Component]) -> Vec<f64> {
        let shared = self.layout.columns as f64 * 0.5 * (2.0 * PI).ln();
        self.sums(components, |range, logs| {
            let mut block = vec![Vec::new(); self.layout.columns];
            let mut scaled = block.clone();
            self.gather(range.clone(), &mut block);
            for (component, logs) in components.iter().zip(&mut *logs) {
                logs.resize(range.len(), 0.0);
                component.logs(&block, &mut scaled, logs);
            }
            let mut likelihood = 0.0;
            for (place, row) in self.rows[range].iter().enumerate() {
                let largest = logs.iter().map(|logs| logs[place]).fold(f64::NEG_INFINITY, f64::max);
                let mut sum = 0.0;
                for logs in &mut *logs {
                    logs[place] = (logs[place] - largest).exp();
                    sum += logs[place];
                }
                for logs in &mut *logs {
                    logs[place] /= sum;
                }
                let weight = self.weights.map_or(1.0, |weights| weights[*row]);
                likelihood += weight * (largest + sum.ln() - shared);
            }
            likelihood
        })
    }

    fn gather(&self, range: Range<usize>, block: &mut [Vec<f64>]) {
        for (j, to) in block.iter_mut().enumerate() {
            let column = self.table.column(j);
            to.clear();
            to.extend(self.rows[range.clone()].iter().map(|row| column[*row]));
        }
    }
}

impl FittedGaussianMixture {
    /// The mean log likelihood of a training row before the last step.
    #[must_use]
    pub fn lower_bound(&self) -> f64 {
        self.lower_bound
    }

    /// Iterations of the run that was kept.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Whether the likelihood had stopped changing.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// About how many steps of work the answer for one row takes.
    #[must_use]
    pub fn work(&self) -> usize {
        self.components.iter().map(Component::work).sum()
    }

    /// The most probable component of each row, of equally probable ones the first.
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        let columns = self.components.first().map_or(0, |component| component.mean.len());
        assert_eq!(x.ncols(), columns, "columns differ from those trained on");
        let mut labels = vec![0_u32; x.nrows()];
        labels.par_chunks_mut(rows::BLOCK).enumerate().for_each(|(index, labels)| {
            let start = index * rows::BLOCK;
            let block: Vec<Vec<f64>> = x
                .axis_iter(Axis(1))
                .map(|column| (start..start + labels.len()).map(|row| column[row]).collect())
                .collect();
            let mut scaled = vec![Vec::new(); columns];
            let mut best = vec![f64::NEG_INFINITY; labels.len()];
            let mut logs = vec![0.0; labels.len()];
            for (number, component) in self.components.iter().enumerate() {
                component.logs(&block, &mut scaled, &mut logs);
                for ((label, best), log) in labels.iter_mut().zip(&mut best).zip(&logs) {
                    if log > best {
                        (*label, *best) = (number as u32, *log);
                    }
                }
            }
        });
        Array1::from_vec(labels)
    }
}
