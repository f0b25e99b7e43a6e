//! `mlspec cache`: how much is kept between runs, and ways to be rid of it.

use std::io;
use std::time::SystemTime;

use super::args::{Cache, CacheCommand};
use super::output::{Output, warn};
use super::run::NO_FOLDER;
use crate::diagnostic::counted;
use crate::report::look::on_a_line;
use crate::store::{Bytes, Size, Store, refused};
use crate::text::ProcessEnvironment;

pub fn cache(args: &Cache) -> u8 {
    let Some(store) = Store::of(&ProcessEnvironment) else {
        warn(NO_FOLDER);
        return 2;
    };
    let now = SystemTime::now();
    let text = match args.command {
        CacheCommand::Size => sizes(&store),
        CacheCommand::Clear => shrunk(&store, |store| store.clear(now)),
        CacheCommand::Prune { max_size } => shrunk(&store, |store| store.prune(max_size, now)),
    };
    match text {
        Ok(text) => {
            Output::default().print(&text);
            0
        }
        Err(error) => {
            warn(&format!("the cache {} cannot be used: {error}", store.folder().display()));
            2
        }
    }
}

/// Removes from a folder that is the user's own.
fn shrunk(store: &Store, by: impl Fn(&Store) -> io::Result<Size>) -> Result<String, String> {
    store.own()?;
    by(store).map(|gone| removed(gone, store)).map_err(|error| refused(&error))
}

fn sizes(store: &Store) -> Result<String, String> {
    let sizes = store.sizes().map_err(|error| refused(&error))?;
    let rows = [
        ("results", sizes.results, "result"),
        ("training", sizes.training, "training"),
        ("digests", sizes.digests, "data file"),
        ("last runs", sizes.last, "spec"),
    ];
    let mut text = format!("{:<10} {}\n", "folder", on_a_line(&store.folder().to_string_lossy()));
    let mut all = Bytes::default();
    for (name, size, of) in rows {
        let files = counted(size.files, of);
        text.push_str(&format!("{name:<10} {:>9}  {files}\n", size.bytes.to_string()));
        all.0 += size.bytes.0;
    }
    text.push_str(&format!("{:<10} {:>9}\n", "in all", all.to_string()));
    Ok(text)
}

fn removed(gone: Size, store: &Store) -> String {
    let folder = on_a_line(&store.folder().to_string_lossy());
    match gone.files {
        0 => format!("nothing to remove from {folder}\n"),
        files => format!("removed {}, {}, from {folder}\n", counted(files, "file"), gone.bytes),
    }
}
