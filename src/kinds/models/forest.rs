//! What `random_forest` and `extra_trees` share: their training, and forests that were trained.

use linfa::ParamGuard;
use mlspec_learn::forest::{
    FittedRandomForestClassifier, FittedRandomForestRegressor, RandomForestClassifier,
    RandomForestRegressor,
};
use mlspec_learn::tree::{MaxFeatures as LearnFeatures, Splitter};

use super::class_weight::ForestClassWeight;
use super::trees::{self, Criterion, MaxFeatures, MaxSamples};
use super::{Context, Failure, Fit, Fitted, Target, adapter, wrong_target};
use crate::data::{Prediction, Rows};

/// The parameters of either kind, and how its trees are cut.
pub struct Forest<'a> {
    pub splitter: Splitter,
    pub n_estimators: u32,
    pub criterion: Option<Criterion>,
    pub max_depth: Option<u32>,
    pub min_samples_split: u32,
    pub min_samples_leaf: u32,
    pub min_impurity_decrease: f64,
    pub max_leaf_nodes: Option<u32>,
    pub max_features: Option<MaxFeatures>,
    pub max_bins: Option<u32>,
    pub bootstrap: bool,
    pub max_samples: Option<MaxSamples>,
    pub class_weight: &'a ForestClassWeight,
    pub ccp_alpha: f64,
    pub oob_score: bool,
    pub seed: u64,
}

impl Forest<'_> {
    /// Trains it; that the task is one of the kind's was looked at before.
    pub fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let count = |limit: Option<u32>| limit.map(|limit| limit as usize);
        macro_rules! with_all {
            ($parameters:expr, $features:expr) => {
                $parameters
                    .n_estimators(self.n_estimators as usize)
                    .splitter(self.splitter)
                    .max_depth(count(self.max_depth))
                    .min_samples_split(self.min_samples_split as usize)
                    .min_samples_leaf(self.min_samples_leaf as usize)
                    .min_impurity_decrease(self.min_impurity_decrease)
                    .max_leaf_nodes(count(self.max_leaf_nodes))
                    .max_features(self.max_features.map_or($features, Into::into))
                    .bootstrap(self.bootstrap)
                    .max_samples(self.max_samples.map(Into::into))
                    .max_bins(count(self.max_bins))
                    .ccp_alpha(self.ccp_alpha)
                    .oob_score(self.oob_score)
                    .seed(self.seed)
            };
        }
        match y {
            Target::Codes { codes, classes } => {
                let parameters = RandomForestClassifier::new()
                    .criterion(Criterion::of_classes(self.criterion))
                    .class_weight(self.class_weight.to_learn(context, classes));
                let parameters = with_all!(parameters, LearnFeatures::Sqrt);
                let forest = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, codes, classes, control)
                })?;
                Ok(trained_on_classes(forest))
            }
            Target::Values(y) => {
                let parameters =
                    RandomForestRegressor::new().criterion(Criterion::of_values(self.criterion));
                let parameters = with_all!(parameters, LearnFeatures::All);
                let forest = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, y.into(), control)
                })?;
                Ok(trained_on_values(forest))
            }
            Target::None => Err(wrong_target()),
        }
    }
}

/// A forest of classes.
fn trained_on_classes(forest: FittedRandomForestClassifier) -> Fit {
    let shape = trees::shape(forest.trees(), forest.depth(), forest.leaves());
    let summary = summary(shape, "accuracy", forest.out_of_bag_score());
    Fit { model: Box::new(Classes(forest)), notes: Vec::new(), summary }
}

/// A forest of numbers.
fn trained_on_values(forest: FittedRandomForestRegressor) -> Fit {
    let shape = trees::shape(forest.trees(), forest.depth(), forest.leaves());
    let summary = summary(shape, "r2", forest.out_of_bag_score());
    Fit { model: Box::new(Values(forest)), notes: Vec::new(), summary }
}

fn summary(shape: String, measure: &str, out_of_bag: Option<f64>) -> String {
    match out_of_bag {
        Some(score) => format!("{shape}, out-of-bag {measure} {score:.4}"),
        None => shape,
    }
}

struct Classes(FittedRandomForestClassifier);

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

struct Values(FittedRandomForestRegressor);

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
