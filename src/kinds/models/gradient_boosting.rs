//! Gradient boosting of trees, for classes and for numbers.

mod constraints;

use std::collections::BTreeMap;

use linfa::ParamGuard;
use mlspec_learn::boosting::{
    EarlyStopping, FittedGradientBoostingClassifier, FittedGradientBoostingRegressor, ValueLoss,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits, wrong_target,
};
use crate::data::{Classes as Labels, Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// Trees that are added one after the other, each correcting those before it, for classes and for
/// numbers (scikit-learn's `HistGradientBoosting…`).
///
/// The raw prediction of a row is `F(x) = b + learning_rate · Σ tree(x)`; several classes have one
/// each. A tree is grown on the gradients `g` and hessians `h` of the loss: a leaf answers
/// `-Σg / (Σh + l2_regularization)`, and each split is the one with the greatest gain
/// `(Σg)² / (Σh + l2_regularization)` of both sides over that of the node. For `absolute_error` and
/// `quantile` a leaf answers the median or the quantile of what is left of its rows, between two of them by a
/// straight line. **With weights that are no whole numbers it is the least value up to which the share lies.**
///
/// Numbers are put into at most `max_bins` bins before. Text columns and gaps need no
/// preparation: categories are split into two sets in the order of gradient by hessian (Fisher,
/// 1958), and gaps go to the side that fits them better. **Of more categories than `max_bins`, the
/// rarest count as missing**; scikit-learn refuses such columns. Categories that no training row
/// has count as missing too, and missing values that no training row has go to the larger side.
///
/// A row of weight 2 counts as two rows, in the bins as well; `min_samples_leaf` counts rows with a
/// weight above 0. **Training runs for all of `max_iter` unless `early_stopping` is set**, while
/// scikit-learn ends early on its own from 10 000 rows; its histogram boosting has no `subsample`,
/// **`max_leaf_nodes` cannot be `none`**, and `monotonic_cst` takes words, not 1 and -1. With
/// `poisson` and `gamma` **a leaf is kept from -20 to 20**, so that predictions stay finite.
///
/// ```yaml
/// model: { gradient_boosting: { learning_rate: 0.05, max_iter: 300 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GradientBoosting {
    /// What the trees decrease. Default: `log_loss` for classification, `squared_error` for
    /// regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"poisson")]
    pub loss: Option<BoostingLoss>,
    /// The quantile that `loss: quantile` predicts. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1), example = 0.9)]
    pub quantile: Option<f64>,
    /// The factor of every tree: smaller ones need more iterations.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub learning_rate: f64,
    /// The most iterations. Each adds a tree, or one for every class where there are more than two.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_iter: u32,
    /// The most leaves of a tree; the splits that help most are made first. For no limit, write a
    /// number above that of the rows.
    #[schemars(range(min = 2))]
    pub max_leaf_nodes: u32,
    /// The most splits on the way to a leaf. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 6)]
    pub max_depth: Option<u32>,
    /// The fewest rows of a leaf.
    #[schemars(range(min = 1))]
    pub min_samples_leaf: u32,
    /// The penalty of the squares of the leaves' answers.
    #[schemars(range(min = 0.0))]
    pub l2_regularization: f64,
    /// The share of the features that is drawn at random for each split.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1.0))]
    pub max_features: f64,
    /// The most bins of a feature, besides that of missing values.
    #[schemars(range(min = 2, max = 255))]
    pub max_bins: u32,
    /// The share of the training rows that is drawn at random for each iteration.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = 1.0))]
    pub subsample: f64,
    /// Whether training ends when the loss on held-out training rows no longer falls.
    pub early_stopping: bool,
    /// With `early_stopping`, the share of the training rows that is held out.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub validation_fraction: f64,
    /// With `early_stopping`, after how many iterations without a lower loss training ends.
    #[schemars(range(min = 1))]
    pub n_iter_no_change: u32,
    /// With `early_stopping`, by how much the loss has to fall.
    #[schemars(range(min = 0.0))]
    pub tol: f64,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1.
    pub class_weight: ClassWeight,
    /// How predictions may change with a feature: `increasing` or `decreasing`, by the feature's name
    /// at the model. With two classes it is about the probability of the positive class, or of the
    /// second one in the order of the alphabet. Not with more classes, nor with `absolute_error` and
    /// `quantile`. Default: no constraint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend(
        "additionalProperties" = { "enum": ["increasing", "decreasing"] },
        "examples" = [{ "carat": "increasing" }],
    ))]
    pub monotonic_cst: BTreeMap<String, Direction>,
    /// Where the random numbers start, for `subsample`, `max_features`, `early_stopping`, and the rows
    /// that bins are found from where there are more than 200 000.
    pub seed: u64,
}

