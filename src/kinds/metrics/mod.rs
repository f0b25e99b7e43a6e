//! Metrics: what is measured on the judged rows, in f64, with scikit-learn's names and values.
//! Whether a value is good enough is left to `verdict`.

mod accuracy;
mod balanced_accuracy;
mod f1;
mod inertia;
mod log_loss;
mod mae;
mod matthews;
mod mse;
mod precision;
mod r2;
mod recall;
mod rmse;
mod roc_auc;
mod silhouette;

pub mod average;
pub mod class;
pub mod values;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod samples;

use crate::data::{Classes, Judged, Task, Value};
use crate::diagnostic::Problem;

pub use accuracy::Accuracy;
pub use average::Average;
pub use balanced_accuracy::BalancedAccuracy;
pub use f1::F1;
pub use inertia::Inertia;
pub use log_loss::LogLoss;
pub use mae::MeanAbsoluteError;
pub use matthews::Matthews;
pub use mse::MeanSquaredError;
pub use precision::Precision;
pub use r2::R2;
pub use recall::Recall;
pub use rmse::RootMeanSquaredError;
pub use roc_auc::{MultiClass, RocAuc, RocAverage};
pub use silhouette::Silhouette;

/// What a metric looks at in a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The predicted classes.
    Labels,
    /// The probabilities of the classes.
    Probabilities,
    /// The predicted numbers.
    Values,
    /// The clusters, and the features of the rows.
    Clusters,
    /// The squared distance of each row to the centre of its cluster.
    Centres,
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
}

/// What is known of a metric before anything is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct About {
    pub task: Task,
    pub needs: Needs,
    pub direction: Direction,
    /// The lowest and the highest value that the metric can have, both reachable if finite.
    pub range: (f64, f64),
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
}

kinds! {
    /// A metric with its parameters.
    pub enum AnyMetric: dyn Metric, "metric", "metrics" {
        "accuracy" => Accuracy(Accuracy),
        "balanced_accuracy" => BalancedAccuracy(BalancedAccuracy),
        "precision" => Precision(Precision),
        "recall" => Recall(Recall),
        "f1" => F1(F1),
        "roc_auc" => RocAuc(RocAuc),
        "log_loss" => LogLoss(LogLoss),
        "matthews" => Matthews(Matthews),
        "mae" => MeanAbsoluteError(MeanAbsoluteError),
        "mse" => MeanSquaredError(MeanSquaredError),
        "rmse" => RootMeanSquaredError(RootMeanSquaredError),
        "r2" => R2(R2),
        "inertia" => Inertia(Inertia),
        "silhouette" => Silhouette(Silhouette),
    }
}
