//! Turns scalar events into values or keys, and finds the bytes that each was written in.
//! Where a node then goes is for the reader to say.

use std::ops::Range;

use granit_parser::{ScalarStyle, Span, Tag};

use super::{Body, OpenMap, Pending, Reader, Slot};
use crate::diagnostic::Code;
use crate::text::scalar::{Atom, NotFinite, plain};
use crate::text::syntax;
use crate::text::tree::{Content, Scalar, Style};

/// A scalar's whole span, header and quotes included, and what is inside of them.
struct Read {
    span: Range<usize>,
    inner: Range<usize>,
    style: Style,
}

impl Reader<'_> {
    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
        range: Range<usize>,
    ) {
        let is_empty = style == ScalarStyle::Plain && range.is_empty();
        let scalar = if is_empty {
            Read {
                span: self.nothing(range.start),
                inner: range.start..range.start,
                style: Style::Empty,
            }
        } else {
            self.extent(style, range.clone())
        };
        self.cursor = self.cursor.max(range.end);
        let restored = self.restore(&scalar.span);
        let text = match &restored {
            Some(text) => text,
            None if is_empty => "",
            None => text,
        };
        let atom = match tag {
            Some(tag) => self.tagged(tag, text, span, &scalar),
            None if matches!(scalar.style, Style::Plain | Style::Empty) => plain(text),
            None => Ok(Atom::Text),
        };
        let slot = self.slot();
        let atom = match (atom, &slot) {
            (Ok(atom), _) => atom,
            (Err(NotFinite), Slot::Key) => Atom::Text,
            (Err(NotFinite), Slot::Value) => {
                self.report(
                    Code::YamlNumber,
                    scalar.span.clone(),
                    format!("`{}` is not a finite number", syntax::shown(text)),
                )
                .help =
                    Some("leave the key out where there is no limit; put text in quotes".into());
                Atom::Null
            }
        };
        if let Slot::Key = slot {
            let pending = if is_empty {
                let at = syntax::word_at(self.masked.text(), range.start);
                self.report(Code::YamlKey, at.clone(), "a key is empty").help =
                    Some("write the name of the key in front of the colon".into());
                Pending::Refused(at)
            } else if style == ScalarStyle::Plain && text == "<<" && tag.is_none() {
                Pending::Merge(scalar.span.clone())
            } else {
                Pending::Key(text.into(), scalar.span.clone())
            };
            self.set_pending(pending);
            if anchor == 0 {
                return;
            }
        }
        let Read { span, inner, style } = scalar;
        let content =
            Content::Scalar(Scalar { atom, text: text.into(), style, inner, expanded: None });
        let node = self.tree.add(span, content);
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node));
        }
        if let Slot::Value = slot {
            self.deliver(node, None);
        }
    }

    /// The place of a value that was left out: its key, the dash of its item, or the point itself.
    pub(super) fn nothing(&self, at: usize) -> Range<usize> {
        match self.frames.last().map(|frame| &frame.body) {
            Some(Body::Map(OpenMap { pending: Some(pending), .. })) => pending.span().clone(),
            Some(Body::List(_)) if self.masked.text()[..at].ends_with('-') => at - 1..at,
            _ => at..at,
        }
    }

    fn extent(&self, style: ScalarStyle, range: Range<usize>) -> Read {
        let text = self.masked.text();
        let indicator = match style {
            ScalarStyle::Plain => {
                return Read { span: range.clone(), inner: range, style: Style::Plain };
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let style = match style {
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    _ => Style::DoubleQuoted,
                };
                let inner = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
                return Read { span: range, inner, style };
            }
            ScalarStyle::Literal => '|',
            ScalarStyle::Folded => '>',
        };
        let style = if indicator == '|' { Style::Literal } else { Style::Folded };
        let inner = range.start..range.start + without_blank_lines(&text[range.clone()]).len();
        let Some(header) = block_header(text, self.cursor, range.end, indicator) else {
            return Read { span: inner.clone(), inner, style };
        };
        let word = text[header..].find(|c: char| !"|>+-".contains(c) && !c.is_ascii_digit());
        let header_end = header + word.unwrap_or(text.len() - header);
        if inner.is_empty() || range.start < header_end {
            return Read { span: header..header_end, inner: header_end..header_end, style };
        }
        Read { span: header..inner.end, inner, style }
    }

    /// The text behind a mask, where a scalar holds one.
    fn restore(&mut self, span: &Range<usize>) -> Option<String> {
        let mut found = false;
        for patch in self.masked.patches() {
            let inside = patch.range.start < span.end && span.start < patch.range.end;
            if inside {
                self.patched.insert(patch.range.start, span.clone());
                found = true;
            }
        }
        let original = self.masked.original().get(span.clone())?;
        found.then(|| original.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn tagged(
        &mut self,
        tag: &Tag,
        text: &str,
        span: &Span,
        scalar: &Read,
    ) -> Result<Atom, NotFinite> {
        let found = plain(text);
        let fits = match tag.core_suffix() {
            Some("str") => return Ok(Atom::Text),
            Some("null") => matches!(found, Ok(Atom::Null)),
            Some("bool") => matches!(found, Ok(Atom::Bool(_))),
            Some("int") => matches!(&found, Ok(Atom::Number(number)) if !number.is_f64()),
            Some("float") => matches!(found, Ok(Atom::Number(_)) | Err(NotFinite)),
            _ => {
                self.foreign_tag(tag, span, scalar.span.clone());
                return if scalar.style == Style::Plain { found } else { Ok(Atom::Text) };
            }
        };
        if fits {
            return found;
        }
        let name = tag.core_suffix().unwrap_or_default();
        self.report(
            Code::YamlTag,
            scalar.span.clone(),
            format!("`{}` is not of the type that `!!{name}` asks for", syntax::shown(text)),
        )
        .help = Some("leave the tag out".into());
        Ok(Atom::Text)
    }

    pub(super) fn foreign_tag(&mut self, tag: &Tag, span: &Span, node: Range<usize>) {
        let range = span.tag_span().map_or(node, |tag| self.range(&tag));
        let written = self.masked.text().get(range.clone()).unwrap_or_default().to_owned();
        let message = match tag.core_suffix() {
            Some(name) => format!("this is not what the tag `!!{name}` asks for"),
            None => format!("the tag `{}` has no meaning here", syntax::shown(&written)),
        };
        self.report(Code::YamlTag, range, message).help =
            Some("leave the tag out; put text that starts with `!` in quotes".into());
    }
}

/// A text up to the last line that holds more than blanks, without its line break.
fn without_blank_lines(mut text: &str) -> &str {
    while let Some(end) = text.rfind(['\n', '\r']) {
        if !text[end..].trim().is_empty() {
            break;
        }
        text = &text[..end];
    }
    text
}

/// The `|` or `>` of a block of text. The parser names its first line of content only, so this
/// goes forward from what was read before, over all that may stand between.
fn block_header(text: &str, from: usize, to: usize, indicator: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to.min(bytes.len()) {
        let to_end_of = |stops: &[u8]| {
            bytes[at..].iter().position(|b| stops.contains(b)).map_or(bytes.len(), |n| at + n)
        };
        at = match bytes[at] {
            b if char::from(b) == indicator => return Some(at),
            b' ' | b'\t' | b'\n' | b'\r' | b':' | b'-' | b'?' => at + 1,
            b'#' => to_end_of(b"\n\r"),
            b'&' | b'!' => to_end_of(b" \t\n\r"),
            _ => return None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diagnostic::Code;
    use crate::text::testing::Parsed;

    #[test]
    fn numbers_without_end_are_refused() {
        let parsed = Parsed::new("é: .inf\nb: [-.INF, .nan, 1e999, \".inf\", inf]\nc: 1e400\n");
        assert_eq!(
            parsed.found(),
            [
                (Code::YamlNumber, ".inf"),
                (Code::YamlNumber, "-.INF"),
                (Code::YamlNumber, ".nan"),
                (Code::YamlNumber, "1e999"),
                (Code::YamlNumber, "1e400"),
            ]
        );
        assert_eq!(
            *parsed.json(),
            json!({"é": null, "b": [null, null, null, ".inf", "inf"], "c": null})
        );
    }

    #[test]
    fn core_tags_are_honoured() {
        let parsed = Parsed::clean(
            "[!!str 5, !!str no, !!int \"3\", !!float 2, !!float 2.5, !!bool 'true', \
             !!null '', !!str , !!map {a: 1}, !!seq [1]]\n",
        );
        assert_eq!(*parsed.json(), json!(["5", "no", 3, 2, 2.5, true, null, "", {"a": 1}, [1]]));
        assert_eq!(*Parsed::clean("!!str a: !!map\n  b: 1\n").json(), json!({"a": {"b": 1}}));
    }

    #[test]
    fn other_tags_are_refused() {
        let parsed = Parsed::new(
            "a: !foo é\nb: !<tag:x> [1]\nc: !!set {d}\ne: !!int x\nf: ! 12\ng: !!map [1]\n\
             !h i: 1\nj: !k!l 2\n",
        );
        assert_eq!(
            parsed.found(),
            [
                (Code::YamlTag, "!foo"),
                (Code::YamlTag, "!<tag:x>"),
                (Code::YamlTag, "!!set"),
                (Code::YamlTag, "x"),
                (Code::YamlTag, "!"),
                (Code::YamlTag, "!!map"),
                (Code::YamlTag, "!h"),
                (Code::YamlTag, "!k!l"),
            ]
        );
        assert_eq!((&parsed.json()["a"], &parsed.json()["j"]), (&json!("é"), &json!(2)));
    }
}
