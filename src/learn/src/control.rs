//! What a caller hands to a training run and what it may get back besides a model.

use std::fmt;

/// What accompanies the rows of one training run.
pub struct Control<'a> {
    /// One weight a row, not negative, not all 0. A row of weight 0 counts as absent, a row of
    /// weight 2 as two rows. Here and not in the dataset because linfa's weights are `f32`.
    pub weights: Option<&'a [f64]>,
    /// Polled between iterations; `true` ends the training with [`Error::Stopped`].
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Control<'static> {
    /// No weights, never stopped.
    #[must_use]
    pub fn plain() -> Self {
        Self { weights: None, stop: &|| false }
    }
}

impl<'a> Control<'a> {
    /// Weighted rows, never stopped.
    #[must_use]
    pub fn weighted(weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), stop: &|| false }
    }

    /// Whether there are no weights, or one for each of `rows` rows that an estimator would take.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of weights, [`Error::Weights`] for unsound ones.
    pub fn check_weights(&self, rows: usize) -> Result<(), Error> {
        crate::input::weights(self, rows).map(|_| ())
    }

    pub(crate) fn poll(&self) -> Result<(), Error> {
        if (self.stop)() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// How an iterative training ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convergence {
    /// Whether the stopping rule of the estimator was met.
    pub converged: bool,
    /// Iterations done.
    pub iterations: usize,
    /// The tolerance asked for.
    pub tolerance: f64,
    /// Largest absolute component of the gradient at the end, in the units of the stopping rule.
    pub gradient: f64,
}

/// Whether classes count by their rows, equally, or each by a factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ClassWeight {
    /// Every row has its own weight, or 1.
    #[default]
    None,
    /// The weight of a row is multiplied by `total / (present classes * total of its class)`, so
    /// that every present class has the same sum of weights. Totals are sums of weights.
    Balanced,
    /// The weight of a row is multiplied by the factor of its class, by code: finite, from 0, and not all 0.
    /// Where the list ends the factor is 1.
    Each(Vec<f64>),
}

impl ClassWeight {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let Self::Each(factors) = self else { return Ok(()) };
        match factors.iter().find(|factor| !(factor.is_finite() && **factor >= 0.0)) {
            Some(factor) => {
                let message = format!("has {factor}, not a number from 0");
                Err(Error::parameter("class_weight", message))
            }
            None => Ok(()),
        }
    }
}

/// Why there is no model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The caller asked to stop.
    Stopped,
    /// Numbers of rows, columns or classes do not fit together.
    Shape(String),
    /// A parameter is out of its range.
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// What it must be.
        message: String,
    },
    /// A column of the rows holds NaN or an infinity.
    NotFinite {
        /// Index of the first such column.
        column: usize,
    },
    /// The target holds NaN or an infinity.
    TargetNotFinite {
        /// Index of the first such row.
        row: usize,
    },
    /// A column holds a finite value that the method cannot take.
    Column {
        /// Index of the column.
        column: usize,
        /// Index of the first such row, where one can be named.
        row: Option<usize>,
        /// What is wrong, without the column's name: `holds negative values`.
        message: String,
    },
    /// The target holds a finite value that the method cannot take.
    Target {
        /// Index of the first such row.
        row: usize,
        /// What is wrong: `is negative, and the Poisson loss is of counts`.
        message: String,
    },
    /// The training would take more memory than is sensible, and is refused before it does.
    Memory {
        /// The parameter that asks for it; none where it is the rows and columns.
        parameter: Option<&'static str>,
        /// What it is for: `a kernel matrix of 200000 × 200000`.
        what: String,
        /// How many bytes.
        bytes: u64,
    },
    /// The weights are negative or not finite, or their sum is 0 or beyond 1e±100.
    Weights(String),
    /// The data does not determine a model.
    Degenerate(String),
    /// An error of linfa's own.
    Linfa(linfa::Error),
}

impl Error {
    pub(crate) fn parameter(name: &'static str, message: impl Into<String>) -> Self {
        Self::Parameter { name, message: message.into() }
    }

    /// Too much memory for the rows and columns.
    pub(crate) fn memory(what: String, bytes: u64) -> Self {
        Self::Memory { parameter: None, what, bytes }
    }

    /// Too much memory for the value of a parameter.
    pub(crate) fn memory_of(name: &'static str, what: String, bytes: u64) -> Self {
        Self::Memory { parameter: Some(name), what, bytes }
    }
}

/// A number as messages have it: not in hundreds of digits.
pub(crate) fn written(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e15).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// `the 3 rows`, or `the only row`.
pub(crate) fn of_rows(rows: usize) -> String {
    all_of(rows, "row")
}

/// `the 3 columns`, or `the only column`.
pub(crate) fn all_of(count: usize, noun: &str) -> String {
    if count == 1 { format!("the only {noun}") } else { format!("the {count} {noun}s") }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped before the training was done"),
            Self::Shape(message) | Self::Weights(message) | Self::Degenerate(message) => {
                f.write_str(message)
            }
            Self::Parameter { name, message } => write!(f, "`{name}` {message}"),
            Self::NotFinite { column } => {
                write!(f, "column {column} holds a value that is not finite")
            }
            Self::TargetNotFinite { row } => {
                write!(f, "the target of row {row} is not finite")
            }
            Self::Column { column, message, .. } => write!(f, "column {column} {message}"),
            Self::Target { row, message } => write!(f, "the target of row {row} {message}"),
            Self::Memory { what, bytes, .. } => {
                let gib = *bytes as f64 / f64::from(1 << 30);
                write!(f, "{what} would take {gib:.1} GiB of memory")
            }
            Self::Linfa(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Linfa(error) => Some(error),
            Self::Stopped
            | Self::Shape(_)
            | Self::Parameter { .. }
            | Self::NotFinite { .. }
            | Self::TargetNotFinite { .. }
            | Self::Column { .. }
            | Self::Target { .. }
            | Self::Memory { .. }
            | Self::Weights(_)
            | Self::Degenerate(_) => None,
        }
    }
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Self::Linfa(error)
    }
}
