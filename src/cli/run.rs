//! `mlspec run`: judges specs and reports them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::{Duration, Instant, SystemTime};

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Format, Reports, Run, Selection};
use super::output::{Output, complain, look, warn};
use super::select::{Selected, select};
use super::{reports, signals};
use crate::outcome::{Kind, Outcome, SpecOutcome};
use crate::report::look::Look;
use crate::report::{json, terminal};
use crate::session::{Options, Session};
use crate::store::Store;
use crate::text::ProcessEnvironment;

pub fn run(args: &Run) -> u8 {
    let jobs = args.jobs.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
    let options = Options { jobs, fail_fast: args.fail_fast };
    report(Kind::Run, &args.selection, &args.reports, options, args.trace)
}

/// What `run` and `check` share: select, judge, print as it goes, then the findings and a summary.
pub fn report(
    kind: Kind,
    selection: &Selection,
    wanted: &Reports,
    options: Options,
    trace: bool,
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
    let Selected { paths, findings } = select(selection);
    let started = Instant::now();
    let clock = || started.elapsed();
    let session = Session::new(&ProcessEnvironment, &clock, &signals::STOP);
    let bar = progress(&paths, wanted.format);
    let store = Store::of(&ProcessEnvironment);
    let done = |path: &Path, spec: &SpecOutcome| {
        if let (Kind::Run, Some(store)) = (kind, &store) {
            // What cannot be kept is missed by the next run at most.
            let _ = store.keep(path, spec, SystemTime::now());
        }
        if wanted.format == Format::Human {
            bar.suspend(|| {
                let _guard = ORDER.lock();
                output.line(&terminal::line(spec, kind, look));
                if trace {
                    output.print(&terminal::trace(spec, look));
                }
            });
        }
        bar.inc(1);
    };
    let mut outcome = match kind {
        Kind::Run => session.run(&paths, options, &done),
        Kind::Check => session.check(&paths, options, &done),
    };
    bar.finish_and_clear();
    outcome.findings = findings;
    print(&outcome, wanted.format, &output, look);
    let mut status = outcome.exit_status();
    if !pending.is_empty() {
        let text = json::render(&outcome);
        for report in pending {
            if let Err(message) = report.write(&text) {
                warn(&message);
                // A lost report is wrong usage or a full disk; a worse verdict stays.
                status = if status == 0 { 2 } else { status };
            }
        }
    }
    status
}

/// Text for people goes where people look: beside a JSON report that is standard error.
fn show(text: &str, format: Format, output: &Output) {
    match format {
        Format::Human => output.print(text),
        Format::Json => complain(text),
    }
}

/// Keeps the lines of one spec together.
static ORDER: Mutex<()> = Mutex::new(());

fn print(outcome: &Outcome, format: Format, output: &Output, look: Look) {
    match format {
        Format::Json => output.print(&json::render(outcome)),
        Format::Human => {
            let mut text = String::new();
            for spec in &outcome.specs {
                let drawn = terminal::diagnostics(spec, look);
                if !drawn.is_empty() {
                    text.push('\n');
                    text.push_str(drawn.trim_end_matches('\n'));
                    text.push('\n');
                }
            }
            text.push_str(&terminal::loose(&outcome.findings, look));
            output.print(&text);
            if !outcome.specs.is_empty() || outcome.interrupted {
                output.line(&format!("\n{}", terminal::summary(outcome, look)));
            }
        }
    }
}

/// A bar on standard error, drawn only on a terminal, and only once the work takes a while.
fn progress(paths: &[PathBuf], format: Format) -> ProgressBar {
    if format == Format::Json || paths.is_empty() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(paths.len() as u64);
    let style = ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} specs · {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
