//! Conjugate gradients for columns that follow from codes: one-hot columns lie nearly at right angles to each
//! other, so that a few passes over the codes cost less than the products of all columns (Golub and Van Loan,
//! *Matrix Computations*, 4th edition, sections 11.3 and 11.5).

use super::{Design, WELL_CONDITIONED};
use crate::dense::{add_scaled, dot, max_abs, norm, power_of_two};
use crate::{Control, Error, rows};

/// Columns of numbers up to which a pass over the rows is cheap.
const HELD: usize = 64;

/// Passes after which the products of all columns are cheaper, and after how many the first look is at whether that
/// will be so.
const PASSES: usize = 60;
const LOOKED: usize = 12;

/// What is left of the right side, as a share of it, before the residuals are worked out anew, and what such a
/// correction leaves of them.
const LEFT: f64 = 1e-10;
const CORRECTED: f64 = 1e-4;

/// What is left of a right side without a pattern: then no direction with a small curvature was missed.
const PROBED: f64 = 1e-6;

/// The equations for one right side.
struct System {
    solution: Vec<f64>,
    residual: Vec<f64>,
    step: Vec<f64>,
    /// The product of the residual with what the preconditioner makes of it.
    product: f64,
    /// The length at which the residual is short enough.
    enough: f64,
}

impl System {
    fn new(right: Vec<f64>, share: f64, design: &Design<'_>) -> Self {
        let step = design.preconditioned(&right);
        Self {
            solution: vec![0.0; right.len()],
            product: dot(&right, &step),
            enough: share * norm(&right),
            residual: right,
            step,
        }
    }

    fn is_done(&self) -> bool {
        norm(&self.residual) <= self.enough
    }

    /// One step, given the curvature times its direction; false where there is none.
    fn advance(&mut self, curved: &[f64], design: &Design<'_>) -> bool {
        let length = self.product / dot(&self.step, curved);
        if !length.is_finite() {
            return false;
        }
        add_scaled(&mut self.solution, length, &self.step);
        add_scaled(&mut self.residual, -length, curved);
        let next = design.preconditioned(&self.residual);
        let product = dot(&self.residual, &next);
        let kept = product / self.product;
        self.product = product;
        for (step, next) in self.step.iter_mut().zip(next) {
            *step = next + kept * *step;
        }
        true
    }
}

