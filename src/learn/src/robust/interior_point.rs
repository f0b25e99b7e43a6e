//! The linear program of quantile regression, by an interior-point method.
//!
//! The primal is `min sum wᵢ (q uᵢ + (1 - q) vᵢ)` with `yᵢ - xᵢ·b = uᵢ - vᵢ` and `u, v ≥ 0`; the dual
//! is `max sum wᵢ dᵢ yᵢ` with `sum wᵢ dᵢ xᵢ = 0` and `q - 1 ≤ d ≤ q`. The absolute value of a
//! coefficient is one more row, of target 0, with `-1 ≤ d ≤ 1`. The weights are part of the sums
//! and not of the bounds, so that the way to the solution is that of repeated rows.

use std::ops::Range;

use rayon::prelude::*;

use super::table::Table;
use crate::cholesky::Cholesky;
use crate::products::products;
use crate::{Control, Convergence, Error, rows};

/// Iterations allowed; 20 to 40 are usual.
const ITERATIONS: usize = 200;

/// The gap between primal and dual that ends the search, as a share of the loss at the start or of
/// the target's median size, which is near 1, whichever is smaller.
const GAP: f64 = 1e-13;

/// The gap below which rounding may end it.
const ENOUGH: f64 = 1e-9;

/// How far a step goes of the way to the nearest bound.
const NEAR: f64 = 0.9995;

/// Rows that a thread takes at a time.
const CHUNK: usize = 4 * rows::BLOCK;

/// One residual with its bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    weight: f64,
    /// `y - x·b`, which is `above - below` up to rounding.
    residual: f64,
    above: f64,
    below: f64,
    dual: f64,
    /// How far the dual is from its upper and its lower end.
    upper: f64,
    lower: f64,
    /// How much the dual moves for each unit that the residual does not.
    rate: f64,
    /// What the residual has to change by.
    aim: f64,
    /// Steps of `above`, `below` and `dual`.
    steps: [f64; 3],
}

impl Row {
    fn new(weight: f64, residual: f64, upper: f64, lower: f64, slack: f64) -> Self {
        Self {
            weight,
            residual,
            above: residual.max(0.0) + slack,
            below: (-residual).max(0.0) + slack,
            dual: 0.0,
            upper,
            lower,
            rate: 0.0,
            aim: 0.0,
            steps: [0.0; 3],
        }
    }

    fn gap(&self) -> f64 {
        self.above * self.upper + self.below * self.lower
    }

    /// Sets what the row asks of the step that leads to the products `(above, below)`.
    fn aim(&mut self, products: (f64, f64)) {
        self.rate = 1.0 / (self.above / self.upper + self.below / self.lower);
        self.aim = self.residual - products.0 / self.upper + products.1 / self.lower;
    }

    /// The products to aim at: the centre, less what the steps would add.
    fn corrected(&self, centre: f64) -> (f64, f64) {
        let [above, below, dual] = self.steps;
        (centre + above * dual, centre - below * dual)
    }

    fn step(&mut self, products: (f64, f64), change: f64) {
        let dual = self.rate * (self.aim - change);
        self.steps = [
            products.0 / self.upper - self.above + self.above / self.upper * dual,
            products.1 / self.lower - self.below - self.below / self.lower * dual,
            dual,
        ];
    }

    /// The longest steps, of the residual and of the dual, that keep everything from falling below 0.
    fn lengths(&self) -> (f64, f64) {
        let [above, below, dual] = self.steps;
        let most = |value: f64, step: f64| if step < 0.0 { -value / step } else { f64::INFINITY };
        (
            most(self.above, above).min(most(self.below, below)),
            most(self.upper, -dual).min(most(self.lower, dual)),
        )
    }

    /// The gap after steps of these lengths.
    fn gap_after(&self, (primal, dual): (f64, f64)) -> f64 {
        let [above, below, change] = self.steps;
        (self.above + primal * above) * (self.upper - dual * change)
            + (self.below + primal * below) * (self.lower + dual * change)
    }

    fn advance(&mut self, (primal, dual): (f64, f64), change: f64) {
        let [above, below, step] = self.steps;
        self.residual -= primal * change;
        self.above += primal * above;
        self.below += primal * below;
        self.dual += dual * step;
        self.upper -= dual * step;
        self.lower += dual * step;
    }

    /// Whether the residual is 0 in the solution.
    fn is_zero(&self) -> bool {
        self.above < self.upper && self.below < self.lower
    }
}

struct Program<'a> {
    table: &'a Table,
    rows: Vec<Row>,
    /// The rows of the penalty, none where there is no penalty.
    penalties: Vec<Row>,
}

/// The coefficients that minimise the pinball loss at `quantile` plus `penalties · |b|`.
pub(super) fn minimize(
    table: &Table,
    quantile: f64,
    penalties: &[f64],
    control: &Control<'_>,
) -> Result<(Vec<f64>, Convergence), Error> {
    let mut coefficients = vec![0.0; table.width];
    let start = weighted_sum(table, |row| table.target[row].abs());
    let mut convergence =
        Convergence { converged: true, iterations: 0, tolerance: GAP, gradient: 0.0 };
    if table.width == 0 || start == 0.0 {
        return Ok((coefficients, convergence));
    }
    let mut program = Program::new(table, quantile, penalties, start);
    let total = 1.0 + penalties.iter().sum::<f64>();
    loop {
        control.poll()?;
        let gap = program.gap();
        convergence.gradient = gap / start;
        if gap <= GAP * start.min(1.0) {
            break;
        }
        if convergence.iterations == ITERATIONS
            || !program.iterate(gap, total, &mut coefficients, control)?
        {
            convergence.converged = gap <= ENOUGH * start;
            break;
        }
        convergence.iterations += 1;
    }
    for (coefficient, row) in coefficients.iter_mut().zip(&program.penalties) {
        if row.is_zero() {
            *coefficient = 0.0;
        }
    }
    Ok((coefficients, convergence))
}

