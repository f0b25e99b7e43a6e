//! Columns that were read and not yet split, and what is asked of them before they are.

use polars_core::runtime::RAYON;
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::data::moment;
use crate::data::{Column, ColumnInfo, ColumnKind, Columns, Table, Values};

use super::cells::Cells;
use super::error::{LoadError, LoadProblem};

/// The rows of a table that were kept, column by column. A copy shares the columns.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub(super) columns: Vec<(Arc<str>, Arc<Cells>)>,
    pub(super) rows: usize,
    pub(super) numbers: RowNumbers,
}

/// Where the rows of a frame are in their files, for messages.
#[derive(Clone, Debug)]
pub struct RowNumbers {
    /// For each row of the frame its position among all rows of the files; none: all were kept.
    kept: Option<Arc<[u32]>>,
    /// The files in order, each with the position of its first row.
    files: Arc<[(usize, Arc<Path>)]>,
    /// How many rows the files have.
    all: usize,
}

impl Default for RowNumbers {
    fn default() -> Self {
        Self::of(Path::new(""), 0)
    }
}

impl RowNumbers {
    /// All rows of a file.
    pub(super) fn of(file: &Path, rows: usize) -> Self {
        Self { kept: None, files: [(0, Arc::from(file))].into(), all: rows }
    }

    /// The data row of its file, counted from 1, that is row `row` (from 0) of the frame.
    pub fn get(&self, row: usize) -> u64 {
        let (position, (first, _)) = self.locate(row);
        (position - first) as u64 + 1
    }

    /// The file of row `row` (from 0) of the frame.
    pub fn file(&self, row: usize) -> &Path {
        let (_, (_, file)) = self.locate(row);
        file
    }

    fn locate(&self, row: usize) -> (usize, &(usize, Arc<Path>)) {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(row));
        let position = kept.map_or(row, |position| *position as usize);
        let behind = self.files.partition_point(|(first, _)| *first <= position);
        (position, &self.files[behind.saturating_sub(1)])
    }

    /// The rows of several frames, each with how many it has, one below the other.
    pub(super) fn join<'a>(frames: impl Iterator<Item = (&'a Self, usize)> + Clone) -> Self {
        let some_left_out = frames.clone().any(|(numbers, _)| numbers.kept.is_some());
        let (mut kept, mut files, mut all) = (Vec::new(), Vec::new(), 0);
        for (numbers, rows) in frames {
            if some_left_out {
                // More than u32 counts are refused right after.
                let number = |row| u32::try_from(all + numbers.locate(row).0).unwrap_or(u32::MAX);
                kept.extend((0..rows).map(number));
            }
            let moved = numbers.files.iter().map(|(first, file)| (all + first, file.clone()));
            files.extend(moved);
            all += numbers.all;
        }
        Self { kept: some_left_out.then(|| kept.into()), files: files.into(), all }
    }

    /// How many rows the files have.
    pub(super) fn all(&self) -> usize {
        self.all
    }
}

fn position(row: usize) -> u32 {
    u32::try_from(row).expect("the loader refuses more rows than u32 counts")
}

impl Frame {
    /// Every column has `rows` rows, all those of `file`.
    pub(super) fn new(columns: Vec<(Arc<str>, Cells)>, rows: usize, file: &Path) -> Self {
        debug_assert!(columns.iter().all(|(_, cells)| cells.len() == rows));
        let columns = columns.into_iter().map(|(name, cells)| (name, Arc::new(cells)));
        Self { columns: columns.collect(), rows, numbers: RowNumbers::of(file, rows) }
    }

