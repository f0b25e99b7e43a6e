//! What each spec came to when it was last run: for `status(…)`, for `--rerun`, and for editors that show
//! values beside their bounds. One file a spec, so that runs side by side never wait for each other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::folder::LAST;
use super::{Store, write};
use crate::data::Input;
use crate::diagnostic::{Route, Segment};
use crate::outcome::SpecOutcome;
use crate::verdict::{Status, Verdict};

/// The form of the files. Another form is read as no result at all.
const FORMAT: &str = "mlspec-last/2";

/// The last run of one spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastRun {
    format: String,
    /// The version of mlspec that ran it.
    version: String,
    /// The spec, absolute and without links.
    pub spec: PathBuf,
    /// The word of reports: `pass`, `fail`, `error` and the rest.
    status: String,
    /// `text_digest` of the spec.
    text: String,
    /// The files that were read, as they were then.
    inputs: Vec<Input>,
    /// Seconds since 1970.
    pub when: u64,
    pub verdicts: Vec<LastVerdict>,
}

/// One bound, as it was judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastVerdict {
    /// The metric and the slice as a threshold names them: `accuracy@by_island=Biscoe`.
    pub title: String,
    /// The catalogue's name of the metric.
    pub metric: String,
    /// The name of the slice, and which of its values.
    pub slice: Option<(String, Option<String>)>,
    /// What was compared: `value`, `over_dummy` or `train_gap`.
    pub quantity: String,
    /// The bound and what it is about: `> 0.9`.
    pub required: String,
    pub value: Option<f64>,
    /// The value as reports print it, with as many digits as tell it from a bound that it missed.
    pub shown: Option<String>,
    status: String,
    /// Where the bound stands, from the root: keys and indices.
    route: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Step {
    Index(usize),
    Key(String),
}

/// Whether a last run still speaks of what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Current,
    /// The spec was edited.
    Spec,
    /// A file of its data was written, came or went.
    Data,
    /// Another version of mlspec ran it.
    Version,
}

/// What stands for the text of a spec: two texts with one digest are one text.
pub fn text_digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

impl Store {
    /// Keeps what a spec came to, in place of what it came to before.
    ///
    /// # Errors
    /// The operating system does not let the file be written.
    pub fn keep(&self, path: &Path, spec: &SpecOutcome, now: SystemTime) -> io::Result<()> {
        let path = identity(path);
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let last = LastRun {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            status: spec.status.word().to_owned(),
            text: text_digest(spec.document.source().text()),
            inputs: spec.inputs.clone(),
            when: since.as_secs(),
            verdicts: spec.verdicts.iter().map(verdict).collect(),
            spec: path,
        };
        let bytes = serde_json::to_vec(&last).map_err(io::Error::other)?;
        write::whole(&self.file_of(&last.spec), &bytes)
    }

    /// What a spec came to when it was last run; none where it was not, or where nothing readable is
    /// left of it.
    pub fn last(&self, path: &Path) -> Option<LastRun> {
        let path = identity(path);
        let text = fs::read(self.file_of(&path)).ok()?;
        let last: LastRun = serde_json::from_slice(&text).ok()?;
        (last.format == FORMAT && last.spec == path && status_of(&last.status).is_some())
            .then_some(last)
    }

    fn file_of(&self, identity: &Path) -> PathBuf {
        let name = blake3::hash(identity.as_os_str().as_encoded_bytes()).to_hex();
        self.folder.join(LAST).join(format!("{}.json", &name[..32]))
    }
}

impl LastRun {
    pub fn status(&self) -> Status {
        // `Store::last` gives out no other words.
        status_of(&self.status).unwrap_or(Status::Error)
    }

    /// Whether the spec, whose text is now `text`, its data and mlspec are still what they were.
    pub fn freshness(&self, text: &str) -> Freshness {
        if self.text != text_digest(text) {
            Freshness::Spec
        } else if !self.inputs.iter().all(Input::is_current) {
            Freshness::Data
        } else if self.version != env!("CARGO_PKG_VERSION") {
            Freshness::Version
        } else {
            Freshness::Current
        }
    }
}

impl LastVerdict {
    pub fn status(&self) -> Status {
        status_of(&self.status).unwrap_or(Status::Error)
    }

