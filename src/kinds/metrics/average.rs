//! How the rates of several classes become one number, as a spec chooses it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::class::{Labels, Missing, unknown_class, unknown_positive};
use super::counts::{Counts, against_rest, tally};
use super::cut::{about_rate, check_cut_of_all, labels_of_all};
use super::{About, Direction, Setting};
use crate::data::{ClassName, Classes, Judged, Value};
use crate::diagnostic::{Code, Problem};

/// The schema of a parameter that is one of a few words, given with their meanings.
pub fn words_schema(words: &[(&str, &str)]) -> Schema {
    let (names, docs): (Vec<_>, Vec<_>) = words.iter().copied().unzip();
    json_schema!({ "type": "string", "enum": names, "markdownEnumDescriptions": docs })
}

/// How the rates of several classes become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    Binary,
    Macro,
    Micro,
    Weighted,
}

impl Average {
    /// Name and meaning of each average, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 4] = [
        ("binary", "The positive class alone; only for a target with two classes."),
        ("macro", "The plain mean over the classes that occur in truth or prediction."),
        ("micro", "One rate from the counts of all classes together."),
        ("weighted", "The mean over the classes, each weighted by how many rows it has."),
    ];
}

impl JsonSchema for Average {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Average".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words_schema(&Self::ALL)
    }
}

/// How values that each class has by its probabilities become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AverageOfClasses {
    /// The plain mean over the classes.
    Macro,
    /// The mean over the classes, each weighted by how many rows it has.
    Weighted,
}

/// Which class a rate is about, or how it is averaged, and a cut of its own, as a spec says them.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The metric's name, for messages.
    pub metric: &'static str,
    pub average: Option<Average>,
    pub class: Option<&'a ClassName>,
    pub threshold: Option<f64>,
}

impl Choice<'_> {
    /// What is known of the rate.
    pub fn about(&self) -> About {
        about_rate(self.threshold, Direction::HigherIsBetter)
    }

    /// What keeps the choice from being clear.
    pub fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(classes) = setting.classes else { return problems };
        if let Some(name) = self.class {
            problems.extend(unknown_class(name, classes));
            return problems;
        }
        if self.threshold.is_some() && classes.len() > 2 {
            problems.extend(self.check_cut(setting));
            return problems;
        }
        match self.average {
            Some(Average::Macro | Average::Micro | Average::Weighted) => {
                problems.extend(self.check_cut(setting));
            }
            Some(Average::Binary) if classes.len() > 2 => problems.push(
                Problem::of_parameter(
                    Code::MetricNeedsAverage,
                    "average",
                    format!(
                        "`average: binary` needs two classes, but the target has {}",
                        classes.len()
                    ),
                )
                .label("for two classes only")
                .help(format!(
                    "say `macro`, `micro` or `weighted`, or `class:` with one of {}",
                    classes.listing()
                )),
            ),
            None if classes.len() > 2 => problems.push(
                Problem::of_kind(
                    Code::MetricNeedsAverage,
                    format!(
                        "{} is about one class, but the target has {}",
                        self.metric,
                        classes.len()
                    ),
                )
                .label("needs `average` or `class`")
                .help(format!(
                    "add `average: macro`, `micro` or `weighted`, or `class:` with one of {}",
                    classes.listing()
                )),
            ),
            Some(Average::Binary) | None => {
                problems.extend(unknown_positive(self.metric, setting));
            }
        }
        problems
    }

    /// What keeps a cut for all classes from being clear.
    fn check_cut(&self, setting: &Setting<'_>) -> Option<Problem> {
        let instead = || {
            let listing = setting.classes.map(Classes::listing).unwrap_or_default();
            match self.average {
                Some(_) => format!("say `class:` instead of `average`, with one of {listing}"),
                None => format!("add `class:` with one of {listing}"),
            }
        };
        check_cut_of_all(self.metric, self.threshold, setting, instead)
    }

    /// The rate of the class, or its average.
    ///
    /// # Errors
    /// A class that contributes has no rate.
    pub fn measure(
        &self,
        judged: &Judged<'_>,
        rate: impl Fn(Counts) -> Result<f64, Missing>,
    ) -> Value {
        let weight: fn(Counts) -> f64 = match (self.class, self.average) {
            (None, Some(Average::Micro)) => {
                let labels = labels_of_all(self.threshold, judged)?;
                let all =
                    tally(&labels)?.classes.iter().fold(Counts::default(), |sum, one| Counts {
                        right: sum.right + one.right,
                        missed: sum.missed + one.missed,
                        alarms: sum.alarms + one.alarms,
                    });
                return rate(all).map_err(|missing| missing.of(labels.classes, &[]));
            }
            (None, Some(Average::Macro)) => |_| 1.0,
            (None, Some(Average::Weighted)) => Counts::actual,
            (Some(_), _) | (None, Some(Average::Binary) | None) => {
                let (labels, code, rest) = against_rest(self.class, self.threshold, judged)?;
                return rate(rest.class)
                    .map_err(|missing| missing.of(labels.classes, &[code as usize]));
            }
        };
        let labels = labels_of_all(self.threshold, judged)?;
        mean(&labels, &tally(&labels)?.classes, rate, weight)
    }
}

