//! Checks SQL predicates: every word of one must speak about a single row.
//! Evaluating them is left to `load::filter`.

use std::ops::Range;
use std::sync::Arc;

use sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, ExactNumberInfo, Expr,
    Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned, UnaryOperator,
    Value, ValueWithSpan,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use super::load::{check_types, nearest};
use super::{ColumnKind, Columns};

/// Longer chains of operators would exhaust the stack of whoever walks them.
const DEEPEST: usize = 128;
const MOST_TOKENS: usize = 10_000;

/// The functions of one row that polars' SQL has: names, fewest and most arguments, and the
/// arguments that have to be literals.
const FUNCTIONS: &[(&str, usize, usize, &[usize])] = &[
    ("abs", 1, 1, &[]),
    ("acos", 1, 1, &[]),
    ("asin", 1, 1, &[]),
    ("atan", 1, 1, &[]),
    ("atan2", 2, 2, &[]),
    ("cbrt", 1, 1, &[]),
    ("ceiling", 1, 1, &[]),
    ("char_length", 1, 1, &[]),
    ("coalesce", 1, usize::MAX, &[]),
    ("concat", 1, usize::MAX, &[]),
    ("concat_ws", 2, usize::MAX, &[0]),
    ("cos", 1, 1, &[]),
    ("degrees", 1, 1, &[]),
    ("ends_with", 2, 2, &[]),
    ("exp", 1, 1, &[]),
    ("greatest", 1, usize::MAX, &[]),
    ("if", 3, 3, &[]),
    ("ifnull", 2, 2, &[]),
    ("least", 1, usize::MAX, &[]),
    ("left", 2, 2, &[1]),
    ("length", 1, 1, &[]),
    ("ln", 1, 1, &[]),
    ("log10", 1, 1, &[]),
    ("log1p", 1, 1, &[]),
    ("log2", 1, 1, &[]),
    ("lower", 1, 1, &[]),
    ("lpad", 2, 3, &[1, 2]),
    ("ltrim", 1, 2, &[1]),
    ("mod", 2, 2, &[]),
    ("nullif", 2, 2, &[]),
    ("octet_length", 1, 1, &[]),
    ("pi", 0, 0, &[]),
    ("pow", 2, 2, &[]),
    ("power", 2, 2, &[]),
    ("radians", 1, 1, &[]),
    ("regexp_like", 2, 3, &[1, 2]),
    ("replace", 3, 3, &[1, 2]),
    ("reverse", 1, 1, &[]),
    ("right", 2, 2, &[1]),
    ("round", 1, 2, &[1]),
    ("rpad", 2, 3, &[1, 2]),
    ("rtrim", 1, 2, &[1]),
    ("sign", 1, 1, &[]),
    ("sin", 1, 1, &[]),
    ("split_part", 3, 3, &[1, 2]),
    ("sqrt", 1, 1, &[]),
    ("starts_with", 2, 2, &[]),
    ("strpos", 2, 2, &[1]),
    ("tan", 1, 1, &[]),
    ("trunc", 1, 2, &[1]),
    ("upper", 1, 1, &[]),
];

/// Functions with a syntax of their own, for suggestions.
const SPECIAL: &[&str] = &["cast", "ceil", "floor", "position", "substr", "substring", "trim"];

const OF_MANY_ROWS: &[&str] = &[
    "array_agg",
    "avg",
    "corr",
    "count",
    "covar",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "dense_rank",
    "first",
    "first_value",
    "group_concat",
    "lag",
    "last",
    "last_value",
    "lead",
    "listagg",
    "max",
    "mean",
    "median",
    "min",
    "mode",
    "ntile",
    "percent_rank",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "rank",
    "row_number",
    "std",
    "stddev",
    "stddev_samp",
    "stdev",
    "string_agg",
    "sum",
    "total",
    "unnest",
    "var",
    "var_samp",
    "variance",
];

