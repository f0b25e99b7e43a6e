//! Reads data files into frames, the one place where polars is used.
//! What the columns are for is left to the caller.

mod arrow;
mod blocks;
mod cells;
mod chunks;
mod convert;
mod csv;
mod error;
mod evaluate;
mod exact;
mod fault;
mod filter;
mod frame;
mod groups;
mod infer;
mod input;
mod json;
mod labels;
mod ndjson;
mod parquet;
mod parts;
mod plain;
mod present;
mod record;
mod shared;
mod sound;
mod source;
mod stack;
mod typed;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Columns, DeclaredType, Format};

pub use error::{LoadError, LoadProblem};
pub use frame::{Frame, RowNumbers};
pub use groups::Groups;
pub use shared::Tables;

pub(super) use evaluate::{Fault, check_types};
pub(super) use source::nearest;

use stack::Gaps;

/// What is read from one file, or from several that are one table.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// May hold `*` and `?` in the names of files and folders.
    pub path: &'a Path,
    pub format: &'a Format,
    /// Only these columns are read; none given: all.
    pub columns: Option<&'a [Arc<str>]>,
    /// The types of some columns; names that the file lacks are left to the caller.
    pub types: &'a [(Arc<str>, DeclaredType)],
    /// Columns that SQL makes of others, in order: names and SQL, already checked. An expression sees
    /// the file's columns and the derived ones before it.
    pub derived: &'a [(Arc<str>, &'a str)],
    /// SQL that a row has to meet, already checked.
    pub predicate: Option<&'a str>,
}

/// One file, read.
struct Part {
    /// The names of all its columns, also of those that were not read.
    names: Vec<Arc<str>>,
    frame: Frame,
}

/// The headers of so many files are looked at before any row is read.
const HEADERS: usize = 64;

/// Names and types of a file's columns without reading all of it: from the first 1,000 rows of a
/// text table, from the metadata of Parquet and Arrow files. Of NDJSON all lines are read. `rows`
/// and `missing` are filled in where they are known for the whole table; without `rows`, a type may
/// still widen when all rows are read.
///
/// # Errors
/// A file cannot be read, or has no usable header, or no rows, or does not fit the others.
pub fn header(
    path: &Path,
    format: &Format,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    let mut files = parts::expand(path)?;
    let all = files.len();
    if format.gaps() == Gaps::Refused {
        files.truncate(HEADERS);
    }
    let headers = parts::each(&files, |file| match format {
        Format::Csv(options) => csv::header(file, options, types),
        Format::Ndjson => ndjson::header(file, types),
        Format::Parquet => parquet::header(file, types),
        Format::Arrow => arrow::header(file, types),
    })?;
    let columns = stack::join_headers(&files, headers, format.gaps())?;
    let rows = columns.rows.filter(|_| files.len() == all);
    Ok(Columns { rows, ..columns })
}

/// The files that a path stands for, sorted: itself, or what its pattern matches.
///
/// # Errors
/// A path that leads to no file.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    parts::expand(path)
}

/// The columns of two files whose rows are used together: the same names, and types that join.
///
/// # Errors
/// A column that one of them lacks, or that has two types.
pub fn join_headers(
    first: (&Path, Columns),
    second: (&Path, Columns),
) -> Result<Columns, LoadError> {
    let files = [first.0.to_owned(), second.0.to_owned()];
    stack::join_headers(&files, vec![first.1, second.1], Gaps::Refused)
}

/// Reads the rows that meet the predicate, with the derived columns that are needed for it or asked
/// for.
///
/// # Errors
/// A file cannot be read, a column is not there, a value does not have its declared type, files do
/// not fit each other, an expression does not fit the columns or one of their values, or no row is
/// left.
pub fn load(request: &Request<'_>) -> Result<Frame, LoadError> {
    let files = parts::expand(request.path)?;
    let predicate = request.predicate.map(filter::parse).transpose()?;
    let mut derived = filter::parse_derived(request.derived)?;
    let needed: Option<Vec<Arc<str>>> = request.columns.map(|columns| {
        let used = predicate.iter().flat_map(|predicate| &predicate.columns);
        let mut needed: Vec<Arc<str>> = columns.iter().chain(used).cloned().collect();
        derived = filter::needed(std::mem::take(&mut derived), &mut needed);
        needed
    });
    let (needed, types) = (needed.as_deref(), request.types);
    let read = parts::each(&files, |file| match request.format {
        Format::Csv(options) => csv::load(file, options, needed, types),
        Format::Ndjson => ndjson::load(file, needed, types),
        Format::Parquet => parquet::load(file, needed, types),
        Format::Arrow => arrow::load(file, needed, types),
    })?;
    let (names, frame) = stack::join(read, request.format.gaps())?;
    // The lines of NDJSON may leave out any column, so that only all of them tell what is there.
    source::positions(&names, needed)?;
    let frame = filter::derive(frame, &derived)?;
    let frame = match &predicate {
        Some(predicate) => filter::keep(frame, predicate)?,
        None => frame,
    };
    Ok(match request.columns {
        Some(columns) => frame.select(columns),
        None => frame,
    })
}

impl Format {
    fn gaps(&self) -> Gaps {
        match self {
            Self::Ndjson => Gaps::Allowed,
            Self::Csv(_) | Self::Parquet | Self::Arrow => Gaps::Refused,
        }
    }
}

#[cfg(test)]
mod tests;
