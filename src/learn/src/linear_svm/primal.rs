//! Newton's method on the squared losses of linear machines (Mangasarian, 2002; Keerthi and
//! DeCoste, 2005): each is a quadratic as long as the rows that cost something stay the same.

use std::ops::Range;

use rayon::prelude::*;

use super::LARGEST_SQUARE;
use super::descent::Solution;
use crate::cholesky::Cholesky;
use crate::dense::{Spread, add_scaled, dot, max_abs, power_of_two};
use crate::features::{Features, Source};
use crate::mixed::Mixed;
use crate::products::products;
use crate::{Control, Convergence, Error, rows};

/// Columns up to which the matrix of second derivatives is built.
const MOST_COLUMNS: usize = 2000;

/// Trials of one line search.
const TRIALS: usize = 60;

/// Dampings of a matrix that is not definite in the numbers at hand.
const DAMPINGS: usize = 12;

/// Which rows cost something.
#[derive(Clone, Copy)]
pub(super) enum Loss {
    /// Those not beyond the margin of their side, 1 or -1.
    Hinge,
    /// Those further than this from their value.
    Band(f64),
}

/// Minimise `½ |v|² + Σ costᵢ uᵢ²`, where `uᵢ` is what row `i` is short of its target.
pub(super) struct Problem<'a> {
    pub(super) features: &'a Features<'a>,
    /// Those that follow from codes apart from the others, where there are some. Then all rows count.
    pub(super) mixed: Option<&'a Mixed<'a>>,
    /// The rows that count.
    pub(super) picked: &'a [u32],
    /// The value of a last column that is the same in all rows.
    pub(super) intercept: Option<f64>,
    pub(super) targets: Vec<f64>,
    pub(super) costs: Vec<f64>,
    pub(super) loss: Loss,
}

/// The function at one point.
struct Point {
    coefficients: Vec<f64>,
    values: Vec<f64>,
    shortfalls: Vec<f64>,
    objective: f64,
}

/// Whether the rows are more than the columns, and those few enough for second derivatives.
pub(super) fn suits(rows: usize, columns: usize) -> bool {
    columns <= rows && columns <= MOST_COLUMNS
}

/// The columns of codes as they are, for rows that all count; none where all columns are dense.
pub(super) fn of_codes<'a>(features: &'a Features<'a>) -> Option<Mixed<'a>> {
    let all: Vec<usize> = (0..features.len()).collect();
    let plain = vec![Spread { mean: 0.0, rest: 0.0, deviation: 1.0 }; all.len()];
    let mixed = || Mixed::new(features, &all, &plain, &vec![1.0; all.len()]);
    features.has_blocks().then(mixed)
}

