//! Isotonic regression: the step-free curve through one column that never falls.

use std::cmp::Ordering;

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::dense::{max_abs, power_of_two};
use crate::input::{self, Columns};
use crate::{Control, Error, rows};

/// Which way the curve may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The curve never falls.
    #[default]
    Increasing,
    /// The curve never rises.
    Decreasing,
    /// The sign of Spearman's rank correlation decides; increasing where it is 0.
    Auto,
}

parameters! {
    /// Isotonic regression (Barlow, Bartholomew, Bremner and Brunk, 1972): the values `f` that
    /// minimise `sum wᵢ (yᵢ - fᵢ)²` among those that rise with the one column, found by pooling
    /// adjacent violators. Rows of the same column value share theirs.
    ///
    /// Between the column values of the training rows the curve is linear, beyond them it is
    /// constant (scikit-learn's `out_of_bounds="clip"`).
    IsotonicRegression => CheckedIsotonicRegression {
        /// The default is [`Direction::Increasing`].
        increasing: Direction = Direction::Increasing,
        /// The least value of the curve. The default is `None`.
        y_min: Option<f64> = None,
        /// The greatest value of the curve. The default is `None`.
        y_max: Option<f64> = None,
    }
}

impl CheckedIsotonicRegression {
    fn validate(&self) -> Result<(), Error> {
        for (name, bound) in [("y_min", self.y_min), ("y_max", self.y_max)] {
            if bound.is_some_and(|bound| !bound.is_finite()) {
                return Err(Error::parameter(name, "is not a finite number"));
            }
        }
        match (self.y_min, self.y_max) {
            (Some(least), Some(greatest)) if least > greatest => {
                Err(Error::parameter("y_min", format!("is {least}, above `y_max`, {greatest}")))
            }
            _ => Ok(()),
        }
    }

    /// Fits `x` (rows × one column) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, among them another number of columns than one, values that are
    /// not finite, unsound weights, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedIsotonicRegression, Error> {
        if x.ncols() != 1 {
            return Err(Error::Shape(format!(
                "isotonic regression takes one column, not {}",
                x.ncols()
            )));
        }
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        control.poll()?;
        let curve = Curve::fit(columns.column(0), &y, weights, self.increasing);
        Ok(FittedIsotonicRegression { curve: curve.clamped(self.y_min, self.y_max) })
    }
}

/// What [`IsotonicRegression`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedIsotonicRegression {
    curve: Curve,
}

impl FittedIsotonicRegression {
    /// Column values at which the curve bends, rising.
    #[must_use]
    pub fn places(&self) -> &[f64] {
        &self.curve.places
    }

    /// The curve at [`places`](Self::places).
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.curve.values
    }

    /// Whether the curve was fitted to rise, or to fall.
    #[must_use]
    pub fn is_increasing(&self) -> bool {
        self.curve.rises
    }

    /// The curve at the column value of every row.
    ///
    /// # Panics
    /// If there is not one column.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_eq!(x.ncols(), 1, "columns differ from those trained on");
        let column = x.column(0);
        let values: Vec<f64> = match column.to_slice() {
            Some(column) => self.curve.apply(column),
            None => self.curve.apply(&column.to_vec()),
        };
        values.into()
    }
}

linfa_regressor!(CheckedIsotonicRegression, FittedIsotonicRegression);

/// A piecewise linear curve that never turns, constant beyond its ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    places: Vec<f64>,
    values: Vec<f64>,
    rises: bool,
}

/// Rows of one place as one: their weighted mean and their weight.
struct Point {
    place: f64,
    mean: f64,
    weight: f64,
}

