//! Sorts every column once; the growth of a tree only ever partitions these orders.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::input::Columns;

/// Rows sorted by target, then weight, without those of weight 0. Within a tree a row is known by
/// its place in this order: rows that differ in nothing a criterion sees are interchangeable, so
/// the bits of every sum are the same for any order of the input.
pub(super) fn canonical_order(
    rows: usize,
    weights: Option<&[f64]>,
    compare: impl Fn(usize, usize) -> Ordering + Sync,
) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows)
        .filter(|&row| weights.is_none_or(|weights| weights[row] > 0.0))
        .map(|row| row as u32)
        .collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        compare(a, b).then_with(|| {
            weights.map_or(Ordering::Equal, |weights| weights[a].total_cmp(&weights[b]))
        })
    });
    order
}

/// One column as a tree sees it.
pub(super) struct SortedColumn {
    /// Rows by rising value. A tree reorders it so that every node owns a stretch, still sorted.
    pub(super) order: Vec<u32>,
    /// For every row the index of its value in `distinct`.
    pub(super) ranks: Vec<u32>,
    /// The different values, rising.
    pub(super) distinct: Vec<f64>,
}

pub(super) fn sort_columns(columns: &Columns<'_>, canonical: &[u32]) -> Vec<SortedColumn> {
    (0..columns.len())
        .into_par_iter()
        .map(|j| SortedColumn::new(columns.column(j), canonical))
        .collect()
}

impl SortedColumn {
    fn new(values: &[f64], canonical: &[u32]) -> Self {
        let mut keyed: Vec<(u64, u32)> = canonical
            .iter()
            .zip(0..)
            .map(|(&original, row)| (sort_key(values[original as usize]), row))
            .collect();
        keyed.sort_unstable();
        let mut ranks = vec![0; keyed.len()];
        let mut distinct = Vec::new();
        let mut last = None;
        for &(key, row) in &keyed {
            if last != Some(key) {
                last = Some(key);
                distinct.push(values[canonical[row as usize] as usize]);
            }
            ranks[row as usize] = (distinct.len() - 1) as u32;
        }
        Self { order: keyed.into_iter().map(|(_, row)| row).collect(), ranks, distinct }
    }

    /// The cut between the values of two ranks: their midpoint, or the lower one where rounding
    /// would move the midpoint onto the upper.
    pub(super) fn threshold(&self, lower: u32, upper: u32) -> f64 {
        let (lower, upper) = (self.distinct[lower as usize], self.distinct[upper as usize]);
        let middle = 0.5 * lower + 0.5 * upper;
        if lower <= middle && middle < upper { middle } else { lower }
    }
}

/// Bits whose order as whole numbers is that of the values, with -0 equal to 0.
fn sort_key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}
