//! How well the probabilities put rows of a class above the others.

use std::fmt;

use ndarray::ArrayView2;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::average::words_schema;
use super::class::{
    Labels, exclusive, one_class, one_sided, probabilities, unknown_class, unknown_positive,
};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Undefined, Value};
use crate::diagnostic::{Code, Problem};

/// The area under the ROC curve: how often a row of a class gets a higher probability of it than
/// a row of another.
///
/// From 0 to 1, higher is better; 0.5 is guessing. Only the order of the probabilities counts, not
/// their size and not the cut between the classes.
///
/// Formula: `P(p⁺ > p⁻) + P(p⁺ = p⁻) / 2` over all pairs of a row of the class (`p⁺`) and a row of
/// the rest (`p⁻`). It is the statistic of Mann and Whitney, computed exactly from ranks.
///
/// With two classes it is about the positive one. With more, choose one `class` against the rest,
/// or say by `multi_class` how classes are paired. One-vs-one is that of Hand and Till (2001): the
/// mean of both directions of each pair, over the rows of the pair alone. `average` weighs classes
/// by their rows, and pairs by the rows of both.
///
/// Undefined by the data where all judged rows are of one class. **With `multi_class` also where
/// some class of the target has no judged row: scikit-learn warns, or scores such a pair as
/// perfect.**
///
/// ```yaml
/// metrics:
///   - roc_auc: { multi_class: ovr }
/// thresholds:
///   roc_auc: "> 0.95"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RocAuc {
    /// How more than two classes are paired. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "MultiClass")]
    pub multi_class: Option<MultiClass>,
    /// How the classes or pairs of `multi_class` become one number. Default: `macro`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RocAverage")]
    pub average: Option<RocAverage>,
    /// The one class that is measured against the rest, instead of `multi_class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

/// How more than two classes are paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MultiClass {
    Ovr,
    Ovo,
}

impl MultiClass {
    /// Name and meaning of each pairing, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 2] = [
        ("ovr", "Each class against the rest."),
        ("ovo", "Each class against each other one, which balances rare classes."),
    ];
}

impl JsonSchema for MultiClass {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MultiClass".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words_schema(&Self::ALL)
    }
}

impl fmt::Display for MultiClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ovr => "ovr",
            Self::Ovo => "ovo",
        })
    }
}

/// How the areas of several classes or pairs become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RocAverage {
    Macro,
    Weighted,
}

impl RocAverage {
    /// Name and meaning of each average, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 2] = [
        ("macro", "The plain mean."),
        ("weighted", "The mean, each class or pair weighted by how many rows it has."),
    ];
}

impl JsonSchema for RocAverage {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RocAverage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words_schema(&Self::ALL)
    }
}

impl Metric for RocAuc {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Probabilities,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.class.is_some() {
            problems.extend(self.multi_class.map(|_| exclusive("multi_class", "class")));
            problems.extend(self.average.map(|_| exclusive("average", "class")));
        } else if self.average.is_some() && self.multi_class.is_none() {
            problems.push(
                Problem::of_parameter(
                    Code::MetricNeedsAverage,
                    "average",
                    "`average` needs `multi_class`, which says what is averaged",
                )
                .label("nothing to average")
                .help("add `multi_class: ovr` or `multi_class: ovo`, or leave `average` out"),
            );
        }
        let Some(classes) = setting.classes else { return problems };
        match (&self.class, self.multi_class, self.average) {
            (Some(name), ..) => problems.extend(unknown_class(name, classes)),
            (None, Some(_), _) | (None, None, Some(_)) => {}
            (None, None, None) if classes.len() > 2 => problems.push(
                Problem::of_kind(
                    Code::MetricNeedsAverage,
                    format!("roc_auc compares two sides, but the target has {}", classes.len()),
                )
                .label("needs `multi_class` or `class`")
                .help(format!(
                    "add `multi_class: ovr` (each class against the rest), `multi_class: ovo` \
                     (each against each), or `class:` with one of {}",
                    classes.listing()
                )),
            ),
            (None, None, None) => problems.extend(unknown_positive("roc_auc", setting)),
        }
        problems
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let (labels, probabilities) = probabilities(judged)?;
        let average = self.average.unwrap_or(RocAverage::Macro);
        match (&self.class, self.multi_class) {
            (None, Some(multi_class)) => several(&labels, probabilities, multi_class, average),
            (class, _) => {
                let class = one_class(class.as_ref(), judged, labels.classes)?;
                let area = against_rest(&labels, probabilities, class);
                area.ok_or_else(|| one_sided(&labels, class))
            }
        }
    }
}

