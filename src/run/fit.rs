//! One spec from a loaded table to its measurements.

use std::sync::Arc;

use super::given;
use super::load::data_cell;
use super::prepare::{not_numeric, prepare};
use super::score::{Judgement, measure};
use super::suspect::suspects;
use super::trace::Trace;
use crate::data::{
    Classes, Frame, LoadError, MISSING, Matrix, Measurement, Prediction, Task, Truth,
};
use crate::diagnostic::number;
use crate::diagnostic::{Code, Diagnostic, Part, Place, Problem, Route, Severity, counted};
use crate::kinds::models::{Context, Failure, Learner, Role, Target};
use crate::kinds::splits::{Fold, SplitRows};
use crate::plan::BoundPlan;

/// What a run of one spec came to.
#[derive(Debug)]
pub struct Ran {
    pub measurements: Vec<Measurement>,
    pub rows: RowCounts,
    /// Warnings, such as a training that did not converge.
    pub notes: Vec<Diagnostic>,
}

/// How many rows went where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts {
    pub all: usize,
    pub train: usize,
    pub test: usize,
    /// Columns of the data that the model learned from, before any step.
    pub features: usize,
}

/// Why there are no measurements.
pub enum Stop {
    /// The stop flag was raised.
    Interrupted,
    Found(Diagnostic),
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Found(diagnostic)
    }
}

/// The answers of all judged and training rows, in the order of the frame.
enum Answers<'a> {
    Codes(Vec<u32>, &'a Classes),
    Values(Vec<f64>),
    None,
}

/// Splits, prepares, fits, predicts and measures.
///
/// # Errors
/// What keeps the spec from being evaluated, at the place in the spec that the author would edit.
pub fn execute(
    bound: &BoundPlan,
    frame: Frame,
    context: &Context<'_>,
    trace: &mut Trace<'_>,
) -> Result<Ran, Stop> {
    let answers = answers(bound, &frame)?;
    match (bound.plan.model.kind().role(), &bound.plan.split) {
        (Role::Learns(learner), Some(split)) => {
            let strata = match &answers {
                Answers::Codes(codes, classes) => Some((codes.as_slice(), *classes)),
                Answers::Values(_) | Answers::None => None,
            };
            let rows = SplitRows { rows: frame.rows(), classes: strata };
            let at = Route::root().key("data");
            let at =
                if split.given { at.key("split").key(split.kind.name()) } else { at.key("path") };
            let mut folds = split
                .kind
                .kind()
                .split(&rows)
                .map_err(|problem| on_split(problem, &at, split.given))?;
            let fold = folds.swap_remove(0);
            trace.add(
                format!("split: {}", split.kind.kind().describe(bound.task)),
                format!("{} training rows, {} test rows", fold.train.len(), fold.test.len()),
                "ok",
            );
            learn(bound, learner, frame, &answers, &fold, context, trace)
        }
        (Role::Learns(_), None) | (Role::Given(_), Some(_)) => {
            let place = Place::key(Route::root().key("model"));
            let message =
                "the plan has a split where there is nothing to train, or none where there is";
            Err(Diagnostic::error(Code::Internal, place, message).into())
        }
        (Role::Given(given), None) => {
            let prediction =
                given::read(given, &frame, &bound.plan, bound.classes.as_ref(), bound.positive)?;
            let count = frame.rows();
            trace.add("read the predictions", counted(count, "row"), "ok");
            let judgement = Judgement {
                truth: truth(&answers, 0..count),
                training: None,
                positive: bound.positive,
                rows: None,
                count,
            };
            let measurements = measure(&bound.plan.metrics, &prediction, &judgement, context);
            trace_measurements(trace, &measurements);
            let rows = RowCounts { all: count, train: 0, test: count, features: 0 };
            let notes = given::unseen(judgement.truth, &prediction).into_iter().collect();
            Ok(Ran { measurements, rows, notes })
        }
    }
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

fn answers<'a>(bound: &'a BoundPlan, frame: &Frame) -> Result<Answers<'a>, Diagnostic> {
    let Some(target) = &bound.plan.target else { return Ok(Answers::None) };
    match (bound.task, &bound.classes) {
        (Task::Classification, Some(classes)) => {
            let codes = frame.codes(target.value(), classes).map_err(unreadable)?;
            Ok(Answers::Codes(codes, classes))
        }
        (Task::Regression, _) => {
            let values = frame.numbers(target.value()).map_err(unreadable)?;
            match values.iter().position(|value| !value.is_finite()) {
                None => Ok(Answers::Values(values)),
                Some(row) => {
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
            }
        }
        _ => Ok(Answers::None),
    }
}

