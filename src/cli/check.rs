//! `mlspec check`: reads specs and the headers of their data, without training.

use std::thread::available_parallelism;

use super::args::Check;
use super::run::report;
use crate::outcome::Kind;
use crate::session::Options;

pub fn check(args: &Check) -> u8 {
    let jobs = available_parallelism().map_or(1, usize::from);
    let options = Options { jobs, fail_fast: false };
    report(Kind::Check, &args.selection, &args.reports, options, false)
}
