//! The user's vocabulary as types: what a spec says, decoded and nothing more.
//! Defaults that depend on other parts, names and columns are left to `plan`.

pub mod catalogue;
mod decode;
mod draft;
mod explain;
mod facts;
mod guide;
pub mod keys;
mod left_out;
mod metric;
mod names;
mod nested;
mod period;
mod polish;
mod reserved;
mod rules;
pub mod schema;
mod slice;
mod snippets;
mod synonyms;
mod threshold;
mod tried;

use serde::{Deserialize, Serialize};

use schemars::JsonSchema;

pub use crate::data::Text;
pub use crate::data::sql_functions;
use crate::data::{ClassName, ColumnName, ColumnSelector, DeclaredType, Task};
use crate::kinds::models::{AnyModel, Permutation};
use crate::kinds::sources::AnySource;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::AnyTransform;
pub use crate::text::Period;
pub use catalogue::{data_extensions, tasks_of_metric};
pub use decode::{OfSchema, decode, of_schema};
pub use draft::{Draft, draft};
pub use facts::{Facts, facts};
pub use guide::{Guide, Place};
pub use metric::Metric;
pub use names::{Mark, Names};
pub use reserved::is_reserved_metric;
pub use slice::{Bins, By, Slice};
pub use threshold::{Bound, BoundMap, BoundText, FoldRule, Limit, Severity, Threshold, Thresholds};

/// A test for a machine-learning model: the data, the model, the metrics, and the thresholds that
/// must hold.
///
/// ```yaml
/// version: 1
/// name: Penguin species
/// data:
///   path: data/penguins.csv
///   target: species
/// model:
///   logistic_regression: { c: 1.0 }
/// thresholds:
///   accuracy: "> 0.9"
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of the language: `1`.
    #[schemars(schema_with = "schema::version")]
    pub version: u8,
    /// What reports call this spec. Without it they use the file's name.
    #[serde(default)]
    #[schemars(length(min = 1), example = &"Penguin species")]
    pub name: Option<Text>,
    /// What this spec guards, for the next reader.
    #[serde(default)]
    #[schemars(example = &"The gate in front of the classifier of the field app.")]
    pub description: Option<Text>,
    /// Words to select specs with: `mlspec run --tag smoke`.
    #[serde(default)]
    #[schemars(example = ["smoke"])]
    pub tags: Vec<Text>,
    /// How long a run of this spec may take, such as `30s`, `5m` or `1.5h`. After that it is stopped and
    /// counts as an error. Without this key the limit is that of the run (`--timeout`), if it has one.
    #[serde(default)]
    #[schemars(schema_with = "period::schema")]
    pub timeout: Option<Period>,
    /// The table to train and judge on: its file, its target, its split.
    pub data: Data,
    /// Steps that prepare the features, in order; each is fitted on the training rows only.
    /// Without this key the runner does what the model needs, and `mlspec plan` shows it; `[]`
    /// switches that off.
    #[serde(default)]
    #[schemars(schema_with = "schema::kind_list::<AnyTransform>")]
    pub prepare: Option<Vec<AnyTransform>>,
    /// The model to train and judge.
    #[schemars(schema_with = "schema::one_kind::<AnyModel>")]
    pub model: AnyModel,
    /// How the probabilities of a model of two classes become its answers. Without this key the more
    /// probable class is the answer.
    #[serde(default)]
    #[schemars(example = Decision { threshold: 0.3 })]
    pub decision: Option<Decision>,
    /// How much each feature counts for what the model answers on the test rows. Without this key only
    /// models with a measure of their own say so.
    #[serde(default)]
    #[schemars(example = Importance { permutation: Permutation::default() })]
    pub importance: Option<Importance>,
    /// What to measure beyond what `thresholds` names, or with parameters.
    #[serde(default)]
    #[schemars(schema_with = "schema::metric_list")]
    pub metrics: Vec<Metric>,
    /// Parts of the judged rows that are measured on their own, by name. A threshold speaks of one as
    /// `metric@slice`, or of a single value as `metric@slice=VALUE`.
    #[serde(default, deserialize_with = "decode::slices")]
    #[schemars(schema_with = "schema::slices")]
    pub slices: Vec<(String, Slice)>,
    /// The bounds that must hold, keyed by metric name or by a name given with `as`, with `@slice` or
    /// `@slice=VALUE` where they are about a part of the rows.
    #[schemars(schema_with = "schema::thresholds")]
    pub thresholds: Thresholds,
}

