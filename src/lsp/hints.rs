//! The values of the last run, beside the thresholds that they were judged by.

use std::collections::BTreeMap;
use std::ops::Range;

use super::View;
use crate::diagnostic::{Part, Route};
use crate::store::{Freshness, LastVerdict};
use crate::verdict::Status;

/// A few words behind a place of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub offset: usize,
    pub label: String,
    /// Markdown: each value, and what made it stale.
    pub tooltip: String,
}

/// The hints of a range of the text, in its order.
pub fn hints(view: &View<'_>, range: &Range<usize>) -> Vec<Hint> {
    let (Some(last), Some(freshness)) = (view.last, view.freshness()) else { return Vec::new() };
    let drift = view.drift();
    let mut bounds: BTreeMap<Route, Vec<&LastVerdict>> = BTreeMap::new();
    for verdict in &last.verdicts {
        bounds.entry(verdict.route()).or_default().push(verdict);
    }
    let mut hints: Vec<Hint> = bounds
        .into_iter()
        .filter(|(route, _)| view.document.node(route).is_some())
        .filter_map(|(route, verdicts)| {
            let key = drift.to_text(&view.document.locate(&route, Part::Key, None).span)?;
            let value = drift.to_text(&view.document.locate(&route, Part::Value, None).span)?;
            let offset = behind(view.text, &key, &value);
            (range.start <= offset && offset <= range.end).then(|| Hint {
                offset,
                label: label(&verdicts, freshness),
                tooltip: told(&verdicts, freshness),
            })
        })
        .collect();
    hints.sort_by_key(|hint| hint.offset);
    hints
}

/// Behind the bound, or behind the line of its key where it goes over several.
fn behind(text: &str, key: &Range<usize>, value: &Range<usize>) -> usize {
    if !text[key.start..value.end.max(key.start)].contains('\n') {
        return value.end;
    }
    let line = text[key.start..].split(['\n', '\r']).next().unwrap_or_default();
    key.start + line.trim_end().len()
}

/// `last 0.9884, passed`; of several values the worst.
fn label(verdicts: &[&LastVerdict], freshness: Freshness) -> String {
    let Some(worst) = verdicts.iter().max_by_key(|verdict| verdict.status()) else {
        return String::new();
    };
    let stale = if freshness == Freshness::Current { "" } else { ", stale" };
    let value = worst.shown.as_deref().unwrap_or("no value");
    let others = match verdicts.len() {
        1 => String::new(),
        count => format!(" (worst of {count})"),
    };
    format!("last {value}{others}, {}{stale}", word(worst.status()))
}

/// What a status says of a bound.
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "met",
        Status::Warn => "missed, a warning",
        Status::Fail => "missed",
        Status::Inconclusive => "inconclusive",
        Status::Error => "not compared",
        Status::Invalid => "invalid",
        Status::Skipped => "skipped",
    }
}

/// Why a last run no longer speaks of what is there.
pub fn staleness(freshness: Freshness) -> Option<&'static str> {
    match freshness {
        Freshness::Current => None,
        Freshness::Spec => Some("stale: the spec was edited since"),
        Freshness::Data => Some("stale: the data were written since"),
        Freshness::Version => Some("stale: another version of mlspec ran it"),
    }
}

/// What the last run came to, in markdown.
pub fn told(verdicts: &[&LastVerdict], freshness: Freshness) -> String {
    let mut text = String::from("**Last run**\n");
    for verdict in verdicts {
        let value = verdict.shown.as_deref().unwrap_or("no value");
        let LastVerdict { title, required, .. } = verdict;
        text.push_str(&format!(
            "\n- `{title}` {value}, required {required}: {}",
            word(verdict.status())
        ));
    }
    if let Some(stale) = staleness(freshness) {
        text.push_str(&format!("\n\n{stale}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::Opened;
    use super::*;
    use crate::store::{LastRun, text_digest};

    fn verdict(route: &Value, value: &str, status: &str) -> Value {
        json!({
            "title": "f1", "metric": "f1", "slice": null, "quantity": "value", "required": "> 0.5",
            "value": null, "shown": value, "status": status, "route": route,
        })
    }

    fn ran(text: &str) -> LastRun {
        serde_json::from_value(json!({
            "format": "mlspec-last/1", "version": env!("CARGO_PKG_VERSION"), "spec": "/a",
            "status": "fail", "text": text_digest(text), "inputs": [], "when": 0,
            "verdicts": [
                verdict(&json!(["thresholds", "f1", 0]), "0.9", "pass"),
                verdict(&json!(["thresholds", "f1", 1]), "0.4", "fail"),
                verdict(&json!(["thresholds", "f1@s"]), "0.7", "pass"),
                verdict(&json!(["thresholds", "f1@s"]), "0.3", "fail"),
                verdict(&json!(["thresholds", "gone"]), "0.1", "pass"),
            ],
        }))
        .unwrap()
    }

    fn drawn(opened: &Opened) -> String {
        let view = opened.view();
        let mut text = view.text.to_owned();
        for hint in hints(&view, &(0..text.len())).iter().rev() {
            text.insert_str(hint.offset, &format!(" ⟦{}⟧", hint.label));
        }
        text
    }

    #[test]
    fn values_stand_behind_their_bounds() {
        let text = "thresholds:\n  f1: ['> 0.5', { min: 0.6 }]\n  f1@s:  # each\n    min: 0.5\n";
        let opened = Opened::new(text).last(ran(text));
        insta::assert_snapshot!(drawn(&opened), @"
        thresholds:
          f1: ['> 0.5' ⟦last 0.9, met⟧, { min: 0.6 } ⟦last 0.4, missed⟧]
          f1@s:  # each ⟦last 0.3 (worst of 2), missed⟧
            min: 0.5
        ");
        let edited = opened.typed(&text.replace("0.6", "0.7"));
        assert!(drawn(&edited).contains("{ min: 0.7 } ⟦last 0.4, missed, stale⟧"));
        let first = hints(&edited.view(), &(0..text.find(", {").unwrap()));
        assert_eq!(first.len(), 1, "only what was asked for");
        assert!(first[0].tooltip.contains("stale: the spec was edited since"), "{first:?}");
    }
}
