//! The rows of an elastic net in units in which every column and the target have length 1.

use std::ops::Range;

use rayon::prelude::*;

use super::quadratic::Penalty;
use super::{FittedElasticNet, Sign};
use crate::dense::{Spread, add_scaled, dot, spread, spreads};
use crate::input::Columns;
use crate::{Convergence, Error, rows};

/// Columns and target, centred, multiplied by the roots of the weights, and divided by their
/// lengths.
pub(super) struct Design<'a> {
    columns: &'a Columns<'a>,
    spreads: Vec<Spread>,
    /// Indices of the columns that are not constant.
    pub(super) active: Vec<usize>,
    /// Roots of the weights, which sum to 1.
    roots: Roots,
    target: Spread,
    /// The scaled target, all 0 where it is constant.
    pub(super) right: Vec<f64>,
    /// Products of the scaled target with the active columns.
    pub(super) correlations: Vec<f64>,
}

/// What some coefficients leave.
pub(super) struct State {
    /// Products of the residuals with every active column.
    pub(super) slopes: Vec<f64>,
    /// Squared length of the residuals.
    pub(super) squares: f64,
    /// Product of the residuals with the target.
    pub(super) product: f64,
}

enum Roots {
    Equal(f64),
    Rows(Vec<f64>),
}

impl<'a> Design<'a> {
    pub(super) fn new(
        columns: &'a Columns<'a>,
        y: &[f64],
        weights: Option<&[f64]>,
        centre: bool,
    ) -> Self {
        let spreads = spreads(columns, weights, centre);
        let target = spread(y, weights, centre);
        let active = (0..columns.len())
            .filter(|j| spreads[*j].deviation > 0.0 && spreads[*j].deviation.recip().is_finite())
            .collect();
        let roots = match weights {
            None => Roots::Equal((1.0 / y.len() as f64).sqrt()),
            Some(weights) => {
                let total: f64 = weights.iter().sum();
                Roots::Rows(weights.iter().map(|weight| (weight / total).sqrt()).collect())
            }
        };
        let mut design = Self {
            columns,
            spreads,
            active,
            roots,
            target,
            right: Vec::new(),
            correlations: Vec::new(),
        };
        let mut right = y.to_vec();
        design.scale(&target, 0..y.len(), &mut right);
        design.correlations = design.products_with(&right);
        design.right = right;
        design
    }

    pub(super) fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// The active column `j` at some rows.
    pub(super) fn fill(&self, j: usize, range: Range<usize>, out: &mut [f64]) {
        out.copy_from_slice(&self.columns.column(self.active[j])[range.clone()]);
        self.scale(&self.spreads[self.active[j]], range, out);
    }

    fn scale(&self, spread: &Spread, range: Range<usize>, values: &mut [f64]) {
        if spread.deviation == 0.0 {
            values.fill(0.0);
            return;
        }
        let (mean, rest) = (spread.mean, spread.rest);
        match &self.roots {
            Roots::Equal(root) => {
                let factor = root / spread.deviation;
                if factor.is_normal() {
                    values.iter_mut().for_each(|value| *value = (*value - mean - rest) * factor);
                } else {
                    for value in values {
                        *value = (*value - mean - rest) / spread.deviation * root;
                    }
                }
            }
            Roots::Rows(roots) => {
                for (value, root) in values.iter_mut().zip(&roots[range]) {
                    // A row that does not count may be too far out for a product with 0.
                    *value = if *root > 0.0 {
                        (*value - mean - rest) / spread.deviation * root
                    } else {
                        0.0
                    };
                }
            }
        }
    }

    /// Products of all active columns with a vector of rows.
    pub(super) fn products_with(&self, vector: &[f64]) -> Vec<f64> {
        let of = |j: usize| {
            let mut block = [0.0; rows::BLOCK];
            let mut sum = 0.0;
            for range in rows::blocks(0..vector.len()) {
                let block = &mut block[..range.len()];
                self.fill(j, range.clone(), block);
                sum += dot(block, &vector[range]);
            }
            sum
        };
        (0..self.active.len()).into_par_iter().map(of).collect()
    }

