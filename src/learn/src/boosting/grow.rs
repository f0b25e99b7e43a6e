//! Gradients and bins of rows to a tree; the leaf that decreases the loss most is split first.

use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::binned::Binned;
use super::histogram::{Cells, Parts, Sum, Units, add, minus};
use super::open::{Open, Waiting};
use super::search;
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

/// What one call of [`Grower::grow`] is about.
struct Task<'a, const WORDS: usize> {
    ground: &'a Ground<'a>,
    words: &'a [Sum<WORDS>],
    units: &'a Units,
}

impl<const WORDS: usize> Task<'_, WORDS> {
    fn can_split(&self, open: &Open<WORDS>) -> bool {
        let growth = self.ground.growth;
        let rows = self.units.unpack(open.facts.total).rows;
        open.depth < growth.max_depth
            && rows / 2 >= growth.limits.min_samples_leaf
            && !self.ground.columns.is_empty()
    }
}

/// The working space of one tree after the other.
pub(super) struct Grower<const WORDS: usize> {
    /// The rows that grow the tree, those of a node side by side and in rising order.
    pub(super) rows: Vec<u32>,
    scratch: Vec<u32>,
    parts: Parts<WORDS>,
    /// Histograms that are free.
    pool: Vec<Vec<Cells<WORDS>>>,
    /// Histograms that are not.
    taken: usize,
}

impl<const WORDS: usize> Grower<WORDS> {
    pub(super) fn new() -> Self {
        Self {
            rows: Vec::new(),
            scratch: Vec::new(),
            parts: Vec::new(),
            pool: Vec::new(),
            taken: 0,
        }
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
        let root = Open { node: 0, start, end, depth: 0, seed, facts, histogram: None };
        let mut tree = Tree::leaf();
        let mut leaves = Vec::new();
        let mut waiting = BinaryHeap::new();
        let task = Task { ground, words, units };
        if growth.max_leaf_nodes > 1 && task.can_split(&root) {
            self.open_one(&task, root, &mut waiting, &mut leaves, &mut tree);
        } else {
            self.close(root, ground, units, &mut leaves, &mut tree);
        }
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
            let left = child(0, stretch.start, middle, one);
            let right = child(1, middle, stretch.end, other);
            if tree.leaves() < growth.max_leaf_nodes {
                self.open_both(&task, parent, [left, right], &mut waiting, &mut leaves, &mut tree);
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

    /// Counts the rows of a node and looks for its split.
    fn open_one(
        &mut self,
        task: &Task<'_, WORDS>,
        mut open: Open<WORDS>,
        waiting: &mut BinaryHeap<Waiting<WORDS>>,
        leaves: &mut Vec<Leaf>,
        tree: &mut Tree,
    ) {
        let mut cells = self.take(task.ground);
        let rows = &self.rows[open.start..open.end];
        let sums = (task.words, task.units);
        let wanted = [Some(open.wanted()), None];
        let [split, _] =
            search::open(task.ground, sums, rows, &mut cells, None, &wanted, &mut self.parts);
        open.histogram = Some(cells);
        self.decide(task, open, split, waiting, leaves, tree);
    }

    /// Counts the rows of two siblings, where they may be split, and looks for their splits. The
    /// greater one is the parent without the smaller one.
    fn open_both(
        &mut self,
        task: &Task<'_, WORDS>,
        parent: Option<Vec<Cells<WORDS>>>,
        [left, right]: [Open<WORDS>; 2],
        waiting: &mut BinaryHeap<Waiting<WORDS>>,
        leaves: &mut Vec<Leaf>,
        tree: &mut Tree,
    ) {
        let is_smaller = left.end - left.start <= right.end - right.start;
        let (mut smaller, mut greater) = if is_smaller { (left, right) } else { (right, left) };
        let can_split = [task.can_split(&smaller), task.can_split(&greater)];
        let Some(mut rest) = self.keep_if(can_split[1], parent) else {
            for (open, can_split) in [smaller, greater].into_iter().zip(can_split) {
                if can_split {
                    self.open_one(task, open, waiting, leaves, tree);
                } else {
                    self.close(open, task.ground, task.units, leaves, tree);
                }
            }
            return;
        };
        let mut cells = self.take(task.ground);
        let rows = &self.rows[smaller.start..smaller.end];
        let sums = (task.words, task.units);
        let wanted = [can_split[0].then(|| smaller.wanted()), Some(greater.wanted())];
        let (rest_of, parts) = (Some(&mut *rest), &mut self.parts);
        let [one, other] =
            search::open(task.ground, sums, rows, &mut cells, rest_of, &wanted, parts);
        smaller.histogram = Some(cells);
        greater.histogram = Some(rest);
        self.decide(task, smaller, one, waiting, leaves, tree);
        self.decide(task, greater, other, waiting, leaves, tree);
    }

    /// Puts a node with a split among those that wait, and makes a leaf of another.
    fn decide(
        &mut self,
        task: &Task<'_, WORDS>,
        mut open: Open<WORDS>,
        split: Option<Split<WORDS>>,
        waiting: &mut BinaryHeap<Waiting<WORDS>>,
        leaves: &mut Vec<Leaf>,
        tree: &mut Tree,
    ) {
        match split {
            Some(split) => {
                let size = size_of_val(open.histogram.as_deref().unwrap_or_default());
                if self.taken.saturating_mul(size) > KEPT {
                    let beyond = open.histogram.take();
                    self.free(beyond);
                }
                waiting.push(Waiting { open, split });
            }
            None => self.close(open, task.ground, task.units, leaves, tree),
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

    /// The histogram of a parent, which is free if it is not needed.
    fn keep_if(
        &mut self,
        is_needed: bool,
        parent: Option<Vec<Cells<WORDS>>>,
    ) -> Option<Vec<Cells<WORDS>>> {
        if is_needed {
            return parent;
        }
        self.free(parent);
        None
    }

    /// A histogram with anything in it.
    fn take(&mut self, ground: &Ground<'_>) -> Vec<Cells<WORDS>> {
        self.taken += 1;
        self.pool.pop().unwrap_or_else(|| vec![[[0; WORDS]; 256]; ground.columns.len()])
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
        let bins = &ground.binned.columns[split.column];
        let table = split.rule.table();
        let goes_left = |row: u32| usize::from(table[usize::from(bins[row as usize])]);
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
