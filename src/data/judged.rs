//! What a metric compares: the truth and the prediction, row by row.

use std::fmt;
use std::time::Duration;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{Classes, Memo, Rows};

/// What kind of answer a model gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    Classification,
    Regression,
    Clustering,
}

impl Task {
    /// Name and meaning of each task, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 3] = [
        ("classification", "The target is one of a few classes."),
        ("regression", "The target is a number."),
        ("clustering", "There is no target; rows are grouped by likeness."),
    ];
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
            Self::Clustering => "clustering",
        })
    }
}

/// The known answers, one a row.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'a> {
    /// Numbers, all finite.
    Values(&'a [f64]),
    /// Codes into the sorted classes, none missing.
    Codes { codes: &'a [u32], classes: &'a Classes },
    /// Clustering without known groups.
    None,
}

/// What a model answers, one entry a row.
#[derive(Clone, Debug)]
pub enum Prediction {
    Values(Vec<f64>),
    /// The predicted class, and rows × classes probabilities where the model gives them.
    Codes {
        codes: Vec<u32>,
        probabilities: Option<Array2<f64>>,
    },
    /// The cluster of each row (none: noise), and its squared distance to the cluster's centre.
    Clusters {
        codes: Vec<Option<u32>>,
        squared_distances: Option<Vec<f64>>,
    },
}

/// Truth and prediction on the same rows, as a metric sees them: one for all metrics of these rows,
/// so that they share what they work out.
#[derive(Debug)]
pub struct Judged<'a> {
    pub truth: Truth<'a>,
    pub prediction: &'a Prediction,
    /// The code of the positive class of a binary target, where one is known.
    pub positive: Option<u32>,
    /// The prepared features, for metrics that measure distances; absent for given predictions.
    pub rows: Option<Rows<'a>>,
    /// One weight a row, finite and not negative, with a sum above 0; none where all rows count the
    /// same.
    pub weights: Option<&'a [f64]>,
    /// How long the model took; absent for given predictions.
    pub times: Option<Times>,
    /// What earlier metrics found out about these rows; empty at first.
    pub memo: Memo,
    /// What a metric that takes long asks between parts of its work.
    pub stop: Polled<'a>,
}

/// Whether somebody asked to end. Who hears it answers anything, because nobody looks at it any more.
#[derive(Clone, Copy)]
pub struct Polled<'a>(pub &'a (dyn Fn() -> bool + Sync));

impl Polled<'static> {
    /// Nobody asks.
    pub const NEVER: Self = Self(&|| false);
}

impl Polled<'_> {
    pub fn is_raised(self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Polled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Polled").field(&self.is_raised()).finish()
    }
}

/// How long training and prediction took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub fit: Duration,
    pub predict: Duration,
    /// How many rows were predicted in that time.
    pub rows: usize,
}
