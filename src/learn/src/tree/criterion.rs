//! What the growth of a tree asks of an impurity, and what it tells it about a node.

/// The impurity that splits decrease. Rows are known by their canonical place, see
/// [`canonical_order`](super::table::canonical_order).
pub(crate) trait Criterion: Sync {
    /// What a node needs to know of its rows.
    type Summary: Send + Sync;
    /// Buffers that scans of one thread use again.
    type Scratch: Default + Send + Sync;

    /// Values a leaf stores.
    fn width(&self) -> usize;

    /// `rows` are in rising order.
    fn summarize(&self, rows: &[u32]) -> Self::Summary;

    /// Sum of the weights of the rows.
    fn weight(&self, node: &Self::Summary) -> f64;

    /// Whether all rows have the same target.
    fn is_pure(&self, node: &Self::Summary) -> bool;

    /// Appends what a leaf predicts.
    fn predict(&self, node: &Self::Summary, values: &mut Vec<f64>);

    /// The best cut of one column, the first of equally good ones.
    fn scan(
        &self,
        node: &Self::Summary,
        stretch: Stretch<'_>,
        scratch: &mut Self::Scratch,
    ) -> Option<Cut>;

    /// How good it is to divide the node's rows into those of side 1 and the others, in the measure
    /// of [`scan`](Self::scan); NaN where it cannot be.
    fn gain(&self, node: &Self::Summary, rows: &[u32], sides: &[u8]) -> f64;

    /// Sums of a bin from which [`gain_of`](Self::gain_of) follows; `None` where sums are not enough.
    fn sums(&self) -> Option<usize>;

    /// Adds rows to the number of rows and to the sums of their bins, which are one behind the
    /// other.
    fn add_up(
        &self,
        node: &Self::Summary,
        rows: &[u32],
        bins: &[u8],
        counts: &mut [u32],
        sums: &mut [f64],
    );

    /// How good a cut is whose left side has these sums, in the measure of [`scan`](Self::scan);
    /// NaN where it cannot be.
    fn gain_of(&self, node: &Self::Summary, left: &[f64]) -> f64;

    /// The decrease of impurity times weight that a cut of this gain brings, in units of
    /// [`impurity_unit`](Self::impurity_unit)s.
    fn decrease(&self, node: &Self::Summary, gain: f64) -> f64;

    /// Factors that turn a decrease into the units of the target, to be multiplied one by one:
    /// their product may be beyond `f64`.
    fn impurity_unit(&self) -> [f64; 2];
}

/// The rows of a node by the values of one column.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    /// The rows by rising value, with [`MARK`]s where changes are told by them.
    pub(super) order: &'a [u32],
    pub(super) changes: Changes<'a>,
    /// The same rows in canonical order.
    pub(super) rows: &'a [u32],
    pub(super) min_samples_leaf: usize,
}

/// The highest bit of a row in an order: its value differs from that of the row before. A tree then
/// sees where values change without a look at them. Rows are fewer than 2³¹: so many would not fit
/// the memory of a training.
pub(crate) const MARK: u32 = 1 << 31;

/// How one sees where values change.
#[derive(Clone, Copy)]
pub(super) enum Changes<'a> {
    /// By the [`MARK`]s of the order.
    Marked,
    /// By the rank of every place in the order.
    OfRanks(&'a [u32]),
}

impl Stretch<'_> {
    /// Numbers of rows left of a cut between different values, with enough rows on both sides.
    /// `visit` is called for every row first, then `cut` where a cut is possible.
    pub(super) fn cuts(&self, visit: impl FnMut(u32), cut: impl FnMut(usize)) {
        match self.changes {
            Changes::Marked => self.walk(|_, row| row & MARK != 0, visit, cut),
            Changes::OfRanks(ranks) => {
                self.walk(|place, _| ranks[place - 1] != ranks[place], visit, cut);
            }
        }
    }

    fn walk(
        &self,
        changes: impl Fn(usize, u32) -> bool,
        mut visit: impl FnMut(u32),
        mut cut: impl FnMut(usize),
    ) {
        let Some(&first) = self.order.first() else { return };
        let mut row = first;
        let last_cut = self.order.len().saturating_sub(self.min_samples_leaf);
        for (left, &next) in (1..=last_cut).zip(&self.order[1..]) {
            visit(row & !MARK);
            if changes(left, next) && left >= self.min_samples_leaf {
                cut(left);
            }
            row = next;
        }
    }

    /// The row at a place of the order.
    pub(super) fn row(&self, place: usize) -> u32 {
        self.order[place] & !MARK
    }

    /// Whether the value at a place of the order, but the first, differs from the one before.
    pub(super) fn changes(&self, place: usize) -> bool {
        match self.changes {
            Changes::Marked => self.order[place] & MARK != 0,
            Changes::OfRanks(ranks) => ranks[place - 1] != ranks[place],
        }
    }
}

/// A cut and how good it is, in a measure that orders the cuts of one node.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub(super) gain: f64,
    pub(super) left: usize,
}

impl Cut {
    /// Puts a cut into `best` if it is better than what is there.
    pub(super) fn keep(best: &mut Option<Self>, gain: f64, left: usize) {
        if best.is_none_or(|best| gain > best.gain) && !gain.is_nan() {
            *best = Some(Self { gain, left });
        }
    }
}
