//! The mean deviance with its penalty, its gradient and its Hessian, in scaled units.

use std::borrow::Cow;
use std::ops::Range;

use super::{CheckedGeneralizedLinear, far_apart};
use crate::dense::{add_scaled, dot, max_abs};
use crate::features::Features;
use crate::mixed::{Mixed, Shares};
use crate::smooth::{Linear, Order, Scaled, Smooth, Value};
use crate::{Error, rows};

/// The target is `shift + scale · y`.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) shift: f64,
    pub(super) scale: f64,
    /// The mean of the target, in its own unit.
    pub(super) mean: f64,
}

/// How a score leads to a loss.
#[derive(Clone, Copy)]
enum Loss {
    /// Half the squared error, of the score or of its exponential.
    Squared { log: bool },
    /// The log link with a power of 1.
    Poisson,
    /// The log link with a power of 2.
    Gamma,
    /// The log link with another power.
    Tweedie { power: f64 },
    /// The identity link with a power from 1.
    Identity { power: f64 },
}

/// Loss, residual and curvature of one row.
struct Row {
    loss: f64,
    residual: f64,
    curvature: f64,
}

/// Half the mean deviance plus the penalty, as a function of scaled coefficients.
pub(super) struct Objective<'a> {
    columns: Scaled<'a>,
    y: Vec<f64>,
    weights: Option<&'a [f64]>,
    total: f64,
    loss: Loss,
    /// The mean of the parts of the deviances that only depend on the target.
    constant: f64,
    /// Differences of losses below this are rounding, whatever the losses are.
    noise: f64,
    /// Added to every score: without an intercept the unit of the target has to enter here.
    offset: f64,
    fit_intercept: bool,
    unit: Unit,
}

impl<'a> Objective<'a> {
    pub(super) fn new(
        features: &'a Features<'a>,
        y: &Cow<'a, [f64]>,
        weights: Option<&'a [f64]>,
        parameters: &CheckedGeneralizedLinear,
        strength: f64,
        unit: Unit,
    ) -> Result<Self, Error> {
        let (power, log) = (parameters.power, parameters.has_log_link());
        let loss = match (power, log) {
            (0.0, log) => Loss::Squared { log },
            (power, false) => Loss::Identity { power },
            (1.0, true) => Loss::Poisson,
            (2.0, true) => Loss::Gamma,
            (power, true) => Loss::Tweedie { power },
        };
        let y: Vec<f64> = y.iter().map(|value| (value - unit.shift) / unit.scale).collect();
        let total = weights.map_or(features.rows() as f64, |weights| weights.iter().sum());
        let of_target = rows::sum(y.len(), 2, |range, sums| {
            for row in range {
                let weight = weights.map_or(1.0, |weights| weights[row]);
                if weight > 0.0 {
                    let part = saturated(y[row], power);
                    sums[0] += weight * part;
                    sums[1] += weight * part.abs();
                }
            }
        });
        let noise = if power == 0.0 {
            (8.0 * f64::EPSILON * counted_max(&y, weights)).powi(2)
        } else {
            4.0 * f64::EPSILON * (1.0 + of_target[1] / total)
        };
        if !noise.is_finite() {
            return Err(far_apart());
        }
        let fit_intercept = parameters.fit_intercept;
        Ok(Self {
            columns: Scaled::new(features, weights, 1.0, strength, fit_intercept),
            y,
            weights,
            total,
            loss,
            constant: of_target[0] / total,
            noise,
            offset: if log && !fit_intercept { -unit.scale.ln() } else { 0.0 },
            fit_intercept,
            unit,
        })
    }

