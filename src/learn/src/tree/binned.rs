//! Finds a cut between the bins of one column for the rows of a node: the best one, or one at random.

use super::criterion::Criterion;
use super::search::{Candidate, Node, Place, Scratch, unit};
use super::table::TableColumn;

/// Rows from which sums by bin are cheaper than sorting the rows by bin.
const SUMMED_FROM: usize = 128;

impl<C: Criterion> Node<'_, C> {
    /// The best cut between two bins, the lower one of equally good ones.
    pub(super) fn binned(
        &self,
        j: usize,
        column: &TableColumn,
        scratch: &mut Scratch<C::Scratch>,
    ) -> Option<Candidate> {
        let sums = self.criterion.sums().filter(|_| self.rows.len() >= SUMMED_FROM);
        let Some(width) = sums else {
            return self.gathered(j, |row| u32::from(column.bins[row as usize]), scratch);
        };
        let (low, high) = self.gather_bins(column, &mut scratch.bins)?;
        let Scratch { bins, counts, sums, .. } = scratch;
        let used = usize::from(high) + 1;
        counts.clear();
        counts.resize(used, 0);
        sums.clear();
        sums.resize((used + 1) * width, 0.0);
        let (sums, left) = sums.split_at_mut(used * width);
        self.criterion.add_up(self.summary, self.rows, bins, counts, sums);
        let (mut rows, mut best) = (0, None::<(f64, usize, usize)>);
        for bin in usize::from(low)..usize::from(high) {
            if counts[bin] == 0 {
                continue;
            }
            rows += counts[bin] as usize;
            for (left, sum) in left.iter_mut().zip(&sums[bin * width..]) {
                *left += sum;
            }
            if rows.min(self.rows.len() - rows) >= self.min_samples_leaf {
                let gain = self.criterion.gain_of(self.summary, left);
                if best.is_none_or(|best| gain > best.0) && !gain.is_nan() {
                    best = Some((gain, bin, rows));
                }
            }
        }
        let (gain, bin, left) = best?;
        let next = counts[bin + 1..].iter().position(|count| *count > 0)?;
        let place = Place::Ranks(bin as u32, (bin + 1 + next) as u32);
        Some(Candidate { column: j, gain, left, place })
    }

    /// A cut at random between the least and the greatest value of the bins of the rows. A bin that
    /// it goes through stands to its right, but for the first one.
    pub(super) fn random_binned(
        &self,
        j: usize,
        column: &TableColumn,
        scratch: &mut Scratch<C::Scratch>,
    ) -> Option<Candidate> {
        let Scratch { bins, sides, .. } = scratch;
        let (low, high) = self.gather_bins(column, bins)?;
        let (low, high) = (usize::from(low), usize::from(high));
        let (least, greatest) = (column.edges[low].0, column.edges[high].1);
        let share = unit(self.seed.wrapping_add(j as u64 + 1));
        let drawn = (1.0 - share) * least + share * greatest;
        let below = column.edges[low..high].partition_point(|edges| edges.1 <= drawn);
        let cut = low + below.max(1) - 1;
        let is_between = column.edges[cut].1 <= drawn && drawn < column.edges[cut + 1].0;
        let place = if is_between {
            Place::Value { rank: cut as u32, threshold: drawn }
        } else {
            Place::Ranks(cut as u32, cut as u32 + 1)
        };
        sides.clear();
        sides.extend(bins.iter().map(|bin| u8::from(usize::from(*bin) <= cut)));
        let left = sides.iter().map(|side| usize::from(*side)).sum();
        if self.min_samples_leaf.max(1) > self.rows.len().saturating_sub(left).min(left) {
            return None;
        }
        let gain = self.criterion.gain(self.summary, self.rows, sides);
        (!gain.is_nan()).then_some(Candidate { column: j, gain, left, place })
    }

    /// The bins of the rows, with the lowest and the highest; `None` where they are one.
    fn gather_bins(&self, column: &TableColumn, bins: &mut Vec<u8>) -> Option<(u8, u8)> {
        let (mut low, mut high) = (u8::MAX, 0);
        bins.clear();
        bins.extend(self.rows.iter().map(|&row| {
            let bin = column.bins[row as usize];
            low = low.min(bin);
            high = high.max(bin);
            bin
        }));
        (low < high).then_some((low, high))
    }
}
