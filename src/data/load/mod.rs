//! Reads data files into frames, the one place where polars is used.
//! What the columns are for is left to the caller.

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
mod parquet;
mod present;
mod sound;
mod source;

use std::path::Path;
use std::sync::Arc;

use super::{Columns, DeclaredType, Format};

pub use error::{LoadError, LoadProblem};
pub use frame::{Frame, RowNumbers};
pub use groups::Groups;

pub(super) use evaluate::{Fault, check_types};
pub(super) use source::nearest;

/// What is read from one file.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
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

/// Names and types of a file's columns without reading all of it: from the first 1,000 rows of a
/// text table, from the metadata of a Parquet file. `rows` and `missing` are filled in where they
/// are known for the whole file; without `rows`, a type may still widen when all rows are read.
///
/// # Errors
/// The file cannot be read, or has no usable header, or no rows.
pub fn header(
    path: &Path,
    format: &Format,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    source::check_path(path)?;
    match format {
        Format::Csv(options) => csv::header(path, options, types),
        Format::Parquet => parquet::header(path, types),
    }
}

/// Reads the rows of a file that meet the predicate, with the derived columns that are needed for
/// it or asked for.
///
/// # Errors
/// The file cannot be read, a column is not there, a value does not have its declared type, an
/// expression does not fit the columns or one of their values, or no row is left.
pub fn load(request: &Request<'_>) -> Result<Frame, LoadError> {
    source::check_path(request.path)?;
    let predicate = request.predicate.map(filter::parse).transpose()?;
    let mut derived = filter::parse_derived(request.derived)?;
    let needed: Option<Vec<Arc<str>>> = request.columns.map(|columns| {
        let used = predicate.iter().flat_map(|predicate| &predicate.columns);
        let mut needed: Vec<Arc<str>> = columns.iter().chain(used).cloned().collect();
        derived = filter::needed(std::mem::take(&mut derived), &mut needed);
        needed
    });
    let frame = match request.format {
        Format::Csv(options) => csv::load(request.path, options, needed.as_deref(), request.types)?,
        Format::Parquet => parquet::load(request.path, needed.as_deref(), request.types)?,
    };
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

#[cfg(test)]
mod tests;
