//! Linear support vector machines, for classes and for numbers.

use linfa::ParamGuard;
use mlspec_learn::linear_svm::{
    ClassLoss, FittedLinearSupportVectorClassifier, FittedLinearSupportVectorRegressor, ValueLoss,
};
use mlspec_learn::{LinearSupportVectorClassifier, LinearSupportVectorRegressor};
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits, wrong_target,
};
use crate::data::{Classes as Labels, Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// A linear support vector machine, for classes (as `LinearSVC`) and for numbers (as `LinearSVR`): for
/// more rows than `svm` can take.
///
/// Minimises `½ (‖w‖² + (b / intercept_scaling)²) + c · Σ loss`; as in scikit-learn the intercept `b` is
/// penalised as well, the less the larger `intercept_scaling` is. The loss of a row is
/// `max(0, 1 − t (x·w + b))` or its square for classes, where `t = ±1`, and `max(0, |y − x·w − b| − epsilon)` or its square for numbers. More than
/// two classes get a machine each against all others. The penalty depends on the scale of the columns, so the
/// preparation that the runner adds standardizes them.
///
/// A classifier ranks the rows of two classes, which suits `roc_auc`, `average_precision` and the like; there are no
/// probabilities. A row of weight 2 counts as two rows, **also in `class_weight: balanced`.**
///
/// Squared losses are solved by Newton's method where the rows are at least as many as the features, and those at
/// most 2000; **`tol` then is about what a step gains.** All else is solved by dual coordinate descent, where `tol` is
/// relative to the start of the training.
///
/// ```yaml
/// model: { linear_svm: { c: 0.1 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinearSvm {
    /// What a row on the wrong side costs: smaller gives smaller coefficients.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub c: f64,
    /// The loss of a row. Default: `squared_hinge` for classification, `epsilon_insensitive` for
    /// regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"hinge")]
    pub loss: Option<Loss>,
    /// Newton's method ends when a step promises to lower the objective by at most the square of this, as a
    /// share; coordinate descent when no row breaks the conditions of the optimum by more than this, relative
    /// to the start.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tol: f64,
    /// The most steps, or rounds over the rows; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Whether the intercept `b` is learned; otherwise it is 0.
    pub fit_intercept: bool,
    /// How little the intercept is penalised.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub intercept_scaling: f64,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1. With more than two classes they count in the machine of their own class only, as in
    /// scikit-learn.
    pub class_weight: ClassWeight,
    /// Where the random numbers start: the same seed visits the rows in the same order.
    pub seed: u64,
    /// For numbers: errors up to this cost nothing. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), example = 0.5)]
    pub epsilon: Option<f64>,
}

/// What a row costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Loss {
    /// For classes: `max(0, 1 − t f)²`.
    SquaredHinge,
    /// For classes: `max(0, 1 − t f)`.
    Hinge,
    /// For numbers: `max(0, |y − f| − epsilon)`.
    EpsilonInsensitive,
    /// For numbers: its square.
    SquaredEpsilonInsensitive,
}

impl Default for LinearSvm {
    fn default() -> Self {
        Self {
            c: 1.0,
            loss: None,
            tol: 1e-4,
            max_iter: 1000,
            fit_intercept: true,
            intercept_scaling: 1.0,
            class_weight: ClassWeight::None,
            seed: 0,
            epsilon: None,
        }
    }
}

impl LinearSvm {
    /// A parameter that only classes give a meaning, where one is set.
    fn of_classes(&self) -> Option<&'static str> {
        match self.loss {
            Some(Loss::SquaredHinge | Loss::Hinge) => Some("loss"),
            None | Some(Loss::EpsilonInsensitive | Loss::SquaredEpsilonInsensitive) => {
                (self.class_weight != ClassWeight::None).then_some("class_weight")
            }
        }
    }

    /// A parameter that only numbers give a meaning, where one is set.
    fn of_numbers(&self) -> Option<&'static str> {
        match self.loss {
            Some(Loss::EpsilonInsensitive | Loss::SquaredEpsilonInsensitive) => Some("loss"),
            None | Some(Loss::SquaredHinge | Loss::Hinge) => self.epsilon.map(|_| "epsilon"),
        }
    }
}

