//! Solves the penalised least-squares problem that linear and ridge regression share.

mod gradients;

use std::ops::Range;

use rayon::prelude::*;

use crate::cholesky::Cholesky;
use crate::dense::{Spread, add_scaled, dot, max_abs, norm, power_of_two, spread};
use crate::features::{Features, Source};
use crate::mixed::Mixed;
use crate::products::{products, rough_products};
use crate::qr::{PivotedQr, minimum_norm};
use crate::rows;
use crate::{Control, Error};

/// Condition of the scaled columns up to which the normal equations are trusted: each step of
/// refinement multiplies their error by about `condition² ε`, until it is as small as that of a QR
/// factorisation.
const WELL_CONDITIONED: f64 = 1e6;

/// The same for products with the digits of `f32`, by the root of the number of columns.
const ROUGHLY_CONDITIONED: f64 = 100.0;

/// Columns from which products with the digits of `f32` are tried first.
const ROUGH_COLUMNS: usize = 256;

/// Steps of refinement, and how much each has to shrink the correction.
const REFINEMENTS: usize = 8;
const SHRINKS: f64 = 0.1;

/// Columns up to which the normal equations are tried.
const GRAM_COLUMNS: usize = 4096;

/// How exact the products of columns are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// As `f64`.
    All,
    /// As `f32`.
    Few,
}

/// The minimiser of `sum w (y - x·b - a)² + alpha |b|²`.
pub(crate) struct Solution {
    pub(crate) coefficients: Vec<f64>,
    pub(crate) intercept: f64,
    /// The prediction where every column is at its mean (0 without an intercept).
    pub(crate) central: f64,
    pub(crate) means: Vec<f64>,
    /// Numerical rank of the centred columns, of the penalised ones where `alpha > 0`.
    pub(crate) rank: usize,
}

/// Columns centred by their means, multiplied by the roots of the weights, scaled by `scales`.
struct Design<'a> {
    features: &'a Features<'a>,
    mixed: Mixed<'a>,
    spreads: Vec<Spread>,
    /// Indices of the columns that are not constant.
    active: Vec<usize>,
    /// One factor an active column; it gives the column, with the penalty below it, length 1.
    scales: Vec<f64>,
    roots: Option<Vec<f64>>,
    /// `sqrt(alpha) * scale` of an active column: the rows of the penalty.
    penalties: Vec<f64>,
    /// Directions that change nothing, as all columns of a one-hot encoding beside an intercept have one.
    dependent: Vec<Vec<(usize, f64)>>,
    /// The same where there is a penalty, which is all that changes along them.
    penalised: Vec<Vec<(usize, f64)>>,
}

