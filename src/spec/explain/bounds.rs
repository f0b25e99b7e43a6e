//! Text that is no bound to a diagnostic, with the bound that it was probably meant as.

use serde_json::Value;

use super::words::shown;
use crate::diagnostic::{Code, Diagnostic, Fix, Place, Route, Segment, fraction};
use crate::kinds::metrics::{AnyMetric, Direction};
use crate::kinds::{Family, Parameters};
use crate::spec::BoundText;

/// How other languages and hands spell the signs.
const SIGNS: [(&str, &str); 4] = [("=>", ">="), ("=<", "<="), ("≥", ">="), ("≤", "<=")];

/// What else stands between the ends of a range.
const BETWEEN: [&str; 5] = [" to ", " - ", "–", "...", "-"];

pub fn no_bound(route: Route, value: &Value) -> Diagnostic {
    let text = value.as_str().unwrap_or_default();
    let place = Place::value(route);
    let meant = meant(text, good_side(&place));
    let message = format!("{} is not a bound", shown(value));
    let diagnostic = Diagnostic::error(Code::ThresholdSyntax, place.clone(), message);
    let diagnostic = if text.contains("${") {
        diagnostic
            .label("a bound is never taken from the environment")
            .help("write the number: what must hold belongs into the spec, where a review sees it")
    } else if text.contains('%') {
        let digits = text.trim_matches(|c: char| !c.is_ascii_digit() && c != '.');
        let help = match digits.parse::<f64>() {
            Ok(percent) => {
                format!("rates are fractions: write {} for {percent} %", fraction(percent))
            }
            Err(_) => "rates are fractions: 80 % is written 0.8".to_owned(),
        };
        diagnostic.label("not a bound").help(help)
    } else if let Some(meant) = &meant {
        diagnostic.label(format!("did you mean \"{meant}\"?")).help(format!("write \"{meant}\""))
    } else {
        diagnostic
            .label("not a bound")
            .help("write \"> 0.8\", \">= 0.8\", \"< 12\", \"<= 12\", or a range such as 0.1 .. 0.2")
    };
    match meant {
        Some(meant) => diagnostic.fix(Fix::rename(place, text, meant).unsure()),
        None => diagnostic,
    }
}

/// The sign of a bound on the good side of the metric that a threshold names.
pub fn good_side(place: &Place) -> Option<&'static str> {
    let Place::Spec { route, .. } = place else { return None };
    let [_, Segment::Key(key), ..] = route.segments() else { return None };
    let name = key.split('@').next()?;
    let metric = AnyMetric::build(name, Parameters(serde_json::Map::new())).ok()?;
    match metric.kind().about().direction {
        Direction::HigherIsBetter => Some(">="),
        Direction::LowerIsBetter => Some("<="),
        Direction::ZeroIsBest => None,
    }
}

/// A bound that differs from the text in how it is spelt; `sign` is for a number that has none.
fn meant(text: &str, sign: Option<&str>) -> Option<String> {
    let text = text.trim();
    let respelt = SIGNS.iter().find_map(|(other, ours)| {
        text.strip_prefix(other).map(|number| format!("{ours} {}", number.trim()))
    });
    let text = respelt.unwrap_or_else(|| text.to_owned());
    let number = text.trim_start_matches(['<', '>', '=', ' ']);
    let before = &text[..text.len() - number.len()];
    // `0,8` as half of the world writes it; two of them may be a list.
    let number = match number.split_once(',') {
        Some((whole, rest)) if !rest.contains([',', '.']) => format!("{whole}.{rest}"),
        Some(_) | None => number.to_owned(),
    };
    let number = match number.strip_suffix('%') {
        Some(percent) => (percent.trim().parse::<f64>().ok()? / 100.0).to_string(),
        None => number,
    };
    let range = BETWEEN.iter().find_map(|word| {
        let (low, high) = number.split_once(word)?;
        is_bound(format!("{} .. {}", low.trim(), high.trim()))
    });
    let whole = format!("{before}{number}");
    let signed = sign.filter(|_| before.is_empty()).map(|sign| format!("{sign} {number}"));
    range.or_else(|| is_bound(whole)).or_else(|| is_bound(signed?))
}

fn is_bound(text: String) -> Option<String> {
    BoundText::parse(&text).is_some().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_in_other_spellings_are_understood() {
        for (text, bound) in [
            ("=> 0.8", ">= 0.8"),
            ("=<0.8", "<= 0.8"),
            ("≥0.8", ">= 0.8"),
            ("> 0,8", "> 0.8"),
            ("> 95%", "> 0.95"),
            ("95 %", ">= 0.95"),
            ("0.8", ">= 0.8"),
            ("0.1 to 0.2", "0.1 .. 0.2"),
            ("0.1-0.2", "0.1 .. 0.2"),
            ("-0.5 – 0.2", "-0.5 .. 0.2"),
        ] {
            assert_eq!(meant(text, Some(">=")).as_deref(), Some(bound), "{text}");
        }
        for text in ["", "good", "> 0,8,9", "> x%", "1,000.5", "> 0.8 and < 0.9", "${LEAST}"] {
            assert_eq!(meant(text, Some(">=")), None, "{text}");
        }
        assert_eq!(meant("0.8", None), None, "on either side");
    }
}
