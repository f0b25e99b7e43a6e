//! One fold: prepares its rows, trains on some of them, and predicts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::fit::{Needed, Stop, check_stop};
use super::importances;
use super::judge::Judge;
use super::judging::Features;
use super::load::data_cell;
use super::prepare::{not_numeric, prepare};
use super::shuffle::Shuffle;
use super::suspect::suspects;
use super::trace::Trace;
use super::trained::TrainedFold;
use super::within::{Raw, Within, classes};
use crate::data::{Gaps, MISSING, Matrix, Prediction, RowNumbers, Table, Task, Times, Truth};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity, counted, number};
use crate::kinds::models::{
    AsTheyAre, Context, Cutting, Failure, Folding, Learner, Preparation, StopFlag, Tuning, ask,
    is_composed,
};
use crate::kinds::splits::Fold;
use crate::kinds::transforms::Training;
use crate::plan::BoundPlan;

/// The rows of a fold, in its order: those that train come first.
pub struct FoldRows<'a> {
    pub order: Vec<u32>,
    /// How many of them train.
    pub train: usize,
    /// Which of them are judged: those that follow, or all where nothing is split off.
    pub judged: Range<usize>,
    pub answers: Answers<'a>,
    pub fit_weights: Option<Vec<f64>>,
    pub score_weights: Option<Vec<f64>>,
    /// The place of the fold among all, as ` (fold 2 of 5)`; empty where there is one.
    pub named: String,
    /// Whether the trace tells each step, or only what the fold came to.
    pub first: bool,
    /// Where the rows are in their files.
    pub numbers: RowNumbers,
    /// How the training rows are cut where a model asks for it.
    pub cutting: Cutting<'a>,
}

impl<'a> FoldRows<'a> {
    pub fn training_answers(&self) -> Answers<'a> {
        self.answers.pick(&(0..self.train as u32).collect::<Vec<_>>())
    }

    pub fn training_weights(&self) -> Option<&[f64]> {
        self.fit_weights.as_deref().map(|weights| &weights[..self.train])
    }
}

/// Which rows in the order of a fold are judged.
pub fn judged_rows(fold: &Fold) -> Range<usize> {
    let train = fold.train.len();
    if fold.test.is_empty() { 0..train } else { train..train + fold.test.len() }
}

/// What a fold came to.
pub struct Learned {
    pub fold: TrainedFold,
    pub features: FoldFeatures,
    pub times: Times,
}

/// The prepared features of the rows that are judged, where a metric measures distances.
#[derive(Default)]
pub struct FoldFeatures {
    pub test: Option<Features>,
    pub train: Option<Features>,
}

impl FoldFeatures {
    pub fn of(matrix: &Matrix, rows: &FoldRows<'_>, needed: Needed) -> Self {
        let features = |range: Range<usize>| {
            let view = matrix.rows(range.start, range.end);
            Features { values: view.values.to_owned(), names: view.names.to_vec().into() }
        };
        Self {
            test: needed.features.then(|| features(rows.judged.clone())),
            train: needed
                .train
                .filter(|Train| needed.features)
                .map(|Train| features(0..rows.train)),
        }
    }
}

/// A search for parameters in one fold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Searched {
    /// The fold, counted from 1; none where there is one.
    pub fold: Option<usize>,
    /// What was tried, with the route of the search in the spec.
    pub tuning: Tuning,
}

