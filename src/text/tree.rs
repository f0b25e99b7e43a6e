//! The nodes of a document with the bytes that each was written in, and their forms as JSON.
//! Aliases and merges share the nodes that they name; `locate` finds nodes by route.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map as JsonMap, Value};

use super::scalar::Atom;
use crate::diagnostic::Route;
use crate::diagnostic::Segment;

/// What a node is, in the words of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    List,
    Map,
}

/// How a node was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Nothing at all, as behind the colon of `key:`.
    Empty,
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// A block of text under a `|`.
    Literal,
    /// A block of text under a `>`.
    Folded,
    /// A list or map in brackets.
    Flow,
    /// A list or map by indentation.
    Block,
}

/// A node as others may see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node<'d> {
    pub kind: Kind,
    pub style: Style,
    /// The decoded text of a scalar, with `${NAME}` as written.
    pub text: Option<&'d str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NodeId(u32);

#[derive(Debug)]
pub(super) struct Inner {
    /// Where it was written; for an empty value its key, for an empty item its dash.
    pub span: Range<usize>,
    pub content: Content,
    /// Nodes in the subtree with every alias written out.
    pub size: usize,
    /// Levels of lists and maps in the subtree.
    pub height: usize,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar(Scalar),
    List { style: Style, items: Vec<Item> },
    Map { style: Style, entries: Vec<Entry> },
}

#[derive(Debug)]
pub(super) struct Scalar {
    pub atom: Atom,
    pub text: Box<str>,
    pub style: Style,
    /// The bytes inside the quotes or under the header.
    pub inner: Range<usize>,
    /// The text with the environment's values, where it is a template.
    pub expanded: Option<Box<str>>,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub node: NodeId,
    pub alias: Option<Range<usize>>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Arc<str>,
    pub key_span: Range<usize>,
    /// The merges that brought the entry here, outermost first.
    pub merges: Vec<Range<usize>>,
    pub node: NodeId,
    pub alias: Option<Range<usize>>,
}

/// All nodes of a document.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Inner>,
    pub root: NodeId,
}

impl Tree {
    /// The root where there is none.
    pub const NOTHING: NodeId = NodeId(0);

    pub fn new() -> Tree {
        let mut tree = Tree { nodes: Vec::new(), root: Self::NOTHING };
        tree.add(0..0, Content::nothing());
        tree
    }

    pub fn add(&mut self, span: Range<usize>, content: Content) -> NodeId {
        let children: &mut dyn Iterator<Item = NodeId> = match &content {
            Content::Scalar(_) => &mut std::iter::empty(),
            Content::List { items, .. } => &mut items.iter().map(|item| item.node),
            Content::Map { entries, .. } => &mut entries.iter().map(|entry| entry.node),
        };
        let (mut size, mut height) = (1_usize, 0);
        for child in children {
            let child = self.get(child);
            size = size.saturating_add(child.size);
            height = height.max(child.height);
        }
        if !matches!(content, Content::Scalar(_)) {
            height += 1;
        }
        let id = u32::try_from(self.nodes.len()).expect("the budget keeps trees small");
        self.nodes.push(Inner { span, content, size, height });
        NodeId(id)
    }

    pub fn get(&self, id: NodeId) -> &Inner {
        &self.nodes[id.0 as usize]
    }

    pub fn scalar_mut(&mut self, id: NodeId) -> Option<&mut Scalar> {
        match &mut self.nodes[id.0 as usize].content {
            Content::Scalar(scalar) => Some(scalar),
            Content::List { .. } | Content::Map { .. } => None,
        }
    }

    /// The entries of a map; none for other nodes.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.get(id).content {
            Content::Map { entries, .. } => entries,
            Content::Scalar(_) | Content::List { .. } => &[],
        }
    }

    /// The items of a list; none for other nodes.
    pub fn items(&self, id: NodeId) -> &[Item] {
        match &self.get(id).content {
            Content::List { items, .. } => items,
            Content::Scalar(_) | Content::Map { .. } => &[],
        }
    }

    /// The tree as JSON, with each scalar as `leaf` would have it.
    pub fn json(&self, id: NodeId, leaf: &dyn Fn(&Scalar) -> Value) -> Value {
        match &self.get(id).content {
            Content::Scalar(scalar) => leaf(scalar),
            Content::List { items, .. } => {
                items.iter().map(|item| self.json(item.node, leaf)).collect()
            }
            Content::Map { entries, .. } => {
                let mut map = JsonMap::with_capacity(entries.len());
                for entry in entries {
                    map.insert(entry.key.to_string(), self.json(entry.node, leaf));
                }
                Value::Object(map)
            }
        }
    }

    /// Every node with its route, parents before children, aliases written out.
    pub fn walk(&self) -> impl Iterator<Item = (Route, NodeId)> + '_ {
        let mut ahead = vec![(Route::root(), self.root)];
        std::iter::from_fn(move || {
            let (route, id) = ahead.pop()?;
            let children = ahead.len();
            match &self.get(id).content {
                Content::Scalar(_) => {}
                Content::List { items, .. } => {
                    ahead.extend(items.iter().enumerate().map(|(i, it)| (route.index(i), it.node)));
                }
                Content::Map { entries, .. } => {
                    ahead.extend(entries.iter().map(|entry| {
                        (route.child(Segment::Key(Arc::clone(&entry.key))), entry.node)
                    }));
                }
            }
            ahead[children..].reverse();
            Some((route, id))
        })
    }

    pub fn view(&self, id: NodeId) -> Node<'_> {
        match &self.get(id).content {
            Content::Scalar(scalar) => Node {
                kind: match scalar.atom {
                    Atom::Null => Kind::Null,
                    Atom::Bool(_) => Kind::Bool,
                    Atom::Number(_) => Kind::Number,
                    Atom::Text => Kind::String,
                },
                style: scalar.style,
                text: Some(&scalar.text),
            },
            Content::List { style, .. } => Node { kind: Kind::List, style: *style, text: None },
            Content::Map { style, .. } => Node { kind: Kind::Map, style: *style, text: None },
        }
    }
}

impl Content {
    /// A value that was left out.
    pub fn nothing() -> Content {
        Content::Scalar(Scalar {
            atom: Atom::Null,
            text: "".into(),
            style: Style::Empty,
            inner: 0..0,
            expanded: None,
        })
    }
}

impl Scalar {
    /// The value as it was written.
    pub fn written(&self) -> Value {
        match &self.atom {
            Atom::Null => Value::Null,
            Atom::Bool(value) => Value::Bool(*value),
            Atom::Number(number) => Value::Number(number.clone()),
            Atom::Text => Value::String(self.text.to_string()),
        }
    }

    /// The value with both texts where it is a template.
    pub fn resolved(&self) -> Value {
        match &self.expanded {
            Some(expanded) => {
                serde_json::json!({ "$written": &*self.text, "$value": &**expanded })
            }
            None => self.written(),
        }
    }
}