    /// What some coefficients leave of the target.
    pub(super) fn state(&self, coefficients: &[f64]) -> State {
        if coefficients.iter().all(|value| *value == 0.0) {
            let squares = dot(&self.right, &self.right);
            return State { slopes: self.correlations.clone(), squares, product: squares };
        }
        let width = self.active.len();
        let mut sums = rows::sum(self.rows(), width + 2, |range, sums| {
            let (mut residuals, mut values) = ([0.0; rows::BLOCK], [0.0; rows::BLOCK]);
            for range in rows::blocks(range) {
                let right = &self.right[range.clone()];
                let residuals = &mut residuals[..right.len()];
                let values = &mut values[..right.len()];
                residuals.copy_from_slice(right);
                for (j, &coefficient) in coefficients.iter().enumerate() {
                    if coefficient != 0.0 {
                        self.fill(j, range.clone(), values);
                        add_scaled(residuals, -coefficient, values);
                    }
                }
                // The columns at these rows are still near: only the first look is at the memory.
                let (slopes, others) = sums.split_at_mut(width);
                for (j, slope) in slopes.iter_mut().enumerate() {
                    self.fill(j, range.clone(), values);
                    *slope += dot(values, residuals);
                }
                others[0] += dot(residuals, residuals);
                others[1] += dot(residuals, right);
            }
        });
        let product = sums.pop().unwrap_or_default();
        let squares = sums.pop().unwrap_or_default();
        State { slopes: sums, squares, product }
    }

    pub(super) fn penalty(&self, alpha: f64, l1_ratio: f64, sign: Sign) -> Penalty {
        let deviation = |j: &usize| self.spreads[*j].deviation;
        let target = self.target.deviation;
        let absolute =
            |j| if l1_ratio == 0.0 { 0.0 } else { alpha * l1_ratio / deviation(j) / target };
        let square = |j| {
            if l1_ratio == 1.0 {
                0.0
            } else {
                alpha * (1.0 - l1_ratio) / deviation(j) / deviation(j)
            }
        };
        Penalty {
            absolute: self.active.iter().map(absolute).collect(),
            square: self.active.iter().map(square).collect(),
            sign,
        }
    }

    pub(super) fn largest_alpha(&self, l1_ratio: f64, sign: Sign) -> f64 {
        let largest = self
            .active
            .iter()
            .zip(&self.correlations)
            .map(|(j, product)| {
                let towards = match sign {
                    Sign::Any => product.abs(),
                    Sign::Positive => product.max(0.0),
                };
                towards * self.spreads[*j].deviation * self.target.deviation
            })
            .fold(0.0, f64::max);
        if largest == 0.0 { 0.0 } else { largest / l1_ratio }
    }

    /// The model in the units of the columns.
    pub(super) fn model(
        &self,
        scaled: &[f64],
        convergence: Convergence,
    ) -> Result<FittedElasticNet, Error> {
        let mut coefficients = vec![0.0; self.columns.len()];
        for (&j, value) in self.active.iter().zip(scaled).filter(|(_, value)| **value != 0.0) {
            coefficients[j] = value * (self.target.deviation / self.spreads[j].deviation);
        }
        let about = |part: fn(&Spread) -> f64| -> f64 {
            coefficients.iter().zip(&self.spreads).map(|(value, spread)| value * part(spread)).sum()
        };
        let central = self.target.mean + self.target.rest - about(|spread| spread.rest);
        let intercept = central - about(|spread| spread.mean);
        if !(intercept.is_finite() && coefficients.iter().all(|value| value.is_finite())) {
            return Err(Error::Degenerate(
                "the scales of the columns and the target are too far apart for a finite solution"
                    .into(),
            ));
        }
        Ok(FittedElasticNet {
            coefficients: coefficients.into(),
            intercept,
            central,
            means: self.spreads.iter().map(|spread| spread.mean).collect(),
            convergence,
        })
    }
}
