//! What the metrics of classes share: labels, the class that is meant, and what is wrong with either.
//! Counting is left to `counts`, and how the classes become one number to `average`.

use std::borrow::Cow;

use rayon::prelude::*;

use super::Setting;
use crate::data::{ClassName, Classes, Judged, Prediction, Truth, Undefined};
use crate::diagnostic::{Code, Near, Problem};
use crate::kinds::Rule;

/// Truth and predicted class as codes, one a row.
pub struct Labels<'a> {
    pub truth: &'a [u32],
    pub predicted: Cow<'a, [u32]>,
    pub classes: &'a Classes,
    /// One weight a row; none where all rows count the same.
    pub weights: Option<&'a [f64]>,
}

/// The labels of a classification; anything else was refused by `bind`.
///
/// # Errors
/// No rows, a prediction of another task, or not one prediction and weight a row.
pub fn labels<'a>(judged: &Judged<'a>) -> Result<Labels<'a>, Undefined> {
    let (Truth::Codes { codes: truth, classes }, Prediction::Codes { codes: predicted, .. }) =
        (judged.truth, judged.prediction)
    else {
        return Err(Undefined::ByData("there are no classes to judge".to_owned()));
    };
    if truth.is_empty() {
        return Err(Undefined::ByData("there are no rows to judge".to_owned()));
    }
    let weights = judged.weights;
    if predicted.len() != truth.len() || weights.is_some_and(|each| each.len() != truth.len()) {
        return Err(Undefined::ByData("there is not one prediction and weight a row".to_owned()));
    }
    let is_known = |code: u32| (code as usize) < classes.len();
    // The largest code, not the first wrong one: a loop without an early end is many times as fast.
    let all_known = |codes: &[u32]| is_known(codes.iter().copied().fold(0, u32::max));
    if ![truth, predicted].iter().all(|codes| codes.par_chunks(1 << 16).all(all_known)) {
        let wrong = |(t, p): (&u32, &u32)| !is_known(*t) || !is_known(*p);
        let row = truth.iter().zip(predicted).position(wrong).unwrap_or_default();
        return Err(Undefined::ByData(format!("judged row {} has no known class", row + 1)));
    }
    Ok(Labels { truth, predicted: Cow::Borrowed(predicted), classes, weights })
}

/// How many classes a reason names.
const SHOWN: usize = 8;

/// Why a class has no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It has rows, but the model never answers it.
    NeverPredicted,
    /// No row is of the class.
    NoTrueRow,
    /// No row is of the class, and the model never answers it.
    Absent,
}

impl Missing {
    /// The reason for these classes, of which there is at least one.
    pub fn of(self, classes: &Classes, codes: &[usize]) -> Undefined {
        let labels = codes.iter().filter_map(|code| classes.labels().get(*code));
        let names: Vec<String> = labels.take(SHOWN).map(|label| format!("`{label}`")).collect();
        let names = match codes.len().saturating_sub(SHOWN) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        };
        let (noun, is, has) = match codes {
            [_] => ("class", "is", "has"),
            _ => ("classes", "are", "have"),
        };
        match self {
            Self::NeverPredicted => {
                Undefined::ByModel(format!("{noun} {names} {is} never predicted"))
            }
            Self::NoTrueRow => Undefined::ByData(format!(
                "{noun} {names} {is} predicted, but {has} no row among those judged"
            )),
            Self::Absent => Undefined::ByData(format!(
                "{noun} {names} {has} no row among those judged, and {is} not predicted either"
            )),
        }
    }
}

/// The code of the class that a metric is about: the one named, else the positive one.
///
/// # Errors
/// A class that `check` would have refused.
pub fn one_class(
    class: Option<&ClassName>,
    judged: &Judged<'_>,
    classes: &Classes,
) -> Result<u32, Undefined> {
    let code = match class {
        Some(name) => classes.find(name),
        None => judged.positive.filter(|code| (*code as usize) < classes.len()),
    };
    code.ok_or_else(|| Undefined::ByData("the class to measure is not known".to_owned()))
}

/// Why a class cannot be told from the rest: no judged row is of it, or all are. A row that weighs
/// nothing does not count.
pub fn one_sided(labels: &Labels<'_>, class: u32) -> Undefined {
    let name = &labels.classes.labels()[class as usize];
    let counts = |row: usize| labels.weights.is_none_or(|weights| weights[row] > 0.0);
    let mut of_class = labels.truth.iter().enumerate().filter(|(_, truth)| **truth == class);
    Undefined::ByData(match of_class.any(|(row, _)| counts(row)) {
        true => format!("all judged rows are of class {name}"),
        false => format!("no judged row is of class {name}"),
    })
}

