//! What is checked of a data file whatever its format: that it may be opened, that its bytes are
//! what its format says, and that its columns have names.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use crate::data::DeclaredType;
use crate::data::moment::{Offset, parse_datetime};

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
                Some(name) => missing.help(format!("did you mean `{name}`?")),
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

fn nearest_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let files = entries.flatten().filter(|entry| entry.path().is_file());
    let names: Vec<String> =
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The name that `name` may be a misspelling of; of equally near ones the first by code point.
pub(in crate::data) fn nearest<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distance = |other: &str| strsim::osa_distance(&lower, &other.to_lowercase());
    names
        .map(|other| (distance(other), other))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.chars().count() / 4)
        .map(|(_, other)| other)
}

/// Refuses what is no text table, by its first bytes.
pub(super) fn expect_text(path: &Path, head: &[u8]) -> Result<(), LoadError> {
    let path = path.display();
    let unreadable = |what: &str| {
        LoadError::new(LoadProblem::Unreadable, format!("`{path}` is {what}, not a text table"))
    };
    let packed = "unpack it in a step before";
    Err(match head {
        [b'P', b'A', b'R', b'1', ..] => {
            unreadable("a Parquet file").help("say `format: parquet`, or name the file `.parquet`")
        }
        [0x1F, 0x8B, ..] => unreadable("a gzip archive").help(packed),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => unreadable("a zstd archive").help(packed),
        [b'P', b'K', 3, 4, ..] => {
            unreadable("a zip archive or a spreadsheet").help("unpack it, or save the sheet as CSV")
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => unreadable("a spreadsheet").help("save the sheet as CSV"),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => unreadable("an Arrow file"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            LoadError::new(LoadProblem::Encoding, format!("`{path}` is UTF-16, not UTF-8"))
                .help("convert the file, for example with `iconv -f UTF-16 -t UTF-8`")
                .line(1)
        }
        _ if head.iter().take(8 << 10).any(|byte| *byte == 0) => unreadable("binary"),
        _ => return Ok(()),
    })
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
            Some(near) => error.help(format!("did you mean `{near}`?")),
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
