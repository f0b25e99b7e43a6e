//! Turns the edits of a fix into changes of bytes. All other bytes stay: comments, quotes, line ends.
//! Where an edit would be ambiguous, as in what several aliases share, there is none.

mod entry;
mod spelling;

use std::ops::Range;

use self::spelling::is_printable;
pub use self::spelling::{Form, in_double_quotes, spelled, stands_plain};
use super::Document;
use super::locate::Found;
use super::tree::{Content, Entry, NodeId, Scalar, Style};
use crate::diagnostic::{Edit, Fix, Part, Place, Route};

pub use self::spelling::{as_yaml, as_yaml_key};

/// New text for a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub range: Range<usize>,
    pub text: String,
}

/// The text with all changes made; none where two of them touch the same bytes.
pub fn apply(text: &str, changes: &[Change]) -> Option<String> {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| (change.range.start, change.range.end));
    let mut changed = String::with_capacity(text.len());
    let mut done = 0;
    for (at, change) in changes.iter().enumerate() {
        let together = at > 0 && changes[at - 1].range == change.range;
        if change.range.start < done || together {
            return None;
        }
        changed.push_str(text.get(done..change.range.start)?);
        changed.push_str(&change.text);
        done = change.range.end;
    }
    changed.push_str(text.get(done..)?);
    Some(changed)
}

/// What a value or key is used for: to find out whether that is one thing only.
#[derive(Clone, Copy)]
enum Target {
    Node(NodeId),
    /// The key that is written at this byte.
    Key(usize),
}

impl Document {
    /// The changes of bytes that a fix comes to; none where it cannot be applied.
    pub fn changes(&self, fix: &Fix) -> Option<Vec<Change>> {
        fix.edits.iter().map(|edit| self.change(edit)).collect()
    }

    fn change(&self, edit: &Edit) -> Option<Change> {
        match edit {
            Edit::Replace { place, old, new } => match place {
                Place::Spec { route, part, within } => {
                    self.replace(route, *part, within.clone(), old, new)
                }
                Place::Text { range } => {
                    let text = self.source().text().get(range.clone())?;
                    (text == old).then(|| Change { range: range.clone(), text: new.clone() })
                }
                Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => None,
            },
            Edit::Rewrite { place, yaml } => {
                let range = self.rewritten(place)?;
                Some(Change { range, text: yaml.clone() })
            }
            Edit::Insert { map, key, yaml, position } => {
                self.insert(map, key, &format!("{key}: {yaml}"), *position)
            }
            Edit::Remove { place } => {
                let range = self.removed(place)?;
                Some(Change { range, text: String::new() })
            }
        }
    }

    fn replace(
        &self,
        route: &Route,
        part: Part,
        within: Option<Range<usize>>,
        old: &str,
        new: &str,
    ) -> Option<Change> {
        let found = self.follow(route);
        if !found.complete {
            return None;
        }
        let form = self.form(route, &found);
        if let (Part::Key, Some(entry)) = (part, found.entry) {
            let text = spliced(&entry.key, within, old, new)?;
            let siblings = self.tree.entries(self.find(&route.parent()?)?);
            if siblings.iter().any(|sibling| *sibling.key == *text) {
                return None;
            }
            self.is_used_once(Target::Key(entry.key_span.start)).then_some(())?;
            let style = match self.source().text().get(entry.key_span.clone())?.chars().next()? {
                '"' => Style::DoubleQuoted,
                '\'' => Style::SingleQuoted,
                _ => Style::Plain,
            };
            return self.written_as(&text, style, form, entry.key_span.clone());
        }
        let Content::Scalar(scalar) = &self.tree.get(found.node).content else { return None };
        if scalar.expanded.is_some() || !self.is_used_once(Target::Node(found.node)) {
            return None;
        }
        let text = spliced(&scalar.text, within.clone(), old, new)?;
        if text.contains("${") {
            return None;
        }
        if let Some(change) =
            within.and_then(|within| self.patched(scalar, within, new, &text, form))
        {
            return Some(change);
        }
        self.written_as(&text, scalar.style, form, self.tree.get(found.node).span.clone())
    }

