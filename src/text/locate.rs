//! Turns a route into the bytes of its node, and a byte into a route.
//! Lines, columns and labels are left to the reports.

use std::ops::Range;
use std::sync::Arc;

use super::Document;
use super::tree::{Content, Entry, NodeId, Scalar, Style};
use crate::diagnostic::{Part, Place, Route, Segment};

/// Where a node was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Bytes of the source's text.
    pub span: Range<usize>,
    /// The aliases and merges through which the node was reached, outermost first. A long chain of
    /// merges is cut.
    pub via: Vec<Range<usize>>,
}

/// The node that a route leads to, or the last one on the way.
pub(super) struct Found<'d> {
    pub node: NodeId,
    /// The entry that holds the node, where a map does.
    pub entry: Option<&'d Entry>,
    /// Through what the node's key was reached, and through what its value.
    pub key_via: Vec<Range<usize>>,
    pub via: Vec<Range<usize>>,
    pub complete: bool,
}

impl Document {
    /// The bytes of a node. Where the route leads nowhere, those of the nearest node on its way,
    /// its key where it has one. `within` is a byte range of the decoded text; it is followed where
    /// source and text are the same, else the whole scalar is meant.
    ///
    /// The root has no key: asked for that, and for something missing at the top, this points at
    /// the start of the content.
    pub fn locate(&self, route: &Route, part: Part, within: Option<Range<usize>>) -> Located {
        let found = self.follow(route);
        let part = if found.complete { part } else { Part::Key };
        let inner = self.tree.get(found.node);
        let (span, via) = match (part, found.entry) {
            (Part::Key, Some(entry)) => {
                let span = match within.filter(|_| found.complete) {
                    Some(within) => self.within_key(entry, within),
                    None => entry.key_span.clone(),
                };
                (span, found.key_via)
            }
            (Part::Key, None) if found.node == self.tree.root && is_top(route, &found) => {
                (inner.span.start..inner.span.start, found.via)
            }
            (Part::Value, _) | (Part::Key, None) => {
                let span = match (&inner.content, within.filter(|_| found.complete)) {
                    (Content::Scalar(scalar), Some(within)) => {
                        self.within_scalar(scalar, &inner.span, within)
                    }
                    _ => inner.span.clone(),
                };
                (span, found.via)
            }
        };
        Located { span: self.clamp(span), via }
    }

    /// The bytes of a place in this document; none for data, files and flags.
    pub fn locate_place(&self, place: &Place) -> Option<Located> {
        match place {
            Place::Spec { route, part, within } => Some(self.locate(route, *part, within.clone())),
            Place::Text { range } => {
                Some(Located { span: self.clamp(range.clone()), via: Vec::new() })
            }
            Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => None,
        }
    }

    /// The deepest node at a byte, as `place_at` finds it.
    pub fn route_at(&self, byte: usize) -> Option<Route> {
        self.place_at(byte).map(|(route, _)| route)
    }

    /// The deepest node at a byte and which side of its `key: value` is there; none outside of all
    /// nodes. The end of a node counts as inside it, unless another one starts there.
    pub fn place_at(&self, byte: usize) -> Option<(Route, Part)> {
        let root = self.tree.get(self.tree.root);
        if !touches(&root.span, byte) {
            return None;
        }
        let mut route = Route::root();
        let mut node = self.tree.root;
        loop {
            let next = match &self.tree.get(node).content {
                Content::Scalar(_) => None,
                Content::List { items, .. } => {
                    let spans = items.iter().map(|item| {
                        item.alias.clone().unwrap_or_else(|| self.tree.get(item.node).span.clone())
                    });
                    best(spans, byte).map(|at| {
                        let item = &items[at];
                        (Segment::Index(at), item.node, item.alias.is_some(), Part::Value)
                    })
                }
                Content::Map { entries, .. } => {
                    let own = entries.iter().filter(|entry| entry.merges.is_empty());
                    best(own.clone().map(|entry| self.entry_span(entry)), byte)
                        .and_then(|at| own.clone().nth(at))
                        .map(|entry| {
                            let on_key = touches(&entry.key_span, byte);
                            let part = if on_key { Part::Key } else { Part::Value };
                            let stop = on_key || entry.alias.is_some();
                            (Segment::Key(Arc::clone(&entry.key)), entry.node, stop, part)
                        })
                }
            };
            let Some((segment, child, stop, part)) = next else {
                return Some((route, Part::Value));
            };
            route = route.child(segment);
            if stop || !touches(&self.tree.get(child).span, byte) {
                return Some((route, part));
            }
            node = child;
        }
    }

