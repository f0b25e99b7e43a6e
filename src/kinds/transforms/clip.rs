//! Values beyond a limit set to the limit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{EachNumber, quantile, sorted};
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// Sets values beyond a limit to the limit, so that a few extreme ones do not decide.
///
/// Formula: `min(max(x, low), high)`. `lower` and `upper` are quantiles that are learned from the
/// training rows, on the straight line between neighbours; `min` and `max` are values. Where a
/// quantile and a value limit the same side, both hold, and the value has the last word.
///
/// At least one of the four has to be given. A constant column keeps its training rows; its test
/// rows are held to the same value by a quantile. Missing values are left out and stay missing. A
/// column without a value in the training rows has no quantiles, and only `min` and `max` limit it.
/// **scikit-learn has no such step; this is numpy's `clip` between quantiles, winsorizing.**
///
/// ```yaml
/// prepare:
///   - clip: { lower: 0.01, upper: 0.99, columns: [body_mass_g] }
///   - clip: { min: 0, columns: ["*_mm"] }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Clip {
    /// The columns to limit, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["income"])]
    pub columns: Option<ColumnSelector>,
    /// The share of training rows below the lower limit. Default: no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0), example = 0.01)]
    pub lower: Option<f64>,
    /// The share of training rows below the upper limit. Default: no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0), example = 0.99)]
    pub upper: Option<f64>,
    /// The smallest value that stays. Default: no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0)]
    pub min: Option<f64>,
    /// The largest value that stays. Default: no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 100)]
    pub max: Option<f64>,
}

/// The learned limits of one column, and those of the spec.
struct Limits {
    quantiles: (f64, f64),
    values: (f64, f64),
}

impl Transform for Clip {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: self.describe(),
        }
    }

    fn rules() -> Vec<Rule> {
        vec![
            Rule::any_of(&["lower", "upper", "min", "max"], "`clip` has no limit")
                .label("nothing to clip at")
                .help("give `lower` or `upper` as quantiles, or `min` or `max` as values"),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for (low_name, low, high_name, high) in
            [("lower", self.lower, "upper", self.upper), ("min", self.min, "max", self.max)]
        {
            if let (Some(low), Some(high)) = (low, high)
                && low >= high
            {
                let message = format!("`{low_name}` ({low}) is not below `{high_name}` ({high})");
                found.push(
                    Problem::of_parameter(Code::OutOfRange, low_name, message)
                        .label("leaves no values between")
                        .help(format!("write a `{low_name}` below `{high_name}`")),
                );
            }
        }
        found
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let learned: Vec<Limits> =
            columns.iter().map(|column| self.limits(column, training.rows)).collect();
        let summary = counted(columns.len(), "column");
        let apply = EachNumber { learned, replace: Limits::replace };
        Ok(FittedStep { apply: Box::new(apply), summary })
    }
}

impl Clip {
    fn describe(&self) -> String {
        let side = |name: &str, share: Option<f64>, value: Option<f64>| {
            let share = share.map(|share| format!("quantile {share}"));
            let parts: Vec<String> =
                share.into_iter().chain(value.map(|value| value.to_string())).collect();
            (!parts.is_empty()).then(|| format!("{name} {}", parts.join(" and ")))
        };
        let low = side("below", self.lower, self.min);
        let high = side("above", self.upper, self.max);
        let sides: Vec<String> = low.into_iter().chain(high).collect();
        format!("clip {}", sides.join(", "))
    }

    fn limits(&self, column: &Column, train_rows: usize) -> Limits {
        let values = if self.lower.or(self.upper).is_some() {
            sorted(column, train_rows)
        } else {
            Vec::new()
        };
        let learned = |share: Option<f64>, none: f64| {
            share
                .and_then(|share| quantile(&values, share))
                .filter(|limit| !limit.is_nan())
                .unwrap_or(none)
        };
        Limits {
            quantiles: (learned(self.lower, f64::NEG_INFINITY), learned(self.upper, f64::INFINITY)),
            values: (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY)),
        }
    }
}

impl Limits {
    /// `f64::clamp` leaves NaN as it is.
    fn replace(&self, value: f64) -> f64 {
        let (low, high) = self.quantiles;
        value.clamp(low, high.max(low)).clamp(self.values.0, self.values.1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed_one};
    use super::*;

    /// Limits of `numpy.quantile([1, 2, 4, 8, 100], [0.1, 0.8])`: 1.4 and 26.4.
    #[test]
    fn quantiles_are_those_of_the_training_rows() {
        let step = Clip { lower: Some(0.1), upper: Some(0.8), ..Clip::default() };
        let made = transformed_one(&step, &[1.0, 2.0, f64::NAN, 4.0, 8.0, 100.0, 1e9, -1e9], 6);
        assert!(made[2].is_nan());
        let kept = [&made[..2], &made[3..]].concat();
        assert_close(&kept, &[1.4, 2.0, 4.0, 8.0, 26.4, 26.4, 1.4]);
    }

    #[test]
    fn values_limit_and_have_the_last_word() {
        let step = Clip { min: Some(0.0), ..Clip::default() };
        assert_eq!(transformed_one(&step, &[-1.0, 1e9], 2), [0.0, 1e9]);
        let step = Clip { upper: Some(0.5), max: Some(2.0), ..Clip::default() };
        assert_eq!(transformed_one(&step, &[1.0, 3.0, 5.0], 3), [1.0, 2.0, 2.0]);
        let step = Clip { lower: Some(0.5), ..Clip::default() };
        assert_eq!(transformed_one(&step, &[f64::NAN, 7.0], 1)[1], 7.0);
    }

    #[test]
    fn contradictions_are_found_by_check() {
        let codes = |step: Clip| step.check().iter().map(|each| each.code).collect::<Vec<_>>();
        assert_eq!(codes(Clip { lower: Some(0.1), ..Clip::default() }), []);
        let crossed = Clip {
            lower: Some(0.9),
            upper: Some(0.1),
            min: Some(1.0),
            max: Some(1.0),
            ..Clip::default()
        };
        assert_eq!(codes(crossed), [Code::OutOfRange, Code::OutOfRange]);
    }
}
