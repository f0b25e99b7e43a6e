//! Least squares with a penalty on the absolute values of the coefficients.

use mlspec_learn::elastic_net::Sign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Learner, Model, Preparation, Role, Scores, Target, shrunk,
};
use crate::data::{Rows, Task};
use crate::diagnostic::Problem;

/// Least squares that sets the coefficients of columns of little use to 0.
///
/// Minimises `1/(2n) · ‖y − Xw − b‖² + alpha · ‖w‖₁`; the intercept `b` is not penalised. With weights, each
/// square counts as much as its row weighs, and `n` is their sum. The penalty depends on the scale of the
/// columns, so the preparation that the runner adds standardizes them. Of columns that say the same, one gets
/// the weight; `elastic_net` lets them share it.
///
/// **The training is at least as exact as scikit-learn's at the same `tol`**, and the order of the columns
/// does not matter: there is no `selection`. With `alpha: 0` it is `linear_regression`.
///
/// ```yaml
/// model: { lasso: { alpha: 0.1 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lasso {
    /// The strength of the penalty; 0 is least squares.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
    /// Whether coefficients below 0 are ruled out.
    pub positive: bool,
    /// The most passes over the columns; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Training ends when the duality gap, an upper bound of what is left to gain, is at most a
    /// ten-thousandth of this as a share of the squares that the best constant leaves.
    ///
    /// **scikit-learn allows a gap of the whole of it.**
    #[schemars(range(min = 0.0))]
    pub tol: f64,
}

impl Default for Lasso {
    fn default() -> Self {
        Self { alpha: 1.0, fit_intercept: true, positive: false, max_iter: 1000, tol: 1e-4 }
    }
}

impl Model for Lasso {
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
        format!("alpha {}", self.alpha)
    }
}

impl Learner for Lasso {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let parameters = mlspec_learn::ElasticNet::new()
            .alpha(self.alpha)
            .l1_ratio(1.0)
            .fit_intercept(self.fit_intercept)
            .sign(if self.positive { Sign::Positive } else { Sign::Any })
            .max_iter(self.max_iter as usize)
            .tol(self.tol);
        shrunk::fit(parameters, x, y, context)
    }

    fn takes_indicators(&self) -> bool {
        true
    }
}
