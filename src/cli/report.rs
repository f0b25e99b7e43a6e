//! `mlspec report`: joins, converts and compares JSON reports.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::args::{Compare, CompareFormat, Convert, Merge, ReportCommand, ReportFile};
use super::output::{Output, complain, look, warn};
use super::reports::{self, final_path};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::report::model::Command;
use crate::report::{
    self, COMMENT, Context, Format, Report, Unmergeable, compare, merge, terminal,
};

/// A report may be this large at most: larger ones are no reports of ours.
const LARGEST: u64 = 1 << 30;

pub fn report(command: &ReportCommand) -> u8 {
    let done = match command {
        ReportCommand::Merge(args) => join(args),
        ReportCommand::Convert(args) => convert(args),
        ReportCommand::Compare(args) => return compared(args),
    };
    match done {
        Ok(()) => 0,
        Err(findings) => refuse(&findings),
    }
}

fn refuse(findings: &[Diagnostic]) -> u8 {
    complain(&terminal::loose(findings, look()));
    2
}

/// Reads a JSON report back; `-` is standard input.
///
/// # Errors
/// A file that cannot be read, or is no report of this version.
pub fn read(path: &Path) -> Result<Report, Vec<Diagnostic>> {
    let text = text(path)?;
    report::json::read(&text).map_err(|why| vec![damaged(path, &why)])
}

fn text(path: &Path) -> Result<String, Vec<Diagnostic>> {
    let mut text = String::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().take(LARGEST).read_to_string(&mut text),
        false => fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text)),
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => {
            let place = Place::File { path: path.to_owned() };
            let message = format!("the report {} cannot be read: {error}", path.display());
            Err(vec![Diagnostic::error(Code::ReportUnreadable, place, message)])
        }
    }
}

fn damaged(path: &Path, why: &str) -> Diagnostic {
    let place = Place::File { path: path.to_owned() };
    let message = format!("{} {why}", path.display());
    Diagnostic::error(Code::ReportUnreadable, place, message)
        .help("give a file that `--report json=FILE` or `--format json` wrote")
}

