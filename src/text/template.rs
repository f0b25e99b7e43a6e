//! Turns a string with `${NAME}` into one with the environment's values.
//! Which strings are templates is for `document` to say; keys never are.

use std::ops::Range;

use super::Environment;

/// Why a part of a template has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The variable is not set and there is no default.
    Unset { name: String },
    /// The `${` is not finished or names nothing.
    Syntax { message: &'static str },
}

/// Whether a string has anything to expand or to unescape.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("${")
}

/// Expands `${NAME}` and `${NAME:-default}` and turns `$${` into `${`. As in a shell, `:-` also
/// replaces a variable that is set to nothing. A part with a fault stays as it was written; the
/// fault's range counts bytes of `text`.
pub(super) fn expand(
    text: &str,
    environment: &dyn Environment,
) -> (String, Vec<(Range<usize>, Fault)>) {
    let mut value = String::with_capacity(text.len());
    let mut faults = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let start = at + found;
        if text[at..start].ends_with('$') {
            value.push_str(&text[at..start - 1]);
            value.push_str("${");
            at = start + 2;
            continue;
        }
        value.push_str(&text[at..start]);
        let part = part(text, start);
        let expanded = part.content.and_then(|(name, default)| {
            let set = environment.get(name);
            match default {
                Some(default) => {
                    Ok(set.filter(|value| !value.is_empty()).unwrap_or_else(|| default.into()))
                }
                None => set.ok_or_else(|| Fault::Unset { name: name.into() }),
            }
        });
        match expanded {
            Ok(expanded) => value.push_str(&expanded),
            Err(fault) => {
                value.push_str(&text[start..part.end]);
                faults.push((start..part.end, fault));
            }
        }
        at = part.end;
    }
    value.push_str(&text[at..]);
    (value, faults)
}

/// The text with the environment's values; none where a part has none.
pub fn filled_in(text: &str, environment: &dyn Environment) -> Option<String> {
    let (value, faults) = expand(text, environment);
    faults.is_empty().then_some(value)
}

/// One `${…}`: the byte behind it, and its name and default.
struct Part<'a> {
    end: usize,
    content: Result<(&'a str, Option<&'a str>), Fault>,
}

fn part(text: &str, start: usize) -> Part<'_> {
    let body = &text[start + 2..];
    let syntax = |length: usize, message| Part {
        end: start + 2 + length,
        content: Err(Fault::Syntax { message }),
    };
    let Some(close) = body.find('}') else {
        let word = body.find(char::is_whitespace).unwrap_or(body.len());
        return syntax(word, "`${` is not closed by `}`");
    };
    let inside = &body[..close];
    if let Some(nested) = inside.find("${") {
        // The outer part alone is refused, so that the inner one is read by itself.
        return syntax(nested, "a `${` stands inside another");
    }
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let length = close + 1;
    if name.is_empty() {
        return syntax(length, "`${}` names no variable");
    }
    if name.starts_with(|c: char| c.is_ascii_digit())
        || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        return syntax(length, "this is not the name of a variable");
    }
    Part { end: start + 2 + length, content: Ok((name, default)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/ann".into()),
            "EMPTY" => Some(String::new()),
            "MARK" => Some("${HOME}".into()),
            _ => None,
        }
    }

    fn expanded(text: &str) -> String {
        let (value, faults) = expand(text, &environment);
        assert_eq!(faults, [], "{text}");
        value
    }

    fn fault(text: &str) -> (&str, Fault) {
        let (_, mut faults) = expand(text, &environment);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        let (range, fault) = faults.remove(0);
        (&text[range], fault)
    }

    #[test]
    fn variables_defaults_and_escapes() {
        assert_eq!(expanded("${HOME}/data.csv"), "/home/ann/data.csv");
        assert_eq!(expanded("é ${HOME} é ${HOME}"), "é /home/ann é /home/ann");
        assert_eq!(expanded("${NONE:-data}.csv"), "data.csv");
        assert_eq!(expanded("${NONE:-}"), "");
        assert_eq!(expanded("${HOME:-x}"), "/home/ann");
        assert_eq!(expanded("[${EMPTY}]"), "[]");
        assert_eq!(expanded("${EMPTY:-x}"), "x");
        assert_eq!(expanded("$${HOME} ${HOME}"), "${HOME} /home/ann");
        assert_eq!(expanded("$$${HOME}"), "$${HOME}");
        assert_eq!(expanded("$HOME $ $$ {HOME}"), "$HOME $ $$ {HOME}");
        assert_eq!(expanded("${MARK}"), "${HOME}", "values are not expanded again");
        assert_eq!(expanded("${NONE:-a:-b}"), "a:-b");
    }

    #[test]
    fn faults_name_their_part() {
        assert_eq!(fault("a ${NONE} b"), ("${NONE}", Fault::Unset { name: "NONE".into() }));
        assert!(matches!(fault("é ${HOME é"), ("${HOME", Fault::Syntax { .. })));
        assert!(matches!(fault("${}"), ("${}", Fault::Syntax { .. })));
        assert!(matches!(fault("${1A}"), ("${1A}", Fault::Syntax { .. })));
        assert!(matches!(fault("${A:b}"), ("${A:b}", Fault::Syntax { .. })));
        assert!(matches!(fault("${é}"), ("${é}", Fault::Syntax { .. })));
        assert!(matches!(fault("${A:-${HOME}}"), ("${A:-", Fault::Syntax { .. })));
        assert!(matches!(fault("${"), ("${", Fault::Syntax { .. })));
    }

    #[test]
    fn parts_with_faults_stay_as_written() {
        let (value, faults) = expand("${NONE}/${HOME}/${", &environment);
        assert_eq!(value, "${NONE}//home/ann/${");
        assert_eq!(faults.len(), 2);
    }
}
