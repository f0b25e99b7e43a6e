//! Turns the columns of polars into others, each value by itself.

use polars::prelude::{
    Column, DataType, Expr, Float64Chunked, Int64Chunked, IntoColumn, LiteralValue,
    NewChunkedArray, PolarsResult, Scalar, StringChunked, TimeUnit,
};

use crate::data::moment::{self, Calendar, MICROSECONDS_A_DAY, parse_date, parse_datetime};

use super::evaluate::{microseconds, moment_column};

/// The values as another type; those that have none there are missing.
pub(super) fn cast(column: &Column, target: &DataType) -> PolarsResult<Column> {
    match calendar(target) {
        Some(calendar) => to_moments(column, calendar),
        None if calendar(column.dtype()).is_some() => to_text(column),
        None => defined(column.cast(target)?),
    }
}

/// The first row that had a value and has none after a cast. NaN is no value.
pub(super) fn lost(before: &Column, after: &Column) -> Option<usize> {
    let is_nan =
        |row: usize| before.f64().is_ok_and(|values| values.get(row).is_some_and(f64::is_nan));
    let (had, has) = (before.is_not_null(), after.is_not_null());
    let mut rows = had.iter().zip(has.iter()).enumerate();
    rows.find(|(row, (had, has))| *had == Some(true) && *has == Some(false) && !is_nan(*row))
        .map(|(row, _)| row)
}

/// A day or a moment as polars writes it.
pub(super) fn moment_literal(microseconds: i64, calendar: Calendar) -> Expr {
    let scalar = match calendar {
        Calendar::Date => {
            let days = microseconds.div_euclid(MICROSECONDS_A_DAY);
            Scalar::new_date(i32::try_from(days).unwrap_or_default())
        }
        Calendar::Datetime => Scalar::new_datetime(microseconds, TimeUnit::Microseconds, None),
    };
    Expr::Literal(LiteralValue::Scalar(scalar))
}

/// The moment that a text is.
pub(super) fn read(text: &str, calendar: Calendar) -> Option<i64> {
    match calendar {
        Calendar::Date => parse_date(text),
        Calendar::Datetime => parse_datetime(text).map(|(moment, _)| moment),
    }
}

/// Text and moments as days or as moments; a day begins at midnight.
fn to_moments(column: &Column, calendar: Calendar) -> PolarsResult<Column> {
    let moments: Vec<Option<i64>> = match column.dtype() {
        DataType::Null => vec![None; column.len()],
        DataType::String => {
            let texts = column.str()?.iter();
            texts.map(|text| text.and_then(|text| read(text, calendar))).collect()
        }
        _ => microseconds(column)?,
    };
    let moments = Int64Chunked::from_iter_options(column.name().clone(), moments.into_iter());
    Ok(moment_column(moments, calendar))
}

fn to_text(column: &Column) -> PolarsResult<Column> {
    let calendar = calendar(column.dtype()).unwrap_or(Calendar::Datetime);
    let texts: Vec<Option<String>> = microseconds(column)?
        .into_iter()
        .map(|value| value.map(|value| moment::shown(value, calendar)))
        .collect();
    let texts = texts.iter().map(Option::as_deref);
    let texts = StringChunked::from_iter_options(column.name().clone(), texts);
    Ok(texts.into_column())
}

/// Whether a type is one of days or moments.
pub(super) fn calendar(dtype: &DataType) -> Option<Calendar> {
    match dtype {
        DataType::Date => Some(Calendar::Date),
        DataType::Datetime(..) => Some(Calendar::Datetime),
        _ => None,
    }
}

/// The value of a row as a message names it.
pub(super) fn shown(column: &Column, row: usize) -> PolarsResult<String> {
    Ok(match (column.str(), column.f64()) {
        (Ok(texts), _) => texts.get(row).unwrap_or_default().to_owned(),
        (_, Ok(numbers)) => format!("{:?}", numbers.get(row).unwrap_or(f64::NAN)),
        _ => column.get(row)?.to_string(),
    })
}

/// What the values of a type are called.
pub(super) fn in_words(dtype: &DataType) -> &'static str {
    match dtype {
        DataType::Int64 => "a whole number",
        DataType::Float64 => "a number",
        DataType::Boolean => "`true` or `false`",
        DataType::Date => "a date (`YYYY-MM-DD`)",
        DataType::Datetime(..) => "a time (`YYYY-MM-DD HH:MM:SS`)",
        _ => "text",
    }
}

/// Seconds since 1970.
pub(super) fn epoch(column: &Column) -> PolarsResult<Column> {
    let name = column.name().clone();
    let seconds = match column.dtype() {
        DataType::Null => vec![None; column.len()],
        _ => microseconds(column)?,
    };
    let seconds = seconds.into_iter().map(|value| value.map(|value| value as f64 / 1e6));
    Ok(Float64Chunked::from_iter_options(name, seconds).into_column())
}

/// Numbers without NaN, which is a missing one.
pub(super) fn defined(column: Column) -> PolarsResult<Column> {
    let Ok(numbers) = column.f64() else { return Ok(column) };
    let defined = numbers.iter().map(|value| value.filter(|value| !value.is_nan()));
    let numbers: Float64Chunked = defined.collect();
    Ok(numbers.with_name(column.name().clone()).into_column())
}
