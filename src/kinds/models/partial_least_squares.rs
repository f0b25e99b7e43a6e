//! Partial least squares with one target.

use linfa::ParamGuard;
use mlspec_learn::partial_least_squares::Scaling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};

/// Least squares on a few combinations of the features, those that vary most with the target: for many
/// features that follow from each other.
///
/// Component by component, with the features centred (and scaled): `w ∝ Xᵀy`, `t = Xw`, then `X` and `y` lose
/// what their regressions on `t` explain. The answer is the regression of the target on all `t`, which is
/// linear in the features. With one target NIPALS needs one step a component, **so there is no `max_iter`
/// and no `tol`.** Where the components leave nothing to explain there are fewer than asked for, and a
/// warning.
///
/// A row of weight 2 counts as two rows; scikit-learn's takes no weights.
///
/// ```yaml
/// model: { partial_least_squares: { n_components: 3 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PartialLeastSquares {
    /// How many combinations; at most as many as features, and as training rows.
    #[schemars(range(min = 1))]
    pub n_components: u32,
    /// Whether each feature is divided by its standard deviation.
    pub scale: bool,
}

impl Default for PartialLeastSquares {
    fn default() -> Self {
        Self { n_components: 2, scale: true }
    }
}

impl Model for PartialLeastSquares {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            scores: Scores::Nothing,
            preparation: Preparation::Numbers,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        counted(self.n_components as usize, "component")
    }
}

struct Trained(mlspec_learn::partial_least_squares::FittedPartialLeastSquares);

impl Learner for PartialLeastSquares {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::PartialLeastSquares::new()
            .n_components(self.n_components as usize)
            .scale(if self.scale { Scaling::Deviations } else { Scaling::None });
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_rows(x.values, y.into(), control)
        })?;
        let found = counted(fitted.components(), "component");
        let exhausted = fitted.components() < self.n_components as usize;
        let notes = exhausted.then(|| {
            let message = match fitted.components() {
                0 => "no feature varies with the target, so that there is no component".to_owned(),
                1 => format!("{found} leaves nothing to explain"),
                _ => format!("{found} leave nothing to explain"),
            };
            Problem::of_parameter(Code::ModelParameter, "n_components", message)
                .label("more than there are")
        });
        Ok(Fit {
            model: Box::new(Trained(fitted)),
            notes: notes.into_iter().collect(),
            summary: found,
        })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }
}