impl Problem<'_> {
    /// Steps until one promises to lower the objective by at most the square of `tol`, as a share.
    ///
    /// # Errors
    /// When stopped, and [`Error::Column`] for values whose squares leave the range of numbers.
    pub(super) fn solve(
        mut self,
        tol: f64,
        max_iter: usize,
        control: &Control<'_>,
    ) -> Result<Solution, Error> {
        self.check_sizes()?;
        let unit = self.scale_to_unit();
        let enough = (tol * tol).max(f64::EPSILON);
        let mut point = self.at(vec![0.0; self.width()], vec![0.0; self.picked.len()]);
        let (mut iterations, mut converged) = (0, false);
        let gradient = loop {
            control.poll()?;
            let gradient = self.gradient(&point);
            let Some(step) = self.step(&point, &gradient, control)? else { break gradient };
            if -0.5 * dot(&gradient, &step) <= enough * point.objective {
                converged = true;
                break gradient;
            }
            if iterations == max_iter {
                break gradient;
            }
            iterations += 1;
            let Some(next) = self.search(&point, &step, control)? else { break gradient };
            point = next;
        };
        let convergence =
            Convergence { converged, iterations, tolerance: tol, gradient: max_abs(&gradient) };
        point.coefficients.iter_mut().for_each(|value| *value *= unit);
        // The dual objective is minus the primal one at the optimum.
        let objective = -point.objective * unit * unit;
        Ok(Solution { coefficients: point.coefficients, convergence, objective })
    }

    fn width(&self) -> usize {
        self.features.len() + usize::from(self.intercept.is_some())
    }

    fn check_sizes(&self) -> Result<(), Error> {
        let largest = LARGEST_SQUARE.sqrt();
        let too_large = |j: usize| match self.features.source(j) {
            Source::Dense(index) => {
                let column = self.features.values(index);
                self.picked.iter().position(|&row| column[row as usize].abs() > largest)
            }
            Source::Indicator { indicator, .. } => {
                let size = indicator.on.abs().max(indicator.off.abs());
                (size > largest).then_some(0)
            }
        };
        match (0..self.features.len()).find_map(|j| too_large(j).map(|at| (j, at))) {
            Some((column, at)) => Err(super::too_large(column, self.picked[at])),
            None => Ok(()),
        }
    }

    /// Scales values, and the band around them, to a size of about 1; the coefficients scale alike.
    fn scale_to_unit(&mut self) -> f64 {
        let Loss::Band(epsilon) = &mut self.loss else { return 1.0 };
        let unit = power_of_two(max_abs(&self.targets));
        *epsilon /= unit;
        self.targets.iter_mut().for_each(|target| *target /= unit);
        unit
    }

    fn at(&self, coefficients: Vec<f64>, values: Vec<f64>) -> Point {
        let mut shortfalls = vec![0.0; values.len()];
        shortfalls.iter_mut().zip(&self.targets).zip(&values).for_each(|((out, target), value)| {
            let short = target - value;
            *out = match self.loss {
                Loss::Hinge => {
                    if target * short > 0.0 {
                        short
                    } else {
                        0.0
                    }
                }
                Loss::Band(epsilon) => short - short.clamp(-epsilon, epsilon),
            };
        });
        let losses = rows::sum(values.len(), 1, |range, sum| {
            for i in range {
                sum[0] += self.costs[i] * shortfalls[i] * shortfalls[i];
            }
        });
        let objective = 0.5 * dot(&coefficients, &coefficients) + losses[0];
        Point { coefficients, values, shortfalls, objective }
    }

    fn gradient(&self, point: &Point) -> Vec<f64> {
        let pulls: Vec<f64> = self
            .costs
            .iter()
            .zip(&point.shortfalls)
            .map(|(cost, short)| 2.0 * cost * short)
            .collect();
        let mut of_codes = vec![0.0; self.features.len()];
        if let Some(mixed) = self.mixed {
            let sums = rows::sum(pulls.len(), mixed.sums(), |range, sums| {
                for range in rows::blocks(range) {
                    mixed.gather(&pulls[range.clone()], &range, sums);
                }
            });
            mixed.add_products(&sums, &mut of_codes);
        }
        let of_column = |j: usize| -> f64 {
            let pull = match (self.features.len() == j, self.intercept) {
                (true, Some(intercept)) => intercept * pulls.iter().sum::<f64>(),
                (true, None) | (false, _) => match self.features.source(j) {
                    Source::Dense(index) => {
                        let column = self.features.values(index);
                        let of_rows = self.picked.iter().zip(&pulls);
                        of_rows.map(|(&row, pull)| pull * column[row as usize]).sum()
                    }
                    Source::Indicator { .. } => of_codes[j],
                },
            };
            point.coefficients[j] - pull
        };
        (0..self.width()).into_par_iter().map(of_column).collect()
    }

    /// The second derivatives without those of the penalty, row by row.
    fn curvature(&self, point: &Point, control: &Control<'_>) -> Result<Vec<f64>, Error> {
        let root = |i: usize| (2.0 * self.costs[i]).sqrt();
        let (width, columns) = (self.width(), self.features.len());
        let Some(mixed) = self.mixed else {
            let active: Vec<(u32, f64)> = (0..self.picked.len())
                .filter(|&i| point.shortfalls[i] != 0.0)
                .map(|i| (self.picked[i], root(i)))
                .collect();
            let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
                let rows = out.iter_mut().zip(&active[range]);
                match self.intercept.filter(|_| j == columns) {
                    Some(intercept) => rows.for_each(|(out, (_, root))| *out = root * intercept),
                    None => {
                        let column = self.features.values(j);
                        rows.for_each(|(out, (row, root))| *out = root * column[*row as usize]);
                    }
                }
            };
            return products(active.len(), 0..width, &fill, control);
        };
        let active = |i: usize| if point.shortfalls[i] == 0.0 { 0.0 } else { root(i) };
        let roots: Vec<f64> = (0..self.picked.len()).map(active).collect();
        let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
            match j == columns {
                true => out.fill(self.intercept.unwrap_or(0.0)),
                false => self.features.fill(j, range.clone(), out),
            }
            out.iter_mut().zip(&roots[range]).for_each(|(out, root)| *out *= root);
        };
        let mut matrix = mixed.gram(Some(&roots), &fill, control)?;
        if width == columns {
            // The column of the intercept is the last one.
            let rows: Vec<&[f64]> =
                matrix.chunks(width + 1).take(width).map(|row| &row[..width]).collect();
            matrix = rows.concat();
        }
        Ok(matrix)
    }

    /// To the minimum of the quadratic that the function is here; `None` where numbers do not
    /// reach for it.
    fn step(
        &self,
        point: &Point,
        gradient: &[f64],
        control: &Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let width = self.width();
        if width == 0 {
            return Ok(Some(Vec::new()));
        }
        let mut matrix = self.curvature(point, control)?;
        for j in 0..width {
            matrix[j * width + j] += 1.0;
        }
        let scales: Vec<f64> = (0..width).map(|j| 1.0 / matrix[j * width + j].sqrt()).collect();
        for (row, scale) in matrix.chunks_mut(width).zip(&scales) {
            row.iter_mut().zip(&scales).for_each(|(value, other)| *value *= scale * other);
        }
        let mut damping = 0.0;
        for _ in 0..DAMPINGS {
            let mut damped = matrix.clone();
            for j in 0..width {
                damped[j * width + j] += damping;
            }
            if let Some(cholesky) = Cholesky::new(damped, width, 1e-14) {
                let mut step: Vec<f64> =
                    gradient.iter().zip(&scales).map(|(part, scale)| -part * scale).collect();
                cholesky.solve(&mut step);
                step.iter_mut().zip(&scales).for_each(|(part, scale)| *part *= scale);
                return Ok(step.iter().all(|part| part.is_finite()).then_some(step));
            }
            damping = if damping == 0.0 { 1e-13 } else { damping * 30.0 };
        }
        Ok(None)
    }

    /// Where the function is at its lowest along the step, nearly; `None` where it does not fall.
    fn search(
        &self,
        from: &Point,
        step: &[f64],
        control: &Control<'_>,
    ) -> Result<Option<Point>, Error> {
        let changes = self.values_of(step);
        let along = |length: f64| {
            let mut coefficients = from.coefficients.clone();
            add_scaled(&mut coefficients, length, step);
            let mut values = from.values.clone();
            add_scaled(&mut values, length, &changes);
            self.at(coefficients, values)
        };
        let slope = |point: &Point| {
            let of_rows = rows::sum(changes.len(), 2, |range, sums| {
                for i in range.filter(|&i| point.shortfalls[i] != 0.0) {
                    let cost = 2.0 * self.costs[i] * changes[i];
                    sums[0] += cost * point.shortfalls[i];
                    sums[1] += cost * changes[i];
                }
            });
            let own = (dot(&point.coefficients, step), dot(step, step));
            (own.0 - of_rows[0], own.1 + of_rows[1])
        };
        let (at_start, _) = slope(from);
        if at_start.is_nan() || at_start >= 0.0 {
            return Ok(None);
        }
        let (mut lower, mut upper, mut length) = (0.0, f64::INFINITY, 1.0);
        for _ in 0..TRIALS {
            control.poll()?;
            let point = along(length);
            let (rise, curvature) = slope(&point);
            if rise.abs() <= -1e-2 * at_start && point.objective.is_finite() {
                return Ok(Some(point));
            }
            if rise < 0.0 {
                lower = length;
            } else {
                upper = length;
            }
            let next = length - rise / curvature;
            length = if next > lower && next < upper {
                next
            } else if upper.is_finite() {
                0.5 * (lower + upper)
            } else {
                2.0 * length
            };
        }
        Ok(Some(along(length)).filter(|point| point.objective < from.objective))
    }

    /// The rows times coefficients.
    fn values_of(&self, coefficients: &[f64]) -> Vec<f64> {
        let constant = match self.intercept {
            Some(intercept) => intercept * coefficients[self.features.len()],
            None => 0.0,
        };
        let of_codes = self.mixed.map(|mixed| (mixed, mixed.shares(coefficients)));
        let mut values = vec![0.0; self.picked.len()];
        let chunks = values.par_chunks_mut(rows::BLOCK).zip(self.picked.par_chunks(rows::BLOCK));
        chunks.enumerate().for_each(|(block, (values, picked))| {
            if let Some((mixed, shares)) = &of_codes {
                let start = block * rows::BLOCK;
                mixed.spread_out(shares, &(start..start + values.len()), values);
            }
            values.iter_mut().for_each(|value| *value += constant);
            for (j, coefficient) in coefficients.iter().enumerate().take(self.features.len()) {
                let Source::Dense(index) = self.features.source(j) else { continue };
                let column = self.features.values(index);
                for (value, row) in values.iter_mut().zip(picked) {
                    *value += coefficient * column[*row as usize];
                }
            }
        });
        values
    }
}
