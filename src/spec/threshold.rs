//! Thresholds: bounds as text, as maps, or as lists of both.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::Text;

/// Every threshold of a spec, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(pub Vec<(String, Threshold)>);

/// What one name must meet.
#[derive(Clone, Debug, PartialEq)]
pub enum Threshold {
    One(Bound),
    Many(Vec<Bound>),
}

/// One bound, in either form.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Text(BoundText),
    Map(BoundMap),
}

/// The end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The value itself is allowed.
    Inclusive(f64),
    /// The value itself is not allowed.
    Strict(f64),
}

/// A bound written as text: `> 0.8`, `0.1 .. 0.2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundText {
    pub low: Option<Limit>,
    pub high: Option<Limit>,
}

/// How much a missed bound weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Severity {
    /// A missed bound fails the spec.
    #[default]
    Fail,
    /// A missed bound is reported and lets the spec pass. What cannot be compared is an error
    /// all the same.
    Warn,
}

/// A bound on a metric: as text (`"> 0.8"`, `">= 0.8"`, `"< 12"`, `"<= 12"`, or `0.1 .. 0.2`,
/// `0.8 ..` and `.. 12` with both ends allowed), as a map of these keys, or as a list of both.
///
/// Without quotes YAML reads `> 0.8` as the start of a block of text, which is an error that says
/// so. A bound that no value or every value meets is an error too.
///
/// ```yaml
/// data:
///   split:
///     k_fold: { folds: 5 }
/// thresholds:
///   accuracy:
///     - "> 0.9"
///     - { min: 0.85, folds: worst, because: "no fold may be left behind" }
///     - { over_dummy: 0.3, max_train_gap: 0.05, severity: warn }
///   log_loss: .. 0.3
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundMap {
    /// The value must be at least this.
    #[serde(default)]
    #[schemars(example = 0.8)]
    pub min: Option<f64>,
    /// The value must be at most this.
    #[serde(default)]
    #[schemars(example = 12)]
    pub max: Option<f64>,
    /// The value must be greater than this; exactly this fails.
    #[serde(default)]
    #[schemars(example = 0.8)]
    pub above: Option<f64>,
    /// The value must be less than this; exactly this fails.
    #[serde(default)]
    #[schemars(example = 12)]
    pub below: Option<f64>,
    /// How much better than the dummy model's the value must be; the dummy knows the training rows'
    /// answers and no features.
    #[serde(default)]
    #[schemars(range(min = 0.0), example = 0.1)]
    pub over_dummy: Option<f64>,
    /// How much better the value on the training rows may be than on the judged ones.
    #[serde(default)]
    #[schemars(range(min = 0.0), example = 0.05)]
    pub max_train_gap: Option<f64>,
    /// What must meet the bound where a split gives several folds: their `mean`, the `worst` of them,
    /// their predictions `pooled`, or a number of them as in `8 of 10`. Default: `mean`, and `pooled`
    /// where a fold's value is not an average, as for f1.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::fold_rule")]
    pub folds: Option<FoldRule>,
    /// What a missed bound does to the spec.
    #[serde(default)]
    pub severity: Severity,
    /// Why the bound is there; shown when it is missed.
    #[serde(default)]
    #[schemars(example = &"the app shows a name, so every species counts the same")]
    pub because: Option<Text>,
}

/// What must meet a bound where there are several folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldRule {
    Mean,
    Worst,
    Pooled,
    /// So many of so many folds.
    Count {
        least: usize,
        of: usize,
    },
}

impl FoldRule {
    /// The grammar as a regular expression, for the schema.
    pub const PATTERN: &str = "^(mean|worst|pooled|[1-9][0-9]{0,5} of [1-9][0-9]{0,5})$";

    /// Reads `mean`, `worst`, `pooled` or `8 of 10`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "mean" => Self::Mean,
            "worst" => Self::Worst,
            "pooled" => Self::Pooled,
            counted => {
                let (least, of) = counted.split_once(" of ")?;
                Self::Count { least: least.parse().ok()?, of: of.parse().ok()? }
            }
        })
    }
}

impl<'de> Deserialize<'de> for FoldRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("{text:?} is no rule for folds")))
    }
}

/// A number as it may stand in a bound's text.
const NUMBER: &str = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?";

