//! The files that a path of a spec stands for, and what tells without reading them whether they changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::load::files;

/// What the file system says of a file; another stamp is another content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub bytes: u64,
    /// When it was written, in nanoseconds since 1970; none where the system does not say.
    pub modified: Option<i64>,
    /// When the system last changed anything of it, which no program can set back; none where the system
    /// does not say.
    pub changed: Option<i64>,
    /// Which file of its disk it is; none where the system does not say.
    pub file: Option<u64>,
}

impl Stamp {
    /// None where there is no such file.
    pub fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        let since = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()).ok(),
            Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|nanos| -nanos),
        };
        let (changed, number) = identity(&file);
        let modified = file.modified().ok().and_then(since);
        Some(Self { bytes: file.len(), modified, changed, file: number })
    }

    /// When the file last became what it is, in nanoseconds since 1970.
    pub fn latest(&self) -> Option<i64> {
        self.modified.max(self.changed)
    }
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> (Option<i64>, Option<u64>) {
    use std::os::unix::fs::MetadataExt;
    let changed = file.ctime().checked_mul(1_000_000_000);
    (changed.and_then(|nanos| nanos.checked_add(file.ctime_nsec())), Some(file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (Option<i64>, Option<u64>) {
    (None, None)
}

/// A path of a spec, which may be a pattern, with the files that it stood for at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub path: PathBuf,
    /// Sorted. A file that is not there has no stamp, a pattern that nothing matches has no files.
    pub files: Vec<(PathBuf, Option<Stamp>)>,
}

impl Input {
    /// What a path stands for now. The path is made absolute, so that it means the same from another
    /// working directory.
    pub fn look(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let files = match files(&path) {
            Ok(found) => found,
            Err(_) => vec![path.clone()],
        };
        let stamped = |file: PathBuf| {
            let stamp = Stamp::of(&file);
            (file, stamp)
        };
        Self { files: files.into_iter().map(stamped).collect(), path }
    }

    /// Whether the path stands for the same files as then, and none of them was written since.
    pub fn is_current(&self) -> bool {
        *self == Self::look(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_current_until_a_file_is_written_or_joins_the_pattern() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "x\n1\n").unwrap();
        let one = Input::look(&folder.path().join("a.csv"));
        let all = Input::look(&folder.path().join("*.csv"));
        let none = Input::look(&folder.path().join("b.csv"));
        assert!(one.is_current() && all.is_current() && none.is_current());
        fs::write(folder.path().join("b.csv"), "x\n1\n").unwrap();
        assert!(one.is_current());
        assert!(!all.is_current(), "a second file matches");
        assert!(!none.is_current(), "it is there now");
        fs::write(folder.path().join("a.csv"), "x\n1\n2\n").unwrap();
        assert!(!one.is_current());
    }
}
