//! The nearest rows by comparing all pairs: products of matrices in `f32` rule out nearly all of them, and
//! what is left is compared in `f64`.
//!
//! `‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b` loses digits, so it only ever serves as a lower bound: the norms are
//! made smaller by more than all rounding can amount to. The rows found, and their distances, are
//! therefore those of the plain formula, on any processor.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, s};

use super::points::{Metric, Nearest, Points};

/// Queries and rows whose products are computed together: 256 KiB of them.
pub(crate) const QUERIES: usize = 128;
const ROWS: usize = 512;

/// Numbers that are looked at together.
const LANES: usize = 32;

/// The rows in the form that products need.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    centres: Vec<f64>,
    /// Rows × (columns + 1): twice the row about the centres, negative, and its shortened norm.
    rows: Array2<f32>,
    /// The share of the norms that rounding cannot exceed.
    slack: f64,
}

impl Filter {
    pub(crate) fn new(points: &Points) -> Self {
        let columns = points.columns;
        let mut centres = vec![0.0; columns];
        for row in 0..points.rows {
            for (centre, value) in centres.iter_mut().zip(points.row(row)) {
                *centre += value;
            }
        }
        for centre in &mut centres {
            *centre /= points.rows as f64;
        }
        let slack = 4.0 * (columns as f64 + 16.0) * f64::from(f32::EPSILON);
        let mut rows = Array2::zeros((points.rows, columns + 1));
        for (row, mut to) in rows.rows_mut().into_iter().enumerate() {
            let mut norm = 0.0;
            for ((to, value), centre) in to.iter_mut().zip(points.row(row)).zip(&centres) {
                let value = value - centre;
                norm += value * value;
                *to = (-2.0 * value) as f32;
            }
            to[columns] = (norm * (1.0 - slack)) as f32;
        }
        Self { centres, rows, slack }
    }

    /// Offers to each of `found` the rows that may be among the nearest of its query.
    pub(crate) fn search(&self, points: &Points, queries: &[f64], found: &mut [Nearest]) {
        let (left, norms) = self.queries(queries, found.len());
        self.products(&left, |start, products| {
            for (index, nearest) in found.iter_mut().enumerate() {
                let query = &queries[index * points.columns..(index + 1) * points.columns];
                let scores = products.row(index);
                let Some(scores) = scores.to_slice() else { continue };
                scan(scores, limit(nearest.worst(), norms[index]), |place| {
                    let row = start + place;
                    nearest.offer(Metric::Euclidean.rank(query, points.row(row)), row as u32);
                    limit(nearest.worst(), norms[index])
                });
            }
        });
    }

    /// Calls `found` with the number of a query and each row whose rank is at most `most`.
    pub(crate) fn within(
        &self,
        points: &Points,
        queries: &[f64],
        most: f64,
        mut found: impl FnMut(usize, u32),
    ) {
        let columns = points.columns;
        let count = queries.len().checked_div(columns).unwrap_or(0);
        let (left, norms) = self.queries(queries, count);
        self.products(&left, |start, products| {
            for (index, norm) in norms.iter().enumerate() {
                let query = &queries[index * columns..(index + 1) * columns];
                let scores = products.row(index);
                let Some(scores) = scores.to_slice() else { continue };
                let limit = limit(most, *norm);
                scan(scores, limit, |place| {
                    if Metric::Euclidean.rank(query, points.row(start + place)) <= most {
                        found(index, (start + place) as u32);
                    }
                    limit
                });
            }
        });
    }

    /// Queries with a one behind each, and their shortened norms.
    fn queries(&self, queries: &[f64], count: usize) -> (Array2<f32>, Vec<f64>) {
        let columns = self.centres.len();
        let mut left = Array2::<f32>::ones((count, columns + 1));
        let mut norms = Vec::with_capacity(count);
        for (index, mut to) in left.rows_mut().into_iter().enumerate() {
            let query = &queries[index * columns..(index + 1) * columns];
            let mut norm = 0.0;
            for ((to, value), centre) in to.iter_mut().zip(query).zip(&self.centres) {
                // Beyond this, squares would leave the range of f32.
                let value = (value - centre).clamp(-1e15, 1e15);
                norm += value * value;
                *to = value as f32;
            }
            norms.push(norm * (1.0 - self.slack));
        }
        (left, norms)
    }

    /// Shows the scores of all rows, block by block: the first row, and queries × rows of a block.
    fn products(&self, left: &Array2<f32>, mut visit: impl FnMut(usize, ArrayView2<'_, f32>)) {
        let rows = self.rows.nrows();
        let mut products = Array2::<f32>::zeros((left.nrows(), ROWS));
        for start in (0..rows).step_by(ROWS) {
            let end = rows.min(start + ROWS);
            let right = self.rows.slice(s![start..end, ..]);
            let mut products = products.slice_mut(s![.., ..end - start]);
            general_mat_mul(1.0, left, &right.t(), 0.0, &mut products);
            visit(start, products.view());
        }
    }
}

/// Calls `offer` for each score up to a limit, which it may lower.
fn scan(scores: &[f32], mut limit: f32, mut offer: impl FnMut(usize) -> f32) {
    for (chunk, scores) in scores.chunks(LANES).enumerate() {
        if !scores.iter().fold(false, |any, score| any | (*score <= limit)) {
            continue;
        }
        for (place, score) in scores.iter().enumerate() {
            if *score <= limit {
                limit = offer(chunk * LANES + place);
            }
        }
    }
}

/// The largest score that can belong to a rank up to `worst`.
fn limit(worst: f64, norm: f64) -> f32 {
    // The constant is for products below the normal numbers of f32.
    ((worst - norm + 1e-37) as f32).next_up()
}
