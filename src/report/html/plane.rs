//! From values to places in a drawing: scales, ticks and the frame of a chart.

use maud::{Markup, html};

/// A straight way from values to pixels.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        Self { from, to }
    }

    /// The pixel of a value; the middle where all values are the same.
    pub fn at(self, value: f64) -> f64 {
        let width = self.from.1 - self.from.0;
        let share = if width > 0.0 { (value - self.from.0) / width } else { 0.5 };
        self.to.0 + share.clamp(-0.05, 1.05) * (self.to.1 - self.to.0)
    }

    /// Round values between the ends, about `count` of them.
    pub fn ticks(self, count: usize) -> Vec<f64> {
        let (low, high) = self.from;
        let raw = (high - low) / count.max(1) as f64;
        if !raw.is_finite() || raw <= 0.0 {
            return vec![low];
        }
        let unit = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|times| times * unit)
            .find(|step| *step >= raw * 0.999)
            .unwrap_or(10.0 * unit);
        let first = (low / step - 1e-9).ceil();
        (0..=count * 2 + 2)
            .map(|at| (first + at as f64) * step)
            .take_while(|tick| *tick <= high + step * 1e-6)
            .collect()
    }
}

/// A number for an attribute, to a tenth of a pixel.
pub fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A number for an axis.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude < 1e-12 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&magnitude) {
        return format!("{value:.1e}");
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The size of a square chart with its axes.
pub const SIZE: (f64, f64) = (300.0, 250.0);
const LEFT: f64 = 46.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 40.0;

/// Where a chart of two axes draws.
pub struct Plane {
    pub x: Scale,
    pub y: Scale,
}

impl Plane {
    pub fn new(x: (f64, f64), y: (f64, f64)) -> Self {
        Self { x: Scale::new(x, (LEFT, SIZE.0 - RIGHT)), y: Scale::new(y, (SIZE.1 - BOTTOM, TOP)) }
    }

    /// A drawing with axes, their names and a grid.
    pub fn draw(&self, said: &str, names: (&str, &str), inside: &Markup) -> Markup {
        let (left, right) = (px(LEFT), px(SIZE.0 - RIGHT));
        let (top, bottom) = (px(TOP), px(SIZE.1 - BOTTOM));
        html! {
            svg.plot viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) role="img" aria-label=(said) {
                title { (said) }
                g.grid {
                    @for tick in self.x.ticks(5) {
                        line x1=(px(self.x.at(tick))) x2=(px(self.x.at(tick))) y1=(top) y2=(bottom) {}
                    }
                    @for tick in self.y.ticks(5) {
                        line x1=(left) x2=(right) y1=(px(self.y.at(tick))) y2=(px(self.y.at(tick))) {}
                    }
                }
                (inside)
                g.axis {
                    @for tick in self.x.ticks(5) {
                        text x=(px(self.x.at(tick))) y=(px(SIZE.1 - BOTTOM + 14.0)) text-anchor="middle" { (short(tick)) }
                    }
                    @for tick in self.y.ticks(5) {
                        text x=(px(LEFT - 6.0)) y=(px(self.y.at(tick) + 3.5)) text-anchor="end" { (short(tick)) }
                    }
                    text.label x=(px((LEFT + SIZE.0 - RIGHT) / 2.0)) y=(px(SIZE.1 - 6.0)) text-anchor="middle" { (names.0) }
                    text.label transform=(format!("translate(11 {}) rotate(-90)", px((SIZE.1 - BOTTOM + TOP) / 2.0)))
                        text-anchor="middle" { (names.1) }
                }
            }
        }
    }

    /// The points as the path of a line.
    pub fn path(&self, points: &[[f64; 2]]) -> String {
        let mut text = String::new();
        for (at, [x, y]) in points.iter().enumerate() {
            text.push(if at == 0 { 'M' } else { 'L' });
            text.push_str(&format!("{} {}", px(self.x.at(*x)), px(self.y.at(*y))));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let ticks = |low, high| Scale::new((low, high), (0.0, 1.0)).ticks(5);
        assert_eq!(
            ticks(0.0, 1.0).iter().map(|x| short(*x)).collect::<Vec<_>>(),
            ["0", "0.2", "0.4", "0.6", "0.8", "1"]
        );
        assert_eq!(ticks(-3.0, 11.0).first().map(|x| short(*x)), Some("0".to_owned()));
        assert_eq!(ticks(5.0, 5.0), [5.0]);
        assert_eq!(ticks(f64::NAN, 1.0).len(), 1);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([px(1.04), px(20.0), px(-0.25)], ["1", "20", "-0.2"]);
        assert_eq!([short(0.25), short(12000.0), short(1e-7)], ["0.25", "12000", "1.0e-7"]);
    }
}
