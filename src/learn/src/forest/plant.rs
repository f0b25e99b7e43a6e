//! Grows the trees of a forest on one table.

use std::mem::size_of;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::bag::Bag;
use super::votes::Forest;
use crate::input::Columns;
use crate::seeded::mix;
use crate::tree::{Criterion, Node, Settings, Sharing, Table, Tree, asked, grow};
use crate::{Control, Error};

/// The most bytes that the trees of a forest may take.
const MOST_BYTES: u64 = 4 << 30;

/// What all trees of a forest share.
pub(super) struct Plot<'a> {
    pub(super) columns: &'a Columns<'a>,
    /// See [`canonical_order`](crate::tree::canonical_order).
    pub(super) canonical: &'a [u32],
    /// By row; bins hold about as much of them as each other.
    pub(super) weights: Option<&'a [f64]>,
    /// Without one, every tree grows on all rows.
    pub(super) bag: Option<&'a Bag>,
    pub(super) trees: usize,
    pub(super) settings: &'a Settings,
}

impl Plot<'_> {
    /// The seed of a tree.
    pub(super) fn seed(&self, tree: usize) -> u64 {
        mix(self.settings.seed.wrapping_add((tree as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// Grows all trees. `criterion` is made anew for each of them, from how often its rows were
    /// drawn.
    pub(super) fn plant<C: Criterion>(
        &self,
        criterion: impl Fn(Option<&[u32]>) -> C + Sync,
        control: &Control<'_>,
    ) -> Result<Forest, Error> {
        control.poll()?;
        let asked = asked(self.settings, self.columns.len());
        let table = Table::new(self.columns, self.canonical, self.weights, asked);
        let shared = rayon::current_num_threads() > self.trees;
        let taken = AtomicU64::new(0);
        let trees: Result<Vec<Tree>, Error> = (0..self.trees)
            .into_par_iter()
            .with_max_len(1)
            .map(|index| {
                control.poll()?;
                let seed = self.seed(index);
                let counts = self.bag.map(|bag| bag.draw(seed, control)).transpose()?;
                let count = |place: usize| match &counts {
                    Some(counts) => counts[self.canonical[place] as usize],
                    None => 1,
                };
                let counts_of_places: Vec<u32> = (0..self.canonical.len()).map(count).collect();
                let rows: Vec<u32> = (0..self.canonical.len() as u32)
                    .filter(|place| counts_of_places[*place as usize] > 0)
                    .collect();
                let settings = Settings {
                    seed,
                    sharing: if shared { Sharing::Columns } else { Sharing::Nothing },
                    ..self.settings.clone()
                };
                let orders = table.orders_of(&counts_of_places);
                drop(counts_of_places);
                let criterion = criterion(counts.as_deref());
                let mut tree = grow(&table, rows, orders, &criterion, &settings, control)?;
                tree.nodes.shrink_to_fit();
                tree.values.shrink_to_fit();
                let bytes = size_of_val(&*tree.nodes)
                    + size_of_val(&*tree.values)
                    + size_of_val(&*tree.importances)
                    + size_of::<Tree>();
                // Trees are about as large as each other, and a refusal after the last one is late.
                let like_this = (bytes as u64).saturating_mul(self.trees as u64);
                let taken = taken.fetch_add(bytes as u64, Ordering::Relaxed);
                if like_this > 2 * MOST_BYTES || taken > MOST_BYTES {
                    return Err(self.too_large(tree.width));
                }
                Ok(tree)
            })
            .collect();
        Ok(Forest::new(trees?))
    }

    /// The error for trees that do not fit; all of it follows from the parameters and the rows.
    fn too_large(&self, width: usize) -> Error {
        let leaves = self.settings.most_leaves(self.canonical.len());
        let bytes = 2 * size_of::<Node>() + width * size_of::<f64>();
        let what = format!("{} trees of up to {leaves} leaves", self.trees);
        let bytes = (self.trees as u64).saturating_mul(leaves as u64).saturating_mul(bytes as u64);
        Error::memory_of("n_estimators", what, bytes)
    }
}
