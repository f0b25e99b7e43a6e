//! Categories as what the target is like among their rows.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::cross_folds::{CrossFolds, needs_target};
use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, MISSING, Truth, Values};
use crate::diagnostic::{Code, Problem, counted};

/// More bytes than this in new columns are refused before they are taken.
const LIMIT: usize = 4 << 30;

/// Replaces each category by the mean of the target among its training rows, drawn towards the mean
/// of all of them where the rows are few.
///
/// Formula: `λ · mean(category) + (1 − λ) · mean(all)`. With a number for `smooth`,
/// `λ = n / (n + smooth)`, where `n` counts the rows of the category. With `auto`,
/// `λ = n · σ² / (n · σ² + s²)`, where `σ²` is the variance of the target over all training rows and
/// `s²` over those of the category.
///
/// For regression a column stays one column. For two classes it is the share of the second one, in
/// the order of the classes. With more classes it becomes a column for each class of the training
/// rows, named `column_class`, that holds the share of the class.
///
/// A training row is not encoded by its own answer: the training rows are cut into `cv` folds, and
/// each fold is encoded by what the others say. All other rows are encoded by all training rows. Of
/// a classification the folds are stratified.
///
/// A missing value is a category of its own. A category that the training rows (or, for a training
/// row, the other folds) do not have becomes the mean of the target. A constant column becomes that
/// mean as well, up to what differs between the folds. There has to be a target, so clustering
/// refuses the step.
///
/// **The same seed draws other folds than scikit-learn's `TargetEncoder`, because the generators
/// differ; without `shuffle` they are the same. The task of the spec says what the target is
/// (`target_type`), and `random_state` is `seed`.**
///
/// ```yaml
/// prepare:
///   - target_encode: { columns: [island], smooth: 10 }
///   - impute
///   - one_hot
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetEncode {
    /// The columns to replace, by name or glob. Default: all that hold categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["island"])]
    pub columns: Option<ColumnSelector>,
    /// How many rows of average target each category is given on top of its own; `auto` draws a
    /// category to the average as far as its rows differ among themselves.
    pub smooth: Smooth,
    /// How many folds the training rows are cut into.
    #[schemars(range(min = 2, max = 1000))]
    pub cv: u32,
    /// Whether the folds are drawn at random. `false` cuts the training rows in their order.
    pub shuffle: bool,
    /// Where the random numbers start: the same seed draws the same folds.
    pub seed: u64,
}

impl Default for TargetEncode {
    fn default() -> Self {
        Self { columns: None, smooth: Smooth::Auto, cv: 5, shuffle: true, seed: 0 }
    }
}

/// How far a category is drawn to the mean of all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Smooth {
    /// By the variance of the target within the category: empirical Bayes.
    #[default]
    Auto,
    /// As by this many rows of the mean.
    Rows(f64),
}

impl<'de> Deserialize<'de> for Smooth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_str(), value.as_f64()) {
            (Some("auto"), _) => Ok(Self::Auto),
            (_, Some(rows)) if rows >= 0.0 => Ok(Self::Rows(rows)),
            _ => Err(serde::de::Error::custom(format!("{value} is neither auto nor a number"))),
        }
    }
}

impl Serialize for Smooth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Rows(rows) => serializer.serialize_f64(*rows),
        }
    }
}

impl JsonSchema for Smooth {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Smooth".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "minimum": 0,
            "pattern": "^auto$",
            "patternErrorMessage": "Write auto, or a number from 0.",
        })
    }
}

/// What is averaged over the rows of a category, and how the columns that hold it end.
struct Answer {
    /// Empty where the column keeps its name.
    suffix: String,
    /// One number a training row, below 2 in size, in units of `unit`.
    values: Vec<f64>,
    unit: f64,
}

/// A column in the making.
struct Encoded {
    name: Arc<str>,
    /// The training rows, with room for all others.
    values: Vec<f64>,
    /// For each code of the dictionary, and behind them for a missing value.
    encodings: Vec<f64>,
}

