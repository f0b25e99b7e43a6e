//! Lowers the files of a spec: each to a path and a format.

use std::path::Path;

use super::Source;
use super::source::source;
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::Role;
use crate::spec::{self, Spec};

/// The files of a spec.
pub struct Sources {
    pub source: Source,
    pub test_source: Option<Source>,
    pub predictions_source: Option<Source>,
}

/// The files; none where one of them is wrong, which is among what was found.
pub fn sources(spec: &Spec, folder: &Path, found: &mut Vec<Diagnostic>) -> Option<Sources> {
    let data = Route::root().key("data");
    let mut read = |written: &spec::Source, route| source(written, route, folder, found);
    let predictions = match spec.model.kind().role() {
        Role::Given(given) => given.path.as_ref(),
        Role::Learns(_) => None,
    };
    let predictions_source = match predictions {
        Some(path) => {
            let path = spec::Source { path: path.clone(), format: None, options: None };
            let route = Route::root().key("model").key("predictions").key("path");
            Some(read(&path, route)?)
        }
        None => None,
    };
    let (source, test_source) = match (&spec.data.path, &spec.data.train, &spec.data.test) {
        (_, Some(train), Some(test)) => {
            let train = read(train, data.key("train"));
            let test = read(test, data.key("test"));
            (train?, Some(test?))
        }
        (Some(path), _, _) => (read(path, data.key("path"))?, None),
        (None, _, _) => {
            let place = Place::key(data);
            found.push(
                Diagnostic::error(Code::MissingKey, place, "the data has no file")
                    .label("`path` is missing")
                    .help("name the file: `path: data.csv`, or two files: `train` and `test`"),
            );
            return None;
        }
    };
    Some(Sources { source, test_source, predictions_source })
}
