//! A metric's value, or why there is none; over folds, on a slice, beside the dummy's.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};

/// Why a metric has no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The same reason with words before it.
    #[must_use]
    pub fn within(&self, what: &str) -> Self {
        match self {
            Self::ByData(reason) => Self::ByData(format!("{what}: {reason}")),
            Self::ByModel(reason) => Self::ByModel(format!("{what}: {reason}")),
        }
    }
}

/// A finite number, or the reason why there is none.
pub type Value = Result<f64, Undefined>;

/// A metric on one set of rows, for the model and for what it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub value: Value,
    /// The same metric for the dummy model; none where there is no dummy.
    pub dummy: Option<Value>,
    /// The same metric on the training rows; none where nothing asks for it.
    pub train: Option<Value>,
    /// How many rows were judged.
    pub rows: usize,
}

impl Reading {
    /// The mean of readings, as scikit-learn averages folds; undefined where one of them is.
    pub fn mean(readings: &[Self]) -> Self {
        let of = |part: fn(&Self) -> Option<&Value>| {
            let parts: Option<Vec<&Value>> = readings.iter().map(part).collect();
            parts.map(|parts| mean(&parts))
        };
        Self {
            value: of(|reading| Some(&reading.value)).unwrap_or_else(|| mean(&[])),
            dummy: of(|reading| reading.dummy.as_ref()),
            train: of(|reading| reading.train.as_ref()),
            rows: readings.iter().map(|reading| reading.rows).sum(),
        }
    }
}

/// What the data does not allow outweighs what the model did not do.
fn mean(values: &[&Value]) -> Value {
    let mut sum = 0.0;
    let mut missed = None;
    for (at, value) in values.iter().enumerate() {
        match value {
            Ok(value) => sum += value,
            Err(undefined) => {
                let undefined = undefined.within(&format!("fold {}", at + 1));
                match undefined {
                    Undefined::ByData(_) => return Err(undefined),
                    Undefined::ByModel(_) => missed = missed.or(Some(undefined)),
                }
            }
        }
    }
    match missed {
        Some(undefined) => Err(undefined),
        None if values.is_empty() => Err(Undefined::ByData("there is no fold".to_owned())),
        None => Ok(sum / values.len() as f64),
    }
}

/// A part of the judged rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceValue {
    /// The position of the slice in the plan.
    pub slice: usize,
    pub name: Arc<str>,
    /// Which value of a `by` slice; none for a `where` slice.
    pub value: Option<Arc<str>>,
    /// Why it is not measured: too few rows.
    pub skipped: Option<String>,
}

/// `by_island=Biscoe`, or the name alone.
impl fmt::Display for SliceValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// One metric on all judged rows or on a slice of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The name that thresholds use: the metric's own, or its `as`.
    pub name: Arc<str>,
    /// The metric's name in the catalogue.
    #[serde(deserialize_with = "interned")]
    pub metric: KindName,
    /// The position of the metric in the plan.
    pub of: usize,
    pub slice: Option<SliceValue>,
    /// What is reported: the only fold's, or what the metric comes to over folds.
    pub reading: Reading,
    /// How `reading` came about.
    pub over: Over,
    /// Where there are several folds: each of them, in order.
    pub folds: Vec<Reading>,
    /// Where there are several folds: their mean.
    pub mean: Option<Reading>,
    /// Where there are several folds, and their predictions can be judged together: that.
    pub pooled: Option<Reading>,
}

/// What a reported value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Over {
    /// There is one fold.
    One,
    /// The mean of the folds' values.
    Mean,
    /// The value on the predictions of all folds together.
    Pooled,
}

/// A name of the catalogue.
pub type KindName = &'static str;

/// Reads a name of the catalogue. There are few, so each is kept for as long as the program runs.
pub fn interned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KindName, D::Error> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = String::deserialize(deserializer)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(&*name) {
        return Ok(known);
    }
    let name: &'static str = Box::leak(name.into_boxed_str());
    names.insert(name);
    Ok(name)
}
