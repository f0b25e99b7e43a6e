//! Binds a `Plan` to the columns of its data: names, types, features, task, steps.
//! With the columns of a file's header some questions stay open; with those of the whole table,
//! and the classes of the target, none do.

use super::features::{self, unknown_column};
use super::{BoundPlan, Plan, roles};
use crate::data::{Classes, ColumnKind, Columns, Task, check_predicate};
use crate::diagnostic::{Code, Diagnostic, Part, Place, Route, Severity};
use crate::kinds::metrics::Setting;
use crate::kinds::models::Role;

/// Fits the plan to the columns; `classes` are those of the target, once the rows have been read.
///
/// # Errors
/// Everything in the spec that does not fit the data, all at once.
pub fn bind(
    plan: Plan,
    columns: &Columns,
    classes: Option<Classes>,
) -> Result<BoundPlan, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let data = Route::root().key("data");
    for (name, _) in &plan.types {
        if columns.get(name).is_none() {
            let place = Place::key(data.key("types").key(name));
            found.push(unknown_column(place, name, columns, &plan));
        }
    }
    check_where(&plan, columns, &mut found);
    check_predictions(&plan, columns, &mut found);
    let target = plan.target.as_ref().and_then(|target| {
        let info = columns.get(target.value());
        if info.is_none() {
            let place = Place::value(data.key("target"));
            found.push(unknown_column(place, target.written(), columns, &plan));
        }
        info
    });
    let before = found.len();
    let features = features::features(&plan, columns, &mut found);
    let steps = features::steps(&plan, &features);
    // With a feature misnamed, what the steps see is not what the author meant.
    if found.len() == before {
        features::check_steps(&plan, &features, columns, &steps, classes.as_ref(), &mut found);
    }
    if plan.target.is_some() && target.is_none() {
        return Err(found);
    }
    let task = match roles::task_of(&plan.model, target, plan.task) {
        Ok(task) => task,
        Err(diagnostic) => {
            found.push(*diagnostic);
            return Err(found);
        }
    };
    features::check_answers(task, &steps, &mut found);
    if plan.task.is_none() {
        if let Some(split) = plan.split.as_ref().filter(|split| split.given) {
            roles::check_split(&split.kind, Some(task), &mut found);
        }
        roles::check_task(task, plan.target.as_ref(), &plan.metrics, &mut found);
    }
    let positive =
        positive(&plan, task, target.map(|info| &info.kind), classes.as_ref(), &mut found);
    if task == Task::Classification && classes.is_some() && found.len() == before {
        let setting = Setting { classes: classes.as_ref(), positive };
        for metric in &plan.metrics {
            let problems = metric.kind.kind().check(&setting);
            found.extend(problems.into_iter().map(|p| p.under(&metric.route, Severity::Error)));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let mut left_to_run = Vec::new();
    if task == Task::Classification && classes.is_none() {
        left_to_run.push("the classes of the target".to_owned());
    }
    if columns.rows.is_none() {
        left_to_run.push("types and gaps beyond the first rows".to_owned());
    }
    Ok(BoundPlan { plan, task, features, classes, positive, steps, left_to_run })
}

fn check_where(plan: &Plan, columns: &Columns, found: &mut Vec<Diagnostic>) {
    let Some(predicate) = &plan.predicate else { return };
    if let Err(error) = check_predicate(predicate.value(), Some(columns)) {
        // Inside text with variables the positions are those of the filled-in text.
        let within = error.within.filter(|_| predicate.value() == predicate.written());
        let place = Place::Spec {
            route: Route::root().key("data").key("where"),
            part: Part::Value,
            within,
        };
        let literal = predicate.value() == predicate.written();
        let message = if literal {
            error.message
        } else {
            "this SQL, with its variables filled in, cannot be used".to_owned()
        };
        let diagnostic = Diagnostic::error(Code::BadSql, place, message).label("in this SQL");
        found.push(match error.help.filter(|_| literal) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}

fn check_predictions(plan: &Plan, columns: &Columns, found: &mut Vec<Diagnostic>) {
    let Role::Given(given) = plan.model.kind().role() else { return };
    for (parameter, class, name) in given.columns() {
        let route = Route::root().key("model").key("predictions").key(parameter);
        let route = class.map_or_else(|| route.clone(), |class| route.key(class));
        let Some(info) = columns.get(name.value()) else {
            found.push(unknown_column(Place::value(route), name.written(), columns, plan));
            continue;
        };
        if plan.target.as_ref().is_some_and(|target| target.value() == name.value()) {
            found.push(
                Diagnostic::error(
                    Code::Exclusive,
                    Place::value(route),
                    format!("`{name}` is the target, so it cannot be a prediction"),
                )
                .label("the answer itself")
                .help("name the column that the model wrote")
                .related(Place::value(Route::root().key("data").key("target")), "the target"),
            );
            continue;
        }
        let numeric = info.kind.is_number() || info.kind == ColumnKind::Empty;
        if parameter != "label" && !numeric {
            found.push(
                Diagnostic::error(
                    Code::PredictionInvalid,
                    Place::value(route),
                    format!("`{name}` holds {}, not numbers", info.kind),
                )
                .label(format!("type {}", info.kind))
                .help("name a numeric column, or declare its type in `data.types`"),
            );
        }
    }
}

fn positive(
    plan: &Plan,
    task: Task,
    kind: Option<&ColumnKind>,
    classes: Option<&Classes>,
    found: &mut Vec<Diagnostic>,
) -> Option<u32> {
    let place = || Place::value(Route::root().key("data").key("positive"));
    let Some(name) = &plan.positive else {
        return classes.and_then(Classes::default_positive);
    };
    if task != Task::Classification {
        found.push(
            Diagnostic::error(
                Code::TaskMisfit,
                Place::key(Route::root().key("data").key("positive")),
                format!("{task} has no positive class"),
            )
            .label("has no meaning here")
            .help("remove `positive`"),
        );
        return None;
    }
    let classes = classes?;
    let code = classes.find(name);
    if code.is_none() {
        let noun = if kind == Some(&ColumnKind::Bool) { "values" } else { "classes" };
        found.push(
            Diagnostic::error(
                Code::UnknownClass,
                place(),
                format!("the target has no class `{name}`"),
            )
            .label("not a class")
            .help(format!("its {noun} are {}", classes.listing())),
        );
    } else if classes.len() > 2 {
        found.push(
            Diagnostic::error(
                Code::UnknownClass,
                Place::key(Route::root().key("data").key("positive")),
                format!("a positive class is for two classes, and there are {}", classes.len()),
            )
            .label("has no meaning here")
            .help("remove `positive`, and say `class` on the metrics that are about one class"),
        );
    }
    code
}
