//! AdaBoost for classes and for numbers.

use linfa::ParamGuard;
use mlspec_learn::ada_boost::Loss as LearnLoss;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trees;
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::Problem;

/// AdaBoost: small decision trees, each grown on the rows that those before it got wrong.
///
/// For classes (SAMME, with `K` classes): a tree that misses the share `ε` of the weights has
/// `α = learning_rate · (ln((1 - ε) / ε) + ln(K - 1))` to say, and the rows it misses weigh
/// `exp(α)` times as much for the next one. With `s` the share of a class in what all trees have
/// to say, its probability is `exp((K·s - 1) / (K - 1)²)` over the sum of that for all classes.
///
/// For numbers (AdaBoost.R2): every tree gets as many rows as there are, drawn with replacement by
/// their weights. With `L` the loss of a row, `M` the weighted mean of all, and `β = M / (1 - M)`,
/// the row then weighs `β^(learning_rate · (1 - L))` times as much, and the tree has
/// `learning_rate · ln(1 / β)` to say. The answer is the weighted median of the trees'.
///
/// There are fewer trees where one makes no error, or the next would be no better than guessing
/// (for numbers: its mean loss at least a half). The weights of the data are those of the first
/// round. Ties between questions go to the first feature and the lowest threshold; **scikit-learn
/// draws among them**. **The same seed draws other rows than scikit-learn, because the generators
/// differ.** **A class whose rows all weigh nothing does not count in `K`. `learning_rate` has
/// limits; scikit-learn takes any number above 0.**
///
/// ```yaml
/// model: { ada_boost: { n_estimators: 100, learning_rate: 0.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdaBoost {
    /// The most trees.
    #[schemars(range(min = 1, max = 100_000))]
    pub n_estimators: u32,
    /// How much of every step is made; smaller ones need more trees.
    #[schemars(range(min = 0.000_001, max = 1000.0))]
    pub learning_rate: f64,
    /// The most questions on the way to a leaf. Default: 1 for classification, 3 for regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 2)]
    pub max_depth: Option<u32>,
    /// For regression: the loss of a row, from its error as a share of the greatest one. Default:
    /// `linear`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"square")]
    pub loss: Option<Loss>,
    /// Where the random numbers start, with which rows are drawn for regression.
    pub seed: u64,
}

/// The loss of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Loss {
    /// The share `s` itself.
    Linear,
    /// `s²`.
    Square,
    /// `1 - exp(-s)`.
    Exponential,
}

impl From<Loss> for LearnLoss {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Linear => Self::Linear,
            Loss::Square => Self::Square,
            Loss::Exponential => Self::Exponential,
        }
    }
}

impl Default for AdaBoost {
    fn default() -> Self {
        Self { n_estimators: 50, learning_rate: 1.0, max_depth: None, loss: None, seed: 0 }
    }
}

impl Model for AdaBoost {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification, Task::Regression],
            scores: Scores::Probabilities,
            preparation: Preparation::Numbers,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        let idle = task == Task::Classification && self.loss.is_some();
        idle.then(|| misfits::without_meaning("loss", task)).into_iter().collect()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("n_estimators {}, learning_rate {}", self.n_estimators, self.learning_rate)
    }
}

struct Classes(mlspec_learn::ada_boost::FittedAdaBoostClassifier);

struct Values(mlspec_learn::ada_boost::FittedAdaBoostRegressor);

impl Learner for AdaBoost {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        match y {
            Target::Codes { codes, classes } => {
                misfits::refuse(self, Task::Classification)?;
                let parameters = mlspec_learn::AdaBoostClassifier::new()
                    .n_estimators(self.n_estimators as usize)
                    .learning_rate(self.learning_rate)
                    .max_depth(self.max_depth.unwrap_or(1) as usize);
                let model = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, codes, classes, control)
                })?;
                let summary = trees::shape(model.trees(), model.depth(), model.leaves());
                Ok(Fit { model: Box::new(Classes(model)), notes: Vec::new(), summary })
            }
            Target::Values(y) => {
                let parameters = mlspec_learn::AdaBoostRegressor::new()
                    .n_estimators(self.n_estimators as usize)
                    .learning_rate(self.learning_rate)
                    .max_depth(self.max_depth.unwrap_or(3) as usize)
                    .loss(self.loss.map_or(LearnLoss::Linear, Into::into))
                    .seed(self.seed);
                let model = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, y.into(), control)
                })?;
                let summary = trees::shape(model.trees(), model.depth(), model.leaves());
                Ok(Fit { model: Box::new(Values(model)), notes: Vec::new(), summary })
            }
            Target::None => Err(wrong_target()),
        }
    }
}

impl Fitted for Classes {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = self.0.predict_classes_and_probabilities(x.values);
        Prediction::Codes { codes: codes.to_vec(), probabilities: Some(probabilities) }
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances().to_vec())
    }

    fn work(&self) -> usize {
        2 * self.0.trees() * self.0.depth()
    }
}

impl Fitted for Values {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances().to_vec())
    }

    fn work(&self) -> usize {
        2 * self.0.trees() * self.0.depth()
    }
}
