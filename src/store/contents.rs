//! A file to the digest of its bytes, remembered between runs by what the file system says of it, so that
//! a run in which nothing changed reads no data.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::key::Digest;
use super::write;
use crate::data::Stamp;

/// The form of the files. Another form is read as no digest at all.
const FORMAT: &str = "mlspec-content/1";

/// A file that is written again within the tick of its clock keeps its stamp. The slowest clock of a file
/// system that is in use, that of FAT, ticks every two seconds.
const TICK: Duration = Duration::from_secs(2);

/// Digests of files.
#[derive(Debug)]
pub struct Contents {
    folder: PathBuf,
    /// When the run began.
    now: SystemTime,
    known: Mutex<HashMap<PathBuf, (Stamp, Digest)>>,
    /// Why digests cannot be remembered.
    trouble: Mutex<Option<String>>,
}

/// What is remembered of one file.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: String,
    path: PathBuf,
    stamp: Stamp,
    digest: String,
    /// Over all the others, so that a damaged record is none.
    seal: String,
}

impl Record {
    fn new(path: &Path, stamp: Stamp, digest: Digest) -> Self {
        let (path, digest) = (path.to_owned(), digest.hex());
        let mut record =
            Self { format: FORMAT.to_owned(), path, stamp, digest, seal: String::new() };
        record.seal = record.sealed();
        record
    }

    fn sealed(&self) -> String {
        let Self { format, path, stamp, digest, seal: _ } = self;
        blake3::hash(format!("{format:?}{path:?}{stamp:?}{digest:?}").as_bytes())
            .to_hex()
            .to_string()
    }
}

impl Contents {
    pub(super) fn in_folder(folder: &Path, now: SystemTime) -> Self {
        Self { folder: folder.to_owned(), now, known: Mutex::default(), trouble: Mutex::default() }
    }

    /// The digest of a file that has this stamp.
    ///
    /// # Errors
    /// The file cannot be read, or has another stamp by now.
    pub fn digest(&self, path: &Path, stamp: Stamp) -> io::Result<Digest> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, digest)) = known().get(path)
            && *of == stamp
        {
            return Ok(*digest);
        }
        let digest = match self.remembered(path, stamp) {
            Some(digest) => digest,
            None => match self.read(path, stamp)? {
                (digest, Settled::Yes) => digest,
                (digest, Settled::No) => return Ok(digest),
            },
        };
        known().insert(path.to_owned(), (stamp, digest));
        Ok(digest)
    }

    fn remembered(&self, path: &Path, stamp: Stamp) -> Option<Digest> {
        let file = self.file_of(path);
        let bytes = fs::read(&file).ok()?;
        let record: Record = serde_json::from_slice(&bytes).ok()?;
        let sound = record.seal == record.sealed() && record.format == FORMAT;
        if !sound || record.path != path || record.stamp != stamp {
            return None;
        }
        write::mark(&file, self.now);
        Digest::from_hex(&record.digest)
    }

    /// Reads the file, and remembers its digest where its stamp can be trusted.
    fn read(&self, path: &Path, stamp: Stamp) -> io::Result<(Digest, Settled)> {
        let place = self.file_of(path);
        // A pipe gives nothing until somebody writes to it, and a device may have no end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        // As git does it, with the clock of the file system: a file that was written in the tick in which it
        // was read may be written once more without anybody telling.
        let begun = write::begin(&place).and_then(|begun| {
            let now = begun.as_file().metadata()?.modified()?;
            Ok((begun, now))
        });
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        if Stamp::of(path) != Some(stamp) {
            return Err(io::Error::other("the file was written while it was read"));
        }
        let digest = Digest::new(hasher.finalize());
        let kept = begun.and_then(|(begun, now)| {
            if !settled(stamp, now) {
                return Ok(Settled::No);
            }
            // JSON has no form for a path that is not Unicode.
            let Ok(record) = serde_json::to_vec(&Record::new(path, stamp, digest)) else {
                return Ok(Settled::No);
            };
            write::finish(begun, &place, &record).map(|()| Settled::Yes)
        });
        // Whoever cannot remember it reads the file each time.
        let settled = kept.unwrap_or_else(|error| {
            let folder = self.folder.display();
            let why = format!("digests cannot be kept in {folder}: {error}");
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
            Settled::No
        });
        Ok((digest, settled))
    }

    /// Why digests cannot be remembered, once that was found out.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn file_of(&self, path: &Path) -> PathBuf {
        let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        self.folder.join(name.as_str())
    }
}