/// Prepares, trains and predicts.
///
/// # Errors
/// What keeps the fold from being evaluated.
pub fn learn(
    bound: &BoundPlan,
    learner: &dyn Learner,
    table: Table,
    rows: &FoldRows<'_>,
    needed: Needed,
    stop: &StopFlag,
    trace: &mut Trace<'_>,
) -> Result<Learned, Stop> {
    let before = trace.steps.len();
    let (train, judged_rows) = (rows.train, rows.judged.clone());
    let number = |row: usize| rows.numbers.get(rows.order[row] as usize);
    let cell = |row: usize, column: &str| {
        data_cell(&bound.plan, &rows.numbers, rows.order[row] as usize, column)
    };
    let mut notes = if rows.first { suspects(bound, &table, &number) } else { Vec::new() };
    let training = rows.training_answers();
    // What is trained on a part of the rows, or asked about shuffled ones, needs the columns as they
    // were before any step.
    let anew = is_composed(learner) && !bound.steps.is_empty();
    let raw_table = (anew || bound.plan.importance.is_some()).then(|| table.clone());
    let form = if learner.takes_indicators() && !needed.features {
        Form::Indicators
    } else {
        Form::Numbers
    };
    let mut quiet = trace.silent();
    let told = if rows.first { &mut *trace } else { &mut quiet };
    let matrix = prepared(bound, table, rows, form, stop, told)?;
    check_stop(stop)?;
    let weights = rows.training_weights();
    if weights.is_some_and(|weights| weights.iter().all(|weight| *weight == 0.0)) {
        return Err(no_weight(rows).into());
    }
    let context =
        Context { weights, stop, classes: classes(&rows.answers), positive: bound.positive };
    let target = training.target(bound.task);
    let model = &bound.plan.model;
    let at = Route::root().key("model").key(model.name());
    let clock = trace.clock();
    let raw = raw_table.as_ref().filter(|_| anew);
    let raw = raw.map(|table| Raw { bound, table, rows, stop, clock });
    let folding: Box<dyn Folding + '_> = match &raw {
        Some(raw) => Box::new(Within::new(raw, rows.cutting.clone())),
        None => {
            let classes = classes(&rows.answers).cloned();
            Box::new(AsTheyAre::new(rows.cutting.clone(), classes, train, rows.order.len()))
        }
    };
    let started = trace.now();
    let fit = learner.fit_within(matrix.rows(0, train), target, &context, &*folding).map_err(
        |failure| match failure {
            Failure::Stopped => Stop::Interrupted,
            Failure::Elsewhere(diagnostic) => Stop::Found(*diagnostic),
            Failure::Problem(problem) => Stop::Found(problem.under(&at, Severity::Error)),
            Failure::Column { column, row, message } => {
                let name = matrix.rows(0, 0).names[column].clone();
                let related = row.map(|row| cell(row, &name));
                Stop::Found(misfit(bound.plan.origin(&name), message, related))
            }
            Failure::Target { row, message } => {
                let name = bound.plan.target.as_ref().map_or("", |target| target.value());
                let place = Place::value(Route::root().key("data").key("target"));
                Stop::Found(misfit(place, message, Some(cell(row, name))))
            }
        },
    )?;
    let fit_time = trace.now().saturating_sub(started);
    let test = matrix.rows(judged_rows.start, judged_rows.end);
    let details = model.kind().describe();
    let with = if details.is_empty() { String::new() } else { format!(" ({details})") };
    trace.add(
        format!("fit {}{with}{}", model.name(), rows.named),
        format!(
            "{} × {}; {}",
            counted(train, "row"),
            counted(test.names.len(), "column"),
            fit.summary
        ),
        if fit.notes.is_empty() { "ok" } else { "warning" },
    );
    let tunings: Vec<Tuning> =
        fit.model.tunings().into_iter().map(|each| each.under(&at)).collect();
    tunings.iter().for_each(|tuning| tell(tuning, &rows.named, trace));
    let mut importances = importances::of_model(test.names, fit.model.importances());
    let started = trace.now();
    let positions: Vec<u32> = judged_rows.clone().map(|row| row as u32).collect();
    let prediction = ask(&*fit.model, test, &positions, stop).map_err(|_| Stop::Interrupted)?;
    let predict_time = trace.now().saturating_sub(started);
    let times = Times { fit: fit_time, predict: predict_time, rows: judged_rows.len() };
    check_stop(stop)?;
    check_finite(&prediction, &at)?;
    if rows.judged.start > 0 {
        let count = counted(judged_rows.len(), "row");
        trace.add(format!("predict the test rows{}", rows.named), count, "ok");
    }
    if let (Some(permutation), Some(table)) = (&bound.plan.importance, &raw_table) {
        let judge = Judge::new(bound, needed, rows, stop);
        let test = judge.judging(judged_rows.clone(), prediction.clone(), None, None);
        let trained_on = &matrix;
        let shuffle = Shuffle { bound, permutation, table, trained_on, rows, stop, clock };
        match shuffle.losses(&*fit.model, &test)? {
            Ok(losses) => importances::add_losses(&mut importances, losses),
            Err(note) => notes.push(note),
        }
    }
    let on_training = match needed.train {
        Some(Train) => {
            let positions: Vec<u32> = (0..train as u32).collect();
            let prediction = ask(&*fit.model, matrix.rows(0, train), &positions, stop)
                .map_err(|_| Stop::Interrupted)?;
            check_finite(&prediction, &at)?;
            Some(prediction)
        }
        None => None,
    };
    notes.extend(fit.notes.into_iter().map(|note| note.under(&at, Severity::Warning)));
    Ok(Learned {
        features: FoldFeatures::of(&matrix, rows, needed),
        fold: TrainedFold {
            rows: String::new(),
            test: prediction,
            train: on_training,
            notes,
            importances,
            tunings,
            steps: trace.steps[before..].to_vec(),
        },
        times,
    })
}

/// What the prepared features of a fold may be for its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Numbers,
    /// Columns of one-hot encoding may stay codes.
    Indicators,
}

