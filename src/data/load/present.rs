//! Which rows have a value in a column.

use super::cells::Cells;
use super::frame::Frame;

impl Frame {
    /// One entry a row: whether the column has a value there. A column that is not there has none.
    pub fn present(&self, column: &str) -> Vec<bool> {
        match self.get(column) {
            Some(Cells::Integer(integers) | Cells::Moment(integers, _)) => {
                integers.iter().map(|value| value.is_some()).collect()
            }
            Some(Cells::Float(values)) => values.iter().map(|value| !value.is_nan()).collect(),
            Some(Cells::Bool(values)) => values.iter().map(Option::is_some).collect(),
            Some(Cells::Text(texts)) => texts.iter().map(|text| text.is_some()).collect(),
            Some(Cells::Other(_, rows)) => vec![true; *rows],
            Some(Cells::Empty(_)) | None => vec![false; self.rows()],
        }
    }
}