/// The area of one class against all others; none where a side is empty.
fn against_rest(
    labels: &Labels<'_>,
    probabilities: ArrayView2<'_, f64>,
    class: u32,
) -> Option<f64> {
    let scores = probabilities.column(class as usize);
    let truth = labels.truth.iter().map(|code| *code == class);
    area(scores.iter().copied().zip(truth).collect())
}

/// The mean area over the classes or over their pairs.
fn several(
    labels: &Labels<'_>,
    probabilities: ArrayView2<'_, f64>,
    multi_class: MultiClass,
    average: RocAverage,
) -> Value {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); labels.classes.len()];
    for (row, code) in labels.truth.iter().enumerate() {
        rows[*code as usize].push(row);
    }
    let absent = || Undefined::ByData(absent_classes(labels, &rows, multi_class));
    if rows.len() < 2 {
        return Err(Undefined::ByData("all judged rows are of one class".to_owned()));
    }
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut add = |area: f64, rows: usize| {
        let weight = match average {
            RocAverage::Macro => 1.0,
            RocAverage::Weighted => rows as f64,
        };
        sum += weight * area;
        weights += weight;
    };
    match multi_class {
        MultiClass::Ovr => {
            for (class, own) in (0_u32..).zip(&rows) {
                let area = against_rest(labels, probabilities, class).ok_or_else(absent)?;
                add(area, own.len());
            }
        }
        MultiClass::Ovo => {
            for (a, of_a) in rows.iter().enumerate() {
                for (b, of_b) in rows.iter().enumerate().skip(a + 1) {
                    let one_way = |class: usize, own: &[usize], other: &[usize]| {
                        let score = |row: &usize| probabilities[[*row, class]];
                        let own = own.iter().map(|row| (score(row), true));
                        area(own.chain(other.iter().map(|row| (score(row), false))).collect())
                    };
                    let there = one_way(a, of_a, of_b).ok_or_else(absent)?;
                    let back = one_way(b, of_b, of_a).ok_or_else(absent)?;
                    add(f64::midpoint(there, back), of_a.len() + of_b.len());
                }
            }
        }
    }
    Ok(sum / weights)
}

fn absent_classes(labels: &Labels<'_>, rows: &[Vec<usize>], multi_class: MultiClass) -> String {
    let classes = labels.classes.labels().iter().zip(rows);
    let absent: Vec<String> = classes
        .filter(|(_, rows)| rows.is_empty())
        .take(8)
        .map(|(label, _)| label.to_string())
        .collect();
    let noun = if absent.len() == 1 { "class" } else { "classes" };
    format!(
        "no judged row is of {noun} {}, which `multi_class: {multi_class}` compares",
        absent.join(", ")
    )
}

/// The share of the pairs of a right and a wrong row whose right one has the higher score, with
/// ties as half; none where there is no such pair.
fn area(mut scores: Vec<(f64, bool)>) -> Option<f64> {
    scores.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut right, mut wrong, mut won_twice) = (0_u128, 0_u128, 0_u128);
    // Equal scores stand together: the order of 0 and -0 does not part them.
    for tied in scores.chunk_by(|(a, _), (b, _)| a == b) {
        let of_class = tied.iter().filter(|(_, is_of_class)| *is_of_class).count() as u128;
        let others = tied.len() as u128 - of_class;
        won_twice += of_class * (2 * wrong + others);
        right += of_class;
        wrong += others;
    }
    match right * wrong {
        0 => None,
        pairs => Some(won_twice as f64 / (2 * pairs) as f64),
    }
}

#[cfg(test)]
#[path = "roc_auc_tests.rs"]
mod tests;
