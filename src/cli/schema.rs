//! `mlspec schema`: the JSON Schema of specs.

use super::output::Output;
use crate::session;

pub fn schema() -> u8 {
    Output::default().print(&session::schema_text());
    0
}
