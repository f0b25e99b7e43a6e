//! Holds a bound against the values that its metric can have: one that none or all of them meet is a finding, with the
//! nearest bound that says something as its fix. How the bound is compared is left to `comparisons`.

use super::bound::{Bound, End, Reach};
use super::{Ends, Metric};
use crate::diagnostic::{Certainty, Code, Diagnostic, Edit, Fix, Place, Route, fraction};
use crate::kinds::metrics::Direction;
use crate::spec;

/// Refuses a bound that tells no model from another.
pub fn check(
    written: &spec::Bound,
    (bound, ends): (Bound, &Ends),
    route: &Route,
    metric: &Metric,
) -> Result<(), Box<Diagnostic>> {
    let about = metric.kind.kind().about();
    let (name, range) = (metric.kind.name(), about.range);
    let reach = bound.reach(range);
    let (code, message, label) = match reach {
        Reach::Some => return Ok(()),
        Reach::None => (Code::ThresholdImpossible, "no model can meet this bound", "cannot be met"),
        Reach::All => (Code::ThresholdTrivial, "every model meets this bound", "can never fail"),
    };
    let message = format!("{message}: {name} is {}", words(range));
    let diagnostic = Diagnostic::error(code, Place::value(route.clone()), message).label(label);
    let (inside, diagnostic) = match as_fraction(bound, range) {
        Some((percent, inside)) => (Some(inside), diagnostic.help(in_fractions(percent))),
        None => {
            let help = "choose a bound inside the metric's range";
            (nearest(bound, reach, range, about.direction), diagnostic.help(help))
        }
    };
    Err(Box::new(
        match inside.and_then(|inside| rewritten(written, (bound, inside), ends, route)) {
            Some(fix) => diagnostic.fix(fix),
            None => diagnostic,
        },
    ))
}

/// The values that a metric can have, in words.
pub fn words((low, high): (f64, f64)) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("between {low} and {high}"),
        (true, false) => format!("at least {low}"),
        (false, true) => format!("at most {high}"),
        (false, false) => "any number".to_owned(),
    }
}

/// A number of percent, where fractions are asked for.
pub fn percent(value: f64, highest: f64) -> Option<f64> {
    (highest == 1.0 && (2.0..=100.0).contains(&value)).then_some(value)
}

/// How to write percents.
pub fn in_fractions(percent: f64) -> String {
    format!("rates are fractions: {percent} % is written {}", fraction(percent))
}

/// The first number of a bound that is in percent, and the bound in fractions, if it says something so.
fn as_fraction(bound: Bound, range: (f64, f64)) -> Option<(f64, Bound)> {
    let ends = [bound.low, bound.high].into_iter().flatten();
    let first = ends.filter_map(|end| percent(end.value, range.1)).next()?;
    let inside = |end: End| match percent(end.value, range.1) {
        Some(percent) => End { value: fraction(percent), ..end },
        None => end,
    };
    let inside = Bound { low: bound.low.map(inside), high: bound.high.map(inside) };
    is_sound(inside, range).then_some((first, inside))
}

/// Whether some models meet a bound and others do not, and each of its ends is a value of the metric.
fn is_sound(bound: Bound, (lowest, highest): (f64, f64)) -> bool {
    let mut ends = [bound.low, bound.high].into_iter().flatten();
    let are_inside =
        ends.all(|end| end.value.is_finite() && lowest <= end.value && end.value <= highest);
    are_inside && !bound.is_empty() && bound.reach((lowest, highest)) == Reach::Some
}

/// The nearest bound that some models meet and others do not. On the bad side there is none: it would ask for
/// the worst.
fn nearest(
    bound: Bound,
    reach: Reach,
    (lowest, highest): (f64, f64),
    direction: Direction,
) -> Option<Bound> {
    let inside = match (bound.low, bound.high, direction) {
        (Some(low), high, Direction::HigherIsBetter) => {
            let low = match reach {
                Reach::None => End { value: low.value.min(highest), strict: false },
                Reach::Some | Reach::All => End { value: lowest, strict: true },
            };
            Bound { low: Some(low), high: high.filter(|_| reach == Reach::None) }
        }
        (low, Some(high), Direction::LowerIsBetter) => {
            let high = match reach {
                Reach::None => End { value: high.value.max(lowest), strict: false },
                Reach::Some | Reach::All => End { value: highest, strict: true },
            };
            Bound { low: low.filter(|_| reach == Reach::None), high: Some(high) }
        }
        (Some(_) | None, _, _) => return None,
    };
    // A bound of two ends that all values meet would have to lose one.
    let keeps_ends = bound.low.is_some() == inside.low.is_some()
        && bound.high.is_some() == inside.high.is_some();
    (keeps_ends && is_sound(inside, (lowest, highest))).then_some(inside)
}

