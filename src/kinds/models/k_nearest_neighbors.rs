//! k nearest neighbours, for classes and for numbers.

use linfa::ParamGuard;
use mlspec_learn::neighbors::VoteWeights;
use mlspec_learn::{KNeighborsClassifier, KNeighborsRegressor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::{Algorithm, Metric};
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// Answers by the training rows that are nearest: the class most of them have, or their mean.
///
/// The probability of a class is its share in `Σ w` over the `n_neighbors` nearest rows; of classes with
/// equal shares the first is the answer. A number is `Σ w·y / Σ w`. The weight `w` is 1, or 1 / distance. Distances
/// depend on the scale of the columns, so the preparation that the runner adds standardizes them.
///
/// Of rows at the same distance the one that comes first in the training rows is taken; **scikit-learn does
/// not say which**. `algorithm` and `leaf_size` decide how long the search takes, never what it finds. Rows
/// count alike: `data.weight.fit` is refused.
///
/// ```yaml
/// model: { k_nearest_neighbors: { n_neighbors: 7, weights: distance } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KNearestNeighbors {
    /// How many training rows are asked.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub n_neighbors: u32,
    /// How much each of them counts.
    pub weights: NeighborWeights,
    /// How they are looked for; the answers are the same.
    pub algorithm: Algorithm,
    /// The number of rows up to which a node of a tree is not divided; the answers are the same.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub leaf_size: u32,
    /// How far apart two rows are.
    pub metric: Metric,
}

/// How much each neighbour counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum NeighborWeights {
    /// All the same.
    #[default]
    Uniform,
    /// One divided by the distance; where some are at distance 0, those alone.
    Distance,
}

impl Default for KNearestNeighbors {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            weights: NeighborWeights::Uniform,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            metric: Metric::Euclidean,
        }
    }
}

impl Model for KNearestNeighbors {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification, Task::Regression],
            scores: Scores::Probabilities,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        vec![Rule::only_with("leaf_size", "algorithm", &["auto", "kd_tree", "ball_tree"])]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn refuses_weights(&self) -> Option<&'static str> {
        Some("its neighbours are counted, not weighed")
    }

    fn describe(&self) -> String {
        match self.metric {
            Metric::Euclidean => counted(self.n_neighbors as usize, "neighbor"),
            Metric::Manhattan | Metric::Chebyshev => {
                format!(
                    "{}, {}",
                    counted(self.n_neighbors as usize, "neighbor"),
                    self.metric.name()
                )
            }
        }
    }
}

struct Classifier(mlspec_learn::neighbors::FittedKNeighborsClassifier);
struct Regressor(mlspec_learn::neighbors::FittedKNeighborsRegressor);

impl Learner for KNearestNeighbors {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let weights = match self.weights {
            NeighborWeights::Uniform => VoteWeights::Uniform,
            NeighborWeights::Distance => VoteWeights::Distance,
        };
        let model: Box<dyn Fitted> = match y {
            Target::Codes { codes, classes } => {
                let parameters = KNeighborsClassifier::new()
                    .n_neighbors(self.n_neighbors as usize)
                    .weights(weights)
                    .algorithm(self.algorithm.into())
                    .leaf_size(self.leaf_size as usize)
                    .metric(self.metric.into());
                Box::new(Classifier(adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, codes, classes, control)
                })?))
            }
            Target::Values(values) => {
                let parameters = KNeighborsRegressor::new()
                    .n_neighbors(self.n_neighbors as usize)
                    .weights(weights)
                    .algorithm(self.algorithm.into())
                    .leaf_size(self.leaf_size as usize)
                    .metric(self.metric.into());
                Box::new(Regressor(adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, values.into(), control)
                })?))
            }
            Target::None => return Err(wrong_target()),
        };
        let summary = counted(x.values.nrows(), "row") + " to ask";
        Ok(Fit { model, notes: Vec::new(), summary })
    }
}

impl Fitted for Classifier {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = self.0.predict_with_probabilities(x.values);
        Prediction::Codes { codes: codes.to_vec(), probabilities: Some(probabilities) }
    }

    fn work(&self) -> usize {
        self.0.work()
    }
}

impl Fitted for Regressor {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }

    fn work(&self) -> usize {
        self.0.work()
    }
}