fn join(args: &Merge) -> Result<(), Vec<Diagnostic>> {
    let mut texts = Vec::new();
    let mut found = given_twice(args.reports.iter().map(PathBuf::as_path));
    found.extend(args.output.iter().filter_map(|path| replaced(path, &args.reports)));
    if !found.is_empty() {
        return Err(found);
    }
    for path in &args.reports {
        match text(path) {
            Ok(text) => texts.push(text),
            Err(findings) => found.extend(findings),
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let merged = merge(&texts).map_err(|why| {
        why.iter().map(|each| unmergeable(&args.reports, each)).collect::<Vec<_>>()
    })?;
    match &args.output {
        Some(path) => {
            let file = ReportFile { format: Format::Json, path: path.clone() };
            for file in reports::open(&[file])? {
                file.write(&merged).map_err(|message| vec![unwritten(path, message)])?;
            }
        }
        None => Output::default().print(&merged),
    }
    Ok(())
}

fn unwritten(path: &Path, message: String) -> Diagnostic {
    Diagnostic::error(Code::ReportUnwritable, Place::File { path: path.to_owned() }, message)
}

fn unmergeable(paths: &[PathBuf], why: &Unmergeable) -> Diagnostic {
    let shown = |at: &usize| paths[*at].display();
    let place = |at: &usize| Place::File { path: paths[*at].clone() };
    match why {
        Unmergeable::Damaged(at, why) => damaged(&paths[*at], why),
        Unmergeable::OtherCommand(first, second) => {
            other_command(&paths[*second], &shown(first).to_string(), "join")
        }
        Unmergeable::OtherVersion { first, second, versions: [one, other] } => {
            let (of, second_path) = (shown(first), shown(second));
            let message = format!("{of} is of mlspec {one}, and {second_path} of mlspec {other}");
            Diagnostic::error(Code::ReportsDiffer, place(second), message)
                .help("run all parts with the same version")
        }
        Unmergeable::Twice { path, first, second } => {
            let message = match first == second {
                true => format!("{path} stands twice in {}", shown(first)),
                false => format!("{path} stands in {} and in {}", shown(first), shown(second)),
            };
            Diagnostic::error(Code::ReportsDiffer, place(second), message)
                .help("each spec belongs to one part: run the parts with `--partition`")
        }
    }
}

fn other_command(path: &Path, than: &str, verb: &str) -> Diagnostic {
    let message = format!("{} is of another command than {than}", path.display());
    Diagnostic::error(Code::ReportsDiffer, Place::File { path: path.to_owned() }, message)
        .help(format!("{verb} reports of `mlspec run`, or reports of `mlspec check`"))
}

/// Reads a report that one of a command is compared with.
fn read_for(path: &Path, command: Command, than: &str) -> Result<Report, Vec<Diagnostic>> {
    let report = read(path)?;
    match report.command == command {
        true => Ok(report),
        // What was only checked has no verdicts, so it would look as if it had got better.
        false => Err(vec![other_command(path, than, "compare")]),
    }
}

/// Standard input and files that are read more than once: a stream has nothing left by then, and a file would be
/// beside itself.
fn given_twice<'a>(paths: impl Iterator<Item = &'a Path>) -> Vec<Diagnostic> {
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut found = Vec::new();
    for path in paths {
        let is_stream = path.as_os_str() == "-";
        let place = if is_stream { path.to_owned() } else { final_path(path) };
        if seen.contains(&place) {
            let (message, help) = match is_stream {
                true => ("standard input can be read only once".to_owned(), "name a file"),
                false => (format!("{} is given twice", path.display()), "name it once"),
            };
            let place = Place::File { path: path.to_owned() };
            found.push(Diagnostic::error(Code::ReportsDiffer, place, message).help(help));
        }
        seen.push(place);
    }
    found
}

/// Refuses to write over a report that is read.
fn replaced(written: &Path, read: &[PathBuf]) -> Option<Diagnostic> {
    let path = final_path(written);
    read.iter().any(|read| final_path(read) == path).then(|| {
        let why = "the file is one of those that are read";
        unwritten(written, format!("the report {} cannot be written: {why}", written.display()))
            .help("choose another file")
    })
}

fn convert(args: &Convert) -> Result<(), Vec<Diagnostic>> {
    let baseline = args.baseline_report.as_deref();
    let streams = [args.input.as_path()].into_iter().chain(baseline);
    let twice = given_twice(streams.filter(|path| path.as_os_str() == "-"));
    if !twice.is_empty() {
        return Err(twice);
    }
    let files = reports::open(&args.report)?;
    let spared = |read, baseline| match reports::unlike(&files, read, baseline) {
        found if found.is_empty() => Ok(()),
        found => Err(found),
    };
    spared(vec![(args.input.clone(), "the report that is converted")], baseline)?;
    let report = read(&args.input)?;
    let specs = report.specs.iter().map(|spec| PathBuf::from(&spec.path));
    spared(specs.map(|path| (path, "a spec of the report")).collect(), None)?;
    let than = args.input.display().to_string();
    let earlier = baseline.map(|path| read_for(path, report.command, &than)).transpose()?;
    let context = Context { earlier: earlier.as_ref() };
    for file in files {
        let path = file.path().to_owned();
        let text = file.format().render(&report, context);
        file.write(&text).map_err(|message| vec![unwritten(&path, message)])?;
    }
    if let Some(format) = args.to {
        Output::default().print(&format.render(&report, context));
    }
    Ok(())
}

fn compared(args: &Compare) -> u8 {
    // A report may be compared with itself, but not with what is left of a stream.
    let streams = [&args.old, &args.new].map(PathBuf::as_path).into_iter();
    let twice = given_twice(streams.filter(|path| path.as_os_str() == "-"));
    if !twice.is_empty() {
        return refuse(&twice);
    }
    let (old, new) = match (read(&args.old), read(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            let found: Vec<Diagnostic> =
                [old.err(), new.err()].into_iter().flatten().flatten().collect();
            return refuse(&found);
        }
    };
    if old.command != new.command {
        let than = args.old.display().to_string();
        return refuse(&[other_command(&args.new, &than, "compare")]);
    }
    let comparison = compare(&old, &new, args.tolerance);
    let output = Output::default();
    match args.format {
        CompareFormat::Human => output.print(&comparison.text(look())),
        CompareFormat::Json => output.print(&comparison.json()),
        CompareFormat::Markdown => output.print(&comparison.markdown(COMMENT)),
    }
    u8::from(args.exit_code && comparison.is_worse())
}

/// Says what a report that was given for comparison is worth.
///
/// # Errors
/// That it cannot be used, which was then said.
pub fn earlier(path: Option<&Path>, command: Command) -> Result<Option<Report>, u8> {
    match path.map(|path| read_for(path, command, "this one")).transpose() {
        Ok(report) => Ok(report),
        Err(findings) => {
            let status = refuse(&findings);
            warn("nothing was run");
            Err(status)
        }
    }
}
