//! Gradients and bins of rows to a tree; the leaf that decreases the loss most is split first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::bins::{Binned, PANEL};
use super::histogram::{Cells, Sum, Units, add, fill, minus};
use super::search::search;
use super::split::{ColumnFacts, Limits, Monotonic, Node, Split};
use super::tree::Tree;
use crate::seeded::mix;
use crate::{Control, Error};

/// Rows from which threads share the division of a node.
const SHARED_ROWS: usize = 65_536;

/// The share of a thread.
const PART: usize = 16_384;

/// Bytes of histograms that are kept for nodes that wait; a node beyond them is counted anew.
const KEPT: usize = 1 << 30;

/// What limits the growth of a tree.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    pub(super) max_leaf_nodes: usize,
    pub(super) max_depth: usize,
    /// Columns drawn for every split.
    pub(super) max_features: usize,
    pub(super) limits: Limits,
}

/// What all trees of a training look at.
pub(super) struct Ground<'a> {
    pub(super) binned: &'a Binned,
    pub(super) columns: &'a [ColumnFacts<'a>],
    pub(super) growth: &'a Growth,
}

/// A tree, and which of the rows stand in which leaf.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// Nodes that are leaves, with their stretches of the rows.
    pub(super) leaves: Vec<Leaf>,
}

/// A leaf of a tree on the rows that grew it.
pub(super) struct Leaf {
    pub(super) node: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A node that may be split.
pub(super) struct Open<const WORDS: usize> {
    node: usize,
    start: usize,
    end: usize,
    depth: usize,
    pub(super) seed: u64,
    pub(super) facts: Node<WORDS>,
    pub(super) histogram: Option<Vec<Cells<WORDS>>>,
}

/// A split that waits for its turn; the greatest gain comes first, then the older node.
struct Waiting<const WORDS: usize> {
    open: Open<WORDS>,
    split: Split<WORDS>,
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

/// The working space of one tree after the other.
pub(super) struct Grower<const WORDS: usize> {
    /// The rows that grow the tree, those of a node side by side and in rising order.
    pub(super) rows: Vec<u32>,
    scratch: Vec<u32>,
    /// Histograms that are free.
    pool: Vec<Vec<Cells<WORDS>>>,
    /// Histograms that are not.
    taken: usize,
}

impl<const WORDS: usize> Grower<WORDS> {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new(), scratch: Vec::new(), pool: Vec::new(), taken: 0 }
    }

    /// Grows a tree on `self.rows` and adds the gain of every split to that of its column.
    pub(super) fn grow(
        &mut self,
        ground: &Ground<'_>,
        words: &[Sum<WORDS>],
        units: &Units,
        seed: u64,
        gains: &mut [f64],
        control: &Control<'_>,
    ) -> Result<Grown, Error> {
        let growth = ground.growth;
        let total = self.rows.iter().fold([0; WORDS], |mut total, &row| {
            add(&mut total, words[row as usize]);
            total
        });
        let facts = Node { total, bounds: (f64::NEG_INFINITY, f64::INFINITY) };
        let (start, end) = (0, self.rows.len());
        let mut root = Open { node: 0, start, end, depth: 0, seed, facts, histogram: None };
        let mut tree = Tree::leaf();
        let mut leaves = Vec::new();
        let mut waiting = BinaryHeap::new();
        let can_split = |open: &Open<WORDS>| {
            let rows = units.unpack(open.facts.total).rows;
            open.depth < growth.max_depth
                && rows / 2 >= growth.limits.min_samples_leaf
                && !ground.columns.is_empty()
        };
        if growth.max_leaf_nodes > 1 && can_split(&root) {
            self.count(ground, words, &mut root);
        }
        self.decide(ground, units, [root], &mut waiting, &mut leaves, &mut tree);
        while let Some(Waiting { open, split }) = waiting.pop() {
            control.poll()?;
            let parent = open.histogram;
            let stretch = open.start..open.end;
            let lefts = self.divide(ground, &split, stretch.clone());
            let left_node = tree.split(open.node, split.column, &split.rule);
            tree.depth = tree.depth.max(open.depth + 1);
            gains[split.column] += split.gain.max(0.0);
            let [one, other] = halves(&open.facts, &split, ground, units);
            // Seeds follow the path, so that they do not depend on the order of the splits.
            let child = |side: usize, start, end, facts| Open {
                node: left_node + side,
                start,
                end,
                depth: open.depth + 1,
                seed: mix(open.seed.wrapping_add(side as u64 + 1)),
                facts,
                histogram: None,
            };
            let middle = stretch.start + lefts;
            let mut left = child(0, stretch.start, middle, one);
            let mut right = child(1, middle, stretch.end, other);
            if tree.leaves() < growth.max_leaf_nodes {
                let (smaller, greater) = if left.end - left.start <= right.end - right.start {
                    (&mut left, &mut right)
                } else {
                    (&mut right, &mut left)
                };
                self.count_both(
                    ground,
                    words,
                    parent,
                    (can_split(smaller), smaller),
                    (can_split(greater), greater),
                );
                self.decide(ground, units, [left, right], &mut waiting, &mut leaves, &mut tree);
            } else {
                self.free(parent);
                for open in [left, right] {
                    self.close(open, ground, units, &mut leaves, &mut tree);
                }
                break;
            }
        }
        for Waiting { open, .. } in waiting.into_sorted_vec() {
            self.close(open, ground, units, &mut leaves, &mut tree);
        }
        Ok(Grown { tree, leaves })
    }

