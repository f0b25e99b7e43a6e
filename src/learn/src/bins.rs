//! Columns of numbers, codes and gaps to bins: one byte a value.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::Error;
use crate::seeded::Generator;

/// The bin of missing values, and of categories that the training rows did not have.
pub(crate) const MISSING: u8 = 255;

/// Rows up to which the bins are found from all of them, as in scikit-learn.
const SAMPLED: usize = 200_000;

/// How the values of one column become bins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ColumnBins {
    /// The bin of a value is the number of thresholds below it; rising.
    Numbers(Vec<f64>),
    /// The bin of every code, [`MISSING`] for those that share a bin with missing values.
    Categories { bins: Vec<u8>, used: usize },
}

impl ColumnBins {
    /// Bins besides that of missing values.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(thresholds) => thresholds.len() + 1,
            Self::Categories { used, .. } => *used,
        }
    }

    pub(crate) fn is_categories(&self) -> bool {
        matches!(self, Self::Categories { .. })
    }

    /// Puts values into bins, `stride` bytes apart.
    pub(crate) fn fill(&self, values: impl Iterator<Item = f64>, into: &mut [u8], stride: usize) {
        let places = into.iter_mut().step_by(stride);
        match self {
            Self::Numbers(thresholds) => {
                let mut padded = [f64::INFINITY; 256];
                padded[..thresholds.len()].copy_from_slice(thresholds);
                for (place, value) in places.zip(values) {
                    *place = if value.is_nan() { MISSING } else { search(&padded, value) };
                }
            }
            Self::Categories { bins, .. } => {
                for (place, value) in places.zip(values) {
                    let code = if value >= 0.0 { value as usize } else { usize::MAX };
                    *place = bins.get(code).copied().unwrap_or(MISSING);
                }
            }
        }
    }
}

/// The number of thresholds below a value, without a branch to mispredict.
fn search(thresholds: &[f64; 256], value: f64) -> u8 {
    let mut below = 0_usize;
    for step in [128, 64, 32, 16, 8, 4, 2, 1] {
        below += step * usize::from(thresholds[(below + step - 1) & 255] < value);
    }
    below as u8
}

/// How rows become bins, learnt from the training rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binning {
    pub(crate) columns: Vec<ColumnBins>,
}

/// A column as the bins see it.
pub(crate) fn column<'a>(x: &ArrayView2<'a, f64>, j: usize) -> ArrayView1<'a, f64> {
    (*x).index_axis_move(Axis(1), j)
}

impl Binning {
    /// Finds the bins of `rows` of `x`, each as often as it weighs. `categories` is the number of
    /// codes of every column, 0 for numbers; it may be shorter than the columns.
    pub(crate) fn new(
        x: ArrayView2<'_, f64>,
        rows: &[u32],
        weights: Option<&[f64]>,
        categories: &[usize],
        max_bins: usize,
        seed: u64,
    ) -> Self {
        let sampled = sample(rows, seed);
        let columns = (0..x.ncols())
            .into_par_iter()
            .map(|j| {
                let values = column(&x, j);
                match categories.get(j).copied().unwrap_or(0) {
                    0 => numbers(values, &sampled, weights, max_bins),
                    codes => frequent(values, rows, weights, codes, max_bins),
                }
            })
            .collect();
        Self { columns }
    }

    /// The bins of consecutive rows of `x`, row after row.
    pub(crate) fn block(&self, x: ArrayView2<'_, f64>, into: &mut [u8]) {
        let stride = self.columns.len();
        for (j, bins) in self.columns.iter().enumerate() {
            let values = column(&x, j);
            match values.as_slice() {
                Some(values) => bins.fill(values.iter().copied(), &mut into[j..], stride),
                None => bins.fill(values.iter().copied(), &mut into[j..], stride),
            }
        }
    }
}

/// Whether the values of every column are numbers or gaps.
///
/// # Errors
/// [`Error::NotFinite`] for the first column with an infinity.
pub(crate) fn check_values(x: ArrayView2<'_, f64>) -> Result<(), Error> {
    let infinite = |j: usize| {
        let values = column(&x, j);
        let any = |values: &[f64]| {
            values
                .chunks(1024)
                .any(|block| block.iter().fold(false, |any, v| any | v.is_infinite()))
        };
        match values.as_slice() {
            Some(values) => any(values),
            None => values.iter().any(|value| value.is_infinite()),
        }
    };
    match (0..x.ncols()).into_par_iter().find_first(|&j| infinite(j)) {
        Some(column) => Err(Error::NotFinite { column }),
        None => Ok(()),
    }
}

