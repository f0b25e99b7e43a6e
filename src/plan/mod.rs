//! What a run will do, with every default written out; each part carries the route it came from.
//! `lower` makes a plan from a spec alone, `bind` fits it to the columns of the data.

mod bind;
mod bound;
mod comparisons;
mod decisive;
mod derive;
mod features;
mod importance;
mod lower;
mod misfits;
mod others;
mod reach;
mod roles;
mod slices;
mod source;
mod sources;
mod thresholds;
mod weights;

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::{
    ClassName, Classes, ColumnInfo, ColumnName, ColumnSelector, DeclaredType, Format, Task, Text,
};
use crate::diagnostic::{Diagnostic, Route};
use crate::kinds::metrics::{AnyMetric, Needs};
use crate::kinds::models::{AnyModel, Permutation};
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;

pub use crate::kinds::metrics::Direction;
use crate::spec::Period;
pub use crate::spec::{Bins, MissingTarget, Severity, Weight};
pub use bind::{Known, bind};
pub use bound::{Bound, End, Miss, required};
pub use derive::{FILLED_IN, derived_columns, refused, with_derived};
pub use features::{cannot_work_on, selected, still_categories};
pub use lower::{lower, outline};
pub use roles::task_of;

/// A spec with its defaults, checked as far as that goes without the data.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: Option<Text>,
    pub description: Option<Text>,
    pub tags: Vec<Text>,
    /// How long a run may take; none: as the run says.
    pub timeout: Option<Period>,
    /// All rows, or those that train.
    pub source: Source,
    /// The rows that judge, where they have a file of their own.
    pub test_source: Option<Source>,
    /// The file of given predictions, where it is not the data itself.
    pub predictions_source: Option<Source>,
    pub target: Option<ColumnName>,
    /// None where it follows from the target's type.
    pub task: Option<Task>,
    pub positive: Option<ClassName>,
    pub features: Option<ColumnSelector>,
    pub exclude: Option<ColumnSelector>,
    /// Columns made of others: names and SQL, in order.
    pub derived: Vec<(Arc<str>, Text)>,
    pub predicate: Option<Text>,
    pub types: Vec<(Arc<str>, DeclaredType)>,
    pub missing_target: MissingTarget,
    pub id: Option<ColumnName>,
    pub weight: Weight,
    /// At most this many rows of each file.
    pub limit: Option<usize>,
    /// None where the model judges every row, and where the test rows have a file of their own.
    pub split: Option<Split>,
    /// None where the runner does what the model needs.
    pub prepare: Option<Vec<AnyTransform>>,
    pub model: AnyModel,
    /// The cut of the probability of the positive class; none: the more probable class.
    pub decision: Option<f64>,
    /// How the features are shuffled, where their importance is asked for.
    pub importance: Option<Permutation>,
    pub metrics: Vec<Metric>,
    pub slices: Vec<Slice>,
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
    /// Where the spec names it.
    pub route: Route,
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

/// A part of the judged rows that is measured on its own.
#[derive(Clone, Debug)]
pub struct Slice {
    pub name: Arc<str>,
    pub rows: SliceRows,
    /// Fewer judged rows than this are not measured.
    pub min_rows: usize,
    /// Where the spec defines it.
    pub route: Route,
}

/// Which rows belong to a slice.
#[derive(Clone, Debug)]
pub enum SliceRows {
    /// For each combination of values of these columns, the rows that have it.
    By { columns: Vec<ColumnName>, bins: Option<Bins>, expect: Vec<ClassName> },
    /// The rows for which the SQL predicate is true.
    Where(Text),
}

/// What of a metric a bound is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Its value on the judged rows.
    Value,
    /// How much better it is than the dummy's.
    OverDummy,
    /// How much better it is on the training rows.
    TrainGap,
}

impl Quantity {
    /// The word of reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::OverDummy => "over_dummy",
            Self::TrainGap => "train_gap",
        }
    }
}

/// What of several folds a bound is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folds {
    /// There is one.
    One,
    Mean,
    Pooled,
    /// At least so many of them meet the bound.
    AtLeast {
        least: usize,
        of: usize,
    },
}

/// The slice that a threshold is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct On {
    /// The position in `Plan::slices`.
    pub slice: usize,
    /// A single value of a `by` slice; none: each of its values.
    pub value: Option<Arc<str>>,
}

/// One bound on one metric.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// The position in `Plan::metrics`.
    pub metric: usize,
    /// None: all judged rows.
    pub on: Option<On>,
    pub quantity: Quantity,
    pub bound: Bound,
    pub folds: Folds,
    /// Which values of the metric are better.
    pub direction: Direction,
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
    /// Columns to read besides features, target and what `where` names: of the split, of weights, of
    /// slices, keys.
    pub others: Vec<Arc<str>>,
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
    /// The columns to read from the file. Those that only `where` uses are for the loader to add.
    pub fn columns_to_read(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.features.iter().map(|info| info.name.clone()).collect();
        names.extend(self.plan.target.iter().map(|target| target.value().into()));
        names.extend(self.others.iter().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// Whether a metric is about time, so that nothing else should run meanwhile.
    pub fn is_timed(&self) -> bool {
        self.plan.is_timed()
    }
}

impl Plan {
    /// Whether a metric is about time, so that no two runs measure the same.
    pub fn is_timed(&self) -> bool {
        self.metrics.iter().any(|metric| metric.kind.kind().about().needs == Needs::Times)
    }
}

impl Source {
    /// The key that names it: `path`, `train` or `test`.
    pub fn key(&self) -> &str {
        self.route.last_key().unwrap_or("path")
    }
}

impl Plan {
    /// Everything that is read: the data, the test rows, and predictions with a file of their own.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        std::iter::once(&self.source).chain(&self.test_source).chain(&self.predictions_source)
    }

    /// The files that are read, as messages name them: from the folder that mlspec was started in.
    pub fn shown(&self) -> Vec<PathBuf> {
        self.sources().map(|source| source.shown.clone()).collect()
    }

    /// How many folds there are.
    pub fn folds(&self) -> usize {
        self.split.as_ref().map_or(1, |split| split.kind.kind().about().folds)
    }
}
