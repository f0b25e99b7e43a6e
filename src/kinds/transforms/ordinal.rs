//! Categories as whole numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, MISSING, Values};
use crate::diagnostic::{Code, Problem, counted};

/// Replaces each category by a whole number: its place among the categories of the training rows,
/// sorted by code point and counted from 0.
///
/// The order of the numbers is that of the names and means nothing else, which suits trees better
/// than models that add or compare distances; see `one_hot` for those.
///
/// A category first seen in the test rows becomes `unknown`, which may not be the number of a
/// category. A missing value stays missing, now as a number. A constant column becomes 0. **A new
/// category is no error as in scikit-learn, where `handle_unknown` and `unknown_value` say what
/// `unknown` says here.**
///
/// ```yaml
/// prepare:
///   - impute
///   - ordinal: { columns: [island], unknown: -1 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ordinal {
    /// The columns to replace, by name or glob. Default: all that hold categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["island"])]
    pub columns: Option<ColumnSelector>,
    /// The number for categories that the training rows do not have.
    pub unknown: i32,
}

impl Default for Ordinal {
    fn default() -> Self {
        Self { columns: None, unknown: -1 }
    }
}

/// For each code of a column's dictionary, the number that replaces it.
struct Fitted(Vec<Vec<f64>>);

impl Transform for Ordinal {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: |kind| *kind == ColumnKind::Text,
            makes: Makes::Numbers,
            description: format!("categories as whole numbers, {} if new", self.unknown),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let numbers = columns
            .iter()
            .map(|column| self.numbers(column, training.rows))
            .collect::<Result<_, _>>()?;
        let summary = counted(columns.len(), "column");
        Ok(FittedStep { apply: Box::new(Fitted(numbers)), summary })
    }
}

impl Ordinal {
    fn numbers(&self, column: &Column, train_rows: usize) -> Result<Vec<f64>, Problem> {
        let Values::Category { codes, dictionary } = &column.values else {
            let message = format!("`{}` holds {}, not categories", column.name, column.kind());
            return Err(Problem::of_kind(Code::StepColumns, message)
                .label("not categories")
                .help("declare the column in `types` as `category`"));
        };
        let mut seen = vec![false; dictionary.len()];
        for code in codes[..train_rows].iter().filter(|code| **code != MISSING) {
            seen[*code as usize] = true;
        }
        let mut kept: Vec<usize> = (0..seen.len()).filter(|code| seen[*code]).collect();
        // A step before may have put a category at the end of the dictionary.
        kept.sort_by(|a, b| dictionary[*a].cmp(&dictionary[*b]));
        if let Some(code) = usize::try_from(self.unknown).ok().and_then(|at| kept.get(at)) {
            let message = format!(
                "`unknown` ({}) is the number of the category `{}` of `{}`",
                self.unknown, dictionary[*code], column.name
            );
            return Err(Problem::of_parameter(Code::ModelParameter, "unknown", message)
                .label("a category has this number")
                .help("write a negative number"));
        }
        let mut numbers = vec![f64::from(self.unknown); dictionary.len()];
        for (number, code) in kept.into_iter().enumerate() {
            numbers[code] = number as f64;
        }
        Ok(numbers)
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        columns
            .into_iter()
            .zip(self.0)
            .map(|(column, numbers)| {
                let Values::Category { codes, .. } = &column.values else { return vec![column] };
                let number = |code: &u32| match *code {
                    MISSING => f64::NAN,
                    code => numbers[code as usize],
                };
                vec![Column::number(column.name.clone(), codes.iter().map(number).collect())]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn column(codes: &[u32]) -> Column {
        let dictionary: Arc<[Arc<str>]> = ["b", "c", "d", "a"].map(Arc::from).into();
        Column { name: "x".into(), values: Values::Category { codes: codes.to_vec(), dictionary } }
    }

    fn numbers(step: &Ordinal, codes: &[u32], train: usize) -> Result<Vec<f64>, Problem> {
        let column = column(codes);
        let fitted = step.fit(&[&column], &Training::unlabelled(train))?;
        match fitted.apply.apply(vec![column]).remove(0).remove(0).values {
            Values::Number(values) => Ok(values),
            other => panic!("{other:?}"),
        }
    }

    /// Values of `OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)` fitted on
    /// b, a, missing, b.
    #[test]
    fn categories_are_counted_by_name() {
        let made = numbers(&Ordinal::default(), &[0, 3, MISSING, 0, 2], 4).unwrap();
        assert!(made[2].is_nan());
        assert_eq!([made[0], made[1], made[3], made[4]], [1.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn a_column_without_categories_and_a_constant_one() {
        let made = numbers(&Ordinal::default(), &[MISSING, 1], 1).unwrap();
        assert!(made[0].is_nan() && made[1] == -1.0);
        assert_eq!(numbers(&Ordinal::default(), &[2, 2], 2).unwrap(), [0.0, 0.0]);
    }

    #[test]
    fn unknown_may_not_be_a_category() {
        let step = Ordinal { unknown: 1, ..Ordinal::default() };
        let problem = numbers(&step, &[0, 3], 2).unwrap_err();
        assert_eq!(problem.code, Code::ModelParameter);
        assert!(problem.message.contains("the category `b` of `x`"), "{problem:?}");
        assert_eq!(numbers(&step, &[0, 3], 1).unwrap(), [0.0, 1.0]);
    }
}