/// Values of one-hot encoding from which they stay codes where the model can work on those: 128 MiB
/// of numbers. Fewer are faster as numbers.
const WORTH_CODES: usize = 1 << 24;

/// The features of a fold in the form that models take, each step fitted on the training rows.
///
/// # Errors
/// What a step or a model cannot take.
pub fn prepared(
    bound: &BoundPlan,
    mut table: Table,
    rows: &FoldRows<'_>,
    form: Form,
    stop: &StopFlag,
    trace: &mut Trace<'_>,
) -> Result<Matrix, Stop> {
    let training = rows.training_answers();
    let shown = Training {
        rows: rows.train,
        truth: match bound.task {
            Task::Clustering => Truth::None,
            Task::Classification | Task::Regression => training.truth(),
        },
    };
    for step in &bound.steps {
        check_stop(stop)?;
        table = prepare(bound, step, table, &shown, trace)?;
    }
    if table.columns.is_empty() && !bound.features.is_empty() {
        return Err(no_column_left().into());
    }
    let worth = table.indicators() * table.rows >= WORTH_CODES;
    let matrix = match form {
        Form::Indicators if worth => Matrix::with_indicators(table, gaps(bound)),
        Form::Indicators | Form::Numbers => Matrix::from_table(table, gaps(bound)),
    };
    matrix.map_err(|problem| {
        let cell = |row: usize, column: &str| {
            data_cell(&bound.plan, &rows.numbers, rows.order[row] as usize, column)
        };
        not_numeric(bound, &problem, cell).into()
    })
}

/// The most candidates of a search that the trace tells one by one.
const TOLD: usize = 100;

/// What a search tried, a step for each candidate.
fn tell(tuning: &Tuning, named: &str, trace: &mut Trace<'_>) {
    let part = tuning.part.as_ref().map(|part| format!(" ({part})")).unwrap_or_default();
    for (at, candidate) in tuning.candidates.iter().enumerate().take(TOLD) {
        let (evaluation, result) = match (candidate.score, &candidate.reason) {
            (Some((mean, deviation)), _) => {
                let (mean, deviation) = (number(mean), number(deviation));
                let folds = counted(candidate.folds.len(), "fold");
                let text = format!("{} {mean} ± {deviation} over {folds}", tuning.metric);
                (text, if at == tuning.chosen { "chosen" } else { "ok" })
            }
            (None, reason) => (reason.clone().unwrap_or_default(), "not comparable"),
        };
        trace.add(format!("try {}{part}{named}", candidate.shown()), evaluation, result);
    }
    if let Some(more) = tuning.candidates.len().checked_sub(TOLD).filter(|more| *more > 0) {
        let more = counted(more, "more candidate");
        trace.add(format!("try {more}{part}{named}"), "", "ok");
    }
}

/// Some comparison asks for the values on the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Train;

/// Whether every row has an answer, and every number is one.
pub fn is_finite(prediction: &Prediction) -> bool {
    match prediction {
        Prediction::Values(values) => values.iter().all(|value| value.is_finite()),
        Prediction::Codes { codes, probabilities } => {
            codes.iter().all(|code| *code != MISSING)
                && probabilities.iter().flatten().all(|value| value.is_finite())
        }
        Prediction::Clusters { .. } => true,
    }
}

/// A model that answers NaN or infinity has no measurement that means anything.
fn check_finite(prediction: &Prediction, at: &Route) -> Result<(), Diagnostic> {
    if is_finite(prediction) {
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

/// What the model's features may hold.
pub fn gaps(bound: &BoundPlan) -> Gaps {
    match bound.plan.model.kind().about().preparation {
        Preparation::Native => Gaps::Kept,
        Preparation::Nothing
        | Preparation::Numbers
        | Preparation::Independent
        | Preparation::Scaled => Gaps::Refused,
    }
}

/// Values of a column that the model cannot take.
fn misfit(place: Place, message: String, cell: Option<Place>) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::ModelData, place, message)
        .label("not for this model")
        .help("repair the column, leave the rows out with `where`, or choose another model");
    match cell {
        Some(cell) => diagnostic.related(cell, "the first one"),
        None => diagnostic,
    }
}

fn no_column_left() -> Diagnostic {
    Diagnostic::error(
        Code::NoFeatures,
        Place::key(Route::root().key("prepare")),
        "the steps leave no column to learn from",
    )
    .label("drops every column")
    .help("look at the columns with `mlspec run --trace`")
}

fn no_weight(rows: &FoldRows<'_>) -> Diagnostic {
    Diagnostic::error(
        Code::WeightInvalid,
        Place::value(Route::root().key("data").key("weight").key("fit")),
        format!("every training row has weight 0{}", rows.named),
    )
    .label("nothing to learn from")
    .help("give at least one training row a weight above 0")
}
