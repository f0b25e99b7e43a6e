use proptest::prelude::*;

use super::*;
use crate::diagnostic::Position;
use crate::text::testing::{Parsed, route};

/// The text after an edit; none where there is no such change.
fn edited(text: &str, edit: Edit) -> Option<String> {
    let parsed = Parsed::new(text);
    let changes = parsed.document.changes(&Fix::certain("", edit))?;
    Some(apply(parsed.document.source().text(), &changes).expect("one change overlaps nothing"))
}

fn value(text: &str, path: &str, old: &str, new: &str) -> Option<String> {
    let (old, new) = (old.into(), new.into());
    edited(text, Edit::Replace { place: Place::value(route(path)), old, new })
}

fn key(text: &str, path: &str, new: &str) -> Option<String> {
    let place = Place::key(route(path));
    let old = route(path).last_key().unwrap().to_owned();
    edited(text, Edit::Replace { place, old, new: new.into() })
}

fn insert(text: &str, path: &str, position: Position) -> Option<String> {
    let (key, yaml) = ("new".into(), "1".into());
    edited(text, Edit::Insert { map: route(path), key, yaml, position })
}

#[test]
fn maps_open_where_there_is_nothing_or_a_name() {
    for (before, path, after) in [
        ("a:\n  b:\n", "a.b", "a:\n  b: { new: 1 }\n"),
        ("a: # c\r\n", "a", "a: { new: 1 } # c\r\n"),
        ("{a, b: 1}\n", "a", "{a: { new: 1 }, b: 1}\n"),
        ("m:\n- f1 # c\n", "m[0].f1", "m:\n- f1: { new: 1 } # c\n"),
        ("m: [f1, r2]\n", "m[0].f1", "m: [f1: { new: 1 }, r2]\n"),
    ] {
        let edited = insert(before, path, Position::Last);
        assert_eq!(edited.as_deref(), Some(after), "{before:?}");
        assert!(Parsed::new(after).diagnostics.is_empty(), "{after:?}");
    }
    for (text, path) in [
        ("a: ~\n", "a"),
        ("a: x\n", "a"),
        ("m: ['f1']\n", "m[0].f1"),
        ("m: [f2]\n", "m[0].f1"),
        ("x: &n f1\nm: [*n]\n", "m[0].f1"),
        ("x: &n\na: *n\n", "a"),
        ("a: &n\nb: 1\n", "a"),
        ("a: !!null\n", "a"),
    ] {
        assert_eq!(insert(text, path, Position::Last), None, "{text:?}");
    }
}

#[test]
fn words_keep_their_quotes() {
    for (before, after) in [
        ("a: old", "a: new"),
        ("a: 'old' # c\r\n", "a: 'new' # c\r\n"),
        ("a:\t\"old\"\n", "a:\t\"new\"\n"),
        ("{a: old, b: 1}\n", "{a: new, b: 1}\n"),
        ("# é\na: &x !!str old\n", "# é\na: &x !!str new\n"),
        ("a:\n  old\nb: 1\n", "a:\n  new\nb: 1\n"),
    ] {
        assert_eq!(value(before, "a", "old", "new").as_deref(), Some(after), "{before:?}");
    }
    assert_eq!(
        key("a:\n  'é k': &y [1] # c\n", "a.é k", "new").unwrap(),
        "a:\n  'new': &y [1] # c\n"
    );
    assert_eq!(key("{\"a\": 1}", "a", "b c").unwrap(), "{\"b c\": 1}");
    assert_eq!(key("? a\n: 1\n", "a", "b").unwrap(), "? b\n: 1\n");
}

#[test]
fn words_get_the_quotes_that_they_need() {
    for new in [
        "", " x", "x ", "a: b", "a #b", "#a", "*", "&a", "!x", "-", "- a", "?", "? a", ":", "a:",
        "'", "\"", "\\", "%", "@", "`", "|", ">", "[", "{", "}", ",", "a, b", "null", "~", "yes",
        "true", "5", "1e3", ".inf", ".nan", "0x1F", "<<", "---", "...", "é", "日本", "a\nb", "\t",
        "\u{85}", "\u{FEFF}", "\u{2028}", "a'b\"c", "[x]", "a]b", "=", "x*",
    ] {
        for (text, path) in [
            ("a: old\nb: 1\n", "a"),
            ("a: 'old'\n", "a"),
            ("a: \"old\"\n", "a"),
            ("{a: old, b: 1}", "a"),
            ("a: [x, {k: old}]\n", "a[1].k"),
            ("a:\n- old\n- 1\n", "a[0]"),
        ] {
            let after = value(text, path, "old", new).unwrap_or_else(|| panic!("{text:?} {new:?}"));
            let parsed = Parsed::clean(&after);
            let node = parsed.document.node(&route(path)).unwrap();
            assert_eq!((node.kind, node.text), (crate::text::Kind::String, Some(new)), "{after:?}");
        }
        if !matches!(new, "") {
            let after = key("a: 1\nb: {c: 2}\n", "a", new).unwrap();
            assert_eq!(Parsed::clean(&after).json()[new], 1, "{after:?}");
            let after = key("b: {c: 2, d: 3}\n", "b.c", new).unwrap();
            assert_eq!(Parsed::clean(&after).json()["b"][new], 2, "{after:?}");
        }
    }
}

