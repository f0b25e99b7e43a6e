//! Turns the text of a plain scalar into a value of YAML's core schema.
//! Numbers come out in the one spelling that a JSON schema and serde agree about.

use serde_json::Number;

/// What a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Atom {
    Null,
    Bool(bool),
    Number(Number),
    /// The scalar's own text.
    Text,
}

/// A number that JSON has no word for: an infinity, or what is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotFinite;

/// Reads a plain scalar by the core schema of YAML 1.2, section 10.3.2.
pub(super) fn plain(text: &str) -> Result<Atom, NotFinite> {
    let atom = match text {
        "" | "~" | "null" | "Null" | "NULL" => Atom::Null,
        "true" | "True" | "TRUE" => Atom::Bool(true),
        "false" | "False" | "FALSE" => Atom::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Err(NotFinite),
        _ => match number(text)? {
            Some(number) => Atom::Number(number),
            None => Atom::Text,
        },
    };
    Ok(atom)
}

fn number(text: &str) -> Result<Option<Number>, NotFinite> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return whole_number(digits, radix);
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Err(NotFinite);
    }
    if !is_decimal(unsigned) {
        return Ok(None);
    }
    let bare = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = bare.parse::<i64>() {
        return Ok(Some(whole.into()));
    }
    if let Ok(whole) = bare.parse::<u64>() {
        return Ok(Some(whole.into()));
    }
    match bare.parse() {
        Ok(float) => canonical(float).map(Some),
        Err(_) => Ok(None),
    }
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, which holds the whole numbers too.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)))
}

fn whole_number(digits: &str, radix: u32) -> Result<Option<Number>, NotFinite> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Ok(None);
    }
    if let Ok(whole) = u64::from_str_radix(digits, radix) {
        return Ok(Some(whole.into()));
    }
    let values = digits.chars().filter_map(|c| c.to_digit(radix));
    let float = values.fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit));
    canonical(float).map(Some)
}

/// The number as an integer where it is one: `5.0` passes a JSON schema as an integer, but serde
/// would refuse it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the ranges are checked just before, and a whole float converts exactly"
)]
fn canonical(float: f64) -> Result<Number, NotFinite> {
    const I64_MIN: f64 = -9_223_372_036_854_775_808.0;
    const U64_END: f64 = 18_446_744_073_709_551_616.0;
    if float.fract() == 0.0 && (0.0..U64_END).contains(&float) {
        return Ok((float as u64).into());
    }
    if float.fract() == 0.0 && (I64_MIN..0.0).contains(&float) {
        return Ok((float as i64).into());
    }
    Number::from_f64(float).ok_or(NotFinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match plain(text) {
            Ok(Atom::Null) => "null".into(),
            Ok(Atom::Bool(value)) => value.to_string(),
            Ok(Atom::Number(number)) => number.to_string(),
            Ok(Atom::Text) => format!("{text:?}"),
            Err(NotFinite) => "not finite".into(),
        }
    }

    #[test]
    fn the_core_schema() {
        for text in ["no", "yes", "on", "off", "y", "nULL", "tRUE", "1_000", "0b1", "12:30"] {
            assert_eq!(plain(text), Ok(Atom::Text), "{text}");
        }
        for text in ["+", "-", ".", "1e", "e3", "0o8", "0x", "0xg", "1.2.3", "--1", "- 1", "+0x1"] {
            assert_eq!(plain(text), Ok(Atom::Text), "{text}");
        }
        for text in ["0.1 .. 0.2", ".. 12", "0.8 ..", "< 3", "inf", "nan", "NaN", "infinity"] {
            assert_eq!(plain(text), Ok(Atom::Text), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Ok(Atom::Null), "{text}");
        }
        assert_eq!(json("True"), "true");
        assert_eq!(json("FALSE"), "false");
        assert_eq!(json("0o17"), "15");
        assert_eq!(json("0xfF"), "255");
        assert_eq!(json("+12"), "12");
        assert_eq!(json("007"), "7");
        assert_eq!(json(".5"), "0.5");
        assert_eq!(json("-1.5e-3"), "-0.0015");
    }

    #[test]
    fn whole_floats_are_integers() {
        for (text, expected) in [
            ("5.0", "5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("-0.0", "0"),
            ("-0", "0"),
            ("-7.0", "-7"),
            ("1e18", "1000000000000000000"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        assert_eq!(json("18446744073709551616"), "1.8446744073709552e+19");
        assert_eq!(json("0x10000000000000000"), "1.8446744073709552e+19");
        assert_eq!(json("1e300"), "1e+300");
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1e999", "-1e999"] {
            assert_eq!(plain(text), Err(NotFinite), "{text}");
        }
        assert_eq!(plain(&"9".repeat(400)), Err(NotFinite));
        assert_eq!(plain(&format!("0x{}", "f".repeat(400))), Err(NotFinite));
        assert_eq!(plain("-.nan"), Ok(Atom::Text));
    }
}
