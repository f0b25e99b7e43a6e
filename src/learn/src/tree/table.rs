//! Turns columns into ranks of their values: from then on trees compare whole numbers.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::input::Columns;

/// Rows sorted by target, then weight, without those of weight 0. Within a tree a row is known by
/// its place in this order: rows that differ in nothing a criterion sees are interchangeable, so
/// the bits of every sum are the same for any order of the input.
pub(crate) fn canonical_order(
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

/// One column as trees see it. Rows are known by their canonical place.
pub(crate) struct RankedColumn {
    /// For every row the index of its value in `distinct`.
    pub(crate) ranks: Vec<u32>,
    /// The different values, rising.
    pub(crate) distinct: Vec<f64>,
    /// Rows by rising value; empty where nobody asked for it.
    pub(crate) order: Vec<u32>,
}

/// Whether a table keeps the rows of every column by rising value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orders {
    Kept,
    Dropped,
}

/// The ranks of all values, which any number of trees share.
pub(crate) struct Table {
    pub(crate) columns: Vec<RankedColumn>,
}

impl Table {
    /// The table of the rows in `canonical`.
    pub(crate) fn new(columns: &Columns<'_>, canonical: &[u32], orders: Orders) -> Self {
        let columns = (0..columns.len())
            .into_par_iter()
            .map(|j| RankedColumn::new(columns.column(j), canonical, orders))
            .collect();
        Self { columns }
    }

    /// The orders of all rows, for the only tree that is grown on the table.
    pub(crate) fn take_orders(&mut self) -> Vec<Vec<u32>> {
        self.columns.iter_mut().map(|column| std::mem::take(&mut column.order)).collect()
    }

    /// The orders of some rows: of those that weigh something.
    pub(crate) fn orders_of(&self, counts: &[u32]) -> Vec<Vec<u32>> {
        let drawn = |row: &u32| counts[*row as usize] > 0;
        self.columns
            .iter()
            .map(|column| column.order.iter().copied().filter(drawn).collect())
            .collect()
    }
}

impl RankedColumn {
    fn new(values: &[f64], canonical: &[u32], orders: Orders) -> Self {
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
        let order = match orders {
            Orders::Kept => keyed.into_iter().map(|(_, row)| row).collect(),
            Orders::Dropped => Vec::new(),
        };
        Self { ranks, distinct, order }
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
