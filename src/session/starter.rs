//! `mlspec init`: a table to a first spec for it, which passes as it stands. What the spec proposes is
//! left to `starter`; here the table is read, and the first run is made that the bounds are set from.

mod reading;

use std::path::PathBuf;
use std::sync::Arc;

use self::reading::Known;
use super::Session;
pub use crate::data::Task;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::kinds::models::AnyModel;
use crate::kinds::{Family, Parameters};
use crate::outcome::SpecOutcome;
use crate::starter::{
    self, Bounds, Design, Facts, Goal, Measured, Model, Role, Split, Wanted, Wish,
};
use crate::text::{Source, nearest};
use crate::verdict::Status;

/// What a spec is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The data as it was named.
    pub data: String,
    /// The same from the folder of the spec.
    pub path: String,
    pub target: Option<String>,
    pub task: Option<Task>,
    pub model: Option<String>,
    /// Where the spec will lie.
    pub spec: PathBuf,
    /// How the spec is named to the command that runs it; none where it is only printed.
    pub file: Option<String>,
    /// The file of the schema, from the folder of the spec.
    pub schema: Option<String>,
}

/// A first spec, and what it came to.
#[derive(Debug)]
pub struct Started {
    pub text: String,
    pub spec: SpecOutcome,
}

/// Why there is none.
#[derive(Debug)]
pub struct NotStarted {
    pub status: Status,
    pub found: Vec<Diagnostic>,
    /// The spec that was tried, where it is to blame.
    pub spec: Option<Box<SpecOutcome>>,
}

impl NotStarted {
    fn refused(found: Vec<Diagnostic>) -> Self {
        Self { status: Status::Invalid, found, spec: None }
    }
}

/// What can be chosen so that a model runs, and what it then came to.
struct First<'a> {
    model: &'a Model,
    metrics: &'static [Wanted],
    split: &'a Split,
    typed: bool,
    measured: Vec<Measured>,
}

impl Session<'static> {
    /// Proposes a spec for a table. `tell` hears what takes its time.
    ///
    /// # Errors
    /// A table that cannot be read, a target that cannot be learned, or a first run that came to nothing.
    pub fn start(
        self: &Arc<Self>,
        asked: &Asked,
        tell: &dyn Fn(&str),
    ) -> Result<Started, NotStarted> {
        let task = asked.task.or(task_of_model(asked.model.as_deref())?);
        let known = self.look_at(asked, task)?;
        let wish = Wish { target: asked.target.clone(), task };
        let goal =
            starter::goal(&known.facts, &wish).map_err(|found| NotStarted::refused(vec![found]))?;
        check_model(asked.model.as_deref(), goal.task)?;
        let roles = starter::roles(&known.facts, goal.target.as_deref());
        if !roles.contains(&Role::Feature) {
            return Err(NotStarted::refused(vec![no_features(asked, &known.facts, &roles)]));
        }
        self.propose(asked, &known, &roles, &goal, tell)
    }

    fn propose(
        self: &Arc<Self>,
        asked: &Asked,
        known: &Known,
        roles: &[Role],
        goal: &Goal,
        tell: &dyn Fn(&str),
    ) -> Result<Started, NotStarted> {
        let models = starter::models(goal, asked.model.as_deref());
        let splits = starter::splits(&known.facts, roles, goal);
        let design = |first: &First<'_>, bounds: Option<&Bounds>| {
            starter::text(&Design {
                data: &asked.data,
                file: asked.file.as_deref(),
                schema: asked.schema.as_deref(),
                origin: &known.origin,
                facts: &known.facts,
                roles,
                goal,
                split: first.split,
                model: first.model,
                typed: first.typed,
                metrics: first.metrics,
                bounds,
            })
        };
        let mut failed: Option<SpecOutcome> = None;
        let mut unlearned: Option<(&str, String)> = None;
        let mut runs = Vec::new();
        for model in &models {
            tell(&model.name);
            let ran = self.first_run(asked, model, &splits, goal, &design, &mut failed)?;
            let Some(first) = ran else { continue };
            if goal.task == Task::Clustering {
                runs.push(first);
                continue;
            }
            match starter::bounds(first.metrics, &first.measured, goal) {
                Ok(_) => {
                    runs.push(first);
                    break;
                }
                Err(why) => {
                    unlearned.get_or_insert((&model.name, why));
                }
            }
        }
        if let Some(first) = best(runs, goal)
            && let Ok(bounds) = starter::bounds(first.metrics, &first.measured, goal)
        {
            let text = design(&first, Some(&bounds));
            let spec = self.run_source(Source::new(&*asked.spec, &*text));
            self.check_stop()?;
            if spec.status <= Status::Warn {
                return Ok(Started { text, spec });
            }
            failed = Some(spec);
        }
        Err(match (unlearned, failed) {
            (Some((model, why)), _) => NotStarted {
                status: Status::Error,
                found: vec![not_learned(asked, (model, &why), &left_out(&known.facts, roles))],
                spec: None,
            },
            (None, spec) => {
                NotStarted { status: Status::Error, found: Vec::new(), spec: spec.map(Box::new) }
            }
        })
    }

    /// The first way to hold rows out, and to measure, that gives a model values.
    fn first_run<'a>(
        self: &Arc<Self>,
        asked: &Asked,
        model: &'a Model,
        splits: &'a [Split],
        goal: &Goal,
        design: &dyn Fn(&First<'_>, Option<&Bounds>) -> String,
        failed: &mut Option<SpecOutcome>,
    ) -> Result<Option<First<'a>>, NotStarted> {
        for metrics in starter::metrics(goal) {
            for split in splits {
                for typed in [true, false] {
                    let first = First { model, metrics, split, typed, measured: Vec::new() };
                    let text = design(&first, None);
                    let spec = self.run_source(Source::new(&*asked.spec, &*text));
                    self.check_stop()?;
                    if let Some(measured) = measured(&spec, metrics) {
                        return Ok(Some(First { measured, ..first }));
                    }
                    let was_trained = !spec.measurements.is_empty();
                    failed.get_or_insert(spec);
                    if was_trained {
                        break;
                    }
                }
            }
        }
        Ok(None)
    }

    fn check_stop(&self) -> Result<(), NotStarted> {
        match self.stop.is_raised() {
            true => Err(NotStarted {
                status: Status::Error,
                found: vec![super::interrupted()],
                spec: None,
            }),
            false => Ok(()),
        }
    }
}

