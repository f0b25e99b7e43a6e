//! Joins what was read of several files: their rows one below the other, their columns by name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::{ColumnInfo, ColumnKind, Columns};

use super::Part;
use super::cells::Cells;
use super::error::{LoadError, LoadProblem};
use super::frame::{Frame, RowNumbers};
use super::source;

/// Whether a row may leave out columns, and so a file as well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    Allowed,
    Refused,
}

impl Frame {
    /// The rows of `other` below these. Both need the same columns, in any order, of types that
    /// join: whole numbers join others, and columns without any value join all.
    ///
    /// # Errors
    /// A column that only one has, or that has two types, by the files of both.
    pub fn append(self, other: Self) -> Result<Self, LoadError> {
        let names = |frame: &Self| frame.columns.iter().map(|(name, _)| name.clone()).collect();
        let part = |frame: Self| Part { names: names(&frame), frame };
        join(vec![part(self), part(other)], Gaps::Refused).map(|(_, frame)| frame)
    }
}

/// The names of all columns, and the rows of the frames.
pub(super) fn join(mut parts: Vec<Part>, gaps: Gaps) -> Result<(Vec<Arc<str>>, Frame), LoadError> {
    if parts.len() == 1 {
        let part = parts.remove(0);
        return Ok((part.names, part.frame));
    }
    let files: Vec<Arc<Path>> = parts.iter().map(|part| part.frame.file()).collect();
    let mut joint = Joint::new(&files);
    let mut names = Names::new(gaps, &files);
    let mut rows: usize = 0;
    let mut frames = Vec::with_capacity(parts.len());
    for (file, part) in parts.into_iter().enumerate() {
        names.add(part.names, file)?;
        for (name, cells) in &part.frame.columns {
            joint.add(name, &cells.kind(), file)?;
        }
        rows += part.frame.rows;
        frames.push(part.frame);
    }
    let numbers = RowNumbers::join(frames.iter().map(|frame| (&frame.numbers, frame.rows)));
    source::check_rows(&files[0], numbers.all())?;
    let Joint { columns, known, .. } = joint;
    let mut pieces: Vec<Vec<Cells>> = columns.iter().map(|_| Vec::new()).collect();
    let mut filled = vec![0; columns.len()];
    let mut before = 0;
    for frame in frames {
        for (name, cells) in frame.columns {
            let at = known[&name];
            if filled[at] < before {
                pieces[at].push(Cells::Empty(before - filled[at]));
            }
            pieces[at].push(Arc::unwrap_or_clone(cells));
            filled[at] = before + frame.rows;
        }
        before += frame.rows;
    }
    let columns =
        columns.into_iter().zip(pieces).zip(filled).map(|((column, mut cells), filled)| {
            if filled < rows {
                cells.push(Cells::Empty(rows - filled));
            }
            (column.name, Arc::new(Cells::concat(cells, rows)))
        });
    Ok((names.all, Frame { columns: columns.collect(), rows, numbers }))
}

/// Names, types and missing values of the files, as far as they have been looked at.
pub(super) fn join_headers(
    files: &[PathBuf],
    headers: Vec<Columns>,
    gaps: Gaps,
) -> Result<Columns, LoadError> {
    let files: Vec<Arc<Path>> = files.iter().map(|file| Arc::from(file.as_path())).collect();
    let mut joint = Joint::new(&files);
    let mut names = Names::new(gaps, &files);
    let mut missing: Vec<Option<usize>> = Vec::new();
    let mut rows = Some(0);
    for (file, header) in headers.into_iter().enumerate() {
        names.add(header.infos.iter().map(|info| info.name.clone()).collect(), file)?;
        // The columns that this file lacks have no value in its rows.
        let mut more = vec![header.rows; missing.len()];
        for info in header.infos {
            let at = joint.add(&info.name, &info.kind, file)?;
            if at == missing.len() {
                missing.push(rows);
                more.push(None);
            }
            more[at] = info.missing;
        }
        for (missing, more) in missing.iter_mut().zip(more) {
            *missing = missing.zip(more).map(|(missing, more)| missing + more);
        }
        rows = rows.zip(header.rows).map(|(rows, more): (usize, usize)| rows + more);
    }
    let infos = joint.columns.into_iter().zip(missing);
    let infos =
        infos.map(|(column, missing)| ColumnInfo { name: column.name, kind: column.kind, missing });
    Ok(Columns { infos: infos.collect(), rows })
}