    /// The first of its files.
    pub(super) fn file(&self) -> Arc<Path> {
        self.numbers.files[0].1.clone()
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names, types and missing values of all columns, in the order of the file.
    pub fn columns(&self) -> Columns {
        let info = |(name, cells): &(Arc<str>, Arc<Cells>)| ColumnInfo {
            name: name.clone(),
            kind: cells.kind(),
            missing: cells.missing(),
        };
        Columns { infos: self.columns.iter().map(info).collect(), rows: Some(self.rows) }
    }

    /// Whether a column holds numbers.
    pub fn is_number(&self, column: &str) -> bool {
        self.get(column).is_some_and(|cells| cells.kind().is_number())
    }

    /// Where the rows are in their files; outlives the frame.
    pub fn row_numbers(&self) -> RowNumbers {
        self.numbers.clone()
    }

    pub(super) fn get(&self, column: &str) -> Option<&Cells> {
        self.columns.iter().find(|(name, _)| **name == *column).map(|(_, cells)| &**cells)
    }

    pub(super) fn cells(&self, column: &str) -> Result<&Cells, LoadError> {
        self.get(column).ok_or_else(|| {
            let message = format!("there is no column `{column}` in the data");
            LoadError::new(LoadProblem::UnknownColumn, message).column(column)
        })
    }

    /// The numbers of a column, NaN where one is missing; truth values are 0 and 1.
    ///
    /// # Errors
    /// The column is not there or holds no numbers.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, LoadError> {
        Ok(match self.cells(column)? {
            Cells::Empty(rows) => vec![f64::NAN; *rows],
            Cells::Integer(integers) => integers.to_floats(),
            Cells::Float(values) => values.clone(),
            Cells::Bool(values) => {
                let number =
                    |value: &Option<bool>| value.map_or(f64::NAN, |on| f64::from(u8::from(on)));
                values.iter().map(number).collect()
            }
            Cells::Text(_) => {
                let message = format!("column `{column}` is text, not numbers");
                return Err(LoadError::new(LoadProblem::NotNumber, message).column(column));
            }
            cells @ (Cells::Moment(..) | Cells::Other(..)) => {
                return Err(unusable(column, &cells.kind()));
            }
        })
    }

    /// These rows in another order: row `i` of the result is row `order[i]` of this frame.
    #[must_use]
    pub fn gather(self, order: &[u32]) -> Self {
        let number = |row: &u32| u32::try_from(self.numbers.locate(*row as usize).0);
        let kept = order.iter().map(|row| number(row).unwrap_or(u32::MAX)).collect();
        let numbers = RowNumbers { kept: Some(kept), ..self.numbers };
        let gathered =
            |(name, cells)| (name, Arc::new(Arc::<Cells>::unwrap_or_clone(cells).gather(order)));
        let columns = self.columns.into_iter().map(gathered);
        Self { rows: order.len(), numbers, columns: columns.collect() }
    }

    /// The days or moments of a column in microseconds since 1970, none where one is missing.
    ///
    /// # Errors
    /// The column is not there or holds neither days nor moments.
    pub fn moments(&self, column: &str) -> Result<Vec<Option<i64>>, LoadError> {
        match self.cells(column)? {
            Cells::Empty(rows) => Ok(vec![None; *rows]),
            Cells::Moment(moments, _) => Ok(moments.iter().collect()),
            cells @ (Cells::Integer(_)
            | Cells::Float(_)
            | Cells::Bool(_)
            | Cells::Text(_)
            | Cells::Other(..)) => {
                let message =
                    format!("column `{column}` is of type {}, not date or datetime", cells.kind());
                Err(LoadError::new(LoadProblem::ColumnType, message)
                    .help(format!("declare it: `types: {{ {column}: datetime }}`"))
                    .column(column))
            }
        }
    }

    /// A value as a report names it; none where it is missing, or the column is not there or of a
    /// type that is not read.
    pub fn shown(&self, column: &str, row: usize) -> Option<String> {
        match self.get(column).filter(|cells| row < cells.len())? {
            Cells::Empty(_) | Cells::Other(..) => None,
            Cells::Integer(integers) => integers.get(row).map(|value| value.to_string()),
            Cells::Float(values) => {
                Some(values[row]).filter(|v| !v.is_nan()).map(|v| v.to_string())
            }
            Cells::Bool(values) => values[row].map(|value| value.to_string()),
            Cells::Text(texts) => texts.get(row).map(ToString::to_string),
            Cells::Moment(moments, calendar) => {
                moments.get(row).map(|value| moment::shown(value, *calendar))
            }
        }
    }

    /// The first rows, that many at most.
    #[must_use]
    pub fn first(self, rows: usize) -> Self {
        let mask: Vec<bool> = (0..self.rows).map(|row| row < rows).collect();
        self.keep(&mask)
    }

