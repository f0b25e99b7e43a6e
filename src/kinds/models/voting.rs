//! Several models that answer together.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, AnyModel, AsTheyAre, Context, Failure, Fit, Fitted, Folding, Learner, Member, Model,
    Role, Scores, Target, Tuning, members,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, Route, counted};
use crate::kinds::Rule;

/// Several models, each trained on all training rows, that answer together.
///
/// For classes they vote: with `hard` the answer is the class that most of them say, and the first of
/// those with as many votes; with `soft` it is the class with the largest mean of their
/// probabilities, which are then the probabilities of the whole. For numbers the answer is the mean of
/// theirs. `weights` make some count more.
///
/// The features are prepared once for all members, as the most demanding of them asks. The members
/// are scikit-learn's `estimators`, **without names of their own**.
///
/// ```yaml
/// model:
///   voting:
///     of:
///       - logistic_regression
///       - decision_tree: { max_depth: 4 }
///     voting: soft
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Voting {
    /// The models. There is no default.
    #[schemars(schema_with = "members::model_list")]
    pub of: Vec<AnyModel>,
    /// How classes are voted for; it says nothing about numbers.
    pub voting: Vote,
    /// How much each model counts, in the order of `of`. Default: all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Vec<f64>",
        extend("items" = { "type": "number", "minimum": 0 }, "minItems" = 1),
        example = [2, 1]
    )]
    pub weights: Option<Vec<f64>>,
}

/// How classes are voted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Vote {
    /// Each model has a vote for its class.
    #[default]
    Hard,
    /// The mean of the probabilities decides.
    Soft,
}

impl Model for Voting {
    fn about(&self) -> About {
        let members = self.members();
        About {
            tasks: members::tasks(&members),
            scores: match self.voting {
                Vote::Hard => Scores::Nothing,
                Vote::Soft => Scores::Probabilities,
            },
            preparation: members::preparation(&members),
        }
    }

    fn rules() -> Vec<Rule> {
        let example = "voting: { of: [logistic_regression, decision_tree] }";
        vec![Rule::required("voting", "of", example)]
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems =
            members::check(&self.members(), members::OF_TARGETS, members::Detectors::Refused);
        if self.voting == Vote::Soft {
            problems.extend(self.check_soft());
        }
        problems.extend(self.check_weights());
        problems
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        // Where all members are of numbers `check` has refused it.
        let either = members::tasks(&self.members()).contains(&Task::Classification);
        let idle = self.voting == Vote::Soft && task == Task::Regression && either;
        let problem = || {
            let message = "`soft` is about classes, and this is regression";
            Problem::of_parameter(Code::TaskMisfit, "voting", message)
                .label("no classes")
                .help("remove `voting`")
        };
        idle.then(problem).into_iter().collect()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        let members = self.members();
        let how = match (members::tasks(&members), self.voting) {
            ([Task::Regression], _) => "",
            (_, Vote::Hard) => ", hard",
            (_, Vote::Soft) => ", soft",
        };
        format!("{}{how}", members::listing(&members))
    }
}

impl Voting {
    fn check_soft(&self) -> Vec<Problem> {
        let members = self.members();
        if members::tasks(&members) == [Task::Regression] {
            let message = "`soft` is about classes, and these models answer with numbers";
            return vec![
                Problem::of_parameter(Code::TaskMisfit, "voting", message)
                    .label("has no meaning here")
                    .help("remove `voting`"),
            ];
        }
        let lacking = members.into_iter().filter(|member| {
            let about = member.model.kind().about();
            matches!(member.model.kind().role(), Role::Learns(_))
                && about.tasks.contains(&Task::Classification)
                && about.scores < Scores::Probabilities
        });
        lacking
            .map(|member| {
                let message =
                    format!("`soft` needs probabilities, and `{}` has none", member.model.name());
                Problem {
                    route: member.route,
                    ..Problem::of_kind(Code::MetricNeedsProbabilities, message)
                }
                .label("no probabilities")
                .help("write `voting: hard`, calibrate this model, or choose another")
            })
            .collect()
    }

