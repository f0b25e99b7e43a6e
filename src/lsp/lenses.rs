//! What can be done with a spec, written over it.

use std::ops::Range;

use super::View;

/// A command over a place. The client carries it out: the server trains nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    pub range: Range<usize>,
    pub title: &'static str,
    /// What the client knows the command by; its one argument is the spec's URI.
    pub command: &'static str,
}

/// `Run` and `Trace`, over the first key; nothing over a text without one.
pub fn lenses(view: &View<'_>) -> Vec<Lens> {
    let outline = view.document.outline();
    let first = outline.nodes().get(1).and_then(|node| view.to_text(&node.key.clone()?));
    let Some(range) = first else { return Vec::new() };
    [("Run", "mlspec.run"), ("Trace", "mlspec.trace")]
        .map(|(title, command)| Lens { range: range.clone(), title, command })
        .to_vec()
}
