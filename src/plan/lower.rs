//! Lowers a `Spec` into a `Plan`: names resolved, ranges and combinations checked.
//! Columns and classes are left to `bind`.

use std::path::Path;

use super::sources::{self, Sources};
use super::{
    Metric, Plan, Slice, Split, Threshold, importance, misfits, roles, slices, thresholds, weights,
};
use crate::data::Task;
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity as Weight};
use crate::kinds::Family;
use crate::kinds::metrics::{AnyMetric, Needs, Setting, Weighting};
use crate::kinds::models::{Role, Scores};
use crate::kinds::splits::{AnySplit, Holdout};
use crate::spec::Spec;

/// Writes out what a spec leaves to defaults. `folder` is where the spec lies.
///
/// # Errors
/// Everything that is wrong with the spec on its own, all at once.
pub fn lower(spec: Spec, folder: &Path) -> Result<Plan, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let sources = sources::sources(&spec, folder, &mut found);
    check_kinds(&spec, &mut found);
    let split = split(&spec);
    weights::check(&spec, &mut found);
    importance::check(&spec, &mut found);
    let metrics = metrics(&spec, &mut found);
    let slices = slices::slices(&spec, &metrics, &mut found);
    let folds = split.as_ref().map_or(1, |split: &Split| split.kind.kind().about().folds);
    let (metrics, thresholds) = thresholds::thresholds(&spec, metrics, &slices, folds, &mut found);
    let about = spec.model.kind().about();
    let task = spec.data.task.or(match about.tasks {
        [only] => Some(*only),
        _ => None,
    });
    if let Some(task) = spec.data.task
        && !about.tasks.contains(&task)
    {
        misfits::of_named_task(&spec.model, task, &mut found);
    }
    for metric in &metrics {
        check_metric(metric, &spec, &mut found);
        check_weighting(metric, &spec, &mut found);
    }
    if let Some(split) = &spec.data.split {
        roles::check_split(split, task, &mut found);
    }
    if let Some(task) = task.filter(|task| about.tasks.contains(task)) {
        roles::check_task(task, spec.data.target.as_ref(), &metrics, &spec.model, &mut found);
        misfits::of_known_task(&spec.model, task, &mut found);
    }
    if task.is_none() {
        let target = spec.data.target.as_ref();
        roles::check_open_task(target, &metrics, &spec.model, &mut found);
    }
    check_decision(&spec, task, &mut found);
    match sources {
        Some(sources) if found.is_empty() => {
            let mut warnings = thresholds::wrong_sides(&metrics, &thresholds);
            warnings.extend(thresholds::percentages(&metrics, &thresholds));
            let parts = Parts { task, split, metrics, slices, thresholds, warnings };
            Ok(plan(spec, sources, parts))
        }
        _ => Err(found),
    }
}

/// The plan of an unfinished spec: where its data is and how it is read, and nothing of what is
/// done with it. What is wrong with the file of predictions is a warning.
///
/// # Errors
/// What is wrong with how the spec names the files of its data.
pub fn outline(spec: Spec, folder: &Path) -> Result<Plan, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let Some((source, test_source)) = sources::of_data(&spec, folder, &mut found) else {
        return Err(found);
    };
    let predictions_source = sources::of_predictions(&spec, folder, &mut found);
    let sources = Sources { source, test_source, predictions_source };
    let task = spec.data.task;
    Ok(plan(spec, sources, Parts { task, warnings: found, ..Parts::default() }))
}

/// What lowering adds to a spec, beside its files.
#[derive(Default)]
struct Parts {
    task: Option<Task>,
    split: Option<Split>,
    metrics: Vec<Metric>,
    slices: Vec<Slice>,
    thresholds: Vec<Threshold>,
    warnings: Vec<Diagnostic>,
}

fn plan(spec: Spec, sources: Sources, parts: Parts) -> Plan {
    let types = spec.data.types.iter().map(|(name, kind)| (name.as_str().into(), *kind)).collect();
    let derived =
        spec.data.derive.iter().map(|(name, sql)| (name.as_str().into(), sql.clone())).collect();
    Plan {
        name: spec.name,
        description: spec.description,
        tags: spec.tags,
        timeout: spec.timeout,
        source: sources.source,
        test_source: sources.test_source,
        predictions_source: sources.predictions_source,
        target: spec.data.target,
        task: parts.task,
        positive: spec.data.positive,
        features: spec.data.features,
        exclude: spec.data.exclude,
        derived,
        predicate: spec.data.predicate,
        types,
        missing_target: spec.data.missing_target,
        id: spec.data.id,
        weight: spec.data.weight.unwrap_or_default(),
        limit: spec.data.limit,
        split: parts.split,
        prepare: spec.prepare,
        model: spec.model,
        decision: spec.decision.map(|decision| decision.threshold),
        importance: spec.importance.map(|importance| importance.permutation),
        metrics: parts.metrics,
        slices: parts.slices,
        thresholds: parts.thresholds,
        warnings: parts.warnings,
    }
}

fn check_kinds(spec: &Spec, found: &mut Vec<Diagnostic>) {
    let root = Route::root();
    let model = root.key("model").key(spec.model.name());
    found.extend(spec.model.kind().check().into_iter().map(|p| p.under(&model, Weight::Error)));
    for (at, step) in spec.prepare.iter().flatten().enumerate() {
        let at = root.key("prepare").index(at).key(step.name());
        found.extend(step.kind().check().into_iter().map(|p| p.under(&at, Weight::Error)));
    }
}

