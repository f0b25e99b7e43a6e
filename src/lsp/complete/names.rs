//! The names of a spec's data where a spec names them: columns and classes, as values and as keys.

use super::asked::Asked;
use super::keys::Write;
use super::{Completion, CompletionKind, Insert};
use crate::lsp::columns::{described, in_short};
use crate::session::{Known, KnownColumn};
use crate::spec::{Mark, Place};
use crate::text::{Form, stands_plain};

/// The names that text can be here.
pub fn values(
    asked: &Asked<'_>,
    of: &Place<'_>,
    form: Form,
    write: &dyn Fn(&str) -> String,
) -> Vec<Completion> {
    let (Some(known), Some(mark)) = (asked.view.known, of.names()) else { return Vec::new() };
    let taken = other_items(asked);
    let mut found = Vec::new();
    for column in columns(known, mark).into_iter().filter(|each| !taken.contains(&each.name)) {
        // What begins a template is written with one more `$`.
        let text = asked.scalar_in(&column.name.replace("${", "$${"), form);
        let insert = text.map(|text| Insert::Text(write(&text)));
        found.extend(completion_of(asked, column, insert));
    }
    if mark == Mark::Class {
        for class in known.classes.iter().filter(|class| !taken.contains(class)) {
            let Some(text) = value_text(asked, class, form) else { continue };
            let insert = Insert::Text(write(&text));
            found.extend(asked.completion(class, CompletionKind::Class, insert));
        }
    }
    found
}

/// The names that keys can be here.
pub fn keys(
    asked: &Asked<'_>,
    place: &Place<'_>,
    others: &[String],
    write: Write<'_>,
) -> Vec<Completion> {
    let (Some(known), Some(mark)) = (asked.view.known, place.names_of_keys()) else {
        return Vec::new();
    };
    let of = place.under("");
    let mut found = Vec::new();
    for column in columns(known, mark).into_iter().filter(|each| !others.contains(&each.name)) {
        found.extend(completion_of(asked, column, write(&column.name, of.as_ref())));
    }
    if mark == Mark::Class {
        for class in known.classes.iter().filter(|class| !others.contains(class)) {
            let Some(insert) = write(class, of.as_ref()) else { continue };
            found.extend(asked.completion(class, CompletionKind::Class, insert));
        }
    }
    found
}

fn completion_of(
    asked: &Asked<'_>,
    column: &KnownColumn,
    insert: Option<Insert>,
) -> Option<Completion> {
    let completion = asked.completion(&column.name, CompletionKind::Column, insert?)?;
    let (detail, documentation) = (Some(in_short(column)), Some(described(column)));
    Some(Completion { detail, documentation, ..completion })
}

/// The columns that a mark speaks of.
fn columns(known: &Known, mark: Mark) -> Vec<&KnownColumn> {
    let given = if known.predictions.is_empty() { &known.columns } else { &known.predictions };
    match mark {
        Mark::Column | Mark::Columns => known.columns.iter().collect(),
        Mark::FileColumn => known.columns.iter().filter(|column| !column.derived).collect(),
        Mark::Prediction => given.iter().collect(),
        Mark::Key => given.iter().filter(|each| known.column(&each.name).is_some()).collect(),
        Mark::Class => Vec::new(),
    }
}

/// The scalars beside the one at the cursor, in the list that holds it.
pub fn other_items(asked: &Asked<'_>) -> Vec<String> {
    let (sketch, node) = (&asked.sketch, asked.site().node);
    let list = match asked.site().ask {
        crate::text::Ask::Item => node,
        _ => match sketch.nodes()[node].parent {
            Some(parent) if sketch.nodes()[node].key.is_none() => parent,
            _ => return Vec::new(),
        },
    };
    let items = sketch.children(list).filter(|child| *child != node);
    items.filter_map(|child| sketch.scalar(child)).collect()
}

/// A class, or another value of a column, as a spec names it: without quotes where its own type reads the same.
pub fn value_text(asked: &Asked<'_>, class: &str, form: Form) -> Option<String> {
    let bare = serde_json::from_str::<serde_json::Value>(class).is_ok_and(|value| {
        (value.is_number() || value.is_boolean()) && format!("{value}") == class
    });
    if asked.is_plain() && (bare || stands_plain(class, form)) {
        Some(class.to_owned())
    } else {
        asked.scalar_in(&class.replace("${", "$${"), form)
    }
}
