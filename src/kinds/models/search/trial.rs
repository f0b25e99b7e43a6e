//! Trains candidates on folds of the training rows, and says which of them is the best.

use mlspec_learn::Generator;
use rayon::prelude::*;

use super::{Combination, Search};
use crate::data::{Prediction, Rows, Truth};
use crate::diagnostic::{Code, Diagnostic, Part as At, Problem, Route, counted};
use crate::kinds::models::members::{self, Picked, pick};
use crate::kinds::models::{
    Candidate, Context, Failure, Folding, Member, Scoring, Target, Tuning, ask,
};
use crate::kinds::splits::Fold;

/// What candidates are tried on.
pub struct Trial<'a> {
    pub member: &'a Member<'a>,
    pub candidates: &'a [Combination],
    pub scoring: &'a Scoring,
    pub x: Rows<'a>,
    pub y: Target<'a>,
    pub context: &'a Context<'a>,
    pub folding: &'a dyn Folding,
}

/// Which candidate is the best, and what the author should know.
pub struct Chosen {
    pub tuning: Tuning,
    pub notes: Vec<Problem>,
}

/// One candidate in one fold.
struct Tried {
    score: Result<f64, String>,
    notes: Vec<Problem>,
}

/// The candidates in all folds so far.
struct Record {
    candidates: Vec<Candidate>,
    notes: Vec<(usize, Problem)>,
}

