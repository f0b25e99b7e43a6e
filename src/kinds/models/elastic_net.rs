//! Least squares with a penalty on the absolute values and the squares of the coefficients.

use mlspec_learn::elastic_net::Sign;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Learner, Model, Preparation, Role, Scores, Target, shrunk,
};
use crate::data::{Rows, Task};
use crate::diagnostic::Problem;

/// Least squares that sets coefficients of little use to 0, and lets columns that go together share
/// the weight.
///
/// Minimises `1/(2n) · ‖y − Xw − b‖² + alpha · l1_ratio · ‖w‖₁ + ½ · alpha · (1 − l1_ratio) · ‖w‖²`; the
/// intercept `b` is not penalised. With weights, each square counts as much as its row weighs, and `n` is their
/// sum. The penalty depends on the scale of the columns, so the preparation that the runner adds
/// standardizes them.
///
/// **The training is at least as exact as scikit-learn's at the same `tol`**, and the order of the columns
/// does not matter: there is no `selection`. With `alpha: 0` it is `linear_regression`.
///
/// ```yaml
/// model: { elastic_net: { alpha: 0.1, l1_ratio: 0.7 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ElasticNet {
    /// The strength of the penalty; 0 is least squares.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// The share of the absolute values in the penalty: 1 is the lasso, 0 leaves the squares only.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub l1_ratio: f64,
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

impl Default for ElasticNet {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            l1_ratio: 0.5,
            fit_intercept: true,
            positive: false,
            max_iter: 1000,
            tol: 1e-4,
        }
    }
}

impl Model for ElasticNet {
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
        format!("alpha {}, l1_ratio {}", self.alpha, self.l1_ratio)
    }
}

impl Learner for ElasticNet {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let parameters = mlspec_learn::ElasticNet::new()
            .alpha(self.alpha)
            .l1_ratio(self.l1_ratio)
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
