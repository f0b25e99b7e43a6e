//! What is checked of a data file whatever its format: that it may be opened, that its bytes are
//! what its format says, and that its columns have names.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use crate::data::DeclaredType;
use crate::data::moment::{Offset, parse_datetime};
use crate::diagnostic::Near;

use super::error::{LoadError, LoadProblem};

/// Refuses what is no file on this machine, before anything is opened.
pub(super) fn check_path(path: &Path) -> Result<(), LoadError> {
    let text = path.to_string_lossy();
    if text.contains("://") {
        let message = format!("`{text}` is a URL");
        let help = "download the file in a step before, and name the local copy";
        return Err(LoadError::new(LoadProblem::Url, message).help(help));
    }
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let missing = LoadError::new(LoadProblem::Missing, format!("`{text}` does not exist"));
            return Err(match nearest_file(path) {
                Some(near) => {
                    LoadError { near: Some(near.clone()), ..missing.help(near.question()) }
                }
                None => missing,
            });
        }
        Err(error) => return Err(LoadError::io(path, &error)),
    };
    // Opening a pipe would wait for its writer, and it could not be read twice.
    let what = if metadata.is_dir() {
        "a folder, not a file"
    } else if metadata.is_file() {
        return Ok(());
    } else {
        "not a regular file"
    };
    Err(LoadError::new(LoadProblem::Unreadable, format!("`{text}` is {what}")))
}

fn nearest_file(path: &Path) -> Option<Near> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let files = entries.flatten().filter(|entry| entry.path().is_file());
    let names: Vec<String> =
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    nearest(name, names.iter().map(String::as_str))
}

/// The names that `name` may be a misspelling of: one, or those that are as near, by code point.
pub(in crate::data) fn nearest<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<Near> {
    let lower = name.to_lowercase();
    let distance = |other: &str| strsim::osa_distance(&lower, &other.to_lowercase());
    let mut found: Vec<(usize, &str)> = names
        .map(|other| (distance(other), other))
        .filter(|(distance, _)| *distance <= 1 + name.chars().count() / 4)
        .collect();
    found.sort_unstable();
    found.dedup();
    let least = found.first()?.0;
    Near::of(found.into_iter().filter(|(distance, _)| *distance == least).map(|(_, other)| other))
}

/// What the first bytes of a file give away.
pub(super) struct Look {
    pub what: &'static str,
    /// The format to say, where it is one that is read.
    pub format: Option<&'static str>,
    pub packed: bool,
}

