//! Parameters chosen by trying them on folds of the training rows.

mod checks;
mod choices;
mod trial;

use ndarray::Array2;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::scoring::{self, Asks, Scoring};
use super::{
    About, AnyModel, AsTheyAre, Context, Cut, Failure, Fit, Fitted, Folding, Learner, Member,
    Model, Preparation, Role, Scores, Target, Tuning, folding, members,
};
use crate::data::{Classes, Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, Route, counted, number};
use crate::kinds::Rule;
pub use choices::between;
use trial::Trial;

/// Tries combinations of a model's parameters on folds of the training rows, and trains the model with
/// the best of them on all training rows.
///
/// Each combination is trained on all folds but one and judged on that one by `metric`; the best mean
/// wins, and the first of equal ones. `prepare` is fitted anew within each fold, so that no fold knows
/// of the one that judges it. Where the spec's split keeps groups together or goes forward in time, so
/// do these folds. The chosen parameters and every score are in the trace and in the JSON report.
///
/// `grid` tries every combination (scikit-learn's `GridSearchCV`), the last parameter changing first.
/// `random` tries `n_iter` of them, drawn from lists and ranges (`RandomizedSearchCV`, **which may draw
/// the same one from ranges again; here each is tried once**).
/// `successive_halving` begins with every combination on few rows and goes on with the best ones on
/// `factor` times as many (`HalvingGridSearchCV`).
///
/// `over` reaches the parameters of `model` and nothing else: not the steps of `prepare`, and not the choice
/// between two kinds of model, which are two specs, or a parameter of a model made of models, such as
/// `final` of `stacking`. What the target says decides: `predictions`, and models that group rows, are
/// refused, because no fold tells which of their parameters are better. A model that finds anomalies is
/// judged by the target as it is outside of a search; `roc_auc` and `average_precision` suit it.
///
/// A combination whose training fails, or that has no score in some fold, cannot win, and a warning
/// says so. **Folds are drawn at random; scikit-learn takes runs of rows, as `shuffle: false` does.
/// Rows that weigh more count more in the score, too; in scikit-learn they do not.**
///
/// ```yaml
/// model:
///   search:
///     model: { logistic_regression: {} }
///     over: { c: [0.1, 1, 10], class_weight: [none, balanced] }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// The model whose parameters are chosen. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "members::one_model_to_complete")]
    pub model: Option<Box<AnyModel>>,
    /// For each parameter of the model, the values to try. There is no default.
    ///
    /// A list of values, or for `random` also a range such as `{ min: 0.01, max: 100, scale: log }`, both ends
    /// included; whole numbers are drawn where the parameter is one, and counts between counts (`max_features:
    /// { min: 1, max: 10 }`). Where a parameter is a model itself, so are its values.
    #[schemars(schema_with = "over_schema")]
    pub over: Map<String, Value>,
    /// Which combinations are tried.
    pub strategy: Strategy,
    /// What a combination is judged by: a metric of the catalogue. Default: `accuracy` for classes,
    /// `r2` for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "scoring::schema")]
    pub metric: Option<Scoring>,
    /// How many folds the training rows are cut into; each class keeps its share.
    #[schemars(range(min = 2, max = 1000))]
    pub folds: usize,
    /// Whether the rows of the folds are drawn at random. `false` takes them in their order.
    pub shuffle: bool,
    /// How many combinations `random` tries; all where there are no more. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 10000), example = 20)]
    pub n_iter: Option<u32>,
    /// For `successive_halving`: one in so many combinations goes on, with so many times the rows.
    /// Default: 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 2, max = 1000), example = 2)]
    pub factor: Option<u32>,
    /// For `successive_halving`: with how many rows it begins. Default: as many as let the last round
    /// have all rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize", range(min = 2), example = 100)]
    pub min_resources: Option<usize>,
    /// Where the random numbers start: the same seed draws the same folds and combinations.
    pub seed: u64,
}

/// Parameters, and the model that they make.
type Combination = (Map<String, Value>, AnyModel);

/// Which combinations are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Strategy {
    /// All of them.
    #[default]
    Grid,
    /// Some, drawn at random.
    Random,
    /// All on few rows, and the best of them on more.
    SuccessiveHalving,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            model: None,
            over: Map::new(),
            strategy: Strategy::Grid,
            metric: None,
            folds: 5,
            shuffle: true,
            n_iter: None,
            factor: None,
            min_resources: None,
            seed: 0,
        }
    }
}

