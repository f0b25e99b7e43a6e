//! Reads lines by their indentation into nodes.

use std::ops::Range;

use super::{
    Blank, Form, Frame, Quote, Sketch, Sketched, What, is_bare, is_space, line_end, skip_blanks,
    unquoted,
};
use crate::diagnostic::Segment;

/// What a `#` at the start of a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Comment,
    /// Between quotes and in a block of text.
    Text,
}

/// Reads one section.
pub(super) struct Reader<'t> {
    pub text: &'t str,
    pub end: usize,
    pub cursor: Option<usize>,
    pub nodes: Vec<Sketched>,
    start: usize,
    frames: Vec<Frame>,
    blank: Option<Blank>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str, section: Range<usize>, cursor: Option<usize>) -> Self {
        let text = &text[..section.end];
        let mut reader = Self {
            text,
            end: section.end,
            cursor,
            nodes: Vec::new(),
            start: section.start,
            frames: Vec::new(),
            blank: None,
        };
        reader.add(None, None, section.start);
        reader
    }

    pub fn read(mut self) -> Sketch<'t> {
        let mut at = self.start;
        loop {
            let end = self.line(at);
            let end = line_end(self.text, end.min(self.end));
            if end >= self.end {
                break;
            }
            at = end + 1;
        }
        Sketch { text: self.text, nodes: self.nodes, blank: self.blank }
    }

    /// Adds a value that is still missing.
    pub fn add(&mut self, parent: Option<usize>, step: Option<Segment>, behind: usize) -> usize {
        if let Some(parent) = parent {
            self.nodes[parent].children += 1;
        }
        self.nodes.push(Sketched {
            parent,
            step,
            key: None,
            colon: false,
            behind,
            what: What::Nothing,
            span: behind..behind,
            slot: behind..behind,
            closed: true,
            children: 0,
        });
        self.nodes.len() - 1
    }

    /// Adds the next item of a list.
    pub fn add_item(&mut self, list: usize, behind: usize) -> usize {
        let index = self.nodes[list].children;
        self.add(Some(list), Some(Segment::Index(index)), behind)
    }

    /// Gives an entry its key.
    pub fn set_key(&mut self, entry: usize, key: Range<usize>) {
        let name = unquoted(&self.text[key.clone()]);
        self.nodes[entry].step = Some(Segment::Key(name.as_str().into()));
        self.nodes[entry].key = Some(key);
    }

    pub fn fill(&mut self, node: usize, what: What, span: Range<usize>) {
        self.nodes[node].what = what;
        self.nodes[node].span = span;
    }

    /// Reads what starts on a line, and says where it ends.
    fn line(&mut self, start: usize) -> usize {
        let content = skip_blanks(self.text, start);
        let column = content - start;
        if is_bare(self.text, content) {
            self.note_blank(start, content);
            return content;
        }
        if column == 0 && (self.is_marker(content) || self.text[content..].starts_with('%')) {
            return content;
        }
        self.leave(column, self.is_dash(content));
        let slot = self.slot();
        let is_child = self.frames.last().is_none_or(|top| top.column < column);
        if is_child {
            match self.nodes[slot].what {
                What::Scalar(Quote::Plain) => {
                    self.nodes[slot].span.end = self.plain_end(content);
                    return content;
                }
                What::Scalar(_) | What::Alias | What::Map(Form::Flow) | What::List(Form::Flow) => {
                    return content;
                }
                What::Nothing | What::Map(Form::Block) | What::List(Form::Block) => {}
            }
        }
        self.content(content, column)
    }

    /// What stands behind indentation or a dash.
    fn content(&mut self, mut at: usize, mut column: usize) -> usize {
        loop {
            let behind = self.behind_properties(at);
            if is_bare(self.text, behind) {
                return behind;
            }
            column += behind - at;
            at = behind;
            if self.is_dash(at) {
                let list = self.collection(at, column, What::List(Form::Block));
                let item = self.add_item(list, at + 1);
                self.newest(item);
                let next = skip_blanks(self.text, at + 1);
                if is_bare(self.text, next) {
                    return next;
                }
                column += next - at;
                at = next;
                continue;
            }
            if let Some((key, behind)) = self.key_at(at) {
                let map = self.collection(at, column, What::Map(Form::Block));
                let entry = self.add(Some(map), None, behind);
                self.set_key(entry, key);
                self.nodes[entry].colon = true;
                self.newest(entry);
                return self.value(entry, behind, column + 1);
            }
            let sibling = self.frames.last().filter(|top| {
                top.column == column && self.nodes[top.node].what == What::Map(Form::Block)
            });
            if let Some(&Frame { node, .. }) = sibling {
                let end = self.plain_end(at);
                let entry = self.add(Some(node), None, end);
                self.set_key(entry, at..end);
                self.newest(entry);
                return end;
            }
            let least = self.frames.last().map_or(0, |top| top.column + 1);
            return self.value(self.slot(), at, least);
        }
    }

    /// The collection that something at a column belongs to, opened where it is the first.
    fn collection(&mut self, at: usize, column: usize, what: What) -> usize {
        if let Some(top) = self.frames.last()
            && top.column == column
            && self.nodes[top.node].what == what
        {
            return top.node;
        }
        let slot = self.slot();
        if self.nodes[slot].what != what {
            self.fill(slot, what, at..at);
        }
        self.frames.push(Frame { node: slot, column, last: slot });
        slot
    }

    fn newest(&mut self, entry: usize) {
        if let Some(top) = self.frames.last_mut() {
            top.last = entry;
        }
    }

    /// The node that something deeper than all open collections is the value of.
    fn slot(&self) -> usize {
        self.frames.last().map_or(0, |top| top.last)
    }

    /// Closes what a line at a column is outside of.
    fn leave(&mut self, column: usize, dash: bool) {
        while let Some(top) = self.frames.last() {
            let is_list = matches!(self.nodes[top.node].what, What::List(_));
            if top.column > column || (top.column == column && is_list && !dash) {
                self.frames.pop();
            } else {
                break;
            }
        }
    }

    fn note_blank(&mut self, start: usize, content: usize) {
        let end = line_end(self.text, content);
        let here = self.cursor.filter(|cursor| start <= *cursor && *cursor <= end);
        let Some(cursor) = here else { return };
        // Behind a `#` stands a comment.
        if self.text[content..end].is_empty() || cursor <= content {
            self.blank = Some(Blank { frames: self.frames.clone(), column: cursor - start });
        }
    }

    /// The value from an offset; continued lines are indented by `least` or more.
    fn value(&mut self, node: usize, from: usize, least: usize) -> usize {
        let at = self.behind_properties(skip_blanks(self.text, from));
        if is_bare(self.text, at) {
            return at;
        }
        let bytes = self.text.as_bytes();
        match bytes[at] {
            b'|' | b'>' if self.is_header(at) => {
                let end = self.block_end(at, least);
                self.fill(node, What::Scalar(Quote::Block), at..end);
                end
            }
            quote @ (b'"' | b'\'') => self.quoted(node, at, quote, least),
            b'{' | b'[' => self.flow(node, at, least),
            b'*' => {
                let end = self.plain_end(at);
                self.fill(node, What::Alias, at..end);
                end
            }
            _ => {
                let end = self.plain_end(at);
                self.fill(node, What::Scalar(Quote::Plain), at..end);
                end
            }
        }
    }

    fn quoted(&mut self, node: usize, at: usize, quote: u8, least: usize) -> usize {
        let (end, closed) = match self.quote_end(at, quote, least) {
            Some(end) => (end, true),
            None => (line_end(self.text, at), false),
        };
        let style = if quote == b'"' { Quote::Double } else { Quote::Single };
        self.fill(node, What::Scalar(style), at..end);
        self.nodes[node].closed = closed;
        end
    }

    /// Behind the quote that closes the one at an offset; none where the lines that it may go over have
    /// none.
    pub fn quote_end(&self, at: usize, quote: u8, least: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut next = at + 1;
        while let Some(byte) = bytes.get(next) {
            match byte {
                b'\\' if quote == b'"' => next += 1,
                b'\n' | b'\r' => {
                    next = self.next_inside(next + 1, least, Hash::Text)?;
                    continue;
                }
                byte if *byte == quote => {
                    if quote == b'\'' && bytes.get(next + 1) == Some(&b'\'') {
                        next += 1;
                    } else {
                        return Some(next + 1);
                    }
                }
                _ => {}
            }
            next += 1;
        }
        None
    }

    /// The start of the next line with text, at or below the start of a line; none where that is indented by less
    /// than `least`. Where no text follows, the end. Comments may stand anywhere.
    pub fn next_inside(&self, line: usize, least: usize, hash: Hash) -> Option<usize> {
        let mut start = line.min(self.end);
        loop {
            let content = skip_blanks(self.text, start);
            match self.text.as_bytes().get(content) {
                None => return Some(content),
                Some(b'\n' | b'\r') => {
                    // Where the author goes on at another level, what was open is over.
                    let there = self.cursor.filter(|at| start <= *at && *at <= content);
                    if there.is_some_and(|at| at - start < least) {
                        return None;
                    }
                    start = content + 1;
                }
                Some(b'#') if hash == Hash::Comment => {
                    start = (line_end(self.text, content) + 1).min(self.end);
                }
                Some(b']' | b'}') => return Some(start),
                Some(_) => return (content - start >= least).then_some(start),
            }
        }
    }

    /// Behind the lines of a block of text.
    fn block_end(&self, at: usize, least: usize) -> usize {
        let mut end = line_end(self.text, at);
        while end < self.end {
            let start = end + 1;
            let content = skip_blanks(self.text, start.min(self.end));
            let blank = matches!(self.text.as_bytes().get(content), None | Some(b'\n' | b'\r'));
            if blank {
                // All blank lines at once: each of them would look for the same text.
                let Some(next) = self.next_inside(start, least, Hash::Text) else { break };
                end = if next < self.end { next - 1 } else { next };
            } else if content - start >= least {
                end = line_end(self.text, content);
            } else {
                break;
            }
        }
        end
    }

    /// Whether a `>` opens a block of text, and is no bound without quotes.
    fn is_header(&self, at: usize) -> bool {
        let line = &self.text[at + 1..line_end(self.text, at)];
        let marks = line.bytes().take_while(|byte| byte.is_ascii_digit() || b"+-".contains(byte));
        let behind = at + 1 + marks.count();
        is_bare(self.text, skip_blanks(self.text, behind))
            && is_space(line.as_bytes().get(behind - at - 1))
    }

    /// Behind the last letter of plain text.
    fn plain_end(&self, at: usize) -> usize {
        let line = &self.text[at..line_end(self.text, at)];
        let comment = line.find(" #").into_iter().chain(line.find("\t#")).min();
        at + line[..comment.unwrap_or(line.len())].trim_end().len()
    }

    /// Behind anchors and tags.
    fn behind_properties(&self, mut at: usize) -> usize {
        while self.text[at..].starts_with(['&', '!']) {
            let word = self.text.as_bytes()[at..].iter().take_while(|byte| !is_space(Some(byte)));
            at = skip_blanks(self.text, at + word.count());
        }
        at
    }

    fn is_dash(&self, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        bytes.get(at) == Some(&b'-') && is_space(bytes.get(at + 1))
    }

    fn is_marker(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        rest.starts_with("---") || rest.starts_with("...")
    }

    /// The key that starts at an offset, and what is behind its colon.
    fn key_at(&self, at: usize) -> Option<(Range<usize>, usize)> {
        let bytes = self.text.as_bytes();
        let end = line_end(self.text, at);
        if let quote @ (b'"' | b'\'') = bytes[at] {
            let close = self.quote_end(at, quote, usize::MAX).filter(|close| *close <= end)?;
            let colon = skip_blanks(self.text, close);
            let is_key = bytes.get(colon) == Some(&b':') && is_space(bytes.get(colon + 1));
            return is_key.then_some((at..close, colon + 1));
        }
        if b"{}[],|>@`*".contains(&bytes[at]) {
            return None;
        }
        let plain = self.plain_end(at);
        let colon = (at..plain).find(|at| bytes[*at] == b':' && is_space(bytes.get(at + 1)))?;
        let key = self.text[at..colon].trim_end().len();
        Some((at..at + key, colon + 1))
    }
}
