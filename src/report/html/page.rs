//! The page around the specs: what the run came to, a search, and a row for each spec.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::changes::Changes;
use super::details::{anchor, badge, body, finding, worded};
use super::pack::{TOGETHER, pack};
use crate::diagnostic::counted;
use crate::report::model::{Command, Report, Spec, Summary};
use crate::report::wording::{plain, time};
use crate::verdict::Status;

/// Up to so many specs are written out, so that they can be read without a script.
const WRITTEN_OUT: usize = 25;

/// So many specs that did not pass are open at first.
const OPEN: usize = 3;

/// The report as a page of HTML. It tells what changed since an earlier one, where that is given.
pub fn render(report: &Report, earlier: Option<&Report>) -> String {
    let changes = earlier.map(|earlier| Changes::new(earlier, report));
    let changes = changes.as_ref();
    // What asks for something to be done comes first.
    let mut specs: Vec<&Spec> = report.specs.iter().collect();
    specs.sort_by_key(|spec| spec.passes());
    let before = |spec: &Spec| changes.and_then(|changes| changes.before(spec));
    let bodies: Vec<String> =
        specs.iter().map(|spec| body(spec, before(spec)).into_string()).collect();
    let packed = specs.len() > WRITTEN_OUT;
    let title = title(report);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                meta name="generator" content=(format!("{} {}", plain(&report.tool.name), plain(&report.tool.version)));
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                a.skip href="#specs" { "Skip to the specs" }
                (header(report, &title))
                main {
                    @if !report.diagnostics.is_empty() {
                        section.loose aria-label="Problems of the run" {
                            @for each in &report.diagnostics { (finding(each)) }
                        }
                    }
                    @if let Some(changes) = changes { (changes.table()) }
                    (controls(&report.summary, report.command))
                    @if packed {
                        noscript {
                            p.note { "The details of each spec are packed, and are unpacked by a script, which is turned off." }
                        }
                    }
                    section #specs aria-label="Specs" {
                        @for (at, spec) in specs.iter().enumerate() {
                            (row(at, spec, changes, (!packed).then(|| bodies[at].as_str())))
                        }
                        p #none.note hidden { "No spec matches." }
                    }
                }
                footer {
                    p { "Written by " (plain(&report.tool.name)) " " (plain(&report.tool.version)) "." }
                }
                @if packed {
                    @for block in pack(&bodies) {
                        script type="application/octet-stream" class="packed" { (PreEscaped(block)) }
                    }
                }
                script { (PreEscaped(script())) }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn script() -> String {
    format!("const TOGETHER = {TOGETHER};\n{}", include_str!("script.js"))
}

fn title(report: &Report) -> String {
    let mut text = report.headline().text;
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// The statuses with their counts, the ones that ask for attention first.
fn counts(summary: &Summary, command: Command) -> Vec<(Status, usize, &'static str)> {
    let passed = if command == Command::Check { "valid" } else { "passed" };
    [
        (Status::Invalid, summary.invalid, "invalid"),
        (Status::Error, summary.errored, "not evaluated"),
        (Status::Fail, summary.failed, "failed"),
        (Status::Inconclusive, summary.inconclusive, "inconclusive"),
        (Status::Warn, summary.warned, "with warnings"),
        (Status::Pass, summary.passed, passed),
        (Status::Skipped, summary.skipped, "skipped"),
    ]
    .into_iter()
    .filter(|(_, count, _)| *count > 0)
    .collect()
}

fn header(report: &Report, title: &str) -> Markup {
    let summary = &report.summary;
    let counts = counts(summary, report.command);
    html! {
        header {
            p.brand { "mlspec" }
            h1 { (title) }
            p.facts {
                (counted(summary.specs, "spec")) " in " (time(summary.duration_ms))
                @if summary.not_begun > 0 { " · " (summary.not_begun) " not run" }
                @if summary.interrupted { " · interrupted" }
            }
            @if !counts.is_empty() {
                div.bar aria-hidden="true" {
                    @for (status, count, _) in &counts {
                        span class=(status.word()) style=(format!("flex-grow:{count}")) {}
                    }
                }
            }
        }
    }
}

fn controls(summary: &Summary, command: Command) -> Markup {
    let counts = counts(summary, command);
    html! {
        form.controls role="search" aria-label="Find specs" {
            label.find {
                span.hidden { "Search by name, path, tag, model or metric" }
                input #search type="search" placeholder="Search name, path, tag, model, metric"
                    autocomplete="off" spellcheck="false";
                kbd aria-hidden="true" { "/" }
            }
            fieldset {
                legend.hidden { "Show specs that are" }
                @for (status, count, word) in &counts {
                    label.chip.(status.word()) {
                        input type="checkbox" name="status" value=(status.word()) checked;
                        span { (count) " " (word) }
                    }
                }
            }
            div.buttons {
                button #open type="button" { "Open all" }
                button #close type="button" { "Close all" }
            }
            p #shown role="status" { (counted(summary.specs, "spec")) }
        }
    }
}

fn row(at: usize, spec: &Spec, changes: Option<&Changes<'_>>, body: Option<&str>) -> Markup {
    let moved = changes.map_or_else(Vec::new, |changes| changes.words(spec));
    let open = !spec.passes() && at < OPEN && body.is_some();
    let met = spec.verdicts.iter().filter(|each| each.status <= Status::Warn).count();
    html! {
        details.spec id=(anchor(&spec.path)) data-status=(spec.status.word())
            data-text=(words(spec, &moved)) data-at=(at) open[open] {
            summary {
                (badge(spec.status))
                span.name { h2 { (plain(&spec.name)) } span.path { (plain(&spec.path)) } }
                @for tag in &spec.tags { span.tag { (plain(tag)) } }
                @for (words, class) in &moved { span.moved.(class) { (words) } }
                span.side {
                    @if let Some(model) = &spec.model { span.model { (plain(model)) } }
                    @if !spec.verdicts.is_empty() {
                        span.met title="thresholds met" { (met) "/" (spec.verdicts.len()) }
                    }
                    span.time { (time(spec.duration_ms)) }
                }
                @if let Some(why) = why(spec) { span.why { (worded(&why)) } }
            }
            div.body {
                @if let Some(body) = body { (PreEscaped(body)) }
            }
        }
    }
}

/// What keeps a spec from passing, on one line.
fn why(spec: &Spec) -> Option<String> {
    let missed = spec.verdicts.iter().filter(|each| each.status > Status::Warn);
    let mut all: Vec<String> = missed.map(|each| plain(&spec.said(each))).collect();
    all.extend(spec.other_errors().map(|each| plain(&each.message)));
    let first = all.first()?.clone();
    Some(match all.len() {
        1 => first,
        more => format!("{first}; {} more", more - 1),
    })
}

/// What a search looks through.
fn words(spec: &Spec, moved: &[(String, &'static str)]) -> String {
    let mut all: Vec<&str> = vec![&spec.name, &spec.path, spec.status.word()];
    all.extend(spec.model.as_deref());
    all.extend(spec.tags.iter().map(String::as_str));
    all.extend(moved.iter().map(|(words, _)| words.as_str()));
    for verdict in &spec.verdicts {
        for word in [verdict.name.as_str(), verdict.metric.as_str()] {
            if !all.contains(&word) {
                all.push(word);
            }
        }
    }
    plain(&all.join(" ")).to_lowercase()
}
