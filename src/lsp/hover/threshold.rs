//! A threshold: the metric that it is about, the slice, and what the last run came to.

use crate::diagnostic::{Route, Segment};
use crate::lsp::View;
use crate::lsp::columns::code;
use crate::lsp::hints;
use crate::lsp::parts::{metrics, slices};
use crate::spec::Guide;
use crate::store::LastVerdict;

/// What is to be said of the key of a threshold.
pub fn about(view: &View<'_>, name: &str, route: &Route) -> Option<String> {
    let (listed, rest) = name.split_once('@').map_or((name, None), |(a, b)| (a, Some(b)));
    let metrics = metrics(view.text);
    let metric = metrics.iter().find(|(given, _)| given == listed);
    let metric = metric.map_or(listed, |(_, metric)| metric);
    let way = [Segment::Key("metrics".into()), Segment::Index(0), Segment::Key(metric.into())];
    let place = Guide::get().at(&way)?;
    let mut text = code(name);
    if metric != listed {
        text.push_str(&format!(" · `{metric}`"));
    }
    if let Some(rest) = rest {
        let (slice, value) = rest.split_once('=').map_or((rest, None), |(a, b)| (a, Some(b)));
        if let Some(slice) = slices(view.text).into_iter().find(|each| each.name == slice) {
            let words = match value {
                Some(value) => {
                    format!("rows where {} is {}", slice.by.as_deref().unwrap_or("it"), code(value))
                }
                None => slice.words(),
            };
            text.push_str(&format!(" · on {words}"));
        }
    }
    if let Some(note) = place.note() {
        text.push_str(&format!(" · {note}"));
    }
    if let Some(last) = last(view, route) {
        text.push_str(&format!("\n\n{last}"));
    }
    if let Some(doc) = place.doc() {
        text.push_str(&format!("\n\n{}", doc.trim()));
    }
    Some(text)
}

/// What the last run came to at a bound, in a threshold or at a part of one.
pub fn last(view: &View<'_>, route: &Route) -> Option<String> {
    let (last, freshness) = (view.last?, view.freshness()?);
    let is_of = |verdict: &&LastVerdict| {
        let of = verdict.route();
        of.segments().starts_with(route.segments()) || route.segments().starts_with(of.segments())
    };
    let verdicts: Vec<&LastVerdict> = last.verdicts.iter().filter(is_of).collect();
    (!verdicts.is_empty()).then(|| hints::told(&verdicts, freshness))
}
