//! Reads a text table: names and types from its beginning, or whole columns.
//!
//! One parser looks at every record, and a column's type follows from all of its values. Blank
//! lines are skipped, also where there is one column: a missing value is `""` there.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};
use polars_core::runtime::RAYON;
use rayon::prelude::*;

use crate::data::{ColumnInfo, Columns, CsvOptions, DeclaredType};

use super::Part;
use super::cells::Cells;
use super::chunks::{Chunk, Chunks};
use super::error::{LoadError, LoadProblem};
use super::fault::{Fault, FaultKind, separator_help};
use super::frame::Frame;
use super::infer::{Builder, Misfit, Reading};
use super::input::{self, Input};
use super::plain::{Lines, NotText, Records};
use super::source;

/// How many bytes are read as one piece.
const CHUNK: usize = 2 << 20;

/// Rows whose length tells how many there are in a piece.
const SAMPLE: usize = 64;

/// How many bytes and rows tell the types of a file that is only looked at.
const PREFIX: usize = 1 << 20;
const PREFIX_ROWS: usize = 1_000;

/// Names and types from the header and the first rows.
pub(super) fn header(
    path: &Path,
    options: &CsvOptions,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    let mut table = TextTable { path, options, names: Vec::new(), chunk: PREFIX };
    let mut chunks = table.chunks()?;
    let first = table.start(&mut chunks)?;
    let mut readings = table.readings(None, types)?;
    let piece = table
        .read_first(&first, &mut readings, PREFIX_ROWS)
        .map_err(|fault| table.error(fault, 0))?;
    let complete = first.last && piece.complete;
    if complete && piece.rows == 0 {
        return Err(table.no_rows());
    }
    let infos = table.names.iter().zip(piece.columns).map(|(name, builder)| {
        let cells = builder.into_cells();
        let missing = if complete { cells.missing() } else { None };
        ColumnInfo { name: name.clone(), kind: cells.kind(), missing }
    });
    Ok(Columns { infos: infos.collect(), rows: complete.then_some(piece.rows) })
}

/// All rows of the columns that are needed, in the order of the file; none needed: all columns.
pub(super) fn load(
    path: &Path,
    options: &CsvOptions,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Part, LoadError> {
    load_in_chunks(path, options, needed, types, CHUNK)
}

pub(super) fn load_in_chunks(
    path: &Path,
    options: &CsvOptions,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
    chunk: usize,
) -> Result<Part, LoadError> {
    let mut table = TextTable { path, options, names: Vec::new(), chunk };
    let mut chunks = table.chunks()?;
    let first = table.start(&mut chunks)?;
    let mut readings = table.readings(needed, types)?;
    let piece = table.read_first(&first, &mut readings, usize::MAX);
    drop(first);
    let pieces = table.read_rest(piece, chunks, &readings)?;
    let rows: usize = pieces.iter().map(|piece| piece.rows).sum();
    if rows == 0 {
        return Err(table.no_rows());
    }
    source::check_rows(path, rows)?;

    let starts: Vec<usize> = pieces
        .iter()
        .scan(0, |rows, piece| Some(std::mem::replace(rows, *rows + piece.rows)))
        .collect();
    let mut columns = columns(pieces);
    for ((at, _), column) in readings.iter().zip(&columns) {
        if let Some((piece, row, text)) = Builder::other_offset(column) {
            let row = (starts[piece] + row + 1) as u64;
            return Err(source::misfit(&table.names[*at], DeclaredType::Datetime, text, row));
        }
    }
    let texts: Vec<usize> =
        (0..columns.len()).filter(|at| Builder::must_reread(&columns[*at])).collect();
    if !texts.is_empty() {
        let again: Vec<_> = texts.iter().map(|at| (readings[*at].0, Reading::Text)).collect();
        let mut chunks = table.chunks()?;
        let first = table.first(&mut chunks)?.ok_or_else(|| table.changed())?;
        let piece = table.read(&first, Start::Header, &again, usize::MAX);
        let pieces = table.read_rest(piece, chunks, &again)?;
        if pieces.iter().map(|piece| piece.rows).sum::<usize>() != rows {
            return Err(table.changed());
        }
        for (at, column) in texts.into_iter().zip(self::columns(pieces)) {
            columns[at] = column;
        }
    }
    let join = |column: Vec<Builder<'_>>| {
        Cells::concat(column.into_iter().map(Builder::into_cells).collect(), rows)
    };
    let joined: Vec<Cells> = RAYON.install(|| columns.into_par_iter().map(join).collect());
    let named = readings.iter().map(|(at, _)| table.names[*at].clone()).zip(joined);
    let frame = Frame::new(named.collect(), rows, path);
    Ok(Part { names: table.names, frame })
}

