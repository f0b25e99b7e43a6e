//! Adds entries to maps and takes them away, with the lines or commas that belong to them.

use std::ops::Range;

use super::{Change, Target};
use crate::diagnostic::{Place, Position, Route};
use crate::text::Document;
use crate::text::locate::Found;
use crate::text::tree::{Content, Entry, NodeId, Style};

impl Document {
    pub(super) fn insert(
        &self,
        map: &Route,
        key: &str,
        line: &str,
        position: Position,
    ) -> Option<Change> {
        let found = self.follow(map);
        let inner = self.tree.get(found.node);
        let Content::Map { style, entries } = &inner.content else {
            return self.opened(map, &found, line);
        };
        let taken = entries.iter().any(|entry| &*entry.key == key);
        if !found.complete || taken || !self.is_used_once(Target::Node(found.node)) {
            return None;
        }
        let own = || entries.iter().filter(|entry| entry.merges.is_empty());
        let first = own().min_by_key(|entry| entry.key_span.start);
        let last = own().max_by_key(|entry| entry.key_span.start);
        let at = |at: usize, text: String| Some(Change { range: at..at, text });
        let text = self.source().text();
        match (style, first, last) {
            (Style::Flow, Some(first), Some(last)) => match position {
                Position::First => at(first.key_span.start, format!("{line}, ")),
                Position::Last => {
                    let end = self.flow_entry_end(last);
                    match text.get(end..)?.trim_start().strip_prefix(',') {
                        Some(rest) => at(text.len() - rest.len(), format!(" {line}")),
                        None => at(end, format!(", {line}")),
                    }
                }
            },
            (Style::Flow, _, _) => {
                let between = text.get(inner.span.start + 1..inner.span.end.checked_sub(1)?)?;
                let text = match between {
                    "" => format!(" {line} "),
                    _ if between.trim().is_empty() => format!(" {line}"),
                    _ => return None,
                };
                at(inner.span.start + 1, text)
            }
            (_, Some(first), Some(last)) => {
                let before = &text[line_start(text, first.key_span.start)..first.key_span.start];
                if !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
                    return None;
                }
                let indent = " ".repeat(before.len());
                let line_feed = self.line_feed();
                if position == Position::First || self.ends_in_a_block_of_text(last.node) {
                    return at(first.key_span.start, format!("{line}{line_feed}{indent}"));
                }
                let end = line_end(text, self.entry_span(last).end);
                at(end, format!("{line_feed}{indent}{line}"))
            }
            _ => None,
        }
    }

    /// A map where there is none so far: behind a key without a value, or behind a name that stands for its map.
    fn opened(&self, map: &Route, found: &Found<'_>, line: &str) -> Option<Change> {
        let inner = self.tree.get(found.node);
        let Content::Scalar(scalar) = &inner.content else { return None };
        let text = self.source().text();
        let end = match found.entry {
            Some(entry) if found.complete && scalar.style == Style::Empty => {
                entry.alias.is_none().then_some(entry.key_span.end)?
            }
            None if !found.complete && scalar.style == Style::Plain => {
                let stands_for_it = map.last_key() == Some(&*scalar.text);
                let placed = map.parent().is_some_and(|parent| self.follow(&parent).complete);
                (stands_for_it && placed).then_some(inner.span.end)?
            }
            Some(_) | None => return None,
        };
        self.is_used_once(Target::Node(found.node)).then_some(())?;
        let (at, colon) = match text.get(end..)?.trim_start_matches(' ').strip_prefix(':') {
            // An anchor or a tag would stand behind the map.
            Some(rest) if rest.trim_start_matches(' ').starts_with(['&', '!']) => return None,
            Some(rest) => (text.len() - rest.len(), ""),
            None => (end, ":"),
        };
        Some(Change { range: at..at, text: format!("{colon} {{ {line} }}") })
    }

    /// The end of an entry in brackets, with the colon of one that has no value.
    fn flow_entry_end(&self, entry: &Entry) -> usize {
        let end = self.entry_span(entry).end;
        let text = self.source().text();
        let is_empty = entry.alias.is_none() && self.tree.view(entry.node).style == Style::Empty;
        match text.get(end..).and_then(|rest| rest.trim_start().strip_prefix(':')) {
            Some(rest) if is_empty => text.len() - rest.len(),
            _ => end,
        }
    }

    /// Lines behind a block of text could become a part of it.
    fn ends_in_a_block_of_text(&self, node: NodeId) -> bool {
        match &self.tree.get(node).content {
            Content::Scalar(scalar) => matches!(scalar.style, Style::Literal | Style::Folded),
            Content::List { items, .. } => {
                items.last().is_some_and(|item| self.ends_in_a_block_of_text(item.node))
            }
            Content::Map { entries, .. } => {
                let own = entries.iter().filter(|entry| entry.merges.is_empty());
                own.max_by_key(|entry| entry.key_span.start)
                    .is_some_and(|entry| self.ends_in_a_block_of_text(entry.node))
            }
        }
    }

    /// A `key: value` with what parts it from its neighbours: its lines, or a comma in brackets.
    pub(super) fn removed(&self, place: &Place) -> Option<Range<usize>> {
        let range = match place {
            Place::Text { range } => range.clone(),
            Place::Spec { route, .. } => {
                let found = self.follow(route);
                let entry = found.entry.filter(|_| found.complete && found.key_via.is_empty())?;
                self.is_used_once(Target::Key(entry.key_span.start)).then_some(())?;
                self.entry_span(entry)
            }
            Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => return None,
        };
        let text = self.source().text();
        let before = text.get(..range.start)?.trim_end_matches(' ');
        let rest = &text[range.end..line_end(text, range.end)];
        if before.ends_with(',') {
            Some(before.len() - 1..range.end)
        } else if before.len() == line_start(text, range.start) && rest.trim().is_empty() {
            let end = line_end(text, range.end);
            let feed = text[end..].len() - after_line_feed(&text[end..]).len();
            Some(before.len()..end + feed)
        } else {
            None
        }
    }

    /// The line end of the file.
    fn line_feed(&self) -> &'static str {
        let text = self.source().text();
        match text.find(['\n', '\r']).map(|at| &text[at..]) {
            Some(rest) if rest.starts_with("\r\n") => "\r\n",
            Some(rest) if rest.starts_with('\r') => "\r",
            Some(_) | None => "\n",
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end)
}

fn after_line_feed(text: &str) -> &str {
    let rest = text.strip_prefix("\r\n");
    rest.or_else(|| text.strip_prefix(['\n', '\r'])).unwrap_or(text)
}
