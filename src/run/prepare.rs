//! Carries out one step of preparation on a table, and says what keeps a table from being numbers.

use std::sync::Arc;

use super::trace::Trace;
use crate::data::{Column, ColumnInfo, ColumnKind, NotNumeric, Table, Values};
use crate::diagnostic::{Code, Diagnostic, Part, Place, Problem, Route, Severity};
use crate::kinds::transforms::Training;
use crate::plan::{BoundPlan, Step, cannot_work_on, selected, still_categories};

/// Fits a step on the training rows and applies it to all.
///
/// # Errors
/// What keeps the step from being fitted, or its columns apart.
pub fn prepare(
    bound: &BoundPlan,
    step: &Step,
    table: Table,
    training: &Training<'_>,
    trace: &mut Trace<'_>,
) -> Result<Table, Diagnostic> {
    let infos: Vec<(Arc<str>, ColumnKind)> =
        table.columns.iter().map(|column| (column.name.clone(), kind_of(&column.values))).collect();
    let picked = selected(&step.kind, &infos);
    let table = if step.kind.takes_indicators() { table } else { written_out(table, &picked) };
    if let Some(route) = &step.route {
        check_names(bound, step, route, &infos)?;
        for ((name, kind), _) in infos.iter().zip(&picked).filter(|(_, picked)| **picked) {
            if !(step.kind.kind().about().suits)(kind) {
                let info = ColumnInfo { name: name.clone(), kind: kind.clone(), missing: None };
                let place = Place::key(route.key("columns"));
                return Err(cannot_work_on(place, step.kind.name(), &info));
            }
        }
    }
    let columns: Vec<&Column> =
        table.columns.iter().zip(&picked).filter(|(_, picked)| **picked).map(|(c, _)| c).collect();
    let count = columns.len();
    let fitted = step.kind.kind().fit(&columns, training).map_err(|problem| match &step.route {
        Some(route) => problem.under(route, Severity::Error),
        None => Problem { part: Part::Value, route: Route::root(), ..problem }
            .under(&bound.plan.source.route, Severity::Error),
    })?;
    let rows = table.rows;
    let mut chosen = Vec::with_capacity(count);
    let mut others = Vec::new();
    for (column, picked) in table.columns.into_iter().zip(&picked) {
        if *picked {
            chosen.push(column);
        } else {
            others.push(column);
        }
    }
    let mut made = fitted.apply.apply(chosen).into_iter();
    let mut others = others.into_iter();
    let mut columns = Vec::new();
    for picked in picked {
        if picked {
            columns.extend(made.next().into_iter().flatten());
        } else {
            columns.extend(others.next());
        }
    }
    let mut names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("`{}` makes a second column called `{}`", step.kind.name(), pair[0]);
        let place = match &step.route {
            Some(route) => Place::key(route.clone()),
            None => Place::value(bound.plan.source.route.clone()),
        };
        return Err(Diagnostic::error(Code::StepColumns, place, message)
            .label("the names clash")
            .help("exclude one of the two columns, or rename it in the data"));
    }
    let origin = if step.route.is_some() { "" } else { " (auto)" };
    trace.add(format!("{}{origin}", step.kind.kind().about().description), fitted.summary, "ok");
    Ok(Table { columns, rows })
}

/// The picked columns of two numbers as numbers, one a row.
fn written_out(table: Table, picked: &[bool]) -> Table {
    let columns = table.columns.into_iter().zip(picked);
    let columns =
        columns.map(|(column, picked)| if *picked { column.written_out() } else { column });
    Table { columns: columns.collect(), rows: table.rows }
}

/// Columns that a step before makes are known by their beginnings until it has made them; now a name
/// that picks nothing is one. A feature that a step before dropped was named rightly.
fn check_names(
    bound: &BoundPlan,
    step: &Step,
    route: &Route,
    infos: &[(Arc<str>, ColumnKind)],
) -> Result<(), Diagnostic> {
    let kind = step.kind.kind().about();
    let Some(selector) = kind.columns else { return Ok(()) };
    let (_, unused) = selector.bind(infos.iter().map(|(name, _)| &**name));
    let (_, never) = selector.bind(bound.features.iter().map(|info| &*info.name));
    match unused.into_iter().find(|at| never.contains(at)) {
        None => Ok(()),
        Some(at) => Err(Diagnostic::error(
            Code::StepColumns,
            Place::value(route.key("columns").index(at)),
            format!("no column at this step is called `{}`", selector.items()[at]),
        )
        .label("picks nothing")
        .help(format!("the columns here are {}", listing(infos)))),
    }
}

fn listing(infos: &[(Arc<str>, ColumnKind)]) -> String {
    let shown: Vec<String> = infos.iter().take(12).map(|(name, _)| format!("`{name}`")).collect();
    match infos.len().saturating_sub(12) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn kind_of(values: &Values) -> ColumnKind {
    match values {
        Values::Number(_) | Values::Indicator(_) => ColumnKind::Float,
        Values::Category { .. } => ColumnKind::Text,
        Values::Bool(_) => ColumnKind::Bool,
    }
}

/// Why the prepared table cannot go to the model; `cell` gives the place of a value.
pub fn not_numeric(
    bound: &BoundPlan,
    problem: &NotNumeric,
    cell: impl Fn(usize, &str) -> Place,
) -> Diagnostic {
    let root = Route::root();
    let prepare = if bound.plan.prepare.is_some() {
        Place::key(root.key("prepare"))
    } else {
        Place::key(root.key("model"))
    };
    match problem {
        NotNumeric::Categories { column } => still_categories(column),
        NotNumeric::Missing { column, count, row } => Diagnostic::error(
            Code::MissingValues,
            prepare,
            format!(
                "`{column}` still has {count} missing value{} when it reaches the model",
                if *count == 1 { "" } else { "s" }
            ),
        )
        .label("leaves gaps")
        .help("add the step `impute`, or leave the rows out with `where`")
        .related(cell(*row, column), "the first one"),
        NotNumeric::Infinite { column, row } => Diagnostic::error(
            Code::NotFinite,
            bound.plan.origin(column),
            format!("`{column}` holds an infinite value"),
        )
        .label("holds this column")
        .help("repair the column, leave the rows out with `where`, or exclude the column")
        .related(cell(*row, column), "the first one"),
    }
}
