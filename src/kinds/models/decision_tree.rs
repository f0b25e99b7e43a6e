//! Decision trees for classes and for numbers.

use linfa::ParamGuard;
use mlspec_learn::tree::MaxFeatures as LearnFeatures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::trees::{self, Criterion, MaxFeatures};
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits, wrong_target,
};
use crate::data::{Classes as Labels, Prediction, Rows, Task};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// A tree of yes-or-no questions about single features (CART), for classes and for numbers.
///
/// At every node the question is asked that lowers the impurity of the rows most, until a limit is
/// reached or all rows of a node agree. A leaf answers its most frequent class, with the shares of
/// its rows as probabilities, or the mean (for `absolute_error` the median) of its numbers. Ties
/// between questions go to the first feature and the lowest threshold; **scikit-learn draws among
/// them**, so that single answers can differ.
///
/// A row of weight 2 counts as two rows where shares and means are taken; `min_samples_split` and
/// `min_samples_leaf` count rows with a weight above 0. **With weights, `class_weight: balanced`
/// gives each class the same sum of weights; scikit-learn's trees balance the numbers of rows.**
///
/// With `max_bins` the values of every feature are first put into so many bins of about equally many
/// rows, and only questions between bins are looked at: rows are added up by bin, and a value takes
/// one byte. **scikit-learn's trees have no such parameter**; it is that of its histogram boosting. It
/// is for large tables, where a question that is off by half a bin seldom shows in a score. Features
/// with no more different values than bins give the same tree as without. With `absolute_error` rows
/// are still sorted at every node, so that less is gained.
///
/// ```yaml
/// model: { decision_tree: { max_depth: 5, min_samples_leaf: 10 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTree {
    /// The measure of impurity. Default: `gini` for classification, `squared_error` for
    /// regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"entropy")]
    pub criterion: Option<Criterion>,
    /// The most questions on the way to a leaf. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 5)]
    pub max_depth: Option<u32>,
    /// The fewest rows of a node that may be divided.
    #[schemars(range(min = 2))]
    pub min_samples_split: u32,
    /// The fewest rows of a leaf.
    #[schemars(range(min = 1))]
    pub min_samples_leaf: u32,
    /// The least weighted decrease of impurity for which a node is divided.
    #[schemars(range(min = 0.0))]
    pub min_impurity_decrease: f64,
    /// The most leaves; the divisions that help most are made first. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2), example = 32)]
    pub max_leaf_nodes: Option<u32>,
    /// How many features are drawn at random for each node: `sqrt` or `log2` of their number,
    /// `all`, a share such as 0.5 (`1.0` is all), or a whole number. Default: `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"sqrt")]
    pub max_features: Option<MaxFeatures>,
    /// The most bins of a feature, between which questions are looked for. Default: no bins, every
    /// question is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 255), example = 255)]
    pub max_bins: Option<u32>,
    /// How much every leaf beyond the first one of a branch has to decrease the impurity on
    /// average; a branch that does not is pruned (minimal cost-complexity pruning). 0 prunes
    /// nothing.
    #[schemars(range(min = 0.0))]
    pub ccp_alpha: f64,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1.
    pub class_weight: ClassWeight,
    /// Where the random numbers start, for `max_features`.
    pub seed: u64,
}

impl Default for DecisionTree {
    fn default() -> Self {
        Self {
            criterion: None,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_leaf_nodes: None,
            max_features: None,
            max_bins: None,
            ccp_alpha: 0.0,
            class_weight: ClassWeight::None,
            seed: 0,
        }
    }
}

impl Model for DecisionTree {
    fn about(&self) -> About {
        let tasks = Criterion::tasks(self.criterion);
        About { tasks, scores: Scores::Probabilities, preparation: Preparation::Numbers }
    }

    fn rules() -> Vec<Rule> {
        vec![trees::rule_of_class_weight()]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        trees::misfits(self.criterion, self.class_weight != ClassWeight::None, task)
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        match self.max_depth {
            Some(depth) => format!("max_depth {depth}"),
            None => String::new(),
        }
    }
}

struct Classes(mlspec_learn::tree::FittedDecisionTreeClassifier);

struct Values(mlspec_learn::tree::FittedDecisionTreeRegressor);

impl Learner for DecisionTree {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let count = |limit: Option<u32>| limit.map(|limit| limit as usize);
        match y {
            Target::Codes { codes, classes } => {
                let parameters = mlspec_learn::DecisionTreeClassifier::new()
                    .criterion(Criterion::of_classes(self.criterion))
                    .max_depth(count(self.max_depth))
                    .min_samples_split(self.min_samples_split as usize)
                    .min_samples_leaf(self.min_samples_leaf as usize)
                    .min_impurity_decrease(self.min_impurity_decrease)
                    .max_leaf_nodes(count(self.max_leaf_nodes))
                    .max_features(self.max_features.map_or(LearnFeatures::All, Into::into))
                    .max_bins(count(self.max_bins))
                    .ccp_alpha(self.ccp_alpha)
                    .class_weight(self.class_weight.to_learn(context, classes))
                    .seed(self.seed);
                let tree = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, codes, classes, control)
                })?;
                let summary = shape(tree.depth(), tree.leaves());
                Ok(Fit { model: Box::new(Classes(tree)), notes: Vec::new(), summary })
            }
            Target::Values(y) => {
                misfits::refuse(self, Task::Regression)?;
                let parameters = mlspec_learn::DecisionTreeRegressor::new()
                    .criterion(Criterion::of_values(self.criterion))
                    .max_depth(count(self.max_depth))
                    .min_samples_split(self.min_samples_split as usize)
                    .min_samples_leaf(self.min_samples_leaf as usize)
                    .min_impurity_decrease(self.min_impurity_decrease)
                    .max_leaf_nodes(count(self.max_leaf_nodes))
                    .max_features(self.max_features.map_or(LearnFeatures::All, Into::into))
                    .max_bins(count(self.max_bins))
                    .ccp_alpha(self.ccp_alpha)
                    .seed(self.seed);
                let tree = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, y.into(), control)
                })?;
                let summary = shape(tree.depth(), tree.leaves());
                Ok(Fit { model: Box::new(Values(tree)), notes: Vec::new(), summary })
            }
            Target::None => Err(wrong_target()),
        }
    }
}

fn shape(depth: usize, leaves: usize) -> String {
    format!("depth {depth}, {}", trees::counted_leaves(leaves))
}

impl Fitted for Classes {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Codes {
            codes: self.0.predict_rows(x.values).to_vec(),
            probabilities: Some(self.0.predict_probabilities(x.values)),
        }
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances().to_vec())
    }
}

impl Fitted for Values {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances().to_vec())
    }
}
