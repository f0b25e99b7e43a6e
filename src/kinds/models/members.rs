//! The models that a model is made of: their schema, whether they fit together, and their training.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1};
use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{AnyModel, Context, Failure, Fit, Folding, Learner, Part, Preparation, Role, Target};
use crate::data::{KindName, Rows, Task};
use crate::diagnostic::{Code, Problem, Route};
use crate::kinds::family;

/// How many models may stand inside one another.
const DEEPEST: usize = 4;

/// A model inside of another.
pub struct Member<'a> {
    /// From the parameters of the outer model to the kind: `of[0].ridge`.
    pub route: Route,
    pub model: &'a AnyModel,
}

/// What one combination of parameters came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub parameters: Map<String, Value>,
    /// How many of the training rows it was tried on.
    pub rows: usize,
    /// The metric in each fold; none where it has no value or training failed.
    pub folds: Vec<Option<f64>>,
    /// Why a fold has no value.
    pub reason: Option<String>,
    /// The mean over the folds and its deviation; none where a fold has no value.
    pub score: Option<(f64, f64)>,
}

/// Parameters for people: `c 0.5, penalty l2`.
pub fn shown(parameters: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name} {text}"),
        value => format!("{name} {value}"),
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join(", ")
}

impl Candidate {
    /// The parameters for people.
    pub fn shown(&self) -> String {
        shown(&self.parameters)
    }
}

/// A search for parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// From the model of the spec to the search.
    pub route: Route,
    /// Which of several trainings of the same model, as `classifier 2 of 5`; none where there is one.
    #[serde(default)]
    pub part: Option<String>,
    #[serde(deserialize_with = "crate::data::interned")]
    pub metric: KindName,
    /// The position of the candidate that was chosen.
    pub chosen: usize,
    pub candidates: Vec<Candidate>,
}

impl Tuning {
    #[must_use]
    pub fn under(self, route: &Route) -> Self {
        Self { route: route.join(&self.route), ..self }
    }

    /// The search in one of several trainings of the model around it.
    #[must_use]
    pub fn of_part(self, part: &str) -> Self {
        let part = match &self.part {
            Some(inner) => format!("{inner} in {part}"),
            None => part.to_owned(),
        };
        Self { part: Some(part), ..self }
    }
}

/// One model as a parameter.
pub fn one_model(_: &mut SchemaGenerator) -> Schema {
    one(&json!([reference(), family::rules_ref::<AnyModel>(), single_key()]))
}

/// One model as a parameter, before a search has completed its parameters.
pub fn one_model_to_complete(_: &mut SchemaGenerator) -> Schema {
    one(&json!([reference(), single_key()]))
}

fn one(all: &Value) -> Schema {
    of(json!({
        "type": "object",
        "errorMessage": "A model is a map with one key, such as ridge: {}.",
        "examples": [{ "ridge": {} }],
        "allOf": all,
    }))
}

/// A list of models as a parameter; an item may be a bare name.
pub fn model_list(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = family::bare_names::<AnyModel>().map(|entry| entry.name).collect();
    let wrong = "Not a model. Write a name (ridge) or a map with one key (ridge: {}).";
    of(json!({
        "type": "array",
        "minItems": 1,
        "examples": [["logistic_regression", "decision_tree"]],
        "items": {
            "title": "model",
            "description": "A model: a name, or a map with the model as its one key.",
            "type": ["object", "string"],
            "errorMessage": wrong,
            "if": { "type": "object" },
            "then": { "allOf": [reference(), family::rules_ref::<AnyModel>(), single_key()] },
            "else": { "enum": names, "errorMessage": wrong },
        },
    }))
}

// The definition is there, because the model of a spec refers to it as well.
fn reference() -> Value {
    json!({ "$ref": "#/definitions/model" })
}

fn single_key() -> Value {
    json!({ "minProperties": 1, "maxProperties": 1 })
}

pub fn of(value: Value) -> Schema {
    Schema::try_from(value).expect("a JSON object is a schema")
}

/// The member under a key.
pub fn at<'a>(key: &str, model: &'a AnyModel) -> Member<'a> {
    Member { route: Route::root().key(key).key(model.name()), model }
}

/// The members in a list under `of`.
pub fn in_list(models: &[AnyModel]) -> Vec<Member<'_>> {
    let of = Route::root().key("of");
    let member = |(at, model): (usize, _)| (of.index(at), model);
    let placed = models.iter().enumerate().map(member);
    placed
        .map(|(at, model): (Route, &AnyModel)| Member { route: at.key(model.name()), model })
        .collect()
}

