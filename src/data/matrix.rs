//! The features as one column-major block of f64, and views of its rows.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ShapeBuilder, s};
use rayon::prelude::*;

use super::table::{Column, MISSING, Table, Values};

/// Features as numbers: rows × columns, stored column by column.
#[derive(Clone, Debug)]
pub struct Matrix {
    values: Array2<f64>,
    names: Vec<Arc<str>>,
    levels: Vec<usize>,
}

/// What a matrix may hold besides finite numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// Nothing.
    Refused,
    /// NaN for a missing value, and categories by their codes.
    Kept,
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
    /// The first column that holds more than finite numbers and what `gaps` allows.
    pub fn from_table(table: Table, gaps: Gaps) -> Result<Self, NotNumeric> {
        let shape = (table.rows, table.columns.len()).f();
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        let levels = table.columns.iter().map(|column| levels(&column.values)).collect();
        let mut flat = vec![0.0; table.rows * table.columns.len()];
        let copied: Vec<Result<(), NotNumeric>> = flat
            .par_chunks_mut(table.rows.max(1))
            .zip(table.columns)
            .map(|(into, column)| copy(column, into, gaps))
            .collect();
        // The first column at fault is told, whichever thread found one first.
        copied.into_iter().collect::<Result<(), _>>()?;
        let values = Array2::from_shape_vec(shape, flat).expect("one value a row and column");
        Ok(Self { values, names, levels })
    }

    /// Some rows of others, in the order of `order`.
    pub fn pick(rows: Rows<'_>, order: &[u32]) -> Self {
        let shape = (order.len(), rows.values.ncols()).f();
        let mut flat = vec![0.0; order.len() * rows.values.ncols()];
        flat.par_chunks_mut(order.len().max(1)).enumerate().for_each(|(column, into)| {
            let from = rows.values.column(column);
            for (to, row) in into.iter_mut().zip(order) {
                *to = from[*row as usize];
            }
        });
        let values = Array2::from_shape_vec(shape, flat).expect("one value a row and column");
        Self { values, names: rows.names.to_vec(), levels: rows.levels.to_vec() }
    }

    /// Columns with their names and levels (see [`Rows::levels`]); rows × columns, stored column by
    /// column.
    pub fn new(values: Array2<f64>, names: Vec<Arc<str>>, levels: Vec<usize>) -> Self {
        Self { values, names, levels }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows from `start` to `end`, exclusive.
    pub fn rows(&self, start: usize, end: usize) -> Rows<'_> {
        Rows {
            values: self.values.slice(s![start..end, ..]),
            names: &self.names,
            levels: &self.levels,
        }
    }
}

/// How many categories a column has; 0 for numbers.
fn levels(values: &Values) -> usize {
    match values {
        Values::Number(_) | Values::Bool(_) => 0,
        Values::Category { dictionary, .. } => dictionary.len(),
    }
}

/// The numbers of a column.
fn copy(column: Column, into: &mut [f64], gaps: Gaps) -> Result<(), NotNumeric> {
    match column.values {
        Values::Number(numbers) => into.copy_from_slice(&numbers),
        Values::Bool(flags) => {
            for (to, flag) in into.iter_mut().zip(flags) {
                *to = flag.map_or(f64::NAN, |on| f64::from(u8::from(on)));
            }
        }
        Values::Category { codes, .. } if gaps == Gaps::Kept => {
            for (to, code) in into.iter_mut().zip(codes) {
                *to = if code == MISSING { f64::NAN } else { f64::from(code) };
            }
        }
        Values::Category { .. } => return Err(NotNumeric::Categories { column: column.name }),
    }
    let refused = |value: f64| match gaps {
        Gaps::Refused => !value.is_finite(),
        Gaps::Kept => value.is_infinite(),
    };
    let Some(row) = into.iter().position(|value| refused(*value)) else { return Ok(()) };
    if into[row].is_infinite() {
        return Err(NotNumeric::Infinite { column: column.name, row });
    }
    let count = into.iter().filter(|value| value.is_nan()).count();
    Err(NotNumeric::Missing { column: column.name, count, row })
}

/// Consecutive rows of a [`Matrix`].
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Rows × columns.
    pub values: ArrayView2<'a, f64>,
    /// One name a column.
    pub names: &'a [Arc<str>],
    /// For a column of categories, whose values are their codes, how many there are; 0 for numbers.
    /// Shorter than the columns where the rest are numbers.
    pub levels: &'a [usize],
}

impl<'a> Rows<'a> {
    /// The same rows for a shorter time: ndarray's views do not shorten on their own.
    #[must_use]
    pub fn reborrow<'b>(self) -> Rows<'b>
    where
        'a: 'b,
    {
        Rows { values: self.values.reborrow(), names: self.names, levels: self.levels }
    }
}
