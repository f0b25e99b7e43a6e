//! Reads what a client says of itself when it starts: what it can do, its folders, and the options that
//! a user may give. Whatever is malformed counts as not said.

use std::path::PathBuf;

use serde_json::Value;

use super::lines::Encoding;
use super::uri;

/// What a client said.
#[derive(Clone, Debug)]
pub struct Settings {
    pub encoding: Encoding,
    pub folders: Vec<PathBuf>,
    /// Whether to tell what the schema tells a YAML server, too.
    pub schema_errors: bool,
    pub code_lenses: bool,
    pub inlay_hints: bool,
    pub snippets: bool,
    pub related: bool,
    /// Whether symbols may be a tree.
    pub symbol_tree: bool,
    /// Whether edits may say of which version they are.
    pub versioned_edits: bool,
    pub refreshes_hints: bool,
    pub registers_watchers: bool,
}

impl Settings {
    pub fn read(parameters: &Value) -> Self {
        let can = |path: &str| {
            let pointer = format!("/capabilities/{path}");
            parameters.pointer(&pointer).and_then(Value::as_bool).unwrap_or(false)
        };
        let wanted = |name: &str| {
            let pointer = format!("/initializationOptions/{name}");
            parameters.pointer(&pointer).and_then(Value::as_bool).unwrap_or(true)
        };
        let encodings = parameters.pointer("/capabilities/general/positionEncodings");
        let utf8 = encodings
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|each| each == "utf-8"));
        let document = "workspace/workspaceEdit/documentChanges";
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            folders: folders(parameters),
            schema_errors: wanted("schemaErrors"),
            code_lenses: wanted("codeLenses"),
            inlay_hints: wanted("inlayHints"),
            snippets: can("textDocument/completion/completionItem/snippetSupport"),
            related: can("textDocument/publishDiagnostics/relatedInformation"),
            symbol_tree: can("textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            versioned_edits: can(document),
            refreshes_hints: can("workspace/inlayHint/refreshSupport"),
            registers_watchers: can("workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }
}

/// The folders of the workspace, or the one that older clients name.
fn folders(parameters: &Value) -> Vec<PathBuf> {
    let listed = parameters.get("workspaceFolders").and_then(Value::as_array);
    let named = |folder: &Value| uri::path(folder.get("uri")?.as_str()?);
    let folders: Vec<PathBuf> = listed.into_iter().flatten().filter_map(named).collect();
    if !folders.is_empty() {
        return folders;
    }
    let text = |key: &str| parameters.get(key).and_then(Value::as_str);
    let root = text("rootUri").and_then(uri::path);
    root.or_else(|| text("rootPath").map(PathBuf::from)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_that_says_nothing_gets_the_defaults() {
        for parameters in [json!(null), json!([]), json!({"capabilities": 1, "rootUri": 2})] {
            let settings = Settings::read(&parameters);
            assert_eq!(settings.encoding, Encoding::Utf16);
            assert!(settings.folders.is_empty());
            assert!(settings.schema_errors && settings.code_lenses && !settings.snippets);
        }
    }

    #[test]
    fn folders_and_options_are_read() {
        let settings = Settings::read(&json!({
            "rootUri": "file:///old",
            "workspaceFolders": [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b%20c"}],
            "capabilities": {"general": {"positionEncodings": ["utf-16", "utf-8"]}},
            "initializationOptions": {"schemaErrors": false},
        }));
        assert_eq!(settings.encoding, Encoding::Utf8);
        assert_eq!(settings.folders, [PathBuf::from("/a"), PathBuf::from("/b c")]);
        assert!(!settings.schema_errors);
        let old = Settings::read(&json!({"rootUri": "file:///old", "workspaceFolders": null}));
        assert_eq!(old.folders, [PathBuf::from("/old")]);
    }
}
