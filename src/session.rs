//! The one place where the phases meet: `check`, `plan` and `run`, for the command line and for
//! editors alike. Nothing here prints or ends the process.

mod attempts;
mod buffer;
mod headers;
mod keeping;
mod known;
mod lost;
mod machine;
mod mend;
mod running;
mod schema;
mod starter;
mod summary;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use self::machine::Machine;
pub use self::running::Event;
use self::running::KEPT_TABLES;
use crate::data::{Columns, LoadError, Tables, Text};
pub use crate::data::{Input, glob_matches};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
pub use crate::kinds::models::StopFlag;
use crate::outcome::{Kind, Outcome, SpecOutcome, name_of};
use crate::plan::{BoundPlan, Plan, lower};
pub use crate::run::Drawn;
use crate::run::{self, Clock, Crash};
pub use crate::spec::{Facts, Period};
pub use crate::spec::{catalogue, keys};
use crate::spec::{decode, facts};
use crate::store::Results;
use crate::text::{Document, Environment, ProcessEnvironment, Source};
use crate::verdict::Status;
pub use buffer::{files_of, input, inputs_of};
pub use known::{Known, KnownColumn};
pub use mend::{Mended, MendedFile};
pub use schema::schema_text;
pub use starter::{Asked, NotStarted, Started, Task};

/// What every call needs from outside.
pub struct Session<'a> {
    pub environment: &'a (dyn Environment + Sync),
    pub clock: Clock<'a>,
    pub stop: &'a StopFlag,
    /// Headers of data files, which several specs may share and editors ask for again and again.
    headers: Mutex<HashMap<HeaderKey, Header>>,
    /// What is known of whole tables, for editors.
    tables: Mutex<HashMap<String, Looked>>,
    /// Taken outside of the pool.
    machine: Machine,
    /// Tables that several specs load.
    loaded: Tables,
    /// What earlier runs came to; none: every spec is run.
    results: Option<Results>,
    /// Whether runs keep what charts are drawn of.
    drawn: Drawn,
}

type HeaderKey = (PathBuf, String);

/// What is known of a table, and which files it was learned from.
type Looked = (Vec<Input>, Arc<Known>);

/// The columns of a file, and which files they were read from.
type Header = (Input, Result<Columns, LoadError>);

/// How a call treats its specs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many specs at once.
    pub jobs: usize,
    /// Begin no further spec once so many did not pass.
    pub max_fail: Option<usize>,
    /// How long a spec may take that does not say so itself.
    pub timeout: Option<Period>,
    /// After so long a spec is said to be slow.
    pub slow_after: Option<Period>,
    /// How often a spec is tried again whose files could not be read.
    pub retries: usize,
}

impl<'a> Session<'a> {
    pub fn new(
        environment: &'a (dyn Environment + Sync),
        clock: Clock<'a>,
        stop: &'a StopFlag,
    ) -> Self {
        Self {
            environment,
            clock,
            stop,
            headers: Mutex::default(),
            tables: Mutex::default(),
            machine: Machine::default(),
            loaded: Tables::keeping(KEPT_TABLES),
            results: None,
            drawn: Drawn::Nothing,
        }
    }

    /// The same, where runs keep what charts are drawn of if that is asked for.
    #[must_use]
    pub fn with_charts(self, drawn: Drawn) -> Self {
        Self { drawn, ..self }
    }

    /// Reads specs as far as that goes without training.
    pub fn check(
        &self,
        paths: &[PathBuf],
        options: Options,
        done: &(dyn Fn(&Path, &SpecOutcome) + Sync),
    ) -> Outcome {
        self.each(Kind::Check, paths, options, done, |path| self.check_spec(path))
    }

    fn each(
        &self,
        kind: Kind,
        paths: &[PathBuf],
        options: Options,
        done: &(dyn Fn(&Path, &SpecOutcome) + Sync),
        work: impl Fn(&Path) -> SpecOutcome + Sync,
    ) -> Outcome {
        let started = (self.clock)();
        let failed = AtomicUsize::new(0);
        let seen = |at: usize, result: &Result<SpecOutcome, Crash>| {
            let passed = match result {
                Ok(spec) => {
                    if !self.is_interrupted(spec) {
                        done(&paths[at], spec);
                    }
                    spec.status <= Status::Warn
                }
                Err(crash) => {
                    done(&paths[at], &crashed(&paths[at], crash));
                    false
                }
            };
            let failed = failed.fetch_add(usize::from(!passed), Ordering::Relaxed);
            let failed = failed + usize::from(!passed);
            !self.stop.is_raised() && options.max_fail.is_none_or(|most| failed < most)
        };
        let results = run::each(paths, options.jobs, |path| work(path), seen);
        let mut specs = Vec::new();
        let mut not_begun = 0;
        for (path, result) in paths.iter().zip(results) {
            match result {
                Some(Ok(spec)) if self.is_interrupted(&spec) => not_begun += 1,
                Some(Ok(spec)) => specs.push(spec),
                Some(Err(crash)) => specs.push(crashed(path, &crash)),
                None => not_begun += 1,
            }
        }
        Outcome {
            kind,
            specs,
            findings: Vec::new(),
            duration: (self.clock)().saturating_sub(started),
            interrupted: self.stop.is_raised(),
            not_begun,
        }
    }

