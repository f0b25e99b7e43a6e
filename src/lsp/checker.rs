//! Checks specs on a thread of its own, the newest text of each, and looks at their data afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use super::inbox::Event;
use super::open::Parsed;
use crate::outcome::SpecOutcome;
use crate::session::{Known, Session};
use crate::store::{LastRun, Store};

/// A text to check.
#[derive(Debug)]
pub struct Job {
    pub uri: String,
    pub parsed: Parsed,
}

/// What the checker tells.
#[derive(Debug)]
pub enum Report {
    /// What a check came to.
    Checked { uri: String, outcome: Box<SpecOutcome>, last: Option<Box<LastRun>> },
    /// What is known of a spec's data, which may take longer.
    Known { uri: String, known: Option<Arc<Known>> },
}

/// Works until no more can come.
pub fn work(
    session: &Session<'_>,
    store: Option<&Store>,
    jobs: &Receiver<Job>,
    to: &Sender<Event>,
) {
    let mut waiting: Vec<Job> = Vec::new();
    // Data to look at once nothing is left to check.
    let mut unseen: Vec<Job> = Vec::new();
    loop {
        if waiting.is_empty() && unseen.is_empty() {
            let Ok(job) = jobs.recv() else { return };
            add(&mut waiting, job);
        }
        while let Ok(job) = jobs.try_recv() {
            add(&mut waiting, job);
        }
        let report = if waiting.is_empty() {
            let job = unseen.remove(0);
            let known = catch_unwind(AssertUnwindSafe(|| session.known(&job.parsed.document)));
            Report::Known { uri: job.uri, known: known.ok().flatten() }
        } else {
            let job = waiting.remove(0);
            let report = check(session, store, &job);
            add(&mut unseen, job);
            report
        };
        if to.send(Event::Checker(report)).is_err() {
            return;
        }
    }
}

/// Only the newest text of a spec is of interest.
fn add(jobs: &mut Vec<Job>, job: Job) {
    jobs.retain(|other| other.uri != job.uri);
    jobs.push(job);
}

fn check(session: &Session<'_>, store: Option<&Store>, job: &Job) -> Report {
    let Parsed { document, found } = &job.parsed;
    let outcome = session.check_document(document, found.clone());
    let path: PathBuf = document.source().path().to_owned();
    let last = store.and_then(|store| store.last(&path)).map(Box::new);
    Report::Checked { uri: job.uri.clone(), outcome: Box::new(outcome), last }
}