impl Trial<'_> {
    /// Tries every candidate in every fold.
    ///
    /// # Errors
    /// No candidate that can be compared, or that the stop flag was raised.
    pub fn all(&self, folds: &[Fold]) -> Result<Chosen, Failure> {
        let mut record = self.blank();
        let everyone: Vec<usize> = (0..self.candidates.len()).collect();
        for fold in folds {
            self.try_fold(fold, &everyone, &mut record)?;
        }
        self.finish(record, &everyone)
    }

    /// Tries every candidate on few rows, and the best of them on more: scikit-learn's
    /// `HalvingGridSearchCV`, of whose last round the best is chosen.
    ///
    /// # Errors
    /// As [`Trial::all`].
    pub fn halving(&self, folds: &[Fold], search: &Search) -> Result<Chosen, Failure> {
        let rows = self.x.values.nrows();
        let factor = search.factor.unwrap_or(3).max(2) as usize;
        let rounds_for = |count: usize| {
            std::iter::successors(Some(count), |left| (*left >= factor).then(|| left / factor))
                .count()
        };
        let needed = rounds_for(self.candidates.len());
        let classes = match self.y {
            Target::Codes { classes, .. } => classes,
            Target::Values(_) | Target::None => 1,
        };
        let least = search.min_resources.unwrap_or_else(|| {
            let smallest = folds.len() * 2 * classes;
            let shrink = factor.checked_pow(needed as u32 - 1).unwrap_or(usize::MAX);
            smallest.max(rows / shrink)
        });
        if least > rows {
            let message = format!("{least} rows to begin with are more than the {rows} that train");
            return Err(Failure::Problem(
                Problem::of_parameter(Code::ModelParameter, "min_resources", message)
                    .label("more than there are")
                    .help("write a smaller `min_resources`"),
            ));
        }
        let rounds = needed.min(rounds_for(rows / least));
        let mut record = self.blank();
        let mut left: Vec<usize> = (0..self.candidates.len()).collect();
        for round in 0..rounds {
            let resources = factor
                .checked_pow(round as u32)
                .and_then(|times| times.checked_mul(least))
                .map_or(rows, |resources| resources.min(rows));
            for candidate in &left {
                record.candidates[*candidate].folds.clear();
                record.candidates[*candidate].reason = None;
                record.candidates[*candidate].rows = resources;
            }
            for (at, fold) in folds.iter().enumerate() {
                let draw = (round * folds.len() + at) as u64;
                let share = resources as f64 / rows as f64;
                let fold = part_of(fold, share, search.seed.wrapping_add(draw));
                self.try_fold(&fold, &left, &mut record).map_err(|failure| match failure {
                    Failure::Elsewhere(diagnostic) if resources < rows => {
                        too_few(resources, &diagnostic, search)
                    }
                    failure => failure,
                })?;
            }
            settle(&mut record.candidates);
            if round + 1 < rounds {
                let keep = left.len().div_ceil(factor);
                let merit = |at: &usize| self.merit(&record.candidates[*at]);
                let mut ranked = left.clone();
                ranked.sort_by(|a, b| merit(b).total_cmp(&merit(a)));
                ranked.truncate(keep);
                ranked.sort_unstable();
                left = ranked;
            }
        }
        self.finish(record, &left)
    }

    fn blank(&self) -> Record {
        let rows = self.x.values.nrows();
        let candidate = |(parameters, _): &Combination| Candidate {
            parameters: parameters.clone(),
            rows,
            folds: Vec::new(),
            reason: None,
            score: None,
        };
        Record { candidates: self.candidates.iter().map(candidate).collect(), notes: Vec::new() }
    }

    /// Trains these candidates on one fold, side by side, and judges each.
    fn try_fold(&self, fold: &Fold, which: &[usize], record: &mut Record) -> Result<(), Failure> {
        if self.context.stop.is_raised() {
            return Err(Failure::Stopped);
        }
        let part = self.folding.part(self.x.reborrow(), &fold.train, &fold.test)?;
        let (learned, known) = (Picked::new(self.y, &fold.train), Picked::new(self.y, &fold.test));
        let weights = |rows: &[u32]| self.context.weights.map(|weights| pick(weights, rows));
        let (fit_weights, score_weights) = (weights(&fold.train), weights(&fold.test));
        let context = Context { weights: fit_weights.as_deref(), ..*self.context };
        let positions: Vec<u32> =
            (fold.train.len() as u32..(fold.train.len() + fold.test.len()) as u32).collect();
        let try_one = |candidate: &usize| -> Result<Tried, Failure> {
            let model = &self.candidates[*candidate].1;
            let member = Member { route: self.member.route.clone(), model };
            let outer = (self.x.names, fold.train.as_slice());
            let fit = match members::train_part(&member, &part, &learned, &context, outer) {
                Ok(fit) => fit,
                Err(failure @ (Failure::Stopped | Failure::Elsewhere(_))) => return Err(failure),
                Err(Failure::Problem(problem)) => {
                    return Ok(Tried { score: Err(problem.message), notes: Vec::new() });
                }
                Err(Failure::Column { message, .. } | Failure::Target { message, .. }) => {
                    return Ok(Tried { score: Err(message), notes: Vec::new() });
                }
            };
            let prediction = ask(&*fit.model, part.others(), &positions, self.context.stop)?;
            let score = if finite(&prediction) {
                let weights = score_weights.as_deref();
                let truth = match (known.target(), self.folding.classes()) {
                    (Target::Codes { codes, .. }, Some(classes)) => Truth::Codes { codes, classes },
                    (Target::Values(values), _) => Truth::Values(values),
                    (Target::Codes { .. } | Target::None, _) => Truth::None,
                };
                self.scoring.measure(truth, &prediction, weights, self.context.positive)
            } else {
                Err("it answers with values that are not finite".to_owned())
            };
            Ok(Tried { score, notes: fit.notes })
        };
        let tried: Vec<Result<Tried, Failure>> = which.par_iter().map(try_one).collect();
        for (candidate, tried) in which.iter().zip(tried) {
            let Tried { score, notes } = tried?;
            let of = &mut record.candidates[*candidate];
            of.folds.push(score.as_ref().ok().copied());
            if let Err(reason) = score {
                of.reason.get_or_insert(reason);
            }
            record.notes.extend(notes.into_iter().map(|note| (*candidate, note)));
        }
        Ok(())
    }

    fn merit(&self, candidate: &Candidate) -> f64 {
        candidate.score.map_or(f64::NEG_INFINITY, |(mean, _)| self.scoring.merit(mean))
    }

    /// The best of those that are left.
    fn finish(&self, mut record: Record, left: &[usize]) -> Result<Chosen, Failure> {
        settle(&mut record.candidates);
        let candidates = record.candidates;
        let comparable = left.iter().filter(|at| candidates[**at].score.is_some());
        let best = comparable.copied().reduce(|best, at| {
            if self.merit(&candidates[at]) > self.merit(&candidates[best]) { at } else { best }
        });
        let failed: Vec<&Candidate> =
            candidates.iter().filter(|each| each.score.is_none()).collect();
        let first = failed.first().map(|each| {
            let reason = each.reason.as_deref().unwrap_or("it has no value");
            format!("{}: {reason}", each.shown())
        });
        let Some(chosen) = best else {
            let message = format!(
                "none of {} can be compared; {}",
                counted(candidates.len(), "candidate"),
                first.unwrap_or_default()
            );
            return Err(Failure::Problem(
                Problem::of_kind(Code::TrainFailed, message)
                    .label("nothing to choose from")
                    .help("try other values, fewer folds, or another metric"),
            ));
        };
        let mut notes = Vec::new();
        if let Some(first) = first {
            let message = format!(
                "{} of {} cannot be compared, and so not win; {first}",
                failed.len(),
                counted(candidates.len(), "candidate")
            );
            let problem = Problem::of_kind(Code::CandidateFailed, message);
            notes.push(
                Problem { route: Route::root().key("over"), part: At::Key, ..problem }
                    .label("not all comparable")
                    .help("leave those values out, or repair what keeps them from being trained"),
            );
        }
        notes.extend(gathered(&candidates, record.notes));
        let metric = self.scoring.name();
        let tuning = Tuning { route: Route::root(), part: None, metric, chosen, candidates };
        Ok(Chosen { tuning, notes })
    }
}

