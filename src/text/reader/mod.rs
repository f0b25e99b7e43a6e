//! Turns the parser's events into a tree, under a budget of nodes and levels.
//! What a node may hold is left to the schema; this only knows YAML.

mod frame;

mod aliases;
mod scalars;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, Span, StructureStyle, Tag};

use self::frame::{Body, Frame, Merge, OpenMap, Pending, Skipped, Slot};
use super::mask::Masked;
use super::scalar::Atom;
use super::syntax::{self, Stop};
use super::tree::{Content, Entry, Item, NodeId, Style, Tree};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place};

/// Nodes of a document with every alias written out.
pub(super) const MAX_NODES: usize = 100_000;
/// Lists and maps inside one another.
pub(super) const MAX_LEVELS: usize = 64;

/// What one pass over the text came to.
pub(super) struct Reading {
    pub tree: Tree,
    pub diagnostics: Vec<Diagnostic>,
    /// Where the parser gave up, if it did.
    pub stop: Option<Stop>,
    /// The scalar that holds the patch which starts at a byte.
    pub patched: HashMap<usize, Range<usize>>,
}

/// Reads the first document; never fails, the tree then ends where the parser did.
pub(super) fn read(masked: &Masked) -> Reading {
    let mut reader = Reader {
        masked,
        tree: Tree::new(),
        diagnostics: Vec::new(),
        patched: HashMap::new(),
        frames: Vec::new(),
        root: None,
        skipping: None,
        anchors: HashMap::new(),
        names: Vec::new(),
        unresolved: Vec::new(),
        stand_ins: HashSet::new(),
        nodes: 0,
        too_many: false,
        too_deep: false,
        cursor: 0,
        documents: 0,
    };
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
    };
    let mut stop = None;
    for event in Parser::new_from_str_with_options(masked.text(), options) {
        match event {
            Ok((event, span)) => {
                if reader.event(event, span).is_break() {
                    break;
                }
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(masked.text().len());
                let at = masked.text().floor_char_boundary(at);
                stop = Some(Stop { kind: error.kind().clone(), at });
                break;
            }
        }
    }
    reader.finish(stop)
}

type Flow = std::ops::ControlFlow<()>;

