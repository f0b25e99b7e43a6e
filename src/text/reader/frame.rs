//! Holds the lists and maps that are still open while events come in.
//! Moving from one to the next is left to the reader.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::text::tree::{Entry, Item, NodeId, Style};

/// A list or map that is still open.
pub(super) struct Frame {
    pub start: usize,
    pub end: usize,
    pub style: Style,
    pub anchor: usize,
    pub is_key: bool,
    pub body: Body,
}

pub(super) enum Body {
    List(Vec<Item>),
    Map(OpenMap),
}

#[derive(Default)]
pub(super) struct OpenMap {
    pub entries: Vec<Entry>,
    pub by_key: HashMap<Arc<str>, usize>,
    pub merges: Vec<Merge>,
    pub pending: Option<Pending>,
}

/// A key whose value has not come yet.
pub(super) enum Pending {
    Key(Arc<str>, Range<usize>),
    Merge(Range<usize>),
    Refused(Range<usize>),
}

pub(super) struct Merge {
    pub key_span: Range<usize>,
    pub node: NodeId,
    pub alias: Option<Range<usize>>,
}

/// A list or map below the deepest level, none of which is kept.
pub(super) struct Skipped {
    pub start: usize,
    pub levels: usize,
}

/// Where the next node will go.
pub(super) enum Slot {
    Key,
    Value,
}

impl Pending {
    pub fn span(&self) -> &Range<usize> {
        match self {
            Pending::Key(_, span) | Pending::Merge(span) | Pending::Refused(span) => span,
        }
    }
}
