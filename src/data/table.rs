//! Columns as plain vectors, in the order of the split, so that training rows come first.

use std::sync::Arc;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// The values of one column; every variant has one entry a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; a missing one is NaN.
    Number(Vec<f64>),
    /// Codes into a dictionary that is sorted by code point; a missing one is [`MISSING`].
    Category { codes: Vec<u32>, dictionary: Arc<[Arc<str>]> },
    /// Truth values; a missing one is none.
    Bool(Vec<Option<bool>>),
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: Arc<str>,
    pub values: Values,
}

impl Column {
    pub fn number(name: impl Into<Arc<str>>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Number(values) }
    }

    pub fn len(&self) -> usize {
        match &self.values {
            Values::Number(values) => values.len(),
            Values::Category { codes, .. } => codes.len(),
            Values::Bool(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the values from `start` on into the order of `order`, which counts from there.
    pub fn reorder(&mut self, start: usize, order: &[u32]) {
        let rows = start..start + order.len();
        match &mut self.values {
            Values::Number(values) => reordered(&mut values[rows], order),
            Values::Category { codes, .. } => reordered(&mut codes[rows], order),
            Values::Bool(values) => reordered(&mut values[rows], order),
        }
    }

    /// How many of the first `rows` entries are missing.
    pub fn missing(&self, rows: usize) -> usize {
        match &self.values {
            Values::Number(values) => values[..rows].iter().filter(|value| value.is_nan()).count(),
            Values::Category { codes, .. } => {
                codes[..rows].iter().filter(|code| **code == MISSING).count()
            }
            Values::Bool(values) => values[..rows].iter().filter(|value| value.is_none()).count(),
        }
    }

    /// What the values are, in words for a message.
    pub fn kind(&self) -> &'static str {
        match &self.values {
            Values::Number(_) => "numbers",
            Values::Category { .. } => "categories",
            Values::Bool(_) => "truth values",
        }
    }
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
}

impl Table {
    /// Some rows, in the order of `order`.
    #[must_use]
    pub fn pick(&self, order: &[u32]) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|column| Column {
                name: column.name.clone(),
                values: match &column.values {
                    Values::Number(values) => Values::Number(picked(values, order)),
                    Values::Category { codes, dictionary } => Values::Category {
                        codes: picked(codes, order),
                        dictionary: dictionary.clone(),
                    },
                    Values::Bool(values) => Values::Bool(picked(values, order)),
                },
            })
            .collect();
        Self { columns, rows: order.len() }
    }
}

fn reordered<T: Copy>(values: &mut [T], order: &[u32]) {
    let picked = picked(values, order);
    values.copy_from_slice(&picked);
}

fn picked<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|row| values[*row as usize]).collect()
}
