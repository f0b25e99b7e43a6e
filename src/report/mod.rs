//! Projections of an outcome: one file a format, each with output types of its own.

pub mod json;
pub mod look;
pub mod plan;
mod searches;
mod spans;
pub mod terminal;
