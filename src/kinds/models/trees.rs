//! What trees and forests share: criteria, and how much is drawn.

use mlspec_learn::forest::MaxSamples as LearnSamples;
use mlspec_learn::tree::{ClassCriterion, MaxFeatures as LearnFeatures, ValueCriterion};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::misfits;
use crate::data::Task;
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// The measure of impurity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Criterion {
    /// For classes: how often two rows of a node differ.
    Gini,
    /// For classes: the entropy of the shares.
    Entropy,
    /// For classes: the same as `entropy`.
    LogLoss,
    /// For numbers: the variance.
    SquaredError,
    /// For numbers: the mean distance to the median.
    AbsoluteError,
    /// For numbers from 0, not all 0: half the Poisson deviance from the mean.
    Poisson,
}

impl Criterion {
    /// The tasks of a model with this criterion, or with the default one of either task.
    pub fn tasks(criterion: Option<Self>) -> &'static [Task] {
        match criterion {
            None => &[Task::Classification, Task::Regression],
            Some(Self::Gini | Self::Entropy | Self::LogLoss) => &[Task::Classification],
            Some(Self::SquaredError | Self::AbsoluteError | Self::Poisson) => &[Task::Regression],
        }
    }

    pub fn of_classes(criterion: Option<Self>) -> ClassCriterion {
        match criterion {
            Some(Self::Entropy | Self::LogLoss) => ClassCriterion::Entropy,
            None | Some(Self::Gini | Self::SquaredError | Self::AbsoluteError | Self::Poisson) => {
                ClassCriterion::Gini
            }
        }
    }

    pub fn of_values(criterion: Option<Self>) -> ValueCriterion {
        match criterion {
            Some(Self::AbsoluteError) => ValueCriterion::AbsoluteError,
            Some(Self::Poisson) => ValueCriterion::Poisson,
            None | Some(Self::Gini | Self::Entropy | Self::LogLoss | Self::SquaredError) => {
                ValueCriterion::SquaredError
            }
        }
    }
}

/// How many features are drawn for every question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFeatures {
    All,
    Sqrt,
    Log2,
    /// Written as a number with a fraction, or as 1.0.
    Share(f64),
    /// Written as a whole number.
    Count(u64),
}

impl From<MaxFeatures> for LearnFeatures {
    fn from(features: MaxFeatures) -> Self {
        match features {
            MaxFeatures::All => Self::All,
            MaxFeatures::Sqrt => Self::Sqrt,
            MaxFeatures::Log2 => Self::Log2,
            MaxFeatures::Share(share) => Self::Share(share),
            MaxFeatures::Count(count) => Self::Count(size(count)),
        }
    }
}

impl<'de> Deserialize<'de> for MaxFeatures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("all") => Ok(Self::All),
            Some("sqrt") => Ok(Self::Sqrt),
            Some("log2") => Ok(Self::Log2),
            _ => match amount(&value) {
                Some(Amount::Share(share)) => Ok(Self::Share(share)),
                Some(Amount::Count(count)) => Ok(Self::Count(count)),
                None => Err(serde::de::Error::custom(format!(
                    "{value} is neither sqrt, log2 nor all, nor a share or a count"
                ))),
            },
        }
    }
}

impl Serialize for MaxFeatures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Sqrt => serializer.serialize_str("sqrt"),
            Self::Log2 => serializer.serialize_str("log2"),
            Self::Share(share) => serializer.serialize_f64(*share),
            Self::Count(count) => serializer.serialize_u64(*count),
        }
    }
}

impl JsonSchema for MaxFeatures {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MaxFeatures".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": LARGEST,
            "pattern": "^(sqrt|log2|all)$",
            "patternErrorMessage": "Write sqrt, log2, all, a share up to 1.0, or a whole number.",
            "if": { "type": ["integer", "string"] },
            "else": { "maximum": 1, "errorMessage": SHARE },
        })
    }
}

/// How many rows are drawn for every tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxSamples {
    /// Written as a number with a fraction, or as 1.0.
    Share(f64),
    /// Written as a whole number.
    Count(u64),
}

impl From<MaxSamples> for LearnSamples {
    fn from(samples: MaxSamples) -> Self {
        match samples {
            MaxSamples::Share(share) => Self::Share(share),
            MaxSamples::Count(count) => Self::Count(size(count)),
        }
    }
}

impl<'de> Deserialize<'de> for MaxSamples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match amount(&value) {
            Some(Amount::Share(share)) => Ok(Self::Share(share)),
            Some(Amount::Count(count)) => Ok(Self::Count(count)),
            None => {
                Err(serde::de::Error::custom(format!("{value} is neither a share nor a count")))
            }
        }
    }
}

