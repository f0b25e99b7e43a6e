//! Naive Bayes over categories.

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

/// Bayes' rule for categories: how often each category of a feature stands in each class.
///
/// The probability of a class is proportional to its share of the training rows times
/// `Π p(feature, category, class)`, where `p` is the number of rows of the class with the category plus
/// `alpha`, divided by the number of rows of the class plus `alpha` times the number of categories.
/// Computed as logarithms.
///
/// Columns of text are categories as they are, without `one_hot`. A column of numbers has to hold whole
/// numbers from 0; turn others into ranges with the step `bin`. A gap is a category of its own where training
/// rows have one. **A category that no training row has gets the probability of a count of 0;
/// scikit-learn refuses it.**
///
/// ```yaml
/// data: { features: [island, sex] }
/// model: { categorical_naive_bayes: { alpha: 0.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CategoricalNaiveBayes {
    /// What is added to each count; below 1e-10 it counts as that.
    #[schemars(range(min = 0.0))]
    pub alpha: f64,
    /// Whether the classes count by their shares of the training rows; otherwise all are equally
    /// probable before a row is seen.
    pub fit_prior: bool,
}

impl Default for CategoricalNaiveBayes {
    fn default() -> Self {
        Self { alpha: 1.0, fit_prior: true }
    }
}

impl Model for CategoricalNaiveBayes {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Probabilities,
            preparation: Preparation::Native,
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

struct Trained(mlspec_learn::naive_bayes::FittedCategoricalNaiveBayes);

impl Learner for CategoricalNaiveBayes {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::CategoricalNaiveBayes::new()
            .alpha(self.alpha)
            .prior(if self.fit_prior { Prior::Shares } else { Prior::Uniform })
            .levels(x.levels.to_vec());
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
