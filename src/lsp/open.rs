//! One open document: its text, kept up with the editor, and what was made of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::lines::{Encoding, Lines, Position};
use super::view::View;
use crate::diagnostic::{Code, Diagnostic};
use crate::outcome::SpecOutcome;
use crate::session::Known;
use crate::store::LastRun;
use crate::text::{Document, Environment, Source};

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// What a client has open.
#[derive(Debug)]
pub struct Open {
    pub path: PathBuf,
    pub version: i32,
    text: String,
    lines: Lines,
    /// Of the text as it is; none since the last edit.
    parsed: Option<Parsed>,
    /// The tree of the last text that was YAML.
    good: Option<Arc<Document>>,
    /// Whether its check was asked for.
    pub asked: bool,
    /// What the last check came to.
    pub checked: Option<SpecOutcome>,
    pub known: Option<Arc<Known>>,
    pub last: Option<LastRun>,
}

/// A text as a tree.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub document: Arc<Document>,
    pub found: Vec<Diagnostic>,
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Start and end; none: all of the text.
    pub range: Option<(Position, Position)>,
    pub text: String,
}

impl Open {
    pub fn new(path: PathBuf, version: i32, text: String) -> Self {
        let lines = Lines::new(&text);
        Self {
            path,
            version,
            text,
            lines,
            parsed: None,
            good: None,
            asked: false,
            checked: None,
            known: None,
            last: None,
        }
    }

    /// Takes an edit over.
    pub fn change(&mut self, change: &Change, encoding: Encoding) {
        match change.range {
            Some((start, end)) => {
                let start = self.lines.byte(&self.text, start, encoding);
                let end = self.lines.byte(&self.text, end, encoding).max(start);
                self.text.replace_range(start..end, &change.text);
                self.lines.replaced(&self.text, start..end, change.text.len());
            }
            None => return self.replace(change.text.clone()),
        }
        self.forget();
    }

    /// Takes another text over.
    pub fn replace(&mut self, text: String) {
        self.lines = Lines::new(&text);
        self.text = text;
        self.forget();
    }

    fn forget(&mut self) {
        self.parsed = None;
        self.asked = false;
    }

    /// Whether this is the tree of the text as it is.
    pub fn is_tree(&self, document: &Arc<Document>) -> bool {
        self.parsed.as_ref().is_some_and(|parsed| Arc::ptr_eq(&parsed.document, document))
    }

    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree of the text as it is.
    pub fn parse(&mut self, environment: &dyn Environment) -> &Parsed {
        self.parsed.get_or_insert_with(|| {
            let source = Source::new(self.path.clone(), self.text.as_str());
            let (document, found) = Document::parse(source, environment);
            let document = Arc::new(document);
            if !found.iter().any(|each| each.code == Code::YamlSyntax) {
                self.good = Some(Arc::clone(&document));
            }
            Parsed { document, found }
        })
    }

    /// Whether the text as it is is YAML, as far as that is known.
    pub fn is_good(&self) -> bool {
        self.good.as_ref().is_some_and(|good| self.is_tree(good))
    }

    /// What features are asked about; none until the text was parsed.
    pub fn view(&self) -> Option<View<'_>> {
        let tolerant = &self.parsed.as_ref()?.document;
        Some(View {
            text: self.text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.text),
            document: self.good.as_ref().unwrap_or(tolerant),
            tolerant,
            path: &self.path,
            known: self.known.as_deref(),
            last: self.last.as_ref(),
        })
    }

    /// Leads from offsets of a view to the positions of the client and back.
    pub fn places(&self, encoding: Encoding) -> Places<'_> {
        let mark =
            if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        Places { text: &self.text, lines: &self.lines, encoding, mark }
    }
}

/// Offsets of a view as positions of a client, and back.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    text: &'a str,
    lines: &'a Lines,
    encoding: Encoding,
    /// The bytes of the byte-order mark, which the client counts and trees do not.
    mark: usize,
}

impl Places<'_> {
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(self.text, offset + self.mark, self.encoding)
    }

    pub fn offset(&self, position: Position) -> usize {
        self.lines.byte(self.text, position, self.encoding).saturating_sub(self.mark)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_syntax_error_keeps_the_last_good_tree() {
        let mut open = Open::new("/a.yaml".into(), 1, "a: 1\nb: 2\n".to_owned());
        let environment = |_: &str| None;
        open.parse(&environment);
        assert!(open.view().unwrap().is_current());
        let at = Position { line: 0, column: 3 };
        open.change(&Change { range: Some((at, at)), text: "[".to_owned() }, Encoding::Utf8);
        assert!(open.view().is_none(), "not parsed yet");
        open.parse(&environment);
        let view = open.view().unwrap();
        assert!(!view.is_current());
        assert_eq!(view.document.written()["a"], 1);
        assert_eq!(view.tolerant.source().text(), "a: [1\nb: 2\n");
        assert_eq!(view.to_tree(6), Some(5), "behind the edit");
        assert_eq!(view.to_text(&(5..6)), Some(6..7));
    }

    #[test]
    fn a_byte_order_mark_is_the_clients_alone() {
        let open = Open::new("/a.yaml".into(), 1, "\u{FEFF}a: 1\nb: 2\n".to_owned());
        let places = open.places(Encoding::Utf16);
        assert_eq!(places.position(0), Position { line: 0, column: 1 });
        assert_eq!(places.offset(Position { line: 0, column: 0 }), 0);
        assert_eq!(places.offset(Position { line: 1, column: 0 }), 5);
    }

    proptest! {
        /// What the server holds after edits is what the editor holds.
        #[test]
        fn edits_come_to_the_whole_text(
            text in "[a:\u{e9}\u{1F427} \r\n]{0,30}",
            edits in proptest::collection::vec(
                (0_u32..6, 0_u32..9, 0_u32..6, 0_u32..9, "[b\u{1F427}\r\n]{0,5}"), 1..10),
            wide in any::<bool>(),
        ) {
            let encoding = if wide { Encoding::Utf16 } else { Encoding::Utf8 };
            let mut open = Open::new("/a.yaml".into(), 1, text.clone());
            let mut whole = text;
            for (line, column, to_line, to_column, inserted) in edits {
                let (a, b) = (Position { line, column }, Position { line: to_line, column: to_column });
                let (start, end) = (a.min(b), a.max(b));
                let lines = Lines::new(&whole);
                let range = lines.byte(&whole, start, encoding)..lines.byte(&whole, end, encoding);
                whole.replace_range(range, &inserted);
                open.change(&Change { range: Some((start, end)), text: inserted }, encoding);
                prop_assert_eq!(open.text(), &whole);
            }
        }
    }
}
