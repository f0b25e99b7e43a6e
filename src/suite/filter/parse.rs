//! The text of a filter to a typed expression, with every mistake at its place.

use std::ops::Range;

use super::Filter;
use super::operand::{Operand, predicate, wrong};
use crate::diagnostic::Diagnostic;
use crate::text::nearest;

/// What can be asked of a spec.
const PREDICATES: &[&str] = &["name", "path", "tag", "model", "metric", "status", "all", "none"];

/// Deeper than anybody nests by hand.
const DEEPEST: usize = 64;

/// Parses a filter.
///
/// # Errors
/// All that is wrong with it, as places in its text.
pub fn parse(text: &str) -> Result<Filter, Vec<Diagnostic>> {
    let mut parser = Parser { text, at: 0, depth: 0, found: Vec::new() };
    let parsed = parser.whole();
    match parsed {
        Ok(filter) if parser.found.is_empty() => Ok(filter),
        Ok(_) => Err(parser.found),
        Err(Stopped(last)) => {
            parser.found.extend(last.map(|last| *last));
            Err(parser.found)
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Mistakes after which the rest was read all the same.
    found: Vec<Diagnostic>,
}

/// A mistake after which the rest means nothing.
struct Stopped(Option<Box<Diagnostic>>);

type Parsed<T> = Result<T, Stopped>;

fn stop<T>(diagnostic: Diagnostic) -> Parsed<T> {
    Err(Stopped(Some(Box::new(diagnostic))))
}

/// The operators between two parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Without,
}

impl<'a> Parser<'a> {
    fn whole(&mut self) -> Parsed<Filter> {
        self.spaces();
        if self.rest().is_empty() {
            return stop(
                wrong(0..self.text.len(), "the filter is empty")
                    .label("nothing to select by")
                    .help("write a predicate, such as `tag(smoke)`, or `all()`"),
            );
        }
        let filter = self.either()?;
        if self.rest().is_empty() {
            return Ok(filter);
        }
        let here = self.at..self.at + self.word_here().len().max(self.char_here());
        if self.rest().starts_with(')') {
            return stop(
                wrong(here, "a parenthesis is closed that was never opened")
                    .label("closes nothing"),
            );
        }
        stop(
            wrong(here, "an operator is missing between two parts of the filter")
                .label("what about this?")
                .help("write `&` (both), `|` (either) or `-` (without) before it"),
        )
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The bytes of the next character.
    fn char_here(&self) -> usize {
        self.rest().chars().next().map_or(0, char::len_utf8)
    }

    fn word_here(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    }

    fn take(&mut self, token: &str) -> bool {
        let is_here = self.rest().starts_with(token);
        if is_here {
            self.at += token.len();
        }
        is_here
    }

    /// The operator that stands here, and how long it is.
    fn operator(&mut self) -> Parsed<Option<(Operator, usize)>> {
        self.spaces();
        for double in ["&&", "||"] {
            if self.rest().starts_with(double) {
                return stop(
                    wrong(self.at..self.at + 2, format!("there is no operator `{double}`"))
                        .label(format!("did you mean `{}`?", &double[..1])),
                );
            }
        }
        Ok(match self.word_here() {
            "or" => Some((Operator::Or, 2)),
            "and" => Some((Operator::And, 3)),
            _ => match self.rest().chars().next() {
                Some('|') => Some((Operator::Or, 1)),
                Some('&') => Some((Operator::And, 1)),
                Some('-') => Some((Operator::Without, 1)),
                _ => None,
            },
        })
    }

    fn either(&mut self) -> Parsed<Filter> {
        let mut parts = vec![self.both()?];
        while let Some((Operator::Or, length)) = self.operator()? {
            self.at += length;
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn both(&mut self) -> Parsed<Filter> {
        let mut parts = vec![self.one()?];
        while let Some((operator, length)) = self.operator()? {
            match operator {
                Operator::Or => break,
                Operator::And => {
                    self.at += length;
                    parts.push(self.one()?);
                }
                Operator::Without => {
                    self.at += length;
                    parts.push(Filter::Not(Box::new(self.one()?)));
                }
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn one(&mut self) -> Parsed<Filter> {
        self.spaces();
        let start = self.at;
        self.depth += 1;
        if self.depth > DEEPEST {
            return stop(
                wrong(start..start + self.char_here(), "the filter is nested too deeply")
                    .label(format!("deeper than {DEEPEST}")),
            );
        }
        let negated = self.take("!") || (self.word_here() == "not" && self.take("not"));
        let filter = if negated {
            Filter::Not(Box::new(self.one()?))
        } else if self.take("(") {
            let inner = self.either()?;
            self.spaces();
            if !self.take(")") {
                return stop(
                    wrong(start..start + 1, "a parenthesis is not closed")
                        .label("opened here")
                        .help("write `)` behind the last part that belongs to it"),
                );
            }
            inner
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn predicate(&mut self) -> Parsed<Filter> {
        let start = self.at;
        let word = self.word_here();
        if word.is_empty() {
            return stop(self.missing());
        }
        self.at += word.len();
        let named = start..self.at;
        self.spaces();
        if !self.take("(") {
            let diagnostic = wrong(named, format!("`{word}` is followed by no parentheses"));
            let known = PREDICATES.contains(&word);
            return stop(diagnostic.label("no predicate").help(match known {
                true if matches!(word, "all" | "none") => format!("write `{word}()`"),
                true => format!("write what it should match: `{word}(…)`"),
                false => {
                    format!("a word alone selects nothing: write `name(~{word})` or `tag({word})`")
                }
            }));
        }
        let open = self.at - 1;
        let (operand, range) = self.operand(open)?;
        if !PREDICATES.contains(&word) {
            let hint = match nearest(word, PREDICATES.iter().copied()) {
                Some(near) => near.question(),
                None => "no predicate".to_owned(),
            };
            let all =
                PREDICATES.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            self.found.push(
                wrong(named, format!("there is no predicate `{word}`"))
                    .label(hint)
                    .help(format!("there are {all}")),
            );
            return Ok(Filter::None);
        }
        Ok(predicate(word, &operand, range, start..self.at).unwrap_or_else(|diagnostic| {
            self.found.push(*diagnostic);
            Filter::None
        }))
    }

    /// What is wrong where a predicate should stand.
    fn missing(&self) -> Diagnostic {
        let here = self.at..self.at + self.char_here();
        let before = self.text[..self.at].trim_end();
        let message = match self.rest().chars().next() {
            None => "the filter ends where a predicate should stand".to_owned(),
            Some(c) => format!("`{c}` stands where a predicate should"),
        };
        let range =
            if here.is_empty() { before.len().saturating_sub(1)..before.len() } else { here };
        wrong(range, message)
            .label("a predicate is missing here")
            .help("a predicate is `name(…)`, `path(…)`, `tag(…)`, `model(…)`, `metric(…)`, `status(…)`, `all()` or `none()`")
    }

    /// The text between parentheses, of which the first is at `open`.
    fn operand(&mut self, open: usize) -> Parsed<(Operand, Range<usize>)> {
        self.spaces();
        let start = self.at;
        let sign = match self.rest().chars().next() {
            Some(c @ ('=' | '~' | '#')) => Some(c),
            Some('/') => return self.pattern(open),
            _ => None,
        };
        self.at += sign.map_or(0, char::len_utf8);
        self.spaces();
        let quoted = self.rest().starts_with('"');
        let text = if quoted { self.quoted()? } else { self.bare(open)? };
        let end = self.at;
        self.close(open)?;
        let range = start..end.max(start);
        let operand = match sign {
            Some('=') => Operand::Equal(text),
            Some('~') => Operand::Contains(text),
            Some(_) => Operand::Glob(text),
            None if quoted => Operand::Equal(text),
            None => Operand::Plain(text),
        };
        Ok((operand, range))
    }

    fn close(&mut self, open: usize) -> Parsed<()> {
        self.spaces();
        if self.take(")") {
            return Ok(());
        }
        if self.rest().is_empty() {
            return stop(not_closed(open));
        }
        let here = self.at..self.at + self.char_here();
        stop(wrong(here, "something follows what is to be matched").label("`)` should stand here"))
    }

    /// Up to the parenthesis that closes; parentheses inside come in pairs, or behind a `\`.
    fn bare(&mut self, open: usize) -> Parsed<String> {
        let mut text = String::new();
        let mut depth = 0_usize;
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, next)) if "()\\\"".contains(next) => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                ')' if depth == 0 => {
                    self.at += self.rest()[..at].trim_end().len();
                    return Ok(text.trim_end().to_owned());
                }
                ')' => {
                    depth -= 1;
                    text.push(c);
                }
                '(' => {
                    depth += 1;
                    text.push(c);
                }
                _ => text.push(c),
            }
        }
        stop(not_closed(open))
    }

    fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, next)) if "\\\"".contains(next) => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                '"' => {
                    self.at += at + 1;
                    return Ok(text);
                }
                _ => text.push(c),
            }
        }
        stop(wrong(start..start + 1, "a quote is not closed").label("opened here"))
    }

    /// A regular expression between slashes.
    fn pattern(&mut self, open: usize) -> Parsed<(Operand, Range<usize>)> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, '/')) => text.push('/'),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => break,
                },
                '/' => {
                    self.at += at + 1;
                    let range = start..self.at;
                    self.close(open).map_err(|stopped| match stopped.0 {
                        Some(diagnostic) => Stopped(Some(Box::new(diagnostic.help(
                            "a regular expression ends at the second `/`: write `\\/` for one inside, and a path that begins with `/` as `=/…` or `#/…`",
                        )))),
                        None => Stopped(None),
                    })?;
                    return Ok((Operand::Pattern(text), range));
                }
                _ => text.push(c),
            }
        }
        stop(
            wrong(start..start + 1, "a regular expression is not closed")
                .label("opened here")
                .help("it stands between two slashes: `/…/`; a path that begins with one is written `=/…` or `#/…`"),
        )
    }
}