/// The task that a model is for, where it is for one only.
fn task_of_model(name: Option<&str>) -> Result<Option<Task>, NotStarted> {
    let Some(name) = name else { return Ok(None) };
    let place = Place::Flag { name: format!("--model {name}") };
    let Some(entry) = AnyModel::ALL.iter().find(|entry| entry.name == name) else {
        let message = format!("there is no model called `{name}`");
        let near = nearest(name, AnyModel::ALL.iter().map(|entry| entry.name));
        let help = match near {
            Some(near) => near.question(),
            None => "`mlspec list models` prints what there is".to_owned(),
        };
        let found = Diagnostic::error(Code::UnknownKind, place, message).help(help);
        return Err(NotStarted::refused(vec![found]));
    };
    let model = AnyModel::build(name, Parameters(serde_json::Map::new())).ok();
    let Some(model) = model.filter(|_| entry.wants().is_empty()) else {
        let message = format!("`{name}` needs parameters that only you can know");
        let found = Diagnostic::error(Code::MissingKey, place, message)
            .help(format!("begin with another model, then write it: `mlspec list {name}`"));
        return Err(NotStarted::refused(vec![found]));
    };
    Ok(match model.kind().about().tasks {
        [only] => Some(*only),
        _ => None,
    })
}

fn check_model(name: Option<&str>, task: Task) -> Result<(), NotStarted> {
    let Some(name) = name else { return Ok(()) };
    let model = AnyModel::build(name, Parameters(serde_json::Map::new())).ok();
    let tasks = model.map(|model| model.kind().about().tasks).unwrap_or_default();
    if tasks.contains(&task) {
        return Ok(());
    }
    let place = Place::Flag { name: format!("--model {name}") };
    let help = match task {
        Task::Clustering => "name a column with the answers (`--target COLUMN`), or another model",
        Task::Classification | Task::Regression => "choose another model, or another `--task`",
    };
    let found = Diagnostic::error(Code::TaskMisfit, place, format!("`{name}` is not for {task}"));
    Err(NotStarted::refused(vec![found.help(help)]))
}

