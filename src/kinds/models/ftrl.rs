//! Logistic regression that learns row by row.

use linfa::ParamGuard;
use mlspec_learn::ftrl::Order;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem};

/// Logistic regression that learns row by row and leaves features out: follow the regularised leader, as
/// used for click-through rates.
///
/// After every row the coefficients are those that minimise the sum of all linearised losses so far plus
/// `l1_ratio · ‖w‖₁ + ½ l2_ratio · ‖w‖²`, with steps of `alpha / (beta + √Σg²)` for each feature by its own
/// gradients `g` (McMahan and others, 2013). The intercept is not penalised. For more than two classes
/// each is learned against the others, and the probabilities are divided by their sum.
///
/// The penalties depend on the scale of the columns, so the preparation that the runner adds
/// standardizes them. Weights of training rows are refused: one step for a row of weight 2 is not two
/// steps.
///
/// Names and defaults are those of the Rust crate linfa-ftrl; scikit-learn has no such model. **linfa-ftrl
/// takes all rows in one step, has no intercept and starts at random.**
///
/// ```yaml
/// model: { ftrl: { alpha: 0.05, l1_ratio: 1 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ftrl {
    /// The learning rate.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub alpha: f64,
    /// What is added to the roots of the summed squares: above 0 the first steps are shorter.
    #[schemars(range(min = 0.0))]
    pub beta: f64,
    /// The weight of the absolute penalty: features whose gradients do not sum to more than it are left
    /// out.
    #[schemars(range(min = 0.0))]
    pub l1_ratio: f64,
    /// The weight of the quadratic penalty.
    #[schemars(range(min = 0.0))]
    pub l2_ratio: f64,
    /// Whether an intercept is learned; otherwise it is 0.
    pub fit_intercept: bool,
    /// The most passes over the rows; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Training ends when in five passes in a row the mean loss does not fall by more than this.
    #[schemars(range(min = 0.0))]
    pub tol: f64,
    /// Whether each pass takes the rows in a new random order; otherwise as they stand.
    pub shuffle: bool,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Default for Ftrl {
    fn default() -> Self {
        Self {
            alpha: 0.005,
            beta: 0.0,
            l1_ratio: 0.5,
            l2_ratio: 0.5,
            fit_intercept: true,
            max_iter: 1000,
            tol: 1e-3,
            shuffle: true,
            seed: 0,
        }
    }
}

impl Model for Ftrl {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Probabilities,
            preparation: Preparation::Scaled,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn refuses_weights(&self) -> Option<&'static str> {
        Some("it learns row by row, and a row of weight 2 is not two rows to it")
    }

    fn describe(&self) -> String {
        format!("alpha {}", self.alpha)
    }
}

struct Trained(mlspec_learn::ftrl::FittedFtrl);

impl Learner for Ftrl {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        if context.weights.is_some() {
            let message = "`ftrl` learns row by row and cannot take weights";
            return Err(Failure::Problem(
                Problem::of_kind(Code::TrainFailed, message)
                    .label("takes no weights")
                    .help("leave `fit` out of `weight` in `data`, or choose `logistic_regression`"),
            ));
        }
        let parameters = mlspec_learn::Ftrl::new()
            .alpha(self.alpha)
            .beta(self.beta)
            .l1_ratio(self.l1_ratio)
            .l2_ratio(self.l2_ratio)
            .fit_intercept(self.fit_intercept)
            .max_iter(self.max_iter as usize)
            .tol(self.tol)
            .order(if self.shuffle { Order::Shuffled } else { Order::Given })
            .seed(self.seed);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_features(&adapter::features(x)?, codes, classes, control)
        })?;
        let convergence = fitted.convergence();
        let notes = adapter::not_converged(&convergence, x).into_iter().collect();
        let summary = match convergence.iterations {
            1 => "1 pass".to_owned(),
            passes => format!("{passes} passes"),
        };
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
    }

    fn takes_indicators(&self) -> bool {
        true
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = if x.indicators.is_empty() {
            (self.0.predict_rows(x.values), self.0.predict_probabilities(x.values))
        } else {
            let features = adapter::checked_features(x);
            (self.0.predict_features(&features), self.0.probabilities_of(&features))
        };
        Prediction::Codes { codes: codes.to_vec(), probabilities: Some(probabilities) }
    }
}
