//! Splits: which rows train the model and which judge it.

mod holdout;

use crate::data::{Classes, Task};
use crate::diagnostic::Problem;

pub use holdout::Holdout;

/// What a split knows of the rows.
#[derive(Clone, Copy, Debug)]
pub struct SplitRows<'a> {
    pub rows: usize,
    /// The class of each row, for classification.
    pub classes: Option<(&'a [u32], &'a Classes)>,
}

/// Row numbers from 0, each at most once over both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    pub train: Vec<u32>,
    pub test: Vec<u32>,
}

/// What every split does.
pub trait Split {
    /// Problems of the parameters for a task (none while it is not known), all at once.
    fn check(&self, task: Option<Task>) -> Vec<Problem>;

    /// The folds, at least one; every side of a fold has a row.
    ///
    /// # Errors
    /// The parameter that these rows cannot meet.
    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem>;

    /// What the split does, for the plan and the trace.
    fn describe(&self, task: Task) -> String;
}

kinds! {
    /// A split with its parameters.
    pub enum AnySplit: dyn Split, "split", "splits" {
        "holdout" => Holdout(Holdout),
    }
}
