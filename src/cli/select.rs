//! The wishes of the command line to the specs that are run.

use super::args::{Rerun, Selection};
use super::output::{complain, look};
use crate::report::terminal;
use crate::session::findings_in;
use crate::store::Store;
use crate::suite::{self, Changed, Project, Selected, filter};

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
        suite::select(suite::Selection {
            paths: &selection.paths,
            tags: &selection.tag,
            filters: &filters,
            rerun: selection.rerun.map(|Rerun::Failed| suite::Rerun::Failed),
            changed: changed.as_ref(),
            partition: selection.partition,
            store,
            root: &project.root,
        })
    })
}
