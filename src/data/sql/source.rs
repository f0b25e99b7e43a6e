//! The SQL text of an expression and the places in it.

use std::ops::Range;

use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

use super::SqlError;

/// The SQL text, for places in it.
pub(super) struct Source<'a> {
    pub(super) sql: &'a str,
    /// Where each line starts.
    lines: Vec<usize>,
    /// The tokens but blanks and comments.
    pub(super) words: Vec<TokenWithSpan>,
}

impl<'a> Source<'a> {
    pub(super) fn new(sql: &'a str) -> Self {
        let starts = sql.match_indices('\n').map(|(at, _)| at + 1);
        Self { sql, lines: std::iter::once(0).chain(starts).collect(), words: Vec::new() }
    }

    pub(super) fn byte(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let start = *self.lines.get(line)?;
        let in_line = self.sql[start..].char_indices().nth(column).map(|(at, _)| at);
        Some(start + in_line.unwrap_or(self.sql.len() - start))
    }

    pub(super) fn range(&self, span: Span) -> Option<Range<usize>> {
        let (start, end) = (self.byte(span.start)?, self.byte(span.end)?);
        (start < end).then_some(start..end)
    }

    pub(super) fn refuse(&self, span: Span, message: impl Into<String>) -> SqlError {
        SqlError::new(message, self.range(span))
    }

    /// A mistake that was found at a place: the token there, or the end of the text.
    pub(super) fn syntax(&self, message: &str, location: Location) -> SqlError {
        let mut chars = message.chars();
        let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
        let message = format!("{first}{}", chars.as_str())
            .replace("expected: ", "expected ")
            .replace(", found: EOF", ", found the end")
            .replace(", found: ", ", found ");
        let token = self.words.iter().find(|token| token.span.start == location);
        let end = self.sql.len();
        let within = match (token, self.byte(location)) {
            (Some(token), _) => self.range(token.span),
            (None, Some(at)) => Some(at..end),
            (None, None) => Some(end..end),
        };
        SqlError::new(message, within)
    }

    pub(super) fn parser(&self, error: ParserError) -> SqlError {
        let message = match error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
            ParserError::RecursionLimitExceeded => {
                return SqlError::new("the expression is nested too deeply", None);
            }
        };
        // The parser has no other way to say where it stopped.
        let location = message.rsplit_once(" at Line: ").and_then(|(before, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some((before, Location::new(line.parse().ok()?, column.parse().ok()?)))
        });
        match location {
            Some((message, location)) => self.syntax(message, location),
            None => self.syntax(&message, Location::empty()),
        }
    }

    /// The first of `words` at or after `from`.
    pub(super) fn word(&self, from: Location, words: &[&str]) -> Span {
        let is = |token: &&TokenWithSpan| match &token.token {
            Token::Word(word) if word.quote_style.is_none() => {
                words.iter().any(|other| word.value.eq_ignore_ascii_case(other))
            }
            _ => false,
        };
        let found = self.words.iter().filter(|token| token.span.start >= from).find(is);
        found.map_or(Span::empty(), |token| token.span)
    }

    /// The token that is written between two operands.
    pub(super) fn between(&self, left: Span, right: Span) -> Span {
        let mut between = self.words.iter().filter(|token| {
            token.span.start >= left.end
                && token.span.end <= right.start
                && !matches!(token.token, Token::LParen | Token::RParen)
        });
        between.next().map_or(Span::empty(), |token| token.span)
    }
}
