//! Turns positions, as editors count them, into bytes of a text and back. Lines end in LF, CRLF or CR,
//! as the protocol has it.

use std::ops::Range;

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
}

/// A place between two characters; both count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Where the lines of a text start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first is 0.
    starts: Vec<usize>,
    /// Whether bytes are characters, which a long line is glad of.
    ascii: bool,
}

impl Lines {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).map(|at| at + 1);
        let starts = std::iter::once(0).chain(ends.filter(|at| starts_line(bytes, *at)));
        Self { starts: starts.collect(), ascii: text.is_ascii() }
    }

    /// Keeps up with a text in which `range` was replaced by `inserted` bytes, which gave `text`.
    pub fn replaced(&mut self, text: &str, range: Range<usize>, inserted: usize) {
        let bytes = text.as_bytes();
        let before = self.starts.partition_point(|start| *start < range.start).max(1);
        let after = self.starts.partition_point(|start| *start <= range.end).max(1);
        let end = range.start + inserted;
        let new: Vec<usize> = (range.start.max(1)..=end)
            .filter(|at| starts_line(bytes, *at))
            .chain(self.starts[after..].iter().map(|start| start - range.end + end))
            .collect();
        self.starts.truncate(before);
        self.starts.extend(new);
        self.ascii = self.ascii && text[range.start..end].is_ascii();
    }

    /// How many lines there are; the last may be empty.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of a line without its end; nothing at the end of the text for a line that is not there.
    pub fn line(&self, text: &str, line: usize) -> Range<usize> {
        let Some(&start) = self.starts.get(line) else { return text.len()..text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        start..start + text[start..end].trim_end_matches(['\r', '\n']).len()
    }

    /// The line of a byte, counted from 0.
    pub fn line_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The byte of a position. One behind the end of its line counts as that end, and one inside a
    /// character as that character's start.
    pub fn byte(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = self.line(text, position.line as usize);
        let column = position.column as usize;
        let content = &text[line.clone()];
        match encoding {
            _ if self.ascii => line.start + column.min(content.len()),
            Encoding::Utf8 => line.start + content.floor_char_boundary(column),
            Encoding::Utf16 => {
                let mut units = 0;
                let inside = content.char_indices().find(|(_, each)| {
                    units += each.len_utf16();
                    units > column
                });
                inside.map_or(line.end, |(at, _)| line.start + at)
            }
        }
    }

    /// The position of a byte; one behind the end of the text counts as that end.
    pub fn position(&self, text: &str, byte: usize, encoding: Encoding) -> Position {
        let byte = text.floor_char_boundary(byte);
        let line = self.line_of(byte);
        let before = &text[self.starts[line]..byte];
        let column = match encoding {
            _ if self.ascii => before.len(),
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(column) }
    }
}

/// Whether a line starts at `at`, which is not 0.
fn starts_line(bytes: &[u8], at: usize) -> bool {
    match bytes[at - 1] {
        b'\n' => true,
        b'\r' => bytes.get(at) != Some(&b'\n'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_count_what_was_agreed_on() {
        let text = "a: 1\né: \u{1F427}x\n";
        let lines = Lines::new(text);
        let x = text.find('x').unwrap();
        assert_eq!(lines.position(text, x, Encoding::Utf16), position(1, 5));
        assert_eq!(lines.position(text, x, Encoding::Utf8), position(1, 8));
        assert_eq!(lines.byte(text, position(1, 5), Encoding::Utf16), x);
        assert_eq!(lines.byte(text, position(1, 8), Encoding::Utf8), x);
        let penguin = text.find('\u{1F427}').unwrap();
        assert_eq!(lines.byte(text, position(1, 4), Encoding::Utf16), penguin, "half of a pair");
        assert_eq!(lines.byte(text, position(1, 6), Encoding::Utf8), penguin, "inside of it");
    }

    #[test]
    fn lf_crlf_and_cr_end_lines() {
        let text = "a\nb\r\nc\rd\r\r\n";
        let lines = Lines::new(text);
        let found: Vec<&str> =
            (0..lines.count()).map(|line| &text[lines.line(text, line)]).collect();
        assert_eq!(found, ["a", "b", "c", "d", "", ""]);
        assert_eq!(lines.position(text, 4, Encoding::Utf8), position(1, 2), "between CR and LF");
    }

    #[test]
    fn positions_outside_of_the_text_count_as_its_ends() {
        let text = "ab\r\nc";
        let lines = Lines::new(text);
        assert_eq!(lines.byte(text, position(0, 99), Encoding::Utf16), 2);
        assert_eq!(lines.byte(text, position(9, 0), Encoding::Utf16), 5);
        assert_eq!(lines.byte(text, position(u32::MAX, u32::MAX), Encoding::Utf8), 5);
        assert_eq!(lines.position(text, 99, Encoding::Utf8), position(1, 1));
    }

    proptest! {
        #[test]
        fn lines_keep_up_with_edits(
            text in "[a\u{e9}\u{1F427}\r\n]{0,20}",
            edits in proptest::collection::vec((any::<u16>(), any::<u16>(), "[ab\u{e9}\r\n]{0,4}"), 1..8),
        ) {
            let mut text = text;
            let mut lines = Lines::new(&text);
            for (from, to, inserted) in edits {
                let at = |raw: u16| text.floor_char_boundary(usize::from(raw) % (text.len() + 1));
                let (from, to) = (at(from), at(to));
                let range = from.min(to)..from.max(to);
                text.replace_range(range.clone(), &inserted);
                lines.replaced(&text, range, inserted.len());
                prop_assert_eq!(&lines.starts, &Lines::new(&text).starts, "{:?}", text);
            }
            for (at, _) in text.char_indices() {
                for encoding in [Encoding::Utf8, Encoding::Utf16] {
                    let there = lines.position(&text, at, encoding);
                    let line = lines.line(&text, there.line as usize);
                    if at <= line.end {
                        prop_assert_eq!(lines.byte(&text, there, encoding), at);
                    }
                }
            }
        }
    }
}
