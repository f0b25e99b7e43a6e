//! Walks the tree of an expression and lets through what polars evaluates row by row.

use std::ops::Range;
use std::sync::Arc;

use sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, ExactNumberInfo, Expr, Ident,
    Spanned, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::tokenizer::{Location, Span};

use super::source::Source;
use super::{SqlError, moments};

/// Longer chains of operators would exhaust the stack of whoever walks them.
const DEEPEST: usize = 128;

/// What has been found in the tree so far.
pub(super) struct Walk<'a> {
    pub source: &'a Source<'a>,
    /// The names in the order of their first use.
    pub columns: Vec<Arc<str>>,
    /// Where in the text each column is named.
    pub uses: Vec<(Range<usize>, usize)>,
    /// Where a whole number stands among numbers with a point.
    pub whole: Vec<Range<usize>>,
    /// Where days and moments are written, and what polars is to read there.
    pub moments: Vec<(Range<usize>, String)>,
    depth: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source<'a>) -> Self {
        Self {
            source,
            columns: Vec::new(),
            uses: Vec::new(),
            whole: Vec::new(),
            moments: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Result<(), SqlError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let help = "a list of alternatives is shorter with `IN (…)`";
            return Err(SqlError::new("the expression is nested too deeply", None).help(help));
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
            Expr::TypedString(literal) => self.moment(literal),
            Expr::Extract { field, expr, syntax: _ } => self.extract(field, expr),
            Expr::Function(function) => self.function(function),
            other => Err(self.unavailable(other)),
        }
    }

    fn column(&mut self, ident: &Ident) -> Result<(), SqlError> {
        let Some(range) = self.source.range(ident.span) else {
            return Err(SqlError::new(
                format!("`{ident}` cannot be placed in the expression"),
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
    pub(super) fn only_literal(&self, expr: &Expr, place: &str) -> Result<(), SqlError> {
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
        if let Some(calendar) = moments::calendar(data_type) {
            return match expr {
                Expr::Value(value) => self.is_moment(value, calendar).map(|_| ()),
                _ => Ok(()),
            };
        }
        let name = data_type.to_string();
        let word = name.split(['(', ' ', '<']).next().unwrap_or_default();
        let from = if colons { expr.span().end } else { expr.span().start };
        let error = self
            .source
            .refuse(self.source.word(from, &[word]), format!("the type `{name}` is not available"));
        Err(error.help("these are: BIGINT, INT, DOUBLE, TEXT, BOOLEAN, DATE, TIMESTAMP"))
    }

    /// Why a node of the tree cannot stand in an expression.
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
            Expr::Interval(_) => {
                let refused = self.source.refuse(span, "`INTERVAL` is not available");
                refused.help("count in seconds, as in `extract(epoch FROM a) + 86400`")
            }
            Expr::UnaryOp { op, .. } => {
                self.source.refuse(span, format!("the operator `{op}` is not available"))
            }
            other => self.source.refuse(span, format!("`{other}` is not available here")),
        }
    }
}
