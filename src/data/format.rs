//! The file formats that tables are read from, with their options.

/// How the bytes of a data file become columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    Csv(CsvOptions),
    Parquet,
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
