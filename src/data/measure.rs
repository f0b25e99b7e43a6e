//! A metric's value, or why there is none.

use std::sync::Arc;

/// Why a metric has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// The rows do not allow it (one class, a constant target): the comparison cannot be made.
    ByData(String),
    /// The model did not do what is measured (a class that is never predicted): it fails.
    ByModel(String),
}

impl Undefined {
    pub fn reason(&self) -> &str {
        match self {
            Self::ByData(reason) | Self::ByModel(reason) => reason,
        }
    }
}

/// A finite number, or the reason why there is none.
pub type Value = Result<f64, Undefined>;

/// One metric on one set of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The name that thresholds use: the metric's own, or its `as`.
    pub name: Arc<str>,
    /// The metric's name in the catalogue.
    pub metric: &'static str,
    pub value: Value,
    /// How many rows were judged.
    pub rows: usize,
    /// The same metric for the dummy model; none where there is no dummy or no value.
    pub dummy: Option<f64>,
}
