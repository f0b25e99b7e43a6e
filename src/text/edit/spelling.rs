//! How a text is spelt as a YAML scalar on one line: plain where that is read as the same text.

use crate::text::scalar::{self, Atom};

/// A text as YAML on one line, for wherever a scalar stands. What looks like a variable is escaped.
pub fn as_yaml(text: &str) -> String {
    as_yaml_key(&text.replace("${", "$${"))
}

/// As [`as_yaml`], for a key of a map: keys hold no variables.
pub fn as_yaml_key(text: &str) -> String {
    match stands_plain(text, Form::Flow) {
        true => text.to_owned(),
        false => in_double_quotes(text),
    }
}

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Block,
    /// Between brackets, where a comma would end it.
    Flow,
}

/// A text as a scalar on one line: plain where that is read as the same text.
pub fn spelled(text: &str, form: Form) -> String {
    if stands_plain(text, form) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !text.contains('\'') && is_printable(text) {
        format!("'{text}'")
    } else {
        in_double_quotes(text)
    }
}

/// Whether a text means itself without quotes.
pub fn stands_plain(text: &str, form: Form) -> bool {
    const FIRST: [char; 17] =
        ['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%'];
    let breaks = match form {
        Form::Block => false,
        Form::Flow => text.contains([',', '[', ']', '{', '}']),
    };
    scalar::plain(text) == Ok(Atom::Text)
        && is_printable(text)
        && text.trim() == text
        && text != "<<"
        && !text.starts_with(FIRST)
        && !text.starts_with(['@', '`'])
        && !text.starts_with("...")
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !breaks
}

/// Whether all characters can stand in YAML, on one line, without an escape.
pub(super) fn is_printable(text: &str) -> bool {
    !text.chars().any(needs_escape)
}

fn needs_escape(c: char) -> bool {
    // Marks that turn the direction of writing would make the rest of a line look like another one.
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control()
        || turns
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

pub fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if needs_escape(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
