//! Rows of a node to sums by bin, and those to the best split of the node and of its sibling.

use rayon::prelude::*;

use super::binned::{GROUP, PANEL};
use super::grow::Ground;
use super::histogram::{Cells, Parts, Sum, Units, add_group, fill, subtract};
use super::split::{Node, Split, best};
use crate::bins;
use crate::seeded::Generator;

/// Values of a node (rows times columns) from which threads share its rows.
const SHARED_VALUES: usize = 1 << 16;

/// Cells of histograms from which threads share the columns.
const SHARED_CELLS: usize = 8192;

/// Groups of columns from which threads share these and not the rows. A group is counted and
/// searched while its sums are in the cache.
const GROUPS: usize = 8;

/// A node whose split is looked for.
pub(super) struct Wanted<'a, const WORDS: usize> {
    pub(super) facts: &'a Node<WORDS>,
    pub(super) seed: u64,
}

/// Counts `rows` into `counted`, takes that from `rest`, the sums of their parent, and gives the
/// best split of both, as far as they are wanted.
pub(super) fn open<const WORDS: usize>(
    ground: &Ground<'_>,
    (words, units): (&[Sum<WORDS>], &Units),
    rows: &[u32],
    counted: &mut [Cells<WORDS>],
    rest: Option<&mut [Cells<WORDS>]>,
    wanted: &[Option<Wanted<'_, WORDS>>; 2],
    parts: &mut Parts<WORDS>,
) -> [Option<Split<WORDS>>; 2] {
    let columns = counted.len();
    let groups = &ground.binned.groups;
    let values = rows.len() * columns;
    let by_rows = values >= SHARED_VALUES && groups.len() < GROUPS;
    if by_rows {
        fill(ground.binned, words, rows, counted, parts);
    }
    let width = if by_rows { PANEL } else { GROUP };
    let drawn =
        wanted.each_ref().map(|node| node.as_ref().and_then(|node| draw(ground, node.seed)));
    let search = |first: usize, cells: &[Cells<WORDS>], which: usize| {
        let node = wanted[which].as_ref()?;
        let mut chosen: Option<Split<WORDS>> = None;
        for (column, cells) in (first..).zip(cells) {
            if drawn[which].as_ref().is_some_and(|drawn| !drawn[column]) {
                continue;
            }
            let facts = &ground.columns[column];
            let limits = &ground.growth.limits;
            let found = best(column, facts, cells, node.facts, limits, units);
            chosen = better(chosen, found);
        }
        chosen
    };
    let work = |index: usize, counted: &mut [Cells<WORDS>], rest: Option<&mut [Cells<WORDS>]>| {
        if !by_rows {
            counted.fill([[0; WORDS]; 256]);
            add_group(&groups[index], words, rows, counted);
        }
        let first = index * width;
        let of_rest = rest.and_then(|rest| {
            subtract(rest, counted);
            search(first, rest, 1)
        });
        [search(first, counted, 0), of_rest]
    };
    let cells = 512 * columns;
    let is_shared = cells >= SHARED_CELLS || (!by_rows && values >= SHARED_VALUES);
    let chunks = counted.par_chunks_mut(width).enumerate();
    let found: Vec<[Option<Split<WORDS>>; 2]> = match (rest, is_shared) {
        (Some(rest), true) => chunks
            .zip(rest.par_chunks_mut(width))
            .map(|((index, counted), rest)| work(index, counted, Some(rest)))
            .collect(),
        (None, true) => chunks.map(|(index, counted)| work(index, counted, None)).collect(),
        (Some(rest), false) => counted
            .chunks_mut(width)
            .zip(rest.chunks_mut(width))
            .enumerate()
            .map(|(index, (counted, rest))| work(index, counted, Some(rest)))
            .collect(),
        (None, false) => counted
            .chunks_mut(width)
            .enumerate()
            .map(|(index, counted)| work(index, counted, None))
            .collect(),
    };
    found.into_iter().fold([None, None], |[one, other], [first, second]| {
        [better(one, first), better(other, second)]
    })
}

/// The split with the greater gain, the first of equal ones.
fn better<const WORDS: usize>(
    one: Option<Split<WORDS>>,
    other: Option<Split<WORDS>>,
) -> Option<Split<WORDS>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.gain > one.gain { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Which columns a node may be split by; `None` for all.
fn draw(ground: &Ground<'_>, seed: u64) -> Option<Vec<bool>> {
    let count = ground.columns.len();
    let drawn = ground.growth.max_features;
    (drawn < count).then(|| {
        let mut is_drawn = vec![false; count];
        for column in bins::draw(count, drawn, &mut Generator::new(seed)) {
            is_drawn[column as usize] = true;
        }
        is_drawn
    })
}
