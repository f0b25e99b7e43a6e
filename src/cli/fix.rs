//! `mlspec check --fix`: puts mended specs in the place of those that were read, each whole.
//! What is certain enough to be written is left to the session.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::outcome::{Applied, Outcome, shown};
use crate::session::{MendedFile, Session};

/// What was written, and what could not be.
#[derive(Debug, Default)]
pub struct Fixed {
    pub applied: Vec<(PathBuf, Vec<Applied>)>,
    pub unwritten: Vec<Diagnostic>,
}

/// Writes the certain fixes of the specs into their files.
pub fn fix(session: &Session<'_>, paths: &[PathBuf], jobs: usize) -> Fixed {
    let mut fixed = Fixed::default();
    for file in session.mend_files(paths, jobs) {
        match write(&file) {
            Ok(()) => fixed.applied.push((file.path, file.applied)),
            Err(why) => {
                let message = format!("{} was not fixed: {why}", shown(&file.path));
                let place = Place::File { path: file.path };
                fixed.unwritten.push(Diagnostic::error(Code::FileUnreadable, place, message));
            }
        }
    }
    fixed
}

/// Notes in the specs of an outcome what was written to them before.
pub fn note(outcome: &mut Outcome, applied: Vec<(PathBuf, Vec<Applied>)>) {
    for (path, applied) in applied {
        let mut specs = outcome.specs.iter_mut();
        if let Some(spec) = specs.find(|spec| spec.document.source().path() == path) {
            spec.applied = applied;
        }
    }
}

fn write(file: &MendedFile) -> Result<(), String> {
    // What a link points at is written, not the link.
    let path = file.path.canonicalize().map_err(|error| error.to_string())?;
    let metadata = fs::metadata(&path).map_err(|error| error.to_string())?;
    // A new file could take its place all the same, if the folder lets it.
    if metadata.permissions().readonly() {
        return Err("it is read-only".to_owned());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = |error: io::Error| format!("nothing can be written beside it: {error}");
    let mut new = NamedTempFile::new_in(folder).map_err(beside)?;
    new.write_all(file.new.as_bytes()).map_err(beside)?;
    like(new.as_file(), &metadata).map_err(|error| error.to_string())?;
    match fs::read(&path) {
        Ok(now) if now == file.old.as_bytes() => {}
        Ok(_) => return Err("it has changed since it was read".to_owned()),
        Err(error) => return Err(error.to_string()),
    }
    new.persist(&path).map(drop).map_err(|error| error.error.to_string())
}

/// Gives a file the owner, as far as that is allowed, and the permissions of another one.
fn like(file: &File, metadata: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
    file.set_permissions(metadata.permissions())
}
