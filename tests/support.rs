//! What the tests share: folders to run the program in, running it, and what it said.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program in the environment of whoever runs the tests, but for what it keeps between runs.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlspec"));
    command
        .env("MLSPEC_CACHE_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"))
        // What a test looks at is to be made by that test.
        .env("MLSPEC_NO_CACHE", "1");
    command
}

/// A folder of its own that the program runs in; it goes when it is dropped.
pub struct Workspace {
    folder: TempDir,
    cache: TempDir,
}

impl Workspace {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder can be made");
        Self { folder: folder(), cache: folder() }
    }

    /// A folder with one spec, `spec.mlspec.yaml`, and its table, `data.csv`.
    pub fn with_spec(spec: &str, table: &str) -> Self {
        let workspace = Self::new();
        workspace.write("spec.mlspec.yaml", spec);
        workspace.write("data.csv", table);
        workspace
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        let parent = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(parent).expect("folders can be made");
        fs::write(path, content).expect("files can be written");
        self
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Copies all that lies in `from`, except for what `leave` names.
    pub fn copy(&self, from: &Path, leave: &[&str]) {
        for name in names(from) {
            if leave.contains(&name.as_str()) {
                continue;
            }
            let (source, target) = (from.join(&name), self.path(&name));
            if source.is_dir() {
                copy_folder(&source, &target);
            } else {
                fs::copy(&source, &target).expect("a file can be copied");
            }
        }
    }

    /// The program, about to start in this folder: without the variables of whoever runs the
    /// tests, without colours, with box-drawing characters.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlspec"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            // What runs keep must not meet what the user's own have kept.
            .env("MLSPEC_CACHE_DIR", self.cache.path())
            .env("MLSPEC_NO_CACHE", "1")
            .stdin(Stdio::null());
        // Windows starts no program without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    /// The folder that the program keeps results in.
    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// The same as `command`, with results kept in the cache of this workspace.
    pub fn caching(&self) -> Command {
        let mut command = self.command();
        command.env_remove("MLSPEC_NO_CACHE");
        command
    }

    /// Runs the program with these arguments until it ends.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::new(&self.command().args(arguments).output().expect("the program starts"))
    }

    /// Starts the program with its streams in pipes.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; none where a signal ended the process.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        Self {
            status: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Asserts the exit status, and that nothing crashed on the way.
    #[track_caller]
    pub fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self}");
        for crash in ["panicked at", "RUST_BACKTRACE", "run::panicked", "spec::internal"] {
            let quiet = !self.stdout.contains(crash) && !self.stderr.contains(crash);
            assert!(quiet, "{crash}: {self}");
        }
        self
    }

    /// Asserts that standard output has all of these texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stdout.contains(text), "no {text:?} in {self}");
        }
        self
    }

    /// Asserts that standard error has all of these texts.
    #[track_caller]
    pub fn complains(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in {self}");
        }
        self
    }

    /// Asserts that neither stream has this text.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "{text:?} in {self}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, stdout, stderr } = self;
        write!(f, "exit status {status:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// Runs a script of node, which is told where the program is, and fails with what it says.
#[track_caller]
pub fn passes_in_node(script: &Path) {
    let mut command = Command::new("node");
    command.arg(script).arg(env!("CARGO_BIN_EXE_mlspec"));
    let output = command.output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{failed}");
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{} can be listed: {error}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry can be read").file_name())
        .map(|name| name.into_string().expect("names of test files are UTF-8"))
        .collect();
    names.sort();
    names
}

fn copy_folder(source: &Path, target: &Path) {
    fs::create_dir_all(target).expect("a folder can be made");
    for name in names(source) {
        let (source, target) = (source.join(&name), target.join(&name));
        if source.is_dir() {
            copy_folder(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a file can be copied");
        }
    }
}

/// Sets every duration of a JSON report to zero, so that two reports can be compared.
pub fn without_durations(report: &mut Value) {
    match report {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "duration_ms" {
                    *value = Value::from(0);
                } else {
                    without_durations(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_durations),
        _ => {}
    }
}
