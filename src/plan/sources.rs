//! Lowers the files of a spec: each to a path and a format.

use std::path::Path;

use super::Source;
use crate::data::Format;
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity};
use crate::kinds::models::Role;
use crate::kinds::sources::AnySource;
use crate::kinds::{Family, Parameters};
use crate::spec::{self, Spec};

/// Extensions of the formats that the language will read.
const TO_COME: &[&str] = &["gz", "zst", "ndjson", "jsonl", "arrow", "ipc", "feather"];

/// Whether a path is a URL: a scheme of two letters at least, so that `C:\data` is a path.
fn is_url(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

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

fn source(
    source: &spec::Source,
    route: Route,
    folder: &Path,
    found: &mut Vec<Diagnostic>,
) -> Option<Source> {
    let inner = |key: &str| match (&source.format, &source.options) {
        (None, None) => route.clone(),
        _ => route.key(key),
    };
    let path = source.path.value();
    if is_url(path) {
        found.push(
            Diagnostic::error(
                Code::DataUrl,
                Place::value(inner("path")),
                "data is read from files, never fetched from a URL",
            )
            .label("a URL")
            .help("download the data in a step before, and name the local file"),
        );
        return None;
    }
    let extension = Path::new(path).extension().and_then(|text| text.to_str()).unwrap_or_default();
    let extension = extension.to_ascii_lowercase();
    let defaults = |name: &str| AnySource::build(name, Parameters(serde_json::Map::new())).ok();
    let named = source.format.as_deref().and_then(defaults);
    if let (Some(named), Some(options)) = (&named, &source.options)
        && named.name() != options.name()
    {
        found.push(
            Diagnostic::error(
                Code::Exclusive,
                Place::key(route.key(options.name())),
                format!("options of `{}` for a file of format `{}`", options.name(), named.name()),
            )
            .label("another format")
            .related(Place::value(route.key("format")), "the format"),
        );
        return None;
    }
    let by_extension = || {
        let kinds = AnySource::ALL.iter().filter_map(|entry| defaults(entry.name));
        kinds.into_iter().find(|kind| kind.kind().extensions().contains(&extension.as_str()))
    };
    let Some(kind) = source.options.clone().or(named).or_else(by_extension) else {
        let names: Vec<&str> = AnySource::ALL.iter().map(|entry| entry.name).collect();
        if TO_COME.contains(&extension.as_str()) {
            found.push(
                Diagnostic::error(
                    Code::Reserved,
                    Place::value(inner("path")),
                    format!(
                        "`.{extension}` is reserved: this version of mlspec does not read it yet"
                    ),
                )
                .label("not yet")
                .help(format!("convert the file to {}", names.join(" or "))),
            );
            return None;
        }
        found.push(
            Diagnostic::error(
                Code::DataFormat,
                Place::value(inner("path")),
                match extension.as_str() {
                    "" => "the file name has no extension that says its format".to_owned(),
                    other => format!("the extension `.{other}` stands for no format"),
                },
            )
            .label("unknown format")
            .help(match extension.as_str() {
                "xlsx" | "xls" | "ods" => "save the sheet as CSV".to_owned(),
                _ => format!(
                    "say it: `path: {{ path: {}, format: {} }}` (formats: {})",
                    source.path,
                    names[0],
                    names.join(", ")
                ),
            }),
        );
        return None;
    };
    let problems = kind.kind().check();
    if !problems.is_empty() {
        let at = route.key(kind.name());
        found.extend(problems.into_iter().map(|each| each.under(&at, Severity::Error)));
        return None;
    }
    let format: Format = kind.kind().format(&extension);
    Some(Source {
        written: source.path.clone(),
        path: folder.join(path),
        shown: folder.join(source.path.written()),
        route,
        kind: kind.name(),
        format,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_paths() {
        for url in ["https://a/b.csv", "s3://bucket/x.parquet", "file:///etc/passwd"] {
            assert!(is_url(url), "{url}");
        }
        for path in ["data/a.csv", "C://data/a.csv", "../x.csv", "a:b.csv"] {
            assert!(!is_url(path), "{path}");
        }
    }
}
