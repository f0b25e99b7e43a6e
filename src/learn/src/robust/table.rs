//! The rows that count, their columns centred and divided by their spread, and the way back to
//! the units of the columns.

use std::ops::Range;

use ndarray::{Array1, ArrayView2};
use rayon::prelude::*;

use crate::dense::{Spread, add_scaled, dot, power_of_two, spread, spreads};
use crate::input::Columns;
use crate::{Control, Error, rows};

/// The most bytes that one training may take besides its data.
const MEMORY: u64 = 4 << 30;

/// Columns and target in units of their spreads, a column of ones last where there is an
/// intercept; rows of weight 0 are left out.
pub(super) struct Table {
    /// Column by column, `rows * width` long.
    values: Vec<f64>,
    pub(super) rows: usize,
    /// Columns that are not constant, and the one of ones.
    pub(super) width: usize,
    /// Columns that are not constant.
    pub(super) penalised: usize,
    pub(super) target: Vec<f64>,
    /// Weights, which sum to 1.
    pub(super) weights: Vec<f64>,
    /// The sum of the weights as they were.
    pub(super) total: f64,
    spreads: Vec<Spread>,
    active: Vec<usize>,
    /// What the target was centred by and divided by.
    centre: f64,
    pub(super) unit: f64,
}

/// A linear model in the units of its columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) coefficients: Array1<f64>,
    pub(super) intercept: f64,
    /// The prediction at the means of the columns, where products lose the fewest digits.
    pub(super) central: f64,
    pub(super) means: Vec<f64>,
}

impl Line {
    /// `x·b + a` for every row.
    pub(super) fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        rows::linear(x, &self.means, &self.coefficients.to_vec(), self.central).into()
    }
}

impl Table {
    /// `of_row` is the memory of the training for each row besides the columns.
    pub(super) fn new(
        columns: &Columns<'_>,
        y: &[f64],
        weights: Option<&[f64]>,
        fit_intercept: bool,
        of_row: usize,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let order = columns.len() as u64 + 2;
        let bytes = (columns.rows() as u64)
            .saturating_mul(8 * order + of_row as u64)
            .saturating_add(order.saturating_mul(order).saturating_mul(4 * 8));
        if bytes > MEMORY {
            let what = format!("scaled copies of {} × {} values", columns.rows(), columns.len());
            return Err(Error::memory(what, bytes));
        }
        control.poll()?;
        let spreads = spreads(columns, weights, fit_intercept);
        let active: Vec<usize> = (0..columns.len())
            .filter(|j| spreads[*j].deviation > 0.0 && spreads[*j].deviation.recip().is_finite())
            .collect();
        let counted: Option<Vec<usize>> =
            weights.map(|weights| (0..weights.len()).filter(|row| weights[*row] > 0.0).collect());
        let rows = counted.as_ref().map_or(y.len(), Vec::len);
        let (penalised, width) = (active.len(), active.len() + usize::from(fit_intercept));
        let mut values = vec![1.0; rows * width];
        values.par_chunks_mut(rows).zip(&active).for_each(|(out, j)| {
            let Spread { mean, rest, deviation } = spreads[*j];
            gather(columns.column(*j), counted.as_deref(), out);
            out.iter_mut().for_each(|value| *value = (*value - mean - rest) / deviation);
        });
        let total = weights.map_or(rows as f64, |weights| weights.iter().sum());
        let mut shares = vec![1.0; rows];
        if let Some(weights) = weights {
            gather(weights, counted.as_deref(), &mut shares);
        }
        shares.iter_mut().for_each(|share| *share /= total);
        let mut target = vec![0.0; rows];
        gather(y, counted.as_deref(), &mut target);
        let (centre, unit) = middle(&target, fit_intercept);
        target.iter_mut().for_each(|value| *value = (*value - centre) / unit);
        if target.iter().any(|value| !value.is_finite()) {
            return Err(Error::Degenerate("the target spans more than the range of f64".into()));
        }
        control.poll()?;
        Ok(Self {
            values,
            rows,
            width,
            penalised,
            target,
            weights: shares,
            total,
            spreads,
            active,
            centre,
            unit,
        })
    }

