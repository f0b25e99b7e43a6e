//! Rows brought to length one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Problem, counted};

/// Divides each row by its length over the picked columns, so that only the direction of the row is
/// left.
///
/// Formula: `x / ‖row‖`, where the norm is `Σ |x|` (`l1`), `√Σ x²` (`l2`) or `max |x|` (`max`).
///
/// Each row is taken by itself: nothing is learned from the training rows, and a constant column is
/// like any other. A row of zeros stays as it is. **A missing value is left out of the length of its
/// row and stays missing; scikit-learn refuses it.**
///
/// ```yaml
/// prepare:
///   - impute
///   - normalize: { norm: l1, columns: ["*_mm"] }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Normalize {
    /// The columns that make up a row, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["share_*"])]
    pub columns: Option<ColumnSelector>,
    /// How the length of a row is measured.
    pub norm: Norm,
}

/// The length of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Norm {
    /// The sum of the absolute values.
    L1,
    /// The root of the sum of squares.
    #[default]
    L2,
    /// The largest absolute value.
    Max,
}

struct Fitted(Norm);

impl Transform for Normalize {
    fn about(&self) -> About<'_> {
        let norm = match self.norm {
            Norm::L1 => "sum of absolute values",
            Norm::L2 => "Euclidean length",
            Norm::Max => "largest absolute value",
        };
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: format!("divide each row by its {norm}"),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], _: &Training<'_>) -> Result<FittedStep, Problem> {
        let summary = counted(columns.len(), "column");
        Ok(FittedStep { apply: Box::new(Fitted(self.norm)), summary })
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, mut columns: Vec<Column>) -> Vec<Vec<Column>> {
        let rows = columns.first().map_or(0, Column::len);
        // Of each row first the largest absolute value: lengths are measured in it, so that squares
        // of huge and tiny numbers stay in the range of f64.
        let mut largest = vec![0.0_f64; rows];
        for column in &columns {
            for (largest, value) in largest.iter_mut().zip(numbers(column)) {
                // `max` passes over NaN, which stands for a missing value.
                *largest = largest.max(value.abs());
            }
        }
        // What there is no dividing by: a row of zeros, or one with an infinite value.
        for largest in &mut largest {
            if *largest == 0.0 || !largest.is_finite() {
                *largest = 0.0;
            }
        }
        let mut lengths = vec![0.0_f64; rows];
        for column in &columns {
            for ((length, largest), value) in lengths.iter_mut().zip(&largest).zip(numbers(column))
            {
                if *largest == 0.0 || value.is_nan() {
                    continue;
                }
                let part = (value / largest).abs();
                match self.0 {
                    Norm::L1 => *length += part,
                    Norm::L2 => *length += part * part,
                    Norm::Max => *length = 1.0,
                }
            }
        }
        if self.0 == Norm::L2 {
            lengths.iter_mut().for_each(|length| *length = length.sqrt());
        }
        for column in &mut columns {
            let Values::Number(values) = &mut column.values else { continue };
            for ((value, largest), length) in values.iter_mut().zip(&largest).zip(&lengths) {
                if *largest > 0.0 {
                    *value = *value / largest / length;
                }
            }
        }
        columns.into_iter().map(|column| vec![column]).collect()
    }
}

fn numbers(column: &Column) -> &[f64] {
    match &column.values {
        Values::Number(values) => values,
        Values::Category { .. } | Values::Bool(_) | Values::Indicator(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed};
    use super::*;

    fn rows(norm: Norm, a: &[f64], b: &[f64]) -> Vec<f64> {
        let made = transformed(&Normalize { norm, columns: None }, &[a, b], 1);
        made.into_iter().flat_map(|(_, values)| values).collect()
    }

    /// Values of `Normalizer` with each norm, column by column; rows of zeros stay.
    #[test]
    fn rows_have_length_one() {
        let (a, b) = ([3.0, 0.0, 1.0], [-4.0, 0.0, 1.0]);
        let expected = [3.0 / 7.0, 0.0, 0.5, -4.0 / 7.0, 0.0, 0.5];
        assert_close(&rows(Norm::L1, &a, &b), &expected);
        let half = 0.5_f64.sqrt();
        assert_close(&rows(Norm::L2, &a, &b), &[0.6, 0.0, half, -0.8, 0.0, half]);
        assert_close(&rows(Norm::Max, &a, &b), &[0.75, 0.0, 1.0, -1.0, 0.0, 1.0]);
    }

    #[test]
    fn gaps_are_left_out_and_extremes_stay_finite() {
        let made = rows(Norm::L2, &[f64::NAN, 1e300], &[-2.0, 1e300]);
        assert!(made[0].is_nan() && made[2] == -1.0);
        assert_close(&[made[1], made[3]], &[0.5_f64.sqrt(), 0.5_f64.sqrt()]);
        assert_close(&rows(Norm::L1, &[1e-310], &[3e-310]), &[0.25, 0.75]);
        let made = rows(Norm::Max, &[f64::INFINITY], &[2.0]);
        assert!(made[0].is_infinite() && made[1] == 2.0);
    }
}
