//! Loads the rows of a plan: the columns it needs, the rows it keeps, each with a target.

use std::sync::Arc;

use super::{Trace, join};
use crate::data::{Frame, LoadError, MISSING, Request, RowNumbers, Tables};
use crate::diagnostic::{Code, Diagnostic, Fix, Place, Route, counted};
use crate::plan::{BoundPlan, FILLED_IN, MissingTarget, Plan, Source};

/// The rows of a spec.
#[derive(Debug)]
pub struct Loaded {
    pub frame: Frame,
    /// How many of the rows, the first ones, come from the file of the training rows; none where
    /// there is one file.
    pub train_rows: Option<usize>,
    /// Predictions from a file of their own, in the order of the frame.
    pub predictions: Option<Frame>,
}

/// Reads the columns that a plan needs, drops or refuses rows without a target, and joins
/// predictions from another file.
///
/// # Errors
/// What is wrong with the files or their rows, at the place in the spec that the author would edit.
pub fn load(
    bound: &BoundPlan,
    tables: &Tables,
    trace: &mut Trace<'_>,
) -> Result<Loaded, Diagnostic> {
    let plan = &bound.plan;
    let wanted = bound.columns_to_read();
    let frame = one_file(plan, &plan.source, &wanted, tables, trace)?;
    // Predictions may be there for rows without a target.
    let keys = match &plan.predictions_source {
        Some(_) => Some(join::keys(plan, &frame, tables)?),
        None => None,
    };
    let frame = with_target(plan, frame, trace)?;
    let (frame, train_rows) = match &plan.test_source {
        None => (frame, None),
        Some(source) => {
            let train_rows = frame.rows();
            let test = one_file(plan, source, &wanted, tables, trace)?;
            let test = with_target(plan, test, trace)?;
            let both = frame.append(test).map_err(|error| load_diagnostic(&error, plan, source))?;
            (both, Some(train_rows))
        }
    };
    check_id(plan, &frame)?;
    let predictions = match keys {
        Some(keys) => Some(join::predictions(bound, &frame, &keys, tables, trace)?),
        None => None,
    };
    Ok(Loaded { frame, train_rows, predictions })
}

/// The rows of one file that `where` and `limit` leave.
fn one_file(
    plan: &Plan,
    source: &Source,
    wanted: &[Arc<str>],
    tables: &Tables,
    trace: &mut Trace<'_>,
) -> Result<Frame, Diagnostic> {
    let derived: Vec<_> =
        plan.derived.iter().map(|(name, sql)| (name.clone(), sql.value())).collect();
    let frame = tables
        .load(&Request {
            path: &source.path,
            format: &source.format,
            columns: Some(wanted),
            types: &plan.types,
            derived: &derived,
            predicate: plan.predicate.as_ref().map(|text| text.value()),
        })
        .map_err(|problem| load_diagnostic(&problem, plan, source))?;
    let all = frame.rows();
    let frame = match plan.limit {
        Some(limit) if limit < all => frame.first(limit),
        _ => frame,
    };
    let filtered = match &plan.predicate {
        Some(predicate) => format!(" where {predicate}"),
        None => String::new(),
    };
    let limited = if frame.rows() < all { format!(", the first of {all}") } else { String::new() };
    trace.add(
        format!("load {}{filtered}", source.written),
        format!("{} × {}{limited}", counted(frame.rows(), "row"), counted(wanted.len(), "column")),
        "ok",
    );
    let names = plan.derived.iter().map(|(name, _)| &**name);
    let names: Vec<&str> =
        names.filter(|name| wanted.iter().any(|other| **other == **name)).collect();
    if !names.is_empty() {
        trace.add(format!("derive {}", names.join(", ")), counted(names.len(), "column"), "ok");
    }
    Ok(frame)
}

