//! Models: what is trained on the training rows, or given, and then judged.
//! Preparing the features is left to `transforms`; whether the task fits, to `plan`.

mod ada_boost;
mod adapter;
#[cfg(test)]
mod admission;
mod anomalies;
mod asked;
mod bernoulli_naive_bayes;
mod calibrate;
mod categorical_naive_bayes;
mod class_weight;
mod complement_naive_bayes;
#[cfg(test)]
mod composition_tests;
mod dbscan;
mod decision_tree;
mod dummy;
mod elastic_net;
mod extra_trees;
mod folding;
mod forest;
mod ftrl;
mod gaussian_mixture;
mod gaussian_naive_bayes;
mod generalized_linear;
mod gradient_boosting;
#[cfg(test)]
mod hard_tables_tests;
mod hierarchical;
mod huber;
mod isolation_forest;
mod isotonic;
mod k_means;
mod k_nearest_neighbors;
mod kernel;
mod lasso;
mod linear_regression;
mod linear_svm;
mod logistic_regression;
mod members;
mod metric;
mod misfits;
mod multinomial_naive_bayes;
mod one_class_svm;
mod optics;
mod out_of_fold;
mod partial_least_squares;
mod permutation;
mod predictions;
mod quantile_regression;
mod random_forest;
mod ridge;
mod scoring;
mod search;
mod shrunk;
mod stacking;
mod stop;
#[cfg(test)]
mod stop_tests;
mod svm;
mod trees;
mod voting;
#[cfg(test)]
mod weights_tests;

use mlspec_learn::Clusters;
use ndarray::Array2;

use crate::data::{Classes, Prediction, Rows, Task};
use crate::diagnostic::{Code, Diagnostic, Problem, counted};
use crate::kinds::Rule;
pub use ada_boost::AdaBoost;
pub use asked::ask;
pub use bernoulli_naive_bayes::BernoulliNaiveBayes;
pub use calibrate::{Calibrate, CalibrationMethod};
pub use categorical_naive_bayes::CategoricalNaiveBayes;
pub use complement_naive_bayes::ComplementNaiveBayes;
pub use dbscan::Dbscan;
pub use decision_tree::DecisionTree;
pub use dummy::{Dummy, DummyStrategy};
pub use elastic_net::ElasticNet;
pub use extra_trees::ExtraTrees;
pub use folding::{AsTheyAre, Cut, Cutting, Folding, Part};
pub use ftrl::Ftrl;
pub use gaussian_mixture::GaussianMixture;
pub use gaussian_naive_bayes::GaussianNaiveBayes;
pub use generalized_linear::GeneralizedLinear;
pub use gradient_boosting::GradientBoosting;
pub use hierarchical::Hierarchical;
pub use huber::Huber;
pub use isolation_forest::IsolationForest;
pub use isotonic::Isotonic;
pub use k_means::KMeans;
pub use k_nearest_neighbors::{KNearestNeighbors, NeighborWeights};
pub use lasso::Lasso;
pub use linear_regression::LinearRegression;
pub use linear_svm::LinearSvm;
pub use logistic_regression::LogisticRegression;
pub use members::{Candidate, Member, Tuning, is_composed, keeps_rows};
pub use misfits::{Unweighed, of_classes, of_features, of_task, of_weights};
pub use multinomial_naive_bayes::MultinomialNaiveBayes;
pub use one_class_svm::OneClassSvm;
pub use optics::Optics;
pub use partial_least_squares::PartialLeastSquares;
pub use permutation::{Permutation, ScoreLoss};
pub use predictions::Predictions;
pub use quantile_regression::QuantileRegression;
pub use random_forest::RandomForest;
pub use ridge::Ridge;
pub use scoring::{Asks, Scoring};
pub use search::{Search, Strategy, between};
pub use stacking::Stacking;
pub use stop::StopFlag;
pub use svm::Svm;
pub use voting::{Vote, Voting};

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

    /// Parameters that have no meaning for a task: one that it does, or one that it would do without
    /// them. Those of models inside it are their own to tell.
    fn misfits(&self, _task: Task) -> Vec<Problem> {
        Vec::new()
    }

    /// What is wrong with the classes that it names, given those of the target. Models inside it tell of
    /// their own.
    fn misnamed(&self, _classes: &Classes) -> Vec<Problem> {
        Vec::new()
    }

    /// Why it cannot be trained on rows that weigh differently; none where it can.
    fn refuses_weights(&self) -> Option<&'static str> {
        None
    }

    /// What may not come together among the parameters: the schema and the decoder hold to it, so that
    /// no kind that breaks one is made from a spec, but for what a search tries.
    fn rules() -> Vec<Rule>
    where
        Self: Sized,
    {
        Vec::new()
    }
}

