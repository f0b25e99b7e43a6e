//! The rows of an elastic net in units in which every column and the target have length 1.

use std::ops::Range;

use rayon::prelude::*;

use super::coded::Coded;
use super::quadratic::Penalty;
use super::{FittedElasticNet, Sign};
use crate::dense::{Spread, add_scaled, dot, spread};
use crate::features::{Features, Source};
use crate::{Convergence, Error, rows};

/// Columns and target, centred, multiplied by the roots of the weights, and divided by their
/// lengths.
pub(super) struct Design<'a> {
    features: &'a Features<'a>,
    pub(super) spreads: Vec<Spread>,
    /// Those of the active columns that follow from codes, if any do.
    pub(super) coded: Option<Coded<'a>>,
    /// Indices of the columns that are not constant.
    pub(super) active: Vec<usize>,
    /// Roots of the weights, which sum to 1.
    pub(super) roots: Roots,
    target: Spread,
    /// The scaled target, all 0 where it is constant.
    pub(super) right: Vec<f64>,
    /// Products of the scaled target with the active columns.
    pub(super) correlations: Vec<f64>,
}

/// What some coefficients leave.
pub(super) struct State {
    /// Products of the residuals with every active column.
    pub(super) slopes: Vec<f64>,
    /// Squared length of the residuals.
    pub(super) squares: f64,
    /// Product of the residuals with the target.
    pub(super) product: f64,
}

/// Columns that share a look at a vector, and numbers that are summed side by side.
const ABREAST: usize = 4;
const LANES: usize = 4;

/// A column at some rows, which scaled is `(value - mean - rest) * factor`.
struct Near<'a> {
    values: &'a [f64],
    mean: f64,
    rest: f64,
    factor: f64,
}

impl Near<'_> {
    fn chunks(&self) -> &[[f64; LANES]] {
        self.values.as_chunks().0
    }
}

pub(super) enum Roots {
    Equal(f64),
    Rows(Vec<f64>),
}

/// Whether a column can be brought to length 1.
fn is_usable(spread: &Spread) -> bool {
    spread.deviation > 0.0 && spread.deviation.recip().is_finite()
}

impl<'a> Design<'a> {
    pub(super) fn new(
        features: &'a Features<'a>,
        y: &[f64],
        weights: Option<&[f64]>,
        centre: bool,
    ) -> Self {
        let target = spread(y, weights, centre);
        let roots = match weights {
            None => Roots::Equal((1.0 / y.len() as f64).sqrt()),
            Some(weights) => {
                let total: f64 = weights.iter().sum();
                Roots::Rows(weights.iter().map(|weight| (weight / total).sqrt()).collect())
            }
        };
        let mut right = y.to_vec();
        scale(&target, &roots, 0..y.len(), &mut right);
        // While a column is near, its product with the target is at hand.
        let of_column = |j: usize| {
            let Source::Dense(index) = features.source(j) else { return None };
            let values = features.values(index);
            let spread = spread(values, weights, centre);
            let of = |range: Range<usize>, out: &mut [f64]| {
                out.copy_from_slice(&values[range.clone()]);
                scale(&spread, &roots, range, out);
            };
            Some((spread, if is_usable(&spread) { product(&right, of) } else { 0.0 }))
        };
        let looks: Vec<Option<(Spread, f64)>> =
            (0..features.len()).into_par_iter().map(of_column).collect();
        let of_codes = features.code_spreads(weights, centre);
        let spreads: Vec<Spread> = looks
            .iter()
            .zip(of_codes)
            .map(|(look, of_codes)| look.map_or(of_codes, |(spread, _)| Some(spread)))
            .map(|spread| spread.expect("a column is at hand or follows from codes"))
            .collect();
        let active: Vec<usize> = (0..looks.len()).filter(|j| is_usable(&spreads[*j])).collect();
        let mut correlations: Vec<f64> =
            active.iter().map(|j| looks[*j].map_or(0.0, |(_, product)| product)).collect();
        let coded = Coded::new(features, &active, &spreads, &roots, centre);
        if let Some(coded) = &coded {
            coded.add_correlations(&roots, &right, &mut correlations);
        }
        Self { features, spreads, coded, active, roots, target, right, correlations }
    }

    pub(super) fn rows(&self) -> usize {
        self.features.rows()
    }

    /// The active column `j` at some rows.
    pub(super) fn fill(&self, j: usize, range: Range<usize>, out: &mut [f64]) {
        self.features.fill(self.active[j], range.clone(), out);
        scale(&self.spreads[self.active[j]], &self.roots, range, out);
    }

