//! Narrows what was found to what is asked for, and says which wish left nothing.

use std::path::{Path, PathBuf};

use super::changed::Changed;
use super::discover::discover;
use super::filter::{Filter, Last, Needs, Subject};
use super::partition::{Partition, below};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::session::{Facts, facts_of};
use crate::store::Store;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// Files, and folders to search.
    pub paths: &'a [PathBuf],
    /// Any of them; none: all specs.
    pub tags: &'a [String],
    /// Any of them, as typed and as parsed; none: all specs.
    pub filters: &'a [(String, Filter)],
    pub rerun: Option<Rerun>,
    /// Those that a change since a revision touches; none: all.
    pub changed: Option<&'a Changed>,
    pub partition: Option<Partition>,
    /// Where last runs are kept.
    pub store: Option<&'a Store>,
    /// The folder of the project.
    pub root: &'a Path,
}

/// Which specs to run once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// Those that did not pass when they were last run.
    Failed,
}

/// The specs to run, and what was wrong with the paths.
#[derive(Debug, Default)]
pub struct Selected {
    /// In the order of reports.
    pub paths: Vec<PathBuf>,
    pub findings: Vec<Diagnostic>,
    /// Why there is none, where nothing is wrong with that.
    pub none: Option<String>,
    /// Parts of the filters that hold for no spec that was found.
    pub unmatched: Vec<String>,
}

/// Finds the specs and keeps those that are asked for. A spec that cannot be read, so that nobody knows
/// whether it is meant, is kept, to be reported.
pub fn select(selection: Selection<'_>) -> Selected {
    let mut findings = Vec::new();
    let mut paths = discover(selection.paths, &mut findings);
    if paths.is_empty() && findings.is_empty() {
        let asked: Vec<String> =
            selection.paths.iter().map(|path| path.display().to_string()).collect();
        findings.push(
            nothing(&asked.join(" "), "no spec was found")
                .help("specs are files named *.mlspec.yaml or *.mlspec.yml"),
        );
        return Selected { findings, ..Selected::default() };
    }
    let some_were_found = !paths.is_empty();
    let mut unmatched = Vec::new();
    match narrow(&mut paths, selection) {
        Ok(parts) if some_were_found => unmatched = parts,
        Err(diagnostic) if some_were_found => findings.push(*diagnostic),
        Ok(_) | Err(_) => {}
    }
    let mut none = None;
    if let Some(changed) = selection.changed
        && !paths.is_empty()
    {
        if let Some(finding) = changed.outside(&paths) {
            return Selected { findings: vec![finding], ..Selected::default() };
        }
        paths.retain(|path| changed.touches(path));
        if paths.is_empty() {
            none = Some(format!("nothing that a spec hangs on changed since {}", changed.since));
        }
    }
    let in_all_parts = paths.len();
    if let Some(partition) = selection.partition {
        paths = partition.of(paths, selection.root);
        if paths.is_empty() && in_all_parts > 0 {
            // With more parts than specs some are empty.
            none = Some(format!("no spec is in this part of {in_all_parts}"));
        }
    }
    Selected { paths, findings, none, unmatched }
}

fn nothing(asked: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::NoSpecs, Place::Flag { name: asked.to_owned() }, message)
}

/// Narrows to what tags, filters and last runs say; the parts of filters that hold for no spec at all.
///
/// # Errors
/// The wish that leaves no spec.
fn narrow(
    paths: &mut Vec<PathBuf>,
    selection: Selection<'_>,
) -> Result<Vec<String>, Box<Diagnostic>> {
    let Selection { tags, filters, rerun, store, root, .. } = selection;
    let needs = filters
        .iter()
        .map(|(_, filter)| filter.needs())
        .fold(Needs::default(), |a, b| Needs { facts: a.facts || b.facts, last: a.last || b.last });
    let last = |path: &Path| Some(store?.last(path)?.status());
    let subject = |path: &PathBuf| Subject {
        paths: [shown(path), below(path, root)].to_vec(),
        facts: if needs.facts || !tags.is_empty() { facts_of(path) } else { None },
        last: if needs.last { last(path) } else { None },
    };
    let subjects: Vec<Subject> = paths.iter().map(subject).collect();
    let unmatched = |(text, filter): &(String, Filter)| -> Vec<String> {
        filter.unmatched(&subjects).into_iter().map(|at| text[at].to_owned()).collect()
    };
    let unmatched = filters.iter().flat_map(unmatched).collect();
    let mut subjects: Vec<(PathBuf, Subject)> = paths.drain(..).zip(subjects).collect();
    if !tags.is_empty() {
        subjects.retain(|(_, subject)| {
            let tagged = |facts: &Facts| facts.tags.iter().any(|tag| tags.contains(tag));
            subject.facts.as_ref().is_none_or(tagged)
        });
        if subjects.is_empty() {
            let asked = tags.join(" or ");
            return Err(Box::new(
                nothing(&asked, format!("no spec has the tag {asked}"))
                    .help("tags stand at the top of a spec: `tags: [smoke]`"),
            ));
        }
    }
    if !filters.is_empty() {
        subjects.retain(|(_, subject)| {
            let mut sure = true;
            let any = filters.iter().any(|(_, filter)| {
                let matches = filter.matches(subject);
                sure &= matches.is_some();
                matches == Some(true)
            });
            any || !sure
        });
        if subjects.is_empty() {
            let asked: Vec<&str> = filters.iter().map(|(text, _)| text.as_str()).collect();
            let asked = asked.join(" | ");
            let help = match filters.iter().any(|(_, filter)| filter.needs().last) {
                true => "`status(…)` looks at the last run of each spec on this machine",
                false => {
                    "`mlspec run --filter 'path(~part)'` looks at paths, `name(~part)` at names"
                }
            };
            return Err(Box::new(
                nothing(&asked, format!("no spec matches the filter `{asked}`")).help(help),
            ));
        }
    }
    if let Some(Rerun::Failed) = rerun {
        subjects.retain(|(path, _)| Last::Failed.holds(last(path)));
        if subjects.is_empty() {
            return Err(Box::new(
                nothing("--rerun failed", "no spec failed when it was last run")
                    .help("last runs are kept on this machine, for specs of the paths given"),
            ));
        }
    }
    paths.extend(subjects.into_iter().map(|(path, _)| path));
    Ok(unmatched)
}

/// A path as reports show it.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}
