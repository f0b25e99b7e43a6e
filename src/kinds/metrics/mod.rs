//! Metrics: what is measured on the judged rows, in f64, with scikit-learn's names and values.
//! Whether a value is good enough is left to `verdict`.

mod accuracy;
mod adjusted_mutual_info;
mod adjusted_rand;
mod average_precision;
mod balanced_accuracy;
mod brier;
mod calinski_harabasz;
mod cohen_kappa;
mod completeness;
mod cost;
mod davies_bouldin;
mod expected_calibration_error;
mod explained_variance;
mod f1;
mod f_beta;
mod false_negative_rate;
mod false_positive_rate;
mod fit_seconds;
mod gamma_deviance;
mod homogeneity;
mod inertia;
mod jaccard;
mod log_loss;
mod mae;
mod mape;
mod matthews;
mod max_error;
mod mean_error;
mod median_absolute_error;
mod mse;
mod normalized_mutual_info;
mod pinball;
mod poisson_deviance;
mod precision;
mod precision_at_recall;
mod predict_microseconds_per_row;
mod predict_seconds;
mod r2;
mod recall;
mod recall_at_precision;
mod rmse;
mod rmsle;
mod roc_auc;
mod silhouette;
mod smape;
mod specificity;
mod top_k_accuracy;
mod v_measure;

pub mod against_rest;
pub mod average;
pub mod best_cut;
pub mod class;
pub mod clusters;
pub mod contingency;
pub mod counts;
pub mod cut;
pub mod deviance;
pub mod scores;
pub mod sums;
pub mod times;
pub mod values;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod weight_tests;

use crate::data::{Classes, Judged, Task, Value};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

pub use accuracy::Accuracy;
pub use adjusted_mutual_info::AdjustedMutualInfo;
pub use adjusted_rand::AdjustedRand;
pub use average::Average;
pub use average_precision::AveragePrecision;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier::Brier;
pub use calinski_harabasz::CalinskiHarabasz;
pub use cohen_kappa::{CohenKappa, Weights};
pub use completeness::Completeness;
pub use contingency::AverageMethod;
pub use cost::Cost;
pub use davies_bouldin::DaviesBouldin;
pub use expected_calibration_error::{ExpectedCalibrationError, Strategy};
pub use explained_variance::ExplainedVariance;
pub use f_beta::FBeta;
pub use f1::F1;
pub use false_negative_rate::FalseNegativeRate;
pub use false_positive_rate::FalsePositiveRate;
pub use fit_seconds::FitSeconds;
pub use gamma_deviance::GammaDeviance;
pub use homogeneity::Homogeneity;
pub use inertia::Inertia;
pub use jaccard::Jaccard;
pub use log_loss::LogLoss;
pub use mae::MeanAbsoluteError;
pub use mape::MeanAbsolutePercentageError;
pub use matthews::Matthews;
pub use max_error::MaximumError;
pub use mean_error::MeanError;
pub use median_absolute_error::MedianAbsoluteError;
pub use mse::MeanSquaredError;
pub use normalized_mutual_info::NormalizedMutualInfo;
pub use pinball::PinballLoss;
pub use poisson_deviance::PoissonDeviance;
pub use precision::Precision;
pub use precision_at_recall::PrecisionAtRecall;
pub use predict_microseconds_per_row::PredictMicrosecondsPerRow;
pub use predict_seconds::PredictSeconds;
pub use r2::R2;
pub use recall::Recall;
pub use recall_at_precision::RecallAtPrecision;
pub use rmse::RootMeanSquaredError;
pub use rmsle::RootMeanSquaredLogError;
pub use roc_auc::{MultiClass, RocAuc, RocAverage};
pub use silhouette::Silhouette;
pub use smape::SymmetricMape;
pub use specificity::Specificity;
pub use top_k_accuracy::TopKAccuracy;
pub use v_measure::VMeasure;

/// What a metric looks at in a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The predicted classes.
    Labels,
    /// Scores that rank the rows, for which probabilities are as good as any other.
    Ranks,
    /// The probabilities of the classes.
    Probabilities,
    /// The predicted numbers.
    Values,
    /// The clusters, and the features of the rows.
    Clusters,
    /// The squared distance of each row to the centre of its cluster.
    Centres,
    /// The clusters, and the known groups of the target.
    Groups,
    /// How long training and prediction took.
    Times,
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
    /// Signed errors: too much and too little are both bad.
    ZeroIsBest,
}

/// What becomes of a metric where a split gives several folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverFolds {
    /// A fold's value is an average over its rows or pairs of rows: the mean over folds says what
    /// is meant.
    Mean,
    /// A fold's value is a ratio, a root or an extreme: it is measured once, on the predictions of
    /// all folds together.
    Pooled,
    /// The mean, and never pooled: the answers of two folds do not speak of the same thing.
    Apart,
}

