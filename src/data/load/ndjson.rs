//! Reads NDJSON, one object a line: keys and types of all lines, or whole columns.
//!
//! The file says its types, so they are not guessed: text is text, also where it looks like a number,
//! and a column of two types is refused unless the spec declares one.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::data::{ColumnInfo, ColumnKind, Columns, CsvOptions, DeclaredType};

use super::Part;
use super::cells::Cells;
use super::chunks::{Chunk, Chunks, CutError};
use super::error::{LoadError, LoadProblem};
use super::fault::line_at;
use super::frame::Frame;
use super::input;
use super::json::{Lines, MOST_KEYS, Wanted, Wrong};
use super::record::read_line;
use super::source;

/// How many bytes are read as one piece.
const CHUNK: usize = 2 << 20;

/// Lines end at line feeds, whatever stands in them: JSON writes those of a text as `\n`.
static LINES: LazyLock<CsvOptions> =
    LazyLock::new(|| CsvOptions { quote: None, ..CsvOptions::default() });

/// Names and types. All lines are looked at, because any of them may have a key of its own.
pub(super) fn header(
    path: &Path,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Columns, LoadError> {
    let (lines, rows) = read(path, &Wanted::Types, CHUNK)?;
    let infos = lines.slots.into_iter().map(|slot| {
        let declared = types.iter().rev().find(|(name, _)| *name == slot.name);
        let kind = slot.types.kind();
        let missing = rows - slot.types.present;
        match (declared, kind) {
            (None, kind) => ColumnInfo { name: slot.name, kind, missing: Some(missing) },
            (Some(_), kind @ ColumnKind::Other(_)) if slot.types.clash.is_none() => {
                ColumnInfo { name: slot.name, kind, missing: None }
            }
            (Some((_, declared)), _) => {
                ColumnInfo { name: slot.name, kind: declared.kind(), missing: None }
            }
        }
    });
    Ok(Columns { infos: infos.collect(), rows: Some(rows) })
}

/// All rows of the columns that are needed, as far as the file has them; none needed: all columns.
pub(super) fn load(
    path: &Path,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
) -> Result<Part, LoadError> {
    load_in_chunks(path, needed, types, CHUNK)
}

pub(super) fn load_in_chunks(
    path: &Path,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
    chunk: usize,
) -> Result<Part, LoadError> {
    let needed: Option<HashSet<&str>> =
        needed.map(|needed| needed.iter().map(|name| &**name).collect());
    let types: HashMap<&str, DeclaredType> =
        types.iter().map(|(name, declared)| (&**name, *declared)).collect();
    let wanted = Wanted::Cells { needed: needed.as_ref(), types: &types };
    let (lines, rows) = read(path, &wanted, chunk)?;
    let names = lines.slots.iter().map(|slot| slot.name.clone()).collect();
    let columns = lines.slots.into_iter().filter_map(|slot| {
        let pieces = slot.pieces?;
        Some((slot.name, Cells::concat(pieces, rows)))
    });
    Ok(Part { names, frame: Frame::new(columns.collect(), rows, path) })
}

/// What is wrong with a line.
struct Fault {
    /// The row within its chunk, counted from 0.
    row: usize,
    /// Where its line is in the file.
    offset: u64,
    kind: FaultKind,
}

enum FaultKind {
    Line(Wrong),
    Encoding,
    Cut(CutError),
}

/// All lines of the file, and how many rows they are.
fn read(path: &Path, wanted: &Wanted<'_>, size: usize) -> Result<(Lines, usize), LoadError> {
    let chunks = Chunks::new(input::open(path)?, &LINES, size);
    let cut = |error: CutError| {
        let offset = error.offset();
        Fault { row: 0, offset, kind: FaultKind::Cut(error) }
    };
    let mut all = Lines::default();
    for piece in chunks.read_all(|chunk| read_chunk(chunk, wanted), cut) {
        let piece = piece.map_err(|fault| error(path, fault, all.rows))?;
        all.append(piece).map_err(|clash| clash.in_words(path))?;
        if all.slots.len() > MOST_KEYS {
            return Err(too_many(path));
        }
    }
    if all.rows == 0 {
        let empty = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
        let what = if empty { "is empty" } else { "has no lines but blank ones" };
        let message = format!("`{}` {what}", path.display());
        return Err(LoadError::new(LoadProblem::Empty, message));
    }
    source::check_rows(path, all.rows)?;
    if all.slots.iter().any(|slot| slot.name.trim().is_empty()) {
        let message = format!("a key of `{}` is empty", path.display());
        return Err(LoadError::new(LoadProblem::Header, message)
            .help("every column needs a name: give the key one in the data"));
    }
    all.finish();
    let rows = all.rows;
    Ok((all, rows))
}

fn read_chunk(chunk: &Chunk, wanted: &Wanted<'_>) -> Result<Lines, Fault> {
    let text = std::str::from_utf8(&chunk.bytes).map_err(|error| {
        let offset = chunk.offset + error.valid_up_to() as u64;
        Fault { row: 0, offset, kind: FaultKind::Encoding }
    })?;
    let mut lines = Lines::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_matches([' ', '\t', '\r', '\n']);
        if !trimmed.is_empty() {
            read_line(&mut lines, trimmed, wanted).map_err(|wrong| Fault {
                row: lines.rows,
                offset: chunk.offset + at as u64,
                kind: FaultKind::Line(wrong),
            })?;
        }
        at += line.len();
    }
    lines.pad();
    Ok(lines)
}

