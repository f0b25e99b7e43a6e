//! A model that learns from what other models answer.

use ndarray::{Array2, ArrayView2, ShapeBuilder, s};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::members::{self, Picked, pick};
use super::out_of_fold::{self, Setting, Taken, columns_of};
use super::{
    About, AnyModel, AsTheyAre, Context, Cut, Failure, Fit, Fitted, Folding, Learner,
    LogisticRegression, Member, Model, Preparation, Ridge, Role, Scores, Target, Tuning, folding,
};
use crate::data::{Matrix, Prediction, Rows};
use crate::diagnostic::{Code, Problem, Route};
use crate::kinds::Rule;

/// A model that learns from what other models answer.
///
/// The training rows are cut into folds; each model of `of` is trained on all but one and answers
/// that one, so that every answer is on rows that it was not trained on. From these answers the `final`
/// model learns: the probabilities of the classes (of two the second) where a model has some, or else its
/// decisions where it has those (`svm` and `linear_svm`), and otherwise its classes or numbers. The models
/// of `of` are then trained once more on all training rows. `prepare` is fitted anew within each fold.
///
/// This is scikit-learn's `StackingClassifier` and `StackingRegressor`, **whose `final_estimator` for
/// numbers is a ridge that chooses its own `alpha`, and whose folds are runs of rows, as with
/// `shuffle: false`**. Where the spec's split goes forward in time, `final` learns from the rows that
/// some fold judges.
///
/// ```yaml
/// model:
///   stacking:
///     of: [gaussian_naive_bayes, decision_tree]
///     final: { logistic_regression: { c: 0.5 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stacking {
    /// The models that answer first. There is no default.
    #[schemars(schema_with = "members::model_list")]
    pub of: Vec<AnyModel>,
    /// The model that learns from their answers. Default: `logistic_regression` for classes, `ridge`
    /// for numbers.
    #[serde(rename = "final", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "members::one_model")]
    pub last: Option<Box<AnyModel>>,
    /// Whether `final` sees the features as well.
    pub passthrough: bool,
    /// How many folds the training rows are cut into; each class keeps its share.
    #[schemars(range(min = 2, max = 1000))]
    pub folds: usize,
    /// Whether the rows of the folds are drawn at random. `false` takes them in their order.
    pub shuffle: bool,
    /// Where the random numbers start: the same seed draws the same folds.
    pub seed: u64,
}

impl Default for Stacking {
    fn default() -> Self {
        Self { of: Vec::new(), last: None, passthrough: false, folds: 5, shuffle: true, seed: 0 }
    }
}

impl Model for Stacking {
    fn about(&self) -> About {
        let members = self.members();
        let scores = match &self.last {
            Some(last) => last.kind().about().scores,
            None => Scores::Probabilities,
        };
        // What `final` asks for concerns the features only where it sees them.
        let first = members::preparation(&members[..self.of.len()]);
        let last = match (&self.last, self.passthrough) {
            (_, false) => Preparation::Nothing,
            (Some(last), true) => last.kind().about().preparation,
            (None, true) => Preparation::Scaled,
        };
        About { tasks: members::tasks(&members), scores, preparation: first.max(last) }
    }

    fn rules() -> Vec<Rule> {
        let example = "stacking: { of: [logistic_regression, decision_tree] }";
        vec![Rule::required("stacking", "of", example)]
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems =
            members::check(&self.members(), members::OF_TARGETS, members::Detectors::Refused);
        problems.extend(self.check_one_answer());
        problems
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        let last = self.last.as_ref().map_or("the default", |last| last.name());
        format!("{}, then {last}", members::listing(&members::in_list(&self.of)))
    }
}

impl Stacking {
    /// A curve is learned from one column.
    fn check_one_answer(&self) -> Option<Problem> {
        let Some(AnyModel::Isotonic(_)) = self.last.as_deref() else { return None };
        let message = match (self.of.len(), self.passthrough) {
            (1, false) => return None,
            (_, true) => "isotonic regression takes one column, and with `passthrough` there are \
                          the features as well"
                .to_owned(),
            (models, false) => {
                format!("isotonic regression takes one column, and {models} models answer here")
            }
        };
        let route = Route::root().key("final").key("isotonic");
        let problem = Problem { route, ..Problem::of_kind(Code::ModelFeatures, message) };
        Some(problem.label("takes one column").help("choose another model, such as `ridge`"))
    }
}

