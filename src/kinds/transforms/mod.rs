//! Transforms: the steps of `prepare`, fitted on the training rows and applied to all.

mod impute;
mod one_hot;
mod standardize;

use crate::data::{Column, ColumnKind, ColumnSelector};
use crate::diagnostic::Problem;

pub use impute::{Impute, ImputeCategory, ImputeNumber};
pub use one_hot::{DropCategory, OneHot};
pub use standardize::Standardize;

/// What every step does.
pub trait Transform {
    /// The columns that the author picked; none: every column that suits.
    fn columns(&self) -> Option<&ColumnSelector>;

    /// Whether the step can work on columns of this type.
    fn suits(&self, kind: &ColumnKind) -> bool;

    /// Learns from the first `train_rows` entries of each column. `total_rows` is what `apply`
    /// will be given, for an estimate of memory.
    ///
    /// # Errors
    /// What keeps the step from being fitted.
    fn fit(&self, columns: &[&Column], train_rows: usize) -> Result<FittedStep, Problem>;

    /// What the step does, for the plan and the trace.
    fn describe(&self) -> String;
}

/// A fitted step, and what it learned in a few words.
pub struct FittedStep {
    pub apply: Box<dyn Apply>,
    pub summary: String,
}

/// Turns columns into prepared columns.
pub trait Apply {
    /// For each of the columns that the step was fitted on, in the same order, what takes its
    /// place.
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>>;
}

kinds! {
    /// A step with its parameters.
    pub enum AnyTransform: dyn Transform, "step", "transforms" {
        "impute" => Impute(Impute),
        "one_hot" => OneHot(OneHot),
        "standardize" => Standardize(Standardize),
    }
}
