//! Columns centred and scaled by what outliers do not move.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{EachNumber, quantile, scale_or_one, sorted};
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector};
use crate::diagnostic::{Code, Problem, counted};

/// Subtracts the median of the training rows and divides by the distance of two of their quantiles,
/// so that single outliers do not move the scale.
///
/// Formula: `(x − median) / (quantile(high) − quantile(low))`, with quantiles on the straight line
/// between neighbours.
///
/// A column whose two quantiles are equal, such as a constant one, is centred and not divided.
/// Missing values are left out of all three and stay missing. **scikit-learn's `quantile_range` is
/// written as `low` and `high`, and as shares: 0.25, not 25. Quantiles that differ by rounding error
/// count as equal.**
///
/// ```yaml
/// prepare:
///   - impute
///   - robust: { low: 0.1, high: 0.9 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Robust {
    /// The columns to scale, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["*_mm"])]
    pub columns: Option<ColumnSelector>,
    /// Whether the median is subtracted.
    pub with_centering: bool,
    /// Whether the column is divided by the distance of its quantiles.
    pub with_scaling: bool,
    /// The share of rows below the lower quantile.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub low: f64,
    /// The share of rows below the upper quantile.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub high: f64,
}

impl Default for Robust {
    fn default() -> Self {
        Self { columns: None, with_centering: true, with_scaling: true, low: 0.25, high: 0.75 }
    }
}

struct Scale {
    centre: f64,
    scale: f64,
}

impl Transform for Robust {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: self.describe(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        if self.low < self.high {
            return Vec::new();
        }
        let message = format!("`low` ({}) is not below `high` ({})", self.low, self.high);
        let name = if self.low == Self::default().low { "high" } else { "low" };
        vec![
            Problem::of_parameter(Code::OutOfRange, name, message)
                .label("an empty range")
                .help("write a `low` below `high`, as in `low: 0.25` and `high: 0.75`"),
        ]
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let learned: Vec<Scale> =
            columns.iter().map(|column| self.scale(column, training.rows)).collect();
        let summary = counted(columns.len(), "column");
        Ok(FittedStep { apply: Box::new(EachNumber { learned, replace: Scale::replace }), summary })
    }
}

impl Robust {
    fn describe(&self) -> String {
        let distance = format!("the distance of the quantiles {} and {}", self.low, self.high);
        match (self.with_centering, self.with_scaling) {
            (true, true) => format!("centre on the median, divide by {distance}"),
            (true, false) => "centre on the median".to_owned(),
            (false, true) => format!("divide by {distance}"),
            (false, false) => "robust scaling, switched off".to_owned(),
        }
    }

    fn scale(&self, column: &Column, train_rows: usize) -> Scale {
        let values = sorted(column, train_rows);
        let at = |share| quantile(&values, share).unwrap_or(0.0);
        let (low, high, median) = (at(self.low), at(self.high), at(0.5));
        Scale {
            centre: if self.with_centering && median.is_finite() { median } else { 0.0 },
            scale: if self.with_scaling {
                scale_or_one(high - low, low.abs().max(high.abs()))
            } else {
                1.0
            },
        }
    }
}

impl Scale {
    fn replace(&self, value: f64) -> f64 {
        (value - self.centre) / self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed_one};
    use super::*;

    /// Values of `RobustScaler()`.
    #[test]
    fn the_quartiles_are_those_of_the_training_rows() {
        let made = transformed_one(&Robust::default(), &[1.0, 2.0, 4.0, 8.0, 100.0, 0.0], 5);
        assert_close(&made, &[-0.5, -1.0 / 3.0, 0.0, 2.0 / 3.0, 16.0, -2.0 / 3.0]);
    }

    /// Values of `RobustScaler(quantile_range=(10, 80))`: centre 4, scale 25.
    #[test]
    fn other_quantiles_and_gaps() {
        let step = Robust { low: 0.1, high: 0.8, ..Robust::default() };
        let made = transformed_one(&step, &[1.0, 2.0, f64::NAN, 4.0, 8.0, 100.0, 0.0], 6);
        assert!(made[2].is_nan());
        assert_close(&[made[0], made[6]], &[-0.12, -0.16]);
    }

    #[test]
    fn centring_and_scaling_can_be_switched_off() {
        let values = [1.0, 2.0, 4.0, 8.0, 100.0];
        let step = Robust { with_centering: false, ..Robust::default() };
        assert_close(&transformed_one(&step, &values, 5)[..2], &[1.0 / 6.0, 1.0 / 3.0]);
        let step = Robust { with_scaling: false, ..Robust::default() };
        assert_eq!(transformed_one(&step, &values, 5)[4], 96.0);
    }

    /// Values of `RobustScaler()`.
    #[test]
    fn a_constant_column_is_centred() {
        assert_eq!(transformed_one(&Robust::default(), &[5.0, 5.0, 5.0, 7.0], 3)[2..], [0.0, 2.0]);
        let made = transformed_one(&Robust::default(), &[f64::NAN, 3.0], 1);
        assert_eq!(made[1], 3.0);
    }

    #[test]
    fn quantiles_in_the_wrong_order_are_found_by_check() {
        assert!(Robust::default().check().is_empty());
        let problems = Robust { low: 0.9, ..Robust::default() }.check();
        assert_eq!(problems[0].code, Code::OutOfRange);
    }
}
