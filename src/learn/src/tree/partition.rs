//! The rows of a node to those of its children, in their order.

use super::criterion::MARK;

/// Moves the rows of the left side (1) to the front; both sides keep their order.
pub(super) fn partition(rows: &mut [u32], scratch: &mut Vec<u32>, side: impl Fn(u32) -> u8) {
    scratch.resize(scratch.len().max(rows.len()), 0);
    let (mut lefts, mut rights) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place];
        let left = usize::from(side(row));
        // Both are written, so that there is no branch to mispredict; one of them counts.
        rows[lefts] = row;
        scratch[rights] = row;
        lefts += left;
        rights += 1 - left;
    }
    rows[lefts..].copy_from_slice(&scratch[..rights]);
}

/// As [`partition`], for rows with a [`MARK`] where values change: they also change where the rows
/// between went to the other side.
pub(super) fn partition_marked(rows: &mut [u32], scratch: &mut Vec<u32>, side: &[u8]) {
    scratch.resize(scratch.len().max(rows.len()), 0);
    let (mut lefts, mut rights) = (0, 0);
    let (mut left_mark, mut right_mark) = (0, 0);
    for place in 0..rows.len() {
        let row = rows[place] & !MARK;
        let mark = rows[place] & MARK;
        let left = side[row as usize];
        left_mark |= mark;
        right_mark |= mark;
        rows[lefts] = row | left_mark;
        scratch[rights] = row | right_mark;
        // All bits where the row goes right, none where it goes left.
        let goes_right = u32::from(left).wrapping_sub(1);
        left_mark &= goes_right;
        right_mark &= !goes_right;
        lefts += usize::from(left);
        rights += 1 - usize::from(left);
    }
    rows[lefts..].copy_from_slice(&scratch[..rights]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_stand_where_values_change_on_both_sides(
            pairs in proptest::collection::vec((0_u32..6, 0_u8..2), 1..60)
        ) {
            let side: Vec<u8> = pairs.iter().map(|pair| pair.1).collect();
            let mut sorted: Vec<u32> = (0..pairs.len() as u32).collect();
            sorted.sort_by_key(|row| pairs[*row as usize].0);
            let value = |row: u32| pairs[(row & !MARK) as usize].0;
            let marked = |rows: &[u32]| -> Vec<u32> {
                let at = |place: usize| {
                    let changes = place > 0 && value(rows[place - 1]) != value(rows[place]);
                    rows[place] & !MARK | if changes { MARK } else { 0 }
                };
                (0..rows.len()).map(at).collect()
            };
            let mut rows = marked(&sorted);
            partition_marked(&mut rows, &mut Vec::new(), &side);
            let lefts = side.iter().filter(|side| **side == 1).count();
            for (found, wanted) in [(&rows[..lefts], 1), (&rows[lefts..], 0)] {
                let of_side = |row: &u32| side[*row as usize] == wanted;
                let expected: Vec<u32> = sorted.iter().copied().filter(of_side).collect();
                // Of the first row of a stretch the mark means nothing.
                let expected = marked(&expected);
                prop_assert_eq!(found.get(1..), expected.get(1..));
                prop_assert_eq!(found.first().map(|row| row & !MARK), expected.first().copied());
            }
        }
    }
}
