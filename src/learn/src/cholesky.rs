//! The Cholesky factor of a symmetric matrix, in panels that threads share.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use crate::dense::{add_scaled, dot, norm};

/// Columns that are factored together.
const PANEL: usize = 64;

/// Rows that a thread takes at a time.
const ROWS: usize = 64;

/// Order up to which the inverse is worked out to bound the condition.
const INVERTED: usize = 128;

/// Lower Cholesky factor of a symmetric matrix of which the lower triangle is read.
pub(crate) struct Cholesky {
    order: usize,
    /// Row by row, `order * order` long.
    lower: Vec<f64>,
}

impl Cholesky {
    /// `None` where a pivot is not above `smallest` times its diagonal element.
    pub(crate) fn new(mut matrix: Vec<f64>, order: usize, smallest: f64) -> Option<Self> {
        let diagonal: Vec<f64> = (0..order).map(|i| matrix[i * order + i]).collect();
        for start in (0..order).step_by(PANEL) {
            let end = order.min(start + PANEL);
            let below = &mut matrix[start * order..];
            if start > 0 {
                let panel: Vec<f64> = below
                    .chunks(order)
                    .take(end - start)
                    .flat_map(|row| &row[..start])
                    .copied()
                    .collect();
                let update = |rows: &mut [f64]| subtract(rows, order, &panel, start..end);
                below.par_chunks_mut(ROWS * order).for_each(update);
            }
            let (head, tail) = below.split_at_mut((end - start) * order);
            for i in start..end {
                let (above, row) = head.split_at_mut((i - start) * order);
                let row = &mut row[..order];
                for j in start..i {
                    solve_one(row, j, start, &above[(j - start) * order..]);
                }
                let pivot = row[i] - dot(&row[start..i], &row[start..i]);
                if !(pivot > smallest * diagonal[i].abs() && pivot.is_finite()) {
                    return None;
                }
                row[i] = pivot.sqrt();
            }
            tail.par_chunks_mut(ROWS * order).for_each(|rows| {
                for row in rows.chunks_mut(order) {
                    for j in start..end {
                        solve_one(row, j, start, &head[(j - start) * order..]);
                    }
                }
            });
        }
        Some(Self { order, lower: matrix })
    }

    /// A row of the factor, up to its diagonal.
    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.lower[i * self.order..i * self.order + i + 1]
    }

    /// Solves in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        let n = self.order;
        for i in (0..n).rev() {
            let row = &self.lower[i * n..i * n + i + 1];
            let value = b[i] / row[i];
            b[i] = value;
            add_scaled(&mut b[..i], -value, &row[..i]);
        }
    }

    fn solve_lower(&self, b: &mut [f64]) {
        let n = self.order;
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i + 1];
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// The condition number of the factor from above: the product of its Frobenius norm and that
    /// of its inverse. For a large factor the norm of the inverse is estimated.
    pub(crate) fn condition(&self) -> f64 {
        let n = self.order;
        let own: f64 = (0..n)
            .map(|i| {
                let row = &self.lower[i * n..i * n + i + 1];
                dot(row, row)
            })
            .sum();
        let inverse = if n <= INVERTED { self.inverse_squares() } else { self.inverse_estimate() };
        (own * inverse).sqrt()
    }

    /// Squared Frobenius norm of the inverse.
    fn inverse_squares(&self) -> f64 {
        let n = self.order;
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
        inverse
    }

    /// Squared spectral norm of the inverse by inverse iteration, and a half more for what the
    /// iteration may have missed.
    fn inverse_estimate(&self) -> f64 {
        const ITERATIONS: usize = 20;
        // Signs without a pattern: next to no vector is orthogonal to these.
        let mut vector: Vec<f64> = (0..self.order)
            .map(|i| if (i * i / 7 + i / 3) % 2 == 0 { 1.0 } else { -0.75 })
            .collect();
        let mut growth = 0.0;
        for _ in 0..ITERATIONS {
            let length = norm(&vector);
            vector.iter_mut().for_each(|value| *value /= length);
            self.solve(&mut vector);
            growth = norm(&vector);
        }
        1.5 * growth
    }
}

/// Subtracts from the columns of the panel what the columns before it explain.
fn subtract(rows: &mut [f64], order: usize, panel: &[f64], columns: std::ops::Range<usize>) {
    let (start, width) = (columns.start, columns.len());
    let count = rows.len() / order;
    let rows = ArrayViewMut2::from_shape((count, order), rows).expect("whole rows");
    let (known, rest) = rows.split_at(Axis(1), start);
    let (mut open, _) = rest.split_at(Axis(1), width);
    let panel = ArrayView2::from_shape((width, start), panel).expect("the rows of a panel");
    general_mat_mul(-1.0, &known, &panel.t(), 1.0, &mut open);
}

/// Element `j` of a row of the factor, the columns before `start` subtracted.
fn solve_one(row: &mut [f64], j: usize, start: usize, other: &[f64]) {
    row[j] = (row[j] - dot(&row[start..j], &other[start..j])) / other[j];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::*;

    #[test]
    fn solves_in_one_panel_and_in_several() {
        for order in [1, 5, 64, 65, 200] {
            let x = uniform(2 * order + 3, order, 4);
            let matrix = x.t().dot(&x);
            let cholesky =
                Cholesky::new(matrix.iter().copied().collect(), order, 1e-12).expect("definite");
            let expected: Vec<f64> = (0..order).map(|i| (i % 5) as f64 - 2.0).collect();
            let mut found = matrix.dot(&ndarray::Array1::from(expected.clone())).to_vec();
            cholesky.solve(&mut found);
            assert_close(&found, &expected, 1e-10);
            let (exact, estimate) = (cholesky.inverse_squares(), cholesky.inverse_estimate());
            let (largest, least) = (exact * 1.5, exact / order as f64);
            assert!(estimate <= largest && estimate >= least, "{order}: {estimate} {exact}");
        }
    }

    #[test]
    fn refuses_what_is_not_definite() {
        let x = uniform(50, 100, 4);
        let matrix = x.t().dot(&x);
        assert!(Cholesky::new(matrix.iter().copied().collect(), 100, 1e-12).is_none());
    }
}
