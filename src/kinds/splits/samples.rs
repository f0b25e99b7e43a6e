//! Rows to split, for tests.

use serde_json::Value as Json;

use super::{AnySplit, Fold, Keys, SplitRows};
use crate::data::{ClassName, Classes, Label, Task};
use crate::diagnostic::Problem;

/// Rows with their classes and the values of the split's column.
pub struct Rows {
    pub count: usize,
    pub classes: Option<(Vec<u32>, Classes)>,
    /// A code a row, and the values in their order.
    pub column: Option<(Vec<u32>, Vec<String>)>,
}

impl Rows {
    pub fn plain(count: usize) -> Self {
        Self { count, classes: None, column: None }
    }

    pub fn of_classes(names: &[&str]) -> Self {
        let labels = names.iter().map(|name| Label::Text((*name).into())).collect();
        let classes = Classes::new(labels);
        let codes = names.iter().map(|name| classes.find(&ClassName::new(name)).unwrap()).collect();
        Self { classes: Some((codes, classes)), ..Self::plain(names.len()) }
    }

    /// A column of numbers, which are shown as `v3`.
    pub fn of_column(values: &[u32]) -> Self {
        let mut distinct = values.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let codes =
            values.iter().map(|value| distinct.binary_search(value).unwrap() as u32).collect();
        let shown = distinct.iter().map(|value| format!("v{value}")).collect();
        Self { column: Some((codes, shown)), ..Self::plain(values.len()) }
    }

    pub fn of_values(values: &[&str]) -> Self {
        let mut distinct: Vec<String> = values.iter().map(ToString::to_string).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let code = |value: &&str| distinct.iter().position(|other| other == value).unwrap() as u32;
        let codes = values.iter().map(code).collect();
        Self { column: Some((codes, distinct)), ..Self::plain(values.len()) }
    }

    pub fn split(&self, split: &Json) -> Result<Vec<Fold>, Problem> {
        let shown = |code: u32| match &self.column {
            Some((_, values)) => values[code as usize].clone(),
            None => String::new(),
        };
        let rows = SplitRows {
            rows: self.count,
            classes: self.classes.as_ref().map(|(codes, classes)| (codes.as_slice(), classes)),
            keys: self.column.as_ref().map(|(codes, values)| Keys {
                codes,
                distinct: values.len(),
                shown: &shown,
            }),
        };
        split_of(split).kind().split(&rows)
    }
}

pub fn split_of(split: &Json) -> AnySplit {
    serde_json::from_value(split.clone()).unwrap()
}

/// What is wrong with the parameters.
pub fn problems(split: &Json, task: Task) -> Vec<Problem> {
    split_of(split).kind().check(Some(task))
}
