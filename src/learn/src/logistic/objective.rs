//! The objective of logistic regression, its gradient and its Hessian, in scaled units.

use std::ops::Range;

use ndarray::Array2;

use super::Scores;
use crate::dense::{add_scaled, dot};
use crate::input::Columns;
use crate::smooth::{Order, Scaled, Smooth, Value};
use crate::{Error, rows};

/// The mean loss of a row plus the penalty, as a function of scaled parameters.
///
/// Column `j` enters as `(x - mean) * scale`, with the scale that gives the objective a curvature
/// of about 1 along its parameter. Parameters are stored head by head, the intercept last; there
/// is one head for two classes and one a class for more.
pub(super) struct Objective<'a> {
    columns: Scaled<'a>,
    strength: f64,
    /// Index of each row's class among the present ones.
    classes: Vec<u32>,
    weights: Option<Vec<f64>>,
    total: f64,
    heads: usize,
}

impl<'a> Objective<'a> {
    pub(super) fn new(
        columns: &'a Columns<'a>,
        codes: &[u32],
        present: &[u32],
        weights: Option<Vec<f64>>,
        strength: f64,
        fit_intercept: bool,
    ) -> Result<Self, Error> {
        let total = weights.as_ref().map_or(columns.rows() as f64, |weights| weights.iter().sum());
        let strength = strength / total;
        if !(total.is_finite() && total > 0.0 && strength.is_finite()) {
            return Err(Error::Weights(format!("the weights sum to {total}")));
        }
        let columns = Scaled::new(columns, weights.as_deref(), 0.5, strength, fit_intercept);
        // A row of weight 0 may have a class that is not present: any index serves it.
        let classes =
            codes.iter().map(|code| present.binary_search(code).unwrap_or(0) as u32).collect();
        let heads = if present.len() == 2 { 1 } else { present.len() };
        Ok(Self { columns, strength, classes, weights, total, heads })
    }

    fn width(&self) -> usize {
        self.columns.width()
    }

