//! The features as one column-major block of f64, beside it what is kept as codes, and views of rows.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ShapeBuilder, s};
use rayon::prelude::*;

use super::table::{Column, Indicator, MISSING, Table, Values};

/// Features as numbers: rows × columns, stored column by column.
#[derive(Clone, Debug)]
pub struct Matrix {
    values: Array2<f64>,
    names: Vec<Arc<str>>,
    levels: Vec<usize>,
    /// The places of the columns of `values` among all; empty where there are no blocks.
    places: Vec<usize>,
    blocks: Vec<Block>,
}

/// Columns that follow from the same codes.
#[derive(Clone, Debug)]
pub struct Block {
    codes: Arc<[u32]>,
    /// All codes are below.
    pub levels: u32,
    /// The columns with their places among all.
    pub columns: Vec<(usize, Indicator)>,
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
    /// As [`from_table`](Self::from_table), but columns of two numbers stay codes.
    ///
    /// # Errors
    /// As [`from_table`](Self::from_table).
    pub fn with_indicators(table: Table, gaps: Gaps) -> Result<Self, NotNumeric> {
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        let levels = table.columns.iter().map(|column| levels(&column.values)).collect();
        let (mut places, mut columns) = (Vec::new(), Vec::new());
        let mut blocks: Vec<Block> = Vec::new();
        for (place, column) in table.columns.into_iter().enumerate() {
            let Values::Indicator(indicator) = column.values else {
                places.push(place);
                columns.push(column);
                continue;
            };
            match blocks.last_mut() {
                Some(block) if Arc::ptr_eq(&block.codes, &indicator.codes) => {
                    block.columns.push((place, indicator));
                }
                _ => blocks.push(Block {
                    codes: indicator.codes.clone(),
                    levels: indicator.levels,
                    columns: vec![(place, indicator)],
                }),
            }
        }
        let dense = Self::from_table(Table { columns, rows: table.rows }, gaps)?;
        Ok(Self { names, levels, places, blocks, ..dense })
    }

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
        Ok(Self { values, names, levels, places: Vec::new(), blocks: Vec::new() })
    }

    /// Some rows of others, in the order of `order`.
    pub fn pick(rows: Rows<'_>, order: &[u32]) -> Self {
        debug_assert!(rows.indicators.is_empty(), "models made of models get numbers");
        let shape = (order.len(), rows.values.ncols()).f();
        let mut flat = vec![0.0; order.len() * rows.values.ncols()];
        flat.par_chunks_mut(order.len().max(1)).enumerate().for_each(|(column, into)| {
            let from = rows.values.column(column);
            for (to, row) in into.iter_mut().zip(order) {
                *to = from[*row as usize];
            }
        });
        let values = Array2::from_shape_vec(shape, flat).expect("one value a row and column");
        Self::new(values, rows.names.to_vec(), rows.levels.to_vec())
    }

    /// Columns with their names and levels (see [`Rows::levels`]); rows × columns, stored column by
    /// column.
    pub fn new(values: Array2<f64>, names: Vec<Arc<str>>, levels: Vec<usize>) -> Self {
        Self { values, names, levels, places: Vec::new(), blocks: Vec::new() }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.nrows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether some columns stayed codes.
    pub fn has_codes(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// How many numbers and codes a row takes.
    pub fn width(&self) -> usize {
        self.values.ncols() + self.blocks.len()
    }

    /// The rows from `start` to `end`, exclusive.
    pub fn rows(&self, start: usize, end: usize) -> Rows<'_> {
        Rows {
            values: self.values.slice(s![start..end, ..]),
            names: &self.names,
            levels: &self.levels,
            indicators: Indicators {
                places: &self.places,
                blocks: &self.blocks,
                rows: (start, end),
            },
        }
    }
}

/// How many categories a column has; 0 for numbers.
fn levels(values: &Values) -> usize {
    match values {
        Values::Number(_) | Values::Bool(_) | Values::Indicator(_) => 0,
        Values::Category { dictionary, .. } => dictionary.len(),
    }
}

/// The numbers of a column.
fn copy(column: Column, into: &mut [f64], gaps: Gaps) -> Result<(), NotNumeric> {
    match column.values {
        Values::Number(numbers) => into.copy_from_slice(&numbers),
        Values::Indicator(Indicator { codes, code, on, off, .. }) => {
            for (to, own) in into.iter_mut().zip(&*codes) {
                *to = if *own == code { on } else { off };
            }
        }
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
    /// Rows × columns, but for those of `indicators`.
    pub values: ArrayView2<'a, f64>,
    /// One name a column.
    pub names: &'a [Arc<str>],
    /// For a column of categories, whose values are their codes, how many there are; 0 for numbers.
    /// Shorter than the columns where the rest are numbers.
    pub levels: &'a [usize],
    /// The columns that stayed codes, for learners that take them.
    pub indicators: Indicators<'a>,
}

/// The columns of some rows that follow from codes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Indicators<'a> {
    /// The places of the other columns among all.
    pub places: &'a [usize],
    blocks: &'a [Block],
    rows: (usize, usize),
}

impl<'a> Indicators<'a> {
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Each block with the codes of these rows.
    pub fn blocks(self) -> impl Iterator<Item = (&'a Block, &'a [u32])> {
        let (start, end) = self.rows;
        self.blocks.iter().map(move |block| (block, &block.codes[start..end]))
    }
}

impl<'a> Rows<'a> {
    /// Some of the rows, one behind the other.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn part(&self, range: Range<usize>) -> Rows<'_> {
        let Indicators { places, blocks, rows: (start, _) } = self.indicators;
        let rows = (start + range.start, start + range.end);
        Rows {
            values: self.values.slice(s![range, ..]),
            names: self.names,
            levels: self.levels,
            indicators: Indicators { places, blocks, rows },
        }
    }

    /// The same rows for a shorter time: ndarray's views do not shorten on their own.
    #[must_use]
    pub fn reborrow<'b>(self) -> Rows<'b>
    where
        'a: 'b,
    {
        Rows {
            values: self.values.reborrow(),
            names: self.names,
            levels: self.levels,
            indicators: self.indicators,
        }
    }
}
