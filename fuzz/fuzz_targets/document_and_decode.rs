//! Any bytes as a spec: nothing panics, and everything said about them lies within them.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use mlspec::diagnostic::{Code, Diagnostic};
use mlspec::plan::lower;
use mlspec::spec::decode;
use mlspec::text::{Document, Source};

fuzz_target!(|text: &str| {
    let environment = |name: &str| (name == "HOME").then(|| "/home/ann".to_owned());
    let (document, found) = Document::parse(Source::new("fuzz.mlspec.yaml", text), &environment);
    locate_all(&document, &found);
    match decode(&document) {
        Err(found) => locate_all(&document, &found),
        Ok(spec) => match lower(spec, Path::new("")) {
            Err(found) => locate_all(&document, &found),
            Ok(plan) => {
                for threshold in &plan.thresholds {
                    let located =
                        document.locate(&threshold.route, mlspec::diagnostic::Part::Value, None);
                    assert!(document.source().text().get(located.span).is_some());
                }
            }
        },
    }
});

fn locate_all(document: &Document, found: &[Diagnostic]) {
    let text = document.source().text();
    for diagnostic in found {
        assert_ne!(diagnostic.code, Code::Internal, "{diagnostic:?}");
        let places = diagnostic.related.iter().map(|related| &related.place);
        for place in places.chain([&diagnostic.place]) {
            let located = document.locate_place(place).expect("a place in the spec");
            for span in located.via.into_iter().chain([located.span]) {
                assert!(text.get(span.clone()).is_some(), "{span:?} of {diagnostic:?}");
            }
        }
    }
}
