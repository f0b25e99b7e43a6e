//! What goes with a model and a task, as rules over the whole spec: metrics, parameters, `decision`, `importance`,
//! weights. `plan` tells them in words of its own, so what the validator says of them is left out.

mod known;
mod metrics;
mod shapes;

use serde_json::{Map, Value, json};

use self::known::{
    GIVEN, OfTask, PROBABILITIES, TASKS, WEIGHTS, always_without, clusters_only, measures, models,
    name, of_all_rows, of_tasks, without_task,
};
use self::shapes::{
    any, both, bounds_refused, named, named_refused, of_names, one_of, reference, refused,
    refused_value, within, within_all,
};
use super::unless;
use crate::data::Task;
use crate::kinds::Family;
use crate::kinds::family::{Parameters, rules_definition};
use crate::kinds::metrics::Needs;
use crate::kinds::models::AnyModel;
use crate::kinds::splits::AnySplit;
use crate::kinds::transforms::{AnyTransform, Makes};

/// The definitions that say what is refused: an error under one of them is told by `plan`.
const REFUSED: &str = "/definitions/refused.";

/// Whether an error of the validator is told by `plan`.
pub fn is_told_elsewhere(schema_path: &str) -> bool {
    schema_path.starts_with(REFUSED)
}

/// Adds the rules to a schema that has all keys, and its other rules.
pub fn add(schema: &mut Value) {
    let mut rules = Rules { schema, of_spec: Vec::new(), of_models: Vec::new() };
    rules.facts();
    rules.of_metrics();
    rules.of_tasks();
    rules.of_data();
    rules.of_sections();
    rules.of_thresholds();
    let Rules { schema, of_spec, of_models } = rules;
    extend(&mut schema["allOf"], of_spec);
    extend(&mut schema["definitions"][rules_definition::<AnyModel>()]["allOf"], of_models);
}

fn extend(list: &mut Value, more: Vec<Value>) {
    match list {
        Value::Array(list) => list.extend(more),
        other => *other = Value::Array(more),
    }
}

struct Rules<'s> {
    schema: &'s mut Value,
    of_spec: Vec<Value>,
    of_models: Vec<Value>,
}

