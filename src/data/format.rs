//! The file formats that tables are read from, with their options.

use std::ffi::OsStr;
use std::path::Path;

/// How the bytes of a data file become columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    Csv(CsvOptions),
    Ndjson,
    Parquet,
    Arrow,
}

/// How a text file is compressed as a whole, which the end of its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// What the extension of a path stands for, in any case of letters.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension().and_then(OsStr::to_str)?;
        [Self::Gzip, Self::Zstd]
            .into_iter()
            .find(|packing| extension.eq_ignore_ascii_case(packing.extension()))
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }

    /// The name of the format, as in `a gzip file`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The dialect of a text table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// One ASCII character between fields.
    pub separator: u8,
    /// The character around fields that hold separators; none: quotes are plain text.
    pub quote: Option<u8>,
    /// Whether the first line names the columns; else they are `column_1`, `column_2`, …
    pub has_header: bool,
    /// Text that means a missing value in every column; empty fields always do.
    pub null_values: Vec<String>,
    /// Lines that start with this character are skipped.
    pub comment: Option<u8>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            separator: b',',
            quote: Some(b'"'),
            has_header: true,
            null_values: Vec::new(),
            comment: None,
        }
    }
}
