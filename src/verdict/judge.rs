//! Turns bounds and measurements into verdicts; every outcome has a name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::compare::{Compared, compare};
use crate::data::{Measurement, SliceValue, Undefined};
use crate::diagnostic::{Route, number};
use crate::plan::{Bound, Folds, Miss, Plan, Quantity, Severity, SliceRows, Threshold, required};

/// What a comparison, or all comparisons of a spec, came to; worse ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// From the best to the worst.
    pub const ALL: [Self; 7] = [
        Self::Skipped,
        Self::Pass,
        Self::Warn,
        Self::Inconclusive,
        Self::Fail,
        Self::Error,
        Self::Invalid,
    ];

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
    /// The name of the metric that the threshold uses.
    pub name: Arc<str>,
    /// The metric's name in the catalogue.
    pub metric: &'static str,
    /// None: all judged rows.
    pub slice: Option<SliceValue>,
    pub quantity: Quantity,
    pub folds: Folds,
    pub bound: Bound,
    /// What was compared with the bound: the metric's value, or how far it is from the dummy's or
    /// from that on the training rows.
    pub value: Option<f64>,
    /// The metric's value itself, where `value` is a distance.
    pub measured: Option<f64>,
    pub rows: usize,
    pub dummy: Option<f64>,
    pub train: Option<f64>,
    /// What was compared in each fold, where there are several.
    pub over: Vec<Option<f64>>,
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
    /// The metric and the slice, as a threshold names them: `accuracy@by_island=Biscoe`.
    pub fn title(&self) -> String {
        match &self.slice {
            Some(slice) => format!("{}@{slice}", self.name),
            None => self.name.to_string(),
        }
    }

    /// What was compared, in words: `accuracy`, `accuracy over the dummy`.
    pub fn subject(&self) -> String {
        let title = self.title();
        match self.quantity {
            Quantity::Value => title,
            Quantity::OverDummy => format!("{title} over the dummy"),
            Quantity::TrainGap => format!("the train gap of {title}"),
        }
    }

    /// The bound and what it is about: `> 0.9`, `over the dummy >= 0.1 in 8 of 10 folds`.
    pub fn required(&self) -> String {
        required(self.quantity, &self.bound, self.folds)
    }

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

/// The verdicts of all thresholds, in the order of the plan: one a threshold, or one for each value
/// of the slice that a threshold is about.
pub fn judge(plan: &Plan, measurements: &[Measurement]) -> Vec<Verdict> {
    plan.thresholds.iter().flat_map(|threshold| judge_one(plan, threshold, measurements)).collect()
}

fn judge_one(plan: &Plan, threshold: &Threshold, measurements: &[Measurement]) -> Vec<Verdict> {
    let of_metric = measurements.iter().filter(|each| each.of == threshold.metric);
    let Some(on) = &threshold.on else {
        let whole = of_metric.filter(|each| each.slice.is_none());
        return whole.map(|each| verdict(threshold, each, compare(threshold, each))).collect();
    };
    let slice = &plan.slices[on.slice];
    let strict = |value: &SliceValue| match &slice.rows {
        SliceRows::Where(_) => true,
        SliceRows::By { expect, .. } => {
            let name = value.value.as_deref();
            on.value.is_some() || expect.iter().any(|expected| Some(expected.value()) == name)
        }
    };
    let mut verdicts: Vec<Verdict> = of_metric
        .filter_map(|each| Some((each, each.slice.as_ref().filter(|at| at.slice == on.slice)?)))
        .filter(|(_, at)| on.value.is_none() || on.value == at.value)
        .map(|(each, at)| {
            let mut compared = compare(threshold, each);
            // What the rows do not allow is left out, unless the spec counts on it. A value that
            // has nothing to be compared with, no dummy or no fold, is an error all the same.
            let unmeasured = matches!(each.reading.value, Err(Undefined::ByData(_)));
            if compared.status == Status::Error && unmeasured && !strict(at) {
                compared.status = Status::Skipped;
            }
            verdict(threshold, each, compared)
        })
        .collect();
    let nothing = |reason: String| Verdict {
        name: plan.metrics[threshold.metric].name.clone(),
        metric: plan.metrics[threshold.metric].kind.name(),
        slice: Some(SliceValue {
            slice: on.slice,
            name: slice.name.clone(),
            value: on.value.clone(),
            skipped: None,
        }),
        ..undone(threshold, reason)
    };
    match &on.value {
        Some(value) if verdicts.is_empty() => {
            let mut names: Vec<&str> = Vec::new();
            for at in measurements.iter().filter_map(|each| each.slice.as_ref()) {
                let name = at.value.as_deref().filter(|_| at.slice == on.slice);
                names.extend(name.filter(|name| !names.contains(name)));
            }
            let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
            let reason = format!(
                "no row has the value `{value}`; the values are {}{}",
                shown.join(", "),
                if names.len() > 8 { ", …" } else { "" }
            );
            verdicts.push(nothing(reason));
        }
        None if verdicts.iter().all(|each| each.status == Status::Skipped) => {
            let first = verdicts.iter().find_map(|each| {
                let value = each.slice.as_ref()?.value.as_ref()?;
                Some(format!("; `{value}`: {}", each.reason.as_ref()?))
            });
            let first = first.unwrap_or_default();
            verdicts.push(nothing(format!("no value of `{}` can be measured{first}", slice.name)));
        }
        Some(_) | None => {}
    }
    verdicts
}

fn undone(threshold: &Threshold, reason: String) -> Verdict {
    Verdict {
        name: "".into(),
        metric: "",
        slice: None,
        quantity: threshold.quantity,
        folds: threshold.folds,
        bound: threshold.bound,
        value: None,
        measured: None,
        rows: 0,
        dummy: None,
        train: None,
        over: Vec::new(),
        status: Status::Error,
        severity: threshold.severity,
        reason: Some(reason),
        miss: None,
        because: threshold.because.as_ref().map(|text| text.written().to_owned()),
        route: threshold.route.clone(),
        at: threshold.route.clone(),
    }
}

fn verdict(threshold: &Threshold, measurement: &Measurement, compared: Compared) -> Verdict {
    let end = match compared.miss {
        Some(Miss::Below { .. }) => threshold.ends.low.as_ref(),
        Some(Miss::Above { .. }) => threshold.ends.high.as_ref(),
        None => None,
    };
    Verdict {
        name: measurement.name.clone(),
        metric: measurement.metric,
        slice: measurement.slice.clone(),
        quantity: threshold.quantity,
        folds: threshold.folds,
        bound: threshold.bound,
        value: compared.value,
        measured: compared.measured,
        rows: compared.rows,
        dummy: compared.dummy,
        train: compared.train,
        over: compared.over,
        status: compared.status,
        severity: threshold.severity,
        reason: compared.reason,
        miss: compared.miss,
        because: threshold.because.as_ref().map(|text| text.written().to_owned()),
        route: threshold.route.clone(),
        at: end.unwrap_or(&threshold.route).clone(),
    }
}

/// The status of a spec: that of its worst verdict. Without a verdict nothing was compared, which
/// never passes.
pub fn worst(verdicts: &[Verdict]) -> Status {
    match verdicts.iter().map(|verdict| verdict.status).max() {
        None | Some(Status::Skipped) => Status::Error,
        Some(status) => status,
    }
}
