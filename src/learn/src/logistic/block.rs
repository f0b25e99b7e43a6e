//! Scratch space for what is worked out of one block of rows.

use crate::rows;

/// Values of one block of rows, column by column or head by head.
pub(super) struct Block {
    pub(super) columns: Vec<f64>,
    /// Scores, later the probabilities.
    pub(super) scores: Vec<f64>,
    pub(super) residuals: Vec<f64>,
    /// For two classes the weight times the variance of a row, for more its weight.
    pub(super) counted: Vec<f64>,
    pub(super) curvatures: Vec<f64>,
    pub(super) curved: Vec<f64>,
    pub(super) gathered: Vec<f64>,
}

impl Block {
    pub(super) fn new(width: usize, heads: usize) -> Self {
        Self {
            columns: vec![0.0; width * rows::BLOCK],
            scores: vec![0.0; heads * rows::BLOCK],
            residuals: vec![0.0; heads * rows::BLOCK],
            counted: vec![0.0; rows::BLOCK],
            curvatures: vec![0.0; rows::BLOCK],
            curved: Vec::new(),
            gathered: Vec::new(),
        }
    }
}
