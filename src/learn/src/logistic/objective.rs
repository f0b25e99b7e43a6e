//! The objective of logistic regression, its gradient and its Hessian, in scaled units.

mod coded;
mod losses;

use std::ops::Range;

use ndarray::Array2;

use super::Scores;
use super::block::Block;
use super::subset::Subset;
use crate::dense::{Spread, dot};
use crate::features::Features;
use crate::mixed::{Mixed, Shares};
use crate::products::add_products;
use crate::smooth::{Order, Smooth, Value};
use crate::{Error, rows};

/// The mean loss of a row plus the penalty, as a function of scaled parameters.
///
/// Column `j` enters as `(x - mean) * scale`, with the scale that gives the objective a curvature
/// of about 1 along its parameter. Parameters are stored head by head, the intercept last; there
/// is one head for two classes and one a class for more.
pub(super) struct Objective<'a> {
    features: &'a Features<'a>,
    /// Those that follow from codes apart from the dense ones.
    mixed: Mixed<'a>,
    /// The parameters of a head whose columns are at hand: those of dense columns, and the intercept.
    held: Vec<usize>,
    spreads: Vec<Spread>,
    scales: Vec<f64>,
    strength: f64,
    /// Strength of the penalty on absolute values, in the units of the columns.
    absolute: f64,
    /// Curvature of the penalty along each parameter of a head.
    penalties: Vec<f64>,
    /// Index of each row's class among the present ones.
    classes: Vec<u32>,
    weights: Option<Vec<f64>>,
    total: f64,
    heads: usize,
    fit_intercept: bool,
}

/// What is to be computed at a point.
#[derive(Clone, Copy)]
pub(super) enum Along<'a> {
    Nothing,
    /// The Hessian as well, along some parameters.
    Curvature(&'a Subset),
}

impl<'a> Objective<'a> {
    pub(super) fn new(
        features: &'a Features<'a>,
        codes: &[u32],
        present: &[u32],
        weights: Option<Vec<f64>>,
        (absolute, strength): (f64, f64),
        fit_intercept: bool,
    ) -> Result<Self, Error> {
        let total = weights.as_ref().map_or(features.rows() as f64, |weights| weights.iter().sum());
        let (absolute, strength) = (absolute / total, strength / total);
        let finite = strength.is_finite() && absolute.is_finite();
        if !(total.is_finite() && total > 0.0 && finite) {
            return Err(Error::Weights(format!("the weights sum to {total}")));
        }
        let spreads = features.spreads(weights.as_deref(), fit_intercept);
        let scales: Vec<f64> = spreads
            .iter()
            .map(|spread| {
                let scale = 1.0 / (0.5 * spread.deviation).hypot(strength.sqrt());
                if spread.deviation > 0.0 && scale.is_finite() { scale } else { 0.0 }
            })
            .collect();
        let mut penalties: Vec<f64> =
            scales.iter().map(|scale| (strength.sqrt() * scale).powi(2)).collect();
        if fit_intercept {
            penalties.push(0.0);
        }
        // A row of weight 0 may have a class that is not present: any index serves it.
        let classes =
            codes.iter().map(|code| present.binary_search(code).unwrap_or(0) as u32).collect();
        let heads = if present.len() == 2 { 1 } else { present.len() };
        let all: Vec<usize> = (0..features.len()).collect();
        let mixed = Mixed::new(features, &all, &spreads, &scales);
        let mut held = mixed.dense.clone();
        if fit_intercept {
            held.push(features.len());
        }
        Ok(Self {
            features,
            mixed,
            held,
            spreads,
            scales,
            strength,
            absolute,
            penalties,
            classes,
            weights,
            total,
            heads,
            fit_intercept,
        })
    }

    fn width(&self) -> usize {
        self.penalties.len()
    }

