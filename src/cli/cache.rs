//! `mlspec cache`: how much is kept between runs, and ways to be rid of it.

use std::time::SystemTime;

use super::args::{Cache, CacheCommand};
use super::output::{Output, warn};
use crate::diagnostic::counted;
use crate::report::look::clean;
use crate::store::{Bytes, Size, Store};
use crate::text::ProcessEnvironment;

pub fn cache(args: &Cache) -> u8 {
    let Some(store) = Store::of(&ProcessEnvironment) else {
        warn("there is no folder for a cache: name one with MLSPEC_CACHE_DIR");
        return 2;
    };
    let now = SystemTime::now();
    let text = match args.command {
        CacheCommand::Size => sizes(&store),
        CacheCommand::Clear => store.clear(now).map(|gone| removed(gone, &store)),
        CacheCommand::Prune { max_size } => {
            store.prune(max_size, now).map(|gone| removed(gone, &store))
        }
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

fn sizes(store: &Store) -> std::io::Result<String> {
    let sizes = store.sizes()?;
    let rows = [
        ("results", sizes.results, "result"),
        ("training", sizes.training, "training"),
        ("digests", sizes.digests, "data file"),
        ("last runs", sizes.last, "spec"),
    ];
    let mut text = format!("{:<10} {}\n", "folder", clean(&store.folder().to_string_lossy()));
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
    let folder = clean(&store.folder().to_string_lossy());
    match gone.files {
        0 => format!("nothing to remove from {folder}\n"),
        files => format!("removed {}, {}, from {folder}\n", counted(files, "file"), gone.bytes),
    }
}