/// Where a model's answers come from.
pub enum Role<'a> {
    Learns(&'a dyn Learner),
    /// It finds anomalies, which are the positive class of a target of two; what it learns is where
    /// rows lie, not which class they have.
    Detects(&'a dyn Learner),
    /// It groups all rows, and says nothing of others.
    Labels(&'a dyn Labeller),
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

/// What accompanies a training run.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// One weight a training row; none where all rows count the same.
    pub weights: Option<&'a [f64]>,
    pub stop: &'a StopFlag,
    /// The classes of the target, where it has some.
    pub classes: Option<&'a Classes>,
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

    /// As `fit`, for one that trains on parts of the rows too: `folding` cuts and prepares them.
    ///
    /// # Errors
    /// As `fit`.
    fn fit_within(
        &self,
        x: Rows<'_>,
        y: Target<'_>,
        context: &Context<'_>,
        _folding: &dyn Folding,
    ) -> Result<Fit, Failure> {
        self.fit(x, y, context)
    }

    /// The models that it is made of, in the order of the spec.
    fn members(&self) -> Vec<Member<'_>> {
        Vec::new()
    }

    /// Whether columns of two numbers may stay codes (see [`Rows::indicators`]); others get numbers.
    fn takes_indicators(&self) -> bool {
        false
    }
}

/// A model that groups the rows it is given.
pub trait Labeller {
    /// Groups at least one row; features are finite.
    ///
    /// # Errors
    /// What keeps the rows from being grouped, or that the stop flag was raised.
    fn label(&self, x: Rows<'_>, context: &Context<'_>) -> Result<Labelled, Failure>;
}

/// Rows in groups, and what should be known of how they came about.
pub struct Labelled {
    /// The cluster of each row; none for noise.
    pub clusters: Vec<Option<u32>>,
    pub notes: Vec<Problem>,
    /// What it came to, in a few words for the trace.
    pub summary: String,
}

impl Labelled {
    fn of(clusters: Clusters) -> Self {
        let mut summary = counted(clusters.count, "cluster");
        let noise = clusters.noise();
        if noise > 0 {
            summary.push_str(&format!(", {} of noise", counted(noise, "row")));
        }
        Self { clusters: clusters.labels, notes: Vec::new(), summary }
    }
}

/// A trained model.
pub trait Fitted: Send + Sync {
    /// One answer a row; the rows have the columns of the training rows.
    fn predict(&self, x: Rows<'_>) -> Prediction;

    /// How much each column counts, from 0, summing to 1; none where the model does not tell.
    fn importances(&self) -> Option<Vec<f64>> {
        None
    }

    /// As `predict`, for rows at these positions of the fold that it was trained in: what was
    /// trained on rows that were prepared anew needs the others prepared in the same way.
    fn predict_in_fold(&self, x: Rows<'_>, _positions: &[u32]) -> Prediction {
        self.predict(x)
    }

    /// Rows × classes scores of a classifier that its probabilities are made of, such as log-odds;
    /// none where it has no other than those. Calibration learns from them.
    fn margins(&self, _x: Rows<'_>) -> Option<Array2<f64>> {
        None
    }

    /// The searches for parameters that it took.
    fn tunings(&self) -> Vec<Tuning> {
        Vec::new()
    }

    /// About how many steps of work one row takes beside a look at its columns: more than this where
    /// the model has grown large. Rows are asked about in parts of so much work that a request to stop
    /// is heard between them; 0 asks about all at once.
    fn work(&self) -> usize {
        64
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
    /// Something that has its place in the spec already, such as a step of preparation.
    Elsewhere(Box<Diagnostic>),
}

kinds! {
    /// A model with its parameters.
    pub enum AnyModel: dyn Model, "model", "models" {
        "logistic_regression" => LogisticRegression(LogisticRegression),
        "linear_regression" => LinearRegression(LinearRegression),
        "ridge" => Ridge(Ridge),
        "lasso" => Lasso(Lasso),
        "elastic_net" => ElasticNet(ElasticNet),
        "huber" => Huber(Huber),
        "quantile_regression" => QuantileRegression(QuantileRegression),
        "generalized_linear" => GeneralizedLinear(GeneralizedLinear),
        "isotonic" => Isotonic(Isotonic),
        "partial_least_squares" => PartialLeastSquares(PartialLeastSquares),
        "ftrl" => Ftrl(Ftrl),
        "decision_tree" => DecisionTree(DecisionTree),
        "random_forest" => RandomForest(RandomForest),
        "extra_trees" => ExtraTrees(ExtraTrees),
        "ada_boost" => AdaBoost(AdaBoost),
        "gradient_boosting" => GradientBoosting(GradientBoosting),
        "k_nearest_neighbors" => KNearestNeighbors(KNearestNeighbors),
        "svm" => Svm(Svm),
        "linear_svm" => LinearSvm(LinearSvm),
        "gaussian_naive_bayes" => GaussianNaiveBayes(GaussianNaiveBayes),
        "multinomial_naive_bayes" => MultinomialNaiveBayes(MultinomialNaiveBayes),
        "complement_naive_bayes" => ComplementNaiveBayes(ComplementNaiveBayes),
        "bernoulli_naive_bayes" => BernoulliNaiveBayes(BernoulliNaiveBayes),
        "categorical_naive_bayes" => CategoricalNaiveBayes(CategoricalNaiveBayes),
        "search" => Search(Search),
        "voting" => Voting(Voting),
        "stacking" => Stacking(Stacking),
        "calibrate" => Calibrate(Calibrate),
        "k_means" => KMeans(KMeans),
        "gaussian_mixture" => GaussianMixture(GaussianMixture),
        "dbscan" => Dbscan(Dbscan),
        "optics" => Optics(Optics),
        "hierarchical" => Hierarchical(Hierarchical),
        "one_class_svm" => OneClassSvm(OneClassSvm),
        "isolation_forest" => IsolationForest(IsolationForest),
        "dummy" => Dummy(Dummy),
        "predictions" => Predictions(Predictions),
    }
}

/// The failure for a target of another task than the model's. `bind` refuses those, so this is
/// never seen.
fn wrong_target() -> Failure {
    Failure::Problem(Problem::of_kind(Code::TaskMisfit, "the target is not of the model's task"))
}
