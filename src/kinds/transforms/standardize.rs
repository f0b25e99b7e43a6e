//! Columns brought to mean zero and variance one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Indicator, Values};
use crate::diagnostic::{Problem, counted};

/// Subtracts the mean of the training rows and divides by their standard deviation.
///
/// `(x − mean) / deviation`, with the deviation of the population (divided by n), as scikit-learn's
/// `StandardScaler`. A constant column becomes zeros; it is not divided, so test rows that differ
/// from it keep their distance. Missing values are left out of both and stay
/// missing.
///
/// ```yaml
/// prepare:
///   - impute
///   - standardize: { columns: ["*_mm"] }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Standardize {
    /// The columns to scale, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["*_mm"])]
    pub columns: Option<ColumnSelector>,
    /// Whether the mean is subtracted.
    pub with_mean: bool,
    /// Whether the column is divided by its standard deviation.
    pub with_std: bool,
}

impl Default for Standardize {
    fn default() -> Self {
        Self { columns: None, with_mean: true, with_std: true }
    }
}

struct Scale {
    mean: f64,
    deviation: f64,
}

struct Fitted(Vec<Scale>);

impl Standardize {
    fn describe(&self) -> String {
        match (self.with_mean, self.with_std) {
            (true, true) => "standardize to mean 0, deviation 1",
            (true, false) => "centre on the mean",
            (false, true) => "divide by the standard deviation",
            (false, false) => "standardize, switched off",
        }
        .to_owned()
    }
}

impl Transform for Standardize {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: self.describe(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let mut constant = 0;
        let scales = columns
            .iter()
            .map(|column| {
                let (mean, deviation) = match &column.values {
                    Values::Number(values) => moments(&values[..training.rows]),
                    Values::Indicator(indicator) => moments_of_two(indicator, training.rows),
                    Values::Category { .. } | Values::Bool(_) => {
                        return Scale { mean: 0.0, deviation: 1.0 };
                    }
                };
                constant += usize::from(deviation == 0.0);
                Scale {
                    mean: if self.with_mean { mean } else { 0.0 },
                    deviation: if self.with_std && deviation > 0.0 { deviation } else { 1.0 },
                }
            })
            .collect();
        let summary = match constant {
            0 => counted(columns.len(), "column"),
            n => format!("{}, {n} constant", counted(columns.len(), "column")),
        };
        Ok(FittedStep { apply: Box::new(Fitted(scales)), summary })
    }
}

/// Mean and population deviation of what is not missing, in two passes; (0, 0) of nothing.
/// Values are scaled by the largest one first, so that squares of huge numbers stay finite. A
/// deviation that is rounding error beside the mean counts as zero.
fn moments(values: &[f64]) -> (f64, f64) {
    let present = || values.iter().copied().filter(|value| !value.is_nan());
    let count = present().count() as f64;
    let largest = present().map(f64::abs).fold(0.0, f64::max);
    if count == 0.0 || largest == 0.0 || !largest.is_finite() {
        return (0.0, 0.0);
    }
    let first = present().map(|value| value / largest).sum::<f64>() / count;
    let mean = first + present().map(|value| value / largest - first).sum::<f64>() / count;
    let variance = present()
        .map(|value| {
            let distance = value / largest - mean;
            distance * distance
        })
        .sum::<f64>()
        / count;
    let deviation = variance.sqrt();
    let noise = 10.0 * f64::EPSILON * mean.abs();
    (mean * largest, if deviation <= noise { 0.0 } else { deviation * largest })
}

/// The same for a column of two numbers.
fn moments_of_two(indicator: &Indicator, rows: usize) -> (f64, f64) {
    let codes = &indicator.codes[..rows];
    let on = codes.iter().filter(|code| **code == indicator.code).count();
    let (count, on_count) = (rows as f64, on as f64);
    if on == 0 || on == rows {
        return (if on == 0 { indicator.off } else { indicator.on }, 0.0);
    }
    let share = on_count / count;
    let step = indicator.on - indicator.off;
    let deviation = step.abs() * (on_count * (count - on_count)).sqrt() / count;
    (indicator.off + step * share, deviation)
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        columns
            .into_iter()
            .zip(self.0)
            .map(|(mut column, scale)| {
                let scaled = |value: f64| (value - scale.mean) / scale.deviation;
                match &mut column.values {
                    Values::Number(values) => {
                        values.iter_mut().for_each(|value| *value = scaled(*value));
                    }
                    Values::Indicator(indicator) => {
                        indicator.on = scaled(indicator.on);
                        indicator.off = scaled(indicator.off);
                    }
                    Values::Category { .. } | Values::Bool(_) => {}
                }
                vec![column]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(values: &[f64], train: usize) -> Vec<f64> {
        let column = Column::number("x", values.to_vec());
        let fitted = Standardize::default().fit(&[&column], &Training::unlabelled(train)).unwrap();
        match fitted.apply.apply(vec![column]).remove(0).remove(0).values {
            Values::Number(values) => values,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_test_rows_do_not_move_the_scale() {
        assert_eq!(scaled(&[1.0, 3.0, 5.0], 2), [-1.0, 1.0, 3.0]);
    }

    #[test]
    fn constant_and_extreme_columns_stay_finite() {
        assert_eq!(scaled(&[7.1, 7.1, 7.1], 3), [0.0, 0.0, 0.0]);
        assert_eq!(scaled(&[0.1 + 0.2, 0.3, 0.3], 3)[1], 0.0);
        for scale in [1e-150, 1e150] {
            let made = scaled(&[scale, 3.0 * scale], 2);
            assert!((made[0] + 1.0).abs() < 1e-12 && (made[1] - 1.0).abs() < 1e-12, "{made:?}");
        }
    }

    #[test]
    fn columns_of_two_numbers_are_scaled_as_if_written_out() {
        let codes: std::sync::Arc<[u32]> = [0, 1, 1, 2, 1, 0, 3].into();
        for (code, on, off) in [(0, 1.0, 0.0), (1, 3.0, -0.5), (2, 1.0, 0.0), (3, 2.0, 7.1)] {
            let indicator = Indicator { codes: codes.clone(), levels: 4, code, on, off };
            let written = scaled(&indicator.numbers(), 6);
            let column = Column { name: "x".into(), values: Values::Indicator(indicator) };
            let step = Standardize::default();
            let fitted = step.fit(&[&column], &Training::unlabelled(6)).unwrap();
            let made = fitted.apply.apply(vec![column]).remove(0).remove(0).written_out();
            let Values::Number(made) = made.values else { panic!("{made:?}") };
            let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-13;
            assert!(made.iter().zip(&written).all(near), "{made:?} {written:?}");
        }
    }

    #[test]
    fn missing_values_stay_missing() {
        let made = scaled(&[1.0, f64::NAN, 3.0], 3);
        assert!(made[1].is_nan() && made[0] == -1.0);
    }
}
