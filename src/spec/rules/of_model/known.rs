//! What is known of models and metrics, as schemas of the maps that name them.

use serde_json::{Map, Value, json};

use super::Rules;
use super::shapes::{any, named, one_of, reference, within};
use crate::data::Task;
use crate::kinds::family::Parameters;
use crate::kinds::metrics::AnyMetric;
use crate::kinds::models::{AnyModel, Role, Scores};
use crate::kinds::{Condition, Family, Test};
use crate::spec::rules::holds;

pub const TASKS: [Task; 3] = [Task::Classification, Task::Regression, Task::Clustering];
const OF_TARGETS: [Task; 2] = [Task::Classification, Task::Regression];

/// A parameter that is for one task.
pub struct OfTask {
    pub model: &'static str,
    pub task: Task,
    pub parameter: Condition,
    /// Whether the model does this task alone where it is given; otherwise it is idle in the others.
    pub decides: bool,
}

/// The model that does what its columns say.
pub const GIVEN: &str = "predictions";

/// The models that lack what a metric or weights need.
pub const RANKS: &str = "known.model_without_ranks";
pub const PROBABILITIES: &str = "known.model_without_probabilities";
pub const WEIGHTS: &str = "known.model_without_weights";

pub fn without_task(task: Task) -> String {
    format!("known.model_without_{task}")
}

/// Whatever its parameters are.
pub fn always_without(task: Task) -> String {
    format!("known.model_never_of_{task}")
}

/// How metrics of a task are called in the names of definitions.
pub fn of_task(task: Task) -> String {
    format!("of_{task}")
}

/// The metrics of this task and no other.
pub fn measures_only(task: Task) -> Vec<&'static str> {
    measures(|metric| metric.kind().about().tasks == [task])
}

pub fn name(task: Task) -> &'static str {
    match task {
        Task::Classification => "classification",
        Task::Regression => "regression",
        Task::Clustering => "clustering",
    }
}

impl Rules<'_> {
    /// A model with a parameter as the condition says.
    pub fn with(&self, model: &str, condition: &Condition) -> Value {
        let mut parameters = holds(condition, self.parameters(&format!("model.{model}")));
        // `required` holds of what is no map.
        parameters["type"] = match parameters.get("required") {
            Some(_) => json!("object"),
            None => json!(["object", "null"]),
        };
        within(model, &parameters)
    }

    /// What is known of models and metrics: schemas of the maps that name them.
    pub fn facts(&mut self) {
        for task in TASKS {
            let mut names = models(|model| !model.kind().about().tasks.contains(&task));
            names.extend(match task {
                Task::Classification => &[][..],
                Task::Regression => &["calibrate"],
                Task::Clustering => &["calibrate", "search", "stacking", "voting"],
            });
            let mut without = vec![one_of(&names)];
            let name = always_without(task);
            let mut by_name = without.clone();
            by_name.extend(around(&reference(&name)));
            self.define(&name, any(&by_name));
            let of_others = of_tasks().into_iter().filter(|each| each.decides && each.task != task);
            without.extend(of_others.map(|each| self.with(each.model, &each.parameter)));
            without.extend(ensembles(&reference(&without_task(task))));
            // A search may try another value of the parameter that decides.
            without.push(inside_search(&reference(&name), &MEMBERS));
            for other in OF_TARGETS.into_iter().filter(|other| *other != task) {
                // A metric of another task than the model's decides nothing.
                let metric = reference(&format!("known.metric_{}", of_task(other)));
                let mut search = within("metric", &metric);
                search["properties"]["model"] = json!({ "not": reference(&always_without(other)) });
                without.push(within("search", &search));
            }
            self.define(&without_task(task), any(&without));
        }
        let given = |key, test| Condition { key, test };
        let predictions = |keys: &[&'static str]| {
            let none = keys.iter().map(|key| holds(&given(key, Test::Missing), None));
            within(GIVEN, &json!({ "allOf": none.collect::<Vec<_>>() }))
        };
        let no_columns = predictions(&["value", "probability", "probabilities"]);
        let hard = self.with("voting", &given("voting", Test::NoneOf(vec![json!("soft")])));
        let ranks = self.with("svm", &given("probability", Test::NoneOf(vec![json!(true)])));
        for (name, least) in [(RANKS, Scores::Ranks), (PROBABILITIES, Scores::Probabilities)] {
            let lacks = |model: &AnyModel| {
                let about = model.kind().about();
                about.scores < least && about.tasks.contains(&Task::Classification)
            };
            let mut names = models(lacks);
            names.retain(|name| *name != "svm");
            let mut lacking = vec![no_columns.clone(), hard.clone()];
            if !names.is_empty() {
                lacking.push(one_of(&names));
            }
            if least == Scores::Probabilities {
                lacking.push(ranks.clone());
            }
            let own = reference(name);
            lacking.push(within("stacking", &within("final", &own)));
            lacking.push(inside_search(&own, &["probability", "voting", "final", "model"]));
            self.define(name, any(&lacking));
        }
        let mut unweighed = vec![one_of(&models(|model| model.kind().refuses_weights().is_some()))];
        unweighed.extend(around(&reference(WEIGHTS)));
        self.define(WEIGHTS, any(&unweighed));
    }
}

