//! What a run will do, with every default written out; each part carries the route it came from.
//! `lower` makes a plan from a spec alone, `bind` fits it to the columns of the data.

mod bind;
mod bound;
mod features;
mod lower;
mod roles;
mod source;
mod thresholds;

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::{
    ClassName, Classes, ColumnInfo, ColumnName, ColumnSelector, DeclaredType, Format, Task, Text,
};
use crate::diagnostic::{Diagnostic, Route};
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::AnyModel;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;

pub use crate::spec::{MissingTarget, Severity};
pub use bind::bind;
pub use bound::{Bound, End, Miss};
pub use features::{cannot_work_on, selected, still_categories};
pub use lower::lower;

/// A spec with its defaults, checked as far as that goes without the data.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: Option<Text>,
    pub description: Option<Text>,
    pub tags: Vec<Text>,
    pub source: Source,
    pub target: Option<ColumnName>,
    /// None where it follows from the target's type.
    pub task: Option<Task>,
    pub positive: Option<ClassName>,
    pub features: Option<ColumnSelector>,
    pub exclude: Option<ColumnSelector>,
    pub predicate: Option<Text>,
    pub types: Vec<(Arc<str>, DeclaredType)>,
    pub missing_target: MissingTarget,
    /// None where the model judges every row.
    pub split: Option<Split>,
    /// None where the runner does what the model needs.
    pub prepare: Option<Vec<AnyTransform>>,
    pub model: AnyModel,
    pub metrics: Vec<Metric>,
    pub thresholds: Vec<Threshold>,
    /// What is allowed and looks like a slip.
    pub warnings: Vec<Diagnostic>,
}

/// The file that the rows come from, or the files of one pattern.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the spec writes it.
    pub written: Text,
    /// Relative to the working directory, with variables filled in.
    pub path: PathBuf,
    /// The same as the spec writes it, for messages.
    pub shown: PathBuf,
    /// The name of the format.
    pub kind: &'static str,
    pub format: Format,
}

/// How rows are held out.
#[derive(Clone, Debug)]
pub struct Split {
    pub kind: AnySplit,
    /// Whether the author wrote it; otherwise it is the default.
    pub given: bool,
}

/// One thing to measure.
#[derive(Clone, Debug)]
pub struct Metric {
    /// The name that thresholds and reports use.
    pub name: Arc<str>,
    pub kind: AnyMetric,
    /// Where it is named first: in `metrics`, or else in `thresholds`.
    pub route: Route,
}

/// One bound on one metric.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// The position in `Plan::metrics`.
    pub metric: usize,
    pub bound: Bound,
    pub severity: Severity,
    pub because: Option<Text>,
    /// Where the bound stands.
    pub route: Route,
    /// Where its ends stand, when they have keys of their own.
    pub ends: Ends,
}

/// Where the ends of a bound in map form stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub low: Option<Route>,
    pub high: Option<Route>,
}

/// A plan that fits its data.
#[derive(Clone, Debug)]
pub struct BoundPlan {
    pub plan: Plan,
    pub task: Task,
    /// The columns to learn from, in the order of the file.
    pub features: Vec<ColumnInfo>,
    /// The classes of the target; none for other tasks, and until the rows have been read.
    pub classes: Option<Classes>,
    /// The code of the positive class, where one is known.
    pub positive: Option<u32>,
    pub steps: Vec<Step>,
    /// What only the rows can tell, in words.
    pub left_to_run: Vec<String>,
}

/// One step of preparation.
#[derive(Clone, Debug)]
pub struct Step {
    pub kind: AnyTransform,
    /// Where the author wrote it; none where the runner added it.
    pub route: Option<Route>,
}

impl BoundPlan {
    /// The columns to read from the file: features, target and predictions. Those that only
    /// `where` uses are for the loader to add.
    pub fn columns_to_read(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.features.iter().map(|info| info.name.clone()).collect();
        names.extend(self.plan.target.iter().map(|target| target.value().into()));
        if let crate::kinds::models::Role::Given(given) = self.plan.model.kind().role() {
            names.extend(given.columns().iter().map(|(_, _, name)| name.value().into()));
        }
        names.sort();
        names.dedup();
        names
    }
}
