//! Absolute distance to the median.

use super::criterion::{Criterion, Cut, Stretch};
use super::squared_error::ordered_weights;
use crate::dense::{max_abs, power_of_two};

pub(crate) struct AbsoluteError {
    /// In units of `unit`, so that no sum overflows.
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    unit: f64,
}

/// The rows of a node about their median.
pub(crate) struct Distances {
    weight: f64,
    median: f64,
    /// Sum of weight times distance to the median.
    sum: f64,
    constant: bool,
}

/// Buffers of one scan.
#[derive(Default)]
pub(crate) struct Scratch {
    sums: PrefixSums,
    /// Place of every row of the column's order among the node's rows by target.
    places: Vec<u32>,
    /// Sum of distances left of every cut.
    lefts: Vec<f64>,
}

impl AbsoluteError {
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

    /// The middle of sorted rows by weight; the mean of two where the weights are split evenly.
    fn median(&self, rows: &[u32], weight: f64) -> f64 {
        let half = 0.5 * weight;
        let mut below = 0.0;
        for (place, &row) in rows.iter().enumerate() {
            below += self.weight_of(row);
            let value = self.y[row as usize];
            if below > half {
                return value;
            }
            if below == half {
                let next = rows.get(place + 1).map_or(value, |&next| self.y[next as usize]);
                return if next == value { value } else { 0.5 * value + 0.5 * next };
            }
        }
        rows.last().map_or(0.0, |&row| self.y[row as usize])
    }
}

impl Criterion for AbsoluteError {
    type Summary = Distances;
    type Scratch = Scratch;

    fn width(&self) -> usize {
        1
    }

    fn summarize(&self, rows: &[u32]) -> Distances {
        let y = |row: Option<&u32>| row.map_or(0.0, |&row| self.y[row as usize]);
        let weight = rows.iter().map(|&row| self.weight_of(row)).sum();
        let median = self.median(rows, weight);
        let distance = |&row: &u32| self.weight_of(row) * (self.y[row as usize] - median).abs();
        Distances {
            weight,
            median,
            sum: rows.iter().map(distance).sum(),
            constant: y(rows.first()) == y(rows.last()),
        }
    }

    fn weight(&self, node: &Distances) -> f64 {
        node.weight
    }

    fn is_pure(&self, node: &Distances) -> bool {
        node.constant
    }

    fn predict(&self, node: &Distances, values: &mut Vec<f64>) {
        values.push(node.median * self.unit);
    }

    /// Walks the column up and down; on both ways a structure of prefix sums over the sorted
    /// targets gives the median and the distances to it, so that a scan takes `n log n`.
    fn scan(&self, node: &Distances, stretch: Stretch<'_>, scratch: &mut Scratch) -> Option<Cut> {
        let Stretch { order, rows, min_samples_leaf, .. } = stretch;
        let Scratch { sums, places, lefts } = scratch;
        let count = order.len();
        places.clear();
        places.extend(
            (0..count).map(|place| rows.binary_search(&stretch.row(place)).unwrap_or(0) as u32),
        );
        let central = |place: u32| self.y[rows[place as usize] as usize] - node.median;
        let is_cut = |left: usize| {
            left >= min_samples_leaf && count - left >= min_samples_leaf && stretch.changes(left)
        };
        lefts.clear();
        lefts.resize(count, 0.0);
        sums.clear(count);
        for left in 1..count {
            let place = places[left - 1];
            sums.add(place, self.weight_of(stretch.row(left - 1)), central(place));
            if is_cut(left) {
                lefts[left] = sums.distances(central);
            }
        }
        sums.clear(count);
        let mut best: Option<Cut> = None;
        for left in (1..count).rev() {
            let place = places[left];
            sums.add(place, self.weight_of(stretch.row(left)), central(place));
            if is_cut(left) {
                let gain = -(lefts[left] + sums.distances(central));
                // Downwards the later of equal cuts is the lower one.
                if best.is_none_or(|best| gain >= best.gain) {
                    best = Some(Cut { gain, left });
                }
            }
        }
        best
    }

    fn gain(&self, _: &Distances, rows: &[u32], sides: &[u8]) -> f64 {
        let of = |wanted: u8| -> f64 {
            let rows: Vec<u32> = rows
                .iter()
                .zip(sides)
                .filter(|(_, side)| **side == wanted)
                .map(|(row, _)| *row)
                .collect();
            self.summarize(&rows).sum
        };
        -(of(1) + of(0))
    }

    /// Distances to a median do not follow from sums: rows are sorted by bin, and scanned.
    fn sums(&self) -> Option<usize> {
        None
    }

    fn add_up(&self, _: &Distances, _: &[u32], _: &[u8], _: &mut [u32], _: &mut [f64]) {}

    fn gain_of(&self, _: &Distances, _: &[f64]) -> f64 {
        f64::NAN
    }

    fn decrease(&self, node: &Distances, gain: f64) -> f64 {
        node.sum + gain
    }

    fn impurity_unit(&self) -> [f64; 2] {
        [self.unit, 1.0]
    }
}

/// Sums of weights and weighted targets by place, in a binary indexed tree (Fenwick, 1994).
#[derive(Default)]
struct PrefixSums {
    weights: Vec<f64>,
    targets: Vec<f64>,
    weight: f64,
    target: f64,
}

impl PrefixSums {
    fn clear(&mut self, places: usize) {
        for sums in [&mut self.weights, &mut self.targets] {
            sums.clear();
            sums.resize(places + 1, 0.0);
        }
        (self.weight, self.target) = (0.0, 0.0);
    }

    fn add(&mut self, place: u32, weight: f64, target: f64) {
        self.weight += weight;
        self.target += weight * target;
        let mut index = place as usize + 1;
        while index < self.weights.len() {
            self.weights[index] += weight;
            self.targets[index] += weight * target;
            index += index & index.wrapping_neg();
        }
    }

    /// Sum of weighted distances to the weighted median of what was added.
    fn distances(&self, target_of: impl Fn(u32) -> f64) -> f64 {
        let places = self.weights.len() - 1;
        let half = 0.5 * self.weight;
        let (mut index, mut weight, mut target) = (0, 0.0, 0.0);
        let mut step = 1_usize << places.ilog2();
        while step > 0 {
            if index + step <= places && weight + self.weights[index + step] < half {
                index += step;
                weight += self.weights[index];
                target += self.targets[index];
            }
            step /= 2;
        }
        let median = target_of(index.min(places - 1) as u32);
        let below = median * weight - target;
        let above = (self.target - target) - median * (self.weight - weight);
        (below + above).max(0.0)
    }
}
