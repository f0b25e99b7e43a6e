//! What a task, weights or features leave without a meaning: parameters of a model, and of the models
//! inside it. Whether the model does the task at all is left to `plan`.

use serde::Serialize;

use super::members::under;
use super::{AnyModel, Failure, Model, Role};
use crate::data::{Classes, Task};
use crate::diagnostic::{Code, Problem, Route};

/// A model that cannot be trained on rows that weigh differently.
pub struct Unweighed<'a> {
    /// From the parameters of the outer model to the kind; the root for the model itself.
    pub route: Route,
    pub name: &'static str,
    pub why: &'a str,
}

/// The parameters that have no meaning for the task, of the model and of all inside it.
pub fn of_task(model: &AnyModel, task: Task) -> Vec<Problem> {
    let mut problems = model.kind().misfits(task);
    if let Role::Learns(learner) = model.kind().role() {
        for member in learner.members() {
            let inner = of_task(member.model, task).into_iter();
            problems.extend(inner.map(|problem| under(problem, &member.route)));
        }
    }
    if let AnyModel::Search(search) = model {
        problems.retain(|problem| !search.replaces(&problem.route));
    }
    problems
}

/// What is wrong with the classes that the model, and all inside it, name.
pub fn of_classes(model: &AnyModel, classes: &Classes) -> Vec<Problem> {
    let mut problems = model.kind().misnamed(classes);
    if let Role::Learns(learner) = model.kind().role() {
        for member in learner.members() {
            let inner = of_classes(member.model, classes).into_iter();
            problems.extend(inner.map(|problem| under(problem, &member.route)));
        }
    }
    if let AnyModel::Search(search) = model {
        problems.retain(|problem| !search.replaces(&problem.route));
    }
    problems
}

/// The models that cannot weigh rows: the model, or some inside it.
pub fn of_weights(model: &AnyModel) -> Vec<Unweighed<'_>> {
    if let Some(why) = model.kind().refuses_weights() {
        return vec![Unweighed { route: Route::root(), name: model.name(), why }];
    }
    let Role::Learns(learner) = model.kind().role() else { return Vec::new() };
    let mut found = Vec::new();
    for member in learner.members() {
        let inner = of_weights(member.model).into_iter();
        found.extend(inner.map(|each| Unweighed { route: member.route.join(&each.route), ..each }));
    }
    if let AnyModel::Search(search) = model {
        found.retain(|each| !search.replaces(&each.route));
    }
    found
}

/// Where the first model stands that takes one feature, and is given those of the data.
pub fn of_features(model: &AnyModel) -> Option<Route> {
    if let AnyModel::Isotonic(_) = model {
        return Some(Route::root());
    }
    let Role::Learns(learner) = model.kind().role() else { return None };
    let mut members = learner.members();
    if let AnyModel::Stacking(stacking) = model {
        // What `final` is given are answers of the others.
        members.truncate(stacking.of.len());
    }
    members
        .iter()
        .find_map(|member| of_features(member.model).map(|route| member.route.join(&route)))
}

/// The failure for the first parameter without a meaning; `plan` refuses those, so this is only seen
/// by who trains without it.
///
/// # Errors
/// Where there is such a parameter.
pub fn refuse(model: &impl Model, task: Task) -> Result<(), Failure> {
    model.misfits(task).into_iter().next().map_or(Ok(()), |problem| Err(Failure::Problem(problem)))
}

impl AnyModel {
    /// The first model that does not do the task, with its place: this one, or what inside it keeps it
    /// from that.
    pub fn without_task(&self, task: Task) -> Option<(Route, &'static str)> {
        if let Role::Learns(learner) = self.kind().role() {
            for member in learner.members() {
                if let Some((route, name)) = member.model.without_task(task) {
                    return Some((member.route.join(&route), name));
                }
            }
        }
        let does = self.kind().about().tasks.contains(&task);
        (!does).then(|| (Route::root(), self.name()))
    }
}

/// The problem of a choice that is made for another task; `others` are those for this one.
pub fn for_another_task(
    parameter: &str,
    choice: &impl Serialize,
    (its, task): (Task, Task),
    others: &str,
) -> Problem {
    let written = serde_json::to_value(choice).unwrap_or_default();
    let written = written.as_str().unwrap_or(parameter);
    let message = format!("`{written}` is for {its}, and this is {task}");
    Problem::of_parameter(Code::TaskMisfit, parameter, message)
        .label(format!("for {its}"))
        .help(format!("choose {others}, or leave `{parameter}` out"))
}