/// A key names one row each.
fn check_id(plan: &Plan, frame: &Frame) -> Result<(), Diagnostic> {
    let Some(id) = &plan.id else { return Ok(()) };
    let place = Place::value(Route::root().key("data").key("id"));
    let groups = frame
        .groups(id.value())
        .map_err(|error| Diagnostic::error(error.code(), place.clone(), error.message.clone()))?;
    let mut seen = vec![None; groups.distinct()];
    for (row, code) in groups.codes.iter().enumerate() {
        let numbers = frame.row_numbers();
        let cell = |row| data_cell(plan, &numbers, row, id.written());
        if *code == MISSING {
            return Err(Diagnostic::error(
                Code::KeyInvalid,
                place,
                format!("row {} has no `{id}`", numbers.get(row)),
            )
            .label("has gaps")
            .help("a key names every row: repair the column, or name another one")
            .related(cell(row), "this row"));
        }
        match seen[*code as usize] {
            None => seen[*code as usize] = Some(row),
            Some(first) => {
                return Err(Diagnostic::error(
                    Code::KeyInvalid,
                    place,
                    format!("`{}` names two rows", groups.shown(*code)),
                )
                .label("not unique")
                .help("if several rows belong to one subject, split by it: `split: { grouped: { column: … } }`, and leave `id` out")
                .related(cell(first), "the first")
                .related(cell(row), "the second"));
            }
        }
    }
    Ok(())
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

/// The cell that is row `row` (from 0) of a frame.
pub fn data_cell(plan: &Plan, numbers: &RowNumbers, row: usize, column: &str) -> Place {
    let file = numbers.file(row);
    let mut others = [&plan.test_source, &plan.predictions_source].into_iter().flatten();
    let source = others.find(|source| source.holds(file)).unwrap_or(&plan.source);
    Place::Data {
        path: source.shown_as(file),
        row: Some(numbers.get(row)),
        column: Some(column.to_owned()),
    }
}

/// An error of reading data, on the path in the spec; the cell is a related place.
pub fn load_diagnostic(error: &LoadError, plan: &Plan, source: &Source) -> Diagnostic {
    let data = Route::root().key("data");
    let code = error.code();
    let derived = error
        .derived
        .as_ref()
        .and_then(|name| plan.derived.iter().find(|(derived, _)| **derived == **name));
    let of_where = derived.is_none()
        && (code == Code::BadSql || (code == Code::DataEmpty && plan.predicate.is_some()));
    let declared = error.column.as_ref().filter(|column| {
        code == Code::DataType && plan.types.iter().any(|(name, _)| **name == ***column)
    });
    let place = match declared {
        _ if let Some((name, _)) = derived => Place::value(data.key("derive").key(name)),
        _ if of_where => Place::value(data.key("where")),
        Some(column) => Place::value(data.key("types").key(column)),
        None => Place::value(source.route.clone()),
    };
    let sql = derived.map(|(_, sql)| sql).or(plan.predicate.as_ref().filter(|_| of_where));
    let literal = code != Code::BadSql || sql.is_none_or(|sql| sql.value() == sql.written());
    let message =
        if literal { masked(&error.message, error, source) } else { FILLED_IN.to_owned() };
    let mut diagnostic = Diagnostic::error(code, place, message);
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
        .filter(|_| literal)
        .map(|help| masked(help, error, source))
        .or_else(|| (code == Code::DataMissing).then(relative));
    if let Some(near) = &error.near {
        let written = source.written.written();
        let folder = written.rfind(['/', '\\']).map_or("", |at| &written[..=at]);
        let near = near.map(|name| format!("{folder}{name}"));
        // The path stands by itself, or with its options beside it. A file with a name like it may hold
        // other rows, and whether those are meant is not ours to say.
        for route in [source.route.clone(), source.route.key("path")] {
            let fixes = near.fixes(&Place::value(route), written);
            diagnostic.fixes.extend(fixes.into_iter().map(Fix::unsure));
        }
    }
    let file = error.files.first();
    if error.row.is_some() || error.column.is_some() || file.is_some() {
        let place = Place::Data {
            path: file.map_or(source.shown.clone(), |file| source.shown_as(file)),
            row: error.row,
            column: error.column.clone(),
        };
        diagnostic = diagnostic.related(place, "found at");
    }
    diagnostic
}

/// A message of the loader with its paths as the spec writes them: the loader knows only paths with
/// their variables filled in, which are not for reports.
fn masked(text: &str, error: &LoadError, source: &Source) -> String {
    let files = error.files.iter().chain([&source.path]);
    files.fold(text.to_owned(), |text, file| {
        let shown = source.shown_as(file).display().to_string();
        text.replace(&file.display().to_string(), &shown)
    })
}
