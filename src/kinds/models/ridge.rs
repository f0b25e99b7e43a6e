//! Least squares with a quadratic penalty.

use linfa::ParamGuard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};

/// Least squares that keeps the coefficients small, so that columns that depend on each other
/// share the weight.
///
/// Minimises `‖y − Xw − b‖² + alpha · ‖w‖²`; the intercept `b` is not penalised. The penalty
/// depends on the scale of the columns, so the preparation that the runner adds standardizes them.
///
/// ```yaml
/// model: { ridge: { alpha: 10 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ridge {
    /// The weight of the penalty; 0 is least squares.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
}

impl Default for Ridge {
    fn default() -> Self {
        Self { alpha: 1.0, fit_intercept: true }
    }
}

impl Model for Ridge {
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

struct Trained(mlspec_learn::ridge::FittedRidge);

impl Learner for Ridge {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let parameters =
            mlspec_learn::Ridge::new().alpha(self.alpha).fit_intercept(self.fit_intercept);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_features(&adapter::features(x)?, y.into(), control)
        })?;
        let summary = counted(x.names.len(), "coefficient");
        Ok(Fit { model: Box::new(Trained(fitted)), notes: Vec::new(), summary })
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
