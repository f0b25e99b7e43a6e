//! Grows a tree from sorted columns, for any criterion.

use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::apart::near;
use super::criterion::Criterion;
use super::grown::Grown;
use super::open::{Open, Split, Waiting};
use super::partition::{partition, partition_marked};
use super::prune::prune;
use super::search::{self, Candidate, Found, Way, is_constant};
use super::settings::{Settings, Sharing};
use super::shape::Tree;
use super::table::{Asked, Table, TableColumn};
use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// Values of a node (rows times columns) from which threads share its columns.
pub(super) const PARALLEL_FROM: usize = 1 << 14;

/// What the growth of a tree will ask of its table.
pub(crate) fn asked(settings: &Settings, columns: usize) -> Asked {
    match Way::of(settings, columns) {
        Way::Sorted => Asked::RanksAndOrders,
        Way::Gathered => Asked::Ranks,
        Way::Random => Asked::Values,
        Way::Binned | Way::RandomBinned => Asked::Bins(settings.max_bins.unwrap_or(255)),
    }
}

/// Grows a tree on some rows of a table, which are in rising order, and in `orders` by every column
/// if [`asked`] says so.
pub(crate) fn grow<C: Criterion>(
    table: &Table,
    rows: Vec<u32>,
    orders: Vec<Vec<u32>>,
    criterion: &C,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Tree, Error> {
    let columns = table.columns.len();
    let near = match (Way::of(settings, columns), settings.max_leaf_nodes) {
        (Way::Sorted, None) => near(rows.len() * columns, settings.sharing),
        _ => 0,
    };
    grow_apart(table, rows, orders, criterion, settings, near, control)
}

/// As [`grow`]. Nodes of fewer than `near` values (rows times columns) are grown apart, if columns
/// are kept sorted and there is no bound for the leaves.
pub(super) fn grow_apart<C: Criterion>(
    table: &Table,
    rows: Vec<u32>,
    mut orders: Vec<Vec<u32>>,
    criterion: &C,
    settings: &Settings,
    near: usize,
    control: &Control<'_>,
) -> Result<Tree, Error> {
    control.poll()?;
    let columns = table.columns.len();
    let frame = Frame {
        table,
        way: Way::of(settings, columns),
        drawn: settings.max_features.of(columns),
        criterion,
        settings,
        total: criterion.weight(&criterion.summarize(&rows)),
    };
    let root = Open { start: 0, end: rows.len(), depth: 0, node: 0, seed: mix(settings.seed) };
    let mut space = Space::default();
    let mut grower = Grower {
        frame: &frame,
        sharing: settings.sharing,
        columns: (0..columns).collect(),
        candidates: (0..columns).collect(),
        orders: orders.iter_mut().map(Vec::as_mut_slice).collect(),
        rows,
        space: &mut space,
        grown: Grown::new(criterion.width()),
    };
    let apart = match settings.max_leaf_nodes {
        None => grower.depth_first(root, near, control)?,
        Some(leaves) => {
            grower.best_first(root, leaves, control)?;
            Vec::new()
        }
    };
    let grown = if apart.is_empty() {
        grower.grown
    } else {
        let subtrees = grower.subtrees(&apart, control)?;
        let top = grower.grown;
        drop(orders);
        top.with(&apart, subtrees)
    };
    let Grown { nodes, values, depth, mut decreases, replaced, .. } = grown;
    let importances = Vec::new();
    let mut tree = Tree { nodes, values, width: criterion.width(), columns, depth, importances };
    if settings.ccp_alpha > 0.0 {
        let units = criterion.impurity_unit();
        let alpha = settings.ccp_alpha / units[0] / units[1] * frame.total;
        decreases = prune(&mut tree, &decreases, &replaced, alpha, control)?;
    }
    tree.importances = tree.shares(&decreases);
    Ok(tree)
}

/// What all nodes of a tree have in common.
pub(super) struct Frame<'a, C> {
    pub(super) table: &'a Table,
    pub(super) way: Way,
    /// Columns drawn at every node, where not all are looked at.
    pub(super) drawn: Option<usize>,
    pub(super) criterion: &'a C,
    pub(super) settings: &'a Settings,
    pub(super) total: f64,
}

/// Buffers that one subtree after another uses.
#[derive(Default)]
pub(super) struct Space<S> {
    /// 1 for rows that go left at the split at hand.
    pub(super) side: Vec<u8>,
    pub(super) partitioned: Vec<u32>,
    pub(super) scratch: search::Scratch<S>,
}

