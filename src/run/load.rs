//! Loads the rows of a plan: the columns it needs, the rows it keeps, each with a target.

use std::sync::Arc;

use super::Trace;
use crate::data::{self, Frame, LoadError, Request};
use crate::diagnostic::{Code, Diagnostic, Place, Route, counted};
use crate::plan::{FILLED_IN, MissingTarget, Plan};

/// Reads the wanted columns, and drops or refuses rows without a target.
///
/// # Errors
/// What is wrong with the file or its rows, at the place in the spec that the author would edit.
pub fn load(plan: &Plan, wanted: &[Arc<str>], trace: &mut Trace<'_>) -> Result<Frame, Diagnostic> {
    let derived: Vec<_> =
        plan.derived.iter().map(|(name, sql)| (name.clone(), sql.value())).collect();
    let frame = data::load(&Request {
        path: &plan.source.path,
        format: &plan.source.format,
        columns: Some(wanted),
        types: &plan.types,
        derived: &derived,
        predicate: plan.predicate.as_ref().map(|text| text.value()),
    })
    .map_err(|problem| load_diagnostic(&problem, plan))?;
    let filtered = match &plan.predicate {
        Some(predicate) => format!(" where {predicate}"),
        None => String::new(),
    };
    trace.add(
        format!("load {}{filtered}", plan.source.written),
        format!("{} × {}", counted(frame.rows(), "row"), counted(wanted.len(), "column")),
        "ok",
    );
    let names = plan.derived.iter().map(|(name, _)| &**name);
    let names: Vec<&str> =
        names.filter(|name| wanted.iter().any(|other| **other == **name)).collect();
    if !names.is_empty() {
        trace.add(format!("derive {}", names.join(", ")), counted(names.len(), "column"), "ok");
    }
    with_target(plan, frame, trace)
}

/// Drops the rows without a target, or refuses them, as the plan says.
fn with_target(plan: &Plan, frame: Frame, trace: &mut Trace<'_>) -> Result<Frame, Diagnostic> {
    let Some(target) = &plan.target else { return Ok(frame) };
    let present = frame.present(target.value());
    let missing = present.iter().filter(|present| !**present).count();
    if missing == 0 {
        return Ok(frame);
    }
    let data = Route::root().key("data");
    let rows = frame.rows();
    let first = present.iter().position(|present| !present).unwrap_or(0);
    let cell = Place::Data {
        path: plan.source.shown.clone(),
        row: Some(frame.row_numbers().get(first)),
        column: Some(target.written().to_owned()),
    };
    let share = missing as f64 / rows as f64;
    match plan.missing_target {
        MissingTarget::Error => Err(Diagnostic::error(
            Code::TargetMissing,
            Place::value(data.key("target")),
            format!("{missing} of {rows} rows have no `{target}`"),
        )
        .label("has gaps")
        .help("repair the data, or drop such rows: `missing_target: { drop: true, max: 0.05 }`")
        .related(cell, "the first one")),
        MissingTarget::Drop { max } if share > max => Err(Diagnostic::error(
            Code::MissingTarget,
            // The default has no place of its own; the map has.
            Place::value(data.key("missing_target").key("max")),
            format!("{missing} of {rows} rows have no `{target}`, more than a share of {max}"),
        )
        .label(format!("allows {max}"))
        .help("repair the data, or raise `max` knowingly")
        .related(cell, "the first one")),
        MissingTarget::Drop { .. } => {
            let kept = frame.keep(&present);
            trace.add(
                format!("drop rows without {target}"),
                format!("{missing} of {rows} rows"),
                "ok",
            );
            Ok(kept)
        }
    }
}

/// An error of reading data, on the path in the spec; the cell is a related place.
pub fn load_diagnostic(error: &LoadError, plan: &Plan) -> Diagnostic {
    let data = Route::root().key("data");
    let code = error.code();
    let derived = error
        .derived
        .as_ref()
        .and_then(|name| plan.derived.iter().find(|(derived, _)| **derived == **name));
    let of_where = derived.is_none()
        && (code == Code::BadSql || (code == Code::DataEmpty && plan.predicate.is_some()));
    let place = match (code, &error.column) {
        _ if let Some((name, _)) = derived => Place::value(data.key("derive").key(name)),
        _ if of_where => Place::value(data.key("where")),
        (Code::DataType, Some(column)) if plan.types.iter().any(|(name, _)| **name == **column) => {
            Place::value(data.key("types").key(column))
        }
        _ => Place::value(data.key("path")),
    };
    let sql = derived.map(|(_, sql)| sql).or(plan.predicate.as_ref().filter(|_| of_where));
    let literal = code != Code::BadSql || sql.is_none_or(|sql| sql.value() == sql.written());
    let message = if literal { masked(&error.message, plan) } else { FILLED_IN.to_owned() };
    let mut diagnostic = Diagnostic::error(code, place, message);
    diagnostic.label = match code {
        Code::DataMissing => "no such file",
        Code::DataUnreadable => "cannot be read",
        Code::DataEmpty if of_where => "keeps no row",
        Code::DataEmpty => "no rows",
        Code::DataType => "declared here",
        Code::BadSql => "in this SQL",
        _ => "in this file",
    }
    .to_owned();
    let relative = || "paths in a spec are relative to the spec's own folder".to_owned();
    diagnostic.help = error
        .help
        .as_ref()
        .filter(|_| literal)
        .map(|help| masked(help, plan))
        .or_else(|| (code == Code::DataMissing).then(relative));
    if error.row.is_some() || error.column.is_some() {
        let place = Place::Data {
            path: plan.source.shown.clone(),
            row: error.row,
            column: error.column.clone(),
        };
        diagnostic = diagnostic.related(place, "found at");
    }
    diagnostic
}

/// A message of the loader with the path as the spec writes it: the loader knows only the path
/// with its variables filled in, which is not for reports.
fn masked(text: &str, plan: &Plan) -> String {
    let (path, shown) = (plan.source.path.display().to_string(), plan.source.shown.display());
    text.replace(&path, &shown.to_string())
}
