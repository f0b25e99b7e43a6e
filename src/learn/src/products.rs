//! All products of some columns with themselves and with those before them, summed over the rows:
//! the matrix `XᵀX` and parts of it, tile by tile.

use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, LinalgScalar, ShapeBuilder};
use rayon::prelude::*;

use crate::rows::{self, BLOCK};
use crate::{Control, Error};

/// Columns of a tile: two tiles of a block of rows fit the second cache.
const TILE: usize = 128;

/// Columns of a tile on the diagonal, half of which is worked out in vain.
const DIAGONAL: usize = 64;

/// Columns up to which threads share the rows; of more they share the tiles.
const FEW: usize = 192;

/// Columns that one thread packs at a time.
const PACKED: usize = 16;

/// Writes a column, by its index, at a range of rows.
pub(crate) trait Fill: Fn(usize, Range<usize>, &mut [f64]) + Sync {}

impl<F: Fn(usize, Range<usize>, &mut [f64]) + Sync> Fill for F {}

/// For `i` in `columns`, row by row, the sums of column `i` times column `j` for all `j` below the
/// end of `columns`.
pub(crate) fn products(
    rows: usize,
    columns: Range<usize>,
    fill: &impl Fill,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    products_in::<f64>(rows, columns, fill, control)
}

/// As [`products`], to the seven digits of `f32`, in half the time. For what is refined afterwards
/// by residuals in `f64`; the values of columns must not be far from 1.
pub(crate) fn rough_products(
    rows: usize,
    columns: Range<usize>,
    fill: &impl Fill,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    products_in::<f32>(rows, columns, fill, control)
}

/// Numbers in which products are worked out before they are added up in `f64`.
trait Number: LinalgScalar + Send + Sync {
    fn pack(column: usize, range: Range<usize>, fill: &impl Fill, out: &mut [Self]);

    /// Adds the products of packed columns to `sums`; `scratch` is for as many numbers.
    fn accumulate(
        left: (&[Self], usize),
        right: (&[Self], usize),
        length: usize,
        scratch: &mut Vec<Self>,
        sums: &mut [f64],
    );
}

impl Number for f64 {
    fn pack(column: usize, range: Range<usize>, fill: &impl Fill, out: &mut [Self]) {
        fill(column, range, out);
    }

    fn accumulate(
        left: (&[Self], usize),
        right: (&[Self], usize),
        length: usize,
        _scratch: &mut Vec<Self>,
        sums: &mut [f64],
    ) {
        multiply(left, right, length, 1.0, sums);
    }
}

impl Number for f32 {
    fn pack(column: usize, range: Range<usize>, fill: &impl Fill, out: &mut [Self]) {
        let mut values = [0.0; BLOCK];
        let values = &mut values[..range.len()];
        fill(column, range, values);
        for (out, value) in out.iter_mut().zip(values) {
            *out = *value as Self;
        }
    }

    fn accumulate(
        left: (&[Self], usize),
        right: (&[Self], usize),
        length: usize,
        scratch: &mut Vec<Self>,
        sums: &mut [f64],
    ) {
        scratch.resize(sums.len(), 0.0);
        multiply(left, right, length, 0.0, scratch);
        for (sum, part) in sums.iter_mut().zip(scratch) {
            *sum += f64::from(*part);
        }
    }
}

/// Columns by which a part of the matrix is made.
struct Tile {
    left: Range<usize>,
    right: Range<usize>,
}

impl Tile {
    fn area(&self) -> usize {
        self.left.len() * self.right.len()
    }

    fn add<N: Number>(&self, packed: &[N], length: usize, scratch: &mut Vec<N>, sums: &mut [f64]) {
        let of = |columns: &Range<usize>| (&packed[columns.start * BLOCK..], columns.len());
        N::accumulate(of(&self.left), of(&self.right), length, scratch, sums);
    }
}

/// What is to be worked out; what lies above the diagonal is mirrored.
fn tiles(columns: &Range<usize>) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for left in cut(columns.clone(), TILE) {
        for right in cut(0..columns.start, TILE).chain(cut(columns.start..left.start, TILE)) {
            tiles.push(Tile { left: left.clone(), right });
        }
        for part in cut(left.clone(), DIAGONAL) {
            if part.start > left.start {
                tiles.push(Tile { left: part.clone(), right: left.start..part.start });
            }
            tiles.push(Tile { left: part.clone(), right: part });
        }
    }
    tiles
}

fn cut(columns: Range<usize>, width: usize) -> impl Iterator<Item = Range<usize>> {
    let end = columns.end;
    columns.step_by(width).map(move |start| start..end.min(start + width))
}

