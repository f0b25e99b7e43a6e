//! `mlspec run --watch`: runs specs, and again those that an edit touches, until it is told to end.
//! An event of the file system is only a reason to look: what changed is told by the files' stamps.

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use notify_debouncer_mini::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};

use super::args::{Format, Run, Told};
use super::output::{Output, complain, look, warn};
use super::progress::{Human, Progress};
use super::run::{MOST_FINDINGS, Manner, clock, manner, once_unkept, options, results};
use super::select::select;
use super::{reports, signals};
use crate::diagnostic::{Code, counted};
use crate::outcome::{Kind, Outcome, shown};
use crate::report::look::{Look, on_a_line};
use crate::report::{Context, Report, summarize, terminal};
use crate::session::{Event, Input, Options, Session, input};
use crate::store::Store;
use crate::suite::{Project, Selected, by_path};
use crate::text::ProcessEnvironment;

/// Editors write a file in several steps; what they do within so long is one change.
const QUIET: Duration = Duration::from_millis(200);

/// How often a signal is looked for.
const TICK: Duration = Duration::from_millis(100);

/// How often files are looked at where the system does not tell that they changed.
const POLL: Duration = Duration::from_secs(1);

/// More reasons than that for a round are only counted.
const MOST_REASONS: usize = 5;

/// The files that a spec came of, as they were before it was run.
struct Known {
    file: Input,
    round: usize,
}

struct Watch<'a> {
    args: &'a Run,
    project: &'a Project,
    manner: Manner,
    look: Look,
    output: &'a Output,
    store: Option<Store>,
    session: Arc<Session<'static>>,
    /// What the reports of each round are compared with.
    earlier: Option<Report>,
    known: HashMap<String, Known>,
    /// The last outcome of every spec, the newest first.
    outcome: Outcome,
    round: usize,
    eyes: Eyes,
}

/// Runs until Ctrl-C, and ends with the status of what is there then.
pub fn watch(args: &Run, told: &Told, project: &Project) -> u8 {
    if args.reports.format == Format::Json {
        warn("`--watch` shows text: write the JSON report to a file, with `--report json=FILE`");
        return 2;
    }
    signals::listen();
    let (output, look, manner) = (Output::default(), look(), manner(args, told));
    if let Err(findings) = reports::open(&args.reports.report) {
        output.print(&terminal::loose(&findings, look));
        return 2;
    }
    let baseline = args.reports.baseline_report.as_deref();
    let earlier = match super::report::earlier(baseline, Kind::Run.into()) {
        Ok(earlier) => earlier,
        Err(status) => return status,
    };
    let store = Store::of(&ProcessEnvironment);
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    let session =
        Arc::new(session.with_results(results(store.as_ref(), manner)).with_charts(manner.drawn));
    let outcome = Outcome::empty(Kind::Run);
    let eyes = Eyes::open();
    let (known, round) = (HashMap::new(), 0);
    let mut watch = Watch {
        args,
        project,
        manner,
        look,
        output: &output,
        store,
        session,
        earlier,
        known,
        outcome,
        round,
        eyes,
    };
    for path in &args.selection.paths {
        watch.eyes.on_path(path);
    }
    watch.until_stopped()
}