/// The white space of YAML; what else counts as space differs between regular expressions.
const S: &str = r"[ \t\r\n]*";

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Whether text is `NUMBER`. A value beyond the range of f64 is one, too, and refused by `plan`.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole.is_empty() || digits(whole)) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

impl BoundText {
    /// The grammar as a regular expression, for the schema.
    pub fn pattern() -> String {
        format!(
            r"^{S}(?:(?:>=?|<=?){S}{NUMBER}|{NUMBER}{S}\.\.(?:{S}{NUMBER})?|\.\.{S}{NUMBER}){S}$"
        )
    }

    /// Reads `> 0.8`, `>= 0.8`, `< 12`, `<= 12`, `0.1 .. 0.2`, `0.8 ..` or `.. 12`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = trimmed(text);
        let number = |part: &str| {
            let part = trimmed(part);
            is_number(part).then(|| part.parse::<f64>().ok()).flatten()
        };
        if let Some(rest) = text.strip_prefix(">=") {
            return Some(Self { low: Some(Limit::Inclusive(number(rest)?)), high: None });
        }
        if let Some(rest) = text.strip_prefix('>') {
            return Some(Self { low: Some(Limit::Strict(number(rest)?)), high: None });
        }
        if let Some(rest) = text.strip_prefix("<=") {
            return Some(Self { low: None, high: Some(Limit::Inclusive(number(rest)?)) });
        }
        if let Some(rest) = text.strip_prefix('<') {
            return Some(Self { low: None, high: Some(Limit::Strict(number(rest)?)) });
        }
        let (low, high) = text.split_once("..")?;
        let end = |part: &str| match trimmed(part) {
            "" => Some(None),
            part => number(part).map(|value| Some(Limit::Inclusive(value))),
        };
        let bound = Self { low: end(low)?, high: end(high)? };
        (bound.low.is_some() || bound.high.is_some()).then_some(bound)
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BoundVisitor)
    }
}

struct BoundVisitor;

impl<'de> Visitor<'de> for BoundVisitor {
    type Value = Bound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bound such as \"> 0.8\", or a map such as { min: 0.8 }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bound, E> {
        BoundText::parse(text)
            .map(Bound::Text)
            .ok_or_else(|| E::custom(format!("{text:?} is not a bound")))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bound, A::Error> {
        BoundMap::deserialize(de::value::MapAccessDeserializer::new(map)).map(Bound::Map)
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ThresholdVisitor;
        impl<'de> Visitor<'de> for ThresholdVisitor {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a bound, or a list of bounds")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Threshold, E> {
                BoundVisitor.visit_str(text).map(Threshold::One)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Threshold, A::Error> {
                BoundVisitor.visit_map(map).map(Threshold::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Threshold, A::Error> {
                let mut bounds = Vec::new();
                while let Some(bound) = seq.next_element()? {
                    bounds.push(bound);
                }
                Ok(Threshold::Many(bounds))
            }
        }
        deserializer.deserialize_any(ThresholdVisitor)
    }
}

impl<'de> Deserialize<'de> for Thresholds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::decode::pairs(deserializer, "a map of metric names and bounds").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_form_reads_as_meant() {
        use Limit::{Inclusive, Strict};
        for (text, low, high) in [
            ("> 0.8", Some(Strict(0.8)), None),
            (">=0.8", Some(Inclusive(0.8)), None),
            ("< 12", None, Some(Strict(12.0))),
            ("<= -1e-3", None, Some(Inclusive(-1e-3))),
            ("0.1 .. 0.2", Some(Inclusive(0.1)), Some(Inclusive(0.2))),
            ("0.1..0.2", Some(Inclusive(0.1)), Some(Inclusive(0.2))),
            ("0.8 ..", Some(Inclusive(0.8)), None),
            (".. 12", None, Some(Inclusive(12.0))),
            ("...5", None, Some(Inclusive(0.5))),
        ] {
            assert_eq!(BoundText::parse(text), Some(BoundText { low, high }), "{text}");
        }
        for text in ["", "0.8", "..", "=> 0.8", "> ", "> x", "> nan", "> inf", "> 0.8 %", "1 . 2"] {
            assert_eq!(BoundText::parse(text), None, "{text}");
        }
    }
}
