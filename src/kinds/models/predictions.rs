//! Predictions made elsewhere, judged without training.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Model, Preparation, Role, Scores};
use crate::data::{ColumnName, Task, Text};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// Judges predictions that another program made: columns of the data hold them, or another file.
///
/// Every row is judged; there is no training, so `split` and `prepare` are refused. For classes
/// name `label`, or `probability` (of the positive class) or `probabilities` (a column for each
/// class); without `label` the most probable class is the answer, for two classes the positive one
/// where its probability is above 0.5. For numbers name `value`. A missing prediction, a
/// probability outside 0 to 1 and rows of probabilities that do not sum to 1 (within 1e-6) are
/// errors.
///
/// Predictions in a file of their own (`path`) are joined by a key column that both files have
/// (`on`). Every row of the data has exactly one prediction, and every prediction its row: a key
/// that is missing, double or extra is an error. Rows that `where` or `limit` leave out may have
/// predictions.
///
/// ```yaml
/// model:
///   predictions: { label: predicted, probability: score }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Predictions {
    /// The column of the predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "prediction"), example = &"predicted")]
    pub label: Option<ColumnName>,
    /// The column of the probability of the positive class, for two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "prediction"), example = &"score")]
    pub probability: Option<ColumnName>,
    /// For each class, the column of its probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend(
        "additionalProperties" = { "type": "string", "x-names": "prediction" },
        "x-keys" = "class",
        "minProperties" = 2,
        "examples" = [{ "no": "p_no", "yes": "p_yes" }],
    ))]
    pub probabilities: Option<BTreeMap<String, ColumnName>>,
    /// The column of the predicted number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "prediction"), example = &"predicted")]
    pub value: Option<ColumnName>,
    /// The file that holds the predictions, relative to the spec; without it they are columns of the
    /// data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"predictions.csv")]
    pub path: Option<Text>,
    /// The key column, in both files, that says which prediction belongs to which row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "key"), example = &"id")]
    pub on: Option<ColumnName>,
}

impl Predictions {
    /// The columns that hold predictions, each with the parameter that names it.
    pub fn columns(&self) -> Vec<(&'static str, Option<&str>, &ColumnName)> {
        let single =
            [("label", &self.label), ("probability", &self.probability), ("value", &self.value)];
        let mut columns: Vec<_> = single
            .into_iter()
            .filter_map(|(parameter, name)| Some((parameter, None, name.as_ref()?)))
            .collect();
        for (class, name) in self.probabilities.iter().flatten() {
            columns.push(("probabilities", Some(class.as_str()), name));
        }
        columns
    }
}

impl Model for Predictions {
    fn about(&self) -> About {
        let tasks: &'static [Task] =
            if self.value.is_some() { &[Task::Regression] } else { &[Task::Classification] };
        let scores = if self.probability.is_some() || self.probabilities.is_some() {
            Scores::Probabilities
        } else {
            Scores::Nothing
        };
        About { tasks, scores, preparation: Preparation::Nothing }
    }

    fn rules() -> Vec<Rule> {
        let columns = ["label", "probability", "probabilities", "value"];
        let of_classes = [
            Rule::excludes("label", "value"),
            Rule::excludes("probability", "value").unless_given("label"),
            Rule::excludes("probabilities", "value")
                .unless_given("label")
                .unless_given("probability"),
        ];
        let mut rules = vec![
            Rule::any_of(&columns, "the columns of the predictions are not named")
                .label("no column")
                .help(
                    "name `label`, `probability` or `probabilities` for classes, `value` for numbers",
                ),
            Rule::refuses_given("path", "nothing says which prediction belongs to which row")
                .needs("on")
                .code(Code::MissingKey)
                .label("`on` is missing")
                .help("name the key column that both files have: `on: id`"),
            Rule::refuses_given(
                "on",
                "a key joins two files, and the predictions have none of their own",
            )
            .needs("path")
            .code(Code::MissingKey)
            .label("`path` is missing")
            .help("name the file of the predictions, or remove `on`"),
            Rule::excludes("probability", "probabilities"),
        ];
        rules.extend(of_classes);
        rules
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Given(self)
    }

    fn describe(&self) -> String {
        let names: Vec<String> =
            self.columns().iter().map(|(_, _, name)| format!("`{name}`")).collect();
        format!("from {}", names.join(", "))
    }
}
