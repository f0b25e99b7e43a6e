//! Evaluates SQL expressions over columns, which polars does: to cells, or to a type alone.
//! What may stand in an expression is left to `data::sql`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int64Chunked, IntoColumn,
    IntoLazy, NewChunkedArray, PolarsResult, StringChunked, TimeUnit,
};

use crate::data::ColumnKind;
use crate::data::moment::{Calendar, MICROSECONDS_A_DAY};
use crate::data::sql::{Expression, alias};

use super::cells::Cells;
use super::exact::exact;

const STACK: usize = 64 << 20;

/// Why an expression has no values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::data) struct Fault {
    pub message: String,
    pub help: Option<String>,
    /// The row, from 0, where a single value is to blame.
    pub row: Option<usize>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, row: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What was found wrong while polars evaluated, whatever the order in which it did.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rows: usize,
    first: Mutex<Option<Fault>>,
}

impl Faults {
    /// Keeps the fault of the least row, and of one row the least by its text.
    pub(super) fn add(&self, fault: Fault) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let place = |fault: &Fault| (fault.row, fault.message.clone());
        if first.as_ref().is_none_or(|first| place(&fault) < place(first)) {
            *first = Some(fault);
        }
    }

    /// As [`Faults::add`], for the value at `row` of a column of that length. A literal has no row.
    pub(super) fn add_at(&self, row: usize, length: usize, fault: Fault) {
        let row = (length == self.rows).then_some(row);
        self.add(Fault { row, ..fault });
    }

    fn take(&self) -> Option<Fault> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The values of an expression, given the cells of its columns in its order.
///
/// # Errors
/// Why it has none.
pub(super) fn evaluate(
    expression: &Expression,
    rows: usize,
    columns: &[&Cells],
) -> Result<Cells, Fault> {
    let columns: Vec<Column> =
        columns.iter().enumerate().map(|(at, cells)| column(&alias(at), cells)).collect();
    let faults = Arc::new(Faults { rows, first: Mutex::default() });
    let values = || -> PolarsResult<Column> {
        let frame = DataFrame::new(rows, columns)?;
        let expr = polars::sql::sql_expr(&expression.text)?;
        let expr = exact(expr, frame.schema(), &faults)?;
        let frame = frame.lazy().with_column(expr.alias("values")).collect()?;
        frame.column("values").cloned()
    };
    // Polars walks expressions recursively, with frames that a small stack has no room for. But a
    // thread of the pool must not wait for another one: that might need the pool itself.
    let outcome = if rayon::current_thread_index().is_some() {
        catch_unwind(AssertUnwindSafe(values))
    } else {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, values);
            thread.map(ScopedJoinHandle::join)
        })
        .map_err(|error| Fault::new(error.to_string()))?
    };
    if let Some(fault) = faults.take() {
        return Err(Fault { message: in_words(&fault.message, expression), ..fault });
    }
    match outcome {
        Ok(Ok(values)) => cells(&values, rows),
        Ok(Err(error)) => Err(Fault::new(in_words(&error.to_string(), expression))),
        Err(_) => Err(Fault::new("the expression cannot be evaluated")),
    }
}

/// The type that an expression has over columns of these types, one for each of its columns.
///
/// # Errors
/// Why it has none.
pub(in crate::data) fn check_types(
    expression: &Expression,
    kinds: &[ColumnKind],
) -> Result<ColumnKind, Fault> {
    let empty: Vec<Cells> = kinds.iter().map(|kind| Cells::all_missing(kind, 0)).collect();
    let empty: Vec<&Cells> = empty.iter().collect();
    evaluate(expression, 0, &empty).map(|cells| cells.kind())
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
        Cells::Moment(moments, calendar) => {
            moment_column(Int64Chunked::from_iter_options(name, moments.iter()), *calendar)
        }
    }
}

/// Microseconds as polars keeps them.
pub(super) fn moment_column(microseconds: Int64Chunked, calendar: Calendar) -> Column {
    match calendar {
        Calendar::Datetime => {
            microseconds.into_datetime(TimeUnit::Microseconds, None).into_column()
        }
        Calendar::Date => {
            let name = microseconds.name().clone();
            let day = |value: i64| i32::try_from(value.div_euclid(MICROSECONDS_A_DAY)).ok();
            let days = microseconds.iter().map(|value| value.and_then(day));
            polars::prelude::Int32Chunked::from_iter_options(name, days).into_date().into_column()
        }
    }
}

/// The microseconds of a column of days or moments.
pub(super) fn microseconds(column: &Column) -> PolarsResult<Vec<Option<i64>>> {
    let physical = column.to_physical_repr().cast(&DataType::Int64)?;
    let scale = if *column.dtype() == DataType::Date { MICROSECONDS_A_DAY } else { 1 };
    Ok(physical.i64()?.iter().map(|value| value.map(|value| value.saturating_mul(scale))).collect())
}

fn cells(values: &Column, rows: usize) -> Result<Cells, Fault> {
    let failed = |error: polars::prelude::PolarsError| Fault::new(error.to_string());
    Ok(match values.dtype() {
        DataType::Null => Cells::Empty(rows),
        DataType::Boolean => Cells::Bool(values.bool().map_err(failed)?.iter().collect()),
        DataType::Int64 => Cells::Integer(values.i64().map_err(failed)?.iter().collect()),
        DataType::Float64 => {
            let values = values.f64().map_err(failed)?.iter();
            // As in a file: there is no -0.
            Cells::Float(values.map(|value| value.map_or(f64::NAN, |value| value + 0.0)).collect())
        }
        DataType::String => Cells::Text(values.str().map_err(failed)?.iter().collect()),
        DataType::Date => {
            let moments = microseconds(values).map_err(failed)?;
            Cells::Moment(moments.into_iter().collect(), Calendar::Date)
        }
        DataType::Datetime(TimeUnit::Microseconds, None) => {
            let moments = microseconds(values).map_err(failed)?;
            Cells::Moment(moments.into_iter().collect(), Calendar::Datetime)
        }
        dtype if dtype.is_integer() => {
            let values = values.cast(&DataType::Int64).map_err(failed)?;
            Cells::Integer(values.i64().map_err(failed)?.iter().collect())
        }
        other => {
            return Err(Fault::new(format!(
                "the expression is of type {other}, which no column has"
            ))
            .help("a column is a number, text, a truth value, a date or a datetime"));
        }
    })
}

/// The first line of polars' message, with the columns' own names.
fn in_words(message: &str, expression: &Expression) -> String {
    let first = message.lines().next().unwrap_or_default();
    expression
        .columns
        .iter()
        .enumerate()
        .fold(first.to_owned(), |text, (at, name)| text.replace(&alias(at), name))
}
