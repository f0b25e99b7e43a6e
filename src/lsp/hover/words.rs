//! A place of the language as markdown: what it is, its type, its range, its default, an example.

use std::fmt::Write as _;

use crate::lsp::complete::written;
use crate::spec::Place;
use crate::text::Form;

/// A model, a step, a metric, a split or a source.
pub fn about_kind(name: &str, definition: &str, place: &Place<'_>) -> String {
    let noun = definition.split('.').next().unwrap_or_default();
    let note = place.note().map(|note| format!(", {note}")).unwrap_or_default();
    let mut text =
        format!("**{name}** · {noun}{note}\n\n{}", place.doc().unwrap_or_default().trim());
    let parameters: Vec<String> =
        place.keys().iter().map(|(name, _)| format!("`{name}`")).collect();
    if !parameters.is_empty() {
        let _ = write!(text, "\n\nParameters: {}", parameters.join(", "));
    }
    text
}

/// Any other key.
pub fn about_key(name: &str, place: &Place<'_>, required: bool) -> String {
    let required = if required { " · required" } else { "" };
    let mut text = format!("**{name}**{required}");
    if let Some(doc) = place.doc() {
        let _ = write!(text, "\n\n{}", doc.trim());
    }
    let shown = place.default().or_else(|| place.example());
    if let Some(shown) = shown.filter(|_| !text.contains("```")) {
        let _ = write!(text, "\n\n```yaml\n{name}: {}\n```", written(shown, Form::Block));
    }
    text
}
