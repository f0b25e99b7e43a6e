//! Naive Bayes over counts, truth values and categories.

mod bernoulli;
mod categorical;
mod complement;
mod counts;
mod multinomial;

pub use bernoulli::{BernoulliNaiveBayes, CheckedBernoulliNaiveBayes, FittedBernoulliNaiveBayes};
pub use categorical::{
    CategoricalNaiveBayes, CheckedCategoricalNaiveBayes, FittedCategoricalNaiveBayes,
};
pub use complement::{
    CheckedComplementNaiveBayes, ComplementNaiveBayes, FittedComplementNaiveBayes, Norm,
};
pub use multinomial::{
    CheckedMultinomialNaiveBayes, FittedMultinomialNaiveBayes, MultinomialNaiveBayes,
};

use crate::Error;

/// The least that is added to a count, so that no probability is 0 (scikit-learn's
/// `force_alpha=False`).
const LEAST_ALPHA: f64 = 1e-10;

/// More would be beyond all numbers once it is added up over the columns.
const MOST_ALPHA: f64 = 1e150;

fn check_alpha(alpha: f64) -> Result<(), Error> {
    if (0.0..=MOST_ALPHA).contains(&alpha) {
        Ok(())
    } else {
        Err(Error::parameter(
            "alpha",
            format!("is {alpha:e}, not a number from 0 to {MOST_ALPHA:e}"),
        ))
    }
}

/// Where the probabilities of the classes before a row is seen come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prior {
    /// The shares of the weights.
    #[default]
    Shares,
    /// All classes that training rows have are equally probable.
    Uniform,
}

impl Prior {
    /// Logarithms, minus infinity for a class without weight.
    fn logs(self, totals: &[f64]) -> Vec<f64> {
        let sum: f64 = totals.iter().sum();
        let present = totals.iter().filter(|total| **total > 0.0).count() as f64;
        totals
            .iter()
            .map(|&total| match self {
                Self::Shares => (total / sum).ln(),
                Self::Uniform if total > 0.0 => -present.ln(),
                Self::Uniform => f64::NEG_INFINITY,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
