//! The outline of a spec for an editor's side bar: its keys, and under them their keys.

use std::ops::Range;

use super::View;
use crate::diagnostic::Segment;
use crate::text::{Kind, Outline};

/// One entry of the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    /// The value, where it is short.
    pub detail: Option<String>,
    pub kind: SymbolKind,
    /// Key and value.
    pub range: Range<usize>,
    /// The key, or the item.
    pub selection: Range<usize>,
    pub children: Vec<Symbol>,
}

/// What an entry is, for its icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    Section,
    /// A map or list below one.
    Group,
    Text,
    Number,
    Bool,
    Nothing,
}

/// The longest value that stands beside its key.
const MOST_CHARS: usize = 60;

pub fn symbols(view: &View<'_>) -> Vec<Symbol> {
    let outline = view.document.outline();
    let drift = view.drift();
    let place = |range: Range<usize>| drift.to_text(&range);
    children(&outline, 0, 0, &place)
}

fn children(
    outline: &Outline<'_>,
    at: usize,
    depth: usize,
    place: &dyn Fn(Range<usize>) -> Option<Range<usize>>,
) -> Vec<Symbol> {
    outline.children(at).filter_map(|child| symbol(outline, child, depth, place)).collect()
}

fn symbol(
    outline: &Outline<'_>,
    at: usize,
    depth: usize,
    place: &dyn Fn(Range<usize>) -> Option<Range<usize>>,
) -> Option<Symbol> {
    let node = &outline.nodes()[at];
    let mut children = children(outline, at, depth + 1, place);
    let text = node.text.filter(|text| !text.is_empty() && text.chars().count() <= MOST_CHARS);
    let (name, mut detail) = match (&node.step, text) {
        (Some(Segment::Key(key)), text) => (key.to_string(), text.map(str::to_owned)),
        (_, Some(text)) => (text.to_owned(), None),
        (Some(Segment::Index(index)), None) => (format!("{}", index + 1), None),
        (None, None) => return None,
    };
    // An item that is a map of one key goes by that key.
    if node.key.is_none() && children.len() == 1 && node.kind == Kind::Map {
        let only = children.remove(0);
        return Some(Symbol { range: place(node.whole())?, ..only });
    }
    if detail.is_none() && node.kind == Kind::List && children.iter().all(|c| c.children.is_empty())
    {
        let names: Vec<&str> = children.iter().map(|child| child.name.as_str()).collect();
        detail = Some(names.join(", ")).filter(|names| names.chars().count() <= MOST_CHARS);
    }
    let selection = node.key.clone().unwrap_or_else(|| node.span.clone());
    Some(Symbol {
        // The protocol allows no empty names.
        name: if name.trim().is_empty() { "\"\"".to_owned() } else { name },
        detail: detail.filter(|detail| !detail.is_empty()),
        kind: match node.kind {
            _ if depth == 0 => SymbolKind::Section,
            Kind::Map | Kind::List => SymbolKind::Group,
            Kind::String => SymbolKind::Text,
            Kind::Number => SymbolKind::Number,
            Kind::Bool => SymbolKind::Bool,
            Kind::Null => SymbolKind::Nothing,
        },
        range: place(node.whole())?,
        selection: place(selection)?,
        children,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Opened;
    use super::*;

    fn drawn(symbols: &[Symbol], indent: usize, into: &mut String) {
        for symbol in symbols {
            let detail = symbol.detail.as_ref().map(|d| format!("  {d}")).unwrap_or_default();
            into.push_str(&format!("{:indent$}{}{detail}\n", "", symbol.name));
            drawn(&symbol.children, indent + 2, into);
        }
    }

    #[test]
    fn keys_are_listed_with_what_they_hold() {
        let opened = Opened::new(
            "name: A\ndata:\n  path: a.csv\nprepare:\n- standardize\n- one_hot: {drop: first}\nmodel:\n  ridge:\nmetrics: [mae, rmse]\n\"\": 1\n",
        );
        let found = symbols(&opened.view());
        let mut shown = String::new();
        drawn(&found, 0, &mut shown);
        insta::assert_snapshot!(shown, @r#"
        name  A
        data
          path  a.csv
        prepare
          standardize
          one_hot
            drop  first
        model
          ridge
        metrics  mae, rmse
          mae
          rmse
        ""  1
        "#);
        let text = opened.view().text;
        assert_eq!(&text[found[1].range.clone()], "data:\n  path: a.csv");
        assert_eq!(&text[found[1].selection.clone()], "data");
    }

    #[test]
    fn ranges_hold_their_selection_and_their_children() {
        fn check(symbol: &Symbol) {
            let Range { start, end } = symbol.range;
            assert!(start <= symbol.selection.start && symbol.selection.end <= end, "{symbol:?}");
            for child in &symbol.children {
                assert!(start <= child.range.start && child.range.end <= end, "{symbol:?}");
                check(child);
            }
        }
        let text = "a: &x\n- {b: 1}\n- c:\nd: *x\ne:\n  <<: {f: 1}\n  g: |\n    t\n";
        for end in 0..=text.len() {
            for symbol in symbols(&Opened::new(text).typed(&text[..end]).view()) {
                check(&symbol);
            }
        }
    }
}
