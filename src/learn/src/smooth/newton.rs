//! Newton's method with backtracking for few parameters.

use super::{Order, Smooth, Value};
use crate::cholesky::Cholesky;
use crate::dense::{dot, max_abs};
use crate::{Control, Convergence, Error};

/// Share of the predicted decrease that a step must bring.
const SUFFICIENT: f64 = 1e-4;

/// Steps with a small gradient that do not shrink: then some parameter has its optimum at infinity.
const DRIFT: usize = 10;

/// Halvings of a step before it is given up.
const HALVINGS: usize = 50;

pub(crate) fn minimize(
    objective: &impl Smooth,
    start: Vec<f64>,
    max_iter: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<(Vec<f64>, Convergence), Error> {
    let mut point = start;
    let mut value = objective.at(&point, Order::Second);
    let mut iterations = 0;
    let mut converged = false;
    let mut before = f64::INFINITY;
    let mut drifting = 0;
    loop {
        control.poll()?;
        let Some(step) = direction(&value) else { break };
        // Near an optimum the steps shrink fast; on the way to one at infinity they do not.
        let length = max_abs(&step);
        let settles = objective.has_minimum() || length <= 0.5 * before || length <= 1e-9;
        before = length;
        if !settles && max_abs(&value.gradient) <= tolerance {
            drifting += 1;
        }
        if settles && is_optimal(&point, &value, &step, tolerance) {
            converged = true;
            break;
        }
        let diverges = drifting == DRIFT || objective.falls_for_ever(&value);
        if iterations == max_iter || diverges {
            break;
        }
        iterations += 1;
        let Some((next, at_next)) = backtrack(objective, &point, &value, &step, control)? else {
            break;
        };
        (point, value) = (next, at_next);
    }
    let gradient = max_abs(&value.gradient);
    Ok((point, Convergence { converged, iterations, tolerance, gradient }))
}

/// Whether the gradient is small, the next step would gain next to nothing, and it is short: where
/// some parameter runs off to infinity the first two happen, but not the third.
pub(super) fn is_optimal(point: &[f64], value: &Value, step: &[f64], tolerance: f64) -> bool {
    let decrease = -0.5 * dot(&value.gradient, step);
    max_abs(&value.gradient) <= tolerance
        && decrease <= ((1e-4 * tolerance).max(f64::EPSILON) * value.objective).max(value.noise)
        && max_abs(step) <= 1e-2 * (1.0 + max_abs(point))
}

/// The Newton step; damped where the Hessian is not definite.
fn direction(value: &Value) -> Option<Vec<f64>> {
    let free = value.gradient.len();
    let largest = (0..free).map(|i| value.hessian[i * free + i]).fold(0.0, f64::max);
    let mut damping = 0.0;
    for _ in 0..12 {
        let mut matrix = value.hessian.clone();
        for i in 0..free {
            matrix[i * free + i] += damping;
        }
        if let Some(cholesky) = Cholesky::new(matrix, free, 1e-13) {
            let mut step: Vec<f64> = value.gradient.iter().map(|part| -part).collect();
            cholesky.solve(&mut step);
            return Some(step);
        }
        damping = if damping == 0.0 { 1e-10 * largest.max(1e-300) } else { damping * 30.0 };
    }
    None
}

/// The first of the halved steps that decreases the objective enough; `None` if none does.
fn backtrack(
    objective: &impl Smooth,
    point: &[f64],
    value: &Value,
    step: &[f64],
    control: &Control<'_>,
) -> Result<Option<(Vec<f64>, Value)>, Error> {
    let slope = dot(&value.gradient, step);
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        control.poll()?;
        let next: Vec<f64> = point.iter().zip(step).map(|(at, by)| at + length * by).collect();
        let at_next = objective.at(&next, Order::Second);
        if at_next.objective <= value.objective + SUFFICIENT * length * slope + value.noise {
            return Ok(Some((next, at_next)));
        }
        length *= 0.5;
    }
    Ok(None)
}
