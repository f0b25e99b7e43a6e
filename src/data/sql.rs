//! Checks SQL expressions, and predicates among them: every word of one must speak about a single
//! row.
//! Evaluating them is left to `load::evaluate`.

mod functions;
mod moments;
mod source;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Token, Tokenizer};

pub use self::functions::sql_functions;
use self::source::Source;
use self::walk::Walk;
use super::load::{Fault, check_types, nearest};
use super::{ColumnInfo, ColumnKind, Columns};
use crate::diagnostic::Near;

/// An expression is written by hand; a list of values may be long all the same.
const MOST_TOKENS: usize = 10_000;

/// A SQL text that cannot be used as an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    pub message: String,
    /// The bytes of the SQL text that are to blame.
    pub within: Option<Range<usize>>,
    pub help: Option<String>,
    /// What stands there, and what was probably meant.
    pub instead: Option<(String, Near)>,
}

impl From<Fault> for SqlError {
    fn from(fault: Fault) -> Self {
        Self { message: fault.message, within: None, help: fault.help, instead: None }
    }
}

impl SqlError {
    fn new(message: impl Into<String>, within: Option<Range<usize>>) -> Self {
        Self { message: message.into(), within, help: None, instead: None }
    }

    /// Asks whether one of the near names was meant by `old`, the blamed bytes.
    fn instead(self, old: &str, near: Near) -> Self {
        let error = self.help(near.question());
        Self { instead: Some((old.to_owned(), near)), ..error }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What is known of an expression that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The columns that it names, in the order of their first use.
    pub columns: Vec<Arc<str>>,
    /// The type of its values; none where the types of its columns may still widen, and with those
    /// that are known so far it has none.
    pub kind: Option<ColumnKind>,
}

/// Checks that `sql` is true or false of a row by itself, and returns the columns it names, in
/// the order of their first use. With `columns`, also that they are there and of types that fit;
/// the types only where they are known from all rows.
///
/// # Errors
/// The first word that cannot stand in a predicate.
pub fn check_predicate(sql: &str, columns: Option<&Columns>) -> Result<Vec<Arc<str>>, SqlError> {
    let predicate = Expression::parse(sql)?;
    let Some(columns) = columns else { return Ok(predicate.columns) };
    let kinds = predicate.kinds(sql, columns)?;
    if is_settled(columns, &kinds) {
        let kind = check_types(&predicate, &kinds).map_err(SqlError::from)?;
        must_be_bool(&kind).map_err(|reason| SqlError::new(reason, None))?;
    }
    Ok(predicate.columns)
}

/// Checks that `sql` is a value of each row by itself; with `columns`, also that those it names
/// are there, and what type the value has.
///
/// # Errors
/// The first word that cannot stand in an expression.
pub fn check_expression(sql: &str, columns: Option<&Columns>) -> Result<Checked, SqlError> {
    let expression = Expression::parse(sql)?;
    let mut kind = None;
    if let Some(columns) = columns {
        let kinds = expression.kinds(sql, columns)?;
        kind = match check_types(&expression, &kinds) {
            Ok(kind) => Some(kind),
            Err(_) if !is_settled(columns, &kinds) => None,
            Err(fault) => return Err(fault.into()),
        };
    }
    Ok(Checked { columns: expression.columns, kind })
}

/// The columns, with those behind them that `derived` (names and SQL) makes of them and of the
/// derived ones before. A type that is not known yet is [`ColumnKind::Empty`].
///
/// # Errors
/// The position of the first one that cannot be derived, and why.
pub fn with_derived(
    columns: &Columns,
    derived: &[(Arc<str>, &str)],
) -> Result<Columns, (usize, SqlError)> {
    let mut all = columns.clone();
    for (at, (name, sql)) in derived.iter().enumerate() {
        if all.get(name).is_some() {
            let message = format!("there is a column `{name}` already");
            let error = SqlError::new(message, None).help("give the derived column a new name");
            return Err((at, error));
        }
        let checked = check_expression(sql, Some(&all)).map_err(|error| (at, error))?;
        let kind = checked.kind.unwrap_or(ColumnKind::Empty);
        all.infos.push(ColumnInfo { name: name.clone(), kind, missing: None });
    }
    Ok(all)
}

/// Whether no row that is still unread can change these types. Text stays text.
fn is_settled(columns: &Columns, kinds: &[ColumnKind]) -> bool {
    columns.rows.is_some() || kinds.iter().all(|kind| *kind == ColumnKind::Text)
}

/// Refuses as a predicate what is neither true nor false.
pub(super) fn must_be_bool(kind: &ColumnKind) -> Result<(), String> {
    let what = match kind {
        ColumnKind::Bool => return Ok(()),
        ColumnKind::Empty => return Err("the expression is never true or false".to_owned()),
        ColumnKind::Text => "text",
        ColumnKind::Integer | ColumnKind::Float => "a number",
        ColumnKind::Date => "a date",
        ColumnKind::Datetime => "a time",
        ColumnKind::Other(_) => "no truth value",
    };
    Err(format!("the expression is {what} and not true or false"))
}

fn unknown_column(sql: &str, name: &str, within: Range<usize>, columns: &Columns) -> SqlError {
    let quoted = sql[within.clone()].starts_with(['"', '`']);
    let found = &sql[within.clone()];
    let error = SqlError::new(format!("there is no column `{name}` in the data"), Some(within));
    match nearest(name, columns.names()) {
        Some(near) => error.instead(found, near.map(written)),
        None if quoted => error.help(format!(
            "double quotes are for names; text stands in single ones: '{}'",
            name.replace('\'', "''")
        )),
        None => error,
    }
}

/// A column's name as SQL takes it.
fn written(name: &str) -> String {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// What stands for the column at `at` while polars works: there the names `*` and `^…$` mean many.
pub(super) fn alias(at: usize) -> String {
    format!("__{at}__")
}

/// An expression that has been checked.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// The columns that it names, in the order of their first use.
    pub columns: Vec<Arc<str>>,
    /// Where each is named first, in bytes of the SQL text.
    first_uses: Vec<Range<usize>>,
    /// The SQL text with the columns' aliases in place of their names.
    pub text: String,
}

impl Expression {
    pub(super) fn parse(sql: &str) -> Result<Self, SqlError> {
        let mut source = Source::new(sql);
        let tokens = Tokenizer::new(&GenericDialect, sql)
            .tokenize_with_location()
            .map_err(|error| source.syntax(&error.message, error.location))?;
        let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        source.words = words.cloned().collect();
        if source.words.is_empty() {
            return Err(SqlError::new("the expression is empty", None));
        }
        if source.words.len() > MOST_TOKENS {
            return Err(SqlError::new(
                format!("the expression has more than {MOST_TOKENS} words"),
                None,
            ));
        }
        // The dialect and options of polars, so that both read the same tree.
        let options = ParserOptions::new().with_trailing_commas(true);
        let mut parser =
            Parser::new(&GenericDialect).with_options(options).with_tokens_with_locations(tokens);
        let expr = parser.parse_expr().map_err(|error| source.parser(error))?;
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let message = format!("the expression should end before `{}`", next.token);
            return Err(source.refuse(next.span, message));
        }

