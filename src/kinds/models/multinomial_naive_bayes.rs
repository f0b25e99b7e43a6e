//! Naive Bayes over counts.

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

/// Bayes' rule for counts, such as words of a text: each feature's share in the sum of all features,
/// class by class.
///
/// The probability of a class is proportional to its share of the training rows times
/// `Π p(feature, class) ^ value`, where `p` is the sum of the feature over the rows of the class plus
/// `alpha`, divided by the same for all features. Computed as logarithms. Numbers need not be whole; a
/// negative one is an error at its row.
///
/// ```yaml
/// model: { multinomial_naive_bayes: { alpha: 0.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MultinomialNaiveBayes {
    /// What is added to each sum; below 1e-10 it counts as that.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the classes count by their shares of the training rows; otherwise all are equally
    /// probable before a row is seen.
    pub fit_prior: bool,
}

impl Default for MultinomialNaiveBayes {
    fn default() -> Self {
        Self { alpha: 1.0, fit_prior: true }
    }
}

impl Model for MultinomialNaiveBayes {
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

struct Trained(mlspec_learn::naive_bayes::FittedMultinomialNaiveBayes);

impl Learner for MultinomialNaiveBayes {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::MultinomialNaiveBayes::new()
            .alpha(self.alpha)
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
