//! The report of a run as plain data, which `json` writes and reads back, and which all others show. Keys may be added within version 1, never renamed
//! or dropped.

use serde::{Deserialize, Serialize};

use super::fixes::{Proposal, Written};
use super::searches::Search;
use super::spans::Location;
use crate::outcome::{Cached, Charts};
use crate::verdict::Status;

/// The version of the form.
pub const FORMAT: &str = "mlspec-report/1";

/// All specs of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub format: String,
    pub tool: Tool,
    /// Whether models were trained or specs only read.
    #[serde(default)]
    pub command: Command,
    pub summary: Summary,
    pub specs: Vec<Spec>,
    /// Findings that belong to no spec.
    #[serde(default)]
    pub diagnostics: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    #[default]
    Run,
    Check,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    pub specs: usize,
    pub passed: usize,
    pub warned: usize,
    pub failed: usize,
    pub inconclusive: usize,
    pub errored: usize,
    pub invalid: usize,
    pub skipped: usize,
    pub not_begun: usize,
    pub interrupted: bool,
    pub duration_ms: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub path: String,
    pub name: String,
    #[serde(default)]
    pub tags: Vec<String>,
    pub status: Status,
    #[serde(default)]
    pub duration_ms: f64,
    /// Nothing was trained: an earlier run on the same data did, and the durations of the steps that it took are
    /// those of that run.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cached: bool,
    /// What of that run was kept; none where nothing was, and in reports of versions that did not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Cached>,
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub data: Option<Data>,
    #[serde(default)]
    pub steps: Vec<Step>,
    /// How much each feature counts, where the model tells or `importance` asks; the greatest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub importances: Vec<Importance>,
    /// What is drawn of the judged rows, where the run was asked for it: `--charts`, or a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charts: Option<Charts>,
    #[serde(default)]
    pub measurements: Vec<Measurement>,
    /// Where a model searches for parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<Search>,
    #[serde(default)]
    pub verdicts: Vec<Verdict>,
    #[serde(default)]
    pub diagnostics: Vec<Finding>,
    /// What `check --fix` has changed in the spec. Places elsewhere are those of the text after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Written>,
    /// What `check` leaves to `run`.
    #[serde(default)]
    pub left_to_run: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub rows: usize,
    pub train_rows: usize,
    pub test_rows: usize,
    pub features: usize,
    /// Where a split gives several folds: the rows of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<FoldRows>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldRows {
    pub fold: usize,
    pub train_rows: usize,
    pub test_rows: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub step: usize,
    pub action: String,
    pub evaluation: String,
    pub result: String,
    #[serde(default)]
    pub duration_ms: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    pub feature: String,
    /// Its share of the gain by all features; over several folds the mean. None where the model has no
    /// such measure, and for a column of the data that the steps turn into others.
    #[serde(default)]
    pub gain: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permutation: Option<Permutation>,
}

/// What the metric loses when the feature is shuffled; over several folds the means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    pub mean: f64,
    pub deviation: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
}

/// A metric in one fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    pub fold: usize,
    #[serde(default)]
    pub value: Option<f64>,
    #[serde(default)]
    pub rows: usize,
    #[serde(default)]
    pub dummy: Option<f64>,
    #[serde(default)]
    pub train: Option<f64>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// Where the value lies with some confidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    pub confidence: f64,
    #[serde(default)]
    pub method: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub name: String,
    pub metric: String,
    #[serde(default)]
    pub value: Option<f64>,
    #[serde(default)]
    pub on: String,
    #[serde(default)]
    pub slice: Option<Slice>,
    #[serde(default)]
    pub rows: usize,
    #[serde(default)]
    pub dummy: Option<f64>,
    /// The same metric on the training rows, where a bound compares with it.
    #[serde(default)]
    pub train: Option<f64>,
    #[serde(default)]
    pub interval: Option<Interval>,
    #[serde(default)]
    pub reason: Option<String>,
    /// What `value` stands for where there are several folds: their `mean`, or `pooled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folds: Vec<Fold>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub name: String,
    pub metric: String,
    #[serde(default)]
    pub slice: Option<Slice>,
    pub bound: String,
    /// What is compared: `value`, `over_dummy` or `train_gap`.
    #[serde(default = "value")]
    pub quantity: String,
    /// The bound and what it is about, in words: `over the dummy >= 0.1 in 8 of 10 folds`.
    #[serde(default)]
    pub required: String,
    /// The ends of the bound as numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    #[serde(default)]
    pub value: Option<f64>,
    /// The value, with as many digits as tell it from a bound that it missed.
    #[serde(default)]
    pub shown: Option<String>,
    #[serde(default)]
    pub rows: usize,
    pub status: Status,
    #[serde(default)]
    pub severity: String,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub because: Option<String>,
    #[serde(default)]
    pub location: Option<Location>,
    /// Which of the spec's `diagnostics` says what is wrong, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<usize>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn value() -> String {
    "value".to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: Level,
    pub message: String,
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub help: Option<String>,
    #[serde(default)]
    pub location: Option<Location>,
    /// The way to the place from the root of the spec: `thresholds.accuracy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// A place outside the spec, in words.
    #[serde(default)]
    pub at: Option<String>,
    #[serde(default)]
    pub related: Vec<Related>,
    /// What would mend it, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Proposal>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Related {
    pub message: String,
    #[serde(default)]
    pub location: Option<Location>,
    #[serde(default)]
    pub at: Option<String>,
}
