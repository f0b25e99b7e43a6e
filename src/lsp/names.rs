//! The names of metrics and slices: where an author gives them, and where the keys of thresholds use
//! them. Definitions, references and renames are read off this list.

use std::ops::Range;

use crate::text::{Document, Kind, Outline};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Metric,
    Slice,
}

/// What a place does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The author chose it here: the value of `as`, the key of a slice.
    Given,
    /// A metric of the catalogue is listed under its own name.
    Listed,
    Used,
}

/// A name in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub of: Of,
    pub role: Role,
    pub text: String,
    /// Bytes of the tree's text: the name alone where it stands there letter by letter, else all of the
    /// scalar that it is written in.
    pub range: Range<usize>,
    /// Where it does not: what the scalar says before and behind the name.
    pub around: Option<(String, String)>,
}

impl Name {
    /// What to write in the place of `range` for another name.
    pub fn replaced_by(&self, name: &str) -> String {
        match &self.around {
            None => name.to_owned(),
            // JSON's quotes and escapes are YAML's as well.
            Some((before, behind)) => {
                serde_json::Value::from(format!("{before}{name}{behind}")).to_string()
            }
        }
    }
}

/// All names of a spec: the metrics, the slices, the thresholds.
pub fn names(document: &Document) -> Vec<Name> {
    let outline = document.outline();
    let section = |key| outline.child(0, key).into_iter().flat_map(|at| outline.children(at));
    let mut names = Vec::new();
    names.extend(section("metrics").filter_map(|item| metric(&outline, item)));
    for slice in section("slices") {
        let node = &outline.nodes()[slice];
        if let (Some(key), Some(span)) = (node.key_text(), &node.key) {
            names.push(part(&outline, span, key, 0..key.len(), (Of::Slice, Role::Given)));
        }
    }
    for threshold in section("thresholds") {
        let node = &outline.nodes()[threshold];
        let (Some(key), Some(span)) = (node.key_text(), &node.key) else { continue };
        let metric = key.split('@').next().unwrap_or(key);
        names.push(part(&outline, span, key, 0..metric.len(), (Of::Metric, Role::Used)));
        if let Some(rest) = key.get(metric.len() + 1..) {
            let start = metric.len() + 1;
            let end = start + rest.split('=').next().unwrap_or(rest).len();
            names.push(part(&outline, span, key, start..end, (Of::Slice, Role::Used)));
        }
    }
    names
}

/// The name at an offset of the tree's text.
pub fn at(names: &[Name], offset: usize) -> Option<&Name> {
    names.iter().find(|name| name.range.start <= offset && offset <= name.range.end)
}

/// The name of an item of `metrics`.
fn metric(outline: &Outline<'_>, item: usize) -> Option<Name> {
    let node = &outline.nodes()[item];
    if let (Kind::String, Some(text)) = (node.kind, node.text) {
        return Some(part(outline, &node.span, text, 0..text.len(), (Of::Metric, Role::Listed)));
    }
    let kind = outline.children(item).next()?;
    if let Some(alias) = outline.child(kind, "as") {
        let alias = &outline.nodes()[alias];
        let text = alias.text.filter(|_| alias.kind == Kind::String && alias.anchored.is_none())?;
        return Some(part(outline, &alias.span, text, 0..text.len(), (Of::Metric, Role::Given)));
    }
    let kind = &outline.nodes()[kind];
    let (key, span) = (kind.key_text()?, kind.key.as_ref()?);
    Some(part(outline, span, key, 0..key.len(), (Of::Metric, Role::Listed)))
}

/// The name that is `within` the decoded text of a scalar.
fn part(
    outline: &Outline<'_>,
    span: &Range<usize>,
    decoded: &str,
    within: Range<usize>,
    (of, role): (Of, Role),
) -> Name {
    let text = decoded[within.clone()].to_owned();
    match outline.letters(span, decoded) {
        Some(start) => {
            Name { of, role, text, range: start + within.start..start + within.end, around: None }
        }
        None => Name {
            of,
            role,
            text,
            range: span.clone(),
            around: Some((decoded[..within.start].to_owned(), decoded[within.end..].to_owned())),
        },
    }
}
