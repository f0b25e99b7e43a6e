//! A key to what was kept under it: what was measured, or what training came to. Whatever is not exactly what was
//! kept there is taken for absent.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::contents::Contents;
use super::key::{Digest, Key};
use super::write;
use crate::data::Stamp;

/// The forms of the files; their digest follows, then a line feed and the content.
const RESULT: &str = "mlspec-result/1 ";
const TRAINING: &str = "mlspec-training/1 ";

/// How long a digest is in a file.
const HEX: usize = 64;

/// Results, and what training came to, by their keys.
#[derive(Debug)]
pub struct Results {
    results: Shelf,
    training: Shelf,
    contents: Contents,
    /// When the run began.
    now: SystemTime,
    /// Why nothing more can be kept.
    trouble: Mutex<Option<String>>,
}

/// A folder with entries of one form.
#[derive(Debug)]
struct Shelf {
    folder: PathBuf,
    format: &'static str,
}

impl Results {
    /// Over the folders of results and of training.
    pub(super) fn in_folders(
        [results, training]: [&Path; 2],
        contents: Contents,
        now: SystemTime,
    ) -> Self {
        let shelf = |folder: &Path, format| Shelf { folder: folder.to_owned(), format };
        Self {
            results: shelf(results, RESULT),
            training: shelf(training, TRAINING),
            contents,
            now,
            trouble: Mutex::default(),
        }
    }

    /// The digest of a file that has this stamp; none where it cannot be told.
    pub fn digest(&self, path: &Path, stamp: Stamp) -> Option<Digest> {
        match self.contents.digest(path, stamp) {
            Ok(digest) => Some(digest),
            Err(error) => {
                tracing::debug!("{} has no digest: {error}", path.display());
                None
            }
        }
    }

    /// What was kept under a key.
    pub fn get<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        self.results.read(key, self.now, |content| serde_json::from_slice(content).ok())
    }

    /// What training came to, kept under a key.
    pub fn training<T>(&self, key: &Key, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        self.training.read(key, self.now, read)
    }

    /// Keeps `value` under a key. What does not read back as it is (JSON has no infinity) is not kept.
    pub fn put<T: Serialize + DeserializeOwned + Debug>(&self, key: &Key, value: &T) {
        if self.has_failed() {
            return;
        }
        let Ok(content) = serde_json::to_vec(value) else { return };
        let same = |read: &T| format!("{read:?}") == format!("{value:?}");
        if !serde_json::from_slice(&content).is_ok_and(|read| same(&read)) {
            tracing::debug!("a result is not kept, because it would not read back as it is");
            return;
        }
        self.write(&self.results, key, &content);
    }

    /// Keeps what training came to under a key.
    pub fn put_training(&self, key: &Key, content: &[u8]) {
        if !self.has_failed() {
            self.write(&self.training, key, content);
        }
    }

    fn write(&self, shelf: &Shelf, key: &Key, content: &[u8]) {
        if let Err(error) = write::whole(&shelf.file_of(key), &shelf.entry(key, content)) {
            let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            let folder = shelf.folder.display();
            *trouble = Some(format!("results cannot be kept in {folder}: {error}"));
        }
    }

    fn has_failed(&self) -> bool {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Why results cannot be kept, or what was kept is looked for in vain, once that was found out.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        trouble.or_else(|| self.contents.trouble())
    }
}

impl Shelf {
    fn file_of(&self, key: &Key) -> PathBuf {
        let name = key.to_string();
        // Folders with a hundred thousand files are slow on some systems.
        self.folder.join(&name[..2]).join(name)
    }

    /// What an entry that is whole is read as.
    fn read<T>(
        &self,
        key: &Key,
        now: SystemTime,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let path = self.file_of(key);
        let bytes = fs::read(&path).ok()?;
        let Some(content) = self.content(key, &bytes) else {
            tracing::warn!("the entry {} is damaged", path.display());
            return None;
        };
        let kept = read(content)?;
        write::mark(&path, now);
        Some(kept)
    }

    fn entry(&self, key: &Key, content: &[u8]) -> Vec<u8> {
        let mut bytes = format!("{}{}\n", self.format, digest(key, content)).into_bytes();
        bytes.extend_from_slice(content);
        bytes
    }

    /// The content of an entry that is whole.
    fn content<'a>(&self, key: &Key, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let rest = bytes.strip_prefix(self.format.as_bytes())?;
        let (said, rest) = rest.split_at_checked(HEX)?;
        let content = rest.strip_prefix(b"\n")?;
        (digest(key, content).as_bytes() == said).then_some(content)
    }
}