fn error(path: &Path, fault: Fault, rows: usize) -> LoadError {
    let shown = path.display();
    if let FaultKind::Cut(CutError::Io(error)) = &fault.kind {
        return input::failed(path, error);
    }
    if fault.offset < 16
        && let Some(error) = not_text(path)
    {
        return error;
    }
    let line = line_at(path, fault.offset);
    let row = (rows + fault.row + 1) as u64;
    let invalid = |what: &str| {
        let message = format!("line {line} of `{shown}` {what}");
        LoadError::new(LoadProblem::Unreadable, message)
    };
    match fault.kind {
        FaultKind::Line(Wrong::Syntax(what)) => invalid(&format!("is not valid JSON: {what}")),
        FaultKind::Line(Wrong::NotObject("a list")) => invalid("is a list, not an object")
            .help("NDJSON has one object a line; `jq -c '.[]'` writes those of a list so"),
        FaultKind::Line(Wrong::NotObject(what)) => {
            invalid(&format!("is {what}, not an object")).help("NDJSON has one object a line")
        }
        FaultKind::Line(Wrong::Twice(key)) => {
            let message = format!("line {line} of `{shown}` has the key `{key}` twice");
            LoadError::new(LoadProblem::Header, message)
                .help("every column has one value a row: remove one of the two")
                .row(row)
                .column(&key)
        }
        FaultKind::Line(Wrong::TooManyKeys) => return too_many(path),
        FaultKind::Line(Wrong::Misfit { column, declared, value }) => {
            source::misfit(&column, declared, &value, row)
        }
        FaultKind::Encoding => {
            let message = format!("line {line} of `{shown}` is not UTF-8");
            LoadError::new(LoadProblem::Encoding, message).help(
                "convert the file to UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`",
            )
        }
        FaultKind::Cut(_) => invalid("does not end: the file is not NDJSON"),
    }
    .line(line)
}

/// Why the beginning of the file is no text, if it is none.
fn not_text(path: &Path) -> Option<LoadError> {
    let mut chunks = Chunks::new(input::open(path).ok()?, &LINES, 1 << 10);
    let chunk = chunks.next()?.ok()?;
    source::expect_text(path, &chunk.bytes, "NDJSON").err()
}

fn too_many(path: &Path) -> LoadError {
    let message =
        format!("the lines of `{}` have more than {MOST_KEYS} keys between them", path.display());
    LoadError::new(LoadProblem::Header, message)
        .help("a key is a column: move what differs from line to line into values")
}
