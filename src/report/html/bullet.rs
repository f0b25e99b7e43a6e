//! A threshold as a bullet chart: the value as a bar, its bound as a mark, and where it may lie as a
//! shade. An interval and a value to compare with are drawn where the report has them.

use maud::{Markup, html};

use super::plane::{Scale, px};
use crate::diagnostic::number;
use crate::report::model::{Measurement, Verdict};
use crate::report::wording::plain;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 26.0;
/// Above and below the bar.
const MARGIN: f64 = 3.0;

/// The chart; nothing without a value.
pub fn bullet(verdict: &Verdict, measurement: Option<&Measurement>) -> Markup {
    let Some(value) = verdict.value.filter(|value| value.is_finite()) else { return html! {} };
    // The others are of the metric itself, not of a distance.
    let of_value = measurement.filter(|_| verdict.quantity == "value");
    let dummy = of_value.and_then(|each| each.dummy);
    let interval = of_value.and_then(|each| each.interval.as_ref());
    let all = [Some(value), verdict.low, verdict.high, dummy]
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
    let said = plain(&said);
    html! {
        svg.bullet.(verdict.status.word()) viewBox=(format!("-4 0 {} {HEIGHT}", WIDTH + 8.0))
            role="img" aria-label=(said) {
            title { (said) }
            rect.track x="0" y=(MARGIN) width=(WIDTH) height=(HEIGHT - 2.0 * MARGIN) rx="3" {}
            rect.good x=(px(left.max(0.0))) y=(MARGIN) width=(px((right - left).max(0.0)))
                height=(HEIGHT - 2.0 * MARGIN) rx="3" {}
            rect.value x=(px(from)) y="9" width=(px((to - from).max(1.5))) height="8" rx="1.5" {}
            @if let Some(interval) = interval {
                path.whisker d=(format!(
                    "M{0} 13H{1}M{0} 9V17M{1} 9V17", px(x(interval.low)), px(x(interval.high))
                )) {}
            }
            @if let Some(dummy) = dummy {
                circle.dummy cx=(px(x(dummy))) cy="13" r="3.5" {}
            }
            @for end in [verdict.low, verdict.high].into_iter().flatten() {
                line.bound x1=(px(x(end))) x2=(px(x(end))) y1="1" y2=(HEIGHT - 1.0) {}
            }
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
