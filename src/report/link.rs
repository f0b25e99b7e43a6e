//! Links to lines of files, for terminals that show them.

use std::path::{Component, Path};

use super::wording::encoded;

/// Text that terminals show as a link to a line of a file (OSC 8).
pub fn link(path: &Path, line: usize, text: &str) -> String {
    let Ok(path) = path.canonicalize() else { return text.to_owned() };
    let parts = path.components().filter(|part| !matches!(part, Component::RootDir));
    let parts: Vec<String> =
        parts.map(|part| encoded(part.as_os_str().as_encoded_bytes())).collect();
    format!("\u{1b}]8;;file:///{}#{line}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_hides_its_address_behind_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b.yaml");
        std::fs::write(&path, "").unwrap();
        let text = link(&path, 7, "shown");
        assert!(text.starts_with("\u{1b}]8;;file:///"), "{text:?}");
        assert!(text.contains("/a%20b.yaml#7\u{1b}\\shown\u{1b}]8;;\u{1b}\\"), "{text:?}");
        assert_eq!(link(Path::new("gone.yaml"), 7, "shown"), "shown");
    }
}
