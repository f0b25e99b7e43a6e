//! The arguments that choose specs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::suite::Partition;

#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Spec files, or folders to search for `*.mlspec.yaml` and `*.mlspec.yml`.
    #[arg(default_value = ".", value_name = "PATH", value_parser = OsStringValueParser::new().try_map(searched))]
    pub paths: Vec<PathBuf>,
    /// Take only specs with this tag; several mean any of them.
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Take only specs that an expression matches, such as `name(~churn) & !path(**/old/**)`; several
    /// mean any of them.
    #[arg(long, value_name = "EXPRESSION")]
    pub filter: Vec<String>,
    /// Whether the filter was typed, and is not that of the settings.
    #[arg(skip)]
    pub filter_is_typed: bool,
    /// Take only specs that did not pass when they were last run.
    #[arg(long, value_name = "WHICH", value_enum)]
    pub rerun: Option<Rerun>,
    /// Take only specs that a change since a revision of git touches: they, a file that they read, or
    /// mlspec.toml, committed or not.
    #[arg(long, value_name = "REVISION")]
    pub changed_since: Option<String>,
    /// Take one of several parts: `hash:2/5` by the paths of specs, so that each stays in its part when
    /// others come, or `count:2/5` in turn.
    #[arg(long, value_name = "BY:PART/PARTS")]
    pub partition: Option<Partition>,
}

/// Which specs to run once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rerun {
    /// Those that did not pass.
    Failed,
}

/// A path to a spec or a folder. An empty one is what a variable without a value leaves, and hardly this folder.
fn searched(path: OsString) -> Result<PathBuf, String> {
    match path.is_empty() {
        true => Err("the path is empty; write `.` for this folder".to_owned()),
        false => Ok(path.into()),
    }
}
