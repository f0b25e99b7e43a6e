//! Puts a file in its place in one step, so that whoever reads it at that moment sees all of the old or
//! all of the new one, and so that nothing but a spare file is left of a process that is killed.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// Writes `bytes` to `path`, in a folder that is made where it is missing. Both are the user's alone:
/// paths may hold what a variable of the environment said.
pub(super) fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    finish(begin(path)?, path, bytes)
}

/// An empty file beside `path`, which goes when it is dropped.
pub(super) fn begin(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let spare = || NamedTempFile::with_prefix_in(SPARE, folder);
    let opened = match spare() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private_folder(folder)?;
            spare()
        }
        opened => opened,
    };
    // Without the name of the spare file, which nobody knows.
    opened.map_err(|error| error.kind().into())
}

/// How the names of files begin that are not in their place yet.
pub(super) const SPARE: &str = ".new-";

/// Fills what was begun, and puts it in its place.
pub(super) fn finish(mut file: NamedTempFile, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.as_file_mut().write_all(bytes)?;
    match file.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.error),
    }
}

/// An entry is marked as used when it was not for so long, so that `prune` takes those that nobody needs.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Says of a file that it is in use at `now`. What keeps that from being said costs it a longer life at most.
pub(super) fn mark(path: &Path, now: SystemTime) {
    let set = || -> io::Result<()> {
        if fs::metadata(path)?.modified()? + DAY < now {
            File::options().append(true).open(path)?.set_modified(now)?;
        }
        Ok(())
    };
    let _ = set();
}

pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    if fs::metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
