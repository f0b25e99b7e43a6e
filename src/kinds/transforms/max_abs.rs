//! Columns brought into the range from -1 to 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{EachNumber, scale_or_one};
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Problem, counted};

/// Divides each column by the largest absolute value of its training rows.
///
/// Formula: `x / max |x|`, as scikit-learn's `MaxAbsScaler`.
///
/// Zeros stay zeros, so sparse columns stay sparse. A test row may lie beyond -1 and 1. A constant
/// column becomes 1 or -1; a column of zeros stays as it is. Missing values are left out and stay
/// missing.
///
/// ```yaml
/// prepare:
///   - impute
///   - max_abs: { columns: ["*_mm"] }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MaxAbs {
    /// The columns to scale, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["*_mm"])]
    pub columns: Option<ColumnSelector>,
}

impl Transform for MaxAbs {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: "divide by the largest absolute value".to_owned(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let learned: Vec<f64> =
            columns.iter().map(|column| largest(column, training.rows)).collect();
        let summary = counted(columns.len(), "column");
        let apply = EachNumber { learned, replace: |largest, value| value / largest };
        Ok(FittedStep { apply: Box::new(apply), summary })
    }
}

/// The largest absolute value of the training rows; 1 where there is none but zeros.
fn largest(column: &Column, train_rows: usize) -> f64 {
    let Values::Number(values) = &column.values else { return 1.0 };
    // `f64::max` passes over NaN, which stands for a missing value.
    scale_or_one(values[..train_rows].iter().map(|value| value.abs()).fold(0.0, f64::max), 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::numbers::transformed_one;
    use super::*;

    /// Values of `MaxAbsScaler`.
    #[test]
    fn the_test_rows_do_not_move_the_scale() {
        let made = transformed_one(&MaxAbs::default(), &[1.0, -4.0, 2.0, 8.0], 3);
        assert_eq!(made, [0.25, -1.0, 0.5, 2.0]);
    }

    #[test]
    fn zeros_and_gaps_stay() {
        assert_eq!(transformed_one(&MaxAbs::default(), &[0.0, 0.0, 3.0], 2), [0.0, 0.0, 3.0]);
        let made = transformed_one(&MaxAbs::default(), &[f64::NAN, -2.0], 2);
        assert!(made[0].is_nan() && made[1] == -1.0);
        let made = transformed_one(&MaxAbs::default(), &[f64::INFINITY, -2.0], 2);
        assert!(made[0].is_infinite() && made[1] == -2.0);
    }
}
