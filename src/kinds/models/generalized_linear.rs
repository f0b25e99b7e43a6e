//! Generalised linear models: counts, waiting times, amounts.

use linfa::ParamGuard;
use mlspec_learn::generalized_linear::Link as LearnLink;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// A linear model of the mean of counts, amounts or waiting times: Poisson, gamma and the other
/// distributions of Tweedie's family.
///
/// Minimises `Σ d(y, µ) / (2n) + ½ alpha · ‖w‖²` with the unit deviance `d` of the distribution
/// whose variance is proportional to `µ^power`, where `µ = exp(Xw + b)` or, with the identity link,
/// `µ = Xw + b`; the intercept `b` is not penalised. With weights `n` is their sum. The penalty depends
/// on the scale of the columns, so the preparation that the runner adds standardizes them.
///
/// A target that the distribution cannot give is an error: below 0 with `power` from 1, 0 as well with
/// `power` from 2. A predicted mean beyond the range of numbers is the largest number there is.
/// **`power` below 0 is refused**; `solver` is chosen by size.
///
/// ```yaml
/// model: { generalized_linear: { power: 1, alpha: 0.1 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GeneralizedLinear {
    /// How the variance grows with the mean: 0 is normal, 1 Poisson, between 1 and 2 a compound of
    /// Poisson and gamma (amounts with zeros), 2 gamma, 3 inverse Gaussian. Between 0 and 1 there is
    /// no distribution.
    #[schemars(range(min = 0.0))]
    pub power: f64,
    /// How the linear score and the mean belong together.
    pub link: Link,
    /// The weight of the penalty; 0 is none.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
    /// The most iterations; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Training ends when no component of the gradient is larger than this, for a target with a mean
    /// of about 1.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tol: f64,
}

/// How the linear score and the mean belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Link {
    /// `identity` for `power: 0`, else `log`.
    #[default]
    Auto,
    /// The score is the mean.
    Identity,
    /// The score is the logarithm of the mean, which is then above 0.
    Log,
}

impl Default for GeneralizedLinear {
    fn default() -> Self {
        Self {
            power: 0.0,
            link: Link::Auto,
            alpha: 1.0,
            fit_intercept: true,
            max_iter: 100,
            tol: 1e-4,
        }
    }
}

impl Model for GeneralizedLinear {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            scores: Scores::Nothing,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        let message = "there is no distribution with a `power` between 0 and 1";
        let mean = "with the identity link and a `power` above 0 an intercept is needed";
        vec![
            Rule::refuses_between("power", (0.0, 1.0), message)
                .label("between 0 and 1")
                .help("write 0 for a normal distribution, or a number from 1"),
            Rule::refuses("fit_intercept", &[false], mean)
                .beside("link", &["identity"])
                .above("power", 0.0)
                .label("must be true")
                .help("leave `fit_intercept` out, or choose `link: log`"),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("power {}, alpha {}", self.power, self.alpha)
    }
}

struct Trained(mlspec_learn::generalized_linear::FittedGeneralizedLinear);

impl Learner for GeneralizedLinear {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        let link = match self.link {
            Link::Auto => LearnLink::Auto,
            Link::Identity => LearnLink::Identity,
            Link::Log => LearnLink::Log,
        };
        let parameters = mlspec_learn::GeneralizedLinear::new()
            .power(self.power)
            .link(link)
            .alpha(self.alpha)
            .fit_intercept(self.fit_intercept)
            .max_iter(self.max_iter as usize)
            .tol(self.tol);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_features(&adapter::features(x)?, y.into(), control)
        })?;
        let convergence = fitted.convergence();
        let notes = adapter::not_converged(&convergence, x).into_iter().collect();
        let summary = counted(convergence.iterations, "iteration");
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
    }

    fn takes_indicators(&self) -> bool {
        true
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(match x.indicators.is_empty() {
            true => self.0.predict_rows(x.values).to_vec(),
            false => self.0.predict_features(&adapter::checked_features(x)).to_vec(),
        })
    }
}