/// The formats that are told from text by their first bytes; none where it may be text.
pub(super) fn look(head: &[u8]) -> Option<Look> {
    let look = |what, format| Look { what, format, packed: false };
    let packed = |what| Look { what, format: None, packed: true };
    Some(match head {
        [b'P', b'A', b'R', b'1', ..] => look("a Parquet file", Some("parquet")),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => look("an Arrow file", Some("arrow")),
        [b'F', b'E', b'A', b'1', ..] => look("a Feather file", None),
        [0x1F, 0x8B, ..] => packed("a gzip archive"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => packed("a zstd archive"),
        [b'P', b'K', 3, 4, ..] => packed("a zip archive or a spreadsheet"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => look("a spreadsheet", None),
        _ if head.iter().take(8 << 10).any(|byte| *byte == 0) => look("binary", None),
        _ => return None,
    })
}

/// Refuses what is no text, by its first bytes; `expected` is what it should be.
pub(super) fn expect_text(path: &Path, head: &[u8], expected: &str) -> Result<(), LoadError> {
    let path = path.display();
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = head {
        let message = format!("`{path}` is UTF-16, not UTF-8");
        return Err(LoadError::new(LoadProblem::Encoding, message)
            .help("convert the file, for example with `iconv -f UTF-16 -t UTF-8`")
            .line(1));
    }
    let Some(look) = look(head) else { return Ok(()) };
    let message = format!("`{path}` is {}, not {expected}", look.what);
    let error = LoadError::new(LoadProblem::Unreadable, message);
    Err(match (head, look.format) {
        (_, Some(format)) => {
            error.help(format!("say `format: {format}`, or name the file `.{format}`"))
        }
        ([0x1F, 0x8B, ..], _) => error.help("end its name in `.gz`, or unpack it in a step before"),
        ([0x28, 0xB5, ..], _) => {
            error.help("end its name in `.zst`, or unpack it in a step before")
        }
        ([b'P', b'K', ..], _) => error.help("unpack it, or save the sheet as CSV"),
        ([0xD0, ..], _) => error.help("save the sheet as CSV"),
        _ => error,
    })
}

/// Refuses a table without rows, and one with more than can be numbered.
pub(super) fn check_rows(path: &Path, rows: usize) -> Result<(), LoadError> {
    let path = path.display();
    if rows == 0 {
        return Err(LoadError::new(LoadProblem::Empty, format!("`{path}` has no rows")));
    }
    if u32::try_from(rows).is_err() {
        let message = format!("`{path}` has {rows} rows, more than can be numbered");
        return Err(LoadError::new(LoadProblem::Unreadable, message));
    }
    Ok(())
}

/// Refuses names that are empty or stand twice.
pub(super) fn check_names(names: &[Arc<str>]) -> Result<(), LoadError> {
    let mut seen = HashSet::new();
    for (at, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            let message = format!("column {} of {} has no name", at + 1, names.len());
            let error = LoadError::new(LoadProblem::Header, message).line(1);
            return Err(match at {
                0 => {
                    error.help("pandas writes its index so: `to_csv(…, index=False)` leaves it out")
                }
                _ => error.help("give every column a name, or say `csv: { has_header: false }`"),
            });
        }
        if !seen.insert(name) {
            let first = names.iter().position(|other| other == name).unwrap_or(at);
            return Err(LoadError::new(
                LoadProblem::Header,
                format!("columns {} and {} are both named `{name}`", first + 1, at + 1),
            )
            .help("every column needs a name of its own; say `csv: { has_header: false }` if the first line is data")
            .column(name)
            .line(1));
        }
    }
    Ok(())
}

/// Where the needed columns are in the file, in its order.
pub(super) fn positions(
    names: &[Arc<str>],
    needed: Option<&[Arc<str>]>,
) -> Result<Vec<usize>, LoadError> {
    let Some(needed) = needed else {
        return Ok((0..names.len()).collect());
    };
    let wanted: HashSet<&Arc<str>> = needed.iter().collect();
    let have: HashSet<&Arc<str>> = names.iter().collect();
    if let Some(missing) = needed.iter().find(|name| !have.contains(name)) {
        let message = format!("there is no column `{missing}` in the data");
        let error = LoadError::new(LoadProblem::UnknownColumn, message).column(missing);
        return Err(match nearest(missing, names.iter().map(|name| &**name)) {
            Some(near) => error.help(near.question()),
            None => error,
        });
    }
    Ok((0..names.len()).filter(|at| wanted.contains(&names[*at])).collect())
}

/// A value is not of the type that the spec declares for its column.
pub(super) fn misfit(column: &str, declared: DeclaredType, value: &str, row: u64) -> LoadError {
    let expected = match declared {
        DeclaredType::Int => "a whole number",
        DeclaredType::Float => "a number",
        DeclaredType::Bool => "`true` or `false`",
        DeclaredType::String | DeclaredType::Category => "text",
        DeclaredType::Date => "a date (`YYYY-MM-DD`)",
        DeclaredType::Datetime => {
            "a time (`YYYY-MM-DDTHH:MM:SS`, or with `Z` or `+02:00` behind it)"
        }
    };
    let mut shown: String = value.chars().take(40).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    if declared == DeclaredType::Datetime
        && let Some((_, offset)) = parse_datetime(value.trim())
    {
        let (here, before) = match offset {
            Offset::Given => ("an", "have none"),
            Offset::None => ("no", "have one"),
        };
        let message = format!(
            "row {row} of column `{column}` is `{shown}`, with {here} offset from UTC, and the rows before {before}"
        );
        let help = "write all times of a column with an offset, or none";
        return LoadError::new(LoadProblem::Type, message).help(help).row(row).column(column);
    }
    let message = format!("row {row} of column `{column}` is `{shown}`, not {expected}");
    let help = format!(
        "repair the value, list it under `csv: {{ null_values: [{shown:?}] }}` if it means a missing one, or change the column's type"
    );
    LoadError::new(LoadProblem::Type, message).help(help).row(row).column(column)
}
