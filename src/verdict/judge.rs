//! Turns bounds and measurements into verdicts; every outcome has a name.

use std::sync::Arc;

use crate::data::{Measurement, Undefined};
use crate::diagnostic::{Route, number};
use crate::plan::{Bound, Miss, Severity, Threshold};

/// What a comparison, or all comparisons of a spec, came to; worse ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// A part that says it may be left out was left out.
    Skipped,
    Pass,
    /// Missed, and the spec says that this only warns.
    Warn,
    /// The interval of the value lies on both sides of the bound.
    Inconclusive,
    Fail,
    /// The comparison could not be made.
    Error,
    /// The spec itself is wrong.
    Invalid,
}

impl Status {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::Invalid => "invalid",
        }
    }
}

/// One bound, compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The name that the threshold uses.
    pub name: Arc<str>,
    /// The metric's name in the catalogue.
    pub metric: &'static str,
    pub bound: Bound,
    pub value: Option<f64>,
    pub rows: usize,
    pub dummy: Option<f64>,
    pub status: Status,
    pub severity: Severity,
    /// Why there is no value.
    pub reason: Option<String>,
    /// On which side the value lies, and how far.
    pub miss: Option<Miss>,
    pub because: Option<String>,
    /// Where the bound stands.
    pub route: Route,
    /// What the author would edit: the end that was missed, or the bound.
    pub at: Route,
}

impl Verdict {
    /// The value, with as many digits as tell it from a bound that it missed.
    pub fn shown(&self) -> Option<String> {
        let value = self.value?;
        let Some(Miss::Below { end, by } | Miss::Above { end, by }) = self.miss else {
            return Some(number(value));
        };
        // On the bound, give or take what counts as equal: the bound itself says it best.
        if by.abs() <= 1e-12 * end.value.abs().max(1.0) {
            return Some(end.value.to_string());
        }
        let apart = |text: &String| {
            text.parse::<f64>().is_ok_and(|shown| {
                shown != end.value && (shown - value).abs() < (value - end.value).abs() / 2.0
            })
        };
        let short = number(value);
        let longer = || (5..=17).map(|digits| format!("{value:.digits$}")).find(apart);
        Some(if apart(&short) { short } else { longer().unwrap_or_else(|| value.to_string()) })
    }
}

/// One verdict a threshold; `measurements` are in the order of the plan's metrics.
pub fn judge(thresholds: &[Threshold], measurements: &[Measurement]) -> Vec<Verdict> {
    thresholds
        .iter()
        .filter_map(|threshold| {
            let measurement = measurements.get(threshold.metric)?;
            Some(compare(threshold, measurement))
        })
        .collect()
}

fn compare(threshold: &Threshold, measurement: &Measurement) -> Verdict {
    let missed = match threshold.severity {
        Severity::Fail => Status::Fail,
        Severity::Warn => Status::Warn,
    };
    let (value, status, reason, miss) = match &measurement.value {
        Ok(value) if value.is_finite() => match threshold.bound.miss(*value) {
            None => (Some(*value), Status::Pass, None, None),
            Some(miss) => (Some(*value), missed, None, Some(miss)),
        },
        Ok(_) => (None, Status::Error, Some("the value is not a finite number".to_owned()), None),
        Err(Undefined::ByData(reason)) => (None, Status::Error, Some(reason.clone()), None),
        Err(Undefined::ByModel(reason)) => (None, missed, Some(reason.clone()), None),
    };
    let end = match miss {
        Some(Miss::Below { .. }) => threshold.ends.low.as_ref(),
        Some(Miss::Above { .. }) => threshold.ends.high.as_ref(),
        None => None,
    };
    let at = end.unwrap_or(&threshold.route).clone();
    Verdict {
        name: measurement.name.clone(),
        metric: measurement.metric,
        bound: threshold.bound,
        value,
        rows: measurement.rows,
        dummy: measurement.dummy,
        status,
        severity: threshold.severity,
        reason,
        miss,
        because: threshold.because.as_ref().map(|text| text.written().to_owned()),
        route: threshold.route.clone(),
        at,
    }
}

/// The status of a spec: that of its worst verdict. Without a verdict nothing was compared, which
/// never passes.
pub fn worst(verdicts: &[Verdict]) -> Status {
    verdicts.iter().map(|verdict| verdict.status).max().unwrap_or(Status::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;
    use crate::spec::BoundText;

    fn verdict(value: Value, severity: Severity) -> Verdict {
        let text = BoundText::parse("> 0.8").unwrap();
        let bound = Bound::of(&crate::spec::Bound::Text(text)).unwrap();
        let threshold = Threshold {
            metric: 0,
            bound,
            severity,
            because: None,
            route: Route::root(),
            ends: crate::plan::Ends::default(),
        };
        let measurement = Measurement {
            name: "accuracy".into(),
            metric: "accuracy",
            value,
            rows: 10,
            dummy: None,
        };
        judge(&[threshold], &[measurement]).remove(0)
    }

    #[test]
    fn what_cannot_be_compared_never_passes() {
        for severity in [Severity::Fail, Severity::Warn] {
            assert_eq!(verdict(Ok(f64::NAN), severity).status, Status::Error);
            assert_eq!(verdict(Ok(f64::INFINITY), severity).status, Status::Error);
            let by_data = Err(Undefined::ByData("one class".to_owned()));
            assert_eq!(verdict(by_data, severity).status, Status::Error);
        }
        assert_eq!(worst(&[]), Status::Error);
    }

    #[test]
    fn values_show_enough_digits_to_be_told_from_the_bound() {
        for (value, shown) in
            [(0.75, "0.7500"), (0.799_999_6, "0.7999996"), (0.8 - 1e-16, "0.8"), (0.85, "0.8500")]
        {
            assert_eq!(verdict(Ok(value), Severity::Fail).shown().as_deref(), Some(shown));
        }
    }

    #[test]
    fn severity_lowers_a_miss_only() {
        assert_eq!(verdict(Ok(0.85), Severity::Fail).status, Status::Pass);
        assert_eq!(verdict(Ok(0.8), Severity::Fail).status, Status::Fail);
        assert_eq!(verdict(Ok(0.75), Severity::Warn).status, Status::Warn);
        let by_model = || Err(Undefined::ByModel("never predicted".to_owned()));
        assert_eq!(verdict(by_model(), Severity::Fail).status, Status::Fail);
        assert_eq!(verdict(by_model(), Severity::Warn).status, Status::Warn);
    }
}
