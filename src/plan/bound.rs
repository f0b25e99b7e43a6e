//! A bound as an interval, whichever way it was written.

use std::fmt;

use super::{Folds, Quantity};
use crate::spec::{self, Limit};

/// One end of a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    pub value: f64,
    /// Whether exactly this value is outside.
    pub strict: bool,
}

impl From<Limit> for End {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Inclusive(value) => Self { value, strict: false },
            Limit::Strict(value) => Self { value, strict: true },
        }
    }
}

/// The interval that a value must lie in; at least one end is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    pub low: Option<End>,
    pub high: Option<End>,
}

/// On which side a bound was missed, and by how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Miss {
    Below { end: End, by: f64 },
    Above { end: End, by: f64 },
}

/// How the values that a metric can have lie to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Some values meet it and some do not.
    Some,
    /// No value can meet it.
    None,
    /// Every value meets it.
    All,
}

impl Bound {
    /// The interval of a bound as a spec writes it; none if it has no end.
    pub fn of(bound: &spec::Bound) -> Option<Self> {
        let bound = match bound {
            spec::Bound::Text(text) => {
                Self { low: text.low.map(End::from), high: text.high.map(End::from) }
            }
            spec::Bound::Map(map) => {
                let end = |inclusive: Option<f64>, strict: Option<f64>| {
                    inclusive.map(Limit::Inclusive).or(strict.map(Limit::Strict)).map(End::from)
                };
                Self { low: end(map.min, map.above), high: end(map.max, map.below) }
            }
        };
        (bound.low.is_some() || bound.high.is_some()).then_some(bound)
    }

    /// Whether no number at all lies in the interval.
    pub fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                low.value > high.value || (low.value == high.value && (low.strict || high.strict))
            }
            _ => false,
        }
    }

    /// How a finite value lies to the bound. Within `1e-12 · max(1, |end|)` of an end counts as
    /// equal to it, so that a mean of 0.7, 0.8 and 0.9 meets 0.8 and is not above it.
    pub fn miss(&self, value: f64) -> Option<Miss> {
        if let Some(end) = self.low {
            let equal = (value - end.value).abs() <= tolerance(end.value);
            if (equal && end.strict) || (!equal && value < end.value) {
                return Some(Miss::Below { end, by: end.value - value });
            }
        }
        if let Some(end) = self.high {
            let equal = (value - end.value).abs() <= tolerance(end.value);
            if (equal && end.strict) || (!equal && value > end.value) {
                return Some(Miss::Above { end, by: value - end.value });
            }
        }
        None
    }

    /// How far inside the bound a value lies, negative where it lies outside.
    pub fn margin(&self, value: f64) -> f64 {
        let low = self.low.map_or(f64::INFINITY, |end| value - end.value);
        let high = self.high.map_or(f64::INFINITY, |end| end.value - value);
        low.min(high)
    }

    /// Compares with the lowest and highest value of a metric.
    pub fn reach(&self, (lowest, highest): (f64, f64)) -> Reach {
        let cut_low =
            self.low.is_some_and(|end| lowest < end.value || (lowest == end.value && end.strict));
        let cut_high = self
            .high
            .is_some_and(|end| highest > end.value || (highest == end.value && end.strict));
        let beyond_low =
            self.high.is_some_and(|end| end.value < lowest || (end.value == lowest && end.strict));
        let beyond_high =
            self.low.is_some_and(|end| end.value > highest || (end.value == highest && end.strict));
        match (beyond_low || beyond_high, cut_low || cut_high) {
            (true, _) => Reach::None,
            (false, true) => Reach::Some,
            (false, false) => Reach::All,
        }
    }
}

/// A bound and what it is about: `> 0.9`, `over the dummy >= 0.1 in 8 of 10 folds`.
pub fn required(quantity: Quantity, bound: &Bound, folds: Folds) -> String {
    let what = match quantity {
        Quantity::Value => "",
        Quantity::OverDummy => "over the dummy ",
        Quantity::TrainGap => "train gap ",
    };
    let over = match folds {
        Folds::One | Folds::Mean | Folds::Pooled => String::new(),
        Folds::AtLeast { least, of } if least == of => " in every fold".to_owned(),
        Folds::AtLeast { least, of } => format!(" in {least} of {of} folds"),
    };
    format!("{what}{bound}{over}")
}

fn tolerance(end: f64) -> f64 {
    1e-12 * end.abs().max(1.0)
}

/// All digits of a number; where that would be a row of zeros, with an exponent.
fn exact(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-5) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// `> 0.9`, `<= 12`, `0.1 .. 0.2`, `> 0.1 and <= 0.2`.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low =
            |end: End| format!("{} {}", if end.strict { ">" } else { ">=" }, exact(end.value));
        let high =
            |end: End| format!("{} {}", if end.strict { "<" } else { "<=" }, exact(end.value));
        match (self.low, self.high) {
            (Some(a), Some(b)) if !a.strict && !b.strict => {
                write!(f, "{} .. {}", exact(a.value), exact(b.value))
            }
            (Some(a), Some(b)) => write!(f, "{} and {}", low(a), high(b)),
            (Some(a), None) => f.write_str(&low(a)),
            (None, Some(b)) => f.write_str(&high(b)),
            (None, None) => f.write_str("no bound"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str) -> Bound {
        Bound::of(&spec::Bound::Text(spec::BoundText::parse(text).unwrap())).unwrap()
    }

    #[test]
    fn the_smallest_story() {
        let strict = bound("> 0.8");
        assert_eq!(strict.miss(0.85), None);
        assert!(matches!(strict.miss(0.75), Some(Miss::Below { .. })));
        assert!(strict.miss(0.8).is_some(), "exactly 0.8 fails a strict bound");
        assert_eq!(bound(">= 0.8").miss(0.8), None);
    }

    #[test]
    fn rounding_of_a_mean_does_not_decide() {
        let mean = (0.7 + 0.8 + 0.9) / 3.0;
        assert_ne!(mean, 0.8, "the sum is off in its last bits");
        assert_eq!(bound(">= 0.8").miss(mean), None);
        assert!(bound("> 0.8").miss(mean).is_some());
        assert_eq!(bound("<= 1e6").miss(1e6 + 1e-7), None);
        assert!(bound("<= 1").miss(1.0 + 1e-9).is_some());
    }

    #[test]
    fn reach_of_rates_and_errors() {
        let rate = (0.0, 1.0);
        assert_eq!(bound("> 1.2").reach(rate), Reach::None);
        assert_eq!(bound("> 1").reach(rate), Reach::None);
        assert_eq!(bound(">= 1").reach(rate), Reach::Some);
        assert_eq!(bound(">= 0").reach(rate), Reach::All);
        assert_eq!(bound("> 0").reach(rate), Reach::Some);
        assert_eq!(bound("< 0").reach((0.0, f64::INFINITY)), Reach::None);
        assert_eq!(bound("<= 1").reach((f64::NEG_INFINITY, 1.0)), Reach::All);
        assert_eq!(bound("0.1 .. 0.2").to_string(), "0.1 .. 0.2");
        assert_eq!(bound("< 1e-300").to_string(), "< 1e-300");
        assert_eq!(bound(">= -2.5e20").to_string(), ">= -2.5e20");
        assert_eq!(bound("<= 0.00012").to_string(), "<= 0.00012");
    }
}
