//! Applies to a spec the fixes that say what its author meant, until none is left.
//! Nothing is written: that is left to the caller.

use super::Session;
use crate::diagnostic::{Certainty, Severity};
use crate::outcome::{Applied, SpecOutcome};
use crate::text::{Change, Source, apply};

/// Each round can bring to light what the mistakes of the one before hid; nobody makes more.
const MAX_ROUNDS: usize = 50;

/// A spec after its fixes.
#[derive(Debug)]
pub struct Mended {
    pub text: String,
    pub applied: Vec<Applied>,
}

impl Session<'_> {
    /// As [`Session::check`], of one spec whose text need not be that of its file.
    pub fn check_text(&self, source: Source) -> SpecOutcome {
        let path = source.path().to_owned();
        self.checked(&path, || self.begin_with(Ok(source), &path))
    }

    /// The text of a spec with all certain fixes applied. Of two that touch the same bytes the first
    /// counts; the other may come in the next round.
    pub fn mend(&self, source: &Source) -> Mended {
        let mut mended = Mended { text: source.text().to_owned(), applied: Vec::new() };
        let mut outcome = self.check_text(source.clone());
        for _ in 0..MAX_ROUNDS {
            let mut chosen = chosen(&outcome);
            // Two words can have been meant as one key, which may stand once.
            let (text, next) = loop {
                let Some(first) = chosen.first().cloned() else { return mended };
                let changes: Vec<Change> =
                    chosen.iter().flat_map(|(_, changes)| changes.clone()).collect();
                let next = apply(&mended.text, &changes)
                    .map(|text| (self.check_text(Source::new(source.path(), text.as_str())), text));
                match next {
                    Some((next, text)) if broken(&next) <= broken(&outcome) => break (text, next),
                    _ if chosen.len() > 1 => chosen = vec![first],
                    _ => return mended,
                }
            };
            mended.applied.extend(chosen.into_iter().map(|(applied, _)| applied));
            mended.text = text;
            outcome = next;
        }
        mended
    }
}

/// The certain fixes that do not overlap, in the order of the text.
fn chosen(outcome: &SpecOutcome) -> Vec<(Applied, Vec<Change>)> {
    let document = &outcome.document;
    let text = document.source().text();
    let mut all: Vec<(Applied, Vec<Change>)> = Vec::new();
    for diagnostic in &outcome.diagnostics {
        let certain = diagnostic.fixes.iter().filter(|fix| fix.certainty == Certainty::Certain);
        let usable = certain.filter_map(|fix| Some((fix, document.changes(fix)?))).next();
        let Some((fix, changes)) = usable else { continue };
        let Some(first) = changes.iter().min_by_key(|change| change.range.start) else { continue };
        let applied = Applied {
            line: document.source().position(first.range.start).line,
            title: fix.title.clone(),
            old: text[first.range.clone()].trim().to_owned(),
            new: first.text.trim().to_owned(),
        };
        all.push((applied, changes));
    }
    all.sort_by_key(|(_, changes)| changes.iter().map(|change| change.range.start).min());
    let mut end = None;
    all.retain(|(_, changes)| {
        let start = changes.iter().map(|change| change.range.start).min();
        let free = end.is_none() || start > end;
        if free {
            end = changes.iter().map(|change| change.range.end).max();
        }
        free
    });
    all
}

/// How many findings are about the text as YAML.
fn broken(outcome: &SpecOutcome) -> usize {
    let of_yaml = outcome.diagnostics.iter().filter(|each| {
        each.severity == Severity::Error && each.code.name().starts_with("mlspec::yaml::")
    });
    of_yaml.count()
}
