//! Support vector machines for classes and for values, and the support of a distribution.
//!
//! All of them minimise `½ βᵀKβ - zᵀβ + ε Σ|βᵢ|` over a box, with the sum of `β` fixed, where `K` are the
//! kernel values of the rows: [`solver`] does that for all. The matrix `K` is never held as a whole: rows are worked
//! out when they are needed and kept up to a limit, so that memory grows with the rows only.

/// The parameters that all machines share, as the solver needs them.
macro_rules! shape {
    ($parameters:expr) => {
        $crate::svm::shape::Shape {
            kernel: $parameters.kernel,
            gamma: $parameters.gamma,
            degree: $parameters.degree,
            coef0: $parameters.coef0,
        }
    };
}

/// As `shape!`, for the way of the solver.
macro_rules! settings {
    ($parameters:expr) => {
        $crate::svm::solver::Settings {
            tol: $parameters.tol,
            shrinking: $parameters.shrinking,
            cache_bytes: u64::from($parameters.cache_size) << 20,
            max_iter: $parameters.max_iter,
        }
    };
}

/// What can be said about a machine on its own.
macro_rules! machine {
    ($model:ty) => {
        impl $model {
            /// How many rows became support vectors.
            #[must_use]
            pub fn supports(&self) -> usize {
                self.machine.factors.len()
            }

            /// About how many steps of work the answer for one row takes.
            #[must_use]
            pub fn work(&self) -> usize {
                self.supports() * (self.machine.supports.columns() + 16)
            }

            /// How the training ended.
            #[must_use]
            pub fn convergence(&self) -> $crate::Convergence {
                self.machine.convergence
            }

            /// The dual objective: `½ Σ βᵢβⱼKᵢⱼ - Σ zᵢβᵢ + ε Σ |βᵢ|`.
            #[must_use]
            pub fn objective(&self) -> f64 {
                self.machine.objective
            }

            /// What is added to the sum over the support vectors.
            #[must_use]
            pub fn intercept(&self) -> f64 {
                self.machine.intercept
            }
        }
    };
}

mod answers;
mod cache;
mod classes;
mod exponential;
mod kernel;
mod one_class;
mod pairs;
mod points;
mod probability;
mod scan;
mod shape;
mod solver;
mod sums;
mod values;

pub use answers::FittedSupportVectorClassifier;
pub use classes::{CheckedSupportVectorClassifier, SupportVectorClassifier};
pub use one_class::{
    CheckedOneClassSupportVectorMachine, FittedOneClassSupportVectorMachine,
    OneClassSupportVectorMachine,
};
pub use shape::{Gamma, Kernel};
pub use values::{
    CheckedSupportVectorRegressor, FittedSupportVectorRegressor, SupportVectorRegressor,
};

use ndarray::{Array1, ArrayView2};

use crate::dense::dot;
use crate::{Control, Convergence, Error};
use kernel::Resolved;
use points::Points;
use shape::{Ready, Shape};
use solver::{Settings, Solution};
use sums::Source;

/// The most that a cache may take, in mebibytes.
pub const LARGEST_CACHE: u32 = 4096;

fn validate(shape: &Shape, settings: &Settings) -> Result<(), Error> {
    shape.validate()?;
    positive("tol", settings.tol)?;
    let megabytes = settings.cache_bytes >> 20;
    if megabytes > u64::from(LARGEST_CACHE) {
        let what = format!("a `cache_size` of {megabytes}");
        return Err(Error::memory_of("cache_size", what, settings.cache_bytes));
    }
    Ok(())
}

fn positive(name: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(Error::parameter(name, format!("is {value}, not a number above 0")))
    }
}

/// The rows that count: those with a weight above 0.
fn counted(rows: usize, weights: Option<&[f64]>) -> Vec<u32> {
    (0..rows as u32)
        .filter(|&row| weights.is_none_or(|weights| weights[row as usize] > 0.0))
        .collect()
}

/// `Σ βᵢ K(xᵢ, x) + b`, over the rows whose `β` is not 0.
#[derive(Clone, Debug, PartialEq)]
struct Machine {
    kernel: Resolved,
    scale: f64,
    supports: Points,
    factors: Vec<f64>,
    intercept: f64,
    objective: f64,
    convergence: Convergence,
}

impl Machine {
    fn new(ready: &Ready, solution: &Solution, tolerance: f64) -> Self {
        let positions: Vec<u32> = (0..solution.beta.len() as u32)
            .filter(|&position| solution.beta[position as usize] != 0.0)
            .collect();
        Self {
            kernel: ready.kernel,
            scale: ready.scale,
            supports: ready.points.pick(&positions),
            factors: positions.iter().map(|&i| solution.beta[i as usize]).collect(),
            intercept: solution.intercept,
            objective: solution.objective,
            convergence: solution.convergence(tolerance),
        }
    }

    /// # Panics
    /// If the number of columns is not that of the training.
    fn decisions(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_eq!(x.ncols(), self.supports.columns(), "columns differ from those trained on");
        let source = Source::Table(x, self.scale);
        let plain = Control::plain();
        let sum = |values: &[f64], sums: &mut [f64]| {
            sums[0] = dot(values, &self.factors) + self.intercept;
        };
        sums::of_rows(self.kernel, &self.supports, source, 1, &plain, sum)
            .expect("nothing stops a plain control")
            .into()
    }
}

/// How several trainings ended, as one.
fn joined(ends: impl IntoIterator<Item = Convergence>, tolerance: f64) -> Convergence {
    let start = Convergence { converged: true, iterations: 0, tolerance, gradient: 0.0 };
    ends.into_iter().fold(start, |all, one| Convergence {
        converged: all.converged && one.converged,
        iterations: all.iterations + one.iterations,
        tolerance,
        gradient: all.gradient.max(one.gradient),
    })
}

#[cfg(test)]
mod tests;
