//! What the metric of `importance` loses on the test rows of a fold when one feature is shuffled, for
//! each feature of the data. The steps see the shuffled rows as they see test rows.

use std::sync::Arc;

use rayon::prelude::*;

use super::fit::{Stop, check_stop};
use super::fold::{FoldRows, gaps, is_finite};
use super::judge::decided;
use super::judging::Judging;
use super::load::data_cell;
use super::prepare::{not_numeric, prepare};
use super::trace::{Clock, Trace};
use crate::data::{Matrix, Prediction, Table};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::{Fitted, Permutation, ScoreLoss, StopFlag, ask};
use crate::kinds::transforms::Training;
use crate::plan::BoundPlan;

/// The most numbers of a table with shuffled rows, before and after the steps; one feature is shuffled once
/// in any case.
const LARGEST: usize = 1 << 25;

/// What shuffled rows are made of.
pub struct Shuffle<'a> {
    pub bound: &'a BoundPlan,
    pub permutation: &'a Permutation,
    /// The columns before any step, in the order of the fold.
    pub table: &'a Table,
    /// The prepared rows that the model was trained on: shuffled ones take the same form.
    pub trained_on: &'a Matrix,
    pub rows: &'a FoldRows<'a>,
    pub stop: &'a StopFlag,
    pub clock: Clock<'a>,
}

/// One order of one feature.
#[derive(Clone, Copy)]
struct Draw {
    feature: usize,
    repeat: usize,
}

/// The features by name, each with what shuffling it takes.
pub type Losses = Vec<(Arc<str>, ScoreLoss)>;

impl Shuffle<'_> {
    /// The losses; none with a warning where the metric has no value. `test` are the rows as they are.
    ///
    /// # Errors
    /// A step that refuses shuffled rows, or that the stop flag was raised.
    pub fn losses(
        &self,
        model: &dyn Fitted,
        test: &Judging<'_>,
    ) -> Result<Result<Losses, Diagnostic>, Stop> {
        let Self { bound, permutation, stop, .. } = *self;
        let scoring = permutation.scoring(bound.task);
        let score = |prediction: &Prediction| -> Result<f64, String> {
            let (truth, weights) = (test.answers.truth(), test.weights.as_deref());
            let value = scoring.measure(truth, prediction, weights, test.positive)?;
            Ok(scoring.merit(value))
        };
        let whole = match score(&test.prediction) {
            Ok(whole) => whole,
            Err(reason) => return Ok(Err(self.undefined(scoring.name(), &reason))),
        };
        let features = self.table.columns.len();
        let draws: Vec<Draw> = (0..features)
            .flat_map(|feature| {
                (0..permutation.repeats).map(move |repeat| Draw { feature, repeat })
            })
            .collect();
        let (train, count) = (self.rows.train, test.len());
        // The steps are fitted for each batch anew, so one that is small would fit them often.
        let width = features + self.trained_on.width();
        let room = (LARGEST / width.max(1)).saturating_sub(train);
        let batch = (room.min(4 * train.max(count)) / count.max(1)).max(1);
        let mut losses = Vec::with_capacity(draws.len());
        let positions: Vec<u32> = (train as u32..(train + count) as u32).collect();
        for draws in draws.chunks(batch) {
            let matrix = self.prepared(draws, count)?;
            let scores: Vec<Option<Result<f64, String>>> = (0..draws.len())
                .into_par_iter()
                .map(|at| {
                    let start = at * count;
                    let prediction =
                        ask(model, matrix.rows(start, start + count), &positions, stop).ok()?;
                    if !is_finite(&prediction) {
                        let reason = "the model answers with values that are not finite";
                        return Some(Err(reason.to_owned()));
                    }
                    Some(score(&decided(prediction, bound.plan.decision, bound.positive)))
                })
                .collect();
            check_stop(stop)?;
            for score in scores {
                match score {
                    Some(Ok(score)) => losses.push(whole - score),
                    Some(Err(reason)) => return Ok(Err(self.undefined(scoring.name(), &reason))),
                    None => return Err(Stop::Interrupted),
                }
            }
        }
        let names = self.table.columns.iter().map(|column| column.name.clone());
        Ok(Ok(names.zip(losses.chunks(permutation.repeats.max(1)).map(ScoreLoss::of)).collect()))
    }

    /// The `count` test rows once for each draw, prepared together by what the training rows say.
    fn prepared(&self, draws: &[Draw], count: usize) -> Result<Matrix, Stop> {
        let Self { bound, rows, stop, clock, .. } = *self;
        let train = rows.train as u32;
        let test = train..train + count as u32;
        let order: Vec<u32> = (0..train).chain(draws.iter().flat_map(|_| test.clone())).collect();
        let mut table = self.table.pick(&order);
        for (at, draw) in draws.iter().enumerate() {
            let order = self.permutation.order(draw.feature, draw.repeat, count);
            table.columns[draw.feature].reorder(rows.train + at * count, &order);
        }
        let answers = rows.answers.pick(&order[..rows.train]);
        let training = Training { rows: rows.train, truth: answers.truth() };
        let mut unread = Trace::new(clock);
        for step in &bound.steps {
            check_stop(stop)?;
            table = prepare(bound, step, table, &training, &mut unread)?;
        }
        check_stop(stop)?;
        let table = table.from_row(rows.train);
        let matrix = if self.trained_on.has_codes() {
            Matrix::with_indicators(table, gaps(bound))
        } else {
            Matrix::from_table(table, gaps(bound))
        };
        matrix.map_err(|problem| {
            Stop::Found(not_numeric(bound, &problem, |row, column| {
                let row = rows.order[order[rows.train + row] as usize] as usize;
                data_cell(&bound.plan, &rows.numbers, row, column)
            }))
        })
    }

    fn undefined(&self, metric: &str, reason: &str) -> Diagnostic {
        let place = Place::key(Route::root().key("importance").key("permutation"));
        let named = &self.rows.named;
        let message =
            format!("no feature has an importance: `{metric}` has no value, {reason}{named}");
        Diagnostic::warning(Code::ImportanceUndefined, place, message)
            .label("cannot be told")
            .help("choose another metric, or a split with more test rows")
    }
}
