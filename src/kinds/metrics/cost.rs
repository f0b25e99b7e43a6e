//! The mean cost of the predictions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{required, unknown_class};
use super::counts::cells;
use super::cut::{OfAll, needs};
use super::values::{in_range, sum};
use super::{About, Direction, Metric, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Undefined, Value};
use crate::diagnostic::{Code, Part, Problem, Route};
use crate::kinds::Rule;

/// The mean cost of a row, where the spec says what each mistake costs.
///
/// Lower is better. The unit and the range are those of the costs; a negative cost is a gain. It says
/// in money or minutes what `accuracy` says in shares.
///
/// Formula: `(1 / n) Σ of[yᵢ][ŷᵢ]` over the rows, first the actual class and then the predicted one. A
/// right prediction costs 0 unless its cost is given. Each pair of different classes has to be given,
/// so that no mistake is free by oversight. scikit-learn has no such metric.
///
/// ```yaml
/// metrics:
///   - cost:
///       of:
///         benign: { malignant: 1 }
///         malignant: { benign: 5 }
/// thresholds:
///   cost: "< 0.6"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// What a row costs: for each actual class, the cost of each predicted one. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "BTreeMap<String, BTreeMap<String, f64>>",
        extend(
            "additionalProperties" = {
                "type": "object",
                "additionalProperties": { "type": "number" },
                "x-keys": "class",
            },
            "x-keys" = "class",
            "minProperties" = 2,
            "examples" = [{ "good": { "bad": 1 }, "bad": { "good": 5 } }],
        )
    )]
    pub of: Option<BTreeMap<String, BTreeMap<String, f64>>>,
    /// A cut of its own, for a target of two classes: a row counts as the positive class where that
    /// class's probability is above this, and as the other elsewhere. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.0, max = 1.0), example = 0.3)]
    pub threshold: Option<f64>,
}

/// How many classes a message names, and how many such messages there are: with thousands of classes
/// the first ones tell what is missing.
const SHOWN: usize = 8;

impl Cost {
    fn choice(&self) -> OfAll {
        OfAll { metric: "cost", threshold: self.threshold }
    }

    /// The least and the most that a row can cost.
    fn range(&self) -> (f64, f64) {
        let Some(of) = &self.of else { return (f64::NEG_INFINITY, f64::INFINITY) };
        let given = of.values().flat_map(BTreeMap::values).copied();
        // A right prediction is free unless its cost is given.
        let free = of.iter().any(|(actual, row)| !row.contains_key(actual)).then_some(0.0);
        given.chain(free).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), cost| {
            (low.min(cost), high.max(cost))
        })
    }

    /// The problem of an actual class that can be taken for another without a cost.
    fn gaps(&self, actual: &str, names: &[String]) -> Option<Problem> {
        let free: Vec<&String> =
            names.iter().filter(|predicted| self.cost(actual, predicted).is_none()).collect();
        if free.is_empty() {
            return None;
        }
        let shown: Vec<String> = free.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        let more = match free.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "no cost says what it takes to predict {}{more} for `{actual}`",
            shown.join(", ")
        );
        Some(
            Problem::of_parameter(Code::MissingKey, "of", message)
                .label("a cost is missing")
                .help(format!("name each other class under `{actual}`, with 0 where it is free")),
        )
    }

    fn cost(&self, actual: &str, predicted: &str) -> Option<f64> {
        let given = self.of.as_ref().and_then(|of| of.get(actual)?.get(predicted)).copied();
        given.or_else(|| (actual == predicted).then_some(0.0))
    }
}

/// The parameter without a default; a threshold alone gives none.
fn costs() -> Rule {
    required("cost", "of", "{ good: { bad: 1 }, bad: { good: 5 } }")
}

impl Metric for Cost {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: needs(self.threshold),
            direction: Direction::LowerIsBetter,
            range: self.range(),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn rules() -> Vec<Rule> {
        vec![costs()]
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let Some(of) = &self.of else {
            return vec![costs().problem()];
        };
        let Some(classes) = setting.classes else { return Vec::new() };
        let mut problems: Vec<Problem> = self.choice().check(setting);
        let at_key = |problem: Problem, route| Problem { route, part: Part::Key, ..problem };
        for (actual, row) in of {
            let route = Route::root().key("of").key(actual);
            let unknown = unknown_class(&ClassName::new(actual), classes);
            problems.extend(unknown.map(|problem| at_key(problem, route.clone())));
            for predicted in row.keys() {
                let unknown = unknown_class(&ClassName::new(predicted), classes);
                problems.extend(unknown.map(|problem| at_key(problem, route.key(predicted))));
            }
        }
        let names: Vec<String> = classes.labels().iter().map(ToString::to_string).collect();
        problems.extend(names.iter().filter_map(|actual| self.gaps(actual, &names)).take(SHOWN));
        problems
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let labels = self.choice().labels(judged)?;
        let names: Vec<String> = labels.classes.labels().iter().map(ToString::to_string).collect();
        let unpriced = || Undefined::ByData("a pair of classes has no cost".to_owned());
        let given = self.of.iter().flat_map(BTreeMap::values).map(BTreeMap::len).sum::<usize>();
        // Known before the pairs are laid out, of which there may be too many to hold.
        if given < names.len() * (names.len() - 1) {
            return Err(unpriced());
        }
        let cells = cells(&labels)?;
        let mut costs = Vec::with_capacity(cells.len());
        for (pair, rows) in cells.iter().enumerate().filter(|(_, rows)| **rows > 0.0) {
            let (actual, predicted) = (&names[pair / names.len()], &names[pair % names.len()]);
            costs.push(rows * self.cost(actual, predicted).ok_or_else(unpriced)?);
        }
        in_range(sum(costs) / sum(cells))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, metric_of, problems};
    use serde_json::json;

    fn of(costs: &serde_json::Value) -> serde_json::Value {
        json!({ "cost": { "of": costs } })
    }

    #[test]
    fn rows_cost_what_the_spec_says() {
        let sample = Sample::classes(2, &[0, 0, 0, 1, 1], &[0, 1, 0, 1, 0]);
        let costs = of(&json!({ "0": { "1": 1 }, "1": { "0": 5 } }));
        assert_eq!(problems(costs.clone(), &sample.setting()), []);
        assert_eq!(metric_of(costs.clone()).kind().about().range, (0.0, 5.0));
        assert_close(sample.measure(costs), 6.0 / 5.0);
        let gains = of(&json!({ "0": { "0": 1, "1": 1 }, "1": { "0": 5, "1": -2 } }));
        assert_eq!(metric_of(gains.clone()).kind().about().range, (-2.0, 5.0));
        assert_close(sample.measure(gains), 6.0 / 5.0);
        let paid = of(&json!({ "0": { "0": 1, "1": 2 }, "1": { "0": 5, "1": 2 } }));
        assert_eq!(metric_of(paid).kind().about().range, (1.0, 5.0));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let sample = Sample::classes(3, &[0], &[0]);
        let messages = |metric| -> Vec<String> {
            problems(metric, &sample.setting()).into_iter().map(|problem| problem.message).collect()
        };
        assert_eq!(messages(json!("cost")), ["`cost` has no `of`"]);
        let found = messages(of(&json!({
            "0": { "1": 1, "2": 1 }, "1": { "0": 1, "7": 1 }, "2": { "0": 1, "1": 1 },
        })));
        assert_eq!(
            found,
            ["the target has no class `7`", "no cost says what it takes to predict `2` for `1`"]
        );
    }
}
