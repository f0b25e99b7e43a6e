//! What the judged rows look like: confusion, curves, calibration and residuals, where the report has them.

use maud::{Markup, html};

use super::details::figure;
use super::plane::{Plane, px, short};
use crate::outcome::{Charts, Confusion, Curves, Residuals};
use crate::report::wording::{cut, plain};

/// The charts of a spec.
pub fn charts(charts: &Charts) -> Vec<Markup> {
    let mut all = Vec::new();
    all.extend(charts.confusion.as_ref().map(confusion));
    let unit = (0.0, 1.0);
    if !charts.curves.is_empty() {
        let guess = |_: &Plane| html! {};
        let diagonal =
            |plane: &Plane| html! { path.guess d=(plane.path(&[[0.0, 0.0], [1.0, 1.0]])) {} };
        all.push(lines(
            "ROC curve",
            "dashed: guessing",
            ("False positive rate", "True positive rate"),
            &charts.curves,
            |each| each.roc.clone(),
            diagonal,
            unit,
        ));
        all.push(lines(
            "Precision and recall",
            "",
            ("Recall", "Precision"),
            &charts.curves,
            |each| each.precision_recall.clone(),
            guess,
            unit,
        ));
        let calibrated =
            |each: &Curves| each.calibration.iter().map(|[x, y, _]| [*x, *y]).collect();
        all.push(lines(
            "Calibration",
            "dashed: as often as said",
            ("Mean probability", "Share of the class"),
            &charts.curves,
            calibrated,
            diagonal,
            unit,
        ));
    }
    all.extend(charts.residuals.as_ref().map(residuals));
    all
}

fn confusion(confusion: &Confusion) -> Markup {
    const NAMES: f64 = 84.0;
    const WIDTH: f64 = 300.0;
    let count = confusion.classes.len().max(1) as f64;
    let side = ((WIDTH - NAMES) / count).min(64.0);
    let height = side * count + 44.0;
    let said = "Confusion matrix: actual classes by row, predicted by column; the numbers are in the table below";
    let drawing = html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {}", px(height))) role="img" aria-label=(said) {
            title { (said) }
            text.label x=(px(NAMES + side * count / 2.0)) y="12" text-anchor="middle" { "Predicted" }
            @for (at, class) in confusion.classes.iter().enumerate() {
                text.name x=(px(NAMES - 6.0)) y=(px(36.0 + (at as f64 + 0.5) * side)) text-anchor="end" { (cut(&plain(class), 12)) }
                @if side > 22.0 {
                    text x=(px(NAMES + (at as f64 + 0.5) * side)) y="28" text-anchor="middle" { (cut(&plain(class), (side / 7.0) as usize)) }
                }
            }
            @for (row, counts) in confusion.counts.iter().enumerate() {
                @let total: f64 = counts.iter().sum();
                @for (column, count) in counts.iter().enumerate() {
                    @let share = if total > 0.0 { count / total } else { 0.0 };
                    rect.cell-box x=(px(NAMES + column as f64 * side)) y=(px(32.0 + row as f64 * side))
                        width=(px(side)) height=(px(side)) fill-opacity=(format!("{:.2}", 0.05 + 0.75 * share)) {}
                    @if side > 22.0 {
                        text.cell x=(px(NAMES + (column as f64 + 0.5) * side)) y=(px(36.0 + (row as f64 + 0.5) * side))
                            text-anchor="middle" { (short(*count)) }
                    }
                }
            }
        }
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { "Actual" } @for class in &confusion.classes { th.number scope="col" { (plain(class)) } } } }
            tbody {
                @for (class, counts) in confusion.classes.iter().zip(&confusion.counts) {
                    tr { th scope="row" { (plain(class)) } @for count in counts { td.number { (short(*count)) } } }
                }
            }
        }
    };
    figure("Confusion matrix", "shade: share of the actual class", &drawing, &table)
}

fn lines(
    caption: &str,
    note: &str,
    names: (&str, &str),
    curves: &[Curves],
    points: impl Fn(&Curves) -> Vec<[f64; 2]>,
    behind: impl Fn(&Plane) -> Markup,
    ends: (f64, f64),
) -> Markup {
    let plane = Plane::new(ends, ends);
    let all: Vec<Vec<[f64; 2]>> = curves.iter().map(&points).collect();
    let inside = html! {
        (behind(&plane))
        @for (at, points) in all.iter().enumerate() {
            path class=(format!("curve c{}", at % 6)) d=(plane.path(points)) {}
            @if points.len() <= 12 {
                @for [x, y] in points {
                    circle class=(format!("key c{}", at % 6)) cx=(px(plane.x.at(*x))) cy=(px(plane.y.at(*y))) r="2.5" {}
                }
            }
        }
    };
    let classes: Vec<String> = curves.iter().map(|each| plain(&each.class)).collect();
    let said = format!("{caption} for {}; the numbers are in the table below", classes.join(", "));
    let drawing = html! {
        (plane.draw(&said, names, &inside))
        ul.keys { @for (at, class) in classes.iter().enumerate() { li class=(format!("c{}", at % 6)) { (class) } } }
    };
    let table = html! {
        table {
            thead { tr { th scope="col" { "Class" } th.number scope="col" { (names.0) } th.number scope="col" { (names.1) } } }
            tbody {
                @for (class, points) in classes.iter().zip(&all) {
                    @for [x, y] in points.iter().step_by(points.len().div_ceil(12).max(1)) {
                        tr { th scope="row" { (class) } td.number { (short(*x)) } td.number { (short(*y)) } }
                    }
                }
            }
        }
    };
    figure(caption, note, &drawing, &table)
}

fn residuals(residuals: &Residuals) -> Markup {
    let ends = |at: usize| {
        let values =
            residuals.points.iter().map(|point| point[at]).filter(|value| value.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let room = (high - low) * 0.05;
        if low < high { (low - room, high + room) } else { (low - 1.0, low + 1.0) }
    };
    let plane = Plane::new(ends(0), ends(1));
    let inside = html! {
        line.mark x1=(px(plane.x.at(f64::NEG_INFINITY))) x2=(px(plane.x.at(f64::INFINITY))) y1=(px(plane.y.at(0.0))) y2=(px(plane.y.at(0.0))) {}
        @for [x, y] in &residuals.points {
            circle.dot cx=(px(plane.x.at(*x))) cy=(px(plane.y.at(*y))) r="2.2" {}
        }
    };
    let shown = residuals.points.len();
    let note = match shown < residuals.rows {
        true => format!("{shown} of {} rows", residuals.rows),
        false => format!("{shown} rows"),
    };
    let said = format!(
        "Residuals against predictions, {note}; some of the numbers are in the table below"
    );
    let drawing = plane.draw(&said, ("Predicted", "Actual less predicted"), &inside);
    let table = html! {
        table {
            thead { tr { th.number scope="col" { "Predicted" } th.number scope="col" { "Actual less predicted" } } }
            tbody {
                @for [x, y] in residuals.points.iter().step_by(shown.div_ceil(20).max(1)) {
                    tr { td.number { (short(*x)) } td.number { (short(*y)) } }
                }
            }
        }
    };
    figure("Residuals", &note, &drawing, &table)
}
