//! Small dense linear algebra: dot products, Cholesky, and the spread of a column.

use crate::input::Columns;
use rayon::prelude::*;

/// Sum of products, in eight lanes that are added in a fixed order.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
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
    values.iter().fold(0.0, |max, value| max.max(value.abs()))
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
    let scale = power_of_two(max_abs(values));
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

fn mean_of(values: &[f64], about: f64, factor: f64, weights: Option<&[f64]>) -> f64 {
    let sum = sum_by_blocks(values, weights, |value| (value - about) * factor);
    sum / total_of(values, weights)
}

fn total_of(values: &[f64], weights: Option<&[f64]>) -> f64 {
    weights.map_or(values.len() as f64, |weights| weights.iter().sum())
}

/// Weighted sum of a function, in blocks so that the rounding grows with their number only.
fn sum_by_blocks(values: &[f64], weights: Option<&[f64]>, function: impl Fn(f64) -> f64) -> f64 {
    const LENGTH: usize = 128;
    match weights {
        None => values
            .chunks(LENGTH)
            .map(|block| block.iter().map(|value| function(*value)).sum::<f64>())
            .sum(),
        Some(weights) => values
            .chunks(LENGTH)
            .zip(weights.chunks(LENGTH))
            .map(|(block, weights)| {
                block
                    .iter()
                    .zip(weights)
                    .map(
                        |(value, weight)| {
                            if *weight > 0.0 { weight * function(*value) } else { 0.0 }
                        },
                    )
                    .sum::<f64>()
            })
            .sum(),
    }
}

/// Lower Cholesky factor of a symmetric matrix of which the lower triangle is read.
pub(crate) struct Cholesky {
    order: usize,
    /// Row by row, `order * order` long.
    lower: Vec<f64>,
}

impl Cholesky {
    /// `None` where a pivot is not above `smallest` times its diagonal element.
    pub(crate) fn new(mut matrix: Vec<f64>, order: usize, smallest: f64) -> Option<Self> {
        for i in 0..order {
            let (above, current) = matrix.split_at_mut(i * order);
            let row = &mut current[..order];
            for j in 0..i {
                let other = &above[j * order..j * order + j + 1];
                row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
            }
            let pivot = row[i] - dot(&row[..i], &row[..i]);
            if !(pivot > smallest * row[i].abs() && pivot.is_finite()) {
                return None;
            }
            row[i] = pivot.sqrt();
        }
        Some(Self { order, lower: matrix })
    }

    /// A row of the factor, up to its diagonal.
    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.lower[i * self.order..i * self.order + i + 1]
    }

    /// Solves in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let n = self.order;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i + 1];
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
        for i in (0..n).rev() {
            let row = &self.lower[i * n..i * n + i + 1];
            let value = b[i] / row[i];
            b[i] = value;
            add_scaled(&mut b[..i], -value, &row[..i]);
        }
    }

    /// An upper bound of the condition number of the factor: the product of its Frobenius norm
    /// and that of its inverse.
    pub(crate) fn condition(&self) -> f64 {
        let n = self.order;
        let own: f64 = (0..n)
            .map(|i| {
                let row = &self.lower[i * n..i * n + i + 1];
                dot(row, row)
            })
            .sum();
        let mut inverse = 0.0;
        let mut column = vec![0.0; n];
        for j in 0..n {
            column[j..].fill(0.0);
            column[j] = 1.0;
            for i in j..n {
                let row = &self.lower[i * n..i * n + i + 1];
                column[i] = (column[i] - dot(&row[j..i], &column[j..i])) / row[i];
            }
            inverse += dot(&column[j..], &column[j..]);
        }
        (own * inverse).sqrt()
    }
}
