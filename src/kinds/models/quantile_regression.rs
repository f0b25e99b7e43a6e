//! A linear model of a quantile of the target.

use linfa::ParamGuard;
use mlspec_learn::robust::FittedQuantileRegression;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};

/// A linear model of a quantile of the target, such as its median, which rows far from the others
/// do not pull along.
///
/// Minimises `1/n · Σ ρ(y − Xw − b) + alpha · ‖w‖₁` with `ρ(r) = quantile · max(r, 0) + (1 − quantile) · max(−r, 0)`; the
/// intercept `b` is not penalised. With weights, each term counts as much as its row weighs, and `n` is their
/// sum. About the share `quantile` of the training rows lies below the answers. The penalty depends on the
/// scale of the columns, so the preparation that the runner adds standardizes them.
///
/// **Where several solutions are equally good, one between them is taken**, not a corner as in scikit-learn;
/// the objective is the same. There is one solver, an interior-point method.
///
/// ```yaml
/// model: { quantile_regression: { quantile: 0.9, alpha: 0.01 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QuantileRegression {
    /// The quantile to predict, above 0 and below 1; 0.5 is the median.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub quantile: f64,
    /// The strength of the penalty; 0 leaves the quantile alone.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
}

impl Default for QuantileRegression {
    fn default() -> Self {
        Self { quantile: 0.5, alpha: 1.0, fit_intercept: true }
    }
}

impl Model for QuantileRegression {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            scores: Scores::Nothing,
            preparation: Preparation::Scaled,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("quantile {}, alpha {}", self.quantile, self.alpha)
    }
}

struct Trained(FittedQuantileRegression);

impl Learner for QuantileRegression {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::QuantileRegression::new()
            .quantile(self.quantile)
            .alpha(self.alpha)
            .fit_intercept(self.fit_intercept);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_rows(x.values, y.into(), control)
        })?;
        let convergence = fitted.convergence();
        let notes = (!convergence.converged).then(|| {
            let after = counted(convergence.iterations, "iteration");
            let message = format!("training stopped after {after} without converging");
            Problem::of_kind(Code::NotConverged, message)
                .label("not converged")
                .help("standardize the features, or leave out columns that follow from others")
        });
        let kept = fitted.coefficients().iter().filter(|value| **value != 0.0).count();
        let summary = format!(
            "{kept} of {}, {}",
            counted(x.values.ncols(), "coefficient"),
            counted(convergence.iterations, "iteration")
        );
        Ok(Fit { model: Box::new(Trained(fitted)), notes: notes.into_iter().collect(), summary })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }
}
