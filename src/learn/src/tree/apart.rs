//! Small nodes whose subtrees grow apart from the rest of the tree, near the cache.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::criterion::Criterion;
use super::grow::{Frame, Grower, PARALLEL_FROM, Space};
use super::grown::Grown;
use super::open::Open;
use super::search::is_constant;
use super::settings::Sharing;
use crate::{Control, Error};

/// Values of a node (rows times columns) whose orders, once they lie side by side, stay in the cache
/// of a core down to the leaves. Each column has an order of its own for all rows: below the top of
/// a tree a node owns a short stretch of each, far from those of the other columns.
const NEAR: usize = 1 << 17;

/// Subtrees that threads share are at most this part of the tree.
const PARTS: usize = 16;

/// Values from which down nodes are grown apart, in a tree of so many; 0 where none is.
pub(super) fn near(values: usize, sharing: Sharing) -> usize {
    let (from, near) = match sharing {
        Sharing::Columns if rayon::current_num_threads() > 1 => {
            (PARALLEL_FROM, NEAR.min(values / PARTS))
        }
        Sharing::Columns | Sharing::Nothing => (NEAR, NEAR),
    };
    if values < from { 0 } else { near }
}

impl<C: Criterion> Grower<'_, C> {
    /// Whether a node has fewer than `near` values, and may be divided more than once.
    pub(super) fn is_apart(&self, open: &Open, near: usize) -> bool {
        let Frame { criterion, settings, .. } = *self.frame;
        let values = (open.end - open.start) * self.columns.len();
        values < near
            && open.depth + 1 < settings.max_depth
            && !self.stops(open, &criterion.summarize(&self.rows[open.start..open.end]))
    }

    /// What grows from some nodes.
    pub(super) fn subtrees(
        &self,
        apart: &[Open],
        control: &Control<'_>,
    ) -> Result<Vec<Grown>, Error> {
        let (frame, rows, orders) = (self.frame, &self.rows, &self.orders);
        let grow = |worker: &mut Worker<C::Scratch>, open: &Open| {
            let rows = rows[open.start..open.end].to_vec();
            let orders = orders.iter().map(|order| &order[open.start..open.end]);
            subtree(frame, open, rows, orders, worker, control)
        };
        if self.sharing == Sharing::Nothing {
            let mut worker = Worker::default();
            return apart.iter().map(|open| grow(&mut worker, open)).collect();
        }
        // Threads take subtrees one by one, and any worker will do for any of them.
        let idle = Mutex::new(Vec::new());
        let workers = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let grow = |open: &Open| {
            let mut worker = workers().pop().unwrap_or_default();
            let grown = grow(&mut worker, open);
            workers().push(worker);
            grown
        };
        apart.par_iter().with_max_len(1).map(grow).collect()
    }
}

/// What grows a subtree, and another one afterwards.
#[derive(Default)]
struct Worker<S> {
    space: Space<S>,
    /// Orders of the columns, one behind the other.
    near: Vec<u32>,
}

/// Grows what is below a node from copies of its rows and of its stretches of all orders.
fn subtree<'o, C: Criterion>(
    frame: &Frame<'_, C>,
    open: &Open,
    rows: Vec<u32>,
    orders: impl Iterator<Item = &'o [u32]>,
    worker: &mut Worker<C::Scratch>,
    control: &Control<'_>,
) -> Result<Grown, Error> {
    let Worker { space, near } = worker;
    near.clear();
    near.reserve(rows.len() * frame.table.columns.len());
    let mut columns = Vec::new();
    for (j, order) in orders.enumerate() {
        // Where columns are drawn, one that cannot be cut may be drawn too.
        if frame.drawn.is_some() || !is_constant(&frame.table.columns[j], order) {
            columns.push(j);
            near.extend_from_slice(order);
        }
    }
    let count = rows.len();
    let mut grower = Grower {
        frame,
        sharing: Sharing::Nothing,
        candidates: (0..columns.len()).collect(),
        columns,
        orders: near.chunks_exact_mut(count).collect(),
        rows,
        space,
        grown: Grown::new(frame.criterion.width()),
    };
    grower.depth_first(Open { start: 0, end: count, node: 0, ..*open }, 0, control)?;
    Ok(grower.grown)
}
