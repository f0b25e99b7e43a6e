//! Standardized features, of which some follow from codes: products with vectors and with each
//! other, at the cost of the columns before one-hot encoding.

mod pairs;

use std::ops::Range;

use rayon::prelude::*;

use crate::dense::{Spread, add_scaled};
use crate::features::{Features, Source};
use crate::products::products;
use crate::{Control, Error, rows};

/// Columns as `(value - mean) * scale`, those of codes apart from the dense ones.
pub(crate) struct Mixed<'a> {
    features: &'a Features<'a>,
    /// Places of dense columns among the standardized ones.
    pub(crate) dense: Vec<usize>,
    /// Block by block.
    indicators: Vec<Standard>,
    /// For each standardized column that follows from codes its index in `indicators`.
    places: Vec<Option<usize>>,
}

/// A standardized column that is `off`, and `off + step` in the rows of its code.
struct Standard {
    /// Its place among the standardized columns.
    column: usize,
    block: usize,
    code: usize,
    /// The place of its code among all.
    place: usize,
    off: f64,
    step: f64,
}

/// What a linear function of the columns adds to a row: a constant, and a number for each code.
pub(crate) struct Shares {
    constant: f64,
    numbers: Vec<f64>,
}

impl<'a> Mixed<'a> {
    /// The columns of `chosen` with a scale each; spreads are those of all features.
    pub(crate) fn new(
        features: &'a Features<'a>,
        chosen: &[usize],
        spreads: &[Spread],
        scales: &[f64],
    ) -> Self {
        let (mut dense, mut indicators) = (Vec::new(), Vec::new());
        for (column, (&j, scale)) in chosen.iter().zip(scales).enumerate() {
            match features.source(j) {
                Source::Dense(_) => dense.push(column),
                Source::Indicator { block, indicator } => indicators.push(Standard {
                    column,
                    block,
                    code: indicator.code as usize,
                    place: features.place(block, indicator),
                    off: (indicator.off - spreads[j].mean - spreads[j].rest) * scale,
                    step: (indicator.on - indicator.off) * scale,
                }),
            }
        }
        indicators.sort_by_key(|standard| (standard.block, standard.column));
        let mut places = vec![None; chosen.len()];
        for (index, standard) in indicators.iter().enumerate() {
            places[standard.column] = Some(index);
        }
        Self { features, dense, indicators, places }
    }

    /// Whether a column is at hand, and does not follow from codes.
    pub(crate) fn is_held(&self, column: usize) -> bool {
        self.indicator(column).is_none()
    }

    /// A column that follows from codes.
    fn indicator(&self, column: usize) -> Option<&Standard> {
        self.places.get(column).copied().flatten().map(|index| &self.indicators[index])
    }

    /// How many numbers [`Mixed::gather`] needs: the sum of all, and one for each code.
    pub(crate) fn sums(&self) -> usize {
        1 + self.features.codes()
    }

    /// What these coefficients, one a standardized column, add to the rows by codes.
    pub(crate) fn shares(&self, coefficients: &[f64]) -> Shares {
        let mut shares = Shares { constant: 0.0, numbers: vec![0.0; self.features.codes()] };
        for indicator in &self.indicators {
            shares.constant += indicator.off * coefficients[indicator.column];
            shares.numbers[indicator.place] += indicator.step * coefficients[indicator.column];
        }
        shares
    }

    /// Writes the shares of some rows.
    pub(crate) fn spread_out(&self, shares: &Shares, range: &Range<usize>, out: &mut [f64]) {
        out.fill(shares.constant);
        self.features.spread_out(&shares.numbers, range, out);
    }

    /// Adds a vector at some rows to sums by code.
    pub(crate) fn gather(&self, vector: &[f64], range: &Range<usize>, sums: &mut [f64]) {
        sums[0] += vector.iter().sum::<f64>();
        self.features.gather(vector, range, &mut sums[1..]);
    }

    /// Adds the products of a gathered vector with the columns of codes, each to its place.
    pub(crate) fn add_products(&self, sums: &[f64], products: &mut [f64]) {
        for indicator in &self.indicators {
            let product = indicator.off * sums[0] + indicator.step * sums[1 + indicator.place];
            products[indicator.column] += product;
        }
    }