    /// Where the bound stood in the spec that was run.
    pub fn route(&self) -> Route {
        let segment = |step: &Step| match step {
            Step::Index(index) => Segment::Index(*index),
            Step::Key(key) => Segment::Key(key.as_str().into()),
        };
        self.route.iter().map(segment).collect()
    }
}

/// A spec is the same whichever way leads to it.
fn identity(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.canonicalize().unwrap_or_else(|_| absolute())
}

fn status_of(word: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| status.word() == word)
}

fn verdict(verdict: &Verdict) -> LastVerdict {
    let step = |segment: &Segment| match segment {
        Segment::Index(index) => Step::Index(*index),
        Segment::Key(key) => Step::Key(key.to_string()),
    };
    LastVerdict {
        title: verdict.title(),
        metric: verdict.metric.to_owned(),
        slice: verdict
            .slice
            .as_ref()
            .map(|slice| (slice.name.to_string(), slice.value.as_ref().map(ToString::to_string))),
        quantity: verdict.quantity.word().to_owned(),
        required: verdict.required(),
        value: verdict.value.filter(|value| value.is_finite()),
        shown: verdict.shown(),
        status: verdict.status.word().to_owned(),
        route: verdict.route.segments().iter().map(step).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::text::{Document, Source};

    fn outcome(path: &Path, status: Status) -> SpecOutcome {
        let text = fs::read_to_string(path).unwrap_or_default();
        let (document, _) = Document::parse(Source::new(path, text), &|_: &str| None);
        SpecOutcome::new(path, Arc::new(document), status)
    }

    #[test]
    fn the_last_run_of_each_spec_is_kept_until_its_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(&folder.path().join("cache"));
        let (a, b) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        fs::write(&a, "name: a\n").unwrap();
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(store.last(&a), None);
        store.keep(&a, &outcome(&a, Status::Fail), now).unwrap();
        store.keep(&b, &outcome(&b, Status::Pass), now).unwrap();
        let last = store.last(&a).unwrap();
        assert_eq!(last.status(), Status::Fail);
        assert_eq!(last.freshness("name: a\n"), Freshness::Current);
        assert_eq!(last.freshness("name: b\n"), Freshness::Spec);
        store.keep(&a, &outcome(&a, Status::Pass), now).unwrap();
        assert_eq!(store.last(&a).unwrap().status(), Status::Pass);
        assert_eq!(store.last(&b).unwrap().status(), Status::Pass);
    }

    #[test]
    fn data_that_was_written_since_makes_it_stale() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(&folder.path().join("cache"));
        let (spec, data) = (folder.path().join("a.yaml"), folder.path().join("a.csv"));
        fs::write(&data, "x\n1\n").unwrap();
        let ran = SpecOutcome { inputs: vec![Input::look(&data)], ..outcome(&spec, Status::Pass) };
        store.keep(&spec, &ran, SystemTime::UNIX_EPOCH).unwrap();
        let last = store.last(&spec).unwrap();
        assert_eq!(last.freshness(""), Freshness::Current);
        fs::write(&data, "x\n1\n2\n").unwrap();
        assert_eq!(last.freshness(""), Freshness::Data);
    }

    #[test]
    fn a_damaged_file_is_no_result() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let spec = folder.path().join("a.yaml");
        store.keep(&spec, &outcome(&spec, Status::Pass), SystemTime::UNIX_EPOCH).unwrap();
        let file = store.file_of(&identity(&spec));
        let whole = fs::read(&file).unwrap();
        for damaged in [&whole[..whole.len() / 2], b"", b"{}", b"\xff\xfe"] {
            fs::write(&file, damaged).unwrap();
            assert_eq!(store.last(&spec), None);
        }
        let other = String::from_utf8(whole).unwrap().replace("\"pass\"", "\"perhaps\"");
        fs::write(&file, other).unwrap();
        assert_eq!(store.last(&spec), None, "a status that nobody knows");
    }

    #[test]
    fn a_folder_that_is_a_file_is_an_error_and_nothing_worse() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let store = Store::at(&file);
        let spec = folder.path().join("a.yaml");
        assert!(store.keep(&spec, &outcome(&spec, Status::Pass), SystemTime::UNIX_EPOCH).is_err());
        assert_eq!(store.last(&spec), None);
    }
}
