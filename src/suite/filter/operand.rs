//! What stands between the parentheses of a predicate, to the predicate.

use std::ops::Range;

use super::matcher::{Matcher, PathMatcher, is_glob};
use super::{Filter, Last, Predicate};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::session::catalogue::catalogues;
use crate::text::nearest;

pub(super) fn wrong(range: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::FilterSyntax, Place::Text { range }, message)
}

/// What stands between the parentheses of a predicate.
pub(super) enum Operand {
    Plain(String),
    Equal(String),
    Contains(String),
    Glob(String),
    Pattern(String),
}

impl Operand {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text)
            | Self::Equal(text)
            | Self::Contains(text)
            | Self::Glob(text)
            | Self::Pattern(text) => text,
        }
    }
}

/// The predicate `word` of an operand at `range`; `whole` is all of it, with its parentheses.
pub(super) fn predicate(
    word: &str,
    operand: &Operand,
    range: Range<usize>,
    whole: Range<usize>,
) -> Result<Filter, Box<Diagnostic>> {
    let empty = operand.text().is_empty();
    let fail = |message: String| Box::new(wrong(range.clone(), message));
    if matches!(word, "all" | "none") {
        return match (word, empty) {
            ("all", true) => Ok(Filter::All),
            (_, true) => Ok(Filter::None),
            _ => Err(Box::new(
                fail(format!("`{word}` matches nothing in particular"))
                    .label("not wanted here")
                    .help(format!("write `{word}()`")),
            )),
        };
    }
    if empty {
        return Err(Box::new(
            wrong(whole, format!("`{word}` is not told what to match")).label("empty").help(
                match word {
                    "status" => "write `status(failed)`, for example".to_owned(),
                    _ => format!("write `{word}(…)`; any text is `{word}(*)`"),
                },
            ),
        ));
    }
    if word == "status" {
        return status(operand, range).map(|last| Filter::Has(Predicate::Status(last), whole));
    }
    if word == "path" {
        let glob = |text: &str| PathMatcher::glob(text);
        let matcher = match operand {
            Operand::Plain(text) | Operand::Glob(text) => glob(text),
            Operand::Equal(text) => Ok(PathMatcher::new(Matcher::Equal(text.clone()))),
            Operand::Contains(text) => Ok(PathMatcher::new(Matcher::contains(text))),
            Operand::Pattern(text) => Matcher::pattern(text).map(PathMatcher::new),
        };
        let matcher = matcher.map_err(|why| *fail(unusable(operand, &why)));
        return matcher
            .map(|matcher| Filter::Has(Predicate::Path(matcher), whole))
            .map_err(|found| Box::new(found.label("not understood")));
    }
    if let ("model", Operand::Plain(name) | Operand::Equal(name)) = (word, operand)
        && !is_glob(name)
    {
        known_model(name, &range)?;
    }
    let matcher = match operand {
        Operand::Plain(text) if !is_glob(text) => Ok(Matcher::Equal(text.clone())),
        Operand::Plain(text) | Operand::Glob(text) => Matcher::glob(text),
        Operand::Equal(text) => Ok(Matcher::Equal(text.clone())),
        Operand::Contains(text) => Ok(Matcher::contains(text)),
        Operand::Pattern(text) => Matcher::pattern(text),
    };
    let matcher =
        matcher.map_err(|why| Box::new(fail(unusable(operand, &why)).label("not understood")))?;
    let predicate = match word {
        "name" => Predicate::Name(matcher),
        "tag" => Predicate::Tag(matcher),
        "model" => Predicate::Model(matcher),
        _ => Predicate::Metric(matcher),
    };
    Ok(Filter::Has(predicate, whole))
}

fn unusable(operand: &Operand, why: &str) -> String {
    match operand {
        Operand::Pattern(_) => format!("the regular expression cannot be used: {why}"),
        Operand::Plain(_) | Operand::Equal(_) | Operand::Contains(_) | Operand::Glob(_) => {
            format!("the glob cannot be used: {why}")
        }
    }
}

fn status(operand: &Operand, range: Range<usize>) -> Result<Last, Box<Diagnostic>> {
    let word = operand.text();
    let (Operand::Plain(_) | Operand::Equal(_)) = operand else {
        return Err(Box::new(
            wrong(range, "a status is a word, without `~`, `#` or slashes")
                .label("no word")
                .help(format!("the words are {}", Last::WORDS.join(", "))),
        ));
    };
    Last::of(word).ok_or_else(|| {
        let hint = match nearest(word, Last::WORDS.iter().copied()) {
            Some(near) => near.question(),
            None => "no status".to_owned(),
        };
        Box::new(
            wrong(range, format!("there is no status `{word}`"))
                .label(hint)
                .help(format!("the words are {}", Last::WORDS.join(", "))),
        )
    })
}

/// The models are a closed list, so a name that is none is a slip.
fn known_model(name: &str, range: &Range<usize>) -> Result<(), Box<Diagnostic>> {
    let catalogues = catalogues();
    let kinds = catalogues
        .iter()
        .filter(|family| family.plural == "models")
        .flat_map(|family| &family.kinds);
    let names: Vec<&str> = kinds.map(|kind| kind.name).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = match nearest(name, names) {
        Some(near) => near.question(),
        None => "no model".to_owned(),
    };
    Err(Box::new(
        wrong(range.clone(), format!("there is no model `{name}`"))
            .label(hint)
            .help("`mlspec list models` prints them all"),
    ))
}
