//! Says what stands or is missing at an offset of a sketch.

use std::ops::Range;

use super::{Blank, Form, Quote, Sketch, Sketched, What, line_start};

/// A place at which something can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The map or list that gets something, or the value that is missing or half there.
    pub node: usize,
    /// The entry of that map whose key is being written.
    pub entry: Option<usize>,
    pub ask: Ask,
    /// What is written already and would be replaced, without quotes; it may go over several lines. Blanks
    /// behind plain text belong to it up to the cursor: the text may go on.
    pub word: Range<usize>,
    /// How that is written; plain where there is nothing yet.
    pub quote: Quote,
    /// Whether the quote is closed.
    pub closed: bool,
    pub form: Form,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A key of the map.
    Key { colon: bool },
    /// The value on the line of its key or between brackets. Whether a blank is missing before it.
    Value { blank: bool },
    /// The value on a line of its own or behind a dash, where a map or a list can begin as well.
    Opening { dash: bool },
    /// An item of the list, on a line without its dash.
    Item,
}

impl Sketch<'_> {
    /// What can be written at an offset, around which this sketch was made; nothing in comments, and
    /// behind what is complete.
    pub fn site(&self, offset: usize) -> Option<Site> {
        let offset = self.text.floor_char_boundary(offset);
        if let Some(blank) = &self.blank {
            return self.blank_site(blank, offset);
        }
        self.word_site(offset).or_else(|| self.flow_site(offset)).or_else(|| self.line_site(offset))
    }

    fn new_site(&self, node: usize, ask: Ask, offset: usize, form: Form) -> Site {
        let word = offset..offset;
        Site { node, entry: None, ask, word, quote: Quote::Plain, closed: true, form }
    }

    /// A line without text.
    fn blank_site(&self, blank: &Blank, offset: usize) -> Option<Site> {
        let site = |node, ask| Some(self.new_site(node, ask, offset, Form::Block));
        let column = blank.column;
        let open = blank.frames.iter().rposition(|frame| frame.column <= column);
        let Some(open) = open else {
            let is_free = self.nodes[0].what == What::Nothing;
            return if is_free { site(0, Ask::Opening { dash: false }) } else { None };
        };
        let top = blank.frames[open];
        if top.column < column {
            let is_free = self.nodes[top.last].what == What::Nothing;
            let dash = self.nodes[top.last].key.is_none();
            return if is_free { site(top.last, Ask::Opening { dash }) } else { None };
        }
        let below = open.checked_sub(1).map(|below| blank.frames[below]);
        match (self.nodes[top.node].what, below) {
            // A list may stand at the column of its key; a new key is likelier than a new item.
            (What::List(_), Some(below)) if below.column == column => {
                site(below.node, Ask::Key { colon: false })
            }
            (What::List(_), _) => site(top.node, Ask::Item),
            _ => site(top.node, Ask::Key { colon: false }),
        }
    }

    /// A key or a scalar under the offset.
    fn word_site(&self, offset: usize) -> Option<Site> {
        let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
        for (at, node) in self.nodes.iter().enumerate().rev() {
            if let (Some(key), Some(parent)) = (&node.key, node.parent)
                && touches(key)
            {
                let (word, quote, closed) = self.inside(key);
                if !touches(&word) {
                    return None;
                }
                let form = self.form_of(parent);
                let ask = Ask::Key { colon: node.colon };
                return Some(Site {
                    node: parent,
                    entry: Some(at),
                    ask,
                    word,
                    quote,
                    closed,
                    form,
                });
            }
            if matches!(node.what, What::Scalar(_)) && touches(&node.span) {
                // Before the first quote and behind the last one nothing can be typed.
                return Some(self.scalar_site(at, node)).filter(|site| touches(&site.word));
            }
            let follows =
                node.what == What::Scalar(Quote::Plain) && self.is_blank(node.span.end, offset);
            if follows {
                let mut site = self.scalar_site(at, node);
                site.word.end = offset;
                return Some(site);
            }
        }
        None
    }

    /// Whether only blanks stand between two offsets of a line.
    fn is_blank(&self, from: usize, to: usize) -> bool {
        let between = self.text.get(from..to).unwrap_or("x");
        from < to && between.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn scalar_site(&self, at: usize, node: &Sketched) -> Site {
        let form = node.parent.map_or(Form::Block, |parent| self.form_of(parent));
        let (word, quote, closed) = match node.what {
            What::Scalar(Quote::Block) => (node.span.clone(), Quote::Block, true),
            _ => {
                let (word, quote, _) = self.inside(&node.span);
                (word, quote, node.closed)
            }
        };
        let own_line = self.text[line_start(self.text, node.span.start)..node.span.start].trim();
        let ask = match (form, node.key.is_some()) {
            (Form::Block, false) => Ask::Opening { dash: at != 0 },
            (Form::Block, true) if own_line.is_empty() => Ask::Opening { dash: false },
            (Form::Block | Form::Flow, _) => Ask::Value { blank: false },
        };
        Site { node: at, entry: None, ask, word, quote, closed, form }
    }

    /// A free place between brackets.
    fn flow_site(&self, offset: usize) -> Option<Site> {
        let holds = |node: &Sketched| {
            let flow = matches!(node.what, What::Map(Form::Flow) | What::List(Form::Flow));
            let end = node.span.end + usize::from(!node.closed);
            flow && node.span.start < offset && offset < end
        };
        let container = self.nodes.iter().rposition(holds)?;
        let mut entries = self.children(container);
        let entry = entries.find(|child| {
            let slot = &self.nodes[*child].slot;
            slot.start <= offset && offset <= slot.end
        })?;
        if self.is_comment(offset) {
            return None;
        }
        let node = &self.nodes[entry];
        let is_free = node.what == What::Nothing;
        match self.nodes[container].what {
            What::Map(_) if !node.colon => {
                let ask = Ask::Key { colon: false };
                node.key.is_none().then(|| self.new_site(container, ask, offset, Form::Flow))
            }
            _ => {
                let blank = node.colon && offset == node.behind;
                let ask = Ask::Value { blank };
                (is_free && node.behind <= offset)
                    .then(|| self.new_site(entry, ask, offset, Form::Flow))
            }
        }
    }

    /// A free place behind a colon or a dash.
    fn line_site(&self, offset: usize) -> Option<Site> {
        let line = line_start(self.text, offset.min(self.text.len()));
        let here = |node: &Sketched| line <= node.behind && node.behind <= offset;
        let at = self.nodes.iter().rposition(here).filter(|at| *at > 0)?;
        let node = &self.nodes[at];
        let between = self.text.get(node.behind..offset)?;
        let is_free = node.what == What::Nothing && between.trim().is_empty();
        let ask = match (&node.key, node.colon) {
            (Some(_), true) => Ask::Value { blank: between.is_empty() },
            (Some(_), false) => return None,
            (None, _) if between.is_empty() => return None,
            (None, _) => Ask::Opening { dash: true },
        };
        is_free.then(|| self.new_site(at, ask, offset, Form::Block))
    }

    fn is_comment(&self, offset: usize) -> bool {
        let line = &self.text[line_start(self.text, offset)..offset];
        line.trim_start().starts_with('#') || line.contains(" #")
    }

    fn form_of(&self, collection: usize) -> Form {
        match self.nodes[collection].what {
            What::Map(form) | What::List(form) => form,
            What::Nothing | What::Scalar(_) | What::Alias => Form::Block,
        }
    }

    /// What stands between quotes, if there are some.
    fn inside(&self, span: &Range<usize>) -> (Range<usize>, Quote, bool) {
        let written = self.text_of(span);
        let quote = match written.as_bytes().first() {
            Some(b'"') => Quote::Double,
            Some(b'\'') => Quote::Single,
            _ => return (span.clone(), Quote::Plain, true),
        };
        let closed = written.len() > 1 && written.as_bytes().last() == written.as_bytes().first();
        (span.start + 1..span.end - usize::from(closed), quote, closed)
    }
}
