//! Turns random trees into YAML of random styles and back, and random texts into documents.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::scalar::{Atom, plain};
use super::testing::Parsed;
use super::{Document, Kind, Source, Style};
use crate::diagnostic::{Part, Place, Route};

/// Random decisions, one after the other, in a circle.
struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Choices<'_> {
    fn one_of(&mut self, count: usize) -> usize {
        let byte = self.bytes[self.at % self.bytes.len()];
        self.at += 1;
        usize::from(byte) % count
    }

    fn in_ten(&mut self, count: usize) -> bool {
        self.one_of(10) < count
    }
}

/// Writes a value as YAML; whatever it chooses means the same value.
struct Writer<'a> {
    choices: Choices<'a>,
    out: String,
    anchors: usize,
    anchored: Vec<(usize, Value)>,
}

impl Writer<'_> {
    fn block(&mut self, value: &Value, indent: usize) {
        let pad = " ".repeat(indent);
        match value {
            Value::Array(items) if !items.is_empty() && self.choices.in_ten(6) => {
                for item in items {
                    self.newline();
                    self.out += &format!("{pad}-");
                    self.value(item, indent);
                }
            }
            Value::Object(map) if !map.is_empty() && self.choices.in_ten(7) => {
                for (key, item) in map {
                    self.newline();
                    let key = self.key(key);
                    self.out += &format!("{pad}{key}:");
                    self.value(item, indent);
                }
            }
            Value::String(text) if is_literal(text) && self.choices.in_ten(4) => {
                let strip = if text.ends_with('\n') { "" } else { "-" };
                self.out += &format!(" |{strip}");
                for line in text.trim_end_matches('\n').split('\n') {
                    self.out += &format!("\n{pad} {line}");
                }
                if self.choices.in_ten(3) && !text.ends_with('\n') {
                    self.out += "\n";
                }
            }
            Value::Null if self.choices.in_ten(3) => {}
            _ => {
                self.out.push(' ');
                self.flow(value);
            }
        }
    }

    fn value(&mut self, value: &Value, indent: usize) {
        if let Some((anchor, _)) = self.anchored.iter().find(|(_, old)| old == value)
            && self.choices.in_ten(5)
        {
            self.out += &format!(" *a{anchor}");
            return;
        }
        let anchor = self.choices.in_ten(2).then_some(self.anchors);
        if let Some(anchor) = anchor {
            self.anchors += 1;
            self.out += &format!(" &a{anchor}");
        }
        let deeper = indent + 1 + self.choices.one_of(3);
        self.block(value, deeper);
        if let Some(anchor) = anchor {
            self.anchored.push((anchor, value.clone()));
        }
    }

    fn newline(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        if self.choices.in_ten(1) {
            self.out += "# é: [\n\n";
        }
    }

    fn flow(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                self.out += "[";
                for item in items {
                    self.space();
                    self.flow(item);
                    self.out += ",";
                }
                self.out += " ]";
            }
            Value::Object(map) => {
                self.out += "{";
                for (key, item) in map {
                    self.space();
                    let key = self.key(key);
                    self.out += &format!("{key}: ");
                    self.flow(item);
                    self.out += ", ";
                }
                self.out += "}";
            }
            Value::String(text) => {
                let text = self.string(text);
                self.out += &text;
            }
            Value::Number(number) => {
                let text = number.to_string();
                self.out += &match self.choices.one_of(4) {
                    0 if number.is_i64() => format!("{text}.0"),
                    1 if number.is_u64() => format!("+{text}"),
                    2 if number.is_u64() => format!("{:#x}", number.as_u64().unwrap_or_default()),
                    _ => text,
                };
            }
            Value::Bool(value) => self.out += if *value { "True" } else { "false" },
            Value::Null => self.out += "~",
        }
    }

    fn space(&mut self) {
        self.out += if self.choices.in_ten(5) { " " } else { "\n               " };
    }

    fn key(&mut self, key: &str) -> String {
        let bare = plain(key) != Ok(Atom::Text) && !key.is_empty() && key != ".inf";
        if bare { key.to_owned() } else { self.string(key) }
    }

    fn string(&mut self, text: &str) -> String {
        let is_safe = |c: char| c.is_alphanumeric() || c == '_';
        let is_plain = text.starts_with(char::is_alphabetic)
            && text.chars().all(is_safe)
            && plain(text) == Ok(Atom::Text);
        let is_line = text.chars().all(|c| c != '\n' && (c >= ' ' && c != '\u{7F}'));
        match self.choices.one_of(3) {
            0 if is_plain => text.to_owned(),
            1 if is_line => format!("'{}'", text.replace('\'', "''")),
            _ => json!(text).to_string().replace('\u{7F}', "\\x7F"),
        }
    }
}