/// Writes a bound in the place of another one, in its form: text, or the keys of a map.
fn rewritten(
    written: &spec::Bound,
    (old, new): (Bound, Bound),
    ends: &Ends,
    route: &Route,
) -> Option<Fix> {
    let spec::Bound::Map(_) = written else {
        let yaml = text(new)?;
        let title = format!("write `{yaml}`");
        return Some(Fix::guess(title, Edit::Rewrite { place: Place::value(route.clone()), yaml }));
    };
    let mut edits = Vec::new();
    let mut titles = Vec::new();
    let sides = [
        (old.low, new.low, &ends.low, ["min", "above"]),
        (old.high, new.high, &ends.high, ["max", "below"]),
    ];
    for (old, new, key, keys) in sides {
        let (Some(old), Some(new), Some(key)) = (old, new, key) else { continue };
        if old == new {
            continue;
        }
        let yaml = new.value.to_string();
        let name = keys[usize::from(new.strict)];
        titles.push(format!("{name}: {yaml}"));
        edits.push(Edit::Rewrite { place: Place::value(key.clone()), yaml });
        if old.strict != new.strict {
            let old = keys[usize::from(old.strict)].to_owned();
            edits.push(Edit::Replace { place: Place::key(key.clone()), old, new: name.to_owned() });
        }
    }
    let title = format!("write `{}`", titles.join(", "));
    (!edits.is_empty()).then_some(Fix { title, certainty: Certainty::Guess, edits })
}

/// A bound as text in YAML.
fn text(bound: Bound) -> Option<String> {
    match (bound.low, bound.high) {
        (Some(low), Some(high)) => (!low.strict && !high.strict).then(|| bound.to_string()),
        // What begins with `>` needs quotes.
        (Some(_), None) | (None, Some(_)) => Some(format!("\"{bound}\"")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: (f64, f64) = (0.0, 1.0);

    fn at_least(value: f64) -> Bound {
        Bound { low: Some(End { value, strict: false }), high: None }
    }

    fn at_most(value: f64) -> Bound {
        Bound { low: None, high: Some(End { value, strict: false }) }
    }

    fn near(bound: Bound, range: (f64, f64), direction: Direction) -> Option<String> {
        nearest(bound, bound.reach(range), range, direction).map(|bound| bound.to_string())
    }

    #[test]
    fn the_nearest_bound_lies_inside_of_the_range() {
        use Direction::{HigherIsBetter as Up, LowerIsBetter as Down, ZeroIsBest as Zero};
        let shown = |bound, range, direction| near(bound, range, direction).unwrap();
        assert_eq!(shown(at_least(1.2), RATE, Up), ">= 1");
        assert_eq!(shown(at_least(0.0), RATE, Up), "> 0");
        assert_eq!(shown(at_most(-1.0), (0.0, f64::INFINITY), Down), "<= 0");
        assert_eq!(shown(at_most(1.0), RATE, Down), "< 1");
        // It would ask for the worst, or for nothing that can be written down.
        assert_eq!(near(at_most(-1.0), RATE, Up), None);
        assert_eq!(near(at_least(0.0), (0.0, f64::INFINITY), Down), None);
        assert_eq!(near(at_least(2.0), (-1.0, 1.0), Zero), None);
        let both = Bound { low: at_least(0.0).low, high: at_most(1.0).high };
        assert_eq!(near(both, RATE, Up), None, "it would have to lose an end");
        let beyond = Bound { low: at_least(1.5).low, high: at_most(2.0).high };
        assert_eq!(near(beyond, RATE, Up), None, "its other end is no value either");
    }

    #[test]
    fn percents_become_fractions_at_both_ends() {
        let shown = |low: f64, high: f64| {
            let bound = Bound { low: at_least(low).low, high: at_most(high).high };
            as_fraction(bound, RATE).map(|(percent, bound)| (percent, bound.to_string()))
        };
        assert_eq!(shown(90.0, 95.0), Some((90.0, "0.9 .. 0.95".to_owned())));
        assert_eq!(shown(0.5, 99.9), Some((99.9, "0.5 .. 0.999".to_owned())));
        assert_eq!(shown(1.0, 3.0), None, "nothing lies between");
        assert_eq!(shown(1.5, 95.0), None);
        assert_eq!(fraction(99.9).to_string(), "0.999");
    }
}
