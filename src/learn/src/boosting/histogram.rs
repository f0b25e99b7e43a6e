//! Rows to histograms: for every bin of every column the sums of gradients, hessians and rows.
//!
//! Gradients and hessians are rounded to whole multiples of a unit, so small that the sum over all
//! rows just fits a machine word. Whole numbers add up to the same in any order, so the rows can be
//! shared among any number of threads, and a histogram minus another is exact.

use rayon::prelude::*;

use super::bins::{Binned, PANEL};

/// Rows from which threads share the work on a histogram.
const SHARED: usize = 16_384;

/// Panels from which threads share panels; below, they share rows and need room for their sums.
const PANELS: usize = 16;

/// The share of a thread.
const PART: usize = 16_384;

/// Adding this rounds to a whole number, in the lower bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Bits of whole numbers that [`ROUND`] can round.
const ROUNDED_BITS: u32 = 50;

/// What is summed for a row, in a form that adds up with one or two instructions. With one word:
/// the gradient above the number of rows. With two: the gradient, and the hessian above the number
/// of rows.
pub(super) type Sum<const WORDS: usize> = [u64; WORDS];

/// The sums of a column by bin.
pub(super) type Cells<const WORDS: usize> = [Sum<WORDS>; 256];

/// The sums of a set of rows as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) rows: u32,
}

/// How sums stand in words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    /// Bits of the number of rows.
    row_bits: u32,
    gradient: f64,
    per_gradient: f64,
    hessian: f64,
    per_hessian: f64,
}

/// Bits for the gradient of one row beside the rows in one word.
fn single_bits(row_bits: u32) -> u32 {
    63_u32.saturating_sub(2 * row_bits)
}

/// Whether one word is enough for rows whose hessian is 1.
pub(super) fn fits_one_word(rows: usize) -> bool {
    single_bits(bits(rows)) >= 18
}

fn bits(rows: usize) -> u32 {
    usize::BITS - rows.leading_zeros()
}

impl Units {
    /// Units for `rows` rows with gradients and hessians up to these sizes.
    pub(super) fn new<const WORDS: usize>(rows: usize, gradient: f64, hessian: f64) -> Self {
        let row_bits = bits(rows);
        let (gradient_bits, hessian_bits) = match WORDS {
            1 => (single_bits(row_bits), 0),
            _ => (62 - row_bits, single_bits(row_bits)),
        };
        let per = |bits: u32, largest: f64| {
            // A power of two, so that units do not depend on the last bits of the largest.
            let exponent = if largest > 0.0 { largest.log2().ceil() } else { 0.0 };
            let exponent = exponent.clamp(-900.0, 900.0) as i32;
            2_f64.powi(bits.min(ROUNDED_BITS) as i32 - exponent)
        };
        let per_gradient = per(gradient_bits, gradient);
        let per_hessian = if WORDS == 1 { 1.0 } else { per(hessian_bits, hessian) };
        Self {
            row_bits,
            gradient: 1.0 / per_gradient,
            per_gradient,
            hessian: 1.0 / per_hessian,
            per_hessian,
        }
    }

    /// The words of one row.
    #[inline(always)]
    pub(super) fn pack<const WORDS: usize>(&self, gradient: f64, hessian: f64) -> Sum<WORDS> {
        let whole = |value: f64| (value + ROUND).to_bits().wrapping_sub(ROUND.to_bits());
        let mut words = [0; WORDS];
        words[0] = whole(gradient * self.per_gradient);
        if WORDS > 1 {
            words[WORDS - 1] = whole(hessian * self.per_hessian) << self.row_bits | 1;
        } else {
            words[0] = words[0] << self.row_bits | 1;
        }
        words
    }

    /// The words of a sum as numbers.
    #[inline(always)]
    pub(super) fn unpack<const WORDS: usize>(&self, words: Sum<WORDS>) -> Sums {
        let last = words[WORDS - 1];
        let rows = last & ((1 << self.row_bits) - 1);
        if WORDS > 1 {
            Sums {
                gradient: words[0] as i64 as f64 * self.gradient,
                hessian: (last >> self.row_bits) as i64 as f64 * self.hessian,
                rows: rows as u32,
            }
        } else {
            Sums {
                gradient: (last as i64 >> self.row_bits) as f64 * self.gradient,
                hessian: rows as i64 as f64,
                rows: rows as u32,
            }
        }
    }
}

#[inline(always)]
pub(super) fn add<const WORDS: usize>(to: &mut Sum<WORDS>, words: Sum<WORDS>) {
    for word in 0..WORDS {
        to[word] = to[word].wrapping_add(words[word]);
    }
}

