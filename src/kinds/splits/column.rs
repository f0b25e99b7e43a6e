//! The column of a split: what is wrong without it, and its rows by value.

use super::{About, ColumnRole, Keys, SplitColumn, SplitRows};
use crate::data::ColumnName;
use crate::diagnostic::{Code, Problem};

/// What is known of a split by a column; without the column, `check` has refused the spec.
pub fn about(column: Option<&ColumnName>, role: ColumnRole, folds: usize) -> About<'_> {
    About { column: column.map(|name| SplitColumn { parameter: "column", name, role }), folds }
}

/// The column's name for people.
pub fn name(column: Option<&ColumnName>) -> &str {
    column.map_or("?", |name| name.written())
}

/// The values of the column.
///
/// # Errors
/// None, unless whoever calls the split broke the promise of [`SplitRows::keys`].
pub fn keys<'a>(rows: &SplitRows<'a>) -> Result<Keys<'a>, Problem> {
    let missing = || Problem::of_kind(Code::Internal, "the split was not given its column");
    rows.keys.ok_or_else(missing)
}

/// How many rows each value has, by code.
pub fn counts(keys: &Keys<'_>) -> Vec<usize> {
    let mut counts = vec![0; keys.distinct];
    for code in keys.codes {
        counts[*code as usize] += 1;
    }
    counts
}

/// The rows in the order of their times; those of one time in the order of the file.
pub struct Timeline<'a> {
    pub order: Vec<u32>,
    keys: Keys<'a>,
}

impl<'a> Timeline<'a> {
    pub fn new(keys: Keys<'a>) -> Self {
        let mut order: Vec<u32> = (0..keys.codes.len() as u32).collect();
        order.sort_by_key(|row| keys.codes[*row as usize]);
        Self { order, keys }
    }

    fn code(&self, row: u32) -> u32 {
        self.keys.codes[row as usize]
    }

    /// The position of the first row that has the time of the row at `position`.
    pub fn start_of_time(&self, position: usize) -> usize {
        let time = self.code(self.order[position]);
        self.order.partition_point(|row| self.code(*row) < time)
    }

    /// The time at a position as the data writes it, and how many rows have it.
    pub fn time(&self, position: usize) -> (String, usize) {
        let time = self.code(self.order[position]);
        let end = self.order.partition_point(|row| self.code(*row) <= time);
        ((self.keys.shown)(time), end - self.start_of_time(position))
    }
}
