//! The values that can stand at a place: out of a list, true and false, names of the data, a default; and what
//! a map or a list can begin with.

use serde_json::Value;

use super::asked::{Asked, escaped};
use super::keys::{entry, of_map, written};
use super::{Completion, CompletionKind, Insert, listed, names};
use crate::spec::Place;
use crate::text::{Ask, Form};

/// The values at the cursor.
pub fn values(asked: &Asked<'_>) -> Vec<Completion> {
    let Some(place) = &asked.place else { return Vec::new() };
    let opens = matches!(asked.site().ask, Ask::Opening { .. } | Ask::Item);
    let lead = asked.lead();
    let is_item = lead == "- ";
    let inner = if is_item || matches!(asked.site().ask, Ask::Item) { place.item() } else { None };
    let of = if is_item { inner.as_ref() } else { Some(place) };
    let Some(of) = of else { return Vec::new() };
    let mut found = scalars(asked, of, asked.site().form, |text| format!("{lead}{text}"));
    if asked.is_plain() {
        found.extend(maps(asked, of, lead, opens));
        if !opens && of.takes("array") && !of.takes("string") && !of.types().is_empty() {
            found.extend(lists(asked, of, lead));
        }
    }
    found
}

/// What is written as one scalar.
fn scalars(
    asked: &Asked<'_>,
    of: &Place<'_>,
    form: Form,
    write: impl Fn(&str) -> String,
) -> Vec<Completion> {
    let mut found = names::values(asked, of, form, &write);
    found.extend(listed::values(asked, form, &write));
    let kinds = kinds(of);
    for choice in of.choices() {
        let Some(label) = label(&choice.value) else { continue };
        let kind = kinds.iter().find(|(name, _)| *name == label);
        if !asked.fits_task(&label, kind.and_then(|(_, kind)| kind.definition())) {
            continue;
        }
        let Some(text) = spelt(asked, &choice.value, form) else { continue };
        let what = if kind.is_some() { CompletionKind::Kind } else { CompletionKind::Value };
        let Some(completion) = asked.completion(label, what, Insert::Text(write(&text))) else {
            continue;
        };
        let is_default = of.default() == Some(&choice.value);
        let note = kind.and_then(|(_, kind)| kind.note()).map(ToOwned::to_owned);
        let doc = kind.and_then(|(_, kind)| kind.doc()).or(choice.doc);
        found.push(Completion {
            detail: note.or_else(|| is_default.then(|| "default".to_owned())),
            documentation: doc.map(ToOwned::to_owned),
            ..completion
        });
    }
    if of.choices().is_empty() && of.names().is_none() {
        let shown = of.default().map(|value| (value, "default"));
        if let Some((value, detail)) =
            shown.or_else(|| of.example().map(|value| (value, "example")))
            && let (Some(label), Some(text)) = (label(value), spelt(asked, value, form))
            && let Some(completion) =
                asked.completion(label, CompletionKind::Value, Insert::Text(write(&text)))
        {
            let documentation = of.doc().map(ToOwned::to_owned);
            found.push(Completion { detail: Some(detail.to_owned()), documentation, ..completion });
        }
    }
    found
}

/// The kinds that a map here can name.
fn kinds<'g>(of: &Place<'g>) -> Vec<(&'g str, Place<'g>)> {
    if of.is_single() { of.keys() } else { Vec::new() }
}

/// What a list shows of a scalar.
fn label(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A scalar as it has to be written here; none where quotes stand around something else.
fn spelt(asked: &Asked<'_>, value: &Value, form: Form) -> Option<String> {
    match value {
        Value::String(text) => asked.scalar_in(text, form),
        _ => asked.is_plain().then(|| value.to_string()),
    }
}

/// The first key of a map: on the line as it is where a map can open, else in brackets.
fn maps(asked: &Asked<'_>, of: &Place<'_>, lead: &str, opens: bool) -> Vec<Completion> {
    if !of.takes("object") {
        return Vec::new();
    }
    let open = opens && !asked.is_flow();
    if !open && !of.is_single() {
        return Vec::new();
    }
    let others = if asked.site().node == 0 { asked.other_keys() } else { Vec::new() };
    let write = |name: &str, of: Option<&Place<'_>>| {
        if !open {
            let map = format!("{lead}{{ {}: {{$1\\}} \\}}", escaped(name));
            return Some(Insert::Snippet(map));
        }
        Some(match entry(&asked.scalar(name)?, of, false) {
            Insert::Text(text) => Insert::Text(format!("{lead}{text}")),
            Insert::Snippet(text) => Insert::Snippet(format!("{lead}{text}")),
        })
    };
    of_map(asked, of, &others, &write)
}

/// The first item of a list in brackets.
fn lists(asked: &Asked<'_>, of: &Place<'_>, lead: &str) -> Vec<Completion> {
    let Some(item) = of.item() else { return Vec::new() };
    let mut found = scalars(asked, &item, Form::Flow, |text| text.to_owned());
    for completion in &mut found {
        if let Insert::Text(text) = &completion.insert {
            completion.insert = Insert::Snippet(format!("{lead}[{}$1]", escaped(text)));
        }
    }
    if let (true, Some(example)) = (found.is_empty(), of.example()) {
        let text = written(example, Form::Block);
        let insert = Insert::Text(format!("{lead}{text}"));
        let completion = asked.completion(text, CompletionKind::Value, insert);
        found.extend(completion.map(|each| Completion {
            detail: Some("example".to_owned()),
            documentation: of.doc().map(ToOwned::to_owned),
            ..each
        }));
    }
    found
}
