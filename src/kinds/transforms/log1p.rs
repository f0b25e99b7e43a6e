//! The logarithm of one plus the value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::EachNumber;
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Code, Problem, counted};

/// Replaces each number by the natural logarithm of one plus the number, for columns with a long
/// tail of large values.
///
/// Formula: `ln(1 + x)`, exact also where `x` is close to 0; numpy's `log1p`.
///
/// Nothing is learned from the training rows, and a constant column stays constant. Missing values
/// stay missing. **A value of -1 or less, in any row, is an error that names the column; numpy
/// answers with -inf or NaN.**
///
/// ```yaml
/// prepare:
///   - impute
///   - log1p: { columns: [body_mass_g] }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log1p {
    /// The columns to replace, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["income"])]
    pub columns: Option<ColumnSelector>,
}

impl Transform for Log1p {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: "logarithm of 1 + x".to_owned(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], _: &Training<'_>) -> Result<FittedStep, Problem> {
        for column in columns {
            let Values::Number(values) = &column.values else { continue };
            let refused = || values.iter().copied().filter(|value| *value <= -1.0);
            if let Some(first) = refused().next() {
                let message = format!(
                    "column `{}` has {} of -1 or less, such as {first}, where ln(1 + x) has no value",
                    column.name,
                    counted(refused().count(), "value"),
                );
                return Err(Problem::of_kind(Code::StepColumns, message)
                    .label("no logarithm")
                    .help(format!(
                        "take `{}` out of `columns`, or `clip` it before",
                        column.name
                    )));
            }
        }
        let learned = vec![(); columns.len()];
        let summary = counted(columns.len(), "column");
        let apply = EachNumber { learned, replace: |(), value| value.ln_1p() };
        Ok(FittedStep { apply: Box::new(apply), summary })
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed_one};
    use super::*;

    /// Values of `numpy.log1p`.
    #[test]
    fn small_and_large_values() {
        let made = transformed_one(&Log1p::default(), &[0.0, 1.0, -0.5, 1e-20, 1e300], 2);
        let ln_2 = std::f64::consts::LN_2;
        assert_close(&made, &[0.0, ln_2, -ln_2, 1e-20, 690.775_527_898_213_7]);
        assert_eq!(made[3], 1e-20);
        assert!(transformed_one(&Log1p::default(), &[f64::NAN], 1)[0].is_nan());
    }

    #[test]
    fn minus_one_is_an_error_in_every_row() {
        for values in [[-1.0, 0.0], [0.0, -3.5]] {
            let column = Column::number("income", values.to_vec());
            let problem =
                Log1p::default().fit(&[&column], &Training::unlabelled(1)).map(|_| ()).unwrap_err();
            assert_eq!(problem.code, Code::StepColumns);
            assert!(problem.message.contains("`income` has 1 value of -1 or less"), "{problem:?}");
        }
    }
}
