//! The classes that a spec judges: those of the target, and those that given predictions name.

use super::answers::Answers;
use super::load::{Loaded, load_diagnostic};
use crate::data::{self, Classes, ColumnKind, ColumnName, Label, Request, Task, Truth};
use crate::diagnostic::{Code, Diagnostic, Place, Route, counted};
use crate::kinds::models::Role;
use crate::kinds::splits::Fold;
use crate::plan::{BoundPlan, Plan, Source};

/// The sorted classes over all rows; none where the task has no classes.
///
/// # Errors
/// A target that holds no classes, or a single one, and predictions of another type.
pub fn classes_of(bound: &BoundPlan, loaded: &Loaded) -> Result<Option<Classes>, Diagnostic> {
    let frame = &loaded.frame;
    let target = match (bound.task, &bound.plan.target) {
        (Task::Classification | Task::Clustering, Some(target)) => target,
        (Task::Regression, _) | (_, None) => return Ok(None),
    };
    let at = Place::value(Route::root().key("data").key("target"));
    let of_target = frame.classes(target.value()).map_err(|error| {
        Diagnostic::error(Code::TargetType, at.clone(), error.message).label("no classes").help(
            match bound.plan.model.kind().about().tasks {
                [_] => "choose a target with classes, or a model for regression",
                _ => "choose a target with classes, or say `task: regression`",
            },
        )
    })?;
    let declared = bound.plan.types.iter().any(|(name, _)| **name == *target.value());
    let gap = of_target.labels().iter().find(|label| {
        matches!(label, Label::Text(text) if ["NA", "N/A", "NaN", "null"].iter().any(|word| text.eq_ignore_ascii_case(word)))
    });
    if let (Some(gap), false) = (gap, declared) {
        return Err(Diagnostic::error(
            Code::TargetMissing,
            at,
            format!("some rows have `{gap}` as their `{target}`: a class, or a gap?"),
        )
        .label("could be either")
        .help(format!(
            "for a gap say `null_values: [{gap}]` under `csv`; for a class declare `types: {{ {target}: string }}`"
        )));
    }
    let classes = match bound.plan.model.kind().role() {
        Role::Given(given) => {
            let mut labels = of_target.labels().to_vec();
            let root = Route::root().key("model").key("predictions");
            if let Some(column) = &given.label {
                let predicted =
                    loaded.predictions.as_ref().unwrap_or(frame).classes(column.value()).map_err(
                        |error| {
                            Diagnostic::error(
                                Code::PredictionInvalid,
                                Place::value(root.key("label")),
                                error.message,
                            )
                            .label("no classes")
                        },
                    )?;
                if let (Some(a), Some(b)) = (labels.first(), predicted.labels().first())
                    && std::mem::discriminant(a) != std::mem::discriminant(b)
                {
                    return Err(Diagnostic::error(
                        Code::PredictionInvalid,
                        Place::value(root.key("label")),
                        format!(
                            "`{column}` holds classes such as `{b}`, and the target such as `{a}`"
                        ),
                    )
                    .label("another type than the target")
                    .help("declare the same type for both columns in `data.types`")
                    .related(at, "the target"));
                }
                let other = predicted.labels().iter().find(|label| !labels.contains(label));
                if let (Some(other), Some(_), [_, _]) = (other, &bound.plan.positive, &*labels) {
                    return Err(Diagnostic::error(
                        Code::PredictionInvalid,
                        Place::value(root.key("label")),
                        format!("`{column}` holds `{other}`, which is neither class of the target"),
                    )
                    .label("a third class")
                    .help(format!(
                        "the classes are {}: compare the letters and spaces",
                        of_target.listing()
                    ))
                    .related(at, "the target"));
                }
                labels.extend(predicted.labels().iter().cloned());
            }
            for class in given.probabilities.iter().flat_map(|map| map.keys()) {
                labels.push(label_like(class, of_target.labels().first()));
            }
            Classes::new(labels)
        }
        Role::Learns(_) | Role::Detects(_) | Role::Labels(_) => of_target,
    };
    match classes.labels() {
        [] => Err(Diagnostic::error(Code::TargetMissing, at, "the target has no value at all")
            .label("empty column")
            .help("name the column that holds the known answers")),
        [only] => Err(Diagnostic::error(
            Code::TargetConstant,
            at,
            format!("the target has a single class, `{only}`"),
        )
        .label("one class")
        .help(match bound.plan.limit {
            Some(_) => "raise `limit`: the first rows are all of one class",
            None => "look at `where`, and at the part of the data that the file holds",
        })),
        _ => Ok(Some(classes)),
    }
}

