//! How well the probabilities put rows of a class above the others.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::average::words_schema;
use super::class::{self, one_class, unknown_class, unknown_positive};
use super::scores::{Scores, scores};
use super::sums::{Sum, sum};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Memo, Ranking, Side, Task, Undefined, Value};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

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
/// With weights, a pair of rows counts as much as the product of theirs. **So it does one-vs-one, where
/// scikit-learn takes no weights.**
///
/// Undefined by the data where all judged rows are of one class. **With `multi_class` also where
/// some class of the target has no judged row: scikit-learn warns, or scores such a pair as
/// perfect.** `average: micro` needs rows of one class only, because each stands against the others.
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
    Micro,
    Weighted,
}

impl RocAverage {
    /// Name and meaning of each average, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 3] = [
        ("macro", "The plain mean."),
        ("micro", "One area from every row once a class, all ranked together; for `ovr` only."),
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
            needs: Needs::Ranks,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn rules() -> Vec<Rule> {
        let nothing = "`average` needs `multi_class`, which says what is averaged";
        let pairs = "`average: micro` ranks all classes together, but `ovo` looks at pairs";
        vec![
            class::exclusive("multi_class", "class"),
            // Where both stand beside `class`, it is said of one.
            class::exclusive("average", "class").unless_given("multi_class"),
            Rule::refuses_given("average", nothing)
                .needs("multi_class")
                .unless_given("class")
                .code(Code::MetricNeedsAverage)
                .label("nothing to average")
                .help("add `multi_class: ovr` or `multi_class: ovo`, or leave `average` out"),
            Rule::refuses("average", &["micro"], pairs)
                .beside("multi_class", &["ovo"])
                .unless_given("class")
                .label("for `multi_class: ovr` only")
                .help("say `macro` or `weighted`, or `multi_class: ovr`"),
        ]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
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
        let scores = scores(judged)?;
        let average = self.average.unwrap_or(RocAverage::Macro);
        match (&self.class, self.multi_class) {
            (None, Some(multi_class)) => several(&scores, multi_class, average, &judged.memo),
            (class, _) => {
                let class = one_class(class.as_ref(), judged, scores.classes)?;
                area(&scores.ranking(class, &judged.memo)).ok_or_else(|| scores.one_sided(class))
            }
        }
    }
}

/// The area over all classes or pairs of them as one number.
fn several(
    scores: &Scores<'_>,
    multi_class: MultiClass,
    average: RocAverage,
    memo: &Memo,
) -> Value {
    if scores.classes.len() < 2 {
        return Err(Undefined::ByData("all judged rows are of one class".to_owned()));
    }
    if average == RocAverage::Micro {
        let together = together(scores);
        let one = || Undefined::ByData("all judged rows are of one class".to_owned());
        return area(&together).ok_or_else(one);
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); scores.classes.len()];
    for (row, code) in scores.truth.iter().enumerate() {
        if scores.rows.weight(row) > 0.0 {
            rows[*code as usize].push(row);
        }
    }
    let weigh = |rows: &[usize]| sum(rows.iter().map(|row| scores.rows.weight(*row)));
    let of_classes: Vec<f64> = rows.iter().map(|rows| weigh(rows)).collect();
    let absent = || Undefined::ByData(absent_classes(scores, &rows, multi_class));
    let (mut areas, mut weights) = (Sum::default(), Sum::default());
    let mut add = |area: f64, rows: f64| {
        let weight = match average {
            RocAverage::Macro | RocAverage::Micro => 1.0,
            RocAverage::Weighted => rows,
        };
        areas.add(weight * area);
        weights.add(weight);
    };
    match multi_class {
        MultiClass::Ovr => {
            for (class, of_class) in (0_u32..).zip(&of_classes) {
                add(area(&scores.ranking(class, memo)).ok_or_else(absent)?, *of_class);
            }
        }
        MultiClass::Ovo => {
            for (a, of_a) in rows.iter().enumerate() {
                for (b, of_b) in rows.iter().enumerate().skip(a + 1) {
                    let there = area(&one_way(scores, a, of_a, of_b)).ok_or_else(absent)?;
                    let back = area(&one_way(scores, b, of_b, of_a)).ok_or_else(absent)?;
                    add(f64::midpoint(there, back), of_classes[a] + of_classes[b]);
                }
            }
        }
    }
    Ok((areas.value() / weights.value()).min(1.0))
}

/// Every row once a class, ranked together.
fn together(scores: &Scores<'_>) -> Ranking {
    let classes = scores.classes.len();
    let entry = |at: usize| scores.entry(at / classes, (at % classes) as u32);
    scores.rank(scores.truth.len() * classes, entry, |at| at / classes)
}

/// The rows of a class against those of another, by the probability of the former.
fn one_way(scores: &Scores<'_>, class: usize, own: &[usize], other: &[usize]) -> Ranking {
    let row = |at: usize| if at < own.len() { own[at] } else { other[at - own.len()] };
    let entry = |at: usize| {
        let side = if at < own.len() { Side::OfClass } else { Side::Rest };
        (scores.probabilities[[row(at), class]], side)
    };
    scores.rank(own.len() + other.len(), entry, row)
}

fn absent_classes(scores: &Scores<'_>, rows: &[Vec<usize>], multi_class: MultiClass) -> String {
    let classes = scores.classes.labels().iter().zip(rows);
    let absent: Vec<String> = classes
        .filter(|(_, rows)| rows.is_empty())
        .take(8)
        .map(|(label, _)| label.to_string())
        .collect();
    let noun = if absent.len() == 1 { "class" } else { "classes" };
    let but = match scores.rows.weights() {
        None => "",
        Some(_) => " with a weight above 0",
    };
    format!(
        "no judged row{but} is of {noun} {}, which `multi_class: {multi_class}` compares",
        absent.join(", ")
    )
}

/// The share of the pairs of a row of the class and one of the rest whose first has the higher
/// score, with ties as half; none where there is no such pair.
fn area(ranking: &Ranking) -> Option<f64> {
    let (mut of_class, mut rest) = (Sum::default(), Sum::default());
    // From the highest score down, a pair is lost to the rows of the rest that came before.
    let mut lost_twice = Sum::default();
    ranking.each_tie(|tie| {
        lost_twice.add(tie.of_class * (2.0 * rest.value() + tie.rest));
        of_class.add(tie.of_class);
        rest.add(tie.rest);
    });
    let pairs = of_class.value() * rest.value();
    let won_twice = 2.0 * pairs - lost_twice.value();
    (pairs > 0.0).then(|| (won_twice / (2.0 * pairs)).clamp(0.0, 1.0))
}

#[cfg(test)]
#[path = "roc_auc_tests.rs"]
mod tests;
