//! Reads brackets into nodes: what stands between two separators is an entry, even if it is nothing yet.

use super::block::{Hash, Reader};
use super::{Form, Quote, What, is_space, line_end};

/// A bracket that is open, with the entry that is being read.
struct Open {
    node: usize,
    entry: usize,
    /// Whether it is a map of one pair that a list holds without brackets.
    bare: bool,
}

impl Reader<'_> {
    /// Reads the bracket at an offset into a node, and says where it ends. Lines that are indented by
    /// less than `least` are outside of it.
    pub fn flow(&mut self, node: usize, at: usize, least: usize) -> usize {
        let mut stack = vec![self.open(node, at)];
        let mut next = at + 1;
        while let Some(byte) = self.text.as_bytes().get(next).copied() {
            match byte {
                b'\n' | b'\r' => match self.next_inside(next + 1, least, Hash::Comment) {
                    Some(line) => next = line,
                    None => break,
                },
                b' ' | b'\t' => next += 1,
                b'#' if next == 0 || is_space(self.text.as_bytes().get(next - 1)) => {
                    next = line_end(self.text, next);
                }
                b'{' | b'[' => {
                    let entry = self.free_entry(&mut stack, next);
                    stack.push(self.open(entry, next));
                    next += 1;
                }
                b'}' | b']' => {
                    let what =
                        if byte == b'}' { What::Map(Form::Flow) } else { What::List(Form::Flow) };
                    self.close(&mut stack, what, next);
                    next += 1;
                    if stack.is_empty() {
                        return next;
                    }
                }
                b',' => {
                    self.separate(&mut stack, next);
                    next += 1;
                }
                b':' => next = self.colon(&mut stack, next),
                quote @ (b'"' | b'\'') => {
                    let end = self.quote_end(next, quote, least);
                    let style = if quote == b'"' { Quote::Double } else { Quote::Single };
                    let closed = end.is_some();
                    let end = end.unwrap_or_else(|| line_end(self.text, next));
                    self.word(&mut stack, next, end, What::Scalar(style), closed);
                    next = end;
                }
                _ => {
                    let end = self.flow_plain_end(&stack, next);
                    let what = if byte == b'*' { What::Alias } else { What::Scalar(Quote::Plain) };
                    self.word(&mut stack, next, end, what, true);
                    next = end;
                }
            }
        }
        for open in stack {
            self.nodes[open.node].span.end = next;
            self.nodes[open.node].closed = false;
            self.nodes[open.entry].slot.end = next;
        }
        next
    }

    fn open(&mut self, node: usize, at: usize) -> Open {
        let what = if self.text.as_bytes()[at] == b'{' {
            What::Map(Form::Flow)
        } else {
            What::List(Form::Flow)
        };
        self.fill(node, what, at..at + 1);
        Open { node, entry: self.entry(node, at + 1), bare: false }
    }

    /// Adds an entry that starts at an offset.
    fn entry(&mut self, of: usize, at: usize) -> usize {
        let entry = match self.nodes[of].what {
            What::List(_) => self.add_item(of, at),
            What::Map(_) | What::Nothing | What::Scalar(_) | What::Alias => {
                self.add(Some(of), None, at)
            }
        };
        self.nodes[entry].slot = at..at;
        entry
    }

    /// The newest entry, or a new one where that has its value already.
    fn free_entry(&mut self, stack: &mut [Open], at: usize) -> usize {
        let Some(top) = stack.last_mut() else { return 0 };
        if self.nodes[top.entry].what != What::Nothing {
            self.nodes[top.entry].slot.end = at;
            top.entry = self.entry(top.node, at);
        }
        top.entry
    }

    fn separate(&mut self, stack: &mut Vec<Open>, at: usize) {
        self.close_bare(stack, at);
        if let Some(top) = stack.last_mut() {
            self.nodes[top.entry].slot.end = at;
            top.entry = self.entry(top.node, at + 1);
        }
    }

    fn close_bare(&mut self, stack: &mut Vec<Open>, at: usize) {
        while let Some(top) = stack.last().filter(|top| top.bare) {
            self.nodes[top.node].span.end = at;
            self.nodes[top.node].closed = false;
            self.nodes[top.entry].slot.end = at;
            stack.pop();
        }
    }

    /// Closes the bracket of a kind, and whatever was left open inside of it.
    fn close(&mut self, stack: &mut Vec<Open>, what: What, at: usize) {
        let matches = |open: &Open| !open.bare && self.nodes[open.node].what == what;
        let Some(depth) = stack.iter().rposition(matches) else { return };
        while stack.len() > depth {
            let Some(open) = stack.pop() else { return };
            let is_it = stack.len() == depth;
            self.nodes[open.entry].slot.end = at;
            self.nodes[open.node].span.end = at + usize::from(is_it);
            self.nodes[open.node].closed = is_it;
        }
    }

    /// A colon: behind a key it opens the value, anywhere else it is part of what stands around it.
    fn colon(&mut self, stack: &mut Vec<Open>, at: usize) -> usize {
        let Some(top) = stack.last() else { return at + 1 };
        let (list, entry) = (top.node, top.entry);
        let node = &self.nodes[entry];
        match self.nodes[list].what {
            What::Map(_) if node.key.is_some() && !node.colon => {
                self.nodes[entry].colon = true;
                self.nodes[entry].behind = at + 1;
                self.nodes[entry].span = at + 1..at + 1;
            }
            What::List(_) if matches!(node.what, What::Scalar(_)) => {
                // `[a: 1]` is a list with a map in it.
                let (key, slot) = (node.span.clone(), node.slot.clone());
                self.fill(entry, What::Map(Form::Flow), key.start..at + 1);
                let pair = self.entry(entry, at + 1);
                self.set_key(pair, key);
                self.nodes[pair].colon = true;
                self.nodes[pair].slot = slot;
                stack.push(Open { node: entry, entry: pair, bare: true });
            }
            What::Map(_) | What::List(_) | What::Nothing | What::Scalar(_) | What::Alias => {}
        }
        at + 1
    }

    /// A scalar, which is a key where a map waits for one.
    fn word(&mut self, stack: &mut [Open], at: usize, end: usize, what: What, closed: bool) {
        let Some(top) = stack.last_mut() else { return };
        let in_map = matches!(self.nodes[top.node].what, What::Map(_));
        let node = &self.nodes[top.entry];
        let waits =
            if in_map && !node.colon { node.key.is_none() } else { node.what == What::Nothing };
        let follows_line = self.text[node.span.end.min(at)..at].contains(['\n', '\r']);
        if !waits && node.what == What::Scalar(Quote::Plain) && !follows_line {
            self.nodes[top.entry].span.end = end;
            return;
        }
        if !waits {
            // A separator is missing.
            self.nodes[top.entry].slot.end = at;
            top.entry = self.entry(top.node, at);
        }
        let entry = top.entry;
        if in_map && !self.nodes[entry].colon {
            self.set_key(entry, at..end);
            self.nodes[entry].behind = end;
            self.nodes[entry].span = end..end;
        } else {
            self.fill(entry, what, at..end);
            self.nodes[entry].closed = closed;
        }
    }

    /// Behind plain text in brackets. In a value a colon is text; elsewhere it ends a key.
    fn flow_plain_end(&self, stack: &[Open], at: usize) -> usize {
        let in_value = stack.last().is_some_and(|top| self.nodes[top.entry].colon);
        let bytes = self.text.as_bytes();
        let mut end = at;
        while let Some(byte) = bytes.get(end) {
            let next = bytes.get(end + 1);
            let ends = match byte {
                b',' | b'{' | b'}' | b'[' | b']' | b'\n' | b'\r' => true,
                b'#' => end > at && is_space(bytes.get(end - 1)),
                b':' => {
                    !in_value
                        && (is_space(next) || next.is_some_and(|byte| b",{}[]".contains(byte)))
                }
                _ => false,
            };
            if ends {
                break;
            }
            end += 1;
        }
        at + self.text[at..end].trim_end().len().max(1)
    }
}
