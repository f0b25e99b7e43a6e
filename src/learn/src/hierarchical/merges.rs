//! Turns rows into the merges of their clusters: by chains of nearest neighbours, or by the smallest spanning tree.

use rayon::prelude::*;

use super::Linkage;
use crate::neighbors::{Metric, Points};
use crate::{Control, Error};

/// Two clusters that become one, each told by a row of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Merge {
    pub(super) first: u32,
    pub(super) second: u32,
    /// In the units of the points.
    pub(super) distance: f64,
}

/// What the distances of all pairs take.
pub(super) fn bytes(rows: usize) -> u64 {
    let rows = rows as u64;
    (rows * rows.saturating_sub(1) / 2).saturating_mul(8)
}

/// The distances of all pairs of clusters, those of a row with later ones behind each other.
struct Distances {
    rows: usize,
    values: Vec<f64>,
}

impl Distances {
    fn new(points: &Points, metric: Metric, control: &Control<'_>) -> Result<Self, Error> {
        /// Distances between two polls.
        const BATCH: usize = 1 << 20;
        let rows = points.rows;
        let mut values = vec![0.0; rows * (rows - 1) / 2];
        let (mut left, mut first) = (values.as_mut_slice(), 0);
        while first + 1 < rows {
            control.poll()?;
            let mut parts = Vec::new();
            let mut size = 0;
            while first + 1 < rows && size < BATCH {
                let (part, rest) = left.split_at_mut(rows - first - 1);
                size += part.len();
                parts.push((first, part));
                left = rest;
                first += 1;
            }
            parts.into_par_iter().for_each(|(row, part)| {
                for (other, value) in (row + 1..rows).zip(part) {
                    *value = metric.distance(metric.rank(points.row(row), points.row(other)));
                }
            });
        }
        Ok(Self { rows, values })
    }

    fn place(&self, a: usize, b: usize) -> usize {
        let (a, b) = (a.min(b), a.max(b));
        a * (2 * self.rows - a - 1) / 2 + b - a - 1
    }

    fn of(&self, a: usize, b: usize) -> f64 {
        self.values[self.place(a, b)]
    }
}

impl Linkage {
    /// The distance of a cluster to two that became one, from those to each, their distance, and the sizes of all.
    fn joined(self, to: [f64; 2], between: f64, sizes: [f64; 2], other: f64) -> f64 {
        match self {
            Self::Ward => {
                let share = 1.0 / (sizes[0] + sizes[1] + other);
                let squared = (other + sizes[0]) * share * to[0] * to[0]
                    + (other + sizes[1]) * share * to[1] * to[1]
                    - other * share * between * between;
                squared.max(0.0).sqrt()
            }
            Self::Complete => to[0].max(to[1]),
            Self::Average => (sizes[0] * to[0] + sizes[1] * to[1]) / (sizes[0] + sizes[1]),
            Self::Single => to[0].min(to[1]),
        }
    }
}

/// Merges by chains of nearest neighbours (Müllner, 2011, as in scipy): two clusters that are each other's nearest
/// may become one at any time. Ordered by distance they are those of the nearest pair first.
pub(super) fn of_chains(
    points: &Points,
    metric: Metric,
    linkage: Linkage,
    control: &Control<'_>,
) -> Result<Vec<Merge>, Error> {
    let mut distances = Distances::new(points, metric, control)?;
    let mut sizes = vec![1.0; points.rows];
    // Clusters that are left, in the order of their numbers.
    let mut left: Vec<usize> = (0..points.rows).collect();
    let mut chain: Vec<usize> = Vec::new();
    let mut merges = Vec::with_capacity(points.rows - 1);
    while left.len() > 1 {
        if chain.is_empty() {
            chain.push(left[0]);
        }
        let (first, second, distance) = loop {
            control.poll()?;
            let last = chain[chain.len() - 1];
            let before = chain.len().checked_sub(2).map(|place| chain[place]);
            // Of equally near clusters the one before, so that the chain ends.
            let (mut nearest, mut least) = match before {
                Some(before) => (before, distances.of(last, before)),
                None => (last, f64::INFINITY),
            };
            for &other in left.iter().filter(|other| **other != last) {
                let distance = distances.of(last, other);
                if distance < least {
                    (nearest, least) = (other, distance);
                }
            }
            if before == Some(nearest) {
                break (last.min(nearest), last.max(nearest), least);
            }
            chain.push(nearest);
        };
        // Rounding may have led a chain to a cluster twice: it goes on before the first time.
        let merged = chain.iter().position(|cluster| [first, second].contains(cluster));
        chain.truncate(merged.unwrap_or(0));
        merges.push(Merge { first: first as u32, second: second as u32, distance });
        left.retain(|cluster| *cluster != first);
        let pair = [sizes[first], sizes[second]];
        for &other in left.iter().filter(|other| **other != second) {
            let to = [distances.of(other, first), distances.of(other, second)];
            let place = distances.place(other, second);
            distances.values[place] = linkage.joined(to, distance, pair, sizes[other]);
        }
        sizes[second] += sizes[first];
    }
    Ok(merges)
}

/// Merges by the smallest spanning tree (Prim), without the distances of all pairs.
pub(super) fn of_spanning_tree(
    points: &Points,
    metric: Metric,
    control: &Control<'_>,
) -> Result<Vec<Merge>, Error> {
    /// Rows whose distances are taken together.
    const BLOCK: usize = 4096;
    /// A row outside the tree: its rank to the nearest row inside, that row, and itself.
    type Outside = (f64, u32, u32);
    let mut outside: Vec<Outside> =
        (1..points.rows as u32).map(|row| (f64::INFINITY, 0, row)).collect();
    let mut merges = Vec::with_capacity(outside.len());
    let mut newest = 0_u32;
    while !outside.is_empty() {
        control.poll()?;
        let nearest = |(block, rows): (usize, &mut [Outside])| {
            let mut least = (f64::INFINITY, block * BLOCK);
            for (place, row) in rows.iter_mut().enumerate() {
                let rank = metric.rank(points.row(newest as usize), points.row(row.2 as usize));
                if rank < row.0 {
                    (row.0, row.1) = (rank, newest);
                }
                if row.0 < least.0 {
                    least = (row.0, block * BLOCK + place);
                }
            }
            least
        };
        let (_, place) = if outside.len() <= BLOCK {
            nearest((0, &mut outside))
        } else {
            let found: Vec<(f64, usize)> =
                outside.par_chunks_mut(BLOCK).enumerate().map(nearest).collect();
            let better = |best: (f64, usize), next: (f64, usize)| {
                if next.0 < best.0 { next } else { best }
            };
            found.into_iter().fold((f64::INFINITY, 0), better)
        };
        let (rank, inside, row) = outside.remove(place);
        merges.push(Merge { first: inside, second: row, distance: metric.distance(rank) });
        newest = row;
    }
    Ok(merges)
}
