//! Where diagnostics lie in a spec's text, as lines and columns or as bytes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use crate::outcome::SpecOutcome;
use crate::text::Document;

/// A range of a spec: lines and columns count from 1, columns in characters, ends are exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub path: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// The bytes of the spec that a place means, and the aliases that lead there; nothing for places
/// outside the spec.
pub fn bytes(document: &Document, place: &Place) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    match place {
        Place::Spec { route, part, within } => {
            let located = document.locate(route, *part, within.clone());
            Some((located.span, located.via))
        }
        Place::Text { range } => Some((range.clone(), Vec::new())),
        Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => None,
    }
}

/// The lines and columns of a place in a spec.
pub fn location(spec: &SpecOutcome, place: &Place) -> Option<Location> {
    let (span, _) = bytes(&spec.document, place)?;
    Some(location_of(spec, &span))
}

/// The lines and columns of a range of bytes.
pub fn location_of(spec: &SpecOutcome, span: &Range<usize>) -> Location {
    let source = spec.document.source();
    let (start, end) = (source.position(span.start), source.position(span.end));
    Location {
        path: spec.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// A place outside the spec, in words: `data/a.csv, row 3, column x`.
pub fn words(place: &Place) -> Option<String> {
    match place {
        Place::Data { path, row, column } => {
            let mut words = path.to_string_lossy().replace('\\', "/");
            if let Some(row) = row {
                words.push_str(&format!(", row {row}"));
            }
            if let Some(column) = column.as_ref().filter(|column| !column.is_empty()) {
                words.push_str(&format!(", column `{column}`"));
            }
            Some(words)
        }
        Place::File { path } => Some(path.to_string_lossy().replace('\\', "/")),
        Place::Flag { name } => Some(name.clone()),
        Place::Spec { .. } | Place::Text { .. } => None,
    }
}