fn not_closed(open: usize) -> Diagnostic {
    wrong(open..open + 1, "a parenthesis is not closed")
        .label("opened here")
        .help("write `)` behind what is to be matched; one that belongs to it is written `\\)`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    /// The parts of the text that findings point at, with their messages.
    fn found(text: &str) -> Vec<(String, String)> {
        let place = |found: &Diagnostic| match &found.place {
            Place::Text { range } => text[range.clone()].to_owned(),
            other => panic!("{other:?}"),
        };
        let found = parse(text).map(|filter| panic!("{text} is {filter:?}")).unwrap_err();
        found.iter().map(|each| (place(each), each.message.clone())).collect()
    }

    #[test]
    fn every_mistake_has_its_place() {
        for (text, place, message) in [
            ("", "", "the filter is empty"),
            ("tga(a)", "tga", "there is no predicate `tga`"),
            ("smoke", "smoke", "`smoke` is followed by no parentheses"),
            ("tag(a", "(", "a parenthesis is not closed"),
            ("(tag(a)", "(", "a parenthesis is not closed"),
            ("tag(a))", ")", "a parenthesis is closed that was never opened"),
            ("tag(a) tag(b)", "tag", "an operator is missing between two parts of the filter"),
            ("tag(a) &", "&", "the filter ends where a predicate should stand"),
            ("tag(a) & | tag(b)", "|", "`|` stands where a predicate should"),
            ("tag(a) && tag(b)", "&&", "there is no operator `&&`"),
            ("status(filed)", "filed", "there is no status `filed`"),
            ("status(~fail)", "~fail", "a status is a word, without `~`, `#` or slashes"),
            ("model(ridgee)", "ridgee", "there is no model `ridgee`"),
            ("all(x)", "x", "`all` matches nothing in particular"),
            ("é & tag()", "é", "`é` is followed by no parentheses"),
            ("tag( )", "tag( )", "`tag` is not told what to match"),
            ("name(/a(/)", "/a(/", "the regular expression cannot be used: unclosed group"),
            ("name(/a)", "/", "a regular expression is not closed"),
            ("path(/a/b)", "b", "something follows what is to be matched"),
            ("name(\"a)", "\"", "a quote is not closed"),
            ("tag(#[a)", "#[a", "the glob cannot be used: unclosed character class; missing ']'"),
        ] {
            assert_eq!(found(text), [(place.to_owned(), message.to_owned())], "{text}");
        }
    }

    #[test]
    fn several_mistakes_are_found_together() {
        let found = found("tga(a) | model(rigde) & status(x)");
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, ["tga", "rigde", "x"]);
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}all(){}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(found(&deep)[0].1, "the filter is nested too deeply");
        assert!(parse(&"!".repeat(10_000)).is_err());
        let long = vec!["all()"; 10_000].join(" | ");
        assert!(parse(&long).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in r#"[a-z()&|!~=#/"\\ \-é*\[{]{0,40}"#) {
            if let Err(found) = parse(&text) {
                for each in found {
                    let Place::Text { range } = each.place else { panic!("{each:?}") };
                    assert!(text.get(range).is_some());
                }
            }
        }
    }
}
