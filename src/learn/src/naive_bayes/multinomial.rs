//! Naive Bayes over counts.

use ndarray::{Array1, Array2, ArrayView2};

use super::counts::{Counts, LinearLogs, Reading, log_shares};
use super::{LEAST_ALPHA, Prior, check_alpha};
use crate::{Control, Error};

parameters! {
    /// Multinomial naive Bayes: the class with the greatest `prior(c) · Π_j p(j, c)^x_j`, where
    /// `p(j, c)` is the share of column `j` in the sum of all columns over the rows of the class,
    /// with `alpha` added to each column's sum (Manning, Raghavan and Schütze, *Introduction to
    /// Information Retrieval*, 2008, section 13.2).
    MultinomialNaiveBayes => CheckedMultinomialNaiveBayes {
        /// Added to each sum, from 0; below 1e-10 it counts as that. The default is 1.
        alpha: f64 = 1.0,
        /// The default is [`Prior::Shares`].
        prior: Prior = Prior::Shares,
    }
}

impl CheckedMultinomialNaiveBayes {
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
    ) -> Result<FittedMultinomialNaiveBayes, Error> {
        let counts = Counts::new(x, codes, classes, Reading::Value, control)?;
        let added = (self.alpha.max(LEAST_ALPHA) / counts.unit).max(f64::MIN_POSITIVE);
        let mut coefficients = Array2::zeros(counts.sums.dim());
        for (mut row, sums) in coefficients.rows_mut().into_iter().zip(counts.sums.rows()) {
            row.assign(&Array1::from(log_shares(sums, added)));
        }
        let constants = self.prior.logs(&counts.totals);
        Ok(FittedMultinomialNaiveBayes {
            logs: LinearLogs { constants, coefficients, reading: Reading::Value },
        })
    }
}

/// What [`MultinomialNaiveBayes`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedMultinomialNaiveBayes {
    logs: LinearLogs,
}

impl FittedMultinomialNaiveBayes {
    /// Logarithms of `p(j, c)` (classes × columns).
    #[must_use]
    pub fn log_probabilities(&self) -> &Array2<f64> {
        &self.logs.coefficients
    }

    /// The most probable class of every row; the lower code where two are equally probable.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.logs.predict_rows(x)
    }

    /// Probabilities (rows × classes), from logarithms by a log-sum-exp.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.logs.predict_probabilities(x)
    }
}

linfa_classifier!(CheckedMultinomialNaiveBayes, FittedMultinomialNaiveBayes);
