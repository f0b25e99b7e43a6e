//! Lowers a `Spec` into a `Plan`: names resolved, ranges and combinations checked.
//! Columns and classes are left to `bind`.

use std::path::Path;

use super::{Metric, Plan, Source, Split, roles, thresholds};
use crate::data::{Format, Task};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity as Weight};
use crate::kinds::metrics::{AnyMetric, Needs, Setting};
use crate::kinds::models::Role;
use crate::kinds::sources::AnySource;
use crate::kinds::splits::{AnySplit, Holdout};
use crate::kinds::{Family, Parameters};
use crate::spec::{self, Spec};

/// Writes out what a spec leaves to defaults. `folder` is where the spec lies.
///
/// # Errors
/// Everything that is wrong with the spec on its own, all at once.
pub fn lower(spec: Spec, folder: &Path) -> Result<Plan, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let source = source(&spec.data.path, folder, &mut found);
    check_kinds(&spec, &mut found);
    let split = split(&spec, &mut found);
    let metrics = metrics(&spec, &mut found);
    let (metrics, thresholds) = thresholds::thresholds(&spec, metrics, &mut found);
    let about = spec.model.kind().about();
    let task = spec.data.task.or(match about.tasks {
        [only] => Some(*only),
        _ => None,
    });
    if let Some(task) = spec.data.task
        && !about.tasks.contains(&task)
    {
        found.push(roles::model_misfit(&spec.model, task));
    }
    for metric in &metrics {
        check_metric(metric, &spec, &mut found);
    }
    if let Some(split) = &spec.data.split {
        roles::check_split(split, task, &mut found);
    }
    if let Some(task) = task.filter(|task| about.tasks.contains(task)) {
        roles::check_task(task, spec.data.target.as_ref(), &metrics, &mut found);
    }
    let types = spec.data.types.iter().map(|(name, kind)| (name.as_str().into(), *kind)).collect();
    let derived =
        spec.data.derive.iter().map(|(name, sql)| (name.as_str().into(), sql.clone())).collect();
    match source {
        Some(source) if found.is_empty() => {
            let mut warnings = thresholds::wrong_sides(&metrics, &thresholds);
            warnings.extend(thresholds::percentages(&metrics, &thresholds));
            let plan = Plan {
                name: spec.name,
                description: spec.description,
                tags: spec.tags,
                source,
                target: spec.data.target,
                task,
                positive: spec.data.positive,
                features: spec.data.features,
                exclude: spec.data.exclude,
                derived,
                predicate: spec.data.predicate,
                types,
                missing_target: spec.data.missing_target,
                split,
                prepare: spec.prepare,
                model: spec.model,
                metrics,
                thresholds,
                warnings,
            };
            Ok(plan)
        }
        _ => Err(found),
    }
}

/// Extensions of the formats that the language will read.
const TO_COME: &[&str] = &["gz", "zst", "ndjson", "jsonl", "arrow", "ipc", "feather"];

