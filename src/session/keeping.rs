//! What a run of a plan measured, and what its training came to, kept between runs: found again by what it hangs on,
//! and judged anew, or measured and judged anew.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Session;
use crate::data::Input;
use crate::plan::{BoundPlan, Plan};
use crate::run::{Earlier, Ran, TraceStep, Trained, Training};
use crate::store::{Digest, Key, Results};
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
        Self { ran, steps, shown: plan.shown() }
    }
}

/// The data files of a plan, as they were before they were read.
#[derive(Debug)]
pub struct Files {
    inputs: Vec<Input>,
    /// Their digests, each with what tells its file from the others.
    digests: Vec<(String, Digest)>,
}

impl Files {
    /// What the measurements of a plan are kept under.
    pub fn key(&self, plan: &Plan) -> Key {
        Key::of(&plan.decisive(), &self.digests)
    }

    /// What the training of a plan is kept under.
    pub fn training_key(&self, bound: &BoundPlan) -> Key {
        Key::of(&bound.decisive_for_training(), &self.digests)
    }
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

    /// The files of a plan. None where one cannot be read, and where nothing is kept.
    pub(super) fn files(&self, inputs: &[Input]) -> Option<Files> {
        Some(Files { inputs: inputs.to_vec(), digests: self.digests(inputs)? })
    }

    fn digests(&self, inputs: &[Input]) -> Option<Vec<(String, Digest)>> {
        let results = self.results.as_ref()?;
        let mut digests = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            for (file, stamp) in &input.files {
                // Rows that move from training to test make another run.
                let name = format!("{at}/{}", named(&input.path, file));
                digests.push((name, results.digest(file, (*stamp)?)?));
            }
        }
        Some(digests)
    }

    /// Whether nothing was written to the files since they were looked at.
    pub(super) fn are_unchanged(&self, files: &Files) -> bool {
        let now: Vec<Input> = files.inputs.iter().map(|input| Input::look(&input.path)).collect();
        now == files.inputs && self.digests(&now).as_ref() == Some(&files.digests)
    }

    /// What is kept under a key. Errors are not: what comes to one is run again, and so is what would name its files
    /// as they are named from another folder.
    pub(super) fn kept(&self, key: &Key, plan: &Plan) -> Option<Kept> {
        let kept: Kept = self.results.as_ref()?.get(key)?;
        let verdicts = judge(plan, &kept.ran.measurements);
        let is_named = kept.ran.notes.is_empty() || kept.shown == plan.shown();
        (is_named && worst(&verdicts) != Status::Error).then_some(kept)
    }

    /// Keeps what a run measured.
    pub(super) fn keep(&self, key: &Key, kept: &Kept) {
        if let Some(results) = &self.results {
            results.put(key, kept);
        }
    }

    /// What is kept of the training of a plan whose rows have been read: from files that are by now what they were
    /// when their digests were taken, so that the rows are those of the key.
    pub(super) fn earlier(&self, files: &Files, key: &Key) -> Earlier {
        let trained = self.results.as_ref().and_then(|all| all.training(key, Trained::unpacked));
        match trained.filter(|_| self.are_unchanged(files)) {
            Some(trained) => Earlier::Known(trained),
            None => Earlier::Unknown,
        }
    }

    /// Keeps what training came to.
    pub(super) fn keep_training(&self, key: &Key, training: &Training) {
        let Training::New(Some(trained)) = training else { return };
        if let (Some(results), Some(packed)) = (&self.results, trained.packed()) {
            results.put_training(key, &packed);
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
