//! Turns a document into the list of its nodes in the order of the text, each once, where it was written.
//! What aliases and merges repeat is left out.

use std::ops::Range;
use std::sync::Arc;

use super::Document;
use super::tree::{Content, Kind, NodeId, Style};
use crate::diagnostic::{Route, Segment};

/// The nodes of a document, parents before children.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline<'d> {
    source: &'d str,
    nodes: Vec<Written<'d>>,
}

/// A node where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<'d> {
    /// The position of the list or map that holds it; none for the root.
    pub parent: Option<usize>,
    /// How it is reached from there; none for the root.
    pub step: Option<Segment>,
    pub key: Option<Range<usize>>,
    /// For an empty value its key, for an alias the alias.
    pub span: Range<usize>,
    pub kind: Kind,
    pub style: Style,
    /// The decoded text of a scalar, and the same with the environment's values.
    pub text: Option<&'d str>,
    pub filled_in: Option<&'d str>,
    /// Where the node is that an alias names, if one stands here.
    pub anchored: Option<Range<usize>>,
    /// The position behind its last descendant.
    end: usize,
}

impl Written<'_> {
    /// All that belongs to it: key and value.
    pub fn whole(&self) -> Range<usize> {
        match &self.key {
            Some(key) => key.start..self.span.end.max(key.end),
            None => self.span.clone(),
        }
    }

    /// The key that it stands under; none for items and the root.
    pub fn key_text(&self) -> Option<&str> {
        match self.step.as_ref()? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }
}

impl<'d> Outline<'d> {
    pub fn nodes(&self) -> &[Written<'d>] {
        &self.nodes
    }

    /// The positions of what a list or map holds.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = at + 1;
        let end = self.nodes.get(at).map_or(0, |node| node.end);
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.nodes[child].end;
                child
            })
        })
    }

    /// The position of what a map holds under a key.
    pub fn child(&self, at: usize, key: &str) -> Option<usize> {
        self.children(at).find(|child| self.nodes[*child].key_text() == Some(key))
    }

    /// The way from the root to a node.
    pub fn route(&self, at: usize) -> Route {
        let mut steps: Vec<Segment> = Vec::new();
        let mut next = Some(at);
        while let Some(node) = next.and_then(|at| self.nodes.get(at)) {
            steps.extend(node.step.clone());
            next = node.parent;
        }
        steps.into_iter().rev().collect()
    }

    /// Where `decoded`, which is what the span says, starts in the source; none where it does not stand
    /// there letter by letter.
    pub fn letters(&self, span: &Range<usize>, decoded: &str) -> Option<usize> {
        let written = self.source.get(span.clone())?;
        let quoted = |quote| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let inner = quoted('"').or_else(|| quoted('\'')).unwrap_or(written);
        (inner == decoded).then_some(span.start + usize::from(inner.len() < written.len()))
    }
}

impl Document {
    /// All nodes where they were written.
    pub fn outline(&self) -> Outline<'_> {
        let mut nodes = Vec::new();
        self.write_down(self.tree.root, (None, None, None), None, &mut nodes);
        Outline { source: self.source().text(), nodes }
    }

    fn write_down<'d>(
        &'d self,
        id: NodeId,
        (parent, step, key): (Option<usize>, Option<Segment>, Option<Range<usize>>),
        alias: Option<&Range<usize>>,
        nodes: &mut Vec<Written<'d>>,
    ) {
        let inner = self.tree.get(id);
        let view = self.tree.view(id);
        let own = nodes.len();
        nodes.push(Written {
            parent,
            step,
            key,
            span: alias.unwrap_or(&inner.span).clone(),
            kind: view.kind,
            style: view.style,
            text: view.text,
            filled_in: match &inner.content {
                Content::Scalar(scalar) => scalar.expanded.as_deref().or(view.text),
                Content::List { .. } | Content::Map { .. } => None,
            },
            anchored: alias.map(|_| inner.span.clone()),
            end: own + 1,
        });
        if alias.is_some() {
            return;
        }
        match &inner.content {
            Content::Scalar(_) => {}
            Content::List { items, .. } => {
                for (at, item) in items.iter().enumerate() {
                    let place = (Some(own), Some(Segment::Index(at)), None);
                    self.write_down(item.node, place, item.alias.as_ref(), nodes);
                }
            }
            Content::Map { entries, .. } => {
                for entry in entries.iter().filter(|entry| entry.merges.is_empty()) {
                    let step = Segment::Key(Arc::clone(&entry.key));
                    let place = (Some(own), Some(step), Some(entry.key_span.clone()));
                    self.write_down(entry.node, place, entry.alias.as_ref(), nodes);
                }
            }
        }
        nodes[own].end = nodes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Parsed;

    #[test]
    fn every_node_is_listed_once_where_it_was_written() {
        let text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: [2, *x]\nf:\n";
        let parsed = Parsed::clean(text);
        let outline = parsed.document.outline();
        let listed: Vec<String> = outline
            .nodes()
            .iter()
            .enumerate()
            .skip(1)
            .map(|(at, node)| format!("{} {}", outline.route(at), &text[node.span.clone()]))
            .collect();
        assert_eq!(
            listed,
            [
                "a {b: 1}",
                "a.b 1",
                "c *x",
                "d <<: *x\n  e: [2, *x]",
                "d.e [2, *x]",
                "d.e[0] 2",
                "d.e[1] *x",
                "f f",
            ]
        );
        let anchored = outline.nodes()[3].anchored.clone();
        assert_eq!(anchored.map(|span| &text[span]), Some("{b: 1}"));
        assert_eq!(&text[outline.nodes()[1].whole()], "a: &x {b: 1}");
        let d = outline.child(0, "d").unwrap();
        let e = outline.child(d, "e").unwrap();
        assert_eq!(outline.children(e).count(), 2);
        assert_eq!(outline.child(d, "b"), None, "it came by the merge");
    }

    #[test]
    fn texts_that_stand_there_letter_by_letter() {
        let text = "a: 'x y'\nb: \"x\\ty\"\nc: x y\n";
        let parsed = Parsed::clean(text);
        let outline = parsed.document.outline();
        let starts: Vec<Option<usize>> = outline.nodes()[1..]
            .iter()
            .map(|node| outline.letters(&node.span, node.text.unwrap()))
            .collect();
        assert_eq!(starts, [Some(4), None, Some(22)]);
    }
}
