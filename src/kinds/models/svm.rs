//! Support vector machines with kernels, for classes and for numbers.

use linfa::ParamGuard;
use mlspec_learn::svm::{FittedSupportVectorClassifier, FittedSupportVectorRegressor};
use mlspec_learn::{SupportVectorClassifier, SupportVectorRegressor};
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::kernel::{Gamma, Kernel};
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits, wrong_target,
};
use crate::data::{Classes as Labels, Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// A support vector machine with a kernel, for classes (as `SVC`) and for numbers (as `SVR`).
///
/// For two classes, `t = ±1`, it minimises `½‖f‖² + c · Σ max(0, 1 − t (f(x) + b))`, for numbers
/// `½‖f‖² + c · Σ max(0, |y − f(x) − b| − epsilon)`, over the functions `f` of the kernel. More than two classes get a
/// machine for each pair, and the class with the most votes is answered. Kernels depend on the scale of the
/// columns, so the preparation that the runner adds standardizes them.
///
/// Without `probability` a classifier ranks the rows of two classes by `f`, which suits `roc_auc`,
/// `average_precision` and the like; `log_loss`, `brier` and `decision` need `probability: true`. The class that is answered
/// is that of the votes, which now and then is not the most probable one.
///
/// Time grows with the square of the rows at least. The kernel matrix is never held as a whole: memory
/// grows with the rows, beside the `cache_size`. A row of weight 2 counts as two rows (its `c` is twice as large), **also in
/// `gamma: scale`, in `class_weight` and in the sigmoid of `probability`, where scikit-learn leaves weights out. Training
/// ends at ten million iterations, or a hundred a row, if `max_iter` does not end it before.**
///
/// ```yaml
/// model: { svm: { c: 10, gamma: 0.05 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Svm {
    /// What a row on the wrong side costs: smaller gives a smoother answer.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub c: f64,
    /// How alike two rows are.
    pub kernel: Kernel,
    /// The factor of the kernels `rbf`, `poly` and `sigmoid`; `scale` is `1 / (features × variance of all
    /// values)`, `auto` is `1 / features`.
    pub gamma: Gamma,
    /// The power of the kernel `poly`.
    #[schemars(range(max = 1000))]
    pub degree: u32,
    /// What the kernels `poly` and `sigmoid` add.
    pub coef0: f64,
    /// Training ends when the conditions of the optimum hold to this.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tol: f64,
    /// Whether rows that seem settled are left out until the end: the same answer, sooner or later.
    pub shrinking: bool,
    /// How many mebibytes of kernel values are kept.
    #[schemars(range(min = 1, max = 4096))]
    pub cache_size: u32,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1.
    pub class_weight: ClassWeight,
    /// The most iterations of one machine; a warning says when they did not suffice. Default: no limit of its
    /// own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 100_000)]
    pub max_iter: Option<u32>,
    /// Whether there are probabilities.
    ///
    /// They come from a sigmoid through the answers that five folds of the training rows get from machines
    /// trained on the others, and for several classes from pairwise coupling. Training takes about five times as
    /// long.
    pub probability: bool,
    /// Where the random numbers start: the same seed draws the same folds for `probability`.
    pub seed: u64,
    /// For numbers: errors up to this cost nothing. Default: 0.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), example = 0.5)]
    pub epsilon: Option<f64>,
}

impl Default for Svm {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: Kernel::Rbf,
            gamma: Gamma::Scale,
            degree: 3,
            coef0: 0.0,
            tol: 1e-3,
            shrinking: true,
            cache_size: 200,
            class_weight: ClassWeight::None,
            max_iter: None,
            probability: false,
            seed: 0,
            epsilon: None,
        }
    }
}

impl Svm {
    /// A parameter that only classes give a meaning, where one is set.
    fn of_classes(&self) -> Option<&'static str> {
        if self.probability {
            Some("probability")
        } else if self.class_weight != ClassWeight::None {
            Some("class_weight")
        } else {
            None
        }
    }
}

