//! Reads an Arrow IPC file: names and types from its footer, or whole columns.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::ipc::IpcReader;

use crate::data::{ColumnKind, Columns, DeclaredType};

use super::Part;
use super::blocks;
use super::error::{LoadError, LoadProblem};
use super::source;
use super::typed::{Outline, TypedFile, kind};

/// Names and types from the footer.
pub(super) fn header(
    path: &Path,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    Ok(outline(named(path))?.header(types))
}

/// All rows of the columns that are needed, in the order of the file; none needed: all columns.
pub(super) fn load(
    path: &Path,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Part, LoadError> {
    let file = named(path);
    outline(file)?.load(file, needed, types, |projection| {
        file.guarded(|input| {
            let reader = IpcReader::new(input).with_projection(Some(projection));
            reader.finish().map(DataFrame::into_columns)
        })
    })
}

fn named(path: &Path) -> TypedFile<'_> {
    TypedFile { path, noun: "Arrow file" }
}

fn outline(file: TypedFile<'_>) -> Result<Outline, LoadError> {
    expect_arrow(file)?;
    let contents = blocks::contents(file.open()?).map_err(|unsound| file.damaged(&unsound.0))?;
    // Polars drops the first of two columns of one name.
    source::check_names(&contents.names)?;
    let columns: Vec<(Arc<str>, ColumnKind)> = file.guarded(|input| {
        let schema = IpcReader::new(input).schema()?;
        let column = |name: &str, dtype| (name.into(), kind(dtype));
        Ok(schema.iter().map(|(name, field)| column(name.as_str(), &field.dtype)).collect())
    })?;
    Outline::new(file.path, columns, contents.rows)
}

/// Refuses by its first and last bytes what is no Arrow file.
fn expect_arrow(file: TypedFile<'_>) -> Result<(), LoadError> {
    let ends = file.ends()?;
    if ends.head.starts_with(b"ARROW1") && ends.tail == b"ARROW1" && ends.size >= 18 {
        return Ok(());
    }
    let shown = file.path.display();
    Err(if ends.head.starts_with(b"ARROW1") {
        file.damaged("its end is cut off")
    } else if ends.head.starts_with(b"FEA1") {
        let message = format!("`{shown}` is a Feather file of version 1");
        LoadError::new(LoadProblem::Unreadable, message)
            .help("write it again as version 2, which is the Arrow file format")
    } else if ends.head.starts_with(&[0xFF; 4]) {
        let message = format!("`{shown}` is an Arrow stream, not an Arrow file");
        LoadError::new(LoadProblem::Unreadable, message).help(
            "write it in the file format, for example with `pyarrow.ipc.new_file` or polars' `write_ipc`",
        )
    } else {
        file.other(&ends.head)
    })
}
