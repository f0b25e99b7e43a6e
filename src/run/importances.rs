//! How much each feature counts in the models of all folds, from what each fold says.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shuffle::Losses;
use super::trace::Trace;
use crate::diagnostic::number;
use crate::kinds::models::ScoreLoss;

/// Features that the trace names.
const SHOWN: usize = 5;

/// How much a feature counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// Its name at the model, after all steps, or in the data, where it was shuffled.
    pub feature: Arc<str>,
    /// Its share of what the model gains by all features, from 0 to 1; over several folds the mean.
    /// None where the model does not tell, or knows no feature of the name.
    pub gain: Option<f64>,
    /// What shuffling it takes from a metric; over several folds the means.
    pub permutation: Option<ScoreLoss>,
}

/// The features of one model by their names, where it has such a measure.
pub fn of_model(names: &[Arc<str>], gains: Option<Vec<f64>>) -> Vec<Importance> {
    let gains = gains.unwrap_or_default();
    let of = |(feature, gain): (&Arc<str>, f64)| Importance {
        feature: feature.clone(),
        gain: Some(gain),
        permutation: None,
    };
    names.iter().zip(gains).map(of).collect()
}

/// Adds what shuffling takes, for features of the same name and for others.
pub fn add_losses(importances: &mut Vec<Importance>, losses: Losses) {
    let mut places: HashMap<Arc<str>, usize> =
        importances.iter().enumerate().map(|(at, each)| (each.feature.clone(), at)).collect();
    for (feature, loss) in losses {
        let at = *places.entry(feature.clone()).or_insert_with(|| {
            importances.push(Importance { feature, gain: None, permutation: None });
            importances.len() - 1
        });
        importances[at].permutation = Some(loss);
    }
}

/// The means over folds, the greatest first: by what shuffling takes where that was asked for, and then
/// by gain. A feature that a fold does not have gains 0 there; what shuffling takes is told where every
/// fold tells.
pub fn mean(folds: &[Vec<Importance>]) -> Vec<Importance> {
    let count = folds.len() as f64;
    let mut means: Vec<Importance> = Vec::new();
    let mut told: Vec<usize> = Vec::new();
    let mut places = HashMap::new();
    for each in folds.iter().flatten() {
        let place = *places.entry(each.feature.clone()).or_insert_with(|| {
            let feature = each.feature.clone();
            means.push(Importance { feature, gain: None, permutation: None });
            told.push(0);
            means.len() - 1
        });
        if let Some(gain) = each.gain {
            *means[place].gain.get_or_insert(0.0) += gain / count;
        }
        if let Some(loss) = each.permutation {
            let none = ScoreLoss { mean: 0.0, deviation: 0.0 };
            let sum = means[place].permutation.get_or_insert(none);
            sum.mean += loss.mean / count;
            sum.deviation += loss.deviation / count;
            told[place] += 1;
        }
    }
    for (mean, told) in means.iter_mut().zip(told) {
        if told < folds.len() {
            mean.permutation = None;
        }
    }
    means.retain(|each| each.gain.is_some() || each.permutation.is_some());
    // The sort is stable: of equal ones the first column comes first.
    means.sort_by(|a, b| {
        let loss = |each: &Importance| each.permutation.map(|loss| loss.mean);
        greatest_first(loss(a), loss(b)).then_with(|| greatest_first(a.gain, b.gain))
    });
    means
}

/// What is there before what is not.
fn greatest_first(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Tells the features that count most: in the model, and for the metric of `importance`.
pub fn trace_importances(trace: &mut Trace<'_>, importances: &[Importance], metric: Option<&str>) {
    let mut gains: Vec<(&str, f64)> =
        importances.iter().filter_map(|each| Some((&*each.feature, each.gain?))).collect();
    if !gains.is_empty() {
        gains.sort_by(|a, b| b.1.total_cmp(&a.1));
        let shown = gains.iter().take(SHOWN).filter(|(_, gain)| *gain > 0.0);
        let shown: Vec<String> =
            shown.map(|(feature, gain)| format!("{feature} {}", number(*gain))).collect();
        let evaluation = if shown.is_empty() {
            "no feature helps".to_owned()
        } else {
            format!("most important: {}", shown.join(", "))
        };
        trace.add("rank the features", evaluation, "ok");
    }
    let losses: Vec<(&str, ScoreLoss)> =
        importances.iter().filter_map(|each| Some((&*each.feature, each.permutation?))).collect();
    if let Some(metric) = metric.filter(|_| !losses.is_empty()) {
        let shown = losses.iter().take(SHOWN).filter(|(_, loss)| loss.mean > 0.0);
        let shown: Vec<String> = shown
            .map(|(feature, ScoreLoss { mean, deviation })| {
                format!("{feature} {} ± {}", number(*mean), number(*deviation))
            })
            .collect();
        let evaluation = if shown.is_empty() {
            format!("{metric} loses nothing by any")
        } else {
            format!("{metric} loses most by {}", shown.join(", "))
        };
        trace.add("shuffle the features", evaluation, "ok");
    }
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
        let found: Vec<(String, f64)> = mean(&folds)
            .into_iter()
            .map(|each| (each.feature.to_string(), each.gain.unwrap()))
            .collect();
        let expected = [("b", 0.5), ("c", 0.375), ("a", 0.125)];
        assert_eq!(found, expected.map(|(name, gain)| (name.to_owned(), gain)));
        assert!(mean(&[of_model(&names(&["a"]), None)]).is_empty());
    }

    #[test]
    fn losses_join_gains_by_name_and_come_first() {
        let names = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect::<Vec<_>>();
        let loss = |mean| ScoreLoss { mean, deviation: 0.5 };
        let fold = |a, b| {
            let mut fold = of_model(&names(&["b", "a_x"]), Some(vec![0.25, 0.75]));
            add_losses(&mut fold, vec![("a".into(), loss(a)), ("b".into(), loss(b))]);
            fold
        };
        let found = mean(&[fold(0.5, 0.0), fold(0.25, 0.25)]);
        let told: Vec<(&str, Option<f64>, Option<f64>)> = found
            .iter()
            .map(|each| (&*each.feature, each.gain, each.permutation.map(|loss| loss.mean)))
            .collect();
        let expected =
            [("a", None, Some(0.375)), ("b", Some(0.25), Some(0.125)), ("a_x", Some(0.75), None)];
        assert_eq!(told, expected);
        // A fold that tells nothing takes the number from all.
        let gains = of_model(&names(&["b", "a_x"]), Some(vec![0.25, 0.75]));
        let found = mean(&[fold(0.5, 0.0), gains]);
        assert!(found.iter().all(|each| each.permutation.is_none()) && found.len() == 2);
    }
}
