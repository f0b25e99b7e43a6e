//! Rows with their targets and raw predictions, and the gradients that follow from them.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::binned::Binned;
use super::histogram::{Sum, Units};
use super::loss::Loss;
use super::quantile::quantile;
use super::tree::Tree;
use crate::Error;
use crate::bins::Binning;
use crate::dense::max_abs;

/// Rows whose gradients one thread computes at a time.
pub(super) const PART: usize = 4096;

/// Sizes of gradients that are still far from overflowing in sums.
const LARGEST_GRADIENT: f64 = 1e200;

/// What a training learns from: one target and weight for each row of the table.
pub(super) struct Target<'a> {
    pub(super) loss: Loss,
    /// Raw predictions of a row.
    pub(super) outputs: usize,
    /// Values, or codes of the classes that there are.
    pub(super) y: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
}

/// Some rows with what is known of them.
pub(super) struct Part {
    pub(super) y: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) binned: Binned,
    /// Raw predictions so far, one list an output.
    pub(super) raw: Vec<Vec<f64>>,
}

impl Part {
    pub(super) fn new(
        x: ArrayView2<'_, f64>,
        target: &Target<'_>,
        binning: &Binning,
        baseline: &[f64],
        rows: &[u32],
    ) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row as usize]).collect();
        Self {
            y: pick(target.y),
            weights: target.weights.map(pick),
            binned: Binned::new(binning, x, rows),
            raw: baseline.iter().map(|raw| vec![*raw; rows.len()]).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.y.len()
    }

    /// Adds the values of a tree to the raw predictions of all rows.
    pub(super) fn add(&mut self, tree: &Tree, output: usize) {
        let binned = &self.binned;
        self.raw[output].par_iter_mut().enumerate().with_min_len(PART).for_each(|(row, raw)| {
            *raw += tree.values[tree.leaf_of(|column| binned.bin(row, column))];
        });
    }

    /// The mean loss.
    pub(super) fn loss(&self, loss: Loss) -> f64 {
        loss.mean(&self.y, self.weights.as_deref(), &self.raw)
    }

    /// The quantile of what is left of the target in some rows.
    pub(super) fn residual(&self, rows: &[u32], q: f64) -> f64 {
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let of = |&row: &u32| {
            let row = row as usize;
            (self.y[row] - self.raw[0][row], weight(row))
        };
        quantile(&mut rows.iter().map(of).collect::<Vec<_>>(), q)
    }

    /// Gradients and hessians of one output as words.
    pub(super) fn pack<const WORDS: usize>(
        &self,
        loss: Loss,
        output: usize,
        totals: &[f64],
        words: &mut [Sum<WORDS>],
    ) -> Result<Units, Error> {
        let (y, raw) = (&self.y, &self.raw[output]);
        // Each arm is compiled by itself, so that its loop over the rows has no branch over losses.
        macro_rules! of_each_row {
            ($loss:expr) => {
                self.pack_all(loss, words, |row| $loss.derivatives(y[row], raw[row], 0.0))
            };
        }
        match loss {
            Loss::Squared => of_each_row!(Loss::Squared),
            Loss::Absolute => of_each_row!(Loss::Absolute),
            Loss::Quantile(q) => of_each_row!(Loss::Quantile(q)),
            Loss::Poisson => of_each_row!(Loss::Poisson),
            Loss::Gamma => of_each_row!(Loss::Gamma),
            Loss::Binary => of_each_row!(Loss::Binary),
            Loss::Softmax => self.pack_all(loss, words, |row| {
                let is_class = f64::from(u8::from(y[row] == output as f64));
                Loss::Softmax.derivatives(is_class, raw[row], totals[row])
            }),
        }
    }

    fn pack_all<const WORDS: usize>(
        &self,
        loss: Loss,
        words: &mut [Sum<WORDS>],
        derivatives: impl Fn(usize) -> (f64, f64) + Sync,
    ) -> Result<Units, Error> {
        let weights = self.weights.as_deref();
        let weighted = |row: usize| {
            let (gradient, hessian) = derivatives(row);
            match weights {
                None => (gradient, hessian),
                Some(weights) => (gradient * weights[row], hessian * weights[row]),
            }
        };
        let (gradient, hessian) = match loss.bounds() {
            Some((gradient, hessian)) => {
                let largest = weights.map_or(1.0, max_abs);
                (gradient * largest, hessian * largest)
            }
            // The largest of all is the same in whatever order they are compared.
            None => (0..words.len())
                .into_par_iter()
                .with_min_len(PART)
                .map(|row| {
                    let (gradient, hessian) = weighted(row);
                    (gradient.abs(), hessian)
                })
                .reduce(|| (0.0, 0.0), |a, b| (a.0.max(b.0), a.1.max(b.1))),
        };
        if !(gradient < LARGEST_GRADIENT && hessian < LARGEST_GRADIENT) {
            let message = "makes the predictions diverge: lower it";
            return Err(Error::parameter("learning_rate", message));
        }
        let units = Units::new::<WORDS>(words.len(), gradient, hessian);
        words.par_chunks_mut(PART).enumerate().for_each(|(index, words)| {
            for (place, words) in words.iter_mut().enumerate() {
                let (gradient, hessian) = weighted(index * PART + place);
                *words = units.pack(gradient, hessian);
            }
        });
        Ok(units)
    }
}