/// Whether a later change of the file shows in its stamp.
enum Settled {
    Yes,
    No,
}

fn settled(stamp: Stamp, now: SystemTime) -> bool {
    let Some(latest) = stamp.latest() else { return false };
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let latest = Duration::from_nanos(u64::try_from(latest).unwrap_or(0));
    latest + TICK < now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(folder: &Path) -> Contents {
        Contents::in_folder(&folder.join("contents"), SystemTime::now())
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_has_no_digest() {
        let folder = tempfile::tempdir().unwrap();
        let endless = Path::new("/dev/zero");
        let stamp = Stamp::of(endless).unwrap();
        assert!(contents(folder.path()).digest(endless, stamp).is_err());
    }

    fn digest(contents: &Contents, path: &Path) -> Digest {
        contents.digest(path, Stamp::of(path).unwrap()).unwrap()
    }

    fn of(text: &str) -> Digest {
        Digest::new(blake3::hash(text.as_bytes()))
    }

    #[test]
    fn a_file_that_was_just_written_is_read_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let contents = contents(folder.path());
        for text in ["x\n1\n", "x\n2\n", "x\n3\n"] {
            fs::write(&path, text).unwrap();
            assert_eq!(digest(&contents, &path), of(text));
        }
        assert!(contents.known.lock().unwrap().is_empty());
    }

    #[test]
    fn a_stamp_is_trusted_once_its_tick_is_over() {
        let stamp = |modified: Option<i64>, changed: Option<i64>| Stamp {
            bytes: 1,
            modified,
            changed,
            file: None,
        };
        let seconds = 1_000_000_000;
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert!(settled(stamp(Some(90 * seconds), None), now));
        assert!(!settled(stamp(Some(99 * seconds), None), now));
        assert!(!settled(stamp(Some(110 * seconds), None), now), "from the future");
        assert!(!settled(stamp(Some(90 * seconds), Some(99 * seconds)), now), "a time set back");
        assert!(!settled(stamp(None, None), now), "nobody knows when");
    }

    #[test]
    fn a_record_is_of_one_stamp_and_no_damaged_one_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "x\n1\n").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        let place = contents(folder.path()).file_of(&path);
        // What would have been remembered if the file were old.
        let record = serde_json::to_vec(&Record::new(&path, stamp, of("as remembered"))).unwrap();
        write::whole(&place, &record).unwrap();
        assert_eq!(digest(&contents(folder.path()), &path), of("as remembered"));
        for at in 0..record.len() {
            let mut damaged = record.clone();
            damaged[at] ^= 1;
            fs::write(&place, damaged).unwrap();
            assert_eq!(digest(&contents(folder.path()), &path), of("x\n1\n"), "byte {at}");
        }
        fs::write(&place, &record[..record.len() / 2]).unwrap();
        assert_eq!(digest(&contents(folder.path()), &path), of("x\n1\n"));
        fs::write(&place, &record).unwrap();
        fs::write(&path, "x\n1\n2\n").unwrap();
        assert_eq!(digest(&contents(folder.path()), &path), of("x\n1\n2\n"), "another stamp");
    }

    #[test]
    fn a_file_that_changes_meanwhile_has_no_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "x\n1\n").unwrap();
        let before = Stamp::of(&path).unwrap();
        fs::write(&path, "x\n1\n2\n").unwrap();
        assert!(contents(folder.path()).digest(&path, before).is_err());
        fs::remove_file(&path).unwrap();
        assert!(contents(folder.path()).digest(&path, before).is_err());
    }
}
