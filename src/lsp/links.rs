//! Paths that an editor opens at a click: those of files that are there.

use std::ops::Range;
use std::path::PathBuf;

use super::View;
use super::paths::paths;

/// A range that leads to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub range: Range<usize>,
    pub target: PathBuf,
}

pub fn links(view: &View<'_>) -> Vec<Link> {
    let drift = view.drift();
    let there = paths(view).into_iter().filter(|named| named.path.is_file());
    there
        .filter_map(|named| Some(Link { range: drift.to_text(&named.range)?, target: named.path }))
        .collect()
}
