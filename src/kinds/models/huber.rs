//! Least squares in which residuals far out count by their size only.

use linfa::ParamGuard;
use mlspec_learn::robust::FittedHuber;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};

/// Least squares in which residuals far out count by their size and not by its square, so that
/// outliers of the target have little say.
///
/// Minimises `Σ (σ + σ · H((y − Xw − b) / σ)) + alpha · ‖w‖²` over `w`, `b` and the scale `σ` of the residuals, where
/// `H(r)` is `r²` up to `epsilon` and `2 · epsilon · |r| − epsilon²` beyond; the intercept `b` is not penalised. With
/// weights, each term counts as much as its row weighs. The penalty depends on the scale of the columns, so the
/// preparation that the runner adds standardizes them.
///
/// **The training is more exact than scikit-learn's**, whose solver may end before the last digits.
///
/// ```yaml
/// model: { huber: { epsilon: 1.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Huber {
    /// The size of a residual, in scales `σ`, from which it counts by its size; the smaller, the
    /// less outliers count.
    #[schemars(range(min = 1.0))]
    pub epsilon: f64,
    /// The strength of the penalty.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
    /// The most iterations; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Training ends when the next step promises to lower the objective by at most the square of
    /// this, as a share.
    ///
    /// **scikit-learn compares it with the gradient**, which depends on the number of rows and the
    /// unit of the target.
    #[schemars(range(min = 0.0))]
    pub tol: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { epsilon: 1.35, alpha: 1e-4, fit_intercept: true, max_iter: 100, tol: 1e-5 }
    }
}

impl Model for Huber {
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
        format!("epsilon {}, alpha {}", self.epsilon, self.alpha)
    }
}

struct Trained(FittedHuber);

impl Learner for Huber {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::Huber::new()
            .epsilon(self.epsilon)
            .alpha(self.alpha)
            .fit_intercept(self.fit_intercept)
            .max_iter(self.max_iter as usize)
            .tol(self.tol);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_rows(x.values, y.into(), control)
        })?;
        let convergence = fitted.convergence();
        let notes = adapter::not_converged(&convergence, x).into_iter().collect();
        let summary = format!(
            "{}, {}",
            counted(x.values.ncols(), "coefficient"),
            counted(convergence.iterations, "iteration")
        );
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }
}
