//! How much each feature counts in the models of all folds, from what each fold says.

use std::sync::Arc;

use super::trace::Trace;
use crate::diagnostic::number;

/// Features that the trace names.
const SHOWN: usize = 5;

/// How much a feature counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Its name at the model, after all steps.
    pub feature: Arc<str>,
    /// Its share of what the model gains by all features, from 0 to 1; over several folds the mean.
    pub gain: f64,
}

/// The features of one model by their names, where it has such a measure.
pub fn of_model(names: &[Arc<str>], gains: Option<Vec<f64>>) -> Vec<Importance> {
    let gains = gains.unwrap_or_default();
    names
        .iter()
        .zip(gains)
        .map(|(feature, gain)| Importance { feature: feature.clone(), gain })
        .collect()
}

/// The means over folds, the greatest first. A feature that a fold does not have counts 0 there.
pub fn mean(folds: &[Vec<Importance>]) -> Vec<Importance> {
    let mut means: Vec<Importance> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for each in folds.iter().flatten() {
        let place = *places.entry(each.feature.clone()).or_insert_with(|| {
            means.push(Importance { feature: each.feature.clone(), gain: 0.0 });
            means.len() - 1
        });
        means[place].gain += each.gain / folds.len() as f64;
    }
    // The sort is stable: of equal ones the first column comes first.
    means.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    means
}

/// Tells the features that count most.
pub fn trace_importances(trace: &mut Trace<'_>, importances: &[Importance]) {
    if importances.is_empty() {
        return;
    }
    let shown: Vec<String> = importances
        .iter()
        .take(SHOWN)
        .filter(|each| each.gain > 0.0)
        .map(|each| format!("{} {}", each.feature, number(each.gain)))
        .collect();
    let evaluation = if shown.is_empty() {
        "no feature helps".to_owned()
    } else {
        format!("most important: {}", shown.join(", "))
    };
    trace.add("rank the features", evaluation, "ok");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_averaged_by_name() {
        let names = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect::<Vec<_>>();
        let folds = [
            of_model(&names(&["a", "b"]), Some(vec![0.25, 0.75])),
            of_model(&names(&["b", "c"]), Some(vec![0.25, 0.75])),
        ];
        let found: Vec<(String, f64)> =
            mean(&folds).into_iter().map(|each| (each.feature.to_string(), each.gain)).collect();
        let expected = [("b", 0.5), ("c", 0.375), ("a", 0.125)];
        assert_eq!(found, expected.map(|(name, gain)| (name.to_owned(), gain)));
        assert!(mean(&[of_model(&names(&["a"]), None)]).is_empty());
    }
}
