//! The catalogue: every source, split, transform, model and metric, one file each.
//! A kind's doc comment is its description in the schema and its reference page. What a spec may
//! say around a kind is left to `spec`; what is done with it to `run`.

#[macro_use]
pub mod family;

pub mod metrics;
pub mod models;
mod rule;
pub mod sources;
pub mod splits;
pub mod transforms;

pub use family::{Entry, Family, Parameters};
pub use rule::{Condition, Fault, Rule, THE_OTHER, Test};