/// So few rows that a step of preparation refuses them.
fn too_few(resources: usize, diagnostic: &Diagnostic, search: &Search) -> Failure {
    let message = format!("a round on {resources} rows cannot be prepared: {}", diagnostic.message);
    let problem = match search.min_resources {
        Some(_) => Problem::of_parameter(Code::ModelParameter, "min_resources", message)
            .help("write a larger `min_resources`"),
        None => Problem::of_kind(Code::ModelParameter, message)
            .help("write a larger `min_resources`, or try fewer values"),
    };
    Failure::Problem(problem.label("too few rows to begin with"))
}

/// The mean of each candidate that has a value in every fold, and its deviation.
fn settle(candidates: &mut [Candidate]) {
    for candidate in candidates {
        let values: Option<Vec<f64>> = candidate.folds.iter().copied().collect();
        candidate.score = values.filter(|values| !values.is_empty()).map(|values| {
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let spread = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            (mean, spread.sqrt())
        });
    }
}

/// One note a code and place, which says of how many candidates it is.
fn gathered(candidates: &[Candidate], notes: Vec<(usize, Problem)>) -> Vec<Problem> {
    let mut kept: Vec<(Vec<usize>, Problem)> = Vec::new();
    for (candidate, note) in notes {
        match kept
            .iter_mut()
            .find(|(_, other)| other.code == note.code && other.route == note.route)
        {
            Some((of, _)) if of.contains(&candidate) => {}
            Some((of, _)) => of.push(candidate),
            None => kept.push((vec![candidate], note)),
        }
    }
    let said = |(of, note): (Vec<usize>, Problem)| {
        let more = match of.len() - 1 {
            0 => String::new(),
            more => format!(", and {}", counted(more, "other candidate")),
        };
        let first = candidates[of[0]].shown();
        Problem { message: format!("{} ({first}{more})", note.message), ..note }
    };
    kept.into_iter().map(said).collect()
}

/// A share of the rows of both sides, drawn at random; at least one of each.
fn part_of(fold: &Fold, share: f64, seed: u64) -> Fold {
    if share >= 1.0 {
        return fold.clone();
    }
    let mut generator = Generator::new(seed);
    let mut some = |rows: &[u32]| {
        let mut rows = rows.to_vec();
        generator.shuffle(&mut rows);
        rows.truncate(((share * rows.len() as f64) as usize).max(1));
        rows.sort_unstable();
        rows
    };
    Fold { train: some(&fold.train), test: some(&fold.test) }
}

fn finite(prediction: &Prediction) -> bool {
    match prediction {
        Prediction::Values(values) => values.iter().all(|value| value.is_finite()),
        Prediction::Codes { probabilities, .. } => {
            probabilities.iter().flatten().all(|value| value.is_finite())
        }
        Prediction::Clusters { .. } => true,
    }
}
