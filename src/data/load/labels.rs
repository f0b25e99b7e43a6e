//! The labels of a column, and its rows as codes into them.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use polars_core::runtime::RAYON;
use rayon::prelude::*;

use crate::data::{Classes, Label, MISSING};

use super::cells::{Cells, Integers};
use super::error::{LoadError, LoadProblem};
use super::frame::{Frame, unusable};
use super::infer::whole;

/// How many rows are looked at as one piece.
const PART: usize = 1 << 16;

/// So many labels are told apart by comparing each.
const FEW: usize = 16;

impl Frame {
    /// The distinct labels of a column of whole numbers, truth values or text.
    ///
    /// # Errors
    /// The column is not there, has a type without labels, or holds a number with a fraction.
    pub fn classes(&self, column: &str) -> Result<Classes, LoadError> {
        let cells = self.cells(column)?;
        let labels: HashSet<Label> = match cells {
            Cells::Integer(_) | Cells::Float(_) => self.distinct(column, cells)?,
            Cells::Bool(values) => {
                values.iter().flatten().map(|value| Label::Bool(*value)).collect()
            }
            Cells::Text(texts) => {
                let texts: HashSet<&Arc<str>> = texts.iter().flatten().collect();
                texts.into_iter().cloned().map(Label::Text).collect()
            }
            Cells::Empty(_) => HashSet::new(),
            Cells::Moment(..) | Cells::Other(..) => return Err(unusable(column, &cells.kind())),
        };
        Ok(Classes::new(labels.into_iter().collect()))
    }

    /// The labels of a column of numbers. A fault is that of the first row.
    fn distinct(&self, column: &str, cells: &Cells) -> Result<HashSet<Label>, LoadError> {
        let of_rows = |rows: Range<usize>| {
            // Most columns of classes have few of them: these are told apart without hashing.
            let mut few: Vec<Label> = Vec::new();
            let mut more = HashSet::new();
            for row in rows {
                let Some(label) = self.label(column, cells, row)? else { continue };
                if few.contains(&label) {
                    continue;
                }
                if few.len() < FEW {
                    few.push(label);
                } else {
                    more.insert(label);
                }
            }
            more.extend(few);
            Ok(more)
        };
        let parts: Vec<Result<HashSet<Label>, LoadError>> = RAYON.install(|| {
            let starts = (0..self.rows).into_par_iter().step_by(PART);
            starts.map(|start| of_rows(start..self.rows.min(start + PART))).collect()
        });
        parts.into_iter().try_fold(HashSet::new(), |mut all, part| {
            all.extend(part?);
            Ok(all)
        })
    }

    /// The class of each row as a code into `classes`; a missing one is [`MISSING`].
    ///
    /// # Errors
    /// As [`Frame::classes`], or a label is not among `classes`.
    pub fn codes(&self, column: &str, classes: &Classes) -> Result<Vec<u32>, LoadError> {
        let cells = self.cells(column)?;
        if let (Cells::Integer(integers), Some(numbers)) = (cells, numbers_of(classes))
            && let Some(codes) = codes_of(integers, &numbers)
        {
            return Ok(codes);
        }
        let code = |row: usize| {
            let Some(label) = self.label(column, cells, row)? else {
                return Ok(MISSING);
            };
            classes.code(&label).ok_or_else(|| {
                let number = self.numbers.get(row);
                LoadError::new(
                    LoadProblem::UnknownClass,
                    format!("row {number} of column `{column}` is `{label}`, which is not among the classes"),
                )
                .help(format!("the classes are {}", classes.listing()))
                .row(number)
                .column(column)
                .files([self.numbers.file(row)])
            })
        };
        let codes: Result<Vec<u32>, LoadError> =
            RAYON.install(|| (0..self.rows).into_par_iter().with_min_len(PART).map(code).collect());
        // Whichever thread found a fault first, that of the first row is told.
        codes.or_else(|_| (0..self.rows).map(code).collect())
    }

    pub(super) fn label(
        &self,
        column: &str,
        cells: &Cells,
        row: usize,
    ) -> Result<Option<Label>, LoadError> {
        Ok(match cells {
            Cells::Integer(integers) => integers.get(row).map(Label::Integer),
            Cells::Float(values) if values[row].is_nan() => None,
            Cells::Float(values) => match whole(values[row]) {
                Some(value) => Some(Label::Integer(value)),
                None => return Err(self.not_whole(column, row, values[row])),
            },
            Cells::Bool(values) => values[row].map(Label::Bool),
            Cells::Text(texts) => texts.get(row).cloned().map(Label::Text),
            Cells::Empty(_) => None,
            Cells::Moment(..) | Cells::Other(..) => return Err(unusable(column, &cells.kind())),
        })
    }

    fn not_whole(&self, column: &str, row: usize, value: f64) -> LoadError {
        let number = self.numbers.get(row);
        let message = format!("row {number} of column `{column}` is {value}, which is no class");
        LoadError::new(LoadProblem::NotClasses, message)
            .help("classes are text, truth values or whole numbers; declare the column as `category` to take its values as they are written")
            .row(number)
            .column(column)
            .files([self.numbers.file(row)])
    }
}

/// The classes as whole numbers, sorted; none where they are not.
fn numbers_of(classes: &Classes) -> Option<Vec<i64>> {
    let number = |label: &Label| match label {
        Label::Integer(number) => Some(*number),
        Label::Bool(_) | Label::Text(_) => None,
    };
    classes.labels().iter().map(number).collect()
}

/// The codes of whole numbers; none where one of them is not among the classes.
fn codes_of(integers: &Integers, numbers: &[i64]) -> Option<Vec<u32>> {
    const UNKNOWN: u32 = MISSING - 1;
    let code = |row: usize| match integers.get(row) {
        None => MISSING,
        Some(value) => numbers.binary_search(&value).map_or(UNKNOWN, |at| at as u32),
    };
    let codes: Vec<u32> = RAYON
        .install(|| (0..integers.len()).into_par_iter().with_min_len(PART).map(code).collect());
    let known = RAYON.install(|| codes.par_iter().all(|code| *code != UNKNOWN));
    known.then_some(codes)
}