pub(crate) fn solve(
    features: &Features<'_>,
    y: &[f64],
    weights: Option<&[f64]>,
    alpha: f64,
    fit_intercept: bool,
    control: &Control<'_>,
) -> Result<Solution, Error> {
    control.poll()?;
    // Only the ratio of weights and penalty counts: with weights up to 2 no norm overflows.
    let unit = power_of_two(weights.map_or(1.0, max_abs));
    let alpha = alpha / unit;
    let weights: Option<Vec<f64>> =
        weights.map(|weights| weights.iter().map(|weight| weight / unit).collect());
    let weights = weights.as_deref();
    let total: f64 = weights.map_or(y.len() as f64, |weights| weights.iter().sum());
    let spreads = features.spreads(weights, fit_intercept);
    let target = spread(y, weights, fit_intercept);
    let scale_of = |j: &usize| 1.0 / (spreads[*j].deviation * total.sqrt()).hypot(alpha.sqrt());
    let active: Vec<usize> = (0..features.len())
        .filter(|j| spreads[*j].deviation > 0.0 && scale_of(j).is_finite())
        .collect();
    let scales: Vec<f64> = active.iter().map(scale_of).collect();
    let penalties = scales.iter().map(|scale| alpha.sqrt() * scale).collect();
    let roots = weights.map(|weights| weights.iter().map(|weight| weight.sqrt()).collect());
    let mixed = Mixed::new(features, &active, &spreads, &scales);
    let is_flat = features.has_blocks() && fit_intercept;
    let flat = if is_flat { mixed.dependent(weights) } else { Vec::new() };
    let (dependent, penalised) = if alpha == 0.0 { (flat, Vec::new()) } else { (Vec::new(), flat) };
    let design =
        Design { features, mixed, spreads, active, scales, roots, penalties, dependent, penalised };
    let right = design.target(y, &target);

    let (scaled, rank) = design.solve(&right, alpha, control)?;
    let mut coefficients = vec![0.0; features.len()];
    for (&j, value) in design.active.iter().zip(scaled) {
        coefficients[j] = value;
    }
    let about = |part: fn(&Spread) -> f64| -> f64 {
        coefficients.iter().zip(&design.spreads).map(|(value, spread)| value * part(spread)).sum()
    };
    let central = target.mean + target.rest - about(|spread| spread.rest);
    let intercept = central - about(|spread| spread.mean);
    let means = design.spreads.iter().map(|spread| spread.mean).collect();
    // Bounds every product of a prediction for the rows that were trained on.
    let reach: f64 = coefficients
        .iter()
        .zip(&design.spreads)
        .map(|(value, spread)| value.abs() * spread.deviation * total.sqrt())
        .sum();
    let is_finite = intercept.is_finite() && reach.is_finite();
    if !(is_finite && coefficients.iter().all(|value| value.is_finite())) {
        return Err(Error::Degenerate(
            "the scales of the columns and the target are too far apart for a finite solution"
                .into(),
        ));
    }
    Ok(Solution { coefficients, intercept, central, means, rank })
}

