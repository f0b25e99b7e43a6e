//! What a threshold can speak of: the metrics that the spec lists, under their own names, and each of them on each
//! slice or on one value of it.

use std::collections::HashSet;

use super::asked::Asked;
use super::keys::Write;
use super::{Completion, CompletionKind};
use crate::diagnostic::Segment;
use crate::lsp::parts::{Slice, metrics, slices};
use crate::spec::Guide;

/// More values of a slice help nobody who types.
const MOST_VALUES: usize = 200;

/// The same holds of metrics on slices.
const MOST_NAMES: usize = 500;

/// The names that the language does not have by itself.
pub fn keys(asked: &Asked<'_>, others: &[String], write: Write<'_>) -> Vec<Completion> {
    let [Segment::Key(root)] = asked.route.segments() else { return Vec::new() };
    if &**root != "thresholds" {
        return Vec::new();
    }
    let (metrics, slices) = (metrics(asked.view.text), slices(asked.view.text));
    let typed = asked.typed();
    let mut found = Vec::new();
    let taken: HashSet<&String> = others.iter().collect();
    let mut add = |label: String, metric: &str, detail: String| {
        if taken.contains(&label) || found.len() >= MOST_NAMES {
            return;
        }
        let route = [Segment::Key("thresholds".into()), Segment::Key(metric.into())];
        let place = Guide::get().at(&route);
        let Some(insert) = write(&label, place.as_ref()) else { return };
        found.extend(asked.completion(label, CompletionKind::Name, insert).map(|each| {
            Completion {
                detail: Some(detail),
                documentation: place.and_then(|place| place.doc()).map(ToOwned::to_owned),
                ..each
            }
        }));
    };
    let Some((name, part)) = typed.split_once('@') else {
        for (name, metric) in &metrics {
            add(name.clone(), metric, format!("{metric} of this spec"));
        }
        for (name, metric) in &metrics {
            for slice in &slices {
                add(format!("{name}@{}", slice.name), metric, format!("on {}", slice.words()));
            }
        }
        return found;
    };
    let listed = metrics.iter().find(|(given, _)| given == name);
    let metric = listed.map_or(name, |(_, metric)| metric);
    for slice in &slices {
        add(format!("{name}@{}", slice.name), metric, format!("on {}", slice.words()));
    }
    let wanted = part.split_once('=').map(|(slice, _)| slice);
    for slice in slices.iter().filter(|slice| wanted.is_none_or(|wanted| wanted == slice.name)) {
        for value in values(asked, slice).into_iter().take(MOST_VALUES) {
            let label = format!("{name}@{}={value}", slice.name);
            add(label, metric, format!("where {} is {value}", slice.by.as_deref().unwrap_or("it")));
        }
    }
    found
}

/// The values of a slice: those that it expects, those of its column, those of the last run.
fn values(asked: &Asked<'_>, slice: &Slice) -> Vec<String> {
    let mut values = slice.expect.clone();
    let column = slice.by.as_deref().filter(|_| !slice.has_bins);
    let column = column.and_then(|by| asked.view.known?.column(by));
    values.extend(column.into_iter().flat_map(|column| column.values.iter().cloned()));
    let run = asked.view.last.into_iter().flat_map(|last| &last.verdicts);
    values.extend(run.filter_map(|verdict| match &verdict.slice {
        Some((name, Some(value))) if *name == slice.name => Some(value.clone()),
        Some(_) | None => None,
    }));
    let mut seen = HashSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}
