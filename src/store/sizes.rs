//! What the folder holds and how large that is; emptied, or cut down to a size. Only files with names of ours are
//! touched, and those of other processes may come and go meanwhile.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::Store;
use super::folder::{CONTENTS, LAST, RESULTS, TRAINING, is_digest};
use super::write::SPARE;

/// A file that is not in its place after so long was left by a process that is gone.
const LEFT: Duration = Duration::from_secs(60 * 60);

/// How much room something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub files: usize,
    pub bytes: Bytes,
}

/// The room that each part takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    pub results: Size,
    /// What training came to.
    pub training: Size,
    /// The digests of data files.
    pub digests: Size,
    /// What each spec came to last.
    pub last: Size,
}

/// A number of bytes, as people write it: `500MB`, `1.5 GiB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const UNITS: &[(&str, u64)] = &[
    ("b", 1),
    ("kb", 1000),
    ("mb", 1000 * 1000),
    ("gb", 1000 * 1000 * 1000),
    ("tb", 1000 * 1000 * 1000 * 1000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, size)| *size);
        let (Some(unit), Ok(number)) = (unit, number.parse::<f64>()) else {
            return Err("write a number and a unit, such as 500MB or 1.5GiB".to_owned());
        };
        Ok(Self((number * unit as f64).round() as u64))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0 as f64;
        match self.0 {
            0..1000 => write!(f, "{} B", self.0),
            1000..1_000_000 => write!(f, "{:.1} kB", size / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.1} MB", size / 1e6),
            _ => write!(f, "{:.1} GB", size / 1e9),
        }
    }
}

impl Size {
    fn add(&mut self, entry: &Entry) {
        self.files += 1;
        self.bytes.0 += entry.bytes;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Result,
    Training,
    Digest,
    Last,
    Spare,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    kind: Kind,
    bytes: u64,
    used: SystemTime,
}

impl Store {
    /// # Errors
    /// The folder cannot be read.
    pub fn sizes(&self) -> io::Result<Sizes> {
        let mut sizes = Sizes::default();
        for entry in self.entries()? {
            match entry.kind {
                Kind::Result => sizes.results.add(&entry),
                Kind::Training => sizes.training.add(&entry),
                Kind::Digest => sizes.digests.add(&entry),
                Kind::Last => sizes.last.add(&entry),
                Kind::Spare => {}
            }
        }
        Ok(sizes)
    }

    /// Removes all results, all training and all digests, and says how much went. The last runs stay.
    ///
    /// # Errors
    /// The folder cannot be read, or a file in it not be removed.
    pub fn clear(&self, now: SystemTime) -> io::Result<Size> {
        self.prune(Bytes(0), now)
    }

    /// Removes results and digests, those that were not used for the longest time first, until at most `most` is
    /// left, and says how much went.
    ///
    /// # Errors
    /// The folder cannot be read, or a file in it not be removed.
    pub fn prune(&self, most: Bytes, now: SystemTime) -> io::Result<Size> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| entry.used);
        let kept =
            |entry: &&Entry| matches!(entry.kind, Kind::Result | Kind::Training | Kind::Digest);
        let mut left: u64 = entries.iter().filter(kept).map(|entry| entry.bytes).sum();
        let mut gone = Size::default();
        for entry in &entries {
            match entry.kind {
                Kind::Last => {}
                Kind::Spare if entry.used + LEFT < now => remove(&entry.path)?,
                Kind::Spare => {}
                // Nothing is left of an allowance of nothing, not even files without content.
                Kind::Result | Kind::Training | Kind::Digest if left > most.0 || most.0 == 0 => {
                    remove(&entry.path)?;
                    left -= entry.bytes;
                    gone.add(entry);
                }
                Kind::Result | Kind::Training | Kind::Digest => {}
            }
        }
        Ok(gone)
    }

    fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for (shelf, kind) in [(RESULTS, Kind::Result), (TRAINING, Kind::Training)] {
            for (name, folder) in listed(&self.folder.join(shelf))? {
                if is_digest(&name, 2) {
                    let of = |name: &str| is_digest(name, 64).then_some(kind);
                    collect(&folder, of, &mut entries)?;
                }
            }
        }
        let digest = |name: &str| is_digest(name, 64).then_some(Kind::Digest);
        collect(&self.folder.join(CONTENTS), digest, &mut entries)?;
        let last = |name: &str| is_digest(name.strip_suffix(".json")?, 32).then_some(Kind::Last);
        collect(&self.folder.join(LAST), last, &mut entries)?;
        collect(&self.folder, |_| None, &mut entries)?;
        Ok(entries)
    }
}

