//! Where a diagnostic points, named early and turned into bytes late.

use std::ops::Range;
use std::path::PathBuf;

use super::Route;

/// Which side of a `key: value` pair is meant. For a list item both are the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Key,
    Value,
}

/// A place that the reader of a diagnostic can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A node of the spec; `within` is a byte range inside the decoded text of a scalar.
    Spec { route: Route, part: Part, within: Option<Range<usize>> },
    /// A byte range of the spec's own text, for what is not a tree yet.
    Text { range: Range<usize> },
    /// A cell, row (counted from 1, without the header) or column of a data file.
    Data { path: PathBuf, row: Option<u64>, column: Option<String> },
    /// A file as a whole.
    File { path: PathBuf },
    /// An argument of the command line.
    Flag { name: String },
}

impl Place {
    pub fn key(route: Route) -> Self {
        Self::Spec { route, part: Part::Key, within: None }
    }

    pub fn value(route: Route) -> Self {
        Self::Spec { route, part: Part::Value, within: None }
    }
}
