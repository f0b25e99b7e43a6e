//! The schema of a span of time.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::text::Period;

pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": Period::PATTERN,
        "patternErrorMessage": "Write a number and a unit, such as 30s, 5m or 1.5h.",
        "examples": ["5m"],
    })
}
