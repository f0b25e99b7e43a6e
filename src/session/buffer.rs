//! Checks the text that an editor holds, which may be on no disk, as `check` would check the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Session;
use crate::data::{self, Input};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::outcome::SpecOutcome;
use crate::plan::outline;
use crate::run;
use crate::spec::draft;
use crate::text::{Document, ProcessEnvironment, Source};
use crate::verdict::Status;

/// The files that a path of a spec stands for, which may be a pattern; none where there are none.
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    data::files(path).unwrap_or_default()
}

/// A file as it is now, to be told from what it will be.
pub fn input(path: &Path) -> Input {
    Input::look(path)
}

/// The paths of all that a spec reads, some of which may be patterns; none where they cannot be told.
pub fn inputs_of(path: &Path) -> Option<Vec<PathBuf>> {
    let (document, _) = Document::parse(Source::read(path).ok()?, &ProcessEnvironment);
    let spec = draft(&document).ok()?.spec;
    if spec.data.path.is_none() && spec.data.train.is_none() {
        return None;
    }
    let plan = outline(spec, path.parent().unwrap_or(Path::new(""))).ok()?;
    Some(plan.sources().map(|source| source.path.clone()).collect())
}

impl Session<'_> {
    /// What `check` would say of a document and what its parser found. A crash is that document's
    /// finding.
    pub fn check_document(&self, document: &Arc<Document>, found: Vec<Diagnostic>) -> SpecOutcome {
        let path = document.source().path();
        let check = || {
            let spec = self.begin_parsed(Arc::clone(document), found)?;
            self.plan_for_check(spec, path)
        };
        let crash = match catch_unwind(AssertUnwindSafe(check)) {
            Ok(checked) => return checked.unwrap_or_else(|spec| *spec),
            Err(payload) => run::words(&*payload),
        };
        let place = Place::File { path: path.to_owned() };
        let message = format!("a stage of this spec crashed: {crash}");
        let found = Diagnostic::error(Code::Panicked, place, message)
            .help("this is a bug in mlspec: please report the message together with the spec");
        SpecOutcome::new(path, Arc::clone(document), Status::Error)
            .closed(Status::Error, vec![found])
    }
}