/// The mean rate of the classes that occur in truth or prediction.
fn mean(
    labels: &Labels<'_>,
    counts: &[Counts],
    rate: impl Fn(Counts) -> Result<f64, Missing>,
    weight: fn(Counts) -> f64,
) -> Value {
    let (mut sum, mut weights) = (0.0, 0.0);
    let mut missing: Vec<(usize, Missing)> = Vec::new();
    for (code, &one) in counts.iter().enumerate().filter(|(_, one)| one.either() > 0.0) {
        match rate(one) {
            Ok(value) => sum += value * weight(one),
            Err(why) => missing.push((code, why)),
        }
        weights += weight(one);
    }
    match missing.first() {
        // Rows that weigh nothing are refused before, so some class has a weight.
        None => Ok((sum / weights).min(1.0)),
        Some(&(_, why)) => {
            let same = missing.iter().filter(|(_, other)| *other == why).map(|(code, _)| *code);
            Err(why.of(labels.classes, &same.collect::<Vec<_>>()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{problems, words};
    use super::*;
    use serde_json::json;

    #[test]
    fn the_schema_lists_what_is_decoded() {
        for (name, _) in Average::ALL {
            serde_json::from_value::<Average>(json!(name)).unwrap();
        }
        let schema = Average::json_schema(&mut SchemaGenerator::default());
        assert_eq!(schema.get("enum"), Some(&json!(["binary", "macro", "micro", "weighted"])));
    }

    #[test]
    fn the_choice_is_checked_once_the_classes_are_known() {
        let (two, three) = (words(&["no", "yes"]), words(&["a", "b", "c"]));
        let unknown = Setting { classes: None, positive: None };
        let binary = Setting { classes: Some(&two), positive: None };
        let positive = Setting { classes: Some(&two), positive: Some(1) };
        let many = Setting { classes: Some(&three), positive: None };
        for name in ["precision", "recall", "f1", "jaccard"] {
            let codes = |parameters: serde_json::Value, setting: &Setting<'_>| {
                let found = problems(json!({ name: parameters }), setting);
                found.iter().map(|problem| problem.code).collect::<Vec<_>>()
            };
            assert_eq!(codes(json!({}), &unknown), []);
            assert_eq!(codes(json!({ "class": "zzz" }), &unknown), []);
            assert_eq!(codes(json!({}), &binary), [Code::MetricNeedsPositive]);
            assert_eq!(codes(json!({ "average": "binary" }), &binary), [Code::MetricNeedsPositive]);
            assert_eq!(codes(json!({}), &positive), []);
            assert_eq!(codes(json!({ "class": "no" }), &binary), []);
            assert_eq!(codes(json!({ "average": "macro" }), &binary), []);
            assert_eq!(codes(json!({}), &many), [Code::MetricNeedsAverage]);
            assert_eq!(codes(json!({ "average": "binary" }), &many), [Code::MetricNeedsAverage]);
            assert_eq!(codes(json!({ "average": "weighted" }), &many), []);
            assert_eq!(codes(json!({ "class": "d" }), &many), [Code::UnknownClass]);
        }
    }
}
