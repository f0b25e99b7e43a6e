//! Grows a tree from sorted columns, for any criterion.

use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::criterion::Criterion;
use super::open::{Open, Split, Waiting};
use super::partition::{partition, partition_marked};
use super::prune::prune;
use super::search::{self, Candidate, Found, Way, is_constant};
use super::settings::{Settings, Sharing, Splitter};
use super::shape::{LEAF, Node, Tree};
use super::table::{Asked, Table, TableColumn};
use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// Values of a node (rows times columns) from which threads share its columns.
const PARALLEL_FROM: usize = 1 << 14;

/// Columns from which on it is cheaper to sort the drawn ones at every node than to divide the
/// orders of all, for every one that is drawn.
const GATHERED_FROM: usize = 4;

fn way(settings: &Settings, columns: usize) -> Way {
    match (settings.splitter, settings.max_features.of(columns)) {
        (Splitter::Random, _) if settings.max_bins.is_some() => Way::RandomBinned,
        (Splitter::Best, _) if settings.max_bins.is_some() => Way::Binned,
        (Splitter::Random, _) => Way::Random,
        (Splitter::Best, Some(drawn)) if drawn * GATHERED_FROM <= columns => Way::Gathered,
        (Splitter::Best, _) => Way::Sorted,
    }
}

