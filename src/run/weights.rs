//! Columns of weights: how much each row counts.

use super::fit::unreadable;
use super::load::data_cell;
use crate::data::Frame;
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::plan::BoundPlan;

/// What a column of weights is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightOf {
    /// How much a row counts in training.
    Fit,
    /// How much a row counts in the metrics.
    Score,
}

/// The weights under a key of `data.weight`, one a row; none where the spec names none.
///
/// # Errors
/// A weight that is missing, negative or infinite, and weights that are all 0.
pub fn weights(
    bound: &BoundPlan,
    frame: &Frame,
    of: WeightOf,
) -> Result<Option<Vec<f64>>, Diagnostic> {
    let (key, column) = match of {
        WeightOf::Fit => ("fit", &bound.plan.weight.fit),
        WeightOf::Score => ("score", &bound.plan.weight.score),
    };
    let Some(column) = column else { return Ok(None) };
    let place = Place::value(Route::root().key("data").key("weight").key(key));
    let values = frame.numbers(column.value()).map_err(|error| unreadable(bound, error))?;
    let wrong = values.iter().position(|value| !value.is_finite() || *value < 0.0);
    if let Some(row) = wrong {
        let number = frame.row_numbers().get(row);
        let what = match values[row] {
            value if value.is_nan() => "is missing".to_owned(),
            value => format!("is {value}"),
        };
        return Err(Diagnostic::error(
            Code::WeightInvalid,
            place,
            format!("the weight of row {number} {what}"),
        )
        .label("holds this weight")
        .help("a weight is a finite number from 0: repair the column, or leave the row out with `where`")
        .related(data_cell(&bound.plan, &frame.row_numbers(), row, column.value()), "this value"));
    }
    if values.iter().all(|value| *value == 0.0) {
        return Err(Diagnostic::error(
            Code::WeightInvalid,
            place,
            format!("every row has weight 0 in `{column}`"),
        )
        .label("nothing counts")
        .help("name a column with weights above 0"));
    }
    if !values.iter().sum::<f64>().is_finite() {
        return Err(Diagnostic::error(
            Code::WeightInvalid,
            place,
            format!("the weights in `{column}` add up to more than a number can hold"),
        )
        .label("too large")
        .help("divide them all by one number: only their proportions count"));
    }
    Ok(Some(values))
}