    /// What some coefficients leave of the target.
    pub(super) fn state(&self, coefficients: &[f64]) -> State {
        if coefficients.iter().all(|value| *value == 0.0) {
            let squares = dot(&self.right, &self.right);
            return State { slopes: self.correlations.clone(), squares, product: squares };
        }
        if let Some(coded) = &self.coded {
            return coded.state(self, coefficients);
        }
        let width = self.active.len();
        let steps: Vec<(usize, f64)> =
            coefficients.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect();
        let mut sums = rows::sum(self.rows(), width + 2, |range, sums| {
            let mut residuals = [0.0; rows::BLOCK];
            for range in rows::blocks(range) {
                let right = &self.right[range.clone()];
                let residuals = &mut residuals[..right.len()];
                residuals.copy_from_slice(right);
                self.subtract(&steps, &range, residuals);
                // The columns at these rows are still near: only the first look is at the memory.
                let (slopes, others) = sums.split_at_mut(width);
                self.multiply(&range, residuals, slopes);
                others[0] += dot(residuals, residuals);
                others[1] += dot(residuals, right);
            }
        });
        let product = sums.pop().unwrap_or_default();
        let squares = sums.pop().unwrap_or_default();
        State { slopes: sums, squares, product }
    }

    /// Subtracts columns times their coefficients at some rows.
    fn subtract(&self, steps: &[(usize, f64)], range: &Range<usize>, out: &mut [f64]) {
        let (groups, rest) = steps.as_chunks();
        for steps in groups {
            match self.abreast(steps.map(|(j, _)| j), range) {
                Some(columns) => subtract(&columns, steps.map(|(_, by)| by), out),
                None => self.subtract_each(steps, range, out),
            }
        }
        self.subtract_each(rest, range, out);
    }

    fn subtract_each(&self, steps: &[(usize, f64)], range: &Range<usize>, out: &mut [f64]) {
        let mut values = [0.0; rows::BLOCK];
        let values = &mut values[..range.len()];
        for (j, by) in steps {
            self.fill(*j, range.clone(), values);
            add_scaled(out, -by, values);
        }
    }

    /// Adds the products of all active columns with a vector at some rows.
    fn multiply(&self, range: &Range<usize>, vector: &[f64], sums: &mut [f64]) {
        let total = vector.iter().sum();
        let mut values = [0.0; rows::BLOCK];
        let values = &mut values[..range.len()];
        for (index, sums) in sums.chunks_mut(ABREAST).enumerate() {
            let first = index * ABREAST;
            let whole = sums.len() == ABREAST;
            let columns = whole.then(|| std::array::from_fn(|k| first + k));
            if let Some(columns) = columns.and_then(|columns| self.abreast(columns, range)) {
                for (sum, product) in sums.iter_mut().zip(products(&columns, vector, total)) {
                    *sum += product;
                }
                continue;
            }
            for (k, sum) in sums.iter_mut().enumerate() {
                self.fill(first + k, range.clone(), values);
                *sum += dot(values, vector);
            }
        }
    }

    /// Columns at some rows where one factor scales each of them.
    fn abreast(
        &self,
        columns: [usize; ABREAST],
        range: &Range<usize>,
    ) -> Option<[Near<'_>; ABREAST]> {
        let Roots::Equal(root) = self.roots else { return None };
        let near = columns.map(|k| {
            let j = self.active[k];
            let Spread { mean, rest, deviation } = self.spreads[j];
            let values = match self.features.source(j) {
                Source::Dense(index) => &self.features.values(index)[range.clone()],
                // Such columns are looked at by their codes.
                Source::Indicator { .. } => &[],
            };
            Near { values, mean, rest, factor: root / deviation }
        });
        near.iter().all(|near| near.factor.is_normal()).then_some(near)
    }

    pub(super) fn penalty(&self, alpha: f64, l1_ratio: f64, sign: Sign) -> Penalty {
        let deviation = |j: &usize| self.spreads[*j].deviation;
        let target = self.target.deviation;
        let absolute =
            |j| if l1_ratio == 0.0 { 0.0 } else { alpha * l1_ratio / deviation(j) / target };
        let square = |j| {
            if l1_ratio == 1.0 {
                0.0
            } else {
                alpha * (1.0 - l1_ratio) / deviation(j) / deviation(j)
            }
        };
        Penalty {
            absolute: self.active.iter().map(absolute).collect(),
            square: self.active.iter().map(square).collect(),
            sign,
        }
    }

    pub(super) fn largest_alpha(&self, l1_ratio: f64, sign: Sign) -> f64 {
        let largest = self
            .active
            .iter()
            .zip(&self.correlations)
            .map(|(j, product)| {
                let towards = match sign {
                    Sign::Any => product.abs(),
                    Sign::Positive => product.max(0.0),
                };
                towards * self.spreads[*j].deviation * self.target.deviation
            })
            .fold(0.0, f64::max);
        if largest == 0.0 { 0.0 } else { largest / l1_ratio }
    }

