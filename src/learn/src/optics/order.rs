//! Turns rows into an order, and into how far each was when it was reached.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::CheckedOptics;
use crate::input::Columns;
use crate::neighbors::{Algorithm, Index};
use crate::{Control, Error};

/// Rows in the order in which they were reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The rows.
    pub rows: Vec<u32>,
    /// For each row (not each place) the distance within which it is of a core; infinite where it never is.
    pub core_distances: Vec<f64>,
    /// For each row how far it was from those before it; infinite where it was not reached.
    pub reachability: Vec<f64>,
    /// For each row the one that it was reached from.
    pub predecessors: Vec<Option<u32>>,
}

/// Rows whose distances are taken together.
const BLOCK: usize = 2048;

/// A row that is not in the order: its reachability, the row it would be reached from, and itself.
type Outside = (f64, Option<u32>, u32);

impl Order {
    pub(super) fn of(
        x: ArrayView2<'_, f64>,
        table: &Columns<'_>,
        settings: &CheckedOptics,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let metric = settings.metric;
        let index = Index::new(table, metric, Algorithm::Auto, 30, control)?;
        let points = &index.points;
        // 15 decimals, as in scikit-learn; of a table of small numbers 15 decimals of its largest.
        let places = 1e15 / (1.0 / points.factor).min(1.0);
        let outer = |inner: f64| {
            let value = inner / points.factor;
            let rounded = (value * places).round_ties_even() / places;
            if rounded.is_finite() { rounded } else { value }
        };
        let to_last = |found: &[(f64, u32)], distances: &mut Vec<f64>| {
            let distance = found.last().map_or(f64::INFINITY, |(distance, _)| *distance);
            let near = distance / points.factor <= settings.max_eps;
            distances.push(if near { outer(distance) } else { f64::INFINITY });
        };
        let core_distances = index.nearest(x, settings.min_samples, control, to_last)?;
        let mut outside: Vec<Outside> =
            (0..points.rows as u32).map(|row| (f64::INFINITY, None, row)).collect();
        let mut order = Self {
            rows: Vec::with_capacity(points.rows),
            core_distances,
            reachability: vec![f64::INFINITY; points.rows],
            predecessors: vec![None; points.rows],
        };
        let mut next = 0;
        while !outside.is_empty() {
            control.poll()?;
            let (reachability, predecessor, row) = outside.remove(next);
            order.rows.push(row);
            order.reachability[row as usize] = reachability;
            order.predecessors[row as usize] = predecessor;
            let core = order.core_distances[row as usize];
            let from = points.row(row as usize);
            // Rows are reached from the one before, and the nearest of them is next.
            let reach = |(block, rows): (usize, &mut [Outside])| {
                let mut nearest = (f64::INFINITY, block * BLOCK);
                for (place, other) in rows.iter_mut().enumerate() {
                    if core < other.0 {
                        let rank = metric.rank(from, points.row(other.2 as usize));
                        let distance = metric.distance(rank);
                        if distance / points.factor <= settings.max_eps {
                            let reachability = outer(distance).max(core);
                            if reachability < other.0 {
                                (other.0, other.1) = (reachability, Some(row));
                            }
                        }
                    }
                    if other.0 < nearest.0 {
                        nearest = (other.0, block * BLOCK + place);
                    }
                }
                nearest
            };
            let nearest = if outside.len() <= BLOCK {
                reach((0, &mut outside))
            } else {
                let found: Vec<(f64, usize)> =
                    outside.par_chunks_mut(BLOCK).enumerate().map(reach).collect();
                let better = |best: (f64, usize), next: (f64, usize)| {
                    if next.0 < best.0 { next } else { best }
                };
                found.into_iter().fold((f64::INFINITY, 0), better)
            };
            next = nearest.1;
        }
        Ok(order)
    }

    /// Clusters as of DBSCAN: rows that follow each other, each reached within `eps`.
    pub(super) fn cut(&self, eps: f64) -> Vec<Option<u32>> {
        let mut labels = vec![None; self.rows.len()];
        let mut cluster = None;
        for &row in &self.rows {
            let reached = self.reachability[row as usize] <= eps;
            let core = self.core_distances[row as usize] <= eps;
            if !reached && core {
                cluster = Some(cluster.map_or(0, |cluster| cluster + 1));
            }
            if reached || core {
                labels[row as usize] = cluster;
            }
        }
        labels
    }
}
