//! Minimises smooth functions of scaled columns: Newton's method for few parameters, L-BFGS for many.

pub(crate) mod lbfgs;
pub(crate) mod newton;
mod scaled;

pub(crate) use scaled::{Linear, Scaled};

use crate::{Control, Convergence, Error};

/// Parameters up to which Newton's method is considered.
const NEWTON_PARAMETERS: usize = 500;

/// Multiplications up to which building one Hessian is cheaper than the many more iterations
/// that a method without one needs.
const NEWTON_WORK: f64 = 1e9;

/// A function at one point.
pub(crate) struct Value {
    pub(crate) objective: f64,
    pub(crate) gradient: Vec<f64>,
    /// Row by row, symmetric, made definite along directions that change nothing; empty where it
    /// was not asked for.
    pub(crate) hessian: Vec<f64>,
    /// Differences of the objective below this are rounding.
    pub(crate) noise: f64,
}

/// What is to be computed at a point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    First,
    Second,
}

/// A function with a gradient and a Hessian, or a definite matrix in its place.
pub(crate) trait Smooth {
    fn parameters(&self) -> usize;

    /// The objective is infinite or NaN where the function is not defined.
    fn at(&self, point: &[f64], order: Order) -> Value;

    /// Whether there is a minimum for sure. Otherwise one that seems near may be at infinity.
    fn has_minimum(&self) -> bool;

    /// Whether the function is known to have no minimum, from its value at one point.
    fn falls_for_ever(&self, value: &Value) -> bool;
}

/// A point where the gradient vanishes, from `start` on; `rows` is what one value costs.
pub(crate) fn minimize(
    objective: &impl Smooth,
    start: Vec<f64>,
    rows: usize,
    max_iter: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<(Vec<f64>, Convergence), Error> {
    if has_few(rows, objective.parameters()) {
        newton::minimize(objective, start, max_iter, tolerance, control)
    } else {
        lbfgs::minimize(objective, start, max_iter, tolerance, control)
    }
}

/// Whether so few parameters are free that Newton's method is worth its Hessians.
pub(crate) fn has_few(rows: usize, free: usize) -> bool {
    let hessian_work = rows as f64 * (free as f64).powi(2);
    free <= NEWTON_PARAMETERS && hessian_work <= NEWTON_WORK || free <= 64
}
