//! What the metrics of numbers share: checked pairs of truth and prediction, and exact sums.

use crate::data::{Judged, Prediction, Truth, Undefined, Value};

/// True and predicted numbers, one a row, all finite.
pub struct Pairs<'a> {
    pub truth: &'a [f64],
    pub predicted: &'a [f64],
}

impl Pairs<'_> {
    /// How many rows there are; at least one.
    pub fn rows(&self) -> usize {
        self.truth.len()
    }

    /// Prediction minus truth, row by row.
    pub fn errors(&self) -> impl Iterator<Item = f64> {
        self.truth.iter().zip(self.predicted).map(|(truth, predicted)| predicted - truth)
    }
}

/// The numbers of a regression; anything else was refused by `bind`.
///
/// # Errors
/// No rows, a prediction of another task, or a number that is not finite.
pub fn pairs<'a>(judged: &Judged<'a>) -> Result<Pairs<'a>, Undefined> {
    let (Truth::Values(truth), Prediction::Values(predicted)) = (judged.truth, judged.prediction)
    else {
        return Err(Undefined::ByData("there are no numbers to judge".to_owned()));
    };
    if truth.is_empty() {
        return Err(Undefined::ByData("there are no rows to judge".to_owned()));
    }
    all_finite(truth, "target")?;
    all_finite(predicted, "prediction")?;
    Ok(Pairs { truth, predicted })
}

/// Checks one number a row.
///
/// # Errors
/// The first that is NaN or infinite, counted from 1.
pub fn all_finite(values: &[f64], what: &str) -> Result<(), Undefined> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(Undefined::ByData(format!(
            "the {what} in judged row {} is {}, not a finite number",
            row + 1,
            values[row]
        ))),
    }
}

/// Takes a result that may have left the range of f64.
///
/// # Errors
/// A result that is not finite.
pub fn in_range(value: f64) -> Value {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::ByData("the numbers are too large to be summed".to_owned()))
    }
}

/// The sum, with the rounding errors of the additions summed beside it (Neumaier 1974), so that it
/// hardly depends on the order of the rows.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
}

/// The sum of the products, each with what its rounding lost (Ogita, Rump and Oishi, 2005).
pub fn products(pairs: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    sum(pairs.into_iter().flat_map(|(a, b)| {
        let product = a * b;
        [product, a.mul_add(b, -product)]
    }))
}

/// The mean of a loss over the rows, given prediction minus truth.
///
/// # Errors
/// No rows, or numbers that are not finite or too large.
pub fn mean_loss(judged: &Judged<'_>, loss: impl Fn(f64) -> f64) -> Value {
    let pairs = pairs(judged)?;
    in_range(sum(pairs.errors().map(loss)) / pairs.rows() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_what_plain_addition_loses() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(sum(std::iter::repeat_n(0.1, 1_000_000)), 100_000.0);
        assert_eq!(sum([]), 0.0);
    }

    #[test]
    fn products_keep_what_multiplication_loses() {
        let a = 94_906_267.0_f64;
        assert_eq!(products([(a, a), (-(a - 1.0), a + 1.0)]), 1.0);
        assert_eq!(products([]), 0.0);
    }

    #[test]
    fn the_first_row_that_is_not_finite_is_named() {
        let reason = all_finite(&[1.0, f64::NAN, f64::INFINITY], "prediction").unwrap_err();
        assert_eq!(reason.reason(), "the prediction in judged row 2 is NaN, not a finite number");
    }
}
