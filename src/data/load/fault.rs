//! What is wrong with a record of a text table, and how its user is told.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::data::DeclaredType;

use super::chunks::{Chunk, CutError};
use super::csv::TextTable;
use super::error::{LoadError, LoadProblem};
use super::{input, source};

/// What is wrong with a record.
pub(super) struct Fault {
    /// The record within its chunk, counted from 0 without the header.
    pub row: usize,
    /// Where it is in the file.
    pub offset: u64,
    pub kind: FaultKind,
}

pub(super) enum FaultKind {
    Ragged { found: usize },
    Encoding,
    Misfit { column: usize, declared: DeclaredType, value: String },
    Cut(CutError),
}

impl TextTable<'_> {
    /// The error for a fault in a chunk that starts after `rows` data rows.
    pub(super) fn error(&self, fault: Fault, rows: usize) -> LoadError {
        let line = line_at(self.path, fault.offset);
        let row = (rows + fault.row + 1) as u64;
        let fields =
            |count: usize| if count == 1 { "1 field".into() } else { format!("{count} fields") };
        let error = match fault.kind {
            FaultKind::Cut(CutError::Io(error)) => return input::failed(self.path, &error),
            FaultKind::Cut(CutError::OpenQuote(_)) => LoadError::new(
                LoadProblem::Ragged,
                format!("the quote that opens in line {line} is never closed"),
            )
            .help(
                "close it; or, if quotes are plain text in this file, say `csv: { quote: \"\" }`",
            ),
            FaultKind::Cut(CutError::Endless(_)) => LoadError::new(
                LoadProblem::Unreadable,
                format!("line {line} does not end: `{}` is not a text table", self.path.display()),
            ),
            FaultKind::Encoding => LoadError::new(
                LoadProblem::Encoding,
                format!("line {line} of `{}` is not UTF-8", self.path.display()),
            )
            .help("convert the file to UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`"),
            FaultKind::Ragged { found } => {
                let (expected, first) = (self.names.len(), self.options.has_header);
                let first = if first { "the header" } else { "the first line" };
                let message = format!(
                    "line {line} has {}, but {first} has {}",
                    fields(found),
                    fields(expected)
                );
                let help = match self.names.as_slice() {
                    [name] if let Some(other) = self.other_separator(name) => separator_help(other),
                    _ if found > expected => format!(
                        "a field that holds a {} needs quotes around it",
                        char_name(char::from(self.options.separator)),
                    ),
                    _ => "the line is cut short, or a line break in it needs quotes".to_owned(),
                };
                LoadError::new(LoadProblem::Ragged, message).help(help).row(row)
            }
            FaultKind::Misfit { column, declared, value } => {
                source::misfit(&self.names[column], declared, &value, row)
            }
        };
        error.line(line)
    }

    /// A usual separator that a field holds instead of being split at it.
    pub(super) fn other_separator(&self, field: &str) -> Option<char> {
        let usual = [';', '\t', '|', ','];
        usual.into_iter().find(|c| *c != char::from(self.options.separator) && field.contains(*c))
    }
}

impl Chunk {
    /// Refuses the record that ends at `position` if a quote in it is never closed.
    pub(super) fn closed(&self, position: u64, row: usize) -> Result<(), Fault> {
        match self.open_quote {
            Some(offset) if self.offset + position > offset => {
                Err(Fault { row, offset, kind: FaultKind::Cut(CutError::OpenQuote(offset)) })
            }
            _ => Ok(()),
        }
    }
}

impl Fault {
    pub(super) fn cut(error: CutError) -> Self {
        Self { row: 0, offset: error.offset(), kind: FaultKind::Cut(error) }
    }

    /// The first byte at or after `start` that is not UTF-8.
    pub(super) fn encoding(chunk: &Chunk, start: u64, row: usize) -> Self {
        let from = usize::try_from(start).unwrap_or_default().min(chunk.bytes.len());
        let valid = match std::str::from_utf8(&chunk.bytes[from..]) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let offset = chunk.offset + (from + valid) as u64;
        Self { row, offset, kind: FaultKind::Encoding }
    }
}

pub(super) fn separator_help(separator: char) -> String {
    let written = if separator == '\t' { "\\t".to_owned() } else { separator.to_string() };
    format!(
        "if the fields are separated by a {}, say `path: {{ path: …, csv: {{ separator: \"{written}\" }} }}`",
        char_name(separator)
    )
}

fn char_name(separator: char) -> String {
    match separator {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        other => format!("`{other}`"),
    }
}

/// The line, counted from 1, that holds a byte of the file's text.
pub(super) fn line_at(path: &Path, offset: u64) -> u64 {
    let Ok(file) = input::open(path) else { return 1 };
    let mut reader = BufReader::new(file.take(offset));
    let (mut line, mut after_return) = (1, false);
    while let Ok(bytes) = reader.fill_buf() {
        if bytes.is_empty() {
            break;
        }
        for byte in bytes {
            // A carriage return with its line feed is one line's end.
            line += u64::from(*byte == b'\r' || *byte == b'\n' && !after_return);
            after_return = *byte == b'\r';
        }
        let count = bytes.len();
        reader.consume(count);
    }
    line
}
