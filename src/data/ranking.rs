//! Turns the scores of rows into their order, from the highest down: all that a metric of ranking
//! needs, in a byte a row.

use std::ops::Range;

use rayon::prelude::*;

/// On which side a row is when one class is told from the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    OfClass,
    Rest,
}

/// The rows of a class and the rest, from the highest score down. Rows of weight 0 are left out.
///
/// Its bits depend neither on the order of the rows nor on the number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// One a row: whether it is of the class, and whether the next row has another score.
    marks: Vec<u8>,
    /// One a row, in the same order; none where all rows count the same.
    weights: Option<Vec<f64>>,
}

/// What the rows of one score weigh; without weights, how many they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    pub of_class: f64,
    pub rest: f64,
}

const OF_CLASS: u8 = 1;
const LAST_OF_TIE: u8 = 2;

impl Ranking {
    /// Ranks rows by a finite score each.
    pub fn new(rows: usize, entry: impl Fn(usize) -> (f64, Side) + Sync) -> Self {
        let (marks, _) = ranked(rows, |row| {
            let (score, side) = entry(row);
            Some((score, side, descending(score)))
        });
        Self { marks, weights: None }
    }

    /// Ranks rows by a finite score each, where a row counts as much as its weight.
    pub fn weighted(
        rows: usize,
        entry: impl Fn(usize) -> (f64, Side) + Sync,
        weight: impl Fn(usize) -> f64 + Sync,
    ) -> Self {
        let (marks, weights) = ranked(rows, |row| {
            let weight = weight(row);
            (weight > 0.0).then(|| {
                let (score, side) = entry(row);
                // Sorting by the weight as well fixes the order in which those of a tie are summed.
                (score, side, (descending(score), weight.to_bits()))
            })
        });
        Self { marks, weights: Some(weights) }
    }

    /// Shows each distinct score's rows, from the highest score down.
    pub fn each_tie(&self, mut visit: impl FnMut(Tie)) {
        match &self.weights {
            None => visit_ties(&self.marks, std::iter::repeat(1.0), &mut visit),
            Some(weights) => visit_ties(&self.marks, weights.iter().copied(), &mut visit),
        }
    }

    /// How many of the rows are of the class and of the rest, whatever they weigh.
    pub fn counts(&self) -> (usize, usize) {
        let of_class = self.marks.iter().map(|mark| usize::from(mark & OF_CLASS)).sum();
        (of_class, self.marks.len() - of_class)
    }

    /// How much memory it holds.
    pub fn bytes(&self) -> usize {
        self.marks.len() + self.weights.as_ref().map_or(0, |weights| size_of_val(&weights[..]))
    }
}

fn visit_ties(marks: &[u8], weights: impl Iterator<Item = f64>, visit: &mut impl FnMut(Tie)) {
    let mut sides = [0.0, 0.0];
    for (mark, weight) in marks.iter().zip(weights) {
        sides[usize::from(mark & OF_CLASS)] += weight;
        if mark & LAST_OF_TIE != 0 {
            visit(Tie { of_class: sides[1], rest: sides[0] });
            sides = [0.0, 0.0];
        }
    }
}

/// A number that is the smaller, the higher the score is, and the same for 0 and -0.
fn descending(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    let ascending = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    !ascending
}

/// What is sorted: a score, and what goes with it.
trait Item: Copy + Ord + Send {
    fn score(self) -> u64;
    fn weight(self) -> Option<f64>;
}

impl Item for u64 {
    fn score(self) -> u64 {
        self
    }

    fn weight(self) -> Option<f64> {
        None
    }
}

impl Item for (u64, u64) {
    fn score(self) -> u64 {
        self.0
    }

    fn weight(self) -> Option<f64> {
        Some(f64::from_bits(self.1))
    }
}

/// The rows of a range of scores: of the class, and of the rest.
#[derive(Clone)]
struct Bucket<I> {
    of_class: Vec<I>,
    rest: Vec<I>,
}

impl<I> Default for Bucket<I> {
    fn default() -> Self {
        Self { of_class: Vec::new(), rest: Vec::new() }
    }
}

/// How many rows a bucket should get, so that sorting it stays in the cache.
const ROWS_OF_BUCKET: usize = 1 << 15;
const MOST_BUCKETS: usize = 256;
/// How many parts of the rows are put into buckets side by side.
const PARTS: usize = 8;
const LEAST_ROWS_OF_PART: usize = 1 << 16;

