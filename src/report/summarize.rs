//! Turns an outcome into the report that is written, kept and compared.

use std::time::Duration;

use super::fixes::{fixes, written};
use super::model::{
    Command, Data, FORMAT, Finding, Fold, FoldRows, Importance, Level, Measurement, Permutation,
    Related, Report, Slice, Spec, Step, Summary, Tool, Verdict,
};
use super::searches::searches;
use super::spans::{location, words};
use crate::data::{Over, Reading, SliceValue, Value};
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::outcome::{Kind, Outcome, SpecOutcome};
use crate::plan::Severity as Weight;
use crate::verdict;

/// Everything that reports show of an outcome.
pub fn summarize(outcome: &Outcome) -> Report {
    let mut summary = Summary {
        not_begun: outcome.not_begun,
        interrupted: outcome.interrupted,
        duration_ms: milliseconds(outcome.duration),
        ..Summary::default()
    };
    outcome.specs.iter().for_each(|spec| summary.count(spec.status));
    Report {
        format: FORMAT.to_owned(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        command: outcome.kind.into(),
        summary,
        specs: outcome.specs.iter().map(spec).collect(),
        diagnostics: outcome.findings.iter().map(|each| finding(None, each)).collect(),
    }
}

impl From<Kind> for Command {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Run => Self::Run,
            Kind::Check => Self::Check,
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e4).round() / 10.0
}

fn spec(outcome: &SpecOutcome) -> Spec {
    Spec {
        path: outcome.path.clone(),
        name: outcome.name.clone(),
        tags: outcome.tags.clone(),
        status: outcome.status,
        duration_ms: milliseconds(outcome.duration),
        cached: outcome.cached.is_some(),
        kept: outcome.cached,
        model: outcome.model.map(str::to_owned),
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
        steps: (1..)
            .zip(&outcome.steps)
            .map(|(step, each)| Step {
                step,
                action: each.action.clone(),
                evaluation: each.evaluation.clone(),
                result: each.result.clone(),
                duration_ms: milliseconds(each.duration),
            })
            .collect(),
        importances: outcome
            .importances
            .iter()
            .map(|each| Importance {
                feature: each.feature.to_string(),
                gain: each.gain,
                permutation: each
                    .permutation
                    .map(|loss| Permutation { mean: loss.mean, deviation: loss.deviation }),
            })
            .collect(),
        charts: outcome.charts.clone(),
        measurements: outcome
            .measurements
            .iter()
            .map(|each| Measurement {
                name: each.name.to_string(),
                metric: each.metric.to_owned(),
                value: defined(&each.reading.value),
                on: "test".to_owned(),
                slice: each.slice.as_ref().map(slice),
                rows: each.reading.rows,
                dummy: each.reading.dummy.as_ref().and_then(defined),
                train: each.reading.train.as_ref().and_then(defined),
                interval: None,
                reason: reason(&each.reading.value),
                over: match each.over {
                    Over::One => None,
                    Over::Mean => Some("mean".to_owned()),
                    Over::Pooled => Some("pooled".to_owned()),
                },
                folds: (1..)
                    .zip(&each.folds)
                    .map(|(fold, reading)| of_fold(fold, reading))
                    .collect(),
            })
            .collect(),
        searches: searches(outcome),
        verdicts: outcome.verdicts.iter().map(|each| verdict(outcome, each)).collect(),
        diagnostics: outcome.diagnostics.iter().map(|each| finding(Some(outcome), each)).collect(),
        fixed: written(outcome),
        left_to_run: outcome.left_to_run.clone(),
    }
}

fn verdict(outcome: &SpecOutcome, verdict: &verdict::Verdict) -> Verdict {
    Verdict {
        name: verdict.name.to_string(),
        metric: verdict.metric.to_owned(),
        slice: verdict.slice.as_ref().map(slice),
        bound: verdict.bound.to_string(),
        quantity: verdict.quantity.word().to_owned(),
        required: verdict.required(),
        low: verdict.bound.low.map(|end| end.value),
        high: verdict.bound.high.map(|end| end.value),
        value: verdict.value,
        shown: verdict.shown(),
        rows: verdict.rows,
        status: verdict.status,
        severity: match verdict.severity {
            Weight::Fail => "fail",
            Weight::Warn => "warn",
        }
        .to_owned(),
        reason: verdict.reason.clone(),
        because: verdict.because.clone(),
        location: location(outcome, &Place::value(verdict.route.clone())),
        finding: finding_of(outcome, verdict),
    }
}

/// Which finding a verdict came to: the one that it is explained by, word for word.
fn finding_of(outcome: &SpecOutcome, verdict: &verdict::Verdict) -> Option<usize> {
    let told = verdict::explain(verdict, outcome.model?)?;
    outcome.diagnostics.iter().position(|each| *each == told)
}

fn slice(slice: &SliceValue) -> Slice {
    Slice { name: slice.name.to_string(), value: slice.value.as_deref().map(str::to_owned) }
}

fn defined(value: &Value) -> Option<f64> {
    value.as_ref().ok().copied()
}

fn reason(value: &Value) -> Option<String> {
    value.as_ref().err().map(|undefined| undefined.reason().to_owned())
}

fn of_fold(fold: usize, reading: &Reading) -> Fold {
    Fold {
        fold,
        value: defined(&reading.value),
        rows: reading.rows,
        dummy: reading.dummy.as_ref().and_then(defined),
        train: reading.train.as_ref().and_then(defined),
        reason: reason(&reading.value),
    }
}

fn finding(spec: Option<&SpecOutcome>, diagnostic: &Diagnostic) -> Finding {
    Finding {
        code: diagnostic.code.name().to_owned(),
        severity: match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        message: diagnostic.message.clone(),
        label: diagnostic.label.clone(),
        help: diagnostic.help.clone(),
        location: spec.and_then(|spec| location(spec, &diagnostic.place)),
        route: match &diagnostic.place {
            Place::Spec { route, .. } => Some(route.to_string()),
            Place::Text { .. } | Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => {
                None
            }
        },
        at: words(&diagnostic.place),
        related: diagnostic
            .related
            .iter()
            .map(|related| Related {
                message: related.label.clone(),
                location: spec.and_then(|spec| location(spec, &related.place)),
                at: words(&related.place),
            })
            .collect(),
        fixes: spec.map_or_else(Vec::new, |spec| fixes(spec, diagnostic)),
    }
}