    pub(super) fn column(&self, j: usize) -> &[f64] {
        &self.values[j * self.rows..][..self.rows]
    }

    /// The spread of a column that is not constant.
    pub(super) fn deviation(&self, j: usize) -> f64 {
        self.spreads[self.active[j]].deviation
    }

    /// What every column times its coefficient sums to, by row.
    pub(super) fn products(&self, coefficients: &[f64]) -> Vec<f64> {
        const LENGTH: usize = 4 * rows::BLOCK;
        let mut sums = vec![0.0; self.rows];
        sums.par_chunks_mut(LENGTH).enumerate().for_each(|(index, sums)| {
            for (j, coefficient) in coefficients.iter().enumerate() {
                add_scaled(sums, *coefficient, &self.column(j)[index * LENGTH..]);
            }
        });
        sums
    }

    /// Products of every column with a vector of rows.
    pub(super) fn products_with(
        &self,
        vector: impl Fn(Range<usize>, &mut [f64]) + Sync,
    ) -> Vec<f64> {
        rows::sum(self.rows, self.width, |range, sums| {
            let mut block = [0.0; rows::BLOCK];
            for range in rows::blocks(range) {
                let block = &mut block[..range.len()];
                vector(range.clone(), block);
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum += dot(block, &self.column(j)[range.clone()]);
                }
            }
        })
    }

    /// The model in the units of the columns.
    pub(super) fn line(&self, scaled: &[f64]) -> Result<Line, Error> {
        let mut coefficients = vec![0.0; self.spreads.len()];
        for ((&j, value), k) in self.active.iter().zip(scaled).zip(0..self.penalised) {
            coefficients[j] =
                if *value == 0.0 { 0.0 } else { value * (self.unit / self.deviation(k)) };
        }
        let about = |part: fn(&Spread) -> f64| -> f64 {
            coefficients.iter().zip(&self.spreads).map(|(value, spread)| value * part(spread)).sum()
        };
        let constant: f64 = scaled[self.penalised..].iter().sum();
        let central = self.centre + constant * self.unit - about(|spread| spread.rest);
        let intercept = central - about(|spread| spread.mean);
        // Bounds every product of a prediction for the rows that were trained on.
        let root = (self.rows as f64).sqrt();
        let reach: f64 = coefficients
            .iter()
            .zip(&self.spreads)
            .map(|(value, spread)| value.abs() * spread.deviation * root)
            .sum();
        let is_finite = (intercept.abs() + central.abs() + reach).is_finite();
        if !(is_finite && coefficients.iter().all(|value| value.is_finite())) {
            return Err(Error::Degenerate(
                "the scales of the columns and the target are too far apart for a finite solution"
                    .into(),
            ));
        }
        Ok(Line {
            coefficients: coefficients.into(),
            intercept,
            central,
            means: self.spreads.iter().map(|spread| spread.mean).collect(),
        })
    }
}

fn gather(values: &[f64], rows: Option<&[usize]>, out: &mut [f64]) {
    match rows {
        None => out.copy_from_slice(values),
        Some(rows) => {
            for (out, row) in out.iter_mut().zip(rows) {
                *out = values[*row];
            }
        }
    }
}

/// Where the values lie and how far they spread, whatever a few of them are: the median, or 0,
/// and a power of two near the median distance from it.
fn middle(values: &[f64], centred: bool) -> (f64, f64) {
    let median = |mut values: Vec<f64>| {
        let half = values.len() / 2;
        *values.select_nth_unstable_by(half, f64::total_cmp).1
    };
    let centre = if centred { median(values.to_vec()) } else { 0.0 };
    let distance = median(values.iter().map(|value| (value - centre).abs()).collect());
    if distance > 0.0 {
        return (centre, power_of_two(distance));
    }
    let about: Vec<f64> = values.iter().map(|value| value - centre).collect();
    (centre, power_of_two(spread(&about, None, false).deviation))
}