    /// Coefficients of 0, and the intercept that suits them.
    pub(super) fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; self.parameters()];
        if self.fit_intercept {
            let mean = (self.unit.mean - self.unit.shift) / self.unit.scale;
            start[self.columns.len()] = if self.has_log_link() { mean.ln() } else { mean };
        }
        start
    }

    pub(super) fn means(&self) -> Vec<f64> {
        self.columns.means()
    }

    /// The scores in the units of the columns and the target.
    pub(super) fn model(&self, point: &[f64]) -> Linear {
        let mut model = self.columns.in_own_units(point);
        if self.has_log_link() {
            let shift = if self.fit_intercept { self.unit.scale.ln() } else { 0.0 };
            model.central += shift;
            model.intercept += shift;
        } else {
            model.coefficients.iter_mut().for_each(|value| *value *= self.unit.scale);
            model.central = model.central * self.unit.scale + self.unit.shift;
            model.intercept = model.intercept * self.unit.scale + self.unit.shift;
        }
        model
    }

    fn has_log_link(&self) -> bool {
        match self.loss {
            Loss::Squared { log } => log,
            Loss::Poisson | Loss::Gamma | Loss::Tweedie { .. } => true,
            Loss::Identity { .. } => false,
        }
    }

    fn add_block(
        &self,
        block: &mut Block,
        range: Range<usize>,
        (point, shares): (&[f64], Option<&Shares>),
        order: Order,
        sums: &mut [f64],
    ) {
        let (free, length) = (point.len(), range.len());
        self.columns.fill(range.clone(), self.weights, &mut block.columns);
        let scores = &mut block.scores[..length];
        scores.fill(0.0);
        if let (Some(mixed), Some(shares)) = (self.columns.mixed(), shares) {
            mixed.spread_out(shares, &range, scores);
        }
        scores.iter_mut().for_each(|score| *score += self.offset);
        let held = self.columns.held();
        for (column, &j) in block.columns.chunks(rows::BLOCK).zip(held) {
            add_scaled(scores, point[j], &column[..length]);
        }
        for (i, row) in range.clone().enumerate() {
            let weight = self.weights.map_or(1.0, |weights| weights[row]);
            if weight == 0.0 {
                (block.residuals[i], block.curvatures[i]) = (0.0, 0.0);
                continue;
            }
            let at_row = self.loss.at(scores[i], self.y[row]);
            sums[0] += weight * at_row.loss;
            block.residuals[i] = weight * at_row.residual;
            block.curvatures[i] = weight * at_row.curvature;
        }
        let (gradient, hessian) = sums[1..].split_at_mut(free);
        let column = |j: usize| &block.columns[j * rows::BLOCK..][..length];
        let residuals = &block.residuals[..length];
        for (at, &j) in held.iter().enumerate() {
            gradient[j] += dot(residuals, column(at));
        }
        if let Some(mixed) = self.columns.mixed() {
            mixed.gather(residuals, &range, &mut hessian[..mixed.sums()]);
        }
        if order == Order::First {
            return;
        }
        // Few columns are all at hand.
        for j in 0..free {
            let curved = &mut block.curved[..length];
            for ((curved, value), factor) in
                curved.iter_mut().zip(column(j)).zip(&block.curvatures[..length])
            {
                *curved = value * factor;
            }
            for k in 0..=j {
                hessian[j * free + k] += dot(curved, column(k));
            }
        }
    }
}

impl Smooth for Objective<'_> {
    fn parameters(&self) -> usize {
        self.columns.width()
    }

    fn has_minimum(&self) -> bool {
        true
    }

    fn falls_for_ever(&self, _: &Value) -> bool {
        false
    }

    fn at(&self, point: &[f64], order: Order) -> Value {
        let free = point.len();
        let mixed = self.columns.mixed();
        let length = match order {
            Order::First => 1 + free + mixed.map_or(0, Mixed::sums),
            Order::Second => 1 + free + free * free,
        };
        let shares = mixed.map(|mixed| mixed.shares(point));
        let mut sums = rows::sum(self.y.len(), length, |range, sums| {
            let mut block = Block::new(self.columns.held().len());
            for range in rows::blocks(range) {
                self.add_block(&mut block, range, (point, shares.as_ref()), order, sums);
            }
        });
        for sum in &mut sums {
            *sum /= self.total;
        }
        let mut hessian = sums.split_off(1 + free);
        let mut gradient = sums.split_off(1);
        if let Some(mixed) = mixed {
            mixed.add_products(&hessian, &mut gradient);
        }
        let mut objective = sums[0] + self.constant;
        for (i, &parameter) in point.iter().enumerate() {
            let penalty = self.columns.penalties()[i];
            objective += 0.5 * penalty * parameter * parameter;
            gradient[i] += penalty * parameter;
            if order == Order::Second {
                let flat = if self.columns.is_constant(i) { 1.0 } else { 0.0 };
                hessian[i * free + i] += penalty + flat;
            }
        }
        let noise = 4.0 * f64::EPSILON * objective.abs() + self.noise;
        Value { objective, gradient, hessian, noise }
    }
}

