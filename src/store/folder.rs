//! Whether the folder can be trusted with results: it has to be one that can be written, and the user's own.

use std::fs;
use std::io;
use std::time::SystemTime;

use super::contents::Contents;
use super::results::Results;
use super::{Store, write};

/// Where results, what training came to, the digests of files and last runs lie in the folder.
pub(super) const RESULTS: &str = "results";
pub(super) const TRAINING: &str = "training";
pub(super) const CONTENTS: &str = "contents";
pub(super) const LAST: &str = "last";

impl Store {
    /// The results that earlier runs kept; `now` is when this one begins.
    ///
    /// # Errors
    /// Why the folder cannot be used, in words.
    pub fn results(&self, now: SystemTime) -> Result<Results, String> {
        self.usable().map_err(|reason| {
            format!("the cache {} cannot be used: {reason}", self.folder.display())
        })?;
        let contents = Contents::in_folder(&self.folder.join(CONTENTS), now);
        let folders = [RESULTS, TRAINING].map(|name| self.folder.join(name));
        Ok(Results::in_folders([&folders[0], &folders[1]], contents, now))
    }

    /// Whether the folder is the user's own, so that what is in it may be removed; one that is not there is.
    ///
    /// # Errors
    /// Why it is not, in words.
    pub fn own(&self) -> Result<(), String> {
        match fs::metadata(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            _ => self.owned().map(drop),
        }
    }

    fn usable(&self) -> Result<(), String> {
        write::private_folder(&self.folder).map_err(|error| refused(&error))?;
        match self.owned()?.iter().any(is_open) {
            true => Err("every user can write it, and so put results into it".to_owned()),
            false => Ok(()),
        }
    }

    /// What the system says of the folder and of those in it, all of which are the user's.
    fn owned(&self) -> Result<Vec<fs::Metadata>, String> {
        // What is made here belongs to whoever runs the program, whichever way the system tells that.
        let probe = write::begin(&self.folder.join("probe")).map_err(|error| refused(&error))?;
        let own = fs::metadata(probe.path()).map_err(|error| refused(&error))?;
        let mut all = Vec::new();
        let folders = [RESULTS, TRAINING, CONTENTS].map(|name| self.folder.join(name));
        for folder in [&self.folder].into_iter().chain(&folders) {
            let found = match fs::metadata(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                found => found.map_err(|error| refused(&error))?,
            };
            if !same_owner(&own, &found) {
                return Err("it belongs to another user, who could put results into it".to_owned());
            }
            all.push(found);
        }
        Ok(all)
    }
}

/// Why a folder cannot be used, without the names of files that nobody knows.
pub fn refused(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "it is a file, not a folder".to_owned()
        }
        io::ErrorKind::PermissionDenied => "it cannot be written".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether everybody can write it.
#[cfg(unix)]
fn is_open(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_open(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn same_owner(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == other.uid()
}

#[cfg(not(unix))]
fn same_owner(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

/// Whether a name is one that results and digests have.
pub(super) fn is_digest(name: &str, length: usize) -> bool {
    name.len() == length && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_a_file_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cache");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below")] {
            let reason = Store::at(&path).results(SystemTime::UNIX_EPOCH).unwrap_err();
            assert!(reason.ends_with("it is a file, not a folder"), "{reason}");
        }
        let fine = Store::at(&folder.path().join("a/b")).results(SystemTime::UNIX_EPOCH);
        assert!(fine.is_ok());
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 0, "nothing is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_everybody_can_write_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let [results, training] = [RESULTS, TRAINING].map(|name| folder.path().join(name));
        fs::create_dir(&results).unwrap();
        fs::create_dir(&training).unwrap();
        for open in [folder.path(), &results, &training] {
            let usable = || Store::at(folder.path()).results(SystemTime::UNIX_EPOCH);
            assert!(usable().is_ok());
            fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
            let reason = usable().unwrap_err();
            assert!(reason.contains("every user can write it"), "{reason}");
            fs::set_permissions(open, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }
}
