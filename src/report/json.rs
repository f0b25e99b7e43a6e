//! The JSON report, `mlspec-report/1`: the form that every other program reads.
//! Keys may be added within version 1, never renamed or dropped.

use std::time::Duration;

use serde::Serialize;

use super::fixes::{Proposal, Written, fixes, written};
use super::searches::{Search, searches};
use super::spans::{Location, location, words};
use crate::data::{Over, Reading, SliceValue, Value};
use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{Outcome, SpecOutcome};
use crate::plan::{Quantity, Severity as Weight};

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
    /// Nothing was trained: an earlier run of the same plan on the same data measured this, and the durations of
    /// the steps are those of that run.
    #[serde(skip_serializing_if = "is_false")]
    cached: bool,
    model: Option<&'static str>,
    data: Option<Data>,
    steps: Vec<Step<'a>>,
    /// How much each feature counts, where the model tells or `importance` asks; the greatest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    importances: Vec<Importance<'a>>,
    measurements: Vec<Measurement<'a>>,
    /// Where a model searches for parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    searches: Vec<Search<'a>>,
    verdicts: Vec<Verdict<'a>>,
    diagnostics: Vec<Finding<'a>>,
    /// What `check --fix` has changed in the spec. Places elsewhere are those of the text after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<Written<'a>>,
    /// What `check` leaves to `run`.
    left_to_run: &'a [String],
}

#[derive(Serialize)]
struct Data {
    rows: usize,
    train_rows: usize,
    test_rows: usize,
    features: usize,
    /// Where a split gives several folds: the rows of each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    folds: Vec<FoldRows>,
}

#[derive(Serialize)]
struct FoldRows {
    fold: usize,
    train_rows: usize,
    test_rows: usize,
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
struct Importance<'a> {
    feature: &'a str,
    /// Its share of the gain by all features; over several folds the mean. None where the model has no
    /// such measure, and for a column of the data that the steps turn into others.
    gain: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permutation: Option<Permutation>,
}

/// What the metric loses when the feature is shuffled; over several folds the means.
#[derive(Serialize)]
struct Permutation {
    mean: f64,
    deviation: f64,
}

#[derive(Serialize)]
struct Slice<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

/// A metric in one fold.
#[derive(Serialize)]
struct Fold<'a> {
    fold: usize,
    value: Option<f64>,
    rows: usize,
    dummy: Option<f64>,
    train: Option<f64>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Interval {}

#[derive(Serialize)]
struct Measurement<'a> {
    name: &'a str,
    metric: &'static str,
    value: Option<f64>,
    on: &'static str,
    slice: Option<Slice<'a>>,
    rows: usize,
    dummy: Option<f64>,
    /// The same metric on the training rows, where a bound compares with it.
    train: Option<f64>,
    interval: Option<Interval>,
    reason: Option<&'a str>,
    /// What `value` stands for where there are several folds: their `mean`, or `pooled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    folds: Vec<Fold<'a>>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    name: &'a str,
    metric: &'static str,
    slice: Option<Slice<'a>>,
    bound: String,
    /// What is compared: `value`, `over_dummy` or `train_gap`.
    quantity: &'static str,
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
    /// What would mend it, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Proposal<'a>>,
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
        cached: outcome.cached,
        model: outcome.model,
        data: outcome.rows.as_ref().map(|rows| Data {
            rows: rows.all,
            train_rows: rows.train,
            test_rows: rows.test,
            features: rows.features,
            folds: (1..)
                .zip(&rows.folds)
                .map(|(fold, (train, test))| FoldRows {
                    fold,
                    train_rows: *train,
                    test_rows: *test,
                })
                .collect(),
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
        importances: outcome
            .importances
            .iter()
            .map(|each| Importance {
                feature: &each.feature,
                gain: each.gain,
                permutation: each
                    .permutation
                    .map(|loss| Permutation { mean: loss.mean, deviation: loss.deviation }),
            })
            .collect(),
        measurements: outcome
            .measurements
            .iter()
            .map(|each| Measurement {
                name: &each.name,
                metric: each.metric,
                value: defined(&each.reading.value),
                on: "test",
                slice: each.slice.as_ref().map(slice),
                rows: each.reading.rows,
                dummy: each.reading.dummy.as_ref().and_then(defined),
                train: each.reading.train.as_ref().and_then(defined),
                interval: None,
                reason: reason(&each.reading.value),
                over: match each.over {
                    Over::One => None,
                    Over::Mean => Some("mean"),
                    Over::Pooled => Some("pooled"),
                },
                folds: (1..)
                    .zip(&each.folds)
                    .map(|(fold, reading)| of_fold(fold, reading))
                    .collect(),
            })
            .collect(),
        searches: searches(outcome),
        verdicts: outcome
            .verdicts
            .iter()
            .map(|verdict| Verdict {
                name: &verdict.name,
                metric: verdict.metric,
                slice: verdict.slice.as_ref().map(slice),
                bound: verdict.bound.to_string(),
                quantity: match verdict.quantity {
                    Quantity::Value => "value",
                    Quantity::OverDummy => "over_dummy",
                    Quantity::TrainGap => "train_gap",
                },
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
        fixed: written(outcome),
        left_to_run: &outcome.left_to_run,
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn slice(slice: &SliceValue) -> Slice<'_> {
    Slice { name: &slice.name, value: slice.value.as_deref() }
}

fn defined(value: &Value) -> Option<f64> {
    value.as_ref().ok().copied()
}

fn reason(value: &Value) -> Option<&str> {
    value.as_ref().err().map(|undefined| undefined.reason())
}

fn of_fold(fold: usize, reading: &Reading) -> Fold<'_> {
    Fold {
        fold,
        value: defined(&reading.value),
        rows: reading.rows,
        dummy: reading.dummy.as_ref().and_then(defined),
        train: reading.train.as_ref().and_then(defined),
        reason: reason(&reading.value),
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
        fixes: spec.map_or_else(Vec::new, |spec| fixes(spec, diagnostic)),
    }
}
