//! Turns what the parser stopped at into a diagnostic for the author of a spec.
//! The parser speaks of scanning and of simple keys; this speaks of quotes, colons and tabs.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::mask::{Masked, Patch, What};
use crate::diagnostic::{Code, Diagnostic, Place};

/// More of them say nothing new: the file is not a text.
const MAX_CONTROLS: usize = 10;
/// A value of more bytes is not written out once more as its own fix.
const LONGEST_FIX: usize = 100;

/// Where the parser gave up, and why.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub kind: ErrorKind,
    pub at: usize,
}

/// A finding as text: where, what, and the fix.
struct Finding {
    range: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Finding {
    fn new(range: Range<usize>, message: impl Into<String>) -> Finding {
        Finding { range, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    fn diagnostic(self, code: Code) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::error(code, Place::Text { range: self.range }, self.message);
        diagnostic.help = self.help;
        diagnostic
    }
}

/// The diagnostic for a text that the parser could not read to its end.
pub(super) fn stopped(stop: &Stop, text: &str) -> Diagnostic {
    let code = match stop.kind {
        ErrorKind::RecursionLimitExceeded => Code::YamlBudget,
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::ExpectedTagBang
        | ErrorKind::InvalidGlobalTagCharacter
        | ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagEscape
        | ErrorKind::InvalidTagUtf8LeadingByte
        | ErrorKind::InvalidTagUtf8TrailingByte
        | ErrorKind::InvalidTagUtf8 => Code::YamlTag,
        _ => Code::YamlSyntax,
    };
    tab(stop, text)
        .or_else(|| missing_space(stop, text))
        .or_else(|| continued(stop, text))
        .unwrap_or_else(|| finding(stop, text))
        .diagnostic(code)
}

/// The diagnostics for what was hidden from the parser, but for bounds without quotes.
pub(super) fn hidden(patch: &Patch, scalar: Option<&Range<usize>>, text: &str) -> Diagnostic {
    let range = scalar.unwrap_or(&patch.extent).clone();
    let written = text.get(range.clone()).unwrap_or_default().trim();
    let quotes = match one_line(written) {
        line if line.len() <= LONGEST_FIX => {
            format!("put the value in quotes: `{}`", quoted(&line))
        }
        _ => "put the value in quotes".into(),
    };
    let (code, finding) = match patch.what {
        What::Indicator(c) => {
            let message = format!("a value cannot start with an unquoted `{c}`");
            let help = if patch.range.len() == 1 {
                quotes
            } else {
                format!("{quotes}; a block of text starts on the line below its `{c}`")
            };
            (Code::YamlSyntax, Finding::new(range, message).help(help))
        }
        What::Reserved(c) => {
            let message = format!("a value cannot start with an unquoted `{c}`");
            (Code::YamlSyntax, Finding::new(range, message).help(quotes))
        }
        What::Star => {
            let message = "an unquoted `*` is an alias in YAML, and this one names no anchor";
            (Code::YamlSyntax, Finding::new(range, message).help(quotes))
        }
        What::Tag => {
            let tag = text.get(patch.range.clone()).unwrap_or_default();
            let message = format!("the tag `{}` has no meaning here", shown(tag));
            let help = "leave the tag out; put text that starts with `!` in quotes";
            (Code::YamlTag, Finding::new(patch.range.clone(), message).help(help))
        }
    };
    finding.diagnostic(code)
}

/// The diagnostics for characters that no YAML text may hold.
pub(super) fn controls(masked: &Masked) -> impl Iterator<Item = Diagnostic> {
    masked.controls().iter().take(MAX_CONTROLS).map(|&(at, c)| {
        let message = format!("the character U+{:04X} is not allowed in YAML", u32::from(c));
        Finding::new(at..at + c.len_utf8(), message)
            .help("remove it; inside double quotes it can be written as an escape, such as `\\x07`")
            .diagnostic(Code::YamlSyntax)
    })
}

fn finding(stop: &Stop, text: &str) -> Finding {
    let at = word_at(text, stop.at);
    let say = |message: &str, help: &str| Finding::new(at.clone(), message).help(help);
    match &stop.kind {
        ErrorKind::UnclosedFlowCollection { open } => {
            let close = if *open == '[' { ']' } else { '}' };
            Finding::new(at.clone(), format!("this `{open}` is not closed by a `{close}`"))
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            Finding::new(at.clone(), format!("this `{open}` meets a `{close}` before it is closed"))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            say("this bracket closes nothing", "remove it, or put text with brackets in quotes")
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            say("this quote is not closed", "close it on the same line")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => say(
            "text stands behind the closing quote",
            "put the whole value in quotes; inside single quotes, `''` stands for one",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => say(
            "an escape in double quotes cannot be read",
            "write `\\\\` for a backslash, or use single quotes, which have no escapes",
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => {
            say("a `,` or `]` is missing in this list", "items are separated by `, `")
        }
        ErrorKind::ExpectedFlowMappingSeparator => {
            say("a `,` or `}` is missing in this map", "entries are separated by `, `")
        }
        ErrorKind::UnexpectedEofFlowSequence | ErrorKind::UnexpectedEofFlowMapping => {
            say("the text ends inside brackets", "close them")
        }
        ErrorKind::SimpleKeyExpected => {
            say("a `key: value` is expected here", "put a colon and a space behind the key")
        }
        ErrorKind::InvalidSimpleKey => {
            say("this cannot be a key", "a key stands on one line, and a space follows its colon")
        }
        ErrorKind::MappingValueNotAllowed => say(
            "a `:` cannot stand here",
            "put text that holds `: ` in quotes; nested keys go on lines of their own, indented",
        ),
        ErrorKind::ExpectedBlockMappingKey => say(
            "this does not continue the map above",
            "align it with the keys that it belongs to; put text with special characters in quotes",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => say(
            "this does not continue the list above",
            "each item starts with `- `, all in one column",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => say(
            "a list cannot start here",
            "start each `- ` on a line of its own below the key, or write `[a, b]`",
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => {
            say("this line is not indented as YAML needs it", "align it with the lines around it")
        }
        ErrorKind::CommentNotSeparated => {
            say("a comment needs a space before its `#`", "add a space, or put the text in quotes")
        }
        ErrorKind::InvalidMappingValueWhitespace => {
            say("a space is missing behind a colon", "write `key: value`")
        }
        ErrorKind::MissingAnchorOrAliasName => say(
            "an unquoted `&` or `*` starts the name of an anchor, and here is none",
            "put text that starts with one of them in quotes",
        ),
        ErrorKind::ExpectedDocumentStart => say(
            "this stands behind the end of the spec",
            "a spec is one map, either all in brackets or all by lines",
        ),
        ErrorKind::InvalidColonPlacement => say(
            "a `:` cannot stand here",
            "close the brackets that are open above, or put text that holds a `:` in quotes",
        ),
        ErrorKind::UnexpectedEofImplicitFlowMapping | ErrorKind::UnexpectedEofBlockMapping
            if text[at.clone()].starts_with(',') =>
        {
            say("a value is missing in front of this `,`", "write the value, or remove the `,`")
        }
        ErrorKind::BomInsideDocument => {
            say("a byte-order mark stands inside the text", "remove this invisible character")
        }
        ErrorKind::RecursionLimitExceeded => {
            say("lists and maps stand too deep inside one another", "a spec has at most 64 levels")
        }
        kind => {
            let message = kind.to_string();
            let message = message.strip_prefix("while ").map_or(message.as_str(), |rest| {
                rest.split_once(", ").map_or(rest, |(_, problem)| problem)
            });
            let message = message.trim_end_matches('.');
            let mut letters = message.chars();
            let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            Finding::new(
                at.clone(),
                format!("the YAML cannot be read: {first}{}", letters.as_str()),
            )
        }
    }
}

/// A tab in the indentation of the line where the parser stopped, or of the line after it.
fn tab(stop: &Stop, text: &str) -> Option<Finding> {
    let start = line_start(text, stop.at);
    let mut lines = Vec::from([start]);
    lines.extend(next_line(text, stop.at));
    for start in lines {
        let line = &text[start..];
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indent].find('\t') {
            let tabs = line[tab..indent].bytes().take_while(|&b| b == b'\t').count();
            let range = start + tab..start + tab + tabs;
            return Some(
                Finding::new(range, "a tab stands in the indentation")
                    .help("YAML is indented with spaces: replace each tab by two of them"),
            );
        }
    }
    None
}

/// A `key:value` on the line where the parser stopped, or on the last one with text before it.
fn missing_space(stop: &Stop, text: &str) -> Option<Finding> {
    match stop.kind {
        ErrorKind::SimpleKeyExpected
        | ErrorKind::MappingValueNotAllowed
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidSimpleKey => {}
        _ => return None,
    }
    let here = line_start(text, stop.at);
    let above = line_start(text, text[..here].trim_end().len());
    for start in [here, above] {
        let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
        let mut body = line.trim_start();
        while let Some(item) = body.strip_prefix("- ") {
            body = item.trim_start();
        }
        let Some((key, value)) = body.split_once(':') else { continue };
        let touches = value.starts_with(|c: char| !c.is_whitespace() && !"/:\\".contains(c));
        if !is_name(key) || !touches {
            continue;
        }
        let from = start + (line.len() - body.len());
        let value = value.split(" #").next().unwrap_or(value).trim_end();
        let to = from + key.len() + 1 + value.len();
        return Some(Finding::new(from..to, "a space is missing behind this colon").help(format!(
            "write `{}: {}`",
            shown(key),
            shown(value)
        )));
    }
    None
}

/// A `key: value` that YAML took for more text of the value above it, because it stands deeper.
fn continued(stop: &Stop, text: &str) -> Option<Finding> {
    if stop.kind != ErrorKind::MappingValueNotAllowed {
        return None;
    }
    let start = line_start(text, stop.at);
    let line = &text[start..stop.at];
    let key = line.trim_start();
    if !is_name(key) {
        return None;
    }
    let above = text[..start].trim_end();
    let help = if above[line_start(above, above.len())..].contains(':') {
        "align it with the key that it belongs to, or indent it below a key without a value"
    } else {
        "is a `:` missing at the end of the line above?"
    };
    let range = stop.at - key.len()..stop.at;
    Some(Finding::new(range, "this line continues the value above it").help(help))
}

fn is_name(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-@=".contains(c))
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

fn next_line(text: &str, at: usize) -> Option<usize> {
    let end = at + text[at..].find(['\n', '\r'])?;
    let skip = if text[end..].starts_with("\r\n") { 2 } else { 1 };
    Some(end + skip)
}

/// The word that starts at a byte, or the last character before it where there is none.
pub(super) fn word_at(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at);
    let rest = &text[at..];
    match rest.chars().next() {
        Some(c) if !c.is_whitespace() => {
            let is_end = |c: char| c.is_whitespace() || ",[]{}:".contains(c);
            let end = rest.find(is_end).unwrap_or(rest.len()).max(c.len_utf8());
            at..at + end
        }
        _ => match text[..at].trim_end().char_indices().next_back() {
            Some((before, c)) => before..before + c.len_utf8(),
            None => at..at,
        },
    }
}

/// A text for a message: on one line, and no longer than that line should be.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = one_line(text);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text as a YAML scalar in quotes.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Parsed;
    use super::*;

    fn only(text: &str) -> (String, String, String) {
        let parsed = Parsed::new(text);
        let (code, place, help) = parsed.only();
        assert_eq!(code, Code::YamlSyntax);
        (parsed.diagnostics[0].message.clone(), place.to_owned(), help.to_owned())
    }

    #[test]
    fn tabs_are_found() {
        for text in ["a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n", "é:\r\n\tb: 1\r\n", "a: >\n\tb\n"] {
            let (message, place, _) = only(text);
            assert_eq!(
                (message.as_str(), place.as_str()),
                ("a tab stands in the indentation", "\t")
            );
        }
        Parsed::clean("a:\t1\t# c\n");
    }

    #[test]
    fn missing_spaces_are_found() {
        for (text, place, help) in [
            ("a: 1\nb:2 # c\nc: 3\n", "b:2", "write `b: 2`"),
            ("é:1\nb: 2\n", "é:1", "write `é: 1`"),
            ("a:\n  - b:1\n    c: 2\n", "b:1", "write `b: 1`"),
        ] {
            let (message, found, fix) = only(text);
            assert_eq!(message, "a space is missing behind this colon", "{text}");
            assert_eq!((found.as_str(), fix.as_str()), (place, help));
        }
        let (message, ..) = only("a: http://x: 1\n");
        assert_eq!(message, "a `:` cannot stand here");
    }

    #[test]
    fn mistakes_have_places_and_fixes() {
        for (text, message, place) in [
            ("a: [1, 2\n", "this `[` is not closed by a `]`", "["),
            ("a: {b: 1\n", "this `{` is not closed by a `}`", "{"),
            ("a: [1}\n", "this `[` meets a `}` before it is closed", "["),
            ("a: \"é\nb: 2\n", "this quote is not closed", "\"é"),
            ("a: 'x' y\n", "text stands behind the closing quote", "y"),
            ("a: 1\n b: 2\n", "this line continues the value above it", "b"),
            ("a\n  b: 2\n", "this line continues the value above it", "b"),
            ("{a: 1}\nb: 2\n", "this stands behind the end of the spec", "b"),
            ("a: [1, 2\nb: 3\n", "a `:` cannot stand here", ":"),
            ("a: [1, , 2]\n", "a value is missing in front of this `,`", ","),
            ("a: b: c\n", "a `:` cannot stand here", ":"),
            ("a:\n   b: 1\n  c: 2\n", "this does not continue the map above", "c"),
            ("a: - 1\n", "a list cannot start here", "-"),
            ("a: \"\\q\"\n", "an escape in double quotes cannot be read", "\"\\q\""),
            ("a: @b c\n", "a value cannot start with an unquoted `@`", "@b c"),
            ("a: [%x, 1]\n", "a value cannot start with an unquoted `%`", "%x"),
            ("a: | x\n", "a value cannot start with an unquoted `|`", "| x"),
            (
                "a: & b\n",
                "an unquoted `&` or `*` starts the name of an anchor, and here is none",
                "&",
            ),
        ] {
            let (found, at, _) = only(text);
            assert_eq!((found.as_str(), at.as_str()), (message, place), "{text:?}");
        }
    }

    #[test]
    fn reading_goes_on_behind_a_reserved_character() {
        let parsed = Parsed::new("a: @b c # d\ne: [`f`, 1]\ng: !h!i 1\n");
        assert_eq!(*parsed.json(), json!({"a": "@b c", "e": ["`f`", 1], "g": 1}));
        assert_eq!(parsed.diagnostics.len(), 3);
        assert_eq!(
            parsed.diagnostics[0].help.as_deref(),
            Some("put the value in quotes: `\"@b c\"`")
        );
    }

    #[test]
    fn control_characters_are_named() {
        let parsed = Parsed::new("a: 1\0\nb: \"x\u{7}\u{9F}\" # \u{B}\nc: 2\n");
        let found: Vec<_> = parsed.found().into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, ["\0", "\u{7}", "\u{9F}", "\u{B}"]);
        assert!(parsed.diagnostics[0].message.starts_with("the character U+0000"));
        assert_eq!(parsed.json()["c"], 2);
        assert_eq!(Parsed::new(&"\0".repeat(1000)).diagnostics.len(), MAX_CONTROLS);
        assert_eq!(*Parsed::clean("\"\\0\\a\u{85}\"").json(), json!("\0\u{7}\u{85}"));
    }

    #[test]
    fn a_byte_order_mark_inside_is_named() {
        let (message, ..) = only("a: 1\n\u{FEFF}b: 2\n");
        assert_eq!(message, "a byte-order mark stands inside the text");
    }
}
