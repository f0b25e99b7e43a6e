//! Categories as columns of zeros and ones.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Indicator, MISSING, Values};
use crate::diagnostic::{Code, Problem, counted};

/// More bytes than this in new columns are refused before they are taken.
const LIMIT: usize = 4 << 30;

/// Replaces each column of categories by one column of 0 and 1 for each category of the training
/// rows, named `column_category`.
///
/// The categories are sorted by code point. A category first seen in the test rows gives zeros in
/// all of them. A missing value is a category of its own where the training rows have one, and
/// zeros otherwise; put `impute` before the step to fill it instead. A constant column becomes one
/// column of ones.
///
/// ```yaml
/// prepare:
///   - impute
///   - one_hot: { columns: [island, sex] }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OneHot {
    /// The columns to replace, by name or glob. Default: all that hold categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["island"])]
    pub columns: Option<ColumnSelector>,
    /// Which category gets no column of its own.
    pub drop: DropCategory,
}

/// Which category gets no column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum DropCategory {
    /// Every category gets one.
    #[default]
    None,
    /// The first category of each column.
    First,
    /// The first category of columns that have exactly two.
    IfBinary,
}

/// The codes of one column that get a column each.
struct Categories {
    codes: Vec<u32>,
}

struct Fitted(Vec<Categories>);

impl OneHot {
    fn describe(&self) -> String {
        match self.drop {
            DropCategory::None => "one-hot".to_owned(),
            DropCategory::First => "one-hot without the first category".to_owned(),
            DropCategory::IfBinary => "one-hot, binary columns as one".to_owned(),
        }
    }
}

impl Transform for OneHot {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: |kind| *kind == ColumnKind::Text,
            makes: Makes::PrefixedColumns,
            description: self.describe(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let mut fitted = Vec::new();
        for column in columns {
            let Values::Category { codes, dictionary } = &column.values else {
                let message = format!("`{}` holds {}, not categories", column.name, column.kind());
                return Err(Problem::of_kind(Code::StepColumns, message)
                    .help("declare the column in `types` as `category`"));
            };
            let mut seen = vec![false; dictionary.len()];
            let mut missing = false;
            for code in &codes[..training.rows] {
                match *code {
                    MISSING => missing = true,
                    code => seen[code as usize] = true,
                }
            }
            let mut kept: Vec<u32> =
                (0..seen.len()).filter(|code| seen[*code]).map(|code| code as u32).collect();
            if missing {
                kept.push(MISSING);
            }
            let drop = match self.drop {
                DropCategory::None => false,
                DropCategory::First => !kept.is_empty(),
                DropCategory::IfBinary => kept.len() == 2,
            };
            if drop {
                kept.remove(0);
            }
            let bytes = kept.len().saturating_mul(codes.len()).saturating_mul(8);
            if bytes > LIMIT {
                let message = format!(
                    "one-hot of `{}` makes {} columns × {} rows, {:.0} GiB",
                    column.name,
                    kept.len(),
                    codes.len(),
                    bytes as f64 / f64::from(1 << 30)
                );
                return Err(Problem::of_kind(Code::Memory, message)
                    .label("too large")
                    .help(format!("exclude `{}`: it looks like an identifier", column.name)));
            }
            fitted.push(Categories { codes: kept });
        }
        let made: usize = fitted.iter().map(|categories| categories.codes.len()).sum();
        let summary = format!("{} → {}", columns.len(), counted(made, "column"));
        Ok(FittedStep { apply: Box::new(Fitted(fitted)), summary })
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        columns
            .into_iter()
            .zip(self.0)
            .map(|(column, categories)| categories.expand(column))
            .collect()
    }
}

impl Categories {
    fn expand(&self, column: Column) -> Vec<Column> {
        let Values::Category { codes, dictionary } = column.values else { return vec![column] };
        // The place of each code among those that get a column; the others share one after them.
        let none = self.codes.len() as u32;
        let mut places = vec![none; dictionary.len() + 1];
        let slot = |code: u32| (code as usize).min(dictionary.len());
        for (place, code) in self.codes.iter().enumerate() {
            places[slot(*code)] = place as u32;
        }
        let codes: Arc<[u32]> = codes.iter().map(|code| places[slot(*code)]).collect();
        let expand = |(place, wanted): (usize, &u32)| {
            let category = match *wanted {
                MISSING => "(missing)",
                code => &dictionary[code as usize],
            };
            let name = format!("{}_{category}", column.name).into();
            let (codes, code) = (codes.clone(), place as u32);
            let indicator = Indicator { codes, levels: none + 1, code, on: 1.0, off: 0.0 };
            Column { name, values: Values::Indicator(indicator) }
        };
        self.codes.iter().enumerate().map(expand).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(step: &OneHot, codes: &[u32], train: usize) -> Vec<(String, Vec<f64>)> {
        let dictionary: Arc<[Arc<str>]> = ["a", "b", "c"].map(Arc::from).into();
        let values = Values::Category { codes: codes.to_vec(), dictionary };
        let column = Column { name: "x".into(), values };
        let fitted = step.fit(&[&column], &Training::unlabelled(train)).unwrap();
        let made = fitted.apply.apply(vec![column]).remove(0);
        made.into_iter()
            .map(|column| match column.values {
                Values::Indicator(values) => (column.name.to_string(), values.numbers()),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn unseen_categories_are_zeros_in_every_column() {
        let made = expand(&OneHot::default(), &[1, 0, 2], 2);
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["x_a", "x_b"]);
        assert!(made.iter().all(|(_, values)| values[2] == 0.0));
        assert_eq!(made[0].1, [0.0, 1.0, 0.0]);
    }

    #[test]
    fn missing_is_a_category_where_the_training_rows_have_it() {
        assert_eq!(expand(&OneHot::default(), &[0, MISSING], 2)[1].0, "x_(missing)");
        assert_eq!(expand(&OneHot::default(), &[0, MISSING], 1).len(), 1);
    }

    #[test]
    fn drop_leaves_a_category_out() {
        let first = OneHot { drop: DropCategory::First, ..OneHot::default() };
        assert_eq!(expand(&first, &[0, 1, 2], 3).len(), 2);
        let binary = OneHot { drop: DropCategory::IfBinary, ..OneHot::default() };
        assert_eq!(expand(&binary, &[0, 1, 2], 3).len(), 3);
        assert_eq!(expand(&binary, &[0, 1, 2], 2).len(), 1);
    }
}
