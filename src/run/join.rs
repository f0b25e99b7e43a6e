//! Brings predictions from a file of their own into the order of the data, by a key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::load::{data_cell, load_diagnostic};
use super::trace::Trace;
use crate::data::{Frame, Label, Request, Tables};
use crate::diagnostic::{Code, Diagnostic, Place, Route, counted};
use crate::kinds::models::{Predictions, Role};
use crate::plan::{BoundPlan, Plan, Source};

/// The keys that predictions may have: those of all rows of the data, also of rows that are not
/// judged.
pub struct Keys(HashMap<Label, u32>);

/// The keys of the data before any row is left out.
///
/// # Errors
/// A key that is missing or names two rows.
pub fn keys(plan: &Plan, frame: &Frame, tables: &Tables) -> Result<Keys, Diagnostic> {
    let Some((_, on)) = joined(plan) else { return Ok(Keys(HashMap::new())) };
    // What `where` and `limit` leave out may have predictions all the same.
    let whole = if plan.predicate.is_some() || plan.limit.is_some() {
        let derived: Vec<_> =
            plan.derived.iter().map(|(name, sql)| (name.clone(), sql.value())).collect();
        let request = Request {
            path: &plan.source.path,
            format: &plan.source.format,
            columns: Some(std::slice::from_ref(&on)),
            types: &plan.types,
            derived: &derived,
            predicate: None,
        };
        Some(tables.load(&request).map_err(|error| load_diagnostic(&error, plan, &plan.source))?)
    } else {
        None
    };
    unique(plan, whole.as_ref().unwrap_or(frame), &on, &plan.source).map(Keys)
}

/// The predictions of the rows of `frame`, one a row.
///
/// # Errors
/// A key without a prediction, with two, or a prediction whose key no row has.
pub fn predictions(
    bound: &BoundPlan,
    frame: &Frame,
    known: &Keys,
    tables: &Tables,
    trace: &mut Trace<'_>,
) -> Result<Frame, Diagnostic> {
    let plan = &bound.plan;
    let (Some((given, on)), Some(source)) = (joined(plan), &plan.predictions_source) else {
        return Ok(Frame::default());
    };
    let mut columns = vec![on.clone()];
    columns.extend(given.columns().iter().map(|(_, _, name)| Arc::from(name.value())));
    let other = tables
        .load(&Request {
            path: &source.path,
            format: &source.format,
            columns: Some(&columns),
            types: &plan.types,
            derived: &[],
            predicate: None,
        })
        .map_err(|error| load_diagnostic(&error, plan, source))?;
    trace.add(
        format!("load {}", source.written),
        format!("{} × {}", counted(other.rows(), "row"), counted(columns.len(), "column")),
        "ok",
    );
    let predicted = unique(plan, &other, &on, source)?;
    let place = Place::value(Route::root().key("model").key("predictions").key("on"));
    let extra =
        predicted.iter().filter(|(key, _)| !known.0.contains_key(key)).min_by_key(|(_, at)| **at);
    let sample =
        |keys: &HashMap<Label, u32>| keys.iter().min_by_key(|(_, at)| **at).map(|k| k.0.clone());
    if let (Some(a), Some(b)) = (sample(&known.0), sample(&predicted))
        && std::mem::discriminant(&a) != std::mem::discriminant(&b)
    {
        return Err(Diagnostic::error(
            Code::KeyInvalid,
            place,
            format!(
                "`{on}` holds keys such as `{b}` in `{}`, and such as `{a}` in `{}`",
                source.written, plan.source.written
            ),
        )
        .label("cannot be joined")
        .help(format!("declare one type for both: `types: {{ {on}: string }}`")));
    }
    if let Some((key, at)) = extra {
        return Err(Diagnostic::error(
            Code::KeyInvalid,
            place,
            format!("there is a prediction for `{on}` = `{key}`, which no row of the data has"),
        )
        .label("an extra key")
        .help("judge the predictions of this data: leave the others out of their file")
        .related(data_cell(plan, &other.row_numbers(), *at as usize, &on), "this prediction"));
    }
    let labels = labels(plan, frame, &on, &plan.source)?;
    let mut order = Vec::with_capacity(labels.len());
    for (row, key) in labels.iter().enumerate() {
        let Some(at) = predicted.get(key) else {
            let number = frame.row_numbers().get(row);
            return Err(Diagnostic::error(
                Code::KeyInvalid,
                place,
                format!("row {number}, with `{on}` = `{key}`, has no prediction"),
            )
            .label("a missing key")
            .help(format!(
                "every row needs one: add it to `{}`, or leave the row out with `where`",
                source.written
            ))
            .related(data_cell(plan, &frame.row_numbers(), row, &on), "this row"));
        };
        order.push(*at);
    }
    Ok(other.gather(&order))
}

/// The model and its key, where its predictions are joined.
fn joined(plan: &Plan) -> Option<(&Predictions, Arc<str>)> {
    match plan.model.kind().role() {
        Role::Given(given) => Some((given, given.on.as_ref()?.value().into())),
        Role::Learns(_) | Role::Detects(_) | Role::Labels(_) => None,
    }
}

fn labels(plan: &Plan, frame: &Frame, on: &str, source: &Source) -> Result<Vec<Label>, Diagnostic> {
    let place = Place::value(Route::root().key("model").key("predictions").key("on"));
    let labels = frame.labels(on).map_err(|error| {
        Diagnostic::error(
            Code::KeyInvalid,
            place.clone(),
            format!("`{on}` of `{}` cannot join two files: {}", source.written, error.message),
        )
        .label("no key")
        .help("name a column of whole numbers or text")
    })?;
    let row = labels.iter().position(Option::is_none);
    match row {
        None => Ok(labels.into_iter().flatten().collect()),
        Some(row) => {
            let number = frame.row_numbers().get(row);
            Err(Diagnostic::error(
                Code::KeyInvalid,
                place,
                format!("row {number} of `{}` has no `{on}`", source.written),
            )
            .label("has gaps")
            .help("a key names every row: repair the column")
            .related(data_cell(plan, &frame.row_numbers(), row, on), "this row"))
        }
    }
}

/// The keys of a frame with the positions of their rows, each once.
fn unique(
    plan: &Plan,
    frame: &Frame,
    on: &str,
    source: &Source,
) -> Result<HashMap<Label, u32>, Diagnostic> {
    let mut rows = HashMap::with_capacity(frame.rows());
    for (row, key) in (0..).zip(labels(plan, frame, on, source)?) {
        match rows.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
            Entry::Occupied(entry) => {
                let place = Place::value(Route::root().key("model").key("predictions").key("on"));
                let numbers = frame.row_numbers();
                let first = *entry.get();
                let key = entry.key();
                return Err(Diagnostic::error(
                    Code::KeyInvalid,
                    place,
                    format!(
                        "`{key}` stands twice in `{}`, in rows {} and {}",
                        source.written,
                        numbers.get(first as usize),
                        numbers.get(row as usize)
                    ),
                )
                .label("a double key")
                .help("keep one row for each key")
                .related(data_cell(plan, &numbers, first as usize, on), "the first")
                .related(data_cell(plan, &numbers, row as usize, on), "the second"));
            }
        }
    }
    Ok(rows)
}
