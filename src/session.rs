//! The one place where the phases meet: `check`, `plan` and `run`, for the command line and for
//! editors alike. Nothing here prints or ends the process.

mod buffer;
mod headers;
mod known;
mod mend;
mod schema;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::Deserialize;

use self::headers::Headers;
use crate::data::{self, Columns, Input, LoadError, Text};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
pub use crate::kinds::models::StopFlag;
use crate::outcome::{Kind, Outcome, SpecOutcome};
use crate::plan::{BoundPlan, Plan, bind, lower};
use crate::run::{self, Clock, Crash, Loaded, Ran, Stop, Trace};
use crate::spec::decode;
pub use crate::spec::{catalogue, keys};
use crate::text::{Document, Environment, ProcessEnvironment, Source};
use crate::verdict::{Status, explain, judge, unjudged, worst};
pub use buffer::files_of;
pub use known::{Known, KnownColumn};
pub use mend::Mended;
pub use schema::schema_text;

/// What every call needs from outside.
pub struct Session<'a> {
    pub environment: &'a (dyn Environment + Sync),
    pub clock: Clock<'a>,
    pub stop: &'a StopFlag,
    /// Headers of data files, which several specs may share and editors ask for again and again.
    headers: Mutex<HashMap<HeaderKey, Header>>,
    /// What is known of whole tables, for editors.
    tables: Mutex<HashMap<String, Looked>>,
    /// Held alone by a spec that measures time, and together by all others. It is taken outside of
    /// the pool.
    machine: RwLock<()>,
}

type HeaderKey = (PathBuf, String);

/// What is known of a table, and which files it was learned from.
type Looked = (Vec<Input>, Arc<Known>);

/// The columns of a file, and which files they were read from.
type Header = (Input, Result<Columns, LoadError>);

