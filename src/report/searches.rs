//! The part of the JSON report that is about searches for parameters.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::outcome::{Searched, SpecOutcome};

/// A search in one fold of the spec's split.
#[derive(Serialize)]
pub struct Search<'a> {
    /// Where it stands in the spec.
    at: String,
    /// The fold, where there are several.
    fold: Option<usize>,
    metric: &'static str,
    chosen: &'a Map<String, Value>,
    candidates: Vec<Candidate<'a>>,
}

#[derive(Serialize)]
struct Candidate<'a> {
    parameters: &'a Map<String, Value>,
    mean: Option<f64>,
    deviation: Option<f64>,
    folds: &'a [Option<f64>],
    /// How many training rows it was tried on.
    rows: usize,
    reason: Option<&'a str>,
}

/// The searches of a spec, fold by fold.
pub fn searches(outcome: &SpecOutcome) -> Vec<Search<'_>> {
    outcome
        .searches
        .iter()
        .map(|Searched { fold, tuning }| Search {
            at: tuning.route.to_string(),
            fold: *fold,
            metric: tuning.metric,
            chosen: &tuning.candidates[tuning.chosen].parameters,
            candidates: tuning
                .candidates
                .iter()
                .map(|candidate| Candidate {
                    parameters: &candidate.parameters,
                    mean: candidate.score.map(|(mean, _)| mean),
                    deviation: candidate.score.map(|(_, deviation)| deviation),
                    folds: &candidate.folds,
                    rows: candidate.rows,
                    reason: candidate.reason.as_deref(),
                })
                .collect(),
        })
        .collect()
}
