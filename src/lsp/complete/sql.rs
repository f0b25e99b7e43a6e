//! What can be written inside of an SQL expression: columns, functions, words of SQL, and the values of a column
//! between quotes.
//!
//! The cursor is found in the text as it is written, so that YAML's own quotes and escapes do not shift it; what
//! is inserted passes through both spellings, SQL's and YAML's.

use std::ops::Range;

use super::asked::{Asked, between_double_quotes, escaped};
use super::{Completion, CompletionKind, Insert};
use crate::diagnostic::Segment;
use crate::lsp::columns::{described, in_short};
use crate::lsp::sql::{Kind, Token, letters, tokens};
use crate::session::KnownColumn;
use crate::spec::sql_functions;
use crate::text::{Form, Quote};

/// Words between the names.
const WORDS: [&str; 12] = [
    "and",
    "or",
    "not",
    "in",
    "between",
    "is null",
    "is not null",
    "like",
    "case",
    "when",
    "then",
    "else",
];

/// What can be written at the cursor; none where no SQL stands there.
pub fn complete(asked: &Asked<'_>) -> Option<Vec<Completion>> {
    if !is_sql(asked.route.segments()) {
        return None;
    }
    let (site, text) = (asked.site(), asked.view.text);
    let letters = letters(text, &site.word, site.quote);
    let tokens = tokens(&letters, site.word.end);
    let here = tokens.iter().position(|token| token.holds(asked.offset));
    let expression = Expression { asked, tokens };
    Some(match here.map(|at| (at, expression.tokens[at].kind)) {
        Some((at, Kind::Text)) => expression.values(at),
        Some((at, Kind::Quoted)) => expression.quoted(at),
        Some((at, Kind::Word)) => expression.words(expression.tokens[at].range.clone()),
        Some((_, Kind::Number)) => Vec::new(),
        Some((_, Kind::Other)) | None => expression.words(asked.offset..asked.offset),
    })
}

/// Whether an expression stands at a route.
pub fn is_sql(route: &[Segment]) -> bool {
    let keys: Option<Vec<&str>> = route
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => Some(&**key),
            Segment::Index(_) => None,
        })
        .collect();
    matches!(
        keys.as_deref(),
        Some(["data", "where"] | ["data", "derive", _] | ["slices", _, "where"])
    )
}

struct Expression<'a, 'v> {
    asked: &'a Asked<'v>,
    tokens: Vec<Token>,
}

impl Expression<'_, '_> {
    fn words(&self, range: Range<usize>) -> Vec<Completion> {
        let mut found = self.columns(&range, named);
        for (name, fewest) in sql_functions() {
            let call = if fewest == 0 { "()" } else { "($1)" };
            let insert = Insert::Snippet(format!("{name}{call}"));
            found.push(self.plain(name, CompletionKind::Function, range.clone(), insert));
        }
        for word in WORDS {
            let insert = Insert::Text(word.to_owned());
            found.push(self.plain(word, CompletionKind::Value, range.clone(), insert));
        }
        found
    }

    /// Inside of double quotes: a column.
    fn quoted(&self, at: usize) -> Vec<Completion> {
        let token = &self.tokens[at];
        let closing = if token.closed { "" } else { "\"" };
        self.columns(&self.inside(token), |name| format!("{}{closing}", name.replace('"', "\"\"")))
    }

    /// The columns that the expression can speak of, as SQL spells them at the cursor.
    fn columns(&self, range: &Range<usize>, spell: impl Fn(&str) -> String) -> Vec<Completion> {
        let known = self.asked.view.known.into_iter().flat_map(|known| &known.columns);
        let column = |column: &KnownColumn| {
            Some(Completion {
                label: column.name.clone(),
                kind: CompletionKind::Column,
                detail: Some(in_short(column)),
                documentation: Some(described(column)),
                range: range.clone(),
                insert: self.written(&spell(&column.name), range)?,
            })
        };
        known.filter(|each| !self.is_derived_here(&each.name)).filter_map(column).collect()
    }