    /// Counts the rows of a node.
    fn count(&mut self, ground: &Ground<'_>, words: &[Sum<WORDS>], open: &mut Open<WORDS>) {
        let mut cells = self.take(ground);
        fill(ground.binned, words, &self.rows[open.start..open.end], &mut cells);
        open.histogram = Some(cells);
    }

    /// Counts the rows of two nodes, where they may be split; the greater one is its parent
    /// without the smaller one.
    fn count_both(
        &mut self,
        ground: &Ground<'_>,
        words: &[Sum<WORDS>],
        parent: Option<Vec<Cells<WORDS>>>,
        (count_smaller, smaller): (bool, &mut Open<WORDS>),
        (count_greater, greater): (bool, &mut Open<WORDS>),
    ) {
        match parent {
            Some(mut cells) if count_greater => {
                self.count(ground, words, smaller);
                for (cells, others) in cells.iter_mut().zip(smaller.histogram.iter().flatten()) {
                    for (cell, other) in cells.iter_mut().zip(others) {
                        *cell = minus(*cell, *other);
                    }
                }
                greater.histogram = Some(cells);
                if !count_smaller {
                    let unused = smaller.histogram.take();
                    self.free(unused);
                }
            }
            parent => {
                self.free(parent);
                for (wanted, open) in [(count_smaller, smaller), (count_greater, greater)] {
                    if wanted {
                        self.count(ground, words, open);
                    }
                }
            }
        }
    }

    /// Puts nodes with a histogram and a split among those that wait, and makes leaves of others.
    fn decide<const NODES: usize>(
        &mut self,
        ground: &Ground<'_>,
        units: &Units,
        opened: [Open<WORDS>; NODES],
        waiting: &mut BinaryHeap<Waiting<WORDS>>,
        leaves: &mut Vec<Leaf>,
        tree: &mut Tree,
    ) {
        let splits = search(ground, units, &opened);
        for (mut open, split) in opened.into_iter().zip(splits) {
            match split {
                Some(split) => {
                    let size = size_of_val(open.histogram.as_deref().unwrap_or_default());
                    if self.taken.saturating_mul(size) > KEPT {
                        let beyond = open.histogram.take();
                        self.free(beyond);
                    }
                    waiting.push(Waiting { open, split });
                }
                None => self.close(open, ground, units, leaves, tree),
            }
        }
    }