/// At most [`SAMPLED`] of the rows, in their order, every row equally likely.
fn sample(rows: &[u32], seed: u64) -> Vec<u32> {
    draw(rows.len(), SAMPLED, &mut Generator::new(seed)).map(|place| rows[place as usize]).collect()
}

/// `wanted` of the numbers below `count` in rising order, or all where there are fewer.
pub(crate) fn draw(
    count: usize,
    wanted: usize,
    generator: &mut Generator,
) -> impl Iterator<Item = u32> {
    let mut missing = wanted.min(count) as u64;
    (0..count).filter_map(move |place| {
        let left = (count - place) as u64;
        let taken = missing == left || (missing > 0 && generator.below(left) < missing);
        missing -= u64::from(taken);
        taken.then_some(place as u32)
    })
}

impl ColumnBins {
    /// Bins of the numbers of `rows`, each as often as it weighs: a bin for each distinct value
    /// where they are few, else between quantiles.
    pub(crate) fn numbers(
        values: ArrayView1<'_, f64>,
        rows: &[u32],
        weights: Option<&[f64]>,
        max_bins: usize,
    ) -> Self {
        numbers(values, rows, weights, max_bins)
    }
}

/// Thresholds between all distinct values where they are few, else at quantiles.
fn numbers(
    values: ArrayView1<'_, f64>,
    rows: &[u32],
    weights: Option<&[f64]>,
    max_bins: usize,
) -> ColumnBins {
    let present = rows.iter().filter(|row| !values[**row as usize].is_nan());
    let mut thresholds = match weights {
        None => {
            // 0 is added so that -0 and 0 are one value.
            let mut sorted: Vec<f64> = present.map(|&row| values[row as usize] + 0.0).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            between(sorted.chunk_by(|a, b| a == b).map(|equal| equal[0]), max_bins)
                .unwrap_or_else(|| quantiles(&sorted, |_| 1.0, max_bins))
        }
        Some(weights) => {
            let mut pairs: Vec<(f64, f64)> =
                present.map(|&row| (values[row as usize] + 0.0, weights[row as usize])).collect();
            pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let sorted: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
            between(sorted.chunk_by(|a, b| a == b).map(|equal| equal[0]), max_bins)
                .unwrap_or_else(|| quantiles(&sorted, |place| pairs[place].1, max_bins))
        }
    };
    thresholds.dedup();
    ColumnBins::Numbers(thresholds)
}

/// The midpoints of at most `max_bins` distinct values.
fn between(distinct: impl Iterator<Item = f64>, max_bins: usize) -> Option<Vec<f64>> {
    let distinct: Vec<f64> = distinct.take(max_bins + 1).collect();
    (distinct.len() <= max_bins)
        .then(|| distinct.windows(2).map(|pair| midpoint(pair[0], pair[1])).collect())
}

/// A number from `low` (included) to a greater `high` (excluded).
fn midpoint(low: f64, high: f64) -> f64 {
    let middle =
        if (high - low).is_finite() { low + (high - low) / 2.0 } else { low / 2.0 + high / 2.0 };
    if low <= middle && middle < high { middle } else { low }
}

/// The quantiles of sorted values at 1 / `max_bins`, 2 / `max_bins`, …: the least value that this
/// share of the weight does not exceed, or the midpoint to the next where the share ends there.
fn quantiles(sorted: &[f64], weight: impl Fn(usize) -> f64, max_bins: usize) -> Vec<f64> {
    let total: f64 = (0..sorted.len()).map(&weight).sum();
    let (mut place, mut passed) = (0, weight(0));
    (1..max_bins)
        .map(|index| {
            // Both sides are multiplied out, so that whole weights are compared exactly.
            let wanted = index as f64 * total;
            while passed * (max_bins as f64) < wanted && place + 1 < sorted.len() {
                place += 1;
                passed += weight(place);
            }
            match sorted.get(place + 1) {
                Some(&next) if passed * max_bins as f64 == wanted && sorted[place] < next => {
                    midpoint(sorted[place], next)
                }
                _ => sorted[place],
            }
        })
        .collect()
}

