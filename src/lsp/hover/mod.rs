//! What is to be said of a place of a spec.

use std::ops::Range;

use super::View;

/// An explanation, and what it explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub range: Range<usize>,
    pub markdown: String,
}

/// The explanation of what stands at an offset.
pub fn hover(_view: &View<'_>, _offset: usize) -> Option<Hover> {
    None
}
