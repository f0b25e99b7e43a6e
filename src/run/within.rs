//! Folds within the training rows of a fold: their rows are prepared anew, from the raw columns.

use super::answers::Answers;
use super::fit::unreadable;
use super::fold::{FoldRows, gaps};
use super::load::data_cell;
use super::prepare::{not_numeric, prepare};
use super::trace::{Clock, Trace};
use crate::data::{Classes, Frame, Groups, Matrix, Rows, Table, Task, Truth};
use crate::diagnostic::{Diagnostic, Problem};
use crate::kinds::models::{
    AsTheyAre, Cut, Cutting, Failure, Folding, Learner, Part, StopFlag, Target, is_composed,
};
use crate::kinds::splits::Fold;
use crate::kinds::transforms::Training;
use crate::plan::BoundPlan;

/// What every part of a fold is prepared from.
pub struct Raw<'a> {
    pub bound: &'a BoundPlan,
    /// The columns before any step, in the order of the fold.
    pub table: &'a Table,
    pub rows: &'a FoldRows<'a>,
    pub stop: &'a StopFlag,
    pub clock: Clock<'a>,
}

/// Some rows of a fold.
pub struct Within<'a> {
    raw: &'a Raw<'a>,
    /// Their positions in the fold, those that train first.
    order: Vec<u32>,
    train: usize,
    cutting: Cutting<'a>,
}

impl<'a> Within<'a> {
    /// All rows of the fold.
    pub fn new(raw: &'a Raw<'a>, cutting: Cutting<'a>) -> Self {
        let order = (0..raw.rows.order.len() as u32).collect();
        Self { raw, order, train: raw.rows.train, cutting }
    }

    /// The rows at these positions of the fold, prepared for the first `train` of them.
    fn prepared(&self, order: &[u32], train: usize) -> Result<Matrix, Failure> {
        let Raw { bound, rows, stop, clock, .. } = *self.raw;
        let answers = rows.answers.pick(&order[..train]);
        let shown = Training {
            rows: train,
            truth: match bound.task {
                Task::Clustering => Truth::None,
                Task::Classification | Task::Regression => answers.truth(),
            },
        };
        let mut unread = Trace::new(clock);
        let mut table = self.raw.table.pick(order);
        for step in &bound.steps {
            if stop.is_raised() {
                return Err(Failure::Stopped);
            }
            table = prepare(bound, step, table, &shown, &mut unread).map_err(elsewhere)?;
        }
        Matrix::from_table(table, gaps(bound)).map_err(|problem| {
            elsewhere(not_numeric(bound, &problem, |row, column| {
                let row = rows.order[order[row] as usize] as usize;
                data_cell(&bound.plan, &rows.numbers, row, column)
            }))
        })
    }
}

fn elsewhere(mut diagnostic: Diagnostic) -> Failure {
    diagnostic.message.push_str(" (in a part of the training rows)");
    Failure::Elsewhere(Box::new(diagnostic))
}

impl Folding for Within<'_> {
    fn folds(&self, cut: &Cut, y: Target<'_>) -> Result<Vec<Fold>, Problem> {
        self.cutting.folds(cut, y, self.train)
    }

    fn classes(&self) -> Option<&Classes> {
        classes(&self.raw.rows.answers)
    }

    fn judged(&self) -> std::ops::Range<u32> {
        self.train as u32..self.order.len() as u32
    }

    fn prepares(&self) -> bool {
        true
    }

    fn other_columns(&self, rows: &[u32]) -> AsTheyAre<'_> {
        AsTheyAre::new(self.cutting.pick(rows), self.classes().cloned(), rows.len(), rows.len())
    }

    fn part(&self, _: Rows<'_>, train: &[u32], others: &[u32]) -> Result<Part<'_>, Failure> {
        let order: Vec<u32> =
            train.iter().chain(others).map(|row| self.order[*row as usize]).collect();
        let matrix = self.prepared(&order, train.len())?;
        let cutting = self.cutting.pick(train);
        let folding = Self { raw: self.raw, order, train: train.len(), cutting };
        Ok(Part { matrix, train: train.len(), folding: Box::new(folding) })
    }
}

/// The classes of answers.
pub fn classes<'a>(answers: &Answers<'a>) -> Option<&'a Classes> {
    match answers {
        Answers::Codes(_, classes) => Some(classes),
        Answers::Values(_) | Answers::None => None,
    }
}

/// The values that the split goes by, where training rows are cut again.
///
/// # Errors
/// A column that the loader refuses.
pub fn groups(
    bound: &BoundPlan,
    learner: &dyn Learner,
    frame: &Frame,
) -> Result<Option<Groups>, Diagnostic> {
    let split = bound.plan.split.as_ref().filter(|_| is_composed(learner));
    let column = split.and_then(|split| split.kind.kind().about().column);
    let read = |name: &str| frame.groups(name).map_err(|error| unreadable(bound, error));
    column.map(|column| read(column.name.value())).transpose()
}

/// How training rows are cut again: as the split of the spec asks.
pub fn cutting<'a>(bound: &'a BoundPlan, groups: Option<&'a Groups>) -> Cutting<'a> {
    match (&bound.plan.split, groups) {
        (Some(split), Some(groups)) => {
            Cutting::By { split: &split.kind, groups, codes: groups.codes.clone() }
        }
        (Some(_) | None, _) => Cutting::Free,
    }
}
