//! What one spec came to: its findings, thresholds, slices, charts and trace.

use maud::{Markup, html};

use super::bullet::{self, Marks};
use super::{bars, charts};
use crate::diagnostic::{counted, number};
use crate::report::compare::before;
use crate::report::model::{Finding, Level, Spec, Step, Verdict};
use crate::report::searches::Search;
use crate::report::wording::{encoded, lines, plain, time};
use crate::verdict::Status;

/// Text for people, with what stands between backticks as code.
pub fn worded(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        // One that is alone opens nothing.
        @if parts.len().is_multiple_of(2) { (text) } @else {
            @for (at, part) in parts.iter().enumerate() {
                @if at % 2 == 1 { code { (part) } } @else { (part) }
            }
        }
    }
}

/// What links lead to a spec by, whatever the order of the page.
pub fn anchor(path: &str) -> String {
    format!("spec-{}", encoded(path.as_bytes()))
}

/// The status as a word in its colour.
pub fn badge(status: Status) -> Markup {
    html! { span.badge.(status.word()) { (status.word()) } }
}

/// A verdict, and what it was in an earlier report.
type Judged<'a> = (&'a Verdict, Option<&'a Verdict>);

/// Everything below the row of a spec.
pub fn body(spec: &Spec, earlier: Option<&Spec>) -> Markup {
    let others: Vec<&Finding> = spec
        .diagnostics
        .iter()
        .filter(|each| spec.verdicts.is_empty() || !each.is_of_verdict())
        .collect();
    let before = match earlier {
        Some(earlier) => before(earlier, spec),
        None => vec![None; spec.verdicts.len()],
    };
    let judged = spec.verdicts.iter().zip(before);
    let (whole, sliced): (Vec<Judged<'_>>, Vec<Judged<'_>>) =
        judged.partition(|(each, _)| each.slice.is_none());
    html! {
        @if !others.is_empty() {
            section {
                h3 { "Findings" }
                @for each in others { (finding(each)) }
            }
        }
        @if !whole.is_empty() { (thresholds(spec, "Thresholds", &whole)) }
        @if !sliced.is_empty() { (thresholds(spec, "Thresholds on slices", &sliced)) }
        (figures(spec))
        @for search in &spec.searches { (tried(search)) }
        @if !spec.steps.is_empty() { (trace(&spec.steps)) }
        (facts(spec))
    }
}