impl Serialize for MaxSamples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => serializer.serialize_f64(*share),
            Self::Count(count) => serializer.serialize_u64(*count),
        }
    }
}

impl JsonSchema for MaxSamples {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MaxSamples".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": LARGEST,
            "if": { "type": "integer" },
            "else": { "maximum": 1, "errorMessage": SHARE },
        })
    }
}

/// What a number with a fraction is held to.
const SHARE: &str = "A share is at most 1.0; a number above that is a count, and whole.";

/// The largest whole number that JSON holds exactly.
const LARGEST: u64 = (1 << 53) - 1;

/// A number of things, or a share of all.
enum Amount {
    Share(f64),
    Count(u64),
}

/// A whole number is a count, as in scikit-learn; with a point it is a share.
fn amount(value: &Value) -> Option<Amount> {
    match (value.as_u64(), value.as_f64()) {
        (Some(0), _) => None,
        (Some(count), _) => Some(Amount::Count(count)),
        (None, Some(share)) if 0.0 < share && share <= 1.0 => Some(Amount::Share(share)),
        (None, _) => None,
    }
}

pub fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// What has no meaning for a task: a criterion of the other one, or weights of classes where there are
/// none.
pub fn misfits(criterion: Option<Criterion>, class_weight: bool, task: Task) -> Vec<Problem> {
    let its = Criterion::tasks(criterion);
    let mut found = Vec::new();
    if let (Some(criterion), [its]) = (criterion, its)
        && *its != task
    {
        let others = match task {
            Task::Regression => "`squared_error`, `absolute_error` or `poisson`",
            Task::Classification | Task::Clustering => "`gini` or `entropy`",
        };
        found.push(misfits::for_another_task("criterion", &criterion, (*its, task), others));
    }
    if class_weight && task == Task::Regression {
        found.push(misfits::without_meaning("class_weight", task));
    }
    found
}

/// Weights of classes beside a criterion of numbers have no meaning.
pub fn rule_of_class_weight() -> Rule {
    Rule::refuses_given("class_weight", "`class_weight` has no meaning for a tree of numbers")
        .beside("criterion", &["squared_error", "absolute_error", "poisson"])
        .label("no classes")
        .help("remove it, or choose `gini` or `entropy` as the criterion")
}

/// What is about rows that are drawn has no meaning where none are.
pub fn rules_of_bootstrap() -> Vec<Rule> {
    let subsample = &["balanced_subsample"];
    let rules = [
        Rule::refuses_given("max_samples", ""),
        Rule::refuses("oob_score", &[true], ""),
        Rule::refuses("class_weight", subsample, ""),
    ];
    let idle = |rule: Rule| {
        let key = rule.keys().next().unwrap_or_default();
        rule.beside("bootstrap", &[false])
            .message(format!("`{key}` is about rows that are drawn, and `bootstrap` is false"))
            .label("no rows are drawn")
            .help("write `bootstrap: true`, or leave it out")
    };
    rules.map(idle).into()
}

/// What trees with so many leaves in all come to, for the trace.
pub fn shape(trees: usize, depth: usize, leaves: usize) -> String {
    let average = (leaves as f64 / trees.max(1) as f64).round() as usize;
    let trees = counted(trees, "tree");
    format!("{trees}, depth up to {depth}, on average {}", counted_leaves(average))
}

/// So many leaves, in words.
pub fn counted_leaves(leaves: usize) -> String {
    if leaves == 1 { "1 leaf".to_owned() } else { format!("{leaves} leaves") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_are_counts_and_others_shares() {
        let features = |value: Value| serde_json::from_value::<MaxFeatures>(value);
        assert_eq!(features(json!(1)).unwrap(), MaxFeatures::Count(1));
        assert_eq!(features(json!(1.0)).unwrap(), MaxFeatures::Share(1.0));
        assert_eq!(features(json!(0.3)).unwrap(), MaxFeatures::Share(0.3));
        assert_eq!(features(json!("sqrt")).unwrap(), MaxFeatures::Sqrt);
        for wrong in [json!(0), json!(-0.5), json!("half"), json!(null)] {
            assert!(features(wrong).is_err());
        }
        let samples = |value: Value| serde_json::from_value::<MaxSamples>(value);
        assert_eq!(samples(json!(200)).unwrap(), MaxSamples::Count(200));
        assert_eq!(samples(json!(0.5)).unwrap(), MaxSamples::Share(0.5));
        assert!(samples(json!("all")).is_err());
        for value in [json!(1), json!(1.0), json!("log2"), json!("all")] {
            assert_eq!(json!(features(value.clone()).unwrap()), value);
        }
    }
}
