//! Judges the rows of the training by the trees that did not draw them.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::plant::Plot;
use super::votes::Forest;
use crate::{Control, Error};

/// What the trees say about the rows that they did not draw.
pub(super) struct OutOfBag {
    means: Array2<f64>,
    /// How many trees that was, by row.
    voters: Vec<u32>,
}

impl OutOfBag {
    pub(super) fn new(
        forest: &Forest,
        plot: &Plot<'_>,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let drawn: Result<Vec<Vec<u64>>, Error> = (0..plot.trees)
            .into_par_iter()
            .map(|tree| match plot.bag {
                Some(bag) => Ok(bits(&bag.draw(plot.seed(tree), control)?)),
                None => Ok(vec![u64::MAX; x.nrows().div_ceil(64)]),
            })
            .collect();
        let drawn = drawn?;
        let is_left_out = |tree: usize, row: usize| drawn[tree][row / 64] >> (row % 64) & 1 == 0;
        let (means, voters) = forest.means_of(x, is_left_out, control)?;
        Ok(Self { means, voters })
    }

    /// The rows that have an answer, with their weights.
    fn judged<'a>(
        &'a self,
        weights: Option<&'a [f64]>,
    ) -> impl Iterator<Item = (usize, f64)> + Clone + 'a {
        let weight = move |row: usize| weights.map_or(1.0, |weights| weights[row]);
        (0..self.voters.len())
            .filter(|row| self.voters[*row] > 0)
            .map(move |row| (row, weight(row)))
            .filter(|(_, weight)| *weight > 0.0)
    }

    /// The weighted share of rows whose most probable class is right.
    pub(super) fn accuracy(&self, codes: &[u32], weights: Option<&[f64]>) -> Option<f64> {
        let answers = crate::rows::largest(&self.means);
        let (mut right, mut total) = (0.0, 0.0);
        for (row, weight) in self.judged(weights) {
            total += weight;
            right += if answers[row] == codes[row] { weight } else { 0.0 };
        }
        (total > 0.0).then(|| right / total)
    }

    /// The weighted share of the variance that the answers explain.
    pub(super) fn r2(&self, y: &[f64], weights: Option<&[f64]>) -> Option<f64> {
        let unit = crate::dense::power_of_two(crate::dense::max_abs(y));
        let total: f64 = self.judged(weights).map(|(_, weight)| weight).sum();
        let sum: f64 = self.judged(weights).map(|(row, weight)| weight * (y[row] / unit)).sum();
        let mean = sum / total;
        let (mut missed, mut spread) = (0.0, 0.0);
        for (row, weight) in self.judged(weights) {
            let truth = y[row] / unit;
            missed += weight * (truth - self.means[[row, 0]] / unit).powi(2);
            spread += weight * (truth - mean).powi(2);
        }
        (spread > 0.0).then(|| 1.0 - missed / spread)
    }
}

/// A bit for every row, set where it was drawn.
fn bits(counts: &[u32]) -> Vec<u64> {
    counts
        .chunks(64)
        .map(|counts| {
            let bit = |(place, count): (usize, &u32)| u64::from(*count > 0) << place;
            counts.iter().enumerate().map(bit).sum()
        })
        .collect()
}