fn over_schema(_: &mut SchemaGenerator) -> Schema {
    let wrong = "Write a list of values, or for random a range such as { min: 0.01, max: 100 }.";
    let end = |description: &str, example: Value| json!({ "type": "number", "description": description, "examples": [example] });
    members::of(json!({
        "type": "object",
        "minProperties": 1,
        "examples": [{ "alpha": [0.1, 1, 10] }],
        "additionalProperties": {
            "type": ["array", "object"],
            "errorMessage": wrong,
            "minItems": 1,
            "properties": {
                "min": end("The least value.", json!(0.01)),
                "max": end("The largest value.", json!(100)),
                "scale": {
                    "type": "string",
                    "enum": ["linear", "log"],
                    "markdownEnumDescriptions": [
                        "Every value is as likely.",
                        "Every power of ten is as likely.",
                    ],
                    "description": "How values are spread over the range.",
                    "default": "linear",
                },
            },
            "required": ["min", "max"],
            "additionalProperties": false,
        },
    }))
}

impl Model for Search {
    fn about(&self) -> About {
        let variants: Vec<About> =
            self.variants().iter().map(|model| model.kind().about()).collect();
        let does = |task: &Task| {
            let measured = self.metric.as_ref().map(|metric| metric.tasks());
            variants.iter().all(|about| about.tasks.contains(task))
                && measured.is_none_or(|tasks| tasks.contains(task))
        };
        let tasks: &'static [Task] = match (does(&Task::Classification), does(&Task::Regression)) {
            (true, false) => &[Task::Classification],
            (false, true) => &[Task::Regression],
            (true, true) | (false, false) => &[Task::Classification, Task::Regression],
        };
        About {
            tasks,
            scores: variants.iter().map(|about| about.scores).min().unwrap_or(Scores::Nothing),
            preparation: variants
                .iter()
                .map(|about| about.preparation)
                .max()
                .unwrap_or(Preparation::Nothing),
        }
    }

    fn rules() -> Vec<Rule> {
        let example = "search: { model: { ridge: {} }, over: { alpha: [0.1, 1, 10] } }";
        let mut rules = vec![
            Rule::required("search", "model", example),
            Rule::required("search", "over", example),
        ];
        let of_strategies = [
            ("n_iter", "random"),
            ("factor", "successive_halving"),
            ("min_resources", "successive_halving"),
        ];
        let only = |(name, strategy)| Rule::only_with(name, "strategy", &[strategy]).at_key();
        rules.extend(of_strategies.map(only));
        rules
    }

    fn check(&self) -> Vec<Problem> {
        let mut problems = self.check_model();
        problems.extend(self.check_choices());
        if problems.is_empty()
            && let Some(metric) = &self.metric
        {
            let variants = self.variants();
            let about = variants.iter().map(|model| model.kind().about());
            problems.extend(metric.check(Asks::Search, about));
        }
        problems
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        self.misfits_of_choices(task)
    }

    fn misnamed(&self, classes: &Classes) -> Vec<Problem> {
        self.misnamed_in_choices(classes)
    }

    fn role(&self) -> Role<'_> {
        if self.detects() { Role::Detects(self) } else { Role::Learns(self) }
    }

    fn describe(&self) -> String {
        let names: Vec<&str> = self.over.keys().map(String::as_str).collect();
        let model = self.model.as_ref().map_or("?", |model| model.name());
        format!("{} over {} of {model}", self.strategy.word(), names.join(", "))
    }
}

impl Strategy {
    fn word(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Random => "random",
            Self::SuccessiveHalving => "successive halving",
        }
    }
}

impl Search {
    /// The model of the first combination, and that with one parameter changed, for each value that is tried.
    pub(super) fn variants(&self) -> Vec<AnyModel> {
        let Some(first) = self.first() else { return Vec::new() };
        let mut variants = vec![first.clone()];
        for (name, choices) in &self.over {
            let others = choices::sample(choices).into_iter().skip(1);
            variants.extend(
                others.filter_map(|(_, value)| choices::with(&first, [(&**name, &value)]).ok()),
            );
        }
        variants
    }

