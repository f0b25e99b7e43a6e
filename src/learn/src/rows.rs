//! Sums over rows whose bits do not depend on the number of threads, and products of rows with
//! coefficients.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Rows that are packed together: a few dozen columns of this many rows fit the second cache.
pub(crate) const BLOCK: usize = 512;

/// Partial sums that may be kept at a time. It bounds the memory and the threads that can help;
/// as a constant it keeps the split of the rows, and with it every rounding, the same everywhere.
const PARTS: usize = 32;

/// Adds up `work` over all rows: it gets a range of rows and adds its share to a zeroed slice of
/// length `length`.
pub(crate) fn sum(
    rows: usize,
    length: usize,
    work: impl Fn(Range<usize>, &mut [f64]) + Sync,
) -> Vec<f64> {
    let blocks = rows.div_ceil(BLOCK);
    let part = blocks.div_ceil(PARTS).max(1) * BLOCK;
    let parts: Vec<Vec<f64>> = (0..rows.div_ceil(part))
        .into_par_iter()
        .map(|index| {
            let mut partial = vec![0.0; length];
            work(index * part..rows.min((index + 1) * part), &mut partial);
            partial
        })
        .collect();
    let mut total = vec![0.0; length];
    for partial in parts {
        for (sum, value) in total.iter_mut().zip(partial) {
            *sum += value;
        }
    }
    total
}

/// The blocks of at most [`BLOCK`] rows in a range.
pub(crate) fn blocks(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(BLOCK).map(move |start| start..end.min(start + BLOCK))
}

/// `intercept + (x - centres) · coefficients` for every row.
///
/// # Panics
/// If the number of columns is not the number of coefficients.
pub(crate) fn linear(
    x: ArrayView2<'_, f64>,
    centres: &[f64],
    coefficients: &[f64],
    intercept: f64,
) -> Vec<f64> {
    assert_eq!(x.ncols(), coefficients.len(), "columns differ from those trained on");
    let mut scores = vec![intercept; x.nrows()];
    scores.par_chunks_mut(8 * BLOCK).enumerate().for_each(|(index, scores)| {
        let start = index * 8 * BLOCK;
        let rows = x.slice_axis(Axis(0), Slice::from(start..start + scores.len()));
        for (j, column) in rows.axis_iter(Axis(1)).enumerate() {
            let (centre, coefficient) = (centres[j], coefficients[j]);
            let add = |(score, value): (&mut f64, &f64)| *score += coefficient * (value - centre);
            match column.to_slice() {
                Some(column) => scores.iter_mut().zip(column).for_each(add),
                None => scores.iter_mut().zip(column).for_each(add),
            }
        }
    });
    scores
}

/// The index of the largest value of every row, the first of equal ones.
pub(crate) fn largest(scores: &Array2<f64>) -> Array1<u32> {
    let of_row = |row: ArrayView1<'_, f64>| {
        let mut best = 0;
        for (index, &score) in row.iter().enumerate() {
            if score > row[best] {
                best = index;
            }
        }
        best as u32
    };
    scores.rows().into_iter().map(of_row).collect()
}

/// Turns rows of log probabilities, each up to a constant of its own, into probabilities, in an
/// array in standard layout.
pub(crate) fn normalize_logs(logs: &mut Array2<f64>) {
    let classes = logs.ncols();
    let Some(values) = logs.as_slice_mut().filter(|values| !values.is_empty()) else { return };
    values.par_chunks_mut(8 * BLOCK * classes).for_each(|chunk| {
        for row in chunk.chunks_mut(classes) {
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut sum = 0.0;
            for value in row.iter_mut() {
                *value = (*value - largest).exp();
                sum += *value;
            }
            for value in row {
                *value /= sum;
            }
        }
    });
}
