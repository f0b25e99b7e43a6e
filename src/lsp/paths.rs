//! The data files that a spec names, where it names them.

use std::ops::Range;
use std::path::PathBuf;

use super::View;
use crate::text::{Kind, Outline};

/// A path in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// Bytes of the tree's text.
    pub range: Range<usize>,
    /// The file, or a pattern that stands for several; absolute where the spec's own path is.
    pub path: PathBuf,
}

/// All paths of a spec, in the order of the text. A URL is none: nothing is fetched.
pub fn paths(view: &View<'_>) -> Vec<NamedPath> {
    let outline = view.document.outline();
    let folder = view.path.parent().map(PathBuf::from).unwrap_or_default();
    let mut found = Vec::new();
    for at in places(&outline) {
        let node = &outline.nodes()[at];
        let Some(path) = node.filled_in.filter(|_| node.kind == Kind::String) else { continue };
        if !path.is_empty() && !path.contains("://") {
            found.push(NamedPath { range: node.span.clone(), path: folder.join(path) });
        }
    }
    found
}

/// Where a spec can name files.
fn places(outline: &Outline<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    let mut source = |at: Option<usize>| {
        let Some(at) = at else { return };
        found.push(outline.child(at, "path").unwrap_or(at));
    };
    if let Some(data) = outline.child(0, "data") {
        for key in ["path", "train", "test"] {
            source(outline.child(data, key));
        }
    }
    let model = outline.child(0, "model");
    if let Some(given) = model.and_then(|model| outline.child(model, "predictions")) {
        source(outline.child(given, "path"));
    }
    found
}