const OF_THE_MOMENT: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "gen_random_uuid",
    "getdate",
    "localtime",
    "localtimestamp",
    "newid",
    "now",
    "rand",
    "random",
    "today",
    "uuid",
];

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
        let source = Source::new(sql);
        let tokens = Tokenizer::new(&GenericDialect, sql)
            .tokenize_with_location()
            .map_err(|error| source.syntax(&error.message, error.location))?;
        let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
        let source = Source { words: words.cloned().collect(), ..source };
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

        let mut walk = Walk {
            source: &source,
            columns: Vec::new(),
            uses: Vec::new(),
            whole: Vec::new(),
            depth: 0,
        };
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

/// The SQL text, for places in it.
struct Source<'a> {
    sql: &'a str,
    /// Where each line starts.
    lines: Vec<usize>,
    /// The tokens but blanks and comments.
    words: Vec<TokenWithSpan>,
}

impl<'a> Source<'a> {
    fn new(sql: &'a str) -> Self {
        let starts = sql.match_indices('\n').map(|(at, _)| at + 1);
        Self { sql, lines: std::iter::once(0).chain(starts).collect(), words: Vec::new() }
    }

    fn byte(&self, location: Location) -> Option<usize> {
        let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
        let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
        let start = *self.lines.get(line)?;
        let in_line = self.sql[start..].char_indices().nth(column).map(|(at, _)| at);
        Some(start + in_line.unwrap_or(self.sql.len() - start))
    }

    fn range(&self, span: Span) -> Option<Range<usize>> {
        let (start, end) = (self.byte(span.start)?, self.byte(span.end)?);
        (start < end).then_some(start..end)
    }

    fn refuse(&self, span: Span, message: impl Into<String>) -> SqlError {
        SqlError::new(message, self.range(span))
    }

    /// A mistake that was found at a place: the token there, or the end of the text.
    fn syntax(&self, message: &str, location: Location) -> SqlError {
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

    fn parser(&self, error: ParserError) -> SqlError {
        let message = match error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
            ParserError::RecursionLimitExceeded => {
                return SqlError::new("the predicate is nested too deeply", None);
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
    fn word(&self, from: Location, words: &[&str]) -> Span {
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
    fn between(&self, left: Span, right: Span) -> Span {
        let mut between = self.words.iter().filter(|token| {
            token.span.start >= left.end
                && token.span.end <= right.start
                && !matches!(token.token, Token::LParen | Token::RParen)
        });
        between.next().map_or(Span::empty(), |token| token.span)
    }
}

struct Walk<'a> {
    source: &'a Source<'a>,
    columns: Vec<Arc<str>>,
    /// Where in the text each column is named.
    uses: Vec<(Range<usize>, usize)>,
    /// Where a whole number stands among numbers with a point.
    whole: Vec<Range<usize>>,
    depth: usize,
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<(), SqlError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let help = "a list of alternatives is shorter with `IN (…)`";
            return Err(SqlError::new("the predicate is nested too deeply", None).help(help));
        }
        self.node(expr)?;
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, expr: &Expr) -> Result<(), SqlError> {
        match expr {
            Expr::Identifier(ident) => self.column(ident),
            Expr::Value(value) => self.literal(value),
            Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.expr(inner),
            Expr::UnaryOp {
                op: UnaryOperator::Not | UnaryOperator::Minus | UnaryOperator::Plus,
                expr,
            } => self.expr(expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.expr(left)?;
                self.expr(right)
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.expr(expr)?;
                self.expr(low)?;
                self.expr(high)
            }
            Expr::InList { expr, list, negated: _ } => {
                self.expr(expr)?;
                self.list(list)
            }
            Expr::Like { any: false, expr, pattern, escape_char: None, negated: _ }
            | Expr::ILike { any: false, expr, pattern, escape_char: None, negated: _ }
            | Expr::RLike { expr, pattern, negated: _, regexp: _ } => {
                self.expr(expr)?;
                self.only_text(pattern)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                let parts = conditions.iter().flat_map(|when| [&when.condition, &when.result]);
                let parts =
                    operand.as_deref().into_iter().chain(parts).chain(else_result.as_deref());
                parts.into_iter().try_for_each(|part| self.expr(part))
            }
            Expr::Cast { kind, expr, data_type, array: false, format: None } => {
                self.expr(expr)?;
                self.cast(*kind == CastKind::DoubleColon, expr, data_type)
            }
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                if *field != CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) {
                    let message = "`ceil` and `floor` take one argument";
                    return Err(self.source.refuse(expr.span(), message));
                }
                self.expr(expr)
            }
            Expr::Trim { expr, trim_what, trim_characters: None, trim_where: _ } => {
                self.expr(expr)?;
                trim_what.iter().try_for_each(|what| self.only_text(what))
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                self.expr(expr)?;
                self.only_literal(from, "the start of a substring")?;
                let mut length = substring_for.iter();
                length.try_for_each(|it| self.only_literal(it, "the length of a substring"))
            }
            Expr::Position { expr, r#in } => {
                self.only_text(expr)?;
                self.expr(r#in)
            }
            Expr::Function(function) => self.function(function),
            other => Err(self.unavailable(other)),
        }
    }