/// A finding with its help and its place.
pub fn finding(finding: &Finding) -> Markup {
    let kind = match finding.severity {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    html! {
        div.finding.(kind) {
            p { strong { (worded(&plain(&finding.message))) } }
            @if let Some(help) = &finding.help { p.help { (worded(&lines(help))) } }
            p.code {
                (plain(&finding.code))
                @if let Some(at) = &finding.location { " · " (plain(&at.path)) ":" (at.line) ":" (at.column) }
                @if let Some(at) = &finding.at { " · " (plain(at)) }
            }
        }
    }
}

fn thresholds(spec: &Spec, title: &str, judged: &[Judged<'_>]) -> Markup {
    let marks = |(verdict, was): &Judged<'_>| Marks::new(verdict, spec.measurement(verdict), *was);
    let all: Vec<Marks<'_>> = judged.iter().map(marks).collect();
    html! {
        section {
            h3 { (title) }
            @if judged.iter().any(|(verdict, _)| verdict.value.is_some()) { (bullet::legend(&all)) }
            div.scroll {
                table.thresholds {
                    thead {
                        tr {
                            th scope="col" { "Metric" }
                            th scope="col" { "Required" }
                            th.number scope="col" { "Value" }
                            th.chart scope="col" { span.hidden { "Value and bound, drawn" } }
                            th.number scope="col" { "Rows" }
                            th scope="col" { "Verdict" }
                        }
                    }
                    tbody {
                        @for (each, marks) in judged.iter().zip(&all) { (threshold(spec, *each, *marks)) }
                    }
                }
            }
        }
    }
}

fn threshold(spec: &Spec, (verdict, earlier): Judged<'_>, marks: Marks<'_>) -> Markup {
    // What is as it was needs no words.
    let was = earlier.map(Verdict::shown).filter(|was| *was != verdict.shown());
    let was_status = earlier.map(|was| was.status).filter(|was| *was != verdict.status);
    let help = spec.explained(verdict).and_then(|each| each.help.as_deref());
    html! {
        tr class=(verdict.status.word()) {
            th scope="row" {
                span.metric { (plain(&verdict.title())) }
                @if let Some(at) = &verdict.location {
                    span.code { (plain(&at.path)) ":" (at.line) }
                }
            }
            td { (plain(verdict.required())) }
            td.number {
                @if verdict.value.is_some() { (plain(&verdict.shown())) } @else { "–" }
                @if let Some(was) = was { span.before { "was " (plain(&was)) } }
            }
            td.chart { (bullet::bullet(verdict, marks)) }
            td.number { (verdict.rows) }
            td {
                (badge(verdict.status))
                @if let Some(was) = was_status { span.before { "was " (was.word()) } }
            }
        }
        @if verdict.value.is_none() || help.is_some() || verdict.because.is_some() {
            tr.more {
                td colspan="6" {
                    @if let (None, Some(reason)) = (verdict.value, &verdict.reason) { p { (plain(reason)) } }
                    @match (help, &verdict.because) {
                        (Some(help), _) => p.help { (worded(&lines(help))) },
                        (None, Some(because)) => p.help { "because: " (plain(because)) },
                        (None, None) => {}
                    }
                }
            }
        }
    }
}

/// Charts side by side, each with its numbers as a table.
fn figures(spec: &Spec) -> Markup {
    let mut all = spec.charts.as_ref().map_or_else(Vec::new, charts::charts);
    all.extend(bars::slices(spec));
    all.extend(bars::folds(spec));
    all.extend(bars::importances(&spec.importances));
    html! {
        @if !all.is_empty() {
            section {
                h3 { "Charts" }
                div.figures { @for figure in all { (figure) } }
            }
        }
    }
}

/// A chart with a caption, and its numbers for those who do not see it.
pub fn figure(caption: &str, note: &str, chart: &Markup, table: &Markup) -> Markup {
    html! {
        figure {
            figcaption { strong { (caption) } @if !note.is_empty() { span { (note) } } }
            (chart)
            details.numbers {
                summary { "Numbers" span.hidden { " of: " (caption) } }
                div.scroll { (table) }
            }
        }
    }
}

fn tried(search: &Search) -> Markup {
    const MOST: usize = 50;
    let mut candidates: Vec<_> = search.candidates.iter().collect();
    let score = |mean: Option<f64>| mean.unwrap_or(f64::NEG_INFINITY);
    candidates.sort_by(|a, b| {
        let chosen = (b.parameters == search.chosen).cmp(&(a.parameters == search.chosen));
        chosen.then(score(b.mean).total_cmp(&score(a.mean)))
    });
    let part = search.part.as_ref().map(|part| plain(&format!(", {part}")));
    let fold = search.fold.map(|fold| format!(", fold {fold}")).unwrap_or_default();
    let shown = |parameters: &serde_json::Map<String, serde_json::Value>| {
        let each = parameters.iter().map(|(name, value)| format!("{name}: {value}"));
        plain(&each.collect::<Vec<_>>().join(", "))
    };
    html! {
        details.part {
            summary { h3 { "Search" (part.unwrap_or_default()) (fold) } span { (counted(search.candidates.len(), "candidate")) " by " (plain(&search.metric)) } }
            div.scroll {
                table {
                    thead { tr { th scope="col" { "Parameters" } th.number scope="col" { "Mean" } th.number scope="col" { "Deviation" } } }
                    tbody {
                        @for each in candidates.iter().take(MOST) {
                            tr {
                                th scope="row" { (shown(&each.parameters)) @if each.parameters == search.chosen { " " span.tag { "chosen" } } }
                                td.number { @match each.mean { Some(mean) => (number(mean)), None => (plain(each.reason.as_deref().unwrap_or("–"))) } }
                                td.number { @if let Some(deviation) = each.deviation { (number(deviation)) } }
                            }
                        }
                    }
                }
            }
            @if candidates.len() > MOST { p.note { (candidates.len() - MOST) " more are in the JSON report." } }
        }
    }
}

fn trace(steps: &[Step]) -> Markup {
    html! {
        details.part {
            summary { h3 { "Trace" } span { (counted(steps.len(), "step")) } }
            div.scroll {
                table {
                    thead {
                        tr {
                            th.number scope="col" { "Step" }
                            th scope="col" { "Action" }
                            th scope="col" { "Evaluation" }
                            th scope="col" { "Result" }
                            th.number scope="col" { "Time" }
                        }
                    }
                    tbody {
                        @for step in steps {
                            tr {
                                td.number { (step.step) }
                                td { (plain(&step.action)) }
                                td { (plain(&step.evaluation)) }
                                td { span.result.(result(&step.result)) { (plain(&step.result)) } }
                                td.number { (time(step.duration_ms)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn result(word: &str) -> &'static str {
    Status::ALL.into_iter().find(|status| status.word() == word).map_or("", Status::word)
}

fn facts(spec: &Spec) -> Markup {
    let mut all: Vec<(&str, String)> = Vec::new();
    if let Some(data) = &spec.data {
        all.push(("Rows", data.rows.to_string()));
        if data.train_rows > 0 {
            all.push(("Training rows", data.train_rows.to_string()));
        }
        all.push(("Judged rows", data.test_rows.to_string()));
        if data.features > 0 {
            all.push(("Features", data.features.to_string()));
        }
        if !data.folds.is_empty() {
            all.push(("Folds", data.folds.len().to_string()));
        }
    }
    if !spec.left_to_run.is_empty() {
        all.push(("Left to run", spec.left_to_run.join(", ")));
    }
    html! {
        @if !all.is_empty() {
            dl.facts { @for (name, value) in all { div { dt { (name) } dd { (plain(&value)) } } } }
        }
        p.here { a href=(format!("#{}", anchor(&spec.path))) { "Link to this spec" } }
    }
}