/// The marks of the ranked rows, and their weights where the items have some.
///
/// Scores are put into buckets of equal width between 0 and 1 first, which are sorted side by side.
fn ranked<I: Item>(
    rows: usize,
    entry: impl Fn(usize) -> Option<(f64, Side, I)> + Sync,
) -> (Vec<u8>, Vec<f64>) {
    let count = (rows / ROWS_OF_BUCKET).clamp(1, MOST_BUCKETS);
    let fill = |range: Range<usize>| {
        let mut buckets: Vec<Bucket<I>> = vec![Bucket::default(); count];
        for (score, side, item) in range.filter_map(&entry) {
            // Scores below 0 and above 1 are in the outermost buckets: the cast saturates.
            let bucket = &mut buckets[((score * count as f64) as usize).min(count - 1)];
            match side {
                Side::OfClass => bucket.of_class.push(item),
                Side::Rest => bucket.rest.push(item),
            }
        }
        buckets
    };
    let part = rows.div_ceil(PARTS).max(LEAST_ROWS_OF_PART);
    let parts: Vec<Vec<Bucket<I>>> = (0..rows.div_ceil(part))
        .into_par_iter()
        .map(|index| fill(index * part..rows.min((index + 1) * part)))
        .collect();
    let mut pieces: Vec<Vec<Bucket<I>>> = (0..count).map(|_| Vec::new()).collect();
    for part in parts {
        for (bucket, piece) in pieces.iter_mut().zip(part) {
            bucket.push(piece);
        }
    }
    let merged: Vec<(Vec<u8>, Vec<f64>)> = pieces.into_par_iter().rev().map(merge).collect();
    let mut marks = Vec::with_capacity(merged.iter().map(|(marks, _)| marks.len()).sum());
    let mut weights = Vec::with_capacity(merged.iter().map(|(_, weights)| weights.len()).sum());
    for (of_bucket, of_marks) in merged {
        marks.extend(of_bucket);
        weights.extend(of_marks);
    }
    (marks, weights)
}

/// The pieces of one bucket as ranked rows.
fn merge<I: Item>(pieces: Vec<Bucket<I>>) -> (Vec<u8>, Vec<f64>) {
    let (of_class, rest): (Vec<_>, Vec<_>) =
        pieces.into_iter().map(|piece| (piece.of_class, piece.rest)).unzip();
    let (mut of_class, mut rest) = (of_class.concat(), rest.concat());
    of_class.sort_unstable();
    rest.sort_unstable();
    let mut marks = Vec::with_capacity(of_class.len() + rest.len());
    let mut weights = Vec::new();
    let (mut own, mut others) = (&of_class[..], &rest[..]);
    while let Some(score) = own.first().into_iter().chain(others.first()).map(|i| i.score()).min() {
        let mut take = |items: &mut &[I], mark: u8| {
            while let Some((item, after)) = items.split_first().filter(|(i, _)| i.score() == score)
            {
                marks.push(mark);
                weights.extend(item.weight());
                *items = after;
            }
        };
        take(&mut own, OF_CLASS);
        take(&mut others, 0);
        if let Some(last) = marks.last_mut() {
            *last |= LAST_OF_TIE;
        }
    }
    (marks, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ties(ranking: &Ranking) -> Vec<(f64, f64)> {
        let mut ties = Vec::new();
        ranking.each_tie(|tie| ties.push((tie.of_class, tie.rest)));
        ties
    }

    fn side(of_class: bool) -> Side {
        if of_class { Side::OfClass } else { Side::Rest }
    }

    #[test]
    fn equal_scores_stand_together_from_the_highest_down() {
        let scores = [0.5, -0.0, 2.0, 0.5, 0.0, -3.0, 0.5];
        let of_class = [true, true, false, false, false, true, true];
        let entry = |row: usize| (scores[row], side(of_class[row]));
        let expected = [(0.0, 1.0), (2.0, 1.0), (1.0, 1.0), (1.0, 0.0)];
        assert_eq!(ties(&Ranking::new(7, entry)), expected);
        let weights = [0.5, 1.0, 2.0, 4.0, 0.0, 0.0, 8.0];
        let weighted = Ranking::weighted(7, entry, |row| weights[row]);
        assert_eq!(ties(&weighted), [(0.0, 2.0), (8.5, 4.0), (1.0, 0.0)]);
        assert_eq!((weighted.counts(), weighted.bytes()), ((3, 2), 5 * 9));
        assert_eq!(ties(&Ranking::new(0, entry)), []);
    }

    #[test]
    fn many_rows_in_any_order_rank_as_a_plain_sort_does() {
        let rows = 5 * LEAST_ROWS_OF_PART / 2;
        let scores: Vec<f64> =
            (0..rows as u64).map(|i| (i * 48271 % 99_991) as f64 / 9e4 - 0.05).collect();
        let entry = |row: usize| (scores[row], side(row.is_multiple_of(3)));
        let mut sorted: Vec<(f64, bool)> =
            (0..rows).map(|row| (scores[row], row.is_multiple_of(3))).collect();
        sorted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let expected: Vec<(f64, f64)> = sorted
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|tied| {
                let of_class = tied.iter().filter(|(_, of_class)| *of_class).count();
                (of_class as f64, (tied.len() - of_class) as f64)
            })
            .collect();
        let ranking = Ranking::new(rows, entry);
        assert_eq!(ties(&ranking), expected);
        assert_eq!(Ranking::new(rows, |row| entry(rows - 1 - row)), ranking);
        let weight = |row: usize| (row % 5) as f64 * 0.1;
        let weighted = Ranking::weighted(rows, entry, weight);
        let turned = |row: usize| rows - 1 - row;
        let again = Ranking::weighted(rows, |row| entry(turned(row)), |row| weight(turned(row)));
        assert_eq!(again, weighted);
    }
}
