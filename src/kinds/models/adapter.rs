//! What the adapters around estimators share: errors, notes, and the weights of classes.

use mlspec_learn::forest::ForestClassWeight as LearnForestWeight;
use mlspec_learn::{ClassWeight as LearnWeight, Control, Convergence, Error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// How much the rows of each class count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ClassWeight {
    /// Every row counts the same.
    #[default]
    None,
    /// Every class counts the same: a row weighs n / (classes × rows of its class).
    Balanced,
}

impl From<ClassWeight> for LearnWeight {
    fn from(weight: ClassWeight) -> Self {
        match weight {
            ClassWeight::None => Self::None,
            ClassWeight::Balanced => Self::Balanced,
        }
    }
}

/// How much the rows of each class count in a forest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ForestClassWeight {
    /// Every row counts the same.
    #[default]
    None,
    /// Every class counts the same: a row weighs n / (classes × rows of its class).
    Balanced,
    /// Every class counts the same among the rows that are drawn for a tree.
    BalancedSubsample,
}

impl From<ForestClassWeight> for LearnForestWeight {
    fn from(weight: ForestClassWeight) -> Self {
        match weight {
            ForestClassWeight::None => Self::None,
            ForestClassWeight::Balanced => Self::Balanced,
            ForestClassWeight::BalancedSubsample => Self::BalancedSubsample,
        }
    }
}
