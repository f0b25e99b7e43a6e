use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::*;
use crate::data::{ColumnKind, CsvOptions, DeclaredType, Label, MISSING, Table, Values};

mod columnar;
mod derive;
mod formats;
mod lines;
mod packed;
mod predicate;
mod text;

/// A file in a folder of its own, which goes when this is dropped.
struct Sample {
    _folder: TempDir,
    path: PathBuf,
}

fn sample(name: &str, content: impl AsRef<[u8]>) -> Sample {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a sample file");
    Sample { _folder: folder, path }
}

fn csv() -> &'static Format {
    static CSV: LazyLock<Format> = LazyLock::new(|| Format::Csv(CsvOptions::default()));
    &CSV
}

fn options(change: impl FnOnce(&mut CsvOptions)) -> Format {
    let mut options = CsvOptions::default();
    change(&mut options);
    Format::Csv(options)
}

fn request<'a>(path: &'a Path, format: &'a Format) -> Request<'a> {
    Request { path, format, columns: None, types: &[], derived: &[], predicate: None }
}

fn read(content: impl AsRef<[u8]>, format: &Format) -> Result<Frame, LoadError> {
    load(&request(&sample("data.csv", content).path, format))
}

fn names(names: &[&str]) -> Vec<Arc<str>> {
    names.iter().map(|name| Arc::from(*name)).collect()
}

/// All columns in the order of the rows.
fn table(frame: Frame) -> Table {
    let order: Vec<u32> = (0..).take(frame.rows()).collect();
    let names: Vec<Arc<str>> = frame.columns().infos.into_iter().map(|info| info.name).collect();
    frame.into_table(&order, &names).expect("usable columns")
}

fn kinds(frame: &Frame) -> Vec<ColumnKind> {
    frame.columns().infos.into_iter().map(|info| info.kind).collect()
}

fn missing(frame: &Frame) -> Vec<usize> {
    frame.columns().infos.into_iter().map(|info| info.missing.expect("counted")).collect()
}

/// The text of each row; none where it is missing.
fn texts(values: &Values) -> Vec<Option<String>> {
    match values {
        Values::Category { codes, dictionary } => codes
            .iter()
            .map(|code| dictionary.get(*code as usize).map(ToString::to_string))
            .collect(),
        other => panic!("not text: {other:?}"),
    }
}
