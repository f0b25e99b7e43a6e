//! Half the Poisson deviance from the mean: `sum y log(y / mean)`, for targets from 0.

use super::criterion::{Criterion, Cut, Stretch};
use super::squared_error::ordered_weights;
use crate::Error;
use crate::dense::{max_abs, power_of_two};

/// The least sum of targets of a leaf, beside that of its node: a mean of 0 would rule out any
/// other value.
const LEAST: f64 = 10.0 * f64::EPSILON;

pub(crate) struct Poisson {
    /// In units of `unit`.
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    unit: f64,
}

/// The rows of a node and their mean.
pub(crate) struct Counts {
    weight: f64,
    sum: f64,
    mean: f64,
    constant: bool,
}

/// Whether the targets are those of a Poisson model.
pub(crate) fn check_counts(y: &[f64], weights: Option<&[f64]>) -> Result<(), Error> {
    if let Some(row) = y.iter().position(|value| *value < 0.0) {
        let message = "is negative, and the Poisson deviance is of numbers from 0".to_owned();
        return Err(Error::Target { row, message });
    }
    let counts = |row: usize| y[row] > 0.0 && weights.is_none_or(|weights| weights[row] > 0.0);
    if !(0..y.len()).any(counts) {
        let message = "is 0 as that of all rows, and the Poisson deviance needs some above 0";
        return Err(Error::Target { row: 0, message: message.to_owned() });
    }
    Ok(())
}

impl Poisson {
    pub(crate) fn new(y: &[f64], weights: Option<&[f64]>, order: &[u32]) -> Self {
        let unit = power_of_two(max_abs(y));
        Self {
            y: order.iter().map(|&row| y[row as usize] / unit).collect(),
            weights: ordered_weights(weights, order),
            unit,
        }
    }

    fn weight_of(&self, row: u32) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row as usize])
    }

    /// The decrease that two sides bring, from the weight and the sum of the left one.
    fn decrease_of(node: &Counts, weight: f64, sum: f64) -> f64 {
        let (right, other) = (node.weight - weight, node.sum - sum);
        let least = LEAST * node.sum;
        if weight <= 0.0 || right <= 0.0 || sum <= least || other <= least {
            return f64::NAN;
        }
        sum * (sum / weight / node.mean).ln() + other * (other / right / node.mean).ln()
    }
}

impl Criterion for Poisson {
    type Summary = Counts;
    type Scratch = ();

    fn width(&self) -> usize {
        1
    }

    fn summarize(&self, rows: &[u32]) -> Counts {
        let first = rows.first().map_or(0.0, |&row| self.y[row as usize]);
        let last = rows.last().map_or(0.0, |&row| self.y[row as usize]);
        let (mut weight, mut sum, mut above) = (0.0, 0.0, 0.0);
        for &row in rows {
            let (own, y) = (self.weight_of(row), self.y[row as usize]);
            weight += own;
            sum += own * y;
            above += own * (y - first);
        }
        // About the first value, so that the mean of equal values is that value.
        Counts { weight, sum, mean: first + above / weight, constant: first == last }
    }

    fn weight(&self, node: &Counts) -> f64 {
        node.weight
    }

    fn is_pure(&self, node: &Counts) -> bool {
        node.constant
    }

    fn predict(&self, node: &Counts, values: &mut Vec<f64>) {
        values.push(node.mean * self.unit);
    }

    fn scan(&self, node: &Counts, stretch: Stretch<'_>, (): &mut ()) -> Option<Cut> {
        let state = std::cell::Cell::new((0.0, 0.0));
        let mut best = None;
        let visit = |row: u32| {
            let (weight, sum) = state.get();
            let own = self.weight_of(row);
            state.set((weight + own, sum + own * self.y[row as usize]));
        };
        stretch.cuts(visit, |count| {
            let (weight, sum) = state.get();
            Cut::keep(&mut best, Self::decrease_of(node, weight, sum), count);
        });
        best
    }

    fn gain(&self, node: &Counts, rows: &[u32], sides: &[u8]) -> f64 {
        let (mut weight, mut sum) = (0.0, 0.0);
        for (&row, &side) in rows.iter().zip(sides) {
            let own = f64::from(side) * self.weight_of(row);
            weight += own;
            sum += own * self.y[row as usize];
        }
        Self::decrease_of(node, weight, sum)
    }

    fn sums(&self) -> Option<usize> {
        Some(2)
    }

    fn add_up(&self, _: &Counts, rows: &[u32], bins: &[u8], counts: &mut [u32], sums: &mut [f64]) {
        let (sums, _) = sums.as_chunks_mut::<2>();
        for (&row, &bin) in rows.iter().zip(bins) {
            let own = self.weight_of(row);
            let [weight, sum] = &mut sums[usize::from(bin)];
            *weight += own;
            *sum += own * self.y[row as usize];
            counts[usize::from(bin)] += 1;
        }
    }

    fn gain_of(&self, node: &Counts, left: &[f64]) -> f64 {
        Self::decrease_of(node, left[0], left[1])
    }

    fn decrease(&self, _: &Counts, gain: f64) -> f64 {
        gain
    }

    fn impurity_unit(&self) -> [f64; 2] {
        [self.unit, 1.0]
    }
}
