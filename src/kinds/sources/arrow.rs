//! Arrow files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Packed, Source};
use crate::data::Format;
use crate::diagnostic::Problem;

/// Apache Arrow's file format, also called Feather: columns with types of their own. Only the
/// columns that the spec uses are read.
///
/// Whole and floating-point numbers, truth values, text and categories can be used. A NaN counts
/// as missing. Columns of other types may be in the file as long as the spec excludes them. Arrow
/// streams and Feather files of version 1 are not read: write them again as files of today's format.
///
/// Several files are one table where the path holds `*` or `?`.
///
/// ```yaml
/// data:
///   path: { path: export.bin, format: arrow }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Arrow {}

impl Source for Arrow {
    fn extensions(&self) -> &'static [&'static str] {
        &["arrow", "ipc", "feather"]
    }

    fn packed(&self) -> Packed {
        Packed::Inside
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn format(&self, _: &str) -> Format {
        Format::Arrow
    }
}
