//! Paths to the spec files that they name or hold, sorted, each once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::order::by_path;
use crate::diagnostic::{Code, Diagnostic, Place};

/// Finds the specs. A file that is named is taken whatever its name. Folders are searched with ignore
/// files respected and hidden folders skipped; links to files and folders are followed.
pub(super) fn discover(paths: &[PathBuf], findings: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            search(path, &mut found, findings);
        } else if path.exists() {
            found.push(path.clone());
        } else {
            let message = format!("{} does not exist", path.display());
            findings.push(
                Diagnostic::error(Code::FileMissing, Place::File { path: path.clone() }, message)
                    .help("paths are relative to the working directory"),
            );
        }
    }
    found.sort_by(|a, b| by_path(a, b));
    once(found)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>, findings: &mut Vec<Diagnostic>) {
    for entry in WalkBuilder::new(folder).require_git(false).follow_links(true).build() {
        match entry {
            Ok(entry) => {
                if is_spec(entry.path()) && entry.file_type().is_some_and(|kind| !kind.is_dir()) {
                    found.push(entry.into_path());
                }
            }
            Err(error) if is_harmless(&error) => {}
            Err(error) => findings.push(Diagnostic::error(
                Code::FileUnreadable,
                Place::File { path: folder.to_owned() },
                format!("a folder cannot be searched: {error}"),
            )),
        }
    }
}

fn is_spec(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".mlspec.yaml") || name.ends_with(".mlspec.yml")
}

/// A link back to a folder above leads to nothing new. A link to nothing matters only where it should
/// have been a spec.
fn is_harmless(error: &ignore::Error) -> bool {
    use ignore::Error;
    match error {
        Error::Loop { .. } => true,
        Error::WithDepth { err, .. } | Error::WithLineNumber { err, .. } => is_harmless(err),
        Error::WithPath { path, err } => {
            let is_link = path.symlink_metadata().is_ok_and(|found| found.is_symlink());
            is_harmless(err) || (is_link && !path.exists() && !is_spec(path))
        }
        Error::Partial(_)
        | Error::Io(_)
        | Error::Glob { .. }
        | Error::UnrecognizedFileType(_)
        | Error::InvalidDefinition => false,
    }
}

/// Each spec once, though links may lead to a folder by several ways: the one without links stays, else
/// the first. A link to a spec is a spec of its own, because paths inside it are relative to the folder
/// where the link lies.
fn once(found: Vec<PathBuf>) -> Vec<PathBuf> {
    let identity = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    let mut kept: Vec<PathBuf> = Vec::with_capacity(found.len());
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    for path in found {
        let identity = identity(&path).unwrap_or_else(|| path.clone());
        match places.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push(path);
            }
            Entry::Occupied(entry) => {
                if std::path::absolute(&path).is_ok_and(|straight| straight == *entry.key()) {
                    kept[*entry.get()] = path;
                }
            }
        }
    }
    kept.sort_by(|a, b| by_path(a, b));
    kept
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(folder: &Path) -> (Vec<String>, usize) {
        let mut findings = Vec::new();
        let found = discover(&[folder.to_owned()], &mut findings);
        let shown = |path: &PathBuf| {
            let path = path.strip_prefix(folder).unwrap_or(path);
            path.to_string_lossy().replace('\\', "/")
        };
        (found.iter().map(shown).collect(), findings.len())
    }

    #[test]
    fn folders_are_searched_without_what_is_hidden_or_ignored() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b/x.mlspec.yaml",
            "a.mlspec.yml",
            ".hidden/y.mlspec.yaml",
            "old/z.mlspec.yaml",
            "c.yaml",
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::write(folder.path().join(".gitignore"), "old/\n").unwrap();
        assert_eq!(names(folder.path()).0, ["a.mlspec.yml", "b/x.mlspec.yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_never_in_circles() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        fs::create_dir_all(at("specs")).unwrap();
        fs::create_dir_all(at("other")).unwrap();
        fs::write(at("specs/a.mlspec.yaml"), "").unwrap();
        symlink(at("specs"), at("again")).unwrap();
        symlink(&root, at("specs/above")).unwrap();
        symlink(at("specs/a.mlspec.yaml"), at("other/b.mlspec.yaml")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        let (found, findings) = names(&root);
        assert_eq!(found, ["other/b.mlspec.yaml", "specs/a.mlspec.yaml"]);
        assert_eq!(findings, 0);
        symlink(at("nowhere"), at("other/c.mlspec.yaml")).unwrap();
        assert_eq!(names(&root).1, 1, "a spec that a link promises is missed");
    }
}
