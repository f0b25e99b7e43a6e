//! Where a diagnostic points, named early and turned into bytes late.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Route;

/// Which side of a `key: value` pair is meant. For a list item both are the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    Key,
    Value,
}

/// A place that the reader of a diagnostic can go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The bytes `within` of the decoded text there.
    #[must_use]
    pub fn within(self, range: Range<usize>) -> Self {
        match self {
            Self::Spec { route, part, .. } => Self::Spec { route, part, within: Some(range) },
            other @ (Self::Text { .. }
            | Self::Data { .. }
            | Self::File { .. }
            | Self::Flag { .. }) => other,
        }
    }

    /// Turns a place that was named from `route` on into one named from the root.
    pub(super) fn move_under(&mut self, above: &Route) {
        match self {
            Self::Spec { route, .. } => *route = above.join(route),
            Self::Text { .. } | Self::Data { .. } | Self::File { .. } | Self::Flag { .. } => {}
        }
    }
}
