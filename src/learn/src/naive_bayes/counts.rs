//! Sums of columns by class, and log probabilities that are linear in the columns.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use rayon::prelude::*;

use crate::control::written;
use crate::dense::{max_abs, power_of_two};
use crate::input::{self, Columns};
use crate::{Control, Error, rows};

/// Rows that are predicted together.
const PREDICTED: usize = 1024;

/// The largest value that counts as it is: sums of its products with logarithms stay finite.
const LARGEST: f64 = 1e150;

/// What of a value is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// The value, which must not be negative.
    Value,
    /// 1 where the value is above this, else 0.
    Above(f64),
}

impl Reading {
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Value => value.clamp(-LARGEST, LARGEST),
            Self::Above(cut) => f64::from(u8::from(value > cut)),
        }
    }
}

/// Weighted sums of the readings by class and column.
pub(super) struct Counts {
    /// Classes × columns, in units of `unit`.
    pub(super) sums: Array2<f64>,
    pub(super) unit: f64,
    /// Sum of weights by class.
    pub(super) totals: Vec<f64>,
}

impl Counts {
    pub(super) fn new(
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        reading: Reading,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        control.poll()?;
        if reading == Reading::Value {
            check_not_negative(&columns, weights)?;
        }
        let unit = match reading {
            Reading::Value => {
                let largest =
                    (0..columns.len()).into_par_iter().map(|j| max_abs(columns.column(j)));
                power_of_two(largest.reduce(|| 0.0, f64::max))
            }
            Reading::Above(_) => 1.0,
        };
        let by_column: Vec<Vec<f64>> = (0..columns.len())
            .into_par_iter()
            .map(|j| {
                control.poll()?;
                let read = |value: f64| match reading {
                    Reading::Value => value / unit,
                    Reading::Above(_) => reading.of(value),
                };
                Ok(sums(columns.column(j), codes, classes, weights, read))
            })
            .collect::<Result<_, Error>>()?;
        let sums =
            Array2::from_shape_fn((classes, columns.len()), |(class, j)| by_column[j][class]);
        Ok(Self { sums, unit, totals: input::class_totals(codes, classes, weights) })
    }
}

fn check_not_negative(columns: &Columns<'_>, weights: Option<&[f64]>) -> Result<(), Error> {
    let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
    let negative = |j: usize| {
        columns.column(j).iter().enumerate().position(|(row, value)| *value < 0.0 && counts(row))
    };
    let found: Vec<Option<usize>> = (0..columns.len()).into_par_iter().map(negative).collect();
    match found.iter().enumerate().find_map(|(column, row)| row.map(|row| (column, row))) {
        Some((column, row)) => Err(Error::Column {
            column,
            row: Some(row),
            message: format!(
                "holds {}, and counts are not negative",
                written(columns.column(column)[row])
            ),
        }),
        None => Ok(()),
    }
}

/// Weighted sums of one column by class, in four interleaved parts that are added in order.
fn sums(
    column: &[f64],
    codes: &[u32],
    classes: usize,
    weights: Option<&[f64]>,
    read: impl Fn(f64) -> f64,
) -> Vec<f64> {
    const PARTS: usize = 4;
    let mut parts = vec![0.0; PARTS * classes];
    let mut add = |row: usize, value: f64| {
        parts[(row % PARTS) * classes + codes[row] as usize] += value;
    };
    match weights {
        None => column.iter().enumerate().for_each(|(row, value)| add(row, read(*value))),
        Some(weights) => {
            for (row, (value, weight)) in column.iter().zip(weights).enumerate() {
                if *weight > 0.0 {
                    add(row, weight * read(*value));
                }
            }
        }
    }
    (0..classes).map(|class| parts.iter().skip(class).step_by(classes).sum()).collect()
}

/// Log joint probabilities of classes: a constant and one coefficient a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinearLogs {
    /// Minus infinity for a class without rows.
    pub(super) constants: Vec<f64>,
    /// Classes × columns.
    pub(super) coefficients: Array2<f64>,
    pub(super) reading: Reading,
}

impl LinearLogs {
    pub(super) fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        rows::largest(&self.joint(x))
    }

    pub(super) fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut joint = self.joint(x);
        rows::normalize_logs(&mut joint);
        joint
    }

    fn joint(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let (classes, columns) = self.coefficients.dim();
        assert_eq!(x.ncols(), columns, "columns differ from those trained on");
        let mut joint = vec![0.0; x.nrows() * classes];
        joint.par_chunks_mut(PREDICTED * classes).enumerate().for_each(|(index, joint)| {
            let start = index * PREDICTED;
            let length = joint.len() / classes;
            let mut sums = vec![0.0; length * classes];
            let mut values = vec![0.0; length];
            for j in 0..columns {
                let column = x.slice(s![start..start + length, j]);
                for (read, value) in values.iter_mut().zip(column) {
                    *read = self.reading.of(*value);
                }
                for (class, sums) in sums.chunks_mut(length).enumerate() {
                    let coefficient = self.coefficients[[class, j]];
                    for (sum, value) in sums.iter_mut().zip(&values) {
                        *sum += coefficient * value;
                    }
                }
            }
            for (class, sums) in sums.chunks(length).enumerate() {
                for (row, sum) in sums.iter().enumerate() {
                    joint[row * classes + class] = self.constants[class] + sum;
                }
            }
        });
        Array2::from_shape_vec((x.nrows(), classes), joint).expect("one value a row and class")
    }
}

/// Logarithms of the shares of smoothed values.
pub(super) fn log_shares(values: ArrayView1<'_, f64>, added: f64) -> Vec<f64> {
    let total: f64 = values.iter().map(|value| value + added).sum();
    let total = total.ln();
    values.iter().map(|value| (value + added).ln() - total).collect()
}
