//! Report files: tried before anything is trained, put in place whole at the end.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{ReportFile, Reports};
use super::beside::{beside, folder};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::report::Format;
use crate::session::{files_of, inputs_of};
use crate::suite::Project;

/// A report that will be written.
pub struct Pending {
    format: Format,
    /// As it was asked for, and where that is.
    given: PathBuf,
    path: PathBuf,
    file: Target,
}

enum Target {
    /// Written beside its place, and put there whole.
    Beside,
    /// A pipe, a device or a stream of a process, which nothing may take the place of.
    Directly(File),
}

/// Makes sure that every report can be written.
///
/// # Errors
/// The paths that cannot be written.
pub fn open(files: &[ReportFile]) -> Result<Vec<Pending>, Vec<Diagnostic>> {
    let mut pending: Vec<Pending> = Vec::new();
    let mut findings = Vec::new();
    for ReportFile { format, path } in files {
        let (format, given) = (*format, path.clone());
        // What a link points at is written, not the link.
        let followed = followed(&given);
        let is_stream = is_stream(&followed);
        let path = if is_stream { followed } else { final_path(&followed) };
        let mut refuse = |why: &str| findings.push(refused(format, &given, why));
        if path.is_dir() {
            refuse("it is a folder");
        } else if pending.iter().any(|other| other.path == path) {
            refuse("the same file is given twice");
        } else if is_stream || (path.exists() && !path.is_file()) {
            // At the end: behind a stream may lie a file that the text for people goes to.
            match File::options().append(true).open(&path) {
                Ok(file) => {
                    pending.push(Pending { format, given, path, file: Target::Directly(file) });
                }
                Err(error) => refuse(&error.to_string()),
            }
        } else if !folder(&path).is_dir() {
            refuse(&format!("there is no folder {}", folder(&given).display()));
        } else {
            // Only tried: a run that is killed is not to leave a file behind.
            match beside(&path) {
                Ok(_) => pending.push(Pending { format, given, path, file: Target::Beside }),
                Err(error) => refuse(&error.kind().to_string()),
            }
        }
    }
    if findings.is_empty() { Ok(pending) } else { Err(findings) }
}

/// Refuses reports that would take the place of a file that is there to be read: a spec, its data, the
/// settings, or the baseline, which a JSON report may renew.
pub fn spare(
    pending: &[Pending],
    specs: &[PathBuf],
    wanted: &Reports,
    project: &Project,
) -> Vec<Diagnostic> {
    // New files are in nobody's way.
    if !pending.iter().any(|file| file.path.is_file()) {
        return Vec::new();
    }
    let mut read: Vec<(PathBuf, &str)> =
        specs.iter().map(|path| (path.clone(), "a spec of this run")).collect();
    let data = specs.iter().filter_map(|path| inputs_of(path)).flatten();
    read.extend(data.flat_map(|path| files_of(&path)).map(|path| (path, "data of this run")));
    read.extend(project.settings.clone().map(|path| (path, "the file of settings")));
    unlike(pending, read, wanted.baseline_report.as_deref())
}

/// Refuses reports that would take the place of one of these files, or of the baseline.
pub fn unlike(
    pending: &[Pending],
    read: Vec<(PathBuf, &str)>,
    baseline: Option<&Path>,
) -> Vec<Diagnostic> {
    let read: HashMap<PathBuf, &str> =
        read.into_iter().map(|(path, what)| (final_path(&path), what)).collect();
    let baseline = baseline.map(final_path);
    let mut findings = Vec::new();
    for file in pending.iter().filter(|file| file.path.is_file()) {
        let renews = file.format == Format::Json;
        let baseline = baseline.as_ref().filter(|path| **path == file.path && !renews);
        let what = read.get(&file.path).copied().or(baseline.map(|_| "the baseline"));
        if let Some(what) = what {
            let why = format!("the file is {what}");
            findings.push(refused(file.format, &file.given, &why).help("choose another file"));
        }
    }
    findings
}

fn refused(format: Format, given: &Path, why: &str) -> Diagnostic {
    let place = Place::Flag { name: format!("--report {format}={}", given.display()) };
    let message = format!("the report {} cannot be written: {why}", given.display());
    Diagnostic::error(Code::ReportUnwritable, place, message)
}

/// Where a link leads, also to a file that is not there yet. A stream of a process is not followed.
fn followed(path: &Path) -> PathBuf {
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match path.read_link() {
            Ok(target) if !is_stream(&path) => path = folder(&path).join(target),
            _ => break,
        }
    }
    path
}

/// Whether the path is a link of the system to what a process has open, such as `/dev/stdout`. What it leads
/// to belongs to whoever opened it, so nothing may take its place.
fn is_stream(path: &Path) -> bool {
    let of_system =
        path.starts_with("/proc") || (path.starts_with("/dev") && !path.starts_with("/dev/shm"));
    of_system && path.is_symlink()
}

/// The path without links and detours, so that two spellings of one file are seen to be one.
pub fn final_path(path: &Path) -> PathBuf {
    if let Ok(resolved) = path.canonicalize() {
        return resolved;
    }
    match (folder(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

impl Pending {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Writes the text and puts the file in its place in one step.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn write(self, text: &str) -> Result<(), String> {
        let say = |error: io::Error| {
            format!("the report {} cannot be written: {error}", self.given.display())
        };
        match self.file {
            Target::Directly(mut file) => file.write_all(text.as_bytes()).map_err(say),
            Target::Beside => {
                let mut file = beside(&self.path).map_err(|error| say(error.kind().into()))?;
                file.write_all(text.as_bytes()).map_err(say)?;
                file.persist(&self.path).map(drop).map_err(|error| say(error.error))
            }
        }
    }
}
