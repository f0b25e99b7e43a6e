//! Sequential minimal optimisation of the dual problem that all support vector machines share.

use super::cache::Cache;
use super::kernel::Resolved;
use super::points::Points;
use super::scan;
use super::sums::{self, Source};
use crate::dense::dot;
use crate::{Control, Convergence, Error};

mod rows;

/// What stands for a curvature that is not positive, as in libsvm.
pub(super) const LEAST_CURVATURE: f64 = 1e-12;

/// Iterations between two looks at which variables can be left out.
const SHRINK_EVERY: usize = 1000;

/// What the passes of a step cost a variable, in kernel values.
const PASSES: f64 = 0.125;

/// Minimise `½ βᵀKβ - zᵀβ + epsilon · Σ|βᵢ|` where `lowᵢ <= βᵢ <= highᵢ`, moving two variables
/// at a time so that their sum stays that of the start.
pub(super) struct Problem {
    pub(super) kernel: Resolved,
    pub(super) points: Points,
    pub(super) z: Vec<f64>,
    pub(super) epsilon: f64,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    pub(super) start: Vec<f64>,
}

/// How to go about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) tol: f64,
    pub(super) shrinking: bool,
    pub(super) cache_bytes: u64,
    pub(super) max_iter: Option<usize>,
}

/// The end of a training.
pub(super) struct Solution {
    pub(super) beta: Vec<f64>,
    /// The `b` for which `Kβ + b` meets the conditions of the optimum.
    pub(super) intercept: f64,
    pub(super) objective: f64,
    pub(super) iterations: usize,
    pub(super) converged: bool,
    /// By how much the two variables that break the conditions most do so.
    pub(super) violation: f64,
}

impl Solution {
    pub(super) fn convergence(&self, tolerance: f64) -> Convergence {
        Convergence {
            converged: self.converged,
            iterations: self.iterations,
            tolerance,
            gradient: self.violation,
        }
    }
}

/// The variables, in an order where the active ones come first.
struct State {
    points: Points,
    /// Positions to indices of the problem.
    order: Vec<u32>,
    beta: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    z: Vec<f64>,
    /// `zᵢ - (Kβ)ᵢ`, up to date for active variables.
    error: Vec<f64>,
    /// What is added to the error where `β` is increased (minus infinity where it cannot be), and
    /// where it is decreased.
    up: Vec<f64>,
    down: Vec<f64>,
    diagonal: Vec<f64>,
    active: usize,
    /// Kernel values worked out since variables were last left out, and what is worth as many.
    work: f64,
}

impl Problem {
    /// Solves the problem.
    ///
    /// # Errors
    /// When stopped, and [`Error::Degenerate`] where the numbers leave the range of `f64`.
    pub(super) fn solve(
        self,
        settings: &Settings,
        control: &Control<'_>,
    ) -> Result<Solution, Error> {
        let n = self.z.len();
        let limit = settings.max_iter.unwrap_or_else(|| n.saturating_mul(100).max(10_000_000));
        let mut cache = Cache::new(n, settings.cache_bytes);
        let (kernel, epsilon) = (self.kernel, self.epsilon);
        let mut state = State::new(self, control)?;
        let mut extremes = scan::extremes(&state.error, &state.up, &state.down);
        let mut until_shrinking = n.min(SHRINK_EVERY);
        let mut reviewed = false;
        let mut iterations = 0;
        let converged = loop {
            control.poll()?;
            let mut gap = extremes.gap();
            if settings.shrinking && until_shrinking == 0 && gap > settings.tol {
                until_shrinking = n.min(SHRINK_EVERY);
                if !reviewed && gap <= 10.0 * settings.tol {
                    reviewed = true;
                    state.activate_all(kernel, control)?;
                    extremes = scan::extremes(&state.error, &state.up, &state.down);
                    gap = extremes.gap();
                }
                if state.shrink(extremes, &mut cache) {
                    extremes = state.extremes();
                }
            }
            if gap <= settings.tol {
                if state.active == n {
                    break true;
                }
                state.activate_all(kernel, control)?;
                extremes = state.extremes();
                if extremes.gap() <= settings.tol {
                    break true;
                }
                until_shrinking = 1;
            }
            if iterations == limit {
                state.activate_all(kernel, control)?;
                extremes = state.extremes();
                break extremes.gap() <= settings.tol;
            }
            if !extremes.gap().is_finite() {
                return Err(Error::Degenerate(
                    "the kernel of these columns leaves the range of numbers".into(),
                ));
            }
            iterations += 1;
            until_shrinking = until_shrinking.saturating_sub(1);
            extremes = state.step(kernel, epsilon, extremes, &mut cache);
        };
        Ok(state.solution(epsilon, extremes, iterations, converged))
    }
}

