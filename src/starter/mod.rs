//! Turns what is known of a table into a first spec for it, as text with comments.
//! Reading the table, and the first run that the bounds are set from, are left to `session`.

mod bounds;
mod facts;
mod goal;
mod model;
mod page;
mod roles;
mod split;
mod text;

use std::sync::Arc;

pub use bounds::{Bounds, Measured, bounds};
pub use facts::{Facts, facts, gap_words, moments, written_classes};
pub use goal::{Goal, Wish, goal};
pub use model::{Model, Wanted, metrics, models};
pub use roles::{Role, roles};
pub use split::{Split, splits};
pub use text::{reading, text};

use crate::data::DeclaredType;

/// Where the rows come from, as the spec is to say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Relative to the spec, or absolute.
    pub path: String,
    pub dialect: Dialect,
    /// Types that the file alone does not tell.
    pub types: Vec<(Arc<str>, DeclaredType)>,
}

/// How a text table departs from what is usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    pub separator: Option<char>,
    pub without_header: bool,
    /// Words that stand for a gap.
    pub gaps: Vec<String>,
}

/// Everything that a spec is written from.
#[derive(Clone, Debug)]
pub struct Design<'a> {
    /// The data as it was named to the command.
    pub data: &'a str,
    /// The spec's file, for the command that runs it; none where it goes to standard output.
    pub file: Option<&'a str>,
    /// The file of the schema, from the folder of the spec; none where there is none yet.
    pub schema: Option<&'a str>,
    pub origin: &'a Origin,
    pub facts: &'a Facts,
    pub roles: &'a [Role],
    pub goal: &'a Goal,
    pub split: &'a Split,
    pub model: &'a Model,
    /// Whether the type of every feature is written out.
    pub typed: bool,
    pub metrics: &'a [Wanted],
    /// One a metric, in their order; none before the first run.
    pub bounds: Option<&'a Bounds>,
}