/// A bin for each of the categories with the most weight; the lower code first of equal ones.
fn frequent(
    values: ArrayView1<'_, f64>,
    rows: &[u32],
    weights: Option<&[f64]>,
    codes: usize,
    max_bins: usize,
) -> ColumnBins {
    let mut totals = vec![0.0; codes];
    for &row in rows {
        let value = values[row as usize];
        if value >= 0.0 && (value as usize) < codes {
            totals[value as usize] += weights.map_or(1.0, |weights| weights[row as usize]);
        }
    }
    let mut order: Vec<usize> = (0..codes).filter(|&code| totals[code] > 0.0).collect();
    order.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]).then(a.cmp(&b)));
    order.truncate(max_bins);
    order.sort_unstable();
    let mut bins = vec![MISSING; codes];
    for (bin, &code) in order.iter().enumerate() {
        bins[code] = bin as u8;
    }
    ColumnBins::Categories { bins, used: order.len() }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn thresholds(values: &[f64], weights: Option<&[f64]>, max_bins: usize) -> Vec<f64> {
        let rows: Vec<u32> = (0..values.len() as u32).collect();
        match numbers(values.into(), &rows, weights, max_bins) {
            ColumnBins::Numbers(thresholds) => thresholds,
            ColumnBins::Categories { .. } => panic!("numbers"),
        }
    }

    #[test]
    fn few_values_are_cut_at_their_midpoints() {
        assert_eq!(thresholds(&[3.0, 1.0, 1.0, f64::NAN, 2.0], None, 3), [1.5, 2.5]);
        assert_eq!(thresholds(&[-0.0, 0.0], None, 3), []);
        assert_eq!(thresholds(&[f64::NAN], None, 3), []);
        let next = 1.0_f64.next_up();
        assert_eq!(thresholds(&[1.0, next], None, 3), [1.0]);
        assert_eq!(thresholds(&[-f64::MAX, f64::MAX], None, 3), [0.0]);
    }

    /// scikit-learn 1.9.1, `_find_binning_thresholds(np.arange(10.) ** 2, 4)` and the same with
    /// `sample_weight=[1, 2, 3, 1, 2, 3, 1, 2, 3, 1]`.
    #[test]
    fn many_values_are_cut_at_quantiles() {
        let squares: Vec<f64> = (0..10).map(|i| f64::from(i * i)).collect();
        assert_eq!(thresholds(&squares, None, 4), [4.0, 20.5, 49.0]);
        let weights = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0];
        assert_eq!(thresholds(&squares, Some(&weights), 4), [4.0, 25.0, 49.0]);
        let repeated: Vec<f64> =
            (0..10).flat_map(|i| vec![squares[i]; weights[i] as usize]).collect();
        assert_eq!(thresholds(&squares, Some(&weights), 4), thresholds(&repeated, None, 4));
    }

    #[test]
    fn values_at_a_threshold_are_below_it() {
        let column = ColumnBins::Numbers(vec![1.5, 2.5]);
        let mut bins = [0; 5];
        column.fill([1.5, 1.6, f64::NAN, 9.0, -9.0].into_iter(), &mut bins, 1);
        assert_eq!(bins, [0, 1, MISSING, 2, 0]);
    }

    #[test]
    fn rare_and_unknown_categories_are_missing() {
        let values = array![0.0, 3.0, 3.0, 1.0, 1.0, f64::NAN, 7.0];
        let column = frequent(values.view(), &[0, 1, 2, 3, 4, 5], None, 5, 2);
        let mut bins = [0; 7];
        column.fill(values.into_iter(), &mut bins, 1);
        assert_eq!(bins, [MISSING, 1, 1, 0, 0, MISSING, MISSING]);
    }

    #[test]
    fn all_255_thresholds_can_be_found() {
        let values: Vec<f64> = (0..255).map(f64::from).collect();
        let cuts = thresholds(&values, None, 255);
        assert_eq!(cuts.len(), 254);
        let mut padded = [f64::INFINITY; 256];
        padded[..254].copy_from_slice(&cuts);
        for (bin, value) in values.iter().enumerate() {
            assert_eq!(usize::from(search(&padded, *value)), bin);
        }
    }

    #[test]
    fn draws_are_rising_and_of_the_wanted_number() {
        let drawn: Vec<u32> = draw(100, 30, &mut Generator::new(3)).collect();
        assert_eq!(drawn.len(), 30);
        assert!(drawn.is_sorted_by(|a, b| a < b));
        assert_eq!(draw(5, 30, &mut Generator::new(3)).count(), 5);
    }
}