impl Learner for Stacking {
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
        let (classes, fallback) = match y {
            Target::Codes { classes, .. } => {
                (classes, AnyModel::LogisticRegression(LogisticRegression::default()))
            }
            Target::Values(_) => (0, AnyModel::Ridge(Ridge::default())),
            Target::None => return Err(super::wrong_target()),
        };
        let last = members::at("final", self.last.as_deref().unwrap_or(&fallback));
        let first = members::in_list(&self.of);
        let cut = Cut { folds: self.folds, shuffle: self.shuffle, seed: self.seed };
        let folds = folding::cut(folding, &cut, x.reborrow(), y, context)?;
        let setting = Setting { x: x.reborrow(), y, context, folding };
        let taken: Vec<Taken> = first.iter().map(taken).collect();
        let found = out_of_fold::answers(&first, &folds, &setting, &taken)?;
        let mut notes = found.notes;
        let mut models = Vec::with_capacity(first.len());
        for (member, taken) in first.into_iter().zip(taken) {
            let fit = members::train(&member, x.reborrow(), y, context, folding)?;
            notes.extend(fit.notes);
            models.push(First { route: member.route, model: fit.model, taken });
        }
        let passed = self.passthrough.then(|| Matrix::pick(x.reborrow(), &found.rows));
        let passed = passed.as_ref().map(|matrix| matrix.rows(0, matrix.len()));
        let seen = beside(&found.answers, passed);
        let picked = Picked::new(y, &found.rows);
        let weights = context.weights.map(|weights| pick(weights, &found.rows));
        let inner = Context { weights: weights.as_deref(), ..*context };
        let others = folding.other_columns(&found.rows);
        let rows = seen.rows(0, seen.len());
        let fit = members::train(&last, rows, picked.target(), &inner, &others)
            .map_err(|failure| at_last(failure, &last))?;
        notes.extend(fit.notes);
        let model = Trained {
            models,
            last: First { route: last.route, model: fit.model, taken: Taken::Answers },
            classes,
            passthrough: self.passthrough,
        };
        let notes = members::once(notes);
        Ok(Fit { model: Box::new(model), notes, summary: format!("final: {}", fit.summary) })
    }

    fn members(&self) -> Vec<Member<'_>> {
        let last = self.last.iter().map(|last| members::at("final", last));
        members::in_list(&self.of).into_iter().chain(last).collect()
    }
}

/// Rows and columns of the answers are not those of the data.
fn at_last(failure: Failure, last: &Member<'_>) -> Failure {
    match failure {
        Failure::Column { message, .. } | Failure::Target { message, .. } => {
            let problem =
                Problem::of_kind(Code::TrainFailed, message).label("could not be trained");
            Failure::Problem(members::under(problem, &last.route))
        }
        Failure::Stopped | Failure::Problem(_) | Failure::Elsewhere(_) => failure,
    }
}

/// The answers of all members as one block of columns, and behind them the features.
fn beside(answers: &[Array2<f64>], passed: Option<Rows<'_>>) -> Matrix {
    let mut names: Vec<Arc<str>> = Vec::new();
    for (member, columns) in answers.iter().enumerate() {
        names.extend((0..columns.ncols()).map(|column| format!("of[{member}] {column}").into()));
    }
    let mut levels = vec![0; names.len()];
    levels.extend(passed.as_ref().map_or(&[][..], |rows| rows.levels));
    let features = passed.as_ref().map(|rows| rows.values.reborrow());
    names.extend(passed.as_ref().into_iter().flat_map(|rows| rows.names.iter().cloned()));
    let blocks: Vec<ArrayView2<'_, f64>> =
        answers.iter().map(Array2::view).chain(features).collect();
    let rows = blocks.first().map_or(0, |block| block.nrows());
    let mut values = Array2::zeros((rows, names.len()).f());
    let mut from = 0;
    for block in blocks {
        let to = from + block.ncols();
        values.slice_mut(s![.., from..to]).assign(&block);
        from = to;
    }
    Matrix::new(values, names, levels)
}

/// What is taken from a model: scikit-learn's `stack_method: auto`.
fn taken(member: &Member<'_>) -> Taken {
    let probable = member.model.kind().about().scores == Scores::Probabilities;
    if !probable && decides(member.model) { Taken::Margins } else { Taken::Answers }
}

/// Whether it answers by decisions, where it was shown all classes.
fn decides(model: &AnyModel) -> bool {
    match model {
        AnyModel::Svm(_) | AnyModel::LinearSvm(_) => true,
        AnyModel::Search(search) => search.variants().iter().all(decides),
        _ => false,
    }
}

/// A model of the stack, with what the last one is told of it.
struct First {
    route: Route,
    model: Box<dyn Fitted>,
    taken: Taken,
}

struct Trained {
    models: Vec<First>,
    last: First,
    /// 0 for numbers.
    classes: usize,
    passthrough: bool,
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let positions: Vec<u32> = (0..x.values.nrows() as u32).collect();
        self.predict_in_fold(x, &positions)
    }

    fn predict_in_fold(&self, x: Rows<'_>, positions: &[u32]) -> Prediction {
        let answer = |first: &First| {
            columns_of(&*first.model, x.reborrow(), positions, self.classes, first.taken)
        };
        let answers: Vec<Array2<f64>> = self.models.iter().map(answer).collect();
        let seen = beside(&answers, self.passthrough.then(|| x.reborrow()));
        self.last.model.predict(seen.rows(0, seen.len()))
    }

    fn work(&self) -> usize {
        let all = self.models.iter().chain([&self.last]).map(|each| each.model.work());
        all.fold(0, usize::saturating_add)
    }

    fn tunings(&self) -> Vec<Tuning> {
        let of = |first: &First| -> Vec<Tuning> {
            first.model.tunings().into_iter().map(|each| each.under(&first.route)).collect()
        };
        self.models.iter().chain([&self.last]).flat_map(of).collect()
    }
}
