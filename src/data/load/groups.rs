//! The distinct values of a column, sorted, and which of them each row has.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::data::moment::{self, Calendar};
use crate::data::{ColumnKind, Label, MISSING};

use super::cells::Cells;
use super::error::LoadError;
use super::frame::{Frame, unusable};

/// A column as codes into its sorted distinct values: numbers by value, times by time, text by
/// code point. A missing value is [`MISSING`].
#[derive(Clone, Debug)]
pub struct Groups {
    pub codes: Vec<u32>,
    distinct: Distinct,
}

#[derive(Clone, Debug)]
enum Distinct {
    Integers(Vec<i64>),
    Moments(Vec<i64>, Calendar),
    Floats(Vec<f64>),
    Bools(Vec<bool>),
    Texts(Arc<[Arc<str>]>),
}

impl Groups {
    pub(super) fn of_integers(values: impl Iterator<Item = Option<i64>>) -> Self {
        let (codes, distinct) = coded(&values.collect::<Vec<_>>(), i64::cmp);
        Self { codes, distinct: Distinct::Integers(distinct) }
    }

    pub(super) fn of_moments(
        values: impl Iterator<Item = Option<i64>>,
        calendar: Calendar,
    ) -> Self {
        let (codes, distinct) = coded(&values.collect::<Vec<_>>(), i64::cmp);
        Self { codes, distinct: Distinct::Moments(distinct, calendar) }
    }

    pub(super) fn of_floats(values: &[f64]) -> Self {
        // Zero has one value here, whatever its sign.
        let value = |value: &f64| (!value.is_nan()).then_some(*value + 0.0);
        let (codes, distinct) =
            coded(&values.iter().map(value).collect::<Vec<_>>(), f64::total_cmp);
        Self { codes, distinct: Distinct::Floats(distinct) }
    }

    pub(super) fn of_bools(values: &[Option<bool>]) -> Self {
        let (codes, distinct) = coded(values, bool::cmp);
        Self { codes, distinct: Distinct::Bools(distinct) }
    }

    pub(super) fn of_texts(codes: Vec<u32>, dictionary: Arc<[Arc<str>]>) -> Self {
        Self { codes, distinct: Distinct::Texts(dictionary) }
    }

    /// How many distinct values there are.
    pub fn distinct(&self) -> usize {
        match &self.distinct {
            Distinct::Integers(values) | Distinct::Moments(values, _) => values.len(),
            Distinct::Floats(values) => values.len(),
            Distinct::Bools(values) => values.len(),
            Distinct::Texts(values) => values.len(),
        }
    }

    /// The value of a code as text.
    pub fn shown(&self, code: u32) -> String {
        let at = code as usize;
        let shown = match &self.distinct {
            Distinct::Integers(values) => values.get(at).map(ToString::to_string),
            Distinct::Moments(values, calendar) => {
                values.get(at).map(|value| moment::shown(*value, *calendar))
            }
            Distinct::Floats(values) => values.get(at).map(ToString::to_string),
            Distinct::Bools(values) => values.get(at).map(ToString::to_string),
            Distinct::Texts(values) => values.get(at).map(ToString::to_string),
        };
        shown.unwrap_or_else(|| "(missing)".to_owned())
    }
}

impl Frame {
    /// A column as codes into its sorted distinct values.
    ///
    /// # Errors
    /// The column is not there or has a type that cannot be used.
    pub fn groups(&self, column: &str) -> Result<Groups, LoadError> {
        Ok(match self.cells(column)? {
            Cells::Empty(rows) => Groups::of_bools(&vec![None; *rows]),
            Cells::Integer(integers) => Groups::of_integers(integers.iter()),
            Cells::Float(values) => Groups::of_floats(values),
            Cells::Bool(values) => Groups::of_bools(values),
            Cells::Text(texts) => {
                let (codes, dictionary) = texts.sorted_all();
                Groups::of_texts(codes, dictionary)
            }
            Cells::Moment(moments, calendar) => Groups::of_moments(moments.iter(), *calendar),
            Cells::Other(name, _) => {
                return Err(unusable(column, &ColumnKind::Other(name.clone())));
            }
        })
    }

    /// The values of a key column, one label a row; a missing one is none.
    ///
    /// # Errors
    /// As [`Frame::classes`].
    pub fn labels(&self, column: &str) -> Result<Vec<Option<Label>>, LoadError> {
        let cells = self.cells(column)?;
        (0..self.rows).map(|row| self.label(column, cells, row)).collect()
    }
}

/// Codes of the values in the order of their sorted distinct values.
fn coded<T: Copy>(values: &[Option<T>], order: impl Fn(&T, &T) -> Ordering) -> (Vec<u32>, Vec<T>) {
    let mut present: Vec<(T, u32)> =
        (0..).zip(values).filter_map(|(row, value)| Some(((*value)?, row))).collect();
    present.sort_unstable_by(|a, b| order(&a.0, &b.0).then(a.1.cmp(&b.1)));
    let mut codes = vec![MISSING; values.len()];
    let mut distinct: Vec<T> = Vec::new();
    for (value, row) in present {
        if distinct.last().is_none_or(|last| order(last, &value) != Ordering::Equal) {
            distinct.push(value);
        }
        codes[row as usize] = (distinct.len() - 1) as u32;
    }
    (codes, distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_sorted_values() {
        let groups = Groups::of_integers([Some(10), None, Some(9), Some(10)].into_iter());
        assert_eq!(groups.codes, [1, MISSING, 0, 1]);
        assert_eq!((groups.distinct(), groups.shown(1)), (2, "10".to_owned()));
        let groups = Groups::of_floats(&[0.0, -0.0, f64::NAN, -1.5]);
        assert_eq!(groups.codes, [1, 1, MISSING, 0]);
        assert_eq!(groups.shown(0), "-1.5");
    }
}
