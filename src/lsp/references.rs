//! Every place that speaks of the metric or the slice at an offset.

use std::ops::Range;

use super::View;
use super::names::{Role, at, names};

/// Whether the definitions are wanted among the references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definitions {
    With,
    Without,
}

pub fn references(
    view: &View<'_>,
    offset: usize,
    definitions: Definitions,
) -> Option<Vec<Range<usize>>> {
    let drift = view.drift();
    let names = names(view.document);
    let name = at(&names, view.to_tree(offset)?)?;
    let same = names.iter().filter(|other| other.of == name.of && other.text == name.text);
    let wanted = same.filter(|other| definitions == Definitions::With || other.role == Role::Used);
    Some(wanted.filter_map(|other| drift.to_text(&other.range)).collect())
}
