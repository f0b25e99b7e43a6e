//! The JSON report, `mlspec-report/1`: the form that every other program reads.
//! Keys may be added within version 1, never renamed or dropped.

use std::time::Duration;

use serde::Serialize;

use super::spans::{Location, location, words};
use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{Outcome, SpecOutcome};
use crate::plan::Severity as Weight;

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    tool: Tool,
    summary: Summary,
    specs: Vec<Spec<'a>>,
    /// Findings that belong to no spec.
    diagnostics: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    specs: usize,
    passed: usize,
    warned: usize,
    failed: usize,
    inconclusive: usize,
    errored: usize,
    invalid: usize,
    skipped: usize,
    not_begun: usize,
    interrupted: bool,
    duration_ms: f64,
}

#[derive(Serialize)]
struct Spec<'a> {
    path: &'a str,
    name: &'a str,
    tags: &'a [String],
    status: &'static str,
    duration_ms: f64,
    model: Option<&'static str>,
    data: Option<Data>,
    steps: Vec<Step<'a>>,
    measurements: Vec<Measurement<'a>>,
    verdicts: Vec<Verdict<'a>>,
    diagnostics: Vec<Finding<'a>>,
    /// What `check` leaves to `run`.
    left_to_run: &'a [String],
}

#[derive(Serialize)]
struct Data {
    rows: usize,
    train_rows: usize,
    test_rows: usize,
    features: usize,
}

#[derive(Serialize)]
struct Step<'a> {
    step: usize,
    action: &'a str,
    evaluation: &'a str,
    result: &'a str,
    duration_ms: f64,
}

#[derive(Serialize)]
struct Slice {}

#[derive(Serialize)]
struct Interval {}

#[derive(Serialize)]
struct Measurement<'a> {
    name: &'a str,
    metric: &'static str,
    value: Option<f64>,
    on: &'static str,
    slice: Option<Slice>,
    rows: usize,
    dummy: Option<f64>,
    interval: Option<Interval>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    name: &'a str,
    metric: &'static str,
    slice: Option<Slice>,
    bound: String,
    value: Option<f64>,
    rows: usize,
    status: &'static str,
    severity: &'static str,
    reason: Option<&'a str>,
    because: Option<&'a str>,
    location: Option<Location>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    location: Option<Location>,
    /// A place outside the spec, in words.
    at: Option<String>,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Option<Location>,
    at: Option<String>,
}

/// The report as text, ending in a line feed.
pub fn render(outcome: &Outcome) -> String {
    let counts = outcome.counts();
    let report = Report {
        format: "mlspec-report/1",
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        summary: Summary {
            specs: counts.specs,
            passed: counts.passed,
            warned: counts.warned,
            failed: counts.failed,
            inconclusive: counts.inconclusive,
            errored: counts.errored,
            invalid: counts.invalid,
            skipped: counts.skipped,
            not_begun: outcome.not_begun,
            interrupted: outcome.interrupted,
            duration_ms: milliseconds(outcome.duration),
        },
        specs: outcome.specs.iter().map(spec).collect(),
        diagnostics: outcome.findings.iter().map(|each| finding(None, each)).collect(),
    };
    let mut text =
        serde_json::to_string_pretty(&report).expect("strings, numbers and lists serialise");
    text.push('\n');
    text
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e4).round() / 10.0
}

fn spec(outcome: &SpecOutcome) -> Spec<'_> {
    Spec {
        path: &outcome.path,
        name: &outcome.name,
        tags: &outcome.tags,
        status: outcome.status.word(),
        duration_ms: milliseconds(outcome.duration),
        model: outcome.model,
        data: outcome.rows.map(|rows| Data {
            rows: rows.all,
            train_rows: rows.train,
            test_rows: rows.test,
            features: rows.features,
        }),
        steps: outcome
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| Step {
                step: at + 1,
                action: &step.action,
                evaluation: &step.evaluation,
                result: &step.result,
                duration_ms: milliseconds(step.duration),
            })
            .collect(),
        measurements: outcome
            .measurements
            .iter()
            .map(|each| Measurement {
                name: &each.name,
                metric: each.metric,
                value: each.value.as_ref().ok().copied(),
                on: "test",
                slice: None,
                rows: each.rows,
                dummy: each.dummy,
                interval: None,
                reason: each.value.as_ref().err().map(|undefined| undefined.reason()),
            })
            .collect(),
        verdicts: outcome
            .verdicts
            .iter()
            .map(|verdict| Verdict {
                name: &verdict.name,
                metric: verdict.metric,
                slice: None,
                bound: verdict.bound.to_string(),
                value: verdict.value,
                rows: verdict.rows,
                status: verdict.status.word(),
                severity: match verdict.severity {
                    Weight::Fail => "fail",
                    Weight::Warn => "warn",
                },
                reason: verdict.reason.as_deref(),
                because: verdict.because.as_deref(),
                location: location(
                    outcome,
                    &crate::diagnostic::Place::value(verdict.route.clone()),
                ),
            })
            .collect(),
        diagnostics: outcome.diagnostics.iter().map(|each| finding(Some(outcome), each)).collect(),
        left_to_run: &outcome.left_to_run,
    }
}

fn finding<'a>(spec: Option<&SpecOutcome>, diagnostic: &'a Diagnostic) -> Finding<'a> {
    Finding {
        code: diagnostic.code.name(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        location: spec.and_then(|spec| location(spec, &diagnostic.place)),
        at: words(&diagnostic.place),
        related: diagnostic
            .related
            .iter()
            .map(|related| Related {
                message: &related.label,
                location: spec.and_then(|spec| location(spec, &related.place)),
                at: words(&related.place),
            })
            .collect(),
    }
}