/// What the growth of a tree will ask of its table.
pub(crate) fn asked(settings: &Settings, columns: usize) -> Asked {
    match way(settings, columns) {
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
    control.poll()?;
    let columns = table.columns.len();
    let way = way(settings, columns);
    let side = match way {
        Way::Sorted => vec![0; table.rows()],
        Way::Gathered | Way::Binned | Way::Random | Way::RandomBinned => Vec::new(),
    };
    let root = Open { start: 0, end: rows.len(), depth: 0, node: 0, seed: mix(settings.seed) };
    let total = criterion.weight(&criterion.summarize(&rows));
    let mut grower = Grower {
        table,
        way,
        drawn: settings.max_features.of(columns),
        side,
        orders,
        partitioned: Vec::new(),
        candidates: (0..columns).collect(),
        scratch: search::Scratch::default(),
        rows,
        criterion,
        settings,
        total,
        decreases: vec![0.0],
        replaced: Vec::new(),
        tree: Tree {
            nodes: vec![Node { threshold: 0.0, column: LEAF, next: 0 }],
            values: Vec::new(),
            width: criterion.width(),
            columns,
            depth: 0,
            importances: Vec::new(),
        },
    };
    match settings.max_leaf_nodes {
        None => grower.depth_first(root, control)?,
        Some(leaves) => grower.best_first(root, leaves, control)?,
    }
    let Grower { mut tree, mut decreases, replaced, .. } = grower;
    if settings.ccp_alpha > 0.0 {
        let units = criterion.impurity_unit();
        let alpha = settings.ccp_alpha / units[0] / units[1] * total;
        decreases = prune(&mut tree, &decreases, &replaced, alpha, control)?;
    }
    tree.importances = tree.shares(&decreases);
    Ok(tree)
}

struct Grower<'a, C: Criterion> {
    table: &'a Table,
    way: Way,
    /// Columns drawn at every node, where not all are looked at.
    drawn: Option<usize>,
    /// The rows by every column; each node owns a stretch. Empty where columns are not kept sorted.
    orders: Vec<Vec<u32>>,
    /// Rows in canonical order within every node.
    rows: Vec<u32>,
    /// 1 for rows that go left at the split at hand.
    side: Vec<u8>,
    /// Scratch space of a partition.
    partitioned: Vec<u32>,
    /// All columns, in rising order but while some are drawn.
    candidates: Vec<usize>,
    scratch: search::Scratch<C::Scratch>,
    criterion: &'a C,
    settings: &'a Settings,
    total: f64,
    tree: Tree,
    /// The decrease of impurity times weight of every node; 0 for leaves.
    decreases: Vec<f64>,
    /// What every node would predict as a leaf, if the tree is pruned.
    replaced: Vec<f64>,
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
        if settings.ccp_alpha > 0.0 {
            let place = open.node * self.tree.width;
            self.replaced.resize(self.tree.nodes.len() * self.tree.width, 0.0);
            let mut values = Vec::with_capacity(self.tree.width);
            self.criterion.predict(&summary, &mut values);
            self.replaced[place..place + values.len()].copy_from_slice(&values);
        }
        if open.depth >= settings.max_depth
            || count < settings.min_samples_split
            || count / 2 < settings.min_samples_leaf
            || self.criterion.is_pure(&summary)
        {
            return (summary, None);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let found = match self.drawn {
            Some(drawn) => self.best_of_drawn(open, &summary, drawn, &mut scratch),
            None => self.best_of(open, &summary, &self.candidates, &mut scratch),
        };
        self.scratch = scratch;
        let split = found
            .map(|found| Split { found, decrease: self.criterion.decrease(&summary, found.gain) });
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
        &self,
        open: &Open,
        summary: &C::Summary,
        candidates: &[usize],
        scratch: &mut search::Scratch<C::Scratch>,
    ) -> Option<Found> {
        let node = search::Node {
            criterion: self.criterion,
            summary,
            rows: &self.rows[open.start..open.end],
            min_samples_leaf: self.settings.min_samples_leaf,
            seed: open.seed,
        };
        let search = |scratch: &mut search::Scratch<C::Scratch>, &j: &usize| {
            let column = &self.table.columns[j];
            match self.way {
                Way::Sorted => {
                    node.sorted(j, column, &self.orders[j][open.start..open.end], scratch)
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
        best.map(|best| best.found(&self.table.columns[best.column]))
    }

    fn is_shared(&self, values: usize) -> bool {
        self.settings.sharing == Sharing::Columns && values >= PARALLEL_FROM
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
        let index = self.tree.values.len() / self.tree.width;
        self.tree.nodes[open.node].next = index as u32;
        self.criterion.predict(summary, &mut self.tree.values);
    }

    /// Makes a split: gives both children their stretches of all orders.
    fn split(&mut self, open: &Open, split: &Split) -> (Open, Open) {
        let Found { column, left: lefts, rank, threshold, .. } = split.found;
        let middle = open.start + lefts;
        let TableColumn { ranks, values, bins, .. } = &self.table.columns[column];
        let rows = &mut self.rows[open.start..open.end];
        let depth = open.depth + 1;
        let most = lefts.max(rows.len() - lefts);
        let goes_on = most >= self.settings.min_samples_split && depth < self.settings.max_depth;
        let scratch = &mut self.partitioned;
        match self.way {
            Way::Random => {
                partition(rows, scratch, |row| u8::from(values[row as usize] <= threshold));
            }
            Way::Binned | Way::RandomBinned => {
                partition(rows, scratch, |row| u8::from(u32::from(bins[row as usize]) <= rank));
            }
            Way::Sorted if goes_on => {
                for &row in rows.iter() {
                    self.side[row as usize] = u8::from(ranks[row as usize] <= rank);
                }
                partition(rows, scratch, |row| self.side[row as usize]);
                self.partition_columns(open, column);
            }
            Way::Sorted | Way::Gathered => {
                partition(rows, scratch, |row| u8::from(ranks[row as usize] <= rank));
            }
        }

        let left = self.tree.nodes.len();
        self.tree.nodes[open.node] = Node { threshold, column: column as u32, next: left as u32 };
        let leaf = Node { threshold: 0.0, column: LEAF, next: 0 };
        self.tree.nodes.extend([leaf, leaf]);
        self.tree.depth = self.tree.depth.max(depth);
        self.decreases[open.node] = split.decrease;
        self.decreases.extend([0.0; 2]);
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
        let (side, table) = (&self.side, self.table);
        let work = |scratch: &mut Vec<u32>, (j, order): (usize, &mut Vec<u32>)| {
            let order = &mut order[open.start..open.end];
            // A constant stretch stays one for all descendants, whichever rows of the node it lists.
            if j == done || is_constant(&table.columns[j], order) {
                return;
            }
            partition_marked(order, scratch, side);
        };
        if shared {
            self.orders.par_iter_mut().enumerate().for_each_init(Vec::new, work);
        } else {
            let scratch = &mut self.partitioned;
            self.orders.iter_mut().enumerate().for_each(|order| work(scratch, order));
        }
    }
}