#[inline(always)]
pub(super) fn minus<const WORDS: usize>(from: Sum<WORDS>, words: Sum<WORDS>) -> Sum<WORDS> {
    std::array::from_fn(|word| from[word].wrapping_sub(words[word]))
}

/// Fills the cells of all columns, which are 0, with the sums over `rows`.
pub(super) fn fill<const WORDS: usize>(
    binned: &Binned,
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    if rows.len() < SHARED {
        add_rows(binned, words, rows, cells);
        return;
    }
    if binned.panels.len() >= PANELS {
        let words = gathered(words, rows);
        let cells = cells.par_chunks_mut(PANEL);
        binned.panels.par_iter().zip(cells).for_each(|(panel, cells)| {
            add_panel(panel, &words, rows, cells);
        });
        return;
    }
    let columns = cells.len();
    let filled: Vec<Vec<Cells<WORDS>>> = rows
        .par_chunks(PART)
        .map(|rows| {
            let mut cells = vec![[[0; WORDS]; 256]; columns];
            add_rows(binned, words, rows, &mut cells);
            cells
        })
        .collect();
    for part in filled {
        for (cells, part) in cells.iter_mut().zip(part) {
            for (cell, words) in cells.iter_mut().zip(part) {
                add(cell, words);
            }
        }
    }
}

/// The words of the rows side by side: they lie apart, and every panel reads them.
fn gathered<const WORDS: usize>(words: &[Sum<WORDS>], rows: &[u32]) -> Vec<Sum<WORDS>> {
    rows.iter().map(|&row| words[row as usize]).collect()
}

fn add_rows<const WORDS: usize>(
    binned: &Binned,
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    let words = gathered(words, rows);
    for (panel, cells) in binned.panels.iter().zip(cells.chunks_mut(PANEL)) {
        add_panel(panel, &words, rows, cells);
    }
}

/// Adds the rows to the cells of a panel; `words` are those of the rows, in their order.
fn add_panel<const WORDS: usize>(
    panel: &[[u8; PANEL]],
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    // The width is a constant in each copy, so that the loop over columns is unrolled.
    match cells.len() {
        1 => add_columns::<WORDS, 1>(panel, words, rows, cells),
        2 => add_columns::<WORDS, 2>(panel, words, rows, cells),
        3 => add_columns::<WORDS, 3>(panel, words, rows, cells),
        4 => add_columns::<WORDS, 4>(panel, words, rows, cells),
        5 => add_columns::<WORDS, 5>(panel, words, rows, cells),
        6 => add_columns::<WORDS, 6>(panel, words, rows, cells),
        7 => add_columns::<WORDS, 7>(panel, words, rows, cells),
        _ => add_columns::<WORDS, 8>(panel, words, rows, cells),
    }
}

fn add_columns<const WORDS: usize, const WIDTH: usize>(
    panel: &[[u8; PANEL]],
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    let Some(cells) = cells.first_chunk_mut::<WIDTH>() else { return };
    for (&row, &words) in rows.iter().zip(words) {
        let bins = panel[row as usize];
        for column in 0..WIDTH {
            add(&mut cells[column][usize::from(bins[column])], words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_gradients_hessians_and_rows() {
        let units = Units::new::<2>(1000, 3.0, 0.25);
        let mut total = [0; 2];
        for row in 0..1000 {
            add(&mut total, units.pack(if row % 2 == 0 { -3.0 } else { 1.5 }, 0.125));
        }
        let sums = units.unpack(total);
        assert_eq!(sums, Sums { gradient: -750.0, hessian: 125.0, rows: 1000 });
        let rest = units.unpack(minus(total, units.pack(-3.0, 0.125)));
        assert_eq!(rest, Sums { gradient: -747.0, hessian: 124.875, rows: 999 });

        let units = Units::new::<1>(1000, 3.0, 1.0);
        let mut total = [0; 1];
        for _ in 0..1000 {
            add(&mut total, units.pack(-3.0, 1.0));
        }
        assert_eq!(units.unpack(total), Sums { gradient: -3000.0, hessian: 1000.0, rows: 1000 });
    }

    #[test]
    fn the_largest_gradients_of_many_rows_do_not_overflow() {
        for rows in [1, 2, 3, 1023, 1024, 1_000_000, 3_000_000] {
            for gradient in [-1.0, 1.0] {
                let units = Units::new::<1>(rows, 1.0, 1.0);
                let words = units.pack::<1>(gradient, 1.0)[0].wrapping_mul(rows as u64);
                let sums = units.unpack([words]);
                assert_eq!((sums.gradient, sums.rows), (gradient * rows as f64, rows as u32));
            }
        }
        assert!(fits_one_word(1_000_000) && !fits_one_word(100_000_000));
    }
}
