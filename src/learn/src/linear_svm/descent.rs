//! Dual coordinate descent for linear machines (Hsieh and others, 2008; Ho and Lin, 2012), as in
//! liblinear.

use crate::dense::{add_scaled, dot};
use crate::{Control, Convergence, Error, Generator};

/// Variables that are moved between two polls.
const POLL_EVERY: usize = 4096;

/// Rows in row-major order, the column of the intercept among them.
pub(super) struct RowMajor {
    pub(super) values: Vec<f64>,
    pub(super) width: usize,
    /// Sums of squares, one a row.
    pub(super) squares: Vec<f64>,
}

impl RowMajor {
    fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.width..(index + 1) * self.width]
    }
}

/// Minimise `½ |Σ βᵢxᵢ|² + ½ Σ ridgeᵢ βᵢ² - zᵀβ + epsilon · Σ|βᵢ|` where `lowᵢ <= βᵢ <= highᵢ`.
pub(super) struct Problem {
    pub(super) z: Vec<f64>,
    pub(super) epsilon: f64,
    pub(super) ridge: Vec<f64>,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
}

/// `Σ βᵢxᵢ`, and how the search for it ended.
pub(super) struct Solution {
    pub(super) coefficients: Vec<f64>,
    pub(super) convergence: Convergence,
    /// The dual objective.
    pub(super) objective: f64,
}

/// What the look at one variable says.
enum Look {
    /// It breaks the conditions of the optimum by this.
    Violates(f64),
    /// It is at a bound, or at 0, and far from leaving it.
    Settled,
}

impl Problem {
    /// Visits the variables in a new random order each round, at most `max_iter` rounds, until none
    /// breaks the conditions of the optimum by more than `tol` times the most at the start.
    ///
    /// # Errors
    /// When stopped.
    pub(super) fn solve(
        &self,
        rows: &RowMajor,
        tol: f64,
        max_iter: usize,
        generator: &mut Generator,
        control: &Control<'_>,
    ) -> Result<Solution, Error> {
        let n = self.z.len();
        let mut beta = vec![0.0; n];
        let mut coefficients = vec![0.0; rows.width];
        let mut order: Vec<u32> = (0..n as u32).collect();
        let mut active = n;
        let mut most_before = f64::INFINITY;
        let mut most_at_start = None;
        let mut since_poll = 0;
        let (mut iterations, mut converged, mut violation) = (0, false, f64::INFINITY);
        while iterations < max_iter && !converged {
            iterations += 1;
            control.poll()?;
            generator.shuffle(&mut order[..active]);
            let mut most = 0.0_f64;
            let mut at = 0;
            while at < active {
                since_poll += 1;
                if since_poll >= POLL_EVERY.min(1 + (1 << 22) / rows.width.max(1)) {
                    since_poll = 0;
                    control.poll()?;
                }
                let i = order[at] as usize;
                let row = rows.row(i);
                let slope = dot(row, &coefficients) + self.ridge[i] * beta[i] - self.z[i];
                match self.look(i, beta[i], slope, most_before) {
                    Look::Settled => {
                        active -= 1;
                        order.swap(at, active);
                        continue;
                    }
                    Look::Violates(by) => most = most.max(by),
                }
                let moved = self.moved(i, beta[i], slope, rows.squares[i] + self.ridge[i]);
                if moved != beta[i] {
                    add_scaled(&mut coefficients, moved - beta[i], row);
                    beta[i] = moved;
                }
                at += 1;
            }
            violation = most;
            let start = *most_at_start.get_or_insert(most);
            if most <= tol * start {
                if active == n {
                    converged = true;
                } else {
                    // What was left out has to be looked at once more.
                    active = n;
                    most_before = f64::INFINITY;
                    continue;
                }
            }
            most_before = if most > 0.0 { most } else { f64::INFINITY };
        }
        let convergence =
            Convergence { converged, iterations, tolerance: tol, gradient: violation };
        let objective = self.objective(&beta, &coefficients);
        Ok(Solution { coefficients, convergence, objective })
    }

    fn look(&self, i: usize, beta: f64, slope: f64, most_before: f64) -> Look {
        let (up, down) = (slope + self.epsilon, slope - self.epsilon);
        let (can_rise, can_fall) = (beta < self.high[i], beta > self.low[i]);
        let risen = if beta < 0.0 { down } else { up };
        let fallen = if beta > 0.0 { up } else { down };
        if can_rise && risen < 0.0 {
            return Look::Violates(-risen);
        }
        if can_fall && fallen > 0.0 {
            return Look::Violates(fallen);
        }
        let stuck = (!can_rise || risen > most_before) && (!can_fall || fallen < -most_before);
        if stuck { Look::Settled } else { Look::Violates(0.0) }
    }

    /// The best value of one variable, all others fixed.
    fn moved(&self, i: usize, beta: f64, slope: f64, curvature: f64) -> f64 {
        let curvature = curvature.max(f64::MIN_POSITIVE);
        let (up, down) = (slope + self.epsilon, slope - self.epsilon);
        let wanted = if up < curvature * beta {
            beta - up / curvature
        } else if down > curvature * beta {
            beta - down / curvature
        } else {
            0.0
        };
        wanted.clamp(self.low[i], self.high[i])
    }

    fn objective(&self, beta: &[f64], coefficients: &[f64]) -> f64 {
        let of_rows = beta.iter().enumerate().map(|(i, &beta)| {
            beta * (0.5 * self.ridge[i] * beta - self.z[i]) + self.epsilon * beta.abs()
        });
        0.5 * dot(coefficients, coefficients) + of_rows.sum::<f64>()
    }
}