#[test]
fn words_within_a_text() {
    let within = |text: &str, new: &str| {
        let sql = "mas > 5 and 'é' = s";
        let place = Place::value(route("w")).within(0..3);
        let edit = Edit::Replace { place, old: "mas".into(), new: new.into() };
        edited(&text.replace("SQL", sql).replace("QUOTED", &sql.replace('\'', "''")), edit)
    };
    let new = "mass > 5 and 'é' = s";
    assert_eq!(within("w: SQL # c\n", "mass").unwrap(), format!("w: {new} # c\n"));
    assert_eq!(within("w: \"SQL\"\n", "mass").unwrap(), format!("w: \"{new}\"\n"));
    assert_eq!(within("w: >\r\n  SQL\r\n", "mass").unwrap(), format!("w: >\r\n  {new}\r\n"));
    assert_eq!(
        within("w: 'QUOTED'\n", "mass").unwrap(),
        format!("w: '{}'\n", new.replace('\'', "''"))
    );
    // A name in double quotes cannot begin a plain scalar.
    let quoted = within("w: SQL\n", "\"a b\"").unwrap();
    assert_eq!(Parsed::clean(&quoted).json()["w"], "\"a b\" > 5 and 'é' = s");
    let quoted = within("w: \"SQL\"\n", "\"a b\"").unwrap();
    assert_eq!(Parsed::clean(&quoted).json()["w"], "\"a b\" > 5 and 'é' = s");
    let place = Place::key(route("f@a")).within(0..1);
    let edit = Edit::Replace { place, old: "f".into(), new: "f1".into() };
    assert_eq!(edited("'f@a': 1\n", edit).unwrap(), "'f1@a': 1\n");
}

#[test]
fn what_is_shared_or_another_word_stays() {
    assert_eq!(value("a: other\n", "a", "old", "new"), None);
    assert_eq!(value("a: old\n", "b", "old", "new"), None);
    assert_eq!(value("a: ${HOME}\n", "a", "${HOME}", "new"), None);
    assert_eq!(value("a: |\n  old\n", "a", "old\n", "new"), None);
    assert_eq!(value("a: old\n  text\n", "a", "old text", "new"), None);
    let shared = "a: &x {k: old}\nb: *x\n";
    assert_eq!(value(shared, "a.k", "old", "new"), None);
    assert_eq!(value(shared, "b.k", "old", "new"), None);
    assert_eq!(key(shared, "b.k", "new"), None);
    let free = "x-a: &x {k: old}\nb: *x\n";
    assert_eq!(value(free, "b.k", "old", "new").unwrap(), "x-a: &x {k: new}\nb: *x\n");
    assert_eq!(key(free, "b.k", "n").unwrap(), "x-a: &x {n: old}\nb: *x\n");
    let merged = "x-a: &x\n  k: old\nb:\n  <<: *x\n  l: 1\n";
    assert_eq!(key(merged, "b.k", "n").unwrap(), "x-a: &x\n  n: old\nb:\n  <<: *x\n  l: 1\n");
    assert_eq!(key(merged, "b.k", "l"), None, "there is an `l` already");
}