        let mut walk = Walk::new(&source);
        walk.expr(&expr)?;
        walk.replace_epochs();
        let Walk { columns, uses, whole, moments, .. } = walk;
        if columns.is_empty() {
            let help = "an expression is about the columns of a row, as in `age >= 18` or `weight / height`";
            return Err(
                SqlError::new("the expression names no column", Some(0..sql.len())).help(help)
            );
        }
        let first_use = |at: usize| uses.iter().find(|(_, column)| *column == at);
        let first_uses =
            (0..columns.len()).filter_map(first_use).map(|(range, _)| range.clone()).collect();
        // A quoted name may touch the next word.
        let names = uses.into_iter().map(|(range, column)| (range, format!(" {} ", alias(column))));
        let points = whole.into_iter().map(|range| (range.end..range.end, ".0".to_owned()));
        let mut edits: Vec<(Range<usize>, String)> = names.chain(points).chain(moments).collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = sql.to_owned();
        for (range, with) in edits.into_iter().rev() {
            text.replace_range(range, &with);
        }
        Ok(Self { columns, first_uses, text })
    }

    /// The type of each column.
    fn kinds(&self, sql: &str, columns: &Columns) -> Result<Vec<ColumnKind>, SqlError> {
        let kind = |(name, within): (&Arc<str>, &Range<usize>)| {
            let Some(info) = columns.get(name) else {
                return Err(unknown_column(sql, name, within.clone(), columns));
            };
            if let ColumnKind::Other(kind) = &info.kind {
                let message =
                    format!("column `{name}` is of type {kind}, which SQL cannot use here");
                return Err(SqlError::new(message, Some(within.clone())));
            }
            Ok(info.kind.clone())
        };
        self.columns.iter().zip(&self.first_uses).map(kind).collect()
    }
}

#[cfg(test)]
mod tests;