/// The sorted classes of a column over all rows of the data, also those that `where` leaves out; none
/// where it holds no classes.
///
/// # Errors
/// What is wrong with the files or their rows.
pub fn target_classes(plan: &Plan, target: &ColumnName) -> Result<Option<Classes>, Diagnostic> {
    let mut labels = Vec::new();
    for source in [Some(&plan.source), plan.test_source.as_ref()].into_iter().flatten() {
        match file_classes(plan, source, target)? {
            Some(classes) => labels.extend(classes.labels().iter().cloned()),
            None => return Ok(None),
        }
    }
    Ok(Some(Classes::new(labels)))
}

fn file_classes(
    plan: &Plan,
    source: &Source,
    target: &ColumnName,
) -> Result<Option<Classes>, Diagnostic> {
    let derived: Vec<_> =
        plan.derived.iter().map(|(name, sql)| (name.clone(), sql.value())).collect();
    let request = Request {
        path: &source.path,
        format: &source.format,
        columns: Some(&[target.value().into()]),
        types: &plan.types,
        derived: &derived,
        predicate: None,
    };
    let frame = data::load(&request).map_err(|error| load_diagnostic(&error, plan, source))?;
    // A type can widen beyond the rows of the header.
    let kind = frame.columns().get(target.value()).map(|info| info.kind.clone());
    match kind {
        Some(ColumnKind::Integer | ColumnKind::Bool | ColumnKind::Text | ColumnKind::Empty) => {
            let classes = frame.classes(target.value());
            classes.map(Some).map_err(|error| load_diagnostic(&error, plan, source))
        }
        Some(
            ColumnKind::Float | ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Other(_),
        )
        | None => Ok(None),
    }
}

/// Warnings for classes that are judged in a fold and that no training row has.
pub fn never_trained(bound: &BoundPlan, answers: &Answers<'_>, fold: &Fold) -> Vec<Diagnostic> {
    let Truth::Codes { codes, classes } = answers.truth() else { return Vec::new() };
    if bound.task != Task::Classification {
        return Vec::new();
    }
    let mut trained = vec![false; classes.len()];
    fold.train.iter().for_each(|row| trained[codes[*row as usize] as usize] = true);
    let untrained = classes.labels().iter().enumerate().filter(|(code, _)| !trained[*code]);
    let judged =
        |code: usize| fold.test.iter().filter(|row| codes[**row as usize] as usize == code).count();
    untrained
        .map(|(code, label)| (label, judged(code)))
        .filter(|(_, judged)| *judged > 0)
        .map(|(label, judged)| {
            Diagnostic::warning(
                Code::UntrainedClass,
                Place::value(Route::root().key("data").key("target")),
                format!(
                    "class `{label}` has {} to judge and none to train on",
                    counted(judged, "row")
                ),
            )
            .label("one class is not learnt")
            .help("no model can name a class that it never saw: add training rows, or stratify the split")
        })
        .collect()
}

/// A class that a spec names, as a label of the target's type where it reads as one.
fn label_like(name: &str, sample: Option<&Label>) -> Label {
    let converted = match sample {
        Some(Label::Integer(_)) => name.parse().ok().map(Label::Integer),
        Some(Label::Bool(_)) => name.parse().ok().map(Label::Bool),
        Some(Label::Text(_)) | None => None,
    };
    converted.unwrap_or_else(|| Label::Text(name.into()))
}
