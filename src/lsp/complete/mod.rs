//! What can be written at a place of a spec, also while the text is no YAML: a sketch of the text says where the
//! cursor is, the schema what may stand there, and what is known of the data which names there are.

mod asked;
mod files;
mod keys;
mod listed;
mod names;
mod sql;
mod thresholds;
mod values;

use std::ops::Range;

use self::asked::Asked;
pub use self::keys::written;
pub use self::sql::is_sql;
use super::View;
use crate::text::{Ask, Environment};

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

/// What can be written at an offset, the likeliest first. Paths are filled in from `environment`.
pub fn complete(view: &View<'_>, offset: usize, environment: &dyn Environment) -> Vec<Completion> {
    let Some(asked) = Asked::at(view, offset) else { return Vec::new() };
    let mut found = match asked.site().ask {
        Ask::Key { .. } => keys::keys(&asked),
        Ask::Value { .. } | Ask::Opening { .. } | Ask::Item => {
            let special = sql::complete(&asked).or_else(|| files::complete(&asked, environment));
            special.unwrap_or_else(|| match asked.typed().ends_with([' ', '\t']) {
                true => Vec::new(),
                false => values::values(&asked),
            })
        }
    };
    // An item that can be a name and the key of a map is one thing to write.
    let mut seen = std::collections::HashSet::new();
    let is_line = |range: &Range<usize>| {
        view.text.get(range.clone()).is_some_and(|text| !text.contains(['\n', '\r']))
    };
    found.retain(|each| is_line(&each.range) && seen.insert(each.label.clone()));
    found
}

#[cfg(test)]
mod tests;