fn weighted_sum(table: &Table, of: impl Fn(usize) -> f64 + Sync) -> f64 {
    let add = |range: Range<usize>, sum: &mut [f64]| {
        sum[0] += range.map(|row| table.weights[row] * of(row)).sum::<f64>();
    };
    rows::sum(table.rows, 1, add)[0]
}

impl<'a> Program<'a> {
    fn new(table: &'a Table, quantile: f64, penalties: &[f64], slack: f64) -> Self {
        let row = |(residual, weight): (&f64, &f64)| {
            Row::new(*weight, *residual, quantile, 1.0 - quantile, slack)
        };
        let penalty = |weight: &f64| Row::new(*weight, 0.0, 1.0, 1.0, slack);
        Self {
            table,
            rows: table.target.iter().zip(&table.weights).map(row).collect(),
            penalties: penalties.iter().map(penalty).collect(),
        }
    }

    fn sum(&self, of: impl Fn(&Row) -> f64 + Sync) -> f64 {
        weighted_sum(self.table, |row| of(&self.rows[row]))
            + self.penalties.iter().map(|row| row.weight * of(row)).sum::<f64>()
    }

    fn gap(&self) -> f64 {
        self.sum(Row::gap)
    }

    /// Changes every row, with a number of its own.
    fn each(
        &mut self,
        changes: &[f64],
        coefficients: &[f64],
        change: impl Fn(&mut Row, f64) + Sync,
    ) {
        self.rows.par_chunks_mut(CHUNK).zip(changes.par_chunks(CHUNK)).for_each(
            |(rows, changes)| {
                rows.iter_mut().zip(changes).for_each(|(row, by)| change(row, *by));
            },
        );
        self.penalties.iter_mut().zip(coefficients).for_each(|(row, by)| change(row, *by));
    }

    /// The longest steps for all rows; the smallest of numbers is the same in any order.
    fn lengths(&self) -> (f64, f64) {
        let shorter = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.min(b.1));
        let of = |rows: &[Row]| rows.iter().map(Row::lengths).fold((1.0, 1.0), shorter);
        let all = self.rows.par_chunks(CHUNK).map(of).reduce(|| (1.0, 1.0), shorter);
        shorter(all, of(&self.penalties))
    }

    /// A step of Mehrotra's predictor and corrector (1992); `false` where rounding leaves none.
    fn iterate(
        &mut self,
        gap: f64,
        total: f64,
        coefficients: &mut [f64],
        control: &Control<'_>,
    ) -> Result<bool, Error> {
        let zeros = vec![0.0; self.table.rows];
        self.each(&zeros, coefficients, |row, _| row.aim((0.0, 0.0)));
        let Some(cholesky) = self.factor(control)? else { return Ok(false) };
        let step = self.direction(&cholesky);
        let changes = self.table.products(&step);
        self.each(&changes, &step, |row, change| row.step((0.0, 0.0), change));
        control.poll()?;
        let lengths = self.lengths();
        let after = self.sum(|row| row.gap_after(lengths));
        let centre = (after / gap).powi(3).min(1.0) * gap / (2.0 * total);
        self.each(&zeros, coefficients, |row, _| row.aim(row.corrected(centre)));
        let step = self.direction(&cholesky);
        let changes = self.table.products(&step);
        self.each(&changes, &step, |row, change| row.step(row.corrected(centre), change));
        let (primal, dual) = self.lengths();
        let lengths = (NEAR * primal, NEAR * dual);
        if !(lengths.0.max(lengths.1) > 1e-6 && step.iter().all(|value| value.is_finite())) {
            return Ok(false);
        }
        self.each(&changes, &step, |row, change| row.advance(lengths, change));
        for (coefficient, step) in coefficients.iter_mut().zip(&step) {
            *coefficient += lengths.0 * step;
        }
        Ok(true)
    }

    /// The factor of the columns' products, each row as heavy as its dual is free to move.
    fn factor(&self, control: &Control<'_>) -> Result<Option<Cholesky>, Error> {
        let (table, width) = (self.table, self.table.width);
        let roots: Vec<f64> =
            self.rows.par_iter().map(|row| (row.weight * row.rate).sqrt()).collect();
        let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
            let values = &table.column(j)[range.clone()];
            for ((out, value), root) in out.iter_mut().zip(values).zip(&roots[range]) {
                *out = value * root;
            }
        };
        let mut gram = products(table.rows, 0..width, &fill, control)?;
        for (j, row) in self.penalties.iter().enumerate() {
            gram[j * width + j] += row.weight * row.rate;
        }
        // Columns that depend on each other share what they have to say.
        for share in [1e-14, 1e-11, 1e-8] {
            let mut matrix = gram.clone();
            for j in 0..width {
                matrix[j * width + j] += share * gram[j * width + j] + f64::MIN_POSITIVE;
            }
            if let Some(cholesky) = Cholesky::new(matrix, width, 1e-15) {
                return Ok(Some(cholesky));
            }
        }
        Ok(None)
    }

    /// The step of the coefficients that the rows' aims come to.
    fn direction(&self, cholesky: &Cholesky) -> Vec<f64> {
        let pull = |row: &Row| row.weight * (row.rate * row.aim + row.dual);
        let mut right = self.table.products_with(|range, out| {
            for (out, row) in out.iter_mut().zip(&self.rows[range]) {
                *out = pull(row);
            }
        });
        for (right, row) in right.iter_mut().zip(&self.penalties) {
            *right += pull(row);
        }
        cholesky.solve(&mut right);
        right
    }
}