/// What a first run measured; none where it could not, or a metric has no value.
fn measured(spec: &SpecOutcome, metrics: &[Wanted]) -> Option<Vec<Measured>> {
    let of = |wanted: &Wanted| {
        let whole = spec
            .measurements
            .iter()
            .find(|each| each.slice.is_none() && &*each.name == wanted.name)?;
        let value = *whole.reading.value.as_ref().ok()?;
        let dummy = whole.reading.dummy.as_ref().and_then(|dummy| dummy.as_ref().ok().copied());
        Some(Measured { value, dummy, rows: whole.reading.rows })
    };
    metrics.iter().map(of).collect()
}

/// Of the runs that could measure most of what says something, the one whose leading metric is best; the
/// first of equals.
fn best<'a>(runs: Vec<First<'a>>, goal: &Goal) -> Option<First<'a>> {
    let sets = starter::metrics(goal);
    let rank = |run: &First<'_>| sets.iter().position(|set| *set == run.metrics);
    // Values of different metrics do not compare.
    let most = runs.iter().map(rank).min()?;
    let mut best: Option<First<'_>> = None;
    for run in runs.into_iter().filter(|run| rank(run) == most) {
        let value = |run: &First<'_>| run.measured.first().map_or(f64::NAN, |first| first.value);
        let better = best.as_ref().is_none_or(|best| {
            let is_loss = run.metrics.first().is_some_and(Wanted::is_loss);
            let (new, old) = (value(&run), value(best));
            if is_loss { new < old } else { new > old }
        });
        if better {
            best = Some(run);
        }
    }
    best
}

/// The columns that are no features, each with its reason.
fn left_out(facts: &Facts, roles: &[Role]) -> String {
    const SHOWN: usize = 8;
    let left = facts.columns.iter().zip(roles).filter_map(|(column, role)| match role {
        Role::Left(reason) => Some(format!("`{}`: {reason}", column.name)),
        Role::Id => Some(format!("`{}`: it names each row", column.name)),
        Role::Time => Some(format!("`{}`: a time", column.name)),
        Role::Group => Some(format!("`{}`: a key", column.name)),
        Role::Target | Role::Feature => None,
    });
    let left: Vec<String> = left.collect();
    let mut shown = left.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    if left.len() > SHOWN {
        shown.push_str(&format!("\nand {} more", left.len() - SHOWN));
    }
    shown
}

fn no_features(asked: &Asked, facts: &Facts, roles: &[Role]) -> Diagnostic {
    let shown = left_out(facts, roles);
    let place = Place::Flag { name: asked.data.clone() };
    let message = format!("{} has no column to learn from", asked.data);
    let found = Diagnostic::error(Code::NoFeatures, place, message);
    if shown.is_empty() { found.help("there is only the target") } else { found.help(shown) }
}

fn not_learned(asked: &Asked, (model, why): (&str, &str), left_out: &str) -> Diagnostic {
    let target = asked.target.as_deref().unwrap_or_default();
    let place = Place::Flag { name: format!("--target {target}") };
    let message = format!("`{target}` was not learned from the other columns");
    let mut help = format!(
        "on the first run `{model}` came to {why}: no more than chance\nadd rows or columns that bear on it, or name a model to try: `--model`"
    );
    if !left_out.is_empty() {
        help.push_str(&format!("\nthese columns were left out:\n{left_out}"));
    }
    Diagnostic::error(Code::StarterTarget, place, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_different_metrics_are_not_compared() {
        let goal = Goal {
            task: Task::Clustering,
            target: None,
            because: None,
            declared: None,
            classes: Vec::new(),
            rare: Vec::new(),
            positive: None,
            unanswered: 0,
            rows: 100,
        };
        let models = starter::models(&goal, None);
        let [most, fallback] = starter::metrics(&goal)[..] else { panic!("two sets") };
        let run = |at: usize, metrics: &'static [Wanted], value: f64| First {
            model: &models[at],
            metrics,
            split: &Split::None,
            typed: true,
            measured: vec![Measured { value, dummy: None, rows: 100 }],
        };
        let chosen =
            |runs: Vec<First<'_>>| best(runs, &goal).map(|run| run.model.parameters.clone());
        // A loss of 0.1 says nothing about a silhouette of 0.3.
        let mixed = vec![run(0, fallback, 0.1), run(1, most, 0.3), run(2, most, 0.5)];
        assert_eq!(chosen(mixed), Some(models[2].parameters.clone()));
        let losses = vec![run(0, fallback, 0.4), run(1, fallback, 0.2), run(2, fallback, 0.2)];
        assert_eq!(chosen(losses), Some(models[1].parameters.clone()));
        assert_eq!(chosen(Vec::new()), None);
    }
}
