//! What a terminal can show, and text made fit for it.

use std::borrow::Cow;
use std::fmt;

use anstyle::{AnsiColor, Style};

use super::wording::turns_writing;
use crate::outcome::Kind;
use crate::verdict::Status;

/// How the terminal looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: bool,
    /// Whether box-drawing characters and ticks can be shown.
    pub unicode: bool,
    /// Columns of characters.
    pub width: usize,
    /// Whether places can be links to files.
    pub links: bool,
}

impl Look {
    pub fn paint(self, style: Style, text: impl fmt::Display) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    pub fn dim(self, text: impl fmt::Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub fn bold(self, text: impl fmt::Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub fn status(self, status: Status, kind: Kind) -> String {
        let word = match (kind, status) {
            (Kind::Check, Status::Pass) => "valid",
            _ => status.word(),
        };
        let mark = match (status, self.unicode) {
            (Status::Pass, true) => "✓ ",
            (Status::Fail | Status::Error | Status::Invalid, true) => "✗ ",
            (Status::Warn, true) => "! ",
            (Status::Skipped, true) => "- ",
            (Status::Inconclusive, true) => "? ",
            (_, false) => "",
        };
        let width = if self.unicode { 5 } else { 7 };
        let style = Style::new().fg_color(Some(colour_of(status).into())).bold();
        self.paint(style, format!("{mark}{word:<width$}"))
    }
}

/// The colour that stands for a status.
pub fn colour_of(status: Status) -> AnsiColor {
    match status {
        Status::Pass => AnsiColor::Green,
        Status::Warn | Status::Skipped => AnsiColor::Yellow,
        Status::Fail | Status::Inconclusive => AnsiColor::Red,
        Status::Error | Status::Invalid => AnsiColor::Magenta,
    }
}

/// Text from a spec or a data file without control characters, which could move the cursor or
/// colour what follows, or turn the direction of writing.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The same on one line.
pub fn on_a_line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

fn steers(c: char) -> bool {
    (c.is_control() && c != '\n') || turns_writing(c)
}

/// The lines of a file in the same way, except that every byte stays where it was, so that places in the text
/// are those in the file.
pub fn masked(text: &str) -> Cow<'_, str> {
    let is_kept = |at: usize, c: char| match c {
        '\t' => true,
        '\r' => text[at + 1..].starts_with('\n'),
        c => !steers(c),
    };
    if text.char_indices().all(|(at, c)| is_kept(at, c)) {
        return Cow::Borrowed(text);
    }
    let sign = |(at, c): (usize, char)| match c.len_utf8() {
        _ if is_kept(at, c) => c,
        1 => '?',
        2 => '¿',
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.char_indices().map(sign).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_text_keeps_its_bytes_in_their_places() {
        for (text, shown) in [
            ("a\r\nb\tc é\n", "a\r\nb\tc é\n"),
            ("\u{1b}[31mred\rb", "?[31mred?b"),
            ("a\u{9b}b\u{202e}c\u{61c}", "a¿b\u{fffd}c¿"),
        ] {
            assert_eq!(masked(text), shown);
            assert_eq!(masked(text).len(), text.len());
        }
    }
}