    /// The objective at one point, and its Hessian row by row over a subset.
    pub(super) fn along(&self, point: &[f64], order: Along<'_>) -> Value {
        let (width, free) = (self.width(), self.parameters());
        let length = match order {
            Along::Nothing if self.features.has_blocks() => {
                1 + free + self.heads * self.mixed.sums()
            }
            Along::Nothing => 1 + free,
            Along::Curvature(subset) => 1 + free + subset.len() * subset.len(),
        };
        let shares: Vec<Shares> = if self.features.has_blocks() {
            point.chunks(width).map(|head| self.mixed.shares(head)).collect()
        } else {
            Vec::new()
        };
        let mut sums = rows::sum(self.features.rows(), length, |range, sums| {
            let mut block = Block::new(self.held.len(), self.heads);
            for range in rows::blocks(range) {
                self.add_block(&mut block, range, (point, &shares), order, sums);
            }
        });
        for sum in &mut sums {
            *sum /= self.total;
        }
        let hessian = sums.split_off(1 + free);
        let mut gradient = sums.split_off(1);
        if !shares.is_empty() {
            let gathered = hessian.chunks(self.mixed.sums());
            for (head, gathered) in gradient.chunks_mut(width).zip(gathered) {
                self.mixed.add_products(gathered, head);
            }
        }
        let mut value = Value { objective: sums[0], gradient, hessian, noise: 0.0 };
        for (i, &parameter) in point.iter().enumerate() {
            let penalty = self.penalties[i % width];
            value.objective += 0.5 * penalty * parameter * parameter;
            value.gradient[i] += penalty * parameter;
        }
        value.noise = 4.0 * f64::EPSILON * value.objective;
        if let Along::Curvature(subset) = order {
            value.hessian = subset.assembled(&value.hessian);
            self.complete(subset, &mut value.hessian);
        }
        value
    }

    fn add_block(
        &self,
        block: &mut Block,
        range: Range<usize>,
        (point, shares): (&[f64], &[Shares]),
        order: Along<'_>,
        sums: &mut [f64],
    ) {
        let (width, free, length) = (self.width(), self.parameters(), range.len());
        self.scores(block, &range, (point, shares));
        let losses = if self.heads == 1 {
            self.two_classes(range.clone(), block)
        } else {
            self.many_classes(range.clone(), block)
        };
        sums[0] += losses;
        let (gradient, hessian) = sums[1..].split_at_mut(free);
        for head in 0..self.heads {
            let residuals = &block.residuals[head * rows::BLOCK..][..length];
            for (j, column) in self.held.iter().zip(block.columns.chunks(rows::BLOCK)) {
                gradient[head * width + j] += dot(residuals, &column[..length]);
            }
            if !shares.is_empty() {
                let gathered = &mut hessian[head * self.mixed.sums()..][..self.mixed.sums()];
                self.mixed.gather(residuals, &range, gathered);
            }
        }
        match order {
            Along::Nothing => {}
            Along::Curvature(subset) => self.add_curvatures(subset, length, block, hessian),
        }
    }

    /// Adds the products of each pair of heads, one after the other.
    fn add_curvatures(
        &self,
        subset: &Subset,
        length: usize,
        block: &mut Block,
        mut sums: &mut [f64],
    ) {
        for (head, own) in subset.columns.iter().enumerate() {
            block.curved.resize(own.len() * rows::BLOCK, 0.0);
            for (other, with) in subset.columns[..=head].iter().enumerate() {
                let (tile, rest) = sums.split_at_mut(own.len() * with.len());
                sums = rest;
                if tile.is_empty() {
                    continue;
                }
                self.curvatures(head, other, length, block);
                let curvatures = &block.curvatures[..length];
                for (&j, curved) in own.iter().zip(block.curved.chunks_mut(rows::BLOCK)) {
                    let column = &block.columns[j * rows::BLOCK..][..length];
                    for ((curved, value), factor) in curved.iter_mut().zip(column).zip(curvatures) {
                        *curved = value * factor;
                    }
                }
                let left = (&block.curved[..], own.len());
                if with.len() == self.width() {
                    add_products(left, (&block.columns, with.len()), length, tile);
                    continue;
                }
                block.gathered.clear();
                for &j in with {
                    block.gathered.extend(&block.columns[j * rows::BLOCK..][..rows::BLOCK]);
                }
                add_products(left, (&block.gathered, with.len()), length, tile);
            }
        }
    }

