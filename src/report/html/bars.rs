//! Bars: a metric on the values of a slice, in each fold, and how much each feature counts.

use maud::{Markup, html};

use super::details::figure;
use super::plane::{Scale, px, short};
use crate::diagnostic::number;
use crate::report::model::{Importance, Measurement, Spec};
use crate::report::wording::{cut, plain};

const WIDTH: f64 = 300.0;
const NAMES: f64 = 110.0;
const ROW: f64 = 20.0;
/// How much room a number takes.
const NUMBER: f64 = 32.0;
/// More bars than this are no picture any more.
const MOST: usize = 20;
/// So many letters of a name have room.
const LETTERS: usize = 17;

struct Bar {
    name: String,
    value: f64,
    note: String,
}

/// The metrics that thresholds use, on the values of each slice.
pub fn slices(spec: &Spec) -> Vec<Markup> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for each in &spec.measurements {
        let Some(slice) = &each.slice else { continue };
        if slice.value.is_some() && !seen.contains(&(&each.name, &slice.name)) {
            seen.push((&each.name, &slice.name));
        }
    }
    let one = |(metric, slice): (&str, &str)| {
        let on = |each: &&Measurement| {
            each.name == metric && each.slice.as_ref().is_some_and(|it| it.name == slice)
        };
        let bars: Vec<Bar> = spec
            .measurements
            .iter()
            .filter(on)
            .filter_map(|each| {
                let name = each.slice.as_ref()?.value.clone()?;
                Some(Bar { name, value: each.value?, note: each.rows.to_string() })
            })
            .collect();
        let whole =
            spec.measurements.iter().find(|each| each.name == metric && each.slice.is_none());
        let caption = plain(&format!("{metric}@{slice}"));
        let mark = whole.and_then(|each| each.value);
        (!bars.is_empty())
            .then(|| chart(&caption, "the line: all rows", &bars, mark, ("Value", "Rows")))
    };
    seen.into_iter().take(6).filter_map(one).collect()
}

/// Each metric in each fold, where there are several.
pub fn folds(spec: &Spec) -> Vec<Markup> {
    let whole =
        spec.measurements.iter().filter(|each| each.slice.is_none() && each.folds.len() > 1);
    whole
        .take(4)
        .map(|each| {
            let bars: Vec<Bar> = each
                .folds
                .iter()
                .filter_map(|fold| {
                    let note = fold.rows.to_string();
                    Some(Bar { name: format!("fold {}", fold.fold), value: fold.value?, note })
                })
                .collect();
            let caption = plain(&format!("{} in each fold", each.name));
            let over = each.over.as_deref().unwrap_or("all folds");
            chart(
                &caption,
                &format!("the line: {}", plain(over)),
                &bars,
                each.value,
                ("Value", "Rows"),
            )
        })
        .collect()
}

/// How much each feature counts.
pub fn importances(importances: &[Importance]) -> Vec<Markup> {
    let bars = |of: fn(&Importance) -> Option<(f64, String)>| -> Vec<Bar> {
        let mut bars: Vec<Bar> = importances
            .iter()
            .filter_map(|each| {
                let (value, note) = of(each)?;
                Some(Bar { name: each.feature.clone(), value, note })
            })
            .collect();
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        bars
    };
    let gain = bars(|each| Some((each.gain?, String::new())));
    let loss = bars(|each| {
        let loss = each.permutation.as_ref()?;
        Some((loss.mean, format!("± {}", number(loss.deviation))))
    });
    let mut charts = Vec::new();
    for (caption, note, bars) in [
        ("Importance by gain", "share of what all features gain", gain),
        ("Importance by shuffling", "what the metric loses", loss),
    ] {
        if !bars.is_empty() {
            charts.push(chart(caption, note, &bars, None, ("Feature", "Deviation")));
        }
    }
    charts
}

fn chart(
    caption: &str,
    note: &str,
    bars: &[Bar],
    mark: Option<f64>,
    heads: (&str, &str),
) -> Markup {
    let shown = &bars[..bars.len().min(MOST)];
    let values = || shown.iter().map(|bar| bar.value).chain(mark).filter(|value| value.is_finite());
    let low = values().fold(0.0_f64, f64::min);
    let high = values().fold(0.0_f64, f64::max);
    let high = if low >= 0.0 && (0.25..=1.0).contains(&high) { 1.0 } else { high };
    let scale = Scale::new((low, if high > low { high } else { low + 1.0 }), (NAMES, WIDTH - 44.0));
    let height = shown.len() as f64 * ROW + 6.0;
    let zero = scale.at(0.0);
    // The number stands behind its bar, and behind the line where that would cross it.
    let behind = |value: f64| {
        let x = scale.at(value).max(zero) + 4.0;
        let line = mark.map(|mark| scale.at(mark));
        line.filter(|line| (x - 4.0..x + NUMBER).contains(line)).map_or(x, |line| line + 4.0)
    };
    let said =
        format!("{caption}: a bar for each of {}; the numbers are in the table below", shown.len());
    let drawing = html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {}", px(height))) role="img" aria-label=(said) {
            title { (said) }
            @for (at, bar) in shown.iter().enumerate() {
                @let y = at as f64 * ROW + 3.0;
                @let end = scale.at(bar.value);
                text.name x=(px(NAMES - 6.0)) y=(px(y + 13.5)) text-anchor="end" { (cut(&plain(&bar.name), LETTERS)) }
                rect.bar-value x=(px(zero.min(end))) y=(px(y + 3.0)) width=(px((end - zero).abs().max(1.0)))
                    height=(px(ROW - 7.0)) rx="2" { title { (plain(&bar.name)) ": " (number(bar.value)) } }
            }
            @if let Some(mark) = mark {
                line.mark x1=(px(scale.at(mark))) x2=(px(scale.at(mark))) y1="0" y2=(px(height)) {}
            }
            @for (at, bar) in shown.iter().enumerate() {
                text.amount x=(px(behind(bar.value))) y=(px(at as f64 * ROW + 16.5)) { (short(bar.value)) }
            }
        }
    };
    let has_notes = bars.iter().any(|bar| !bar.note.is_empty());
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (if heads.0 == "Feature" { "Feature" } else { "Of" }) }
                th.number scope="col" { "Value" }
                @if has_notes { th.number scope="col" { (heads.1) } }
            } }
            tbody {
                @for bar in bars.iter().take(200) {
                    tr {
                        th scope="row" { (plain(&bar.name)) }
                        td.number { (number(bar.value)) }
                        @if has_notes { td.number { (plain(&bar.note)) } }
                    }
                }
            }
        }
    };
    let note = match bars.len() - shown.len() {
        0 => note.to_owned(),
        more => format!("{note}; {more} more in the numbers"),
    };
    figure(caption, &note, &drawing, &table)
}
