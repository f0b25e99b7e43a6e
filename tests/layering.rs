//! Who may import whom, read off the `use crate::` lines.
