//! A threshold as a bullet chart: the value as a bar, its bound as a line, and where it may lie as a
//! shade. An interval, a model without features and an earlier report are drawn where they are known.

use maud::{Markup, html};

use super::plane::{Scale, px};
use crate::diagnostic::number;
use crate::report::model::{Interval, Measurement, Verdict};
use crate::report::wording::plain;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 26.0;
/// Above and below the bar.
const MARGIN: f64 = 3.0;

/// What is drawn beside the value and its bound, where the report has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// What a model without features reaches.
    dummy: Option<f64>,
    interval: Option<&'a Interval>,
    /// The value in an earlier report.
    was: Option<f64>,
}

impl<'a> Marks<'a> {
    pub fn new(
        verdict: &Verdict,
        measurement: Option<&'a Measurement>,
        earlier: Option<&Verdict>,
    ) -> Self {
        // These are of the metric itself, not of a distance.
        let of_value = measurement.filter(|_| verdict.quantity == "value");
        Self {
            dummy: of_value.and_then(|each| each.dummy),
            interval: of_value.and_then(|each| each.interval.as_ref()),
            was: earlier.and_then(|was| was.value),
        }
    }
}

/// What the signs of some charts mean.
pub fn legend(charts: &[Marks<'_>]) -> Markup {
    let any = |has: fn(&Marks<'_>) -> bool| charts.iter().any(has);
    let signs = [
        (true, "value", html! { rect.value x="0" y="4" width="16" height="6" rx="1.5" {} }),
        (true, "bound", html! { line.bound x1="8" x2="8" y1="1" y2="13" {} }),
        (true, "required", html! { rect.good x="0" y="1" width="16" height="12" rx="2" {} }),
        (any(|each| each.interval.is_some()), "interval", whisker(1.0, 15.0, 7.0)),
        (any(|each| each.dummy.is_some()), "without features", ring(8.0, 7.0)),
        (any(|each| each.was.is_some()), "earlier report", pointer(8.0, 4.0)),
    ];
    html! {
        ul.keys.signs {
            @for (_, words, sign) in signs.iter().filter(|(there, _, _)| *there) {
                li { svg viewBox="0 0 16 14" aria-hidden="true" { (sign) } (words) }
            }
        }
    }
}

fn ring(x: f64, y: f64) -> Markup {
    html! { circle.dummy cx=(px(x)) cy=(px(y)) r="3.5" {} }
}

fn whisker(from: f64, to: f64, y: f64) -> Markup {
    let (from, to, top, bottom) = (px(from), px(to), px(y - 4.0), px(y + 4.0));
    let path = format!("M{from} {}H{to}M{from} {top}V{bottom}M{to} {top}V{bottom}", px(y));
    html! { path.whisker d=(path) {} }
}

/// A triangle that points down.
fn pointer(x: f64, y: f64) -> Markup {
    html! { path.was d=(format!("M{} {}h9l-4.5 7z", px(x - 4.5), px(y))) {} }
}

/// The chart; nothing without a value.
pub fn bullet(verdict: &Verdict, marks: Marks<'_>) -> Markup {
    let Some(value) = verdict.value.filter(|value| value.is_finite()) else { return html! {} };
    let Marks { dummy, interval, was } = marks;
    let all = [Some(value), verdict.low, verdict.high, dummy, was]
        .into_iter()
        .chain([interval.map(|it| it.low), interval.map(|it| it.high)]);
    let Some(scale) = domain(all.flatten().filter(|x| x.is_finite())) else { return html! {} };
    let x = |value: f64| scale.at(value);
    let (left, right) = (verdict.low.map_or(0.0, x), verdict.high.map_or(WIDTH, x));
    let zero = x(0.0).clamp(0.0, WIDTH);
    let (from, to) = (zero.min(x(value)), zero.max(x(value)));
    let mut said =
        format!("{} {}, required {}", verdict.title(), verdict.shown(), verdict.required());
    if let Some(dummy) = dummy {
        said.push_str(&format!("; a model without features reaches {}", number(dummy)));
    }
    if let Some(interval) = interval {
        said.push_str(&format!("; interval {} to {}", number(interval.low), number(interval.high)));
    }
    if let Some(was) = was {
        said.push_str(&format!("; in the earlier report {}", number(was)));
    }
    let said = plain(&said);
    html! {
        svg.bullet.(verdict.status.word()) viewBox=(format!("-4 0 {} {HEIGHT}", WIDTH + 8.0))
            role="img" aria-label=(said) {
            title { (said) }
            rect.track x="0" y=(MARGIN) width=(WIDTH) height=(HEIGHT - 2.0 * MARGIN) rx="3" {}
            rect.good x=(px(left.max(0.0))) y=(MARGIN) width=(px((right - left).max(0.0)))
                height=(HEIGHT - 2.0 * MARGIN) rx="3" {}
            rect.value x=(px(from)) y="9" width=(px((to - from).max(1.5))) height="8" rx="1.5" {}
            @if let Some(interval) = interval { (whisker(x(interval.low), x(interval.high), 13.0)) }
            @if let Some(dummy) = dummy { (ring(x(dummy), 13.0)) }
            @for end in [verdict.low, verdict.high].into_iter().flatten() {
                line.bound x1=(px(x(end))) x2=(px(x(end))) y1="1" y2=(HEIGHT - 1.0) {}
            }
            @if let Some(was) = was { (pointer(x(was), 1.0)) }
        }
    }
}

/// From 0 to 1 for shares; otherwise from 0, or from the lowest, to the highest with some room.
fn domain(values: impl Iterator<Item = f64>) -> Option<Scale> {
    let (mut low, mut high) = (0.0_f64, f64::NEG_INFINITY);
    for value in values {
        low = low.min(value);
        high = high.max(value);
    }
    if !high.is_finite() {
        return None;
    }
    if low >= 0.0 && (0.25..=1.0).contains(&high) {
        return Some(Scale::new((0.0, 1.0), (0.0, WIDTH)));
    }
    let room = (high - low).max(1e-300) * 0.12;
    let low = if low < 0.0 { low - room } else { 0.0 };
    let high = if high > 0.0 { high + room } else { 0.0 };
    Some(Scale::new((low, high), (0.0, WIDTH)))
}