    fn is_interrupted(&self, spec: &SpecOutcome) -> bool {
        self.stop.is_raised() && spec.diagnostics.iter().any(|each| each.code == Code::Interrupted)
    }

    /// The plan of one spec, bound to the header of its data, and the spec with what it warns of.
    ///
    /// # Errors
    /// Everything that is wrong with the spec.
    pub fn plan(&self, path: &Path) -> Result<(SpecOutcome, BoundPlan), Box<SpecOutcome>> {
        let (spec, plan) = self.begin(path).and_then(|spec| self.read(spec, path))?;
        match self.bind_header(plan) {
            Ok((bound, _)) => Ok((spec.closed(Status::Pass, Vec::new()), bound)),
            Err((status, found)) => Err(Box::new(spec.closed(status, found))),
        }
    }

    fn check_spec(&self, path: &Path) -> SpecOutcome {
        self.checked(path, || self.begin(path))
    }

    fn checked(
        &self,
        path: &Path,
        begin: impl FnOnce() -> Result<SpecOutcome, Box<SpecOutcome>>,
    ) -> SpecOutcome {
        let started = (self.clock)();
        let checked = begin().and_then(|spec| self.plan_for_check(spec, path));
        let mut spec = checked.unwrap_or_else(|spec| *spec);
        spec.duration = (self.clock)().saturating_sub(started);
        spec
    }

    fn plan_for_check(
        &self,
        spec: SpecOutcome,
        path: &Path,
    ) -> Result<SpecOutcome, Box<SpecOutcome>> {
        let (mut spec, plan) = self.read(spec, path)?;
        spec.inputs = plan.sources().map(|source| Input::look(&source.path)).collect();
        match self.bind_header(plan) {
            Ok((bound, _)) => {
                spec.left_to_run = bound.left_to_run;
                Ok(spec.closed(Status::Pass, Vec::new()))
            }
            Err((status, found)) => Err(Box::new(spec.closed(status, found))),
        }
    }

    /// Reads and parses; an unreadable file is an outcome of its own.
    fn begin(&self, path: &Path) -> Result<SpecOutcome, Box<SpecOutcome>> {
        self.begin_with(Source::read(path), path)
    }

    fn begin_with(
        &self,
        source: Result<Source, Diagnostic>,
        path: &Path,
    ) -> Result<SpecOutcome, Box<SpecOutcome>> {
        let (document, found) = match source {
            Ok(source) => Document::parse(source, self.environment),
            Err(diagnostic) => {
                let (document, _) = Document::parse(Source::new(path, ""), self.environment);
                (document, vec![diagnostic])
            }
        };
        self.begin_parsed(Arc::new(document), found)
    }

    /// Takes a document with what its parser found.
    fn begin_parsed(
        &self,
        document: Arc<Document>,
        found: Vec<Diagnostic>,
    ) -> Result<SpecOutcome, Box<SpecOutcome>> {
        let broken = found.iter().any(|each| each.severity == Severity::Error);
        let path = document.source().path().to_owned();
        let spec = SpecOutcome {
            diagnostics: found,
            ..SpecOutcome::new(&path, document, Status::Invalid)
        };
        let resolved = spec.document.resolved();
        let name =
            Text::deserialize(&resolved["name"]).ok().filter(|name| !name.written().is_empty());
        let name = name.map_or(spec.name, |name| name.written().to_owned());
        let tags = texts(&resolved["tags"]).iter().map(|tag| tag.written().to_owned()).collect();
        let spec = SpecOutcome { name, tags, ..spec };
        if broken { Err(Box::new(self.with_schema_findings(spec))) } else { Ok(spec) }
    }

