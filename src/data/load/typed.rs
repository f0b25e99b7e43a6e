//! What the formats share whose columns have types of their own: their types as ours, their values
//! as cells, and how a file of theirs is refused.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{Column, DataType, PolarsError, PolarsResult, TimeUnit};
use polars_core::runtime::RAYON;
use polars_core::utils::arrow::datatypes::ArrowDataType;
use rayon::prelude::*;

use crate::data::moment::{self, Calendar, MICROSECONDS_A_DAY, in_range};
use crate::data::{ColumnInfo, ColumnKind, Columns, DeclaredType, Packing};

use super::Part;
use super::cells::{Cells, Integers, Texts};
use super::error::{LoadError, LoadProblem};
use super::frame::Frame;
use super::infer::{Builder, Misfit, Reading};
use super::source;

/// A file whose columns have types of their own.
#[derive(Clone, Copy)]
pub(super) struct TypedFile<'a> {
    pub path: &'a Path,
    /// What it is, as in `Parquet file`.
    pub noun: &'static str,
}

/// What such a file says of itself before any value is read.
pub(super) struct Outline {
    pub columns: Vec<(Arc<str>, ColumnKind)>,
    pub rows: usize,
}

/// The beginning and the end of a file.
pub(super) struct Ends {
    pub size: u64,
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
}

impl TypedFile<'_> {
    pub(super) fn open(&self) -> Result<File, LoadError> {
        File::open(self.path).map_err(|error| LoadError::io(self.path, &error))
    }

    /// The first bytes, and the last six.
    ///
    /// # Errors
    /// The file cannot be read, or has no bytes.
    pub(super) fn ends(&self) -> Result<Ends, LoadError> {
        let read = || -> std::io::Result<Ends> {
            let mut file = File::open(self.path)?;
            let size = file.metadata()?.len();
            let (mut head, mut tail) = (Vec::new(), Vec::new());
            (&mut file).take(1 << 10).read_to_end(&mut head)?;
            file.seek(SeekFrom::Start(size.saturating_sub(6)))?;
            file.take(6).read_to_end(&mut tail)?;
            Ok(Ends { size, head, tail })
        };
        let ends = read().map_err(|error| LoadError::io(self.path, &error))?;
        if ends.size == 0 {
            let message = format!("`{}` is empty", self.path.display());
            return Err(LoadError::new(LoadProblem::Empty, message));
        }
        Ok(ends)
    }

    /// The error for a file of another format, by its first bytes.
    pub(super) fn other(&self, head: &[u8]) -> LoadError {
        let message = format!("`{}` is not {} {}", self.path.display(), self.article(), self.noun);
        let error = LoadError::new(LoadProblem::Unreadable, message);
        match source::look(head) {
            Some(look) if look.packed => error.help(format!(
                "it is {}: unpack it in a step before; a {} is compressed inside, never as a whole",
                look.what, self.noun
            )),
            Some(look) => match look.format {
                Some(format) => error.help(format!("it is {}: say `format: {format}`", look.what)),
                None => error.help(format!("it is {}", look.what)),
            },
            None => match Packing::of_path(self.path) {
                Some(_) => error,
                None => {
                    error.help("it looks like text: say `format: csv`, or name the file `.csv`")
                }
            },
        }
    }

    fn article(&self) -> &'static str {
        if self.noun.starts_with('A') { "an" } else { "a" }
    }

    pub(super) fn damaged(&self, reason: &str) -> LoadError {
        let message = format!("the {} `{}` is damaged: {reason}", self.noun, self.path.display());
        LoadError::new(LoadProblem::Unreadable, message)
    }

    /// What polars makes of the file. Damaged files make it panic in places.
    pub(super) fn guarded<T>(
        &self,
        read: impl FnOnce(File) -> PolarsResult<T>,
    ) -> Result<T, LoadError> {
        let file = self.open()?;
        match catch_unwind(AssertUnwindSafe(|| read(file))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(PolarsError::IO { error, .. })) => Err(self.damaged(&error.to_string())),
            Ok(Err(error)) => {
                let message = error.to_string();
                Err(self.damaged(message.lines().next().unwrap_or("it cannot be read")))
            }
            Err(_) => Err(self.damaged("it cannot be read")),
        }
    }
}

