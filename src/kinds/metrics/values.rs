//! What the metrics of numbers share: checked pairs of truth and prediction, and means over them.

use super::sums::{RowWeights, first_row};
use crate::data::{Judged, Prediction, Truth, Undefined, Value};

pub use super::sums::sum;

/// True and predicted numbers, one a row, all finite, and how much each row counts.
pub struct Pairs<'a> {
    truth: &'a [f64],
    predicted: &'a [f64],
    pub rows: RowWeights<'a>,
}

impl<'a> Pairs<'a> {
    pub fn truth(&self) -> &'a [f64] {
        self.truth
    }

    /// Prediction minus truth in a row.
    pub fn error(&self, row: usize) -> f64 {
        self.predicted[row] - self.truth[row]
    }

    /// The sum of what a row's truth and prediction give, over the rows that count.
    pub fn sum(&self, term: impl Fn(f64, f64) -> f64 + Sync) -> f64 {
        self.rows.sum(|row| term(self.truth[row], self.predicted[row]))
    }

    /// The mean of a loss, given truth and prediction.
    ///
    /// # Errors
    /// A sum that leaves the range of f64.
    pub fn mean(&self, loss: impl Fn(f64, f64) -> f64 + Sync) -> Value {
        in_range(self.sum(loss) / self.rows.total())
    }

    /// Refuses true numbers that the metric has no value for.
    ///
    /// # Errors
    /// The first such row that counts, counted from 1, and what it should be.
    pub fn refuse_truth(
        &self,
        unfit: impl Fn(f64) -> bool + Sync,
        should: &str,
    ) -> Result<(), Undefined> {
        match self.rows.first(|row| unfit(self.truth[row])) {
            None => Ok(()),
            Some(row) => Err(Undefined::ByData(format!(
                "the target in judged row {} is {}, but {should}",
                row + 1,
                self.truth[row]
            ))),
        }
    }

    /// Refuses predictions that the metric has no value for.
    ///
    /// # Errors
    /// The first such row that counts, counted from 1, and what it should be.
    pub fn refuse_predicted(
        &self,
        unfit: impl Fn(f64) -> bool + Sync,
        should: &str,
    ) -> Result<(), Undefined> {
        match self.rows.first(|row| unfit(self.predicted[row])) {
            None => Ok(()),
            Some(row) => Err(Undefined::ByModel(format!(
                "the prediction in judged row {} is {}, but {should}",
                row + 1,
                self.predicted[row]
            ))),
        }
    }
}

/// The numbers of a regression; anything else was refused by `bind`.
///
/// # Errors
/// No row that counts, a prediction of another task, or a number that is not finite, whatever its
/// row weighs.
pub fn pairs<'a>(judged: &Judged<'a>) -> Result<Pairs<'a>, Undefined> {
    let (Truth::Values(truth), Prediction::Values(predicted)) = (judged.truth, judged.prediction)
    else {
        return Err(Undefined::ByData("there are no numbers to judge".to_owned()));
    };
    judged.memo.numbers(|| {
        if truth.len() != predicted.len() {
            return Err(Undefined::ByData("there is not one prediction a row".to_owned()));
        }
        all_finite(truth, "target")?;
        all_finite(predicted, "prediction")
    })?;
    Ok(Pairs { truth, predicted, rows: RowWeights::new(truth.len(), judged)? })
}

/// Checks one number a row.
///
/// # Errors
/// The first that is NaN or infinite, counted from 1.
pub fn all_finite(values: &[f64], what: &str) -> Result<(), Undefined> {
    match first_row(values.len(), |row| !values[row].is_finite()) {
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
pub fn mean_loss(judged: &Judged<'_>, loss: impl Fn(f64) -> f64 + Sync) -> Value {
    pairs(judged)?.mean(|truth, predicted| loss(predicted - truth))
}

/// `1 - missed / Σ (y - ȳ)²`: the share of the target's variance that is not missed.
///
/// # Errors
/// Fewer than two rows that count, a target that is the same in all of them, or numbers that are
/// too large.
pub fn explained(metric: &str, pairs: &Pairs<'_>, missed: impl FnOnce() -> f64) -> Value {
    let (truth, rows) = (pairs.truth(), &pairs.rows);
    let first = rows.first(|_| true).unwrap_or(0);
    if rows.first(|row| row > first).is_none() {
        let reason = match rows.weights() {
            None => format!("{metric} needs two rows, but there is one"),
            Some(_) => format!("{metric} needs two rows, but only one has a weight above 0"),
        };
        return Err(Undefined::ByData(reason));
    }
    let constant = || {
        Undefined::ByData("the target is the same in all judged rows, so none varies".to_owned())
    };
    if rows.first(|row| truth[row] != truth[first]).is_none() {
        return Err(constant());
    }
    let mean = rows.mean(|row| truth[row]);
    let total = rows.sum(|row| (truth[row] - mean) * (truth[row] - mean));
    if total == 0.0 {
        return Err(constant());
    }
    // A total that is infinite would turn any finite error into a perfect score.
    in_range(total).and_then(|total| in_range(1.0 - missed() / total))
}

#[cfg(test)]
mod tests {
    use super::*;

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
