//! The outline of a spec in the protocol's types.

use serde::Serialize;

use super::{lsp, range};
use crate::lsp::open::Places;
use crate::lsp::settings::Settings;
use crate::lsp::symbols::{Symbol, SymbolKind};

/// The outline, as a tree where the client shows one, else as a list.
pub fn symbols(
    symbols: Vec<Symbol>,
    uri: &str,
    places: Places<'_>,
    settings: &Settings,
) -> Symbols {
    if settings.symbol_tree {
        return Symbols::Tree(symbols.into_iter().map(|symbol| tree(symbol, places)).collect());
    }
    let mut list = Vec::new();
    for symbol in symbols {
        flat(symbol, None, uri, places, &mut list);
    }
    Symbols::List(list)
}

/// An outline in the form that the client wants. Typed, because a tree of JSON values would be copied on its way out,
/// and that of a long spec takes longer than all else about it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Symbols {
    Tree(Vec<Entry>),
    List(Vec<Line>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    kind: lsp::SymbolKind,
    range: lsp::Range,
    selection_range: lsp::Range,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    name: String,
    kind: lsp::SymbolKind,
    location: lsp::Location,
    #[serde(skip_serializing_if = "Option::is_none")]
    container_name: Option<String>,
}

fn tree(symbol: Symbol, places: Places<'_>) -> Entry {
    Entry {
        name: symbol.name,
        detail: symbol.detail,
        kind: symbol_kind(symbol.kind),
        range: range(places, &symbol.range),
        selection_range: range(places, &symbol.selection),
        children: symbol.children.into_iter().map(|child| tree(child, places)).collect(),
    }
}

fn flat(
    symbol: Symbol,
    container: Option<&str>,
    uri: &str,
    places: Places<'_>,
    list: &mut Vec<Line>,
) {
    list.push(Line {
        name: symbol.name.clone(),
        kind: symbol_kind(symbol.kind),
        location: lsp::Location {
            uri: lsp::Uri(uri.to_owned()),
            range: range(places, &symbol.range),
        },
        container_name: container.map(ToOwned::to_owned),
    });
    for child in symbol.children {
        flat(child, Some(&symbol.name), uri, places, list);
    }
}

fn symbol_kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Section => lsp::SymbolKind::Module,
        SymbolKind::Group => lsp::SymbolKind::Object,
        SymbolKind::Text => lsp::SymbolKind::String,
        SymbolKind::Number => lsp::SymbolKind::Number,
        SymbolKind::Bool => lsp::SymbolKind::Boolean,
        SymbolKind::Nothing => lsp::SymbolKind::Null,
    }
}
