//! Tables and targets that can be trained on.

use ndarray::ArrayView2;

use super::loss::Loss;
use super::settings::Settings;
use super::split::Monotonic;
use crate::Error;
use crate::bins;

/// Rows and columns that can be trained on.
pub(super) fn check_table(x: ArrayView2<'_, f64>, settings: &Settings<'_>) -> Result<(), Error> {
    if x.nrows() == 0 {
        return Err(Error::Shape("there are no rows to train on".into()));
    }
    if x.nrows() > 1 << 30 {
        return Err(Error::Shape(format!("{} rows are more than {}", x.nrows(), 1 << 30)));
    }
    for (name, given) in
        [("categories", settings.categories.len()), ("monotonic_cst", settings.monotonic_cst.len())]
    {
        if given > x.ncols() {
            let message = format!("is for {given} columns, and there are {}", x.ncols());
            return Err(Error::parameter(name, message));
        }
    }
    let bound = settings
        .monotonic_cst
        .iter()
        .zip(settings.categories)
        .position(|(monotonic, categories)| *monotonic != Monotonic::Free && *categories > 0);
    if let Some(column) = bound {
        let message = format!("is for column {column}, which holds categories: they have no order");
        return Err(Error::parameter("monotonic_cst", message));
    }
    bins::check_values(x)
}

/// Whether the loss is made for the values of the rows that count.
pub(super) fn check_domain(loss: Loss, y: &[f64], weights: Option<&[f64]>) -> Result<(), Error> {
    let counted = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
    let first = |wrong: fn(f64) -> bool| (0..y.len()).find(|&row| counted(row) && wrong(y[row]));
    let (row, message) = match loss {
        Loss::Poisson => match first(|y| y < 0.0) {
            Some(row) => (Some(row), "is negative, and the Poisson loss is of values from 0"),
            None if (0..y.len()).all(|row| !counted(row) || y[row] == 0.0) => {
                (Some(0), "is 0 in every row, which leaves the Poisson loss nothing to learn")
            }
            None => (None, ""),
        },
        Loss::Gamma => {
            (first(|y| y <= 0.0), "is not above 0, and the Gamma loss is of values above 0")
        }
        Loss::Squared | Loss::Absolute | Loss::Quantile(_) | Loss::Binary | Loss::Softmax => {
            (None, "")
        }
    };
    match row {
        Some(row) => Err(Error::Target { row, message: message.into() }),
        None => Ok(()),
    }
}
