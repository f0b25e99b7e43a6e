//! Splits: which rows train the model and which judge it.

mod by_column;
mod chronological;
mod column;
mod folds;
mod grouped;
mod holdout;
mod k_fold;
mod rolling;
mod share;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod samples;

use std::fmt;

use crate::data::{Classes, ColumnName, Task};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

pub use by_column::{ByColumn, ColumnValues};
pub use chronological::Chronological;
pub use grouped::Grouped;
pub use holdout::Holdout;
pub use k_fold::KFold;
pub use rolling::Rolling;

/// What is known of a split before the rows are read.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The column that decides where a row goes. It is no feature.
    pub column: Option<SplitColumn<'a>>,
    /// How many folds there will be.
    pub folds: usize,
}

/// A column that decides where rows go.
#[derive(Clone, Copy, Debug)]
pub struct SplitColumn<'a> {
    /// The parameter that names it.
    pub parameter: &'static str,
    pub name: &'a ColumnName,
    pub role: ColumnRole,
}

/// What a split reads off its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnRole {
    /// What came first: numbers, dates or times.
    Order,
    /// What belongs together: any values.
    Groups,
}

/// What a split knows of the rows.
#[derive(Clone, Copy, Debug)]
pub struct SplitRows<'a> {
    pub rows: usize,
    /// The class of each row, for classification.
    pub classes: Option<(&'a [u32], &'a Classes)>,
    /// The values of the split's column; there if and only if [`About::column`] names one.
    pub keys: Option<Keys<'a>>,
}

/// The values of a column, none missing, as codes into its sorted distinct values.
#[derive(Clone, Copy)]
pub struct Keys<'a> {
    /// One code a row; of an ordered column a smaller code is an earlier value.
    pub codes: &'a [u32],
    /// How many distinct values there are.
    pub distinct: usize,
    /// A value as the data writes it, by its code.
    pub shown: &'a dyn Fn(u32) -> String,
}

impl fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("rows", &self.codes.len())
            .field("distinct", &self.distinct)
            .finish_non_exhaustive()
    }
}

/// Row numbers from 0, each at most once over both lists; rows in neither are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    pub train: Vec<u32>,
    pub test: Vec<u32>,
}

/// What every split does.
pub trait Split {
    fn about(&self) -> About<'_>;

    /// Problems of the parameters for a task (none while it is not known), all at once.
    fn check(&self, task: Option<Task>) -> Vec<Problem>;

    /// The folds, as many as [`About::folds`] says; every side of a fold has a row.
    ///
    /// # Errors
    /// The parameter that these rows cannot meet.
    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem>;

    /// What the split does, for the plan and the trace.
    fn describe(&self, task: Task) -> String;

    /// What may not come together among the parameters: the schema and the decoder hold to it, so that
    /// no kind that breaks one is ever made from a spec.
    fn rules() -> Vec<Rule>
    where
        Self: Sized,
    {
        Vec::new()
    }
}

kinds! {
    /// A split with its parameters.
    pub enum AnySplit: dyn Split, "split", "splits" {
        "holdout" => Holdout(Holdout),
        "k_fold" => KFold(KFold),
        "chronological" => Chronological(Chronological),
        "rolling" => Rolling(Rolling),
        "grouped" => Grouped(Grouped),
        "by_column" => ByColumn(ByColumn),
    }
}
