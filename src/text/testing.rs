//! Turns a text into a document and its diagnostics in a form that tests compare easily.

use serde_json::Value;

use super::{Document, Located, Source};
use crate::diagnostic::{Code, Diagnostic, Part, Route};

/// A document that was read with `HOME` and `EMPTY` as its only variables.
pub(super) struct Parsed {
    pub document: Document,
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    pub fn new(text: &str) -> Parsed {
        let environment = |name: &str| match name {
            "HOME" => Some("/home/ann".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let (document, diagnostics) =
            Document::parse(Source::new("a.mlspec.yaml", text), &environment);
        Parsed { document, diagnostics }
    }

    /// A document that has nothing wrong.
    pub fn clean(text: &str) -> Parsed {
        let parsed = Self::new(text);
        assert_eq!(parsed.diagnostics, [], "{text:?}");
        parsed
    }

    pub fn json(&self) -> &Value {
        self.document.written()
    }

    /// Codes and the text that each points at.
    pub fn found(&self) -> Vec<(Code, &str)> {
        let slice = |diagnostic: &Diagnostic| {
            let located = self.document.locate_place(&diagnostic.place).expect("a place in it");
            (diagnostic.code, self.slice(&located))
        };
        self.diagnostics.iter().map(slice).collect()
    }

    /// The only diagnostic, as code, text and help.
    pub fn only(&self) -> (Code, &str, &str) {
        assert_eq!(self.diagnostics.len(), 1, "{:#?}", self.diagnostics);
        let (code, text) = self.found()[0];
        (code, text, self.diagnostics[0].help.as_deref().unwrap_or_default())
    }

    pub fn value(&self, path: &str) -> &str {
        self.slice(&self.document.locate(&route(path), Part::Value, None))
    }

    pub fn key(&self, path: &str) -> &str {
        self.slice(&self.document.locate(&route(path), Part::Key, None))
    }

    pub fn via(&self, path: &str, part: Part) -> Vec<&str> {
        let located = self.document.locate(&route(path), part, None);
        located.via.into_iter().map(|span| &self.document.source().text()[span]).collect()
    }

    fn slice(&self, located: &Located) -> &str {
        &self.document.source().text()[located.span.clone()]
    }
}

/// The route that is written `a.b[0].c`; a lone `.` is the root.
pub(super) fn route(path: &str) -> Route {
    let mut route = Route::root();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let mut names = part.split(['[', ']']).filter(|name| !name.is_empty());
        if !part.starts_with('[')
            && let Some(key) = names.next()
        {
            route = route.key(key);
        }
        for index in names {
            route = route.index(index.parse().expect("an index"));
        }
    }
    route
}
