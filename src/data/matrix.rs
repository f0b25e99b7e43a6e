//! The features as one column-major block of f64, and views of its rows.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ShapeBuilder, s};

use super::table::{Table, Values};

/// Features as numbers: rows × columns, stored column by column.
#[derive(Clone, Debug)]
pub struct Matrix {
    values: Array2<f64>,
    names: Vec<Arc<str>>,
}

/// The column that keeps a table from being a matrix, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum NotNumeric {
    /// The column holds categories.
    Categories { column: Arc<str> },
    /// The column has this many missing values, the first in this row (from 0).
    Missing { column: Arc<str>, count: usize, row: usize },
    /// The column holds an infinite value in this row (from 0).
    Infinite { column: Arc<str>, row: usize },
}

impl Matrix {
    /// Takes the table's columns over; each column is freed as it is copied. Truth values become
    /// 0 and 1.
    ///
    /// # Errors
    /// The first column that is not finite numbers throughout.
    pub fn from_table(table: Table) -> Result<Self, NotNumeric> {
        let mut values = Array2::zeros((table.rows, table.columns.len()).f());
        let mut names = Vec::with_capacity(table.columns.len());
        for (at, column) in table.columns.into_iter().enumerate() {
            let mut into = values.column_mut(at);
            let copied: Vec<f64> = match column.values {
                Values::Number(numbers) => numbers,
                Values::Bool(flags) => flags
                    .into_iter()
                    .map(|flag| flag.map_or(f64::NAN, |on| f64::from(u8::from(on))))
                    .collect(),
                Values::Category { .. } => {
                    return Err(NotNumeric::Categories { column: column.name });
                }
            };
            if let Some(row) = copied.iter().position(|value| !value.is_finite()) {
                if copied[row].is_infinite() {
                    return Err(NotNumeric::Infinite { column: column.name, row });
                }
                let count = copied.iter().filter(|value| value.is_nan()).count();
                return Err(NotNumeric::Missing { column: column.name, count, row });
            }
            for (to, from) in into.iter_mut().zip(copied) {
                *to = from;
            }
            names.push(column.name);
        }
        Ok(Self { values, names })
    }

    /// The rows from `start` to `end`, exclusive.
    pub fn rows(&self, start: usize, end: usize) -> Rows<'_> {
        Rows { values: self.values.slice(s![start..end, ..]), names: &self.names }
    }
}

/// Consecutive rows of a [`Matrix`].
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Rows × columns.
    pub values: ArrayView2<'a, f64>,
    /// One name a column.
    pub names: &'a [Arc<str>],
}

impl<'a> Rows<'a> {
    /// The same rows for a shorter time: ndarray's views do not shorten on their own.
    #[must_use]
    pub fn reborrow<'b>(self) -> Rows<'b>
    where
        'a: 'b,
    {
        Rows { values: self.values.reborrow(), names: self.names }
    }
}
