//! What editors tell of a spec's data: its columns, some of their values, and the classes.
//! Nothing is trained, and what was read is kept until the files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::Session;
use super::schema::classes;
use super::summary::{Summary, summary};
use crate::data::{self, ColumnKind, Columns, Frame, Input, Request, Task, glob_matches};
use crate::plan::{Plan, Source, derived_columns, outline, task_of};
use crate::spec::{draft, tasks_of_metric};
use crate::text::Document;

/// The rows of larger files are not read for an editor; packed ones count eightfold.
const MOST_BYTES: u64 = 32 << 20;

/// Every keystroke in a path or a predicate asks for another table.
const MOST_TABLES: usize = 100;

/// What is known of the data that a spec names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The columns of the data, derived ones among them, in the order of the file.
    pub columns: Vec<KnownColumn>,
    /// The columns of given predictions, where they have a file of their own.
    pub predictions: Vec<KnownColumn>,
    /// The classes of the target, sorted; none where it has none, or they could not be read.
    pub classes: Vec<String>,
    /// None where model and target leave it open.
    pub task: Option<Task>,
}

/// What is known of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownColumn {
    pub name: String,
    /// `int`, `float`, `bool`, `text`, …
    pub dtype: String,
    /// Rows without a value, where all rows have been looked at.
    pub missing: Option<usize>,
    /// Some of its values, as they are written.
    pub values: Vec<String>,
    /// How its values spread, in one line.
    pub distribution: Option<String>,
    /// Whether `data.derive` makes it.
    pub derived: bool,
}

impl Known {
    pub fn column(&self, name: &str) -> Option<&KnownColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that an item of a selection picks: that of this name, else all that match it.
    pub fn picked(&self, item: &str) -> Vec<&KnownColumn> {
        match self.column(item) {
            Some(column) => vec![column],
            None => self.columns.iter().filter(|each| glob_matches(item, &each.name)).collect(),
        }
    }

    /// Whether a metric can be measured where the task is this one.
    pub fn measures(&self, metric: &str) -> bool {
        let tasks = tasks_of_metric(metric);
        self.task.zip(tasks).is_none_or(|(task, tasks)| tasks.contains(&task))
    }
}

impl Session<'_> {
    /// What is known of the data of a document, which may be unfinished or wrong elsewhere; none where
    /// its data cannot be found or read.
    pub fn known(&self, document: &Document) -> Option<Arc<Known>> {
        let drafted = draft(document).ok()?.spec;
        if drafted.data.path.is_none() && drafted.data.train.is_none() {
            return None;
        }
        let folder = document.source().path().parent().unwrap_or(Path::new(""));
        let plan = outline(drafted, folder).ok()?;
        let inputs: Vec<Input> = plan.sources().map(|source| Input::look(&source.path)).collect();
        let key = key(&plan);
        let lock = PoisonError::into_inner;
        let kept = self.tables.lock().unwrap_or_else(lock).get(&key).cloned();
        if let Some((from, known)) = kept
            && from == inputs
        {
            return Some(known);
        }
        let known = Arc::new(self.look(&plan)?);
        let mut tables = self.tables.lock().unwrap_or_else(lock);
        if tables.len() >= MOST_TABLES {
            tables.clear();
        }
        tables.insert(key, (inputs, Arc::clone(&known)));
        Some(known)
    }

    fn look(&self, plan: &Plan) -> Option<Known> {
        let file = self.columns(plan).ok()?;
        let (columns, _) = derived_columns(plan, &file);
        let given = match &plan.predictions_source {
            Some(_) => self.columns_of_predictions(plan, &columns).ok().flatten(),
            None => None,
        };
        let classes = classes(plan, &columns).ok().flatten();
        let sound =
            |name: &str| columns.get(name).is_some_and(|info| info.kind != ColumnKind::Empty);
        let derived =
            plan.derived.iter().filter(|(name, _)| sound(name) && file.get(name).is_none());
        let derived: Vec<_> = derived.map(|(name, sql)| (name.clone(), sql.value())).collect();
        // What a cell keeps from being derived is for a run to tell.
        let frame = small(plan, &plan.source, &derived).or_else(|| small(plan, &plan.source, &[]));
        let of_predictions =
            plan.predictions_source.as_ref().and_then(|source| small(plan, source, &[]));
        Some(Known {
            columns: told(&columns, &file, frame.as_ref()),
            predictions: given
                .map(|given| told(&given, &given, of_predictions.as_ref()))
                .unwrap_or_default(),
            classes: classes
                .map(|classes| classes.labels().iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            task: task(plan, &columns),
        })
    }
}

/// The task, as far as model and target tell it.
fn task(plan: &Plan, columns: &Columns) -> Option<Task> {
    let said = plan.task.or(match plan.model.kind().about().tasks {
        [only] => Some(*only),
        _ => None,
    });
    let target = plan.target.as_ref().and_then(|target| columns.get(target.value()));
    if said.is_none() && target.is_none() {
        return None;
    }
    task_of(&plan.model, target, said).ok()
}

/// Whatever of a plan decides what is known of its data.
fn key(plan: &Plan) -> String {
    let sources: Vec<_> =
        plan.sources().map(|source| (&source.path, format!("{:?}", source.format))).collect();
    format!(
        "{sources:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        plan.types,
        plan.derived,
        plan.target,
        plan.task,
        plan.predicate.as_ref().map(|text| text.value().to_owned()),
        plan.model.name(),
    )
}

/// The rows of a file that is read in a moment.
fn small(plan: &Plan, source: &Source, derived: &[(Arc<str>, &str)]) -> Option<Frame> {
    let weight = |path: &Path| match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz" | "zst" | "parquet") => 8,
        _ => 1,
    };
    let bytes = |file: &(PathBuf, Option<data::Stamp>)| {
        file.1.map_or(0, |stamp| stamp.bytes.saturating_mul(weight(&file.0)))
    };
    let all: u64 = Input::look(&source.path).files.iter().map(bytes).sum();
    if all > MOST_BYTES {
        return None;
    }
    let request = Request {
        path: &source.path,
        format: &source.format,
        columns: None,
        types: &plan.types,
        derived,
        predicate: None,
    };
    data::load(&request).ok()
}

fn told(columns: &Columns, file: &Columns, frame: Option<&Frame>) -> Vec<KnownColumn> {
    let tell = |info: &data::ColumnInfo| {
        let derived = file.get(&info.name).is_none();
        let rows = frame.and_then(|frame| summary(frame, &info.name));
        let missing = info.missing.or(rows.as_ref().map(|rows| rows.missing));
        let Summary { values, distribution, .. } = rows.unwrap_or_default();
        KnownColumn {
            name: info.name.to_string(),
            dtype: info.kind.to_string(),
            missing,
            values,
            distribution,
            derived,
        }
    };
    columns.infos.iter().map(tell).collect()
}
