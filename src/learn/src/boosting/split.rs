//! The histogram of a node to its best split.

use super::histogram::{Cells, Sum, Sums, Units, add, minus};
use super::tree::Rule;
use crate::bins::{ColumnBins, MISSING};

/// Rows that a category must have, as if hessians were 1, to be told from others; scikit-learn's
/// constant. It also draws the order of small categories towards the middle.
const CATEGORY_ROWS: f64 = 10.0;

/// The hessian that both sides of a split must have, in units of a row's weight.
const LEAST_HESSIAN: f64 = 1e-3;

/// How predictions may change with a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Monotonic {
    /// In any way.
    #[default]
    Free,
    /// Never down where the column goes up.
    Increasing,
    /// Never up where the column goes up.
    Decreasing,
}

/// What limits splits in all nodes of a tree.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) min_samples_leaf: u32,
    pub(super) l2_regularization: f64,
    /// The weight that counts as one row where a constant is in rows.
    pub(super) unit: f64,
}

impl Limits {
    fn hessian(&self) -> f64 {
        LEAST_HESSIAN * self.unit
    }

    /// The Newton step of a node.
    pub(super) fn value(&self, sums: Sums, bounds: (f64, f64)) -> f64 {
        let hessian = sums.hessian + self.l2_regularization;
        let value = if hessian > 0.0 { -sums.gradient / hessian } else { 0.0 };
        value.clamp(bounds.0, bounds.1)
    }

    /// Twice the decrease of the loss, to second order, by the best value of a node.
    #[inline(always)]
    fn score(&self, sums: Sums) -> f64 {
        sums.gradient * sums.gradient / (sums.hessian + self.l2_regularization)
    }

    fn allows(&self, sums: Sums) -> bool {
        sums.rows >= self.min_samples_leaf && sums.hessian >= self.hessian()
    }
}

/// The columns' part in splits.
pub(super) struct ColumnFacts<'a> {
    pub(super) bins: &'a ColumnBins,
    /// Whether a training row misses the column's value.
    pub(super) has_missing: bool,
    pub(super) monotonic: Monotonic,
}

/// A node about to be split.
pub(super) struct Node<const WORDS: usize> {
    pub(super) total: Sum<WORDS>,
    /// What its value and those of the nodes below it may be.
    pub(super) bounds: (f64, f64),
}

/// A split that decreases the loss.
#[derive(Clone, Debug)]
pub(super) struct Split<const WORDS: usize> {
    pub(super) gain: f64,
    pub(super) column: usize,
    pub(super) rule: Rule,
    /// Sums of the rows that go left.
    pub(super) left: Sum<WORDS>,
}

/// What a scan needs to weigh one division of a node.
struct Scale<'a, const WORDS: usize> {
    limits: &'a Limits,
    units: &'a Units,
    node: &'a Node<WORDS>,
    /// The score without a split.
    whole: f64,
    /// Whether values are bounded, so that scores follow from values.
    bounded: bool,
    monotonic: Monotonic,
}

/// A division that is not allowed.
enum Refused {
    /// The left side is too small.
    Left,
    /// The right side is too small.
    Right,
    /// The sides are in the wrong order.
    Order,
}

impl<const WORDS: usize> Scale<'_, WORDS> {
    /// The gain of a division by the sums of one side.
    #[inline(always)]
    fn gain(&self, left: Sum<WORDS>) -> Result<f64, Refused> {
        let limits = self.limits;
        let one = self.units.unpack(left);
        if !limits.allows(one) {
            return Err(Refused::Left);
        }
        let other = self.units.unpack(minus(self.node.total, left));
        if !limits.allows(other) {
            return Err(Refused::Right);
        }
        if !self.bounded {
            return Ok(limits.score(one) + limits.score(other) - self.whole);
        }
        let (below, above) =
            (limits.value(one, self.node.bounds), limits.value(other, self.node.bounds));
        let wrong = match self.monotonic {
            Monotonic::Free => false,
            Monotonic::Increasing => below > above,
            Monotonic::Decreasing => below < above,
        };
        if wrong {
            return Err(Refused::Order);
        }
        Ok(-one.gradient * below - other.gradient * above - self.whole)
    }
}

