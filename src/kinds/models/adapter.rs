//! What the adapters around estimators share: errors and notes.

use mlspec_learn::{Control, Convergence, Error};

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
        error @ Error::Memory { .. } => Problem::of_kind(Code::ModelMemory, error.to_string())
            .label("needs too much memory")
            .help("train on fewer rows (`data.limit`, or `where`), or choose another model"),
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
pub fn not_converged(convergence: &Convergence) -> Option<Problem> {
    (!convergence.converged).then(|| {
        let message = format!(
            "training stopped after {} without converging",
            counted(convergence.iterations, "iteration")
        );
        Problem::of_kind(Code::NotConverged, message)
            .label("not converged")
            .help("raise `max_iter`, or standardize the features")
    })
}