    fn check_weights(&self) -> Option<Problem> {
        let weights = self.weights.as_ref()?;
        let problem = |message: String, help: &str| {
            Problem::of_parameter(Code::ModelParameter, "weights", message)
                .label("does not fit the models")
                .help(help)
        };
        if weights.len() != self.of.len() {
            let message = format!(
                "{} cannot be shared by {}",
                counted(weights.len(), "weight"),
                counted(self.of.len(), "model")
            );
            return Some(problem(message, "write one weight a model, in their order"));
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            let message = "no model counts: every weight is 0".to_owned();
            return Some(problem(message, "give at least one model a weight above 0"));
        }
        None
    }

    /// One weight a member.
    fn shares(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.of.len()])
    }
}

impl Learner for Voting {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let folding = AsTheyAre::alone(x.values.nrows(), y);
        self.fit_within(x, y, context, &folding)
    }

    fn fit_within(
        &self,
        x: Rows<'_>,
        y: Target<'_>,
        context: &Context<'_>,
        folding: &dyn Folding,
    ) -> Result<Fit, Failure> {
        let mut notes = Vec::new();
        let mut trained = Vec::new();
        let mut summaries = Vec::new();
        for (member, weight) in self.members().into_iter().zip(self.shares()) {
            let fit = members::train(&member, x.reborrow(), y, context, folding)?;
            summaries.push(format!("{}: {}", member.model.name(), fit.summary));
            notes.extend(fit.notes);
            trained.push(Voter { route: member.route, weight, model: fit.model });
        }
        let model = Trained {
            voters: trained,
            vote: self.voting,
            classes: match y {
                Target::Codes { classes, .. } => classes,
                Target::Values(_) | Target::None => 0,
            },
        };
        Ok(Fit { model: Box::new(model), notes, summary: summaries.join("; ") })
    }

    fn members(&self) -> Vec<Member<'_>> {
        members::in_list(&self.of)
    }
}

struct Voter {
    route: Route,
    weight: f64,
    model: Box<dyn Fitted>,
}

struct Trained {
    voters: Vec<Voter>,
    vote: Vote,
    /// 0 where numbers are answered.
    classes: usize,
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let rows = x.values.nrows();
        self.together(rows, |model| model.predict(x.reborrow()))
    }

    fn predict_in_fold(&self, x: Rows<'_>, positions: &[u32]) -> Prediction {
        self.together(positions.len(), |model| model.predict_in_fold(x.reborrow(), positions))
    }

    fn work(&self) -> usize {
        self.voters.iter().map(|voter| voter.model.work()).fold(0, usize::saturating_add)
    }

    fn tunings(&self) -> Vec<Tuning> {
        let of = |voter: &Voter| {
            voter
                .model
                .tunings()
                .into_iter()
                .map(|each| each.under(&voter.route))
                .collect::<Vec<_>>()
        };
        self.voters.iter().flat_map(of).collect()
    }
}

impl Trained {
    fn together(&self, rows: usize, answer: impl Fn(&dyn Fitted) -> Prediction) -> Prediction {
        let total: f64 = self.voters.iter().map(|voter| voter.weight).sum();
        let mut values = vec![0.0; if self.classes == 0 { rows } else { 0 }];
        let mut shares =
            Array2::<f64>::zeros((if self.classes == 0 { 0 } else { rows }, self.classes));
        for voter in &self.voters {
            match answer(&*voter.model) {
                Prediction::Values(answers) => {
                    for (sum, answer) in values.iter_mut().zip(answers) {
                        *sum += voter.weight * answer;
                    }
                }
                Prediction::Codes { codes, probabilities } => match (self.vote, probabilities) {
                    (Vote::Soft, Some(probabilities)) => {
                        shares.zip_mut_with(&probabilities, |sum, p| *sum += voter.weight * p);
                    }
                    (Vote::Hard | Vote::Soft, _) => {
                        for (row, code) in codes.iter().enumerate() {
                            shares[[row, *code as usize]] += voter.weight;
                        }
                    }
                },
                // A model that groups rows is refused by `check`.
                Prediction::Clusters { .. } => {}
            }
        }
        if self.classes == 0 {
            return Prediction::Values(values.into_iter().map(|sum| sum / total).collect());
        }
        shares.mapv_inplace(|sum| sum / total);
        let codes = members::most(&shares);
        let probabilities = match self.vote {
            Vote::Hard => None,
            Vote::Soft => Some(shares),
        };
        Prediction::Codes { codes, probabilities }
    }
}