    /// The model with the first value of each parameter, but those that it does not take.
    fn first(&self) -> Option<AnyModel> {
        let model = self.model.as_ref()?;
        let values: Vec<(&str, Value)> = self
            .over
            .iter()
            .filter_map(|(name, choices)| {
                let (_, value) = choices::sample(choices).into_iter().next()?;
                choices::with(model, [(&**name, &value)]).is_ok().then_some((&**name, value))
            })
            .collect();
        let pairs = values.iter().map(|(name, value)| (*name, value));
        Some(choices::with(model, pairs).unwrap_or_else(|_| (**model).clone()))
    }

    /// Whether a place in the parameters of the search is that of a value which every combination
    /// replaces.
    pub(super) fn replaces(&self, route: &Route) -> bool {
        let Some(model) = &self.model else { return false };
        let parameters = Route::root().key("model").key(model.name());
        let over = |name: &String| route.segments().starts_with(parameters.key(name).segments());
        self.over.keys().any(over)
    }

    /// The combinations to try, each with the model that it makes.
    fn candidates(&self, model: &AnyModel) -> Result<Vec<Combination>, Failure> {
        let combinations = match self.strategy {
            Strategy::Grid | Strategy::SuccessiveHalving => choices::grid(&self.over),
            Strategy::Random => {
                choices::drawn(&self.over, model, self.n_iter.unwrap_or(10) as usize, self.seed)
            }
        };
        let made = |parameters: Map<String, Value>| {
            let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value));
            match choices::with(model, pairs) {
                Ok(model) => Ok((parameters, model)),
                Err(reason) => Err(Failure::Problem(Problem::of_parameter(
                    Code::ModelParameter,
                    "over",
                    format!("{} cannot be tried: {reason}", members::shown(&parameters)),
                ))),
            }
        };
        combinations.into_iter().map(made).collect()
    }
}

impl Learner for Search {
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
        let Some(model) = &self.model else {
            return Err(Failure::Problem(Problem::of_kind(Code::MissingKey, "there is no model")));
        };
        let candidates = self.candidates(model)?;
        let cut = Cut { folds: self.folds, shuffle: self.shuffle, seed: self.seed };
        let folds = folding::cut(folding, &cut, x.reborrow(), y, context)?;
        let scoring = match (&self.metric, y) {
            (Some(metric), _) => metric.clone(),
            (None, Target::Codes { .. }) => Scoring::accuracy(),
            (None, Target::Values(_) | Target::None) => Scoring::r2(),
        };
        scoring.check_classes(folding.classes(), context.positive).map_err(Failure::Problem)?;
        let member = members::at("model", model);
        let trial = Trial {
            member: &member,
            candidates: &candidates,
            scoring: &scoring,
            x: x.reborrow(),
            y,
            context,
            folding,
        };
        let outcome = match self.strategy {
            Strategy::Grid | Strategy::Random => trial.all(&folds)?,
            Strategy::SuccessiveHalving => trial.halving(&folds, self)?,
        };
        let (parameters, best) = &candidates[outcome.tuning.chosen];
        let chosen = Member { route: member.route.clone(), model: best };
        let fit = members::train(&chosen, x, y, context, folding)?;
        let mut notes = outcome.notes;
        notes.extend(fit.notes);
        let score = outcome.tuning.candidates[outcome.tuning.chosen].score;
        let summary = format!(
            "{}, the best of {} by {} {}; {}",
            members::shown(parameters),
            counted(candidates.len(), "candidate"),
            scoring.name(),
            number(score.map_or(f64::NAN, |(mean, _)| mean)),
            fit.summary
        );
        let route = member.route.clone();
        let model = Trained { route, model: fit.model, tuning: outcome.tuning };
        Ok(Fit { model: Box::new(model), notes, summary })
    }

    fn members(&self) -> Vec<Member<'_>> {
        self.model.iter().map(|model| members::at("model", model)).collect()
    }
}

struct Trained {
    route: Route,
    model: Box<dyn Fitted>,
    tuning: Tuning,
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        self.model.predict(x)
    }

    fn predict_in_fold(&self, x: Rows<'_>, positions: &[u32]) -> Prediction {
        self.model.predict_in_fold(x, positions)
    }

    fn work(&self) -> usize {
        self.model.work()
    }

    fn importances(&self) -> Option<Vec<f64>> {
        self.model.importances()
    }

    fn margins(&self, x: Rows<'_>) -> Option<Array2<f64>> {
        self.model.margins(x)
    }

    fn tunings(&self) -> Vec<Tuning> {
        let inner = self.model.tunings().into_iter().map(|each| each.under(&self.route));
        std::iter::once(self.tuning.clone()).chain(inner).collect()
    }
}
