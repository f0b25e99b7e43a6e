//! Paths and wishes of the command line to the specs that are run, in their order.
//! Running them is left to `session`; what a spec says of itself is read, never judged.

mod changed;
mod discover;
pub mod filter;
mod order;
mod partition;
mod project;
mod select;

pub use changed::Changed;
pub use filter::Filter;
pub use order::{by_path, shuffled};
pub use partition::{Partition, below};
pub use project::{Project, SETTINGS};
pub use select::{Rerun, Selected, Selection, select};
