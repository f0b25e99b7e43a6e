//! The functions that an expression may call.

use sqlparser::ast::{Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned};
use sqlparser::tokenizer::Span;

use crate::data::load::nearest;

use super::SqlError;
use super::walk::Walk;

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
    ("date_part", 2, 2, &[]),
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
const SPECIAL: &[&str] =
    &["cast", "ceil", "extract", "floor", "position", "substr", "substring", "trim"];

/// The functions that an expression may call, with the fewest arguments of each.
pub fn sql_functions() -> impl Iterator<Item = (&'static str, usize)> {
    let plain = FUNCTIONS.iter().map(|(name, fewest, ..)| (*name, *fewest));
    plain.chain(SPECIAL.iter().map(|name| (*name, 1)))
}

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

impl Walk<'_> {
    pub(super) fn function(&mut self, function: &Function) -> Result<(), SqlError> {
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
                Some(near) => error.instead(&name, near),
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
        if lower == "date_part"
            && let [
                FunctionArg::Unnamed(FunctionArgExpr::Expr(part)),
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)),
            ] = arguments.as_slice()
        {
            return self.date_part(part, expr);
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
                _ => error.help("an expression is about one row"),
            });
        }
        let error = || self.source.refuse(span, format!("`{lower}` changes from run to run"));
        OF_THE_MOMENT.contains(&lower).then(error)
    }
}
