//! The values of a column where a spec lists some of them: the parts of a split by column, and what a slice expects.

use super::asked::Asked;
use super::names::{other_items, value_text};
use super::{Completion, CompletionKind, Insert};
use crate::diagnostic::Segment;
use crate::text::Form;

/// What the list at the cursor can name; nothing elsewhere.
pub fn values(asked: &Asked<'_>, form: Form, write: &dyn Fn(&str) -> String) -> Vec<Completion> {
    let Some(column) = column(asked) else { return Vec::new() };
    let Some(column) = asked.view.known.and_then(|known| known.column(&column)) else {
        return Vec::new();
    };
    let taken = other_items(asked);
    let offered = column.values.iter().filter(|value| !taken.contains(value));
    let offer = |value: &String| {
        let text = value_text(asked, value, form)?;
        asked.completion(value, CompletionKind::Value, Insert::Text(write(&text)))
    };
    offered.filter_map(offer).collect()
}

/// The column whose values are listed.
fn column(asked: &Asked<'_>) -> Option<String> {
    let keys: Vec<&str> = asked
        .route
        .segments()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Key(key) => Some(&**key),
            Segment::Index(_) => None,
        })
        .collect();
    let (map, named) = match &keys[..] {
        ["data", "split", "by_column", "train" | "test"] => (&keys[..3], "column"),
        ["slices", _, "expect"] => (&keys[..2], "by"),
        _ => return None,
    };
    let sketch = &asked.sketch;
    let map = map.iter().try_fold(0, |node, key| sketch.child(node, key))?;
    sketch.scalar(sketch.child(map, named)?)
}
