//! Sums over rows, weighted or not, whose bits do not depend on the number of threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::data::{Judged, Undefined};

/// How many rows are summed at a time. It is fixed, and with it every rounding.
const CHUNK: usize = 1 << 16;

/// The results of `work` on consecutive ranges of the rows, in their order.
pub fn in_chunks<R: Send>(rows: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    in_parts(rows, CHUNK, work)
}

/// As `in_chunks`, on ranges of this many rows.
pub fn in_parts<R: Send>(
    rows: usize,
    part: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<R> {
    (0..rows.div_ceil(part))
        .into_par_iter()
        .map(|index| work(index * part..rows.min((index + 1) * part)))
        .collect()
}

/// The first row of which something holds.
pub fn first_row(rows: usize, holds: impl Fn(usize) -> bool + Sync) -> Option<usize> {
    (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .find_map_first(|index| (index * CHUNK..rows.min((index + 1) * CHUNK)).find(|r| holds(*r)))
}

/// A sum that grows, with the rounding errors of the additions summed beside it (Knuth's two-sum),
/// so that it hardly depends on the order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    pub fn add(&mut self, value: f64) {
        let next = self.total + value;
        let added = next - self.total;
        self.lost += (self.total - (next - added)) + (value - added);
        self.total = next;
    }

    /// Not a finite number where the sum has left the range of f64.
    pub fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// The sum, nearly exact.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    values.into_iter().for_each(|value| sum.add(value));
    sum.value()
}

/// Up to this many groups are summed side by side; the partial sums of more would fill the memory.
const MOST_GROUPS: usize = 10_000;

/// The sum of each group of rows; a row tells its group and its number, or does not count.
pub fn group_sums(
    rows: usize,
    groups: usize,
    entry: impl Fn(usize) -> Option<(usize, f64)> + Sync,
) -> Vec<f64> {
    let part = if groups <= MOST_GROUPS { CHUNK } else { rows.max(1) };
    let parts = in_parts(rows, part, |range| {
        let mut sums = vec![Sum::default(); groups];
        for (group, value) in range.filter_map(&entry) {
            sums[group].add(value);
        }
        sums
    });
    (0..groups).map(|group| sum(parts.iter().map(|sums| sums[group].value()))).collect()
}

/// How much each judged row counts.
#[derive(Clone, Copy, Debug)]
pub struct RowWeights<'a> {
    rows: usize,
    weights: Option<&'a [f64]>,
    total: f64,
}

impl<'a> RowWeights<'a> {
    /// The weights of this many judged rows.
    ///
    /// # Errors
    /// No row, or none with a weight above 0; or weights that are not one number a row, which
    /// whoever reads them has refused.
    pub fn new(rows: usize, judged: &Judged<'a>) -> Result<Self, Undefined> {
        if rows == 0 {
            return Err(Undefined::ByData("there are no rows to judge".to_owned()));
        }
        let weights = judged.weights;
        let total = judged.memo.weight(|| weigh(rows, weights))?;
        Ok(Self { rows, weights, total })
    }

    /// How many rows there are, those of weight 0 among them.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// What all rows weigh; without weights, how many they are.
    pub fn total(&self) -> f64 {
        self.total
    }

    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// The first row that counts and of which something holds.
    pub fn first(&self, holds: impl Fn(usize) -> bool + Sync) -> Option<usize> {
        first_row(self.rows, |row| self.weight(row) > 0.0 && holds(row))
    }

    /// The sum over the rows that count, each as much as it weighs.
    pub fn sum(&self, term: impl Fn(usize) -> f64 + Sync) -> f64 {
        sum(in_chunks(self.rows, |range| match self.weights {
            None => sum(range.map(&term)),
            Some(weights) => {
                sum(range.filter(|row| weights[*row] > 0.0).map(|row| weights[row] * term(row)))
            }
        }))
    }

    /// The mean over the rows that count, each as much as it weighs.
    pub fn mean(&self, term: impl Fn(usize) -> f64 + Sync) -> f64 {
        self.sum(term) / self.total
    }

    /// The greatest of a number that is not negative, over the rows that count.
    pub fn max(&self, term: impl Fn(usize) -> f64 + Sync) -> f64 {
        let counts = |row: &usize| self.weight(*row) > 0.0;
        let greatest =
            in_chunks(self.rows, |range| range.filter(counts).map(&term).fold(0.0, f64::max));
        greatest.into_iter().fold(0.0, f64::max)
    }
}

fn weigh(rows: usize, weights: Option<&[f64]>) -> Result<f64, Undefined> {
    let Some(weights) = weights else { return Ok(rows as f64) };
    let wrong = weights.len() != rows || weights.iter().any(|weight| *weight < 0.0);
    let total = sum(in_chunks(weights.len(), |range| sum(weights[range].iter().copied())));
    match total {
        _ if wrong || !total.is_finite() => {
            Err(Undefined::ByData("there is not one weight a judged row".to_owned()))
        }
        0.0 => Err(Undefined::ByData("no judged row has a weight above 0".to_owned())),
        total => Ok(total),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::Sample;
    use super::*;

    #[test]
    fn sums_keep_what_plain_addition_loses() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum(std::iter::repeat_n(0.1, 1_000_000)), 100_000.0);
        assert_eq!(sum([]), 0.0);
        assert!(!sum([f64::MAX; 3]).is_finite());
    }

    #[test]
    fn rows_of_weight_zero_do_not_count() {
        let sample = Sample::values(&[0.0; 3], &[0.0; 3]).weighted(&[0.5, 0.0, 2.0]);
        let rows = RowWeights::new(3, &sample.judged()).unwrap();
        let of = |row: usize| [1.0, f64::NAN, 3.0][row];
        assert_eq!((rows.total(), rows.sum(of), rows.mean(of)), (2.5, 6.5, 2.6));
        assert_eq!(rows.max(of), 3.0);
        assert_eq!(rows.first(|row| row > 0), Some(2));
    }

    #[test]
    fn weights_that_are_none_say_so() {
        let of = |weights: &[f64]| {
            let sample = Sample::values(&[0.0; 2], &[0.0; 2]).weighted(weights);
            RowWeights::new(2, &sample.judged()).unwrap_err().reason().to_owned()
        };
        assert_eq!(of(&[0.0; 2]), "no judged row has a weight above 0");
        for weights in [&[1.0][..], &[-1.0, 2.0], &[f64::NAN, 1.0], &[f64::INFINITY, 1.0]] {
            assert_eq!(of(weights), "there is not one weight a judged row");
        }
    }
}