impl Model for Svm {
    fn about(&self) -> About {
        let tasks: &'static [Task] = match (self.of_classes(), self.epsilon) {
            (Some(_), _) => &[Task::Classification],
            (None, Some(_)) => &[Task::Regression],
            (None, None) => &[Task::Classification, Task::Regression],
        };
        let scores = if self.probability { Scores::Probabilities } else { Scores::Ranks };
        About { tasks, scores, preparation: Preparation::Scaled }
    }

    fn rules() -> Vec<Rule> {
        let apart = |rule: Rule, of_classes: &str| {
            rule.message(format!("`epsilon` is about numbers, and `{of_classes}` about classes"))
                .label("only for regression")
                .help(format!("remove `epsilon`, or `{of_classes}`"))
        };
        let epsilon = Rule::refuses_given("epsilon", "");
        let weights = epsilon.clone().beside_given("class_weight").without("probability", &[true]);
        let mut rules = vec![
            apart(epsilon.beside("probability", &[true]), "probability"),
            apart(weights, "class_weight"),
        ];
        rules.extend(super::kernel::rules());
        rules
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        let idle = match task {
            Task::Regression => self.of_classes(),
            Task::Classification | Task::Clustering => self.epsilon.map(|_| "epsilon"),
        };
        idle.map(|parameter| misfits::without_meaning(parameter, task)).into_iter().collect()
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("{}, c {}", self.kernel.name(), self.c)
    }
}

struct Classes(FittedSupportVectorClassifier);

struct Values(FittedSupportVectorRegressor);

impl Learner for Svm {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let max_iter = self.max_iter.map(|most| most as usize);
        match y {
            Target::Codes { codes, classes } => {
                let parameters = SupportVectorClassifier::new()
                    .c(self.c)
                    .kernel(self.kernel.into())
                    .gamma(self.gamma.into())
                    .degree(self.degree)
                    .coef0(self.coef0)
                    .tol(self.tol)
                    .shrinking(self.shrinking)
                    .cache_size(self.cache_size)
                    .class_weight(self.class_weight.to_learn(context, classes))
                    .max_iter(max_iter)
                    .probability(self.probability)
                    .seed(self.seed);
                let fitted = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, codes, classes, control)
                })?;
                let notes = adapter::not_converged(&fitted.convergence(), x).into_iter().collect();
                let summary = counted(fitted.supports(), "support vector");
                Ok(Fit { model: Box::new(Classes(fitted)), notes, summary })
            }
            Target::Values(y) => {
                let parameters = SupportVectorRegressor::new()
                    .c(self.c)
                    .epsilon(self.epsilon.unwrap_or(0.1))
                    .kernel(self.kernel.into())
                    .gamma(self.gamma.into())
                    .degree(self.degree)
                    .coef0(self.coef0)
                    .tol(self.tol)
                    .shrinking(self.shrinking)
                    .cache_size(self.cache_size)
                    .max_iter(max_iter);
                let fitted = adapter::train(context, x, |control| {
                    parameters.check()?.fit_rows(x.values, y.into(), control)
                })?;
                let notes = adapter::not_converged(&fitted.convergence(), x).into_iter().collect();
                let summary = counted(fitted.supports(), "support vector");
                Ok(Fit { model: Box::new(Values(fitted)), notes, summary })
            }
            Target::None => Err(wrong_target()),
        }
    }
}

impl Fitted for Classes {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, probabilities) = self.0.answer(x.values);
        Prediction::Codes { codes: codes.to_vec(), probabilities }
    }

    fn margins(&self, x: Rows<'_>) -> Option<Array2<f64>> {
        self.0.margins(x.values)
    }

    fn work(&self) -> usize {
        self.0.work()
    }
}

impl Fitted for Values {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }

    fn work(&self) -> usize {
        self.0.work()
    }
}