    pub(super) fn find(&self, route: &Route) -> Option<NodeId> {
        let found = self.follow(route);
        found.complete.then_some(found.node)
    }

    pub(super) fn follow(&self, route: &Route) -> Found<'_> {
        let mut found = Found {
            node: self.tree.root,
            entry: None,
            key_via: Vec::new(),
            via: Vec::new(),
            complete: true,
        };
        for segment in route.segments() {
            let step = match segment {
                Segment::Key(key) => self
                    .tree
                    .entries(found.node)
                    .iter()
                    .find(|entry| entry.key == *key)
                    .map(|entry| (entry.node, Some(entry), entry.alias.clone())),
                Segment::Index(index) => self
                    .tree
                    .items(found.node)
                    .get(*index)
                    .map(|item| (item.node, None, item.alias.clone())),
            };
            let Some((node, entry, alias)) = step else {
                found.complete = false;
                break;
            };
            found.node = node;
            found.entry = entry;
            found.via.extend(entry.iter().flat_map(|entry| entry.merges.iter().cloned()));
            found.key_via = found.via.clone();
            found.via.extend(alias);
        }
        found
    }

    fn within_scalar(
        &self,
        scalar: &Scalar,
        span: &Range<usize>,
        within: Range<usize>,
    ) -> Range<usize> {
        let source = self.source().text().get(scalar.inner.clone());
        let text = match scalar.style {
            Style::Literal | Style::Folded => scalar.text.trim_end_matches('\n'),
            _ => &*scalar.text,
        };
        self.shifted(source, text, scalar.inner.start, within).unwrap_or_else(|| span.clone())
    }

    fn within_key(&self, entry: &Entry, within: Range<usize>) -> Range<usize> {
        let span = &entry.key_span;
        let source = self.source().text().get(span.clone()).unwrap_or_default();
        let quotes = usize::from(source.len() > 1 && source.starts_with(['"', '\'']));
        let inner = source.get(quotes..source.len() - quotes);
        self.shifted(inner, &entry.key, span.start + quotes, within).unwrap_or_else(|| span.clone())
    }

    /// A range of a decoded text as one of the source, where the two are the same.
    fn shifted(
        &self,
        source: Option<&str>,
        text: &str,
        start: usize,
        within: Range<usize>,
    ) -> Option<Range<usize>> {
        let same = source == Some(text) && text.get(within.clone()).is_some();
        same.then(|| start + within.start..start + within.end)
    }

    pub(super) fn entry_span(&self, entry: &Entry) -> Range<usize> {
        let value = match &entry.alias {
            Some(alias) => alias,
            None => &self.tree.get(entry.node).span,
        };
        entry.key_span.start..value.end.max(entry.key_span.end)
    }

    fn clamp(&self, range: Range<usize>) -> Range<usize> {
        let text = self.source().text();
        let start = text.floor_char_boundary(range.start);
        start..text.ceil_char_boundary(range.end).max(start)
    }
}

/// Where a place starts, for putting diagnostics in order; those without a place come first.
pub(super) fn start_of(document: &Document, place: &Place) -> usize {
    document.locate_place(place).map_or(0, |located| located.span.start)
}

fn is_top(route: &Route, found: &Found) -> bool {
    route.segments().is_empty() || !found.complete
}