    /// For each block of which every row that counts has one column, the direction along which its columns,
    /// centred, cancel each other: columns with their parts of a vector of length 1.
    pub(crate) fn dependent(&self, weights: Option<&[f64]>) -> Vec<Vec<(usize, f64)>> {
        let totals = self.features.totals(weights);
        let of_block = |columns: &[Standard]| {
            let first = columns[0].place - columns[0].code;
            let mut left = vec![1; self.features.levels(columns[0].block)];
            columns.iter().for_each(|column| left[column.code] -= 1);
            let covered = |(left, total): (&i32, &f64)| *left == 0 || *left == 1 && *total == 0.0;
            if !left.iter().zip(&totals[first..]).all(covered) {
                return None;
            }
            // Each column is its step in the rows of its code, and in every row there is one of them.
            let size = columns.iter().map(|column| column.step.powi(-2)).sum::<f64>().sqrt();
            let part = |column: &Standard| (column.column, 1.0 / (column.step * size));
            size.is_finite().then(|| columns.iter().map(part).collect())
        };
        self.indicators
            .chunk_by(|one, other| one.block == other.block)
            .filter_map(of_block)
            .collect()
    }

    /// All products of the columns and a target with each other, row by row, the target last.
    /// `fill` writes the dense columns by their places, and the target at the place after all.
    pub(crate) fn gram(
        &self,
        roots: Option<&[f64]>,
        fill: &(impl Fn(usize, Range<usize>, &mut [f64]) + Sync),
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let (rows, width) = (self.features.rows(), self.dense.len() + self.indicators.len());
        let order = width + 1;
        let places: Vec<usize> = self.dense.iter().copied().chain([width]).collect();
        let mut matrix = vec![0.0; order * order];
        let by_place = |j: usize, range: Range<usize>, out: &mut [f64]| fill(places[j], range, out);
        let sums = products(rows, 0..places.len(), &by_place, control)?;
        for (row, &i) in sums.chunks(places.len()).zip(&places) {
            for (value, &j) in row.iter().zip(&places) {
                matrix[i * order + j] = *value;
            }
        }
        let weights: Option<Vec<f64>> =
            roots.map(|roots| roots.iter().map(|root| root * root).collect());
        let all: Vec<usize> = (0..order).collect();
        let weighed = |j: usize, range: Range<usize>, out: &mut [f64]| {
            fill(j, range.clone(), out);
            if let Some(roots) = roots {
                out.iter_mut().zip(&roots[range]).for_each(|(value, root)| *value *= root);
            }
        };
        self.add_pairs((&all, &all), weights.as_deref(), &weighed, control, &mut matrix)?;
        Ok(matrix)
    }
}

/// `central + (x - centres) · coefficients` for every row.
///
/// # Panics
/// If the number of columns is not the number of coefficients.
pub(crate) fn linear(
    features: &Features<'_>,
    centres: &[f64],
    coefficients: &[f64],
    central: f64,
) -> Vec<f64> {
    assert_eq!(features.len(), coefficients.len(), "columns differ from those trained on");
    let all: Vec<usize> = (0..features.len()).collect();
    let about = |mean: &f64| Spread { mean: *mean, rest: 0.0, deviation: 1.0 };
    let spreads: Vec<Spread> = centres.iter().map(about).collect();
    let mixed = Mixed::new(features, &all, &spreads, &vec![1.0; all.len()]);
    let mut shares = mixed.shares(coefficients);
    shares.constant += central;
    let mut scores = vec![0.0; features.rows()];
    scores.par_chunks_mut(rows::BLOCK).enumerate().for_each(|(index, scores)| {
        let start = index * rows::BLOCK;
        let range = start..start + scores.len();
        mixed.spread_out(&shares, &range, scores);
        let mut values = [0.0; rows::BLOCK];
        let values = &mut values[..scores.len()];
        for &j in &mixed.dense {
            features.fill(j, range.clone(), values);
            values.iter_mut().for_each(|value| *value -= centres[j]);
            add_scaled(scores, coefficients[j], values);
        }
    });
    scores
}