fn is_literal(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    !body.is_empty()
        && !body.starts_with([' ', '\n', '\t', '#'])
        && !body.ends_with('\n')
        && body.split('\n').all(|line| !line.trim().is_empty() && !line.contains('\u{7F}'))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé日]{1,4}",
        "[a-zé日 :#,'\"\\\\\\[\\]{}&*!|>@`%?\n\t-]{0,8}",
        select(vec![
            "", "no", "null", "5", "5.0", ".inf", "<<", "~", "a\nb\n", "😀", "- x", "\u{7F}"
        ])
        .prop_map(str::to_owned),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..1000).prop_map(Value::from),
        any::<i32>().prop_map(|n| json!(f64::from(n) + 0.5)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((text(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// All that must hold for a document of any text.
fn check(text: &str) -> Parsed {
    let parsed = Parsed::new(text);
    let document = &parsed.document;
    let source = document.source().text();
    let bounded = |span: &std::ops::Range<usize>| {
        assert!(span.start <= span.end && source.get(span.clone()).is_some(), "{span:?}: {text:?}");
    };
    for diagnostic in &parsed.diagnostics {
        assert!(!diagnostic.message.ends_with('.') && !diagnostic.message.is_empty());
        let related = diagnostic.related.iter().map(|related| &related.place);
        for place in std::iter::once(&diagnostic.place).chain(related) {
            bounded(&document.locate_place(place).expect("a place in the text").span);
        }
    }
    for route in document.routes() {
        assert!(document.node(&route).is_some(), "{route}: {text:?}");
        for part in [Part::Key, Part::Value] {
            for within in [None, Some(0..0), Some(1..2), Some(0..3), Some(9..usize::MAX)] {
                let located = document.locate(&route, part, within);
                bounded(&located.span);
                located.via.iter().for_each(bounded);
            }
        }
        bounded(&document.locate(&route.key("no such key").index(3), Part::Value, None).span);
    }
    for byte in 0..=source.len() {
        if let Some(route) = document.route_at(byte) {
            assert!(document.node(&route).is_some());
        }
    }
    let value = document.resolved();
    assert_eq!(value.is_null(), document.written().is_null());
    parsed
}

fn alone(text: &str) -> Document {
    Document::parse(Source::new("alone.yaml", text), &|_: &str| None).0
}

const SPEC: &str = "\
version: 1
name: Penguin species  # é
x-base: &base { min: 0.9, because: \"it matters\" }
data:
  path: ${DATA:-data}/penguins.csv
  target: species
  exclude: [year, '*_id']
  split:
    holdout: { test: 0.25, stratify: true, seed: 7 }
prepare:
  - impute: { numeric: median }
  - standardize
model:
  logistic_regression:
    c: 1.0
slices:
  heavy: { where: \"body_mass_g > 5000\", min_rows: 10 }
  note: >-
    folded
    text
thresholds:
  accuracy: [\"> 0.9\", { min: 0.95, severity: warn }]
  f1: *base
  recall:
    <<: *base
    min: 0.97
  r2: > 0.8
  roc_auc: >
    0.7
";

const TOKENS: &[&str] = &[
    "- ",
    ": ",
    ":",
    "a",
    "b: 1",
    "\n",
    "\n  ",
    "\n    ",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "*",
    "<<: *a",
    "!!str ",
    "!x ",
    "!e!x ",
    "> 0.8",
    ">",
    ">=2",
    "|",
    "|-\n  ",
    "\"",
    "'",
    " #",
    "thresholds:\n  ",
    "because: ",
    "é",
    "日",
    "\t",
    "\r\n",
    "\r",
    "? ",
    "${A}",
    "${",
    "$${HOME}",
    "---\n",
    "...\n",
    "%",
    "@",
    "`",
    "\u{FEFF}",
    "\0",
    "\u{85}",
    "\u{2028}",
    ".inf",
    "1e999",
    "5.0",
];

fn mutations() -> impl Strategy<Value = Vec<(usize, usize, &'static str)>> {
    vec((0..SPEC.len(), 0..12_usize, select(TOKENS)), 1..6)
}

fn config() -> ProptestConfig {
    let defaults = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, ..defaults }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn trees_come_back(tree in tree(), bytes in vec(any::<u8>(), 1..200), crlf in any::<bool>()) {
        // A lone null may be written as nothing, which is no spec.
        let tree = if tree.is_null() { json!([null]) } else { tree };
        let choices = Choices { bytes: &bytes, at: 0 };
        let mut writer = Writer { choices, out: String::new(), anchors: 0, anchored: Vec::new() };
        writer.block(&tree, 0);
        let mut text = writer.out;
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let parsed = check(&text);
        prop_assert_eq!(&parsed.diagnostics, &[], "{}", text);
        prop_assert_eq!(parsed.json(), &tree, "{}", text);
        let document = &parsed.document;
        for route in document.routes() {
            let node = document.node(&route).expect("a node");
            let slice = |part| &text[document.locate(&route, part, None).span];
            if let Some(key) = route.last_key() {
                let read = alone(slice(Part::Key));
                let shown = read.node(&Route::root()).and_then(|node| node.text);
                prop_assert_eq!(shown.unwrap_or_default(), key, "{} in {}", route, text);
            }
            if node.style != Style::Empty && !matches!(node.kind, Kind::List | Kind::Map) {
                let wanted = route.segments().iter().fold(&tree, |value, segment| match segment {
                    crate::diagnostic::Segment::Key(key) => &value[&**key],
                    crate::diagnostic::Segment::Index(index) => &value[*index],
                });
                let read = alone(slice(Part::Value));
                prop_assert_eq!(read.written(), wanted, "{} in {}", route, text);
            }
        }
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_soup_of_yaml_is_read(tokens in vec(select(TOKENS), 0..30)) {
        check(&tokens.concat());
    }

    #[test]
    fn any_damaged_spec_is_read(mutations in mutations()) {
        let mut text = SPEC.to_owned();
        for (at, length, token) in mutations {
            let start = text.floor_char_boundary(at);
            let end = text.floor_char_boundary(at + length).max(start);
            text.replace_range(start..end, token);
        }
        check(&text);
    }
}

#[test]
fn the_whole_spec_is_read() {
    let parsed = check(SPEC);
    let messages: Vec<_> = parsed.found().into_iter().map(|(_, text)| text).collect();
    assert_eq!(messages, ["> 0.8", ">\n    0.7"]);
    assert_eq!(parsed.value("thresholds.recall.because"), "\"it matters\"");
    let place = Place::value(Route::root().key("thresholds").key("f1").key("min"));
    let located = parsed.document.locate_place(&place).expect("a place in it");
    assert_eq!((&SPEC[located.span], located.via.len()), ("0.9", 1));
}
