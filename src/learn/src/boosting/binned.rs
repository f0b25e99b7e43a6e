//! Rows of a table to their bins, in the two orders that boosting reads them in.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::bins::{Binning, column};

/// Columns whose bins are added up together.
pub(super) const PANEL: usize = 8;

/// Panels of a group: the bins of a row in all of them lie side by side and are read at once.
const GROUPED: usize = 4;

/// Columns of a group.
pub(super) const GROUP: usize = PANEL * GROUPED;

/// Rows that one thread puts into bins at a time.
const BINNED: usize = 8192;

/// The bins of some rows.
pub(super) struct Binned {
    /// Up to [`GROUP`] columns each.
    pub(super) groups: Vec<Group>,
    /// The bins of every column, for the division of nodes.
    pub(super) columns: Vec<Vec<u8>>,
}

/// The bins of neighbouring columns, row after row.
pub(super) struct Group {
    /// Panels of a row; the last one may stand for fewer columns than it has bytes.
    pub(super) panels: usize,
    pub(super) bytes: Vec<[u8; PANEL]>,
}

impl Binned {
    /// The bins of `rows` of `x`.
    pub(super) fn new(binning: &Binning, x: ArrayView2<'_, f64>, rows: &[u32]) -> Self {
        let columns: Vec<Vec<u8>> = binning
            .columns
            .iter()
            .enumerate()
            .map(|(j, bins)| {
                let values = column(&x, j);
                let mut bytes = vec![0; rows.len()];
                bytes.par_chunks_mut(BINNED).enumerate().for_each(|(index, bytes)| {
                    let rows = rows[index * BINNED..][..bytes.len()].iter();
                    match values.to_slice() {
                        Some(values) => bins.fill(rows.map(|&row| values[row as usize]), bytes, 1),
                        None => bins.fill(rows.map(|&row| values[row as usize]), bytes, 1),
                    }
                });
                bytes
            })
            .collect();
        let groups = columns.chunks(GROUP).map(|columns| Group::new(columns, rows.len())).collect();
        Self { groups, columns }
    }

    pub(super) fn bin(&self, row: usize, column: usize) -> u8 {
        self.columns[column][row]
    }
}

impl Group {
    fn new(columns: &[Vec<u8>], rows: usize) -> Self {
        let panels = columns.len().div_ceil(PANEL);
        let mut bytes = vec![[0; PANEL]; rows * panels];
        bytes.par_chunks_mut(BINNED * panels).enumerate().for_each(|(index, bytes)| {
            let flat = bytes.as_flattened_mut();
            for (lane, column) in columns.iter().enumerate() {
                let column = &column[index * BINNED..];
                let places = flat[lane..].iter_mut().step_by(panels * PANEL);
                for (place, bin) in places.zip(column) {
                    *place = *bin;
                }
            }
        });
        Self { panels, bytes }
    }
}