    /// This frame with one column more, behind the others.
    pub(super) fn push(&mut self, name: Arc<str>, cells: Cells) {
        debug_assert_eq!(cells.len(), self.rows, "one entry a row");
        self.columns.push((name, Arc::new(cells)));
    }

    /// The rows for which `mask`, one entry a row, is true.
    #[must_use]
    pub fn keep(self, mask: &[bool]) -> Self {
        debug_assert_eq!(mask.len(), self.rows, "one entry a row");
        let number = |row: usize| match &self.numbers.kept {
            Some(kept) => kept[row],
            None => position(row),
        };
        let kept: Arc<[u32]> = (0..self.rows).filter(|row| mask[*row]).map(number).collect();
        Self {
            rows: kept.len(),
            numbers: RowNumbers { kept: Some(kept), ..self.numbers },
            columns: self
                .columns
                .into_iter()
                .map(|(name, cells)| (name, Arc::new(Arc::unwrap_or_clone(cells).keep(mask))))
                .collect(),
        }
    }

    pub(super) fn select(mut self, columns: &[Arc<str>]) -> Self {
        let wanted: HashSet<&Arc<str>> = columns.iter().collect();
        self.columns.retain(|(name, _)| wanted.contains(name));
        self
    }

    /// The named columns, their rows in the order of `order` (positions of rows, from 0). Each
    /// column is freed as it is copied. Text becomes codes into what occurs in these rows.
    ///
    /// # Errors
    /// A column is not there or has a type that cannot be used.
    pub fn into_table(mut self, order: &[u32], columns: &[Arc<str>]) -> Result<Table, LoadError> {
        for name in columns {
            self.cells(name)?;
        }
        self = self.select(columns);
        let mut taken = Vec::with_capacity(columns.len());
        for name in columns {
            let at = self.columns.iter().position(|(other, _)| other == name);
            // A name that is asked for twice has left the frame with its first copy.
            let Some(at) = at else { continue };
            taken.push(self.columns.swap_remove(at));
        }
        let as_it_is = order.len() == self.rows && (0..).zip(order).all(|(row, at)| row == *at);
        let copy = |(name, cells): (Arc<str>, Arc<Cells>)| match Arc::try_unwrap(cells) {
            Ok(Cells::Float(values)) if as_it_is => {
                Ok(Column { name, values: Values::Number(values) })
            }
            Ok(cells) => ordered(name, &cells, order),
            Err(shared) => ordered(name, &shared, order),
        };
        let copied: Vec<Result<Column, LoadError>> =
            RAYON.install(|| taken.into_par_iter().map(copy).collect());
        Ok(Table { columns: copied.into_iter().collect::<Result<_, _>>()?, rows: order.len() })
    }

    /// As [`Frame::into_table`], for a frame that is needed again.
    ///
    /// # Errors
    /// As [`Frame::into_table`].
    pub fn table(&self, order: &[u32], columns: &[Arc<str>]) -> Result<Table, LoadError> {
        let mut seen = HashSet::new();
        let once = columns.iter().filter(|name| seen.insert(*name));
        let copy = |name: &Arc<str>| ordered(name.clone(), self.cells(name)?, order);
        let copied = once.map(copy).collect::<Result<_, _>>()?;
        Ok(Table { columns: copied, rows: order.len() })
    }
}

fn ordered(name: Arc<str>, cells: &Cells, order: &[u32]) -> Result<Column, LoadError> {
    match cells.ordered(order) {
        Some(values) => Ok(Column { name, values }),
        None => Err(unusable(&name, &cells.kind())),
    }
}

/// A column whose type no step and no model takes.
pub(super) fn unusable(column: &str, kind: &ColumnKind) -> LoadError {
    let message = format!("column `{column}` is of type {kind}, which cannot be used");
    let help = if kind.is_moment() {
        "derive numbers from it, as with `extract(year from …)`, or leave it out"
    } else {
        "turn it into numbers, truth values or text in a step before, or leave it out"
    };
    LoadError::new(LoadProblem::ColumnType, message).help(help).column(column)
}