/// The columns that several files make up.
struct Joint<'a> {
    files: &'a [Arc<Path>],
    columns: Vec<JointColumn>,
    known: HashMap<Arc<str>, usize>,
}

struct JointColumn {
    name: Arc<str>,
    kind: ColumnKind,
    /// The first file that has values in it.
    file: usize,
}

impl<'a> Joint<'a> {
    fn new(files: &'a [Arc<Path>]) -> Self {
        Self { files, columns: Vec::new(), known: HashMap::new() }
    }

    /// The position of a column, whose type in this file joins that of the others.
    fn add(&mut self, name: &Arc<str>, kind: &ColumnKind, file: usize) -> Result<usize, LoadError> {
        let Some(at) = self.known.get(name).copied() else {
            self.known.insert(name.clone(), self.columns.len());
            self.columns.push(JointColumn { name: name.clone(), kind: kind.clone(), file });
            return Ok(self.columns.len() - 1);
        };
        let column = &mut self.columns[at];
        if column.kind == ColumnKind::Empty && *kind != ColumnKind::Empty {
            (column.kind, column.file) = (kind.clone(), file);
        } else if column.kind.is_number() && kind.is_number() && column.kind != *kind {
            column.kind = ColumnKind::Float;
        } else if *kind != ColumnKind::Empty && column.kind != *kind {
            let (first, other) = (&self.files[column.file], &self.files[file]);
            let message = format!(
                "column `{name}` is {} in `{}` and {kind} in `{}`",
                column.kind,
                first.display(),
                other.display()
            );
            let help =
                format!("declare what it is meant to be, such as `types: {{ {name}: string }}`");
            return Err(LoadError::new(LoadProblem::Type, message)
                .help(help)
                .column(name)
                .files([&**other, &**first]));
        }
        Ok(at)
    }
}

/// The names of all columns, also of those that are not read.
struct Names<'a> {
    gaps: Gaps,
    files: &'a [Arc<Path>],
    all: Vec<Arc<str>>,
    known: HashMap<Arc<str>, usize>,
}

impl<'a> Names<'a> {
    fn new(gaps: Gaps, files: &'a [Arc<Path>]) -> Self {
        Self { gaps, files, all: Vec::new(), known: HashMap::new() }
    }

    fn add(&mut self, names: Vec<Arc<str>>, file: usize) -> Result<(), LoadError> {
        for name in names {
            match self.known.get_mut(&name) {
                Some(last) => *last = file,
                None if file > 0 && self.gaps == Gaps::Refused => {
                    return Err(lacks(&name, &self.files[0], &self.files[file]));
                }
                None => {
                    self.known.insert(name.clone(), file);
                    self.all.push(name);
                }
            }
        }
        let lacked = self.all.iter().find(|name| self.known[*name] != file);
        match lacked.filter(|_| self.gaps == Gaps::Refused) {
            Some(name) => Err(lacks(name, &self.files[file], &self.files[0])),
            None => Ok(()),
        }
    }
}

/// One file lacks a column that another one has.
pub(super) fn lacks(column: &str, file: &Path, other: &Path) -> LoadError {
    let message =
        format!("`{}` has no column `{column}`, which `{}` has", file.display(), other.display());
    LoadError::new(LoadProblem::Header, message)
        .help("files that are read as one table need the same columns, in any order")
        .column(column)
        .files([other, file])
}