/// How a call treats its specs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many specs at once.
    pub jobs: usize,
    /// Begin no further spec after one that did not pass.
    pub fail_fast: bool,
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
            machine: RwLock::default(),
        }
    }

    /// Judges specs. `done` sees each as it finishes.
    pub fn run(
        &self,
        paths: &[PathBuf],
        options: Options,
        done: &(dyn Fn(&Path, &SpecOutcome) + Sync),
    ) -> Outcome {
        self.each(Kind::Run, paths, options, done, |path| self.run_spec(path))
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
            !self.stop.is_raised() && (passed || !options.fail_fast)
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

    /// The name and the plan of one spec, bound to the header of its data.
    ///
    /// # Errors
    /// Everything that is wrong with the spec.
    pub fn plan(&self, path: &Path) -> Result<(String, BoundPlan), Box<SpecOutcome>> {
        let (spec, plan) = self.begin(path).and_then(|spec| self.read(spec, path))?;
        match self.bind_header(plan) {
            Ok((bound, _)) => Ok((spec.name, bound)),
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

    fn run_spec(&self, path: &Path) -> SpecOutcome {
        let mut trace = Trace::new(self.clock);
        let started = (self.clock)();
        let mut spec = match self.evaluate(path, &mut trace) {
            Ok(spec) => spec,
            Err(spec) => *spec,
        };
        if spec.verdicts.is_empty()
            && !trace.steps.is_empty()
            && let Some(first) = spec.diagnostics.iter().find(|d| d.severity == Severity::Error)
        {
            trace.add("stop", first.message.clone(), "error");
        }
        spec.steps = trace.steps;
        spec.duration = (self.clock)().saturating_sub(started);
        spec
    }

    fn evaluate(
        &self,
        path: &Path,
        trace: &mut Trace<'_>,
    ) -> Result<SpecOutcome, Box<SpecOutcome>> {
        let (mut spec, plan) = self.read(self.begin(path)?, path)?;
        spec.inputs = plan.sources().map(|source| Input::look(&source.path)).collect();
        let (bound, columns) = match self.bind_header(plan) {
            Ok(bound) => bound,
            Err((status, found)) => return Err(Box::new(spec.closed(status, found))),
        };
        if self.stop.is_raised() {
            return Err(Box::new(spec.closed(Status::Error, vec![interrupted()])));
        }
        // Who measures time has the machine alone; all others share it.
        let lock = PoisonError::into_inner;
        let _alone = bound.is_timed().then(|| self.machine.write().unwrap_or_else(lock));
        let lock = PoisonError::into_inner;
        let _shared = (!bound.is_timed()).then(|| self.machine.read().unwrap_or_else(lock));
        let result = run::load(&bound, trace)
            .map_err(|diagnostic| (Status::Error, vec![diagnostic]))
            // Every kernel runs inside polars' pool, so that specs side by side share its threads.
            .and_then(|loaded| data::in_pool(|| self.execute(bound, &columns, loaded, trace)));
        match result {
            Ok((ran, bound)) => {
                let verdicts = judge(&bound.plan, &ran.measurements);
                for verdict in &verdicts {
                    trace.add(
                        format!("judge {} {}", verdict.title(), verdict.required()),
                        verdict
                            .shown()
                            .unwrap_or_else(|| verdict.reason.clone().unwrap_or_default()),
                        verdict.status.word(),
                    );
                }
                let missing = ran.notes.iter().any(|note| note.severity == Severity::Error);
                let status =
                    worst(&verdicts).max(if missing { Status::Error } else { Status::Skipped });
                spec.rows = Some(ran.rows);
                spec.importances = ran.importances;
                spec.measurements = ran.measurements;
                spec.searches = ran.searches;
                let mut found = ran.notes;
                let model = bound.plan.model.name();
                found.extend(unjudged(&bound.plan, &spec.measurements));
                found.extend(verdicts.iter().filter_map(|verdict| explain(verdict, model)));
                spec.verdicts = verdicts;
                Ok(spec.closed(status, found))
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

    fn execute(
        &self,
        bound: BoundPlan,
        headers: &Headers,
        loaded: Loaded,
        trace: &mut Trace<'_>,
    ) -> Result<(Ran, BoundPlan), Stopped> {
        let error = |diagnostic: Diagnostic| (Status::Error, vec![diagnostic]);
        let classes = run::classes_of(&bound, &loaded).map_err(error)?;
        // Types can widen beyond the rows that the header pass saw, so all is bound again.
        let seen = Headers {
            columns: headers.columns.overlay(&loaded.frame.columns()),
            predictions: match (&headers.predictions, &loaded.predictions) {
                (Some(header), Some(frame)) => Some(header.overlay(&frame.columns())),
                _ => None,
            },
        };
        let plan = Plan { task: Some(bound.task), ..bound.plan };
        let bound = bind(plan, seen.known(classes.as_ref())).map_err(misfit)?;
        match run::execute(&bound, loaded, self.stop, trace) {
            Ok(ran) => Ok((ran, bound)),
            Err(Stop::Interrupted) => Err(error(interrupted())),
            Err(Stop::Found(diagnostic)) => Err(error(diagnostic)),
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

/// The tags that a spec file bears, read without judging the spec; none if it has no readable tree.
pub fn tags_of(path: &Path) -> Option<Vec<String>> {
    let source = Source::read(path).ok()?;
    let (document, found) = Document::parse(source, &ProcessEnvironment);
    if found.iter().any(|each| each.code == Code::YamlSyntax) {
        return None;
    }
    Some(texts(&document.resolved()["tags"]).iter().map(|tag| tag.value().to_owned()).collect())
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
        let options = Options { jobs: 2, fail_fast: false };
        let work = |path: &Path| {
            assert_ne!(path, Path::new("b.yaml"), "a stage broke");
            let (document, _) = Document::parse(Source::new(path, ""), &environment);
            SpecOutcome::new(path, Arc::new(document), Status::Pass)
        };
        let outcome = session.each(Kind::Run, &paths, options, &|_, _| {}, work);
        let statuses: Vec<Status> = outcome.specs.iter().map(|spec| spec.status).collect();
        assert_eq!(statuses, [Status::Pass, Status::Error, Status::Pass]);
        let found = &outcome.specs[1].diagnostics[0];
        assert_eq!(found.code, Code::Panicked);
        assert!(found.message.contains("a stage broke"), "{}", found.message);
        assert_eq!(outcome.exit_status(), 3);
    }
}
