//! Newton's method for a penalty on absolute values: each step goes to the minimum of the
//! quadratic model with the penalty, found by coordinate descent (Friedman, Hastie and Tibshirani,
//! 2010; Yuan, Ho and Lin, 2012).

use super::objective::{Along, Objective};
use super::subset::Subset;
use crate::dense::max_abs;
use crate::elastic_net::Sign;
use crate::elastic_net::quadratic::{Penalty, Quadratic};
use crate::smooth::{Smooth, Value};
use crate::{Control, Convergence, Error};

/// Parameters up to which all of them take part in every step.
const ALL: usize = 64;

/// Parameters that enter at a time at least.
const FEWEST: usize = 64;

/// Parameters of codes up to which all of them take part in a step as soon as half of them want to.
const CODED: usize = 2000;

/// Parameters that may take part: the sums of their products take 4 GiB.
const MOST: usize = 4000;

/// Passes of the descent within one step.
const PASSES: usize = 2000;

/// Halvings of a step before it is given up.
const HALVINGS: usize = 50;

pub(super) fn minimize(
    objective: &Objective<'_>,
    max_iter: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<(Vec<f64>, Convergence), Error> {
    let free = objective.parameters();
    let absolute: Vec<f64> = (0..free).map(|parameter| objective.absolute(parameter)).collect();
    let penalty = Penalty { absolute, square: vec![0.0; free], sign: Sign::Any };
    let mut point = vec![0.0; free];
    let mut value = objective.along(&point, Along::Nothing);
    let mut iterations = 0;
    let mut converged = false;
    loop {
        control.poll()?;
        let taking_part = if objective.is_coded() {
            of_codes(&point, &value, &penalty)?
        } else {
            participating(&point, &value, &penalty)?
        };
        let subset = objective.subset(taking_part);
        let curved = objective.curved(&point, &subset, control)?;
        // As exact as the steps near the optimum have to be.
        let smallest =
            if objective.is_coded() { (1e-3 * tolerance).clamp(1e-9, 1e-6) } else { 1e-9 };
        let model = (&curved, &subset, &penalty);
        let next = model_minimum(objective, &point, model, smallest, control)?;
        let promised = change(&point, &next, &value, &penalty);
        let whole = value.objective + size(&point, &penalty);
        if is_optimal(&point, &next, &value, &penalty, tolerance)
            && -promised <= (1e-4 * tolerance).max(f64::EPSILON) * whole
        {
            converged = true;
            break;
        }
        if iterations == max_iter {
            break;
        }
        iterations += 1;
        let bound = whole + 4.0 * f64::EPSILON * whole;
        let mut share = 1.0;
        let mut found = None;
        for _ in 0..HALVINGS {
            control.poll()?;
            let trial: Vec<f64> = if share == 1.0 {
                next.clone()
            } else {
                point.iter().zip(&next).map(|(from, to)| from + share * (to - from)).collect()
            };
            let at_trial = objective.along(&trial, Along::Nothing);
            if at_trial.objective + size(&trial, &penalty) <= bound + 1e-4 * share * promised {
                found = Some((trial, at_trial));
                break;
            }
            share *= 0.5;
        }
        let Some((trial, at_trial)) = found else { break };
        (point, value) = (trial, at_trial);
    }
    let gradient = violation(&point, &value, &penalty);
    Ok((point, Convergence { converged, iterations, tolerance, gradient }))
}

/// The parameters that are not 0 or want to leave it, those without a penalty among them.
fn participating(point: &[f64], value: &Value, penalty: &Penalty) -> Result<Vec<usize>, Error> {
    if point.len() <= ALL {
        return Ok((0..point.len()).collect());
    }
    let (mut inside, mut outside) = eager(point, value, penalty)?;
    outside.truncate(inside.len().max(FEWEST).min(MOST - inside.len()));
    inside.extend(outside);
    inside.sort_unstable();
    Ok(inside)
}

/// The same where some follow from codes, whose products cost little: as many as want to.
fn of_codes(point: &[f64], value: &Value, penalty: &Penalty) -> Result<Vec<usize>, Error> {
    let (mut inside, mut outside) = eager(point, value, penalty)?;
    // A flat direction is one of all columns of a block.
    if point.len() <= CODED && 2 * (inside.len() + outside.len()) >= point.len() {
        return Ok((0..point.len()).collect());
    }
    outside.truncate(MOST - inside.len());
    inside.extend(outside);
    inside.sort_unstable();
    Ok(inside)
}

/// The parameters that are not 0 or have no penalty, and those that want to leave 0, the most eager first.
fn eager(
    point: &[f64],
    value: &Value,
    penalty: &Penalty,
) -> Result<(Vec<usize>, Vec<usize>), Error> {
    let eager = |j: usize| penalty.violation(j, point[j], -value.gradient[j]);
    let (inside, mut outside): (Vec<usize>, Vec<usize>) = (0..point.len())
        .filter(|j| point[*j] != 0.0 || penalty.absolute[*j] == 0.0 || eager(*j) > 0.0)
        .partition(|j| point[*j] != 0.0 || penalty.absolute[*j] == 0.0);
    if inside.len() > MOST {
        let what = format!("the curvature along {} parameters", inside.len());
        return Err(Error::memory(what, 32 * 8 * (inside.len() as u64).pow(2)));
    }
    outside.sort_by(|a, b| eager(*b).total_cmp(&eager(*a)).then(a.cmp(b)));
    Ok((inside, outside))
}

/// The minimum of the quadratic model along a subset.
fn model_minimum(
    objective: &Objective<'_>,
    point: &[f64],
    (curved, subset, penalty): (&Value, &Subset, &Penalty),
    smallest: f64,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    let order = subset.len();
    let mut gram: Vec<Vec<f64>> =
        curved.hessian.chunks(order.max(1)).map(<[f64]>::to_vec).collect();
    let largest = (0..order).map(|i| gram[i][i]).fold(0.0, f64::max);
    let mut start: Vec<f64> = subset.parameters.iter().map(|j| point[*j]).collect();
    let mut linear = Vec::with_capacity(order);
    for (i, &j) in subset.parameters.iter().enumerate() {
        // Directions that are all but flat, where probabilities are 0 or 1, stay bounded.
        gram[i][i] += 1e-10 * largest.max(1e-300);
        linear.push(crate::dense::dot(&gram[i], &start) - curved.gradient[j]);
    }
    let (columns, flat) = (&subset.parameters[..], &objective.flat(subset)[..]);
    let apart;
    let penalty = if flat.is_empty() {
        penalty
    } else {
        // Only the penalty changes along a flat direction, so that it has to stand apart.
        let square: Vec<f64> = (0..point.len()).map(|j| objective.square(j)).collect();
        columns.iter().enumerate().for_each(|(i, &j)| gram[i][i] -= square[j]);
        apart = Penalty { absolute: penalty.absolute.clone(), square, sign: penalty.sign };
        &apart
    };
    let quadratic = Quadratic { columns, gram: &gram, linear: &linear, penalty, flat };
    quadratic.descend(&mut start, PASSES, smallest, control)?;
    let mut next = point.to_vec();
    for (&j, value) in subset.parameters.iter().zip(start) {
        next[j] = value;
    }
    Ok(next)
}

/// The penalty at a point.
fn size(point: &[f64], penalty: &Penalty) -> f64 {
    let of = |(value, absolute): (&f64, &f64)| {
        if *value == 0.0 { 0.0 } else { absolute * value.abs() }
    };
    point.iter().zip(&penalty.absolute).map(of).sum()
}

/// What the slope and the penalty promise for a step; never above 0 for a minimum of the model.
fn change(point: &[f64], next: &[f64], value: &Value, penalty: &Penalty) -> f64 {
    let slope: f64 = value
        .gradient
        .iter()
        .zip(point.iter().zip(next))
        .map(|(gradient, (from, to))| gradient * (to - from))
        .sum();
    (slope + size(next, penalty) - size(point, penalty)).min(0.0)
}

fn violation(point: &[f64], value: &Value, penalty: &Penalty) -> f64 {
    let of = |j: usize| penalty.violation(j, point[j], -value.gradient[j]);
    (0..point.len()).map(of).fold(0.0, f64::max)
}

fn is_optimal(
    point: &[f64],
    next: &[f64],
    value: &Value,
    penalty: &Penalty,
    tolerance: f64,
) -> bool {
    let step = point.iter().zip(next).map(|(from, to)| (to - from).abs()).fold(0.0, f64::max);
    violation(point, value, penalty) <= tolerance && step <= 1e-2 * (1.0 + max_abs(point))
}