    /// Inside of single quotes: a value of the column before them.
    fn values(&self, at: usize) -> Vec<Completion> {
        let token = &self.tokens[at];
        let range = self.inside(token);
        let Some(known) = self.asked.view.known else { return Vec::new() };
        let names = |token: &&Token| matches!(token.kind, Kind::Word | Kind::Quoted);
        let before = self.tokens[..at].iter().rev().filter(names);
        let column = before.into_iter().find_map(|token| known.column(&token.text));
        let mut found = Vec::new();
        for value in column.into_iter().flat_map(|column| &column.values) {
            let closing = if token.closed { "" } else { "'" };
            let sql = format!("{}{closing}", value.replace('\'', "''"));
            let written = self.written(&sql, &range);
            found.extend(
                written
                    .map(|insert| self.plain(value, CompletionKind::Value, range.clone(), insert)),
            );
        }
        found
    }

    /// What is replaced between quotes; where they are open, nothing behind the cursor.
    fn inside(&self, token: &Token) -> Range<usize> {
        let end = if token.closed { token.inner.end } else { self.asked.offset };
        token.inner.start..end
    }

    /// Whether a column is made by the expression itself.
    fn is_derived_here(&self, name: &str) -> bool {
        let [Segment::Key(_), Segment::Key(derive), Segment::Key(own)] =
            self.asked.route.segments()
        else {
            return false;
        };
        &**derive == "derive" && &**own == name
    }

    fn plain(
        &self,
        label: &str,
        kind: CompletionKind,
        range: Range<usize>,
        insert: Insert,
    ) -> Completion {
        let insert = match (self.asked.lead(), insert) {
            ("", insert) => insert,
            (lead, Insert::Text(text)) => Insert::Text(format!("{lead}{text}")),
            (lead, Insert::Snippet(text)) => Insert::Snippet(format!("{lead}{text}")),
        };
        let (detail, documentation) = (None, None);
        Completion { label: label.to_owned(), kind, detail, documentation, range, insert }
    }

    /// SQL as the scalar around the cursor spells it; none where it cannot.
    fn written(&self, sql: &str, range: &Range<usize>) -> Option<Insert> {
        let sql = sql.replace("${", "$${");
        let site = self.asked.site();
        let lead = self.asked.lead();
        // Only between double quotes there are escapes.
        if site.quote != Quote::Double && sql.contains(char::is_control) {
            return None;
        }
        let text = match site.quote {
            Quote::Block => sql,
            Quote::Single => sql.replace('\'', "''"),
            Quote::Double => between_double_quotes(&sql),
            Quote::Plain => {
                let ends = sql.contains(": ") || sql.contains(" #") || sql.ends_with(':');
                let breaks = site.form == Form::Flow && sql.contains([',', '[', ']', '{', '}']);
                let starts = range.start == site.word.start;
                let first = starts && sql.starts_with(['"', '\'']);
                if !(ends || breaks || first) {
                    sql
                } else if starts && range.end == site.word.end {
                    // All of the value goes between YAML's quotes, and the cursor stays inside.
                    let quoted = sql.replace('\'', "''");
                    return Some(Insert::Snippet(format!("{lead}'{}$0'", escaped(&quoted))));
                } else {
                    return None;
                }
            }
        };
        Some(Insert::Text(format!("{lead}{text}")))
    }
}

/// A column as SQL names it.
fn named(name: &str) -> String {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word && !is_reserved(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Whether a name means something else to SQL.
fn is_reserved(name: &str) -> bool {
    const RESERVED: &[&str] = &[
        "all",
        "and",
        "any",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "cross",
        "current_date",
        "current_time",
        "current_timestamp",
        "date",
        "desc",
        "distinct",
        "else",
        "end",
        "escape",
        "except",
        "exists",
        "extract",
        "false",
        "filter",
        "from",
        "full",
        "group",
        "having",
        "ilike",
        "in",
        "inner",
        "intersect",
        "interval",
        "is",
        "join",
        "like",
        "limit",
        "natural",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "over",
        "position",
        "rlike",
        "select",
        "similar",
        "substring",
        "then",
        "time",
        "timestamp",
        "trim",
        "true",
        "union",
        "using",
        "values",
        "when",
        "where",
        "window",
        "with",
        "within",
    ];
    let lower = name.to_ascii_lowercase();
    RESERVED.contains(&lower.as_str()) || sql_functions().any(|(function, _)| function == lower)
}
