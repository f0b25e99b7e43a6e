//! What a run of specs came to: everything that reports show, and the exit status.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::data::{Input, Measurement};
use crate::diagnostic::Diagnostic;
pub use crate::run::{Charts, Confusion, Curves, Residuals, Searched};
use crate::run::{Importance, RowCounts, TraceStep};
use crate::text::Document;
use crate::verdict::{Status, Verdict};

/// Whether models were trained or specs only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Run,
    Check,
}

/// All specs of one call, in the order of their paths.
#[derive(Debug)]
pub struct Outcome {
    pub kind: Kind,
    pub specs: Vec<SpecOutcome>,
    /// Findings that belong to no spec: a path that is missing, no spec at all.
    pub findings: Vec<Diagnostic>,
    pub duration: Duration,
    /// A signal ended the run; specs that had not begun are not in `specs`.
    pub interrupted: bool,
    /// Specs that were selected but not begun, after an interrupt or after `--max-fail`.
    pub not_begun: usize,
}

/// What one spec came to.
#[derive(Debug)]
pub struct SpecOutcome {
    /// The path as reports show it, with `/` between its parts.
    pub path: String,
    pub name: String,
    pub tags: Vec<String>,
    pub status: Status,
    pub duration: Duration,
    pub model: Option<&'static str>,
    /// The model's route in the spec is `model.<name>`; this is what it was judged on.
    pub rows: Option<RowCounts>,
    pub steps: Vec<TraceStep>,
    /// How much each feature counts in the model, the greatest first, where the model tells.
    pub importances: Vec<Importance>,
    /// What is drawn of the judged rows, where the run was asked for it.
    pub charts: Option<Charts>,
    pub measurements: Vec<Measurement>,
    /// What was tried to choose parameters, and what was chosen.
    pub searches: Vec<Searched>,
    pub verdicts: Vec<Verdict>,
    pub diagnostics: Vec<Diagnostic>,
    /// The fixes that `check --fix` has written to the spec before it was checked.
    pub applied: Vec<Applied>,
    /// The files of the data and of given predictions, as they were before they were read.
    pub inputs: Vec<Input>,
    /// What of it an earlier run kept.
    pub cached: Option<Cached>,
    /// What `check` could not know.
    pub left_to_run: Vec<String>,
    pub document: Arc<Document>,
}

/// What an earlier run kept, so that nothing was trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cached {
    /// What it measured, which was judged anew.
    Results,
    /// What its models answered, which was measured anew.
    Training,
}

/// A fix that was applied to the text of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The line where it stands, counted from 1.
    pub line: usize,
    pub title: String,
    /// What stood there; nothing where something was added.
    pub old: String,
    pub new: String,
}

impl Outcome {
    /// Of nothing so far.
    pub fn empty(kind: Kind) -> Self {
        Self {
            kind,
            specs: Vec::new(),
            findings: Vec::new(),
            duration: Duration::ZERO,
            interrupted: false,
            not_begun: 0,
        }
    }

    /// How many specs came to this.
    pub fn count(&self, status: Status) -> usize {
        self.specs.iter().filter(|spec| spec.status == status).count()
    }

    /// The exit status of the process: 2 for invalid specs or paths, 3 for specs that could not be
    /// evaluated, 1 for missed bounds, 4 where no spec was selected, 130 after an interrupt.
    pub fn exit_status(&self) -> u8 {
        let is_any = |status| self.count(status) > 0;
        let no_specs = |finding: &Diagnostic| finding.code == crate::diagnostic::Code::NoSpecs;
        if self.interrupted {
            130
        } else if is_any(Status::Invalid) || self.findings.iter().any(|finding| !no_specs(finding))
        {
            2
        } else if is_any(Status::Error) {
            3
        } else if is_any(Status::Fail) || is_any(Status::Inconclusive) {
            1
        } else if self.specs.is_empty() {
            4
        } else {
            0
        }
    }
}

impl SpecOutcome {
    /// A spec of which only the path is known.
    pub fn new(path: &Path, document: Arc<Document>, status: Status) -> Self {
        Self {
            path: shown(path),
            name: name_of(path),
            tags: Vec::new(),
            status,
            duration: Duration::ZERO,
            model: None,
            rows: None,
            steps: Vec::new(),
            importances: Vec::new(),
            charts: None,
            measurements: Vec::new(),
            searches: Vec::new(),
            verdicts: Vec::new(),
            diagnostics: Vec::new(),
            applied: Vec::new(),
            inputs: Vec::new(),
            cached: None,
            left_to_run: Vec::new(),
            document,
        }
    }

    /// The exit status of a command that came to nothing because of this spec.
    pub fn exit_status(self) -> u8 {
        Outcome { specs: vec![self], ..Outcome::empty(Kind::Check) }.exit_status()
    }

    /// The spec with its status and further findings.
    #[must_use]
    pub fn closed(mut self, status: Status, found: Vec<Diagnostic>) -> Self {
        self.status = status;
        self.diagnostics.extend(found);
        self.sort();
        self
    }

    /// Puts the findings in the order of the file, one a place.
    pub fn sort(&mut self) {
        let document = &self.document;
        let span = |each: &Diagnostic| document.locate_place(&each.place).map(|at| at.span);
        self.diagnostics.sort_by_key(|each| span(each).map_or(0, |span| span.start));
        // What an anchor holds is wrong once, however often an alias repeats it.
        self.diagnostics
            .dedup_by(|b, a| span(a) == span(b) && a.code == b.code && a.message == b.message);
    }
}

/// A path as reports show it: with `/`, and without a leading `./`.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// A name for a spec that has none: its file name without the extensions.
pub fn name_of(path: &Path) -> String {
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or("spec");
    let stem = file.strip_suffix(".yaml").or(file.strip_suffix(".yml")).unwrap_or(file);
    stem.strip_suffix(".mlspec").unwrap_or(stem).to_owned()
}