/// What boosting decreases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum BoostingLoss {
    /// For classes: minus the logarithm of the probability of the row's class.
    LogLoss,
    /// For numbers: `(y - F)² / 2`; predicts means.
    SquaredError,
    /// For numbers: `|y - F|`; predicts medians.
    AbsoluteError,
    /// For numbers: the pinball loss; predicts the `quantile`.
    Quantile,
    /// For numbers from 0, such as counts: `exp(F) - y·F`; predicts `exp(F)`.
    Poisson,
    /// For numbers above 0: `F + y·exp(-F)`; predicts `exp(F)`.
    Gamma,
}

/// The direction of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Direction {
    /// Never down where the feature goes up.
    Increasing,
    /// Never up where the feature goes up.
    Decreasing,
}

impl Default for GradientBoosting {
    fn default() -> Self {
        let early = EarlyStopping::default();
        Self {
            loss: None,
            quantile: None,
            learning_rate: 0.1,
            max_iter: 100,
            max_leaf_nodes: 31,
            max_depth: None,
            min_samples_leaf: 20,
            l2_regularization: 0.0,
            max_features: 1.0,
            max_bins: 255,
            subsample: 1.0,
            early_stopping: false,
            validation_fraction: early.validation_fraction,
            n_iter_no_change: early.n_iter_no_change as u32,
            tol: early.tol,
            class_weight: ClassWeight::None,
            monotonic_cst: BTreeMap::new(),
            seed: 0,
        }
    }
}

impl Model for GradientBoosting {
    fn about(&self) -> About {
        let tasks: &'static [Task] = match self.loss {
            None => &[Task::Classification, Task::Regression],
            Some(BoostingLoss::LogLoss) => &[Task::Classification],
            Some(
                BoostingLoss::SquaredError
                | BoostingLoss::AbsoluteError
                | BoostingLoss::Quantile
                | BoostingLoss::Poisson
                | BoostingLoss::Gamma,
            ) => &[Task::Regression],
        };
        About { tasks, scores: Scores::Probabilities, preparation: Preparation::Native }
    }

    fn rules() -> Vec<Rule> {
        let quantile = &["quantile"];
        let numbers = &["squared_error", "absolute_error", "quantile", "poisson", "gamma"];
        let leaves = "`monotonic_cst` cannot be kept where leaves are quantiles";
        let classes = "`class_weight` has no meaning for a loss of numbers";
        let mut rules = vec![
            Rule::refuses("loss", quantile, "the loss `quantile` needs a `quantile` to predict")
                .needs("quantile")
                .code(Code::ModelParameter)
                .label("which quantile?")
                .help("add `quantile: 0.9`"),
            Rule::only_with("quantile", "loss", quantile),
            Rule::refuses_given("monotonic_cst", leaves)
                .beside("loss", &["quantile", "absolute_error"])
                .label("not with this loss")
                .help("remove it, or take `squared_error`, `poisson` or `gamma` as the loss"),
            Rule::refuses_given("class_weight", classes)
                .beside("loss", numbers)
                .label("no classes")
                .help("remove `class_weight`"),
        ];
        let of_stopping = ["validation_fraction", "n_iter_no_change", "tol"];
        rules.extend(of_stopping.map(|name| Rule::only_with(name, "early_stopping", &[true])));
        rules
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        let its = self.about().tasks;
        let mut found = Vec::new();
        if let (Some(loss), [its]) = (self.loss, its)
            && *its != task
        {
            let others = match task {
                Task::Regression => "a loss of numbers, such as `squared_error`",
                Task::Classification | Task::Clustering => "`log_loss`",
            };
            found.push(misfits::for_another_task("loss", &loss, (*its, task), others));
        }
        if self.class_weight != ClassWeight::None && task == Task::Regression {
            found.push(misfits::without_meaning("class_weight", task));
        }
        found
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("learning_rate {}, max_iter {}", self.learning_rate, self.max_iter)
    }
}

