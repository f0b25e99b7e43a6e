//! `mlspec plan`: what a run would do.

use std::time::{Duration, Instant};

use super::args::{Plan, PlanFormat};
use super::output::{Output, complain, look};
use super::signals;
use crate::outcome::{Kind, Outcome};
use crate::report::{plan, terminal};
use crate::session::Session;
use crate::text::ProcessEnvironment;

pub fn plan(args: &Plan) -> u8 {
    let output = Output::default();
    let started = Instant::now();
    let clock = || started.elapsed();
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    match session.plan(&args.path) {
        Ok((name, bound)) => {
            output.print(&match args.format {
                PlanFormat::Text => plan::text(&bound, &name),
                PlanFormat::Json => plan::json(&bound),
                PlanFormat::Yaml => plan::yaml(&bound),
            });
            0
        }
        Err(spec) => {
            complain(&terminal::diagnostics(&spec, look()));
            let outcome = Outcome {
                kind: Kind::Check,
                specs: vec![*spec],
                findings: Vec::new(),
                duration: Duration::ZERO,
                interrupted: false,
                not_begun: 0,
            };
            outcome.exit_status()
        }
    }
}
