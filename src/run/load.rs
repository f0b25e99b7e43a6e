//! Loads the rows of a plan: the columns it needs, the rows it keeps, each with a target.

use std::sync::Arc;

use super::Trace;
use crate::data::{self, Frame, LoadError, Request, RowNumbers};
use crate::diagnostic::{Code, Diagnostic, Place, Route, counted};
use crate::plan::{MissingTarget, Plan};

/// Reads the wanted columns, and drops or refuses rows without a target.
///
/// # Errors
/// What is wrong with the file or its rows, at the place in the spec that the author would edit.
pub fn load(plan: &Plan, wanted: &[Arc<str>], trace: &mut Trace<'_>) -> Result<Frame, Diagnostic> {
    let frame = data::load(&Request {
        path: &plan.source.path,
        format: &plan.source.format,
        columns: Some(wanted),
        types: &plan.types,
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
    let cell = data_cell(plan, &frame.row_numbers(), first, target.written());
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

/// The cell that is row `row` (from 0) of the frame.
pub fn data_cell(plan: &Plan, numbers: &RowNumbers, row: usize, column: &str) -> Place {
    Place::Data {
        path: plan.source.shown_as(numbers.file(row)),
        row: Some(numbers.get(row)),
        column: Some(column.to_owned()),
    }
}

/// An error of reading data, on the path in the spec; the cell is a related place.
pub fn load_diagnostic(error: &LoadError, plan: &Plan) -> Diagnostic {
    let data = Route::root().key("data");
    let code = error.code();
    let of_where = code == Code::BadSql || (code == Code::DataEmpty && plan.predicate.is_some());
    let declared = error.column.as_ref().filter(|column| {
        code == Code::DataType && plan.types.iter().any(|(name, _)| **name == ***column)
    });
    let place = match declared {
        _ if of_where => Place::value(data.key("where")),
        Some(column) => Place::value(data.key("types").key(column)),
        None => Place::value(data.key("path")),
    };
    let masked = |text: &str| masked(text, error, plan);
    let mut diagnostic = Diagnostic::error(code, place, masked(&error.message));
    diagnostic.label = match code {
        Code::DataMissing => "no such file",
        Code::DataUnreadable => "cannot be read",
        Code::DataEmpty if of_where => "keeps no row",
        Code::DataEmpty => "no rows",
        Code::DataType if declared.is_some() => "declared here",
        Code::BadSql => "in this SQL",
        _ => "in this file",
    }
    .to_owned();
    let relative = || "paths in a spec are relative to the spec's own folder".to_owned();
    diagnostic.help = error
        .help
        .as_ref()
        .map(|help| masked(help))
        .or_else(|| (code == Code::DataMissing).then(relative));
    let file = error.files.first();
    if error.row.is_some() || error.column.is_some() || file.is_some() {
        let place = Place::Data {
            path: file.map_or(plan.source.shown.clone(), |file| plan.source.shown_as(file)),
            row: error.row,
            column: error.column.clone(),
        };
        diagnostic = diagnostic.related(place, "found at");
    }
    diagnostic
}

/// A message of the loader with its paths as the spec writes them: the loader knows only paths with
/// their variables filled in, which are not for reports.
fn masked(text: &str, error: &LoadError, plan: &Plan) -> String {
    let files = error.files.iter().chain([&plan.source.path]);
    files.fold(text.to_owned(), |text, file| {
        let shown = plan.source.shown_as(file).display().to_string();
        text.replace(&file.display().to_string(), &shown)
    })
}
