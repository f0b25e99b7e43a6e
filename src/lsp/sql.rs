//! Turns a scalar, as it is written, into the words of the SQL that it holds, each with its bytes.
//! For cursors only: what may be evaluated is `data`'s to say.

use std::ops::Range;

use crate::text::Quote;

/// One letter of a decoded scalar, and the bytes that it is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    c: char,
    at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name, a function or a word of SQL.
    Word,
    /// A name in double quotes.
    Quoted,
    /// Text in single quotes.
    Text,
    Number,
    /// An operator, a bracket.
    Other,
}

/// A word of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// What it means, without quotes.
    pub text: String,
    pub range: Range<usize>,
    /// The bytes between the quotes; the same as `range` where there are none.
    pub inner: Range<usize>,
    pub closed: bool,
}

impl Token {
    /// Whether a cursor is in it, or behind its last letter.
    pub fn holds(&self, offset: usize) -> bool {
        match self.kind {
            Kind::Quoted | Kind::Text => self.inner.start <= offset && offset <= self.inner.end,
            Kind::Word | Kind::Number => self.range.start <= offset && offset <= self.range.end,
            Kind::Other => self.range.start < offset && offset < self.range.end,
        }
    }
}

/// The letters of the inside of a scalar.
pub fn letters(text: &str, inner: &Range<usize>, quote: Quote) -> Vec<Letter> {
    let written = text.get(inner.clone()).unwrap_or_default();
    // The header of a block of text is no part of it.
    let skipped = match quote {
        Quote::Block => written.find(['\n', '\r']).unwrap_or(written.len()),
        Quote::Plain | Quote::Single | Quote::Double => 0,
    };
    let mut letters = Vec::new();
    let mut rest = written[skipped..].char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let start = inner.start + skipped + at;
        let mut meant = c;
        match (quote, c) {
            (Quote::Single, '\'') => {
                let _ = rest.next_if(|(_, next)| *next == '\'');
            }
            (Quote::Double, '\\') => {
                if let Some((_, escape)) = rest.next() {
                    let digits = match escape {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        _ => 0,
                    };
                    let mut code = String::new();
                    while code.len() < digits
                        && let Some((_, digit)) = rest.next_if(|(_, c)| c.is_ascii_hexdigit())
                    {
                        code.push(digit);
                    }
                    let coded = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                    meant = coded.unwrap_or(match escape {
                        'n' | 't' | 'r' => ' ',
                        other => other,
                    });
                }
            }
            _ => {}
        }
        let end = rest.peek().map_or(written.len(), |(next, _)| skipped + next);
        letters.push(Letter { c: meant, at: start..inner.start + end });
    }
    letters
}

/// The words of SQL; `end` is where the last letter ends.
pub fn tokens(letters: &[Letter], end: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let start = at;
        let c = letter.c;
        at += 1;
        let run = |at: &mut usize, belongs: &dyn Fn(char) -> bool| {
            while letters.get(*at).is_some_and(|letter| belongs(letter.c)) {
                *at += 1;
            }
        };
        if c.is_whitespace() {
            continue;
        }
        let kind = match c {
            '"' => Kind::Quoted,
            '\'' => Kind::Text,
            c if c.is_ascii_digit() => {
                run(&mut at, &|c| c.is_ascii_alphanumeric() || c == '.');
                Kind::Number
            }
            c if is_of_word(c) => {
                run(&mut at, &is_of_word);
                Kind::Word
            }
            _ => Kind::Other,
        };
        let mut closed = true;
        let mut text = String::new();
        let mut last = at;
        if matches!(kind, Kind::Quoted | Kind::Text) {
            closed = false;
            while let Some(next) = letters.get(at) {
                at += 1;
                if next.c != c {
                    text.push(next.c);
                } else if letters.get(at).is_some_and(|after| after.c == c) {
                    text.push(c);
                    at += 1;
                } else {
                    closed = true;
                    break;
                }
            }
            last = if closed { at - 1 } else { at };
        } else {
            text.extend(letters[start..at].iter().map(|letter| letter.c));
        }
        let byte = |at: usize| letters.get(at).map_or(end, |letter| letter.at.start);
        let range = byte(start)..letters[at - 1].at.end;
        let inner = match kind {
            Kind::Quoted | Kind::Text => {
                letters[start].at.end..byte(last).max(letters[start].at.end)
            }
            Kind::Word | Kind::Number | Kind::Other => range.clone(),
        };
        tokens.push(Token { kind, text, range, inner, closed });
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