/// The names in a folder with their paths; none where there is no folder.
fn listed(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let named = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        Some((entry.file_name().into_string().ok()?, entry.path()))
    };
    Ok(entries.filter_map(named).collect())
}

/// Adds the files of a folder that are of a kind, and those that were left on their way.
fn collect(
    folder: &Path,
    kind: impl Fn(&str) -> Option<Kind>,
    entries: &mut Vec<Entry>,
) -> io::Result<()> {
    for (name, path) in listed(folder)? {
        let spare = name.starts_with(SPARE).then_some(Kind::Spare);
        let Some(kind) = spare.or_else(|| kind(&name)) else { continue };
        // A file that went since the folder was listed takes no room. A link is nothing of ours.
        let Ok(file) = fs::symlink_metadata(&path) else { continue };
        let Ok(used) = file.modified() else { continue };
        if file.is_file() {
            entries.push(Entry { path, kind, bytes: file.len(), used });
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in
            [("0B", 0), ("1GB", 1_000_000_000), ("1.5 GiB", 3 << 29), ("20kb", 20_000), ("7 b", 7)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "1", "GB", "1XB", "-1GB", "1..5GB", "1 G B"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        let shown = [999, 1500, 2_000_000, 3_210_000_000].map(|bytes| Bytes(bytes).to_string());
        assert_eq!(shown, ["999 B", "1.5 kB", "2.0 MB", "3.2 GB"]);
    }

    #[test]
    fn what_was_not_used_for_long_goes_first_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let now = SystemTime::now();
        let results = store.results(now).unwrap();
        let keys: Vec<Key> = (0..4).map(|at| Key::of(&format!("plan {at}"), &[])).collect();
        for (at, key) in (0..).zip(&keys) {
            results.put(key, &"x".repeat(100));
            let name = key.to_string();
            let file = folder.path().join("results").join(&name[..2]).join(&name);
            let old = now - Duration::from_secs(3600 * 24 * (10 - at));
            fs::File::options().append(true).open(file).unwrap().set_modified(old).unwrap();
        }
        fs::write(folder.path().join("results/notes.txt"), "not ours").unwrap();
        fs::write(folder.path().join("results").join(&keys[0].to_string()[..2]).join("a"), "")
            .unwrap();
        let sizes = store.sizes().unwrap();
        assert_eq!(sizes.results.files, 4);
        let one = sizes.results.bytes.0 / 4;
        // Whoever reads an entry puts it at the end of the line.
        assert!(results.get::<String>(&keys[0]).is_some());
        // What training came to counts as well; it was used last.
        results.put_training(&keys[0], b"answers");
        let training = store.sizes().unwrap().training;
        assert_eq!((training.files, store.sizes().unwrap().results.files), (1, 4));
        assert_eq!(store.prune(Bytes(2 * one + training.bytes.0), now).unwrap().files, 2);
        let left: Vec<bool> = keys.iter().map(|key| results.get::<String>(key).is_some()).collect();
        assert_eq!(left, [true, false, false, true]);
        let all = Bytes(2 * one + training.bytes.0);
        assert_eq!(store.clear(now).unwrap(), Size { files: 3, bytes: all });
        assert_eq!(store.sizes().unwrap(), Sizes::default());
        assert!(folder.path().join("results/notes.txt").exists());
    }

    #[test]
    fn what_a_killed_process_left_goes_after_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let spare = folder.path().join(".new-abc");
        fs::write(&spare, "half").unwrap();
        let now = SystemTime::now();
        store.clear(now).unwrap();
        assert!(spare.exists(), "somebody may still write it");
        store.clear(now + 2 * LEFT).unwrap();
        assert!(!spare.exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty_and_a_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = Store::at(&folder.path().join("nowhere"));
        assert_eq!(nowhere.sizes().unwrap(), Sizes::default());
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Store::at(&file).sizes().is_err());
    }
}
