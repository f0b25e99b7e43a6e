//! The known answers of the rows, in the order of the frame or of a fold.

use super::fit::unreadable;
use super::load::data_cell;
use crate::data::{Classes, Frame, Task, Truth};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::Target;
use crate::plan::BoundPlan;

/// One answer a row.
#[derive(Clone, Debug)]
pub enum Answers<'a> {
    Codes(Vec<u32>, &'a Classes),
    Values(Vec<f64>),
    None,
}

impl<'a> Answers<'a> {
    /// The answers of all rows.
    ///
    /// # Errors
    /// A number that is not finite.
    pub fn read(bound: &'a BoundPlan, frame: &Frame) -> Result<Self, Diagnostic> {
        let Some(target) = &bound.plan.target else { return Ok(Self::None) };
        match (bound.task, &bound.classes) {
            (Task::Classification | Task::Clustering, Some(classes)) => {
                let codes = frame.codes(target.value(), classes);
                Ok(Self::Codes(codes.map_err(|error| unreadable(bound, error))?, classes))
            }
            (Task::Regression, _) => {
                let values =
                    frame.numbers(target.value()).map_err(|error| unreadable(bound, error))?;
                let Some(row) = values.iter().position(|value| !value.is_finite()) else {
                    return Ok(Self::Values(values));
                };
                let number = frame.row_numbers().get(row);
                let place = Place::value(Route::root().key("data").key("target"));
                Err(Diagnostic::error(
                    Code::NotFinite,
                    place,
                    format!("the target of row {number} is infinite"),
                )
                .label("holds an infinite value")
                .help("repair the column, or leave the row out with `where`")
                .related(
                    data_cell(&bound.plan, &frame.row_numbers(), row, target.value()),
                    "this value",
                ))
            }
            (Task::Classification | Task::Clustering, None) => Ok(Self::None),
        }
    }

    /// The answers of some rows, in the order of `rows`.
    pub fn pick(&self, rows: &[u32]) -> Self {
        match self {
            Self::Codes(codes, classes) => {
                Self::Codes(rows.iter().map(|row| codes[*row as usize]).collect(), classes)
            }
            Self::Values(values) => {
                Self::Values(rows.iter().map(|row| values[*row as usize]).collect())
            }
            Self::None => Self::None,
        }
    }

    pub fn truth(&self) -> Truth<'_> {
        match self {
            Self::Codes(codes, classes) => Truth::Codes { codes, classes },
            Self::Values(values) => Truth::Values(values),
            Self::None => Truth::None,
        }
    }

    /// What a model of the task learns from.
    pub fn target(&self, task: Task) -> Target<'_> {
        match (self, task) {
            (_, Task::Clustering) | (Self::None, _) => Target::None,
            (Self::Codes(codes, classes), _) => Target::Codes { codes, classes: classes.len() },
            (Self::Values(values), _) => Target::Values(values),
        }
    }
}