/// Whether a path is a URL: a scheme of two letters at least, so that `C:\data` is a path.
fn is_url(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn source(source: &spec::Source, folder: &Path, found: &mut Vec<Diagnostic>) -> Option<Source> {
    let route = Route::root().key("data").key("path");
    let inner = |key: &str| match (&source.format, &source.options) {
        (None, None) => route.clone(),
        _ => route.key(key),
    };
    let path = source.path.value();
    if is_url(path) {
        found.push(
            Diagnostic::error(
                Code::DataUrl,
                Place::value(inner("path")),
                "data is read from files, never fetched from a URL",
            )
            .label("a URL")
            .help("download the data in a step before, and name the local file"),
        );
        return None;
    }
    let extension = Path::new(path).extension().and_then(|text| text.to_str()).unwrap_or_default();
    let extension = extension.to_ascii_lowercase();
    let defaults = |name: &str| AnySource::build(name, Parameters(serde_json::Map::new())).ok();
    let named = source.format.as_deref().and_then(defaults);
    if let (Some(named), Some(options)) = (&named, &source.options)
        && named.name() != options.name()
    {
        found.push(
            Diagnostic::error(
                Code::Exclusive,
                Place::key(route.key(options.name())),
                format!("options of `{}` for a file of format `{}`", options.name(), named.name()),
            )
            .label("another format")
            .related(Place::value(route.key("format")), "the format"),
        );
        return None;
    }
    let by_extension = || {
        let kinds = AnySource::ALL.iter().filter_map(|entry| defaults(entry.name));
        kinds.into_iter().find(|kind| kind.kind().extensions().contains(&extension.as_str()))
    };
    let Some(kind) = source.options.clone().or(named).or_else(by_extension) else {
        let names: Vec<&str> = AnySource::ALL.iter().map(|entry| entry.name).collect();
        if TO_COME.contains(&extension.as_str()) {
            found.push(
                Diagnostic::error(
                    Code::Reserved,
                    Place::value(inner("path")),
                    format!(
                        "`.{extension}` is reserved: this version of mlspec does not read it yet"
                    ),
                )
                .label("not yet")
                .help(format!("convert the file to {}", names.join(" or "))),
            );
            return None;
        }
        found.push(
            Diagnostic::error(
                Code::DataFormat,
                Place::value(inner("path")),
                match extension.as_str() {
                    "" => "the file name has no extension that says its format".to_owned(),
                    other => format!("the extension `.{other}` stands for no format"),
                },
            )
            .label("unknown format")
            .help(match extension.as_str() {
                "xlsx" | "xls" | "ods" => "save the sheet as CSV".to_owned(),
                _ => format!(
                    "say it: `path: {{ path: {}, format: {} }}` (formats: {})",
                    source.path,
                    names[0],
                    names.join(", ")
                ),
            }),
        );
        return None;
    };
    let problems = kind.kind().check();
    if !problems.is_empty() {
        let at = route.key(kind.name());
        found.extend(problems.into_iter().map(|each| each.under(&at, Weight::Error)));
        return None;
    }
    let format: Format = kind.kind().format(&extension);
    Some(Source {
        written: source.path.clone(),
        path: folder.join(path),
        shown: folder.join(source.path.written()),
        kind: kind.name(),
        format,
    })
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

fn split(spec: &Spec, found: &mut Vec<Diagnostic>) -> Option<Split> {
    let root = Route::root();
    match spec.model.kind().role() {
        Role::Learns(_) => Some(match &spec.data.split {
            Some(kind) => Split { kind: kind.clone(), given: true },
            None => Split { kind: AnySplit::Holdout(Holdout::default()), given: false },
        }),
        Role::Given(_) => {
            let mut refuse = |route: Route| {
                found.push(
                    Diagnostic::error(
                        Code::SplitRefused,
                        Place::key(route),
                        "predictions are judged on every row, without training",
                    )
                    .label("has no meaning here")
                    .help("remove it")
                    .related(Place::key(root.key("model").key("predictions")), "given here"),
                );
            };
            if spec.data.split.is_some() {
                refuse(root.key("data").key("split"));
            }
            if spec.prepare.is_some() {
                refuse(root.key("prepare"));
            }
            None
        }
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
    if about.needs == Needs::Probabilities
        && model.kind().about().tasks.contains(&Task::Classification)
        && !model.kind().about().probabilities
    {
        let help = match model.kind().role() {
            Role::Given(_) => "name the columns of the probabilities in `predictions`".to_owned(),
            Role::Learns(_) => "choose a model that predicts probabilities".to_owned(),
        };
        found.push(
            Diagnostic::error(
                Code::MetricNeedsProbabilities,
                Place::key(metric.route.clone()),
                format!("`{}` needs probabilities, and `{}` has none", metric.name, model.name()),
            )
            .label("needs probabilities")
            .help(help)
            .related(Place::key(Route::root().key("model").key(model.name())), "the model"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_paths() {
        for url in ["https://a/b.csv", "s3://bucket/x.parquet", "file:///etc/passwd"] {
            assert!(is_url(url), "{url}");
        }
        for path in ["data/a.csv", "C://data/a.csv", "../x.csv", "a:b.csv"] {
            assert!(!is_url(path), "{path}");
        }
    }
}
