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

mod cache;
mod classes;
mod exponential;
mod kernel;
mod points;
mod scan;
mod shape;
mod solver;
mod sums;

pub use classes::{
    CheckedSupportVectorClassifier, FittedSupportVectorClassifier, SupportVectorClassifier,
};
pub use shape::{Gamma, Kernel};

use crate::{Convergence, Error};
use shape::Shape;
use solver::Settings;

/// The most that a cache may take, in mebibytes.
pub const LARGEST_CACHE: u32 = 4096;

fn validate(shape: &Shape, settings: &Settings) -> Result<(), Error> {
    shape.validate()?;
    positive("tol", settings.tol)?;
    let megabytes = settings.cache_bytes >> 20;
    if megabytes > u64::from(LARGEST_CACHE) {
        return Err(Error::Memory {
            what: format!("a `cache_size` of {megabytes}"),
            bytes: settings.cache_bytes,
        });
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