impl Watch<'_> {
    fn until_stopped(mut self) -> u8 {
        match self.look_again() {
            Looked::Wrong => return 2,
            Looked::Nothing => self.tell(&[], &[]),
            Looked::Ran => {}
        }
        loop {
            // What changed before its folder was watched tells nobody.
            while !signals::STOP.is_raised() && self.look_again() == Looked::Ran {}
            if signals::STOP.is_raised() || self.eyes.wait() == Waited::Stopped {
                let unfinished = self.round == 1 && self.outcome.not_begun > 0;
                return if unfinished { 130 } else { self.outcome.exit_status() };
            }
        }
    }

    /// Runs the specs that are new or whose files changed, and forgets those that are gone.
    fn look_again(&mut self) -> Looked {
        let selection = &self.args.selection;
        let Some(Selected { paths, findings, .. }) =
            select(selection, self.store.as_ref(), self.project)
        else {
            return Looked::Wrong;
        };
        if self.round == 0 && findings.iter().any(|each| each.code != Code::NoSpecs) {
            self.output.print(&terminal::loose(&findings, self.look));
            return Looked::Wrong;
        }
        let mut reasons = Vec::new();
        let mut touched = Vec::new();
        for path in &paths {
            let name = shown(path);
            let spec = self.outcome.specs.iter().find(|spec| spec.path == name);
            let reason = match (self.known.get(&name), spec) {
                (Some(known), _) if !known.file.is_current() => format!("{name} changed"),
                (Some(_), Some(spec)) if !spec.inputs.iter().all(Input::is_current) => {
                    format!("the data of {name} changed")
                }
                (Some(_), Some(_)) => continue,
                (Some(_), None) | (None, _) => format!("{name} is new"),
            };
            reasons.push(reason);
            touched.push(path.clone());
        }
        let names: HashSet<String> = paths.iter().map(|path| shown(path)).collect();
        let gone: Vec<String> =
            self.known.keys().filter(|name| !names.contains(*name)).cloned().collect();
        reasons.extend(gone.iter().map(|name| format!("{name} is gone")));
        self.known.retain(|name, _| names.contains(name));
        self.outcome.specs.retain(|spec| names.contains(&spec.path));
        self.outcome.findings = findings;
        if reasons.is_empty() {
            return Looked::Nothing;
        }
        self.round += 1;
        self.run(&touched, reasons);
        Looked::Ran
    }

    fn run(&mut self, touched: &[PathBuf], reasons: Vec<String>) {
        let reasons = if self.round == 1 { Vec::new() } else { reasons };
        if !stdout().is_terminal() && !reasons.is_empty() {
            self.output.print(&format!("\n{}", listed(&reasons)));
        }
        for path in touched {
            let known = Known { file: input(path), round: self.round };
            self.known.insert(shown(path), known);
        }
        let mut progress =
            Progress::new(Kind::Run, touched.len(), self.look, self.manner.verbosity, self.output)
                .with_trace(self.manner.trace);
        // On a terminal the screen is drawn anew when all is done.
        let human = if stdout().is_terminal() { Human::DoesNotRead } else { Human::Reads };
        // Whoever watches wants to see every spec.
        let options = Options { max_fail: None, ..options(self.args) };
        let ran = self.session.run(touched, options, &mut |path, event| {
            if let (Event::Done(spec), Some(store)) = (event, &self.store)
                && let Err(error) = store.keep(path, spec, SystemTime::now())
            {
                once_unkept(store, &error);
            }
            progress.see(path, event, human);
        });
        progress.end();
        let new: Vec<String> = ran.specs.iter().map(|spec| spec.path.clone()).collect();
        self.outcome.specs.retain(|spec| !new.contains(&spec.path));
        self.outcome.specs.splice(0..0, ran.specs);
        self.outcome.duration = ran.duration;
        self.outcome.not_begun = ran.not_begun;
        let specs = self.known.values().map(|known| &known.file);
        let inputs = self.outcome.specs.iter().flat_map(|spec| &spec.inputs).chain(specs);
        let folders: HashSet<PathBuf> = inputs.flat_map(folders).collect();
        folders.iter().for_each(|folder| self.eyes.on(folder, RecursiveMode::NonRecursive));
        self.report();
        self.tell(&reasons, &new);
    }

    /// Shows what a round came to: on a terminal all that is known, the newest first.
    fn tell(&self, reasons: &[String], new: &[String]) {
        let mut text = String::new();
        let all = stdout().is_terminal();
        if all {
            // Clears the screen and keeps what can be scrolled back to.
            text.push_str("\x1b[2J\x1b[H");
            text.push_str(&listed(reasons));
            let Manner { verbosity, trace, .. } = self.manner;
            let many = Progress::lists_all(self.outcome.specs.len(), verbosity, trace);
            for spec in &self.outcome.specs {
                if many || spec.status != crate::verdict::Status::Pass {
                    text.push_str(&terminal::line(spec, Kind::Run, self.look));
                    text.push('\n');
                }
            }
        }
        for spec in &self.outcome.specs {
            let drawn = terminal::first_diagnostics(spec, MOST_FINDINGS, self.look);
            if (all || new.contains(&spec.path)) && !drawn.is_empty() {
                text.push_str(&format!("\n{}\n", drawn.trim_end_matches('\n')));
            }
        }
        text.push_str(&terminal::loose(&self.outcome.findings, self.look));
        if !self.outcome.specs.is_empty() {
            text.push_str(&format!("\n{}\n", terminal::summary(&self.outcome, self.look)));
        }
        let files: HashSet<&PathBuf> = self
            .outcome
            .specs
            .iter()
            .flat_map(|spec| &spec.inputs)
            .map(|input| &input.path)
            .collect();
        let specs = counted(self.outcome.specs.len(), "spec");
        let files = counted(files.len(), "data file");
        let end = format!("watching {specs} and {files}; Ctrl-C ends");
        text.push_str(&format!("{}\n", self.look.dim(end)));
        self.output.print(&text);
    }

    /// Writes the reports of all specs, in the order of reports.
    fn report(&mut self) {
        if self.args.reports.report.is_empty() {
            return;
        }
        let pending = match reports::open(&self.args.reports.report) {
            Ok(pending) => pending,
            Err(findings) => return complain(&terminal::loose(&findings, self.look)),
        };
        let paths: Vec<PathBuf> = self.known.keys().map(PathBuf::from).collect();
        let spared = reports::spare(&pending, &paths, &self.args.reports, self.project);
        if !spared.is_empty() {
            return complain(&terminal::loose(&spared, self.look));
        }
        let specs = &mut self.outcome.specs;
        specs.sort_by(|a, b| by_path(Path::new(&a.path), Path::new(&b.path)));
        let report = summarize(&self.outcome);
        let round = |path: &String| self.known.get(path).map_or(0, |known| known.round);
        self.outcome.specs.sort_by_key(|spec| std::cmp::Reverse(round(&spec.path)));
        let context = Context { earlier: self.earlier.as_ref() };
        for file in pending {
            let text = file.format().render(&report, context);
            if let Err(message) = file.write(&text) {
                warn(&message);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    /// Nothing changed.
    Nothing,
    Ran,
    /// What is asked for cannot be found out, which was said.
    Wrong,
}

/// Why a round is run, a line each.
fn listed(reasons: &[String]) -> String {
    let mut text: String = reasons
        .iter()
        .take(MOST_REASONS)
        .map(|reason| format!("{}\n", on_a_line(reason)))
        .collect();
    if reasons.len() > MOST_REASONS {
        text.push_str(&format!("and {} more\n", reasons.len() - MOST_REASONS));
    }
    text
}

/// What tells that files may have changed.
struct Eyes {
    watcher: Option<Debouncer<RecommendedWatcher>>,
    /// Folders that are watched with all that they hold.
    whole: Vec<PathBuf>,
    events: Receiver<DebounceEventResult>,
}

/// The folders whose events may be about an input.
fn folders(input: &Input) -> HashSet<PathBuf> {
    let files = input.files.iter().map(|(file, _)| file);
    files.chain([&input.path]).filter_map(|file| folder_of(file)).map(Path::to_owned).collect()
}

/// The folder of a file, or the nearest one above it that is there.
fn folder_of(file: &Path) -> Option<&Path> {
    file.ancestors().skip(1).find(|folder| folder.is_dir())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    ForAChange,
    Stopped,
}

impl Eyes {
    fn open() -> Self {
        let (sender, events) = channel();
        match new_debouncer(QUIET, sender) {
            Ok(watcher) => Self { watcher: Some(watcher), whole: Vec::new(), events },
            Err(error) => {
                let mut eyes = Self { watcher: None, whole: Vec::new(), events };
                eyes.give_up(&error.to_string());
                eyes
            }
        }
    }

    fn give_up(&mut self, reason: &str) {
        self.watcher = None;
        warn(&format!(
            "the system does not tell what changes ({reason}), so files are looked at every second"
        ));
    }

    /// Watches a path of the command line: a folder with all that it holds, or the folder of a file.
    fn on_path(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if path.is_dir() {
            self.on(&path, RecursiveMode::Recursive);
        } else if let Some(folder) = folder_of(&path) {
            self.on(folder, RecursiveMode::NonRecursive);
        }
    }

    fn on(&mut self, folder: &Path, mode: RecursiveMode) {
        let Some(watcher) = &mut self.watcher else { return };
        // To watch a part again without what lies below it would be to watch less.
        if self.whole.iter().any(|whole| folder.starts_with(whole)) {
            return;
        }
        if mode == RecursiveMode::Recursive {
            self.whole.push(folder.to_owned());
        }
        if let Err(error) = watcher.watcher().watch(folder, mode) {
            self.give_up(&error.to_string());
        }
    }

    fn wait(&self) -> Waited {
        let began = Instant::now();
        loop {
            if signals::STOP.is_raised() {
                return Waited::Stopped;
            }
            match self.events.recv_timeout(TICK) {
                Ok(_) => return Waited::ForAChange,
                Err(RecvTimeoutError::Timeout) if self.watcher.is_some() => {}
                Err(_) if began.elapsed() > POLL => return Waited::ForAChange,
                Err(_) => std::thread::park_timeout(TICK),
            }
        }
    }
}