impl State {
    fn new(problem: Problem, control: &Control<'_>) -> Result<Self, Error> {
        let Problem { kernel, points, z, epsilon, low, high, start } = problem;
        let n = z.len();
        let mut point = Vec::new();
        let diagonal = (0..n)
            .map(|i| {
                points.point(i, &mut point);
                kernel.of_itself(&point)
            })
            .collect();
        let mut state = Self {
            points,
            order: (0..n as u32).collect(),
            error: z.clone(),
            beta: start,
            low,
            high,
            z,
            up: vec![0.0; n],
            down: vec![0.0; n],
            diagonal,
            active: n,
            work: 0.0,
        };
        for i in 0..n {
            state.set_bounds(i, epsilon);
        }
        if state.beta.iter().any(|beta| *beta != 0.0) {
            state.active = 0;
            state.activate_all(kernel, control)?;
        }
        Ok(state)
    }

    fn set_bounds(&mut self, i: usize, epsilon: f64) {
        let beta = self.beta[i];
        self.up[i] = if beta >= self.high[i] {
            f64::NEG_INFINITY
        } else if beta < 0.0 {
            epsilon
        } else {
            -epsilon
        };
        self.down[i] = if beta <= self.low[i] {
            f64::INFINITY
        } else if beta > 0.0 {
            -epsilon
        } else {
            epsilon
        };
    }

    fn extremes(&self) -> scan::Extremes {
        let active = ..self.active;
        scan::extremes(&self.error[active], &self.up[active], &self.down[active])
    }

    /// Moves the pair that promises most (Fan, Chen and Lin 2005, working set selection 2).
    fn step(
        &mut self,
        kernel: Resolved,
        epsilon: f64,
        extremes: scan::Extremes,
        cache: &mut Cache,
    ) -> scan::Extremes {
        let active = self.active;
        self.work += PASSES * active as f64;
        let i = extremes.highest_at;
        let row_i = self.row(kernel, i, |state, i| state.error[i] + state.up[i], cache);
        let j = scan::partner(
            extremes.highest,
            self.diagonal[i],
            &self.error[..active],
            &self.down[..active],
            &self.diagonal[..active],
            &row_i[..active],
        );
        let down = |state: &Self, j: usize| {
            if j == i { f64::NEG_INFINITY } else { -(state.error[j] + state.down[j]) }
        };
        let row_j = self.row(kernel, j, down, cache);
        let curvature = (self.diagonal[i] + self.diagonal[j] - 2.0 * row_i[j]).max(LEAST_CURVATURE);
        let wanted = (extremes.highest - (self.error[j] + self.down[j])) / curvature;
        // At 0 the absolute value has a kink: the derivative behind it is another one.
        let kink = epsilon > 0.0;
        let top = if kink && self.beta[i] < 0.0 { 0.0 } else { self.high[i] };
        let bottom = if kink && self.beta[j] > 0.0 { 0.0 } else { self.low[j] };
        let (room_i, room_j) = (top - self.beta[i], self.beta[j] - bottom);
        let moved = wanted.min(room_i).min(room_j);
        // Exactly onto the bound, so that rounding leaves no variable beside it.
        self.beta[i] = if moved == room_i { top } else { self.beta[i] + moved };
        self.beta[j] = if moved == room_j { bottom } else { self.beta[j] - moved };
        self.set_bounds(i, epsilon);
        self.set_bounds(j, epsilon);
        let next = scan::subtract(
            moved,
            &row_i[..active],
            &row_j[..active],
            &mut self.error[..active],
            &self.up[..active],
            &self.down[..active],
        );
        cache.put(i, row_i, active);
        cache.put(j, row_j, active);
        next
    }

