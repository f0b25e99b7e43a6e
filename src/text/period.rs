//! A span of time as text: `30s`, `5m`, `1.5h`, `250ms`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

/// A span of time, longer than none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

/// The units, from the smallest, in milliseconds.
const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Below it, a span is as good as none.
const SHORTEST: Duration = Duration::from_millis(1);

/// More digits before the point are a slip.
const MOST_DIGITS: usize = 9;

impl Period {
    /// The pattern of its text in the schema: just what can be read, so not zero.
    pub const PATTERN: &str = r"^(0*[1-9][0-9]{0,8}(\.[0-9]+)?|0+\.0*[1-9][0-9]*)(ms|s|m|h)$";

    /// What to write, for messages.
    pub const FORM: &str = "write a number and a unit, such as `30s`, `5m` or `1.5h`";

    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let well_formed = number.starts_with(|c: char| c.is_ascii_digit())
            && number.ends_with(|c: char| c.is_ascii_digit());
        let (Some((_, unit)), true, Ok(count)) = (known, well_formed, number.parse::<f64>()) else {
            return Err(format!("`{text}` is no span of time: {}", Self::FORM));
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.trim_start_matches('0').len() > MOST_DIGITS {
            return Err(format!("`{text}` is longer than anybody waits"));
        }
        if whole.chars().chain(fraction.chars()).all(|digit| digit == '0') {
            return Err(format!("`{text}` is no time at all: {}", Self::FORM));
        }
        let duration = Duration::from_secs_f64(count * *unit as f64 / 1e3).max(SHORTEST);
        Ok(Self(duration))
    }
}

/// In the largest unit that needs no fraction.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let whole = |unit: &&(&str, u64)| milliseconds.is_multiple_of(u128::from(unit.1));
        let (name, unit) = UNITS.iter().rev().find(whole).unwrap_or(&UNITS[0]);
        write!(f, "{}{name}", milliseconds / u128::from(*unit))
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written() {
        for (text, milliseconds, shown) in [
            ("30s", 30_000, "30s"),
            ("5m", 300_000, "5m"),
            ("1.5h", 5_400_000, "90m"),
            ("250ms", 250, "250ms"),
            ("0.5s", 500, "500ms"),
            ("120s", 120_000, "2m"),
            ("0.1ms", 1, "1ms"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.duration(), Duration::from_millis(milliseconds), "{text}");
            assert_eq!(period.to_string(), shown);
        }
        for text in [
            "",
            "30",
            "s",
            "0s",
            "-1s",
            "1e3s",
            "1.s",
            ".5s",
            "1d",
            "1 s",
            "0.00m",
            "nans",
            "1234567890s",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
