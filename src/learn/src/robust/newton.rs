//! Newton's method for Huber regression, with the scale worked out for every line that is tried.

use std::ops::Range;

use super::table::Table;
use crate::cholesky::Cholesky;
use crate::dense::dot;
use crate::products::products;
use crate::{Control, Convergence, Error, rows};

/// The smallest scale, in units of the target's spread: that of a line through all points.
const SMALLEST: f64 = 1e-15;

/// What a step has to promise, as a share of the objective, to be told from rounding.
const ROUNDING: f64 = 1e-22;

/// Halvings of a Newton step before another kind of step is taken.
const HALVINGS: usize = 4;

pub(super) struct Problem<'a> {
    pub(super) table: &'a Table,
    pub(super) epsilon: f64,
    /// What the square of each coefficient costs.
    pub(super) penalties: Vec<f64>,
}

/// A line with its residuals and the best scale for them.
pub(super) struct Point {
    pub(super) coefficients: Vec<f64>,
    pub(super) scale: f64,
    residuals: Vec<f64>,
    objective: f64,
}

/// Sums over the rows of one scale: weights of those within `epsilon` scales and beyond, squares of
/// the former and sizes of the latter.
#[derive(Clone, Copy, Debug)]
struct Sums {
    within: f64,
    beyond: f64,
    squares: f64,
    sizes: f64,
}

/// How the residuals beyond `epsilon` scales count in the products of the columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beyond {
    /// Not at all: Newton's method.
    Absent,
    /// The less the farther out: reweighted least squares, which always leads down.
    Reweighted,
}

pub(super) fn minimize(
    problem: &Problem<'_>,
    max_iter: usize,
    tolerance: f64,
    control: &Control<'_>,
) -> Result<(Point, Convergence), Error> {
    let table = problem.table;
    let start = vec![0.0; table.width];
    let mut point = problem.point(start, table.target.clone(), None);
    let mut convergence = Convergence { converged: false, iterations: 0, tolerance, gradient: 0.0 };
    loop {
        control.poll()?;
        if !point.objective.is_finite() {
            let message = "the target holds values too far from the others for their squares";
            return Err(Error::Degenerate(message.into()));
        }
        let descent = problem.descent(&point);
        let enough = point.objective * (tolerance * tolerance).max(ROUNDING);
        let mut taken = None;
        for beyond in [Beyond::Absent, Beyond::Reweighted] {
            let Some(step) = problem.step(&point, &descent, beyond, control)? else { continue };
            let gain = dot(&step, &descent) / point.scale;
            convergence.gradient = gain / point.objective;
            convergence.converged = gain <= enough;
            if let Some(next) = problem.advance(&point, &step, gain, beyond) {
                taken = Some(next);
            }
            if taken.is_some() || convergence.converged {
                break;
            }
        }
        // What rounding hides cannot be gained.
        let Some(next) = taken else {
            convergence.converged |= convergence.gradient <= 1e-12;
            break;
        };
        if convergence.iterations == max_iter && !convergence.converged {
            break;
        }
        point = next;
        if convergence.converged {
            break;
        }
        convergence.iterations += 1;
    }
    Ok((point, convergence))
}