impl Curve {
    /// At least one row, all values finite, the weights sound.
    pub(crate) fn fit(x: &[f64], y: &[f64], weights: Option<&[f64]>, direction: Direction) -> Self {
        let unit = power_of_two(max_abs(y));
        let mut rows: Vec<Point> = (0..x.len())
            .map(|row| Point {
                place: x[row],
                mean: y[row] / unit,
                weight: weights.map_or(1.0, |weights| weights[row]),
            })
            .filter(|point| point.weight > 0.0)
            .collect();
        // An order in which equal rows only are interchangeable, so that the sums below do not
        // depend on the order of the rows.
        rows.par_sort_unstable_by(|a, b| {
            (a.place.partial_cmp(&b.place).unwrap_or(Ordering::Equal))
                .then(a.mean.total_cmp(&b.mean))
                .then(a.weight.total_cmp(&b.weight))
        });
        let rises = match direction {
            Direction::Increasing => true,
            Direction::Decreasing => false,
            Direction::Auto => rank_covariance(&rows) >= 0.0,
        };
        let sign = if rises { 1.0 } else { -1.0 };
        let points = merged(&rows);
        let mut values = pooled(points.iter().map(|point| (sign * point.mean, point.weight)));
        for value in &mut values {
            *value *= sign * unit;
        }
        let last = values.len() - 1;
        let bends = |i: usize| {
            i == 0 || i == last || values[i] != values[i - 1] || values[i] != values[i + 1]
        };
        let kept: Vec<usize> = (0..=last).filter(|&i| bends(i)).collect();
        Self {
            places: kept.iter().map(|&i| points[i].place).collect(),
            values: kept.iter().map(|&i| values[i]).collect(),
            rises,
        }
    }

    fn clamped(mut self, least: Option<f64>, greatest: Option<f64>) -> Self {
        for value in &mut self.values {
            *value = value.max(least.unwrap_or(*value)).min(greatest.unwrap_or(f64::INFINITY));
        }
        self
    }

    pub(crate) fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; x.len()];
        values.par_chunks_mut(8 * rows::BLOCK).zip(x.par_chunks(8 * rows::BLOCK)).for_each(
            |(values, x)| {
                for (value, x) in values.iter_mut().zip(x) {
                    *value = self.at(*x);
                }
            },
        );
        values
    }

    fn at(&self, x: f64) -> f64 {
        let after = self.places.partition_point(|place| *place <= x);
        if after == 0 {
            return self.values[0];
        }
        let (place, value) = (self.places[after - 1], self.values[after - 1]);
        if after == self.places.len() || place == x {
            return value;
        }
        let (next_place, next) = (self.places[after], self.values[after]);
        // Halves, because a difference of two huge places could be infinite.
        let share = (0.5 * x - 0.5 * place) / (0.5 * next_place - 0.5 * place);
        let inner = value + 2.0 * ((0.5 * next - 0.5 * value) * share);
        inner.clamp(value.min(next), value.max(next))
    }
}

/// Rows of equal place as one; the rows are sorted by it.
fn merged(rows: &[Point]) -> Vec<Point> {
    let of_group = |group: &[Point]| {
        let weight: f64 = group.iter().map(|row| row.weight).sum();
        let sum: f64 = group.iter().map(|row| row.weight * row.mean).sum();
        let mean = if group.len() == 1 { group[0].mean } else { sum / weight };
        Point { place: group[0].place, mean, weight }
    };
    rows.chunk_by(|a, b| a.place == b.place).map(of_group).collect()
}

/// The closest values that never fall (pool adjacent violators), for pairs of value and weight.
fn pooled(points: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in points {
        let (mut value, mut weight, mut length) = (value, weight, 1);
        while let Some(&(before, of_before, points)) = blocks.last() {
            if before < value {
                break;
            }
            value = (of_before * before + weight * value) / (of_before + weight);
            weight += of_before;
            length += points;
            blocks.pop();
        }
        blocks.push((value, weight, length));
    }
    let repeat = |(value, _, length): (f64, f64, usize)| std::iter::repeat_n(value, length);
    blocks.into_iter().flat_map(repeat).collect()
}

/// The weighted covariance of the ranks of places and means; the rows are sorted by place. Equal
/// values share the middle of their ranks.
fn rank_covariance(rows: &[Point]) -> f64 {
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let ranks = |order: &[usize], equal: &dyn Fn(&Point, &Point) -> bool| {
        let mut ranks = vec![0.0; rows.len()];
        let mut before = 0.0;
        for group in order.chunk_by(|&a, &b| equal(&rows[a], &rows[b])) {
            let weight: f64 = group.iter().map(|&row| rows[row].weight).sum();
            for &row in group {
                ranks[row] = before + 0.5 * weight - 0.5 * total;
            }
            before += weight;
        }
        ranks
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let of_place = ranks(&order, &|a, b| a.place == b.place);
    order.par_sort_unstable_by(|&a, &b| rows[a].mean.total_cmp(&rows[b].mean).then(a.cmp(&b)));
    let of_mean = ranks(&order, &|a, b| a.mean == b.mean);
    (0..rows.len())
        .map(|row| rows[row].weight / total * (of_place[row] / total) * (of_mean[row] / total))
        .sum()
}

#[cfg(test)]
mod tests;
