//! Naive Bayes over counts, from the rows of the other classes.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::counts::{Counts, LinearLogs, Reading, log_shares};
use super::{LEAST_ALPHA, Prior, check_alpha};
use crate::{Control, Error};

/// Whether the weights of a class are divided by their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Norm {
    /// They stay as they are.
    #[default]
    None,
    /// They are divided by the sum of their sizes.
    Weights,
}

parameters! {
    /// Complement naive Bayes (Rennie, Shih, Teevan and Karger, 2003): the class whose complement
    /// fits worst, `Σ_j x_j · -log q(j, c)`, where `q(j, c)` is the share of column `j` in the sum
    /// of all columns over the rows of the *other* classes, with `alpha` added to each column's
    /// sum.
    ComplementNaiveBayes => CheckedComplementNaiveBayes {
        /// Added to each sum, from 0; below 1e-10 it counts as that. The default is 1.
        alpha: f64 = 1.0,
        /// The default is [`Norm::None`].
        norm: Norm = Norm::None,
    }
}

impl CheckedComplementNaiveBayes {
    fn validate(&self) -> Result<(), Error> {
        check_alpha(self.alpha)
    }

    /// Fits `x` (rows × columns, not negative) to class codes below `classes`. A class without
    /// rows (of a weight above 0) gets probability 0.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped, and
    /// [`Error::Column`] for a negative value.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedComplementNaiveBayes, Error> {
        let counts = Counts::new(x, codes, classes, Reading::Value, control)?;
        let added = (self.alpha.max(LEAST_ALPHA) / counts.unit).max(f64::MIN_POSITIVE);
        let mut coefficients = Array2::zeros(counts.sums.dim());
        for (class, mut row) in coefficients.rows_mut().into_iter().enumerate() {
            let mut others = Array1::<f64>::zeros(counts.sums.ncols());
            for (other, sums) in counts.sums.axis_iter(Axis(0)).enumerate() {
                if other != class {
                    others += &sums;
                }
            }
            let logs = Array1::from(log_shares(others.view(), added));
            match self.norm {
                Norm::None => row.assign(&-logs),
                Norm::Weights => {
                    let sum = logs.sum();
                    // One column has all of the sum, and its logarithm is 0.
                    row.assign(&if sum == 0.0 { logs } else { logs / sum });
                }
            }
        }
        let constants = Prior::Uniform.logs(&counts.totals);
        Ok(FittedComplementNaiveBayes {
            logs: LinearLogs { constants, coefficients, reading: Reading::Value },
        })
    }
}

/// What [`ComplementNaiveBayes`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedComplementNaiveBayes {
    logs: LinearLogs,
}

impl FittedComplementNaiveBayes {
    /// The weight of every column for every class (classes × columns).
    #[must_use]
    pub fn column_weights(&self) -> &Array2<f64> {
        &self.logs.coefficients
    }

    /// The class of every row with the greatest sum; the lower code where two are equal.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.logs.predict_rows(x)
    }

    /// Probabilities (rows × classes): the softmax of the sums, as in scikit-learn.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.logs.predict_probabilities(x)
    }
}

linfa_classifier!(CheckedComplementNaiveBayes, FittedComplementNaiveBayes);
