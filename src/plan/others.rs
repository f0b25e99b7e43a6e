//! Columns that are read for another reason than to learn from them: of the split, of weights, of
//! slices, keys. Binds their names and looks at their types.

use std::sync::Arc;

use super::features::unknown_column;
use super::{Plan, Slice, SliceRows, derive};
use crate::data::{ColumnInfo, ColumnKind, ColumnName, Columns, check_predicate};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::Role;
use crate::kinds::splits::ColumnRole;

/// What a column is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It says what came first.
    Order,
    /// Its values are told apart: groups, keys.
    Values,
    /// Its values name slices; `bins` says whether numbers become ranges.
    Slice {
        bins: bool,
    },
    Weight,
}

/// One use of a column, and where the spec says so.
struct Used<'a> {
    name: &'a ColumnName,
    route: Route,
    r#use: Use,
}

/// The columns that have a role of their own, so that they are no features unless they are named.
pub fn with_a_role(plan: &Plan) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    names.extend(plan.id.iter().map(|name| name.value()));
    names.extend([&plan.weight.fit, &plan.weight.score].into_iter().flatten().map(|n| n.value()));
    if let Some(split) = &plan.split {
        names.extend(split.kind.kind().about().column.map(|column| column.name.value()));
    }
    names
}

/// The columns to read besides features and target, in the order of the spec.
pub fn others(plan: &Plan, columns: &Columns, found: &mut Vec<Diagnostic>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for used in uses(plan) {
        match columns.get(used.name.value()) {
            None => {
                let place = Place::value(used.route);
                found.push(unknown_column(place, used.name.written(), columns, plan));
            }
            Some(info) => {
                if let Some(diagnostic) = misfit(&used, info) {
                    found.push(diagnostic);
                }
                names.push(info.name.clone());
            }
        }
    }
    found.extend(plan.slices.iter().filter_map(|slice| without_numbers(slice, columns)));
    for slice in &plan.slices {
        let SliceRows::Where(predicate) = &slice.rows else { continue };
        match check_predicate(predicate.value(), Some(columns)) {
            Ok(used) => names.extend(used),
            Err(error) => {
                found.push(derive::refused(slice.route.key("where"), predicate, error));
            }
        }
    }
    if let Role::Given(given) = plan.model.kind().role()
        && plan.predictions_source.is_none()
    {
        names.extend(given.columns().iter().map(|(_, _, name)| name.value().into()));
    }
    names
}

fn uses(plan: &Plan) -> Vec<Used<'_>> {
    let data = Route::root().key("data");
    let mut uses = Vec::new();
    if let Some(name) = &plan.id {
        uses.push(Used { name, route: data.key("id"), r#use: Use::Values });
    }
    for (key, name) in [("fit", &plan.weight.fit), ("score", &plan.weight.score)] {
        if let Some(name) = name {
            uses.push(Used { name, route: data.key("weight").key(key), r#use: Use::Weight });
        }
    }
    if let Some(split) = &plan.split
        && let Some(column) = split.kind.kind().about().column
    {
        let route = data.key("split").key(split.kind.name()).key(column.parameter);
        let r#use = match column.role {
            ColumnRole::Order => Use::Order,
            ColumnRole::Groups => Use::Values,
        };
        uses.push(Used { name: column.name, route, r#use });
    }
    if let Role::Given(given) = plan.model.kind().role()
        && let Some(name) = &given.on
    {
        let route = Route::root().key("model").key("predictions").key("on");
        uses.push(Used { name, route, r#use: Use::Values });
    }
    for slice in &plan.slices {
        let SliceRows::By { columns, bins, .. } = &slice.rows else { continue };
        for (at, name) in columns.iter().enumerate() {
            let by = slice.route.key("by");
            let route = if columns.len() > 1 { by.index(at) } else { by };
            uses.push(Used { name, route, r#use: Use::Slice { bins: bins.is_some() } });
        }
    }
    uses
}

/// Bins that no column of a slice has numbers for would be ignored.
fn without_numbers(slice: &Slice, columns: &Columns) -> Option<Diagnostic> {
    let SliceRows::By { columns: names, bins: Some(_), .. } = &slice.rows else { return None };
    let infos: Option<Vec<&ColumnInfo>> =
        names.iter().map(|name| columns.get(name.value())).collect();
    let infos = infos?;
    if infos.iter().any(|info| info.kind.is_number() || info.kind == ColumnKind::Empty) {
        return None;
    }
    let held: Vec<String> =
        infos.iter().map(|info| format!("`{}` holds {}", info.name, info.kind)).collect();
    Some(
        Diagnostic::error(
            Code::SliceInvalid,
            Place::value(slice.route.key("bins")),
            format!("`bins` makes ranges of numbers, and {}", held.join(", ")),
        )
        .label("no numbers to cut")
        .help("remove `bins`, or name a column of numbers in `by`"),
    )
}

fn misfit(used: &Used<'_>, info: &ColumnInfo) -> Option<Diagnostic> {
    let name = &info.name;
    let kind = &info.kind;
    let (message, help) = match (used.r#use, kind) {
        (_, ColumnKind::Empty) => return None,
        (_, ColumnKind::Other(_)) => (
            format!("column `{name}` is of type {kind}, which cannot be used here"),
            "name another column, or derive one from it in the data".to_owned(),
        ),
        (Use::Order, ColumnKind::Text) => (
            format!("`{name}` is text, which has no order in time"),
            format!("declare what it holds: `types: {{ {name}: date }}` or `datetime`"),
        ),
        (Use::Order, ColumnKind::Bool) => (
            format!("`{name}` holds truth values, which have no order in time"),
            "name a column of numbers, dates or times".to_owned(),
        ),
        (Use::Weight, kind) if !kind.is_number() => (
            format!("`{name}` holds {kind}, not weights"),
            "name a column of numbers from 0".to_owned(),
        ),
        (Use::Slice { bins: false }, ColumnKind::Float) => (
            format!("`{name}` holds numbers with a fraction, so hardly two rows have one value"),
            "say how they become ranges: `bins: 4`, or `bins: [18, 65]`".to_owned(),
        ),
        _ => return None,
    };
    Some(
        Diagnostic::error(Code::RoleType, Place::value(used.route.clone()), message)
            .label(format!("type {kind}"))
            .help(help),
    )
}
