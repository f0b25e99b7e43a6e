//! Metrics that do not go with the model, the task or the weights.

use serde_json::{Value, json};

use super::known::{
    PROBABILITIES, RANKS, TASKS, clusters_only, measures, measures_only, name, of_all_rows,
    of_task, without_task,
};
use super::shapes::{any, both, named, of_names, one_of, reference, refused, within, within_all};
use super::{Rules, unless};
use crate::data::Task;
use crate::kinds::Family;
use crate::kinds::metrics::{AnyMetric, Needs, Weighting};

impl Rules<'_> {
    /// A spec without these metrics, wherever rows are measured by them.
    fn refuse_metrics(&mut self, what: &str, names: &[&str], broken: &Value, message: &str) {
        let those = self.metrics(what, names);
        let told = refused(&those, message);
        let told = json!({ "properties": {
            "metrics": { "items": told },
            "thresholds": { "patternProperties": { of_names(names): false }, "errorMessage": message },
            "importance": within_all(&["permutation", "metric"], &told),
        } });
        self.refuse(&format!("metrics_{what}"), broken, told);
    }

    /// What is true of these metrics.
    fn metrics(&mut self, what: &str, names: &[&str]) -> Value {
        self.define(&format!("known.metric_{what}"), one_of(names))
    }

    /// Metrics of another task, and such as need what the model does not give.
    pub fn of_metrics(&mut self) {
        for task in TASKS {
            let others: Vec<&str> =
                TASKS.iter().filter(|other| **other != task).copied().map(name).collect();
            let broken = any(&[
                within("model", &reference(&without_task(task))),
                within("data", &within("task", &json!({ "enum": others }))),
            ]);
            let message = format!("This metric measures {task}, which this spec is not about.");
            self.refuse_metrics(&of_task(task), &measures_only(task), &broken, &message);
        }
        let needs = |needs: Needs| measures(|metric| metric.kind().about().needs == needs);
        for (fact, needed) in [(RANKS, Needs::Ranks), (PROBABILITIES, Needs::Probabilities)] {
            let what = fact.trim_start_matches("known.model_without_");
            let broken = within("model", &reference(fact));
            let message = "This metric needs probabilities that the model lacks.";
            self.refuse_metrics(&format!("of_{what}"), &needs(needed), &broken, message);
        }
        self.of_cuts();
        let message = "There is nothing to time: the model does not train and predict apart.";
        let untimed = within("model", &named(&of_all_rows()));
        self.refuse_metrics("of_times", &needs(Needs::Times), &untimed, message);
        let never = measures(|metric| metric.kind().about().weighting == Weighting::Never);
        let message =
            "This metric is defined for rows that count the same, without data.weight.score.";
        let weighted = within("data", &within("weight", &json!({ "required": ["score"] })));
        self.refuse_metrics("without_weights", &never, &weighted, message);
        let message = "This metric compares the clusters with a target: name it in data.";
        let no_target = within("data", &json!({ "not": { "required": ["target"] } }));
        let broken = both(&no_target, &within("model", &clusters_only()));
        self.refuse_metrics("of_groups", &needs(Needs::Groups), &broken, message);
        self.of_scorings();
    }

    /// A cut of a metric's own is one of probabilities.
    fn of_cuts(&mut self) {
        let cuts = |name: &&str| {
            let parameters = self.parameters(&format!("metric.{name}"));
            parameters.is_some_and(|parameters| parameters.contains_key("threshold"))
        };
        let names: Vec<&str> = AnyMetric::ALL.iter().map(|entry| entry.name).filter(cuts).collect();
        let cut = json!({ "type": "object", "required": ["threshold"] });
        let cut = self.define(
            "known.metric_with_a_cut",
            json!({
                "type": "object",
                "minProperties": 1,
                "propertyNames": { "enum": names },
                "additionalProperties": cut,
            }),
        );
        let told = refused(&cut, "A cut needs probabilities, which the model lacks.");
        let told = json!({ "properties": {
            "metrics": { "items": told },
            "importance": within_all(&["permutation", "metric"], &told),
        } });
        self.refuse("cuts", &within("model", &reference(PROBABILITIES)), told);
    }

    /// The metrics that a search compares by, and that tell the importance of features.
    fn of_scorings(&mut self) {
        let message = "This metric says how fast a model is, and not how good.";
        let times = reference("known.metric_of_times");
        let importance = within("importance", &json!({ "required": ["permutation"] }));
        let told = within_all(&["importance", "permutation", "metric"], &refused(&times, message));
        self.refuse("times_of_importance", &importance, told);
        let compares = json!({ "type": "object", "required": ["metric"] });
        self.refuse_in_search("times", &compares, &times, message);
        for task in TASKS {
            let message = format!("This metric measures {task}, and the model does not do that.");
            let broken = match task {
                // Nothing that searches finds clusters.
                Task::Clustering => compares.clone(),
                Task::Classification | Task::Regression => {
                    both(&compares, &within("model", &reference(&without_task(task))))
                }
            };
            let metrics = reference(&format!("known.metric_{}", of_task(task)));
            self.refuse_in_search(name(task), &broken, &metrics, &message);
        }
    }

    fn refuse_in_search(&mut self, what: &str, broken: &Value, metrics: &Value, message: &str) {
        let told = within_all(&["metric"], &refused(metrics, message));
        let told = self.define(&format!("refused.search_by_{what}"), told);
        let told = json!({ "properties": { "search": told } });
        self.of_models.push(unless(&within("search", broken), &told));
    }
}
