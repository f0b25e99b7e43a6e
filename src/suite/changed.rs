//! A revision of git to the files that changed since, and so to the specs that may come to something else.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output};

use super::project::{Project, SETTINGS};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::session::{files_of, glob_matches, inputs_of};

/// The files of a repository that differ from a revision.
#[derive(Debug)]
pub struct Changed {
    /// As it was typed.
    pub since: String,
    /// The root of the repository, absolute and without links.
    root: PathBuf,
    /// Absolute. Files that are gone are among them.
    files: HashSet<PathBuf>,
    /// Whether the settings of the project are among them, so that all specs are.
    all: bool,
}

impl Changed {
    /// Asks git what was changed, added or removed since `since`, committed or not, in the repository of the
    /// project. Files that git ignores are not seen.
    ///
    /// # Errors
    /// There is no git, no repository, or no such revision.
    pub fn since(since: &str, project: &Project) -> Result<Self, Diagnostic> {
        let refuse = |message: String, help: &str| {
            let flag = Place::Flag { name: format!("--changed-since {since}") };
            Diagnostic::error(Code::Revision, flag, message).help(help)
        };
        let git = |folder: &Path, arguments: &[&str]| {
            git(folder, arguments).map_err(|error| {
                let help = "`--changed-since` asks git what changed: install it, or choose specs in another way";
                match error.kind() {
                    ErrorKind::NotFound => refuse("there is no program `git`".to_owned(), help),
                    _ => refuse(format!("git cannot be started: {error}"), help),
                }
            })
        };
        let root = git(&project.root, &["rev-parse", "--show-toplevel"])?;
        if !root.status.success() {
            let (message, help) = match said(&root) {
                Some(said) if said.contains("dubious ownership") => (
                    format!("git says: {said}"),
                    "`git config --global --add safe.directory FOLDER` lets git trust the folder of another user",
                ),
                Some(said) if !said.contains("not a git repository") => {
                    (format!("git says: {said}"), "see what git says there by itself")
                }
                _ => (
                    format!("{} is in no git repository", project.root.display()),
                    "run it inside of a clone",
                ),
            };
            return Err(refuse(message, help));
        }
        let root =
            PathBuf::from(os_string(root.stdout.strip_suffix(b"\n").unwrap_or(&root.stdout)));
        let root = root.canonicalize().unwrap_or(root);
        let commit = format!("{since}^{{commit}}");
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit];
        let commit = git(&root, &verify)?;
        if !commit.status.success() {
            return Err(refuse(
                format!("git knows no revision `{since}`"),
                "name a branch, a tag or a commit; a shallow clone has only the latest commits: fetch more of them",
            ));
        }
        let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
        let diff = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-relative"];
        let diff = git(&root, &[&diff[..], &[commit.as_str(), "--"]].concat())?;
        let others = git(&root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let mut files = HashSet::new();
        for output in [diff, others] {
            if !output.status.success() {
                let said = said(&output).unwrap_or_default();
                return Err(refuse(
                    format!("git says: {said}"),
                    "see what git says there by itself",
                ));
            }
            let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            files.extend(names.map(|name| root.join(os_string(name))));
        }
        let settings = [project.settings.clone(), Some(project.root.join(SETTINGS))];
        let all = settings.iter().flatten().any(|file| files.contains(&straight(file)));
        Ok(Self { since: since.to_owned(), root, files, all })
    }

    /// What is wrong with asking for specs outside of the repository, of which git says nothing.
    pub(super) fn outside(&self, paths: &[PathBuf]) -> Option<Diagnostic> {
        let path = paths.iter().find(|path| !straight(path).starts_with(&self.root))?;
        let message = format!("{} lies outside of the git repository", path.display());
        let flag = Place::Flag { name: format!("--changed-since {}", self.since) };
        Some(
            Diagnostic::error(Code::Revision, flag, message)
                .help("run it in the repository of the specs, or leave the flag out"),
        )
    }

    /// Whether a spec, or a file that it reads, is among those that changed. A spec of which nobody can tell what it
    /// reads may be.
    pub fn touches(&self, spec: &Path) -> bool {
        self.all || self.has(spec) || inputs_of(spec).is_none_or(|inputs| self.reaches(&inputs))
    }

    /// Of what lies outside of the repository nobody can tell.
    fn reaches(&self, inputs: &[PathBuf]) -> bool {
        inputs.iter().any(|input| {
            !straight(input).starts_with(&self.root)
                || self.has(input)
                || files_of(input).iter().any(|file| self.has(file))
                || self.has_match(input)
        })
    }

    /// Whether a file changed, or what it links to, or the repository inside of this one that holds it.
    fn has(&self, file: &Path) -> bool {
        let lists = |path: &Path| path.ancestors().any(|above| self.files.contains(above));
        lists(&straight(file)) || file.canonicalize().is_ok_and(|target| lists(&target))
    }

    /// Whether a pattern matches a file that changed, which may be gone.
    fn has_match(&self, pattern: &Path) -> bool {
        let pattern = parts(&straight(pattern));
        self.files.iter().any(|file| {
            let file = parts(file);
            file.len() == pattern.len()
                && pattern.iter().zip(&file).all(|(pattern, part)| glob_matches(pattern, part))
        })
    }
}

fn parts(path: &Path) -> Vec<String> {
    path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

/// The path without links and detours in the folders above it, as far as these are there.
fn straight(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let Some(parent) = path.parent() else { return path };
    let mut known = parent;
    let mut rest = vec![path.file_name().unwrap_or_default()];
    loop {
        if let Ok(resolved) = known.canonicalize() {
            let mut whole = resolved;
            for part in rest.iter().rev() {
                whole.push(part);
            }
            return tidy(&whole);
        }
        let Some(above) = known.parent() else { return tidy(&path) };
        rest.push(known.file_name().unwrap_or("..".as_ref()));
        known = above;
    }
}

/// The path with its `..` taken out, where what is before them is not there to be asked.
fn tidy(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}

fn git(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    // Messages in one language, and no lock for a mere look.
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").output()
}

/// The first line of what git complains of.
fn said(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    Some(line.strip_prefix("fatal: ").unwrap_or(line).to_owned())
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
