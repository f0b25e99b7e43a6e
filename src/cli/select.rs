//! Turns paths and tags of the command line into spec files, sorted by path.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::args::Selection;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::session::tags_of;

/// The files to judge, and what was wrong with the paths.
pub struct Selected {
    pub paths: Vec<PathBuf>,
    pub findings: Vec<Diagnostic>,
}

/// Finds the specs. A file that is named is taken whatever its name; folders are searched with
/// ignore files respected and hidden folders skipped.
pub fn select(selection: &Selection) -> Selected {
    let mut found = Vec::new();
    let mut findings = Vec::new();
    for path in &selection.paths {
        if path.is_dir() {
            search(path, &mut found, &mut findings);
        } else if path.exists() {
            found.push(path.clone());
        } else {
            let place = Place::File { path: path.clone() };
            findings.push(
                Diagnostic::error(
                    Code::FileMissing,
                    place,
                    format!("{} does not exist", path.display()),
                )
                .help("paths are relative to the working directory"),
            );
        }
    }
    found.sort_by(|a, b| plain(a).cmp(plain(b)));
    found.dedup_by(|a, b| plain(a) == plain(b));
    if !selection.tag.is_empty() {
        // A spec that cannot be read might have the tag, so it stays, to be reported.
        found.retain(|path| {
            tags_of(path).is_none_or(|tags| tags.iter().any(|tag| selection.tag.contains(tag)))
        });
    }
    if found.is_empty() && findings.is_empty() {
        let asked: Vec<String> =
            selection.paths.iter().map(|path| path.display().to_string()).collect();
        let place = Place::Flag { name: asked.join(" ") };
        let message = match selection.tag.as_slice() {
            [] => "no spec was found".to_owned(),
            tags => format!("no spec has the tag {}", tags.join(" or ")),
        };
        findings.push(Diagnostic::error(Code::NoSpecs, place, message).help(
            match selection.tag.as_slice() {
                [] => "specs are files named *.mlspec.yaml or *.mlspec.yml",
                _ => "tags stand at the top of a spec: `tags: [smoke]`",
            },
        ));
    }
    Selected { paths: found, findings }
}

/// A path without a leading `./`, so that both spellings are one file.
fn plain(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

fn search(folder: &Path, found: &mut Vec<PathBuf>, findings: &mut Vec<Diagnostic>) {
    for entry in WalkBuilder::new(folder).require_git(false).build() {
        match entry {
            Ok(entry) => {
                let name = entry.file_name().to_string_lossy();
                let is_spec = name.ends_with(".mlspec.yaml") || name.ends_with(".mlspec.yml");
                if is_spec && entry.file_type().is_some_and(|kind| !kind.is_dir()) {
                    found.push(entry.into_path());
                }
            }
            Err(error) => {
                let place = Place::File { path: folder.to_owned() };
                findings.push(Diagnostic::error(
                    Code::FileUnreadable,
                    place,
                    format!("a folder cannot be searched: {error}"),
                ));
            }
        }
    }
}
