//! What is wrong with what a search is asked to try.

use super::choices::{self, Choices, MOST};
use super::{Search, Strategy};
use serde_json::Value;

use crate::data::{Classes, Task};
use crate::diagnostic::{Code, Part, Problem, Route};
use crate::kinds::models::members::{self, Detectors};
use crate::kinds::models::{AnyModel, Role, of_classes, of_task};

fn with(model: &AnyModel, name: &str, value: &Value) -> Option<AnyModel> {
    choices::with(model, [(name, value)]).ok()
}

/// The most values of another parameter that a value is tried beside.
const BESIDE: usize = 100;

impl Search {
    /// Whether the model finds anomalies; then so does the search.
    pub(super) fn detects(&self) -> bool {
        let role = self.model.as_ref().map(|model| model.kind().role());
        matches!(role, Some(Role::Detects(_)))
    }

    /// Values that have no meaning for the task.
    pub(super) fn misfits_of_choices(&self, task: Task) -> Vec<Problem> {
        self.new_problems(|model| of_task(model, task))
    }

    /// Classes that the target lacks, where they stand in the values.
    pub(super) fn misnamed_in_choices(&self, classes: &Classes) -> Vec<Problem> {
        let Some(model) = &self.model else { return Vec::new() };
        let mut problems = Vec::new();
        for (name, choices) in &self.over {
            let here = Route::root().key("over").key(name);
            let parameter = Route::root().key(name);
            for (at, value) in choices::sample(choices) {
                let Ok(variant) = choices::with(model, [(name.as_str(), &value)]) else { continue };
                for problem in of_classes(&variant, classes) {
                    // What the other parameters name is told where they stand.
                    if !problem.route.segments().starts_with(parameter.segments()) {
                        continue;
                    }
                    let within: Route = problem.route.segments().iter().skip(1).cloned().collect();
                    let route = here.join(&at).join(&within);
                    problems.push(Problem { route, fixes: Vec::new(), ..problem });
                }
            }
        }
        problems
    }

    /// What is wrong with the model in all combinations, but for the values that they replace.
    pub(super) fn check_model(&self) -> Vec<Problem> {
        let Some(first) = self.first() else { return Vec::new() };
        let member = members::at("model", &first);
        let mut problems = members::check(&[member], members::OF_TARGETS, Detectors::Taken);
        problems.retain(|problem| !self.replaces(&problem.route));
        problems
    }

    /// The problems that the model has with a value that is tried, whatever stands beside it, at the
    /// value.
    fn new_problems(&self, of: impl Fn(&AnyModel) -> Vec<Problem>) -> Vec<Problem> {
        let (Some(model), Some(first)) = (&self.model, self.first()) else { return Vec::new() };
        // What is wrong with the model itself is told there.
        let at_model = |problem: &Problem| {
            members::under(problem.clone(), &members::at("model", model).route).route
        };
        let mut known = of(model);
        known.retain(|problem| !self.replaces(&at_model(problem)));
        let mut problems = Vec::new();
        for (name, choices) in &self.over {
            let here = Route::root().key("over").key(name);
            for (at, value) in choices::sample(choices) {
                let Some(alone) = with(model, name, &value) else { continue };
                let mut new = of(&alone);
                new.retain(|problem| !known.contains(problem));
                if new.is_empty() {
                    continue;
                }
                let Some(tried) = with(&first, name, &value) else { continue };
                let others = self.over.iter().filter(|(other, _)| *other != name);
                let beside = others.flat_map(|(other, choices)| {
                    let values = choices::sample(choices).into_iter().skip(1).take(BESIDE);
                    values.filter_map(|(_, value)| with(&tried, other, &value))
                });
                for tried in std::iter::once(tried.clone()).chain(beside) {
                    let found = of(&tried);
                    new.retain(|problem| found.contains(problem));
                    if new.is_empty() {
                        break;
                    }
                }
                problems.extend(new.into_iter().map(|problem| Problem {
                    route: here.join(&at),
                    part: Part::Value,
                    within: None,
                    fixes: Vec::new(),
                    ..problem
                }));
            }
        }
        problems
    }

    /// Values that the model does not take, and too many of them.
    pub(super) fn check_choices(&self) -> Vec<Problem> {
        let Some(model) = &self.model else { return Vec::new() };
        let over = Route::root().key("over");
        let mut problems = Vec::new();
        for (name, choices) in &self.over {
            let here = over.key(name);
            let at = |code, route: Route, message: String| Problem {
                route,
                part: Part::Value,
                ..Problem::of_kind(code, message)
            };
            if choices.is_object() && self.strategy != Strategy::Random {
                let message = format!("`{name}` is a range, and only `random` draws from ranges");
                problems.push(
                    at(Code::Exclusive, here.clone(), message)
                        .label("not a list")
                        .help("write a list of values, or `strategy: random`"),
                );
            }
            if let Choices::Range { min, max, log } = Choices::of(choices) {
                let message = match () {
                    () if min > max => format!("`min` {min} is above `max` {max}"),
                    () if log && min <= 0.0 => {
                        format!("a logarithmic range begins above 0, and this one at {min}")
                    }
                    () => String::new(),
                };
                if !message.is_empty() {
                    let route = here.key("min");
                    problems.push(
                        at(Code::ModelParameter, route, message)
                            .label("not a range")
                            .help("write for example `{ min: 0.01, max: 100, scale: log }`"),
                    );
                }
            }
            for (route, value) in choices::sample(choices) {
                let route = here.join(&route);
                if let Err(reason) = choices::with(model, [(name.as_str(), &value)]) {
                    problems.push(
                        at(Code::ModelParameter, route, format!("`{name}` cannot be so: {reason}"))
                            .label(format!("not for `{}`", model.name()))
                            .help(format!("`mlspec list {}` prints what it takes", model.name())),
                    );
                }
            }
        }
        problems.extend(self.new_problems(|model| model.kind().check()));
        let all = choices::count(&self.over);
        if self.strategy != Strategy::Random && all > MOST as u128 {
            let message = format!("{all} combinations are more than {MOST}");
            problems.push(
                Problem::of_parameter(Code::ModelParameter, "over", message)
                    .label("too many")
                    .help("try fewer values, or write `strategy: random`"),
            );
        }
        problems
    }
}
