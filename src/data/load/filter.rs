//! Adds the columns that SQL derives from others to a frame, and keeps the rows that meet a
//! predicate. Evaluating the SQL is left to `evaluate`.

use std::sync::Arc;

use crate::data::ColumnKind;
use crate::data::sql::{Expression, SqlError, must_be_bool};

use super::cells::Cells;
use super::error::{LoadError, LoadProblem};
use super::evaluate::{Fault, evaluate};
use super::frame::{Frame, unusable};

/// A column to derive: its name and its SQL.
pub(super) type Derived = (Arc<str>, Expression);

pub(super) fn parse(sql: &str) -> Result<Expression, LoadError> {
    Expression::parse(sql).map_err(|SqlError { message, help, .. }| LoadError {
        help,
        ..LoadError::new(LoadProblem::Sql, message)
    })
}

/// The derived columns in their order.
pub(super) fn parse_derived(derived: &[(Arc<str>, &str)]) -> Result<Vec<Derived>, LoadError> {
    let parse = |(name, sql): &(Arc<str>, &str)| match parse(sql) {
        Ok(expression) => Ok((name.clone(), expression)),
        Err(error) => Err(error.derived(name)),
    };
    derived.iter().map(parse).collect()
}

/// The derived columns that are needed for the columns of `needed`, which becomes the columns of
/// the file that both need.
pub(super) fn needed(derived: Vec<Derived>, needed: &mut Vec<Arc<str>>) -> Vec<Derived> {
    let mut kept = Vec::new();
    for (name, expression) in derived.into_iter().rev() {
        if needed.contains(&name) {
            needed.retain(|other| *other != name);
            needed.extend(expression.columns.iter().cloned());
            kept.push((name, expression));
        }
    }
    kept.reverse();
    kept
}

/// The frame with the derived columns behind the others.
pub(super) fn derive(mut frame: Frame, derived: &[Derived]) -> Result<Frame, LoadError> {
    for (name, expression) in derived {
        if frame.get(name).is_some() {
            let message = format!("there is a column `{name}` already");
            return Err(LoadError::new(LoadProblem::Sql, message).derived(name));
        }
        let cells = values(&frame, expression).map_err(|error| error.derived(name))?;
        frame.push(name.clone(), cells);
    }
    Ok(frame)
}

/// The rows for which the predicate is true, neither false nor unknown.
pub(super) fn keep(frame: Frame, predicate: &Expression) -> Result<Frame, LoadError> {
    let mask = mask(&frame, predicate)?;
    let (before, frame) = (frame.rows(), frame.keep(&mask));
    if frame.rows() == 0 {
        let message = format!("`where` keeps none of the {before} rows");
        return Err(LoadError::new(LoadProblem::Empty, message));
    }
    Ok(frame)
}

impl Frame {
    /// One entry a row: whether the predicate is true there, neither false nor unknown. The columns
    /// that it names have to be in the frame.
    ///
    /// # Errors
    /// The SQL cannot be used with the columns of the frame, or one of its values.
    pub fn matches(&self, sql: &str) -> Result<Vec<bool>, LoadError> {
        mask(self, &parse(sql)?)
    }
}

fn mask(frame: &Frame, predicate: &Expression) -> Result<Vec<bool>, LoadError> {
    let values = values(frame, predicate)?;
    must_be_bool(&values.kind()).map_err(|reason| LoadError::new(LoadProblem::Sql, reason))?;
    Ok(match values {
        Cells::Bool(values) => values.into_iter().map(|value| value == Some(true)).collect(),
        Cells::Empty(_)
        | Cells::Integer(_)
        | Cells::Float(_)
        | Cells::Text(_)
        | Cells::Moment(..)
        | Cells::Other(..) => vec![false; frame.rows()],
    })
}

fn values(frame: &Frame, expression: &Expression) -> Result<Cells, LoadError> {
    let mut columns = Vec::with_capacity(expression.columns.len());
    for name in &expression.columns {
        let Some(cells) = frame.get(name) else {
            let message = format!("there is no column `{name}` in the data");
            return Err(LoadError::new(LoadProblem::UnknownColumn, message).column(name));
        };
        if let Cells::Other(kind, _) = cells {
            return Err(unusable(name, &ColumnKind::Other(kind.clone())));
        }
        columns.push(cells);
    }
    let failed = |Fault { message, help, row }: Fault| {
        let Some(row) = row.map(|row| frame.row_numbers().get(row)) else {
            return LoadError { help, ..LoadError::new(LoadProblem::Sql, message) };
        };
        let message = format!("in row {row}, {message}");
        LoadError { help, ..LoadError::new(LoadProblem::Sql, message) }.row(row)
    };
    evaluate(expression, frame.rows(), &columns).map_err(failed)
}