/// What keeps a metric of one class, which has no average, from being clear.
pub fn check_one_class(
    metric: &'static str,
    class: Option<&ClassName>,
    setting: &Setting<'_>,
) -> Vec<Problem> {
    let Some(classes) = setting.classes else { return Vec::new() };
    let problem = match class {
        Some(name) => unknown_class(name, classes),
        None if classes.len() > 2 => Some(
            Problem::of_kind(
                Code::MetricNeedsAverage,
                format!("{metric} is about one class, but the target has {}", classes.len()),
            )
            .label("needs `class`")
            .help(format!("add `class:` with one of {}", classes.listing())),
        ),
        None => unknown_positive(metric, setting),
    };
    problem.into_iter().collect()
}

/// A parameter that has no default.
pub fn required(metric: &str, parameter: &'static str, example: &str) -> Rule {
    let whole = format!("{metric}: {{ {parameter}: {example} }}");
    Rule::required(metric, parameter, &whole).help(format!("write `- {whole}` under `metrics`"))
}

/// Two parameters that answer the same question; the second is the one too many.
pub fn exclusive(first: &'static str, second: &'static str) -> Rule {
    Rule::excludes(first, second).help(format!(
        "keep `{first}` to combine the classes, or `{second}` for one against the rest"
    ))
}

/// The problem of a `class` that the target does not have.
pub fn unknown_class(name: &ClassName, classes: &Classes) -> Option<Problem> {
    if classes.find(name).is_some() {
        return None;
    }
    let written = name.to_string();
    let near = Near::likest(&written, classes.labels().iter().map(ToString::to_string));
    let listing = classes.listing();
    let help = match &near {
        Some(near) => format!("{} The classes are {listing}", near.question()),
        None => format!("the classes are {listing}"),
    };
    let problem = Problem::of_parameter(
        Code::UnknownClass,
        "class",
        format!("the target has no class `{written}`"),
    )
    .label("no such class")
    .help(help);
    Some(match near {
        Some(near) => problem.instead(&written, &near),
        None => problem,
    })
}

/// The problem of a binary metric that does not know which class is positive.
pub fn unknown_positive(metric: &str, setting: &Setting<'_>) -> Option<Problem> {
    let classes = setting.classes?;
    if setting.positive.is_some() {
        return None;
    }
    let names: Vec<String> = classes.labels().iter().map(|label| format!("`{label}`")).collect();
    let last = classes.labels().last()?;
    Some(
        Problem::of_kind(
            Code::MetricNeedsPositive,
            format!("{metric} needs to know which class is positive: {}", names.join(" or ")),
        )
        .label("the positive class is not known")
        .help(format!("say `positive: {last}` under `data`, or `class: {last}` here")),
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, by_data, words};
    use super::*;

    #[test]
    fn a_row_of_an_unknown_class_is_named() {
        let reason = |truth: &[u32], predicted: &[u32]| {
            labels(&Sample::classes(2, truth, predicted).judged())
                .err()
                .map(|why| by_data(Err(why)))
        };
        assert_eq!(reason(&[0, 1], &[0, 1]), None);
        let wrong = "judged row 2 has no known class";
        assert_eq!(reason(&[0, 2], &[0, 1]).as_deref(), Some(wrong));
        assert_eq!(reason(&[0, 1, 7], &[0, 9, 1]).as_deref(), Some(wrong));
        let short = "there is not one prediction and weight a row";
        assert_eq!(reason(&[0, 1], &[0]).as_deref(), Some(short));
        let unweighted = Sample::classes(2, &[0, 1], &[0, 1]).weighted(&[1.0]);
        assert_eq!(by_data(unweighted.measure(serde_json::json!("accuracy"))), short);
    }

    #[test]
    fn many_classes_are_not_all_listed() {
        let sample = Sample::classes(12, &[0], &[0]);
        let codes: Vec<usize> = (0..11).collect();
        assert_eq!(
            Missing::NeverPredicted.of(&sample.classes, &codes).reason(),
            "classes `0`, `1`, `2`, `3`, `4`, `5`, `6`, `7` and 3 more are never predicted"
        );
    }

    #[test]
    fn messages_name_the_classes() {
        let classes = words(&["Adelie", "Chinstrap", "Gentoo"]);
        let help = unknown_class(&ClassName::new("gento"), &classes).unwrap().help.unwrap();
        assert_eq!(help, "did you mean `Gentoo`? The classes are Adelie, Chinstrap, Gentoo");
        let two = words(&["no", "yes"]);
        let setting = Setting { classes: Some(&two), positive: None };
        let message = unknown_positive("f1", &setting).unwrap().message;
        assert_eq!(message, "f1 needs to know which class is positive: `no` or `yes`");
    }
}