/// The best split by one column, with the lowest bin of equally good ones.
pub(super) fn best<const WORDS: usize>(
    index: usize,
    column: &ColumnFacts<'_>,
    cells: &Cells<WORDS>,
    node: &Node<WORDS>,
    limits: &Limits,
    units: &Units,
) -> Option<Split<WORDS>> {
    let sums = units.unpack(node.total);
    let free = node.bounds == (f64::NEG_INFINITY, f64::INFINITY);
    let bounded = !free || column.monotonic != Monotonic::Free;
    let whole =
        if bounded { -sums.gradient * limits.value(sums, node.bounds) } else { limits.score(sums) };
    let scale = Scale { limits, units, node, whole, bounded, monotonic: column.monotonic };
    let found = if column.bins.is_categories() {
        of_categories(column, cells, &scale, sums)
    } else {
        of_numbers(column, cells, &scale)
    };
    found.map(|(gain, rule, left)| Split { gain, column: index, rule, left })
}

type Found<const WORDS: usize> = Option<(f64, Rule, Sum<WORDS>)>;

/// The best cut between two bins, with missing values on either side.
fn of_numbers<const WORDS: usize>(
    column: &ColumnFacts<'_>,
    cells: &Cells<WORDS>,
    scale: &Scale<'_, WORDS>,
) -> Found<WORDS> {
    let missing = cells[usize::from(MISSING)];
    let bins = column.bins.len();
    // Without missing values a cut above the last bin leaves nothing on the right.
    let cuts = if column.has_missing { bins } else { bins - 1 };
    let mut best: Option<(f64, usize, Sum<WORDS>)> = None;
    let mut missing_left = false;
    let mut scan = |start: Sum<WORDS>, cuts: usize, with_missing: bool| {
        let mut left = start;
        for (bin, cell) in cells[..cuts].iter().enumerate() {
            if *cell == [0; WORDS] {
                continue;
            }
            add(&mut left, *cell);
            match scale.gain(left) {
                Ok(gain) => {
                    if gain > best.map_or(0.0, |best| best.0) {
                        best = Some((gain, bin, left));
                        missing_left = with_missing;
                    }
                }
                Err(Refused::Left | Refused::Order) => {}
                Err(Refused::Right) => break,
            }
        }
    };
    scan([0; WORDS], cuts, false);
    if missing != [0; WORDS] {
        scan(missing, bins - 1, true);
    }
    let (gain, bin, left) = best?;
    if !column.has_missing {
        // Nothing is known of missing values: they follow the greater side.
        let rows = scale.units.unpack(left).rows;
        missing_left = rows > scale.units.unpack(minus(scale.node.total, left)).rows;
    }
    Some((gain, Rule::cut(bin as u8, missing_left), left))
}

/// The best division of categories into two sets. In the order of gradient by hessian the best
/// sets are a beginning and an end (Fisher, 1958).
fn of_categories<const WORDS: usize>(
    column: &ColumnFacts<'_>,
    cells: &Cells<WORDS>,
    scale: &Scale<'_, WORDS>,
    node: Sums,
) -> Found<WORDS> {
    if node.hessian <= 0.0 {
        return None;
    }
    let rows_by_hessian = f64::from(node.rows) / node.hessian;
    let smoothing = CATEGORY_ROWS * scale.limits.unit;
    let with_missing = column.has_missing.then_some(MISSING);
    let mut order: Vec<(f64, u8)> = (0..column.bins.len() as u8)
        .chain(with_missing)
        .filter_map(|bin| {
            let sums = scale.units.unpack(cells[usize::from(bin)]);
            (sums.hessian * rows_by_hessian >= CATEGORY_ROWS)
                .then(|| (sums.gradient / (sums.hessian + smoothing), bin))
        })
        .collect();
    if order.len() < 2 {
        return None;
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let middle = order.len().div_ceil(2);
    let mut best: Option<(f64, Vec<u8>, Sum<WORDS>)> = None;
    let mut scan = |bins: &[u8]| {
        let mut left = [0; WORDS];
        for (place, bin) in bins.iter().enumerate() {
            add(&mut left, cells[usize::from(*bin)]);
            match scale.gain(left) {
                Ok(gain) => {
                    if gain > best.as_ref().map_or(0.0, |best| best.0) {
                        best = Some((gain, bins[..=place].to_vec(), left));
                    }
                }
                Err(Refused::Left | Refused::Order) => {}
                Err(Refused::Right) => break,
            }
        }
    };
    // From both ends: categories too rare to be told apart go with the other side.
    let bins: Vec<u8> = order.iter().map(|(_, bin)| *bin).collect();
    scan(&bins[..middle]);
    let from_the_end: Vec<u8> = bins.iter().rev().copied().collect();
    scan(&from_the_end[..middle - 1]);
    let (gain, mut set, left) = best?;
    if !column.has_missing {
        let rows = scale.units.unpack(left).rows;
        if rows > scale.units.unpack(minus(scale.node.total, left)).rows {
            set.push(MISSING);
        }
    }
    Some((gain, Rule::set(&set), left))
}
