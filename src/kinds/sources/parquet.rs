//! Parquet files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Packed, Source};
use crate::data::Format;
use crate::diagnostic::Problem;

/// Apache Parquet: columns with types of their own. Only the columns that the spec uses are read.
///
/// Whole and floating-point numbers, truth values, text and categories can be used; dates and
/// times in SQL. A NaN counts as missing. Columns of other types may be in the file as long as the
/// spec excludes them.
///
/// Several files are one table where the path holds `*` or `?`.
///
/// ```yaml
/// data:
///   path: { path: export.bin, format: parquet }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Parquet {}

impl Source for Parquet {
    fn extensions(&self) -> &'static [&'static str] {
        &["parquet", "pq"]
    }

    fn packed(&self) -> Packed {
        Packed::Inside
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn format(&self, _: &str) -> Format {
        Format::Parquet
    }
}
