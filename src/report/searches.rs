//! The part of the JSON report that is about searches for parameters.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outcome::{Searched, SpecOutcome};

/// A search in one fold of the spec's split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// Where it stands in the spec.
    pub at: String,
    /// Which of several trainings of the same model: `classifier 2 of 5` inside `calibrate`.
    #[serde(default)]
    pub part: Option<String>,
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

/// Parameters for people: `alpha 0.1, penalty l2`.
fn shown(parameters: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name} {text}"),
        value => format!("{name} {value}"),
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// What each search of a spec chose: `alpha 0.1`, or over several folds `alpha 0.1 (4 of 5), alpha 1 (1
/// of 5)`.
pub fn chosen(searches: &[Search]) -> Vec<String> {
    let mut places: Vec<&str> = Vec::new();
    for search in searches {
        if !places.contains(&&*search.at) {
            places.push(&search.at);
        }
    }
    let of_place = |place: &str| {
        let here: Vec<&Search> = searches.iter().filter(|search| search.at == place).collect();
        let mut counts: Vec<(String, usize)> = Vec::new();
        for search in &here {
            let text = shown(&search.chosen);
            match counts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, count)) => *count += 1,
                None => counts.push((text, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        match counts.len() {
            1 => counts.remove(0).0,
            _ => {
                let each = counts.iter().map(|(text, n)| format!("{text} ({n} of {})", here.len()));
                each.collect::<Vec<_>>().join("; ")
            }
        }
    };
    places.into_iter().map(of_place).collect()
}

/// The searches of a spec, fold by fold.
pub fn searches(outcome: &SpecOutcome) -> Vec<Search> {
    outcome
        .searches
        .iter()
        .map(|Searched { fold, tuning }| Search {
            at: tuning.route.to_string(),
            part: tuning.part.clone(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn search(at: &str, fold: usize, chosen: Value) -> Search {
        let Value::Object(chosen) = chosen else { return search(at, fold, json!({})) };
        let (metric, candidates) = ("r2".to_owned(), Vec::new());
        Search { at: at.to_owned(), part: None, fold: Some(fold), metric, chosen, candidates }
    }

    #[test]
    fn what_was_chosen_is_told_once_a_search() {
        let (outer, inner) = ("model.search", "model.search.model.search");
        let searches = [
            search(outer, 1, json!({ "alpha": 1, "solver": "auto" })),
            search(inner, 1, json!({ "c": 10 })),
            search(outer, 2, json!({ "alpha": 0.1, "solver": "auto" })),
            search(inner, 2, json!({ "c": 10 })),
            search(outer, 3, json!({ "alpha": 0.1, "solver": "auto" })),
        ];
        let expected = ["alpha 0.1, solver auto (2 of 3); alpha 1, solver auto (1 of 3)", "c 10"];
        assert_eq!(chosen(&searches), expected);
        assert!(chosen(&[]).is_empty());
    }
}
