//! Estimators for tabular data in `f64`, behind linfa's traits.
//!
//! Every estimator follows the same path: unchecked parameters (a builder, for example
//! [`Ridge`]) become checked parameters through [`linfa::ParamGuard`], and those become a
//! fitted model. There are two ways to fit:
//!
//! * [`linfa::traits::Fit`] on a dataset whose records are a two-dimensional array of `f64`, and
//! * the inherent `fit_rows`, which takes views, `f64` weights and a [`Control`] that can stop a
//!   long training between two iterations.
//!
//! Class targets are codes: the values `0..classes`. A class that no training row has is allowed;
//! its probability is 0.
//!
//! Three promises hold for every estimator. The bits of a model depend on the data, the
//! parameters and the seed only, not on the number of threads: sums run over fixed blocks of rows
//! and are added in order. A value that is not finite in the training data is an [`Error`], and a
//! model is never returned with one inside. Iterative models say whether they [converged](Convergence).
//!
//! The `predict` functions take as many columns as the model was trained on and panic otherwise;
//! [`check_prediction_rows`] turns that, and values that are not finite, into an [`Error`] first.
//!
//! ```
//! use linfa::{Dataset, traits::{Fit, Predict}};
//! use mlspec_learn::Ridge;
//! use ndarray::array;
//!
//! let data = Dataset::new(array![[0.0], [1.0], [2.0]], array![1.0, 3.0, 5.0]);
//! let model = Ridge::new().alpha(0.0).fit(&data)?;
//! let predicted = model.predict(&array![[3.0]]);
//! assert!((predicted[0] - 7.0).abs() < 1e-12);
//! # Ok::<(), mlspec_learn::Error>(())
//! ```

#[macro_use]
mod parameters;

mod control;
mod input;
mod seeded;

mod bins;
mod cholesky;
mod dense;
mod least_squares;
mod mixed;
mod products;
mod qr;
mod rows;
mod smooth;

#[cfg(test)]
mod class_weight_tests;
#[cfg(test)]
mod mixed_tests;
#[cfg(test)]
mod test_support;

pub mod ada_boost;
pub mod boosting;
pub mod calibration;
pub mod clusters;
pub mod dbscan;
pub mod elastic_net;
pub mod features;
pub mod forest;
pub mod ftrl;
pub mod gaussian_mixture;
pub mod gaussian_naive_bayes;
pub mod generalized_linear;
pub mod hierarchical;
pub mod isolation_forest;
pub mod isotonic;
pub mod k_means;
pub mod k_means_plus_plus;
pub mod linear;
pub mod linear_svm;
pub mod logistic;
pub mod naive_bayes;
pub mod neighbors;
pub mod optics;
pub mod partial_least_squares;
pub mod ridge;
pub mod robust;
pub mod svm;
pub mod tree;

pub use ada_boost::{AdaBoostClassifier, AdaBoostRegressor};
pub use boosting::{GradientBoostingClassifier, GradientBoostingRegressor};
pub use clusters::Clusters;
pub use control::{ClassWeight, Control, Convergence, Error};
pub use dbscan::Dbscan;
pub use elastic_net::ElasticNet;
pub use features::{Features, Indicator, Indicators};
pub use forest::{RandomForestClassifier, RandomForestRegressor};
pub use ftrl::Ftrl;
pub use gaussian_mixture::GaussianMixture;
pub use gaussian_naive_bayes::GaussianNaiveBayes;
pub use generalized_linear::GeneralizedLinear;
pub use hierarchical::Hierarchical;
pub use input::check_prediction_rows;
pub use isolation_forest::IsolationForest;
pub use isotonic::IsotonicRegression;
pub use k_means::KMeans;
pub use k_means_plus_plus::KMeansPlusPlus;
pub use linear::LinearRegression;
pub use linear_svm::{LinearSupportVectorClassifier, LinearSupportVectorRegressor};
pub use logistic::LogisticRegression;
pub use naive_bayes::{
    BernoulliNaiveBayes, CategoricalNaiveBayes, ComplementNaiveBayes, MultinomialNaiveBayes,
};
pub use neighbors::{KNeighborsClassifier, KNeighborsRegressor};
pub use optics::Optics;
pub use partial_least_squares::PartialLeastSquares;
pub use ridge::Ridge;
pub use robust::{Huber, QuantileRegression};
pub use seeded::Generator;
pub use svm::{OneClassSupportVectorMachine, SupportVectorClassifier, SupportVectorRegressor};
pub use tree::{DecisionTreeClassifier, DecisionTreeRegressor};
