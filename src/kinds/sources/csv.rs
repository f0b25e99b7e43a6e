//! Text tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Packed, Source};
use crate::data::{CsvOptions, Format, Text};
use crate::diagnostic::Problem;

/// A character of one byte.
const ASCII: &str = "^[\\x00-\\x7f]*$";

const NOT_ASCII: &str = "Write an ASCII character.";

/// Text with one row a line and a separator between the fields: `.csv` and `.tsv`.
///
/// Types are inferred from all rows. `NA`, `NaN`, `null`, `N/A` and empty fields are missing where
/// the rest of the column is numeric; in a column of text only empty fields are. A line with more
/// or fewer fields than the header is an error, never padded or cut.
///
/// A file that is compressed as a whole is read as it is: `.csv.gz`, `.tsv.zst`. Several files are
/// one table where the path holds `*` or `?`, as in `data/part-*.csv`: they need the same columns,
/// in any order, and their rows follow each other in the order of their names.
///
/// ```yaml
/// data:
///   path: { path: measurements.csv, csv: { separator: ";", comment: "#" } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Csv {
    /// The one character between fields. Default: a comma, or a tab for `.tsv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1), example = &";", extend("pattern" = ASCII, "patternErrorMessage" = NOT_ASCII))]
    pub separator: Option<String>,
    /// The character around fields that hold separators or line ends. Default: `"`. An empty text
    /// switches quoting off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1), example = &"'", extend("pattern" = ASCII, "patternErrorMessage" = NOT_ASCII))]
    pub quote: Option<String>,
    /// Whether the first line names the columns. Without a header they are called `column_1`,
    /// `column_2` and so on.
    pub has_header: bool,
    /// Texts that mean a missing value in every column, beside the empty field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["-", "unknown"])]
    pub null_values: Vec<Text>,
    /// Lines that start with this character are skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1), example = &"#", extend("pattern" = ASCII, "patternErrorMessage" = NOT_ASCII))]
    pub comment: Option<String>,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            separator: None,
            quote: None,
            has_header: true,
            null_values: Vec::new(),
            comment: None,
        }
    }
}

impl Source for Csv {
    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv"]
    }

    fn packed(&self) -> Packed {
        Packed::AsAWhole
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn format(&self, extension: &str) -> Format {
        let byte = |text: &Option<String>| text.as_ref().and_then(|text| text.bytes().next());
        let separator = if extension == "tsv" { b'\t' } else { b',' };
        Format::Csv(CsvOptions {
            separator: byte(&self.separator).unwrap_or(separator),
            quote: match &self.quote {
                None => Some(b'"'),
                Some(text) => text.bytes().next(),
            },
            has_header: self.has_header,
            null_values: self.null_values.iter().map(|text| text.value().to_owned()).collect(),
            comment: byte(&self.comment),
        })
    }
}
