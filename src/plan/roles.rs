//! Who does what: whether model, target and metrics are of one task.

use super::{Metric, misfits};
use crate::data::{ColumnInfo, ColumnKind, ColumnName, Task};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place, Position, Problem, Route, Severity};
use crate::kinds::metrics::Needs;
use crate::kinds::models::{AnyModel, Role};
use crate::kinds::splits::AnySplit;

fn target_route() -> Route {
    Route::root().key("data").key("target")
}

/// What to do about a metric that needs probabilities which the model lacks.
pub fn probabilities_help(model: &AnyModel) -> String {
    match (model, model.kind().role()) {
        (AnyModel::Svm(_), _) => "set `probability: true`".to_owned(),
        (AnyModel::Voting(_), _) => {
            "write `voting: soft`, where its models have probabilities".to_owned()
        }
        (AnyModel::LinearSvm(_), _) => {
            "calibrate it (`calibrate: { model: { linear_svm: {} } }`), or choose a model that \
             predicts probabilities"
                .to_owned()
        }
        (_, Role::Given(_)) => "name the columns of the probabilities in `predictions`".to_owned(),
        (_, Role::Learns(_) | Role::Labels(_)) => {
            "choose a model that predicts probabilities".to_owned()
        }
        (_, Role::Detects(_)) => {
            "anomalies are ranked: choose `roc_auc`, `average_precision` or a metric of labels"
                .to_owned()
        }
    }
}

/// Whether the split fits the task, as far as that is known.
pub fn check_split(split: &AnySplit, task: Option<Task>, found: &mut Vec<Diagnostic>) {
    let at = Route::root().key("data").key("split").key(split.name());
    found.extend(split.kind().check(task).into_iter().map(|p| p.under(&at, Severity::Error)));
}

/// A target to begin with. What the column is called is for the author to say.
fn with_target() -> Fix {
    let (map, key, yaml) = (Route::root().key("data"), "target".to_owned(), "label".to_owned());
    let edit = Edit::Insert { map, key, yaml, position: Position::Last };
    Fix::guess("add `target: label`", edit)
}

/// Whether there is a target where the task needs one, and metrics measure the task.
pub fn check_task(
    task: Task,
    target: Option<&ColumnName>,
    metrics: &[Metric],
    model: &AnyModel,
    found: &mut Vec<Diagnostic>,
) {
    let mut groups =
        metrics.iter().filter(|metric| metric.kind.kind().about().needs == Needs::Groups);
    match (task, target) {
        (Task::Clustering, None) => found.extend(groups.map(|metric| {
            Diagnostic::error(
                Code::TargetNeeded,
                Place::key(metric.route.clone()),
                format!("`{}` compares the clusters with a target", metric.kind.name()),
            )
            .label("needs a target")
            .help("name the column of the known groups: `target: …` in `data`")
            .fix(with_target())
        })),
        (Task::Clustering, Some(target)) if groups.next().is_none() => found.push(
            Diagnostic::error(
                Code::TaskMisfit,
                Place::key(target_route()),
                "clustering has no target",
            )
            .label("not used")
            .help(format!(
                "remove `target`, and write `exclude: [{target}]` to keep the column out; or compare \
                 the clusters with it, by `adjusted_rand` for example"
            )),
        ),
        (Task::Classification | Task::Regression, None) => {
            found.push(no_target(&task.to_string()));
        }
        _ => {}
    }
    for metric in metrics {
        let tasks = metric.kind.kind().about().tasks;
        if !tasks.contains(&task) {
            let diagnostic = of_another_task(metric, &format!("this is {task}"))
                .help(format!("`mlspec list metrics` shows those of {task}"));
            // What made it this task may be a parameter.
            let kept = tasks.iter().find_map(|task| misfits::keeps_from(model, *task));
            // Or a model, perhaps one inside of the model.
            let other = tasks.iter().find_map(|task| model.without_task(*task));
            found.push(match (kept, other) {
                (Some((place, problem)), _) => diagnostic.related(place, problem.label),
                (None, Some((route, name))) => {
                    let place = Place::key(misfits::at(model).join(&route));
                    diagnostic.related(place, format!("`{name}` does {task}"))
                }
                (None, None) => diagnostic,
            });
        }
    }
}