/// What stands for an entry: its content, at this key and no other.
fn digest(key: &Key, content: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.bytes());
    hasher.update(content);
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Store;
    use super::*;

    fn results(folder: &Path) -> Results {
        Store::at(folder).results(SystemTime::now()).unwrap()
    }

    fn key(plan: &str) -> Key {
        Key::of(plan, &[])
    }

    #[test]
    fn what_is_kept_is_read_under_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        assert_eq!(results.get::<Vec<f64>>(&key("a")), None);
        results.put(&key("a"), &vec![0.1, 1e300, -0.0]);
        assert_eq!(results.get::<Vec<f64>>(&key("a")), Some(vec![0.1, 1e300, -0.0]));
        assert_eq!(results.get::<Vec<f64>>(&key("b")), None);
        // The same file under the name of another key is not that key's.
        fs::create_dir_all(results.results.file_of(&key("b")).parent().unwrap()).unwrap();
        fs::copy(results.results.file_of(&key("a")), results.results.file_of(&key("b"))).unwrap();
        assert_eq!(results.get::<Vec<f64>>(&key("b")), None);
        assert_eq!(results.trouble(), None);
    }

    #[test]
    fn no_damaged_entry_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        results.put(&key("a"), &vec![0.25, 3.5]);
        let file = results.results.file_of(&key("a"));
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                fs::write(&file, damaged).unwrap();
                assert_eq!(results.get::<Vec<f64>>(&key("a")), None, "byte {at}, bit {bit}");
            }
            fs::write(&file, &whole[..at]).unwrap();
            assert_eq!(results.get::<Vec<f64>>(&key("a")), None, "{at} bytes");
        }
        fs::write(&file, [&whole[..], b" "].concat()).unwrap();
        assert_eq!(results.get::<Vec<f64>>(&key("a")), None, "a byte more");
        results.put(&key("a"), &vec![0.25, 3.5]);
        assert_eq!(fs::read(&file).unwrap(), whole);
    }

    #[test]
    fn no_damaged_training_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        let read = || results.training(&key("a"), |content| Some(content.to_vec()));
        assert_eq!(read(), None);
        results.put_training(&key("a"), b"\0answers");
        assert_eq!(read().as_deref(), Some(&b"\0answers"[..]));
        assert_eq!(results.training(&key("a"), |_| None::<()>), None, "of another form");
        assert_eq!(results.get::<Vec<f64>>(&key("a")), None, "no result");
        let file = results.training.file_of(&key("a"));
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                fs::write(&file, damaged).unwrap();
                assert_eq!(read(), None, "byte {at}, bit {bit}");
            }
            fs::write(&file, &whole[..at]).unwrap();
            assert_eq!(read(), None, "{at} bytes");
        }
        // What is whole as a result is no training.
        results.put(&key("a"), &1);
        fs::copy(results.results.file_of(&key("a")), &file).unwrap();
        assert_eq!(read(), None);
    }

    #[test]
    fn entries_of_other_keys_forms_and_versions_are_absent() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        let training = |name: &str| results.training(&key(name), |content| Some(content.to_vec()));
        let result = |name: &str| results.get::<Vec<f64>>(&key(name));
        results.put(&key("a"), &vec![0.25]);
        results.put_training(&key("a"), b"answers");
        for shelf in [&results.results, &results.training] {
            let (file, other) = (shelf.file_of(&key("a")), shelf.file_of(&key("b")));
            fs::create_dir_all(other.parent().unwrap()).unwrap();
            // What was kept for another plan, other data or another build.
            fs::copy(&file, &other).unwrap();
            assert_eq!((result("b"), training("b")), (None, None));
            // A later version of the file, whole in its own way.
            let whole = fs::read(&file).unwrap();
            let later = String::from_utf8(whole).unwrap().replacen("/1 ", "/2 ", 1);
            fs::write(&file, later).unwrap();
            // A folder in its place.
            fs::remove_file(&other).unwrap();
            fs::create_dir(&other).unwrap();
            assert_eq!((result("b"), training("b")), (None, None));
        }
        assert_eq!((result("a"), training("a")), (None, None));
        results.put(&key("a"), &vec![0.25]);
        results.put_training(&key("a"), b"answers");
        assert_eq!(result("a"), Some(vec![0.25]));
        assert_eq!(training("a").as_deref(), Some(&b"answers"[..]));
        // Whole, but of another shape.
        assert_eq!(results.get::<String>(&key("a")), None);
        assert_eq!(results.trouble(), None);
    }

    #[test]
    fn what_would_not_read_back_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            results.put(&key("a"), &vec![Some(value)]);
            assert_eq!(results.get::<Vec<Option<f64>>>(&key("a")), None, "{value}");
        }
    }

    #[test]
    fn a_failure_to_keep_is_told_and_ends_the_trying() {
        let folder = tempfile::tempdir().unwrap();
        let results = results(folder.path());
        fs::write(folder.path().join("results"), "a file in the way").unwrap();
        results.put(&key("a"), &1);
        let trouble = results.trouble().unwrap();
        assert!(trouble.starts_with("results cannot be kept in "), "{trouble}");
        fs::remove_file(folder.path().join("results")).unwrap();
        results.put(&key("a"), &1);
        assert_eq!(results.get::<i32>(&key("a")), None);
    }

    proptest! {
        #[test]
        fn every_number_reads_back_as_it_was(value: f64) {
            let text = serde_json::to_vec(&value).unwrap();
            if value.is_finite() {
                let read: f64 = serde_json::from_slice(&text).unwrap();
                prop_assert_eq!(read.to_bits(), value.to_bits());
            }
        }
    }
}