impl Design<'_> {
    /// The solution in the units of the columns; `None` unless that takes few passes and the columns are
    /// demonstrably well conditioned.
    pub(super) fn by_gradients(
        &self,
        right: &[f64],
        control: &Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let width = self.active.len();
        if !self.features.has_blocks() || self.mixed.dense.len() > HELD {
            return Ok(None);
        }
        let least = self.penalties.iter().map(|penalty| penalty * penalty).fold(1.0, f64::min);
        if least > 0.0 && !is_well_conditioned(width, 1.0 / least) {
            return Ok(None);
        }
        let mut solution = vec![0.0; width];
        let first = self.descent(right, &solution);
        let unit = power_of_two(max_abs(&first));
        let scaled = |values: Vec<f64>| values.into_iter().map(|value| value / unit).collect();
        let mut systems = vec![System::new(scaled(first), LEFT, self)];
        if least == 0.0 {
            // Signs without a pattern: next to no direction is orthogonal to these.
            let signs = (0..width).map(|i| if (i * i / 7 + i / 3) % 2 == 0 { 1.0 } else { -0.75 });
            systems.push(System::new(signs.collect(), PROBED, self));
        }
        if !self.solve_by_gradients(&mut systems, control)? {
            return Ok(None);
        }
        if let Some(probe) = systems.get(1) {
            let growth = norm(&probe.solution) / probe.enough * PROBED;
            // A direction has about this part of the right side.
            if !is_well_conditioned(width, 4.0 * (width as f64).sqrt() * growth) {
                return Ok(None);
            }
        }
        add_scaled(&mut solution, unit, &systems[0].solution);
        let left = scaled(self.descent(right, &solution));
        let mut correction = vec![System::new(left, CORRECTED, self)];
        if !self.solve_by_gradients(&mut correction, control)? {
            return Ok(None);
        }
        add_scaled(&mut solution, unit, &correction[0].solution);
        for (value, scale) in solution.iter_mut().zip(&self.scales) {
            *value *= scale;
        }
        self.shorten(&mut solution);
        Ok(Some(solution))
    }

    /// Whether all residuals became short within a bearable number of passes.
    fn solve_by_gradients(
        &self,
        systems: &mut [System],
        control: &Control<'_>,
    ) -> Result<bool, Error> {
        let first: Vec<f64> = systems.iter().map(|system| norm(&system.residual)).collect();
        for pass in 0..PASSES {
            control.poll()?;
            let open: Vec<usize> = (0..systems.len()).filter(|i| !systems[*i].is_done()).collect();
            if open.is_empty() {
                return Ok(true);
            }
            // The digits that are won so far say how many passes the others will take.
            let is_slow = |i: &usize| {
                let digits = |length: f64| (first[*i] / length).ln();
                let won = digits(norm(&systems[*i].residual));
                let (reached, due) =
                    (won * PASSES as f64, digits(systems[*i].enough) * pass as f64);
                reached.is_nan() || reached < due
            };
            if pass >= LOOKED && open.iter().any(is_slow) {
                return Ok(false);
            }
            let steps: Vec<&[f64]> = open.iter().map(|i| &systems[*i].step[..]).collect();
            let curved = self.curved(&steps);
            for (i, curved) in open.into_iter().zip(curved) {
                if !systems[i].advance(&curved, self) {
                    return Ok(false);
                }
            }
        }
        Ok(systems.iter().all(System::is_done))
    }

    /// The matrix of the normal equations times vectors.
    fn curved(&self, vectors: &[&[f64]]) -> Vec<Vec<f64>> {
        let width = self.active.len();
        let shares: Vec<_> = vectors.iter().map(|vector| self.mixed.shares(vector)).collect();
        let length = width + self.mixed.sums();
        let sums = rows::sum(self.features.rows(), vectors.len() * length, |range, sums| {
            let (mut scores, mut values) = ([0.0; rows::BLOCK], [0.0; rows::BLOCK]);
            for range in rows::blocks(range) {
                let (scores, values) = (&mut scores[..range.len()], &mut values[..range.len()]);
                let of = vectors.iter().zip(&shares).zip(sums.chunks_mut(length));
                for ((vector, shares), sums) in of {
                    let (products, gathered) = sums.split_at_mut(width);
                    self.mixed.spread_out(shares, &range, scores);
                    self.weigh(range.clone(), scores);
                    for &j in &self.mixed.dense {
                        self.fill(j, range.clone(), values);
                        add_scaled(scores, vector[j], values);
                    }
                    for &j in &self.mixed.dense {
                        self.fill(j, range.clone(), values);
                        products[j] += dot(values, scores);
                    }
                    self.weigh(range.clone(), scores);
                    self.mixed.gather(scores, &range, gathered);
                }
            }
        });
        let of = vectors.iter().zip(sums.chunks(length));
        of.map(|(vector, sums)| {
            let (products, gathered) = sums.split_at(width);
            let mut products = products.to_vec();
            self.mixed.add_products(gathered, &mut products);
            let own = products.iter_mut().zip(*vector).zip(&self.penalties);
            own.for_each(|((product, value), penalty)| *product += penalty * penalty * value);
            for direction in &self.dependent {
                let along: f64 = direction.iter().map(|(j, part)| part * vector[*j]).sum();
                direction.iter().for_each(|(j, part)| products[*j] += along * part);
            }
            products
        })
        .collect()
    }

    /// A residual with more weight along the directions in which nothing but a penalty is to be won.
    fn preconditioned(&self, residual: &[f64]) -> Vec<f64> {
        let mut out = residual.to_vec();
        for direction in &self.penalised {
            let curvature: f64 =
                direction.iter().map(|(j, part)| (part * self.penalties[*j]).powi(2)).sum();
            let along: f64 = direction.iter().map(|(j, part)| part * residual[*j]).sum();
            let more = along * (1.0 / curvature - 1.0);
            direction.iter().for_each(|(j, part)| out[*j] += more * part);
        }
        out
    }
}

/// Whether columns of length 1 are, the squared length of whose inverse is at most this.
fn is_well_conditioned(width: usize, inverse: f64) -> bool {
    (width as f64 * inverse).sqrt() <= WELL_CONDITIONED
}
