//! Turns a verdict that is not a pass into a diagnostic on the bound.

use super::judge::{Status, Verdict};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
use crate::plan::{End, Miss};

/// What the author should know of a verdict; nothing for one that passed or was skipped.
pub fn explain(verdict: &Verdict, model: &str) -> Option<Diagnostic> {
    let severity = match verdict.status {
        Status::Pass | Status::Skipped => return None,
        Status::Warn => Severity::Warning,
        Status::Inconclusive | Status::Fail | Status::Error | Status::Invalid => Severity::Error,
    };
    let place = Place::value(verdict.at.clone());
    let (code, message, label) = match (verdict.value, verdict.miss) {
        (Some(value), Some(miss)) => {
            let side = match miss {
                Miss::Below { end, .. } => side(end, "not above", "below"),
                Miss::Above { end, .. } => side(end, "not below", "above"),
            };
            let message = format!("{} is {}, {side}", verdict.name, precise(value, miss));
            (Code::ThresholdMissed, message, "required here")
        }
        _ => {
            let reason = verdict.reason.clone().unwrap_or_default();
            match verdict.status {
                Status::Error => (
                    Code::ThresholdUndefined,
                    format!("{} has no value: {reason}", verdict.name),
                    "cannot be compared",
                ),
                _ => (
                    Code::NeverPredicted,
                    format!("{} has no value: {reason}", verdict.name),
                    "required here",
                ),
            }
        }
    };
    let mut diagnostic = Diagnostic::error(code, place, message).label(label).related(
        Place::key(Route::root().key("model").key(model)),
        format!("measured on this model, on {}", counted(verdict.rows)),
    );
    diagnostic.severity = severity;
    diagnostic.help = Some(help(verdict));
    Some(diagnostic)
}

fn side(end: End, strict: &str, inclusive: &str) -> String {
    if end.strict {
        format!("{strict} the required {}", end.value)
    } else {
        format!("{inclusive} the required {}", end.value)
    }
}

/// A value with four decimals, or as many as tell it from the bound.
fn precise(value: f64, miss: Miss) -> String {
    let (Miss::Below { end, by } | Miss::Above { end, by }) = miss;
    if by == 0.0 || value == end.value {
        return format!("{value}");
    }
    (4..=17)
        .map(|decimals| format!("{value:.decimals$}"))
        .find(|text| {
            text.parse::<f64>().is_ok_and(|shown| {
                shown != end.value && (shown - value).abs() < (value - end.value).abs() / 2.0
            })
        })
        .unwrap_or_else(|| format!("{value}"))
}

fn counted(rows: usize) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
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
        let dummy = match verdict.dummy {
            Some(dummy) => format!("; a model that ignores the features reaches {dummy:.4}"),
            None => String::new(),
        };
        lines.push(format!("{by} on {}{dummy}", counted(verdict.rows)));
    }
    if let Some(because) = &verdict.because {
        lines.push(format!("because: {because}"));
    }
    lines.push(
        match (verdict.status, verdict.value) {
            (Status::Error, _) => {
                "choose rows, a split or a metric for which the comparison can be made"
            }
            (_, None) => {
                "the model ignores this class: look at the class balance and at `class_weight`"
            }
            (Status::Warn, _) => "improve model, features or data; this bound only warns",
            _ => "improve model, features or data, or lower the bound knowingly",
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
    fn values_show_enough_digits_to_be_told_from_the_bound() {
        let miss =
            |value: f64| Miss::Below { end: End { value: 0.9, strict: false }, by: 0.9 - value };
        assert_eq!(precise(0.81, miss(0.81)), "0.8100");
        assert_eq!(precise(0.899_999_6, miss(0.899_999_6)), "0.8999996");
        assert_eq!(significant(0.0861), "0.086");
        assert_eq!(significant(12.34), "12");
    }
}
