//! `mlspec schema`: the JSON Schema of specs, or of those of one spec's data.

use std::time::Instant;

use super::args::Schema;
use super::output::{Output, complain, look};
use super::signals;
use crate::report::terminal;
use crate::session::{self, Session};
use crate::settings;
use crate::text::ProcessEnvironment;

pub fn schema(args: &Schema) -> u8 {
    let output = Output::default();
    if args.config {
        output.print(&settings::schema_text());
        return 0;
    }
    let Some(path) = &args.spec else {
        output.print(&session::schema_text());
        return 0;
    };
    let started = Instant::now();
    let clock = || started.elapsed();
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    match session.schema_for(path) {
        Ok((text, spec)) => {
            complain(&terminal::diagnostics(&spec, look()));
            output.print(&text);
            0
        }
        Err(spec) => {
            complain(&terminal::diagnostics(&spec, look()));
            spec.exit_status()
        }
    }
}
