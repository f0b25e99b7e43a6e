//! Many trees as one prediction.

use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

use super::tree::Tree;
use crate::bins::Binning;

/// Rows that one thread predicts at a time.
const PREDICTED: usize = 1024;

/// What was learnt: raw predictions as sums over trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ensemble {
    pub(super) binning: Binning,
    pub(super) baseline: Vec<f64>,
    /// As many trees an iteration as there are raw predictions.
    pub(super) trees: Vec<Tree>,
    /// Total gain of every column, with sum 1 or all 0.
    pub(super) importances: Vec<f64>,
    pub(super) iterations: usize,
}

impl Ensemble {
    /// Raw predictions, one list an output.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    pub(super) fn raw(&self, x: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
        let columns = self.binning.columns.len();
        assert_eq!(x.ncols(), columns, "columns differ from those trained on");
        let outputs = self.baseline.len();
        let blocks: Vec<Vec<Vec<f64>>> = (0..x.nrows().div_ceil(PREDICTED))
            .into_par_iter()
            .map(|block| {
                let start = block * PREDICTED;
                let end = x.nrows().min(start + PREDICTED);
                let rows = x.slice_axis(Axis(0), Slice::from(start..end));
                let mut bytes = vec![0; rows.nrows() * columns];
                self.binning.block(rows, &mut bytes);
                let mut raw: Vec<Vec<f64>> =
                    self.baseline.iter().map(|raw| vec![*raw; end - start]).collect();
                for round in self.trees.chunks(outputs) {
                    for (tree, raw) in round.iter().zip(&mut raw) {
                        tree.add_to(&bytes, columns, raw);
                    }
                }
                raw
            })
            .collect();
        (0..outputs)
            .map(|output| blocks.iter().flat_map(|block| block[output].iter().copied()).collect())
            .collect()
    }
}
