//! What a model's parameters, and the models inside it, cannot do with the task and the features at hand.
//! Weights are left to `weights`.

use super::{Plan, Step};
use crate::data::{Classes, ColumnInfo, Task};
use crate::diagnostic::{Code, Diagnostic, Place, Problem, Route, Severity};
use crate::kinds::models::{AnyModel, of_classes, of_features, of_task};
use crate::kinds::transforms::Makes;

pub fn at(model: &AnyModel) -> Route {
    Route::root().key("model").key(model.name())
}

/// The model does not do the task that the spec names: because of some parameters, or at all.
pub fn of_named_task(model: &AnyModel, task: Task, found: &mut Vec<Diagnostic>) {
    let named = Place::value(Route::root().key("data").key("task"));
    let problems = of_task(model, task);
    if !problems.is_empty() {
        let placed = problems.into_iter().map(|each| each.under(&at(model), Severity::Error));
        found.extend(placed.map(|each| each.related(named.clone(), "the task")));
        return;
    }
    let tasks: Vec<String> = model.kind().about().tasks.iter().map(Task::to_string).collect();
    found.push(
        Diagnostic::error(
            Code::TaskMisfit,
            Place::key(at(model)),
            format!("`{}` does {}, not {task}", model.name(), tasks.join(" and ")),
        )
        .label(format!("not a model for {task}"))
        .help("choose another model (`mlspec list models`), or another task")
        .related(named, "the task"),
    );
}

/// Parameters without a meaning for a task that the model does.
pub fn of_known_task(model: &AnyModel, task: Task, found: &mut Vec<Diagnostic>) {
    let problems = of_task(model, task).into_iter();
    found.extend(problems.map(|each| each.under(&at(model), Severity::Error)));
}

/// Classes that the model names and the target lacks.
pub fn of_named_classes(model: &AnyModel, classes: &Classes, found: &mut Vec<Diagnostic>) {
    let problems = of_classes(model, classes).into_iter();
    found.extend(problems.map(|each| each.under(&at(model), Severity::Error)));
}

/// The first parameter that keeps the model from a task, with its place.
pub fn keeps_from(model: &AnyModel, task: Task) -> Option<(Place, Problem)> {
    let problem = of_task(model, task).into_iter().next()?;
    let route = at(model).join(&problem.route);
    Some((Place::Spec { route, part: problem.part, within: problem.within.clone() }, problem))
}

/// A curve has one feature. Steps of the author's may leave fewer columns than there are features.
pub fn of_one_feature(
    plan: &Plan,
    features: &[ColumnInfo],
    steps: &[Step],
    found: &mut Vec<Diagnostic>,
) {
    let fewer = |step: &Step| match step.kind.kind().about().makes {
        Makes::SomeColumns | Makes::NumberedColumns(_) | Makes::PrefixedColumns => {
            step.route.is_some()
        }
        Makes::SameColumns | Makes::Numbers | Makes::AndProducts | Makes::TargetMeans => false,
    };
    let Some(curve) = of_features(&plan.model) else { return };
    if features.len() < 2 || steps.iter().any(fewer) {
        return;
    }
    const SHOWN: usize = 5;
    let shown: Vec<String> =
        features.iter().take(SHOWN).map(|info| format!("`{}`", info.name)).collect();
    let rest = if features.len() > SHOWN { ", …" } else { "" };
    let message = format!(
        "isotonic regression takes one feature, and there are {}: {}{rest}",
        features.len(),
        shown.join(", ")
    );
    let model = Place::key(at(&plan.model).join(&curve));
    let help = format!("keep one of them: write `features: [{}]` in `data`", features[0].name);
    found.push(match &plan.features {
        Some(_) => Diagnostic::error(
            Code::ModelFeatures,
            Place::value(Route::root().key("data").key("features")),
            message,
        )
        .label("more than one")
        .help(help)
        .related(model, "takes one feature"),
        None => Diagnostic::error(Code::ModelFeatures, model, message)
            .label("takes one feature")
            .help(help),
    });
}
