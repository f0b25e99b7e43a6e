//! The wishes of the command line to the specs that are run.

use std::path::PathBuf;

use super::args::{Rerun, Selection};
use super::output::{complain, look};
use crate::report::terminal;
use crate::session::findings_in;
use crate::store::Store;
use crate::suite::{self, Changed, Project, Selected, below, filter};

/// Finds the specs that are asked for; none where a filter is not understood, which is then said.
pub fn select(selection: &Selection, store: Option<&Store>, project: &Project) -> Option<Selected> {
    let mut filters = Vec::new();
    let mut understood = true;
    for text in &selection.filter {
        match filter::parse(text) {
            Ok(filter) => filters.push((text.clone(), filter)),
            Err(found) => {
                complain(&terminal::diagnostics(&findings_in("--filter", text, found), look()));
                understood = false;
            }
        }
    }
    let mut changed = None;
    if let Some(since) = &selection.changed_since
        && understood
    {
        match Changed::since(since, project) {
            Ok(found) => changed = Some(found),
            Err(found) => {
                complain(&terminal::loose(&[found], look()));
                understood = false;
            }
        }
    }
    understood.then(|| {
        let mut selected = suite::select(suite::Selection {
            paths: &selection.paths,
            tags: &selection.tag,
            filters: &filters,
            rerun: selection.rerun.map(|Rerun::Failed| suite::Rerun::Failed),
            changed: changed.as_ref(),
            partition: selection.partition,
            store,
            root: &project.root,
        });
        // What the settings filter for the whole project need not be in the part of it that was asked for.
        let is_all = |path: &PathBuf| below(path, &project.root).is_empty();
        if !selection.filter_is_typed && !selection.paths.iter().any(is_all) {
            selected.unmatched.clear();
        }
        selected
    })
}
