//! The columns that the model learns from, and what each step works on.

use std::sync::Arc;

use super::{Plan, Source, Step, others};
use crate::data::{Classes, ColumnInfo, ColumnKind, ColumnSelector, Columns, Task};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::{Preparation, Role};
use crate::kinds::transforms::{AnyTransform, DropCategory, Impute, Makes, OneHot, Standardize};
use crate::text::nearest;

/// A name that the data does not have.
pub fn unknown_column(place: Place, name: &str, columns: &Columns, plan: &Plan) -> Diagnostic {
    unknown_column_of(place, name, columns, &plan.source)
}

/// A name that a file does not have.
pub fn unknown_column_of(
    place: Place,
    name: &str,
    columns: &Columns,
    source: &Source,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        Code::UnknownColumn,
        place,
        format!("`{}` has no column `{name}`", source.written),
    );
    if name.contains(['*', '?']) {
        return diagnostic.label("matches no column").help(listing(columns));
    }
    match nearest(name, columns.names()) {
        Some(near) => diagnostic.did_you_mean(name, &near),
        None => diagnostic.label("no such column").help(listing(columns)),
    }
}

fn listing(columns: &Columns) -> String {
    let shown: Vec<String> = columns.names().take(12).map(|name| format!("`{name}`")).collect();
    match columns.infos.len().saturating_sub(12) {
        0 => format!("the columns are {}", shown.join(", ")),
        more => format!("the columns are {} and {more} more", shown.join(", ")),
    }
}

/// The features: what `features` picks, or all, without what has another role or is excluded.
pub fn features(plan: &Plan, columns: &Columns, found: &mut Vec<Diagnostic>) -> Vec<ColumnInfo> {
    let data = Route::root().key("data");
    let from_target = plan.derived_from_target();
    for (at, item) in plan.features.iter().flat_map(|selector| selector.items().iter().enumerate())
    {
        let answer = if plan.target.as_ref().is_some_and(|target| target.value() == item.value()) {
            "is the target"
        } else if from_target.contains(&item.value()) {
            "is derived from the target"
        } else {
            continue;
        };
        found.push(
            Diagnostic::error(
                Code::Exclusive,
                Place::value(data.key("features").index(at)),
                format!("`{item}` {answer}, so it cannot be a feature"),
            )
            .label("the answer itself")
            .help("remove it from `features`")
            .related(Place::value(data.key("target")), "the target"),
        );
    }
    let mut pick = |selector: &ColumnSelector, key: &str| {
        let (picked, unused) = selector.bind(columns.names());
        for at in unused {
            let place = Place::value(data.key(key).index(at));
            found.push(unknown_column(place, selector.items()[at].written(), columns, plan));
        }
        picked
    };
    let included = plan.features.as_ref().map(|selector| pick(selector, "features"));
    let excluded = plan.exclude.as_ref().map(|selector| pick(selector, "exclude"));
    if plan.model.kind().about().preparation == Preparation::Nothing {
        return Vec::new();
    }
    let with_a_role = others::with_a_role(plan);
    let of_target = plan.sources_of_target();
    let named = |name: &str| {
        plan.features.iter().flat_map(ColumnSelector::items).any(|item| item.value() == name)
    };
    let mut features = Vec::new();
    for (at, info) in columns.infos.iter().enumerate() {
        let has_a_role = with_a_role.contains(&&*info.name) || of_target.contains(&info.name);
        if has_a_role && !named(&info.name) {
            continue;
        }
        let is_target = plan.target.as_ref().is_some_and(|target| target.value() == &*info.name)
            || from_target.contains(&&*info.name);
        let wanted = included.as_ref().is_none_or(|picked| picked[at]);
        if is_target || !wanted || excluded.as_ref().is_some_and(|picked| picked[at]) {
            continue;
        }
        if info.kind.is_moment() {
            found.push(moment_as_feature(plan, info));
            continue;
        }
        if let ColumnKind::Other(kind) = &info.kind {
            found.push(
                Diagnostic::error(
                    Code::DataColumnType,
                    Place::value(if included.is_some() {
                        data.key("features")
                    } else {
                        plan.source.route.clone()
                    }),
                    format!("column `{}` is of type {kind}, which no model takes", info.name),
                )
                .label("holds this column")
                .help(format!("write `exclude: [{}]` in `data`", info.name)),
            );
            continue;
        }
        if columns.rows.is_some_and(|rows| rows > 0 && info.missing == Some(rows)) {
            found.push(
                Diagnostic::error(
                    Code::AllNull,
                    plan.origin(&info.name),
                    format!("column `{}` has no value at all", info.name),
                )
                .label("holds this column")
                .help(format!("write `exclude: [{}]` in `data`", info.name)),
            );
            continue;
        }
        features.push(info.clone());
    }
    if features.is_empty() && found.is_empty() {
        let key = if plan.features.is_some() { "features" } else { "exclude" };
        found.push(
            Diagnostic::error(
                Code::NoFeatures,
                Place::key(if plan.features.is_some() || plan.exclude.is_some() {
                    data.key(key)
                } else {
                    plan.source.route.clone()
                }),
                "no column is left to learn from",
            )
            .label("leaves nothing")
            .help(listing(columns)),
        );
    }
    features
}