    /// Centred and scaled columns, then ones for the intercept.
    fn fill(&self, range: Range<usize>, out: &mut [f64]) {
        for (&j, out) in self.held.iter().zip(out.chunks_mut(rows::BLOCK)) {
            let out = if j == self.features.len() { out } else { &mut out[..range.len()] };
            self.fill_one(j, range.clone(), out);
        }
    }

    /// A centred and scaled column, or ones.
    fn fill_one(&self, j: usize, range: Range<usize>, out: &mut [f64]) {
        if j == self.features.len() {
            return out.fill(1.0);
        }
        let (spread, scale) = (self.spreads[j], self.scales[j]);
        self.features.fill(j, range.clone(), out);
        for out in &mut *out {
            *out = (*out - spread.mean - spread.rest) * scale;
        }
        if let Some(weights) = &self.weights {
            for (out, weight) in out.iter_mut().zip(&weights[range]) {
                // A row that does not count may be too far out for a product with 0.
                *out = if *weight > 0.0 { *out } else { 0.0 };
            }
        }
    }

    /// Adds the penalty, and fills the directions along which the objective is flat: constant
    /// columns, and shifts of all heads together.
    fn complete(&self, subset: &Subset, hessian: &mut [f64]) {
        let (width, order) = (self.width(), subset.len());
        for (i, &parameter) in subset.parameters.iter().enumerate() {
            let j = parameter % width;
            hessian[i * order + i] += self.penalties[j];
            if self.scales.get(j) == Some(&0.0) {
                hessian[i * order + i] += 1.0;
            } else if self.heads > 1 && self.penalties[j] == 0.0 && self.absolute(j) == 0.0 {
                for (k, other) in subset.parameters.iter().enumerate() {
                    if other % width == j {
                        hessian[i * order + k] += 1.0;
                    }
                }
            }
        }
    }

    /// Strength of the penalty on the absolute value of a parameter.
    pub(super) fn absolute(&self, parameter: usize) -> f64 {
        match self.scales.get(parameter % self.width()) {
            Some(scale) if self.absolute > 0.0 => self.absolute * scale,
            _ => 0.0,
        }
    }

    /// All parameters.
    fn all(&self) -> Subset {
        self.subset((0..self.parameters()).collect())
    }

    /// Some parameters, in rising order.
    pub(super) fn subset(&self, parameters: Vec<usize>) -> Subset {
        let mut columns = vec![Vec::new(); self.heads];
        for parameter in &parameters {
            columns[parameter / self.width()].push(parameter % self.width());
        }
        Subset { parameters, columns }
    }

    /// The scores in the units of the columns.
    pub(super) fn model(&self, point: &[f64]) -> Scores {
        let width = self.width();
        let coefficients = Array2::from_shape_fn((self.heads, self.features.len()), |(head, j)| {
            point[head * width + j] * self.scales[j]
        });
        let means: Vec<f64> = self.spreads.iter().map(|spread| spread.mean).collect();
        let mut central = Vec::new();
        let mut intercepts = Vec::new();
        for (head, row) in coefficients.rows().into_iter().enumerate() {
            let constant = if self.fit_intercept { point[(head + 1) * width - 1] } else { 0.0 };
            let about = |part: fn(&Spread) -> f64| -> f64 {
                row.iter().zip(&self.spreads).map(|(value, spread)| value * part(spread)).sum()
            };
            let rest = about(|spread| spread.rest);
            central.push(constant - rest);
            intercepts.push(constant - rest - about(|spread| spread.mean));
        }
        Scores { coefficients, central, intercepts, means }
    }
}

impl Smooth for Objective<'_> {
    fn parameters(&self) -> usize {
        self.heads * self.width()
    }

    fn has_minimum(&self) -> bool {
        self.strength > 0.0 || self.absolute > 0.0
    }

    /// The mean loss is so low that, without a penalty, it falls for ever: a plane separates the
    /// classes, and digits run out before the iterations might.
    fn falls_for_ever(&self, value: &Value) -> bool {
        self.strength == 0.0 && value.objective < 1e-12
    }

    fn at(&self, point: &[f64], order: Order) -> Value {
        match order {
            Order::First => self.along(point, Along::Nothing),
            Order::Second => self.along(point, Along::Curvature(&self.all())),
        }
    }
}
