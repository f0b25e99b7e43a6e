//! Fixes: those that a finding offers, as a part of the JSON report with lines, columns and the text
//! to put there; and those that were written, there and for people.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::look::{Look, on_a_line};
use super::spans::{Location, location_of};
use crate::diagnostic::{Certainty, Diagnostic, Fix};
use crate::outcome::{Applied, Outcome, SpecOutcome, shown};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub title: String,
    /// Whether `check --fix` applies it.
    pub certain: bool,
    /// Changes that belong together and do not overlap.
    pub edits: Vec<Edit>,
}

/// The text that takes the place of what stands at a location; one without width is an insertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub location: Location,
    pub text: String,
}

/// The fixes that the spec's text allows.
pub fn fixes(spec: &SpecOutcome, diagnostic: &Diagnostic) -> Vec<Proposal> {
    let edits = |fix: &Fix| {
        let changes = spec.document.changes(fix)?;
        let edit = |change: crate::text::Change| Edit {
            location: location_of(spec, &change.range),
            text: change.text,
        };
        Some(changes.into_iter().map(edit).collect())
    };
    let proposal = |fix: &Fix| {
        Some(Proposal {
            title: fix.title.clone(),
            certain: fix.certainty == Certainty::Certain,
            edits: edits(fix)?,
        })
    };
    diagnostic.fixes.iter().filter_map(proposal).collect()
}

/// A fix that is in the file now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub line: usize,
    pub title: String,
    pub old: String,
    pub new: String,
}

pub fn written(spec: &SpecOutcome) -> Vec<Written> {
    spec.applied
        .iter()
        .map(|Applied { line, title, old, new }| Written {
            line: *line,
            title: title.clone(),
            old: old.clone(),
            new: new.clone(),
        })
        .collect()
}

/// What was changed in a file, a line a fix.
pub fn told(path: &Path, applied: &[Applied], look: Look) -> String {
    let count = match applied.len() {
        1 => "1 fix".to_owned(),
        count => format!("{count} fixes"),
    };
    let path = look.bold(on_a_line(&shown(path)));
    let mut text = format!("fixed   {path}  {}\n", look.dim(count));
    for Applied { line, title, old, new } in applied {
        let _ = write!(text, "        line {line}: {}", on_a_line(title));
        let old = on_a_line(old.lines().next().unwrap_or_default());
        let _ = match (old.as_str(), new.as_str()) {
            ("", _) => writeln!(text),
            (old, "") => writeln!(text, " {}", look.dim(format!("(it was `{old}`)"))),
            (old, _) => writeln!(text, " {}", look.dim(format!("in place of `{old}`"))),
        };
    }
    text
}

/// How many findings `check --fix` would mend.
pub fn mendable(outcome: &Outcome) -> usize {
    let certain = |fix: &&Fix| fix.certainty == Certainty::Certain;
    let of_spec = |spec: &SpecOutcome| {
        let mendable = spec.diagnostics.iter().filter(|diagnostic| {
            let mut fixes = diagnostic.fixes.iter().filter(certain);
            fixes.any(|fix| spec.document.changes(fix).is_some())
        });
        mendable.count()
    };
    outcome.specs.iter().map(of_spec).sum()
}
