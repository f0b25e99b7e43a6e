//! Nodes that may be split, and the order in which their splits are made.

use std::cmp::{Ordering, Reverse};

use super::histogram::Cells;
use super::search::Wanted;
use super::split::{Node, Split};

/// A node that may be split.
pub(super) struct Open<const WORDS: usize> {
    pub(super) node: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) seed: u64,
    pub(super) facts: Node<WORDS>,
    pub(super) histogram: Option<Vec<Cells<WORDS>>>,
}

impl<const WORDS: usize> Open<WORDS> {
    pub(super) fn wanted(&self) -> Wanted<'_, WORDS> {
        Wanted { facts: &self.facts, seed: self.seed }
    }
}

/// A split that waits for its turn; the greatest gain comes first, then the older node.
pub(super) struct Waiting<const WORDS: usize> {
    pub(super) open: Open<WORDS>,
    pub(super) split: Split<WORDS>,
}

impl<const WORDS: usize> Ord for Waiting<WORDS> {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |waiting: &Self| Reverse(waiting.open.node);
        self.split.gain.total_cmp(&other.split.gain).then(key(self).cmp(&key(other)))
    }
}

impl<const WORDS: usize> PartialOrd for Waiting<WORDS> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const WORDS: usize> PartialEq for Waiting<WORDS> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<const WORDS: usize> Eq for Waiting<WORDS> {}