impl GradientBoosting {
    fn early(&self) -> Option<EarlyStopping> {
        self.early_stopping.then_some(EarlyStopping {
            validation_fraction: self.validation_fraction,
            n_iter_no_change: self.n_iter_no_change as usize,
            tol: self.tol,
        })
    }

    /// The end of training, for the trace.
    fn summary(&self, iterations: usize) -> String {
        let done = counted(iterations, "iteration");
        if self.early_stopping && iterations < self.max_iter as usize {
            format!("stopped early after {done}")
        } else {
            done
        }
    }
}

/// Hands the parameters that classes and numbers share to either builder.
macro_rules! parameters {
    ($builder:expr, $spec:expr, $x:expr, $constraints:expr) => {
        $builder
            .learning_rate($spec.learning_rate)
            .max_iter($spec.max_iter as usize)
            .max_leaf_nodes(Some($spec.max_leaf_nodes as usize))
            .max_depth($spec.max_depth.map(|depth| depth as usize))
            .min_samples_leaf($spec.min_samples_leaf as usize)
            .l2_regularization($spec.l2_regularization)
            .max_features($spec.max_features)
            .max_bins($spec.max_bins as usize)
            .subsample($spec.subsample)
            .early_stopping($spec.early())
            .categories($x.levels.to_vec())
            .monotonic_cst($constraints)
            .seed($spec.seed)
    };
}

struct Classes(FittedGradientBoostingClassifier);

struct Values(FittedGradientBoostingRegressor);

impl Learner for GradientBoosting {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        match y {
            Target::Codes { codes, classes } => {
                let constraints = self.constraints(x, context.positive)?;
                if classes > 2 && !self.monotonic_cst.is_empty() {
                    let message =
                        format!("`monotonic_cst` is for two classes, and there are {classes}");
                    let problem = Problem::of_parameter(Code::TaskMisfit, "monotonic_cst", message);
                    let problem = problem.label("more than two classes");
                    return Err(Failure::Problem(problem.help("remove `monotonic_cst`")));
                }
                let builder = mlspec_learn::GradientBoostingClassifier::new()
                    .class_weight(self.class_weight.to_learn(context, classes));
                let builder = parameters!(builder, self, x, constraints);
                let fitted = adapter::train(context, x, |control| {
                    builder.check()?.fit_rows(x.values, codes, classes, control)
                })?;
                let summary = self.summary(fitted.iterations());
                Ok(Fit { model: Box::new(Classes(fitted)), notes: Vec::new(), summary })
            }
            Target::Values(y) => {
                misfits::refuse(self, Task::Regression)?;
                let loss = match self.loss {
                    None | Some(BoostingLoss::SquaredError) => ValueLoss::SquaredError,
                    Some(BoostingLoss::AbsoluteError) => ValueLoss::AbsoluteError,
                    Some(BoostingLoss::Quantile) => ValueLoss::Quantile,
                    Some(BoostingLoss::Poisson) => ValueLoss::Poisson,
                    Some(BoostingLoss::Gamma) => ValueLoss::Gamma,
                    Some(BoostingLoss::LogLoss) => return Err(wrong_target()),
                };
                let constraints = self.constraints(x, None)?;
                let builder = mlspec_learn::GradientBoostingRegressor::new()
                    .loss(loss)
                    .quantile(self.quantile.unwrap_or(0.5));
                let builder = parameters!(builder, self, x, constraints);
                let fitted = adapter::train(context, x, |control| {
                    builder.check()?.fit_rows(x.values, y.into(), control)
                })?;
                let summary = self.summary(fitted.iterations());
                Ok(Fit { model: Box::new(Values(fitted)), notes: Vec::new(), summary })
            }
            Target::None => Err(wrong_target()),
        }
    }
}