/// For each column, what takes its place.
struct Fitted(Vec<Vec<Encoded>>);

impl Transform for TargetEncode {
    fn about(&self) -> About<'_> {
        let smooth = match self.smooth {
            Smooth::Auto => "auto".to_owned(),
            Smooth::Rows(rows) => rows.to_string(),
        };
        let drawn = if self.shuffle { format!(", seed {}", self.seed) } else { String::new() };
        About {
            columns: self.columns.as_ref(),
            suits: |kind| *kind == ColumnKind::Text,
            makes: Makes::TargetMeans,
            description: format!(
                "categories by their target, smooth {smooth}, {} folds{drawn}",
                self.cv
            ),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let folds =
            CrossFolds { cv: self.cv, shuffle: self.shuffle, seed: self.seed }.assign(training)?;
        let wanted = answers_per_column(&training.truth);
        let rows = columns.first().map_or(0, |column| column.len());
        let bytes = wanted.saturating_mul(columns.len()).saturating_mul(rows).saturating_mul(8);
        if bytes > LIMIT {
            let message = format!(
                "encoding {} by {wanted} classes makes {} columns × {rows} rows, {:.0} GiB",
                counted(columns.len(), "column"),
                wanted.saturating_mul(columns.len()),
                bytes as f64 / f64::from(1 << 30)
            );
            return Err(Problem::of_kind(Code::Memory, message)
                .label("too large")
                .help("name fewer columns, or use `ordinal`, which makes one column of each"));
        }
        let answers = answers(&training.truth)?;
        let mut fitted = Vec::new();
        for column in columns {
            let Values::Category { codes, dictionary } = &column.values else {
                let message = format!("`{}` holds {}, not categories", column.name, column.kind());
                return Err(Problem::of_kind(Code::StepColumns, message)
                    .label("not categories")
                    .help("declare the column in `types` as `category`"));
            };
            let rows =
                Rows { codes: &codes[..training.rows], folds: &folds, slots: dictionary.len() + 1 };
            let encode = |answer: &Answer| Encoded {
                name: format!("{}{}", column.name, answer.suffix).into(),
                values: self.cross_fitted(&rows, answer, codes.len()),
                encodings: self.encodings(&rows, answer, None),
            };
            fitted.push(answers.iter().map(encode).collect());
        }
        let summary = match answers.len() {
            1 => counted(columns.len(), "column"),
            more => format!("{} → {}", columns.len(), counted(columns.len() * more, "column")),
        };
        Ok(FittedStep { apply: Box::new(Fitted(fitted)), summary })
    }
}

/// How many columns take the place of one, at most.
fn answers_per_column(truth: &Truth<'_>) -> usize {
    match truth {
        Truth::Codes { classes, .. } if classes.len() > 2 => classes.len(),
        Truth::Codes { .. } | Truth::Values(_) | Truth::None => 1,
    }
}

fn answers(truth: &Truth<'_>) -> Result<Vec<Answer>, Problem> {
    match truth {
        Truth::Values(values) => {
            let unit = power_of_two(values.iter().fold(0.0, |most, value| most.max(value.abs())));
            let values = values.iter().map(|value| value / unit).collect();
            Ok(vec![Answer { suffix: String::new(), values, unit }])
        }
        Truth::Codes { codes, classes } => {
            let of_class = |class: u32, suffix| Answer {
                suffix,
                values: codes.iter().map(|code| f64::from(u8::from(*code == class))).collect(),
                unit: 1.0,
            };
            if classes.len() <= 2 {
                return Ok(vec![of_class(1, String::new())]);
            }
            // A class of the test rows alone would be a column that only tells of them.
            let mut present = codes.to_vec();
            present.sort_unstable();
            present.dedup();
            let named =
                |class: u32| of_class(class, format!("_{}", classes.labels()[class as usize]));
            Ok(present.into_iter().map(named).collect())
        }
        Truth::None => Err(needs_target()),
    }
}

