//! Every request at many places of specs that are damaged or half typed: nothing panics, and what is to be replaced
//! is on one line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::references::Definitions;
use super::testing::Opened;
use super::view::View;
use super::{
    actions, complete, definition, folding, hints, hover, lenses, links, references, rename,
    symbols,
};
use crate::diagnostic::Code;
use crate::kinds::models::StopFlag;
use crate::session::{Known, KnownColumn, Session};
use crate::text::{Document, Source};

fn specs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).expect("a spec")).collect()
}

fn known() -> Known {
    let column = |name: &str| KnownColumn {
        name: name.to_owned(),
        dtype: "text".to_owned(),
        missing: None,
        values: vec!["it's".to_owned(), "a: b".to_owned(), "\"".to_owned()],
        distribution: None,
        derived: false,
    };
    let columns = ["species", "a b", "\"", "'", "größe", "a: b", "{x}", "", "${X}", "\u{1F427}\n"];
    Known {
        columns: columns.map(column).to_vec(),
        predictions: Vec::new(),
        classes: ["a", "1", "true", "x: y", ""].map(ToOwned::to_owned).to_vec(),
        task: None,
    }
}

/// What is asked while typing, of a text whose tree is that of another.
fn ask(text: &str, document: &Document, known: &Known, offset: usize) {
    let view = View {
        text,
        document,
        tolerant: document,
        path: Path::new("/nowhere/a.mlspec.yaml"),
        known: Some(known),
        last: None,
    };
    let environment = |_: &str| None;
    for found in complete::complete(&view, offset, &environment) {
        let replaced = text.get(found.range.clone()).expect("bytes of the text");
        assert!(!replaced.contains('\n'), "{found:?}");
        assert!(found.range.start <= offset, "{found:?} at {offset}");
    }
    if let Some(found) = hover::hover(&view, offset, &environment) {
        assert!(text.get(found.range).is_some() && !found.markdown.is_empty());
    }
}

#[test]
fn every_prefix_of_every_example_can_be_completed() {
    let known = known();
    for spec in specs() {
        let opened = Opened::new(&spec);
        let document = opened.view().document;
        for (end, _) in spec.char_indices() {
            ask(&spec[..end], document, &known, end);
        }
    }
}

/// A word that is being typed is not called unknown, and nothing crashes: at every prefix of the short examples and at
/// some of the others.
#[test]
fn half_typed_examples_are_checked() {
    const SHORT: usize = 700;
    let (environment, clock, stop) = (|_: &str| None, || Duration::ZERO, StopFlag::new());
    let session = Session::new(&environment, &clock, &stop);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/typed.mlspec.yaml");
    for (at, spec) in specs().iter().enumerate() {
        let step = if spec.len() < SHORT { 1 } else { 37 };
        for (end, _) in spec.char_indices().skip(at % step).step_by(step) {
            let text = &spec[..end];
            let outcome = session.check_text(Source::new(path.clone(), text));
            for found in outcome.diagnostics.iter().filter(|each| each.code == Code::UnknownKey) {
                let place = outcome.document.locate_place(&found.place).expect("a key");
                assert!(place.span.end < end, "{} in {text}", found.message);
            }
            let opened = Opened::at(path.clone(), text);
            let view = opened.view();
            let _ = actions::fixes(&view, &outcome, &(0..end));
            let _ = (symbols::symbols(&view), folding::folds(&view), links::links(&view));
            ask(text, view.document, &known(), end);
        }
    }
}

/// All requests at a place of a document that was parsed.
fn ask_all(opened: &Opened, offset: usize) {
    let view = opened.view();
    ask(view.text, view.document, &known(), offset);
    let _ = definition::definition(&view, offset, |path| vec![path.to_owned()]);
    let _ = references::references(&view, offset, Definitions::With);
    let _ = rename::prepare(&view, offset);
    let _ = rename::rename(&view, offset, "other");
    let _ = hints::hints(&view, &(0..view.text.len()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// An example with pieces put in and taken out, as typing and pasting leave it.
    #[test]
    fn damaged_documents_are_answered(
        which in any::<prop::sample::Index>(),
        edits in proptest::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..40, "[a-z:{}\\[\\],\"'|>&*#@=$\n \u{e9}\u{1F427}\r\t-]{0,6}"), 1..6),
        offsets in proptest::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let specs = specs();
        let good = which.get(&specs);
        let mut text = good.clone();
        for (at, removed, inserted) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + removed).min(text.len()));
            text.replace_range(start..end, &inserted);
        }
        let opened = Opened::new(good).typed(&text);
        let view = opened.view();
        let _ = (symbols::symbols(&view), folding::folds(&view), links::links(&view), lenses::lenses(&view));
        for offset in offsets {
            ask_all(&opened, offset.index(text.len() + 3));
        }
    }
}
