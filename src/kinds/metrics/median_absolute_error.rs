//! The middle of the absolute errors.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sums::{Sum, in_parts, sum};
use super::values::{in_range, pairs};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::Problem;

/// The median absolute error between predictions and truth: half of the rows are nearer than that.
///
/// From 0 without an upper end, lower is better; in the unit of the target. A few rows that are far
/// off do not move it, and it says nothing of them; `max_error` does.
///
/// Formula: the median of `|ŷ - y|` over the rows; of an even number of rows, the mean of the two in
/// the middle. With weights, the error at which half of the weight is reached; where a row reaches it
/// exactly, the mean of its error and the next larger one, as in scikit-learn.
///
/// Undefined by the data where a prediction is not a finite number, or a difference leaves the range
/// of f64.
///
/// ```yaml
/// thresholds:
///   median_absolute_error: "< 8"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MedianAbsoluteError {}

impl Metric for MedianAbsoluteError {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            needs: Needs::Values,
            direction: Direction::LowerIsBetter,
            range: (0.0, f64::INFINITY),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let pairs = pairs(judged)?;
        // The bits of numbers that are not negative sort as the numbers do.
        let error = |row: usize| pairs.error(row).abs().to_bits();
        let (low, high) = match pairs.rows.weights() {
            None => middle(pairs.truth().len(), error),
            Some(weights) => weighted_middle(weights, error),
        };
        in_range(f64::midpoint(f64::from_bits(low), f64::from_bits(high)))
    }
}

/// Up to this many numbers are selected from as they are.
const FEW: usize = 1 << 16;
/// How many rows are counted into groups of their own.
const PART: usize = 1 << 20;
/// Numbers with the same exponent and the same first digits are a group; the sign is always 0.
const GROUP_SHIFT: u32 = 47;
const GROUPS: usize = 1 << 16;

/// The two numbers in the middle, or twice the one: the largest of the lower half, and the smallest
/// of the upper.
fn middle(rows: usize, number: impl Fn(usize) -> u64 + Sync) -> (u64, u64) {
    let (low, high) = ((rows - 1) / 2, rows / 2);
    if rows <= FEW {
        return select((0..rows).map(number).collect(), low, high);
    }
    // Counting groups of near numbers first leaves few to select from, and no copy of them all.
    let group = |row: usize| (number(row) >> GROUP_SHIFT) as usize;
    let parts = in_parts(rows, PART, |range| {
        let mut counts = vec![0_usize; GROUPS];
        range.for_each(|row| counts[group(row)] += 1);
        counts
    });
    let counts: Vec<usize> =
        (0..GROUPS).map(|group| parts.iter().map(|counts| counts[group]).sum()).collect();
    let (mut below, mut first) = (0, 0);
    while below + counts[first] <= low {
        below += counts[first];
        first += 1;
    }
    let (mut until, mut last) = (below, first);
    while until + counts[last] <= high {
        until += counts[last];
        last += 1;
    }
    let near = in_parts(rows, PART, |range| {
        let near = range.filter(|row| (first..=last).contains(&group(*row)));
        near.map(&number).collect::<Vec<_>>()
    });
    select(near.concat(), low - below, high - below)
}

fn select(mut numbers: Vec<u64>, low: usize, high: usize) -> (u64, u64) {
    let (below, high_number, _) = numbers.select_nth_unstable(high);
    let high_number = *high_number;
    match below.iter().max() {
        Some(largest) if low < high => (*largest, high_number),
        _ => (high_number, high_number),
    }
}

/// The number at which half of the weight is reached, twice; where that is reached exactly, the
/// number and the next.
fn weighted_middle(weights: &[f64], number: impl Fn(usize) -> u64 + Sync) -> (u64, u64) {
    let mut sorted: Vec<(u64, u64)> = (0..weights.len())
        .into_par_iter()
        .filter(|row| weights[*row] > 0.0)
        .map(|row| (number(row), weights[row].to_bits()))
        .collect();
    // Sorting by the weight as well fixes the order of the sum.
    sorted.par_sort_unstable();
    let total = sum(sorted.iter().map(|(_, weight)| f64::from_bits(*weight)));
    // Half may be missed by the rounding of weights such as 0.1.
    let (half, rounding) = (total / 2.0, total * 1e-14);
    let mut reached = Sum::default();
    let reaches = |(_, weight): &(u64, u64)| {
        reached.add(f64::from_bits(*weight));
        reached.value() >= half - rounding
    };
    let at = sorted.iter().position(reaches).unwrap_or(sorted.len() - 1);
    let next = if reached.value() <= half + rounding { at + 1 } else { at };
    (sorted[at].0, sorted[next.min(sorted.len() - 1)].0)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use serde_json::json;

    fn median(truth: &[f64], predicted: &[f64]) -> crate::data::Value {
        Sample::values(truth, predicted).measure(json!("median_absolute_error"))
    }

    #[test]
    fn the_middle_one_or_two() {
        assert_close(median(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]), 0.5);
        assert_close(median(&[0.0; 4], &[1.0, -2.0, 4.0, 100.0]), 3.0);
        assert_close(median(&[0.0; 3], &[1.0, -2.0, 100.0]), 2.0);
        assert_close(median(&[1.0], &[4.0]), 3.0);
    }

    #[test]
    fn large_numbers_are_refused_only_where_they_decide() {
        assert_eq!(median(&[0.0; 2], &[f64::MAX; 2]), Ok(f64::MAX));
        let huge = median(&[-f64::MAX; 2], &[f64::MAX; 2]);
        assert_eq!(by_data(huge), "the numbers are too large to be summed");
    }
}
