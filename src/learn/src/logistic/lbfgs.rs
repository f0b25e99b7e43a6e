//! L-BFGS for many parameters.

use std::collections::VecDeque;

use super::newton::is_optimal;
use super::objective::{Objective, Order, Value};
use crate::dense::{add_scaled, dot, max_abs};
use crate::{Control, Convergence, Error};

/// Pairs of steps and gradient changes that stand for the Hessian.
const MEMORY: usize = 12;

/// Trials of one line search.
const TRIALS: usize = 60;

/// A step, the change of the gradient along it, and the inverse of their product.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

pub(super) fn minimize(
    objective: &Objective<'_>,
    max_iter: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<(Vec<f64>, Convergence), Error> {
    let mut point = vec![0.0; objective.parameters()];
    let mut value = objective.at(&point, Order::First);
    let mut pairs: VecDeque<Pair> = VecDeque::new();
    let mut iterations = 0;
    let mut converged = false;
    loop {
        control.poll()?;
        let step = direction(&value.gradient, &pairs);
        if is_optimal(&point, &value, &step, tolerance) {
            converged = true;
            break;
        }
        if iterations == max_iter || objective.is_separated(&value) {
            break;
        }
        iterations += 1;
        let Some((next, at_next)) = search(objective, &point, &value, &step, control)? else {
            if pairs.is_empty() {
                break;
            }
            // The memory led nowhere: start over from the steepest descent.
            pairs.clear();
            continue;
        };
        let step: Vec<f64> = next.iter().zip(&point).map(|(to, from)| to - from).collect();
        let change: Vec<f64> =
            at_next.gradient.iter().zip(&value.gradient).map(|(to, from)| to - from).collect();
        let product = dot(&step, &change);
        if product > f64::EPSILON * dot(&change, &change) {
            if pairs.len() == MEMORY {
                pairs.pop_front();
            }
            pairs.push_back(Pair { step, change, inverse: 1.0 / product });
        }
        (point, value) = (next, at_next);
    }
    let gradient = max_abs(&value.gradient);
    Ok((point, Convergence { converged, iterations, tolerance, gradient }))
}

/// The two-loop recursion (Nocedal and Wright, algorithm 7.4).
fn direction(gradient: &[f64], pairs: &VecDeque<Pair>) -> Vec<f64> {
    let mut step: Vec<f64> = gradient.iter().map(|part| -part).collect();
    let mut products = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let product = pair.inverse * dot(&pair.step, &step);
        add_scaled(&mut step, -product, &pair.change);
        products.push(product);
    }
    if let Some(last) = pairs.back() {
        let factor = 1.0 / (last.inverse * dot(&last.change, &last.change));
        for part in &mut step {
            *part *= factor;
        }
    }
    for (pair, product) in pairs.iter().zip(products.iter().rev()) {
        let other = pair.inverse * dot(&pair.change, &step);
        add_scaled(&mut step, product - other, &pair.step);
    }
    step
}

/// A step length with the weak Wolfe conditions, by bisection (Lewis and Overton, 2013).
fn search(
    objective: &Objective<'_>,
    point: &[f64],
    value: &Value,
    step: &[f64],
    control: &Control<'_>,
) -> Result<Option<(Vec<f64>, Value)>, Error> {
    let slope = dot(&value.gradient, step);
    if slope.is_nan() || slope >= 0.0 {
        return Ok(None);
    }
    let rounding = 4.0 * f64::EPSILON * value.objective;
    let (mut lower, mut upper, mut length) = (0.0, f64::INFINITY, 1.0);
    let mut best = None;
    for _ in 0..TRIALS {
        control.poll()?;
        let next: Vec<f64> = point.iter().zip(step).map(|(at, by)| at + length * by).collect();
        let at_next = objective.at(&next, Order::First);
        let sufficient = value.objective + 1e-4 * length * slope + rounding;
        if at_next.objective.is_nan() || at_next.objective > sufficient {
            upper = length;
        } else if dot(&at_next.gradient, step) < 0.9 * slope {
            lower = length;
            best = Some((next, at_next));
        } else {
            return Ok(Some((next, at_next)));
        }
        length = if upper.is_finite() { 0.5 * (lower + upper) } else { 2.0 * length };
    }
    Ok(best)
}
