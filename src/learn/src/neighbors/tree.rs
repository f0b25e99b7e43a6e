//! The nearest rows, or those within a radius, by a tree of boxes or of balls around rows.

use std::ops::Range;

use super::points::{Metric, Nearest, Points};
use crate::{Control, Error};

/// What is known of where the rows below a node are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The least and the largest value of each column.
    Box,
    /// The mean of the rows, and the distance to the farthest.
    Ball,
}

/// How much rounding may move a bound.
const SLACK: f64 = 1e-12;

#[derive(Clone, Debug)]
struct Node {
    rows: Range<usize>,
    /// The first of the two nodes below; none for a leaf.
    below: Option<usize>,
    /// Of a ball, the radius.
    radius: f64,
}

/// A binary tree: each node halves its rows at the median of the column with the widest range.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    metric: Metric,
    bound: Bound,
    columns: usize,
    nodes: Vec<Node>,
    /// A centre for each node, or the least and then the largest values.
    bounds: Vec<f64>,
    /// Rows in the order of the leaves, and their values.
    order: Vec<u32>,
    values: Vec<f64>,
}

impl Tree {
    pub(crate) fn grow(
        points: &Points,
        metric: Metric,
        bound: Bound,
        leaf_size: usize,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let columns = points.columns;
        let mut order: Vec<u32> = (0..points.rows as u32).collect();
        let mut nodes = vec![Node { rows: 0..points.rows, below: None, radius: 0.0 }];
        let mut bounds = Vec::new();
        let (mut low, mut high) = (vec![0.0; columns], vec![0.0; columns]);
        let mut at = 0;
        while at < nodes.len() {
            let rows = nodes[at].rows.clone();
            if rows.len() > 4096 || at.is_multiple_of(256) {
                control.poll()?;
            }
            let members = &mut order[rows.clone()];
            ends(points, members, &mut low, &mut high);
            match bound {
                Bound::Box => {
                    bounds.extend_from_slice(&low);
                    bounds.extend_from_slice(&high);
                }
                Bound::Ball => {
                    let centre = mean(points, members);
                    nodes[at].radius = members
                        .iter()
                        .map(|row| metric.distance(metric.rank(&centre, points.row(*row as usize))))
                        .fold(0.0, f64::max);
                    bounds.extend_from_slice(&centre);
                }
            }
            let mut widest = (0, 0.0);
            for (column, (low, high)) in low.iter().zip(&high).enumerate() {
                if high - low > widest.1 {
                    widest = (column, high - low);
                }
            }
            if rows.len() > leaf_size && widest.1 > 0.0 {
                let middle = rows.len() / 2;
                let value = |row: &u32| points.row(*row as usize)[widest.0];
                members.select_nth_unstable_by(middle, |a, b| {
                    value(a).total_cmp(&value(b)).then(a.cmp(b))
                });
                nodes[at].below = Some(nodes.len());
                let middle = rows.start + middle;
                for rows in [rows.start..middle, middle..rows.end] {
                    nodes.push(Node { rows, below: None, radius: 0.0 });
                }
            }
            at += 1;
        }
        for node in nodes.iter().filter(|node| node.below.is_none()) {
            order[node.rows.clone()].sort_unstable();
        }
        let values = order.iter().flat_map(|row| points.row(*row as usize)).copied().collect();
        Ok(Self { metric, bound, columns, nodes, bounds, order, values })
    }

    /// Offers the rows that may be among the nearest; `pending` is room to work in.
    pub(crate) fn search(
        &self,
        query: &[f64],
        nearest: &mut Nearest,
        pending: &mut Vec<(usize, f64)>,
    ) {
        pending.clear();
        pending.push((0, self.least(0, query)));
        while let Some((node, least)) = pending.pop() {
            if least > nearest.worst() {
                continue;
            }
            match self.nodes[node].below {
                None => self.visit(node, query, |rank, row| nearest.offer(rank, row)),
                Some(below) => {
                    let first = (below, self.least(below, query));
                    let second = (below + 1, self.least(below + 1, query));
                    let (near, far) =
                        if first.1 <= second.1 { (first, second) } else { (second, first) };
                    pending.push(far);
                    pending.push(near);
                }
            }
        }
    }

    /// Calls `found` for each row whose rank is at most `limit`.
    pub(crate) fn within(
        &self,
        query: &[f64],
        limit: f64,
        pending: &mut Vec<(usize, f64)>,
        mut found: impl FnMut(u32),
    ) {
        pending.clear();
        pending.push((0, self.least(0, query)));
        while let Some((node, least)) = pending.pop() {
            if least > limit {
                continue;
            }
            match self.nodes[node].below {
                None => self.visit(node, query, |rank, row| {
                    if rank <= limit {
                        found(row);
                    }
                }),
                Some(below) => {
                    pending.push((below + 1, self.least(below + 1, query)));
                    pending.push((below, self.least(below, query)));
                }
            }
        }
    }

    #[inline]
    fn visit(&self, node: usize, query: &[f64], mut offer: impl FnMut(f64, u32)) {
        let rows = self.nodes[node].rows.clone();
        for row in rows {
            let values = &self.values[row * self.columns..(row + 1) * self.columns];
            offer(self.metric.rank(query, values), self.order[row]);
        }
    }

    /// A rank that no row below the node is beneath.
    fn least(&self, node: usize, query: &[f64]) -> f64 {
        match self.bound {
            Bound::Box => {
                let bounds = &self.bounds[2 * node * self.columns..2 * (node + 1) * self.columns];
                let (low, high) = bounds.split_at(self.columns);
                let outside = query
                    .iter()
                    .zip(low.iter().zip(high))
                    .map(|(value, (low, high))| (low - value).max(value - high).max(0.0));
                let rank = match self.metric {
                    Metric::Euclidean => outside.fold(0.0, |sum, by| sum + by * by),
                    Metric::Manhattan => outside.fold(0.0, |sum, by| sum + by),
                    Metric::Chebyshev => outside.fold(0.0, f64::max),
                };
                rank * (1.0 - SLACK)
            }
            Bound::Ball => {
                let centre = &self.bounds[node * self.columns..(node + 1) * self.columns];
                let away = self.metric.distance(self.metric.rank(query, centre));
                let radius = self.nodes[node].radius;
                let least = away - radius - SLACK * (away + radius);
                self.metric.rank_of(least.max(0.0)) * (1.0 - SLACK)
            }
        }
    }
}

fn ends(points: &Points, members: &[u32], low: &mut [f64], high: &mut [f64]) {
    low.fill(f64::INFINITY);
    high.fill(f64::NEG_INFINITY);
    for row in members {
        for ((low, high), value) in
            low.iter_mut().zip(high.iter_mut()).zip(points.row(*row as usize))
        {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
}

fn mean(points: &Points, members: &[u32]) -> Vec<f64> {
    let mut mean = vec![0.0; points.columns];
    for row in members {
        for (mean, value) in mean.iter_mut().zip(points.row(*row as usize)) {
            *mean += value;
        }
    }
    for mean in &mut mean {
        *mean /= members.len() as f64;
    }
    mean
}