/// What weights of rows do to a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// A row counts as much as its weight; one of weight 0 does not count.
    Rows,
    /// The metric is defined for rows that count the same only.
    Never,
    /// The metric does not look at rows, so what they weigh changes nothing.
    Untouched,
}

/// What is known of a metric before anything is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct About {
    pub tasks: &'static [Task],
    pub needs: Needs,
    pub direction: Direction,
    /// The lowest and the highest value that the metric can have, both reachable if finite.
    pub range: (f64, f64),
    pub over_folds: OverFolds,
    pub weighting: Weighting,
}

/// What is known when a metric is checked.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The classes of the target; none until the rows have been read.
    pub classes: Option<&'a Classes>,
    /// The code of the positive class, where one is known.
    pub positive: Option<u32>,
}

/// What every metric does.
pub trait Metric {
    fn about(&self) -> About;

    /// Problems of the parameters in this setting, all at once. Called before the rows are read
    /// (without classes) and after.
    fn check(&self, setting: &Setting<'_>) -> Vec<Problem>;

    /// The value on the judged rows: at least one, of the metric's task, after `check` was clean.
    fn measure(&self, judged: &Judged<'_>) -> Value;

    /// What may not come together among the parameters: the schema and the decoder hold to it, so that
    /// no kind that breaks one is made from a spec, but for a metric that only a threshold names.
    fn rules() -> Vec<Rule>
    where
        Self: Sized,
    {
        Vec::new()
    }
}

kinds! {
    /// A metric with its parameters.
    pub enum AnyMetric: dyn Metric, "metric", "metrics" {
        "accuracy" => Accuracy(Accuracy),
        "balanced_accuracy" => BalancedAccuracy(BalancedAccuracy),
        "top_k_accuracy" => TopKAccuracy(TopKAccuracy),
        "precision" => Precision(Precision),
        "recall" => Recall(Recall),
        "specificity" => Specificity(Specificity),
        "false_positive_rate" => FalsePositiveRate(FalsePositiveRate),
        "false_negative_rate" => FalseNegativeRate(FalseNegativeRate),
        "f1" => F1(F1),
        "f_beta" => FBeta(FBeta),
        "jaccard" => Jaccard(Jaccard),
        "roc_auc" => RocAuc(RocAuc),
        "average_precision" => AveragePrecision(AveragePrecision),
        "precision_at_recall" => PrecisionAtRecall(PrecisionAtRecall),
        "recall_at_precision" => RecallAtPrecision(RecallAtPrecision),
        "log_loss" => LogLoss(LogLoss),
        "brier" => Brier(Brier),
        "expected_calibration_error" => ExpectedCalibrationError(ExpectedCalibrationError),
        "cost" => Cost(Cost),
        "matthews" => Matthews(Matthews),
        "cohen_kappa" => CohenKappa(CohenKappa),
        "mae" => MeanAbsoluteError(MeanAbsoluteError),
        "mse" => MeanSquaredError(MeanSquaredError),
        "rmse" => RootMeanSquaredError(RootMeanSquaredError),
        "rmsle" => RootMeanSquaredLogError(RootMeanSquaredLogError),
        "mape" => MeanAbsolutePercentageError(MeanAbsolutePercentageError),
        "smape" => SymmetricMape(SymmetricMape),
        "median_absolute_error" => MedianAbsoluteError(MedianAbsoluteError),
        "max_error" => MaximumError(MaximumError),
        "mean_error" => MeanError(MeanError),
        "r2" => R2(R2),
        "explained_variance" => ExplainedVariance(ExplainedVariance),
        "poisson_deviance" => PoissonDeviance(PoissonDeviance),
        "gamma_deviance" => GammaDeviance(GammaDeviance),
        "pinball" => PinballLoss(PinballLoss),
        "inertia" => Inertia(Inertia),
        "silhouette" => Silhouette(Silhouette),
        "davies_bouldin" => DaviesBouldin(DaviesBouldin),
        "calinski_harabasz" => CalinskiHarabasz(CalinskiHarabasz),
        "adjusted_rand" => AdjustedRand(AdjustedRand),
        "adjusted_mutual_info" => AdjustedMutualInfo(AdjustedMutualInfo),
        "normalized_mutual_info" => NormalizedMutualInfo(NormalizedMutualInfo),
        "v_measure" => VMeasure(VMeasure),
        "homogeneity" => Homogeneity(Homogeneity),
        "completeness" => Completeness(Completeness),
        "fit_seconds" => FitSeconds(FitSeconds),
        "predict_seconds" => PredictSeconds(PredictSeconds),
        "predict_microseconds_per_row" => PredictMicrosecondsPerRow(PredictMicrosecondsPerRow),
    }
}
