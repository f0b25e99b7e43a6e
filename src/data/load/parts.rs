//! The files that a path stands for, which may hold `*` and `?`, read side by side.
//! What their rows are together is left to `stack`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use polars_core::runtime::RAYON;
use rayon::prelude::*;

use crate::data::columns::glob_matches;

use super::error::{LoadError, LoadProblem};
use super::source;
use super::stack::lacks;

/// A pattern that more files match is a slip.
const MOST_FILES: usize = 10_000;

/// How many entries of a folder a message names.
const SHOWN: usize = 5;

/// The files that a path stands for, sorted: itself where it exists, else what it matches. Hidden
/// files are matched by patterns that begin with a dot only.
pub(super) fn expand(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let has_wildcard = |name: &OsStr| name.to_string_lossy().contains(['*', '?']);
    let plain = !path.components().any(|part| has_wildcard(part.as_os_str()));
    if plain || fs::symlink_metadata(path).is_ok() || path.to_string_lossy().contains("://") {
        source::check_path(path)?;
        return Ok(vec![path.to_owned()]);
    }
    let mut found = vec![PathBuf::new()];
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let matched = match part {
            Component::Normal(name) if has_wildcard(name) => {
                let pattern = name.to_string_lossy();
                let mut matched = Vec::new();
                for folder in &found {
                    let names = entries(folder);
                    let names = names.iter().filter(|name| {
                        (pattern.starts_with('.') || !name.starts_with('.'))
                            && glob_matches(&pattern, name)
                    });
                    matched.extend(names.map(|name| folder.join(name)));
                    if matched.len() > MOST_FILES {
                        return Err(too_many(path));
                    }
                }
                matched
            }
            _ => found.iter().map(|folder| folder.join(part)).collect(),
        };
        let wanted = |path: &PathBuf| match (part, last) {
            (Component::Prefix(_) | Component::RootDir, _) => true,
            (_, true) => path.is_file(),
            (_, false) => path.is_dir(),
        };
        let matched: Vec<PathBuf> = matched.into_iter().filter(wanted).collect();
        if matched.is_empty() {
            return Err(no_match(path, &found));
        }
        found = matched;
    }
    found.sort();
    Ok(found)
}

/// The names in a folder, sorted; none if it cannot be read.
fn entries(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn too_many(path: &Path) -> LoadError {
    let message = format!("`{}` matches more than {MOST_FILES} files", path.display());
    LoadError::new(LoadProblem::Unreadable, message).help("name fewer files, or join them before")
}

fn no_match(path: &Path, nearest: &[PathBuf]) -> LoadError {
    let message = format!("no file matches `{}`", path.display());
    let names: Vec<String> = nearest.first().map(|folder| entries(folder)).unwrap_or_default();
    let names: Vec<String> = names
        .iter()
        .filter(|name| !name.starts_with('.'))
        .map(|name| format!("`{name}`"))
        .collect();
    let help = match names.len() {
        0 => "the nearest folder is empty".to_owned(),
        count if count <= SHOWN => format!("the nearest folder holds {}", names.join(", ")),
        count => {
            let shown = names[..SHOWN].join(", ");
            format!("the nearest folder holds {shown} and {} more", count - SHOWN)
        }
    };
    LoadError::new(LoadProblem::Missing, message).help(help)
}

/// What `read` makes of each file, side by side. Of several, the error names its file.
pub(super) fn each<T: Send>(
    files: &[PathBuf],
    read: impl Fn(&Path) -> Result<T, LoadError> + Sync,
) -> Result<Vec<T>, LoadError> {
    if let [file] = files {
        return Ok(vec![read(file)?]);
    }
    let read: Vec<Result<T, LoadError>> =
        RAYON.install(|| files.par_iter().map(|file| read(file)).collect());
    let name = |(at, part): (usize, Result<T, LoadError>)| {
        part.map_err(|error| of_file(error, &files[at], &files[0]))
    };
    read.into_iter().enumerate().map(name).collect()
}

fn of_file(error: LoadError, file: &Path, first: &Path) -> LoadError {
    match (&error.kind, &error.column) {
        (LoadProblem::UnknownColumn, Some(column)) if file != first => {
            let column = column.clone();
            lacks(&column, file, first)
        }
        _ => error.files([file]),
    }
}
