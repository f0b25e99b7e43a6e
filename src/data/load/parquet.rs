//! Reads a Parquet file: names and types from its metadata, or whole columns.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{Column, DataType, PolarsError, PolarsResult, TimeUnit};
use polars_core::utils::arrow::datatypes::ArrowDataType;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::data::moment::{self, Calendar, MICROSECONDS_A_DAY, in_range};
use crate::data::{ColumnInfo, ColumnKind, Columns, DeclaredType};

use super::cells::{Cells, Integers, Texts};
use super::error::{LoadError, LoadProblem};
use super::frame::Frame;
use super::infer::{Builder, Misfit, Reading};
use super::{sound, source};

/// Names and types from the metadata.
pub(super) fn header(
    path: &Path,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    let metadata = Metadata::read(path)?;
    let infos = metadata.columns.into_iter().map(|(name, kind)| {
        let kind = match declared(types, &name) {
            Some(declared) if !matches!(kind, ColumnKind::Other(_)) => declared.kind(),
            _ => kind,
        };
        ColumnInfo { name, kind, missing: None }
    });
    Ok(Columns { infos: infos.collect(), rows: Some(metadata.rows) })
}

/// All rows of the columns that are needed, in the order of the file; none needed: all columns.
pub(super) fn load(
    path: &Path,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Frame, LoadError> {
    let metadata = Metadata::read(path)?;
    let names: Vec<Arc<str>> = metadata.columns.iter().map(|(name, _)| name.clone()).collect();
    let positions = source::positions(&names, needed)?;
    let usable = |at: &usize| !matches!(metadata.columns[*at].1, ColumnKind::Other(_));
    let projection: Vec<usize> = positions.iter().copied().filter(usable).collect();
    metadata.check_pages(path, &projection)?;
    let mut read = if projection.is_empty() {
        Vec::new()
    } else {
        let read = |file| ParquetReader::new(file).with_projection(Some(projection)).finish();
        guarded(path, |file| read(file).map(polars::prelude::DataFrame::into_columns))?
    }
    .into_iter();

    let mut columns = Vec::with_capacity(positions.len());
    for at in positions {
        let (name, kind) = &metadata.columns[at];
        let cells = match kind {
            ColumnKind::Other(_) => Cells::all_missing(kind, metadata.rows),
            _ => {
                // Taking the columns one by one frees each after its values have been copied.
                let column = read.next().filter(|column| column.len() == metadata.rows);
                let column = column.ok_or_else(|| damaged(path, "its columns differ in length"))?;
                let cells = guarded(path, |_| cells(&column))?;
                match declared(types, name) {
                    Some(declared) => declare(cells, name, declared)?,
                    None => cells,
                }
            }
        };
        columns.push((name.clone(), cells));
    }
    Ok(Frame::new(columns, metadata.rows))
}

fn declared(types: &[(Arc<str>, DeclaredType)], name: &Arc<str>) -> Option<DeclaredType> {
    types.iter().rev().find(|(other, _)| other == name).map(|(_, declared)| *declared)
}

struct Metadata {
    columns: Vec<(Arc<str>, ColumnKind)>,
    rows: usize,
    /// Of all columns that are not nested.
    chunks: Vec<Chunk>,
}

impl Metadata {
    fn read(path: &Path) -> Result<Self, LoadError> {
        expect_parquet(path)?;
        let open = || File::open(path).map_err(|error| LoadError::io(path, &error));
        sound::footer(open()?).ok_or_else(|| damaged(path, "its footer contradicts itself"))?;
        let (schema, rows, chunks) = guarded(path, |file| {
            let mut reader = ParquetReader::new(file);
            let metadata = reader.get_metadata()?;
            let groups: usize = metadata.row_groups.iter().map(|group| group.num_rows()).sum();
            let chunks = metadata.row_groups.iter().flat_map(|group| {
                let columns = group.parquet_columns().iter();
                let flat = columns.filter(|column| column.descriptor().path_in_schema.len() == 1);
                flat.map(|column| Chunk {
                    column: column.descriptor().path_in_schema[0].as_str().into(),
                    bytes: column.byte_range(),
                    values: u64::try_from(column.num_values()).ok(),
                    rows: group.num_rows() as u64,
                })
            });
            let chunks: Vec<Chunk> = chunks.collect();
            Ok((reader.schema()?, reader.num_rows()?.max(groups), chunks))
        })?;
        let columns: Vec<(Arc<str>, ColumnKind)> =
            schema.iter().map(|(name, field)| (name.as_str().into(), kind(&field.dtype))).collect();
        let names: Vec<Arc<str>> = columns.iter().map(|(name, _)| name.clone()).collect();
        source::check_names(&names)?;
        if rows == 0 {
            let message = format!("`{}` has no rows", path.display());
            return Err(LoadError::new(LoadProblem::Empty, message));
        }
        if u32::try_from(rows).is_err() {
            let message =
                format!("`{}` has {rows} rows, more than can be numbered", path.display());
            return Err(LoadError::new(LoadProblem::Unreadable, message));
        }
        Ok(Self { columns, rows, chunks })
    }

    /// Refuses columns whose pages lead elsewhere than the metadata says.
    fn check_pages(&self, path: &Path, positions: &[usize]) -> Result<(), LoadError> {
        let wanted: HashSet<&Arc<str>> = positions.iter().map(|at| &self.columns[*at].0).collect();
        for chunk in self.chunks.iter().filter(|chunk| wanted.contains(&chunk.column)) {
            let file = File::open(path).map_err(|error| LoadError::io(path, &error))?;
            let whole = chunk.values == Some(chunk.rows);
            if !whole || sound::pages(file, chunk.bytes.clone(), chunk.rows).is_none() {
                let reason = format!("column `{}` is not as long as it says", chunk.column);
                return Err(damaged(path, &reason));
            }
        }
        Ok(())
    }
}

/// The rows of a column that are stored together.
struct Chunk {
    column: Arc<str>,
    bytes: Range<u64>,
    values: Option<u64>,
    rows: u64,
}

/// Refuses by its first and last bytes what is no Parquet file.
fn expect_parquet(path: &Path) -> Result<(), LoadError> {
    let ends = || -> std::io::Result<(u64, Vec<u8>, Vec<u8>)> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        (&mut file).take(1 << 10).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(size.saturating_sub(4)))?;
        file.take(4).read_to_end(&mut tail)?;
        Ok((size, head, tail))
    };
    let (size, head, tail) = ends().map_err(|error| LoadError::io(path, &error))?;
    let shown = path.display();
    if size == 0 {
        return Err(LoadError::new(LoadProblem::Empty, format!("`{shown}` is empty")));
    }
    if head.starts_with(b"PAR1") && tail == b"PAR1" && size >= 12 {
        return Ok(());
    }
    Err(if head.starts_with(b"PARE") {
        let message = format!("`{shown}` is an encrypted Parquet file");
        LoadError::new(LoadProblem::Unreadable, message)
    } else if head.starts_with(b"PAR1") {
        damaged(path, "its end is cut off")
    } else {
        let error =
            LoadError::new(LoadProblem::Unreadable, format!("`{shown}` is not a Parquet file"));
        match source::expect_text(path, &head) {
            Ok(()) => error.help("it looks like text: say `format: csv`, or name the file `.csv`"),
            Err(_) => error,
        }
    })
}

fn damaged(path: &Path, reason: &str) -> LoadError {
    let message = format!("the Parquet file `{}` is damaged: {reason}", path.display());
    LoadError::new(LoadProblem::Unreadable, message)
}

/// What polars makes of the file. Damaged files make it panic in places.
fn guarded<T>(path: &Path, read: impl FnOnce(File) -> PolarsResult<T>) -> Result<T, LoadError> {
    let file = File::open(path).map_err(|error| LoadError::io(path, &error))?;
    match catch_unwind(AssertUnwindSafe(|| read(file))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(PolarsError::IO { error, .. })) => Err(damaged(path, &error.to_string())),
        Ok(Err(error)) => {
            let message = error.to_string();
            Err(damaged(path, message.lines().next().unwrap_or("it cannot be read")))
        }
        Err(_) => Err(damaged(path, "it cannot be read")),
    }
}

fn kind(dtype: &ArrowDataType) -> ColumnKind {
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
    Ok(floats.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
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
