//! Turns a verdict that is not a pass into a diagnostic on the bound.

use super::judge::{Status, Verdict};
use crate::data::Measurement;
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity, counted, number};
use crate::plan::{End, Folds, Miss, Plan, Quantity};

/// What the author should know of a verdict; nothing for one that passed or was skipped.
pub fn explain(verdict: &Verdict, model: &str) -> Option<Diagnostic> {
    let severity = match verdict.status {
        Status::Pass | Status::Skipped => return None,
        Status::Warn => Severity::Warning,
        Status::Inconclusive | Status::Fail | Status::Error | Status::Invalid => Severity::Error,
    };
    let place = Place::value(verdict.at.clone());
    let (code, message, label) = match (verdict.shown(), verdict.miss) {
        (Some(value), Some(miss)) => {
            let side = match miss {
                Miss::Below { end, .. } => side(end, "not above", "below"),
                Miss::Above { end, .. } => side(end, "not below", "above"),
            };
            let subject = verdict.subject();
            let message = match verdict.folds {
                Folds::AtLeast { least, of } if least == of => {
                    format!("{subject} is {value} in the worst fold, {side}")
                }
                Folds::AtLeast { least, of } => {
                    format!("{subject} is {value} in the fold that decides {least} of {of}, {side}")
                }
                Folds::One | Folds::Mean | Folds::Pooled => format!("{subject} is {value}, {side}"),
            };
            (Code::ThresholdMissed, message, "required here")
        }
        _ => {
            let reason = verdict.reason.clone().unwrap_or_default();
            match verdict.status {
                Status::Error => (
                    Code::ThresholdUndefined,
                    format!("{} has no value: {reason}", verdict.subject()),
                    "cannot be compared",
                ),
                _ => (
                    Code::NoValue,
                    format!("{} has no value: {reason}", verdict.subject()),
                    "required here",
                ),
            }
        }
    };
    let mut diagnostic = Diagnostic::error(code, place, message).label(label);
    if verdict.rows > 0 {
        diagnostic = diagnostic.related(
            Place::key(Route::root().key("model").key(model)),
            format!("measured on this model, on {}", counted(verdict.rows, "row")),
        );
    }
    diagnostic.severity = severity;
    diagnostic.help = Some(help(verdict));
    Some(diagnostic)
}

/// Warnings for metrics without a value that no threshold names: what was asked for is missing.
pub fn unjudged(plan: &Plan, measurements: &[Measurement]) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (at, (metric, measurement)) in plan.metrics.iter().zip(measurements).enumerate() {
        let judged = plan.thresholds.iter().any(|each| each.metric == at && each.on.is_none());
        if let (Err(undefined), false) = (&measurement.reading.value, judged) {
            warnings.push(
                Diagnostic::warning(
                    Code::ThresholdUndefined,
                    Place::key(metric.route.clone()),
                    format!("{} has no value: {}", metric.name, undefined.reason()),
                )
                .label("nothing measured"),
            );
        }
    }
    warnings
}

fn side(end: End, strict: &str, inclusive: &str) -> String {
    if end.strict {
        format!("{strict} the required {}", end.value)
    } else {
        format!("{inclusive} the required {}", end.value)
    }
}

fn help(verdict: &Verdict) -> String {
    let mut lines = Vec::new();
    if let Some(miss) = verdict.miss {
        let (Miss::Below { by, .. } | Miss::Above { by, .. }) = miss;
        let by = if by.abs() < 1e-12 {
            "exactly on the bound, which is strict; measured".to_owned()
        } else {
            let word = if matches!(miss, Miss::Below { .. }) { "short" } else { "too high" };
            format!("{} {word}", significant(by))
        };
        let beside = match verdict.quantity {
            Quantity::Value => verdict.dummy.map(|dummy| {
                format!("; a model that ignores the features reaches {}", number(dummy))
            }),
            Quantity::OverDummy => verdict.measured.zip(verdict.dummy).map(|(value, dummy)| {
                format!(
                    "; the model reaches {}, and one that ignores the features {}",
                    number(value),
                    number(dummy)
                )
            }),
            Quantity::TrainGap => verdict.measured.zip(verdict.train).map(|(value, train)| {
                format!(
                    "; {} on the training rows, {} on the judged ones",
                    number(train),
                    number(value)
                )
            }),
        };
        let beside = beside.unwrap_or_default();
        lines.push(format!("{by} on {}{beside}", counted(verdict.rows, "row")));
    }
    if !verdict.over.is_empty() {
        let shown: Vec<String> = verdict
            .over
            .iter()
            .map(|value| value.map_or_else(|| "none".to_owned(), number))
            .collect();
        lines.push(format!("fold by fold: {}", shown.join(", ")));
    }
    if let Some(because) = &verdict.because {
        lines.push(format!("because: {because}"));
    }
    lines.push(
        match (verdict.status, verdict.value) {
            (Status::Error, _) if verdict.slice.is_some() => {
                "judge more rows, name another slice or metric, or lower `min_rows` knowingly"
            }
            (Status::Error, _) => {
                "choose rows, a split or a metric for which the comparison can be made"
            }
            (_, None) => {
                "the model leaves nothing to measure here: look at its parameters and at the data"
            }
            (Status::Warn, _) => "improve model, features or data; this bound only warns",
            _ if verdict.quantity == Quantity::TrainGap => {
                "the model knows the training rows too well: simplify it, or give it more rows"
            }
            _ => match verdict.miss {
                Some(Miss::Above { .. }) => {
                    "improve model, features or data, or raise the bound knowingly"
                }
                Some(Miss::Below { .. }) | None => {
                    "improve model, features or data, or lower the bound knowingly"
                }
            },
        }
        .to_owned(),
    );
    lines.join("\n")
}

/// Two significant digits, never in scientific notation where it can be helped.
fn significant(value: f64) -> String {
    let magnitude = value.abs().log10().floor();
    if magnitude < -9.0 {
        return format!("{value:.1e}");
    }
    let decimals = (1.0 - magnitude).max(0.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_show_two_digits() {
        assert_eq!(significant(0.0861), "0.086");
        assert_eq!(significant(12.34), "12");
        assert_eq!(significant(3e-12), "3.0e-12");
    }
}
