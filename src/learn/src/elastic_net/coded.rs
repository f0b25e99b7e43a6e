//! The columns of a design that follow from codes: they are looked at code by code.

use std::ops::Range;

use super::design::{Design, Roots, State};
use super::flat::Direction;
use crate::dense::{Spread, add_scaled, dot};
use crate::features::Features;
use crate::mixed::Mixed;
use crate::products::products;
use crate::{Control, Error, rows};

/// The active columns of a design of which some follow from codes.
pub(super) struct Coded<'a> {
    mixed: Mixed<'a>,
    /// The weights of the rows, which sum to 1; none where all are equal, and then the columns hold their root.
    weights: Option<Vec<f64>>,
    /// Directions of coefficients that change no row.
    pub(super) flat: Vec<Direction>,
}

impl<'a> Coded<'a> {
    pub(super) fn new(
        features: &'a Features<'a>,
        active: &[usize],
        spreads: &[Spread],
        roots: &Roots,
        centre: bool,
    ) -> Option<Self> {
        if !features.has_blocks() {
            return None;
        }
        let (root, weights) = match roots {
            Roots::Equal(root) => (*root, None),
            Roots::Rows(roots) => (1.0, Some(roots.iter().map(|root| root * root).collect())),
        };
        let scales: Vec<f64> = active.iter().map(|j| root / spreads[*j].deviation).collect();
        let mixed = Mixed::new(features, active, spreads, &scales);
        let flat = if centre { mixed.dependent(weights.as_deref()) } else { Vec::new() };
        Some(Self { mixed, weights, flat })
    }

    /// Adds the products of the columns of codes with the target, each to its place.
    pub(super) fn add_correlations(&self, roots: &Roots, right: &[f64], out: &mut [f64]) {
        let sums = rows::sum(right.len(), self.mixed.sums(), |range, sums| {
            let mut values = [0.0; rows::BLOCK];
            for range in rows::blocks(range) {
                let values = &mut values[..range.len()];
                values.copy_from_slice(&right[range.clone()]);
                weigh(roots, range.clone(), values);
                self.mixed.gather(values, &range, sums);
            }
        });
        self.mixed.add_products(&sums, out);
    }

    /// What some coefficients leave of the target.
    pub(super) fn state(&self, design: &Design<'_>, coefficients: &[f64]) -> State {
        let (mixed, width) = (&self.mixed, coefficients.len());
        let shares = mixed.shares(coefficients);
        let length = width + 2 + mixed.sums();
        let mut sums = rows::sum(design.rows(), length, |range, sums| {
            let (mut residuals, mut values) = ([0.0; rows::BLOCK], [0.0; rows::BLOCK]);
            let (slopes, sums) = sums.split_at_mut(width);
            let (others, gathered) = sums.split_at_mut(2);
            for range in rows::blocks(range) {
                let right = &design.right[range.clone()];
                let residuals = &mut residuals[..range.len()];
                let values = &mut values[..range.len()];
                residuals.copy_from_slice(right);
                mixed.spread_out(&shares, &range, values);
                weigh(&design.roots, range.clone(), values);
                add_scaled(residuals, -1.0, values);
                for &j in mixed.dense.iter().filter(|j| coefficients[**j] != 0.0) {
                    design.fill(j, range.clone(), values);
                    add_scaled(residuals, -coefficients[j], values);
                }
                for &j in &mixed.dense {
                    design.fill(j, range.clone(), values);
                    slopes[j] += dot(values, residuals);
                }
                others[0] += dot(residuals, residuals);
                others[1] += dot(residuals, right);
                weigh(&design.roots, range.clone(), residuals);
                mixed.gather(residuals, &range, gathered);
            }
        });
        let gathered = sums.split_off(width + 2);
        let others = sums.split_off(width);
        mixed.add_products(&gathered, &mut sums);
        State { slopes: sums, squares: others[0], product: others[1] }
    }

    /// The products of the columns from `before` on with all.
    pub(super) fn products(
        &self,
        design: &Design<'_>,
        columns: &[usize],
        before: usize,
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let width = columns.len();
        let mut out = vec![0.0; (width - before) * width];
        let is_held = |place: &usize| self.mixed.is_held(columns[*place]);
        let held: Vec<usize> = (0..width).filter(is_held).collect();
        let known = held.iter().filter(|place| **place < before).count();
        let fill = |k: usize, range: Range<usize>, out: &mut [f64]| {
            design.fill(columns[held[k]], range, out);
        };
        if known < held.len() {
            let sums = products(design.rows(), known..held.len(), &fill, control)?;
            for (row, i) in sums.chunks(held.len()).zip(&held[known..]) {
                for (value, j) in row.iter().zip(&held) {
                    out[(i - before) * width + j] = *value;
                }
            }
        }
        let weighed = |j: usize, range: Range<usize>, out: &mut [f64]| {
            design.fill(j, range.clone(), out);
            weigh(&design.roots, range, out);
        };
        let sides = (&columns[before..], columns);
        self.mixed.add_pairs(sides, self.weights.as_deref(), &weighed, control, &mut out)?;
        Ok(out)
    }
}

/// Columns of equal rows hold the root of the weight already.
fn weigh(roots: &Roots, range: Range<usize>, values: &mut [f64]) {
    if let Roots::Rows(roots) = roots {
        values.iter_mut().zip(&roots[range]).for_each(|(value, root)| *value *= root);
    }
}
