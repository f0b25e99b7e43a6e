//! What the steps on columns of numbers share: order statistics of the training rows, and a fitted
//! step that replaces every number on its own.

use super::Apply;
use crate::data::{Column, Values};

/// The values of the training rows that are not missing, sorted; none for what holds no numbers.
pub fn sorted(column: &Column, train_rows: usize) -> Vec<f64> {
    let Values::Number(values) = &column.values else { return Vec::new() };
    let mut present: Vec<f64> =
        values[..train_rows].iter().copied().filter(|value| !value.is_nan()).collect();
    present.sort_unstable_by(f64::total_cmp);
    present
}

/// The value below which this share of the sorted values lies, on the straight line between its
/// two neighbours: numpy's `linear`.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let below = (at as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = at - below as f64;
    if low == high || part <= 0.0 {
        return Some(low);
    }
    let gap = high - low;
    Some(match (gap.is_finite(), part < 0.5) {
        (true, true) => low + gap * part,
        (true, false) => high - gap * (1.0 - part),
        (false, _) => low * (1.0 - part) + high * part,
    })
}

/// What to divide by: the scale, or 1 where it is zero or rounding error beside values of this size,
/// so that a constant column never gives NaN; also where the scale is not finite.
pub fn scale_or_one(scale: f64, size: f64) -> f64 {
    if scale.is_finite() && scale > 10.0 * f64::EPSILON * size { scale } else { 1.0 }
}

/// A fitted step that turns every number of a column into another one by what it learned of the
/// column. Missing values are handed over as NaN; columns of anything else stay as they are.
pub struct EachNumber<T> {
    pub learned: Vec<T>,
    pub replace: fn(&T, f64) -> f64,
}

impl<T> Apply for EachNumber<T> {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        let replace = self.replace;
        columns
            .into_iter()
            .zip(self.learned)
            .map(|(mut column, learned)| {
                if let Values::Number(values) = &mut column.values {
                    values.iter_mut().for_each(|value| *value = replace(&learned, *value));
                }
                vec![column]
            })
            .collect()
    }
}

/// Fits a step on columns of numbers and gives back what it makes of them.
#[cfg(test)]
pub fn transformed(
    step: &dyn super::Transform,
    columns: &[&[f64]],
    train_rows: usize,
) -> Vec<(String, Vec<f64>)> {
    let names = ["a", "b", "c", "d", "e"];
    let columns: Vec<Column> = columns
        .iter()
        .zip(names)
        .map(|(values, name)| Column::number(name, values.to_vec()))
        .collect();
    let picked: Vec<&Column> = columns.iter().collect();
    let fitted = step
        .fit(&picked, &super::Training::unlabelled(train_rows))
        .expect("the step can be fitted");
    let count = columns.len();
    let made = fitted.apply.apply(columns);
    assert_eq!(made.len(), count, "one entry for each column");
    made.into_iter()
        .flatten()
        .map(|column| match column.values {
            Values::Number(values) => (column.name.to_string(), values),
            other => panic!("numbers stay numbers, got {other:?}"),
        })
        .collect()
}

/// The same for one column.
#[cfg(test)]
pub fn transformed_one(step: &dyn super::Transform, values: &[f64], train_rows: usize) -> Vec<f64> {
    transformed(step, &[values], train_rows).remove(0).1
}

/// Compares with values from elsewhere, up to rounding.
#[cfg(test)]
pub fn assert_close(made: &[f64], expected: &[f64]) {
    let near = |a: &f64, b: &f64| a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0);
    let same = made.len() == expected.len() && made.iter().zip(expected).all(|(a, b)| near(a, b));
    assert!(same, "{made:?} is not {expected:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `numpy.quantile`, method `linear`.
    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = [1.0, 2.0, 4.0, 8.0, 100.0];
        for (share, expected) in [(0.0, 1.0), (0.1, 1.4), (0.5, 4.0), (0.8, 26.4), (1.0, 100.0)] {
            assert_close(&[quantile(&values, share).unwrap()], &[expected]);
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[-f64::MAX, f64::MAX], 0.5), Some(0.0));
    }
}
