//! Columns brought into a given range.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{EachNumber, scale_or_one};
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Code, Problem, counted};

/// Brings each column into the range from 0 to 1, or another one, by the smallest and largest value
/// of the training rows.
///
/// Formula: `min + (x − low) / (high − low) · (max − min)`, where `low` and `high` are the smallest
/// and the largest value of the training rows.
///
/// A test row may lie outside the range, unless `clip` is on. A constant column becomes `min`;
/// test rows that differ from it keep their distance. Missing values are left out and stay missing.
/// **scikit-learn's `feature_range` is written as `min` and `max`. A column counts as constant where
/// its range is rounding error beside its values; scikit-learn compares the range itself with 2e-15.**
///
/// ```yaml
/// prepare:
///   - impute
///   - min_max: { min: -1, max: 1, clip: true }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MinMax {
    /// The columns to scale, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["*_mm"])]
    pub columns: Option<ColumnSelector>,
    /// What the smallest value of the training rows becomes.
    pub min: f64,
    /// What the largest value of the training rows becomes.
    pub max: f64,
    /// Whether values of test rows beyond the range are set to its ends.
    pub clip: bool,
}

impl Default for MinMax {
    fn default() -> Self {
        Self { columns: None, min: 0.0, max: 1.0, clip: false }
    }
}

/// One column's values and the range that they go to.
struct Scale {
    low: f64,
    /// From the smallest to the largest value, times `unit`; 1 for a constant.
    span: f64,
    /// 1, or 0.5 where the span would leave the range of f64.
    unit: f64,
    min: f64,
    width: f64,
    clip: Option<(f64, f64)>,
}

impl Transform for MinMax {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: format!(
                "scale to the range {} to {}{}",
                self.min,
                self.max,
                if self.clip { ", clipped" } else { "" }
            ),
        }
    }

    fn check(&self) -> Vec<Problem> {
        if self.min < self.max && (self.max - self.min).is_finite() {
            return Vec::new();
        }
        let message = format!("`min` ({}) is not below `max` ({})", self.min, self.max);
        let name = if self.min == Self::default().min { "max" } else { "min" };
        vec![
            Problem::of_parameter(Code::OutOfRange, name, message)
                .label("an empty range")
                .help("write a `min` below `max`"),
        ]
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let learned: Vec<Scale> =
            columns.iter().map(|column| self.scale(column, training.rows)).collect();
        let summary = counted(columns.len(), "column");
        Ok(FittedStep { apply: Box::new(EachNumber { learned, replace: Scale::replace }), summary })
    }
}

impl MinMax {
    fn scale(&self, column: &Column, train_rows: usize) -> Scale {
        let Values::Number(values) = &column.values else { return self.between(0.0, 0.0) };
        // `min` and `max` pass over NaN, which stands for a missing value.
        let low = values[..train_rows].iter().copied().fold(f64::INFINITY, f64::min);
        let high = values[..train_rows].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low.is_finite() && high.is_finite() {
            self.between(low, high)
        } else {
            self.between(0.0, 0.0)
        }
    }

    fn between(&self, low: f64, high: f64) -> Scale {
        let unit = if (high - low).is_finite() { 1.0 } else { 0.5 };
        let span = high * unit - low * unit;
        let span = scale_or_one(span, low.abs().max(high.abs()) * unit);
        let clip = self.clip.then_some((self.min, self.max));
        Scale { low, span, unit, min: self.min, width: self.max - self.min, clip }
    }
}

impl Scale {
    fn replace(&self, value: f64) -> f64 {
        let share = (value * self.unit - self.low * self.unit) / self.span;
        let made = self.min + share * self.width;
        match self.clip {
            Some((min, max)) => made.clamp(min, max),
            None => made,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed_one};
    use super::*;

    /// Values of `MinMaxScaler(feature_range=(-1, 2))`.
    #[test]
    fn the_range_is_that_of_the_training_rows() {
        let step = MinMax { min: -1.0, max: 2.0, ..MinMax::default() };
        let made = transformed_one(&step, &[1.0, 3.0, 6.0, 8.0, 0.0], 3);
        assert_close(&made, &[-1.0, 0.2, 2.0, 3.2, -1.6]);
    }

    /// Values of `MinMaxScaler(clip=True)`.
    #[test]
    fn clip_keeps_test_rows_inside() {
        let step = MinMax { clip: true, ..MinMax::default() };
        assert_eq!(transformed_one(&step, &[1.0, 3.0, 6.0, 8.0, 0.0], 3)[3..], [1.0, 0.0]);
    }

    /// Values of `MinMaxScaler(feature_range=(-1, 2))`, but for the last two, which overflow there.
    #[test]
    fn constant_and_extreme_columns_stay_finite() {
        let step = MinMax { min: -1.0, max: 2.0, ..MinMax::default() };
        assert_eq!(transformed_one(&step, &[5.0, 5.0, 7.0], 2), [-1.0, -1.0, 5.0]);
        assert_close(&transformed_one(&step, &[0.1 + 0.2, 0.3], 2), &[-1.0, -1.0]);
        let made = transformed_one(&step, &[-f64::MAX, f64::MAX, 0.0], 2);
        assert_close(&made, &[-1.0, 2.0, 0.5]);
        let made = transformed_one(&step, &[f64::INFINITY, 1.0], 2);
        assert!(made[0].is_infinite() && !made[1].is_nan());
    }

    #[test]
    fn missing_values_stay_missing() {
        let made = transformed_one(&MinMax::default(), &[1.0, f64::NAN, 3.0], 3);
        assert!(made[0] == 0.0 && made[1].is_nan() && made[2] == 1.0);
        let made = transformed_one(&MinMax::default(), &[f64::NAN, f64::NAN, 3.0], 2);
        assert_eq!(made[2], 3.0);
    }

    #[test]
    fn an_empty_range_is_found_by_check() {
        assert!(MinMax::default().check().is_empty());
        let problems = MinMax { min: 2.0, ..MinMax::default() }.check();
        assert_eq!(problems[0].code, Code::OutOfRange);
    }
}
