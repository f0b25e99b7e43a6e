//! Applies to a spec the fixes that say what its author meant, until none is left.
//! Nothing is written: that is left to the caller.

use std::path::{Path, PathBuf};

use super::Session;
use crate::diagnostic::{Certainty, Edit, Severity};
use crate::outcome::{Applied, SpecOutcome};
use crate::run;
use crate::text::{Change, Source, apply};

/// Each round can bring to light what the mistakes of the one before hid; nobody makes more.
const MAX_ROUNDS: usize = 50;

/// A spec after its fixes.
#[derive(Debug)]
pub struct Mended {
    pub text: String,
    pub applied: Vec<Applied>,
}

/// A file that its fixes change.
#[derive(Debug)]
pub struct MendedFile {
    pub path: PathBuf,
    /// Its bytes as they were read.
    pub old: String,
    pub new: String,
    pub applied: Vec<Applied>,
}

impl Session<'_> {
    /// What the fixes make of the files, of those that they change. One that cannot be read is left
    /// to `check`, which says so.
    pub fn mend_files(&self, paths: &[PathBuf], jobs: usize) -> Vec<MendedFile> {
        let mended =
            run::each(paths, jobs, |path| self.mend_file(path), |_, _| !self.stop.is_raised());
        // A crash is left to `check` as well: it will happen there again.
        mended.into_iter().flatten().filter_map(Result::ok).flatten().collect()
    }

    fn mend_file(&self, path: &Path) -> Option<MendedFile> {
        let source = Source::read(path).ok()?;
        let mended = self.mend(&source);
        // The mark at the beginning of a file is not a part of its text.
        let whole = |text: &str| format!("{}{text}", source.mark());
        (mended.text != source.text()).then(|| MendedFile {
            path: path.to_owned(),
            old: whole(source.text()),
            new: whole(&mended.text),
            applied: mended.applied,
        })
    }

    /// As [`Session::check`], of one spec whose text need not be that of its file.
    pub fn check_text(&self, source: Source) -> SpecOutcome {
        let path = source.path().to_owned();
        self.checked(&path, || self.begin_with(Ok(source), &path))
    }

    /// The text of a spec with all certain fixes applied. Of two that touch the same bytes the first
    /// counts; the other may come in the next round.
    pub fn mend(&self, source: &Source) -> Mended {
        let mut text = source.text().to_owned();
        let mut outcome = self.check_text(source.clone());
        let mut made: Vec<Made> = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let Some(round) = self.round(&text, &outcome) else { break };
            for earlier in &mut made {
                earlier.at = shifted(earlier.at, round.made.iter().flat_map(|new| &new.changes));
            }
            made.extend(round.made.iter().map(|new| {
                let others = round.made.iter().filter(|other| other.at != new.at);
                let at = shifted(new.at, others.flat_map(|other| &other.changes));
                Made { at: at + new.blanks(), ..new.clone() }
            }));
            text = round.text;
            outcome = round.outcome;
        }
        let mended = Source::new(source.path(), &*text);
        let told = |Made { at, applied, .. }| Applied { line: mended.position(at).line, ..applied };
        let mut applied: Vec<Applied> = made.into_iter().map(told).collect();
        applied.sort_by_key(|each| each.line);
        Mended { text, applied }
    }

    /// Applies all fixes of an outcome, or of those that do not go together as many as do, the first
    /// ones first; none where there is nothing to apply.
    fn round(&self, text: &str, outcome: &SpecOutcome) -> Option<Round> {
        let fixes = chosen(outcome);
        if fixes.is_empty() {
            return None;
        }
        let tried = |made: Vec<Made>| {
            let changes: Vec<Change> = made.iter().flat_map(|made| made.changes.clone()).collect();
            let text = apply(text, &changes)?;
            let next = self.check_text(Source::new(outcome.document.source().path(), &*text));
            (broken(&next) <= broken(outcome)).then_some(Round { text, outcome: next, made })
        };
        if let Some(round) = tried(fixes.clone()) {
            return Some(round);
        }
        // Two words can have been meant as one key, which may stand once.
        let mut last: Option<Round> = None;
        for fix in fixes {
            let kept = last.iter().flat_map(|round| round.made.clone());
            last = tried(kept.chain([fix]).collect()).or(last);
        }
        last
    }
}

/// A text after some fixes, and what there is to say of it.
struct Round {
    text: String,
    outcome: SpecOutcome,
    made: Vec<Made>,
}

/// A fix as changes of bytes.
#[derive(Clone, Debug)]
struct Made {
    /// The byte where it begins.
    at: usize,
    applied: Applied,
    changes: Vec<Change>,
}

/// Where a byte comes to stand after changes before it.
fn shifted<'a>(at: usize, changes: impl Iterator<Item = &'a Change>) -> usize {
    let before = changes.filter(|change| change.range.end <= at);
    let (added, removed) = before.fold((0, 0), |(added, removed), change| {
        (added + change.text.len(), removed + change.range.len())
    });
    (at + added).saturating_sub(removed)
}

/// The certain fixes that do not overlap, in the order of the text.
fn chosen(outcome: &SpecOutcome) -> Vec<Made> {
    let document = &outcome.document;
    let text = document.source().text();
    let mut all: Vec<Made> = Vec::new();
    for diagnostic in &outcome.diagnostics {
        let certain = diagnostic.fixes.iter().filter(|fix| fix.certainty == Certainty::Certain);
        let usable = certain.filter_map(|fix| Some((fix, document.changes(fix)?))).next();
        let Some((fix, changes)) = usable else { continue };
        let Some(first) = changes.iter().min_by_key(|change| change.range.start) else { continue };
        let (old, new) = match fix.edits.as_slice() {
            // Of a part of a text the change is the whole text, and the edit the part.
            [Edit::Replace { old, new, .. }] => (old.as_str(), new.as_str()),
            _ => (text[first.range.clone()].trim(), first.text.trim()),
        };
        let (old, new) = (old.to_owned(), new.to_owned());
        let applied = Applied { line: 0, title: fix.title.clone(), old, new };
        all.push(Made { at: first.range.start, applied, changes });
    }
    all.sort_by_key(Made::start);
    let mut end = None;
    all.retain(|made| {
        let free = end.is_none() || Some(made.start()) > end;
        if free {
            end = made.changes.iter().map(|change| change.range.end).max();
        }
        free
    });
    all
}

impl Made {
    fn start(&self) -> usize {
        self.changes.iter().map(|change| change.range.start).min().unwrap_or(self.at)
    }

    /// How many bytes of white space its text begins with, such as the end of the line before.
    fn blanks(&self) -> usize {
        let first = self.changes.iter().min_by_key(|change| change.range.start);
        first.map_or(0, |change| change.text.len() - change.text.trim_start().len())
    }
}

/// How many findings are about the text as YAML.
fn broken(outcome: &SpecOutcome) -> usize {
    let of_yaml = outcome.diagnostics.iter().filter(|each| {
        each.severity == Severity::Error && each.code.name().starts_with("mlspec::yaml::")
    });
    of_yaml.count()
}
