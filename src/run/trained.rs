//! What training came to, fold by fold: all that measuring needs beside the table. It outlives the run, so that
//! another one that differs in what it measures need not train.

mod packed;

use std::path::PathBuf;
use std::vec;

use super::answers::Answers;
use super::fit::Needed;
use super::fold::judged_rows;
use super::importances::Importance;
use super::trace::TraceStep;
use crate::data::{Prediction, Truth};
use crate::diagnostic::Diagnostic;
use crate::kinds::models::Tuning;
use crate::kinds::splits::Fold;
use crate::plan::BoundPlan;

/// Answers that take more room than this are not remembered.
const LARGEST: usize = 64 << 20;

/// What training came to.
#[derive(Clone, Debug, Default)]
pub struct Trained {
    /// The files as the notes name them: from the folder that mlspec was started in.
    shown: Vec<PathBuf>,
    folds: Vec<TrainedFold>,
}

/// What training came to in one fold.
#[derive(Clone, Debug)]
pub struct TrainedFold {
    /// Stands for the rows of the fold and their answers; empty until it is remembered.
    pub rows: String,
    /// What the model answers on the judged rows, before any decision.
    pub test: Prediction,
    /// The same for the training rows, where a bound asked for it.
    pub train: Option<Prediction>,
    pub notes: Vec<Diagnostic>,
    /// How much each feature counts, where the model tells or it was asked for.
    pub importances: Vec<Importance>,
    pub tunings: Vec<Tuning>,
    /// What the trace told of it.
    pub steps: Vec<TraceStep>,
}

/// What is there of the training when a run begins.
#[derive(Debug, Default)]
pub enum Earlier {
    /// Nothing, and nothing is to be left for later runs.
    #[default]
    Unwanted,
    /// Nothing yet.
    Unknown,
    /// What an earlier run left.
    Known(Trained),
}

/// Where the answers of a run came from.
#[derive(Debug)]
pub enum Training {
    /// From an earlier run.
    Known,
    /// From models that were trained, with what is left of them for later runs, where that is wanted and not too
    /// large. Given predictions leave nothing.
    New(Option<Trained>),
}

/// The training of a run, as it goes from fold to fold.
pub struct Recall {
    known: Option<vec::IntoIter<TrainedFold>>,
    /// What is remembered for later runs.
    new: Option<Trained>,
    room: usize,
    /// For each fold, where anything is known or wanted.
    rows: Vec<String>,
}

impl Recall {
    /// Takes what an earlier run left only if it is about the same rows and answers all that is asked now.
    pub fn new(
        earlier: Earlier,
        bound: &BoundPlan,
        needed: Needed,
        answers: &Answers<'_>,
        folds: &[Fold],
    ) -> Self {
        let rows = match earlier {
            Earlier::Unwanted => Vec::new(),
            Earlier::Unknown | Earlier::Known(_) => fingerprints(answers, folds),
        };
        let shown = bound.plan.shown();
        let (known, new) = match earlier {
            Earlier::Unwanted => (None, None),
            Earlier::Known(trained) if trained.answers(bound, needed, &shown, &rows, folds) => {
                (Some(trained.folds.into_iter()), None)
            }
            Earlier::Unknown | Earlier::Known(_) => {
                (None, Some(Trained { shown, folds: Vec::new() }))
            }
        };
        Self { known, new, room: LARGEST, rows }
    }

    /// The next fold, where it is known.
    pub fn next(&mut self) -> Option<TrainedFold> {
        self.known.as_mut()?.next()
    }

    /// Remembers the next fold for later runs, as long as there is room.
    pub fn remember(&mut self, fold: &TrainedFold) {
        let Some(new) = &mut self.new else { return };
        let size = bytes(&fold.test) + fold.train.as_ref().map_or(0, bytes);
        match (self.room.checked_sub(size), self.rows.get(new.folds.len())) {
            (Some(room), Some(rows)) => {
                self.room = room;
                new.folds.push(TrainedFold { rows: rows.clone(), ..fold.clone() });
            }
            _ => self.new = None,
        }
    }

    pub fn training(self) -> Training {
        match self.known {
            Some(_) => Training::Known,
            None => Training::New(self.new),
        }
    }
}

impl Trained {
    /// Whether this is about these rows, and has all that a run needs.
    fn answers(
        &self,
        bound: &BoundPlan,
        needed: Needed,
        shown: &[PathBuf],
        rows: &[String],
        folds: &[Fold],
    ) -> bool {
        let of_fold = |((known, rows), fold): ((&TrainedFold, &String), &Fold)| {
            known.rows == *rows
                && count(&known.test) == judged_rows(fold).len()
                && known.train.as_ref().map_or(needed.train.is_none(), |train| {
                    count(train) == fold.train.len()
                })
                // What would name its files as they are named from another folder is found anew.
                && (known.notes.is_empty() || self.shown == shown)
        };
        // Times are those of a model that trains now.
        !bound.is_timed()
            && self.folds.len() == folds.len()
            && self.folds.iter().zip(rows).zip(folds).all(of_fold)
    }
}

/// How many rows are answered.
fn count(prediction: &Prediction) -> usize {
    match prediction {
        Prediction::Values(values) => values.len(),
        Prediction::Codes { codes, .. } => codes.len(),
        Prediction::Clusters { codes, .. } => codes.len(),
    }
}

fn bytes(prediction: &Prediction) -> usize {
    match prediction {
        Prediction::Values(values) => 8 * values.len(),
        Prediction::Codes { codes, probabilities } => {
            4 * codes.len() + 8 * probabilities.as_ref().map_or(0, ndarray::Array2::len)
        }
        Prediction::Clusters { codes, squared_distances } => {
            4 * codes.len() + 8 * squared_distances.as_ref().map_or(0, Vec::len)
        }
    }
}

/// For each fold what stands for its rows, in their order, and for the answers of the table.
fn fingerprints(answers: &Answers<'_>, folds: &[Fold]) -> Vec<String> {
    let truth = match answers.truth() {
        Truth::Codes { codes, classes } => {
            let mut hasher = blake3::Hasher::new();
            hasher.update(format!("{classes:?}").as_bytes());
            hasher.update(&words(codes)).finalize()
        }
        Truth::Values(values) => {
            let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            blake3::hash(&values)
        }
        Truth::None => blake3::hash(b""),
    };
    let of_fold = |fold: &Fold| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(truth.as_bytes());
        for rows in [&fold.train, &fold.test] {
            hasher.update(&(rows.len() as u64).to_le_bytes());
            hasher.update(&words(rows));
        }
        hasher.finalize().to_hex().to_string()
    };
    folds.iter().map(of_fold).collect()
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