/// What no task that the model does can mend, while it is open which one is meant.
pub fn check_open_task(
    target: Option<&ColumnName>,
    metrics: &[Metric],
    model: &AnyModel,
    found: &mut Vec<Diagnostic>,
) {
    let does = model.kind().about().tasks;
    let name = model.name();
    if target.is_none() && !does.contains(&Task::Clustering) {
        found.push(no_target(&format!("`{name}`")));
    }
    for metric in metrics {
        if !metric.kind.kind().about().tasks.iter().any(|task| does.contains(task)) {
            found.push(
                of_another_task(metric, &format!("`{name}` does {}", listed(does)))
                    .help("`mlspec list metrics` shows which metric is for which task")
                    .related(Place::key(misfits::at(model)), "the model"),
            );
        }
    }
}

fn no_target(what: &str) -> Diagnostic {
    let data = Place::key(Route::root().key("data"));
    Diagnostic::error(Code::TargetNeeded, data, format!("{what} needs a target"))
        .label("`target` is missing")
        .help("name the column of the known answers: `target: …`")
        .fix(with_target())
}

fn of_another_task(metric: &Metric, but: &str) -> Diagnostic {
    let measures = listed(metric.kind.kind().about().tasks);
    Diagnostic::error(
        Code::MetricMisfit,
        Place::key(metric.route.clone()),
        format!("`{}` measures {measures}, and {but}", metric.kind.name()),
    )
    .label(format!("a metric of {measures}"))
}

fn listed(tasks: &[Task]) -> String {
    tasks.iter().map(Task::to_string).collect::<Vec<_>>().join(" and ")
}

/// The task, once the target's type is known.
///
/// # Errors
/// A target that leaves it open, or whose type does not fit the model.
pub fn task_of(
    model: &AnyModel,
    target: Option<&ColumnInfo>,
    known: Option<Task>,
) -> Result<Task, Box<Diagnostic>> {
    let tasks = model.kind().about().tasks;
    let inferred = match (known, target.map(|info| &info.kind)) {
        (Some(task), _) => task,
        (None, None) => tasks[0],
        (None, Some(ColumnKind::Text | ColumnKind::Bool)) => Task::Classification,
        (None, Some(ColumnKind::Float)) => Task::Regression,
        (None, Some(ColumnKind::Integer)) => {
            let name = target.map_or("?", |info| &info.name);
            return Err(Box::new(
                Diagnostic::error(
                    Code::TaskUnclear,
                    Place::value(target_route()),
                    format!("`{name}` holds whole numbers: a class or a quantity?"),
                )
                .label("could be either")
                .help("say `task: classification` or `task: regression` in `data`")
                .related(Place::key(Route::root().key("model").key(model.name())), "does both"),
            ));
        }
        (
            None,
            Some(
                ColumnKind::Empty | ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Other(_),
            ),
        ) => tasks[0],
    };
    let Some(info) = target else { return Ok(inferred) };
    let fits = match (inferred, &info.kind) {
        (_, ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Other(_)) => false,
        (Task::Regression, kind) => kind.is_number() || *kind == ColumnKind::Empty,
        (Task::Classification | Task::Clustering, _) => true,
    };
    if fits && tasks.contains(&inferred) {
        return Ok(inferred);
    }
    let wanted = match inferred {
        Task::Regression => "numbers",
        Task::Classification | Task::Clustering => "classes",
    };
    let diagnostic = Diagnostic::error(
        Code::TargetType,
        Place::value(target_route()),
        format!("the target `{}` holds {}, not {wanted}", info.name, in_words(&info.kind)),
    )
    .label(format!("type {}", info.kind));
    let natural = match info.kind {
        ColumnKind::Text | ColumnKind::Bool => misfits::keeps_from(model, Task::Classification),
        ColumnKind::Integer
        | ColumnKind::Float
        | ColumnKind::Empty
        | ColumnKind::Date
        | ColumnKind::Datetime
        | ColumnKind::Other(_) => None,
    };
    Err(Box::new(match natural {
        Some((place, Problem { help: Some(help), label, .. })) => {
            diagnostic.help(help).related(place, label)
        }
        _ => diagnostic
            .help("choose another target or another model, or declare the column in `types`")
            .related(
                Place::key(Route::root().key("model").key(model.name())),
                format!("does {inferred}"),
            ),
    }))
}

fn in_words(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Integer => "whole numbers".to_owned(),
        ColumnKind::Float => "numbers".to_owned(),
        ColumnKind::Bool => "truth values".to_owned(),
        ColumnKind::Text => "text".to_owned(),
        ColumnKind::Date => "dates".to_owned(),
        ColumnKind::Datetime => "times".to_owned(),
        ColumnKind::Empty => "no value at all".to_owned(),
        ColumnKind::Other(name) => format!("values of type {name}"),
    }
}
