//! `mlspec plan`: what a run would do.

use std::time::Instant;

use super::args::{Plan, PlanFormat};
use super::output::{Output, complain, look};
use super::signals;
use crate::report::{plan, terminal};
use crate::session::Session;
use crate::text::ProcessEnvironment;

pub fn plan(args: &Plan) -> u8 {
    let output = Output::default();
    let started = Instant::now();
    let clock = || started.elapsed();
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    match session.plan(&args.path) {
        Ok((spec, bound)) => {
            // What is doubtful about the spec is no part of its plan.
            complain(&terminal::diagnostics(&spec, look()));
            output.print(&match args.format {
                PlanFormat::Text => plan::text(&bound, &spec.name),
                PlanFormat::Json => plan::json(&bound),
                PlanFormat::Yaml => plan::yaml(&bound),
            });
            0
        }
        Err(spec) => {
            complain(&terminal::diagnostics(&spec, look()));
            spec.exit_status()
        }
    }
}
