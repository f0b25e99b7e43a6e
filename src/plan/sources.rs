//! Lowers the files of a spec: each to a path and a format.

use std::path::Path;

use super::Source;
use super::source::source;
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::Role;
use crate::spec::{self, Spec, Text};

/// The files of a spec.
pub struct Sources {
    pub source: Source,
    pub test_source: Option<Source>,
    pub predictions_source: Option<Source>,
}

/// The files; none where one of them is wrong, which is among what was found.
pub fn sources(spec: &Spec, folder: &Path, found: &mut Vec<Diagnostic>) -> Option<Sources> {
    let predictions_source = match path_of_predictions(spec) {
        Some(_) => Some(of_predictions(spec, folder, found)?),
        None => None,
    };
    let (source, test_source) = of_data(spec, folder, found)?;
    Some(Sources { source, test_source, predictions_source })
}

fn path_of_predictions(spec: &Spec) -> Option<&Text> {
    match spec.model.kind().role() {
        Role::Given(given) => given.path.as_ref(),
        Role::Learns(_) | Role::Detects(_) | Role::Labels(_) => None,
    }
}

/// The file of the predictions, where there is one and nothing is wrong with how it is named.
pub fn of_predictions(spec: &Spec, folder: &Path, found: &mut Vec<Diagnostic>) -> Option<Source> {
    let path = path_of_predictions(spec)?.clone();
    let route = Route::root().key("model").key("predictions").key("path");
    source(&spec::Source { path, format: None, options: None }, route, folder, found)
}

/// The file of the data, or those of the training and the test rows.
pub fn of_data(
    spec: &Spec,
    folder: &Path,
    found: &mut Vec<Diagnostic>,
) -> Option<(Source, Option<Source>)> {
    let data = Route::root().key("data");
    let mut read = |written: &spec::Source, route| source(written, route, folder, found);
    match (&spec.data.path, &spec.data.train, &spec.data.test) {
        (_, Some(train), Some(test)) => {
            let train = read(train, data.key("train"));
            let test = read(test, data.key("test"));
            Some((train?, Some(test?)))
        }
        (Some(path), _, _) => Some((read(path, data.key("path"))?, None)),
        (None, _, _) => {
            let place = Place::key(data);
            found.push(
                Diagnostic::error(Code::MissingKey, place, "the data has no file")
                    .label("`path` is missing")
                    .help("name the file: `path: data.csv`, or two files: `train` and `test`"),
            );
            None
        }
    }
}