/// The problem of a parameter that has no meaning for a task, whatever its value.
pub fn without_meaning(parameter: &str, task: Task) -> Problem {
    let label = match task {
        Task::Classification => "only for regression",
        Task::Regression => "no classes",
        Task::Clustering => "nothing is learned from answers",
    };
    Problem::of_parameter(
        Code::TaskMisfit,
        parameter,
        format!("`{parameter}` has no meaning for {task}"),
    )
    .label(label)
    .help(format!("remove `{parameter}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::data::Label;

    fn model(value: Value) -> AnyModel {
        serde_json::from_value(value).expect("a model")
    }

    /// The routes and messages of what does not fit.
    fn misfits(value: Value, task: Task) -> Vec<(String, String)> {
        let problems = of_task(&model(value), task).into_iter();
        problems.map(|problem| (problem.route.to_string(), problem.message)).collect()
    }

    const CLASSES: Task = Task::Classification;
    const NUMBERS: Task = Task::Regression;

    #[test]
    fn parameters_of_the_other_task_have_no_meaning() {
        let both = [
            (json!({ "decision_tree": { "criterion": "gini" } }), NUMBERS),
            (json!({ "random_forest": { "class_weight": "balanced" } }), NUMBERS),
            (json!({ "extra_trees": { "criterion": "poisson" } }), CLASSES),
            (json!({ "gradient_boosting": { "class_weight": "balanced" } }), NUMBERS),
            (json!({ "gradient_boosting": { "loss": "log_loss" } }), NUMBERS),
            (json!({ "gradient_boosting": { "loss": "poisson" } }), CLASSES),
            (json!({ "ada_boost": { "loss": "square" } }), CLASSES),
            (json!({ "svm": { "class_weight": "balanced" } }), NUMBERS),
            (json!({ "svm": { "probability": true } }), NUMBERS),
            (json!({ "svm": { "epsilon": 0.5 } }), CLASSES),
            (json!({ "linear_svm": { "loss": "hinge" } }), NUMBERS),
            (json!({ "linear_svm": { "loss": "epsilon_insensitive" } }), CLASSES),
            (json!({ "linear_svm": { "epsilon": 0.1 } }), CLASSES),
            (json!({ "dummy": { "strategy": "median" } }), CLASSES),
            (json!({ "dummy": { "strategy": "prior" } }), NUMBERS),
            (json!({ "voting": { "of": [{ "decision_tree": {} }], "voting": "soft" } }), NUMBERS),
        ];
        for (value, task) in both {
            let other = if task == CLASSES { NUMBERS } else { CLASSES };
            assert_eq!(misfits(value.clone(), task).len(), 1, "{value} for {task}");
            assert_eq!(misfits(value.clone(), other), [], "{value} for {other}");
        }
    }

    #[test]
    fn models_inside_are_looked_at() {
        let value = json!({ "stacking": {
            "of": [{ "ridge": {} }, { "search": {
                "model": { "random_forest": { "class_weight": "balanced" } },
                "over": { "criterion": ["gini", "squared_error"], "max_depth": [2, 3] },
            } }],
        } });
        let found = misfits(value, NUMBERS);
        let routes: Vec<&str> = found.iter().map(|(route, _)| &**route).collect();
        let expected =
            ["of[1].search.over.criterion[0]", "of[1].search.model.random_forest.class_weight"];
        assert_eq!(routes, expected);
        assert_eq!(found[0].1, "`gini` is for classification, and this is regression");
    }

    #[test]
    fn values_that_a_search_replaces_are_not_judged() {
        let forest = json!({ "random_forest": { "criterion": "gini" } });
        let search = |over: Value| json!({ "search": { "model": forest, "over": over } });
        let criterion = json!({ "criterion": ["squared_error", "poisson"] });
        assert_eq!(misfits(search(criterion), NUMBERS), []);
        let found = misfits(search(json!({ "max_depth": [2, 3] })), NUMBERS);
        assert_eq!(found[0].0, "model.random_forest.criterion");
    }

    #[test]
    fn classes_that_a_search_replaces_are_not_looked_for() {
        let classes = Classes::new(["no", "yes"].map(|name| Label::Text(name.into())).to_vec());
        let routes = |over: Value| {
            let tree = json!({ "decision_tree": { "class_weight": { "maybe": 2 } } });
            let search = model(json!({ "search": { "model": tree, "over": over } }));
            let problems = of_classes(&search, &classes).into_iter();
            problems.map(|problem| problem.route.to_string()).collect::<Vec<_>>()
        };
        let own = ["model.decision_tree.class_weight.maybe"];
        assert_eq!(routes(json!({ "max_depth": [2, 3] })), own);
        assert_eq!(routes(json!({ "class_weight": ["balanced", { "yes": 2 }] })), [""; 0]);
        // The same name is wrong where it is tried.
        let tried = ["over.class_weight[1].maybe"];
        assert_eq!(routes(json!({ "class_weight": ["none", { "maybe": 2 }] })), tried);
    }

    #[test]
    fn members_that_cannot_weigh_are_named() {
        let value = json!({ "voting": { "of": [
            { "ridge": {} },
            { "calibrate": { "model": { "k_nearest_neighbors": {} } } },
        ] } });
        let value = model(value);
        let found = of_weights(&value);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].route.to_string(), "of[1].calibrate.model.k_nearest_neighbors");
        assert_eq!(found[0].name, "k_nearest_neighbors");
        assert!(of_weights(&model(json!({ "voting": { "of": [{ "ridge": {} }] } }))).is_empty());
        let inside = |over: Value| {
            let calibrate = json!({ "calibrate": { "model": { "k_nearest_neighbors": {} } } });
            of_weights(&model(json!({ "search": { "model": calibrate, "over": over } }))).len()
        };
        assert_eq!(inside(json!({ "model": [{ "logistic_regression": {} }] })), 0, "replaced");
        assert_eq!(inside(json!({ "method": ["sigmoid", "isotonic"] })), 1);
    }

    #[test]
    fn the_last_of_a_stack_is_given_answers_and_not_features() {
        let inside = json!({ "search": {
            "model": { "voting": { "of": [{ "ridge": {} }, { "isotonic": {} }] } },
            "over": { "weights": [[1, 2]] },
        } });
        let route = of_features(&model(inside)).map(|route| route.to_string());
        assert_eq!(route.as_deref(), Some("model.voting.of[1].isotonic"));
        let last = json!({ "stacking": { "of": [{ "ridge": {} }], "final": { "isotonic": {} } } });
        assert_eq!(of_features(&model(last)), None);
    }
}
