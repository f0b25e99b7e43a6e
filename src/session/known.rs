//! What editors tell of a spec's data: its columns, some of their values, and the classes.
//! Nothing is trained, and what was read is kept until the files change.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::Session;
use super::schema::classes;
use crate::data::{Columns, Input};
use crate::plan::{Plan, derived_columns, outline};
use crate::spec::draft;
use crate::text::Document;

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
        Some(Known {
            columns: told(&columns, &file),
            predictions: given.map(|given| told(&given, &given)).unwrap_or_default(),
            classes: classes
                .map(|classes| classes.labels().iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
        })
    }
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

fn told(columns: &Columns, file: &Columns) -> Vec<KnownColumn> {
    let tell = |info: &crate::data::ColumnInfo| KnownColumn {
        name: info.name.to_string(),
        dtype: info.kind.to_string(),
        missing: info.missing,
        values: Vec::new(),
        distribution: None,
        derived: file.get(&info.name).is_none(),
    };
    columns.infos.iter().map(tell).collect()
}
