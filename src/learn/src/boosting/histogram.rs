//! Rows to histograms: for every bin of every column the sums of gradients, hessians and rows.
//!
//! Gradients and hessians are rounded to whole multiples of a unit, so small that the sum over all
//! rows just fits a machine word. Whole numbers add up to the same in any order, so the rows can be
//! shared among any number of threads, and a histogram minus another is exact.

use rayon::prelude::*;

use super::binned::{Binned, GROUP, Group, PANEL};

/// Values that are worth a thread.
const PART: usize = 1 << 15;

/// Rows that are put side by side.
const BLOCK: usize = 512;

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

/// Buffers for the shares of threads.
pub(super) type Parts<const WORDS: usize> = Vec<Vec<Cells<WORDS>>>;

/// Sets the cells of all columns to the sums over `rows`, which threads share.
pub(super) fn fill<const WORDS: usize>(
    binned: &Binned,
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
    parts: &mut Parts<WORDS>,
) {
    let most = (rows.len() * cells.len() / PART).min(2 * rayon::current_num_threads());
    let size = rows.len().div_ceil(most.max(1)).max(1);
    let (first, others) = rows.split_at(size.min(rows.len()));
    let pieces = others.len().div_ceil(size);
    parts.resize_with(parts.len().max(pieces), Vec::new);
    let count = |rows: &[u32], cells: &mut [Cells<WORDS>]| {
        cells.fill([[0; WORDS]; 256]);
        for (group, cells) in binned.groups.iter().zip(cells.chunks_mut(GROUP)) {
            add_group(group, words, rows, cells);
        }
    };
    let columns = cells.len();
    rayon::join(
        || count(first, cells),
        || {
            parts.par_iter_mut().zip(others.par_chunks(size)).for_each(|(part, rows)| {
                part.resize(columns, [[0; WORDS]; 256]);
                count(rows, part);
            });
        },
    );
    for part in &parts[..pieces] {
        for (cells, part) in cells.iter_mut().zip(part) {
            for (cell, words) in cells.iter_mut().zip(part) {
                add(cell, *words);
            }
        }
    }
}

/// Adds the rows to the cells of a group of columns.
///
/// The rows of a node lie apart. A block of them is first put side by side: those loads do not wait
/// for each other, and the sums of a panel then stay in the first cache.
pub(super) fn add_group<const WORDS: usize>(
    group: &Group,
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    match group.panels {
        1 => add_blocks::<WORDS, 1>(group, words, rows, cells),
        2 => add_blocks::<WORDS, 2>(group, words, rows, cells),
        3 => add_blocks::<WORDS, 3>(group, words, rows, cells),
        _ => add_blocks::<WORDS, 4>(group, words, rows, cells),
    }
}

fn add_blocks<const WORDS: usize, const PANELS: usize>(
    group: &Group,
    words: &[Sum<WORDS>],
    rows: &[u32],
    cells: &mut [Cells<WORDS>],
) {
    let (bytes, _) = group.bytes.as_chunks::<PANELS>();
    let mut near = [[[0; PANEL]; BLOCK]; PANELS];
    let mut near_words = [[0; WORDS]; BLOCK];
    for rows in rows.chunks(BLOCK) {
        for (place, &row) in rows.iter().enumerate() {
            near_words[place] = words[row as usize];
            let bins = &bytes[row as usize];
            for panel in 0..PANELS {
                near[panel][place] = bins[panel];
            }
        }
        for (near, cells) in near.iter().zip(cells.chunks_mut(PANEL)) {
            add_panel(&near[..rows.len()], &near_words[..rows.len()], cells);
        }
    }
}

/// Adds rows to the cells of a panel.
fn add_panel<const WORDS: usize>(
    bins: &[[u8; PANEL]],
    words: &[Sum<WORDS>],
    cells: &mut [Cells<WORDS>],
) {
    // The width is a constant in each copy, so that the loop over columns is unrolled.
    match cells.len() {
        1 => add_columns::<WORDS, 1>(bins, words, cells),
        2 => add_columns::<WORDS, 2>(bins, words, cells),
        3 => add_columns::<WORDS, 3>(bins, words, cells),
        4 => add_columns::<WORDS, 4>(bins, words, cells),
        5 => add_columns::<WORDS, 5>(bins, words, cells),
        6 => add_columns::<WORDS, 6>(bins, words, cells),
        7 => add_columns::<WORDS, 7>(bins, words, cells),
        _ => add_columns::<WORDS, 8>(bins, words, cells),
    }
}

fn add_columns<const WORDS: usize, const WIDTH: usize>(
    bins: &[[u8; PANEL]],
    words: &[Sum<WORDS>],
    cells: &mut [Cells<WORDS>],
) {
    let Some(cells) = cells.first_chunk_mut::<WIDTH>() else { return };
    for (bins, &words) in bins.iter().zip(words) {
        for column in 0..WIDTH {
            add(&mut cells[column][usize::from(bins[column])], words);
        }
    }
}

/// Takes the sums of some rows from those of more.
pub(super) fn subtract<const WORDS: usize>(from: &mut [Cells<WORDS>], others: &[Cells<WORDS>]) {
    for (cell, other) in from.as_flattened_mut().iter_mut().zip(others.as_flattened()) {
        *cell = minus(*cell, *other);
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
