//! Constraints by the names of features to constraints by column.

use mlspec_learn::boosting::Monotonic;

use super::{Direction, Failure, GradientBoosting};
use crate::data::Rows;
use crate::diagnostic::{Code, Part, Problem, Route};

impl GradientBoosting {
    /// The constraints by column, on the second of two classes where they are about the positive one.
    pub(super) fn constraints(
        &self,
        x: Rows<'_>,
        positive: Option<u32>,
    ) -> Result<Vec<Monotonic>, Failure> {
        let mut constraints = vec![Monotonic::Free; x.names.len()];
        for (name, direction) in &self.monotonic_cst {
            let at = x.names.iter().position(|known| **known == **name);
            let (message, help) = match at {
                None => (
                    format!("no feature of the model is called `{name}`"),
                    format!("the features are {}", listing(x)),
                ),
                Some(at) if x.levels.get(at).is_some_and(|levels| *levels > 0) => (
                    format!("`{name}` holds categories, which have no order to follow"),
                    "remove it, or number the categories with the step `ordinal`".to_owned(),
                ),
                Some(at) => {
                    let of_first = positive == Some(0);
                    constraints[at] = match direction {
                        Direction::Increasing if of_first => Monotonic::Decreasing,
                        Direction::Decreasing if of_first => Monotonic::Increasing,
                        Direction::Increasing => Monotonic::Increasing,
                        Direction::Decreasing => Monotonic::Decreasing,
                    };
                    continue;
                }
            };
            let route = Route::root().key("monotonic_cst").key(name);
            let problem = Problem {
                route,
                part: Part::Key,
                ..Problem::of_kind(Code::ModelParameter, message)
            };
            return Err(Failure::Problem(problem.label("cannot be constrained").help(help)));
        }
        Ok(constraints)
    }
}

fn listing(x: Rows<'_>) -> String {
    let shown: Vec<String> = x.names.iter().take(12).map(|name| format!("`{name}`")).collect();
    match x.names.len().saturating_sub(12) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
