//! Predictions that were made elsewhere: reads and checks the columns that hold them.

use ndarray::Array2;
use rayon::prelude::*;

use super::load::data_cell;
use crate::data::{ClassName, Classes, Frame, LoadError, MISSING, Prediction, Task, Truth};
use crate::diagnostic::{Code, Diagnostic, Place, Route, number};
use crate::kinds::models::{Predictions, Role};
use crate::plan::{BoundPlan, Plan};

/// How far the probabilities of a row may be from 1 in sum.
const SUM_TOLERANCE: f64 = 1e-6;

/// The predictions of every row: columns of the data, or of the file that was joined to it.
///
/// # Errors
/// A prediction that is missing, or a probability that is none, with its row.
pub fn read(
    bound: &BoundPlan,
    frame: &Frame,
    joined: Option<&Frame>,
) -> Result<Prediction, Diagnostic> {
    let root = Route::root().key("model").key("predictions");
    let Role::Given(given) = bound.plan.model.kind().role() else {
        let message = "there are no predictions to read";
        return Err(Diagnostic::error(Code::Internal, Place::key(root), message));
    };
    let frame = joined.unwrap_or(frame);
    let source = Source { frame, plan: &bound.plan, root };
    let positive = bound.positive;
    let classes = (bound.task == Task::Classification).then_some(bound.classes.as_ref()).flatten();
    let Some(classes) = classes else {
        let Some(column) = &given.value else {
            let place = Place::key(source.root);
            return Err(Diagnostic::error(Code::TaskMisfit, place, "regression needs `value`")
                .label("no column of numbers")
                .help("name the column of the predicted numbers: `value: …`"));
        };
        let values = source.numbers("value", None, column.value())?;
        return Ok(Prediction::Values(values));
    };
    let probabilities = source.probabilities(given, classes, positive)?;
    let codes = match (&given.label, &probabilities) {
        (Some(column), _) => {
            let codes = frame
                .codes(column.value(), classes)
                .map_err(|error| source.unreadable("label", None, error))?;
            if let Some(row) = codes.iter().position(|code| *code == MISSING) {
                return Err(source.bad("label", None, column.value(), row, "is missing"));
            }
            codes
        }
        (None, Some(matrix)) => most_probable(matrix, positive),
        (None, None) => {
            let place = Place::key(source.root);
            return Err(Diagnostic::error(Code::TaskMisfit, place, "classification needs classes")
                .label("no column of classes")
                .help("name `label`, `probability` or `probabilities`"));
        }
    };
    Ok(Prediction::Codes { codes, probabilities })
}

/// A warning where labels are predicted that no row has: a class in other letters, perhaps.
pub fn unseen(truth: Truth<'_>, prediction: &Prediction) -> Option<Diagnostic> {
    let (Truth::Codes { codes, classes }, Prediction::Codes { codes: predicted, .. }) =
        (truth, prediction)
    else {
        return None;
    };
    let mut seen = vec![false; classes.len()];
    codes.iter().for_each(|code| seen[*code as usize] = true);
    let first = predicted.iter().find(|code| !seen[**code as usize])?;
    let count = predicted.iter().filter(|code| *code == first).count();
    let label = &classes.labels()[*first as usize];
    let message = format!(
        "{} `{label}`, a class that no row has",
        match count {
            1 => "1 prediction is".to_owned(),
            n => format!("{n} predictions are"),
        }
    );
    let place = Place::key(Route::root().key("model").key("predictions"));
    Some(
        Diagnostic::warning(Code::UnseenClass, place, message)
            .label("never right")
            .help("compare the letters and spaces of both columns"),
    )
}

/// The class with the highest probability, the first of equal ones; of two classes the positive
/// one where its probability is above one half.
fn most_probable(matrix: &Array2<f64>, positive: Option<u32>) -> Vec<u32> {
    matrix
        .outer_iter()
        .map(|row| match (positive, row.len()) {
            (Some(positive), 2) => {
                if row[positive as usize] > 0.5 {
                    positive
                } else {
                    1 - positive
                }
            }
            _ => {
                let mut best = 0;
                for class in 1..row.len() {
                    if row[class] > row[best] {
                        best = class;
                    }
                }
                best as u32
            }
        })
        .collect()
}

struct Source<'a> {
    frame: &'a Frame,
    plan: &'a Plan,
    root: Route,
}

