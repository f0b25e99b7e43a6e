//! Extremely randomized trees for classes and for numbers.

use mlspec_learn::tree::Splitter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ForestClassWeight;
use super::forest::Forest;
use super::trees::{self, Criterion, MaxFeatures, MaxSamples};
use super::{
    About, Context, Failure, Fit, Learner, Model, Preparation, Role, Scores, Target, misfits,
};
use crate::data::{Classes as Labels, Rows, Task};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

/// Extremely randomized trees: many trees whose cuts are drawn, for classes and for numbers.
///
/// At every node features are drawn, for each of them one cut at random between its least and
/// greatest value, and the best of these cuts is taken. The answer is the mean over the trees:
/// `ŷ = 1/T · Σ tree(x)` for numbers, and for classes the mean of the shares in their leaves, which
/// are the probabilities. Training is faster than that of `random_forest`, because nothing is
/// sorted. Every tree gets all rows, unless `bootstrap` is set.
///
/// A row of weight 2 counts as two rows where shares and means are taken; with `bootstrap` it is
/// drawn twice as likely. `min_samples_split` and `min_samples_leaf` count different rows.
///
/// **The same seed draws other cuts than scikit-learn, because the generators differ. `n_jobs` is
/// left out: all cores are used, and their number changes nothing in the trees.**
///
/// With `max_bins` the values of every feature are put into so many bins of about equally many rows,
/// once for all trees, and cuts are drawn between bins: a value takes one byte. **scikit-learn's trees
/// have no such parameter.** It is for tables that would otherwise be far larger than the caches.
///
/// ```yaml
/// model: { extra_trees: { n_estimators: 200, min_samples_leaf: 3 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExtraTrees {
    /// How many trees there are.
    #[schemars(range(min = 1, max = 100_000))]
    pub n_estimators: u32,
    /// The measure of impurity. Default: `gini` for classification, `squared_error` for
    /// regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"entropy")]
    pub criterion: Option<Criterion>,
    /// The most questions on the way to a leaf. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 10)]
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
    /// The most leaves of a tree; the divisions that help most are made first. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2), example = 1000)]
    pub max_leaf_nodes: Option<u32>,
    /// How many features are drawn at random for each node: `sqrt` or `log2` of their number,
    /// `all`, a share such as 0.5 (`1.0` is all), or a whole number. Default: `sqrt` for
    /// classification, `all` for regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5)]
    pub max_features: Option<MaxFeatures>,
    /// The most bins of a feature, between which cuts are drawn. Default: no bins, cuts are drawn
    /// between any two values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 255), example = 255)]
    pub max_bins: Option<u32>,
    /// Whether every tree draws its rows with replacement; otherwise it gets all of them.
    pub bootstrap: bool,
    /// How many rows are drawn for each tree: a share of them such as 0.5 (with weights, of their
    /// sum), or a whole number. Default: as many as there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5)]
    pub max_samples: Option<MaxSamples>,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1.
    pub class_weight: ForestClassWeight,
    /// How much every leaf beyond the first one of a branch has to decrease the impurity on
    /// average; a branch that does not is pruned (minimal cost-complexity pruning). 0 prunes
    /// nothing.
    #[schemars(range(min = 0.0))]
    pub ccp_alpha: f64,
    /// Whether the training rows are judged by the trees that did not draw them; the trace shows
    /// the accuracy, or r2. It needs `bootstrap`.
    pub oob_score: bool,
    /// Where the random numbers start: the same seed grows the same forest.
    pub seed: u64,
}

impl Default for ExtraTrees {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            criterion: None,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_leaf_nodes: None,
            max_features: None,
            max_bins: None,
            bootstrap: false,
            max_samples: None,
            class_weight: ForestClassWeight::None,
            ccp_alpha: 0.0,
            oob_score: false,
            seed: 0,
        }
    }
}

impl Model for ExtraTrees {
    fn about(&self) -> About {
        About {
            tasks: Criterion::tasks(self.criterion),
            scores: Scores::Probabilities,
            preparation: Preparation::Numbers,
        }
    }

    fn rules() -> Vec<Rule> {
        let mut rules = trees::rules_of_bootstrap();
        rules.push(trees::rule_of_class_weight());
        rules
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        trees::misfits(self.criterion, self.class_weight != ForestClassWeight::None, task)
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        match self.max_depth {
            Some(depth) => format!("n_estimators {}, max_depth {depth}", self.n_estimators),
            None => format!("n_estimators {}", self.n_estimators),
        }
    }
}

impl Learner for ExtraTrees {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        if matches!(y, Target::Values(_)) {
            misfits::refuse(self, Task::Regression)?;
        }
        let forest = Forest {
            splitter: Splitter::Random,
            n_estimators: self.n_estimators,
            criterion: self.criterion,
            max_depth: self.max_depth,
            min_samples_split: self.min_samples_split,
            min_samples_leaf: self.min_samples_leaf,
            min_impurity_decrease: self.min_impurity_decrease,
            max_leaf_nodes: self.max_leaf_nodes,
            max_features: self.max_features,
            max_bins: self.max_bins,
            bootstrap: self.bootstrap,
            max_samples: self.max_samples,
            class_weight: &self.class_weight,
            ccp_alpha: self.ccp_alpha,
            oob_score: self.oob_score,
            seed: self.seed,
        };
        forest.fit(x, y, context)
    }
}