impl Design<'_> {
    /// Coefficients in original units of the active columns, and the rank.
    fn solve(
        &self,
        right: &[f64],
        alpha: f64,
        control: &Control<'_>,
    ) -> Result<(Vec<f64>, usize), Error> {
        let (rows, width) = (self.features.rows(), self.active.len());
        if width == 0 {
            return Ok((Vec::new(), 0));
        }
        if (width < rows || alpha > 0.0)
            && let Some(solution) = self.by_gradients(right, control)?
        {
            return Ok((solution, width - self.dependent.len()));
        }
        if width < rows
            && width <= GRAM_COLUMNS
            && let Some(solution) = self.by_normal_equations(right, control)?
        {
            return Ok((solution, width - self.dependent.len()));
        }
        if alpha > 0.0 && width > rows {
            self.features.check_memory()?;
            return Ok((self.by_few_rows(right, alpha, control)?, width));
        }
        self.features.check_memory()?;
        self.by_qr(right, control)
    }

    /// `None` unless the columns are demonstrably well conditioned.
    fn by_normal_equations(
        &self,
        right: &[f64],
        control: &Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let (rows, width) = (self.features.rows(), self.active.len());
        // The last row of the symmetric matrix holds the products with the target, in a unit that
        // suits `f32`.
        let (order, unit) = (width + 1, power_of_two(max_abs(right)));
        let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
            if j < width {
                return self.fill(j, range, out);
            }
            for (out, value) in out.iter_mut().zip(&right[range]) {
                *out = value / unit;
            }
        };
        if self.features.has_blocks() {
            let sums = self.mixed.gram(self.roots.as_deref(), &fill, control)?;
            return self.refined(right, (&sums, unit), Digits::All, control);
        }
        if width >= ROUGH_COLUMNS {
            let sums = rough_products(rows, 0..order, &fill, control)?;
            if let Some(solution) = self.refined(right, (&sums, unit), Digits::Few, control)? {
                return Ok(Some(solution));
            }
        }
        let sums = products(rows, 0..order, &fill, control)?;
        self.refined(right, (&sums, unit), Digits::All, control)
    }

    /// The solution of normal equations, improved by what it leaves of the target as long as that
    /// changes it. `None` where the columns are not well conditioned or the changes do not shrink.
    fn refined(
        &self,
        right: &[f64],
        (sums, unit): (&[f64], f64),
        digits: Digits,
        control: &Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let width = self.active.len();
        let order = width + 1;
        let mut gram = Vec::with_capacity(width * width);
        sums.chunks(order).take(width).for_each(|row| gram.extend_from_slice(&row[..width]));
        for (j, penalty) in self.penalties.iter().enumerate() {
            gram[j * width + j] += penalty * penalty;
        }
        // A solution of these equations has no part along such a direction, so that it solves those without.
        for direction in &self.dependent {
            for (i, part) in direction {
                direction.iter().for_each(|(j, other)| gram[i * width + j] += part * other);
            }
        }
        let Some(cholesky) = Cholesky::new(gram, width, 1e-12) else { return Ok(None) };
        let condition = cholesky.condition();
        let limit = match digits {
            Digits::All => WELL_CONDITIONED,
            Digits::Few => ROUGHLY_CONDITIONED * (width as f64).sqrt(),
        };
        if condition.is_nan() || condition > limit {
            return Ok(None);
        }
        let mut solution: Vec<f64> =
            sums[width * order..][..width].iter().map(|product| product * unit).collect();
        cholesky.solve(&mut solution);
        let rounding = 4.0 * f64::EPSILON * condition;
        let mut before = 1.0;
        // The products of nearly orthogonal columns leave nothing to refine.
        let mut is_settled = digits == Digits::All && condition <= 2.0 * width as f64;
        let mut left = REFINEMENTS;
        while !is_settled {
            let mut correction = self.descent(right, &solution);
            control.poll()?;
            cholesky.solve(&mut correction);
            add_scaled(&mut solution, 1.0, &correction);
            let change = norm(&correction) / norm(&solution);
            // What the next correction would be, if it shrinks like this one.
            let is_last = change * change <= f64::EPSILON * before || change <= rounding;
            is_settled = is_last || change.is_nan();
            if !is_settled && (left == 0 || change > SHRINKS * before) {
                return Ok(None);
            }
            (before, left) = (change, left.saturating_sub(1));
        }
        for (value, scale) in solution.iter_mut().zip(&self.scales) {
            *value *= scale;
        }
        self.shorten(&mut solution);
        Ok(Some(solution))
    }

    /// Takes the part along directions that change nothing out of coefficients in the units of the columns.
    fn shorten(&self, solution: &mut [f64]) {
        for direction in &self.dependent {
            let parts = || direction.iter().map(|(j, part)| (*j, part * self.scales[*j]));
            let along: f64 = parts().map(|(j, part)| part * solution[j]).sum();
            let square: f64 = parts().map(|(_, part)| part * part).sum();
            parts().for_each(|(j, part)| solution[j] -= along / square * part);
        }
    }

    /// Half the negative gradient in scaled units, from the residuals themselves.
    fn descent(&self, right: &[f64], solution: &[f64]) -> Vec<f64> {
        let width = self.active.len();
        let shares = self.features.has_blocks().then(|| self.mixed.shares(solution));
        let gathered = if shares.is_some() { self.mixed.sums() } else { 0 };
        let mut sums = rows::sum(self.features.rows(), width + gathered, |range, sums| {
            let (mut residuals, mut values) = ([0.0; rows::BLOCK], [0.0; rows::BLOCK]);
            let (products, gathered) = sums.split_at_mut(width);
            for range in rows::blocks(range) {
                let residuals = &mut residuals[..range.len()];
                let values = &mut values[..range.len()];
                residuals.copy_from_slice(&right[range.clone()]);
                for &j in &self.mixed.dense {
                    self.fill(j, range.clone(), values);
                    add_scaled(residuals, -solution[j], values);
                }
                if let Some(shares) = &shares {
                    self.mixed.spread_out(shares, &range, values);
                    self.weigh(range.clone(), values);
                    add_scaled(residuals, -1.0, values);
                }
                // The columns at these rows are still near: only the first look is at the memory.
                for &j in &self.mixed.dense {
                    self.fill(j, range.clone(), values);
                    products[j] += dot(values, residuals);
                }
                if shares.is_some() {
                    self.weigh(range.clone(), residuals);
                    self.mixed.gather(residuals, &range, gathered);
                }
            }
        });
        let gathered = sums.split_off(width);
        if shares.is_some() {
            self.mixed.add_products(&gathered, &mut sums);
        }
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum -= self.penalties[j] * self.penalties[j] * solution[j];
        }
        sums
    }

    /// QR of the columns with the penalty's rows below them.
    fn by_qr(&self, right: &[f64], control: &Control<'_>) -> Result<(Vec<f64>, usize), Error> {
        let (rows, width) = (self.features.rows(), self.active.len());
        let penalised = self.penalties.iter().any(|penalty| *penalty > 0.0);
        let length = rows + if penalised { width } else { 0 };
        let mut matrix = vec![0.0; length * width];
        matrix.par_chunks_mut(length).enumerate().for_each(|(j, column)| {
            self.fill(j, 0..rows, &mut column[..rows]);
            if penalised {
                column[rows + j] = self.penalties[j];
            }
        });
        let mut extended = right.to_vec();
        extended.resize(length, 0.0);
        // Rounding errors of a column of length 1 grow with the root of its number of rows.
        let tolerance = f64::EPSILON * (width as f64).max(8.0 * (length as f64).sqrt());
        let qr = PivotedQr::new(matrix, length, width, tolerance, control)?;
        let solution = qr.least_squares(&extended, &self.scales, control)?;
        Ok((solution, qr.rank))
    }

    /// For more columns than rows: `b = Aᵀ (A Aᵀ + alpha I)⁻¹ y`, as the first part of the
    /// shortest vector `(b, c)` with `A b + sqrt(alpha) c = y`, which needs no squares.
    fn by_few_rows(
        &self,
        right: &[f64],
        alpha: f64,
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let (rows, width) = (self.features.rows(), self.active.len());
        let length = width + rows;
        let mut transposed = vec![0.0; length * rows];
        let mut column = vec![0.0; rows];
        for j in 0..width {
            control.poll()?;
            self.fill(j, 0..rows, &mut column);
            for (i, value) in column.iter().enumerate() {
                transposed[i * length + j] = value / self.scales[j];
            }
        }
        for i in 0..rows {
            transposed[i * length + width + i] = alpha.sqrt();
        }
        let mut solution = minimum_norm(transposed, length, right, control)?;
        solution.truncate(width);
        Ok(solution)
    }

    /// The active column `j` at some rows, centred, weighted and scaled.
    fn fill(&self, j: usize, range: Range<usize>, out: &mut [f64]) {
        let spread = self.spreads[self.active[j]];
        let scale = self.scales[j];
        match self.features.source(self.active[j]) {
            Source::Dense(index) => {
                let values = &self.features.values(index)[range.clone()];
                for (out, value) in out.iter_mut().zip(values) {
                    *out = (value - spread.mean - spread.rest) * scale;
                }
            }
            Source::Indicator { .. } => {
                self.features.fill(self.active[j], range.clone(), out);
                for out in &mut *out {
                    *out = (*out - spread.mean - spread.rest) * scale;
                }
            }
        }
        self.weigh(range, out);
    }

    fn target(&self, y: &[f64], target: &Spread) -> Vec<f64> {
        let mut right: Vec<f64> = y.iter().map(|value| value - target.mean - target.rest).collect();
        self.weigh(0..y.len(), &mut right);
        right
    }

    fn weigh(&self, range: Range<usize>, values: &mut [f64]) {
        if let Some(roots) = &self.roots {
            for (value, root) in values.iter_mut().zip(&roots[range]) {
                // A row that does not count may be too far out for a product with 0.
                *value = if *root > 0.0 { *value * root } else { 0.0 };
            }
        }
    }
}