impl Model for LinearSvm {
    fn about(&self) -> About {
        let tasks: &'static [Task] = match (self.of_classes(), self.of_numbers()) {
            (Some(_), _) => &[Task::Classification],
            (None, Some(_)) => &[Task::Regression],
            (None, None) => &[Task::Classification, Task::Regression],
        };
        About { tasks, scores: Scores::Ranks, preparation: Preparation::Scaled }
    }

    fn rules() -> Vec<Rule> {
        let apart = |rule: Rule, of_numbers: &str, of_classes: &str| {
            rule.message(format!(
                "`{of_numbers}` is about numbers, and `{of_classes}` about classes"
            ))
            .label("only for regression")
            .help(format!("remove or change `{of_numbers}` or `{of_classes}`"))
        };
        let of_classes = &["squared_hinge", "hinge"];
        let of_numbers = &["epsilon_insensitive", "squared_epsilon_insensitive"];
        let loss = Rule::refuses("loss", of_numbers, "").beside_given("class_weight");
        let epsilon = Rule::refuses_given("epsilon", "");
        let alone = epsilon.clone().beside_given("class_weight").unless_given("loss");
        vec![
            apart(epsilon.beside("loss", of_classes), "epsilon", "loss"),
            apart(loss, "loss", "class_weight"),
            apart(alone, "epsilon", "class_weight"),
            Rule::only_with("intercept_scaling", "fit_intercept", &[true]),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        let (idle, others) = match task {
            Task::Regression => {
                (self.of_classes(), "`epsilon_insensitive` or `squared_epsilon_insensitive`")
            }
            Task::Classification | Task::Clustering => {
                (self.of_numbers(), "`squared_hinge` or `hinge`")
            }
        };
        let its = match task {
            Task::Regression => Task::Classification,
            Task::Classification | Task::Clustering => Task::Regression,
        };
        let problem = match (idle, &self.loss) {
            (Some("loss"), Some(loss)) => {
                Some(misfits::for_another_task("loss", loss, (its, task), others))
            }
            (idle, _) => idle.map(|parameter| misfits::without_meaning(parameter, task)),
        };
        problem.into_iter().collect()
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("c {}", self.c)
    }
}

struct Classes(FittedLinearSupportVectorClassifier);

struct Values(FittedLinearSupportVectorRegressor);

impl Learner for LinearSvm {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        match y {
            Target::Codes { codes, classes } => {
                let loss = match self.loss {
                    Some(Loss::Hinge) => ClassLoss::Hinge,
                    None
                    | Some(
                        Loss::SquaredHinge
                        | Loss::EpsilonInsensitive
                        | Loss::SquaredEpsilonInsensitive,
                    ) => ClassLoss::SquaredHinge,
                };
                let parameters = LinearSupportVectorClassifier::new()
                    .c(self.c)
                    .loss(loss)
                    .tol(self.tol)
                    .max_iter(self.max_iter as usize)
                    .fit_intercept(self.fit_intercept)
                    .intercept_scaling(self.intercept_scaling)
                    .class_weight(self.class_weight.to_learn(context, classes))
                    .seed(self.seed);
                let fitted = adapter::train(context, x, |control| {
                    parameters.check()?.fit_features(
                        &adapter::features(x)?,
                        codes,
                        classes,
                        control,
                    )
                })?;
                let convergence = fitted.convergence();
                let notes = adapter::not_converged(&convergence, x).into_iter().collect();
                let summary = counted(convergence.iterations, "iteration");
                Ok(Fit { model: Box::new(Classes(fitted)), notes, summary })
            }
            Target::Values(y) => {
                let loss = match self.loss {
                    Some(Loss::SquaredEpsilonInsensitive) => ValueLoss::SquaredEpsilonInsensitive,
                    None | Some(Loss::EpsilonInsensitive | Loss::Hinge | Loss::SquaredHinge) => {
                        ValueLoss::EpsilonInsensitive
                    }
                };
                let parameters = LinearSupportVectorRegressor::new()
                    .c(self.c)
                    .loss(loss)
                    .epsilon(self.epsilon.unwrap_or(0.0))
                    .tol(self.tol)
                    .max_iter(self.max_iter as usize)
                    .fit_intercept(self.fit_intercept)
                    .intercept_scaling(self.intercept_scaling)
                    .seed(self.seed);
                let fitted = adapter::train(context, x, |control| {
                    parameters.check()?.fit_features(&adapter::features(x)?, y.into(), control)
                })?;
                let convergence = fitted.convergence();
                let notes = adapter::not_converged(&convergence, x).into_iter().collect();
                let summary = counted(convergence.iterations, "iteration");
                Ok(Fit { model: Box::new(Values(fitted)), notes, summary })
            }
            Target::None => Err(wrong_target()),
        }
    }

    /// The other losses are descended row by row, which needs the numbers.
    fn takes_indicators(&self) -> bool {
        match self.loss {
            Some(Loss::SquaredHinge | Loss::SquaredEpsilonInsensitive) => true,
            Some(Loss::Hinge | Loss::EpsilonInsensitive) => false,
            None => self.of_numbers().is_none(),
        }
    }
}

impl Fitted for Classes {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = match x.indicators.is_empty() {
            true => self.0.answer(x.values),
            false => self.0.answer_of(&adapter::checked_features(x)),
        };
        Prediction::Codes { codes: codes.to_vec(), probabilities }
    }

    fn margins(&self, x: Rows<'_>) -> Option<Array2<f64>> {
        self.0.margins(x.values)
    }
}

impl Fitted for Values {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(match x.indicators.is_empty() {
            true => self.0.predict_rows(x.values).to_vec(),
            false => self.0.predict_features(&adapter::checked_features(x)).to_vec(),
        })
    }
}
