//! Binds a `Plan` to the columns of its data: names, types, features, task, steps.
//! With the columns of a file's header some questions stay open; with those of the whole table,
//! and the classes of the target, none do.

use super::features::{self, unknown_column, unknown_column_of};
use super::{BoundPlan, Plan, derive, importance, misfits, others, roles};
use crate::data::{Classes, ColumnKind, Columns, Task, check_predicate};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
use crate::kinds::metrics::{Needs, Setting};
use crate::kinds::models::{Role, Scores};

/// What is known of the data.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub columns: &'a Columns,
    /// The columns of the file of predictions, where there is one.
    pub predictions: Option<&'a Columns>,
    /// The classes of the target, once the rows have been read.
    pub classes: Option<&'a Classes>,
}

/// Fits the plan to the data, as far as it is known; the derived columns are among the columns.
///
/// # Errors
/// Everything in the spec that does not fit the data, all at once.
pub fn bind(plan: Plan, known: Known<'_>) -> Result<BoundPlan, Vec<Diagnostic>> {
    let Known { columns, classes, .. } = known;
    let mut found = Vec::new();
    let data = Route::root().key("data");
    for (name, _) in &plan.types {
        let place = Place::key(data.key("types").key(name));
        if plan.is_derived(name) {
            found.push(
                Diagnostic::error(
                    Code::Exclusive,
                    place,
                    format!("`{name}` is derived, so its type follows from its SQL"),
                )
                .label("not a column of the file")
                .help("say the type in the SQL: `CAST(… AS DOUBLE)`")
                .related(Place::key(data.key("derive").key(name)), "derived here"),
            );
        } else if columns.get(name).is_none() {
            found.push(unknown_column(place, name, columns, &plan));
        }
    }
    check_where(&plan, columns, &mut found);
    check_predictions(&plan, known, &mut found);
    let others = others::others(&plan, columns, &mut found);
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
        features::check_steps(&plan, &features, columns, &steps, classes, &mut found);
        misfits::of_one_feature(&plan, &features, &steps, &mut found);
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
        roles::check_task(task, plan.target.as_ref(), &plan.metrics, &plan.model, &mut found);
        misfits::of_known_task(&plan.model, task, &mut found);
    }
    let positive = positive(&plan, task, target.map(|info| &info.kind), classes, &mut found);
    check_decision(&plan, task, classes, positive, &mut found);
    check_anomalies(&plan, task, classes, positive, &mut found);
    check_ranks(&plan, task, classes, &mut found);
    if let Some(classes) = classes.filter(|_| task == Task::Classification) {
        misfits::of_named_classes(&plan.model, classes, &mut found);
    }
    let setting = Setting { classes, positive };
    importance::check_bound(&plan, task, &steps, &features, setting, &mut found);
    if task == Task::Classification && classes.is_some() && found.len() == before {
        for metric in &plan.metrics {
            let problems = metric.kind.kind().check(&setting);
            found.extend(problems.into_iter().map(|p| p.under(&metric.route, Severity::Error)));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let mut left_to_run = Vec::new();
    if plan.target.is_some() && task != Task::Regression && classes.is_none() {
        left_to_run.push("the classes of the target".to_owned());
    }
    if columns.rows.is_none() {
        left_to_run.push("types and gaps beyond the first rows".to_owned());
    }
    Ok(BoundPlan {
        plan,
        task,
        features,
        classes: classes.cloned(),
        positive,
        steps,
        others,
        left_to_run,
    })
}

fn check_where(plan: &Plan, columns: &Columns, found: &mut Vec<Diagnostic>) {
    let Some(predicate) = &plan.predicate else { return };
    if let Err(error) = check_predicate(predicate.value(), Some(columns)) {
        let route = Route::root().key("data").key("where");
        found.push(derive::refused(route, predicate, error));
    }
}

fn check_predictions(plan: &Plan, known: Known<'_>, found: &mut Vec<Diagnostic>) {
    let Role::Given(given) = plan.model.kind().role() else { return };
    let root = Route::root().key("model").key("predictions");
    let (columns, source) = match (&plan.predictions_source, known.predictions) {
        (Some(source), Some(columns)) => (columns, source),
        _ => (known.columns, &plan.source),
    };
    if let (Some(_), Some(on)) = (&plan.predictions_source, &given.on)
        && columns.get(on.value()).is_none()
    {
        let place = Place::value(root.key("on"));
        found.push(unknown_column_of(place, on.written(), columns, source));
    }
    let same_file = plan.predictions_source.is_none();
    for (parameter, class, name) in given.columns() {
        let route = root.key(parameter);
        let route = class.map_or_else(|| route.clone(), |class| route.key(class));
        let Some(info) = columns.get(name.value()) else {
            let place = Place::value(route);
            found.push(unknown_column_of(place, name.written(), columns, source));
            continue;
        };
        if same_file && plan.target.as_ref().is_some_and(|target| target.value() == name.value()) {
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

/// The rows tell whether there are two classes to decide between, and which of them is positive.
fn check_decision(
    plan: &Plan,
    task: Task,
    classes: Option<&Classes>,
    positive: Option<u32>,
    found: &mut Vec<Diagnostic>,
) {
    let (Some(_), Some(classes), Task::Classification) = (plan.decision, classes, task) else {
        return;
    };
    let (message, help) = match (classes.len(), positive) {
        (2, Some(_)) => return,
        (2, None) => (
            format!("which class is decided for? The classes are {}", classes.listing()),
            "say `data.positive`".to_owned(),
        ),
        (n, _) => (
            format!("a decision is between two classes, and there are {n}"),
            "remove `decision`".to_owned(),
        ),
    };
    found.push(
        Diagnostic::error(Code::Decision, Place::key(Route::root().key("decision")), message)
            .label("cannot be applied")
            .help(help),
    );
}

/// A model that finds anomalies needs to know which of two classes they are.
fn check_anomalies(
    plan: &Plan,
    task: Task,
    classes: Option<&Classes>,
    positive: Option<u32>,
    found: &mut Vec<Diagnostic>,
) {
    let (Role::Detects(_), Some(classes), Task::Classification) =
        (plan.model.kind().role(), classes, task)
    else {
        return;
    };
    let name = plan.model.name();
    let (message, help) = match (classes.len(), positive) {
        (2, Some(_)) => return,
        // A positive class that the target lacks has its own finding.
        (2, None) if plan.positive.is_some() => return,
        (2, None) => (
            format!("which class are the anomalies? The classes are {}", classes.listing()),
            "say `positive` in `data`",
        ),
        (n, _) => (
            format!("`{name}` tells anomalies from all other rows, and the target has {n} classes"),
            "derive a target that is true for the anomalies: `derive` in `data`",
        ),
    };
    found.push(
        Diagnostic::error(
            Code::AnomalyClass,
            Place::value(Route::root().key("data").key("target")),
            message,
        )
        .label("anomalies are one of two classes")
        .help(help)
        .related(Place::key(Route::root().key("model").key(name)), "finds anomalies"),
    );
}

/// Scores that only rank do so for two classes; the rows tell how many there are.
fn check_ranks(plan: &Plan, task: Task, classes: Option<&Classes>, found: &mut Vec<Diagnostic>) {
    let count = classes.map_or(0, Classes::len);
    let model = &plan.model;
    let ranks = model.kind().about().scores == Scores::Ranks;
    if task != Task::Classification
        || !ranks
        || count <= 2
        || matches!(model.kind().role(), Role::Detects(_))
    {
        return;
    }
    for metric in &plan.metrics {
        if metric.kind.kind().about().needs == Needs::Ranks {
            let name = model.name();
            found.push(
                Diagnostic::error(
                    Code::MetricNeedsProbabilities,
                    Place::key(metric.route.clone()),
                    format!(
                        "`{}` needs probabilities: `{name}` ranks the rows of two classes, and there \
                         are {count}",
                        metric.name
                    ),
                )
                .label("needs probabilities")
                .help(roles::probabilities_help(model))
                .related(Place::key(Route::root().key("model").key(name)), "the model"),
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
