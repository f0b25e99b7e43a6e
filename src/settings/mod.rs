//! The settings of a project: `mlspec.toml` and variables of the environment to a value for each flag,
//! with where it comes from. What a value means to its flag is left to the command line.

mod file;
mod keys;
mod layers;
mod schema;

pub use file::{Entry, File, Profile, read};
pub use keys::{Form, KEYS, Key, variable};
pub use layers::{Layers, Origin, Value};
pub use schema::schema_text;
