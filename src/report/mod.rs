//! Projections of an outcome: one file a format, each with output types of its own. What is written to
//! files is a projection of `model::Report`, which is read back from its JSON as well.

pub mod model;
mod summarize;

mod compare;
mod fingerprint;
pub mod fixes;
mod format;
pub mod github;
mod gitlab;
mod html;
pub mod json;
mod junit;
mod link;
pub mod look;
pub mod markdown;
mod merge;
pub mod plan;
mod sarif;
mod searches;
pub mod spans;
mod tap;
mod telling;
pub mod terminal;
pub mod trace;
mod wording;

pub use compare::{Comparison, compare};
pub use format::{Context, Format};
pub use markdown::COMMENT;
pub use merge::{Unmergeable, merge};
pub use model::Report;
pub use summarize::summarize;
