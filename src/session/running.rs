//! Runs specs side by side, each with a deadline, and tells what becomes of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::headers::Headers;
use super::keeping::{Files, Kept};
use super::lost::{left_behind, lost_to, stopped};
use super::machine::Use;
use super::{Options, Session, StopFlag, Stopped, interrupted, misfit};
use crate::data::{self, Input};
use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{Cached, Kind, Outcome, SpecOutcome};
use crate::plan::{BoundPlan, Plan, bind};
use crate::run::{
    self, Drawn, Earlier, End, Job, Limits, Loaded, Manner, Next, Ran, Seen, Stop, Trace, Training,
    supervise,
};
use crate::spec::Period;
use crate::store::Key;
use crate::text::{Document, Source};
use crate::verdict::{Status, explain, judge, unjudged, worst};

/// How long a spec that was told to stop may take to do so.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// A spec that takes longer has its stages told.
const LONG: Duration = Duration::from_secs(1);

/// So many bytes of tables stay in memory that no spec uses at the moment, where there are several.
pub(super) const KEPT_TABLES: usize = 64 << 20;

/// What becomes of a spec.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    Began,
    /// What it is doing now.
    Stage(&'a str),
    /// It has been running for so long, and still is.
    Slow(Duration),
    Done(&'a SpecOutcome),
}

/// What a spec's thread and the one who waits for it both know.
#[derive(Debug)]
pub(super) struct Entry {
    pub path: PathBuf,
    /// The text of the spec, where it is not that of the file.
    source: Option<Source>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    /// The number of its lease of the machine.
    pub lease: Option<u64>,
    /// How long it may take: what the spec says, else what the run does.
    pub limit: Option<Period>,
    /// The spec, once it was read.
    pub document: Option<Arc<Document>>,
    /// Its data files, once they were looked at.
    pub inputs: Vec<Input>,
}

impl Entry {
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session<'static> {
    /// Judges specs. `seen` is told what becomes of each, on this thread.
    pub fn run(
        self: &Arc<Self>,
        paths: &[PathBuf],
        options: Options,
        seen: &mut dyn FnMut(&Path, Event<'_>),
    ) -> Outcome {
        let started = (self.clock)();
        let entry = |path: &PathBuf| {
            let known = Known { limit: options.timeout, ..Known::default() };
            Arc::new(Entry { path: path.clone(), source: None, known: Mutex::new(known) })
        };
        let entries: Vec<Arc<Entry>> = paths.iter().map(entry).collect();
        let limits = Limits {
            jobs: options.jobs,
            timeout: options.timeout.map(Period::duration),
            slow_after: options.slow_after.map(Period::duration),
            grace: GRACE,
        };
        let session = self.clone();
        let work = move |entry: &Arc<Entry>, job: &Job| session.attempts(entry, options, job);
        let mut failed = 0;
        // Those that crashed or were left behind; the others come back from their threads.
        let mut lost: HashMap<usize, SpecOutcome> = HashMap::new();
        let mut see = |at: usize, what: Seen<'_, SpecOutcome>| {
            let path = &paths[at];
            match what {
                Seen::Began => {
                    tracing::debug!("{} begins", path.display());
                    seen(path, Event::Began);
                }
                Seen::Stage(stage) => seen(path, Event::Stage(stage)),
                Seen::Slow(time) => seen(path, Event::Slow(time)),
                Seen::Ended(End::Done(spec)) if self.is_interrupted(spec) => {}
                Seen::Ended(End::Done(spec)) => {
                    failed += usize::from(spec.status > Status::Warn);
                    tracing::debug!("{} ends: {}", path.display(), spec.status.word());
                    seen(path, Event::Done(spec));
                }
                Seen::Ended(end @ (End::Crashed(_) | End::Abandoned)) => {
                    let entry = &entries[at];
                    let lease = entry.known().lease.take();
                    lease.into_iter().for_each(|lease| self.machine.take_back(lease));
                    let spec = match end {
                        End::Crashed(crash) => lost_to(entry, crash),
                        // What does not stop when the whole run ends was not run.
                        End::Done(_) | End::Abandoned if self.stop.is_raised() => {
                            return Next::BeginNone;
                        }
                        End::Done(_) | End::Abandoned => {
                            tracing::warn!("{} does not stop and is left behind", path.display());
                            left_behind(entry)
                        }
                    };
                    failed += 1;
                    seen(path, Event::Done(&spec));
                    lost.insert(at, spec);
                }
            }
            let enough = options.max_fail.is_some_and(|most| failed >= most);
            if enough || self.stop.is_raised() { Next::BeginNone } else { Next::GoOn }
        };
        let ends = supervise(entries.clone(), limits, self.stop, work, &mut see);
        let mut specs = Vec::new();
        let mut not_begun = 0;
        for (at, end) in ends.into_iter().enumerate() {
            match end {
                Some(End::Done(spec)) if !self.is_interrupted(&spec) => specs.push(spec),
                Some(_) | None => match lost.remove(&at) {
                    Some(spec) => specs.push(spec),
                    None => not_begun += 1,
                },
            }
        }
        Outcome {
            kind: Kind::Run,
            specs,
            findings: Vec::new(),
            duration: (self.clock)().saturating_sub(started),
            interrupted: self.stop.is_raised(),
            not_begun,
        }
    }

    /// Judges a spec whose text need not be that of its file. A stop ends it as it ends a run.
    pub fn run_source(self: &Arc<Self>, source: Source) -> SpecOutcome {
        let path = source.path().to_owned();
        let entry = Entry { path, source: Some(source), known: Mutex::default() };
        let entry = Arc::new(entry);
        let limits = Limits { jobs: 1, timeout: None, slow_after: None, grace: GRACE };
        let session = self.clone();
        let work = move |entry: &Arc<Entry>, job: &Job| session.attempt(entry, job);
        let mut see = |_: usize, _: Seen<'_, SpecOutcome>| Next::GoOn;
        let ends = supervise(vec![entry.clone()], limits, self.stop, work, &mut see);
        match ends.into_iter().next().flatten() {
            Some(End::Done(spec)) => spec,
            Some(End::Crashed(crash)) => lost_to(&entry, &crash),
            Some(End::Abandoned) | None => {
                let lease = entry.known().lease.take();
                lease.into_iter().for_each(|lease| self.machine.take_back(lease));
                left_behind(&entry)
            }
        }
    }

    /// Runs a spec once.
    pub(super) fn attempt(&self, entry: &Entry, job: &Job) -> SpecOutcome {
        let started = (self.clock)();
        // Nobody can follow the stages of a spec that is done in no time.
        let tell = |action: &str| {
            if (self.clock)().saturating_sub(started) > LONG {
                job.stage(action);
            }
        };
        let mut trace = Trace::heard(self.clock, &tell);
        let mut spec = match self.evaluate(entry, job, &mut trace) {
            Ok(spec) => spec,
            Err(spec) => *spec,
        };
        if job.has_expired() {
            spec = stopped(spec, entry);
        }
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
        entry: &Entry,
        job: &Job,
        trace: &mut Trace<'_>,
    ) -> Result<SpecOutcome, Box<SpecOutcome>> {
        let path = &entry.path;
        let spec = match &entry.source {
            Some(source) => self.begin_with(Ok(source.clone()), path)?,
            None => self.begin(path)?,
        };
        entry.known().document = Some(spec.document.clone());
        let (mut spec, plan) = self.read(spec, path)?;
        if let Some(limit) = plan.timeout {
            entry.known().limit = Some(limit);
            job.allow(Some(limit.duration()));
        }
        let limit = entry.known().limit.map(Period::duration);
        spec.inputs = plan.sources().map(|source| Input::look(&source.path)).collect();
        entry.known().inputs.clone_from(&spec.inputs);
        let files = match plan.is_timed() {
            true => None,
            false => self.files(&spec.inputs),
        };
        let key = files.as_ref().map(|files| files.key(&plan));
        if let Some(key) = &key
            && let Some(mut kept) = self.kept(key, &plan)
            && (self.drawn == Drawn::Nothing || kept.ran.charts.is_some())
        {
            if self.drawn == Drawn::Nothing {
                kept.ran.charts = None;
            }
            trace.steps = kept.steps;
            spec.cached = Some(Cached::Results);
            return Ok(judged(spec, kept.ran, &plan, trace));
        }
        let (bound, columns) = match self.bind_header(plan) {
            Ok(bound) => bound,
            Err((status, found)) => return Err(Box::new(spec.closed(status, found))),
        };
        if job.stop.is_raised() {
            return Err(Box::new(spec.closed(Status::Error, vec![interrupted()])));
        }
        // Who measures time has the machine alone; all others share it. Waiting for it costs no time.
        let how = if bound.is_timed() { Use::Alone } else { Use::Shared };
        job.allow(None);
        let _lease = self.machine.lease(how, |number| entry.known().lease = Some(number));
        job.allow(limit);
        let result = run::load(&bound, &self.loaded, trace)
            .map_err(|diagnostic| (Status::Error, vec![diagnostic]))
            // Every kernel runs inside polars' pool, so that specs side by side share its threads.
            .and_then(|loaded| {
                let files = files.as_ref();
                data::in_pool(|| self.execute(bound, &columns, loaded, files, &job.stop, trace))
            });
        match result {
            Ok(Executed { ran, bound, training, training_key }) => {
                let kept = Kept::new(ran, trace.steps.clone(), &bound.plan);
                if let Training::Known = training {
                    spec.cached = Some(Cached::Training);
                }
                let spec = judged(spec, kept.ran.clone(), &bound.plan, trace);
                if let (Some(files), Some(key), Some(training_key)) = (files, key, training_key)
                    && spec.status != Status::Error
                    && !job.stop.is_raised()
                    && self.are_unchanged(&files)
                {
                    self.keep_training(&training_key, &training);
                    self.keep(&key, &kept);
                }
                Ok(spec)
            }
            Err((status, found)) => Err(Box::new(spec.closed(status, found))),
        }
    }

    fn execute(
        &self,
        bound: BoundPlan,
        headers: &Headers,
        loaded: Loaded,
        files: Option<&Files>,
        stop: &StopFlag,
        trace: &mut Trace<'_>,
    ) -> Result<Executed, Stopped> {
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
        let training_key = files.map(|files| files.training_key(&bound));
        let earlier = match (files, &training_key) {
            (Some(files), Some(key)) => self.earlier(files, key),
            _ => Earlier::Unwanted,
        };
        match run::execute(&bound, loaded, Manner { stop, drawn: self.drawn, earlier }, trace) {
            Ok((ran, training)) => Ok(Executed { ran, bound, training, training_key }),
            Err(Stop::Interrupted) => Err(error(interrupted())),
            Err(Stop::Found(diagnostic)) => Err(error(diagnostic)),
        }
    }
}

/// What a plan came to, before it is judged.
struct Executed {
    ran: Ran,
    bound: BoundPlan,
    training: Training,
    training_key: Option<Key>,
}

/// A spec with what its run came to.
fn judged(mut spec: SpecOutcome, ran: Ran, plan: &Plan, trace: &mut Trace<'_>) -> SpecOutcome {
    let verdicts = judge(plan, &ran.measurements);
    for verdict in &verdicts {
        trace.add(
            format!("judge {} {}", verdict.title(), verdict.required()),
            verdict.shown().unwrap_or_else(|| verdict.reason.clone().unwrap_or_default()),
            verdict.status.word(),
        );
    }
    let missing = ran.notes.iter().any(|note| note.severity == Severity::Error);
    let status = worst(&verdicts).max(if missing { Status::Error } else { Status::Skipped });
    spec.rows = Some(ran.rows);
    spec.importances = ran.importances;
    spec.charts = ran.charts;
    spec.measurements = ran.measurements;
    spec.searches = ran.searches;
    let mut found = ran.notes;
    let model = plan.model.name();
    found.extend(unjudged(plan, &spec.measurements));
    found.extend(verdicts.iter().filter_map(|verdict| explain(verdict, model)));
    spec.verdicts = verdicts;
    spec.closed(status, found)
}
