//! Grows a tree from sorted columns, for any criterion.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::criterion::{Criterion, Cut, Stretch};
use super::presort::{SortedColumn, sort_columns};
use super::settings::Settings;
use super::{LEAF, Node, Tree};
use crate::input::Columns;
use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// Values of a node (rows times columns) from which threads share its columns.
const PARALLEL_FROM: usize = 1 << 14;

/// Grows a tree on the rows in `canonical`.
pub(super) fn grow<C: Criterion>(
    columns: &Columns<'_>,
    canonical: &[u32],
    criterion: &C,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Tree, Error> {
    control.poll()?;
    let sorted = sort_columns(columns, canonical);
    control.poll()?;
    let rows: Vec<u32> = (0..canonical.len() as u32).collect();
    let root = Open { start: 0, end: rows.len(), depth: 0, node: 0, seed: mix(settings.seed) };
    let total = criterion.weight(&criterion.summarize(&rows));
    let mut grower = Grower {
        side: vec![0; rows.len()],
        partitioned: Vec::new(),
        scratch: C::Scratch::default(),
        columns: sorted,
        rows,
        criterion,
        settings,
        total,
        tree: Tree {
            nodes: vec![Node { threshold: 0.0, column: LEAF, next: 0 }],
            values: Vec::new(),
            width: criterion.width(),
            columns: columns.len(),
            depth: 0,
            importances: vec![0.0; columns.len()],
        },
    };
    match settings.max_leaf_nodes {
        None => grower.depth_first(root, control)?,
        Some(leaves) => grower.best_first(root, leaves, control)?,
    }
    let mut tree = grower.tree;
    let sum: f64 = tree.importances.iter().sum();
    if sum > 0.0 {
        for importance in &mut tree.importances {
            *importance /= sum;
        }
    }
    Ok(tree)
}

/// A node that is not yet decided: its stretch of all orders, and its place in the tree.
struct Open {
    start: usize,
    end: usize,
    depth: usize,
    node: usize,
    seed: u64,
}

/// A split that is worth making.
struct Split {
    column: usize,
    left: usize,
    /// Decrease of impurity times weight.
    decrease: f64,
}

/// A split that waits for its turn; the greatest decrease comes first, then the older node.
struct Waiting {
    open: Open,
    split: Split,
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

struct Grower<'a, C: Criterion> {
    columns: Vec<SortedColumn>,
    /// Rows in canonical order within every node.
    rows: Vec<u32>,
    /// 1 for rows that go left at the split at hand.
    side: Vec<u8>,
    /// Scratch space of a partition.
    partitioned: Vec<u32>,
    scratch: C::Scratch,
    criterion: &'a C,
    settings: &'a Settings,
    total: f64,
    tree: Tree,
}

impl<C: Criterion> Grower<'_, C> {
    fn depth_first(&mut self, root: Open, control: &Control<'_>) -> Result<(), Error> {
        let mut stack = vec![root];
        while let Some(open) = stack.pop() {
            control.poll()?;
            let (summary, split) = self.decide(&open);
            match split {
                None => self.close(&open, &summary),
                Some(split) => {
                    let (left, right) = self.split(&open, &split);
                    stack.push(right);
                    stack.push(left);
                }
            }
        }
        Ok(())
    }

    fn best_first(
        &mut self,
        root: Open,
        leaves: usize,
        control: &Control<'_>,
    ) -> Result<(), Error> {
        let mut waiting = BinaryHeap::new();
        let mut closed = Vec::new();
        let mut opened = vec![root];
        let mut count = 1;
        loop {
            for open in opened.drain(..) {
                control.poll()?;
                match self.decide(&open).1 {
                    None => closed.push(open),
                    Some(split) => waiting.push(Waiting { open, split }),
                }
            }
            if count == leaves {
                break;
            }
            let Some(Waiting { open, split }) = waiting.pop() else { break };
            let (left, right) = self.split(&open, &split);
            opened.extend([left, right]);
            count += 1;
        }
        closed.extend(waiting.into_iter().map(|waiting| waiting.open));
        closed.sort_unstable_by_key(|open| open.node);
        for open in closed {
            let summary = self.criterion.summarize(&self.rows[open.start..open.end]);
            self.close(&open, &summary);
        }
        Ok(())
    }

    /// The split of a node, `None` for a leaf.
    fn decide(&mut self, open: &Open) -> (C::Summary, Option<Split>) {
        let settings = self.settings;
        let count = open.end - open.start;
        let summary = self.criterion.summarize(&self.rows[open.start..open.end]);
        if open.depth >= settings.max_depth
            || count < settings.min_samples_split
            || count / 2 < settings.min_samples_leaf
            || self.criterion.is_pure(&summary)
        {
            return (summary, None);
        }
        let split = match settings.max_features {
            Some(drawn) if drawn < self.columns.len() => self.best_of_drawn(open, &summary, drawn),
            _ => self.best_of(open, &summary, &(0..self.columns.len()).collect::<Vec<_>>()),
        };
        let split = split.map(|(column, cut)| Split {
            column,
            left: cut.left,
            decrease: self.criterion.decrease(&summary, cut.gain),
        });
        let [first, second] = self.criterion.impurity_unit();
        // Rounding must not make a leaf where no decrease is asked for.
        let worth = |split: &Split| {
            let decrease = split.decrease / self.total;
            decrease * first * second + f64::EPSILON >= settings.min_impurity_decrease
        };
        (summary, split.filter(worth))
    }

    /// The best cut of some columns, which are in rising order.
    fn best_of(
        &mut self,
        open: &Open,
        summary: &C::Summary,
        candidates: &[usize],
    ) -> Option<(usize, Cut)> {
        let (columns, criterion) = (&self.columns, self.criterion);
        let (rows, min_samples_leaf) =
            (&self.rows[open.start..open.end], self.settings.min_samples_leaf);
        let scan = |scratch: &mut C::Scratch, &j: &usize| {
            let column = &columns[j];
            let order = &column.order[open.start..open.end];
            if is_constant(column, order) {
                return None;
            }
            let stretch = Stretch { order, ranks: &column.ranks, rows, min_samples_leaf };
            criterion.scan(summary, stretch, scratch).map(|cut| (j, cut))
        };
        let better = |best: Option<(usize, Cut)>, found: Option<(usize, Cut)>| match (best, found) {
            (Some(best), Some(found)) if found.1.gain > best.1.gain => Some(found),
            (None, found) => found,
            (best, _) => best,
        };
        if rows.len() * candidates.len() >= PARALLEL_FROM {
            let cuts: Vec<_> = candidates.par_iter().map_init(C::Scratch::default, scan).collect();
            cuts.into_iter().fold(None, better)
        } else {
            let scratch = &mut self.scratch;
            candidates.iter().map(|j| scan(scratch, j)).fold(None, better)
        }
    }

    /// The best cut of columns drawn at random, of one more at a time while there is none.
    fn best_of_drawn(
        &mut self,
        open: &Open,
        summary: &C::Summary,
        drawn: usize,
    ) -> Option<(usize, Cut)> {
        let mut shuffled: Vec<usize> = (0..self.columns.len()).collect();
        Generator::new(open.seed).shuffle(&mut shuffled);
        let (first, others) = shuffled.split_at_mut(drawn);
        first.sort_unstable();
        let mut best = self.best_of(open, summary, first);
        for other in others {
            if best.is_some() {
                break;
            }
            best = self.best_of(open, summary, &[*other]);
        }
        best
    }

    /// Turns a node into a leaf.
    fn close(&mut self, open: &Open, summary: &C::Summary) {
        let index = self.tree.values.len() / self.tree.width;
        self.tree.nodes[open.node].next = index as u32;
        self.criterion.predict(summary, &mut self.tree.values);
    }

    /// Makes a split: gives both children their stretches of all orders.
    fn split(&mut self, open: &Open, split: &Split) -> (Open, Open) {
        let middle = open.start + split.left;
        let column = &self.columns[split.column];
        let order = &column.order[open.start..open.end];
        let rank = |place: usize| column.ranks[order[place] as usize];
        let threshold = column.threshold(rank(split.left - 1), rank(split.left));
        for (place, &row) in order.iter().enumerate() {
            self.side[row as usize] = u8::from(place < split.left);
        }
        partition(&mut self.rows[open.start..open.end], &self.side, &mut self.partitioned);
        let most = split.left.max(order.len() - split.left);
        let depth = open.depth + 1;
        if most >= self.settings.min_samples_split && depth < self.settings.max_depth {
            self.partition_columns(open, split.column);
        }

        let left = self.tree.nodes.len();
        self.tree.nodes[open.node] =
            Node { threshold, column: split.column as u32, next: left as u32 };
        let leaf = Node { threshold: 0.0, column: LEAF, next: 0 };
        self.tree.nodes.extend([leaf, leaf]);
        self.tree.depth = self.tree.depth.max(depth);
        self.tree.importances[split.column] += split.decrease.max(0.0);
        // Seeds follow the path, so that they do not depend on the order in which nodes are split.
        let child = |start, end, side| Open {
            start,
            end,
            depth,
            node: left + side,
            seed: mix(open.seed.wrapping_add(side as u64 + 1)),
        };
        (child(open.start, middle, 0), child(middle, open.end, 1))
    }

    fn partition_columns(&mut self, open: &Open, done: usize) {
        let side = &self.side;
        let work = |scratch: &mut Vec<u32>, (j, column): (usize, &mut SortedColumn)| {
            // A constant stretch stays one for all descendants, whichever rows of the node it lists.
            if j == done || is_constant(column, &column.order[open.start..open.end]) {
                return;
            }
            partition(&mut column.order[open.start..open.end], side, scratch);
        };
        let values = (open.end - open.start) * self.columns.len();
        if values >= PARALLEL_FROM {
            self.columns.par_iter_mut().enumerate().for_each_init(Vec::new, work);
        } else {
            let scratch = &mut self.partitioned;
            self.columns.iter_mut().enumerate().for_each(|column| work(scratch, column));
        }
    }
}

fn is_constant(column: &SortedColumn, order: &[u32]) -> bool {
    let rank = |row: Option<&u32>| row.map(|&row| column.ranks[row as usize]);
    rank(order.first()) == rank(order.last())
}

/// Moves the rows of the left side to the front; both sides keep their order.
fn partition(rows: &mut [u32], side: &[u8], scratch: &mut Vec<u32>) {
    scratch.resize(scratch.len().max(rows.len()), 0);
    let (mut lefts, mut rights) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place];
        let left = usize::from(side[row as usize]);
        // Both are written, so that there is no branch to mispredict; one of them counts.
        rows[lefts] = row;
        scratch[rights] = row;
        lefts += left;
        rights += 1 - left;
    }
    rows[lefts..].copy_from_slice(&scratch[..rights]);
}
