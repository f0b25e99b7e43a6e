//! Missing values filled from the training rows.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, MISSING, Values};
use crate::diagnostic::{Code, Problem, counted};

/// Fills missing values with one value a column, learned from the training rows.
///
/// Numbers take the median, the mean or the most frequent value; categories and truth values take
/// the most frequent one, or categories a category `missing` of its own. Ties go to the smallest
/// number and to the first category by code point. A column without a single value in the training
/// rows is an error. What is not missing stays as it is, in constant columns too, and so does a
/// category first seen in the test rows. **The default for numbers is the median; scikit-learn's is the mean.**
///
/// ```yaml
/// prepare:
///   - impute: { numeric: median, categorical: most_frequent }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Impute {
    /// What fills missing numbers.
    pub numeric: ImputeNumber,
    /// What fills missing categories.
    pub categorical: ImputeCategory,
    /// The columns to fill, by name or glob. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["bill_*"])]
    pub columns: Option<ColumnSelector>,
}

/// What fills missing numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ImputeNumber {
    /// The middle value; the mean of the two middle ones where their number is even.
    #[default]
    Median,
    /// The arithmetic mean.
    Mean,
    /// The value that occurs most often.
    MostFrequent,
}

/// What fills missing categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ImputeCategory {
    /// The category that occurs most often.
    #[default]
    MostFrequent,
    /// A category called `missing`.
    Missing,
}

/// What one column's gaps become.
enum Fill {
    Number(f64),
    Code(u32),
    NewCategory,
    Bool(bool),
}

struct Fitted(Vec<Fill>);

impl Transform for Impute {
    fn about(&self) -> About<'_> {
        About {
            columns: self.columns.as_ref(),
            suits: |kind| !matches!(kind, ColumnKind::Other(_)),
            makes: Makes::SameColumns,
            description: self.describe(),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let fills: Vec<Fill> = columns
            .iter()
            .map(|column| self.fill(column, training.rows))
            .collect::<Result<_, _>>()?;
        let gaps: usize = columns.iter().map(|column| column.missing(column.len())).sum();
        let summary = match gaps {
            0 => "nothing missing".to_owned(),
            1 => "1 value filled".to_owned(),
            n => format!("{n} values filled"),
        };
        Ok(FittedStep { apply: Box::new(Fitted(fills)), summary })
    }
}

impl Impute {
    fn describe(&self) -> String {
        let numeric = match self.numeric {
            ImputeNumber::Median => "median",
            ImputeNumber::Mean => "mean",
            ImputeNumber::MostFrequent => "most frequent",
        };
        let categorical = match self.categorical {
            ImputeCategory::MostFrequent => "most frequent",
            ImputeCategory::Missing => "a category of their own",
        };
        format!("impute numbers by {numeric}, categories by {categorical}")
    }