/// The power of two below a size, so that dividing by it rounds nothing and no square overflows.
fn power_of_two(size: f64) -> f64 {
    if size.is_normal() { f64::from_bits(size.to_bits() & f64::INFINITY.to_bits()) } else { 1.0 }
}

/// The training rows of one column.
struct Rows<'a> {
    codes: &'a [u32],
    /// The fold of each row.
    folds: &'a [u32],
    /// One for each code, and one for missing values.
    slots: usize,
}

impl Rows<'_> {
    fn slot(&self, row: usize) -> usize {
        slot(self.codes[row], self.slots)
    }
}

fn slot(code: u32, slots: usize) -> usize {
    if code == MISSING { slots - 1 } else { code as usize }
}

/// What the rows of one category come to.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: f64,
    /// Sum of the distances to the mean of all rows.
    deviation: f64,
    /// Sum of the squared distances to the category's own mean.
    squares: f64,
}

impl TargetEncode {
    /// The training rows, each encoded by the folds that it is not in; `room` for all rows.
    fn cross_fitted(&self, rows: &Rows<'_>, answer: &Answer, room: usize) -> Vec<f64> {
        let mut values = Vec::with_capacity(room);
        values.resize(rows.codes.len(), 0.0);
        for fold in 0..self.cv {
            let encodings = self.encodings(rows, answer, Some(fold));
            for (row, value) in values.iter_mut().enumerate() {
                if rows.folds[row] == fold {
                    *value = encodings[rows.slot(row)];
                }
            }
        }
        values
    }

    /// The encoding of each category by the rows that are not in the fold `without`; Micci-Barreca
    /// (2001), equations 3 to 6, as scikit-learn's `_target_encoder_fast.pyx`.
    fn encodings(&self, rows: &Rows<'_>, answer: &Answer, without: Option<u32>) -> Vec<f64> {
        let taught = || {
            let kept = |row: &usize| Some(rows.folds[*row]) != without;
            (0..rows.codes.len()).filter(kept).map(|row| (rows.slot(row), answer.values[row]))
        };
        let first = taught().next().map_or(0.0, |(_, value)| value);
        let (mut count, mut sum) = (0.0, 0.0);
        // About the first value, so that the mean of equal values is that value.
        for (_, value) in taught() {
            count += 1.0;
            sum += value - first;
        }
        let mean = if count > 0.0 { first + sum / count } else { 0.0 };
        let mut tallies = vec![Tally::default(); rows.slots];
        let mut variance = 0.0;
        for (slot, value) in taught() {
            let tally = &mut tallies[slot];
            tally.count += 1.0;
            tally.deviation += value - mean;
            variance += (value - mean) * (value - mean) / count;
        }
        if self.smooth == Smooth::Auto {
            for (slot, value) in taught() {
                let tally = &mut tallies[slot];
                let distance = value - mean - tally.deviation / tally.count;
                tally.squares += distance * distance;
            }
        }
        let encode = |tally: &Tally| {
            if tally.count == 0.0 {
                return mean * answer.unit;
            }
            let own = tally.deviation / tally.count;
            let share = match self.smooth {
                Smooth::Auto => {
                    let between = variance * tally.count;
                    let all = between + tally.squares / tally.count;
                    if all > 0.0 { between / all } else { 0.0 }
                }
                Smooth::Rows(smooth) => tally.count / (tally.count + smooth),
            };
            (mean + share * own) * answer.unit
        };
        tallies.iter().map(encode).collect()
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        columns
            .into_iter()
            .zip(self.0)
            .map(|(column, encoded)| {
                let Values::Category { codes, .. } = &column.values else { return vec![column] };
                let made = encoded.into_iter().map(|Encoded { name, mut values, encodings }| {
                    let others = &codes[values.len()..];
                    values
                        .extend(others.iter().map(|code| encodings[slot(*code, encodings.len())]));
                    Column::number(name, values)
                });
                made.collect()
            })
            .collect()
    }
}
