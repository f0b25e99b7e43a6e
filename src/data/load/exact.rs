//! Rewrites an expression of polars so that each value follows from its own row, and is exact or
//! refused: polars lets whole numbers overflow, and finds the form of dates by looking at others.

use std::sync::Arc;

use polars::prelude::{
    BooleanFunction, Column, DataType, Expr, Field, FunctionExpr, Int64Chunked, IntoColumn,
    NewChunkedArray, Operator, PolarsError, PolarsResult, PowFunction, Schema, TemporalFunction,
    lit,
};

use crate::data::moment::{Calendar, parse_date, parse_datetime};

use super::convert::{calendar, cast, defined, epoch, in_words, lost, moment_literal, read, shown};
use super::evaluate::{Fault, Faults};

/// The expression as it is evaluated; what is refused at run is left in `faults`.
///
/// # Errors
/// What can be told from the types alone is there as well.
pub(super) fn exact(expr: Expr, schema: &Schema, faults: &Arc<Faults>) -> PolarsResult<Expr> {
    let rewriter = Rewriter { schema, faults };
    expr.try_map_expr(|expr| rewriter.node(expr))
}

struct Rewriter<'a> {
    schema: &'a Schema,
    faults: &'a Arc<Faults>,
}

/// What a column of whole numbers becomes, or of two: none where the result has no room.
type Checked = fn(i64, i64) -> Option<i64>;