/// The parameters that are for one task, of models that do two.
pub fn of_tasks() -> Vec<OfTask> {
    use Task::{Classification, Regression};
    let one_of = |names: &[&str]| Test::OneOf(names.iter().map(|name| json!(name)).collect());
    let criteria = [
        (Classification, "criterion", one_of(&["gini", "entropy", "log_loss"]), true),
        (Regression, "criterion", one_of(&["squared_error", "absolute_error", "poisson"]), true),
        (Classification, "class_weight", Test::Given, false),
    ];
    let numbers = ["squared_error", "absolute_error", "quantile", "poisson", "gamma"];
    let epsilon = ["epsilon_insensitive", "squared_epsilon_insensitive"];
    let by_model = [
        ("decision_tree", criteria.to_vec()),
        ("random_forest", criteria.to_vec()),
        ("extra_trees", criteria.to_vec()),
        (
            "gradient_boosting",
            vec![
                (Classification, "loss", one_of(&["log_loss"]), true),
                (Regression, "loss", one_of(&numbers), true),
                (Classification, "class_weight", Test::Given, false),
            ],
        ),
        ("ada_boost", vec![(Regression, "loss", Test::Given, false)]),
        (
            "svm",
            vec![
                (Classification, "probability", Test::Given, true),
                (Classification, "class_weight", Test::Given, true),
                (Regression, "epsilon", Test::Given, true),
            ],
        ),
        (
            "linear_svm",
            vec![
                (Classification, "loss", one_of(&["hinge", "squared_hinge"]), true),
                (Regression, "loss", one_of(&epsilon), true),
                (Classification, "class_weight", Test::Given, true),
                (Regression, "epsilon", Test::Given, true),
            ],
        ),
        (
            "dummy",
            vec![
                (Classification, "strategy", one_of(&["prior", "most_frequent"]), true),
                (Regression, "strategy", one_of(&["mean", "median"]), true),
            ],
        ),
        (
            GIVEN,
            vec![
                (Regression, "value", Test::Given, true),
                (Classification, "label", Test::Given, true),
                (Classification, "probability", Test::Given, true),
                (Classification, "probabilities", Test::Given, true),
            ],
        ),
    ];
    let of_model = |(model, parameters): (&'static str, Vec<_>)| {
        let of_task = move |(task, key, test, decides)| OfTask {
            model,
            task,
            parameter: Condition { key, test },
            decides,
        };
        parameters.into_iter().map(of_task)
    };
    by_model.into_iter().flat_map(of_model).collect()
}

/// The models, as they are without parameters, of which something holds.
pub fn models(holds: impl Fn(&AnyModel) -> bool) -> Vec<&'static str> {
    let built = |name: &str| AnyModel::build(name, Parameters(Map::new()));
    let those = |name: &&str| built(name).is_ok_and(|model| holds(&model));
    // These do what the models inside them do, and what `predictions` does hangs on its columns.
    let hang_on_more = ["search", "voting", "stacking", "calibrate", GIVEN];
    let names = AnyModel::ALL.iter().map(|entry| entry.name);
    names.filter(|name| !hang_on_more.contains(name)).filter(those).collect()
}

/// The models that are not trained on some rows and judged on others.
pub fn of_all_rows() -> Vec<&'static str> {
    let mut names = models(|model| matches!(model.kind().role(), Role::Labels(_)));
    names.push(GIVEN);
    names
}

pub fn clusters_only() -> Value {
    named(&models(|model| model.kind().about().tasks == [Task::Clustering]))
}

/// The metrics of which something holds, whatever their parameters.
pub fn measures(holds: impl Fn(&AnyMetric) -> bool) -> Vec<&'static str> {
    let these = AnyMetric::ALL.iter().map(|entry| entry.name);
    let built = |name: &str| AnyMetric::build(name, Parameters(Map::new()));
    these.filter(|name| built(name).is_ok_and(|metric| holds(&metric))).collect()
}

/// What holds of a model does so of those around it.
fn around(of_model: &Value) -> Vec<Value> {
    let mut these = ensembles(of_model);
    these.push(inside_search(of_model, &MEMBERS));
    these
}

/// The parameters that are models.
const MEMBERS: [&str; 3] = ["of", "final", "model"];

/// The model of a search that tries none of these parameters, whose values would count instead.
fn inside_search(of_model: &Value, untried: &[&str]) -> Value {
    let untried = untried.iter().map(|key| json!({ "not": { "required": [key] } }));
    let mut search = within("model", of_model);
    search["properties"]["over"] = json!({ "allOf": untried.collect::<Vec<_>>() });
    within("search", &search)
}

fn ensembles(of_model: &Value) -> Vec<Value> {
    let member = json!({ "type": "array", "contains": of_model });
    vec![
        within("voting", &within("of", &member)),
        within("stacking", &within("of", &member)),
        within("stacking", &within("final", of_model)),
        within("calibrate", &within("model", of_model)),
    ]
}
