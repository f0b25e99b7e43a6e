//! The part of the JSON report that is about searches for parameters.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outcome::{Searched, SpecOutcome};

/// A search in one fold of the spec's split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// Where it stands in the spec.
    pub at: String,
    /// The fold, where there are several.
    #[serde(default)]
    pub fold: Option<usize>,
    pub metric: String,
    pub chosen: Map<String, Value>,
    pub candidates: Vec<Candidate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub parameters: Map<String, Value>,
    #[serde(default)]
    pub mean: Option<f64>,
    #[serde(default)]
    pub deviation: Option<f64>,
    #[serde(default)]
    pub folds: Vec<Option<f64>>,
    /// How many training rows it was tried on.
    #[serde(default)]
    pub rows: usize,
    #[serde(default)]
    pub reason: Option<String>,
}

/// The searches of a spec, fold by fold.
pub fn searches(outcome: &SpecOutcome) -> Vec<Search> {
    outcome
        .searches
        .iter()
        .map(|Searched { fold, tuning }| Search {
            at: tuning.route.to_string(),
            fold: *fold,
            metric: tuning.metric.to_owned(),
            chosen: tuning.candidates[tuning.chosen].parameters.clone(),
            candidates: tuning
                .candidates
                .iter()
                .map(|candidate| Candidate {
                    parameters: candidate.parameters.clone(),
                    mean: candidate.score.map(|(mean, _)| mean),
                    deviation: candidate.score.map(|(_, deviation)| deviation),
                    folds: candidate.folds.clone(),
                    rows: candidate.rows,
                    reason: candidate.reason.clone(),
                })
                .collect(),
        })
        .collect()
}
