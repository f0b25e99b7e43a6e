//! The keys that a map can still get: the language's, the names of a threshold, and columns and classes where
//! those are keys.

use serde_json::Value;

use super::asked::{Asked, escaped};
use super::{Completion, CompletionKind, Insert, names, thresholds};
use crate::diagnostic::Segment;
use crate::spec::{Guide, Place};
use crate::text::{Ask, Form, spelled};

/// What writes a key, given what may stand under it; none where the key cannot be written.
pub type Write<'w> = &'w dyn Fn(&str, Option<&Place<'_>>) -> Option<Insert>;

/// The keys at the cursor.
pub fn keys(asked: &Asked<'_>) -> Vec<Completion> {
    let Some(place) = &asked.place else { return Vec::new() };
    let colon = matches!(asked.site().ask, Ask::Key { colon: true });
    let write = |name: &str, of: Option<&Place<'_>>| {
        let key = asked.scalar(name)?;
        Some(match colon || !asked.is_plain() {
            true => Insert::Text(key),
            false => entry(&key, of, asked.is_flow()),
        })
    };
    of_map(asked, place, &asked.other_keys(), &write)
}

/// The keys that a map can have beside others: names of the spec and the data first.
pub fn of_map(
    asked: &Asked<'_>,
    place: &Place<'_>,
    others: &[String],
    write: Write<'_>,
) -> Vec<Completion> {
    let mut found = thresholds::keys(asked, others, write);
    if asked.route.segments().is_empty() && others.is_empty() && !asked.is_flow() {
        found.extend(new_spec(asked));
    }
    if asked.typed().contains('@') {
        return found;
    }
    found.extend(names::keys(asked, place, others, write));
    let mut keys = place.keys();
    let over = searched(asked);
    if let Some(model) = &over {
        keys = model.keys();
    }
    let free = |name: &str| !others.iter().any(|other| other == name) && place.admits(name, others);
    let fits = |name: &str, of: &Place<'_>| free(name) && asked.fits_task(name, of.definition());
    for (name, of) in keys.into_iter().filter(|(name, of)| fits(name, of)) {
        let is_kind = of.definition().is_some();
        let kind = if is_kind { CompletionKind::Kind } else { CompletionKind::Key };
        let required = place.requires(name).then(|| "required".to_owned());
        let under = if over.is_some() { place.under(name) } else { None };
        let Some(insert) = write(name, Some(under.as_ref().unwrap_or(&of))) else { continue };
        found.extend(asked.completion(name, kind, insert).map(|each| Completion {
            detail: of.note().map(ToOwned::to_owned).or(required),
            documentation: of.doc().map(ToOwned::to_owned),
            ..each
        }));
    }
    found
}

/// A whole spec to fill in, where there is none yet.
fn new_spec(asked: &Asked<'_>) -> Option<Completion> {
    const BODY: &str = "version: 1\ndata:\n  path: ${1:data.csv}\n  target: ${2:target}\nmodel:\n  ${3:logistic_regression}: {}\nthresholds:\n  ${4:accuracy}: \"> ${5:0.8}\"\n";
    let insert = Insert::Snippet(BODY.to_owned());
    let completion = asked.completion("new spec", CompletionKind::Snippet, insert)?;
    Some(Completion { documentation: Some("A whole spec to fill in.".to_owned()), ..completion })
}

/// The parameters of the model that a search is about, where the cursor is in its `over`.
fn searched(asked: &Asked<'_>) -> Option<Place<'static>> {
    let [.., Segment::Key(kind), Segment::Key(key)] = asked.route.segments() else { return None };
    if (&**kind, &**key) != ("search", "over") {
        return None;
    }
    let sketch = &asked.sketch;
    let search = sketch.nodes()[asked.site().node].parent?;
    let model = sketch.child(search, "model")?;
    let kind = sketch.children(model).find_map(|child| sketch.key(child))?;
    let route = [Segment::Key("model".into()), Segment::Key(kind.into())];
    Guide::get().at(&route)
}

/// A key with what most want behind it.
pub fn entry(name: &str, of: Option<&Place<'_>>, flow: bool) -> Insert {
    let Some(of) = of else { return Insert::Text(format!("{name}: ")) };
    let name_in_snippet = escaped(name);
    let is_kind = of.definition().is_some();
    let scalar = ["string", "number", "integer", "boolean"].iter().any(|kind| of.takes(kind));
    if is_kind {
        return Insert::Snippet(format!("{name_in_snippet}: {{$1}}"));
    }
    if !scalar {
        return match (flow, of.takes("array")) {
            // Values to try are written as a list on one line.
            (false, true) if of.takes("object") => {
                Insert::Snippet(format!("{name_in_snippet}: [$1]"))
            }
            (false, _) => Insert::Text(format!("{name}:")),
            (true, true) => Insert::Snippet(format!("{name_in_snippet}: [$1]")),
            (true, false) => Insert::Snippet(format!("{name_in_snippet}: {{$1}}")),
        };
    }
    let is_named = of.names().is_some();
    let shown = of.default().or_else(|| of.example()).filter(|_| !is_named);
    let form = if flow { Form::Flow } else { Form::Block };
    let choices = of.choices();
    let only = match &choices[..] {
        [only] if of.types().is_empty() => Some(&only.value),
        _ => None,
    };
    match (only, shown) {
        (Some(only), _) => Insert::Text(format!("{name}: {}", written(only, form))),
        (None, Some(shown)) => {
            Insert::Snippet(format!("{name_in_snippet}: ${{1:{}}}", escaped(&written(shown, form))))
        }
        (None, None) => Insert::Text(format!("{name}: ")),
    }
}

/// A value of JSON as YAML on one line.
pub fn written(value: &Value, form: Form) -> String {
    match value {
        Value::String(text) => spelled(text, form),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| written(item, Form::Flow)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| {
                format!("{}: {}", spelled(key, Form::Flow), written(value, Form::Flow))
            };
            let entries: Vec<String> = map.iter().map(entry).collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