#[test]
fn entries_come_to_stand_beside_the_others() {
    use Position::{First, Last};
    for (before, path, last, first) in [
        ("a: 0", "", "a: 0\nnew: 1", "new: 1\na: 0"),
        (
            "# c\na: 0 # d\n# e\n",
            "",
            "# c\na: 0 # d\nnew: 1\n# e\n",
            "# c\nnew: 1\na: 0 # d\n# e\n",
        ),
        (
            "m:\r\n  a: 0\r\nb: 1\r\n",
            "m",
            "m:\r\n  a: 0\r\n  new: 1\r\nb: 1\r\n",
            "m:\r\n  new: 1\r\n  a: 0\r\nb: 1\r\n",
        ),
        ("- a:\n    b: 0\n", "[0]", "- a:\n    b: 0\n  new: 1\n", "- new: 1\n  a:\n    b: 0\n"),
        ("m: {}\n", "m", "m: { new: 1 }\n", "m: { new: 1 }\n"),
        ("m: { }\n", "m", "m: { new: 1 }\n", "m: { new: 1 }\n"),
        ("m: {a: 0}\n", "m", "m: {a: 0, new: 1}\n", "m: {new: 1, a: 0}\n"),
        ("m: {a: 0,}\n", "m", "m: {a: 0, new: 1}\n", "m: {new: 1, a: 0,}\n"),
        ("m: {a: }\n", "m", "m: {a:, new: 1 }\n", "m: {new: 1, a: }\n"),
        ("m: {a}\n", "m", "m: {a, new: 1}\n", "m: {new: 1, a}\n"),
        ("a:\nb: |+\n  t\n\n", "", "new: 1\na:\nb: |+\n  t\n\n", "new: 1\na:\nb: |+\n  t\n\n"),
        ("a:\n- 1\n", "", "a:\n- 1\nnew: 1\n", "new: 1\na:\n- 1\n"),
    ] {
        for (position, after) in [(Last, last), (First, first)] {
            assert_eq!(insert(before, path, position).as_deref(), Some(after), "{before:?}");
            let mut json = Parsed::new(before).json().clone();
            let map = if path == "[0]" {
                &mut json[0]
            } else if path.is_empty() {
                &mut json
            } else {
                &mut json[path]
            };
            map["new"] = 1.into();
            assert_eq!(*Parsed::clean(after).json(), json, "{after:?}");
        }
    }
    assert_eq!(insert("new: 0\n", "", Last), None, "it is there");
    assert_eq!(insert("a: 0\n", "a", Last), None, "no map");
    assert_eq!(insert("x: &x {a: 0}\nm:\n  <<: *x\n", "m", Last), None);
}

#[test]
fn entries_go_with_their_line_or_comma() {
    let removed =
        |text: &str, path: &str| edited(text, Edit::Remove { place: Place::key(route(path)) });
    assert_eq!(removed("a: 1\nb: 2\nc: 3\n", "b").unwrap(), "a: 1\nc: 3\n");
    assert_eq!(removed("a: 1\r\nb:\r\n  - 2\r\n", "b").unwrap(), "a: 1\r\n");
    assert_eq!(removed("{a: 1, b: 2}", "b").unwrap(), "{a: 1}");
    assert_eq!(removed("a: 1\nb: 2 # c\n", "b"), None, "a comment would go too");
    assert_eq!(removed("- a: 1\n  b: 2\n", "[0].a"), None, "the dash is on its line");
}

#[test]
fn overlapping_changes_are_not_made() {
    let change = |range, text: &str| Change { range, text: text.into() };
    let both = [change(3..4, "x"), change(0..1, "yy")];
    assert_eq!(apply("abcdef", &both).unwrap(), "yybcxef");
    assert_eq!(apply("abc", &[change(0..2, "x"), change(1..3, "y")]), None);
    assert_eq!(apply("abc", &[change(1..1, "x"), change(1..1, "y")]), None);
    assert_eq!(apply("abc", &[change(2..9, "x")]), None);
}

proptest! {
    /// Whatever stands there and whatever is written: the rest of the text stays as it is, and the
    /// node is the new word.
    #[test]
    fn an_edit_changes_one_node(
        old in "[a-z]{1,6}",
        new in "\\PC{1,12}",
        around in prop::sample::select(vec![
            "# c\nk: OLD # d\nz: [1, 'é']\n", "z: {k: OLD, b: OLD}\n", "z:\r\n- k: 'OLD'\r\n  b: 1\r\n",
            "z: &a [OLD, \"OLD\"]\nk: 1\n", "\"k\": \"OLD\" #\n",
        ]),
    ) {
        let text = around.replace("OLD", &old);
        let parsed = Parsed::new(&text);
        for path in parsed.document.routes().collect::<Vec<_>>() {
            let place = Place::value(path.clone());
            let edit = Edit::Replace { place, old: old.clone(), new: new.clone() };
            let Some(changes) = parsed.document.changes(&Fix::certain("", edit)) else { continue };
            let after = apply(&text, &changes).unwrap();
            let Change { range, text: written } = &changes[0];
            prop_assert_eq!(&after[..range.start], &text[..range.start]);
            prop_assert_eq!(&after[range.start + written.len()..], &text[range.end..]);
            let now = Parsed::new(&after);
            prop_assert_eq!(now.document.node(&path).unwrap().text, Some(new.as_str()), "{:?}", after);
            prop_assert_eq!(now.document.routes().count(), parsed.document.routes().count());
        }
    }
}