pub(super) struct Grower<'a, C: Criterion> {
    pub(super) frame: &'a Frame<'a, C>,
    pub(super) sharing: Sharing,
    /// The columns of which some node may be cut, rising.
    pub(super) columns: Vec<usize>,
    /// Places in `columns`, in rising order but while some are drawn.
    pub(super) candidates: Vec<usize>,
    /// The rows by each of `columns`; each node owns a stretch. Empty where columns are not kept
    /// sorted.
    pub(super) orders: Vec<&'a mut [u32]>,
    /// Rows in canonical order within every node.
    pub(super) rows: Vec<u32>,
    pub(super) space: &'a mut Space<C::Scratch>,
    pub(super) grown: Grown,
}

impl<C: Criterion> Grower<'_, C> {
    /// Leaves nodes of fewer than `near` values as they are, and gives them.
    pub(super) fn depth_first(
        &mut self,
        root: Open,
        near: usize,
        control: &Control<'_>,
    ) -> Result<Vec<Open>, Error> {
        let mut stack = vec![root];
        let mut apart = Vec::new();
        while let Some(open) = stack.pop() {
            control.poll()?;
            if self.is_apart(&open, near) {
                apart.push(open);
                continue;
            }
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
        Ok(apart)
    }

    /// Whether a node is a leaf without a look at its columns.
    pub(super) fn stops(&self, open: &Open, summary: &C::Summary) -> bool {
        let Frame { criterion, settings, .. } = *self.frame;
        let count = open.end - open.start;
        open.depth >= settings.max_depth
            || count < settings.min_samples_split
            || count / 2 < settings.min_samples_leaf
            || criterion.is_pure(summary)
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
            let summary = self.frame.criterion.summarize(&self.rows[open.start..open.end]);
            self.close(&open, &summary);
        }
        Ok(())
    }

    /// The split of a node, `None` for a leaf.
    fn decide(&mut self, open: &Open) -> (C::Summary, Option<Split>) {
        let Frame { criterion, settings, drawn, total, .. } = *self.frame;
        let summary = criterion.summarize(&self.rows[open.start..open.end]);
        if settings.ccp_alpha > 0.0 {
            let mut values = Vec::with_capacity(criterion.width());
            criterion.predict(&summary, &mut values);
            self.grown.replace(open.node, &values);
        }
        if self.stops(open, &summary) {
            return (summary, None);
        }
        let mut scratch = std::mem::take(&mut self.space.scratch);
        let found = match drawn {
            Some(drawn) => self.best_of_drawn(open, &summary, drawn, &mut scratch),
            None => self.best_of(open, &summary, &self.candidates, &mut scratch),
        };
        self.space.scratch = scratch;
        let split =
            found.map(|found| Split { found, decrease: criterion.decrease(&summary, found.gain) });
        let [first, second] = criterion.impurity_unit();
        // Rounding must not make a leaf where no decrease is asked for.
        let worth = |split: &Split| {
            let decrease = split.decrease / total;
            decrease * first * second + f64::EPSILON >= settings.min_impurity_decrease
        };
        (summary, split.filter(worth))
    }

    /// The best cut of some columns, which are in rising order.
    fn best_of(
        &self,
        open: &Open,
        summary: &C::Summary,
        candidates: &[usize],
        scratch: &mut search::Scratch<C::Scratch>,
    ) -> Option<Found> {
        let Frame { table, way, criterion, settings, .. } = *self.frame;
        let node = search::Node {
            criterion,
            summary,
            rows: &self.rows[open.start..open.end],
            min_samples_leaf: settings.min_samples_leaf,
            seed: open.seed,
        };
        let search = |scratch: &mut search::Scratch<C::Scratch>, &place: &usize| {
            let j = self.columns[place];
            let column = &table.columns[j];
            match way {
                Way::Sorted => {
                    node.sorted(j, column, &self.orders[place][open.start..open.end], scratch)
                }
                Way::Gathered => node.gathered(j, |row| column.ranks[row as usize], scratch),
                Way::Binned => node.binned(j, column, scratch),
                Way::Random => node.random(j, column, scratch),
                Way::RandomBinned => node.random_binned(j, column, scratch),
            }
        };
        let best = if self.is_shared(node.rows.len() * candidates.len()) {
            let found: Vec<_> =
                candidates.par_iter().map_init(search::Scratch::default, search).collect();
            found.into_iter().fold(None, Candidate::better)
        } else {
            candidates.iter().map(|j| search(scratch, j)).fold(None, Candidate::better)
        };
        best.map(|best| best.found(&table.columns[best.column]))
    }

    fn is_shared(&self, values: usize) -> bool {
        self.sharing == Sharing::Columns && values >= PARALLEL_FROM
    }

    /// The best cut of columns drawn at random, of one more at a time while there is none.
    fn best_of_drawn(
        &mut self,
        open: &Open,
        summary: &C::Summary,
        drawn: usize,
        scratch: &mut search::Scratch<C::Scratch>,
    ) -> Option<Found> {
        let mut generator = Generator::new(open.seed);
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut swaps = Vec::with_capacity(drawn);
        let mut draw = |candidates: &mut [usize], place: usize| {
            let other = place + generator.below((candidates.len() - place) as u64) as usize;
            candidates.swap(place, other);
            swaps.push((place, other));
        };
        for place in 0..drawn {
            draw(&mut candidates, place);
        }
        let mut first = candidates[..drawn].to_vec();
        first.sort_unstable();
        let mut best = self.best_of(open, summary, &first, scratch);
        for place in drawn..candidates.len() {
            if best.is_some() {
                break;
            }
            draw(&mut candidates, place);
            best = self.best_of(open, summary, &candidates[place..=place], scratch);
        }
        for (place, other) in swaps.into_iter().rev() {
            candidates.swap(place, other);
        }
        self.candidates = candidates;
        best
    }

    /// Turns a node into a leaf.
    fn close(&mut self, open: &Open, summary: &C::Summary) {
        let criterion = self.frame.criterion;
        let index = self.grown.values.len() / criterion.width();
        self.grown.nodes[open.node].next = index as u32;
        criterion.predict(summary, &mut self.grown.values);
    }

    /// Makes a split: gives both children their stretches of all orders.
    fn split(&mut self, open: &Open, split: &Split) -> (Open, Open) {
        let Frame { table, way, settings, .. } = *self.frame;
        let Found { column, left: lefts, rank, threshold, .. } = split.found;
        let middle = open.start + lefts;
        let TableColumn { ranks, values, bins, .. } = &table.columns[column];
        let rows = &mut self.rows[open.start..open.end];
        let depth = open.depth + 1;
        let most = lefts.max(rows.len() - lefts);
        let goes_on = most >= settings.min_samples_split && depth < settings.max_depth;
        let Space { side, partitioned: scratch, .. } = &mut *self.space;
        match way {
            Way::Random => {
                partition(rows, scratch, |row| u8::from(values[row as usize] <= threshold));
            }
            Way::Binned | Way::RandomBinned => {
                partition(rows, scratch, |row| u8::from(u32::from(bins[row as usize]) <= rank));
            }
            Way::Sorted if goes_on => {
                side.resize(table.rows(), 0);
                for &row in rows.iter() {
                    side[row as usize] = u8::from(ranks[row as usize] <= rank);
                }
                partition(rows, scratch, |row| side[row as usize]);
                self.partition_columns(open, column);
            }
            Way::Sorted | Way::Gathered => {
                partition(rows, scratch, |row| u8::from(ranks[row as usize] <= rank));
            }
        }

        let left = self.grown.divide(open.node, column as u32, threshold, split.decrease);
        self.grown.depth = self.grown.depth.max(depth);
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
        let values = (open.end - open.start) * self.orders.len();
        let shared = self.is_shared(values);
        let (columns, table) = (&self.columns, self.frame.table);
        let Space { side, partitioned, .. } = &mut *self.space;
        let work = |scratch: &mut Vec<u32>, (place, order): (usize, &mut &mut [u32])| {
            let (j, order) = (columns[place], &mut order[open.start..open.end]);
            // A constant stretch stays one for all descendants, whichever rows of the node it lists.
            if j == done || is_constant(&table.columns[j], order) {
                return;
            }
            partition_marked(order, scratch, side);
        };
        if shared {
            self.orders.par_iter_mut().enumerate().for_each_init(Vec::new, work);
        } else {
            self.orders.iter_mut().enumerate().for_each(|order| work(partitioned, order));
        }
    }
}
