//! Kernel values of rows with support vectors, summed up row by row.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::kernel::Resolved;
use super::points::Points;
use crate::{Control, Error};

/// Rows that are worked on between two polls.
const ROWS: usize = 1024;

/// Rows that one thread takes at a time.
const PART: usize = 16;

/// Where the rows to compare with the support vectors come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// A table, whose values are divided by the number.
    Table(ArrayView2<'a, f64>, f64),
    /// Points from this position on.
    Points(&'a Points, usize),
}

impl Source<'_> {
    fn rows(self) -> usize {
        match self {
            Self::Table(x, _) => x.nrows(),
            Self::Points(points, first) => points.rows() - first,
        }
    }

    fn row(self, index: usize, values: &mut Vec<f64>) {
        match self {
            Self::Table(x, scale) => {
                let inverse = 1.0 / scale;
                values.clear();
                values.extend(x.row(index).iter().map(|value| value * inverse));
            }
            Self::Points(points, first) => points.point(first + index, values),
        }
    }
}

/// `width` sums a row: `combine` gets the kernel values of a row with all supports, and the
/// place of its sums.
///
/// # Errors
/// When stopped.
pub(super) fn of_rows(
    kernel: Resolved,
    supports: &Points,
    source: Source<'_>,
    width: usize,
    control: &Control<'_>,
    combine: impl Fn(&[f64], &mut [f64]) + Sync,
) -> Result<Vec<f64>, Error> {
    let mut sums = vec![0.0; source.rows() * width];
    let near = supports.near();
    for (block, sums) in sums.chunks_mut((ROWS * width).max(1)).enumerate() {
        control.poll()?;
        sums.par_chunks_mut(PART * width).enumerate().for_each(|(part, sums)| {
            let rows = sums.len() / width;
            let mut points = vec![Vec::with_capacity(supports.columns()); rows];
            for (offset, point) in points.iter_mut().enumerate() {
                source.row(block * ROWS + part * PART + offset, point);
            }
            let all = supports.rows();
            let mut values = vec![0.0; rows * all];
            for first in (0..all).step_by(near) {
                let last = all.min(first + near);
                for (point, values) in points.iter().zip(values.chunks_mut(all)) {
                    kernel.fill_part(point, supports, first, &mut values[first..last]);
                }
            }
            for (offset, sums) in sums.chunks_mut(width).enumerate() {
                combine(&values[offset * all..(offset + 1) * all], sums);
            }
        });
    }
    Ok(sums)
}