    fn fill(&self, column: &Column, train_rows: usize) -> Result<Fill, Problem> {
        let empty = || {
            let message = format!(
                "column `{}` has no value in the {}, so nothing can fill it",
                column.name,
                counted(train_rows, "training row")
            );
            Problem::of_kind(Code::AllNull, message)
                .label("nothing to learn from")
                .help(format!("exclude `{}`", column.name))
        };
        match &column.values {
            Values::Number(values) => {
                let mut present: Vec<f64> =
                    values[..train_rows].iter().copied().filter(|value| !value.is_nan()).collect();
                if present.is_empty() {
                    return Err(empty());
                }
                Ok(Fill::Number(match self.numeric {
                    ImputeNumber::Median => median(&mut present),
                    ImputeNumber::Mean => mean(&present),
                    ImputeNumber::MostFrequent => most_frequent_number(&mut present),
                }))
            }
            Values::Category { codes, dictionary } => {
                if self.categorical == ImputeCategory::Missing {
                    return Ok(Fill::NewCategory);
                }
                let mut counts = vec![0_usize; dictionary.len()];
                for code in codes[..train_rows].iter().filter(|code| **code != MISSING) {
                    counts[*code as usize] += 1;
                }
                let most =
                    counts.iter().copied().max().filter(|most| *most > 0).ok_or_else(empty)?;
                let first = counts.iter().position(|count| *count == most).unwrap_or(0);
                Ok(Fill::Code(first as u32))
            }
            Values::Bool(flags) => {
                let on = flags[..train_rows].iter().filter(|flag| **flag == Some(true)).count();
                let off = flags[..train_rows].iter().filter(|flag| **flag == Some(false)).count();
                if on + off == 0 {
                    return Err(empty());
                }
                Ok(Fill::Bool(on > off))
            }
            // Nothing is missing.
            Values::Indicator(indicator) => Ok(Fill::Number(indicator.off)),
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let (below, high, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let high = *high;
    if below.len() > middle || values.len() % 2 == 1 {
        return high;
    }
    let low = values[..middle].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    low + (high - low) / 2.0
}

/// The mean, shifted by the first value so that large offsets keep their digits.
fn mean(values: &[f64]) -> f64 {
    let shift = values[0];
    shift + values.iter().map(|value| value - shift).sum::<f64>() / values.len() as f64
}

fn most_frequent_number(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let mut best = (values[0], 0);
    for run in values.chunk_by(|a, b| a == b) {
        if run.len() > best.1 {
            best = (run[0], run.len());
        }
    }
    best.0
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        columns
            .into_iter()
            .zip(self.0)
            .map(|(mut column, fill)| {
                fill_column(&mut column.values, &fill);
                vec![column]
            })
            .collect()
    }
}

fn fill_column(values: &mut Values, fill: &Fill) {
    match (values, fill) {
        (Values::Number(numbers), Fill::Number(fill)) => {
            numbers.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = *fill);
        }
        (Values::Category { codes, .. }, Fill::Code(fill)) => {
            codes.iter_mut().filter(|code| **code == MISSING).for_each(|code| *code = *fill);
        }
        (Values::Category { codes, dictionary }, Fill::NewCategory) => {
            let name: Arc<str> = "missing".into();
            let code = match dictionary.iter().position(|word| *word == name) {
                Some(code) => code as u32,
                None => {
                    let words: Vec<Arc<str>> =
                        dictionary.iter().cloned().chain(std::iter::once(name)).collect();
                    *dictionary = words.into();
                    dictionary.len() as u32 - 1
                }
            };
            codes.iter_mut().filter(|each| **each == MISSING).for_each(|each| *each = code);
        }
        (Values::Bool(flags), Fill::Bool(fill)) => {
            flags.iter_mut().filter(|flag| flag.is_none()).for_each(|flag| *flag = Some(*fill));
        }
        // `fill` was made for this very column.
        (
            Values::Number(_) | Values::Category { .. } | Values::Bool(_) | Values::Indicator(_),
            _,
        ) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(strategy: ImputeNumber, values: &[f64], train: usize) -> Result<Vec<f64>, Problem> {
        let column = Column::number("x", values.to_vec());
        let step = Impute { numeric: strategy, ..Impute::default() };
        let fitted = step.fit(&[&column], &Training::unlabelled(train))?;
        match fitted.apply.apply(vec![column]).remove(0).remove(0).values {
            Values::Number(values) => Ok(values),
            other => panic!("numbers stay numbers, got {other:?}"),
        }
    }

    #[test]
    fn only_training_rows_teach() {
        let nan = f64::NAN;
        let values = [1.0, 2.0, 10.0, nan, 1000.0];
        assert_eq!(numbers(ImputeNumber::Median, &values, 4).unwrap()[3], 2.0);
        assert_eq!(numbers(ImputeNumber::Median, &values[..3], 2).unwrap(), [1.0, 2.0, 10.0]);
        let mean = numbers(ImputeNumber::Mean, &values, 4).unwrap()[3];
        assert!((mean - 13.0 / 3.0).abs() < 1e-15);
        assert_eq!(numbers(ImputeNumber::Median, &[4.0, 1.0, nan], 3).unwrap()[2], 2.5);
        let tied = [3.0, 3.0, 2.0, 2.0, 9.0, nan];
        assert_eq!(numbers(ImputeNumber::MostFrequent, &tied, 6).unwrap()[5], 2.0);
    }

    #[test]
    fn a_column_without_values_is_an_error() {
        let problem = numbers(ImputeNumber::Mean, &[f64::NAN, f64::NAN, 1.0], 2).unwrap_err();
        assert_eq!(problem.code, Code::AllNull);
    }

    #[test]
    fn categories_take_the_most_frequent_or_a_new_one() {
        let dictionary: Arc<[Arc<str>]> = ["a", "b"].map(Arc::from).into();
        let values = Values::Category { codes: vec![1, 1, 0, MISSING], dictionary };
        let column = Column { name: "c".into(), values };
        let fitted = Impute::default().fit(&[&column], &Training::unlabelled(4)).unwrap();
        let filled = fitted.apply.apply(vec![column.clone()]).remove(0).remove(0);
        assert_eq!(filled.missing(4), 0);
        assert!(matches!(filled.values, Values::Category { codes, .. } if codes[3] == 1));
        let step = Impute { categorical: ImputeCategory::Missing, ..Impute::default() };
        let fitted = step.fit(&[&column], &Training::unlabelled(4)).unwrap();
        let filled = fitted.apply.apply(vec![column]).remove(0).remove(0);
        assert!(
            matches!(filled.values, Values::Category { codes, dictionary } if codes[3] == 2 && &*dictionary[2] == "missing")
        );
    }
}
