//! What the rounds of boosting share: the ranked columns, the weights of the rows, and the trees
//! that were grown.

use std::mem::{size_of, size_of_val};

use rayon::prelude::*;

use crate::input::Columns;
use crate::tree::{
    Criterion, MaxFeatures, Node, PREDICTED, Settings, Sharing, Splitter, Table, Tree, asked, grow,
};
use crate::{Control, Error};

/// The most bytes that the trees may take.
const MOST_BYTES: usize = 4 << 30;

/// Trees that tell how large all of them are.
const TELLING: usize = 8;

/// The least share of all weights that a row keeps.
const LEAST_SHARE: f64 = f64::EPSILON;

/// The columns, ranked once for all rounds, and the trees so far.
pub(super) struct Stage<'a> {
    columns: &'a Columns<'a>,
    table: Table,
    /// See [`canonical_order`](crate::tree::canonical_order).
    canonical: &'a [u32],
    settings: Settings,
    pub(super) trees: Vec<Tree>,
    /// How much each tree has to say.
    pub(super) says: Vec<f64>,
    bytes: usize,
    /// How many trees are asked for.
    wanted: usize,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        columns: &'a Columns<'a>,
        canonical: &'a [u32],
        max_depth: usize,
        wanted: usize,
    ) -> Self {
        let settings = Settings {
            splitter: Splitter::Best,
            max_depth,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_leaf_nodes: None,
            max_features: MaxFeatures::All,
            ccp_alpha: 0.0,
            max_bins: None,
            sharing: Sharing::Columns,
            seed: 0,
        };
        let table = Table::new(columns, canonical, None, asked(&settings, columns.len()));
        let (trees, says) = (Vec::new(), Vec::new());
        Self { columns, table, canonical, settings, trees, says, bytes: 0, wanted }
    }

    /// Grows a tree on the rows that `counts` gives more than 0, or on all.
    pub(super) fn grow<C: Criterion>(
        &self,
        criterion: &C,
        counts: Option<&[u32]>,
        control: &Control<'_>,
    ) -> Result<Tree, Error> {
        let count = |row: &u32| counts.map_or(1, |counts| counts[*row as usize]);
        let counts: Vec<u32> = self.canonical.iter().map(count).collect();
        let places = 0..self.canonical.len() as u32;
        let rows = places.filter(|place| counts[*place as usize] > 0).collect();
        let orders = self.table.orders_of(&counts);
        grow(&self.table, rows, orders, criterion, &self.settings, control)
    }

    /// The leaf of every row of the training.
    pub(super) fn leaves(&self, tree: &Tree) -> Vec<u32> {
        let mut leaves = vec![0; self.columns.rows()];
        leaves.par_chunks_mut(PREDICTED).enumerate().for_each(|(index, leaves)| {
            for (row, leaf) in (index * PREDICTED..).zip(leaves) {
                *leaf = tree.leaf_by(|column| self.columns.column(column)[row]);
            }
        });
        leaves
    }

    /// Takes a tree in.
    pub(super) fn take(&mut self, mut tree: Tree, say: f64) -> Result<(), Error> {
        tree.nodes.shrink_to_fit();
        tree.values.shrink_to_fit();
        self.bytes += size_of_val(&*tree.nodes)
            + size_of_val(&*tree.values)
            + size_of_val(&*tree.importances)
            + size_of::<Tree>();
        // Trees are about as large as each other, and a refusal after the last one is late.
        let trees = self.trees.len() + 1;
        let all = (self.bytes / trees).saturating_mul(self.wanted);
        if self.bytes > MOST_BYTES || trees >= TELLING && all > 2 * MOST_BYTES {
            let leaves = self.settings.most_leaves(self.canonical.len());
            let leaf = 2 * size_of::<Node>() + tree.width * size_of::<f64>();
            let what = format!("{} trees of up to {leaves} leaves", self.wanted);
            let bytes = self.wanted.saturating_mul(leaves).saturating_mul(leaf);
            return Err(Error::memory_of("n_estimators", what, bytes.max(self.bytes) as u64));
        }
        self.trees.push(tree);
        self.says.push(say);
        Ok(())
    }

    /// The mean of the trees' importances by what they have to say; the shares sum to 1, or are all
    /// 0.
    pub(super) fn importances(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns.len()];
        for (tree, say) in self.trees.iter().zip(&self.says) {
            for (sum, importance) in sums.iter_mut().zip(&tree.importances) {
                *sum += say * importance;
            }
        }
        let total: f64 = sums.iter().sum();
        if total > 0.0 {
            sums.iter_mut().for_each(|sum| *sum /= total);
        }
        sums
    }
}

/// The weights of the rows in the first round; they sum to 1.
pub(super) fn shares(rows: usize, weights: Option<&[f64]>) -> Vec<f64> {
    let mut shares = weights.map_or_else(|| vec![1.0; rows], <[f64]>::to_vec);
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
    shares
}

/// The sum of `value` over all rows.
pub(super) fn sum(rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    crate::rows::sum(rows, 1, |range, sums| sums[0] += range.map(&value).sum::<f64>())[0]
}

/// Makes the weights sum to 1 again, and none that was above 0 less than the least; whether there
/// is anything left to do that with. Rows that weighed nothing in `first` never do.
pub(super) fn renew(shares: &mut [f64], first: Option<&[f64]>) -> bool {
    let total = sum(shares.len(), |row| shares[row]);
    if !(total > 0.0 && total.is_finite()) {
        return false;
    }
    for (row, share) in shares.iter_mut().enumerate() {
        if first.is_none_or(|first| first[row] > 0.0) {
            *share = (*share / total).max(LEAST_SHARE);
        }
    }
    true
}