impl Source<'_> {
    fn place(&self, parameter: &str, class: Option<&str>) -> Place {
        let route = self.root.key(parameter);
        Place::value(class.map_or_else(|| route.clone(), |class| route.key(class)))
    }

    fn unreadable(&self, parameter: &str, class: Option<&str>, error: LoadError) -> Diagnostic {
        let place = self.place(parameter, class);
        Diagnostic::error(Code::PredictionInvalid, place, error.message).label("cannot be judged")
    }

    fn bad(
        &self,
        parameter: &str,
        class: Option<&str>,
        column: &str,
        row: usize,
        what: &str,
    ) -> Diagnostic {
        let numbers = self.frame.row_numbers();
        let number = numbers.get(row);
        Diagnostic::error(
            Code::PredictionInvalid,
            self.place(parameter, class),
            format!("the prediction of row {number} {what}"),
        )
        .label("cannot be judged")
        .help("every row needs a valid prediction: repair the column, or leave the rows out with `where`")
.related(data_cell(self.plan, &numbers, row, column), "this value")
    }

    fn numbers(
        &self,
        parameter: &str,
        class: Option<&str>,
        column: &str,
    ) -> Result<Vec<f64>, Diagnostic> {
        let values =
            self.frame.numbers(column).map_err(|error| self.unreadable(parameter, class, error))?;
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(row) => {
                let what = if values[row].is_nan() { "is missing" } else { "is infinite" };
                Err(self.bad(parameter, class, column, row, what))
            }
        }
    }

    fn probability(
        &self,
        parameter: &str,
        class: Option<&str>,
        column: &str,
    ) -> Result<Vec<f64>, Diagnostic> {
        let values = self.numbers(parameter, class, column)?;
        match values.iter().position(|value| !(0.0..=1.0).contains(value)) {
            None => Ok(values),
            Some(row) => {
                let what = format!("is {}, which is no probability", values[row]);
                Err(self.bad(parameter, class, column, row, &what))
            }
        }
    }

    fn probabilities(
        &self,
        given: &Predictions,
        classes: &Classes,
        positive: Option<u32>,
    ) -> Result<Option<Array2<f64>>, Diagnostic> {
        if let Some(column) = &given.probability {
            let place = Place::key(self.root.key("probability"));
            let (2, Some(positive)) = (classes.len(), positive) else {
                return Err(Diagnostic::error(
                    Code::MetricNeedsPositive,
                    place,
                    format!(
                        "which class has this probability? The classes are {}",
                        classes.listing()
                    ),
                )
                .label("of one class")
                .help(match classes.len() {
                    2 => "say `data.positive`".to_owned(),
                    n => {
                        format!("with {n} classes name a column for each: `probabilities: {{ … }}`")
                    }
                }));
            };
            let values = self.probability("probability", None, column.value())?;
            let mut flat = vec![0.0; 2 * values.len()];
            flat.par_chunks_mut(2).zip(&values).for_each(|(row, value)| {
                row[positive as usize] = *value;
                row[1 - positive as usize] = 1.0 - value;
            });
            let matrix = Array2::from_shape_vec((values.len(), 2), flat);
            return Ok(Some(matrix.expect("two values a row")));
        }
        let Some(map) = &given.probabilities else { return Ok(None) };
        let mut matrix = Array2::zeros((self.frame.rows(), classes.len()));
        let mut named = vec![false; classes.len()];
        for (class, column) in map {
            let Some(code) = classes.find(&ClassName::new(class)) else { continue };
            named[code as usize] = true;
            let values = self.probability("probabilities", Some(class), column.value())?;
            for (to, from) in matrix.column_mut(code as usize).iter_mut().zip(values) {
                *to = from;
            }
        }
        if let Some(class) = named.iter().position(|named| !named) {
            let label = &classes.labels()[class];
            return Err(Diagnostic::error(
                Code::UnknownClass,
                Place::key(self.root.key("probabilities")),
                format!("class `{label}` has no column of probabilities"),
            )
            .label("one class is missing")
            .help(format!("add `{label}: …`")));
        }
        let sums = matrix.outer_iter().map(|row| row.sum());
        for (row, sum) in sums.enumerate() {
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                let sum = match number(sum) {
                    // Off by less than the digits show.
                    rounded if rounded == number(1.0) => sum.to_string(),
                    rounded => rounded,
                };
                let what = format!("has probabilities that sum to {sum}, not to 1");
                return Err(self.bad("probabilities", None, "", row, &what));
            }
        }
        Ok(Some(matrix))
    }
}