fn products_in<N: Number>(
    rows: usize,
    columns: Range<usize>,
    fill: &impl Fill,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    let width = columns.end;
    let tiles = tiles(&columns);
    let area = tiles.iter().map(Tile::area).sum();
    let sums = if width <= FEW {
        rows::sum(rows, area, |range, sums| {
            let (mut packed, mut scratch) = (vec![N::zero(); width * BLOCK], Vec::new());
            for range in rows::blocks(range) {
                if (control.stop)() {
                    return;
                }
                for (j, out) in packed.chunks_mut(BLOCK).enumerate() {
                    N::pack(j, range.clone(), fill, &mut out[..range.len()]);
                }
                for (tile, sums) in with_parts(&tiles, sums) {
                    tile.add(&packed, range.len(), &mut scratch, sums);
                }
            }
        })
    } else {
        let (mut packed, mut sums) = (vec![N::zero(); width * BLOCK], vec![0.0; area]);
        let mut parts = with_parts(&tiles, &mut sums);
        for range in rows::blocks(0..rows) {
            control.poll()?;
            let pack = |(j, out): (usize, &mut [N])| {
                N::pack(j, range.clone(), fill, &mut out[..range.len()]);
            };
            packed.par_chunks_mut(BLOCK).enumerate().with_min_len(PACKED).for_each(pack);
            parts.par_iter_mut().for_each_init(Vec::new, |scratch, (tile, sums)| {
                tile.add(&packed, range.len(), scratch, sums);
            });
        }
        sums
    };
    control.poll()?;
    Ok(assembled(&columns, &tiles, &sums))
}

/// Tiles with their places among the sums.
fn with_parts<'a>(tiles: &'a [Tile], mut sums: &'a mut [f64]) -> Vec<(&'a Tile, &'a mut [f64])> {
    tiles
        .iter()
        .map(|tile| {
            let (part, rest) = std::mem::take(&mut sums).split_at_mut(tile.area());
            sums = rest;
            (tile, part)
        })
        .collect()
}

fn assembled(columns: &Range<usize>, tiles: &[Tile], mut sums: &[f64]) -> Vec<f64> {
    let (first, width) = (columns.start, columns.end);
    let mut matrix = vec![0.0; columns.len() * width];
    for tile in tiles {
        let (part, rest) = sums.split_at(tile.area());
        sums = rest;
        for (i, values) in tile.left.clone().zip(part.chunks(tile.right.len())) {
            matrix[(i - first) * width + tile.right.start..][..values.len()]
                .copy_from_slice(values);
            if tile.right.start >= first && tile.right != tile.left {
                for (j, value) in tile.right.clone().zip(values) {
                    matrix[(j - first) * width + i] = *value;
                }
            }
        }
    }
    matrix
}

/// Adds to `sums`, row by row, the products of packed columns: column `j` begins at `j * BLOCK`,
/// and the first `length` rows of it count.
pub(crate) fn add_products(
    left: (&[f64], usize),
    right: (&[f64], usize),
    length: usize,
    sums: &mut [f64],
) {
    multiply(left, right, length, 1.0, sums);
}

/// `out * keep` plus the products of packed columns.
fn multiply<N: LinalgScalar>(
    left: (&[N], usize),
    right: (&[N], usize),
    length: usize,
    keep: N,
    out: &mut [N],
) {
    let view = |(packed, columns): (_, usize)| -> ArrayView2<'_, N> {
        ArrayView2::from_shape((columns, length).strides((BLOCK, 1)), packed)
            .expect("packed columns are blocks of BLOCK rows")
    };
    let mut out = ArrayViewMut2::from_shape((left.1, right.1), &mut out[..left.1 * right.1])
        .expect("as many sums as pairs of columns");
    general_mat_mul(N::one(), &view(left), &view(right).t(), keep, &mut out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::*;

    #[test]
    fn all_pairs_of_columns_are_multiplied() {
        for (rows, columns) in
            [(700, 0..5), (40, 0..70), (1100, 3..150), (600, 0..300), (30, 140..420)]
        {
            let x = uniform(rows, columns.end, 3);
            let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
                out.copy_from_slice(&x.column(j).as_slice().unwrap()[range]);
            };
            let expected = x.t().dot(&x);
            let expected = expected.slice(ndarray::s![columns.clone(), ..]);
            let control = Control::plain();
            let found = products(rows, columns.clone(), &fill, &control).unwrap();
            assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-13);
            let rough = rough_products(rows, columns, &fill, &control).unwrap();
            let largest =
                expected.iter().zip(&rough).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(largest < 1e-6 * rows as f64 && largest > 0.0, "{largest}");
        }
    }
}
