//! NDJSON files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Packed, Source};
use crate::data::Format;
use crate::diagnostic::Problem;

/// NDJSON, also called JSON Lines: one flat object a line, with the columns as its keys.
///
/// The columns are the keys of all lines, in the order in which they are first seen; a key that a
/// line lacks is a missing value there, as is `null`. Types are those of JSON: **text is text also
/// where it looks like a number, and a column that holds text and numbers is an error** unless
/// `types` declares it. A key that stands twice in one line is an error. Columns of objects or
/// lists may be in the file as long as the spec excludes them.
///
/// A file that is compressed as a whole is read as it is: `.ndjson.gz`, `.jsonl.zst`. Several files
/// are one table where the path holds `*` or `?`.
///
/// ```yaml
/// data:
///   path: { path: events.log, format: ndjson }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ndjson {}

impl Source for Ndjson {
    fn extensions(&self) -> &'static [&'static str] {
        &["ndjson", "jsonl"]
    }

    fn packed(&self) -> Packed {
        Packed::AsAWhole
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn format(&self, _: &str) -> Format {
        Format::Ndjson
    }
}
