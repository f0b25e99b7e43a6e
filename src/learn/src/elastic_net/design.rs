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

    /// What some columns with their coefficients leave of the target.
    pub(super) fn residuals(&self, columns: &[usize], coefficients: &[f64]) -> Vec<f64> {
        let mut residuals = self.right.clone();
        residuals.par_chunks_mut(8 * rows::BLOCK).enumerate().for_each(|(index, part)| {
            let start = index * 8 * rows::BLOCK;
            let mut column = vec![0.0; part.len()];
            for &j in columns.iter().filter(|j| coefficients[**j] != 0.0) {
                self.fill(j, start..start + part.len(), &mut column);
                add_scaled(part, -coefficients[j], &column);
            }
        });
        residuals
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