/// The table to train and judge on: its file (`path`), or the two files that are split already
/// (`train` and `test`), what the columns are, and which rows judge.
///
/// ```yaml
/// data:
///   path: data/penguins.csv
///   target: species
///   exclude: [year]
///   where: "bill_length_mm IS NOT NULL"
///   derive: { bill_shape: bill_length_mm / bill_depth_mm }
///   split:
///     k_fold: { folds: 5 }
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Data {
    /// The data file, relative to this spec; or a map of `path`, `format` and the format's options. A
    /// pattern (`*`, `?`) stands for all files that it matches, read one after the other.
    #[serde(default)]
    #[schemars(schema_with = "schema::source")]
    pub path: Option<Source>,
    /// The file of the training rows, where the test rows have a file of their own.
    #[serde(default)]
    #[schemars(schema_with = "schema::source")]
    pub train: Option<Source>,
    /// The file of the test rows, beside `train`. Both have the same columns.
    #[serde(default)]
    #[schemars(schema_with = "schema::source")]
    pub test: Option<Source>,
    /// The column that holds the known answers. Leave it out for clustering.
    #[serde(default)]
    #[schemars(example = &"species")]
    pub target: Option<ColumnName>,
    /// What kind of answer is wanted. It follows from the model or the target where one of them
    /// leaves no choice.
    #[serde(default)]
    #[schemars(schema_with = "schema::task")]
    pub task: Option<Task>,
    /// The positive class of a target with two classes. Only 0/1 (1) and false/true (true) have a
    /// default.
    #[serde(default)]
    #[schemars(example = 1)]
    pub positive: Option<ClassName>,
    /// The columns to learn from, by name or glob (`*`, `?`). Default: all without another role.
    #[serde(default)]
    #[schemars(example = ["bill_*"])]
    pub features: Option<ColumnSelector>,
    /// Columns to leave out, by name or glob (`*`, `?`).
    #[serde(default)]
    #[schemars(example = ["id"])]
    pub exclude: Option<ColumnSelector>,
    /// New columns, each an SQL expression over the columns of one row: those of the file and the
    /// derived ones before it. They are features unless they are excluded or derived from the target.
    /// A derived column may be the target; what it is made of is a feature only where `features` names
    /// it.
    ///
    /// `a + b`, `a / b`, `CASE WHEN … THEN … ELSE … END`, `coalesce(a, 0)` and the like. What is
    /// missing stays missing; so does 0 / 0. From dates: `extract(year FROM day)`, and `month`,
    /// `day`, `dow`, `doy`, `week`, `hour`, `minute`, `second`, `epoch` (seconds since 1970), so that
    /// the days between two are `(extract(epoch FROM b) - extract(epoch FROM a)) / 86400`. Text that
    /// is no number is an error in `CAST(a AS DOUBLE)`, and missing in `TRY_CAST(a AS DOUBLE)`.
    #[serde(default, deserialize_with = "decode::derived")]
    #[schemars(schema_with = "schema::derived")]
    pub derive: Vec<(String, Text)>,
    /// Keeps the rows for which this SQL predicate over the columns of one row is true.
    #[serde(default, rename = "where")]
    #[schemars(example = &"year >= 2008")]
    pub predicate: Option<Text>,
    /// Types of columns, where they should not be inferred from the values.
    #[serde(default, deserialize_with = "decode::types")]
    #[schemars(schema_with = "schema::types")]
    pub types: Vec<(String, DeclaredType)>,
    /// What happens to rows without a target: `error`, or a map such as `{ drop: true, max: 0.05 }`.
    #[serde(default)]
    #[schemars(schema_with = "schema::missing_target")]
    pub missing_target: MissingTarget,
    /// A column that names each row: no feature, and its values must differ.
    #[serde(default)]
    #[schemars(example = &"patient_id")]
    pub id: Option<ColumnName>,
    /// Columns that say how much each row counts: in training, in the metrics, or in both.
    #[serde(default)]
    #[schemars(example = Weight::example())]
    pub weight: Option<Weight>,
    /// At most this many rows are used, the first ones that `where` keeps (of each file, where
    /// `train` and `test` are two): for a quick try, not for a gate.
    #[serde(default)]
    #[schemars(range(min = 1), example = 1000)]
    pub limit: Option<usize>,
    /// How rows are held out to judge the model. Default: a quarter of them, stratified for
    /// classification.
    #[serde(default)]
    #[schemars(schema_with = "schema::one_kind::<AnySplit>")]
    pub split: Option<AnySplit>,
}

/// How the probabilities of a model of two classes become its answers, for every metric that looks
/// at answers. A metric with a `threshold` of its own keeps that.
///
/// ```yaml
/// data:
///   path: data/breast_cancer.csv
///   target: diagnosis
///   positive: malignant
/// decision: { threshold: 0.3 }
/// thresholds:
///   recall: { min: 0.9 }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Decision {
    /// The answer is the positive class where its probability is above this.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: f64,
}

/// How much each feature counts for what the model answers, whatever the model.
///
/// ```yaml
/// importance:
///   permutation: { repeats: 10 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Importance {
    /// How much a metric loses when the values of one feature are shuffled.
    pub permutation: Permutation,
}

/// The columns of weights; at least one is named.
///
/// Weights are numbers from 0; a row of weight 0 does not count. They are no features.
///
/// ```yaml
/// data:
///   derive: { share: "CASE island WHEN 'Biscoe' THEN 0.5 ELSE 1.0 END" }
///   weight: { fit: share, score: share }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline, extend("minProperties" = 1))]
pub struct Weight {
    /// The column of how much a row counts in training.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"sample_weight")]
    pub fit: Option<ColumnName>,
    /// The column of how much a row counts in the metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"sample_weight")]
    pub score: Option<ColumnName>,
}

impl Weight {
    fn example() -> Self {
        let name = || Some(ColumnName::plain("sample_weight"));
        Self { fit: name(), score: name() }
    }
}

/// A data file, and how to read it where its name does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub path: Text,
    /// The name of the format, when given.
    pub format: Option<String>,
    /// The options of the format, when given.
    pub options: Option<AnySource>,
}

/// What happens to rows without a target.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum MissingTarget {
    /// They are an error that says how many there are.
    #[default]
    Error,
    /// They are dropped, up to this share of all rows.
    Drop { max: f64 },
}

/// The map form of `missing_target`: rows without a target are left out, up to a share.
///
/// ```yaml
/// data:
///   target: sex
///   missing_target: { drop: true, max: 0.05 }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct DropMissing {
    /// `true`: rows without a target are dropped.
    #[schemars(example = true)]
    pub drop: bool,
    /// The largest share of rows that may be dropped, from 0 to 1.
    #[serde(default = "DropMissing::default_max")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max: f64,
}

impl DropMissing {
    fn default_max() -> f64 {
        0.05
    }
}
