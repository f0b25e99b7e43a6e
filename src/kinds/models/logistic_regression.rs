//! Logistic regression, binary and multinomial.

use linfa::ParamGuard;
use mlspec_learn::logistic::Penalty as LearnPenalty;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Classes as Labels, Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// A linear model of the log-odds of the classes, binary or multinomial, with probabilities.
///
/// Minimises `c · Σ loss + penalty`, where the loss of a row is minus the logarithm of the
/// probability of its class (softmax for more than two classes). The penalty is `½‖w‖²` (`l2`), `‖w‖₁` (`l1`), or
/// `l1_ratio · ‖w‖₁ + ½ (1 − l1_ratio) · ‖w‖²` (`elastic_net`); intercepts are not penalised. The
/// penalty depends on the scale of the columns, so the preparation that the runner adds
/// standardizes them.
///
/// ```yaml
/// model: { logistic_regression: { c: 0.5, class_weight: balanced } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticRegression {
    /// What keeps the coefficients small.
    pub penalty: Penalty,
    /// The share of the absolute values in the penalty `elastic_net`: 1 is `l1`, 0 is `l2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0), example = 0.5)]
    pub l1_ratio: Option<f64>,
    /// The inverse strength of the penalty: smaller is stronger.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub c: f64,
    /// Whether intercepts are learned; otherwise they are 0.
    pub fit_intercept: bool,
    /// How much the rows of each class count: a word, or factors such as `{ yes: 2 }`, where a class that is
    /// not named has 1.
    pub class_weight: ClassWeight,
    /// The most iterations; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// Training ends when no component of the gradient is larger than this.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tol: f64,
}

/// What keeps coefficients small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Penalty {
    /// The sum of their squares.
    #[default]
    L2,
    /// The sum of their absolute values, which leaves columns of little use out.
    L1,
    /// Both, in the shares that `l1_ratio` says.
    ElasticNet,
    /// Nothing. Classes that a plane separates then have no optimum.
    None,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self {
            penalty: Penalty::L2,
            l1_ratio: None,
            c: 1.0,
            fit_intercept: true,
            class_weight: ClassWeight::None,
            max_iter: 100,
            tol: 1e-4,
        }
    }
}

impl Model for LogisticRegression {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Probabilities,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        let elastic_net = &["elastic_net"];
        vec![
            Rule::refuses("penalty", elastic_net, "the penalty `elastic_net` needs an `l1_ratio`")
                .needs("l1_ratio")
                .code(Code::ModelParameter)
                .label("`l1_ratio` is missing")
                .help("say how much of the penalty is on absolute values: `l1_ratio: 0.5`"),
            Rule::only_with("l1_ratio", "penalty", elastic_net),
            Rule::only_with("c", "penalty", &["l2", "l1", "elastic_net"]),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misnamed(&self, classes: &Labels) -> Vec<Problem> {
        self.class_weight.misnamed(classes)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        match self.penalty {
            Penalty::L2 => format!("c {}", self.c),
            Penalty::L1 => format!("l1, c {}", self.c),
            Penalty::ElasticNet => {
                format!("l1_ratio {}, c {}", self.l1_ratio.unwrap_or_default(), self.c)
            }
            Penalty::None => "no penalty".to_owned(),
        }
    }
}

struct Trained(mlspec_learn::logistic::FittedLogisticRegression);

impl Learner for LogisticRegression {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Codes { codes, classes } = y else { return Err(wrong_target()) };
        let parameters = mlspec_learn::LogisticRegression::new()
            .penalty(match self.penalty {
                Penalty::L2 => LearnPenalty::L2,
                Penalty::L1 => LearnPenalty::L1,
                Penalty::ElasticNet => LearnPenalty::ElasticNet,
                Penalty::None => LearnPenalty::None,
            })
            .l1_ratio(self.l1_ratio.unwrap_or_default())
            .c(self.c)
            .fit_intercept(self.fit_intercept)
            .class_weight(self.class_weight.to_learn(context, classes))
            .max_iter(self.max_iter as usize)
            .tol(self.tol);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_features(&adapter::features(x)?, codes, classes, control)
        })?;
        let convergence = fitted.convergence();
        let note = match self.penalty {
            Penalty::None if !convergence.converged => {
                let answers = codes_of(&fitted, x);
                let counts = |row: usize| context.weights.is_none_or(|weights| weights[row] > 0.0);
                let right =
                    |(row, (answer, code)): (usize, (&u32, &u32))| answer == code || !counts(row);
                answers.iter().zip(codes).enumerate().all(right).then(separated)
            }
            Penalty::L2 | Penalty::L1 | Penalty::ElasticNet | Penalty::None => None,
        };
        let notes = note.or_else(|| adapter::not_converged(&convergence, x));
        let notes = notes.into_iter().collect();
        let summary = counted(convergence.iterations, "iteration");
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary })
    }

    fn takes_indicators(&self) -> bool {
        true
    }
}

/// Every training row is on its side: then larger coefficients always fit better.
fn separated() -> Problem {
    let message = "the classes are perfectly separated, so that no coefficients are the best ones";
    Problem::of_parameter(Code::NotConverged, "penalty", message)
        .label("nothing limits the coefficients")
        .help("add a penalty, such as `penalty: l2` with a large `c`")
}

/// The code of the likeliest class of each row.
fn codes_of(fitted: &mlspec_learn::logistic::FittedLogisticRegression, x: Rows<'_>) -> Vec<u32> {
    match x.indicators.is_empty() {
        true => fitted.predict_rows(x.values).to_vec(),
        false => fitted.predict_features(&adapter::checked_features(x)).to_vec(),
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let probabilities = match x.indicators.is_empty() {
            true => self.0.predict_probabilities(x.values),
            false => self.0.probabilities_of(&adapter::checked_features(x)),
        };
        Prediction::Codes { codes: codes_of(&self.0, x), probabilities: Some(probabilities) }
    }

    fn margins(&self, x: Rows<'_>) -> Option<Array2<f64>> {
        self.0.margins(x.values)
    }
}
