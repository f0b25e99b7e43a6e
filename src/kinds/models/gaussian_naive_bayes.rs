//! Gaussian naive Bayes.

use linfa::ParamGuard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::Problem;

/// Bayes' rule with a normal distribution for each feature in each class, as if the features were
/// independent.
///
/// The probability of a class is proportional to its share of the training rows times the product
/// of the densities. `var_smoothing` times the largest variance of all features is added to every
/// variance. Probabilities are computed as logarithms, so that many features do not underflow.
///
/// A row of weight 2 counts as two rows; **in the largest variance as well, where scikit-learn leaves
/// the weights out.**
///
/// ```yaml
/// model: { gaussian_naive_bayes: {} }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianNaiveBayes {
    /// The share of the largest variance that is added to every variance.
    #[schemars(range(min = 0.0))]
    pub var_smoothing: f64,
}

impl Default for GaussianNaiveBayes {
    fn default() -> Self {
        Self { var_smoothing: 1e-9 }
    }
}

impl Model for GaussianNaiveBayes {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Probabilities,
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
        String::new()
    }
}

struct Trained(mlspec_learn::gaussian_naive_bayes::FittedGaussianNaiveBayes);

impl Learner for GaussianNaiveBayes {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::GaussianNaiveBayes::new().var_smoothing(self.var_smoothing);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_rows(x.values, codes, classes, control)
        })?;
        let summary = format!("{classes} classes");
        Ok(Fit { model: Box::new(Trained(fitted)), notes: Vec::new(), summary })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Codes {
            codes: self.0.predict_rows(x.values).to_vec(),
            probabilities: Some(self.0.predict_probabilities(x.values)),
        }
    }
}