    fn column(&mut self, ident: &Ident) -> Result<(), SqlError> {
        let Some(range) = self.source.range(ident.span) else {
            return Err(SqlError::new(
                format!("`{ident}` cannot be placed in the predicate"),
                None,
            ));
        };
        let known = self.columns.iter().position(|name| **name == *ident.value);
        let at = known.unwrap_or_else(|| {
            self.columns.push(ident.value.as_str().into());
            self.columns.len() - 1
        });
        self.uses.push((range, at));
        Ok(())
    }

    fn literal(&self, value: &ValueWithSpan) -> Result<(), SqlError> {
        match &value.value {
            Value::Boolean(_) | Value::Null | Value::SingleQuotedString(_) => Ok(()),
            // Polars reads a number with a point as a float and any other as an i64.
            Value::Number(number, false)
                if number.contains('.') || number.parse::<i64>().is_ok() =>
            {
                Ok(())
            }
            Value::Number(number, false)
                if let Some((digits, exponent)) = number.split_once(['e', 'E']) =>
            {
                let error =
                    self.source.refuse(value.span, format!("`{number}` has no decimal point"));
                Err(error.help(format!("write `{digits}.0e{exponent}`")))
            }
            Value::Number(number, _) => {
                let error = self
                    .source
                    .refuse(value.span, format!("`{number}` is too large for a whole number"));
                Err(error.help(format!("write `{number}.0`")))
            }
            other => Err(self
                .source
                .refuse(value.span, format!("`{other}` is no plain literal"))
                .help("numbers, text in single quotes, `TRUE`, `FALSE` and `NULL` are")),
        }
    }

    /// A literal, with its sign.
    fn only_literal(&self, expr: &Expr, place: &str) -> Result<(), SqlError> {
        match expr {
            Expr::Value(value) => self.literal(value),
            Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => {
                self.only_literal(expr, place)
            }
            other => Err(self.source.refuse(other.span(), format!("{place} takes literals only"))),
        }
    }

    /// The values of `IN (…)`, which polars takes of one type only.
    fn list(&mut self, list: &[Expr]) -> Result<(), SqlError> {
        let (mut whole, mut first) = (Vec::new(), None);
        for item in list {
            self.only_literal(item, "a list")?;
            let mut literal = item;
            while let Expr::UnaryOp { expr, .. } = literal {
                literal = expr;
            }
            let Expr::Value(value) = literal else { continue };
            let kind = match &value.value {
                Value::Null => continue,
                Value::Number(number, _) => {
                    if !number.contains('.') {
                        whole.push(self.source.range(value.span));
                    }
                    "numbers"
                }
                Value::Boolean(_) => "truth values",
                _ => "text",
            };
            if kind != *first.get_or_insert(kind) {
                return Err(self.source.refuse(value.span, "the values of a list have one type"));
            }
        }
        let numbers = list.iter().filter(|item| item.to_string() != "NULL").count();
        if first == Some("numbers") && whole.len() < numbers {
            self.whole.extend(whole.into_iter().flatten());
        }
        Ok(())
    }