impl Rules<'_> {
    /// Gives a schema a name, and returns what refers to it.
    fn define(&mut self, name: &str, schema: Value) -> Value {
        self.schema["definitions"][name] = schema;
        reference(name)
    }

    /// A rule of the whole spec: what it looks like where something is refused, and that without it.
    fn refuse(&mut self, name: &str, broken: &Value, told: Value) {
        let told = self.define(&format!("refused.{name}"), told);
        self.of_spec.push(unless(broken, &told));
    }

    fn parameters(&self, kind: &str) -> Option<&Map<String, Value>> {
        self.schema.pointer(&format!("/definitions/{kind}/properties"))?.as_object()
    }

    /// A task that is named, and a model or parameters of it that are for another.
    fn of_tasks(&mut self) {
        for task in TASKS {
            let asked = within("data", &within("task", &json!({ "const": name(task) })));
            let message =
                format!("This model is not for {task}, which the spec names as its task.");
            // Of these the parameters are told that are for another task.
            let mut by_parameters: Vec<&str> = of_tasks().iter().map(|each| each.model).collect();
            by_parameters.retain(|model| *model != GIVEN);
            by_parameters.dedup();
            let others = json!({ "not": named(&by_parameters) });
            let those = any(&[
                reference(&always_without(task)),
                both(&reference(&without_task(task)), &others),
            ]);
            let told = within_all(&["model"], &refused(&those, &message));
            self.refuse(&format!("models_without_{task}"), &asked, told);
            let mut kinds = Map::new();
            for OfTask { model, task: its, parameter, .. } in of_tasks() {
                if its == task || model == GIVEN {
                    continue;
                }
                let message = format!("This is for {its}, and the spec names {task} as its task.");
                let of = self.parameters(&format!("model.{model}"));
                let told = refused_value(&parameter, of, &message);
                let kind = kinds.entry(model).or_insert_with(|| json!({ "properties": {} }));
                let parameters = kind["properties"].as_object_mut();
                let Some(parameters) = parameters else { continue };
                // Some values of one parameter are for one task, some for the other.
                parameters.insert(parameter.key.to_owned(), told);
            }
            let told = within_all(&["model"], &json!({ "properties": kinds }));
            self.refuse(&format!("parameters_without_{task}"), &asked, told);
        }
    }

    /// The target, weights and shares of classes.
    fn of_data(&mut self) {
        let task = |names: &[&str]| within("data", &within("task", &json!({ "enum": names })));
        let never_clusters = within("model", &reference(&without_task(Task::Clustering)));
        let of_targets = any(&[never_clusters, task(&["classification", "regression"])]);
        let told = json!({
            "required": ["target"],
            "errorMessage": "The task needs a target: name the column of the known answers.",
        });
        self.refuse("no_target", &of_targets, within_all(&["data"], &told));
        let groups = measures(|metric| metric.kind().about().needs == Needs::Groups);
        let compares = any(&[
            within("metrics", &json!({ "type": "array", "contains": one_of(&groups) })),
            within(
                "thresholds",
                &json!({ "not": { "propertyNames": { "not": { "pattern": of_names(&groups) } } } }),
            ),
        ]);
        let mut idle = within("model", &clusters_only());
        idle["not"] = any(&[compares, task(&["classification", "regression"])]);
        let told =
            named_refused("target", "Clustering has no target, unless a metric compares with it.");
        self.refuse("idle_target", &idle, within_all(&["data"], &told));
        let mut numbers = within("model", &reference(&without_task(Task::Classification)));
        numbers["not"] = task(&["classification"]);
        let no_classes = any(&[numbers, task(&["regression", "clustering"])]);
        let told = named_refused("positive", "Only classes have a positive one.");
        self.refuse("positive", &no_classes, within_all(&["data"], &told));
        let mut splits = Map::new();
        for entry in AnySplit::ALL {
            let parameters = self.parameters(&format!("split.{}", entry.name));
            if parameters.is_some_and(|parameters| parameters.contains_key("stratify")) {
                let message = "There are no classes to stratify by.";
                let told = within_all(&["stratify"], &refused(&json!({ "const": true }), message));
                splits.insert(entry.name.to_owned(), told);
            }
        }
        let told = within_all(&["data", "split"], &json!({ "properties": splits }));
        self.refuse("stratify", &no_classes, told);
        let learn = AnyTransform::ALL.iter().map(|entry| entry.name).filter(|name| {
            let step = AnyTransform::build(name, Parameters(Map::new()));
            step.is_ok_and(|step| step.kind().about().makes == Makes::TargetMeans)
        });
        let message = "This step learns from a target, and clustering has none.";
        let told = refused(&one_of(&learn.collect::<Vec<_>>()), message);
        let clusters = any(&[within("model", &clusters_only()), task(&["clustering"])]);
        let told = json!({ "properties": { "prepare": { "items": told } } });
        self.refuse("steps_of_targets", &clusters, told);
        let told = named_refused("fit", "The model takes no weights.");
        let unweighed = within("model", &reference(WEIGHTS));
        self.refuse("weights", &unweighed, within_all(&["data", "weight"], &told));
    }

    /// `decision` and `importance`.
    fn of_sections(&mut self) {
        let label = within(GIVEN, &json!({ "type": "object", "required": ["label"] }));
        let models =
            [reference(&without_task(Task::Classification)), reference(PROBABILITIES), label];
        let other = json!({ "enum": ["regression", "clustering"] });
        let undecided =
            any(&[within("model", &any(&models)), within("data", &within("task", &other))]);
        let message = "A decision needs a model with probabilities of two classes.";
        self.refuse("decision", &undecided, named_refused("decision", message));
        let mut names = of_all_rows();
        names.extend(self::models(|model| model.kind().about().tasks == [Task::Clustering]));
        names.sort_unstable();
        names.dedup();
        let told = named_refused("permutation", "The model does not learn a target from features.");
        let told = within_all(&["importance"], &told);
        self.refuse("importance", &within("model", &named(&names)), told);
    }

    /// What is compared with the dummy, or with the training rows.
    fn of_thresholds(&mut self) {
        let no_training = "The model has no training: compare with a bound, such as min.";
        let bound = bounds_refused(&["over_dummy", "max_train_gap"], no_training);
        let told = json!({ "properties": { "thresholds": { "additionalProperties": bound } } });
        self.refuse("training", &within("model", &named(&of_all_rows())), told);
        let needs = |all: &[Needs]| measures(|metric| all.contains(&metric.kind().about().needs));
        let clusters = needs(&[Needs::Clusters, Needs::Centres, Needs::Groups]);
        let times = needs(&[Needs::Times]);
        let idle = "The metric has nothing there to compare with.";
        let told = json!({ "patternProperties": {
            of_names(&clusters): bounds_refused(&["over_dummy"], idle),
            of_names(&times): bounds_refused(&["over_dummy", "max_train_gap"], idle),
        } });
        let bounded = json!({ "required": ["thresholds"] });
        self.refuse("comparisons", &bounded, within_all(&["thresholds"], &told));
        let told = json!({
            "patternProperties": { format!("^({})@", times.join("|")): false },
            "errorMessage": "The metric is about all rows together, not about a slice.",
        });
        self.refuse("times_of_slices", &bounded, within_all(&["thresholds"], &told));
    }
}
