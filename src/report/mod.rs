//! Projections of an outcome: one file a format, each with output types of its own.

pub mod fixes;
pub mod json;
mod link;
pub mod look;
pub mod plan;
mod searches;
pub mod spans;
pub mod terminal;
pub mod trace;