/// A column of dates, which models cannot add or compare.
fn moment_as_feature(plan: &Plan, info: &ColumnInfo) -> Diagnostic {
    let name = &info.name;
    let derived = plan.is_derived(name);
    let place = match plan.features {
        Some(_) if !derived => Place::value(Route::root().key("data").key("features")),
        _ => plan.origin(name),
    };
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let derive = if plain {
        format!(
            ", or derive numbers from it: `derive: {{ {name}_year: \"extract(year from {name})\" }}`"
        )
    } else {
        String::new()
    };
    Diagnostic::error(
        Code::DataColumnType,
        place,
        format!("column `{name}` is of type {}, which no model takes", info.kind),
    )
    .label(if derived { "no feature" } else { "holds this column" })
    .help(format!("write `exclude: [{name}]`{derive}"))
}

/// The steps: the author's, or what the model needs.
pub fn steps(plan: &Plan, features: &[ColumnInfo]) -> Vec<Step> {
    if let Some(steps) = &plan.prepare {
        return steps
            .iter()
            .enumerate()
            .map(|(at, kind)| {
                let route = Route::root().key("prepare").index(at).key(kind.name());
                Step { kind: kind.clone(), route: Some(route) }
            })
            .collect();
    }
    if matches!(plan.model.kind().role(), Role::Given(_)) {
        return Vec::new();
    }
    let preparation = plan.model.kind().about().preparation;
    let any = |suits: fn(&ColumnKind) -> bool| features.iter().any(|info| suits(&info.kind));
    let auto = |kind| Step { kind, route: None };
    let mut steps = Vec::new();
    if preparation >= Preparation::Numbers && !features.is_empty() {
        steps.push(auto(AnyTransform::Impute(Impute::default())));
    }
    if preparation >= Preparation::Numbers && any(|kind| *kind == ColumnKind::Text) {
        let drop = match preparation {
            Preparation::Independent => DropCategory::First,
            Preparation::Nothing
            | Preparation::Native
            | Preparation::Numbers
            | Preparation::Scaled => DropCategory::None,
        };
        steps.push(auto(AnyTransform::OneHot(OneHot { drop, ..OneHot::default() })));
    }
    if preparation == Preparation::Scaled && !features.is_empty() {
        steps.push(auto(AnyTransform::Standardize(Standardize::default())));
    }
    steps
}