impl Rewriter<'_> {
    /// Rewrites one node; its parts are rewritten already.
    fn node(&self, expr: Expr) -> PolarsResult<Expr> {
        match expr {
            Expr::Cast { expr, dtype, options } => {
                let Some(target) = dtype.as_literal().cloned() else {
                    return Ok(Expr::Cast { expr, dtype, options });
                };
                self.cast(Arc::unwrap_or_clone(expr), target, options.is_strict())
            }
            Expr::BinaryExpr { left, op, right } => {
                self.binary(Arc::unwrap_or_clone(left), op, Arc::unwrap_or_clone(right))
            }
            Expr::Ternary { predicate, truthy, falsy } => {
                let parts = vec![Arc::unwrap_or_clone(truthy), Arc::unwrap_or_clone(falsy)];
                let mut parts = self.alike(parts)?.into_iter().map(Arc::new);
                match (parts.next(), parts.next()) {
                    (Some(truthy), Some(falsy)) => Ok(Expr::Ternary { predicate, truthy, falsy }),
                    _ => self.refuse(Fault::new("a choice has two parts")),
                }
            }
            Expr::Function { input, function } => self.function(input, function),
            other => Ok(other),
        }
    }

    fn dtype(&self, expr: &Expr) -> PolarsResult<DataType> {
        Ok(expr.to_field(self.schema)?.dtype().clone())
    }

    fn refuse<T>(&self, fault: Fault) -> PolarsResult<T> {
        let error = PolarsError::ComputeError(fault.message.clone().into());
        self.faults.add(fault);
        Err(error)
    }

    fn binary(&self, left: Expr, op: Operator, right: Expr) -> PolarsResult<Expr> {
        let (left_type, right_type) = (self.dtype(&left)?, self.dtype(&right)?);
        let compares = op.is_comparison();
        if is_moment(&left_type) || is_moment(&right_type) {
            if !compares {
                return self.refuse(of_moments(&format!("`{op}`")));
            }
            let left = self.beside(left, &left_type, &right_type)?;
            let right = self.beside(right, &right_type, &left_type)?;
            return Ok(binary(left, op, right));
        }
        let checked: Option<(Checked, &str)> = match op {
            Operator::Plus => Some((i64::checked_add, "+")),
            Operator::Minus => Some((i64::checked_sub, "-")),
            Operator::Multiply => Some((i64::checked_mul, "*")),
            _ => None,
        };
        let text =
            [&left_type, &right_type].iter().filter(|dtype| ***dtype == DataType::String).count();
        if let Some((_, sign)) = checked.filter(|_| text == 1)
            && [&left_type, &right_type].iter().any(|dtype| is_whole(dtype) || dtype.is_float())
        {
            return self.refuse(
                Fault::new(format!("`{sign}` stands between a number and text")).help(
                    "turn the text into a number, `CAST(… AS DOUBLE)`, or join texts with `||`",
                ),
            );
        }
        if let Some((operate, sign)) = checked
            && is_whole(&left_type)
            && is_whole(&right_type)
        {
            return Ok(self.checked(left, right, operate, sign));
        }
        let makes_numbers = checked.is_some()
            || matches!(
                op,
                Operator::TrueDivide
                    | Operator::FloorDivide
                    | Operator::RustDivide
                    | Operator::Modulus
            );
        let expr = binary(left, op, right);
        Ok(if makes_numbers { without_nan(expr) } else { expr })
    }

    /// Values that stand for one another: where one is a day or a moment, all are.
    fn alike(&self, parts: Vec<Expr>) -> PolarsResult<Vec<Expr>> {
        let types: Vec<DataType> =
            parts.iter().map(|expr| self.dtype(expr)).collect::<PolarsResult<_>>()?;
        let Some(moment) = types.iter().find(|dtype| is_moment(dtype)) else { return Ok(parts) };
        parts
            .into_iter()
            .zip(&types)
            .map(|(expr, dtype)| self.beside(expr, dtype, moment))
            .collect()
    }

    /// What is compared with days or moments: those as well, or text that is one.
    fn beside(&self, expr: Expr, dtype: &DataType, other: &DataType) -> PolarsResult<Expr> {
        if is_moment(dtype) || *dtype == DataType::Null {
            return Ok(expr);
        }
        match &expr {
            Expr::Literal(literal) => match literal.extract_str() {
                Some(text) => self.literal(text),
                None => self.refuse(of_moments(&format!("{dtype} beside it"))),
            },
            _ if *dtype == DataType::String => {
                let kind = if *other == DataType::Date { "DATE" } else { "TIMESTAMP" };
                self.refuse(
                    Fault::new("text is compared with a date")
                        .help(format!("turn the text into one: `CAST(… AS {kind})`")),
                )
            }
            _ => self.refuse(of_moments(&format!("{dtype} beside it"))),
        }
    }

    /// The day or the moment that a text is.
    fn literal(&self, text: &str) -> PolarsResult<Expr> {
        match (parse_date(text), parse_datetime(text)) {
            (Some(day), _) => Ok(moment_literal(day, Calendar::Date)),
            (None, Some((moment, _))) => Ok(moment_literal(moment, Calendar::Datetime)),
            (None, None) => self.refuse(
                Fault::new(format!("`{text}` is neither a date nor a time"))
                    .help("write them as '2024-01-31' or '2024-01-31 10:00:00'"),
            ),
        }
    }

    fn function(&self, mut input: Vec<Expr>, function: FunctionExpr) -> PolarsResult<Expr> {
        use BooleanFunction as B;
        use FunctionExpr as F;
        let types: Vec<DataType> =
            input.iter().map(|expr| self.dtype(expr)).collect::<PolarsResult<_>>()?;
        let takes_moments = matches!(
            function,
            F::TemporalExpr(_)
                | F::Boolean(B::IsNull | B::IsNotNull)
                | F::Coalesce
                | F::MaxHorizontal
                | F::MinHorizontal
        );
        if !takes_moments && types.iter().any(is_moment) {
            return self.refuse(match function {
                F::Boolean(B::IsIn { .. }) => Fault::new("`IN` does not take dates")
                    .help("write `day = '2024-01-31' OR day = '2024-02-29'`, or `BETWEEN`"),
                function => of_moments(&format!("`{function}`")),
            });
        }
        match function {
            F::TemporalExpr(part) => {
                if let Some(dtype) =
                    types.first().filter(|dtype| !is_moment(dtype) && **dtype != DataType::Null)
                {
                    return self.refuse(
                        Fault::new(format!("a part of a date cannot be taken from {dtype}"))
                            .help("declare the column in `data.types`, or write `CAST(… AS DATE)`"),
                    );
                }
                // Stands for `epoch`: see `data::sql`.
                if matches!(part, TemporalFunction::Millennium) && input.len() == 1 {
                    return Ok(input.remove(0).map(
                        |column| epoch(&column),
                        |_, field| Ok(Field::new(field.name().clone(), DataType::Float64)),
                    ));
                }
                let part = Expr::Function { input, function: F::TemporalExpr(part) };
                return Ok(part.cast(DataType::Int64));
            }
            F::Abs if types.first().is_some_and(is_whole) && input.len() == 1 => {
                let operate: Checked = |value, _| value.checked_abs();
                return Ok(self.checked(input.remove(0), lit(0_i64), operate, "abs"));
            }
            F::Negate if types.first().is_some_and(is_whole) && input.len() == 1 => {
                let operate: Checked = |value, _| value.checked_neg();
                return Ok(self.checked(input.remove(0), lit(0_i64), operate, "-"));
            }
            F::Coalesce | F::MaxHorizontal | F::MinHorizontal => input = self.alike(input)?,
            // Powers of whole numbers overflow soon.
            F::Pow(PowFunction::Generic) => {
                input = input.into_iter().map(|expr| expr.cast(DataType::Float64)).collect();
            }
            _ => {}
        }
        let expr = Expr::Function { input, function };
        let dtype = self.dtype(&expr)?;
        Ok(if dtype.is_integer() && dtype != DataType::Int64 {
            expr.cast(DataType::Int64)
        } else {
            without_nan(expr)
        })
    }

    /// An operation on whole numbers whose result has to have room.
    fn checked(&self, left: Expr, right: Expr, operate: Checked, sign: &'static str) -> Expr {
        let faults = self.faults.clone();
        let compute = move |columns: &mut [Column]| {
            let name = columns[0].name().clone();
            let left = columns[0].cast(&DataType::Int64)?;
            let right = columns[1].cast(&DataType::Int64)?;
            let (left, right) = (left.i64()?, right.i64()?);
            let length = if left.len() == 1 { right.len() } else { left.len() };
            let get = |values: &Int64Chunked, row: usize| {
                values.get(if values.len() == 1 { 0 } else { row })
            };
            let value = |row: usize| {
                let (left, right) = (get(left, row)?, get(right, row)?);
                let result = operate(left, right);
                if result.is_none() {
                    let message = match sign {
                        "abs" => format!("abs({left}) is too large for a whole number"),
                        sign => format!("{left} {sign} {right} is too large for a whole number"),
                    };
                    let fault =
                        Fault::new(message).help("compute with floats: `CAST(… AS DOUBLE)`");
                    faults.add_at(row, length, fault);
                }
                result
            };
            let values = (0..length).map(value);
            Ok(Int64Chunked::from_iter_options(name, values).into_column())
        };
        left.map_many(compute, &[right], |_, fields| {
            Ok(Field::new(fields[0].name().clone(), DataType::Int64))
        })
    }

    fn cast(&self, expr: Expr, target: DataType, strict: bool) -> PolarsResult<Expr> {
        let source = self.dtype(&expr)?;
        let target = if target.is_integer() { DataType::Int64 } else { target };
        let calendar = calendar(&target);
        if is_moment(&source) && calendar.is_none() && target != DataType::String {
            return self.refuse(of_moments(&format!("a cast to {target}")));
        }
        if let Some(calendar) = calendar {
            if !(is_moment(&source) || matches!(source, DataType::String | DataType::Null)) {
                let message = format!("{source} cannot be turned into a date");
                return self.refuse(Fault::new(message));
            }
            if let Expr::Literal(literal) = &expr
                && let Some(text) = literal.extract_str()
                && let Some(moment) = read(text, calendar)
            {
                return Ok(moment_literal(moment, calendar));
            }
        }
        let (faults, to) = (self.faults.clone(), target.clone());
        let convert = move |column: Column| {
            let cast = cast(&column, &to)?;
            if strict && let Some(row) = lost(&column, &cast) {
                let shown: String = shown(&column, row)?.chars().take(40).collect();
                let fault = Fault::new(format!("`{shown}` is not {}", in_words(&to)))
                    .help("`TRY_CAST` makes it missing instead");
                faults.add_at(row, column.len(), fault);
            }
            Ok(cast)
        };
        Ok(expr.map(convert, move |_, field| Ok(Field::new(field.name().clone(), target.clone()))))
    }
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr { left: Arc::new(left), op, right: Arc::new(right) }
}

fn is_moment(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Date | DataType::Datetime(..) | DataType::Duration(_))
}

fn is_whole(dtype: &DataType) -> bool {
    dtype.clone().materialize_unknown(true).is_ok_and(|dtype| dtype.is_integer())
}

fn of_moments(what: &str) -> Fault {
    Fault::new(format!("{what} does not suit a date")).help(
        "compare it with others, or take numbers from it: `extract(year FROM …)`; \
         `(extract(epoch FROM a) - extract(epoch FROM b)) / 86400` are the days between two",
    )
}

/// Numbers that are not defined, such as 0 / 0, are missing: polars would take NaN for the
/// greatest number of all, so that `0 / 0 > 1` were true.
fn without_nan(expr: Expr) -> Expr {
    if !(&expr).into_iter().any(|part| matches!(part, Expr::Column(_))) {
        return expr;
    }
    expr.map(defined, |_, field| {
        // A literal among the arguments can leave the type open this early.
        let dtype = field.dtype().clone().materialize_unknown(true)?;
        Ok(Field::new(field.name().clone(), dtype))
    })
}