    /// The model in the units of the columns.
    pub(super) fn model(
        &self,
        scaled: &[f64],
        convergence: Convergence,
    ) -> Result<FittedElasticNet, Error> {
        let mut coefficients = vec![0.0; self.features.len()];
        for (&j, value) in self.active.iter().zip(scaled).filter(|(_, value)| **value != 0.0) {
            coefficients[j] = value * (self.target.deviation / self.spreads[j].deviation);
        }
        let about = |part: fn(&Spread) -> f64| -> f64 {
            coefficients.iter().zip(&self.spreads).map(|(value, spread)| value * part(spread)).sum()
        };
        let central = self.target.mean + self.target.rest - about(|spread| spread.rest);
        let intercept = central - about(|spread| spread.mean);
        if !(intercept.is_finite() && coefficients.iter().all(|value| value.is_finite())) {
            return Err(Error::Degenerate(
                "the scales of the columns and the target are too far apart for a finite solution"
                    .into(),
            ));
        }
        Ok(FittedElasticNet {
            coefficients: coefficients.into(),
            intercept,
            central,
            means: self.spreads.iter().map(|spread| spread.mean).collect(),
            convergence,
        })
    }
}

fn subtract([a, b, c, d]: &[Near<'_>; ABREAST], by: [f64; ABREAST], out: &mut [f64]) {
    let by = [by[0] * a.factor, by[1] * b.factor, by[2] * c.factor, by[3] * d.factor];
    let rest = by[0] * a.rest + by[1] * b.rest + by[2] * c.rest + by[3] * d.rest;
    let means = [a.mean, b.mean, c.mean, d.mean];
    let columns = a.values.iter().zip(b.values).zip(c.values).zip(d.values);
    for (out, (((a, b), c), d)) in out.iter_mut().zip(columns) {
        let first = by[0] * (a - means[0]) + by[1] * (b - means[1]);
        let second = by[2] * (c - means[2]) + by[3] * (d - means[3]);
        *out -= first + second - rest;
    }
}

/// Products with a vector whose sum is given.
fn products(columns: &[Near<'_>; ABREAST], vector: &[f64], sum: f64) -> [f64; ABREAST] {
    let (blocks, ends) = vector.as_chunks();
    let lanes = lanes(columns, blocks);
    std::array::from_fn(|k| {
        let near = &columns[k];
        let last = near.values[blocks.len() * LANES..].iter().zip(ends);
        let last: f64 = last.map(|(value, by)| by * (value - near.mean)).sum();
        near.factor * (lanes[k].iter().sum::<f64>() + last - near.rest * sum)
    })
}

/// Sums of products by lanes. Apart from what follows, or the compiler would turn the lanes of
/// different columns into vectors.
#[inline(never)]
fn lanes([a, b, c, d]: &[Near<'_>; ABREAST], vector: &[[f64; LANES]]) -> [[f64; LANES]; ABREAST] {
    let (mut sums_a, mut sums_b) = ([0.0; LANES], [0.0; LANES]);
    let (mut sums_c, mut sums_d) = ([0.0; LANES], [0.0; LANES]);
    let means = [a.mean, b.mean, c.mean, d.mean];
    let columns = a.chunks().iter().zip(b.chunks()).zip(c.chunks()).zip(d.chunks());
    for (vector, (((a, b), c), d)) in vector.iter().zip(columns) {
        multiply(a, means[0], vector, &mut sums_a);
        multiply(b, means[1], vector, &mut sums_b);
        multiply(c, means[2], vector, &mut sums_c);
        multiply(d, means[3], vector, &mut sums_d);
    }
    [sums_a, sums_b, sums_c, sums_d]
}

#[inline]
fn multiply(values: &[f64; LANES], mean: f64, by: &[f64; LANES], sums: &mut [f64; LANES]) {
    for ((sum, value), by) in sums.iter_mut().zip(values).zip(by) {
        *sum += by * (value - mean);
    }
}

fn scale(spread: &Spread, roots: &Roots, range: Range<usize>, values: &mut [f64]) {
    if spread.deviation == 0.0 {
        values.fill(0.0);
        return;
    }
    let (mean, rest) = (spread.mean, spread.rest);
    match roots {
        Roots::Equal(root) => {
            let factor = root / spread.deviation;
            if factor.is_normal() {
                values.iter_mut().for_each(|value| *value = (*value - mean - rest) * factor);
            } else {
                for value in values {
                    *value = (*value - mean - rest) / spread.deviation * root;
                }
            }
        }
        Roots::Rows(roots) => {
            for (value, root) in values.iter_mut().zip(&roots[range]) {
                // A row that does not count may be too far out for a product with 0.
                *value = if *root > 0.0 {
                    (*value - mean - rest) / spread.deviation * root
                } else {
                    0.0
                };
            }
        }
    }
}

/// The product of a vector with a column that is written range by range.
fn product(vector: &[f64], column: impl Fn(Range<usize>, &mut [f64])) -> f64 {
    let mut block = [0.0; rows::BLOCK];
    let mut sum = 0.0;
    for range in rows::blocks(0..vector.len()) {
        let block = &mut block[..range.len()];
        column(range.clone(), block);
        sum += dot(block, &vector[range]);
    }
    sum
}
