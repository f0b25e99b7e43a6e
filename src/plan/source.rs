//! Lowers `data.path`: which files, in which format, with which options.
//! Whether the files are there is left to `data`.

use std::path::{Component, Path, PathBuf};

use super::Source;
use crate::data::{Format, Packing, glob_matches};
use crate::diagnostic::{Code, Diagnostic, Place, Route, Severity as Weight};
use crate::kinds::sources::{AnySource, Packed};
use crate::kinds::{Family, Parameters};
use crate::spec;

/// Whether a path is a URL: a scheme of two letters at least, so that `C:\data` is a path.
fn is_url(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// The file or files that a path names, and how they are read. `folder` is where the spec lies.
pub(super) fn source(
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
    let packing = Packing::of_path(Path::new(path));
    let name = match packing {
        Some(_) => Path::new(path).file_stem().map(Path::new).unwrap_or(Path::new("")),
        None => Path::new(path),
    };
    let extension = name.extension().and_then(|text| text.to_str()).unwrap_or_default();
    let extension = extension.to_ascii_lowercase();
    let defaults = |name: &str| AnySource::build(name, Parameters(serde_json::Map::new())).ok();
    let named = source.format.as_deref().and_then(defaults);
    let by_extension = || {
        let kinds = AnySource::ALL.iter().filter_map(|entry| defaults(entry.name));
        kinds.into_iter().find(|kind| kind.kind().extensions().contains(&extension.as_str()))
    };
    let Some(kind) = source.options.clone().or(named).or_else(by_extension) else {
        let names: Vec<&str> = AnySource::ALL.iter().map(|entry| entry.name).collect();
        found.push(
            Diagnostic::error(
                Code::DataFormat,
                Place::value(inner("path")),
                match (extension.as_str(), packing) {
                    ("", None) => "the file name has no extension that says its format".to_owned(),
                    ("", Some(packing)) => format!(
                        "no extension before `.{}` says the format of what is compressed",
                        packing.extension()
                    ),
                    (other, _) => format!("the extension `.{other}` stands for no format"),
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
    if let (Some(packing), Packed::Inside) = (packing, kind.kind().packed()) {
        found.push(
            Diagnostic::error(
                Code::DataFormat,
                Place::value(inner("path")),
                format!(
                    "files of the format {} are compressed inside, never as a whole",
                    kind.name()
                ),
            )
            .label(format!("ends in `.{}`", packing.extension()))
            .help("unpack it in a step before; text tables and NDJSON are read as they are"),
        );
        return None;
    }
    let problems = kind.kind().check();
    if !problems.is_empty() {
        let at = route.key(kind.name());
        found.extend(problems.into_iter().map(|each| each.under(&at, Weight::Error)));
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

impl Source {
    /// Whether a file is one of those that the path names.
    pub fn holds(&self, file: &Path) -> bool {
        let parts = |path: &Path| -> Vec<String> {
            path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
        };
        let (pattern, file) = (parts(&self.path), parts(file));
        pattern.len() == file.len()
            && pattern.iter().zip(&file).all(|(pattern, part)| glob_matches(pattern, part))
    }

    /// One of its files as messages name it: without what a variable holds.
    pub fn shown_as(&self, file: &Path) -> PathBuf {
        let parts = |path: &Path| -> Vec<PathBuf> {
            path.components().map(|part: Component<'_>| PathBuf::from(part.as_os_str())).collect()
        };
        let (filled, shown, file) = (parts(&self.path), parts(&self.shown), parts(file));
        if filled.len() != file.len() || filled == file {
            return self.shown.clone();
        }
        let alike = |pair: &(&PathBuf, &PathBuf)| pair.0 == pair.1;
        let before = filled.iter().zip(&shown).take_while(alike).count();
        let after = filled.iter().rev().zip(shown.iter().rev()).take_while(alike).count();
        if before == shown.len() {
            return file.iter().collect();
        }
        let after = after.min(shown.len() - before).min(filled.len() - before);
        let (masked, end) = (&shown[before..shown.len() - after], file.len() - after);
        file[..before].iter().chain(masked).chain(&file[end..]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Text;

    #[test]
    fn a_file_of_a_pattern_is_shown_without_what_variables_hold() {
        for (path, shown, file, expected) in [
            ("s/d/a.csv", "s/d/a.csv", "s/d/a.csv", "s/d/a.csv"),
            ("s/d/p-*.csv", "s/d/p-*.csv", "s/d/p-1.csv", "s/d/p-1.csv"),
            ("s/x/y/p-*.csv", "s/${D}/p-*.csv", "s/x/y/p-1.csv", "s/${D}/p-1.csv"),
            ("s/x-*.csv", "s/${N}-*.csv", "s/x-1.csv", "s/${N}-*.csv"),
            ("s/*/x/p?.csv", "s/*/${D}/p?.csv", "s/a/x/p1.csv", "s/a/${D}/p1.csv"),
            ("s/x/x/p?", "s/x/${D}/p?", "s/x/x/p1", "s/x/${D}/p1"),
            ("/secret/*.csv", "s/${P}", "/secret/a.csv", "s/${P}"),
        ] {
            let source = Source {
                route: Route::root(),
                written: Text::plain(shown),
                path: path.into(),
                shown: shown.into(),
                kind: "arrow",
                format: Format::Arrow,
            };
            assert_eq!(source.shown_as(Path::new(file)), Path::new(expected), "{shown}");
        }
    }

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
