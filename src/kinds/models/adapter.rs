//! What the adapters around estimators share: errors and notes.

use mlspec_learn::{Control, Convergence, Error, Features, Indicator, Indicators};

use super::{Context, Failure};
use crate::data::Rows;
use crate::diagnostic::{Code, Problem, counted};

/// Runs `fit` with the context's weights and stop flag in the form that `mlspec-learn` takes.
///
/// # Errors
/// The estimator's error, in the words of the spec.
pub fn train<M>(
    context: &Context<'_>,
    x: Rows<'_>,
    fit: impl FnOnce(&Control<'_>) -> Result<M, Error>,
) -> Result<M, Failure> {
    let stop = || context.stop.is_raised();
    fit(&Control { weights: context.weights, stop: &stop }).map_err(|error| failure(error, x))
}

/// The columns of `x`, those that stayed codes among them.
///
/// # Errors
/// A column of numbers that holds more than finite ones.
pub fn features(x: Rows<'_>) -> Result<Features<'_>, Error> {
    if x.indicators.is_empty() {
        return Features::dense(x.values);
    }
    let blocks = x.indicators.blocks().map(|(block, codes)| Indicators {
        codes,
        levels: block.levels,
        columns: block
            .columns
            .iter()
            .map(|(place, of)| (*place, Indicator { code: of.code, on: of.on, off: of.off }))
            .collect(),
    });
    Features::mixed(x.values, x.indicators.places, blocks.collect())
}

/// The columns of rows that a model answers for.
pub fn checked_features(x: Rows<'_>) -> Features<'_> {
    features(x).expect("a matrix holds finite columns, each in its place")
}

fn failure(error: Error, x: Rows<'_>) -> Failure {
    let problem = match error {
        Error::Stopped => return Failure::Stopped,
        Error::Parameter { name, message } => {
            Problem::of_parameter(Code::ModelParameter, name, format!("`{name}` {message}"))
                .label("does not fit the data")
        }
        Error::Column { column, row, message } => {
            let name = x.names.get(column).map_or("?", |name| name);
            return Failure::Column { column, row, message: format!("`{name}` {message}") };
        }
        Error::Target { row, message } => {
            return Failure::Target { row, message: format!("the target {message}") };
        }
        Error::Memory { parameter: Some(name), .. } => {
            Problem::of_parameter(Code::ModelMemory, name, error.to_string())
                .label("needs too much memory")
                .help(format!("lower `{name}`, or choose another model"))
        }
        Error::Memory { parameter: None, .. } => {
            Problem::of_kind(Code::ModelMemory, error.to_string())
                .label("needs too much memory")
                .help("train on fewer rows (`data.limit`, or `where`), or choose another model")
        }
        Error::NotFinite { column } => {
            let name = x.names.get(column).map_or("?", |name| name);
            Problem::of_kind(Code::NotFinite, format!("`{name}` holds a value that is not finite"))
        }
        other => Problem::of_kind(Code::TrainFailed, format!("training failed: {other}"))
            .label("could not be trained"),
    };
    Failure::Problem(problem)
}

/// The warning for a training that ended before its stopping rule was met.
pub fn not_converged(convergence: &Convergence, x: Rows<'_>) -> Option<Problem> {
    (!convergence.converged).then(|| {
        let message = format!(
            "training stopped after {} without converging",
            counted(convergence.iterations, "iteration")
        );
        let help = match Scales::of(x) {
            Scales::None => "no feature varies, so that there is nothing to learn from them",
            Scales::Alike => "raise `max_iter`",
            Scales::Apart => "raise `max_iter`, or standardize the features",
        };
        Problem::of_kind(Code::NotConverged, message).label("not converged").help(help)
    })
}

/// How the features of the training rows lie beside each other.
enum Scales {
    /// None of them varies.
    None,
    /// About as wide as each other, and not far from 0 for that.
    Alike,
    Apart,
}

impl Scales {
    /// Features wider than another by this factor slow an iteration down.
    const APART: f64 = 100.0;

    fn of(x: Rows<'_>) -> Self {
        let (mut narrowest, mut widest, mut far) = (f64::INFINITY, 0.0_f64, false);
        let of_numbers = x.values.columns().into_iter().map(|column| {
            let ends = (f64::INFINITY, f64::NEG_INFINITY);
            column.iter().fold(ends, |(low, high), value| (low.min(*value), high.max(*value)))
        });
        for (low, high) in of_numbers.chain(ends_of_indicators(x)) {
            let width = high - low;
            if width > 0.0 {
                (narrowest, widest) = (narrowest.min(width), widest.max(width));
                far |= low.abs().max(high.abs()) > Self::APART * width;
            }
        }
        if widest == 0.0 {
            Self::None
        } else if far || widest > Self::APART * narrowest {
            Self::Apart
        } else {
            Self::Alike
        }
    }
}

/// The least and the greatest value of each column that stayed codes.
fn ends_of_indicators(x: Rows<'_>) -> impl Iterator<Item = (f64, f64)> {
    x.indicators.blocks().flat_map(|(block, codes)| {
        let mut seen = vec![0_usize; block.levels as usize];
        for code in codes {
            seen[*code as usize] += 1;
        }
        block.columns.iter().map(move |(_, column)| match seen[column.code as usize] {
            0 => (column.off, column.off),
            count if count == codes.len() => (column.on, column.on),
            _ => (column.on.min(column.off), column.on.max(column.off)),
        })
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    fn help(values: &Array2<f64>) -> String {
        let convergence =
            Convergence { converged: false, iterations: 3, tolerance: 1e-4, gradient: 1.0 };
        let x =
            Rows { values: values.view(), names: &[], levels: &[], indicators: Default::default() };
        not_converged(&convergence, x).and_then(|problem| problem.help).unwrap_or_default()
    }

    #[test]
    fn features_that_are_alike_need_no_scaling() {
        assert_eq!(help(&array![[0.0, 5.0], [1.0, 2.0]]), "raise `max_iter`");
        for apart in [array![[0.0, 500.0], [1.0, 0.0]], array![[1e6, 0.0], [1e6 + 1.0, 1.0]]] {
            assert!(help(&apart).contains("standardize"), "{apart}");
        }
        assert!(help(&array![[3.0], [3.0]]).contains("no feature varies"));
    }

    #[test]
    fn memory_that_a_parameter_asks_for_is_told_at_the_parameter() {
        let values = array![[1.0]];
        let x =
            Rows { values: values.view(), names: &[], levels: &[], indicators: Default::default() };
        let what = || "1400 components of 300 columns".to_owned();
        let told =
            |parameter| match failure(Error::Memory { parameter, what: what(), bytes: 1 << 40 }, x)
            {
                Failure::Problem(problem) => problem,
                other => panic!("{other:?}"),
            };
        let problem = told(Some("n_components"));
        assert!(problem.help.as_deref().unwrap_or("").contains("lower `n_components`"));
        assert!(told(None).help.as_deref().unwrap_or("").contains("fewer rows"));
    }
}

#[cfg(test)]
mod indicator_tests {
    use std::sync::Arc;

    use mlspec_learn::Generator;

    use super::super::*;
    use crate::data::{Column, Gaps, Indicator, Matrix, Table, Values};

    const ROWS: usize = 600;
    const TRAIN: usize = 450;

    /// A column of numbers between those of two categories, the first scaled.
    fn table(levels: u32) -> Table {
        let mut generator = Generator::new(3);
        let mut codes = || -> Arc<[u32]> {
            (0..ROWS).map(|_| generator.below(u64::from(levels)) as u32).collect()
        };
        let blocks = [(codes(), 1.7, -0.3), (codes(), 1.0, 0.0)];
        let mut columns = Vec::new();
        for (name, (codes, on, off)) in ["a", "b"].iter().zip(&blocks) {
            // The last level has no column, as one that the training rows did not have.
            for code in 0..levels - 1 {
                let codes = codes.clone();
                let indicator = Indicator { codes, levels, code, on: *on, off: *off };
                let name = format!("{name}_{code}").into();
                columns.push(Column { name, values: Values::Indicator(indicator) });
            }
            let numbers = (0..ROWS).map(|row| ((row * 37) % 101) as f64 / 50.0).collect();
            columns.push(Column::number(format!("{name}_number"), numbers));
        }
        columns.pop();
        Table { columns, rows: ROWS }
    }

    fn predicted(learner: &dyn Learner, matrix: &Matrix, target: Target<'_>) -> Vec<f64> {
        let stop = StopFlag::new();
        let context = Context { weights: None, stop: &stop, classes: None, positive: None };
        let fit = learner.fit(matrix.rows(0, TRAIN), target, &context).expect("a model");
        match fit.model.predict(matrix.rows(TRAIN, ROWS)) {
            Prediction::Values(values) => values,
            Prediction::Codes { probabilities, .. } => {
                probabilities.expect("probabilities").into_iter().collect()
            }
            Prediction::Clusters { .. } => Vec::new(),
        }
    }

    /// Columns of one-hot encoding that stay codes give what they give as numbers.
    #[test]
    fn predictions_are_those_of_numbers() {
        for levels in [6, 280] {
            let table = table(levels);
            let kept = Matrix::with_indicators(table.clone(), Gaps::Refused).unwrap();
            let written = Matrix::from_table(table, Gaps::Refused).unwrap();
            assert!(!kept.rows(0, 1).indicators.is_empty() && kept.rows(0, 1).values.ncols() == 1);
            let values: Vec<f64> = (0..TRAIN).map(|row| ((row * row) % 17) as f64).collect();
            let codes: Vec<u32> = (0..TRAIN).map(|row| ((row * row) % 17 > 7).into()).collect();
            let logistic = LogisticRegression { tol: 1e-9, max_iter: 2000, ..Default::default() };
            let counts = GeneralizedLinear { power: 1.0, tol: 1e-10, ..Default::default() };
            let machine = LinearSvm { tol: 1e-9, ..Default::default() };
            let lasso = Lasso { alpha: 0.05, tol: 1e-9, ..Default::default() };
            let net = ElasticNet { alpha: 0.05, tol: 1e-9, ..Default::default() };
            let few = LogisticRegression {
                penalty: logistic_regression::Penalty::L1,
                ..logistic.clone()
            };
            let leader = Ftrl { max_iter: 5, ..Default::default() };
            let (values, codes) =
                (Target::Values(&values), Target::Codes { codes: &codes, classes: 2 });
            let learners: [(&dyn Learner, Target<'_>); 9] = [
                (&counts, values),
                (&machine, codes),
                (&Ridge::default(), values),
                (&LinearRegression::default(), values),
                (&logistic, codes),
                (&lasso, values),
                (&net, values),
                (&few, codes),
                (&leader, codes),
            ];
            for (at, (learner, target)) in learners.into_iter().enumerate() {
                assert!(learner.takes_indicators());
                let (found, expected) =
                    (predicted(learner, &kept, target), predicted(learner, &written, target));
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-7, "{at} {levels}: {found} {expected}");
                }
            }
        }
    }

    /// A model that did not converge is asked about its training rows, and the width of columns counts as
    /// that of numbers.
    #[test]
    fn what_did_not_converge_is_told_as_of_numbers() {
        let table = table(6);
        let kept = Matrix::with_indicators(table.clone(), Gaps::Refused).unwrap();
        let written = Matrix::from_table(table.clone(), Gaps::Refused).unwrap();
        let of_codes = |column: &Column| matches!(column.values, Values::Indicator(_));
        let alone =
            Table { columns: table.columns.into_iter().filter(of_codes).collect(), rows: ROWS };
        let alone = Matrix::with_indicators(alone, Gaps::Refused).unwrap();
        let codes: Vec<u32> = (0..TRAIN).map(|row| ((row * row) % 17 > 7).into()).collect();
        let stop = StopFlag::new();
        let context = Context { weights: None, stop: &stop, classes: None, positive: None };
        let help = |matrix: &Matrix| {
            let learner = LogisticRegression {
                penalty: logistic_regression::Penalty::None,
                max_iter: 1,
                tol: 1e-12,
                ..Default::default()
            };
            let target = Target::Codes { codes: &codes, classes: 2 };
            let fit = learner.fit(matrix.rows(0, TRAIN), target, &context).expect("a model");
            fit.notes.first().and_then(|note| note.help.clone()).expect("a note")
        };
        assert_eq!(help(&kept), help(&written));
        assert_eq!(help(&alone), "raise `max_iter`");
    }
}
