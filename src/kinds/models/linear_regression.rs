//! Least squares.

use linfa::ParamGuard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem};

/// Ordinary least squares: a weighted sum of the features, plus an intercept.
///
/// Minimises `‖y − Xw − b‖²`. Where columns depend on each other, as after a full one-hot, the
/// solution with the smallest norm is taken, as in scikit-learn, and the trace shows the rank. The
/// preparation that the runner adds leaves out the first category of each column.
///
/// ```yaml
/// model: { linear_regression: {} }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRegression {
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
}

impl Default for LinearRegression {
    fn default() -> Self {
        Self { fit_intercept: true }
    }
}

impl Model for LinearRegression {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            scores: Scores::Nothing,
            preparation: Preparation::Independent,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        if self.fit_intercept { String::new() } else { "no intercept".to_owned() }
    }
}

struct Trained(mlspec_learn::linear::FittedLinearRegression);

impl Learner for LinearRegression {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::LinearRegression::new().fit_intercept(self.fit_intercept);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_features(&adapter::features(x)?, y.into(), control)
        })?;
        let (rank, columns) = (fitted.rank(), x.names.len());
        // With fewer rows than columns, or a full one-hot, this is how the design is meant to be;
        // it is worth a line in the trace and a warning only where rows would have sufficed.
        let short = rank < columns && rank < x.values.nrows().saturating_sub(1);
        let notes = short
            .then(|| {
                let message = if columns == 1 {
                    "the only prepared column has rank 0, so its coefficient is not determined".to_owned()
                } else {
                    format!("the {columns} prepared columns have rank {rank}, so the coefficients are not unique")
                };
                Problem::of_kind(Code::Singular, message)
                    .label("singular design")
                    .help("drop columns that follow from others, or use `ridge`")
            })
            .into_iter()
            .collect();
        let summary = format!("rank {rank} of {columns}");
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
    }

    fn takes_indicators(&self) -> bool {
        true
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let values = if x.indicators.is_empty() {
            self.0.predict_rows(x.values)
        } else {
            self.0.predict_features(&adapter::checked_features(x))
        };
        Prediction::Values(values.to_vec())
    }
}
