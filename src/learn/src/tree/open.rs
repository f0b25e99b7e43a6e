//! Nodes that still have to be divided, and the order in which the best come first.

use std::cmp::{Ordering, Reverse};

use super::search::Found;

/// A node that is not yet decided: its stretch of all orders, and its place in the tree.
pub(super) struct Open {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) node: usize,
    pub(super) seed: u64,
}

/// A split that is worth making.
pub(super) struct Split {
    pub(super) found: Found,
    /// Decrease of impurity times weight.
    pub(super) decrease: f64,
}

/// A split that waits for its turn; the greatest decrease comes first, then the older node.
pub(super) struct Waiting {
    pub(super) open: Open,
    pub(super) split: Split,
}

impl Waiting {
    fn key(&self) -> (f64, Reverse<usize>) {
        (self.split.decrease, Reverse(self.open.node))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((a, a_node), (b, b_node)) = (self.key(), other.key());
        a.total_cmp(&b).then(a_node.cmp(&b_node))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}
