//! How much the rows of each class count: a word or a factor for each class to what estimators take.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mlspec_learn::ClassWeight as LearnWeight;
use mlspec_learn::forest::ForestClassWeight as LearnForestWeight;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Context;
use crate::data::{ClassName, Classes};
use crate::diagnostic::{Code, Part, Problem, Route};
use crate::kinds::metrics::class::unknown_class;

/// How much the rows of each class count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    #[default]
    None,
    Balanced,
    #[serde(untagged)]
    Each(Factors),
}

/// How much the rows of each class count in a forest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForestClassWeight {
    #[default]
    None,
    Balanced,
    BalancedSubsample,
    #[serde(untagged)]
    Each(Factors),
}

/// What the rows of some classes weigh; those of the others weigh 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Factors(BTreeMap<String, f64>);

impl ClassWeight {
    /// As the estimators take it.
    pub fn to_learn(&self, context: &Context<'_>, classes: usize) -> LearnWeight {
        match self {
            Self::None => LearnWeight::None,
            Self::Balanced => LearnWeight::Balanced,
            Self::Each(factors) => LearnWeight::Each(factors.by_code(context.classes, classes)),
        }
    }

    /// What is wrong with the classes that it names.
    pub fn misnamed(&self, classes: &Classes) -> Vec<Problem> {
        match self {
            Self::None | Self::Balanced => Vec::new(),
            Self::Each(factors) => factors.misnamed(classes),
        }
    }
}

impl ForestClassWeight {
    /// As the estimators take it.
    pub fn to_learn(&self, context: &Context<'_>, classes: usize) -> LearnForestWeight {
        match self {
            Self::None => LearnForestWeight::None,
            Self::Balanced => LearnForestWeight::Balanced,
            Self::BalancedSubsample => LearnForestWeight::BalancedSubsample,
            Self::Each(factors) => {
                LearnForestWeight::Each(factors.by_code(context.classes, classes))
            }
        }
    }

    /// What is wrong with the classes that it names.
    pub fn misnamed(&self, classes: &Classes) -> Vec<Problem> {
        match self {
            Self::None | Self::Balanced | Self::BalancedSubsample => Vec::new(),
            Self::Each(factors) => factors.misnamed(classes),
        }
    }
}

impl Factors {
    /// The factor of each class; without labels the names are codes.
    fn by_code(&self, labels: Option<&Classes>, classes: usize) -> Vec<f64> {
        let name = |code: usize| match labels.and_then(|labels| labels.labels().get(code)) {
            Some(label) => label.to_string(),
            None => code.to_string(),
        };
        (0..classes).map(|code| self.0.get(&name(code)).copied().unwrap_or(1.0)).collect()
    }

    fn misnamed(&self, classes: &Classes) -> Vec<Problem> {
        let here = Route::root().key("class_weight");
        let unknown = |name: &String| {
            let problem = unknown_class(&ClassName::new(name), classes)?;
            Some(Problem { route: here.key(name), part: Part::Key, ..problem })
        };
        let mut problems: Vec<Problem> = self.0.keys().filter_map(unknown).collect();
        let factors = self.by_code(Some(classes), classes.len());
        if problems.is_empty() && factors.iter().all(|factor| *factor == 0.0) {
            let message = "`class_weight` leaves no class a weight above 0";
            problems.push(
                Problem::of_parameter(Code::ModelParameter, "class_weight", message)
                    .label("nothing counts")
                    .help("give the classes that count a weight above 0"),
            );
        }
        problems
    }
}

const NONE: &str = "Every row counts the same.";
const BALANCED: &str =
    "Every class counts the same: a row weighs n / (classes × rows of its class).";
const SUBSAMPLE: &str = "Every class counts the same among the rows that are drawn for a tree.";

fn schema(words: &[&str], docs: &[&str]) -> Schema {
    let listed = words.join(", ");
    let wrong = format!("Write {listed}, or a factor for each class, such as {{ yes: 2 }}.");
    let otherwise: Value = json!({
        "enum": words,
        "markdownEnumDescriptions": docs,
        "errorMessage": wrong,
    });
    json_schema!({
        "type": ["string", "object"],
        "errorMessage": wrong,
        "if": { "type": "object" },
        "then": {
            "additionalProperties": { "type": "number", "minimum": 0 },
            "minProperties": 1,
            "x-keys": "class",
        },
        "else": otherwise,
    })
}

impl JsonSchema for ClassWeight {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ClassWeight".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema(&["none", "balanced"], &[NONE, BALANCED])
    }
}

impl JsonSchema for ForestClassWeight {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ForestClassWeight".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = ["none", "balanced", "balanced_subsample"];
        schema(&words, &[NONE, BALANCED, SUBSAMPLE])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Label;

    fn read(value: Value) -> ClassWeight {
        serde_json::from_value(value).expect("a weight of classes")
    }

    #[test]
    fn words_and_maps_are_read_and_written_alike() {
        for written in [json!("none"), json!("balanced"), json!({ "none": 2.0, "b": 0.5 })] {
            assert_eq!(serde_json::to_value(read(written.clone())).unwrap(), written);
        }
        assert_eq!(read(json!("balanced")), ClassWeight::Balanced);
        let forest = serde_json::from_value::<ForestClassWeight>(json!("balanced_subsample"));
        assert_eq!(forest.unwrap(), ForestClassWeight::BalancedSubsample);
        assert!(serde_json::from_value::<ClassWeight>(json!("balanced_subsample")).is_err());
        assert!(serde_json::from_value::<ClassWeight>(json!({ "a": "much" })).is_err());
    }

    #[test]
    fn factors_go_by_the_names_of_classes() {
        let classes = Classes::new([10, 9].map(Label::Integer).to_vec());
        let ClassWeight::Each(factors) = read(json!({ "10": 3 })) else { panic!("factors") };
        assert_eq!(factors.by_code(Some(&classes), 2), [1.0, 3.0]);
        assert_eq!(factors.by_code(None, 2), [1.0, 1.0]);
        assert_eq!(factors.misnamed(&classes), []);
    }

    #[test]
    fn names_that_are_no_class_and_weights_of_nothing_are_refused() {
        let classes = Classes::new(["cat", "dog"].map(|name| Label::Text(name.into())).to_vec());
        let problems = read(json!({ "cats": 2, "dog": 1 })).misnamed(&classes);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].route, Route::root().key("class_weight").key("cats"));
        assert!(problems[0].help.as_deref().unwrap_or("").contains("did you mean `cat`"));
        let nothing = read(json!({ "cat": 0, "dog": 0 })).misnamed(&classes);
        assert_eq!(nothing[0].code, Code::ModelParameter);
        assert_eq!(read(json!({ "cat": 0 })).misnamed(&classes), []);
    }
}
