//! Why a data file could not be loaded, in words for its user.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Near};

/// What kind of thing went wrong; each is one diagnostic code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadProblem {
    Missing,
    Unreadable,
    Url,
    Empty,
    Header,
    Ragged,
    Encoding,
    Type,
    UnknownColumn,
    ColumnType,
    Sql,
    NotClasses,
    UnknownClass,
    NotNumber,
}

/// A data file, or a column of it, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub kind: LoadProblem,
    pub message: String,
    pub help: Option<String>,
    /// The name of a file beside the missing one that was probably meant.
    pub near: Option<Near>,
    /// The data row, counted from 1 without the header.
    pub row: Option<u64>,
    /// The line of the file, counted from 1.
    pub line: Option<u64>,
    pub column: Option<String>,
    /// The derived column whose SQL is to blame.
    pub derived: Option<String>,
    /// The files that it is about, where a path may stand for several; `row` is one of the first.
    pub files: Vec<PathBuf>,
}

impl LoadError {
    pub(super) fn new(kind: LoadProblem, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            near: None,
            row: None,
            line: None,
            column: None,
            derived: None,
            files: Vec::new(),
        }
    }

    /// The operating system's refusal to open or read `path`.
    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        let reason = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        Self::new(LoadProblem::Unreadable, format!("`{}` cannot be read: {reason}", path.display()))
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    pub(super) fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(super) fn column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    pub(super) fn derived(mut self, name: &str) -> Self {
        self.derived = Some(name.to_owned());
        self
    }

    pub(super) fn files<'a>(mut self, files: impl IntoIterator<Item = &'a Path>) -> Self {
        self.files = files.into_iter().map(Path::to_owned).collect();
        self
    }

    /// Whether the file, and not what is in it, is to blame.
    pub fn is_external(&self) -> bool {
        matches!(self.kind, LoadProblem::Missing | LoadProblem::Unreadable)
    }

    /// The code of the diagnostic that this becomes.
    pub fn code(&self) -> Code {
        match self.kind {
            LoadProblem::Missing => Code::DataMissing,
            LoadProblem::Unreadable => Code::DataUnreadable,
            LoadProblem::Url => Code::DataUrl,
            LoadProblem::Empty => Code::DataEmpty,
            LoadProblem::Header => Code::DataHeader,
            LoadProblem::Ragged => Code::DataRagged,
            LoadProblem::Encoding => Code::DataEncoding,
            LoadProblem::Type => Code::DataType,
            LoadProblem::UnknownColumn => Code::UnknownColumn,
            LoadProblem::ColumnType => Code::DataColumnType,
            LoadProblem::Sql => Code::BadSql,
            LoadProblem::NotClasses => Code::TargetType,
            LoadProblem::UnknownClass => Code::UnknownClass,
            LoadProblem::NotNumber => Code::NotNumber,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LoadError {}
