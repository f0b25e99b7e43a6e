//! Finds the best cut of one column for the rows of a node.

use super::criterion::{Changes, Criterion, MARK, Stretch};
use super::settings::{Settings, Splitter};
use super::table::TableColumn;
use crate::seeded::mix;

/// From so many rows on, ranks are sorted digit by digit.
const RADIX_FROM: usize = 200;

/// Rows whose [`MARK`]s are looked at before any rank: ranks are far away.
const MARKS_FIRST: usize = 128;

/// Bits of the largest digit.
const DIGIT: u32 = 11;

/// Columns from which on it is cheaper to sort the drawn ones at every node than to divide the
/// orders of all, for every one that is drawn.
const GATHERED_FROM: usize = 4;

/// Where the rows of a node by rising value come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From orders that are divided with the rows.
    Sorted,
    /// Every column that is looked at is sorted for the node.
    Gathered,
    /// Values that are bins are added up by bin.
    Binned,
    /// From nowhere: cuts are drawn at random.
    Random,
    /// Cuts between bins are drawn at random.
    RandomBinned,
}

impl Way {
    pub(super) fn of(settings: &Settings, columns: usize) -> Self {
        match (settings.splitter, settings.max_features.of(columns)) {
            (Splitter::Random, _) if settings.max_bins.is_some() => Self::RandomBinned,
            (Splitter::Best, _) if settings.max_bins.is_some() => Self::Binned,
            (Splitter::Random, _) => Self::Random,
            (Splitter::Best, Some(drawn)) if drawn * GATHERED_FROM <= columns => Self::Gathered,
            (Splitter::Best, _) => Self::Sorted,
        }
    }
}

/// The best cut of a column.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) column: usize,
    pub(super) gain: f64,
    /// Rows left of the cut.
    pub(super) left: usize,
    pub(super) place: Place,
}

/// Where a column is cut. Ranks and values of far-apart rows are not looked up for every column:
/// only those of a node's best one matter.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Between the values of two rows.
    Rows(u32, u32),
    /// Between two ranks, or bins.
    Ranks(u32, u32),
    /// At a value, between this bin and the next one; without bins the rank has no meaning.
    Value { rank: u32, threshold: f64 },
}

/// The best cut of a node.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) column: usize,
    pub(super) gain: f64,
    /// Rows left of the cut.
    pub(super) left: usize,
    /// Rows up to this rank go left; without a meaning for a cut at random.
    pub(super) rank: u32,
    pub(super) threshold: f64,
}

impl Candidate {
    /// The better of two, the first of equally good ones.
    pub(super) fn better(best: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (best, other) {
            (Some(best), Some(other)) if other.gain > best.gain => Some(other),
            (None, other) => other,
            (best, _) => best,
        }
    }

    pub(super) fn found(self, column: &TableColumn) -> Found {
        let Self { column: j, gain, left, place } = self;
        let between = |lower, upper| (lower, column.threshold(lower, upper));
        let (rank, threshold) = match place {
            Place::Rows(lower, upper) => {
                between(column.ranks[lower as usize], column.ranks[upper as usize])
            }
            Place::Ranks(lower, upper) => between(lower, upper),
            Place::Value { rank, threshold } => (rank, threshold),
        };
        Found { column: j, gain, left, rank, threshold }
    }
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Scratch<S> {
    pub(super) criterion: S,
    /// Ranks in the upper halves, rows in the lower ones.
    keys: Vec<u64>,
    spare: Vec<u64>,
    /// The rows by rising value.
    order: Vec<u32>,
    /// The ranks in that order.
    ranks: Vec<u32>,
    /// The values of the rows in canonical order.
    values: Vec<f64>,
    /// 1 for the rows left of a cut.
    pub(super) sides: Vec<u8>,
    /// The bins of the rows in canonical order.
    pub(super) bins: Vec<u8>,
    /// Rows by bin.
    pub(super) counts: Vec<u32>,
    /// Sums by bin, and behind them those left of a cut.
    pub(super) sums: Vec<f64>,
}

/// A node whose columns are searched.
pub(super) struct Node<'a, C: Criterion> {
    pub(super) criterion: &'a C,
    pub(super) summary: &'a C::Summary,
    /// In canonical order.
    pub(super) rows: &'a [u32],
    pub(super) min_samples_leaf: usize,
    pub(super) seed: u64,
}

