//! The folder of the project that a working directory belongs to.

use std::path::{Path, PathBuf};

/// The name of the file of settings.
pub const SETTINGS: &str = "mlspec.toml";

/// A project: what its paths are told from, and its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub root: PathBuf,
    pub settings: Option<PathBuf>,
}

impl Project {
    /// The nearest folder, upward from `folder`, with an `mlspec.toml`; what lies beyond the root of a
    /// git repository is another project. Without one the root of the repository, else `folder`.
    pub fn around(folder: &Path) -> Self {
        for above in folder.ancestors() {
            let settings = above.join(SETTINGS);
            // A folder of this name, or a link to nothing, is told of where it is read.
            if settings.symlink_metadata().is_ok() {
                return Self { root: above.to_owned(), settings: Some(settings) };
            }
            if above.join(".git").exists() {
                return Self { root: above.to_owned(), settings: None };
            }
        }
        Self { root: folder.to_owned(), settings: None }
    }

    /// The project of a file of settings that was named.
    pub fn with_settings(file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let root = file.parent().unwrap_or(Path::new(".")).to_owned();
        Self { root, settings: Some(file) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn settings_are_found_upward_within_a_repository() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b/c/.git")).unwrap();
        fs::create_dir_all(at("a/b/c/d")).unwrap();
        fs::write(at("a/mlspec.toml"), "").unwrap();
        let found = Project::around(&at("a/b"));
        assert_eq!(found, Project { root: at("a"), settings: Some(at("a/mlspec.toml")) });
        let found = Project::around(&at("a/b/c/d"));
        assert_eq!(found, Project { root: at("a/b/c"), settings: None });
    }
}
