//! What can be written at a place of a spec.

use std::ops::Range;

use super::View;

/// One thing that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What the list shows, and what the client filters by.
    pub label: String,
    pub kind: CompletionKind,
    /// A few words beside the label.
    pub detail: Option<String>,
    /// Markdown.
    pub documentation: Option<String>,
    /// The bytes that `insert` replaces: on one line, around the offset.
    pub range: Range<usize>,
    pub insert: Insert,
}

/// What takes the place of the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insert {
    Text(String),
    /// With places to fill in, as the protocol writes them: `alpha: ${1:1.0}`. A client without snippets
    /// gets the text without the places.
    Snippet(String),
}

/// What a completion is, for the icon beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A key of the language or a parameter.
    Key,
    /// A model, a step, a metric, a split, a source.
    Kind,
    /// A value out of a list, `true`, `false`.
    Value,
    Column,
    Class,
    /// The name that a spec gives a metric or a slice.
    Name,
    /// A function of SQL.
    Function,
    File,
    Folder,
    Snippet,
}

/// What can be written at an offset, the likeliest first.
pub fn complete(_view: &View<'_>, _offset: usize) -> Vec<Completion> {
    Vec::new()
}
