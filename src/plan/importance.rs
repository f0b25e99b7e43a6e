//! Whether the importance of features can be asked of a model, and told by a metric.

use super::{Plan, Step};
use crate::data::{ColumnInfo, Task};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
use crate::kinds::metrics::Setting;
use crate::kinds::models::{Asks, Role, Scores, keeps_rows};
use crate::spec::Spec;

fn route() -> Route {
    Route::root().key("importance").key("permutation")
}

/// Refuses what cannot be, as far as the spec alone tells.
pub fn check(spec: &Spec, found: &mut Vec<Diagnostic>) {
    let Some(importance) = &spec.importance else { return };
    let permutation = &importance.permutation;
    let name = spec.model.name();
    let about = spec.model.kind().about();
    let message = match spec.model.kind().role() {
        Role::Given(_) => Some("given predictions do not change with the features".to_owned()),
        Role::Labels(_) => Some(format!("`{name}` groups the rows it is given, and no others")),
        Role::Learns(_) | Role::Detects(_) if about.tasks == [Task::Clustering] => {
            Some(format!("`{name}` groups rows: there is no known answer to lose"))
        }
        Role::Learns(_) | Role::Detects(_) => None,
    };
    if let Some(message) = message {
        found.push(misfit(message, "remove it, or choose a model that learns a target", name));
        return;
    }
    let Some(scoring) = &permutation.metric else { return };
    let problems = scoring.check(Asks::Importance, std::iter::once(about));
    found.extend(problems.into_iter().map(|each| each.under(&route(), Severity::Error)));
    let weighted = spec.data.weight.as_ref().is_some_and(|weight| weight.score.is_some());
    if weighted && !scoring.weighs() {
        found.push(
            Diagnostic::error(
                Code::MetricMisfit,
                Place::key(route().join(&scoring.route())),
                format!("`{}` is defined for rows that count the same only", scoring.name()),
            )
            .label("takes no weights")
            .help("choose another metric, or remove `data.weight.score`")
            .related(
                Place::key(Route::root().key("data").key("weight").key("score")),
                "the weights",
            ),
        );
    }
}

/// Refuses what cannot be on this data.
pub fn check_bound(
    plan: &Plan,
    task: Task,
    steps: &[Step],
    features: &[ColumnInfo],
    setting: Setting<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(permutation) = &plan.importance else { return };
    let name = plan.model.name();
    if task == Task::Clustering {
        let message = "clustering has no known answer to lose".to_owned();
        found.push(misfit(message, "remove it", name));
        return;
    }
    if features.is_empty() {
        found.push(misfit("there is no feature to shuffle".to_owned(), "remove it", name));
    }
    if keeps_rows(&plan.model) && !steps.is_empty() {
        let message =
            "each classifier of `calibrate` prepares the test rows in its own way, and keeps \
                       them as they are"
                .to_owned();
        found.push(misfit(
            message,
            "write `ensemble: false` in `calibrate`, or `prepare: []`",
            name,
        ));
    }
    let Some(scoring) = &permutation.metric else { return };
    let place = || Place::key(route().join(&scoring.route()));
    if !scoring.tasks().contains(&task) {
        let tasks: Vec<String> = scoring.tasks().iter().map(Task::to_string).collect();
        let tasks = tasks.join(" and ");
        // A model of one task was told so before.
        if plan.model.kind().about().tasks.len() > 1 {
            found.push(
                Diagnostic::error(
                    Code::MetricMisfit,
                    place(),
                    format!("`{}` measures {tasks}, and this is {task}", scoring.name()),
                )
                .label("another task")
                .help("choose another metric (`mlspec list metrics`)"),
            );
        }
        return;
    }
    let count = setting.classes.map_or(0, crate::data::Classes::len);
    if task != Task::Classification || count == 0 {
        return;
    }
    let anomalies = matches!(plan.model.kind().role(), Role::Detects(_));
    if scoring.ranks()
        && count > 2
        && plan.model.kind().about().scores == Scores::Ranks
        && !anomalies
    {
        let message = format!(
            "`{}` needs probabilities: `{name}` ranks the rows of two classes, and there are {count}",
            scoring.name()
        );
        found.push(
            Diagnostic::error(Code::MetricNeedsProbabilities, place(), message)
                .label("needs probabilities")
                .help("choose another metric, or a model that predicts probabilities"),
        );
    }
    if let Err(problem) = scoring.check_classes(setting.classes, setting.positive) {
        found.push(problem.under(&route(), Severity::Error));
    }
}

fn misfit(message: String, help: &str, model: &str) -> Diagnostic {
    Diagnostic::error(Code::Importance, Place::key(route()), message)
        .label("cannot be told")
        .help(help)
        .related(Place::key(Route::root().key("model").key(model)), "the model")
}