/// Follows the columns through the author's steps, to find names that no step can work on before
/// any row is read. New columns are known by how their names begin only.
pub fn check_steps(
    plan: &Plan,
    features: &[ColumnInfo],
    columns: &Columns,
    steps: &[Step],
    classes: Option<&Classes>,
    found: &mut Vec<Diagnostic>,
) {
    let several = classes.is_some_and(|classes| classes.len() > 2);
    let mut current: Vec<ColumnInfo> = features.to_vec();
    let mut prefixes: Vec<String> = Vec::new();
    // Columns that a step may have dropped.
    let mut uncertain: Vec<Arc<str>> = Vec::new();
    for step in steps {
        let (about, Some(route)) = (step.kind.kind().about(), &step.route) else { continue };
        if let Some(selector) = about.columns {
            let (picked, unused) = selector.bind(current.iter().map(|info| &*info.name));
            for at in unused {
                let name = selector.items()[at].written();
                if prefixes.iter().any(|prefix| name.starts_with(prefix) || name.contains('*')) {
                    continue;
                }
                let place = Place::value(route.key("columns").index(at));
                let dropped = columns.get(name).is_some();
                found.push(if dropped {
                    Diagnostic::error(
                        Code::StepColumns,
                        place,
                        format!("`{name}` is not a feature at this step"),
                    )
                    .label("not a feature here")
                    .help("it is the target, excluded, or replaced by a step before")
                } else {
                    unknown_column(place, name, columns, plan)
                });
            }
            for (info, _) in current.iter().zip(&picked).filter(|(_, picked)| **picked) {
                if !(about.suits)(&info.kind) && info.kind != ColumnKind::Empty {
                    let items = selector.items();
                    let exact = items.iter().position(|item| item.value() == &*info.name);
                    let at = match exact {
                        Some(at) => route.key("columns").index(at),
                        None => route.key("columns"),
                    };
                    found.push(cannot_work_on(Place::value(at), step.kind.name(), info));
                }
            }
        }
        if about.makes == Makes::SameColumns {
            continue;
        }
        let infos: Vec<_> =
            current.iter().map(|info| (info.name.clone(), info.kind.clone())).collect();
        let mut picked = selected(&step.kind, &infos).into_iter();
        current.retain_mut(|info| {
            if picked.next() != Some(true) {
                return true;
            }
            match about.makes {
                Makes::SameColumns => {}
                Makes::Numbers => info.kind = ColumnKind::Float,
                Makes::SomeColumns => uncertain.push(info.name.clone()),
                Makes::AndProducts => {
                    prefixes.extend([format!("{}^", info.name), format!("{} ", info.name)]);
                }
                Makes::PrefixedColumns => prefixes.push(format!("{}_", info.name)),
                // Without the classes both forms are possible.
                Makes::TargetMeans => {
                    info.kind = ColumnKind::Float;
                    prefixes.push(format!("{}_", info.name));
                }
                Makes::NumberedColumns(name) => prefixes.push(name.to_owned()),
            }
            match about.makes {
                Makes::PrefixedColumns | Makes::NumberedColumns(_) => false,
                Makes::TargetMeans => !several,
                Makes::SameColumns | Makes::Numbers | Makes::SomeColumns | Makes::AndProducts => {
                    true
                }
            }
        });
    }
    let numbers = plan.model.kind().about().preparation >= Preparation::Numbers;
    let categories =
        |info: &&ColumnInfo| info.kind == ColumnKind::Text && !uncertain.contains(&info.name);
    if let (true, true, Some(left)) =
        (plan.prepare.is_some(), numbers, current.iter().find(categories))
    {
        found.push(still_categories(&left.name));
    }
}

/// Steps that learn from a target, where the task has none.
pub fn check_answers(task: Task, steps: &[Step], found: &mut Vec<Diagnostic>) {
    for step in steps {
        let (Task::Clustering, Makes::TargetMeans, Some(route)) =
            (task, step.kind.kind().about().makes, &step.route)
        else {
            continue;
        };
        let message =
            format!("`{}` learns from a target, and clustering has none", step.kind.name());
        found.push(
            Diagnostic::error(Code::TaskMisfit, Place::key(route.clone()), message)
                .label("no target to learn from")
                .help("use `one_hot` or `ordinal`"),
        );
    }
}

/// A column of categories that no step turned into numbers.
pub fn still_categories(column: &str) -> Diagnostic {
    Diagnostic::error(
        Code::NotNumber,
        Place::key(Route::root().key("prepare")),
        format!("`{column}` still holds categories when it reaches the model"),
    )
    .label("leaves categories")
    .help("add the step `one_hot`, or exclude the column")
}

/// A step named a column of a type that it does not take.
pub fn cannot_work_on(place: Place, step: &str, info: &ColumnInfo) -> Diagnostic {
    Diagnostic::error(
        Code::StepColumns,
        place,
        format!("`{step}` cannot work on `{}`, a column of type {}", info.name, info.kind),
    )
    .label(format!("type {}", info.kind))
    .help("take the column out of `columns`, or declare its type in `data.types`")
}

/// Which of the columns a step works on. `names` and `kinds` describe the columns at this step.
pub fn selected(step: &AnyTransform, infos: &[(Arc<str>, ColumnKind)]) -> Vec<bool> {
    let about = step.kind().about();
    match about.columns {
        Some(selector) => selector.bind(infos.iter().map(|(name, _)| &**name)).0,
        None => infos.iter().map(|(_, kind)| (about.suits)(kind)).collect(),
    }
}
