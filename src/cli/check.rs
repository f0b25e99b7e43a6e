//! `mlspec check`: reads specs and the headers of their data, without training.

use std::thread::available_parallelism;

use super::args::{Check, Told};
use super::run::{Manner, report};
use crate::outcome::Kind;
use crate::session::Options;
use crate::suite::Project;

pub fn check(args: &Check, told: &Told, project: &Project) -> u8 {
    let jobs = available_parallelism().map_or(1, usize::from);
    let options = Options { jobs, ..Options::default() };
    let manner = Manner { verbosity: told.verbosity(), fix: args.fix, ..Manner::default() };
    report(Kind::Check, &args.selection, &args.reports, options, manner, project)
}
