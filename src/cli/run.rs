//! `mlspec run`: judges specs and reports them.

use std::path::Path;
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant, SystemTime};

use super::args::{Format, Reports, Run, Selection, Told};
use super::fix::Fixed;
use super::github::GitHub;
use super::output::{Output, complain, look, warn};
use super::progress::{Human, Progress, Verbosity};
use super::select::select;
use super::{fix, reports, signals};
use crate::diagnostic::counted;
use crate::outcome::{Kind, Outcome};
use crate::report::look::{Look, on_a_line};
use crate::report::{Context, fixes, json, summarize, terminal};
use crate::session::{Drawn, Event, Options, Session};
use crate::store::{Results, Store};
use crate::suite::{Project, Selected, by_path, shuffled};
use crate::text::ProcessEnvironment;

pub fn run(args: &Run, told: &Told, project: &Project) -> u8 {
    let (options, manner) = (options(args), manner(args, told));
    report(Kind::Run, &args.selection, &args.reports, options, manner, project)
}

/// So many findings of a spec are drawn, unless all are asked for: a bound on a slice may be missed on each of
/// thousands of values.
pub const MOST_FINDINGS: usize = 50;

/// What a session is told of the flags.
pub fn options(args: &Run) -> Options {
    let jobs = args.jobs.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
    Options {
        jobs,
        max_fail: if args.fail_fast { Some(1) } else { args.max_fail },
        timeout: args.timeout,
        slow_after: args.slow_after,
        retries: args.retries.unwrap_or(0),
    }
}

pub fn manner(args: &Run, told: &Told) -> Manner {
    Manner {
        verbosity: told.verbosity(),
        trace: args.trace,
        shuffle_seed: args.shuffle_seed,
        fix: false,
        cache: if args.no_cache { Cache::Off } else { Cache::On },
        drawn: drawn(args),
    }
}

/// Charts cost time and room, so they are kept where somebody draws them.
fn drawn(args: &Run) -> Drawn {
    let pages = args.reports.report.iter().any(|file| file.format == crate::report::Format::Html);
    if args.charts || pages { Drawn::Charts } else { Drawn::Nothing }
}

/// How specs are run and shown, beyond what a session knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    pub verbosity: Verbosity,
    /// Show the steps of each spec.
    pub trace: bool,
    /// Run the specs in an order that this draws.
    pub shuffle_seed: Option<u64>,
    /// Write fixes before the specs are checked.
    pub fix: bool,
    pub cache: Cache,
    pub drawn: Drawn,
}

/// Whether results of earlier runs count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cache {
    On,
    #[default]
    Off,
}

/// What `run` and `check` share: select, judge, print as it goes, then the findings and a summary.
pub fn report(
    kind: Kind,
    selection: &Selection,
    wanted: &Reports,
    options: Options,
    manner: Manner,
    project: &Project,
) -> u8 {
    signals::listen();
    let output = Output::default();
    let look = look();
    let pending = match reports::open(&wanted.report) {
        Ok(pending) => pending,
        Err(findings) => {
            show(&terminal::loose(&findings, look), wanted.format, &output);
            return 2;
        }
    };
    let earlier = match super::report::earlier(wanted.baseline_report.as_deref(), kind.into()) {
        Ok(earlier) => earlier,
        Err(status) => return status,
    };
    let github = GitHub::of(wanted.github, wanted.format);
    github.begin(&output);
    let store = Store::of(&ProcessEnvironment);
    let selected = select(selection, store.as_ref(), project);
    let Some(Selected { paths, findings, none, unmatched }) = selected else {
        github.end(&output);
        return 2;
    };
    for part in unmatched {
        once(&format!("the filter matches no spec with `{}`", on_a_line(&part)), manner);
    }
    let spared = reports::spare(&pending, &paths, wanted, project);
    if !spared.is_empty() {
        show(&terminal::loose(&spared, look), wanted.format, &output);
        github.end(&output);
        return 2;
    }
    let paths = match manner.shuffle_seed {
        Some(seed) => shuffled(paths, seed),
        None => paths,
    };
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    let session =
        Arc::new(session.with_results(results(store.as_ref(), manner)).with_charts(manner.drawn));
    let Fixed { applied, unwritten } = match manner.fix {
        true => fix::fix(&session, &paths, options.jobs),
        false => Fixed::default(),
    };
    if manner.verbosity != Verbosity::Quiet {
        for (path, applied) in &applied {
            show(&fixes::told(path, applied, look), wanted.format, &output);
        }
    }
    let mut progress =
        Progress::new(kind, paths.len(), look, manner.verbosity, &output).with_trace(manner.trace);
    let human = match wanted.format {
        Format::Human => Human::Reads,
        Format::Json => Human::DoesNotRead,
    };
    let mut outcome = match kind {
        Kind::Run => session.run(&paths, options, &mut |path, event| {
            if let (Event::Done(spec), Some(store)) = (event, &store)
                && let Err(error) = store.keep(path, spec, SystemTime::now())
            {
                once_unkept(store, &error);
            }
            progress.see(path, event, human);
        }),
        Kind::Check => {
            let seen = Mutex::new(&mut progress);
            session.check(&paths, options, &|path, spec| {
                let mut progress = seen.lock().unwrap_or_else(PoisonError::into_inner);
                progress.see(path, Event::Done(spec), human);
            })
        }
    };
    progress.end();
    if let Some(trouble) = session.results().and_then(Results::trouble) {
        once(&trouble, manner);
    }
    let slow = progress.slow();
    outcome.specs.sort_by(|a, b| by_path(Path::new(&a.path), Path::new(&b.path)));
    outcome.findings = findings;
    outcome.findings.extend(unwritten);
    fix::note(&mut outcome, applied);
    print(&outcome, wanted.format, &output, look, manner.verbosity);
    if slow > 0 && wanted.format == Format::Human && manner.verbosity != Verbosity::Quiet {
        let were = if slow == 1 { "was" } else { "were" };
        output.line(&format!("{} {were} slow", counted(slow, "spec")));
    }
    let mut status = outcome.exit_status();
    if let Some(none) = none
        && outcome.findings.is_empty()
        && status == 4
    {
        show(&format!("{none}\n"), wanted.format, &output);
        status = 0;
    }
    github.end(&output);
    if !pending.is_empty() || github.is_there() {
        let report = summarize(&outcome);
        let context = Context { earlier: earlier.as_ref() };
        github.tell(&report, context, &output);
        for file in pending {
            let text = file.format().render(&report, context);
            if let Err(message) = file.write(&text) {
                warn(&message);
                // A lost report is wrong usage or a full disk; a worse verdict stays.
                status = if status == 0 { 2 } else { status };
            }
        }
    }
    status
}

