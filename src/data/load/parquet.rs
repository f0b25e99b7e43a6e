//! Reads a Parquet file: names and types from its metadata, or whole columns.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::data::{ColumnKind, Columns, DeclaredType};

use super::Part;
use super::error::{LoadError, LoadProblem};
use super::sound;
use super::typed::{Outline, TypedFile, kind};

/// Names and types from the metadata.
pub(super) fn header(
    path: &Path,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    Ok(Metadata::read(named(path))?.outline.header(types))
}

/// All rows of the columns that are needed, in the order of the file; none needed: all columns.
pub(super) fn load(
    path: &Path,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Part, LoadError> {
    let file = named(path);
    let Metadata { outline, chunks } = Metadata::read(file)?;
    let names: Vec<Arc<str>> = outline.columns.iter().map(|(name, _)| name.clone()).collect();
    outline.load(file, needed, types, |projection| {
        check_pages(file, &chunks, &projection.iter().map(|at| &names[*at]).collect())?;
        file.guarded(|input| {
            let reader = ParquetReader::new(input).with_projection(Some(projection));
            reader.finish().map(DataFrame::into_columns)
        })
    })
}

fn named(path: &Path) -> TypedFile<'_> {
    TypedFile { path, noun: "Parquet file" }
}

struct Metadata {
    outline: Outline,
    /// Of all columns that are not nested.
    chunks: Vec<Chunk>,
}

impl Metadata {
    fn read(file: TypedFile<'_>) -> Result<Self, LoadError> {
        expect_parquet(file)?;
        sound::footer(file.open()?).ok_or_else(|| file.damaged("its footer contradicts itself"))?;
        let (schema, rows, chunks) = file.guarded(|input| {
            let mut reader = ParquetReader::new(input);
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
        Ok(Self { outline: Outline::new(file.path, columns, rows)?, chunks })
    }
}

/// Refuses columns whose pages lead elsewhere than the metadata says.
fn check_pages(
    file: TypedFile<'_>,
    chunks: &[Chunk],
    wanted: &HashSet<&Arc<str>>,
) -> Result<(), LoadError> {
    for chunk in chunks.iter().filter(|chunk| wanted.contains(&chunk.column)) {
        let whole = chunk.values == Some(chunk.rows);
        if !whole || sound::pages(file.open()?, chunk.bytes.clone(), chunk.rows).is_none() {
            let reason = format!("column `{}` is not as long as it says", chunk.column);
            return Err(file.damaged(&reason));
        }
    }
    Ok(())
}

/// The rows of a column that are stored together.
struct Chunk {
    column: Arc<str>,
    bytes: Range<u64>,
    values: Option<u64>,
    rows: u64,
}

/// Refuses by its first and last bytes what is no Parquet file.
fn expect_parquet(file: TypedFile<'_>) -> Result<(), LoadError> {
    let ends = file.ends()?;
    if ends.head.starts_with(b"PAR1") && ends.tail.ends_with(b"PAR1") && ends.size >= 12 {
        return Ok(());
    }
    Err(if ends.head.starts_with(b"PARE") {
        let message = format!("`{}` is an encrypted Parquet file", file.path.display());
        LoadError::new(LoadProblem::Unreadable, message)
    } else if ends.head.starts_with(b"PAR1") {
        file.damaged("its end is cut off")
    } else {
        file.other(&ends.head)
    })
}
