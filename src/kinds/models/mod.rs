//! Models: what is trained on the training rows, or given, and then judged.
//! Preparing the features is left to `transforms`; whether the task fits, to `plan`.

mod ada_boost;
mod adapter;
#[cfg(test)]
mod admission;
mod decision_tree;
mod dummy;
mod extra_trees;
mod gaussian_naive_bayes;
mod k_means;
mod linear_regression;
mod logistic_regression;
mod predictions;
mod random_forest;
mod ridge;
mod trees;
#[cfg(test)]
mod weights_tests;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem};

pub use ada_boost::AdaBoost;
pub use decision_tree::DecisionTree;
pub use dummy::{Dummy, DummyStrategy};
pub use extra_trees::ExtraTrees;
pub use gaussian_naive_bayes::GaussianNaiveBayes;
pub use k_means::KMeans;
pub use linear_regression::LinearRegression;
pub use logistic_regression::LogisticRegression;
pub use predictions::Predictions;
pub use random_forest::RandomForest;
pub use ridge::Ridge;

/// What a model asks of its features, for the preparation that the runner adds on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Preparation {
    /// The features are not looked at.
    Nothing,
    /// Columns as they are: gaps stay NaN, categories become codes (see [`Rows::levels`]).
    Native,
    /// Numbers without gaps.
    Numbers,
    /// Numbers without gaps, no column following from the others.
    Independent,
    /// Numbers without gaps and of like scale: distances and penalties depend on it.
    Scaled,
}

/// What a classifier tells besides the class of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scores {
    Nothing,
    /// Numbers that rank the rows of a binary target, in the form of two columns that sum to 1:
    /// good for curves and cuts that the rows themselves choose, and no probabilities.
    Ranks,
    Probabilities,
}

/// What is known of a model before it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    pub tasks: &'static [Task],
    pub scores: Scores,
    pub preparation: Preparation,
}

/// What every model does.
pub trait Model {
    fn about(&self) -> About;

    /// Problems of the parameters, all at once.
    fn check(&self) -> Vec<Problem>;

    /// Whether it learns, or is given.
    fn role(&self) -> Role<'_>;

    /// The parameters that matter, for the plan and the trace.
    fn describe(&self) -> String;
}

/// Where a model's answers come from.
pub enum Role<'a> {
    Learns(&'a dyn Learner),
    /// Columns of the data hold the predictions.
    Given(&'a Predictions),
}

/// The known answers of the training rows; codes index into classes that were sorted when the
/// plan was bound.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    Values(&'a [f64]),
    Codes { codes: &'a [u32], classes: usize },
    None,
}

/// A request to end, set from outside and polled by estimators.
#[derive(Debug, Default)]
pub struct StopFlag(AtomicBool);

impl StopFlag {
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What accompanies a training run.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// One weight a training row; none where all rows count the same.
    pub weights: Option<&'a [f64]>,
    pub stop: &'a StopFlag,
    /// The code of the positive class of a binary target, where one is known.
    pub positive: Option<u32>,
}

/// A learner as the runner sees it.
pub trait Learner {
    /// Trains on at least one row; features are finite, target and task fit `About`.
    ///
    /// # Errors
    /// What keeps the model from being trained, or that the stop flag was raised.
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure>;
}

/// A trained model.
pub trait Fitted: Send + Sync {
    /// One answer a row; the rows have the columns of the training rows.
    fn predict(&self, x: Rows<'_>) -> Prediction;

    /// How much each column counts in the model, from 0, summing to 1; none where the model has no
    /// such measure of its own.
    fn importances(&self) -> Option<Vec<f64>> {
        None
    }
}

/// A trained model and what should be known of its training.
pub struct Fit {
    pub model: Box<dyn Fitted>,
    /// Warnings on the model, such as one that did not converge.
    pub notes: Vec<Problem>,
    /// What training came to, in a few words for the trace: iterations, depth, rank.
    pub summary: String,
}

/// Why there is no trained model.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The stop flag was raised.
    Stopped,
    /// Something about the model or its parameters.
    Problem(Problem),
    /// A column of the features, by its index, holds what the model cannot take, in this training
    /// row where one can be named.
    Column { column: usize, row: Option<usize>, message: String },
    /// The target of this training row is what the model cannot take.
    Target { row: usize, message: String },
}

kinds! {
    /// A model with its parameters.
    pub enum AnyModel: dyn Model, "model", "models" {
        "logistic_regression" => LogisticRegression(LogisticRegression),
        "linear_regression" => LinearRegression(LinearRegression),
        "ridge" => Ridge(Ridge),
        "decision_tree" => DecisionTree(DecisionTree),
        "random_forest" => RandomForest(RandomForest),
        "extra_trees" => ExtraTrees(ExtraTrees),
        "ada_boost" => AdaBoost(AdaBoost),
        "gaussian_naive_bayes" => GaussianNaiveBayes(GaussianNaiveBayes),
        "k_means" => KMeans(KMeans),
        "dummy" => Dummy(Dummy),
        "predictions" => Predictions(Predictions),
    }
}

/// The failure for a target of another task than the model's. `bind` refuses those, so this is
/// never seen.
fn wrong_target() -> Failure {
    Failure::Problem(Problem::of_kind(Code::TaskMisfit, "the target is not of the model's task"))
}
