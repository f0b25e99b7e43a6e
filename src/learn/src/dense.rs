//! Vectors: dot products, norms, and the spread of a column.

use crate::input::Columns;
use rayon::prelude::*;

/// Sums that run side by side, so that additions need not wait for each other.
const LANES: usize = 8;

/// Values that are summed before they are added to the total.
const LENGTH: usize = 128;

/// Sum of products, in eight lanes that are added in a fixed order.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let mut rest = 0.0;
    for (a, b) in a_rest.iter().zip(b_rest) {
        rest += a * b;
    }
    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5]))
        + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
        + rest
}

/// Adds `factor * x` to `y`.
pub(crate) fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// Largest absolute value, 0 for none.
pub(crate) fn max_abs(values: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            let size = block[lane].abs();
            lanes[lane] = if size > lanes[lane] { size } else { lanes[lane] };
        }
    }
    lanes.iter().chain(rest).fold(0.0, |max, value| max.max(value.abs()))
}

/// A power of two near `value`, for scaling without rounding; 1 for 0.
pub(crate) fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
    if value == 0.0 {
        return 1.0;
    }
    // The bounds keep the reciprocal finite.
    f64::from_bits(value.to_bits() & EXPONENT).clamp(f64::MIN_POSITIVE, 0.5 / f64::MIN_POSITIVE)
}

/// Euclidean norm that neither overflows nor underflows.
pub(crate) fn norm(values: &[f64]) -> f64 {
    let scale = power_of_two(max_abs(values));
    let inverse = 1.0 / scale;
    let squares: f64 = values
        .chunks(64)
        .map(|block| block.iter().map(|value| (value * inverse).powi(2)).sum::<f64>())
        .sum();
    scale * squares.sqrt()
}

/// Where a column lies and how far it spreads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The mean, or 0 for a column that stays uncentred.
    pub(crate) mean: f64,
    /// What is left of the mean after subtracting the rounded one; subtracted second.
    pub(crate) rest: f64,
    /// Root of the weighted mean of `(value - mean)²`; exactly 0 for a constant centred column.
    pub(crate) deviation: f64,
}

/// Spreads of all columns, about the weighted means or about 0.
pub(crate) fn spreads(columns: &Columns<'_>, weights: Option<&[f64]>, centre: bool) -> Vec<Spread> {
    (0..columns.len()).into_par_iter().map(|j| spread(columns.column(j), weights, centre)).collect()
}

/// The spread of one column; see [`Spread`].
pub(crate) fn spread(values: &[f64], weights: Option<&[f64]>, centre: bool) -> Spread {
    let largest = max_abs(values);
    if weights.is_none() && PLAIN.contains(&largest) {
        let spread = plain_spread(values, centre);
        if PLAIN.contains(&spread.deviation) {
            return spread;
        }
    }
    let scale = power_of_two(largest);
    let (mean, rest) = if centre {
        let mean = scale * mean_of(values, 0.0, 1.0 / scale, weights);
        (mean, scale * mean_of(values, mean, 1.0 / scale, weights))
    } else {
        (0.0, 0.0)
    };
    let counted = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
    let mut counted_values =
        values.iter().enumerate().filter(|(row, _)| counted(*row)).map(|(_, value)| *value);
    let first = counted_values.next().unwrap_or(0.0);
    if centre && counted_values.all(|value| value == first) {
        return Spread { mean: first, rest: 0.0, deviation: 0.0 };
    }
    let largest = values
        .iter()
        .enumerate()
        .filter(|(row, _)| counted(*row))
        .map(|(_, value)| (value - mean - rest).abs())
        .fold(0.0, f64::max);
    let scale = power_of_two(largest);
    let inverse = 1.0 / scale;
    let square = |value: f64| ((value - mean - rest) * inverse).powi(2);
    let squares = sum_by_blocks(values, weights, square) / total_of(values, weights);
    Spread { mean, rest, deviation: scale * squares.sqrt() }
}

/// Sizes whose squares, and sums of them, are far from the ends of the range of `f64`.
const PLAIN: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// The spread of equally weighted values of moderate size, in two passes.
fn plain_spread(values: &[f64], centre: bool) -> Spread {
    let count = values.len() as f64;
    let mean = if centre { sum_by_blocks(values, None, |value| value) / count } else { 0.0 };
    let (mut sum, mut squares, mut same) = (0.0, 0.0, true);
    for block in values.chunks(LENGTH) {
        let (mut block_sum, mut block_squares) = ([0.0; LANES], [0.0; LANES]);
        let (lanes, rest) = block.as_chunks::<LANES>();
        for values in lanes {
            for lane in 0..LANES {
                let off = values[lane] - mean;
                block_sum[lane] += off;
                block_squares[lane] += off * off;
            }
        }
        for (lane, value) in rest.iter().enumerate() {
            let off = value - mean;
            block_sum[lane] += off;
            block_squares[lane] += off * off;
        }
        sum += block_sum.iter().sum::<f64>();
        squares += block_squares.iter().sum::<f64>();
        same = same && block.iter().all(|value| *value == values[0]);
    }
    if !centre {
        return Spread { mean: 0.0, rest: 0.0, deviation: (squares / count).sqrt() };
    }
    if same {
        return Spread { mean: values[0], rest: 0.0, deviation: 0.0 };
    }
    let rest = sum / count;
    Spread { mean, rest, deviation: (squares / count - rest * rest).max(0.0).sqrt() }
}

fn mean_of(values: &[f64], about: f64, factor: f64, weights: Option<&[f64]>) -> f64 {
    let sum = sum_by_blocks(values, weights, |value| (value - about) * factor);
    sum / total_of(values, weights)
}

fn total_of(values: &[f64], weights: Option<&[f64]>) -> f64 {
    weights.map_or(values.len() as f64, |weights| weights.iter().sum())
}

/// Weighted sum of a function, in blocks so that the rounding grows with their number only.
fn sum_by_blocks(values: &[f64], weights: Option<&[f64]>, function: impl Fn(f64) -> f64) -> f64 {
    let weigh = |weight: f64, value: f64| if weight > 0.0 { weight * function(value) } else { 0.0 };
    match weights {
        None => values
            .chunks(LENGTH)
            .map(|block| sum_lanes(block, block, |value, _| function(value)))
            .sum(),
        Some(weights) => values
            .chunks(LENGTH)
            .zip(weights.chunks(LENGTH))
            .map(|(block, weights)| sum_lanes(block, weights, |value, weight| weigh(weight, value)))
            .sum(),
    }
}

/// The same additions in the same order for equal terms, whatever the function.
fn sum_lanes(first: &[f64], second: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (first, first_rest) = first.as_chunks::<LANES>();
    let (second, second_rest) = second.as_chunks::<LANES>();
    for (first, second) in first.iter().zip(second) {
        for lane in 0..LANES {
            sums[lane] += term(first[lane], second[lane]);
        }
    }
    let rest: f64 = first_rest.iter().zip(second_rest).map(|(a, b)| term(*a, *b)).sum();
    sums.iter().sum::<f64>() + rest
}
