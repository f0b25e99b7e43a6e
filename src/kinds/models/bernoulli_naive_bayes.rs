//! Naive Bayes over truth values.

use linfa::ParamGuard;
use mlspec_learn::naive_bayes::Prior;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::Problem;

/// Bayes' rule for features that are true or false: how often each is true, class by class.
///
/// A value above `binarize` is true. The probability of a class is proportional to its share of the
/// training rows times `Π (p(feature, class) if true, else 1 − p(feature, class))`, where `p` is the
/// number of rows of the class in which the feature is true plus `alpha`, divided by the number of its rows
/// plus twice `alpha`. Computed as logarithms.
///
/// ```yaml
/// model: { bernoulli_naive_bayes: { binarize: 0.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BernoulliNaiveBayes {
    /// What is added to each count; below 1e-10 it counts as that.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Values above it are true.
    pub binarize: f64,
    /// Whether the classes count by their shares of the training rows; otherwise all are equally
    /// probable before a row is seen.
    pub fit_prior: bool,
}

impl Default for BernoulliNaiveBayes {
    fn default() -> Self {
        Self { alpha: 1.0, binarize: 0.0, fit_prior: true }
    }
}

impl Model for BernoulliNaiveBayes {
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

struct Trained(mlspec_learn::naive_bayes::FittedBernoulliNaiveBayes);

impl Learner for BernoulliNaiveBayes {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::BernoulliNaiveBayes::new()
            .alpha(self.alpha)
            .binarize(self.binarize)
            .prior(if self.fit_prior { Prior::Shares } else { Prior::Uniform });
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