struct Reader<'t> {
    masked: &'t Masked<'t>,
    tree: Tree,
    diagnostics: Vec<Diagnostic>,
    patched: HashMap<usize, Range<usize>>,
    frames: Vec<Frame>,
    root: Option<NodeId>,
    skipping: Option<Skipped>,
    /// Nodes by anchor; none while the node is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    names: Vec<String>,
    unresolved: Vec<(String, Range<usize>)>,
    /// Stand-ins for what was refused, about which enough has been said.
    stand_ins: HashSet<NodeId>,
    nodes: usize,
    too_many: bool,
    too_deep: bool,
    /// The end of what was read last: the header of a block of text stands behind it.
    cursor: usize,
    documents: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Flow {
        let range = self.range(&span);
        if event.is_node() && self.skipping.is_none() {
            if self.documents > 1 {
                self.second_document(range.start);
                return Flow::Break(());
            }
            if let Slot::Value = self.slot() {
                self.nodes += 1;
            }
            if self.nodes > MAX_NODES {
                self.too_many(syntax::word_at(self.masked.text(), range.start));
                return Flow::Break(());
            }
        }
        let skipping = self.skipping.is_some();
        match event {
            Event::DocumentStart(explicit, _) => {
                self.documents += 1;
                // Without `---` the event has the span of the first node.
                if explicit {
                    self.cursor = range.end;
                }
            }
            Event::Scalar(..) | Event::Alias(_) | Event::UnresolvedAlias(_) if skipping => {}
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), &span, range);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(Body::List(Vec::new()), style, anchor, tag.as_deref(), &span, range);
            }
            Event::MappingStart(style, anchor, tag) => {
                let body = Body::Map(OpenMap::default());
                self.open(body, style, anchor, tag.as_deref(), &span, range);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::UnresolvedAlias(name) => self.unresolved_alias(&name, range),
            Event::Anchor(_, name) => self.names.push(name.into_owned()),
            _ => {}
        }
        Flow::Continue(())
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let text = self.masked.text();
        let range = span.byte_range().unwrap_or_default();
        let start = text.floor_char_boundary(range.start);
        start..text.floor_char_boundary(range.end).max(start)
    }

    fn report(
        &mut self,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic::error(code, Place::Text { range }, message));
        self.diagnostics.last_mut().expect("one was just pushed")
    }

    fn slot(&self) -> Slot {
        match self.frames.last().map(|frame| &frame.body) {
            Some(Body::Map(OpenMap { pending: None, .. })) => Slot::Key,
            _ => Slot::Value,
        }
    }

    fn open(
        &mut self,
        body: Body,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
        range: Range<usize>,
    ) {
        if let Some(skipped) = &mut self.skipping {
            skipped.levels += 1;
            return;
        }
        self.cursor = self.cursor.max(range.end);
        if self.frames.len() >= MAX_LEVELS {
            self.skipping = Some(Skipped { start: range.start, levels: 1 });
            self.too_deep(syntax::word_at(self.masked.text(), range.start));
            return;
        }
        if let Some(tag) = tag {
            let wanted = match &body {
                Body::List(_) => "seq",
                Body::Map(_) => "map",
            };
            if tag.core_suffix() != Some(wanted) {
                let at = syntax::word_at(self.masked.text(), range.start);
                self.foreign_tag(tag, span, at);
            }
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        let style = match style {
            StructureStyle::Block => Style::Block,
            StructureStyle::Flow => Style::Flow,
        };
        let is_key = matches!(self.slot(), Slot::Key);
        self.frames.push(Frame { start: range.start, end: range.end, style, anchor, is_key, body });
    }

    fn close(&mut self, range: Range<usize>) {
        if let Some(skipped) = &mut self.skipping {
            skipped.levels -= 1;
            if skipped.levels == 0 {
                let start = skipped.start;
                self.skipping = None;
                self.stand_in(start..range.end.max(start));
            }
            return;
        }
        let Some(mut frame) = self.frames.pop() else { return };
        if frame.style == Style::Flow {
            frame.end = frame.end.max(range.end);
            self.cursor = self.cursor.max(range.end);
        }
        let span = frame.start..frame.end.max(frame.start);
        let content = match frame.body {
            Body::List(items) => Content::List { style: frame.style, items },
            Body::Map(mut map) => {
                self.merge(&mut map);
                Content::Map { style: frame.style, entries: map.entries }
            }
        };
        let node = self.tree.add(span.clone(), content);
        if frame.anchor != 0 {
            self.anchors.insert(frame.anchor, Some(node));
        }
        if frame.is_key {
            self.report(Code::YamlKey, span.clone(), "a list or map stands as a key").help =
                Some("keys are plain text".into());
            self.set_pending(Pending::Refused(span));
        } else {
            self.deliver(node, None);
        }
    }

    fn set_pending(&mut self, new: Pending) {
        if let Some(frame) = self.frames.last_mut() {
            frame.start = frame.start.min(new.span().start);
            frame.end = frame.end.max(new.span().end);
            if let Body::Map(map) = &mut frame.body {
                map.pending = Some(new);
            }
        }
    }

    /// Puts a node where it belongs.
    fn deliver(&mut self, node: NodeId, alias: Option<Range<usize>>) {
        let span = alias.clone().unwrap_or_else(|| self.tree.get(node).span.clone());
        let Some(frame) = self.frames.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        frame.start = frame.start.min(span.start);
        frame.end = frame.end.max(span.end);
        let map = match &mut frame.body {
            Body::List(items) => return items.push(Item { node, alias }),
            Body::Map(map) => map,
        };
        match map.pending.take() {
            None | Some(Pending::Refused(_)) => {}
            Some(Pending::Merge(key_span)) => {
                let first = map.merges.first().map(|merge| merge.key_span.clone());
                map.merges.push(Merge { key_span: key_span.clone(), node, alias });
                if let Some(first) = first {
                    self.duplicate("<<", key_span, first);
                }
            }
            Some(Pending::Key(key, key_span)) => match map.by_key.get(&key) {
                Some(&first) => {
                    let first = map.entries[first].clone();
                    let pair = key_span.start..span.end.max(key_span.end);
                    self.duplicate(&key, key_span, first.key_span);
                    let text = self.masked.original();
                    let value = text.get(self.tree.get(first.node).span.clone());
                    let second = text.get(span);
                    // An anchor in it may be wanted elsewhere.
                    if second.is_some_and(|it| !it.contains('&'))
                        && alias.is_none()
                        && let Some(diagnostic) = self.diagnostics.last_mut()
                    {
                        let edit = Edit::Remove { place: Place::Text { range: pair } };
                        let fix = Fix::certain("remove the second", edit);
                        let same = value == second && first.alias.is_none();
                        diagnostic.fixes.push(if same { fix } else { fix.unsure() });
                    }
                }
                None => {
                    map.by_key.insert(Arc::clone(&key), map.entries.len());
                    map.entries.push(Entry { key, key_span, merges: Vec::new(), node, alias });
                }
            },
        }
    }

    /// Puts a null in the place of what was refused.
    fn stand_in(&mut self, range: Range<usize>) {
        match self.slot() {
            Slot::Key => self.set_pending(Pending::Refused(range)),
            Slot::Value => {
                let node = self.tree.add(range, Content::nothing());
                self.stand_ins.insert(node);
                self.deliver(node, None);
            }
        }
    }

    fn duplicate(&mut self, key: &str, second: Range<usize>, first: Range<usize>) {
        let diagnostic = Diagnostic::error(
            Code::YamlDuplicateKey,
            Place::Text { range: second },
            format!("`{}` stands twice in this map", syntax::shown(key)),
        )
        .label("and again here")
        .help("remove one of the two, or merge their contents")
        .related(Place::Text { range: first }, "first here");
        self.diagnostics.push(diagnostic);
    }

    fn second_document(&mut self, at: usize) {
        let range = syntax::word_at(self.masked.text(), at);
        self.report(Code::YamlDocuments, range, "a second document starts here").help =
            Some("one spec a file: put the second document into a file of its own".into());
    }

    fn too_many(&mut self, range: Range<usize>) {
        if std::mem::replace(&mut self.too_many, true) {
            return;
        }
        self.report(Code::YamlBudget, range, format!("the spec grows beyond {MAX_NODES} nodes"))
            .help = Some("every use of an alias counts all that its anchor holds".into());
    }

    fn too_deep(&mut self, range: Range<usize>) {
        if std::mem::replace(&mut self.too_deep, true) {
            return;
        }
        self.report(
            Code::YamlBudget,
            range,
            format!("the spec is deeper than {MAX_LEVELS} levels"),
        )
        .help = Some("no part of a spec needs so many lists and maps inside one another".into());
    }

    fn finish(mut self, mut stop: Option<Stop>) -> Reading {
        self.skipping = None;
        while let Some(frame) = self.frames.last_mut() {
            let end = frame.end..frame.end;
            if std::mem::take(&mut frame.is_key) {
                self.frames.pop();
                continue;
            }
            if let Body::Map(OpenMap { pending: Some(_), .. }) = &frame.body {
                let span = self.nothing(end.start);
                let null = self.tree.add(span, Content::nothing());
                self.deliver(null, None);
            }
            self.close(end);
        }
        self.report_unresolved();
        if self.too_deep {
            stop = stop.filter(|stop| stop.kind != ErrorKind::RecursionLimitExceeded);
        }
        let root = self.root.map(|root| &self.tree.get(root).content);
        let is_null = match root {
            Some(Content::Scalar(scalar)) => scalar.atom == Atom::Null,
            Some(Content::List { .. } | Content::Map { .. }) => false,
            None => true,
        };
        if is_null && stop.is_none() && self.diagnostics.is_empty() {
            self.empty();
        }
        self.tree.root = self.root.unwrap_or(Tree::NOTHING);
        Reading { tree: self.tree, diagnostics: self.diagnostics, stop, patched: self.patched }
    }

    fn empty(&mut self) {
        self.report(Code::YamlEmpty, 0..0, "the spec has no content").help =
            Some("a spec needs at least `version`, `data`, `model` and `thresholds`".into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Parsed, route};
    use super::*;

    #[test]
    fn duplicate_keys_show_both_places() {
        for (text, first) in [
            ("é: 1\nb: 2\né: 3\n", 0..2),
            ("{é: 1, \"é\": {x: [1]}}\n", 1..3),
            ("é: 1\n'é':\n  - x\né: 4\n", 0..2),
        ] {
            let parsed = Parsed::new(text);
            let diagnostic = &parsed.diagnostics[0];
            assert_eq!(diagnostic.code, Code::YamlDuplicateKey, "{text:?}");
            assert_eq!(diagnostic.message, "`é` stands twice in this map");
            assert_eq!(diagnostic.related[0].place, Place::Text { range: first });
            assert_eq!(diagnostic.related[0].label, "first here");
            assert_eq!(parsed.json()["é"], 1, "the first stays");
        }
        let parsed = Parsed::new("a: {b: 1, c: 2, b: 3}\n");
        assert_eq!(parsed.found(), [(Code::YamlDuplicateKey, "b")]);
        assert_eq!(Parsed::new("<<: {a: 1}\n<<: {b: 2}\n").only().0, Code::YamlDuplicateKey);
    }

    #[test]
    fn scalar_keys_are_their_text() {
        let parsed = Parsed::clean("1: a\n2.50: b\ntrue: c\nnull: d\n0x1f: e\n.inf: f\n");
        assert_eq!(
            *parsed.json(),
            json!({"1": "a", "2.50": "b", "true": "c", "null": "d", "0x1f": "e", ".inf": "f"})
        );
    }

    #[test]
    fn other_keys_are_refused() {
        let parsed = Parsed::new("? [a, b]\n: 1\n? {c: d}\n: 2\n: 3\ne: &x 4\n*x : 5\nf: 6\n");
        assert_eq!(
            parsed.found(),
            [
                (Code::YamlKey, "[a, b]"),
                (Code::YamlKey, "{c: d}"),
                (Code::YamlKey, ":"),
                (Code::YamlKey, "*x"),
            ]
        );
        assert_eq!(*parsed.json(), json!({"e": 4, "f": 6}));
    }

    #[test]
    fn one_document_a_file() {
        assert_eq!(Parsed::new("a: 1\n---\nb: 2\n").only().1, "b");
        assert_eq!(Parsed::new("a: 1\n...\n[x]\n").only().1, "[");
        assert_eq!(Parsed::new("a: 1\n---\n").only().0, Code::YamlDocuments);
        assert_eq!(*Parsed::clean("%YAML 1.2\n---\na: 1\n...\n# end\n").json(), json!({"a": 1}));
    }

    #[test]
    fn texts_without_content() {
        for text in ["", "\n\n", "# only a comment\n", "---\n", "--- # c\n...\n", "~", "\u{FEFF}"] {
            let parsed = Parsed::new(text);
            assert_eq!(parsed.only().0, Code::YamlEmpty, "{text:?}");
            assert!(parsed.json().is_null());
        }
    }

    #[test]
    fn half_a_text_keeps_its_first_half() {
        let parsed = Parsed::new("a:\n  b: 1\n  c: [x, y, \"z\nd: 2\n");
        assert_eq!(*parsed.json(), json!({"a": {"b": 1, "c": ["x", "y"]}}));
        let parsed = Parsed::new("a:\n  b: 1\n  c:\n    d: 'x\n");
        assert_eq!(*parsed.json(), json!({"a": {"b": 1, "c": {"d": null}}}));
        assert_eq!(parsed.value("a.c.d"), "d");
    }

    #[test]
    fn levels_are_limited() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        Parsed::clean(&nested(MAX_LEVELS));
        assert_eq!(Parsed::new(&nested(MAX_LEVELS + 1)).only().0, Code::YamlBudget);
        assert_eq!(Parsed::new(&nested(200)).only().0, Code::YamlBudget);
        let block: String = (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        let parsed = Parsed::new(&block);
        assert_eq!(parsed.only().0, Code::YamlBudget);
        let deepest = "a.".repeat(MAX_LEVELS);
        assert!(parsed.document.node(&route(&deepest)).is_some());
        assert!(parsed.document.node(&route(&format!("{deepest}a"))).is_none());
    }

    #[test]
    fn what_is_too_deep_does_not_hide_what_follows() {
        let deep = format!("a: {}1{}\nb: 1\nb: 2\n", "[".repeat(70), "]".repeat(70));
        let codes: Vec<Code> =
            Parsed::new(&deep).found().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, [Code::YamlBudget, Code::YamlDuplicateKey]);
    }

    #[test]
    fn nesting_never_overflows_the_stack() {
        let deep = 100_000;
        for text in [
            "[".repeat(deep),
            "{a: ".repeat(deep),
            "- ".repeat(deep),
            "? ".repeat(deep),
            format!("a: {}", "[".repeat(deep)),
            format!("a:\n  {}", "- ".repeat(deep)),
        ] {
            let parsed = Parsed::new(&text);
            assert!(
                parsed.diagnostics.iter().any(|d| d.code == Code::YamlBudget),
                "{}",
                &text[..9]
            );
        }
        // Spaces grow with the square of the depth, so that this one is kept shallower.
        let block: String = (0..1500).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        assert_eq!(Parsed::new(&block).only().0, Code::YamlBudget);
    }

    #[test]
    fn nodes_are_limited() {
        let list = |items: usize| format!("[{}]", "1,".repeat(items));
        Parsed::clean(&list(MAX_NODES - 1));
        assert_eq!(Parsed::new(&list(MAX_NODES)).only().0, Code::YamlBudget);
        let keys: String = (0..MAX_NODES / 2 + 1).map(|n| format!("{n}: 1\n")).collect();
        Parsed::clean(&keys);
    }
}