/// What is said where the user has no home.
pub const NO_FOLDER: &str = "there is no folder for a cache: name one with MLSPEC_CACHE_DIR";

/// The results of earlier runs. A cache that cannot be used costs time and nothing else, so that is said and the
/// run goes on.
pub fn results(store: Option<&Store>, manner: Manner) -> Option<Results> {
    if manner.cache == Cache::Off {
        return None;
    }
    let uncached = |reason| once(&format!("{reason}; every spec is run without it"), manner);
    let Some(store) = store else {
        uncached(NO_FOLDER.to_owned());
        return None;
    };
    store.results(SystemTime::now()).map_err(uncached).ok()
}

fn once(reason: &str, manner: Manner) {
    if manner.verbosity != Verbosity::Quiet {
        warn(reason);
    }
}

/// Text for people goes where people look: beside a JSON report that is standard error.
fn show(text: &str, format: Format, output: &Output) {
    match format {
        Format::Human => output.print(text),
        Format::Json => complain(text),
    }
}

fn print(outcome: &Outcome, format: Format, output: &Output, look: Look, verbosity: Verbosity) {
    match format {
        Format::Json => output.print(&json::render(&summarize(outcome))),
        Format::Human => {
            let mut text = String::new();
            for spec in &outcome.specs {
                let most = if verbosity == Verbosity::Verbose { usize::MAX } else { MOST_FINDINGS };
                let drawn = terminal::first_diagnostics(spec, most, look);
                if !drawn.is_empty() {
                    text.push('\n');
                    text.push_str(drawn.trim_end_matches('\n'));
                    text.push('\n');
                }
            }
            text.push_str(&terminal::loose(&outcome.findings, look));
            output.print(&text);
            let untold = verbosity == Verbosity::Quiet && outcome.exit_status() == 0;
            if !untold && (!outcome.specs.is_empty() || outcome.interrupted) {
                output.line(&format!("\n{}", terminal::summary(outcome, look)));
            }
            let mendable = match outcome.kind {
                Kind::Check => fixes::mendable(outcome),
                Kind::Run => 0,
            };
            if mendable > 0 {
                let problems = counted(mendable, "problem");
                output.line(&format!("`mlspec check --fix` would mend {problems}"));
            }
        }
    }
}

/// The time since the program began.
pub fn clock() -> Duration {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

/// What cannot be kept is missed by the next run at most, so it is worth one line to those who look.
pub fn once_unkept(store: &Store, error: &std::io::Error) {
    static SAID: Once = Once::new();
    let folder = store.folder().display().to_string();
    SAID.call_once(|| tracing::warn!("the last results cannot be kept in {folder}: {error}"));
}