    /// Makes a leaf.
    fn close(
        &mut self,
        open: Open<WORDS>,
        ground: &Ground<'_>,
        units: &Units,
        leaves: &mut Vec<Leaf>,
        tree: &mut Tree,
    ) {
        let sums = units.unpack(open.facts.total);
        tree.values[open.node] = ground.growth.limits.value(sums, open.facts.bounds);
        leaves.push(Leaf { node: open.node, start: open.start, end: open.end });
        self.free(open.histogram);
    }

    /// A histogram of 0.
    fn take(&mut self, ground: &Ground<'_>) -> Vec<Cells<WORDS>> {
        self.taken += 1;
        match self.pool.pop() {
            Some(mut cells) => {
                cells.fill([[0; WORDS]; 256]);
                cells
            }
            None => vec![[[0; WORDS]; 256]; ground.columns.len()],
        }
    }

    fn free(&mut self, histogram: Option<Vec<Cells<WORDS>>>) {
        if let Some(cells) = histogram {
            self.taken -= 1;
            self.pool.push(cells);
        }
    }

    /// Moves the rows that go left to the front of a stretch, both sides in their order, and
    /// returns how many they are.
    fn divide(
        &mut self,
        ground: &Ground<'_>,
        split: &Split<WORDS>,
        stretch: std::ops::Range<usize>,
    ) -> usize {
        let panel = &ground.binned.panels[split.column / PANEL];
        let lane = split.column % PANEL;
        let table = split.rule.table();
        let goes_left = |row: u32| usize::from(table[usize::from(panel[row as usize][lane])]);
        self.scratch.resize(self.rows.len(), 0);
        let rows = &mut self.rows[stretch.clone()];
        let scratch = &mut self.scratch[stretch];
        if rows.len() < SHARED_ROWS {
            let lefts = partition(rows, scratch, goes_left);
            let rights = rows.len() - lefts;
            rows[lefts..].copy_from_slice(&scratch[..rights]);
            return lefts;
        }
        // Each part is partitioned by itself; then the parts are put together.
        let lefts: Vec<usize> = rows
            .par_chunks_mut(PART)
            .zip(scratch.par_chunks_mut(PART))
            .map(|(rows, scratch)| partition(rows, scratch, goes_left))
            .collect();
        let mut end = 0;
        for (part, &lefts) in lefts.iter().enumerate() {
            rows.copy_within(part * PART..part * PART + lefts, end);
            end += lefts;
        }
        let mut start = end;
        for (scratch, lefts) in scratch.chunks(PART).zip(lefts) {
            let rights = scratch.len() - lefts;
            rows[start..start + rights].copy_from_slice(&scratch[..rights]);
            start += rights;
        }
        end
    }
}

/// Moves the rows that go left to the front and the others into `scratch`.
fn partition(rows: &mut [u32], scratch: &mut [u32], goes_left: impl Fn(u32) -> usize) -> usize {
    let (mut lefts, mut rights) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place];
        let left = goes_left(row);
        // Both are written, so that there is no branch to mispredict; one of them counts.
        rows[lefts] = row;
        scratch[rights] = row;
        lefts += left;
        rights += 1 - left;
    }
    lefts
}

/// The sums and bounds of the two sides of a split.
fn halves<const WORDS: usize>(
    parent: &Node<WORDS>,
    split: &Split<WORDS>,
    ground: &Ground<'_>,
    units: &Units,
) -> [Node<WORDS>; 2] {
    let limits = &ground.growth.limits;
    let totals = [split.left, minus(parent.total, split.left)];
    let middle = || {
        let [below, above] = totals.map(|total| limits.value(units.unpack(total), parent.bounds));
        below / 2.0 + above / 2.0
    };
    let (low, high) = parent.bounds;
    let bounds = match ground.columns[split.column].monotonic {
        Monotonic::Free => [parent.bounds; 2],
        Monotonic::Increasing => [(low, middle()), (middle(), high)],
        Monotonic::Decreasing => [(middle(), high), (low, middle())],
    };
    let [one, other] = totals;
    [Node { total: one, bounds: bounds[0] }, Node { total: other, bounds: bounds[1] }]
}
