//! Puts the nodes that aliases name where the aliases stand, and merges maps.
//! Nodes are shared, not copied: only the budget counts them as if they were.

use std::collections::HashSet;
use std::ops::Range;

use super::{MAX_LEVELS, MAX_NODES, Merge, OpenMap, Pending, Reader, Slot};
use crate::diagnostic::{Code, Fix};
use crate::text::nearest::nearest;
use crate::text::scalar::Atom;
use crate::text::syntax;
use crate::text::tree::{Content, Entry, NodeId, Scalar, Style};

/// Merges can be chained as long as the budget lasts; a reader is helped by the first few.
const MAX_MERGES: usize = 8;
/// Each one looks at all anchors.
const MAX_SUGGESTIONS: usize = 10;

impl Reader<'_> {
    pub(super) fn alias(&mut self, anchor: usize, range: Range<usize>) {
        self.cursor = self.cursor.max(range.end);
        if let Slot::Key = self.slot() {
            self.report(Code::YamlKey, range.clone(), "an alias stands as a key").help =
                Some("write the key itself; a key that starts with `*` needs quotes".into());
            self.set_pending(Pending::Refused(range));
            return;
        }
        let node = match self.anchors.get(&anchor) {
            Some(Some(node)) => *node,
            Some(None) => {
                let name = syntax::shown(&self.masked.text()[range.clone()]);
                let message = format!("`{name}` stands inside the node that it names");
                self.report(Code::YamlBudget, range.clone(), message).label =
                    "would repeat without end".into();
                return self.stand_in(range);
            }
            // The anchor stands in a part that was too deep to be kept.
            None => return self.stand_in(range),
        };
        let target = self.tree.get(node);
        let total = self.nodes.saturating_add(target.size);
        if self.frames.len() + target.height > MAX_LEVELS {
            self.too_deep(range.clone());
            self.stand_in(range);
        } else if total > MAX_NODES {
            self.too_many(range.clone());
            self.stand_in(range);
        } else {
            self.nodes = total;
            self.deliver(node, Some(range));
        }
    }

    pub(super) fn unresolved_alias(&mut self, name: &str, range: Range<usize>) {
        self.cursor = self.cursor.max(range.end);
        self.unresolved.push((name.to_owned(), range.clone()));
        if let Slot::Key = self.slot() {
            self.set_pending(Pending::Refused(range));
            return;
        }
        // Most likely text that was to have quotes: `*_id`.
        let text = self.masked.text()[range.clone()].into();
        let scalar = Scalar {
            atom: Atom::Text,
            text,
            style: Style::Plain,
            inner: range.clone(),
            expanded: None,
        };
        let node = self.tree.add(range, Content::Scalar(scalar));
        self.stand_ins.insert(node);
        self.deliver(node, None);
    }

    /// Adds the entries of all merged maps: the map's own keys win, then the earlier merge.
    pub(super) fn merge(&mut self, map: &mut OpenMap) {
        for Merge { key_span, node, alias } in std::mem::take(&mut map.merges) {
            let sites: Vec<_> = alias.clone().into_iter().collect();
            match &self.tree.get(node).content {
                Content::List { items, .. } => {
                    for item in items.clone() {
                        let sites = sites.iter().cloned().chain(item.alias).collect();
                        self.merge_node(map, item.node, sites, &key_span);
                    }
                }
                Content::Map { .. } | Content::Scalar(_) => {
                    self.merge_node(map, node, sites, &key_span);
                }
            }
        }
    }

    fn merge_node(
        &mut self,
        map: &mut OpenMap,
        node: NodeId,
        mut sites: Vec<Range<usize>>,
        key_span: &Range<usize>,
    ) {
        let inner = self.tree.get(node);
        if !matches!(inner.content, Content::Map { .. }) {
            let range = sites.pop().unwrap_or_else(|| inner.span.clone());
            if !self.stand_ins.contains(&node) {
                self.report(Code::YamlMerge, range, "what `<<` names is no map").help =
                    Some("`<<` takes an alias of a map, or a list of such aliases".into());
            }
            return;
        }
        if sites.is_empty() {
            sites.push(key_span.clone());
        }
        for entry in self.tree.entries(node) {
            if map.by_key.contains_key(&entry.key) {
                continue;
            }
            map.by_key.insert(entry.key.clone(), map.entries.len());
            let merges = sites.iter().chain(&entry.merges).take(MAX_MERGES).cloned().collect();
            map.entries.push(Entry { merges, ..entry.clone() });
        }
    }

    pub(super) fn report_unresolved(&mut self) {
        let names: HashSet<String> = self.names.drain(..).collect();
        for (at, (name, range)) in std::mem::take(&mut self.unresolved).into_iter().enumerate() {
            let shown = syntax::shown(&name);
            if names.contains(&name) {
                self.report(
                    Code::YamlSyntax,
                    range,
                    format!("the anchor `&{shown}` comes after this alias of it"),
                )
                .help = Some("move the anchor to its first use".into());
                continue;
            }
            let quotes = format!("text that starts with `*` needs quotes: `\"*{shown}\"`");
            let near = if at < MAX_SUGGESTIONS {
                nearest(&name, names.iter().map(String::as_str))
            } else {
                None
            };
            let near = near.map(|near| near.map(|anchor| format!("*{anchor}")));
            let help = match &near {
                Some(near) => format!("{} {quotes}", near.question()),
                None => quotes,
            };
            let diagnostic =
                self.report(Code::YamlSyntax, range, format!("no anchor is named `{shown}`"));
            diagnostic.label = "an unquoted `*` is an alias in YAML".into();
            diagnostic.help = Some(help);
            if let Some(near) = near {
                let fixes = near.fixes(&diagnostic.place, &format!("*{name}"));
                diagnostic.fixes.extend(fixes.into_iter().map(Fix::unsure));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::diagnostic::{Code, Part};
    use crate::text::testing::Parsed;

    #[test]
    fn aliases_keep_definition_and_site() {
        let parsed = Parsed::clean("é: &é {k: [1, 2]}\nb: *é\nc: [0, *é]\n");
        assert_eq!(
            *parsed.json(),
            json!({"é": {"k": [1, 2]}, "b": {"k": [1, 2]}, "c": [0, {"k": [1, 2]}]})
        );
        assert_eq!(parsed.value("b"), "{k: [1, 2]}");
        assert_eq!(parsed.via("b", Part::Value), ["*é"]);
        assert_eq!(parsed.via("b", Part::Key), [""; 0]);
        assert_eq!((parsed.key("b"), parsed.key("b.k")), ("b", "k"));
        assert_eq!(parsed.via("b.k", Part::Key), ["*é"]);
        assert_eq!(parsed.value("c[1].k[1]"), "2");
        assert_eq!(parsed.via("c[1].k[1]", Part::Value), ["*é"]);
        assert_eq!(parsed.value("c[1].x"), "{k: [1, 2]}", "the nearest on the way");
    }

    #[test]
    fn aliases_of_aliases_come_outermost_first() {
        let parsed = Parsed::clean("a: &a 1\nb: &b [*a]\nc: *b\n");
        assert_eq!(parsed.via("c[0]", Part::Value), ["*b", "*a"]);
        assert_eq!(parsed.value("c[0]"), "1");
    }

    #[test]
    fn an_anchor_may_be_defined_anew() {
        let parsed = Parsed::clean("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
        assert_eq!(*parsed.json(), json!({"a": 1, "b": 1, "c": 2, "d": 2}));
        assert_eq!(*Parsed::clean("&k key: 1\nb: *k\n").json(), json!({"key": 1, "b": "key"}));
        assert_eq!(*Parsed::clean("a: &e\nb: *e\n").json(), json!({"a": null, "b": null}));
    }

    #[test]
    fn merges_fill_in_what_is_missing() {
        let parsed = Parsed::clean(
            "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: *a\n  x: 0\n\
             d:\n  <<: [*b, *a]\ne:\n  <<: {i: 5}\n",
        );
        assert_eq!(parsed.json()["c"], json!({"x": 0, "y": 2}));
        assert_eq!(parsed.json()["d"], json!({"y": 3, "z": 4, "x": 1}));
        assert_eq!(parsed.json()["e"], json!({"i": 5}));
        assert_eq!((parsed.key("d.x"), parsed.value("d.x")), ("x", "1"));
        assert_eq!(parsed.via("d.x", Part::Key), ["*a"]);
        assert_eq!(parsed.via("d.y", Part::Value), ["*b"]);
        assert_eq!(parsed.via("c.x", Part::Value), [""; 0]);
        assert_eq!(parsed.via("e.i", Part::Value), ["<<"]);
        assert_eq!(parsed.value("d.none"), "d");
    }

    #[test]
    fn merges_of_merges_come_outermost_first() {
        let parsed = Parsed::clean(
            "v: &v [7]\na: &a {x: *v}\nb: &b {<<: *a}\nc: {<<: *b}\nl: &l [*b]\nd: {<<: *l}\n",
        );
        assert_eq!(parsed.via("c.x[0]", Part::Value), ["*b", "*a", "*v"]);
        assert_eq!(parsed.via("c.x", Part::Key), ["*b", "*a"]);
        assert_eq!(parsed.via("d.x", Part::Key), ["*l", "*b", "*a"]);
        assert_eq!(parsed.value("c.x[0]"), "7");
    }

    #[test]
    fn a_quoted_merge_key_is_a_key() {
        assert_eq!(*Parsed::clean("'<<': 1\n").json(), json!({"<<": 1}));
    }

    #[test]
    fn merges_of_other_things_are_refused() {
        let parsed = Parsed::new("a: &a 1\nb: {<<: *a}\nc: {<<: x}\nd: {<<: [*a]}\ne:\n  <<:\n");
        assert_eq!(
            parsed.found(),
            [
                (Code::YamlMerge, "*a"),
                (Code::YamlMerge, "x"),
                (Code::YamlMerge, "*a"),
                (Code::YamlMerge, "<<"),
            ]
        );
        assert_eq!(Parsed::new("a: {<<: *none}\n").only().0, Code::YamlSyntax);
    }

    #[test]
    fn unknown_anchors_are_most_likely_text() {
        let parsed = Parsed::new("exclude: [*_id, b]\n");
        let (code, text, help) = parsed.only();
        assert_eq!((code, text), (Code::YamlSyntax, "*_id"));
        assert_eq!(help, "text that starts with `*` needs quotes: `\"*_id\"`");
        assert_eq!(parsed.diagnostics[0].label, "an unquoted `*` is an alias in YAML");
        assert_eq!(*parsed.json(), json!({"exclude": ["*_id", "b"]}));

        let parsed = Parsed::new("a: &base 1\nb: *bsae\n");
        assert!(parsed.only().2.starts_with("did you mean `*base`? "));
        let parsed = Parsed::new("a: *late\nb: &late 1\n");
        assert_eq!(
            parsed.diagnostics[0].message,
            "the anchor `&late` comes after this alias of it"
        );
        assert_eq!(Parsed::new("*none : 1\n").only().1, "*none");
    }

    #[test]
    fn a_lone_star_is_text_without_quotes() {
        let parsed = Parsed::new("features: *\nexclude: [*, a]\nb: 1\nb: 2\n");
        assert_eq!(parsed.json()["exclude"], json!(["*", "a"]));
        assert_eq!(parsed.found()[..2], [(Code::YamlSyntax, "*"), (Code::YamlSyntax, "*")]);
        assert_eq!(parsed.found()[2].0, Code::YamlDuplicateKey);
    }

    #[test]
    fn a_node_cannot_hold_itself() {
        for text in ["a: &a [1, *a]\n", "&a {b: *a}\n", "a: &a {<<: *a, b: 1}\n"] {
            let parsed = Parsed::new(text);
            assert_eq!((parsed.only().0, parsed.only().1), (Code::YamlBudget, "*a"), "{text}");
        }
    }

    #[test]
    fn bombs_are_stopped() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..60 {
            let alias = format!("*a{}", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 10].join(", "));
        }
        let parsed = Parsed::new(&bomb);
        assert_eq!(parsed.diagnostics[0].code, Code::YamlBudget);
        assert!(parsed.document.routes().count() <= super::MAX_NODES);

        let mut deep = String::from("a0: &a0 [x]\n");
        for n in 1..100 {
            deep += &format!("a{n}: &a{n} [*a{}]\n", n - 1);
        }
        assert_eq!(Parsed::new(&deep).only().0, Code::YamlBudget);

        let mut merges = String::from("a0: &a0 {k0: x}\n");
        for n in 1..2000 {
            merges += &format!("a{n}: &a{n} {{<<: *a{}, k{n}: x}}\n", n - 1);
        }
        assert_eq!(Parsed::new(&merges).only().0, Code::YamlBudget);
    }
}
