//! Naive Bayes over counts, from the rows of the other classes.

use linfa::ParamGuard;
use mlspec_learn::naive_bayes::Norm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::Problem;

/// Bayes' rule for counts, learned from the rows of all other classes: steadier than
/// `multinomial_naive_bayes` where classes differ much in size.
///
/// The class is the one with the largest `Σ value · (−log q(feature, class))`, where `q` is the sum of the
/// feature over the rows of the other classes plus `alpha`, divided by the same for all features. Its
/// probabilities are the softmax of these sums, and seldom calibrated. A negative number is an error at
/// its row. `fit_prior` is left out: the shares of the classes do not enter.
///
/// ```yaml
/// model: { complement_naive_bayes: { norm: true } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComplementNaiveBayes {
    /// What is added to each sum; below 1e-10 it counts as that.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the logarithms of a class are divided by their sum.
    pub norm: bool,
}

impl Default for ComplementNaiveBayes {
    fn default() -> Self {
        Self { alpha: 1.0, norm: false }
    }
}

impl Model for ComplementNaiveBayes {
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
        format!("alpha {}", self.alpha)
    }
}

struct Trained(mlspec_learn::naive_bayes::FittedComplementNaiveBayes);

impl Learner for ComplementNaiveBayes {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::ComplementNaiveBayes::new()
            .alpha(self.alpha)
            .norm(if self.norm { Norm::Weights } else { Norm::None });
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
