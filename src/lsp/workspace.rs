//! Everything that a client has open, and which of it are specs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::open::Open;
use super::settings::Settings;
use super::uri;

/// What is open, by URI; and the folders, which tell where a spec that was never saved would lie.
#[derive(Debug)]
pub struct Workspace {
    pub settings: Settings,
    open: BTreeMap<String, Open>,
}

impl Workspace {
    pub fn new(settings: Settings) -> Self {
        Self { settings, open: BTreeMap::new() }
    }

    /// Takes over a document, if it is a spec. Clients that start a server for all of YAML tell about
    /// other documents as well.
    pub fn open(&mut self, document: &str, language: &str, version: i32, text: String) {
        let name = uri::file_name(document);
        if is_spec(&name, language, &text) {
            let path = uri::path(document).unwrap_or_else(|| self.unsaved(&name));
            self.open.insert(document.to_owned(), Open::new(path, version, text));
        }
    }

    pub fn close(&mut self, document: &str) -> Option<Open> {
        self.open.remove(document)
    }

    pub fn get(&mut self, document: &str) -> Option<&mut Open> {
        self.open.get_mut(document)
    }

    pub fn get_with_settings(&mut self, document: &str) -> Option<(&mut Open, &Settings)> {
        Some((self.open.get_mut(document)?, &self.settings))
    }

    pub fn all(&mut self) -> impl Iterator<Item = (&String, &mut Open)> {
        self.open.iter_mut()
    }

    /// A document that is on no disk lies in the first folder, so that its paths lead somewhere.
    fn unsaved(&self, name: &str) -> PathBuf {
        let folder = self.settings.folders.first().map_or(Path::new(""), PathBuf::as_path);
        folder.join(if name.is_empty() { "unsaved" } else { name })
    }
}

/// Whether a document is a spec: by its name, by what the client calls its language, or by its modeline.
fn is_spec(name: &str, language: &str, text: &str) -> bool {
    let named = name.ends_with(".mlspec.yaml") || name.ends_with(".mlspec.yml");
    let modeline = |line: &str| line.starts_with('#') && line.contains("mlspec.schema.json");
    named || language == "mlspec" || text.lines().take(5).any(modeline)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_specs_are_taken_over() {
        let settings = json!({"rootUri": "file:///work%20space"});
        let mut workspace = Workspace::new(Settings::read(&settings));
        workspace.open("file:///a/ci.yaml", "yaml", 1, "jobs:\n".to_owned());
        assert!(workspace.get("file:///a/ci.yaml").is_none());
        workspace.open("file:///a/b.mlspec.yml", "yaml", 1, String::new());
        assert!(workspace.get("file:///a/b.mlspec.yml").is_some());
        let modeline = "# yaml-language-server: $schema=../schema/mlspec.schema.json\n";
        workspace.open("file:///a/c.yaml", "yaml", 1, modeline.to_owned());
        assert!(workspace.get("file:///a/c.yaml").is_some());
    }

    #[test]
    fn an_unsaved_spec_lies_in_the_first_folder() {
        let settings = json!({"rootUri": "file:///work%20space"});
        let mut workspace = Workspace::new(Settings::read(&settings));
        workspace.open("untitled:Untitled-1", "mlspec", 1, String::new());
        let open = workspace.get("untitled:Untitled-1").unwrap();
        assert_eq!(open.path, Path::new("/work space/Untitled-1"));
    }
}
