//! Rows of the kernel matrix as a solver asks for them, and those beside them that it is likely to ask for next.

use super::State;
use crate::svm::cache::Cache;
use crate::svm::kernel::Resolved;
use crate::svm::points::LANES;

/// Numbers of the points from which they do not stay near, and rows that are then worked out beside
/// the one that is asked for.
const FAR: usize = 1 << 20;
const COMPANIONS: usize = 3;

impl State {
    /// A row of the kernel matrix, for the active positions at least.
    ///
    /// Where the points are too many to stay near, a look at all of them serves the rows that
    /// are likely to be asked for next as well: of those that `eager` puts first.
    pub(super) fn row(
        &mut self,
        kernel: Resolved,
        position: usize,
        eager: impl Fn(&Self, usize) -> f64,
        cache: &mut Cache,
    ) -> Vec<f64> {
        let mut values = cache.take(position, self.active);
        if values.len() == self.active {
            return values;
        }
        let known = values.len() / LANES * LANES;
        let far = self.active * self.points.columns() >= FAR;
        let others = if known == 0 && far {
            let wanted = COMPANIONS.min(cache.room(self.active));
            self.foremost(wanted, |i| i != position && cache.lacks(i), |i| eager(self, i))
        } else {
            Vec::new()
        };
        self.work += (self.active - known) as f64;
        let point = |i: usize| {
            let mut point = Vec::with_capacity(self.points.columns());
            self.points.point(i, &mut point);
            point
        };
        values.resize(self.active, 0.0);
        if others.is_empty() {
            kernel.fill(&point(position), &self.points, known, &mut values[known..]);
            return values;
        }
        let points: Vec<_> = [position].iter().chain(&others).map(|i| point(*i)).collect();
        let mut rows = kernel.fill_several(&points, &self.points, self.active);
        for (other, found) in others.into_iter().zip(rows.drain(1..)) {
            let mut values = cache.take(other, self.active);
            values.clear();
            values.extend(found);
            cache.put(other, values, self.active);
        }
        values.copy_from_slice(&rows[0]);
        values
    }

    /// The active positions with the highest scores among those that may be chosen.
    fn foremost(
        &self,
        count: usize,
        may: impl Fn(usize) -> bool,
        score: impl Fn(usize) -> f64,
    ) -> Vec<usize> {
        let mut found: Vec<(f64, usize)> = Vec::with_capacity(count + 1);
        for i in 0..self.active {
            let score = score(i);
            let behind = found.len() == count && found.last().is_none_or(|last| score <= last.0);
            if behind || score == f64::NEG_INFINITY || !may(i) {
                continue;
            }
            let at = found.partition_point(|(other, _)| *other >= score);
            found.insert(at, (score, i));
            found.truncate(count);
        }
        found.into_iter().map(|(_, i)| i).collect()
    }
}
