//! All products of some columns with some others, summed over the rows: the matrix `XᵀX` and
//! parts of it, tile by tile.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};
use rayon::prelude::*;

use crate::rows::{self, BLOCK};
use crate::{Control, Error};

/// Columns of a tile: two tiles of a block of rows fit the second cache.
const TILE: usize = 128;

/// Writes a column, by its index, at a range of rows.
pub(crate) trait Fill: Fn(usize, Range<usize>, &mut [f64]) + Sync {}

impl<F: Fn(usize, Range<usize>, &mut [f64]) + Sync> Fill for F {}

/// `sum over rows of column i * column j` for `i` in `left` and `j` in `right`, row by row.
pub(crate) fn products(
    rows: usize,
    left: Range<usize>,
    right: Range<usize>,
    fill: &impl Fill,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    let (height, width) = (left.len(), right.len());
    if height <= TILE && width <= TILE {
        let sums = rows::sum(rows, height * width, |range, sums| {
            add_tile(range, &left, &right, fill, control, sums);
        });
        control.poll()?;
        return Ok(sums);
    }
    let mut tiles = Vec::new();
    for i in tiles_of(&left) {
        // What lies above the diagonal is mirrored.
        tiles.extend(
            tiles_of(&right)
                .filter(|j| left != right || j.start <= i.start)
                .map(|j| (i.clone(), j)),
        );
    }
    let sums: Vec<Vec<f64>> = tiles
        .par_iter()
        .map(|(i, j)| {
            let mut sums = vec![0.0; i.len() * j.len()];
            add_tile(0..rows, i, j, fill, control, &mut sums);
            sums
        })
        .collect();
    control.poll()?;
    let mut matrix = vec![0.0; height * width];
    for ((i, j), sums) in tiles.iter().zip(sums) {
        for (k, part) in sums.chunks(j.len()).enumerate() {
            let row = i.start - left.start + k;
            matrix[row * width + j.start - right.start..][..j.len()].copy_from_slice(part);
            if left == right && j.start < i.start {
                for (l, value) in part.iter().enumerate() {
                    matrix[(j.start - right.start + l) * width + row] = *value;
                }
            }
        }
    }
    Ok(matrix)
}

fn tiles_of(columns: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = columns.end;
    columns.clone().step_by(TILE).map(move |start| start..end.min(start + TILE))
}

fn add_tile(
    range: Range<usize>,
    left: &Range<usize>,
    right: &Range<usize>,
    fill: &impl Fill,
    control: &Control<'_>,
    sums: &mut [f64],
) {
    let mut packed = vec![0.0; left.len() * BLOCK];
    let mut other = vec![0.0; if left == right { 0 } else { right.len() * BLOCK }];
    for range in rows::blocks(range) {
        if (control.stop)() {
            return;
        }
        pack(&mut packed, left, &range, fill);
        if left != right {
            pack(&mut other, right, &range, fill);
        }
        let with = if left == right { &packed } else { &other };
        add_products((&packed, left.len()), (with, right.len()), range.len(), sums);
    }
}

fn pack(out: &mut [f64], columns: &Range<usize>, range: &Range<usize>, fill: &impl Fill) {
    for (j, out) in columns.clone().zip(out.chunks_mut(BLOCK)) {
        fill(j, range.clone(), &mut out[..range.len()]);
    }
}

/// Adds to `sums`, row by row, the products of packed columns: column `j` begins at `j * BLOCK`,
/// and the first `length` rows of it count.
pub(crate) fn add_products(
    left: (&[f64], usize),
    right: (&[f64], usize),
    length: usize,
    sums: &mut [f64],
) {
    let left_view = packed_view(left.0, left.1, length);
    let right_view = packed_view(right.0, right.1, length);
    let mut out = ArrayViewMut2::from_shape((left.1, right.1), &mut sums[..left.1 * right.1])
        .expect("as many sums as pairs of columns");
    general_mat_mul(1.0, &left_view, &right_view.t(), 1.0, &mut out);
}

fn packed_view(packed: &[f64], columns: usize, length: usize) -> ArrayView2<'_, f64> {
    ArrayView2::from_shape((columns, length).strides((BLOCK, 1)), packed)
        .expect("packed columns are blocks of BLOCK rows")
}
