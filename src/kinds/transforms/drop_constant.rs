//! Columns that tell nothing left out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::Problem;

/// Leaves out the columns that have the same value in all training rows.
///
/// A missing value counts as a value: a column with nothing but missing values is left out, and one
/// where some are missing and the others equal stays, because the gap may tell something. Columns
/// of every type are looked at. What the test rows hold is not: a category that only they have neither
/// saves a column nor drops it. **scikit-learn's
/// `VarianceThreshold(0)` does this for numbers, and passes over missing values.**
///
/// ```yaml
/// prepare:
///   - drop_constant
///   - impute
///   - one_hot
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DropConstant {
    /// The columns to look at, by name or glob. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["sensor_*"])]
    pub columns: Option<ColumnSelector>,
}

/// For each column, whether it stays.
struct Fitted(Vec<bool>);

impl Transform for DropConstant {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: |kind| !matches!(kind, ColumnKind::Other(_)),
            makes: Makes::SomeColumns,
            description: "drop constant columns".to_owned(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let stays: Vec<bool> =
            columns.iter().map(|column| !is_constant(&column.values, training.rows)).collect();
        let dropped: Vec<String> = columns
            .iter()
            .zip(&stays)
            .filter(|(_, stays)| !**stays)
            .map(|(column, _)| format!("`{}`", column.name))
            .collect();
        let summary = match dropped.len() {
            0 => "nothing dropped".to_owned(),
            n @ 1..=5 => format!("{n} dropped: {}", dropped.join(", ")),
            n => format!("{n} dropped: {} and {} more", dropped[..5].join(", "), n - 5),
        };
        Ok(FittedStep { apply: Box::new(Fitted(stays)), summary })
    }
}

fn is_constant(values: &Values, train_rows: usize) -> bool {
    match values {
        Values::Number(values) => {
            let same = |pair: &[f64]| pair[0] == pair[1] || (pair[0].is_nan() && pair[1].is_nan());
            values[..train_rows].windows(2).all(same)
        }
        Values::Category { codes, .. } => {
            codes[..train_rows].windows(2).all(|pair| pair[0] == pair[1])
        }
        Values::Bool(flags) => flags[..train_rows].windows(2).all(|pair| pair[0] == pair[1]),
        Values::Indicator(indicator) => {
            let is_on = |code: &u32| *code == indicator.code;
            indicator.codes[..train_rows].windows(2).all(|pair| is_on(&pair[0]) == is_on(&pair[1]))
        }
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        let keep = |(column, stays): (Column, bool)| if stays { vec![column] } else { Vec::new() };
        columns.into_iter().zip(self.0).map(keep).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::numbers::transformed;
    use super::*;
    use crate::data::MISSING;

    fn stays(values: Values, train: usize) -> bool {
        let column = Column { name: "x".into(), values };
        let fitted = DropConstant::default().fit(&[&column], &Training::unlabelled(train)).unwrap();
        fitted.apply.apply(vec![column])[0].len() == 1
    }

    /// The columns that `VarianceThreshold(0)` keeps, but for the gaps.
    #[test]
    fn the_training_rows_decide() {
        let made = transformed(&DropConstant::default(), &[&[1.0, 1.0, 9.0], &[1.0, 2.0, 2.0]], 2);
        assert_eq!(made, [("b".to_owned(), vec![1.0, 2.0, 2.0])]);
    }

    #[test]
    fn missing_counts_as_a_value() {
        let nan = f64::NAN;
        assert!(!stays(Values::Number(vec![nan, nan, 1.0]), 2));
        assert!(stays(Values::Number(vec![1.0, nan, 1.0]), 3));
        let dictionary: Arc<[Arc<str>]> = ["a", "b"].map(Arc::from).into();
        let codes = |codes: &[u32]| Values::Category {
            codes: codes.to_vec(),
            dictionary: dictionary.clone(),
        };
        assert!(!stays(codes(&[1, 1, 0]), 2));
        assert!(stays(codes(&[1, MISSING]), 2));
        assert!(!stays(Values::Bool(vec![None, None]), 2));
        assert!(stays(Values::Bool(vec![Some(true), Some(false)]), 2));
    }

    #[test]
    fn the_summary_names_what_is_dropped() {
        let columns: Vec<Column> =
            (0..7).map(|at| Column::number(format!("x{at}"), vec![1.0, 1.0])).collect();
        let picked: Vec<&Column> = columns.iter().collect();
        let summary = |count: usize| {
            DropConstant::default().fit(&picked[..count], &Training::unlabelled(2)).unwrap().summary
        };
        assert_eq!(summary(1), "1 dropped: `x0`");
        assert_eq!(summary(7), "7 dropped: `x0`, `x1`, `x2`, `x3`, `x4` and 2 more");
    }
}