/// A column that `bind` took and the loader refuses.
fn unreadable(error: LoadError) -> Diagnostic {
    let place = Place::value(Route::root().key("data").key("path"));
    let diagnostic =
        Diagnostic::error(error.code(), place, error.message).label("holds this column");
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn truth<'a>(answers: &'a Answers<'_>, rows: std::ops::Range<usize>) -> Truth<'a> {
    match answers {
        Answers::Codes(codes, classes) => Truth::Codes { codes: &codes[rows], classes },
        Answers::Values(values) => Truth::Values(&values[rows]),
        Answers::None => Truth::None,
    }
}

fn learn(
    bound: &BoundPlan,
    learner: &dyn Learner,
    frame: Frame,
    answers: &Answers<'_>,
    fold: &Fold,
    context: &Context<'_>,
    trace: &mut Trace<'_>,
) -> Result<Ran, Stop> {
    let all = frame.rows();
    let order: Vec<u32> = fold.train.iter().chain(&fold.test).copied().collect();
    let (train, count) = (fold.train.len(), order.len());
    let answers = in_order(answers, &order);
    let numbers = frame.row_numbers();
    let number = |row: usize| numbers.get(order[row] as usize);
    let cell =
        |row: usize, column: &str| data_cell(&bound.plan, &numbers, order[row] as usize, column);
    let names: Vec<Arc<str>> = bound.features.iter().map(|info| info.name.clone()).collect();
    let mut table = frame.into_table(&order, &names).map_err(unreadable)?;
    let mut notes = suspects(bound, &table, number);
    for step in &bound.steps {
        check_stop(context)?;
        table = prepare(bound, step, table, train, trace)?;
    }
    if table.columns.is_empty() && !bound.features.is_empty() {
        return Err(Diagnostic::error(
            Code::NoFeatures,
            Place::key(Route::root().key("prepare")),
            "the steps leave no column to learn from",
        )
        .label("drops every column")
        .help("look at the columns with `mlspec run --trace`")
        .into());
    }
    let matrix = Matrix::from_table(table).map_err(|problem| not_numeric(bound, &problem, cell))?;
    check_stop(context)?;
    let training = match &answers {
        Answers::Codes(codes, classes) => {
            Target::Codes { codes: &codes[..train], classes: classes.len() }
        }
        Answers::Values(values) => Target::Values(&values[..train]),
        Answers::None => Target::None,
    };
    let model = &bound.plan.model;
    let at = Route::root().key("model").key(model.name());
    let fit =
        learner.fit(matrix.rows(0, train), training, context).map_err(|failure| match failure {
            Failure::Stopped => Stop::Interrupted,
            Failure::Problem(problem) => Stop::Found(problem.under(&at, Severity::Error)),
        })?;
    let test = matrix.rows(train, count);
    let features = test.names.len();
    let details = model.kind().describe();
    let with = if details.is_empty() { String::new() } else { format!(" ({details})") };
    trace.add(
        format!("fit {}{with}", model.name()),
        format!("{} × {}; {}", counted(train, "row"), counted(features, "column"), fit.summary),
        if fit.notes.is_empty() { "ok" } else { "warning" },
    );
    let prediction = fit.model.predict(test);
    check_stop(context)?;
    check_finite(&prediction, &at)?;
    trace.add("predict the test rows", counted(count - train, "row"), "ok");
    let judgement = Judgement {
        truth: truth(&answers, train..count),
        training: Some(training),
        positive: bound.positive,
        rows: Some(test),
        count: count - train,
    };
    let measurements = measure(&bound.plan.metrics, &prediction, &judgement, context);
    trace_measurements(trace, &measurements);
    notes.extend(fit.notes.into_iter().map(|note| note.under(&at, Severity::Warning)));
    let rows = RowCounts { all, train, test: count - train, features: bound.features.len() };
    Ok(Ran { measurements, rows, notes })
}

fn check_stop(context: &Context<'_>) -> Result<(), Stop> {
    if context.stop.is_raised() { Err(Stop::Interrupted) } else { Ok(()) }
}

fn in_order<'a>(answers: &Answers<'a>, order: &[u32]) -> Answers<'a> {
    match answers {
        Answers::Codes(codes, classes) => {
            Answers::Codes(order.iter().map(|row| codes[*row as usize]).collect(), classes)
        }
        Answers::Values(values) => {
            Answers::Values(order.iter().map(|row| values[*row as usize]).collect())
        }
        Answers::None => Answers::None,
    }
}

/// A model that answers NaN or infinity has no measurement that means anything.
fn check_finite(prediction: &Prediction, at: &Route) -> Result<(), Diagnostic> {
    let finite = match prediction {
        Prediction::Values(values) => values.iter().all(|value| value.is_finite()),
        Prediction::Codes { codes, probabilities } => {
            codes.iter().all(|code| *code != MISSING)
                && probabilities.iter().flatten().all(|value| value.is_finite())
        }
        Prediction::Clusters { .. } => true,
    };
    if finite {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::TrainFailed,
        Place::key(at.clone()),
        "the model answers with values that are not finite",
    )
    .label("not usable")
    .help("look for columns of extreme scale, and standardize them"))
}

fn trace_measurements(trace: &mut Trace<'_>, measurements: &[Measurement]) {
    for each in measurements {
        let (evaluation, result) = match &each.value {
            Ok(value) => (format!("{} on {}", number(*value), counted(each.rows, "row")), "ok"),
            Err(undefined) => (undefined.reason().to_owned(), "undefined"),
        };
        trace.add(format!("measure {}", each.name), evaluation, result);
    }
}