impl<C: Criterion> Node<'_, C> {
    /// The best cut of a column whose order is known.
    pub(super) fn sorted(
        &self,
        j: usize,
        column: &TableColumn,
        order: &[u32],
        scratch: &mut Scratch<C::Scratch>,
    ) -> Option<Candidate> {
        if is_constant(column, order) {
            return None;
        }
        let stretch = Stretch {
            order,
            changes: Changes::Marked,
            rows: self.rows,
            min_samples_leaf: self.min_samples_leaf,
        };
        self.scan(j, stretch, &mut scratch.criterion)
    }

    /// The best cut of a column that has to be sorted.
    pub(super) fn gathered(
        &self,
        j: usize,
        rank_of: impl Fn(u32) -> u32,
        scratch: &mut Scratch<C::Scratch>,
    ) -> Option<Candidate> {
        let Scratch { criterion, keys, spare, order, ranks, .. } = scratch;
        let (mut low, mut high) = (u32::MAX, 0);
        keys.clear();
        keys.extend(self.rows.iter().map(|&row| {
            let rank = rank_of(row);
            low = low.min(rank);
            high = high.max(rank);
            u64::from(rank) << 32 | u64::from(row)
        }));
        if low >= high {
            return None;
        }
        if keys.len() < RADIX_FROM {
            keys.sort_unstable();
        } else {
            sort_by_rank(keys, spare, low, high);
        }
        order.clear();
        order.extend(keys.iter().map(|key| *key as u32));
        ranks.clear();
        ranks.extend(keys.iter().map(|key| (key >> 32) as u32));
        let stretch = Stretch {
            order,
            changes: Changes::OfRanks(ranks),
            rows: self.rows,
            min_samples_leaf: self.min_samples_leaf,
        };
        self.scan(j, stretch, criterion)
    }

    fn scan(&self, j: usize, stretch: Stretch<'_>, scratch: &mut C::Scratch) -> Option<Candidate> {
        let cut = self.criterion.scan(self.summary, stretch, scratch)?;
        let place = match stretch.changes {
            Changes::Marked => Place::Rows(stretch.row(cut.left - 1), stretch.row(cut.left)),
            Changes::OfRanks(ranks) => Place::Ranks(ranks[cut.left - 1], ranks[cut.left]),
        };
        Some(Candidate { column: j, gain: cut.gain, left: cut.left, place })
    }

    /// A cut at random between the least and the greatest value of a column.
    pub(super) fn random(
        &self,
        j: usize,
        column: &TableColumn,
        scratch: &mut Scratch<C::Scratch>,
    ) -> Option<Candidate> {
        let Scratch { values, sides, .. } = scratch;
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        values.clear();
        values.extend(self.rows.iter().map(|&row| {
            let value = column.values[row as usize];
            least = if value < least { value } else { least };
            greatest = if value > greatest { value } else { greatest };
            value
        }));
        if least >= greatest {
            return None;
        }
        let share = unit(self.seed.wrapping_add(j as u64 + 1));
        let drawn = (1.0 - share) * least + share * greatest;
        let threshold = if least <= drawn && drawn < greatest { drawn } else { least };
        sides.clear();
        sides.extend(values.iter().map(|value| u8::from(*value <= threshold)));
        let left = sides.iter().map(|side| usize::from(*side)).sum();
        if self.min_samples_leaf.max(1) > self.rows.len().saturating_sub(left).min(left) {
            return None;
        }
        let gain = self.criterion.gain(self.summary, self.rows, sides);
        let place = Place::Value { rank: 0, threshold };
        (!gain.is_nan()).then_some(Candidate { column: j, gain, left, place })
    }
}

/// Whether the value of the column never changes in a stretch of its order.
pub(super) fn is_constant(column: &TableColumn, order: &[u32]) -> bool {
    let (near, far) = order.split_at(order.len().min(MARKS_FIRST));
    if near.iter().skip(1).fold(0, |marks, row| marks | row) & MARK != 0 {
        return false;
    }
    if far.is_empty() {
        return true;
    }
    let rank = |row: Option<&u32>| row.map(|&row| column.ranks[(row & !MARK) as usize]);
    rank(order.first()) == rank(order.last())
}

/// Sorts keys by their upper halves, which are from `low` to `high`, and keeps the order of equal
/// ones.
fn sort_by_rank(keys: &mut Vec<u64>, spare: &mut Vec<u64>, low: u32, high: u32) {
    let bits = u32::BITS - (high - low).leading_zeros();
    let passes = bits.div_ceil(DIGIT).max(1);
    let digit = bits.div_ceil(passes);
    let mask = (1_usize << digit) - 1;
    spare.resize(keys.len(), 0);
    let mut places = [0_u32; 1 << DIGIT];
    for pass in 0..passes {
        let places = &mut places[..=mask];
        places.fill(0);
        let digit_of = |key: u64| (((key >> 32) as u32 - low) >> (pass * digit)) as usize & mask;
        for &key in keys.iter() {
            places[digit_of(key)] += 1;
        }
        let mut before = 0;
        for place in places.iter_mut() {
            before += std::mem::replace(place, before);
        }
        for &key in keys.iter() {
            let place = &mut places[digit_of(key)];
            spare[*place as usize] = key;
            *place += 1;
        }
        std::mem::swap(keys, spare);
    }
}

/// A number from 0 (included) to 1 (excluded) that depends on the seed only.
pub(super) fn unit(seed: u64) -> f64 {
    (mix(mix(seed)) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}