fn split(spec: &Spec) -> Option<Split> {
    match spec.model.kind().role() {
        Role::Learns(_) | Role::Detects(_) if spec.data.test.is_some() => None,
        Role::Learns(_) | Role::Detects(_) => Some(match &spec.data.split {
            Some(kind) => Split { kind: kind.clone(), given: true },
            None => Split { kind: AnySplit::Holdout(Holdout::default()), given: false },
        }),
        Role::Given(_) | Role::Labels(_) => None,
    }
}

fn metrics(spec: &Spec, found: &mut Vec<Diagnostic>) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for (at, metric) in spec.metrics.iter().enumerate() {
        let kind = metric.kind.name();
        let route = Route::root().key("metrics").index(at).key(kind);
        let name = metric.alias.as_deref().unwrap_or(kind);
        if let Some(alias) = &metric.alias
            && alias != kind
            && AnyMetric::ALL.iter().any(|entry| entry.name == alias)
        {
            found.push(
                Diagnostic::error(
                    Code::MetricName,
                    Place::value(route.key("as")),
                    format!("`{alias}` is the name of another metric"),
                )
                .label("taken")
                .help(format!("choose a name that says more, such as `{kind}_…`")),
            );
            continue;
        }
        if let Some(first) = metrics.iter().find(|other| &*other.name == name) {
            found.push(
                Diagnostic::error(
                    Code::MetricTwice,
                    Place::key(route),
                    format!("`{name}` stands for two measurements"),
                )
                .label("the second")
                .help("give each a name of its own: `as: some_name`")
                .related(Place::key(first.route.clone()), "the first"),
            );
            continue;
        }
        metrics.push(Metric { name: name.into(), kind: metric.kind.clone(), route });
    }
    metrics
}

fn check_metric(metric: &Metric, spec: &Spec, found: &mut Vec<Diagnostic>) {
    let about = metric.kind.kind().about();
    let setting = Setting { classes: None, positive: None };
    let problems = metric.kind.kind().check(&setting);
    found.extend(problems.into_iter().map(|each| each.under(&metric.route, Weight::Error)));
    let model = &spec.model;
    let untimed = match model.kind().role() {
        Role::Learns(_) | Role::Detects(_) => None,
        Role::Given(_) => Some(("given predictions have none", "given here")),
        Role::Labels(_) => Some(("this one does not train and predict apart", "the model")),
    };
    if about.needs == Needs::Times
        && let Some((why, related)) = untimed
    {
        found.push(
            Diagnostic::error(
                Code::MetricMisfit,
                Place::key(metric.route.clone()),
                format!("`{}` times a model, and {why}", metric.name),
            )
            .label("nothing to time")
            .help("remove the metric")
            .related(Place::key(Route::root().key("model").key(model.name())), related),
        );
    }
    let scores = model.kind().about().scores;
    let lacking = match about.needs {
        Needs::Ranks => scores < Scores::Ranks,
        Needs::Probabilities => scores < Scores::Probabilities,
        Needs::Labels
        | Needs::Values
        | Needs::Clusters
        | Needs::Centres
        | Needs::Groups
        | Needs::Times => false,
    };
    if lacking && model.kind().about().tasks.contains(&Task::Classification) {
        found.push(
            Diagnostic::error(
                Code::MetricNeedsProbabilities,
                Place::key(metric.route.clone()),
                format!("`{}` needs probabilities, and `{}` has none", metric.name, model.name()),
            )
            .label("needs probabilities")
            .help(roles::probabilities_help(model))
            .related(Place::key(Route::root().key("model").key(model.name())), "the model"),
        );
    }
}

/// A metric that weights say nothing about is not measured as if they did.
fn check_weighting(metric: &Metric, spec: &Spec, found: &mut Vec<Diagnostic>) {
    let weighted = spec.data.weight.as_ref().is_some_and(|weight| weight.score.is_some());
    if weighted && metric.kind.kind().about().weighting == Weighting::Never {
        found.push(
            Diagnostic::error(
                Code::MetricMisfit,
                Place::key(metric.route.clone()),
                format!("`{}` is defined for rows that count the same only", metric.kind.name()),
            )
            .label("takes no weights")
            .help("remove the metric, or `data.weight.score`")
            .related(
                Place::key(Route::root().key("data").key("weight").key("score")),
                "the weights",
            ),
        );
    }
}

/// A cut needs probabilities of two classes to cut.
fn check_decision(spec: &Spec, task: Option<Task>, found: &mut Vec<Diagnostic>) {
    if spec.decision.is_none() {
        return;
    }
    let about = spec.model.kind().about();
    let root = Route::root();
    let name = spec.model.name();
    let message = if !about.tasks.contains(&Task::Classification)
        || task.is_some_and(|task| task != Task::Classification)
    {
        "a decision is about classes, and this spec has none".to_owned()
    } else if about.scores < Scores::Probabilities {
        format!("a decision needs probabilities, and `{name}` has none")
    } else {
        match spec.model.kind().role() {
            Role::Given(given) if given.label.is_some() => {
                "the predictions bring their `label`, so there is nothing to decide".to_owned()
            }
            Role::Given(_) | Role::Learns(_) | Role::Detects(_) | Role::Labels(_) => return,
        }
    };
    found.push(
        Diagnostic::error(Code::Decision, Place::key(root.key("decision")), message)
            .label("cannot be applied")
            .help("remove `decision`, or choose a model with probabilities of two classes")
            .related(Place::key(root.key("model").key(name)), "the model"),
    );
}
