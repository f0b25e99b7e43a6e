//! What the metrics of classes share: labels, counts per class, and the class that is meant.
//! How the classes become one number is left to `average`.

use ndarray::ArrayView2;

use super::Setting;
use crate::data::{ClassName, Classes, Judged, Prediction, Truth, Undefined};
use crate::diagnostic::{Code, Problem};

/// Truth and predicted class as codes, one a row.
pub struct Labels<'a> {
    pub truth: &'a [u32],
    pub predicted: &'a [u32],
    pub classes: &'a Classes,
}

/// The labels of a classification; anything else was refused by `bind`.
///
/// # Errors
/// No rows, or a prediction of another task.
pub fn labels<'a>(judged: &Judged<'a>) -> Result<Labels<'a>, Undefined> {
    match (judged.truth, judged.prediction) {
        (Truth::Codes { codes: truth, classes }, Prediction::Codes { codes: predicted, .. })
            if !truth.is_empty() =>
        {
            let known = |code: &u32| (*code as usize) < classes.len();
            match truth.iter().zip(predicted).position(|(t, p)| !known(t) || !known(p)) {
                None => Ok(Labels { truth, predicted, classes }),
                Some(row) => {
                    Err(Undefined::ByData(format!("judged row {} has no known class", row + 1)))
                }
            }
        }
        _ => Err(Undefined::ByData("there are no rows to judge".to_owned())),
    }
}

/// The labels with the probabilities, rows × classes, all finite.
///
/// # Errors
/// No rows, no probabilities, another number of them than rows × classes, or one that is not
/// finite.
pub fn probabilities<'a>(
    judged: &Judged<'a>,
) -> Result<(Labels<'a>, ArrayView2<'a, f64>), Undefined> {
    let labels = labels(judged)?;
    let Prediction::Codes { probabilities: Some(probabilities), .. } = judged.prediction else {
        return Err(Undefined::ByData("the model gives no probabilities".to_owned()));
    };
    if probabilities.dim() != (labels.truth.len(), labels.classes.len()) {
        return Err(Undefined::ByData("there is not one probability a row and class".to_owned()));
    }
    let wrong = probabilities.rows().into_iter().position(|row| !row.iter().all(|p| p.is_finite()));
    match wrong {
        None => Ok((labels, probabilities.view())),
        Some(row) => Err(Undefined::ByData(format!(
            "a probability in judged row {} is not a finite number",
            row + 1
        ))),
    }
}

/// What the rows say about one class, or about all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the class that were predicted as it.
    pub right: u64,
    /// Rows of the class.
    pub actual: u64,
    /// Rows predicted as the class.
    pub predicted: u64,
}

impl Counts {
    /// Whether some row is of the class or was predicted as it.
    pub fn is_present(self) -> bool {
        self.actual + self.predicted > 0
    }
}

/// The counts of each class, in the order of the codes.
pub fn counts(labels: &Labels<'_>) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); labels.classes.len()];
    for (&truth, &predicted) in labels.truth.iter().zip(labels.predicted) {
        counts[truth as usize].actual += 1;
        counts[predicted as usize].predicted += 1;
        if truth == predicted {
            counts[truth as usize].right += 1;
        }
    }
    counts
}

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
        let names: Vec<String> = labels.map(|label| format!("`{label}`")).collect();
        let names = names.join(", ");
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

/// One class against the rest: the rows of each kind of right and wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgainstRest {
    /// Rows of the class that were predicted as it.
    pub found: u64,
    /// Rows of the class that were not.
    pub missed: u64,
    /// Rows of the rest that were predicted as the class.
    pub alarms: u64,
    /// Rows of the rest that were not.
    pub passed: u64,
}

/// The labels, the class that is meant, and its rows against the rest.
///
/// # Errors
/// No rows, or a class that `check` would have refused.
pub fn against_rest<'a>(
    class: Option<&ClassName>,
    judged: &Judged<'a>,
) -> Result<(Labels<'a>, u32, AgainstRest), Undefined> {
    let labels = labels(judged)?;
    let code = one_class(class, judged, labels.classes)?;
    let Counts { right, actual, predicted } = counts(&labels)[code as usize];
    let rows = labels.truth.len() as u64;
    let rest = AgainstRest {
        found: right,
        missed: actual - right,
        alarms: predicted - right,
        passed: rows + right - actual - predicted,
    };
    Ok((labels, code, rest))
}

/// Why a class cannot be told from the rest: no judged row is of it, or all are.
pub fn one_sided(labels: &Labels<'_>, class: u32) -> Undefined {
    let name = &labels.classes.labels()[class as usize];
    Undefined::ByData(match labels.truth.contains(&class) {
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

/// The problem of a parameter without a default that was not given.
pub fn missing_parameter(metric: &str, parameter: &str, example: &str) -> Problem {
    Problem::of_kind(Code::MissingKey, format!("{metric} needs `{parameter}`"))
        .label(format!("`{parameter}` is missing"))
        .help(format!("write `- {metric}: {{ {parameter}: {example} }}` under `metrics`"))
}

/// Two parameters that answer the same question; points at the second.
pub fn exclusive(first: &str, second: &str) -> Problem {
    Problem::of_parameter(
        Code::Exclusive,
        second,
        format!("`{first}` and `{second}` exclude each other"),
    )
    .label(format!("`{first}` is given too"))
    .help(format!("keep `{first}` to combine the classes, or `{second}` for one against the rest"))
}

/// The problem of a `class` that the target does not have.
pub fn unknown_class(name: &ClassName, classes: &Classes) -> Option<Problem> {
    if classes.find(name).is_some() {
        return None;
    }
    let written = name.to_string();
    let likeness = |label: &str| {
        strsim::normalized_damerau_levenshtein(&label.to_lowercase(), &written.to_lowercase())
    };
    let nearest = classes
        .labels()
        .iter()
        .map(|label| (likeness(&label.to_string()), label))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let listing = classes.listing();
    let help = match nearest {
        Some((_, label)) => format!("did you mean `{label}`? The classes are {listing}"),
        None => format!("the classes are {listing}"),
    };
    Some(
        Problem::of_parameter(
            Code::UnknownClass,
            "class",
            format!("the target has no class `{written}`"),
        )
        .label("no such class")
        .help(help),
    )
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
    use super::super::samples::{Sample, words};
    use super::*;

    #[test]
    fn counts_are_per_class() {
        let sample = Sample::classes(3, &[0, 0, 1, 2], &[0, 1, 1, 1]);
        let counts = counts(&labels(&sample.judged()).unwrap());
        let of = |right, actual, predicted| Counts { right, actual, predicted };
        assert_eq!(counts, [of(1, 2, 1), of(1, 1, 3), of(0, 1, 0)]);
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
