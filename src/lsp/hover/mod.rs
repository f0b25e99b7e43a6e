//! What is to be said of a place of a spec: what a key or a kind means, what is known of a column, and what a
//! threshold came to. Read off a sketch of the text, so that it is there while the text is no YAML.

mod threshold;
mod words;
mod written;

use std::ops::Range;

use self::words::{about_key, about_kind};
use super::View;
use super::columns::{described, matched};
use super::sql::{self, Kind};
use crate::diagnostic::{Part, Segment};
use crate::spec::{Guide, Mark, Place};
use crate::text::{Environment, Quote, Sketch, Touched, What};

/// An explanation, and what it explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub range: Range<usize>,
    pub markdown: String,
}

/// The explanation of what stands at an offset. `environment` is asked which variables are set.
pub fn hover(view: &View<'_>, offset: usize, environment: &dyn Environment) -> Option<Hover> {
    let offset = view.text.floor_char_boundary(offset);
    let sketch = Sketch::around(view.text, offset);
    let Some(touched) = sketch.touched(offset) else { return written::anchor(view, offset) };
    if touched.part == Part::Value {
        let variable = written::variable(view.text, &touched.range, offset, environment);
        let special = variable.or_else(|| column_of_sql(view, &sketch, &touched, offset));
        if special.is_some() {
            return special;
        }
    }
    let markdown = match touched.part {
        Part::Key => key(view, &sketch, &touched),
        Part::Value => value(view, &sketch, &touched),
    };
    Some(Hover { range: touched.range, markdown: markdown? })
}

/// What a key means.
fn key(view: &View<'_>, sketch: &Sketch<'_>, touched: &Touched) -> Option<String> {
    let route = sketch.route(touched.node);
    let (last, above) = route.segments().split_last()?;
    let Segment::Key(name) = last else { return None };
    if matches!(above, [Segment::Key(section)] if &**section == "thresholds") {
        return threshold::about(view, name, &route);
    }
    let map = Guide::get().at(above)?;
    if let Some(mark) = map.names_of_keys() {
        return named(view, mark, name);
    }
    let place = Guide::get().at(route.segments())?;
    Some(match place.definition() {
        Some(definition) => about_kind(name, definition, &place),
        None => about_key(name, &place, map.requires(name)),
    })
}

/// What a value means.
fn value(view: &View<'_>, sketch: &Sketch<'_>, touched: &Touched) -> Option<String> {
    let route = sketch.route(touched.node);
    let place = Guide::get().at(route.segments())?;
    let text = sketch.scalar(touched.node)?;
    if let Some(mark) = place.names() {
        return named(view, mark, &text.replace("$${", "${"));
    }
    let kinds = if place.is_single() { place.keys() } else { Vec::new() };
    if let Some((name, kind)) = kinds.into_iter().find(|(name, _)| *name == text) {
        return Some(about_kind(name, kind.definition()?, &kind));
    }
    let choices = place.choices();
    let choice = choices.iter().find(|choice| match choice.value.as_str() {
        Some(value) => value == text,
        None => format!("{}", choice.value) == text,
    });
    if matches!(route.segments(), [Segment::Key(section), _, ..] if &**section == "thresholds")
        && let Some(last) = threshold::last(view, &route)
    {
        return Some(last);
    }
    let own = choice.and_then(|choice| choice.doc).map(|doc| format!("`{text}`: {doc}"));
    own.or_else(|| explained(&place, &route.segments().last()?.clone()))
}

/// What the key of a value says, where there is nothing to say of the value itself.
fn explained(place: &Place<'_>, last: &Segment) -> Option<String> {
    match last {
        Segment::Key(name) if place.doc().is_some() => Some(about_key(name, place, false)),
        Segment::Key(_) | Segment::Index(_) => None,
    }
}

/// The column or function under an offset, where the scalar there is SQL.
fn column_of_sql(
    view: &View<'_>,
    sketch: &Sketch<'_>,
    touched: &Touched,
    offset: usize,
) -> Option<Hover> {
    if !super::complete::is_sql(sketch.route(touched.node).segments()) {
        return None;
    }
    let quote = match sketch.nodes()[touched.node].what {
        What::Scalar(quote) => quote,
        What::Nothing | What::Alias | What::Map(_) | What::List(_) => return None,
    };
    let quoted = matches!(quote, Quote::Single | Quote::Double);
    let start = touched.range.start + usize::from(quoted);
    let closed = quoted && sketch.nodes()[touched.node].closed;
    let inner = start..(touched.range.end - usize::from(closed)).max(start);
    let tokens = sql::tokens(&sql::letters(view.text, &inner, quote), inner.end);
    let token = tokens.into_iter().find(|token| token.holds(offset))?;
    let column = match token.kind {
        Kind::Word | Kind::Quoted => view.known?.column(&token.text)?,
        Kind::Text | Kind::Number | Kind::Other => return None,
    };
    Some(Hover { range: token.range, markdown: described(column) })
}

/// What is known of a name of the data.
fn named(view: &View<'_>, mark: Mark, name: &str) -> Option<String> {
    let known = view.known?;
    match mark {
        Mark::Class => {
            let at = known.classes.iter().position(|class| class == name)?;
            let (class, classes) = (super::columns::plain(name), known.classes.len());
            Some(format!("**{class}** · class {} of {classes}", at + 1))
        }
        Mark::Prediction => {
            let given = known.predictions.iter().find(|column| column.name == name);
            given.or_else(|| known.column(name)).map(described)
        }
        Mark::Columns => {
            let picked = known.picked(name);
            match picked[..] {
                [column] if column.name == name => Some(described(column)),
                _ => matched(name, &picked),
            }
        }
        Mark::Column | Mark::FileColumn | Mark::Key => known.column(name).map(described),
    }
}

#[cfg(test)]
mod tests;
