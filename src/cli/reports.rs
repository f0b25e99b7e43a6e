//! Report files: opened before anything is trained, put in place whole at the end.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::args::ReportFile;
use crate::diagnostic::{Code, Diagnostic, Place};

/// A report that will be written.
pub struct Pending {
    path: PathBuf,
    file: NamedTempFile,
}

/// Opens every report beside its final place.
///
/// # Errors
/// The paths that cannot be written.
pub fn open(files: &[ReportFile]) -> Result<Vec<Pending>, Vec<Diagnostic>> {
    let mut pending: Vec<Pending> = Vec::new();
    let mut findings = Vec::new();
    for ReportFile { path } in files {
        let flag = || Place::Flag { name: format!("--report json={}", path.display()) };
        let refuse = |why: &str| {
            let message = format!("the report {} cannot be written: {why}", path.display());
            Diagnostic::error(Code::ReportUnwritable, flag(), message)
        };
        if path.is_dir() {
            findings.push(refuse("it is a folder"));
        } else if pending.iter().any(|other| other.path == *path) {
            findings.push(refuse("the same file is given twice"));
        } else {
            match NamedTempFile::new_in(folder(path)) {
                Ok(file) => pending.push(Pending { path: path.clone(), file }),
                Err(error) => findings.push(refuse(&error.to_string())),
            }
        }
    }
    if findings.is_empty() { Ok(pending) } else { Err(findings) }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Pending {
    /// Writes the text and puts the file in its place in one step.
    ///
    /// # Errors
    /// What the operating system says, with the path.
    pub fn write(mut self, text: &str) -> Result<(), String> {
        let say = |error: &dyn std::fmt::Display| {
            format!("the report {} cannot be written: {error}", self.path.display())
        };
        self.file.write_all(text.as_bytes()).map_err(|error| say(&error))?;
        readable(self.file.as_file()).map_err(|error| say(&error))?;
        self.file.persist(&self.path).map_err(|error| {
            format!("the report {} cannot be written: {}", self.path.display(), error.error)
        })?;
        Ok(())
    }
}

/// Temporary files are private; a report is for everybody who may read the folder.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