impl Outline {
    /// # Errors
    /// The names or the number of rows cannot be used.
    pub(super) fn new(
        path: &Path,
        columns: Vec<(Arc<str>, ColumnKind)>,
        rows: usize,
    ) -> Result<Self, LoadError> {
        let outline = Self { columns, rows };
        source::check_names(&outline.names())?;
        source::check_rows(path, rows)?;
        Ok(outline)
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Names and types as the spec declares them.
    pub(super) fn header(self, types: &[(Arc<str>, DeclaredType)]) -> Columns {
        let infos = self.columns.into_iter().map(|(name, kind)| {
            let kind = match declared(types, &name) {
                Some(declared) if !matches!(kind, ColumnKind::Other(_)) => declared.kind(),
                _ => kind,
            };
            ColumnInfo { name, kind, missing: None }
        });
        Columns { infos: infos.collect(), rows: Some(self.rows) }
    }

    /// The rows of the needed columns. `read` gets the positions of those that have a type of ours
    /// and gives their values in this order.
    pub(super) fn load(
        self,
        file: TypedFile<'_>,
        needed: Option<&[Arc<str>]>,
        types: &[(Arc<str>, DeclaredType)],
        read: impl FnOnce(Vec<usize>) -> Result<Vec<Column>, LoadError>,
    ) -> Result<Part, LoadError> {
        let names = self.names();
        let positions = source::positions(&names, needed)?;
        let usable = |at: &usize| !matches!(self.columns[*at].1, ColumnKind::Other(_));
        let projection: Vec<usize> = positions.iter().copied().filter(usable).collect();
        let read = if projection.is_empty() { Vec::new() } else { read(projection)? };
        let mut read = read.into_iter();
        let found: Vec<(usize, Option<Column>)> = positions
            .into_iter()
            .map(|at| match self.columns[at].1 {
                ColumnKind::Other(_) => (at, None),
                _ => (at, read.next()),
            })
            .collect();
        // Each column is freed after its values have been copied.
        let copied = |(at, column): (usize, Option<Column>)| {
            let (name, kind) = &self.columns[at];
            let cells = match (kind, column) {
                (ColumnKind::Other(_), _) => Cells::all_missing(kind, self.rows),
                (_, Some(column)) if column.len() == self.rows => {
                    let cells = file.guarded(|_| cells(&column))?;
                    match declared(types, name) {
                        Some(declared) => declare(cells, name, declared)?,
                        None => cells,
                    }
                }
                (_, _) => return Err(file.damaged("its columns differ in length")),
            };
            Ok((name.clone(), cells))
        };
        let columns: Vec<Result<_, LoadError>> =
            RAYON.install(|| found.into_par_iter().map(copied).collect());
        // The first fault in the order of the columns is told, whichever thread found one first.
        let columns: Vec<(Arc<str>, Cells)> = columns.into_iter().collect::<Result<_, _>>()?;
        Ok(Part { names, frame: Frame::new(columns, self.rows, file.path) })
    }
}

fn declared(types: &[(Arc<str>, DeclaredType)], name: &Arc<str>) -> Option<DeclaredType> {
    types.iter().rev().find(|(other, _)| other == name).map(|(_, declared)| *declared)
}

/// The type of a column as a spec sees it.
pub(super) fn kind(dtype: &ArrowDataType) -> ColumnKind {
    use ArrowDataType as A;
    let other = |name: &str| ColumnKind::Other(name.to_owned());
    match dtype {
        A::Null => ColumnKind::Empty,
        A::Boolean => ColumnKind::Bool,
        A::Int8 | A::Int16 | A::Int32 | A::Int64 | A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 => {
            ColumnKind::Integer
        }
        A::Float32 | A::Float64 => ColumnKind::Float,
        A::Utf8 | A::LargeUtf8 | A::Utf8View => ColumnKind::Text,
        A::Dictionary(_, values, _) => match kind(values) {
            ColumnKind::Text => ColumnKind::Text,
            values => other(&format!("dictionary of {values}")),
        },
        A::Date32 | A::Date64 => ColumnKind::Date,
        A::Timestamp(..) => ColumnKind::Datetime,
        A::Time32(_) | A::Time64(_) => other("time"),
        A::Duration(_) | A::Interval(_) => other("duration"),
        A::Decimal(..) | A::Decimal32(..) | A::Decimal64(..) | A::Decimal256(..) => {
            other("decimal")
        }
        A::Binary | A::LargeBinary | A::FixedSizeBinary(_) | A::BinaryView => other("binary"),
        A::List(_) | A::LargeList(_) | A::FixedSizeList(..) => other("list"),
        A::Struct(_) | A::Map(..) | A::Union(_) => other("struct"),
        A::Float16 => other("float16"),
        A::Int128 | A::UInt128 => other("int128"),
        A::Extension(_) | A::Unknown => other("unknown"),
    }
}

fn cells(column: &Column) -> PolarsResult<Cells> {
    Ok(match column.dtype() {
        DataType::Null => Cells::Empty(column.len()),
        DataType::Boolean => Cells::Bool(column.bool()?.iter().collect()),
        DataType::UInt64 => {
            let values = column.u64()?;
            // One number beyond i64 makes the column one of floats, as in a text table.
            let whole = values.iter().map(|value| value.map(i64::try_from).transpose());
            match whole.collect::<Result<Integers, _>>() {
                Ok(integers) => Cells::Integer(integers),
                Err(_) => Cells::Float(floats(column)?),
            }
        }
        dtype if dtype.is_integer() => {
            Cells::Integer(column.cast(&DataType::Int64)?.i64()?.iter().collect())
        }
        dtype if dtype.is_float() => Cells::Float(floats(column)?),
        DataType::String => Cells::Text(column.str()?.iter().collect()),
        DataType::Date | DataType::Datetime(..) => moments(column)?,
        _ => Cells::Text(column.cast(&DataType::String)?.str()?.iter().collect::<Texts>()),
    })
}

fn floats(column: &Column) -> PolarsResult<Vec<f64>> {
    let floats = column.cast(&DataType::Float64)?;
    let floats = floats.f64()?;
    let mut values = Vec::with_capacity(floats.len());
    for chunk in floats.downcast_iter() {
        match chunk.validity() {
            None => values.extend_from_slice(chunk.values()),
            Some(_) => values.extend(chunk.iter().map(|value| value.copied().unwrap_or(f64::NAN))),
        }
    }
    Ok(values)
}

/// Days or instants; those of a time zone are stored in UTC already.
fn moments(column: &Column) -> PolarsResult<Cells> {
    let physical = column.to_physical_repr().cast(&DataType::Int64)?;
    let (calendar, in_microseconds): (_, fn(i64) -> Option<i64>) = match column.dtype() {
        DataType::Datetime(TimeUnit::Nanoseconds, _) => {
            (Calendar::Datetime, |value| Some(value.div_euclid(1_000)))
        }
        DataType::Datetime(TimeUnit::Microseconds, _) => (Calendar::Datetime, Some),
        DataType::Datetime(TimeUnit::Milliseconds, _) => {
            (Calendar::Datetime, |value| value.checked_mul(1_000))
        }
        _ => (Calendar::Date, |value| value.checked_mul(MICROSECONDS_A_DAY)),
    };
    let convert = |value: Option<i64>| {
        let Some(value) = value else { return Ok(None) };
        let moment = in_microseconds(value).filter(|moment| in_range(*moment));
        moment.map(Some).ok_or_else(|| {
            let message = format!("column `{}` holds a date beyond the year 9999", column.name());
            PolarsError::ComputeError(message.into())
        })
    };
    let moments = physical.i64()?.iter().map(convert).collect::<PolarsResult<Integers>>()?;
    Ok(Cells::Moment(moments, calendar))
}

/// Gives a column the type that the spec declares, by the rules of a text table.
fn declare(cells: Cells, column: &str, declared: DeclaredType) -> Result<Cells, LoadError> {
    let mut builder = Builder::new(Reading::Declared(declared), &[]);
    let push = |(row, value): (usize, Option<String>)| {
        let value = value.unwrap_or_default();
        let misfit = |Misfit| source::misfit(column, declared, &value, row as u64 + 1);
        builder.push(&value).map_err(misfit)
    };
    match cells {
        cells if cells.kind() == declared.kind() => return Ok(cells),
        cells @ Cells::Other(..) => return Ok(cells),
        Cells::Empty(rows) => return Ok(Cells::all_missing(&declared.kind(), rows)),
        Cells::Integer(values) if declared == DeclaredType::Float => {
            return Ok(Cells::Float(values.to_floats()));
        }
        Cells::Integer(values) => values
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .enumerate()
            .try_for_each(push),
        Cells::Float(values) => values
            .into_iter()
            .map(|value| (!value.is_nan()).then(|| value.to_string()))
            .enumerate()
            .try_for_each(push),
        Cells::Bool(values) => values
            .into_iter()
            .map(|value| value.map(|value| value.to_string()))
            .enumerate()
            .try_for_each(push),
        Cells::Moment(values, calendar) => values
            .iter()
            .map(|value| value.map(|value| as_text(value, calendar, declared)))
            .enumerate()
            .try_for_each(push),
        Cells::Text(texts) => texts
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .enumerate()
            .try_for_each(push),
    }?;
    Ok(builder.into_cells())
}

/// A moment as the text of the declared type; a date where nothing but a day is asked for and said.
fn as_text(value: i64, calendar: Calendar, declared: DeclaredType) -> String {
    let midnight = value.rem_euclid(MICROSECONDS_A_DAY) == 0;
    let day = declared == DeclaredType::Date && midnight;
    moment::shown(value, if day { Calendar::Date } else { calendar })
}
