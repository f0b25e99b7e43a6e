//! Specs that did not come to an end of their own, as outcomes: stopped, crashed, left behind.

use std::sync::Arc;

use super::crashed;
use super::running::{Entry, GRACE};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::outcome::SpecOutcome;
use crate::run::Crash;
use crate::spec::facts;
use crate::text::{Document, Source};
use crate::verdict::Status;

/// A spec that was stopped at its deadline; what it came to after that does not count.
pub fn stopped(spec: SpecOutcome, entry: &Entry) -> SpecOutcome {
    let closed = SpecOutcome {
        name: spec.name,
        tags: spec.tags,
        model: spec.model,
        inputs: spec.inputs,
        ..SpecOutcome::new(&entry.path, spec.document, Status::Error)
    };
    closed.closed(Status::Error, vec![timed_out(entry, "was stopped")])
}

/// A spec that crashed. Its files may mend that, so they are told as well.
pub fn lost_to(entry: &Entry, crash: &Crash) -> SpecOutcome {
    SpecOutcome { inputs: entry.known().inputs.clone(), ..crashed(&entry.path, crash) }
}

/// A spec whose thread did not stop when it was told to.
pub fn left_behind(entry: &Entry) -> SpecOutcome {
    let known = entry.known().document.clone();
    let document = known.unwrap_or_else(|| {
        Arc::new(Document::parse(Source::new(&*entry.path, ""), &|_: &str| None).0)
    });
    let facts = facts(&document);
    let mut spec = SpecOutcome::new(&entry.path, document, Status::Error);
    spec.name = facts.name.unwrap_or(spec.name);
    spec.tags = facts.tags;
    spec.inputs.clone_from(&entry.known().inputs);
    spec.duration = entry.known().limit.map_or(GRACE, |limit| limit.duration() + GRACE);
    spec.closed(Status::Error, vec![timed_out(entry, "did not stop, and was left behind,")])
}

fn timed_out(entry: &Entry, what: &str) -> Diagnostic {
    let known = entry.known();
    let limit = known.limit.map_or_else(|| "its time".to_owned(), |limit| limit.to_string());
    let own = Route::root().key("timeout");
    let said = known.document.as_ref().is_some_and(|document| document.node(&own).is_some());
    let place = if said { Place::value(own) } else { Place::key(Route::root().key("model")) };
    Diagnostic::error(Code::TimedOut, place, format!("this spec {what} after {limit}"))
        .label(if said { "no more time than this" } else { "took too long" })
        .help(match said {
            true => "give it more time here, or less work: fewer rows (`data.limit`), folds or candidates",
            false => "give it more time (`timeout: 10m` at the top of the spec, `--timeout 10m` for all), or less work",
        })
}