    fn add_block(
        &self,
        block: &mut Block,
        range: Range<usize>,
        point: &[f64],
        order: Order,
        sums: &mut [f64],
    ) {
        let (width, free, length) = (self.width(), self.parameters(), range.len());
        self.columns.fill(range.clone(), self.weights.as_deref(), &mut block.columns);
        for (head, scores) in block.scores.chunks_mut(rows::BLOCK).enumerate() {
            let scores = &mut scores[..length];
            scores.fill(0.0);
            for (j, column) in block.columns.chunks(rows::BLOCK).enumerate() {
                add_scaled(scores, point[head * width + j], &column[..length]);
            }
        }
        let losses = if self.heads == 1 {
            self.two_classes(range, block)
        } else {
            self.many_classes(range, block)
        };
        sums[0] += losses;
        let (gradient, hessian) = sums[1..].split_at_mut(free);
        let column = |j: usize| &block.columns[j * rows::BLOCK..][..length];
        for head in 0..self.heads {
            let residuals = &block.residuals[head * rows::BLOCK..][..length];
            for j in 0..width {
                gradient[head * width + j] += dot(residuals, column(j));
            }
        }
        if order == Order::First {
            return;
        }
        for head in 0..self.heads {
            for other in 0..=head {
                self.curvatures(head, other, length, block);
                for j in 0..width {
                    let curved = &mut block.curved[..length];
                    let column = |j: usize| &block.columns[j * rows::BLOCK..][..length];
                    for ((curved, value), factor) in
                        curved.iter_mut().zip(column(j)).zip(&block.curvatures[..length])
                    {
                        *curved = value * factor;
                    }
                    let row = (head * width + j) * free + other * width;
                    for k in 0..=j {
                        hessian[row + k] += dot(curved, column(k));
                    }
                }
            }
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// Turns scores into probabilities of the higher class and writes residuals; the sum of the
    /// losses.
    fn two_classes(&self, range: Range<usize>, block: &mut Block) -> f64 {
        let mut losses = 0.0;
        for (i, row) in range.enumerate() {
            let (score, weight) = (block.scores[i], self.weight(row));
            let small = (-score.abs()).exp();
            let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
            let higher = self.classes[row] == 1;
            let right_side = higher == (score > 0.0);
            let missed = if right_side { far } else { near };
            let loss = small.ln_1p() + if right_side { 0.0 } else { score.abs() };
            losses += weight * loss;
            block.residuals[i] = weight * if higher { -missed } else { missed };
            block.counted[i] = weight * near * far;
        }
        losses
    }

    /// Turns scores into probabilities and writes residuals; the sum of the losses.
    fn many_classes(&self, range: Range<usize>, block: &mut Block) -> f64 {
        let mut losses = 0.0;
        for (i, row) in range.enumerate() {
            let at = |head: usize| head * rows::BLOCK + i;
            let weight = self.weight(row);
            let class = self.classes[row] as usize;
            let mut largest = f64::NEG_INFINITY;
            for head in 0..self.heads {
                largest = largest.max(block.scores[at(head)]);
            }
            let own = block.scores[at(class)] - largest;
            let mut sum = 0.0;
            for head in 0..self.heads {
                let power = (block.scores[at(head)] - largest).exp();
                block.scores[at(head)] = power;
                sum += power;
            }
            losses += weight * (sum.ln() - own);
            let mut others = 0.0;
            for head in 0..self.heads {
                block.scores[at(head)] /= sum;
                if head != class {
                    others += block.scores[at(head)];
                }
                block.residuals[at(head)] = weight * block.scores[at(head)];
            }
            // 1 - p would lose the digits of a p near 1.
            block.residuals[at(class)] = -weight * others;
            block.counted[i] = weight;
        }
        losses
    }

    /// The weights of the rows in one block of the Hessian.
    fn curvatures(&self, head: usize, other: usize, length: usize, block: &mut Block) {
        let Block { curvatures: out, scores: probabilities, counted, .. } = block;
        if self.heads == 1 {
            out[..length].copy_from_slice(&counted[..length]);
            return;
        }
        let of = &probabilities[head * rows::BLOCK..][..length];
        let with = &probabilities[other * rows::BLOCK..][..length];
        for (i, out) in out[..length].iter_mut().enumerate() {
            let own = if head == other { 1.0 } else { 0.0 };
            *out = counted[i] * of[i] * (own - with[i]);
        }
    }

    /// Mirrors the parts that were not summed, adds the penalty, and fills the directions along
    /// which the objective is flat: constant columns, and shifts of all heads together.
    fn complete(&self, hessian: &mut [f64]) {
        let (width, free) = (self.width(), self.parameters());
        for head in 0..self.heads {
            for other in 0..head {
                for j in 0..width {
                    for k in 0..j {
                        hessian[(head * width + k) * free + other * width + j] =
                            hessian[(head * width + j) * free + other * width + k];
                    }
                }
            }
        }
        for i in 0..free {
            let j = i % width;
            hessian[i * free + i] += self.columns.penalties()[j];
            if self.columns.is_constant(j) {
                hessian[i * free + i] += 1.0;
            } else if self.heads > 1 && self.columns.penalties()[j] == 0.0 {
                for head in 0..self.heads {
                    hessian[i * free + head * width + j] += 1.0;
                }
            }
        }
    }

    /// The scores in the units of the columns.
    pub(super) fn model(&self, point: &[f64]) -> Scores {
        let mut coefficients = Array2::zeros((self.heads, self.columns.len()));
        let (mut central, mut intercepts) = (Vec::new(), Vec::new());
        let width = self.width();
        for (head, mut row) in coefficients.rows_mut().into_iter().enumerate() {
            let head = self.columns.in_own_units(&point[head * width..(head + 1) * width]);
            row.iter_mut().zip(head.coefficients).for_each(|(to, value)| *to = value);
            central.push(head.central);
            intercepts.push(head.intercept);
        }
        Scores { coefficients, central, intercepts, means: self.columns.means() }
    }
}

impl Smooth for Objective<'_> {
    fn parameters(&self) -> usize {
        self.heads * self.width()
    }

    /// The mean loss is so low that, without a penalty, it falls for ever: a plane separates the
    /// classes, and digits run out before the iterations might.
    fn falls_for_ever(&self, value: &Value) -> bool {
        self.strength == 0.0 && value.objective < 1e-12
    }

    fn at(&self, point: &[f64], order: Order) -> Value {
        let (width, free) = (self.width(), self.parameters());
        let length = match order {
            Order::First => 1 + free,
            Order::Second => 1 + free + free * free,
        };
        let mut sums = rows::sum(self.columns.rows(), length, |range, sums| {
            let mut block = Block::new(width, self.heads);
            for range in rows::blocks(range) {
                self.add_block(&mut block, range, point, order, sums);
            }
        });
        for sum in &mut sums {
            *sum /= self.total;
        }
        let hessian = sums.split_off(1 + free);
        let gradient = sums.split_off(1);
        let mut value = Value { objective: sums[0], gradient, hessian, noise: 0.0 };
        for (i, &parameter) in point.iter().enumerate() {
            let penalty = self.columns.penalties()[i % width];
            value.objective += 0.5 * penalty * parameter * parameter;
            value.gradient[i] += penalty * parameter;
        }
        value.noise = 4.0 * f64::EPSILON * value.objective;
        if order == Order::Second {
            self.complete(&mut value.hessian);
        }
        value
    }
}

/// Scratch space for one block of rows.
struct Block {
    columns: Vec<f64>,
    /// Scores, later the probabilities.
    scores: Vec<f64>,
    residuals: Vec<f64>,
    /// For two classes the weight times the variance of a row, for more its weight.
    counted: Vec<f64>,
    curvatures: Vec<f64>,
    curved: Vec<f64>,
}

impl Block {
    fn new(width: usize, heads: usize) -> Self {
        Self {
            columns: vec![0.0; width * rows::BLOCK],
            scores: vec![0.0; heads * rows::BLOCK],
            residuals: vec![0.0; heads * rows::BLOCK],
            counted: vec![0.0; rows::BLOCK],
            curvatures: vec![0.0; rows::BLOCK],
            curved: vec![0.0; rows::BLOCK],
        }
    }
}
