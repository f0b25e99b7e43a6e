//! Takes over what a client tells without asking for an answer.

use gen_lsp_types as lsp;
use serde_json::Value;

use super::convert;
use super::dispatch::{Failure, read};
use super::uri;
use super::workspace::Workspace;

/// What follows from a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    /// All that is open has to be checked again.
    CheckAll,
    /// A document was closed: what was said of it is to be taken back.
    Closed(String),
}

/// Takes a notification over. One that nobody knows is ignored, as the protocol asks.
pub fn take(workspace: &mut Workspace, method: &str, parameters: Value) -> Result<Effect, Failure> {
    match method {
        "textDocument/didOpen" => {
            let lsp::DidOpenTextDocumentParams { text_document: document } = read(parameters)?;
            let language = serde_json::to_value(&document.language_id).unwrap_or_default();
            let language = language.as_str().unwrap_or_default();
            workspace.open(&document.uri.0, language, document.version, document.text);
            Ok(Effect::None)
        }
        "textDocument/didChange" => {
            let change: lsp::DidChangeTextDocumentParams = read(parameters)?;
            let document = change.text_document;
            let uri = &document.text_document_identifier.uri.0;
            if let Some((open, settings)) = workspace.get_with_settings(uri) {
                for change in convert::changes(change.content_changes) {
                    open.change(&change, settings.encoding);
                }
                open.version = document.version;
            }
            Ok(Effect::None)
        }
        "textDocument/didClose" => {
            let closed: lsp::DidCloseTextDocumentParams = read(parameters)?;
            let uri = closed.text_document.uri.0;
            let was_open = workspace.close(&uri).is_some();
            Ok(if was_open { Effect::Closed(uri) } else { Effect::None })
        }
        "workspace/didChangeWorkspaceFolders" => {
            let change: lsp::DidChangeWorkspaceFoldersParams = read(parameters)?;
            let path = |folder: &lsp::WorkspaceFolder| uri::path(&folder.uri.0);
            let gone: Vec<_> = change.event.removed.iter().filter_map(path).collect();
            let folders = &mut workspace.settings.folders;
            folders.retain(|folder| !gone.contains(folder));
            folders.extend(change.event.added.iter().filter_map(path));
            Ok(Effect::None)
        }
        "textDocument/didSave" | "workspace/didChangeWatchedFiles" => Ok(Effect::CheckAll),
        _ => Ok(Effect::None),
    }
}
