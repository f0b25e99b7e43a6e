//! Turns columns into ranks of their values: from then on trees compare whole numbers.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::criterion::MARK;
use crate::bins::ColumnBins;
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

/// One column as trees see it. Rows are known by their canonical place; what trees do not ask for
/// is empty.
#[derive(Default)]
pub(crate) struct TableColumn {
    /// The value of every row.
    pub(crate) values: Vec<f64>,
    /// For every row the index of its value in `distinct`.
    pub(crate) ranks: Vec<u32>,
    /// The different values, rising.
    pub(crate) distinct: Vec<f64>,
    /// Rows by rising value, with a [`MARK`] where it is another than before.
    pub(crate) order: Vec<u32>,
    /// For every row the index of its bin in `edges`.
    pub(crate) bins: Vec<u8>,
    /// The least and the greatest value of every bin, rising; no bin is empty.
    pub(crate) edges: Vec<(f64, f64)>,
}

/// What trees ask of their table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Values,
    Ranks,
    RanksAndOrders,
    /// At most so many.
    Bins(usize),
}

/// The columns, which any number of trees share.
pub(crate) struct Table {
    pub(crate) columns: Vec<TableColumn>,
    rows: usize,
}

impl Table {
    /// The table of the rows in `canonical`; bins hold about the same share of `weights`.
    pub(crate) fn new(
        columns: &Columns<'_>,
        canonical: &[u32],
        weights: Option<&[f64]>,
        asked: Asked,
    ) -> Self {
        let columns = (0..columns.len())
            .into_par_iter()
            .map(|j| match asked {
                Asked::Bins(most) => {
                    TableColumn::binned(columns.column(j), canonical, weights, most)
                }
                Asked::Values | Asked::Ranks | Asked::RanksAndOrders => {
                    TableColumn::new(columns.column(j), canonical, asked)
                }
            })
            .collect();
        Self { columns, rows: canonical.len() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The orders of all rows, for the only tree that is grown on the table.
    pub(crate) fn take_orders(&mut self) -> Vec<Vec<u32>> {
        self.columns.iter_mut().map(|column| std::mem::take(&mut column.order)).collect()
    }

    /// The orders of some rows: of those that weigh something.
    pub(crate) fn orders_of(&self, counts: &[u32]) -> Vec<Vec<u32>> {
        let some = counts.iter().filter(|count| **count > 0).count();
        let of = |column: &TableColumn| {
            let mut mark = 0;
            let drawn = |row: &u32| {
                let row = *row;
                mark |= row & MARK;
                let is_drawn = counts[(row & !MARK) as usize] > 0;
                is_drawn.then(|| row | std::mem::take(&mut mark))
            };
            // Without room for more: there is an order for every column of every tree at hand.
            let mut order = Vec::with_capacity(if column.order.is_empty() { 0 } else { some });
            order.extend(column.order.iter().filter_map(drawn));
            order
        };
        self.columns.iter().map(of).collect()
    }
}

impl TableColumn {
    fn new(values: &[f64], canonical: &[u32], asked: Asked) -> Self {
        if asked == Asked::Values {
            let values = canonical.iter().map(|&row| values[row as usize]).collect();
            return Self { values, ..Self::default() };
        }
        let mut keyed: Vec<(u64, u32)> = canonical
            .iter()
            .zip(0..)
            .map(|(&original, row)| (sort_key(values[original as usize]), row))
            .collect();
        keyed.sort_unstable();
        let mut ranks = vec![0; keyed.len()];
        let mut distinct = Vec::new();
        let mut last = None;
        let mut order = match asked {
            Asked::RanksAndOrders => Vec::with_capacity(keyed.len()),
            Asked::Values | Asked::Ranks | Asked::Bins(_) => Vec::new(),
        };
        for (key, row) in keyed {
            let differs = last != Some(key);
            if differs {
                last = Some(key);
                distinct.push(values[canonical[row as usize] as usize]);
            }
            ranks[row as usize] = (distinct.len() - 1) as u32;
            if asked == Asked::RanksAndOrders {
                order.push(if differs { row | MARK } else { row });
            }
        }
        Self { ranks, distinct, order, ..Self::default() }
    }

    fn binned(values: &[f64], canonical: &[u32], weights: Option<&[f64]>, max_bins: usize) -> Self {
        // All rows say where the bins are, so that their order has no say.
        let column = ColumnBins::numbers(values.into(), canonical, weights, max_bins);
        let mut bins = vec![0; canonical.len()];
        column.fill(canonical.iter().map(|&row| values[row as usize]), &mut bins, 1);
        let mut edges = vec![(f64::INFINITY, f64::NEG_INFINITY); column.len()];
        for (&row, &bin) in canonical.iter().zip(&bins) {
            let value = values[row as usize] + 0.0;
            let (least, greatest) = &mut edges[usize::from(bin)];
            *least = least.min(value);
            *greatest = greatest.max(value);
        }
        let is_empty = |(least, greatest): &(f64, f64)| least > greatest;
        if edges.iter().any(is_empty) {
            let mut used = 0;
            let place = |edge: &(f64, f64)| {
                let place = used;
                used += u8::from(!is_empty(edge));
                place
            };
            let places: Vec<u8> = edges.iter().map(place).collect();
            for bin in &mut bins {
                *bin = places[usize::from(*bin)];
            }
            edges.retain(|edge| !is_empty(edge));
        }
        Self { bins, edges, ..Self::default() }
    }

    /// The cut between the values of two ranks, or of two bins: their midpoint, or the lower one
    /// where rounding would move the midpoint onto the upper.
    pub(super) fn threshold(&self, lower: u32, upper: u32) -> f64 {
        let (lower, upper) = if self.edges.is_empty() {
            (self.distinct[lower as usize], self.distinct[upper as usize])
        } else {
            (self.edges[lower as usize].1, self.edges[upper as usize].0)
        };
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