/// Whether a model may be made of models that find anomalies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detectors {
    Refused,
    Taken,
}

/// What keeps members from being trained on the same rows: problems of each, and tasks that do not
/// meet.
pub fn check(members: &[Member<'_>], allowed: &[Task], detectors: Detectors) -> Vec<Problem> {
    if let Some(route) = too_deep(members, 1) {
        let message = format!("more than {DEEPEST} models stand inside one another");
        return vec![
            Problem { route, ..Problem::of_kind(Code::ModelParameter, message) }
                .label("too deep")
                .help("take one of the models around it away"),
        ];
    }
    let mut problems = Vec::new();
    let mut tasks = allowed.to_vec();
    for Member { route, model } in members {
        let about = model.kind().about();
        let refuse = |message: String, label: &str, help: &str| {
            Problem { route: route.clone(), ..Problem::of_kind(Code::TaskMisfit, message) }
                .label(label)
                .help(help)
        };
        if let Role::Given(_) = model.kind().role() {
            let message = "given predictions are not trained, so no model can be made of them";
            problems.push(refuse(message.to_owned(), "not a model to train", "choose a model"));
            continue;
        }
        if detectors == Detectors::Refused
            && let Role::Detects(_) = model.kind().role()
        {
            let message =
                format!("`{}` finds anomalies, and here a target is learned", model.name());
            let help = "choose a model of classification or regression";
            problems.push(refuse(message, "not for a target", help));
            continue;
        }
        let checked = model.kind().check();
        // Without its own members a model's tasks say nothing.
        let whole = checked.is_empty();
        problems.extend(checked.into_iter().map(|problem| under(problem, route)));
        let left: Vec<Task> =
            tasks.iter().copied().filter(|task| about.tasks.contains(task)).collect();
        if !left.is_empty() {
            tasks = left;
        } else if whole && about.tasks == [Task::Clustering] {
            let message = format!("`{}` groups rows, and here a target is learned", model.name());
            let help = "choose a model of classification or regression";
            problems.push(refuse(message, "not for a target", help));
        } else if whole {
            let does: Vec<String> = about.tasks.iter().map(Task::to_string).collect();
            let others: Vec<String> = tasks.iter().map(Task::to_string).collect();
            let (does, others) = (does.join(" and "), others.join(" and "));
            let message = format!("`{}` does {does}, and here {others} is left", model.name());
            problems.push(refuse(message, "another task", "choose models of one task"));
        }
    }
    problems
}

/// The tasks with a target to learn.
pub const OF_TARGETS: &[Task] = &[Task::Classification, Task::Regression];

/// The tasks that all members do; those of a target where they have none in common, which `check`
/// refuses.
pub fn tasks(members: &[Member<'_>]) -> &'static [Task] {
    let all =
        |task: Task| members.iter().all(|member| member.model.kind().about().tasks.contains(&task));
    match (all(Task::Classification), all(Task::Regression)) {
        (true, false) => &[Task::Classification],
        (false, true) => &[Task::Regression],
        (true, true) | (false, false) => OF_TARGETS,
    }
}

/// What the most demanding member asks of the features.
pub fn preparation(members: &[Member<'_>]) -> Preparation {
    let asked = members.iter().map(|member| member.model.kind().about().preparation);
    asked.max().unwrap_or(Preparation::Nothing)
}

/// Where the first model stands that is one too deep.
fn too_deep(members: &[Member<'_>], depth: usize) -> Option<Route> {
    members.iter().find_map(|member| {
        if depth >= DEEPEST {
            return Some(member.route.clone());
        }
        let (Role::Learns(learner) | Role::Detects(learner)) = member.model.kind().role() else {
            return None;
        };
        too_deep(&learner.members(), depth + 1).map(|route| member.route.join(&route))
    })
}

/// A problem of a member, as one of the model around it.
pub fn under(problem: Problem, route: &Route) -> Problem {
    let fixes = problem.fixes.into_iter().map(|fix| fix.under(route)).collect();
    Problem { route: route.join(&problem.route), fixes, ..problem }
}

/// The names of the members, for a description.
pub fn listing(members: &[Member<'_>]) -> String {
    let names: Vec<&str> = members.iter().map(|member| member.model.name()).collect();
    names.join(", ")
}

/// Trains a member on the rows of the fold.
///
/// # Errors
/// As [`Learner::fit`], at the member.
pub fn train(
    member: &Member<'_>,
    x: Rows<'_>,
    y: Target<'_>,
    context: &Context<'_>,
    folding: &dyn Folding,
) -> Result<Fit, Failure> {
    let learner = match member.model.kind().role() {
        Role::Learns(learner) | Role::Detects(learner) => learner,
        Role::Given(_) | Role::Labels(_) => {
            let message = format!("`{}` is not trained", member.model.name());
            let problem = Problem::of_kind(Code::TaskMisfit, message);
            return Err(Failure::Problem(under(problem, &member.route)));
        }
    };
    match learner.fit_within(x, y, context, folding) {
        Ok(fit) => Ok(Fit {
            notes: fit.notes.into_iter().map(|note| under(note, &member.route)).collect(),
            ..fit
        }),
        Err(Failure::Problem(problem)) => Err(Failure::Problem(under(problem, &member.route))),
        Err(failure) => Err(failure),
    }
}

/// Trains a member on the training rows of a part, which stand at `rows` of the fold around it.
///
/// # Errors
/// As [`Learner::fit`], at the member, with columns and rows of the fold.
pub fn train_part(
    member: &Member<'_>,
    part: &Part<'_>,
    y: &Picked,
    context: &Context<'_>,
    outer: (&[Arc<str>], &[u32]),
) -> Result<Fit, Failure> {
    let (names, rows) = outer;
    train(member, part.training(), y.target(), context, &*part.folding).map_err(|failure| {
        match failure {
            Failure::Column { column, row, message } => {
                let name = part.training().names[column].clone();
                match names.iter().position(|other| *other == name) {
                    Some(column) => {
                        let row = row.map(|row| rows[row] as usize);
                        Failure::Column { column, row, message }
                    }
                    None => Failure::Problem(Problem {
                        route: member.route.clone(),
                        ..Problem::of_kind(Code::ModelData, message)
                    }),
                }
            }
            Failure::Target { row, message } => {
                Failure::Target { row: rows[row] as usize, message }
            }
            Failure::Stopped | Failure::Problem(_) | Failure::Elsewhere(_) => failure,
        }
    })
}

/// The answers of some rows.
pub enum Picked {
    Values(Vec<f64>),
    Codes(Vec<u32>, usize),
    None,
}

impl Picked {
    pub fn new(y: Target<'_>, rows: &[u32]) -> Self {
        match y {
            Target::Values(values) => Self::Values(pick(values, rows)),
            Target::Codes { codes, classes } => Self::Codes(pick(codes, rows), classes),
            Target::None => Self::None,
        }
    }

    pub fn target(&self) -> Target<'_> {
        match self {
            Self::Values(values) => Target::Values(values),
            Self::Codes(codes, classes) => Target::Codes { codes, classes: *classes },
            Self::None => Target::None,
        }
    }
}

/// The values of some rows.
pub fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| values[*row as usize]).collect()
}

/// Whether a model asks for folds within its training rows.
pub fn is_composed(learner: &dyn Learner) -> bool {
    !learner.members().is_empty()
}

/// Whether a model keeps the rows that it will be asked about, prepared in its own way, and so cannot
/// be asked about others.
pub fn keeps_rows(model: &AnyModel) -> bool {
    let (Role::Learns(learner) | Role::Detects(learner)) = model.kind().role() else {
        return false;
    };
    match model {
        AnyModel::Calibrate(calibrate) if calibrate.ensemble => true,
        AnyModel::Search(search) => search.variants().iter().any(keeps_rows),
        _ => learner.members().iter().any(|member| keeps_rows(member.model)),
    }
}

/// The column of the largest value of each row; the first of equal ones.
pub fn most(values: &Array2<f64>) -> Vec<u32> {
    let of_row = |row: ArrayView1<'_, f64>| {
        let best = row.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (at, value)| {
            if *value > best.1 { (at, *value) } else { best }
        });
        best.0 as u32
    };
    values.outer_iter().map(of_row).collect()
}

/// The same note once, however many folds gave it.
pub fn once(notes: Vec<Problem>) -> Vec<Problem> {
    let mut kept: Vec<Problem> = Vec::new();
    for note in notes {
        if !kept.iter().any(|other| other.code == note.code && other.route == note.route) {
            kept.push(note);
        }
    }
    kept
}
