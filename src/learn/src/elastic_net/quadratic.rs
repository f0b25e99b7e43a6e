//! The minimum of a quadratic function with a penalty on absolute values, from the products of
//! the columns.

use super::Sign;
use super::flat::{Direction, settle};
use crate::cholesky::Cholesky;
use crate::dense::{add_scaled, dot, max_abs};
use crate::{Control, Error};

/// Largest violation of the conditions of an optimum that counts as rounding: the products of
/// columns of length 1 are known to about this.
pub(super) const ROUNDING: f64 = 1e-13;

/// The penalty of each active column in scaled units.
pub(crate) struct Penalty {
    pub(crate) absolute: Vec<f64>,
    pub(crate) square: Vec<f64>,
    pub(crate) sign: Sign,
}

impl Penalty {
    /// How far the derivative along a coefficient is from one that an optimum allows.
    pub(crate) fn violation(&self, j: usize, coefficient: f64, correlation: f64) -> f64 {
        let (absolute, rest) = (self.absolute[j], correlation - self.square[j] * coefficient);
        if coefficient != 0.0 {
            (rest - absolute.copysign(coefficient)).abs()
        } else {
            match self.sign {
                Sign::Any => (rest.abs() - absolute).max(0.0),
                Sign::Positive => (rest - absolute).max(0.0),
            }
        }
    }

    /// The best coefficient where `correlation` is that of the column with what the others leave,
    /// and `length` is the squared length of the column.
    pub(crate) fn best(&self, j: usize, correlation: f64, length: f64) -> f64 {
        let shrunk = (correlation.abs() - self.absolute[j]).max(0.0);
        let may = correlation > 0.0 || self.sign == Sign::Any;
        if shrunk > 0.0 && may {
            shrunk.copysign(correlation) / (length + self.square[j])
        } else {
            0.0
        }
    }
}

/// `uᵀ G u / 2 - q·u` for some columns, by their indices in the penalty.
pub(crate) struct Quadratic<'a> {
    pub(crate) columns: &'a [usize],
    /// One symmetric row of `G` a column.
    pub(crate) gram: &'a [Vec<f64>],
    pub(crate) linear: &'a [f64],
    pub(crate) penalty: &'a Penalty,
    /// Directions in which `u` may go without a change but of the penalty; they have no coefficient in common.
    pub(crate) flat: &'a [Direction],
}

/// Coefficients for which an exact step costs as much as a pass or two.
const QUICK: usize = 64;

impl Quadratic<'_> {
    /// Improves `point` for at most `passes` passes, until nothing moves by more than `smallest`
    /// of the largest coefficient; the passes made.
    pub(crate) fn descend(
        &self,
        point: &mut [f64],
        passes: usize,
        smallest: f64,
        control: &Control<'_>,
    ) -> Result<usize, Error> {
        let mut slopes = self.slopes(point);
        let mut before = self.signs(point);
        // Without the flat directions passes lead far, and the steps for many coefficients are long.
        let pause = if self.flat.is_empty() { 0 } else { point.len() / QUICK };
        let mut next = pause;
        for pass in 1..=passes {
            control.poll()?;
            let mut moved = self.pass(point, &mut slopes);
            for direction in self.flat {
                moved = moved.max(settle(point, direction, self.columns, self.penalty));
            }
            if moved <= smallest * max_abs(point) {
                return Ok(pass);
            }
            let after = self.signs(point);
            // Signs that flicker would keep the descent from the end for long.
            let due = pass >= next && (after == before || pass % 16 == 0);
            if due {
                next = pass + pause;
            }
            if due && self.exact_steps(point, after.clone()) {
                slopes = self.slopes(point);
                if self.violation(point, &slopes) <= ROUNDING {
                    return Ok(pass);
                }
            }
            before = after;
        }
        Ok(passes)
    }

    /// One step along each coefficient in turn; the largest change.
    fn pass(&self, point: &mut [f64], slopes: &mut [f64]) -> f64 {
        let mut moved = 0.0_f64;
        for k in 0..point.len() {
            let length = self.gram[k][k];
            let next = self.penalty.best(self.columns[k], slopes[k] + length * point[k], length);
            let change = next - point[k];
            if change != 0.0 {
                point[k] = next;
                add_scaled(slopes, -change, &self.gram[k]);
                moved = moved.max(change.abs());
            }
        }
        moved
    }

    /// `q - G u`.
    fn slopes(&self, point: &[f64]) -> Vec<f64> {
        self.linear.iter().zip(self.gram).map(|(value, row)| value - dot(row, point)).collect()
    }

    fn violation(&self, point: &[f64], slopes: &[f64]) -> f64 {
        let of = |k: usize| self.penalty.violation(self.columns[k], point[k], slopes[k]);
        (0..point.len()).map(of).fold(0.0, f64::max)
    }

    fn signs(&self, point: &[f64]) -> Vec<i8> {
        point.iter().map(|value| i8::from(*value > 0.0) - i8::from(*value < 0.0)).collect()
    }

    /// Exact steps until none is cut short, a few at most; false where there was none.
    fn exact_steps(&self, point: &mut [f64], mut signs: Vec<i8>) -> bool {
        let most = if self.flat.is_empty() { 8 } else { 2 };
        for step in 0..most {
            if !self.exact_step(point, &signs) {
                return step > 0;
            }
            let after = self.signs(point);
            if after == signs {
                break;
            }
            signs = after;
        }
        true
    }

    /// Goes to the minimum for these signs, or until the first coefficient reaches 0 on the way;
    /// false where the columns depend on each other too much.
    fn exact_step(&self, point: &mut [f64], signs: &[i8]) -> bool {
        let support: Vec<usize> = (0..point.len()).filter(|k| signs[*k] != 0).collect();
        let order = support.len();
        let mut matrix = Vec::with_capacity(order * order);
        for &k in &support {
            let start = matrix.len();
            matrix.extend(support.iter().map(|l| self.gram[k][*l]));
            matrix[start + start / order.max(1)] += self.penalty.square[self.columns[k]];
        }
        let Some(cholesky) = Cholesky::new(matrix, order, 1e-11) else { return false };
        let mut target: Vec<f64> = support
            .iter()
            .map(|&k| self.linear[k] - f64::from(signs[k]) * self.penalty.absolute[self.columns[k]])
            .collect();
        cholesky.solve(&mut target);
        let mut share = 1.0_f64;
        for (&k, &to) in support.iter().zip(&target) {
            if to * f64::from(signs[k]) < 0.0 {
                share = share.min(point[k] / (point[k] - to));
            }
        }
        if !share.is_finite() || target.iter().any(|value| !value.is_finite()) {
            return false;
        }
        for (&k, &to) in support.iter().zip(&target) {
            let next = if share == 1.0 { to } else { point[k] + share * (to - point[k]) };
            let crossed = next * f64::from(signs[k]) <= 0.0;
            point[k] = if crossed { 0.0 } else { next };
        }
        debug_assert!(self.penalty.sign == Sign::Any || point.iter().all(|value| *value >= 0.0));
        true
    }
}
