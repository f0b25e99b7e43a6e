//! Gini impurity and entropy.

use super::ClassCriterion;
use super::criterion::{Criterion, Cut, Stretch};
use crate::dense::power_of_two;

/// Sums of whole weights up to this have exact squares.
const EXACT: f64 = 9e7;

/// Whole weights up to this have their `x log₂ x` in a table.
const TABLE: f64 = 4e6;

pub(crate) struct ClassImpurity {
    criterion: ClassCriterion,
    classes: usize,
    codes: Vec<u32>,
    weights: Option<Vec<f64>>,
    /// Whether sums and differences of squared class weights are exact, so that they may be
    /// updated row by row.
    exact: bool,
    /// `x log₂ x` of whole numbers, where all weights are whole.
    logs: Vec<f64>,
}

/// The weights of the classes in a node.
pub(crate) struct Classes {
    totals: Vec<f64>,
    weight: f64,
}

impl ClassImpurity {
    pub(crate) fn new(
        criterion: ClassCriterion,
        codes: &[u32],
        classes: usize,
        weights: Option<&[f64]>,
        order: &[u32],
    ) -> Self {
        let codes: Vec<u32> = order.iter().map(|&row| codes[row as usize]).collect();
        let weights: Option<Vec<f64>> =
            weights.map(|weights| order.iter().map(|&row| weights[row as usize]).collect());
        let total = weights.as_ref().map_or(codes.len() as f64, |weights| weights.iter().sum());
        let whole = weights
            .as_ref()
            .is_none_or(|weights| weights.iter().all(|weight| weight.fract() == 0.0));
        let exact = whole && total <= EXACT;
        let weights = weights.map(|mut weights| {
            if !exact {
                // Squares of tiny or huge weights would leave the range of f64.
                let unit = power_of_two(weights.iter().copied().fold(0.0, f64::max));
                for weight in &mut weights {
                    *weight /= unit;
                }
            }
            weights
        });
        let logs = match criterion {
            ClassCriterion::Entropy if whole && total <= TABLE => {
                (0..=total as usize).map(|count| times_log(count as f64)).collect()
            }
            ClassCriterion::Entropy | ClassCriterion::Gini => Vec::new(),
        };
        Self { criterion, classes, codes, weights, exact, logs }
    }

    fn weight_of(&self, row: u32) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row as usize])
    }

    fn times_log(&self, value: f64) -> f64 {
        if self.logs.is_empty() { times_log(value) } else { self.logs[value as usize] }
    }

    /// What a cut leaves on one side, to be maximised: the sum of squared class weights over the
    /// weight, or the sum of `t log t` over the classes less that of the weight.
    fn purity(&self, totals: impl Iterator<Item = f64> + Clone) -> f64 {
        let weight: f64 = totals.clone().sum();
        match self.criterion {
            _ if weight <= 0.0 => f64::NAN,
            ClassCriterion::Gini => totals.map(|total| total * total).sum::<f64>() / weight,
            ClassCriterion::Entropy => {
                totals.map(|total| self.times_log(total)).sum::<f64>() - self.times_log(weight)
            }
        }
    }

    fn scan_two(
        &self,
        node: &Classes,
        stretch: Stretch<'_>,
        weight_of: impl Fn(u32) -> f64,
    ) -> Option<Cut> {
        let total = [node.totals[0], node.totals[1]];
        // Rows come sorted by class, so that their places tell it without a look at their codes.
        let second_from = self.codes.partition_point(|code| *code == 0) as u32;
        // Weight of both classes and of the second one; a product with the code needs no branch.
        let left = std::cell::Cell::new((0.0, 0.0));
        let mut best = None;
        let visit = |row: u32| {
            let (both, second) = left.get();
            let weight = weight_of(row);
            left.set((both + weight, second + weight * f64::from(u8::from(row >= second_from))));
        };
        match self.criterion {
            ClassCriterion::Gini => stretch.cuts(visit, |count| {
                let (left, b) = left.get();
                let a = left - b;
                let [c, d] = [total[0] - a, total[1] - b];
                let right = c + d;
                let gain = (a * a + b * b) / left + (c * c + d * d) / right;
                if left > 0.0 && right > 0.0 {
                    Cut::keep(&mut best, gain, count);
                }
            }),
            ClassCriterion::Entropy => stretch.cuts(visit, |count| {
                let (both, b) = left.get();
                let a = both - b;
                let right = [(total[0] - a).max(0.0), (total[1] - b).max(0.0)];
                let gain =
                    self.purity([a.max(0.0), b].into_iter()) + self.purity(right.into_iter());
                Cut::keep(&mut best, gain, count);
            }),
        }
        best
    }

    /// Gini gains from squares that are updated row by row; exact for whole weights.
    fn scan_squares(&self, node: &Classes, stretch: Stretch<'_>, left: &mut [f64]) -> Option<Cut> {
        let squares: f64 = node.totals.iter().map(|total| total * total).sum();
        let state = std::cell::Cell::new((0.0, 0.0, squares));
        let mut best = None;
        let visit = |row: u32| {
            let (mut weight_left, mut squares_left, mut squares_right) = state.get();
            let (class, weight) = (self.codes[row as usize] as usize, self.weight_of(row));
            let own = left[class];
            squares_left += weight * (2.0 * own + weight);
            squares_right -= weight * (2.0 * (node.totals[class] - own) - weight);
            left[class] = own + weight;
            weight_left += weight;
            state.set((weight_left, squares_left, squares_right));
        };
        stretch.cuts(visit, |count| {
            let (weight_left, squares_left, squares_right) = state.get();
            let gain = squares_left / weight_left + squares_right / (node.weight - weight_left);
            Cut::keep(&mut best, gain, count);
        });
        best
    }

    fn scan_many(&self, node: &Classes, stretch: Stretch<'_>, left: &mut [f64]) -> Option<Cut> {
        let left = std::cell::Cell::from_mut(left).as_slice_of_cells();
        let mut best = None;
        let visit = |row: u32| {
            let own = &left[self.codes[row as usize] as usize];
            own.set(own.get() + self.weight_of(row));
        };
        stretch.cuts(visit, |count| {
            let lefts = left.iter().map(std::cell::Cell::get);
            let rights = node.totals.iter().zip(left).map(|(total, left)| {
                // Rounding may leave a little less than nothing.
                (total - left.get()).max(0.0)
            });
            Cut::keep(&mut best, self.purity(lefts) + self.purity(rights), count);
        });
        best
    }
}

