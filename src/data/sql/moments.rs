//! Days and moments in an expression: their literals, and the parts that are taken from them.

use sqlparser::ast::{
    DataType, DateTimeField, Expr, Spanned, TimezoneInfo, TypedString, Value, ValueWithSpan,
};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use crate::data::load::nearest;
use crate::data::moment::{Calendar, parse_date, parse_datetime, shown};

use super::SqlError;
use super::walk::Walk;

/// What `extract` and `date_part` take from a day or a moment.
const PARTS: &[&str] = &[
    "year", "quarter", "month", "week", "day", "hour", "minute", "second", "epoch", "doy", "dow",
    "isodow", "isoyear",
];

/// What stands for `epoch` while polars works. Its own goes by nanoseconds, which end in 2262.
pub const EPOCH: &str = "millennium";

/// Whether a type is one of days or moments.
pub fn calendar(data_type: &DataType) -> Option<Calendar> {
    match data_type {
        DataType::Date => Some(Calendar::Date),
        DataType::Datetime(None) | DataType::Timestamp(None, TimezoneInfo::None) => {
            Some(Calendar::Datetime)
        }
        _ => None,
    }
}

impl Walk<'_> {
    /// `DATE '2024-01-31'` and `TIMESTAMP '2024-01-31 10:00'`.
    pub(super) fn moment(&mut self, literal: &TypedString) -> Result<(), SqlError> {
        let TypedString { data_type, value, uses_odbc_syntax } = literal;
        let before = |token: &&TokenWithSpan| token.span.end <= value.span.start;
        let word = self.source.words.iter().rev().find(before);
        let place = word.map(|word| Span::new(word.span.start, value.span.end));
        let (Some(calendar), Some(range), false) = (
            calendar(data_type),
            place.and_then(|place| self.source.range(place)),
            uses_odbc_syntax,
        ) else {
            let message = format!("`{data_type}` makes no literal here");
            let help = "write `DATE '2024-01-31'` or `TIMESTAMP '2024-01-31 10:00:00'`";
            return Err(self.source.refuse(value.span, message).help(help));
        };
        let moment = self.is_moment(value, calendar)?;
        let kind = match calendar {
            Calendar::Date => "DATE",
            Calendar::Datetime => "TIMESTAMP",
        };
        let cast = format!(" CAST('{}' AS {kind}) ", shown(moment, calendar));
        self.moments.push((range, cast));
        Ok(())
    }

    /// The moment that a literal is.
    pub(super) fn is_moment(
        &self,
        value: &ValueWithSpan,
        calendar: Calendar,
    ) -> Result<i64, SqlError> {
        let Value::SingleQuotedString(text) = &value.value else {
            let message = format!("`{value}` is neither a date nor a time");
            return Err(self.source.refuse(value.span, message));
        };
        let (moment, expected) = match calendar {
            Calendar::Date => (parse_date(text), "a date, such as 2024-01-31"),
            Calendar::Datetime => (
                parse_datetime(text).map(|(moment, _)| moment),
                "a time, such as 2024-01-31 10:00:00",
            ),
        };
        moment.ok_or_else(|| self.source.refuse(value.span, format!("`{text}` is not {expected}")))
    }

    /// `EXTRACT(year FROM x)`.
    pub(super) fn extract(&mut self, field: &DateTimeField, expr: &Expr) -> Result<(), SqlError> {
        let name = field.to_string();
        self.is_part(&name, || {
            let start = sqlparser::tokenizer::Location::new(1, 1);
            let found = self.source.words.iter().rev().find(|token| {
                token.span.end <= expr.span().start
                    && token.token.to_string().eq_ignore_ascii_case(&name)
            });
            found.map_or_else(|| self.source.word(start, &["EXTRACT"]), |token| token.span)
        })?;
        self.expr(expr)
    }

    /// `DATE_PART('year', x)`.
    pub(super) fn date_part(&mut self, part: &Expr, expr: &Expr) -> Result<(), SqlError> {
        let Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(name), span }) = part
        else {
            let message = "only text in single quotes can stand here";
            return Err(self.source.refuse(part.span(), message));
        };
        self.is_part(name, || *span)?;
        if name.eq_ignore_ascii_case("epoch")
            && let Some(range) = self.source.range(*span)
        {
            self.moments.push((range, format!("'{EPOCH}'")));
        }
        self.expr(expr)
    }

    fn is_part(&self, name: &str, place: impl FnOnce() -> Span) -> Result<(), SqlError> {
        let lower = name.to_lowercase();
        if PARTS.contains(&&*lower) {
            return Ok(());
        }
        let error = self.source.refuse(place(), format!("there is no part `{lower}` of a date"));
        Err(match nearest(&lower, PARTS.iter().copied()) {
            Some(near) => error.help(near.question()),
            None => error.help(format!("these are: {}", PARTS.join(", "))),
        })
    }

    /// Puts what stands for `epoch` in its place, wherever it is extracted.
    pub(super) fn replace_epochs(&mut self) {
        let is = |token: &TokenWithSpan, word: &str| {
            matches!(&token.token, Token::Word(found)
                if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
        };
        let epochs = self.source.words.windows(3).filter(|words| {
            is(&words[0], "extract") && words[1].token == Token::LParen && is(&words[2], "epoch")
        });
        let ranges = epochs.filter_map(|words| self.source.range(words[2].span));
        self.moments.extend(ranges.map(|range| (range, EPOCH.to_owned())));
    }
}