fn touches(span: &Range<usize>, byte: usize) -> bool {
    span.start <= byte && byte <= span.end
}

/// The span that holds a byte, or else the one that ends at it.
fn best(spans: impl Iterator<Item = Range<usize>> + Clone, byte: usize) -> Option<usize> {
    spans
        .clone()
        .position(|span| span.contains(&byte))
        .or_else(|| spans.into_iter().position(|span| touches(&span, byte)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Parsed, route};
    use super::*;

    fn within(parsed: &Parsed, path: &str, part: Part, text: &str, word: &str) -> String {
        let start = text.find(word).unwrap();
        let located = parsed.document.locate(&route(path), part, Some(start..start + word.len()));
        parsed.document.source().text()[located.span].to_owned()
    }

    #[test]
    fn scalars_of_all_styles() {
        let parsed = Parsed::clean(
            "日本: é x # c\n'k é': \"q é\"\ns: 'it''s'\nl: |\n  one\n  two\n\n\
             f: >- # c\n  é\n\n  é\nlast: 1\n",
        );
        assert_eq!((parsed.key("日本"), parsed.value("日本")), ("日本", "é x"));
        assert_eq!((parsed.key("k é"), parsed.value("k é")), ("'k é'", "\"q é\""));
        assert_eq!(parsed.value("s"), "'it''s'");
        assert_eq!(parsed.value("l"), "|\n  one\n  two");
        assert_eq!(parsed.value("f"), ">- # c\n  é\n\n  é");
        assert_eq!(parsed.value("last"), "1");
    }

    #[test]
    fn blocks_of_text_without_text() {
        let parsed = Parsed::clean("a: >2\nb:\n  c: |-\n\nd: &x !!str |\n  t\n? |\n  k\n: >+\n");
        assert_eq!(parsed.value("a"), ">2");
        assert_eq!(parsed.value("b.c"), "|-");
        assert_eq!(parsed.value("d"), "|\n  t");
        assert_eq!(parsed.value("k\n"), ">+");
        assert_eq!(parsed.key("k\n"), "|\n  k");
    }

    #[test]
    fn collections_end_at_their_last_child() {
        let parsed = Parsed::clean(
            "a:\n  b:\n    - 1\n    - {x: [y, z]}\n  # c\n\n  c:\n\
             d: [ 1, 2 ] # c\ne:\n- f: 1\n  g:\n\n",
        );
        assert_eq!(parsed.value("a.b"), "- 1\n    - {x: [y, z]}");
        assert_eq!(parsed.value("a"), "b:\n    - 1\n    - {x: [y, z]}\n  # c\n\n  c");
        assert_eq!(parsed.value("d"), "[ 1, 2 ]");
        assert_eq!(parsed.value("e[0]"), "f: 1\n  g");
        assert_eq!(parsed.value("a.b[1].x"), "[y, z]");
    }

    #[test]
    fn empty_values_are_their_keys() {
        let parsed = Parsed::clean("a:\nb: {c: , d}\ne:\n  -\n  - 1\nf: [g: ]\n");
        assert_eq!(parsed.value("a"), "a");
        assert_eq!(parsed.value("b.c"), "c");
        assert_eq!(parsed.value("b.d"), "d");
        assert_eq!(parsed.value("e[0]"), "-");
        assert_eq!(parsed.value("f[0].g"), "g");
        assert_eq!(parsed.value("f[0]"), "g: ");
    }

    #[test]
    fn missing_routes_point_at_the_nearest_key() {
        let parsed = Parsed::clean("a:\n  b: [1, {c: 2}]\n");
        assert_eq!(parsed.value("a.x"), "a");
        assert_eq!(parsed.value("a.b[7].y.z"), "b");
        assert_eq!(parsed.value("a.b[1].d"), "{c: 2}");
        assert_eq!(parsed.value("a.b[1].c.d"), "c");
        assert_eq!(parsed.value("x"), "");
        assert_eq!(parsed.key("."), "");
        assert_eq!(parsed.value("."), "a:\n  b: [1, {c: 2}]");
    }

    #[test]
    fn ranges_within_a_text() {
        let sql = "é_mass > 5";
        let parsed = Parsed::clean(&format!(
            "plain: {sql}\nsingle: '{sql}'\ndouble: \"{sql}\"\nblock: >\n  {sql}\n\
             escaped: \"\\u00e9_mass > 5\"\nlines: é_mass\n  > 5\n'{sql}': 1\n",
        ));
        for path in ["plain", "single", "double", "block"] {
            assert_eq!(within(&parsed, path, Part::Value, sql, "mass"), "mass", "{path}");
        }
        let escaped = "\"\\u00e9_mass > 5\"";
        assert_eq!(within(&parsed, "escaped", Part::Value, sql, "mass"), escaped);
        assert_eq!(within(&parsed, "lines", Part::Value, sql, "mass"), "é_mass\n  > 5");
        assert_eq!(within(&parsed, sql, Part::Key, sql, "mass"), "mass");
        let outside = parsed.document.locate(&route("plain"), Part::Value, Some(0..99));
        assert_eq!(outside.span.len(), sql.len());
        let split = parsed.document.locate(&route("plain"), Part::Value, Some(1..3));
        assert_eq!(split.span.len(), sql.len(), "inside a character");
    }

    #[test]
    fn crlf_cr_and_bom() {
        let parsed = Parsed::clean("\u{FEFF}a: 1\r\nb: |\r\n  x\r\n  y\r\n\r\nc: 'u\r\n  v'\r\n");
        assert_eq!(parsed.value("a"), "1");
        assert_eq!(parsed.value("b"), "|\r\n  x\r\n  y");
        assert_eq!(parsed.value("c"), "'u\r\n  v'");
        assert_eq!(parsed.json()["b"], "x\ny\n");
        let parsed = Parsed::clean("a: 1\rb:\r  c: é\r");
        assert_eq!(parsed.value("b.c"), "é");
        assert_eq!(parsed.document.source().position(10).line, 3);
    }

    #[test]
    fn bytes_lead_to_routes() {
        let text = "a:\n  - é: [1, x]\n    b: *r\nr0: &r {k: v}\n".replace("*r", "2");
        let parsed = Parsed::clean(&text);
        let at = |needle: &str| {
            let (route, part) = parsed.document.place_at(text.find(needle).unwrap()).unwrap();
            format!("{route} {part:?}")
        };
        assert_eq!(at("a:"), "a Key");
        assert_eq!(at("é"), "a[0].é Key");
        assert_eq!(at("x]"), "a[0].é[1] Value");
        assert_eq!(at(" x]"), "a[0].é Value", "between two items");
        assert_eq!(at("2"), "a[0].b Value");
        assert_eq!(at("&r"), "r0 Value");
        assert_eq!(at("k:"), "r0.k Key");
        assert_eq!(at("- "), "a Value");
        assert_eq!(parsed.document.route_at(text.len()), None);
        assert_eq!(parsed.document.route_at(text.len() - 1), Some(route("r0")));
        assert_eq!(parsed.document.route_at(usize::MAX), None);
    }

    #[test]
    fn the_site_of_an_alias_is_the_node_that_uses_it() {
        let text = "x: &x {k: v}\ny: *x\nz: [*x]\nm: {<<: *x, n: 1}\n";
        let parsed = Parsed::clean(text);
        let at = |byte| parsed.document.place_at(byte).unwrap();
        assert_eq!(at(text.find("*x").unwrap()), (route("y"), Part::Value));
        assert_eq!(at(text.find("*x]").unwrap()), (route("z[0]"), Part::Value));
        assert_eq!(at(text.find("<<").unwrap()), (route("m"), Part::Value));
        assert_eq!(at(text.find("k").unwrap()), (route("x.k"), Part::Key));
    }
}
