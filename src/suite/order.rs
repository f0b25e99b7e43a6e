//! The order in which specs are run and shown.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// The order of reports. `./a` and `a` are one path.
pub fn by_path(a: &Path, b: &Path) -> Ordering {
    plain(a).cmp(plain(b))
}

fn plain(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// The same specs in an order that looks random and is the same for the same seed.
pub fn shuffled(mut paths: Vec<PathBuf>, seed: u64) -> Vec<PathBuf> {
    paths.sort_by_cached_key(|path| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes());
        hasher.update(plain(path).as_os_str().as_encoded_bytes());
        *hasher.finalize().as_bytes()
    });
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_an_order() {
        let paths: Vec<PathBuf> = (0..20).map(|at| format!("{at:02}.yaml").into()).collect();
        let one = shuffled(paths.clone(), 1);
        assert_eq!(one, shuffled(paths.iter().rev().cloned().collect(), 1));
        assert_ne!(one, shuffled(paths.clone(), 2));
        assert_ne!(one, paths);
        let mut sorted = one;
        sorted.sort_by(|a, b| by_path(a, b));
        assert_eq!(sorted, paths);
    }
}