impl Fitted for Classes {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = self.0.predict_both(x.values);
        Prediction::Codes { codes: codes.to_vec(), probabilities: Some(probabilities) }
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances())
    }

    fn margins(&self, x: Rows<'_>) -> Option<ndarray::Array2<f64>> {
        self.0.margins(x.values)
    }

    fn work(&self) -> usize {
        32 * self.0.trees()
    }
}

impl Fitted for Values {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }

    fn importances(&self) -> Option<Vec<f64>> {
        Some(self.0.feature_importances())
    }

    fn work(&self) -> usize {
        32 * self.0.iterations()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::{Array2, ShapeBuilder};
    use serde_json::{Value, json};

    use super::super::StopFlag;
    use super::*;
    use crate::diagnostic::Route;

    fn model(parameters: Value) -> GradientBoosting {
        serde_json::from_value(parameters).expect("parameters of the model")
    }

    fn fit(spec: &GradientBoosting, positive: Option<u32>, y: Target<'_>) -> Result<Fit, Failure> {
        let values = Array2::from_shape_fn((60, 2).f(), |(row, column)| {
            if column == 0 { row as f64 } else { (row % 3) as f64 }
        });
        let names: Vec<Arc<str>> = vec!["size".into(), "kind".into()];
        let x = Rows {
            values: values.view(),
            names: &names,
            levels: &[0, 3],
            indicators: Default::default(),
        };
        let stop = StopFlag::new();
        spec.fit(x, y, &Context { weights: None, stop: &stop, classes: None, positive })
    }

    #[test]
    fn constraints_are_of_features_with_an_order() {
        let y: Vec<f64> = (0..60).map(f64::from).collect();
        for name in ["kind", "colour"] {
            let spec = model(json!({ "monotonic_cst": { name: "increasing" } }));
            let Err(Failure::Problem(problem)) = fit(&spec, None, Target::Values(&y)) else {
                panic!("{name} is not refused")
            };
            assert_eq!(problem.route, Route::root().key("monotonic_cst").key(name));
        }
        let spec = model(json!({ "monotonic_cst": { "size": "increasing" } }));
        let codes: Vec<u32> = (0..60).map(|row| row % 3).collect();
        let refused = fit(&spec, None, Target::Codes { codes: &codes, classes: 3 });
        assert!(matches!(refused, Err(Failure::Problem(_))));
    }

    #[test]
    fn constraints_are_about_the_positive_class() {
        let codes: Vec<u32> = (0..60).map(|row| u32::from(row >= 30)).collect();
        let target = || Target::Codes { codes: &codes, classes: 2 };
        let spec = model(json!({ "monotonic_cst": { "size": "increasing" } }));
        let learns = |positive| {
            let fitted = fit(&spec, positive, target()).ok().unwrap();
            fitted.model.importances().unwrap()[0] > 0.5
        };
        // The second class grows with the size, the first one falls.
        assert!(learns(None) && learns(Some(1)) && !learns(Some(0)));
    }

    #[test]
    fn an_early_stop_is_told() {
        let y: Vec<f64> = (0..60).map(|row| f64::from(row % 7 * 5 % 11)).collect();
        let spec = model(json!({ "early_stopping": true, "n_iter_no_change": 2 }));
        let summary = fit(&spec, None, Target::Values(&y)).ok().unwrap().summary;
        assert!(summary.starts_with("stopped early after "), "{summary}");
        let summary = fit(&model(json!({})), None, Target::Values(&y)).ok().unwrap().summary;
        assert_eq!(summary, "100 iterations");
    }
}
