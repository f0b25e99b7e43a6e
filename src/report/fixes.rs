//! The fixes of a finding as a part of the JSON report: lines, columns and the text to put there.

use serde::Serialize;

use super::spans::{Location, location_of};
use crate::diagnostic::{Certainty, Diagnostic};
use crate::outcome::SpecOutcome;

#[derive(Serialize)]
pub struct Proposal<'a> {
    title: &'a str,
    /// Whether `check --fix` applies it.
    certain: bool,
    /// Changes that belong together and do not overlap.
    edits: Vec<Edit>,
}

/// The text that takes the place of what stands at a location; one without width is an insertion.
#[derive(Serialize)]
pub struct Edit {
    location: Location,
    text: String,
}

/// The fixes that the spec's text allows.
pub fn fixes<'a>(spec: &SpecOutcome, diagnostic: &'a Diagnostic) -> Vec<Proposal<'a>> {
    let edits = |fix| {
        let changes = spec.document.changes(fix)?;
        let edit = |change: crate::text::Change| Edit {
            location: location_of(spec, &change.range),
            text: change.text,
        };
        Some(changes.into_iter().map(edit).collect())
    };
    let proposal = |fix: &'a crate::diagnostic::Fix| {
        Some(Proposal {
            title: &fix.title,
            certain: fix.certainty == Certainty::Certain,
            edits: edits(fix)?,
        })
    };
    diagnostic.fixes.iter().filter_map(proposal).collect()
}
