//! The schema as it is printed: for all specs, or for those of one spec's data.

use std::path::Path;

use serde_json::Value;

use super::{Session, Stopped};
use crate::data::{Classes, ColumnKind, Columns, Task};
use crate::diagnostic::{Diagnostic, Place, Route, Severity};
use crate::kinds::models::Role;
use crate::outcome::SpecOutcome;
use crate::plan::{Plan, derived_columns, outline};
use crate::run;
use crate::spec::{Draft, Names, decode, draft, schema};
use crate::text::Document;
use crate::verdict::Status;

/// The schema as it is committed and printed, ending in a line feed.
pub fn schema_text() -> String {
    text_of(&schema::generate())
}

fn text_of(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

impl Session<'_> {
    /// The schema with the columns and classes of a spec's data as choices. The spec may be
    /// unfinished: only its data has to be found. Beside the schema, the spec with warnings about
    /// names that could not be read.
    ///
    /// # Errors
    /// What is wrong with how the spec names its data, or with the header of that data.
    pub fn schema_for(&self, path: &Path) -> Result<(String, SpecOutcome), Box<SpecOutcome>> {
        let mut spec = self.begin(path).unwrap_or_else(|spec| *spec);
        if spec.diagnostics.iter().any(is_about_the_files) {
            return Err(Box::new(spec));
        }
        let found = std::mem::take(&mut spec.diagnostics);
        let Draft { spec: drafted, measured, slices } = match draft(&spec.document) {
            Ok(draft) => draft,
            Err(found) => return Err(Box::new(spec.closed(Status::Invalid, found))),
        };
        if drafted.data.path.is_none() && drafted.data.train.is_none() {
            let found = if found.is_empty() { wrong_in_data(&spec.document) } else { found };
            if !found.is_empty() {
                return Err(Box::new(spec.closed(Status::Invalid, found)));
            }
        }
        let plan = match outline(drafted, path.parent().unwrap_or(Path::new(""))) {
            Ok(plan) => plan,
            Err(found) => return Err(Box::new(spec.closed(Status::Invalid, found))),
        };
        let file = match self.columns(&plan) {
            Ok(file) => file,
            Err((status, found)) => return Err(Box::new(spec.closed(status, found))),
        };
        let mut left_out = plan.warnings.clone();
        // What is wrong with a derived column does not matter here: its name is known.
        let (columns, _) = derived_columns(&plan, &file);
        let predictions = self.columns_of_predictions(&plan, &columns);
        let predictions = known(predictions, &mut left_out).flatten();
        let classes = known(classes(&plan, &columns), &mut left_out).flatten();
        let names = Names { file, columns, predictions, classes, measured, slices };
        let text = text_of(&schema::generate_for(&names));
        Ok((text, spec.closed(Status::Pass, left_out.into_iter().map(warning).collect())))
    }

    /// None where the file of the predictions is not named rightly, of which there is a warning.
    pub(super) fn columns_of_predictions(
        &self,
        plan: &Plan,
        columns: &Columns,
    ) -> Result<Option<Columns>, Stopped> {
        match (plan.model.kind().role(), &plan.predictions_source) {
            (_, Some(source)) => self.header(plan, source).map(Some),
            (Role::Given(given), None) if given.path.is_some() => Ok(None),
            (Role::Given(_) | Role::Learns(_) | Role::Detects(_) | Role::Labels(_), None) => {
                Ok(Some(columns.clone()))
            }
        }
    }
}

/// How the data departs from the schema; or all departures, where it is not the data that does.
fn wrong_in_data(document: &Document) -> Vec<Diagnostic> {
    let Err(all) = decode(document) else { return Vec::new() };
    let data = Route::root().key("data");
    let (of_data, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|found| {
        matches!(&found.place, Place::Spec { route, .. } if route.segments().starts_with(data.segments()))
    });
    if of_data.is_empty() { others } else { of_data }
}

/// Whether a finding of the reader makes it pointless to look for the data.
fn is_about_the_files(found: &Diagnostic) -> bool {
    let data = Route::root().key("data");
    let files = ["path", "train", "test"].map(|key| data.key(key));
    match &found.place {
        Place::Spec { route, .. } => {
            found.severity == Severity::Error
                && files.iter().any(|file| route.segments().starts_with(file.segments()))
        }
        Place::File { .. } => true,
        Place::Text { .. } | Place::Data { .. } | Place::Flag { .. } => false,
    }
}

fn known<T>(result: Result<T, Stopped>, left_out: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|(_, found)| left_out.extend(found)).ok()
}

fn warning(found: Diagnostic) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..found }
}

/// The classes of the target, if it is a column that can hold classes and the task allows it.
pub(super) fn classes(plan: &Plan, columns: &Columns) -> Result<Option<Classes>, Stopped> {
    let Some(target) = &plan.target else { return Ok(None) };
    let has_classes = match columns.get(target.value()).map(|info| &info.kind) {
        Some(ColumnKind::Text | ColumnKind::Bool) => true,
        Some(ColumnKind::Integer | ColumnKind::Empty) => {
            let tasks = plan.model.kind().about().tasks;
            plan.task.map_or(tasks == [Task::Classification], |task| task == Task::Classification)
        }
        Some(
            ColumnKind::Float | ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Other(_),
        )
        | None => false,
    };
    if !has_classes {
        return Ok(None);
    }
    run::target_classes(plan, target).map_err(|found| (Status::Error, vec![found]))
}
