//! Text of specs and data made fit for reports: on one line, without what would steer a terminal, a
//! parser or the direction of writing.

/// Text on one line: escape sequences are left out, line breaks become spaces, and other control
/// characters the sign for what cannot be shown.
pub fn plain(text: &str) -> String {
    cleaned(text, " ")
}

/// The same, with its line breaks.
pub fn lines(text: &str) -> String {
    cleaned(text, "\n")
}

fn cleaned(text: &str, line_break: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut rest),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str(line_break),
            '\t' => out.push(' '),
            c if c.is_control() || turns_writing(c) || is_noncharacter(c) => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            c => out.push(c),
        }
    }
    out
}

/// Leaves out what follows an escape character: the sequences that colour text, move the cursor, or
/// set a title or a link.
fn skip_sequence(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            for c in rest.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&c) {
                    break;
                }
            }
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = rest.next() {
                if c == '\u{7}' {
                    break;
                }
                if c == '\u{1b}' {
                    rest.next();
                    break;
                }
            }
        }
        Some(_) => {
            rest.next();
        }
        None => {}
    }
}

/// JSON in which what would steer a terminal is an escape, which means the same to who reads it.
pub fn in_json(text: String) -> String {
    // serde_json escapes those below U+0020; what is left stands inside of strings alone.
    if !text.contains(steers) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if steers(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a character steers a terminal where it stands in JSON or YAML as it is.
pub fn steers(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}') || turns_writing(c)
}

/// Whether a character turns the direction of writing, so that text would not be what it looks like.
pub fn turns_writing(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Whether XML refuses a character that is no control character.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{fdd0}'..='\u{fdef}')
}

/// No more than so many characters, with a sign for what was left out.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A path as the reference of a URI.
pub fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", encoded(path.as_bytes()))
}

/// The bytes of a path as that of a URI.
pub fn encoded(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(*byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// `38 ms`, `1.2 s`, `3 min 20 s`.
pub fn time(milliseconds: f64) -> String {
    if milliseconds < 999.5 {
        format!("{milliseconds:.0} ms")
    } else if milliseconds < 1e5 {
        format!("{:.1} s", milliseconds / 1e3)
    } else {
        let seconds = (milliseconds / 1e3).round();
        format!("{} min {} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_one_line_that_steers_nothing() {
        assert_eq!(plain("a\nb\r\nc\u{2028}d"), "a b c d");
        assert_eq!(
            plain("\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}x\u{1b}]8;;u\u{1b}\\y"),
            "red xy"
        );
        assert_eq!(plain("bell\u{7} null\u{0}"), "bell\u{fffd} null\u{fffd}");
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
        assert_eq!(plain("\u{1b}"), "");
        assert_eq!(plain("Größe 100 % ✓"), "Größe 100 % ✓");
        assert_eq!(lines("a\r\nb\u{1b}[1m"), "a\nb");
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("specs/a b#1:2.yaml"), "specs/a%20b%231%3A2.yaml");
        assert_eq!(uri("/data/ä.yaml"), "file:///data/%C3%A4.yaml");
        assert_eq!(encoded(b"a\xff/b"), "a%FF/b");
    }

    #[test]
    fn json_means_the_same_and_steers_nothing() {
        let value = serde_json::json!({ "a\u{202e}": "\u{9b}1m\u{7f}\u{1b} é\u{200f}" });
        let text = in_json(value.to_string());
        assert_eq!(text, r#"{"a\u202e":"\u009b1m\u007f\u001b é\u200f"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!([cut("äöü", 2), cut("äöü", 3), cut("", 0)], ["äö…", "äöü", ""]);
    }

    #[test]
    fn times_are_short() {
        assert_eq!(
            [time(38.24), time(999.7), time(1240.0), time(200_000.0)],
            ["38 ms", "1.0 s", "1.2 s", "3 min 20 s"]
        );
    }
}