    /// A file with, say, a duplicate key still gets its schema errors, as long as there is a tree.
    fn with_schema_findings(&self, mut spec: SpecOutcome) -> SpecOutcome {
        let tree_is_whole = spec.diagnostics.iter().all(|each| {
            !matches!(
                each.code,
                Code::YamlSyntax
                    | Code::YamlEmpty
                    | Code::YamlBudget
                    | Code::YamlDocuments
                    | Code::FileMissing
                    | Code::FileUnreadable
                    | Code::FileEncoding
            )
        });
        if tree_is_whole && let Err(found) = decode(&spec.document) {
            let span =
                |each: &Diagnostic| spec.document.locate_place(&each.place).map(|at| at.span);
            let known: Vec<_> = spec.diagnostics.iter().map(span).collect();
            let mut new: Vec<Diagnostic> =
                found.into_iter().filter(|each| !known.contains(&span(each))).collect();
            spec.diagnostics.append(&mut new);
            spec.sort();
        }
        spec
    }

    fn read(
        &self,
        mut spec: SpecOutcome,
        path: &Path,
    ) -> Result<(SpecOutcome, Plan), Box<SpecOutcome>> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let decoded = match decode(&spec.document) {
            Ok(decoded) => decoded,
            Err(found) => return Err(Box::new(spec.closed(Status::Invalid, found))),
        };
        spec.model = Some(decoded.model.name());
        match lower(decoded, folder) {
            Ok(plan) => {
                spec.diagnostics.extend(plan.warnings.iter().cloned());
                Ok((spec, plan))
            }
            Err(found) => Err(Box::new(spec.closed(Status::Invalid, found))),
        }
    }
}

/// What a spec came to when it did not reach its verdicts.
type Stopped = (Status, Vec<Diagnostic>);

/// The outcome of a spec whose evaluation crashed.
fn crashed(path: &Path, crash: &Crash) -> SpecOutcome {
    let (document, _) = Document::parse(Source::new(path, ""), &|_: &str| None);
    let place = Place::File { path: path.to_owned() };
    let diagnostic = Diagnostic::error(
        Code::Panicked,
        place,
        format!("a stage of this spec crashed: {}", crash.0),
    )
    .help("this is a bug in mlspec: please report the message together with the spec");
    SpecOutcome {
        diagnostics: vec![diagnostic],
        ..SpecOutcome::new(path, Arc::new(document), Status::Error)
    }
}

/// A spec that does not fit its data is invalid, unless nothing but the data is to blame.
fn misfit(found: Vec<Diagnostic>) -> Stopped {
    let of_data = |each: &Diagnostic| matches!(each.code, Code::AllNull | Code::DataColumnType);
    let status = if found.iter().all(of_data) { Status::Error } else { Status::Invalid };
    (status, found)
}

/// What a spec file says of itself, read without judging it; none if it has no readable tree.
pub fn facts_of(path: &Path) -> Option<Facts> {
    let source = Source::read(path).ok()?;
    let (document, found) = Document::parse(source, &ProcessEnvironment);
    if found.iter().any(|each| each.code == Code::YamlSyntax) {
        return None;
    }
    let facts = facts(&document);
    Some(Facts { name: facts.name.or_else(|| Some(name_of(path))), ..facts })
}

/// Findings in a text that is no spec, such as a filter, in the form that reports draw.
pub fn findings_in(name: &str, text: &str, found: Vec<Diagnostic>) -> SpecOutcome {
    let (document, _) = Document::parse(Source::new(name, text), &|_: &str| None);
    SpecOutcome::new(Path::new(name), Arc::new(document), Status::Invalid)
        .closed(Status::Invalid, found)
}

/// A list of texts, as far as it is one.
fn texts(value: &serde_json::Value) -> Vec<Text> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| Text::deserialize(item).ok()).collect()
}

fn interrupted() -> Diagnostic {
    let place = Place::key(Route::root());
    Diagnostic::error(Code::Interrupted, place, "the run was interrupted")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_crash_in_a_stage_is_that_specs_error_and_the_rest_runs() {
        let stop = StopFlag::new();
        let clock = || Duration::ZERO;
        let environment = |_: &str| None;
        let session = Session::new(&environment, &clock, &stop);
        let paths: Vec<PathBuf> = ["a.yaml", "b.yaml", "c.yaml"].map(PathBuf::from).to_vec();
        let options = Options { jobs: 2, ..Options::default() };
        let work = |path: &Path| {
            assert_ne!(path, Path::new("b.yaml"), "a stage broke");
            let (document, _) = Document::parse(Source::new(path, ""), &environment);
            SpecOutcome::new(path, Arc::new(document), Status::Pass)
        };
        let outcome = session.each(Kind::Check, &paths, options, &|_, _| {}, work);
        let statuses: Vec<Status> = outcome.specs.iter().map(|spec| spec.status).collect();
        assert_eq!(statuses, [Status::Pass, Status::Error, Status::Pass]);
        let found = &outcome.specs[1].diagnostics[0];
        assert_eq!(found.code, Code::Panicked);
        assert!(found.message.contains("a stage broke"), "{}", found.message);
        assert_eq!(outcome.exit_status(), 3);
    }
}