    fn only_text(&self, expr: &Expr) -> Result<(), SqlError> {
        match expr {
            Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. }) => Ok(()),
            other => {
                Err(self.source.refuse(other.span(), "only text in single quotes can stand here"))
            }
        }
    }

    fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<(), SqlError> {
        use BinaryOperator as B;
        match op {
            B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq => {
                let null = [left, right].into_iter().find(|side| {
                    matches!(side, Expr::Value(ValueWithSpan { value: Value::Null, .. }))
                });
                if let Some(null) = null {
                    return Err(self
                        .source
                        .refuse(null.span(), "a comparison with `NULL` is never true")
                        .help("write `IS NULL` or `IS NOT NULL`"));
                }
            }
            B::And
            | B::Or
            | B::Plus
            | B::Minus
            | B::Multiply
            | B::Divide
            | B::Modulo
            | B::StringConcat => {}
            B::PGRegexMatch | B::PGRegexIMatch | B::PGRegexNotMatch | B::PGRegexNotIMatch => {
                self.expr(left)?;
                return self.only_text(right);
            }
            other => {
                let span = self.source.between(left.span(), right.span());
                return Err(self
                    .source
                    .refuse(span, format!("the operator `{other}` is not available")));
            }
        }
        self.expr(left)?;
        self.expr(right)
    }

    fn cast(&self, colons: bool, expr: &Expr, data_type: &DataType) -> Result<(), SqlError> {
        use DataType as D;
        if matches!(
            data_type,
            D::Int(None)
                | D::Integer(None)
                | D::BigInt(None)
                | D::Double(ExactNumberInfo::None)
                | D::DoublePrecision
                | D::Float(ExactNumberInfo::None)
                | D::Varchar(None)
                | D::Text
                | D::Boolean
                | D::Bool
        ) {
            return Ok(());
        }
        let name = data_type.to_string();
        let word = name.split(['(', ' ', '<']).next().unwrap_or_default();
        let from = if colons { expr.span().end } else { expr.span().start };
        let error = self
            .source
            .refuse(self.source.word(from, &[word]), format!("the type `{name}` is not available"));
        Err(error.help("these are: BIGINT, INT, DOUBLE, TEXT, BOOLEAN"))
    }

    fn function(&mut self, function: &Function) -> Result<(), SqlError> {
        let name = function.name.to_string();
        let lower = name.to_lowercase();
        let span = function.name.span();
        if let Some(refused) = self.refused_name(&lower, span) {
            return Err(refused);
        }
        if function.over.is_some() {
            let over = self.source.word(span.end, &["OVER"]);
            return Err(self.source.refuse(over, "a window looks at other rows"));
        }
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == lower);
        let Some((_, least, most, literals)) = known else {
            let error = self.source.refuse(span, format!("there is no function `{name}`"));
            let names = FUNCTIONS.iter().map(|(name, ..)| *name).chain(SPECIAL.iter().copied());
            return Err(match nearest(&lower, names) {
                _ if function.args == FunctionArguments::None => {
                    error.help(format!("a column of that name needs double quotes: \"{name}\""))
                }
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        let plain = !function.uses_odbc_syntax
            && function.parameters == FunctionArguments::None
            && function.filter.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty();
        let arguments = match &function.args {
            FunctionArguments::List(list)
                if plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() =>
            {
                &list.args
            }
            _ => {
                return Err(self
                    .source
                    .refuse(span, format!("`{name}` takes plain arguments only")));
            }
        };
        if !(*least..=*most).contains(&arguments.len()) {
            let takes = match (least, most) {
                (least, most) if least == most => least.to_string(),
                (least, &usize::MAX) => format!("{least} or more"),
                (least, most) => format!("{least} or {most}"),
            };
            let message = format!("`{name}` takes {takes} arguments, not {}", arguments.len());
            return Err(self.source.refuse(span, message));
        }
        for (at, argument) in arguments.iter().enumerate() {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) = argument else {
                return Err(self
                    .source
                    .refuse(span, format!("`{name}` takes plain arguments only")));
            };
            if literals.contains(&at) {
                self.only_literal(argument, &format!("argument {} of `{name}`", at + 1))?;
            } else {
                self.expr(argument)?;
            }
        }
        Ok(())
    }

    fn refused_name(&self, lower: &str, span: Span) -> Option<SqlError> {
        if OF_MANY_ROWS.contains(&lower) {
            let error = self.source.refuse(span, format!("`{lower}` looks at other rows"));
            return Some(match lower {
                "max" => error.help("the greatest of several columns is `greatest(a, b)`"),
                "min" => error.help("the least of several columns is `least(a, b)`"),
                _ => error.help("a predicate is judged row by row"),
            });
        }
        let error = || self.source.refuse(span, format!("`{lower}` changes from run to run"));
        OF_THE_MOMENT.contains(&lower).then(error)
    }

    /// Why a node of the tree cannot stand in a predicate.
    fn unavailable(&self, expr: &Expr) -> SqlError {
        let span = expr.span();
        let start = if span == Span::empty() { Location::new(1, 1) } else { span.start };
        let word = |words: &[&str]| self.source.word(start, words);
        match expr {
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
                let span = self.source.word(Location::new(1, 1), &["SELECT", "WITH", "VALUES"]);
                self.source.refuse(span, "a subquery looks at other rows")
            }
            Expr::AnyOp { .. } | Expr::AllOp { .. } => self
                .source
                .refuse(word(&["ANY", "SOME", "ALL"]), "`ANY` and `ALL` look at other rows"),
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => {
                self.source.refuse(span, "`*` names no single column")
            }
            Expr::CompoundIdentifier(parts) => {
                let name: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
                let name = name.join(".");
                self.source
                    .refuse(span, format!("`{name}` names a column of a table"))
                    .help(format!("a name that holds a point needs double quotes: \"{name}\""))
            }
            Expr::IsTrue(_) | Expr::IsNotTrue(_) | Expr::IsFalse(_) | Expr::IsNotFalse(_) => self
                .source
                .refuse(word(&["TRUE", "FALSE"]), "`IS TRUE` and `IS FALSE` are not available")
                .help(
                    "write `= TRUE` or `= FALSE`, with `OR … IS NULL` to keep rows without a value",
                ),
            Expr::Like { .. } | Expr::ILike { .. } => self
                .source
                .refuse(word(&["ESCAPE", "ANY"]), "`LIKE` takes neither `ESCAPE` nor `ANY`"),
            Expr::UnaryOp { op, .. } => {
                self.source.refuse(span, format!("the operator `{op}` is not available"))
            }
            other => self.source.refuse(span, format!("`{other}` is not available in a predicate")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ColumnInfo;

    fn columns(kinds: &[(&str, ColumnKind)], rows: Option<usize>) -> Columns {
        let info = |(name, kind): &(&str, ColumnKind)| ColumnInfo {
            name: (*name).into(),
            kind: kind.clone(),
            missing: None,
        };
        Columns { infos: kinds.iter().map(info).collect(), rows }
    }

    fn animals() -> Columns {
        columns(
            &[
                ("a", ColumnKind::Integer),
                ("x", ColumnKind::Float),
                ("s", ColumnKind::Text),
                ("b", ColumnKind::Bool),
                ("body mass", ColumnKind::Float),
                ("na\"me", ColumnKind::Text),
                ("*", ColumnKind::Float),
                ("^a.*$", ColumnKind::Float),
                ("größe@🐧", ColumnKind::Float),
                ("größe@", ColumnKind::Float),
                ("user", ColumnKind::Text),
                ("day", ColumnKind::Other("date".to_owned())),
                ("void", ColumnKind::Empty),
            ],
            Some(10),
        )
    }

    #[test]
    fn predicates_name_their_columns() {
        for (sql, names) in [
            ("a > 1", &["a"][..]),
            ("x >= 1.5 AND a < 2 OR x IS NULL", &["x", "a"]),
            ("\"body mass\" BETWEEN 1 AND 2", &["body mass"]),
            ("\"na\"\"me\"LIKE'A%'", &["na\"me"]),
            ("\"*\" > 1 AND \"^a.*$\" < 2", &["*", "^a.*$"]),
            ("größe@ > 1 -- a comment", &["größe@"]),
            ("x IN (1, 2.5, NULL, -3)", &["x"]),
            ("\"größe@🐧\" > 1 AND\n\t\"user\" = 'ü'", &["größe@🐧", "user"]),
            ("b", &["b"]),
            ("NOT b", &["b"]),
            ("void > 1", &["void"]),
            ("s IN ('a', 'b', NULL) AND a NOT IN (1, -2)", &["s", "a"]),
            ("s NOT LIKE 'A_%' AND s ILIKE 'b%' AND s RLIKE '^c'", &["s"]),
            ("s ~ 'a' AND s !~* 'b'", &["s"]),
            ("a IS DISTINCT FROM 1", &["a"]),
            ("CASE WHEN a > 1 THEN x ELSE -x END > 0", &["a", "x"]),
            ("CASE a WHEN 1 THEN TRUE WHEN 2 THEN b ELSE FALSE END", &["a", "b"]),
            ("(a % 2 = 0) = (x / 2 > 0.5)", &["a", "x"]),
            ("s || 'x' = 'ax'", &["s"]),
            ("x > -1.0e-3", &["x"]),
        ] {
            let checked = check_predicate(sql, Some(&animals()));
            let found = checked.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            assert_eq!(found.iter().map(|name| &**name).collect::<Vec<_>>(), names, "{sql}");
        }
    }

    #[test]
    fn errors_point_at_the_word() {
        for (sql, word, message) in [
            ("x > avg(x)", "avg", "`avg` looks at other rows"),
            ("a > 1 AND COUNT(*) > 2", "COUNT", "`count` looks at other rows"),
            ("x > lag(x) OVER (ORDER BY a)", "lag", "`lag` looks at other rows"),
            ("abs(x) OVER (PARTITION BY a) > 1", "OVER", "a window looks at other rows"),
            ("a IN (SELECT a FROM t)", "SELECT", "a subquery looks at other rows"),
            ("x > (SELECT max(x) FROM t)", "SELECT", "a subquery looks at other rows"),
            ("EXISTS (SELECT 1)", "SELECT", "a subquery looks at other rows"),
            ("x > ANY(ARRAY[1, 2])", "ANY", "`ANY` and `ALL` look at other rows"),
            ("x > random()", "random", "`random` changes from run to run"),
            ("a > 1 AND s < now()", "now", "`now` changes from run to run"),
            ("s < current_date", "current_date", "`current_date` changes from run to run"),
            ("größe@ > 1 AND\n  fibonacci(x) = 1", "fibonacci", "there is no function `fibonacci`"),
            ("user = 'me'", "user", "there is no function `user`"),
            ("t.a > 1", "t.a", "`t.a` names a column of a table"),
            ("missing_one > 1", "missing_one", "there is no column `missing_one` in the data"),
            (
                "\"größe@🐧\" > 1 AND \"boddy mass\" > 2",
                "\"boddy mass\"",
                "there is no column `boddy mass` in the data",
            ),
            ("s = \"Adelie\"", "\"Adelie\"", "there is no column `Adelie` in the data"),
            ("day > '2024-01-01'", "day", "column `day` is of type date, which cannot be compared"),
            ("x > 1e3", "1e3", "`1e3` has no decimal point"),
            (
                "a > 99999999999999999999",
                "99999999999999999999",
                "`99999999999999999999` is too large for a whole number",
            ),
            ("a = NULL", "NULL", "a comparison with `NULL` is never true"),
            ("b IS TRUE", "TRUE", "`IS TRUE` and `IS FALSE` are not available"),
            ("s LIKE 'a' ESCAPE 'b'", "ESCAPE", "`LIKE` takes neither `ESCAPE` nor `ANY`"),
            ("s LIKE s", "s", "only text in single quotes can stand here"),
            ("a & 1 = 1", "&", "the operator `&` is not available"),
            ("a IN (1, 'x')", "'x'", "the values of a list have one type"),
            ("a IN (1, x)", "x", "a list takes literals only"),
            ("round(x, a) > 1", "a", "argument 2 of `round` takes literals only"),
            ("abs(x, 1) > 1", "abs", "`abs` takes 1 arguments, not 2"),
            (
                "s > INTERVAL '1 day'",
                "'1 day'",
                "`INTERVAL '1 day'` is not available in a predicate",
            ),
            ("CAST(a AS DATE) > 1", "DATE", "the type `DATE` is not available"),
            ("a::TIMESTAMP > 1", "TIMESTAMP", "the type `TIMESTAMP` is not available"),
            ("a > 1 a2", "a2", "the predicate should end before `a2`"),
            ("a > 1; DROP TABLE t", ";", "the predicate should end before `;`"),
            ("a > 1 LIMIT 3", "LIMIT", "the predicate should end before `LIMIT`"),
            ("a > > 1", ">", "expected an expression, found >"),
            ("a > ?", "?", "`?` is no plain literal"),
            ("a > 'open", "'open", "unterminated string literal"),
            ("1 = 1", "1 = 1", "the predicate names no column"),
        ] {
            let error = check_predicate(sql, Some(&animals())).expect_err(sql);
            assert_eq!(error.message, message, "{sql}");
            let within = error.within.unwrap_or_else(|| panic!("{sql}: no place"));
            assert_eq!(&sql[within], word, "{sql}");
        }
        let at_end = check_predicate("a >", None).unwrap_err();
        assert_eq!(at_end.message, "expected an expression, found the end");
        assert_eq!(at_end.within, Some(3..3));
        assert_eq!(check_predicate(" \n", None).unwrap_err().message, "the predicate is empty");
    }

    #[test]
    fn help_names_the_fix() {
        for (sql, help) in [
            ("species > 1", None),
            ("\"body  mass\" > 1", Some("did you mean `\"body mass\"`?")),
            (
                "s = \"Adelie\"",
                Some("double quotes are for names; text stands in single ones: 'Adelie'"),
            ),
            ("user = 'me'", Some("a column of that name needs double quotes: \"user\"")),
            ("uper(s) = 'A'", Some("did you mean `upper`?")),
            ("x > max(a)", Some("the greatest of several columns is `greatest(a, b)`")),
            ("x > 1e-3", Some("write `1.0e-3`")),
        ] {
            let error = check_predicate(sql, Some(&animals())).expect_err(sql);
            assert_eq!(error.help.as_deref(), help, "{sql}");
        }
    }

    #[test]
    fn types_are_checked_where_they_are_known() {
        for sql in [
            "s > 5",
            "a = 'one'",
            "a + 1",
            "s",
            "upper(a) = 'X'",
            "a AND b",
            "x IN ('a')",
            "round(s) > 1",
        ] {
            let error = check_predicate(sql, Some(&animals())).expect_err(sql);
            assert!(!error.message.contains("__"), "{sql}: {}", error.message);
        }
        let prefix = Columns { rows: None, ..animals() };
        assert!(check_predicate("a = 'one'", Some(&prefix)).is_ok(), "the type may still widen");
        assert!(check_predicate("s > 5", Some(&prefix)).is_err(), "text stays text");
    }

    #[test]
    fn long_predicates_do_not_exhaust_the_stack() {
        let chain = |count: usize| vec!["a = 1"; count].join(" OR ");
        assert!(check_predicate(&chain(100), Some(&animals())).is_ok());
        let error = check_predicate(&chain(2_000), Some(&animals())).unwrap_err();
        assert_eq!(error.message, "the predicate is nested too deeply");
        assert!(check_predicate(&chain(20_000), None).is_err());
        assert!(check_predicate(&format!("a IN ({}1)", "1, ".repeat(2_000)), None).is_ok());
        for nested in ["(", "NOT ", "- ", "abs(", "CASE WHEN "] {
            assert!(check_predicate(&nested.repeat(9_000), None).is_err(), "{nested}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(sql in "[a-z0-9 ()'\",.<>=*+/|~!?:;é🐧-]{0,40}") {
            if let Err(SqlError { within: Some(within), .. }) = check_predicate(&sql, Some(&animals())) {
                proptest::prop_assert!(sql.get(within).is_some());
            }
        }
    }
}
