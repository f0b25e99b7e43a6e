//! Turns text that may be no YAML at the moment into the nodes around one offset, by indentation and
//! brackets alone, and says what stands or is missing there.
//! Whether the text can be read is left to `Document`, what keys mean to `spec`.

mod block;
mod flow;
mod section;
mod site;
mod touched;

use std::ops::Range;

use super::edit::Form;
use crate::diagnostic::{Route, Segment};

pub use section::root_keys;
pub use site::{Ask, Site};
pub use touched::Touched;

/// A part of a text as a tree: the section of the root around an offset, or all of a spec in brackets.
/// A bracket or quote that is never closed spoils nothing below it.
#[derive(Clone, Debug)]
pub struct Sketch<'t> {
    text: &'t str,
    /// Parents before children; the first is the root.
    nodes: Vec<Sketched>,
    /// The open collections on the line of the offset, where nothing stands on it.
    blank: Option<Blank>,
}

/// A value and where it is or would be written.
#[derive(Clone, Debug)]
pub struct Sketched {
    pub parent: Option<usize>,
    /// How it is reached from its parent; none for the root, and where the key is missing so far.
    pub step: Option<Segment>,
    /// The key as it is written, quotes and all.
    pub key: Option<Range<usize>>,
    /// Whether a colon follows the key.
    pub colon: bool,
    /// Where the value can start: behind the colon, the dash or the bracket.
    pub behind: usize,
    pub what: What,
    /// The value; empty where there is none.
    pub span: Range<usize>,
    /// In brackets: from the separator before to the one behind.
    slot: Range<usize>,
    /// Whether the quote or the bracket is closed.
    pub closed: bool,
    /// How many children it has.
    children: usize,
}

/// What a value is, as far as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Nothing,
    Scalar(Quote),
    Alias,
    Map(Form),
    List(Form),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    Plain,
    Single,
    Double,
    /// A block of text under `|` or `>`.
    Block,
}

/// The collections that were open at a line without text, outermost first.
#[derive(Clone, Debug)]
struct Blank {
    frames: Vec<Frame>,
    column: usize,
}

/// A block map or list that is open.
#[derive(Clone, Copy, Debug)]
struct Frame {
    node: usize,
    column: usize,
    /// Its newest entry or item.
    last: usize,
}

impl<'t> Sketch<'t> {
    /// The nodes around an offset.
    pub fn around(text: &'t str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset);
        let range = section::around(text, offset);
        block::Reader::new(text, range, Some(offset)).read()
    }

    /// The section of the root that a key opens.
    pub fn of_section(text: &'t str, key: &str) -> Option<Self> {
        let range = section::named(text, key)?;
        Some(block::Reader::new(text, range, None).read())
    }

    pub fn nodes(&self) -> &[Sketched] {
        &self.nodes
    }

    pub fn text_of(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The positions of what a list or map holds.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let parent = move |child: &usize| self.nodes[*child].parent;
        // What is below a node follows it; the first node that hangs higher up is outside.
        (at + 1..self.nodes.len())
            .take_while(move |child| parent(child) >= Some(at))
            .filter(move |child| parent(child) == Some(at))
    }

    /// The position of what a map holds under a key.
    pub fn child(&self, at: usize, key: &str) -> Option<usize> {
        self.children(at).find(|child| self.key(*child) == Some(key))
    }

    /// The key that a node stands under.
    pub fn key(&self, at: usize) -> Option<&str> {
        match self.nodes[at].step.as_ref()? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }

    /// A scalar without quotes and escapes, as far as that takes no parser.
    pub fn scalar(&self, at: usize) -> Option<String> {
        match self.nodes[at].what {
            What::Scalar(_) => Some(unquoted(self.text_of(&self.nodes[at].span))),
            What::Nothing | What::Alias | What::Map(_) | What::List(_) => None,
        }
    }

    /// The way from the root to a node.
    pub fn route(&self, at: usize) -> Route {
        let mut steps: Vec<Segment> = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            steps.extend(self.nodes[at].step.clone());
            next = self.nodes[at].parent;
        }
        steps.into_iter().rev().collect()
    }
}

/// A key or scalar as it is meant.
fn unquoted(written: &str) -> String {
    if let Some(inner) = written.strip_prefix('\'') {
        return inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'");
    }
    if let Some(inner) = written.strip_prefix('"') {
        // JSON's escapes are YAML's as well.
        return serde_json::from_str(written)
            .unwrap_or_else(|_| inner.strip_suffix('"').unwrap_or(inner).to_owned());
    }
    written.to_owned()
}

/// From an offset to the end of its line, without the line's end.
fn line_end(text: &str, from: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &text.as_bytes()[from..]).map_or(text.len(), |at| from + at)
}

/// The start of the line of an offset.
fn line_start(text: &str, offset: usize) -> usize {
    memchr::memrchr2(b'\n', b'\r', &text.as_bytes()[..offset]).map_or(0, |at| at + 1)
}

/// Behind the blanks at an offset.
fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = &text.as_bytes()[from..];
    from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Whether nothing or a comment stands from an offset, which is behind blanks, to the end of its line.
fn is_bare(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), None | Some(b'\n' | b'\r' | b'#'))
}

/// Whether a scalar ends at this byte's neighbourhood: a blank, a line's end, the text's end.
fn is_space(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests;
