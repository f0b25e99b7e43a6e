//! What is shown of specs while they run: a bar with those that take long on a terminal, a line now and
//! then elsewhere, and a line for each spec that has finished.

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{Output, complain};
use crate::outcome::{Kind, SpecOutcome};
use crate::report::look::{Look, on_a_line};
use crate::report::{terminal, trace};
use crate::session::Event;
use crate::verdict::Status;

/// More specs than that are listed only where they did not pass.
const MANY: usize = 30;

/// So many specs that take long are shown at once.
const MOST_LONG: usize = 8;

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Only what did not pass.
    Quiet,
    #[default]
    Normal,
    /// Every spec, however many there are.
    Verbose,
}

/// Shows what becomes of specs.
pub struct Progress<'a> {
    kind: Kind,
    look: Look,
    verbosity: Verbosity,
    trace: bool,
    output: &'a Output,
    all: usize,
    done: usize,
    not_passed: usize,
    bars: MultiProgress,
    bar: ProgressBar,
    long: HashMap<PathBuf, ProgressBar>,
    /// Where there is no terminal to draw on, a line is written now and then.
    lines: bool,
    /// Specs that were slow.
    slow: HashSet<PathBuf>,
}

impl<'a> Progress<'a> {
    /// For `all` specs, whose lines go to `output`; none: to nowhere.
    pub fn new(
        kind: Kind,
        all: usize,
        look: Look,
        verbosity: Verbosity,
        output: &'a Output,
    ) -> Self {
        let is_terminal = stderr().is_terminal();
        let quiet = verbosity == Verbosity::Quiet;
        let target = match is_terminal && !quiet && all > 0 {
            true => ProgressDrawTarget::stderr_with_hz(10),
            false => ProgressDrawTarget::hidden(),
        };
        let bars = MultiProgress::with_draw_target(target);
        let bar = bars.add(ProgressBar::new(all as u64));
        let template = "{spinner} {bar:30} {pos}/{len} specs{msg} · {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            kind,
            look,
            verbosity,
            trace: false,
            output,
            all,
            done: 0,
            not_passed: 0,
            bars,
            bar,
            long: HashMap::new(),
            lines: !is_terminal && !quiet && all > MANY,
            slow: HashSet::new(),
        }
    }

    /// Shows the steps of each spec that is listed.
    pub fn with_trace(self, trace: bool) -> Self {
        Self { trace, ..self }
    }

    /// How many specs were slow.
    pub fn slow(&self) -> usize {
        self.slow.len()
    }

    /// Whether of so many specs those that passed have lines of their own.
    pub fn lists_all(all: usize, verbosity: Verbosity, trace: bool) -> bool {
        match verbosity {
            Verbosity::Quiet => false,
            Verbosity::Normal => all <= MANY || trace,
            Verbosity::Verbose => true,
        }
    }

    pub fn see(&mut self, path: &Path, event: Event<'_>, human: Human) {
        match event {
            Event::Began => {}
            Event::Stage(stage) => self.stage(path, stage),
            Event::Slow(time) => {
                self.slow.insert(path.to_owned());
                if self.verbosity != Verbosity::Quiet {
                    let shown = on_a_line(&path.to_string_lossy());
                    let time = match time.as_secs_f64() {
                        seconds if seconds < 1.0 => format!("{} ms", time.as_millis()),
                        seconds if seconds.fract() == 0.0 => format!("{seconds} s"),
                        seconds => format!("{seconds:.1} s"),
                    };
                    let text = format!("slow  {shown} has been running for {time}\n");
                    self.bars.suspend(|| complain(&text));
                }
            }
            Event::Done(spec) => self.finish(path, spec, human),
        }
    }

    fn stage(&mut self, path: &Path, stage: &str) {
        if !self.long.contains_key(path) {
            if self.long.len() >= MOST_LONG {
                return;
            }
            let bar = self.bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {prefix} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(on_a_line(&path.to_string_lossy()));
            self.long.insert(path.to_owned(), bar);
        }
        if let Some(bar) = self.long.get(path) {
            bar.set_message(format!("· after: {}", on_a_line(stage)));
        }
    }

    fn finish(&mut self, path: &Path, spec: &SpecOutcome, human: Human) {
        self.done += 1;
        let passed = spec.status == Status::Pass;
        self.not_passed += usize::from(spec.status > Status::Warn);
        if let Some(bar) = self.long.remove(path) {
            bar.finish_and_clear();
        }
        if human == Human::Reads
            && (!passed || Self::lists_all(self.all, self.verbosity, self.trace))
        {
            let mut text = format!("{}\n", terminal::line(spec, self.kind, self.look));
            if self.trace {
                text.push_str(&trace::trace(spec, self.look));
            }
            self.bars.suspend(|| self.output.print(&text));
        }
        if self.not_passed > 0 {
            self.bar.set_message(format!(", {} not passed", self.not_passed));
        }
        self.bar.inc(1);
        // Ten lines in all, however many specs there are.
        let tenth = |done: usize| done * 10 / self.all.max(1);
        if self.lines && self.done < self.all && tenth(self.done) > tenth(self.done - 1) {
            complain(&format!(
                "{} of {} specs, {} not passed\n",
                self.done, self.all, self.not_passed
            ));
        }
    }

    /// Takes the bars off the terminal.
    pub fn end(&self) {
        for bar in self.long.values() {
            bar.finish_and_clear();
        }
        self.bar.finish_and_clear();
    }
}

/// Whether people read standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Human {
    Reads,
    DoesNotRead,
}
