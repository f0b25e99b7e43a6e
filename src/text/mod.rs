//! Turns the bytes of a spec into a tree that knows where each of its nodes was written.
//! What the nodes mean is left to `spec`, how a place is drawn to the reports.

mod source;

mod document;
mod edit;
mod locate;
mod outline;
mod sketch;
mod template;

mod mask;
mod reader;
mod scalar;
mod syntax;
mod tree;
mod unquoted;

mod nearest;
mod period;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use document::{Document, Environment, ProcessEnvironment};
pub use edit::{Change, Form, apply, in_double_quotes, spelled, stands_plain};
pub use locate::Located;
pub use nearest::nearest;
pub use outline::{Outline, Written};
pub use period::Period;
pub use sketch::{Ask, Quote, Site, Sketch, Sketched, Touched, What, root_keys};
pub use source::{Position, Source};
pub use template::filled_in;
pub use tree::{Kind, Node, Style};

pub use edit::{as_yaml, as_yaml_key};
