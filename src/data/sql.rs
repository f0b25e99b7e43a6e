//! Checks SQL predicates: every word of one must speak about a single row.
//! Evaluating them is left to `load::filter`.

mod functions;
mod source;
mod walk;

use std::ops::Range;
use std::sync::Arc;

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{Token, Tokenizer};

use self::source::Source;
use self::walk::Walk;
use super::load::{check_types, nearest};
use super::{ColumnKind, Columns};

/// A predicate is written by hand; a list of values may be long all the same.
const MOST_TOKENS: usize = 10_000;

/// A SQL text that cannot be used as a predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    pub message: String,
    /// The bytes of the SQL text that are to blame.
    pub within: Option<Range<usize>>,
    pub help: Option<String>,
}

impl SqlError {
    fn new(message: impl Into<String>, within: Option<Range<usize>>) -> Self {
        Self { message: message.into(), within, help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Checks that `sql` is true or false of a row by itself, and returns the columns it names, in
/// the order of their first use. With `columns`, also that they are there and of types that fit;
/// the types only where they are known from all rows.
///
/// # Errors
/// The first word that cannot stand in a predicate.
pub fn check_predicate(sql: &str, columns: Option<&Columns>) -> Result<Vec<Arc<str>>, SqlError> {
    let predicate = Predicate::parse(sql)?;
    let Some(columns) = columns else { return Ok(predicate.columns) };
    let mut kinds = Vec::with_capacity(predicate.columns.len());
    for (name, within) in predicate.columns.iter().zip(&predicate.first_uses) {
        let Some(info) = columns.get(name) else {
            return Err(unknown_column(sql, name, within.clone(), columns));
        };
        if let ColumnKind::Other(kind) = &info.kind {
            let message = format!("column `{name}` is of type {kind}, which cannot be compared");
            return Err(SqlError::new(message, Some(within.clone())));
        }
        kinds.push(info.kind.clone());
    }
    // Types from the first rows may widen, to text at last; text stays text.
    if columns.rows.is_some() || kinds.iter().all(|kind| *kind == ColumnKind::Text) {
        check_types(&predicate, &kinds).map_err(|reason| SqlError::new(reason, None))?;
    }
    Ok(predicate.columns)
}

fn unknown_column(sql: &str, name: &str, within: Range<usize>, columns: &Columns) -> SqlError {
    let quoted = sql[within.clone()].starts_with(['"', '`']);
    let error = SqlError::new(format!("there is no column `{name}` in the data"), Some(within));
    match nearest(name, columns.names()) {
        Some(near) => error.help(format!("did you mean `{}`?", written(near))),
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

/// A predicate that has been checked.
#[derive(Clone, Debug)]
pub(super) struct Predicate {
    /// The columns that it names, in the order of their first use.
    pub columns: Vec<Arc<str>>,
    /// Where each is named first, in bytes of the SQL text.
    first_uses: Vec<Range<usize>>,
    /// The SQL text with the columns' aliases in place of their names.
    pub text: String,
}

impl Predicate {
    pub(super) fn parse(sql: &str) -> Result<Self, SqlError> {
        let mut source = Source::new(sql);
        let tokens = Tokenizer::new(&GenericDialect, sql)
            .tokenize_with_location()
            .map_err(|error| source.syntax(&error.message, error.location))?;
        let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        source.words = words.cloned().collect();
        if source.words.is_empty() {
            return Err(SqlError::new("the predicate is empty", None));
        }
        if source.words.len() > MOST_TOKENS {
            return Err(SqlError::new(
                format!("the predicate has more than {MOST_TOKENS} words"),
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
            let message = format!("the predicate should end before `{}`", next.token);
            return Err(source.refuse(next.span, message));
        }

        let mut walk = Walk::new(&source);
        walk.expr(&expr)?;
        let Walk { columns, uses, whole, .. } = walk;
        if columns.is_empty() {
            let help = "a predicate says which rows to keep, as in `age >= 18`";
            return Err(
                SqlError::new("the predicate names no column", Some(0..sql.len())).help(help)
            );
        }
        let first_use = |at: usize| uses.iter().find(|(_, column)| *column == at);
        let first_uses =
            (0..columns.len()).filter_map(first_use).map(|(range, _)| range.clone()).collect();
        // A quoted name may touch the next word.
        let names = uses.into_iter().map(|(range, column)| (range, format!(" {} ", alias(column))));
        let points = whole.into_iter().map(|range| (range.end..range.end, ".0".to_owned()));
        let mut edits: Vec<(Range<usize>, String)> = names.chain(points).collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut text = sql.to_owned();
        for (range, with) in edits.into_iter().rev() {
            text.replace_range(range, &with);
        }
        Ok(Self { columns, first_uses, text })
    }
}

#[cfg(test)]
mod tests;
