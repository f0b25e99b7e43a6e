//! What every feature is asked about: one spec as its editor shows it, with what is known of its data and
//! its last run. Plain data, and offsets are bytes, so features need no client.

use std::ops::Range;
use std::path::Path;

use crate::session::Known;
use crate::store::{Freshness, LastRun};
use crate::text::Document;

/// One open spec.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The text as it stands in the editor, without a byte-order mark. Offsets that features take and
    /// give are bytes of it.
    pub text: &'a str,
    /// The tree of the last text that was YAML. Its spans are those of its own text: `to_tree` and
    /// `to_text` lead from one to the other.
    pub document: &'a Document,
    /// The tree of `text`, with what stopped the parser left out; the same as `document` where nothing
    /// did.
    pub tolerant: &'a Document,
    /// Where the spec lies, absolute; its paths are relative to the folder. A spec that was never saved
    /// lies in the first folder of the workspace.
    pub path: &'a Path,
    /// None where the spec's data could not be read, or not yet.
    pub known: Option<&'a Known>,
    /// None where the spec has never been run.
    pub last: Option<&'a LastRun>,
}

impl View<'_> {
    /// Whether `document` is the tree of `text`.
    pub fn is_current(&self) -> bool {
        self.document.source().text() == self.text
    }

    /// Whether the last run still speaks of this text, of the data as they are, and of this version.
    pub fn freshness(&self) -> Option<Freshness> {
        self.last.map(|last| last.freshness(self.text))
    }

    /// The byte of the tree's text that an offset means; none inside of what was edited since.
    pub fn to_tree(&self, offset: usize) -> Option<usize> {
        let drift = self.drift();
        moved(offset, &drift.new, &drift.old)
    }

    /// The range of `text` that a range of the tree's text is now; none where it was edited since.
    pub fn to_text(&self, range: &Range<usize>) -> Option<Range<usize>> {
        self.drift().to_text(range)
    }

    /// For moving many ranges: compares the texts once.
    pub fn drift(&self) -> Drift {
        Drift::between(self.document.source().text(), self.text)
    }
}

/// What differs between the tree's text and the one in the editor, as one replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    old: Range<usize>,
    new: Range<usize>,
}

impl Drift {
    fn between(old: &str, new: &str) -> Self {
        if old == new {
            // Behind the end, so that all of the text stands before it.
            let end = old.len() + 1..old.len() + 1;
            return Self { old: end.clone(), new: end };
        }
        let same = |(a, b): &(u8, u8)| a == b;
        let start = old.bytes().zip(new.bytes()).take_while(same).count();
        let start = old.floor_char_boundary(start);
        let most = old.len().min(new.len()) - start;
        let tail = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(same).count();
        let tail = old.len() - old.ceil_char_boundary(old.len() - tail);
        Self { old: start..old.len() - tail, new: start..new.len() - tail }
    }

    /// The range of the new text that a range of the old one is; none where it was edited.
    pub fn to_text(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let start = moved(range.start, &self.old, &self.new)?;
        let end = moved(range.end, &self.old, &self.new)?;
        // Around an edit, a node grows or shrinks by it.
        (start <= end).then_some(start..end)
    }
}

fn moved(at: usize, from: &Range<usize>, to: &Range<usize>) -> Option<usize> {
    if at <= from.start {
        Some(at)
    } else if at >= from.end {
        Some(at - from.end + to.end)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Opened;
    use super::*;

    #[test]
    fn a_view_tells_what_is_known() {
        let known = Known { classes: vec!["a".to_owned()], ..Known::default() };
        let opened = Opened::new("name: █x\n").knowing(known);
        assert_eq!((opened.view().text, opened.cursor), ("name: x\n", 6));
        assert_eq!(opened.view().known.unwrap().classes, ["a"]);
        assert_eq!(opened.view().freshness(), None, "never run");
    }

    #[test]
    fn ranges_follow_an_edit() {
        let (old, new) = ("a: 1\nb: 2\nc: 3\n", "a: 1\nb: [2é\nc: 3\n");
        let drift = Drift::between(old, new);
        let word = |range: Range<usize>| drift.to_text(&range).map(|range| &new[range]);
        assert_eq!(word(0..4), Some("a: 1"));
        assert_eq!(word(10..14), Some("c: 3"));
        assert_eq!(word(0..14), Some("a: 1\nb: [2é\nc: 3"), "around the edit");
        let shrunk = Drift::between("abcdef", "af");
        assert_eq!(shrunk.to_text(&(2..3)), None, "gone");
        assert_eq!(shrunk.to_text(&(0..1)), Some(0..1));
        assert_eq!(shrunk.to_text(&(5..6)), Some(1..2));
    }

    #[test]
    fn without_an_edit_all_stays() {
        let drift = Drift::between("abc", "abc");
        assert_eq!(drift.to_text(&(0..3)), Some(0..3));
        assert_eq!(drift.to_text(&(3..3)), Some(3..3));
    }
}