impl Loss {
    /// The loss without the part that only depends on the target, its derivative by the score, and
    /// the second one or what is expected of it, never below 0.
    fn at(self, score: f64, y: f64) -> Row {
        match self {
            Self::Squared { log: false } => {
                let residual = score - y;
                Row { loss: 0.5 * residual * residual, residual, curvature: 1.0 }
            }
            Self::Squared { log: true } => {
                let mean = score.exp();
                let missed = mean - y;
                Row { loss: 0.5 * missed * missed, residual: missed * mean, curvature: mean * mean }
            }
            Self::Poisson => {
                let mean = score.exp();
                Row { loss: mean - y * score, residual: mean - y, curvature: mean }
            }
            Self::Gamma => {
                let ratio = y * (-score).exp();
                Row { loss: score + ratio, residual: 1.0 - ratio, curvature: ratio }
            }
            Self::Tweedie { power } => {
                let rises = ((2.0 - power) * score).exp();
                let falls = if y == 0.0 { 0.0 } else { y * ((1.0 - power) * score).exp() };
                let curvature =
                    if power < 2.0 { (2.0 - power) * rises + (power - 1.0) * falls } else { rises };
                Row {
                    loss: rises / (2.0 - power) - falls / (1.0 - power),
                    residual: rises - falls,
                    curvature,
                }
            }
            Self::Identity { .. } if score <= 0.0 => {
                Row { loss: f64::INFINITY, residual: 0.0, curvature: 0.0 }
            }
            Self::Identity { power } => {
                let loss = if power == 1.0 {
                    score - y * score.ln()
                } else if power == 2.0 {
                    score.ln() + y / score
                } else {
                    score.powf(2.0 - power) / (2.0 - power)
                        - y * score.powf(1.0 - power) / (1.0 - power)
                };
                let curvature = score.powf(-power);
                Row { loss, residual: (score - y) * curvature, curvature }
            }
        }
    }
}

/// The part of half the deviance that only depends on the target: the loss of a mean that is the
/// target itself, negated.
fn saturated(y: f64, power: f64) -> f64 {
    if power == 0.0 || y == 0.0 {
        0.0
    } else if power == 1.0 {
        y * y.ln() - y
    } else if power == 2.0 {
        -y.ln() - 1.0
    } else {
        y.powf(2.0 - power) / ((1.0 - power) * (2.0 - power))
    }
}

fn counted_max(y: &[f64], weights: Option<&[f64]>) -> f64 {
    match weights {
        None => max_abs(y),
        Some(weights) => {
            let counted = y.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
            counted.map(|(value, _)| value.abs()).fold(0.0, f64::max)
        }
    }
}

/// Scratch space for one block of rows.
struct Block {
    columns: Vec<f64>,
    scores: Vec<f64>,
    residuals: Vec<f64>,
    curvatures: Vec<f64>,
    curved: Vec<f64>,
}

impl Block {
    fn new(width: usize) -> Self {
        Self {
            columns: vec![0.0; width * rows::BLOCK],
            scores: vec![0.0; rows::BLOCK],
            residuals: vec![0.0; rows::BLOCK],
            curvatures: vec![0.0; rows::BLOCK],
            curved: vec![0.0; rows::BLOCK],
        }
    }
}
