//! Reads one line of JSON, an object, into columns.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::infer::integer;
use super::json::{Lines, Seen, Value, Wanted, Wrong};

/// Adds one line, which is not blank.
pub(super) fn read_line(lines: &mut Lines, line: &str, wanted: &Wanted<'_>) -> Result<(), Wrong> {
    let what = match line.as_bytes()[0] {
        b'{' => None,
        b'[' => Some("a list"),
        b'"' => Some("text"),
        b'-' | b'0'..=b'9' => Some("a number"),
        _ if matches!(line, "true" | "false" | "null") => Some("a single value"),
        _ => None,
    };
    if let Some(what) = what {
        return Err(Wrong::NotObject(what));
    }
    let mut wrong = None;
    let mut reader = serde_json::Deserializer::from_str(line);
    let record = Record { lines: &mut *lines, wanted, wrong: &mut wrong };
    let read = reader.deserialize_map(record).and_then(|()| reader.end());
    match (wrong, read) {
        (Some(wrong), _) => Err(wrong),
        (None, Err(error)) => Err(Wrong::Syntax(in_words(&error))),
        (None, Ok(())) => {
            lines.rows += 1;
            Ok(())
        }
    }
}

/// The parser's message with the column of the line; it takes the line for a file.
fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("{what}, at character {}", error.column())
}

/// Reads the keys and values of an object into the columns.
struct Record<'r> {
    lines: &'r mut Lines,
    wanted: &'r Wanted<'r>,
    wrong: &'r mut Option<Wrong>,
}

impl<'de> Visitor<'de> for Record<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let row = self.lines.rows;
        let typed = matches!(self.wanted, Wanted::Types);
        let mut at = 0;
        while let Some(Key(key)) = map.next_key()? {
            let raw: &RawValue = map.next_value()?;
            let mut add = || -> Result<usize, Wrong> {
                let found = self.lines.slot(at, &key, self.wanted)?;
                let slot = &mut self.lines.slots[found];
                if !slot.meet(row) {
                    return Err(Wrong::Twice(key.to_string()));
                }
                if typed || slot.is_stored() {
                    slot.push(row, &value(raw.get())?)?;
                }
                Ok(found)
            };
            match add() {
                Ok(found) => at = found + 1,
                Err(wrong) => {
                    *self.wrong = Some(wrong);
                    return Err(A::Error::custom("refused"));
                }
            }
        }
        Ok(())
    }
}

/// A key, borrowed from the line where it holds no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// What a valid piece of JSON is.
fn value(raw: &str) -> Result<Value<'_>, Wrong> {
    Ok(match raw.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't' | b'f') => Value::Scalar(Seen::Bool, raw),
        Some(b'{') => Value::Nested(Seen::Object, raw),
        Some(b'[') => Value::Nested(Seen::List, raw),
        Some(b'"') if !raw.contains('\\') => Value::Text(Cow::Borrowed(&raw[1..raw.len() - 1])),
        Some(b'"') => Value::Text(Cow::Owned(
            serde_json::from_str(raw).map_err(|error| Wrong::Syntax(in_words(&error)))?,
        )),
        _ => {
            let whole =
                !raw.contains(['.', 'e', 'E']) && (raw.len() < 18 || integer(raw).is_some());
            Value::Scalar(if whole { Seen::Integer } else { Seen::Float }, raw)
        }
    })
}
