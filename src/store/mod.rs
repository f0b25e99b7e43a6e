//! What is kept between runs, in a folder of the user's cache. Losing it loses time or comfort, never a
//! result, so whoever reads it takes what is damaged for absent.

mod contents;
mod folder;
mod key;
mod last;
mod results;
mod sizes;
mod write;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::text::Environment;

pub use folder::refused;
pub use key::{Digest, Key};
pub use last::{Freshness, LastRun, LastVerdict, text_digest};
pub use results::Results;
pub use sizes::{Bytes, Size, Sizes};

/// The variable that names the folder.
const FOLDER: &str = "MLSPEC_CACHE_DIR";

/// The folder, which is made when something is put into it.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The folder that `MLSPEC_CACHE_DIR` names, else `mlspec` in the platform's folder for caches.
    /// None where the user has no home.
    pub fn of(environment: &dyn Environment) -> Option<Self> {
        match environment.get(FOLDER).filter(|folder| !folder.is_empty()) {
            Some(folder) => Some(Self::at(Path::new(&folder))),
            None => {
                let caches = etcetera::choose_base_strategy().ok()?.cache_dir();
                Some(Self::at(&caches.join("mlspec")))
            }
        }
    }

    pub fn at(folder: &Path) -> Self {
        Self { folder: std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
