//! Keeps the rows of a frame that meet a SQL predicate, which polars evaluates.
//! What may stand in a predicate is left to `data::sql`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::ScopedJoinHandle;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Expr, Field, Float64Chunked, Int64Chunked,
    IntoColumn, IntoLazy, NewChunkedArray, Operator, PolarsResult, StringChunked,
};

use crate::data::ColumnKind;
use crate::data::sql::{Predicate, alias};

use super::cells::Cells;
use super::error::{LoadError, LoadProblem};
use super::frame::{Frame, unusable};

const STACK: usize = 64 << 20;

pub(super) fn parse(sql: &str) -> Result<Predicate, LoadError> {
    Predicate::parse(sql).map_err(|error| {
        let failed = LoadError::new(LoadProblem::Sql, error.message);
        match error.help {
            Some(help) => failed.help(help),
            None => failed,
        }
    })
}

/// The rows for which the predicate is true, neither false nor unknown.
pub(super) fn keep(frame: Frame, predicate: &Predicate) -> Result<Frame, LoadError> {
    let mut columns = Vec::with_capacity(predicate.columns.len());
    for (at, name) in predicate.columns.iter().enumerate() {
        let Some(cells) = frame.get(name) else {
            let message = format!("there is no column `{name}` in the data");
            return Err(LoadError::new(LoadProblem::UnknownColumn, message).column(name));
        };
        if let Cells::Other(kind, _) = cells {
            return Err(unusable(name, kind));
        }
        columns.push(column(&alias(at), cells));
    }
    let met = evaluate(predicate, frame.rows(), columns)
        .map_err(|reason| LoadError::new(LoadProblem::Sql, reason))?;
    let mask: Vec<bool> = met.iter().map(|met| met == Some(true)).collect();
    let (before, frame) = (frame.rows(), frame.keep(&mask));
    if frame.rows() == 0 {
        let message = format!("`where` keeps none of the {before} rows");
        return Err(LoadError::new(LoadProblem::Empty, message));
    }
    Ok(frame)
}

/// Whether the predicate suits columns of these types, one for each of its columns.
///
/// # Errors
/// Why it does not.
pub(in crate::data) fn check_types(
    predicate: &Predicate,
    kinds: &[ColumnKind],
) -> Result<(), String> {
    let columns = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| column(&alias(at), &Cells::all_missing(kind, 0)))
        .collect();
    evaluate(predicate, 0, columns).map(|_| ())
}

fn evaluate(
    predicate: &Predicate,
    rows: usize,
    columns: Vec<Column>,
) -> Result<BooleanChunked, String> {
    let met = || -> PolarsResult<Column> {
        let met = polars::sql::sql_expr(&predicate.text)?.map_expr(without_nan);
        let frame =
            DataFrame::new(rows, columns)?.lazy().with_column(met.alias("met")).collect()?;
        frame.column("met").cloned()
    };
    // Polars walks expressions recursively, with frames that a small stack has no room for. But a
    // thread of the pool must not wait for another one: that might need the pool itself.
    let outcome = if rayon::current_thread_index().is_some() {
        catch_unwind(AssertUnwindSafe(met))
    } else {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, met);
            thread.map(ScopedJoinHandle::join)
        })
        .map_err(|error| error.to_string())?
    };
    let met = match outcome {
        Ok(Ok(met)) => met,
        Ok(Err(error)) => return Err(in_words(&error.to_string(), predicate)),
        Err(_) => return Err("the expression cannot be evaluated".to_owned()),
    };
    match met.dtype() {
        DataType::Boolean => {}
        DataType::Null => return Err("the expression is never true or false".to_owned()),
        other => {
            let kind = match other {
                DataType::String => "text",
                dtype if dtype.is_primitive_numeric() => "a number",
                _ => "no truth value",
            };
            return Err(format!("the expression is {kind} and not true or false"));
        }
    }
    met.bool().cloned().map_err(|error| error.to_string())
}

/// Numbers that are not defined, such as 0 / 0, are missing: polars would take NaN for the
/// greatest number of all, so that `0 / 0 > 1` were true.
fn without_nan(expr: Expr) -> Expr {
    let makes_numbers = match &expr {
        Expr::Function { .. } => true,
        Expr::BinaryExpr { op, .. } => matches!(
            op,
            Operator::Plus
                | Operator::Minus
                | Operator::Multiply
                | Operator::TrueDivide
                | Operator::FloorDivide
                | Operator::RustDivide
                | Operator::Modulus
        ),
        _ => false,
    };
    if !makes_numbers || !(&expr).into_iter().any(|part| matches!(part, Expr::Column(_))) {
        return expr;
    }
    let to_missing = |column: Column| {
        let Ok(numbers) = column.f64() else { return Ok(column) };
        let defined = numbers.iter().map(|value| value.filter(|value| !value.is_nan()));
        let numbers: Float64Chunked = defined.collect();
        Ok(numbers.with_name(column.name().clone()).into_column())
    };
    expr.map(to_missing, |_, field| {
        // A literal among the arguments can leave the type open this early.
        let dtype = field.dtype().clone().materialize_unknown(true)?;
        Ok(Field::new(field.name().clone(), dtype))
    })
}

fn column(name: &str, cells: &Cells) -> Column {
    let name = name.into();
    match cells {
        Cells::Empty(rows) | Cells::Other(_, rows) => {
            Column::full_null(name, *rows, &DataType::Null)
        }
        Cells::Integer(integers) => {
            Int64Chunked::from_iter_options(name, integers.iter()).into_column()
        }
        Cells::Float(values) => {
            let defined = values.iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
            Float64Chunked::from_iter_options(name, defined).into_column()
        }
        Cells::Bool(values) => {
            BooleanChunked::from_iter_options(name, values.iter().copied()).into_column()
        }
        Cells::Text(texts) => {
            let values = texts.iter().map(|value| value.map(|value| &**value));
            StringChunked::from_iter_options(name, values).into_column()
        }
    }
}

/// The first line of polars' message, with the columns' own names.
fn in_words(message: &str, predicate: &Predicate) -> String {
    let first = message.lines().next().unwrap_or_default();
    predicate
        .columns
        .iter()
        .enumerate()
        .fold(first.to_owned(), |text, (at, name)| text.replace(&alias(at), name))
}
