//! Naive Bayes over truth values.

use ndarray::{Array1, Array2, ArrayView2};

use super::counts::{Counts, LinearLogs, Reading};
use super::{LEAST_ALPHA, Prior, check_alpha};
use crate::{Control, Error};

parameters! {
    /// Bernoulli naive Bayes: the class with the greatest
    /// `prior(c) · Π_j (p(j, c) where x_j > binarize, else 1 - p(j, c))`, where `p(j, c)` is the
    /// share of the class's rows with `x_j > binarize`, with `alpha` added to both kinds of rows.
    BernoulliNaiveBayes => CheckedBernoulliNaiveBayes {
        /// Added to each count, from 0; below 1e-10 it counts as that. The default is 1.
        alpha: f64 = 1.0,
        /// Values above it are true. The default is 0.
        binarize: f64 = 0.0,
        /// The default is [`Prior::Shares`].
        prior: Prior = Prior::Shares,
    }
}

impl CheckedBernoulliNaiveBayes {
    fn validate(&self) -> Result<(), Error> {
        if !self.binarize.is_finite() {
            return Err(Error::parameter("binarize", "is not a finite number"));
        }
        check_alpha(self.alpha)
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) gets probability 0.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedBernoulliNaiveBayes, Error> {
        let reading = Reading::Above(self.binarize);
        let counts = Counts::new(x, codes, classes, reading, control)?;
        let alpha = self.alpha.max(LEAST_ALPHA);
        let mut constants = self.prior.logs(&counts.totals);
        let mut coefficients = Array2::zeros(counts.sums.dim());
        for ((class, j), &trues) in counts.sums.indexed_iter() {
            // Rounding must not make the falses negative.
            let falses = (counts.totals[class] - trues).max(0.0);
            let total = (counts.totals[class] + 2.0 * alpha).ln();
            let log_false = (falses + alpha).ln() - total;
            constants[class] += log_false;
            coefficients[[class, j]] = (trues + alpha).ln() - total - log_false;
        }
        Ok(FittedBernoulliNaiveBayes { logs: LinearLogs { constants, coefficients, reading } })
    }
}

/// What [`BernoulliNaiveBayes`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedBernoulliNaiveBayes {
    logs: LinearLogs,
}

impl FittedBernoulliNaiveBayes {
    /// The log-odds of `p(j, c)` (classes × columns).
    #[must_use]
    pub fn log_odds(&self) -> &Array2<f64> {
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

linfa_classifier!(CheckedBernoulliNaiveBayes, FittedBernoulliNaiveBayes);
