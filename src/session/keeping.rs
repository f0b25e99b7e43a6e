//! What a run of a plan measured, kept between runs: found again by what it hangs on, and judged anew.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Session;
use crate::data::Input;
use crate::plan::Plan;
use crate::run::{Ran, TraceStep};
use crate::store::{Key, Results};
use crate::verdict::{Status, judge, worst};

/// A run before its verdicts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    pub ran: Ran,
    /// Its files as its notes name them: from the folder that mlspec was started in.
    shown: Vec<PathBuf>,
    /// The trace up to there, with the durations of that run.
    pub steps: Vec<TraceStep>,
}

impl Kept {
    pub fn new(ran: Ran, steps: Vec<TraceStep>, plan: &Plan) -> Self {
        Self { ran, steps, shown: shown(plan) }
    }
}

fn shown(plan: &Plan) -> Vec<PathBuf> {
    plan.sources().map(|source| source.shown.clone()).collect()
}

impl Session<'_> {
    /// Keeps results between runs.
    #[must_use]
    pub fn with_results(self, results: Option<Results>) -> Self {
        Self { results, ..self }
    }

    /// The results that this session keeps.
    pub fn results(&self) -> Option<&Results> {
        self.results.as_ref()
    }

    /// What the text of a plan and the bytes of its files are kept under. None where a file cannot be read.
    pub(super) fn key(&self, plan: &str, inputs: &[Input]) -> Option<Key> {
        let results = self.results.as_ref()?;
        let mut files = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            for (file, stamp) in &input.files {
                // Rows that move from training to test make another run.
                let name = format!("{at}/{}", named(&input.path, file));
                files.push((name, results.digest(file, (*stamp)?)?));
            }
        }
        Some(Key::of(plan, &files))
    }

    /// What is kept under a key. Errors are not: what comes to one is run again, and so is what would name its files
    /// as they are named from another folder.
    pub(super) fn kept(&self, key: &Key, plan: &Plan) -> Option<Kept> {
        let kept: Kept = self.results.as_ref()?.get(key)?;
        let verdicts = judge(plan, &kept.ran.measurements);
        let is_named = kept.ran.notes.is_empty() || kept.shown == shown(plan);
        (is_named && worst(&verdicts) != Status::Error).then_some(kept)
    }

    /// Keeps what a run came to, unless its files were written meanwhile.
    pub(super) fn keep(&self, key: &Key, plan: &str, inputs: &[Input], kept: &Kept) {
        let now: Vec<Input> = inputs.iter().map(|input| Input::look(&input.path)).collect();
        if let Some(results) = &self.results
            && now == inputs
            && self.key(plan, &now).as_ref() == Some(key)
        {
            results.put(key, kept);
        }
    }
}

/// A file of a pattern by what tells it from the pattern's other files, wherever they lie.
fn named(pattern: &Path, file: &Path) -> String {
    let mut pattern = pattern.components();
    let parts = file.components().skip_while(|part| pattern.next() == Some(*part));
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_where_their_pattern_begins() {
        let named = |pattern, file| named(Path::new(pattern), Path::new(file));
        assert_eq!(named("/a/b/data.csv", "/a/b/data.csv"), "");
        assert_eq!(named("/a/b/*.csv", "/a/b/x.csv"), "x.csv");
        assert_eq!(named("/a/*/data.csv", "/a/x/data.csv"), "x/data.csv");
    }
}
