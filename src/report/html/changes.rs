//! What changed since an earlier report: a word for each spec, and a table of all of it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::details::anchor;
use crate::report::compare::{Change, Comparison, Side, compare};
use crate::report::model::{Report, Spec};
use crate::report::wording::plain;

/// More changes than this are nothing to read.
const MOST: usize = 200;

/// What an earlier report says of the specs of this one.
pub struct Changes<'a> {
    earlier: BTreeMap<&'a str, &'a Spec>,
    comparison: Comparison,
    /// How many verdicts of a spec got worse, and how many better.
    moved: BTreeMap<String, (usize, usize)>,
}

impl<'a> Changes<'a> {
    pub fn new(earlier: &'a Report, report: &Report) -> Self {
        let comparison = compare(earlier, report, 0.0);
        let mut moved: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for change in &comparison.worse {
            moved.entry(change.path.clone()).or_default().0 += 1;
        }
        for change in &comparison.better {
            moved.entry(change.path.clone()).or_default().1 += 1;
        }
        let by_path = |spec: &'a Spec| (spec.path.as_str(), spec);
        Self { earlier: earlier.specs.iter().map(by_path).collect(), comparison, moved }
    }

    /// The same spec as it was.
    pub fn before(&self, spec: &Spec) -> Option<&'a Spec> {
        self.earlier.get(spec.path.as_str()).copied()
    }

    /// How a spec moved, in words that a search finds, each with its class.
    pub fn words(&self, spec: &Spec) -> Vec<(String, &'static str)> {
        if self.before(spec).is_none() {
            return vec![("new".to_owned(), "new")];
        }
        let (worse, better) = self.moved.get(&spec.path).copied().unwrap_or_default();
        [(worse, "worse"), (better, "better")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| (format!("{count} {word}"), word))
            .collect()
    }

    /// All changes, folded away.
    pub fn table(&self) -> Markup {
        let all = &self.comparison;
        let kinds = [
            ("worse", &all.worse),
            ("better", &all.better),
            ("new", &all.new),
            ("gone", &all.gone),
        ];
        let counts = kinds.map(|(word, changes)| format!("{} {word}", changes.len()));
        let each = || {
            kinds
                .iter()
                .flat_map(|(word, changes)| changes.iter().map(move |change| (word, change)))
        };
        let left_out = each().count().saturating_sub(MOST);
        html! {
            details.part.changes {
                summary {
                    h2 { "Since the earlier report" }
                    span { (counts.join(", ")) ", " (all.same) " the same" }
                }
                @if !all.is_empty() {
                    div.scroll {
                        table {
                            thead {
                                tr {
                                    th scope="col" { "Change" }
                                    th scope="col" { "Spec" }
                                    th scope="col" { "Threshold" }
                                    th scope="col" { "Before" }
                                    th scope="col" { "Now" }
                                }
                            }
                            tbody { @for (word, change) in each().take(MOST) { (row(word, change)) } }
                        }
                    }
                }
                @if left_out > 0 { p.note { (left_out) " more are in `mlspec report compare`." } }
            }
        }
    }
}

fn row(word: &str, change: &Change) -> Markup {
    let side = |side: &Option<Side>| side.as_ref().map_or_else(|| "–".to_owned(), Side::shown);
    html! {
        tr {
            td { span.moved.(word) { (word) } }
            th scope="row" {
                @if change.after.is_some() {
                    a href=(format!("#{}", anchor(&change.path))) { (plain(&change.name)) }
                } @else { (plain(&change.name)) }
                span.code { (plain(&change.path)) }
            }
            td { @if let Some(what) = &change.what { (plain(what)) } }
            td { (side(&change.before)) }
            td { (side(&change.after)) }
        }
    }
}