impl Problem<'_> {
    fn point(&self, coefficients: Vec<f64>, residuals: Vec<f64>, scale: Option<f64>) -> Point {
        let (scale, sums) = self.best_scale(&residuals, scale);
        let penalty: f64 =
            self.penalties.iter().zip(&coefficients).map(|(penalty, b)| penalty * b * b).sum();
        let beyond = self.epsilon * (2.0 * sums.sizes - self.epsilon * scale * sums.beyond);
        let objective = scale + sums.squares / scale + beyond + penalty;
        Point { coefficients, scale, residuals, objective }
    }

    fn sums(&self, residuals: &[f64], scale: f64) -> Sums {
        let bound = self.epsilon * scale;
        let weights = &self.table.weights;
        let add = |range: Range<usize>, sums: &mut [f64]| {
            for (residual, weight) in residuals[range.clone()].iter().zip(&weights[range]) {
                let size = residual.abs();
                if size <= bound {
                    sums[0] += weight;
                    sums[1] += weight * size * size;
                } else {
                    sums[2] += weight;
                    sums[3] += weight * size;
                }
            }
        };
        let sums = rows::sum(residuals.len(), 4, add);
        Sums { within: sums[0], squares: sums[1], beyond: sums[2], sizes: sums[3] }
    }

    /// The scale at which `1 = sum wᵢ min((rᵢ / s)², epsilon²)`. In `1 / s²` the right side is
    /// concave and made of straight pieces, so that Newton's method from the left ends in a few
    /// steps.
    fn best_scale(&self, residuals: &[f64], near: Option<f64>) -> (f64, Sums) {
        let largest = crate::dense::max_abs(residuals).max(SMALLEST);
        let mut scale = near.unwrap_or(largest);
        let mut sums = self.sums(residuals, scale);
        for _ in 0..200 {
            let free = 1.0 - self.epsilon * self.epsilon * sums.beyond;
            let next = if free > 0.0 && sums.within > 0.0 {
                (sums.squares / free).sqrt().clamp(SMALLEST, largest)
            } else if sums.squares == 0.0 && free > 0.0 {
                SMALLEST
            } else {
                largest
            };
            if (next - scale).abs() <= 4.0 * f64::EPSILON * scale {
                break;
            }
            scale = next;
            sums = self.sums(residuals, scale);
        }
        (scale, sums)
    }

    /// Half the negative gradient times the scale.
    fn descent(&self, point: &Point) -> Vec<f64> {
        let bound = self.epsilon * point.scale;
        let table = self.table;
        let mut descent = table.products_with(|range, out| {
            let residuals = &point.residuals[range.clone()];
            for ((out, residual), weight) in
                out.iter_mut().zip(residuals).zip(&table.weights[range])
            {
                *out = weight * residual.clamp(-bound, bound);
            }
        });
        for ((sum, penalty), b) in descent.iter_mut().zip(&self.penalties).zip(&point.coefficients)
        {
            *sum -= point.scale * penalty * b;
        }
        descent
    }

    /// The step to the minimum of a quadratic function that is like the objective here.
    fn step(
        &self,
        point: &Point,
        descent: &[f64],
        beyond: Beyond,
        control: &Control<'_>,
    ) -> Result<Option<Vec<f64>>, Error> {
        let (table, width) = (self.table, self.table.width);
        if width == 0 {
            return Ok(Some(Vec::new()));
        }
        let bound = self.epsilon * point.scale;
        let root = |(residual, weight): (&f64, &f64)| {
            let size = residual.abs();
            match beyond {
                Beyond::Absent => (if size <= bound { *weight } else { 0.0 }).sqrt(),
                Beyond::Reweighted => (weight * (bound / size).min(1.0)).sqrt(),
            }
        };
        let roots: Vec<f64> = point.residuals.iter().zip(&table.weights).map(root).collect();
        let order = width + 1;
        let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
            let values = if j == width { &point.residuals } else { table.column(j) };
            let factors = values[range.clone()].iter().zip(&roots[range]);
            out.iter_mut().zip(factors).for_each(|(out, (value, root))| *out = value * root);
        };
        let sums = products(table.rows, 0..order, &fill, control)?;
        let last = &sums[width * order..];
        let mut matrix: Vec<f64> =
            sums.chunks(order).take(width).flat_map(|row| &row[..width]).copied().collect();
        // A larger scale makes up for a part of the change, where it is free to change.
        if beyond == Beyond::Absent && last[width] > 0.0 && point.scale > 2.0 * SMALLEST {
            for (row, product) in matrix.chunks_mut(width).zip(last) {
                crate::dense::add_scaled(row, -product / last[width], &last[..width]);
            }
        }
        for (j, penalty) in self.penalties.iter().enumerate() {
            matrix[j * width + j] += point.scale * penalty;
        }
        for j in 0..width {
            // Columns that depend on each other share what they have to say.
            let diagonal =
                sums[j * order + j] + point.scale * self.penalties.get(j).unwrap_or(&0.0);
            matrix[j * width + j] += 1e-10 * diagonal + f64::MIN_POSITIVE;
        }
        let Some(cholesky) = Cholesky::new(matrix, width, 1e-14) else { return Ok(None) };
        let mut step = descent.to_vec();
        cholesky.solve(&mut step);
        Ok(step.iter().all(|value| value.is_finite()).then_some(step))
    }

    /// The point along a step that is low enough; none where there is none.
    fn advance(&self, point: &Point, step: &[f64], gain: f64, beyond: Beyond) -> Option<Point> {
        let changes = self.table.products(step);
        let halvings = match beyond {
            Beyond::Absent => HALVINGS,
            Beyond::Reweighted => 60,
        };
        let rounding = 4.0 * f64::EPSILON * point.objective;
        (0..=halvings).map(|halving| 0.5_f64.powi(halving as i32)).find_map(|length| {
            let coefficients =
                point.coefficients.iter().zip(step).map(|(b, step)| b + length * step).collect();
            let residuals = point
                .residuals
                .iter()
                .zip(&changes)
                .map(|(residual, change)| residual - length * change)
                .collect();
            let next = self.point(coefficients, residuals, Some(point.scale));
            (next.objective <= point.objective - 0.1 * length * gain + rounding).then_some(next)
        })
    }
}