    /// Leaves out variables at a bound that nothing pulls away from it, and says whether it did.
    ///
    /// To bring them back costs a kernel value for each of them and each support vector: they
    /// leave once twice as much was spent on the variables that are active.
    fn shrink(&mut self, extremes: scan::Extremes, cache: &mut Cache) -> bool {
        let supports = self.beta.iter().filter(|beta| **beta != 0.0).count();
        if self.work < 2.0 * supports as f64 * self.active as f64 {
            return false;
        }
        let stays = |i: &u32| {
            let i = *i as usize;
            let (up, down) = (self.error[i] + self.up[i], self.error[i] + self.down[i]);
            up >= extremes.lowest || down <= extremes.highest
        };
        let (mut order, left): (Vec<u32>, Vec<u32>) = (0..self.active as u32).partition(stays);
        // A new order costs about as much as a few dozen steps.
        if left.len() * 8 < self.active || order.len() < 2 {
            return false;
        }
        self.work = 0.0;
        let kept = order.len();
        order.extend(left);
        order.extend(self.active as u32..self.order.len() as u32);
        cache.reorder(&order, kept);
        self.points = self.points.pick(&order);
        self.order = order.iter().map(|&old| self.order[old as usize]).collect();
        for values in [
            &mut self.beta,
            &mut self.low,
            &mut self.high,
            &mut self.z,
            &mut self.error,
            &mut self.up,
            &mut self.down,
            &mut self.diagonal,
        ] {
            *values = order.iter().map(|&old| values[old as usize]).collect();
        }
        self.active = kept;
        true
    }

    /// Brings the errors of all variables up to date, and makes all active.
    fn activate_all(&mut self, kernel: Resolved, control: &Control<'_>) -> Result<(), Error> {
        let n = self.order.len();
        if self.active < n {
            let weighted: Vec<u32> =
                (0..n as u32).filter(|i| self.beta[*i as usize] != 0.0).collect();
            let supports = self.points.pick(&weighted);
            let factors: Vec<f64> = weighted.iter().map(|i| self.beta[*i as usize]).collect();
            let source = Source::Points(&self.points, self.active);
            let sums = sums::of_rows(kernel, &supports, source, 1, control, |values, sums| {
                sums[0] = dot(values, &factors);
            })?;
            for (offset, sum) in sums.into_iter().enumerate() {
                let i = self.active + offset;
                self.error[i] = self.z[i] - sum;
            }
            self.active = n;
        }
        Ok(())
    }

    fn solution(
        &self,
        epsilon: f64,
        extremes: scan::Extremes,
        iterations: usize,
        converged: bool,
    ) -> Solution {
        let n = self.order.len();
        let mut beta = vec![0.0; n];
        let (mut free, mut sum, mut objective) = (0_usize, 0.0, 0.0);
        for i in 0..n {
            let value = self.beta[i];
            beta[self.order[i] as usize] = value;
            objective += epsilon * value.abs() - 0.5 * value * (self.error[i] + self.z[i]);
            let kink = epsilon > 0.0 && value == 0.0;
            if value > self.low[i] && value < self.high[i] && !kink {
                free += 1;
                sum += self.error[i] + self.up[i];
            }
        }
        let intercept = if free > 0 {
            sum / free as f64
        } else {
            match (extremes.highest.is_finite(), extremes.lowest.is_finite()) {
                (true, true) => 0.5 * (extremes.highest + extremes.lowest),
                (true, false) => extremes.highest,
                (false, true) => extremes.lowest,
                (false, false) => 0.0,
            }
        };
        Solution {
            beta,
            intercept,
            objective,
            iterations,
            converged,
            violation: extremes.gap().max(0.0),
        }
    }
}
