//! Squared distance to the mean.

use super::criterion::{Criterion, Cut, Stretch};
use crate::dense::{max_abs, power_of_two};

pub(crate) struct SquaredError {
    /// In units of `unit`, so that no square overflows.
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    unit: f64,
}

/// The rows of a node about their mean.
pub(crate) struct Moments {
    weight: f64,
    mean: f64,
    /// Sum of weight times distance to the rounded mean: almost 0.
    rest: f64,
    constant: bool,
}

impl SquaredError {
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

    fn scan_by(
        &self,
        node: &Moments,
        stretch: Stretch<'_>,
        weight_of: impl Fn(u32) -> f64,
    ) -> Option<Cut> {
        let state = std::cell::Cell::new((0.0, 0.0));
        let mut best = None;
        let visit = |row: u32| {
            let (weight, sum) = state.get();
            let own = weight_of(row);
            state.set((weight + own, sum + own * (self.y[row as usize] - node.mean)));
        };
        stretch.cuts(visit, |count| {
            let (left, sum) = state.get();
            let (right, other) = (node.weight - left, node.rest - sum);
            if left > 0.0 && right > 0.0 {
                Cut::keep(&mut best, sum * sum / left + other * other / right, count);
            }
        });
        best
    }
}

impl Criterion for SquaredError {
    type Summary = Moments;
    type Scratch = ();

    fn width(&self) -> usize {
        1
    }

    fn summarize(&self, rows: &[u32]) -> Moments {
        // About the first value, so that the mean of equal values is that value.
        let first = rows.first().map_or(0.0, |&row| self.y[row as usize]);
        let last = rows.last().map_or(0.0, |&row| self.y[row as usize]);
        let (mut weight, mut sum) = (0.0, 0.0);
        for &row in rows {
            let own = self.weight_of(row);
            weight += own;
            sum += own * (self.y[row as usize] - first);
        }
        let mean = first + sum / weight;
        let rest =
            rows.iter().map(|&row| self.weight_of(row) * (self.y[row as usize] - mean)).sum();
        // Rows come sorted by target.
        Moments { weight, mean, rest, constant: first == last }
    }

    fn weight(&self, node: &Moments) -> f64 {
        node.weight
    }

    fn is_pure(&self, node: &Moments) -> bool {
        node.constant
    }

    fn predict(&self, node: &Moments, values: &mut Vec<f64>) {
        values.push(node.mean * self.unit);
    }

    fn scan(&self, node: &Moments, stretch: Stretch<'_>, (): &mut ()) -> Option<Cut> {
        match &self.weights {
            None => self.scan_by(node, stretch, |_| 1.0),
            Some(weights) => self.scan_by(node, stretch, |row| weights[row as usize]),
        }
    }

    fn gain(&self, node: &Moments, rows: &[u32], sides: &[u8]) -> f64 {
        let (mut weight, mut sum) = (0.0, 0.0);
        for (&row, &side) in rows.iter().zip(sides) {
            let own = f64::from(side) * self.weight_of(row);
            weight += own;
            sum += own * (self.y[row as usize] - node.mean);
        }
        let (right, other) = (node.weight - weight, node.rest - sum);
        if weight > 0.0 && right > 0.0 {
            sum * sum / weight + other * other / right
        } else {
            f64::NAN
        }
    }

    fn sums(&self) -> Option<usize> {
        Some(2)
    }

    fn add_up(
        &self,
        node: &Moments,
        rows: &[u32],
        bins: &[u8],
        counts: &mut [u32],
        sums: &mut [f64],
    ) {
        let (sums, _) = sums.as_chunks_mut::<2>();
        for (&row, &bin) in rows.iter().zip(bins) {
            let own = self.weight_of(row);
            let [weight, sum] = &mut sums[usize::from(bin)];
            *weight += own;
            *sum += own * (self.y[row as usize] - node.mean);
            counts[usize::from(bin)] += 1;
        }
    }

    fn gain_of(&self, node: &Moments, left: &[f64]) -> f64 {
        let (weight, sum) = (left[0], left[1]);
        let (right, other) = (node.weight - weight, node.rest - sum);
        if weight > 0.0 && right > 0.0 {
            sum * sum / weight + other * other / right
        } else {
            f64::NAN
        }
    }

    fn decrease(&self, node: &Moments, gain: f64) -> f64 {
        gain - node.rest * node.rest / node.weight
    }

    fn impurity_unit(&self) -> [f64; 2] {
        [self.unit; 2]
    }
}

/// The weights of the rows in canonical order, scaled without rounding to at most 2.
pub(super) fn ordered_weights(weights: Option<&[f64]>, order: &[u32]) -> Option<Vec<f64>> {
    weights.map(|weights| {
        let unit = power_of_two(max_abs(weights));
        order.iter().map(|&row| weights[row as usize] / unit).collect()
    })
}
