//! Every diagnostic code with the text that `mlspec explain` prints.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! codes {
    ($($variant:ident = $name:literal, $summary:literal, $explanation:literal;)*) => {
        /// A stable name for one kind of finding, such as `mlspec::threshold::missed`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($variant),* }

        impl Code {
            /// All codes, in the order of this file: the text first, the verdicts last.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code as users see it, `mlspec::…`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => concat!("mlspec::", $name)),* }
            }

            /// One line: what the code means.
            pub const fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary),* }
            }

            /// Markdown: why it is refused and what to do.
            pub const fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation),* }
            }
        }
    };
}

codes! {
    // The spec as a file and as YAML.
    FileMissing = "file::missing", "a path that was given does not exist",
        "The path on the command line leads to nothing. Paths on the command line are relative to the working directory; a directory is searched for `*.mlspec.yaml` and `*.mlspec.yml`.";
    FileUnreadable = "file::unreadable", "a file could not be read or written",
        "The operating system refused to open the file: look at its permissions, and whether it is a directory.";
    FileEncoding = "file::encoding", "a spec is not UTF-8 text",
        "Specs are UTF-8. The label points at the first byte that is not. Save the file as UTF-8 (a byte-order mark is fine).";
    YamlSyntax = "yaml::syntax", "the text is not YAML",
        "The parser stopped here, so nothing behind this place was read. Common causes are a missing space after a colon, tabs in the indentation, and a quote that is not closed.";
    YamlEmpty = "yaml::empty", "the spec has no content",
        "A spec needs at least `version`, `data`, `model` and `thresholds`.";
    YamlDocuments = "yaml::documents", "a file holds more than one YAML document",
        "One spec a file: put the second document into a file of its own.";
    YamlDuplicateKey = "yaml::duplicate_key", "a key stands twice in one map",
        "YAML leaves open which of the two would count, so neither does. Remove one, or merge their contents.";
    YamlKey = "yaml::key", "a key is not plain text",
        "Every key of a spec is a string. Lists, maps and aliases cannot be keys here.";
    YamlMerge = "yaml::merge", "a merge key does not name a map",
        "`<<` takes an alias of a map, or a list of such aliases.";
    YamlBudget = "yaml::budget", "the spec is too deep or grows too large",
        "Aliases are written out while a spec is read. To keep a small file from growing without end, a spec may come to 100,000 nodes and 64 levels.";
    YamlNumber = "yaml::number", "a number is not finite",
        "`.nan` and `.inf` compare with nothing, so they are no bounds and no parameters. Leave the key out where there is no limit.";
    YamlTag = "yaml::tag", "a YAML tag has no meaning here",
        "Specs use the core schema of YAML 1.2 without tags of their own: write the value without the `!`.";
    EnvUnset = "env::unset", "an environment variable is not set",
        "`${NAME}` takes the value of an environment variable when the spec is read. Set the variable, or give a default: `${NAME:-default}`. `$${` stands for a plain `${`.";
    EnvSyntax = "env::syntax", "a `${` is not finished or names nothing",
        "Write `${NAME}` or `${NAME:-default}`; the name has letters, digits and underscores. `$${` stands for a plain `${`.";

    // The shape of the spec.
    UnknownKey = "spec::unknown_key", "a key is not part of the language",
        "No key is ever ignored: a misspelt one would otherwise switch something off in silence. Keys that start with `x-` at the top of a spec are free.";
    UnknownKind = "spec::unknown_kind", "a name is not in the catalogue",
        "`mlspec list models`, `metrics`, `transforms`, `splits` and `sources` print what there is.";
    MissingKey = "spec::missing_key", "a required key is missing",
        "`version`, `data`, `model` and `thresholds` have no sensible default, so every spec says them; some kinds have required parameters of their own.";
    WrongType = "spec::type", "a value has the wrong type",
        "The message names the type that belongs here. Text that looks like a number needs quotes to be text; a number in quotes is no number.";
    WrongValue = "spec::value", "a value is not one of those allowed",
        "The message lists the values that are allowed here.";
    OutOfRange = "spec::range", "a number is outside its range",
        "The message gives the range; the reference page of the kind says why.";
    OneKind = "spec::one_kind", "a kind is a map with exactly one key",
        "Steps, splits, models and metrics are maps of one key: the key is the kind, the value its parameters, as in `ridge: { alpha: 2 }`. Write two steps as two items of the list.";
    Exclusive = "spec::exclusive", "two keys exclude each other",
        "Both keys answer the same question, or one of them has no effect with the value of the other. Keep the one that you mean, or change the other.";
    Reserved = "spec::reserved", "a word of the language that this version does not run yet",
        "The word has a meaning in the language's design, so it is refused rather than ignored: a spec never passes because a part of it was skipped.";
    Internal = "spec::internal", "mlspec contradicts itself",
        "This is a bug in mlspec: the schema and the code disagree about this spec. Please report it together with the spec.";

    // Data.
    DataMissing = "data::missing", "a data file does not exist",
        "Paths inside a spec are relative to the spec's own folder.";
    DataUnreadable = "data::unreadable", "a data file could not be read",
        "The file is there, but its bytes could not be taken: permissions, a directory in place of a file, or content that is not of the format that its extension names.";
    DataUrl = "data::url", "data is a URL",
        "Reading a spec never fetches anything. Download the data in a step before, and name the local file.";
    DataFormat = "data::format", "the format of a data file is unknown",
        "The format follows from the extension (`.csv`, `.tsv`, `.ndjson`, `.jsonl`, `.parquet`, `.arrow`, and for text with `.gz` or `.zst` behind it); for other names say `format:`.";
    DataEmpty = "data::empty", "the data has no rows",
        "There is nothing to train on or to judge: a header alone, an empty file, or a `where` that keeps no row.";
    DataHeader = "data::header", "the header of a data file cannot be used",
        "Every column needs a name of its own in the first line.";
    DataRagged = "data::ragged", "a line has more or fewer fields than the header",
        "Either the line is damaged, or the separator is another one: say `csv: { separator: \";\" }`. Lines are never padded or cut.";
    DataEncoding = "data::encoding", "a data file is not UTF-8",
        "Convert the file to UTF-8; the message names the first line that is not.";
    DataType = "data::type", "a value does not have the declared type",
        "`types` says what the author expects of a column, so a value that does not fit stops the run.";
    DataColumnType = "data::column_type", "a column's type cannot be used here",
        "Features are numbers, booleans or categories. Dates, times and nested values are not: exclude them, or turn them into numbers before.";
    UnknownColumn = "data::unknown_column", "a column is not in the data",
        "The data's header has no such column. Names are compared letter by letter, including case and spaces.";
    NoFeatures = "data::no_features", "no column is left for the model",
        "After `features`, `exclude` and the columns with a role of their own, nothing remains to learn from.";
    RoleType = "data::role", "a column's type does not suit what it is used for",
        "A split by time needs numbers, dates or times; a weight is a number; a slice by numbers with a fraction needs `bins`. Declare the column's type in `types`, or name another column.";
    KeyInvalid = "data::key", "a key column has gaps or holds a value twice",
        "A key says which row is meant, so every row has one of its own. Repair the column, or name another one.";
    WeightInvalid = "data::weight", "a weight is missing, negative or not finite",
        "A weight says how much a row counts: a number from 0. A row that should not count has weight 0; at least one row needs more.";
    SliceInvalid = "slice::invalid", "a slice says nothing, or contradicts itself",
        "A slice has either `by` (a column whose values are measured one by one) or `where` (an SQL predicate). Its name is its own: not that of a metric.";
    SliceUnknown = "slice::unknown", "a threshold names a slice that is not defined",
        "`metric@slice` speaks of a slice that `slices` defines; `metric@slice=VALUE` of one value of a `by` slice.";
    SliceMissing = "slice::missing", "a value that a slice expects is not there",
        "`expect` lists values that must be judged. One that no row has, or too few rows, keeps the spec from passing.";
    Decision = "model::decision", "the decision does not fit the model",
        "`decision` cuts the probability of the positive class of two. It needs a classifier with probabilities, two classes, and a positive one among them.";
    Importance = "importance::misfit", "the importance of features cannot be asked for here",
        "`importance` shuffles the features of the test rows and asks the model again. It needs a model that learns to answer a target from features, and answers for rows that it is given.";
    ImportanceUndefined = "importance::undefined", "the metric of importance has no value",
        "Importances are what a metric loses when a feature is shuffled. Where it has no value on the test rows of a fold, as they are or shuffled, nothing can be said. Choose another metric, or a split with more test rows.";
    TargetMissing = "data::target_missing", "some rows have no target",
        "A row without a label can neither train nor judge. Repair the data, or say `missing_target: { drop: true, max: 0.05 }` to drop at most that share.";
    TargetNeeded = "data::target_needed", "the task needs a target",
        "Classification and regression compare with a known answer: name its column in `data.target`.";
    TargetConstant = "data::target_constant", "the target has a single class",
        "A classifier needs two classes at least. Look at `where`, and at the part of the data that the file holds.";
    TargetType = "data::target_type", "the target does not fit the task",
        "Regression needs numbers. Classification needs text, booleans, categories or whole numbers.";
    TaskUnclear = "data::task", "the task does not follow from model and target",
        "An integer target can be a class or a quantity, and the model can do both: say `task: classification` or `task: regression`.";
    TaskMisfit = "data::task_misfit", "the model, or a parameter of it, is not for this task",
        "The catalogue (`mlspec list models`) says which task each model does. Some parameters decide it: a tree with `criterion: gini` is for classes.";
    UnknownClass = "data::unknown_class", "a class is not in the target",
        "Class names in a spec are compared with the values of the target column over all rows.";
    SuspectText = "data::suspect_text", "a column of text looks like something else",
        "Most of the values are numbers, so a few cells have turned numbers into categories; or every row has a value of its own, as an identifier has. Say what the odd values mean (`null_values`), declare the column in `types`, or exclude it.";
    UnseenClass = "data::unseen_class", "predictions name a class that no row has",
        "A class of the predictions that never occurs in the target is either rare or misspelt: compare upper and lower case, and spaces.";
    UntrainedClass = "data::untrained_class", "a class is judged that no training row has",
        "A model learns the classes of its training rows, so it is wrong on every row of another one. Where that is the point of the test, the warning can stand; else add training rows, or split with `stratify`.";
    NotFinite = "data::not_finite", "a feature holds an infinite number",
        "Infinity breaks every mean, distance and gradient. Repair the column, or leave its rows out with `where`.";
    NotNumber = "data::not_number", "a column is not numeric where the model needs numbers",
        "Put a `one_hot` step before the model, exclude the column, or leave `prepare` out so that the runner does what the model needs.";
    MissingValues = "data::missing_values", "a feature has missing values that the model cannot take",
        "Put an `impute` step before the model, or leave `prepare` out so that the runner does what the model needs.";
    AllNull = "data::all_null", "a column has no value at all",
        "There is no median and no most frequent value to fill it with: exclude the column.";
    BadSql = "data::sql", "a SQL expression cannot be used",
        "`where` is a SQL predicate over the columns of one row. Aggregates, windows, subqueries and random functions are refused, because they look at other rows or change from run to run.";
    MissingTarget = "data::too_many_missing", "more targets are missing than `missing_target` allows",
        "The share of rows without a target is above `max`. Repair the data, or raise `max` knowingly.";
    PredictionInvalid = "data::prediction", "a column of predictions cannot be judged",
        "Labels must be classes, probabilities must lie between 0 and 1 and sum to 1 in each row, and no prediction may be missing.";
    Memory = "data::memory", "a step would need more memory than is sensible",
        "The size is estimated before it is taken. The usual cause is a one-hot of an identifier: exclude the column.";

    // Split, preparation, model, metrics.
    SplitImpossible = "split::impossible", "the rows cannot be split as asked",
        "Each side of each fold needs at least one row. With `stratify` each class needs a row for each side, or for each fold. Rows of one time stay together, and so do those of a group; values that name a side must be in the data, each on one side. The message says which of these the rows cannot meet.";
    SplitRefused = "split::refused", "this model judges all rows",
        "Predictions made elsewhere are judged on every row: there is no training, so `split` and `prepare` have no meaning. A model that groups rows without telling where others would belong (`dbscan`) judges the rows that it has grouped, so nothing is split off.";
    WeightRefused = "model::weights", "this model cannot weigh its rows",
        "`data.weight.fit` says how much each row counts in training, and this model has no meaning for that. `data.weight.score` weighs rows where they are judged.";
    StepColumns = "prepare::columns", "a step names a column that it cannot work on",
        "The reference page of each step says which columns suit it.";
    TrainFailed = "model::failed", "the model could not be trained",
        "The message gives the estimator's reason.";
    NotConverged = "model::not_converged", "training stopped before it converged",
        "The numbers are those of the last iteration. Raise `max_iter`, or standardize the features.";
    ModelFeatures = "model::features", "the model takes another number of features",
        "Isotonic regression is a curve over one feature, and the data has several. Name the one with `features` in `data`, or make one of them by a step such as `pca`.";
    ModelData = "model::data", "a column or the target holds values that the model cannot take",
        "The message names the column and says what the model asks of it, such as values from 0 for counts; the related place is the first such row.";
    ModelMemory = "model::memory", "training would take too much memory",
        "The size follows from the number of rows and columns, or from a parameter, and is refused before it is taken; how large trees become is told by the first ones. Train on fewer rows, lower the parameter that is pointed at, or choose a model that does not compare each row with each other.";
    AnomalyClass = "model::anomalies", "the anomalies are not one of two classes",
        "A model that finds anomalies is judged by a target of two classes, of which the positive one are the anomalies: `data.positive` names it; of 0 and 1 it is 1, of false and true it is true.";
    Singular = "model::singular", "columns depend on each other",
        "Some features are linear combinations of others, so the coefficients are not unique; the solution with the smallest norm was taken. Predictions on rows like the training rows are not affected.";
    ModelParameter = "model::parameter", "a parameter does not fit the data",
        "The message names the limit, for example more clusters than rows.";
    CandidateFailed = "model::candidate", "a combination of parameters cannot be compared with the others",
        "Its training failed in some fold of a `search`, or the metric has no value there, so it cannot win. The others were compared without it; the message gives the first reason.";
    MetricMisfit = "metric::misfit", "a metric does not fit the task",
        "The catalogue (`mlspec list metrics`) says which task each metric measures.";
    MetricNeedsProbabilities = "metric::probabilities", "a metric needs probabilities that the model lacks",
        "Choose a model that predicts probabilities, or, for `predictions`, name their columns.";
    MetricNeedsAverage = "metric::average", "a metric needs `average` or `class` here",
        "Precision, recall and f1 are about one class, roc_auc about two. With more classes say which one (`class`), or how to combine them (`average: macro`, `micro` or `weighted`; for roc_auc also `multi_class`). A cut (`threshold`) is about the probability of one class, too.";
    MetricNeedsPositive = "metric::positive", "a metric needs to know the positive class",
        "Say `data.positive`, or `class` on the metric. Only for 0/1 and true/false is there a default.";
    MetricTwice = "metric::twice", "one metric name stands for two measurements",
        "Give each a name of its own with `as`, and use that name in `thresholds`.";
    MetricName = "metric::name", "a name clashes with a metric of the catalogue",
        "A name given with `as` may not be that of another metric: a threshold could mean either.";

    // Thresholds and verdicts.
    ThresholdUnquoted = "threshold::unquoted", "a bound that starts with `>` stands without quotes",
        "In YAML an unquoted `>` starts a block of text. Put the bound in quotes: `accuracy: \"> 0.8\"`.";
    ThresholdSyntax = "threshold::syntax", "a bound cannot be read",
        "Write `\"> 0.8\"`, `\">= 0.8\"`, `\"< 12\"`, `\"<= 12\"`, an inclusive range `0.1 .. 0.2`, `0.8 ..`, `.. 12`, or a map with `min`, `max`, `above`, `below`.";
    ThresholdUnknown = "threshold::unknown_metric", "a threshold names no metric",
        "The key of a threshold is a metric of the catalogue, or a name given with `as`.";
    ThresholdMisfit = "threshold::misfit", "a bound asks for a comparison that does not exist here",
        "`over_dummy` and `max_train_gap` need training rows and a metric that both sides have; `folds` needs a split with several folds, and as many as the bound counts.";
    ThresholdImpossible = "threshold::impossible", "no model can meet the bound",
        "The metric has limits of its own, and the bound lies beyond them. A rate is a fraction: 80 % is 0.8.";
    ThresholdTrivial = "threshold::trivial", "every model meets the bound",
        "The bound lies at the end of the metric's range, so it can never fail. Raise it to a level that means something.";
    ThresholdEmpty = "threshold::empty", "the bound allows nothing",
        "A map without a bound judges nothing, and a lower bound above the upper one lets nothing through.";
    ThresholdPercent = "threshold::percent", "a bound looks like a percentage",
        "Rates and relative errors are fractions: write 0.05 for 5 %.";
    ThresholdSide = "threshold::side", "a bound is on the good side of its metric only",
        "The bound can only be missed by a model that is too good. Where that is meant, as a guard against leaks, put it beside a bound on the other side, or write a range.";
    ThresholdMissed = "threshold::missed", "a measured value is on the wrong side of its bound",
        "The model does not do what the spec requires. The report gives the measured value, the rows it was measured on, and what the dummy model reaches.";
    ThresholdUndefined = "threshold::undefined", "a comparison could not be made",
        "The metric has no value on these rows: for example no positives, one class, or a constant target. What cannot be compared never passes.";
    NoValue = "threshold::no_value", "the model gives the metric no value",
        "The metric has no value on these rows because of what the model answers: precision of a class that is never predicted, for example, or the silhouette of a single cluster. That is the model's doing, so it fails.";

    // `mlspec init`.
    StarterExists = "init::exists", "a spec would be overwritten",
        "`mlspec init` writes a new file. `--output` names another one, `--force` lets it replace what is there.";
    StarterRows = "init::rows", "there are too few rows for a first spec",
        "Some rows train a model and others judge it. With a handful of rows neither says anything.";
    StarterTarget = "init::target", "a target cannot be learned",
        "A target is learned from the other columns, and needs several values with several rows each. One that is the same everywhere, differs in every row, or that no model predicts better than without the other columns, would make a spec that tests nothing.";

    // The run itself.
    NoSpecs = "run::no_specs", "no spec was selected",
        "No file under the given paths is named `*.mlspec.yaml` or `*.mlspec.yml`, or none of those has the tags, matches the filter, or failed when it was last run.";
    FilterSyntax = "run::filter", "a filter is not understood",
        "A filter is made of predicates (`name(…)`, `path(…)`, `tag(…)`, `model(…)`, `metric(…)`, `status(…)`, `all()`, `none()`), joined by `&`, `|`, `-` and `!` or by `and`, `or` and `not`, with parentheses where they are needed.";
    SettingsInvalid = "run::settings", "the settings are not understood",
        "`mlspec.toml` is made of profiles (`[profile.default]`, `[profile.ci]`), whose keys are the flags of `mlspec run`. A variable of the environment sets a flag as well: `MLSPEC_JOBS` for `--jobs`. `mlspec config` shows what counts, and why.";
    Revision = "run::revision", "git cannot tell what changed",
        "`--changed-since` takes a branch, a tag or a commit, and asks git which files differ from it. It needs the program `git`, and specs that lie in one repository with the working directory.";
    Panicked = "run::panicked", "a stage of the run crashed",
        "This is a bug in mlspec; the other specs were run. Please report the message together with the spec.";
    TimedOut = "run::timeout", "a spec took longer than it may",
        "`timeout` in the spec, or `--timeout` for all specs that do not say it themselves, limits how long a run of one spec may take. At that time it is told to stop; the other specs go on.";
    Interrupted = "run::interrupted", "the run was interrupted",
        "Ctrl-C or a signal stopped the run; what was finished before is in the summary.";
    ReportUnwritable = "run::report", "a report file cannot be written",
        "The path is tried before anything is trained, so that no result is lost for want of a folder.";
    ReportUnreadable = "report::unreadable", "a report cannot be read back",
        "`mlspec report` and `--baseline-report` read JSON reports, which `--report json=FILE` writes. A report of another version of the form is refused rather than understood in part.";
    ReportsDiffer = "report::differ", "reports do not belong together",
        "`mlspec report merge` joins the parts of one run: each spec is in one of them. A spec that stands in two would be counted twice. Reports are joined and compared where all are of `run`, or all of `check`: what was only checked has no verdicts.";
}

impl Code {
    /// Whether it says what is wrong with a verdict, and not with the threshold itself.
    pub const fn is_of_verdict(self) -> bool {
        matches!(self, Code::ThresholdMissed | Code::ThresholdUndefined | Code::NoValue)
    }

    /// Finds a code by its full name, or by what follows `mlspec::`.
    pub fn find(name: &str) -> Option<Code> {
        let short = name.strip_prefix("mlspec::").unwrap_or(name);
        Self::ALL.iter().copied().find(|code| code.name()["mlspec::".len()..] == *short)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| de::Error::custom(format!("there is no code {name}")))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for code in Code::ALL {
            assert_eq!(Code::find(code.name()), Some(*code));
            assert!(!code.summary().ends_with('.'), "{code}: a summary has no full stop");
            assert!(code.explanation().ends_with('.'), "{code}: an explanation is sentences");
        }
    }
}
