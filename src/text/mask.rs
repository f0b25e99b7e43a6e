//! Hides the characters at which the YAML parser would stop, so that it reads on behind them.
//! A mask has as many bytes as what it hides: spans stay right, and no finding is lost.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::syntax::Stop;

/// A part of the text that the parser is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub range: Range<usize>,
    /// All that belongs to the hidden character, as far as a line tells.
    pub extent: Range<usize>,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `>` or `|` where a value should start.
    Indicator(char),
    /// Another character that cannot start plain text.
    Reserved(char),
    /// A `*` that names no anchor.
    Star,
    /// A tag whose handle was never declared.
    Tag,
}

impl What {
    fn filler(self) -> &'static str {
        match self {
            What::Indicator(_) | What::Reserved(_) | What::Star => "x",
            What::Tag => " ",
        }
    }
}

/// The text as the parser sees it.
pub(super) struct Masked<'t> {
    original: &'t str,
    text: String,
    patches: Vec<Patch>,
    controls: Vec<(usize, char)>,
}

impl<'t> Masked<'t> {
    /// Hides what is not printable from the start: the parser would report it at the wrong place.
    pub fn new(original: &'t str) -> Masked<'t> {
        let mut text = String::with_capacity(original.len());
        let mut controls = Vec::new();
        for (at, c) in original.char_indices() {
            if is_printable(c) {
                text.push(c);
            } else {
                text.extend(std::iter::repeat_n('_', c.len_utf8()));
                controls.push((at, c));
            }
        }
        Masked { original, text, patches: Vec::new(), controls }
    }

    /// Characters that no YAML text may hold, and where they are.
    pub fn controls(&self) -> &[(usize, char)] {
        &self.controls
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn original(&self) -> &'t str {
        self.original
    }

    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// Hides what the parser stopped at; false where that would not help.
    pub fn hide_stop(&mut self, stop: &Stop) -> bool {
        let Some(patch) = patch(stop, &self.text) else { return false };
        let overlaps =
            |old: &Patch| old.range.start < patch.range.end && patch.range.start < old.range.end;
        if patch.range.is_empty() || self.patches.iter().any(overlaps) {
            return false;
        }
        self.hide(patch);
        true
    }

    fn hide(&mut self, patch: Patch) {
        let filler = patch.what.filler().repeat(patch.range.len());
        self.text.replace_range(patch.range.clone(), &filler);
        self.patches.push(patch);
    }
}

/// `c-printable` of YAML 1.2, section 5.1.
fn is_printable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

fn patch(stop: &Stop, text: &str) -> Option<Patch> {
    let rest = text.get(stop.at..)?;
    let first = rest.chars().next();
    let all = |range: Range<usize>, what| Some(Patch { extent: range.clone(), range, what });
    let one = |what| {
        let extent = value_in_brackets(text, stop.at);
        Some(Patch { range: stop.at..stop.at + 1, extent, what })
    };
    match (&stop.kind, first) {
        (
            ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent,
            Some(c @ ('>' | '|')),
        ) => all(header_line(text, stop.at), What::Indicator(c)),
        (ErrorKind::InvalidBlockScalarIndent, _) => {
            let start = header_above(text, stop.at)?;
            all(header_line(text, start), What::Indicator('>'))
        }
        (ErrorKind::UnexpectedCharacter { .. }, Some(c @ ('>' | '|'))) => one(What::Indicator(c)),
        (ErrorKind::UnexpectedCharacter { .. }, Some(c @ ('@' | '`' | '%'))) => {
            one(What::Reserved(c))
        }
        (ErrorKind::MissingAnchorOrAliasName, Some('*')) => one(What::Star),
        (ErrorKind::UndeclaredTagHandle, Some('!')) => {
            let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c));
            all(stop.at..stop.at + end.unwrap_or(rest.len()), What::Tag)
        }
        _ => None,
    }
}

/// From an indicator to the end of its line, without a comment.
fn header_line(text: &str, start: usize) -> Range<usize> {
    let line = text[start..].lines().next().unwrap_or_default();
    let line = line.split('\r').next().unwrap_or_default();
    let comment = line.find(" #").into_iter().chain(line.find("\t#")).min();
    let line = line[..comment.unwrap_or(line.len())].trim_end();
    start..start + line.len()
}

/// From a character to the end of its value, as if it stood in brackets.
fn value_in_brackets(text: &str, start: usize) -> Range<usize> {
    let line = &text[header_line(text, start)];
    let end = line.find([',', ']', '}']).unwrap_or(line.len());
    start..start + line[..end].trim_end().len().max(1)
}

/// The `>2` on the last line with text before `at`, if that line ends with one.
fn header_above(text: &str, at: usize) -> Option<usize> {
    let above = text[..at].trim_end();
    let line_start = above.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let line = &above[line_start..];
    let line = line.split(" #").next()?.trim_end();
    let start = line.rfind('>')?;
    let is_header = line[start + 1..].bytes().all(|b| b.is_ascii_digit() || b"+-".contains(&b));
    is_header.then_some(line_start + start)
}
