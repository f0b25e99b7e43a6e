//! Turns the views a caller hands in into columns, codes and weights that are known to be sound.

use std::borrow::Cow;

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::{ClassWeight, Control, Error};

/// The largest label that linfa's `Fit` accepts as a class code; a larger one is taken for an
/// identifier, for which a row of probabilities could not be allocated.
const LARGEST_LABEL: usize = 65_535;

/// Sums of weights that leave room for products with a penalty and with squares of columns.
const TOTALS: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// Finite columns, borrowed where they are contiguous and copied where they are not.
pub(crate) struct Columns<'a> {
    rows: usize,
    columns: Vec<Cow<'a, [f64]>>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(x: ArrayView2<'a, f64>) -> Result<Self, Error> {
        let rows = x.nrows();
        if rows == 0 {
            return Err(Error::Shape("there are no rows to train on".into()));
        }
        if u32::try_from(rows).is_err() {
            return Err(Error::Shape(format!("{rows} rows are more than 4294967295")));
        }
        let columns: Vec<Cow<'a, [f64]>> = (0..x.ncols())
            .into_par_iter()
            .map(|j| {
                let column = x.index_axis_move(Axis(1), j);
                match column.to_slice() {
                    Some(slice) => Cow::Borrowed(slice),
                    None => Cow::Owned(column.to_vec()),
                }
            })
            .collect();
        match columns.par_iter().position_first(|column| !all_finite(column)) {
            Some(column) => Err(Error::NotFinite { column }),
            None => Ok(Self { rows, columns }),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn column(&self, j: usize) -> &[f64] {
        &self.columns[j]
    }
}

fn all_finite(values: &[f64]) -> bool {
    // No early exit within a block, so that the block is one vectorised pass.
    values.chunks(1024).all(|block| block.iter().fold(true, |all, value| all & value.is_finite()))
}

/// A finite target of `rows` values.
pub(crate) fn values<'a>(y: ArrayView1<'a, f64>, rows: usize) -> Result<Cow<'a, [f64]>, Error> {
    if y.len() != rows {
        return Err(Error::Shape(format!("{} targets for {rows} rows", y.len())));
    }
    if let Some(row) = y.iter().position(|value| !value.is_finite()) {
        return Err(Error::TargetNotFinite { row });
    }
    Ok(match y.to_slice() {
        Some(slice) => Cow::Borrowed(slice),
        None => Cow::Owned(y.to_vec()),
    })
}

/// Codes below `classes`, one a row.
pub(crate) fn check_codes(codes: &[u32], classes: usize, rows: usize) -> Result<(), Error> {
    if codes.len() != rows {
        return Err(Error::Shape(format!("{} targets for {rows} rows", codes.len())));
    }
    match codes.iter().position(|&code| code as usize >= classes) {
        Some(row) => Err(Error::Shape(format!(
            "the class code {} of row {row} is not below the number of classes, {classes}",
            codes[row]
        ))),
        None => Ok(()),
    }
}

/// The weights of the rows, if there are any; their sum is within [`TOTALS`].
pub(crate) fn weights<'a>(control: &Control<'a>, rows: usize) -> Result<Option<&'a [f64]>, Error> {
    let Some(weights) = control.weights else { return Ok(None) };
    if weights.len() != rows {
        return Err(Error::Shape(format!("{} weights for {rows} rows", weights.len())));
    }
    if let Some(row) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        return Err(Error::Weights(format!(
            "the weight of row {row} is {}, not a number from 0",
            weights[row]
        )));
    }
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        return Err(Error::Weights("all weights are 0".into()));
    }
    if !TOTALS.contains(&total) {
        return Err(Error::Weights(format!("the weights sum to {total:e}, far from 1")));
    }
    Ok(Some(weights))
}

/// Weights by row after class weighting; `None` where every weight is 1.
///
/// # Errors
/// Where no row keeps a weight, or the weights leave [`TOTALS`].
pub(crate) fn class_weights(
    codes: &[u32],
    classes: usize,
    weights: Option<&[f64]>,
    class_weight: &ClassWeight,
) -> Result<Option<Vec<f64>>, Error> {
    let factors: Vec<f64> = match class_weight {
        ClassWeight::None => return Ok(weights.map(<[f64]>::to_vec)),
        ClassWeight::Balanced => {
            let totals = class_totals(codes, classes, weights);
            let present = totals.iter().filter(|total| **total > 0.0).count() as f64;
            let sum: f64 = totals.iter().sum();
            let factor = |&total: &f64| if total > 0.0 { sum / (present * total) } else { 0.0 };
            totals.iter().map(factor).collect()
        }
        ClassWeight::Each(given) => {
            (0..classes).map(|code| given.get(code).copied().unwrap_or(1.0)).collect()
        }
    };
    let of_row = |(row, &code): (usize, &u32)| {
        weights.map_or(1.0, |weights| weights[row]) * factors[code as usize]
    };
    let weighed: Vec<f64> = codes.iter().enumerate().map(of_row).collect();
    let total: f64 = weighed.iter().sum();
    if total == 0.0 {
        return Err(Error::parameter("class_weight", "leaves no row a weight above 0"));
    }
    if !TOTALS.contains(&total) {
        let message = format!("makes the weights sum to {total:e}, far from 1");
        return Err(Error::parameter("class_weight", message));
    }
    Ok(Some(weighed))
}

/// Sum of weights by class.
pub(crate) fn class_totals(codes: &[u32], classes: usize, weights: Option<&[f64]>) -> Vec<f64> {
    let mut totals = vec![0.0; classes];
    for (row, &code) in codes.iter().enumerate() {
        totals[code as usize] += weights.map_or(1.0, |weights| weights[row]);
    }
    totals
}

/// linfa's `f32` weights; an empty list means that there are none.
pub(crate) fn dataset_weights(weights: Option<&[f32]>) -> Option<Vec<f64>> {
    weights
        .filter(|weights| !weights.is_empty())
        .map(|weights| weights.iter().map(|&weight| f64::from(weight)).collect())
}

/// linfa's `usize` labels as codes; the number of classes is one more than the largest.
pub(crate) fn codes_of_labels(labels: ArrayView1<'_, usize>) -> Result<(Vec<u32>, usize), Error> {
    let largest = labels.iter().copied().max().unwrap_or(0);
    if largest > LARGEST_LABEL {
        return Err(Error::Shape(format!(
            "the label {largest} is not a class code from 0 to {LARGEST_LABEL}"
        )));
    }
    Ok((labels.iter().map(|&label| label as u32).collect(), largest + 1))
}

/// Whether rows can be given to a model trained on `columns` columns.
///
/// # Errors
/// [`Error::Shape`] for another number of columns, [`Error::NotFinite`] for NaN or an infinity.
pub fn check_prediction_rows(x: ArrayView2<'_, f64>, columns: usize) -> Result<(), Error> {
    if x.ncols() != columns {
        return Err(Error::Shape(format!(
            "{} columns for a model trained on {columns}",
            x.ncols()
        )));
    }
    let finite = |column: ArrayView1<'_, f64>| match column.to_slice() {
        Some(slice) => all_finite(slice),
        None => column.iter().all(|value| value.is_finite()),
    };
    match (0..columns).find(|&j| !finite(x.column(j))) {
        Some(column) => Err(Error::NotFinite { column }),
        None => Ok(()),
    }
}
