//! AdaBoost for classes and for values: small trees, each grown on the rows that those before it
//! missed.

mod classes;
mod stage;
mod values;

pub use classes::FittedAdaBoostClassifier;
pub use values::FittedAdaBoostRegressor;

use crate::Error;

/// Learning rates, far enough from the limits of `f64` for all products with them.
const RATES: std::ops::RangeInclusive<f64> = 1e-6..=1e3;

/// How the error of a row is taken, as a share of the greatest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loss {
    /// The share `s` itself.
    #[default]
    Linear,
    /// `s²`.
    Square,
    /// `1 - exp(-s)`.
    Exponential,
}

parameters! {
    /// Boosted classification trees by the algorithm SAMME (Zhu, Zou, Rosset and Hastie, 2009),
    /// with scikit-learn's rules; for two classes it is AdaBoost (Freund and Schapire, 1997).
    ///
    /// Every tree is grown on the rows by their weights; those it gets wrong weigh more for the
    /// next one. Boosting ends early after a tree without an error, and before one that is no
    /// better than guessing. The trees follow [`DecisionTreeClassifier`](crate::DecisionTreeClassifier).
    AdaBoostClassifier => CheckedAdaBoostClassifier {
        /// The most trees, at least 1. The default is 50.
        n_estimators: usize = 50,
        /// How much of every step is made, from 1e-6 to 1000. The default is 1.
        learning_rate: f64 = 1.0,
        /// Splits allowed above a leaf, at least 1. The default is 1.
        max_depth: usize = 1,
    }
}

parameters! {
    /// Boosted regression trees by the algorithm AdaBoost.R2 (Drucker, 1997), with scikit-learn's
    /// rules.
    ///
    /// Every tree is grown on as many rows as there are, drawn with replacement by their weights;
    /// those that it predicts well weigh less for the next one. Boosting ends early after a tree
    /// without an error, and before one whose mean loss is at least a half. The answer is the
    /// weighted median of the trees'.
    AdaBoostRegressor => CheckedAdaBoostRegressor {
        /// The most trees, at least 1. The default is 50.
        n_estimators: usize = 50,
        /// How much of every step is made, from 1e-6 to 1000. The default is 1.
        learning_rate: f64 = 1.0,
        /// Splits allowed above a leaf, at least 1. The default is 3.
        max_depth: usize = 3,
        /// The default is [`Loss::Linear`].
        loss: Loss = Loss::Linear,
        /// Seed for drawing rows. The default is 0.
        seed: u64 = 0,
    }
}

/// What both check of their parameters.
fn validate(n_estimators: usize, learning_rate: f64, max_depth: usize) -> Result<(), Error> {
    for (name, value) in [("n_estimators", n_estimators), ("max_depth", max_depth)] {
        if value == 0 {
            return Err(Error::parameter(name, "is 0, not at least 1"));
        }
    }
    if !RATES.contains(&learning_rate) {
        let message = format!("is {learning_rate}, not from 1e-6 to 1000");
        return Err(Error::parameter("learning_rate", message));
    }
    Ok(())
}

impl CheckedAdaBoostClassifier {
    fn validate(&self) -> Result<(), Error> {
        validate(self.n_estimators, self.learning_rate, self.max_depth)
    }
}

impl CheckedAdaBoostRegressor {
    fn validate(&self) -> Result<(), Error> {
        validate(self.n_estimators, self.learning_rate, self.max_depth)
    }
}

linfa_classifier!(CheckedAdaBoostClassifier, FittedAdaBoostClassifier);
linfa_regressor!(CheckedAdaBoostRegressor, FittedAdaBoostRegressor);

#[cfg(test)]
mod tests;