/// The pieces of each column, from the columns of each piece.
fn columns(pieces: Vec<Piece<'_>>) -> Vec<Vec<Builder<'_>>> {
    let width = pieces.first().map_or(0, |piece| piece.columns.len());
    let mut rows: Vec<_> = pieces.into_iter().map(|piece| piece.columns.into_iter()).collect();
    (0..width).map(|_| rows.iter_mut().filter_map(Iterator::next).collect()).collect()
}

/// Which columns of the file are read, and how.
type Readings = [(usize, Reading)];

/// The rows of one chunk.
struct Piece<'a> {
    rows: usize,
    /// One for each of the readings.
    columns: Vec<Builder<'a>>,
    /// Whether these are all rows of the chunk.
    complete: bool,
}

/// What the first record of a chunk is, in a file that has a header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Header,
    Row,
}

/// A text table that is being read.
pub(super) struct TextTable<'a> {
    pub path: &'a Path,
    pub options: &'a CsvOptions,
    pub names: Vec<Arc<str>>,
    /// The size of the pieces, in bytes.
    chunk: usize,
}

impl<'a> TextTable<'a> {
    fn chunks(&self) -> Result<Chunks<'a, Input>, LoadError> {
        Ok(Chunks::new(input::open(self.path)?, self.options, self.chunk))
    }

    /// The first chunk, after the names have been taken from it.
    fn start(&mut self, chunks: &mut Chunks<'_, Input>) -> Result<Chunk, LoadError> {
        let first = self.first(chunks)?.ok_or_else(|| self.no_rows())?;
        self.names = self.read_names(&first)?;
        Ok(first)
    }

    /// The first chunk that holds a record.
    fn first(&self, chunks: &mut Chunks<'_, Input>) -> Result<Option<Chunk>, LoadError> {
        for chunk in chunks.by_ref() {
            let chunk = chunk.map_err(|error| self.error(Fault::cut(error), 0))?;
            source::expect_text(self.path, &chunk.bytes, "a text table")?;
            if !matches!(self.reader(&chunk.bytes).read_record(&mut StringRecord::new()), Ok(false))
            {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn reader<'b>(&self, bytes: &'b [u8]) -> csv::Reader<&'b [u8]> {
        ReaderBuilder::new()
            .delimiter(self.options.separator)
            .quoting(self.options.quote.is_some())
            .quote(self.options.quote.unwrap_or(b'"'))
            .comment(self.options.comment)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes)
    }

    fn records<'b>(&self, bytes: &'b [u8]) -> Records<'b> {
        match Lines::of(bytes, self.options) {
            Some(lines) => Records::Lines(lines),
            None => Records::Parsed {
                reader: self.reader(bytes).into(),
                record: StringRecord::new(),
                start: 0,
            },
        }
    }

    fn read_names(&self, first: &Chunk) -> Result<Vec<Arc<str>>, LoadError> {
        let mut reader = self.reader(&first.bytes);
        let mut record = StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Err(self.no_rows()),
            Err(_) => return Err(self.error(Fault::encoding(first, 0, 0), 0)),
        }
        first.closed(reader.position().byte(), 0).map_err(|fault| self.error(fault, 0))?;
        let mut next = StringRecord::new();
        let has_next = matches!(reader.read_record(&mut next), Ok(true));
        if let (1, Some(found)) = (record.len(), self.other_separator(&record[0])) {
            let count = |text: &str| text.matches(found).count();
            if has_next && next.len() == 1 && count(&record[0]) == count(&next[0]) {
                return Err(LoadError::new(
                    LoadProblem::Ragged,
                    format!("every line of `{}` is a single field", self.path.display()),
                )
                .help(separator_help(found))
                .line(1));
            }
        }
        if !self.options.has_header {
            return Ok((1..=record.len()).map(|at| format!("column_{at}").into()).collect());
        }
        let names: Vec<Arc<str>> = record.iter().map(Arc::from).collect();
        source::check_names(&names)?;
        Ok(names)
    }

    fn readings(
        &self,
        needed: Option<&[Arc<str>]>,
        types: &[(Arc<str>, DeclaredType)],
    ) -> Result<Vec<(usize, Reading)>, LoadError> {
        let types: HashMap<&str, DeclaredType> =
            types.iter().map(|(name, declared)| (&**name, *declared)).collect();
        let reading = |at: usize| match types.get(&*self.names[at]) {
            Some(declared) => Reading::Declared(*declared),
            None => Reading::Inferred,
        };
        let columns = source::positions(&self.names, needed)?;
        Ok(columns.into_iter().map(|at| (at, reading(at))).collect())
    }

    /// Reads the first chunk; what is text there is read as text from then on.
    fn read_first(
        &self,
        first: &Chunk,
        readings: &mut Readings,
        limit: usize,
    ) -> Result<Piece<'a>, Fault> {
        let piece = self.read(first, Start::Header, readings, limit)?;
        let mut again = false;
        for ((_, reading), column) in readings.iter_mut().zip(&piece.columns) {
            if *reading == Reading::Inferred && column.is_text() {
                *reading = Reading::Text;
                again |= Builder::must_reread(std::slice::from_ref(column));
            }
        }
        if again { self.read(first, Start::Header, readings, limit) } else { Ok(piece) }
    }

    /// Reads all chunks behind the first one.
    fn read_rest(
        &self,
        first: Result<Piece<'a>, Fault>,
        chunks: Chunks<'_, Input>,
        readings: &Readings,
    ) -> Result<Vec<Piece<'a>>, LoadError> {
        let mut read = vec![first.map_err(|fault| self.error(fault, 0))?];
        let mut rows = read[0].rows;
        let rest = |chunk: &Chunk| self.read(chunk, Start::Row, readings, usize::MAX);
        for piece in chunks.read_all(rest, Fault::cut) {
            let piece = piece.map_err(|fault| self.error(fault, rows))?;
            rows += piece.rows;
            read.push(piece);
        }
        Ok(read)
    }

    /// Reads up to `limit` rows of a chunk.
    fn read(
        &self,
        chunk: &Chunk,
        start: Start,
        readings: &Readings,
        limit: usize,
    ) -> Result<Piece<'a>, Fault> {
        let mut records = self.records(&chunk.bytes);
        if start == Start::Header && self.options.has_header {
            // Its text was looked at when the names were taken.
            let _ = records.next();
        }
        let null_values = &self.options.null_values;
        let mut columns: Vec<_> =
            readings.iter().map(|(_, reading)| Builder::new(*reading, null_values)).collect();
        let mut rows = 0;
        let complete = loop {
            match records.next() {
                Ok(true) => {}
                Ok(false) => break true,
                Err(NotText) => return Err(Fault::encoding(chunk, records.start(), rows)),
            }
            if rows == limit {
                break false;
            }
            chunk.closed(records.position(), rows)?;
            let at = || chunk.offset + self.record_at(&chunk.bytes, records.start());
            if records.len() != self.names.len() {
                let kind = FaultKind::Ragged { found: records.len() };
                return Err(Fault { row: rows, offset: at(), kind });
            }
            if rows == SAMPLE {
                let read = usize::try_from(records.start()).unwrap_or(usize::MAX).max(1);
                let expected = (rows * chunk.bytes.len() / read).min(limit);
                columns.iter_mut().for_each(|builder| builder.reserve(expected));
            }
            for ((column, reading), builder) in readings.iter().zip(&mut columns) {
                let value = records.get(*column).unwrap_or_default();
                if let (Err(Misfit), Reading::Declared(declared)) = (builder.push(value), reading) {
                    let value = value.to_owned();
                    let kind = FaultKind::Misfit { column: *column, declared: *declared, value };
                    return Err(Fault { row: rows, offset: at(), kind });
                }
            }
            rows += 1;
        };
        Ok(Piece { rows, columns, complete })
    }

    /// Where the record starts that follows the blank lines and comments at `start`.
    fn record_at(&self, bytes: &[u8], start: u64) -> u64 {
        let mut at = usize::try_from(start).unwrap_or_default();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\r' | b'\n' => at += 1,
                byte if Some(*byte) == self.options.comment => {
                    at += bytes[at..].iter().take_while(|byte| **byte != b'\n').count();
                }
                _ => break,
            }
        }
        at as u64
    }

    fn no_rows(&self) -> LoadError {
        let path = self.path.display();
        let message = match (self.names.as_slice(), std::fs::metadata(self.path)) {
            ([], Ok(metadata)) if metadata.len() == 0 => format!("`{path}` is empty"),
            ([], _) => format!("`{path}` has no lines but blank ones and comments"),
            _ => format!("`{path}` has a header and no rows"),
        };
        LoadError::new(LoadProblem::Empty, message)
    }

    fn changed(&self) -> LoadError {
        let message = format!("`{}` changed while it was read", self.path.display());
        LoadError::new(LoadProblem::Unreadable, message)
    }
}
