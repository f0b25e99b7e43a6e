//! The rows of a frame to folds: which train and which are judged, as the plan says.

use super::answers::Answers;
use super::fit::unreadable;
use super::load::{Loaded, data_cell};
use super::trace::Trace;
use crate::data::{Frame, MISSING, Task, Truth};
use crate::diagnostic::{Code, Diagnostic, Part, Place, Problem, Route, Severity, counted};
use crate::kinds::splits::{Fold, Keys, SplitRows};
use crate::plan::{BoundPlan, Split};

/// Which rows train and which are judged, fold by fold.
pub fn folds(
    bound: &BoundPlan,
    loaded: &Loaded,
    answers: &Answers<'_>,
    trace: &mut Trace<'_>,
) -> Result<Vec<Fold>, Diagnostic> {
    let rows = loaded.frame.rows();
    let (folds, described) = match (&bound.plan.split, loaded.train_rows) {
        (Some(split), _) => {
            let folds = split_rows(bound, split, &loaded.frame, answers)?;
            (folds, split.kind.kind().describe(bound.task))
        }
        (None, Some(train)) => {
            let fold = Fold {
                train: (0..train as u32).collect(),
                test: (train as u32..rows as u32).collect(),
            };
            (vec![fold], "`train` and `test` are given".to_owned())
        }
        (None, None) => {
            let place = Place::key(Route::root().key("model"));
            return Err(Diagnostic::error(
                Code::Internal,
                place,
                "the plan has no split, and something to train",
            ));
        }
    };
    if folds.len() > 1 {
        trace.add(format!("split: {described}"), counted(folds.len(), "fold"), "ok");
    }
    for (at, fold) in folds.iter().enumerate() {
        let action = match folds.len() {
            1 => format!("split: {described}"),
            n => format!("fold {} of {n}", at + 1),
        };
        let unused = rows - fold.train.len() - fold.test.len();
        let mut evaluation =
            format!("{} training rows, {} test rows", fold.train.len(), fold.test.len());
        if unused > 0 {
            evaluation.push_str(&format!(", {unused} in neither"));
        }
        trace.add(action, evaluation, "ok");
    }
    Ok(folds)
}

fn split_rows(
    bound: &BoundPlan,
    split: &Split,
    frame: &Frame,
    answers: &Answers<'_>,
) -> Result<Vec<Fold>, Diagnostic> {
    let data = Route::root().key("data");
    let at = if split.given {
        data.key("split").key(split.kind.name())
    } else {
        bound.plan.source.route.clone()
    };
    let groups = match split.kind.kind().about().column {
        Some(column) => {
            let place = Place::value(at.key(column.parameter));
            let name = column.name.value();
            let groups = frame.groups(name).map_err(|error| unreadable(bound, error))?;
            let missing = groups.codes.iter().filter(|code| **code == MISSING).count();
            if let Some(row) = groups.codes.iter().position(|code| *code == MISSING) {
                return Err(Diagnostic::error(
                    Code::KeyInvalid,
                    place,
                    format!("{missing} of {} rows have no `{}`", frame.rows(), column.name),
                )
                .label("has gaps")
                .help("repair the column, or leave such rows out with `where`")
                .related(
                    data_cell(&bound.plan, &frame.row_numbers(), row, name),
                    "the first one",
                ));
            }
            Some(groups)
        }
        None => None,
    };
    let shown = |code: u32| groups.as_ref().map_or_else(String::new, |groups| groups.shown(code));
    let rows = SplitRows {
        rows: frame.rows(),
        classes: match answers.truth() {
            Truth::Codes { codes, classes } if bound.task == Task::Classification => {
                Some((codes, classes))
            }
            Truth::Codes { .. } | Truth::Values(_) | Truth::None => None,
        },
        keys: groups.as_ref().map(|groups| Keys {
            codes: &groups.codes,
            distinct: groups.distinct(),
            shown: &shown,
        }),
    };
    split.kind.kind().split(&rows).map_err(|problem| on_split(problem, &at, split.given))
}

/// A default split points at the data, because the spec has no split to edit.
fn on_split(problem: Problem, at: &Route, given: bool) -> Diagnostic {
    let problem = if given {
        problem
    } else {
        Problem { route: Route::root(), part: Part::Value, ..problem }
    };
    problem.under(at, Severity::Error)
}
