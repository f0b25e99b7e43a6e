//! `mlspec lsp`: serves an editor over standard input and output until it says goodbye.

use std::time::Instant;

use super::signals;
use crate::lsp::serve;
use crate::session::Session;
use crate::store::Store;
use crate::text::ProcessEnvironment;

pub fn lsp() -> u8 {
    let started = Instant::now();
    let clock = || started.elapsed();
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    serve(&session, Store::of(&ProcessEnvironment))
}
