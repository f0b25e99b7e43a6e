//! The columns of the data with those that SQL derives from them, and what is wrong with SQL at
//! its place in the spec.

use std::sync::Arc;

use super::Plan;
use crate::data::{self, ColumnInfo, ColumnKind, Columns, SqlError, Text};
use crate::diagnostic::{Code, Diagnostic, Part, Place, Route};

impl Plan {
    /// Where a column comes from: its own line under `derive`, or the file.
    pub fn origin(&self, column: &str) -> Place {
        let data = Route::root().key("data");
        if self.is_derived(column) {
            Place::key(data.key("derive").key(column))
        } else {
            Place::value(data.key("path"))
        }
    }

    pub fn is_derived(&self, column: &str) -> bool {
        self.derived.iter().any(|(name, _)| **name == *column)
    }

    /// The columns that are derived from the target, also by way of others: they know the answer.
    pub fn derived_from_target(&self) -> Vec<&str> {
        let Some(target) = &self.target else { return Vec::new() };
        let mut known: Vec<&str> = Vec::new();
        for (name, sql) in &self.derived {
            // SQL that cannot be read is refused where the columns are derived.
            let Ok(checked) = data::check_expression(sql.value(), None) else { continue };
            let answers =
                |column: &Arc<str>| **column == *target.value() || known.contains(&&**column);
            if checked.columns.iter().any(answers) {
                known.push(name);
            }
        }
        known
    }

    /// The columns that a derived target is made of, also by way of others.
    pub fn sources_of_target(&self) -> Vec<Arc<str>> {
        let Some(target) = &self.target else { return Vec::new() };
        let mut known: Vec<Arc<str>> = Vec::new();
        for (name, sql) in self.derived.iter().rev() {
            let Ok(checked) = data::check_expression(sql.value(), None) else { continue };
            if **name == *target.value() || known.contains(name) {
                known.extend(checked.columns);
            }
        }
        known
    }
}

/// The columns of the file, with the derived ones behind them.
///
/// # Errors
/// Every derived column that cannot be, at its place.
pub fn with_derived(plan: &Plan, columns: &Columns) -> Result<Columns, Vec<Diagnostic>> {
    let (all, found) = derived_columns(plan, columns);
    if found.is_empty() { Ok(all) } else { Err(found) }
}

/// As [`with_derived`]; a column that cannot be derived is among the columns as an empty one, with
/// what is wrong beside it.
pub fn derived_columns(plan: &Plan, columns: &Columns) -> (Columns, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut all = columns.clone();
    let data = Route::root().key("data");
    for (name, sql) in &plan.derived {
        let route = data.key("derive").key(name);
        if all.get(name).is_some() {
            let message = format!("`{}` has a column `{name}` already", plan.source.written);
            found.push(
                Diagnostic::error(Code::Exclusive, Place::key(route), message)
                    .label("taken")
                    .help("give the derived column a name of its own"),
            );
            continue;
        }
        match data::with_derived(&all, &[(name.clone(), sql.value())]) {
            Ok(more) => all = more,
            Err((_, error)) => {
                found.push(refused(route, sql, error));
                // What is derived from it in turn is not to blame.
                let (name, kind) = (name.clone(), ColumnKind::Empty);
                all.infos.push(ColumnInfo { name, kind, missing: None });
            }
        }
    }
    (all, found)
}

/// SQL that cannot be used, at the word that is to blame where it is known.
pub fn refused(route: Route, sql: &Text, error: SqlError) -> Diagnostic {
    // Inside text with variables the positions are those of the filled-in text.
    let literal = sql.value() == sql.written();
    let within = error.within.filter(|_| literal);
    let place = Place::Spec { route, part: Part::Value, within };
    let message = if literal { error.message } else { FILLED_IN.to_owned() };
    let diagnostic = Diagnostic::error(Code::BadSql, place, message).label("in this SQL");
    let diagnostic = match error.instead.filter(|_| literal) {
        Some((old, near)) => {
            let fixes = near.fixes(&diagnostic.place, &old);
            Diagnostic { fixes, ..diagnostic }
        }
        None => diagnostic,
    };
    match error.help.filter(|_| literal) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// What is said of SQL with variables, whose values are not shown.
pub const FILLED_IN: &str = "this SQL, with its variables filled in, cannot be used";
