//! Nodes with their histograms to the best split of each.

use rayon::prelude::*;

use super::grow::{Ground, Open};
use super::histogram::Units;
use super::split::{Split, best};
use crate::seeded::Generator;

/// Cells of histograms from which threads share the search for the best split.
const SHARED_CELLS: usize = 8192;

/// The best split of every node that has a histogram.
pub(super) fn search<const WORDS: usize, const NODES: usize>(
    ground: &Ground<'_>,
    units: &Units,
    opened: &[Open<WORDS>; NODES],
) -> [Option<Split<WORDS>>; NODES] {
    let drawn: Vec<(usize, usize)> = opened
        .iter()
        .enumerate()
        .filter(|(_, open)| open.histogram.is_some())
        .flat_map(|(node, open)| {
            draw(ground, open.seed).into_iter().map(move |column| (node, column))
        })
        .collect();
    let of = |&(node, column): &(usize, usize)| {
        let open = &opened[node];
        let cells = open.histogram.as_ref()?.get(column)?;
        let facts = &ground.columns[column];
        best(column, facts, cells, &open.facts, &ground.growth.limits, units)
    };
    let cells: usize = drawn.iter().map(|(_, column)| ground.columns[*column].bins.len()).sum();
    let found: Vec<Option<Split<WORDS>>> = if cells >= SHARED_CELLS {
        drawn.par_iter().map(of).collect()
    } else {
        drawn.iter().map(of).collect()
    };
    let mut chosen: [Option<Split<WORDS>>; NODES] = [const { None }; NODES];
    for ((node, _), split) in drawn.iter().zip(found) {
        let Some(split) = split else { continue };
        let best = &mut chosen[*node];
        if best.as_ref().is_none_or(|best| split.gain > best.gain) {
            *best = Some(split);
        }
    }
    chosen
}

/// The columns that a node may be split by, in rising order.
fn draw(ground: &Ground<'_>, seed: u64) -> Vec<usize> {
    let count = ground.columns.len();
    let drawn = ground.growth.max_features;
    if drawn >= count {
        return (0..count).collect();
    }
    let mut generator = Generator::new(seed);
    super::bins::draw(count, drawn, &mut generator).map(|column| column as usize).collect()
}
