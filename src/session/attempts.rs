//! A spec to what it came to, after further attempts where a file could not be read.

use std::time::Duration;

use super::running::Entry;
use super::{Options, Session};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::outcome::SpecOutcome;
use crate::run::{Job, TraceStep};

/// Before the first further attempt; each one waits twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(50);

impl Session<'static> {
    /// Runs a spec, and again where nothing but a file that could not be read keeps it from a result.
    pub(super) fn attempts(&self, entry: &Entry, options: Options, job: &Job) -> SpecOutcome {
        let mut before: Vec<TraceStep> = Vec::new();
        let mut pause = PAUSE;
        loop {
            let mut spec = self.attempt(entry, job);
            if !before.is_empty() {
                spec.steps.splice(0..0, before.iter().cloned());
            }
            let failed = external(&spec).filter(|_| before.len() < options.retries);
            let Some(failed) = failed.filter(|_| !job.stop.is_raised()) else {
                if !before.is_empty() {
                    spec.steps.insert(before.len(), last_attempt(&spec, before.len(), options));
                }
                return spec;
            };
            tracing::warn!("{} is tried again: {}", entry.path.display(), failed.message);
            before.push(TraceStep {
                action: attempt(before.len(), options),
                evaluation: failed.message.clone(),
                result: "retried".to_owned(),
                duration: spec.duration,
            });
            // A stop is a reason not to wait for the rest of the pause.
            let until = (self.clock)() + pause;
            while !job.stop.is_raised() && (self.clock)() < until {
                std::thread::park_timeout(PAUSE.min(until.saturating_sub((self.clock)())));
            }
            pause *= 2;
        }
    }
}

/// The name of an attempt after so many others.
fn attempt(others: usize, options: Options) -> String {
    format!("attempt {} of {}", others + 1, options.retries + 1)
}

/// What became of the attempt after which there is none. Its steps follow, with their times.
fn last_attempt(spec: &SpecOutcome, others: usize, options: Options) -> TraceStep {
    let (evaluation, result) = match external(spec) {
        Some(failed) => (failed.message.clone(), "error"),
        None => ("its files could be read".to_owned(), "ok"),
    };
    TraceStep {
        action: attempt(others, options),
        evaluation,
        result: result.to_owned(),
        duration: Duration::ZERO,
    }
}

/// What of the outside kept a spec from its result: a file that is gone or cannot be read.
fn external(spec: &SpecOutcome) -> Option<&Diagnostic> {
    let mut errors = spec.diagnostics.iter().filter(|each| each.severity == Severity::Error);
    errors.find(|each| {
        matches!(
            each.code,
            Code::DataMissing | Code::DataUnreadable | Code::FileMissing | Code::FileUnreadable
        )
    })
}