impl Criterion for ClassImpurity {
    type Summary = Classes;
    type Scratch = Vec<f64>;

    fn width(&self) -> usize {
        self.classes
    }

    fn summarize(&self, rows: &[u32]) -> Classes {
        let mut totals = vec![0.0; self.classes];
        for &row in rows {
            totals[self.codes[row as usize] as usize] += self.weight_of(row);
        }
        let weight = totals.iter().sum();
        Classes { totals, weight }
    }

    fn weight(&self, node: &Classes) -> f64 {
        node.weight
    }

    fn is_pure(&self, node: &Classes) -> bool {
        node.totals.iter().filter(|total| **total > 0.0).count() <= 1
    }

    fn predict(&self, node: &Classes, values: &mut Vec<f64>) {
        values.extend(node.totals.iter().map(|total| total / node.weight));
    }

    fn scan(&self, node: &Classes, stretch: Stretch<'_>, left: &mut Vec<f64>) -> Option<Cut> {
        if self.classes == 2 {
            return match &self.weights {
                None => self.scan_two(node, stretch, |_| 1.0),
                Some(weights) => self.scan_two(node, stretch, |row| weights[row as usize]),
            };
        }
        left.clear();
        left.resize(self.classes, 0.0);
        match self.criterion {
            ClassCriterion::Gini if self.exact => self.scan_squares(node, stretch, left),
            ClassCriterion::Gini | ClassCriterion::Entropy => self.scan_many(node, stretch, left),
        }
    }

    fn gain(&self, node: &Classes, rows: &[u32], sides: &[u8]) -> f64 {
        if self.classes == 2 {
            let (mut both, mut second) = (0.0, 0.0);
            for (&row, &side) in rows.iter().zip(sides) {
                let own = f64::from(side) * self.weight_of(row);
                both += own;
                second += own * f64::from(self.codes[row as usize]);
            }
            let left = [(both - second).max(0.0), second];
            let right = [0, 1].map(|class: usize| (node.totals[class] - left[class]).max(0.0));
            return self.purity(left.into_iter()) + self.purity(right.into_iter());
        }
        let mut totals = vec![0.0; self.classes];
        for (&row, &side) in rows.iter().zip(sides) {
            totals[self.codes[row as usize] as usize] += f64::from(side) * self.weight_of(row);
        }
        let right = node.totals.iter().zip(&totals).map(|(node, left)| (node - left).max(0.0));
        self.purity(totals.iter().copied()) + self.purity(right)
    }

    fn sums(&self) -> Option<usize> {
        Some(self.classes)
    }

    fn add_up(&self, _: &Classes, rows: &[u32], bins: &[u8], counts: &mut [u32], sums: &mut [f64]) {
        let classes = self.classes;
        let mut start = 0;
        // Rows come sorted by class.
        for class in 0..classes {
            let is_of_class = |row: &u32| self.codes[*row as usize] as usize == class;
            let end = start + rows[start..].partition_point(is_of_class);
            match &self.weights {
                None => {
                    for &bin in &bins[start..end] {
                        sums[usize::from(bin) * classes + class] += 1.0;
                    }
                }
                Some(weights) => {
                    for (&row, &bin) in rows[start..end].iter().zip(&bins[start..end]) {
                        sums[usize::from(bin) * classes + class] += weights[row as usize];
                    }
                }
            }
            start = end;
        }
        for &bin in bins {
            counts[usize::from(bin)] += 1;
        }
    }

    fn gain_of(&self, node: &Classes, left: &[f64]) -> f64 {
        // Rounding may leave a little less than nothing.
        let right = node.totals.iter().zip(left).map(|(total, left)| (total - left).max(0.0));
        self.purity(left.iter().copied()) + self.purity(right)
    }

    fn decrease(&self, node: &Classes, gain: f64) -> f64 {
        gain - self.purity(node.totals.iter().copied())
    }

    fn impurity_unit(&self) -> [f64; 2] {
        [1.0; 2]
    }
}

fn times_log(value: f64) -> f64 {
    if value > 0.0 { value * value.log2() } else { 0.0 }
}