    /// A part of a scalar whose bytes are its text, if the whole of it can still stand as it does.
    fn patched(
        &self,
        scalar: &Scalar,
        within: Range<usize>,
        new: &str,
        text: &str,
        form: Form,
    ) -> Option<Change> {
        let written = self.source().text().get(scalar.inner.clone())?;
        let same = match scalar.style {
            Style::Literal | Style::Folded => written == scalar.text.trim_end_matches('\n'),
            _ => written == &*scalar.text,
        };
        let stands = match scalar.style {
            Style::Plain => stands_plain(text, form),
            Style::SingleQuoted => !new.contains('\''),
            Style::DoubleQuoted => !new.contains(['"', '\\']),
            Style::Literal | Style::Folded => true,
            Style::Empty | Style::Flow | Style::Block => false,
        };
        let range = scalar.inner.start + within.start..scalar.inner.start + within.end;
        (same && stands && is_printable(new)).then(|| Change { range, text: new.to_owned() })
    }

    /// A scalar on one line as another one in the same style.
    fn written_as(
        &self,
        text: &str,
        style: Style,
        form: Form,
        range: Range<usize>,
    ) -> Option<Change> {
        if self.source().text().get(range.clone())?.contains(['\n', '\r']) {
            return None;
        }
        let written = match style {
            Style::Plain if stands_plain(text, form) => text.to_owned(),
            Style::SingleQuoted if is_printable(text) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => in_double_quotes(text),
            Style::Empty | Style::Literal | Style::Folded | Style::Flow | Style::Block => {
                return None;
            }
        };
        Some(Change { range, text: written })
    }

    fn rewritten(&self, place: &Place) -> Option<Range<usize>> {
        let (route, within) = match place {
            Place::Spec { route, part: Part::Value, within } => (route, within),
            Place::Text { range } => return Some(range.clone()),
            Place::Spec { part: Part::Key, .. }
            | Place::Data { .. }
            | Place::File { .. }
            | Place::Flag { .. } => return None,
        };
        let found = self.follow(route);
        let style = self.tree.view(found.node).style;
        let stands_alone = match style {
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted | Style::Flow => true,
            Style::Empty | Style::Literal | Style::Folded | Style::Block => false,
        };
        let once = self.is_used_once(Target::Node(found.node));
        (found.complete && within.is_none() && stands_alone && once)
            .then(|| self.tree.get(found.node).span.clone())
    }

    /// Whether a change of this changes one thing only. What stands under `x-…` keys at the top is
    /// there for aliases and means nothing by itself.
    fn is_used_once(&self, target: Target) -> bool {
        let free = |entry: &&Entry| !entry.key.starts_with("x-");
        let root = self.tree.root;
        let entries = self.tree.entries(root);
        let mut uses = match target {
            Target::Node(node) if node == root => return true,
            Target::Node(_) | Target::Key(_) => 0,
        };
        for entry in entries.iter().filter(free) {
            uses += usize::from(target.is(entry)) + self.uses(entry.node, target);
        }
        for item in self.tree.items(root) {
            uses += self.uses(item.node, target);
        }
        uses == 1
    }

    fn uses(&self, node: NodeId, target: Target) -> usize {
        let children: usize = match &self.tree.get(node).content {
            Content::Scalar(_) => 0,
            Content::List { items, .. } => {
                items.iter().map(|item| self.uses(item.node, target)).sum()
            }
            Content::Map { entries, .. } => entries
                .iter()
                .map(|entry| usize::from(target.is(entry)) + self.uses(entry.node, target))
                .sum(),
        };
        children + usize::from(matches!(target, Target::Node(wanted) if wanted == node))
    }

    /// Whether a node stands between brackets. Of one that an alias brought that is not known, and
    /// what stands in brackets stands elsewhere too.
    fn form(&self, route: &Route, found: &Found<'_>) -> Form {
        if !found.via.is_empty() {
            return Form::Flow;
        }
        let mut above = route.parent();
        while let Some(route) = above {
            if self.node(&route).is_some_and(|node| node.style == Style::Flow) {
                return Form::Flow;
            }
            above = route.parent();
        }
        Form::Block
    }
}

impl Target {
    fn is(self, entry: &Entry) -> bool {
        matches!(self, Target::Key(start) if entry.key_span.start == start)
    }
}

/// A text with `new` where `old` is; none where something else is there.
fn spliced(text: &str, within: Option<Range<usize>>, old: &str, new: &str) -> Option<String> {
    let within = within.unwrap_or(0..text.len());
    if text.get(within.clone())? != old {
        return None;
    }
    Some(format!("{}{new}{}", &text[..within.start], &text[within.end..]))
}

#[cfg(test)]
mod tests;
