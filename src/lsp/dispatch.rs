//! Reads a request's parameters, asks the feature that it is for, and writes the answer.

use gen_lsp_types as lsp;
use lsp_server::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{Action, FIX_ALL, QUICK};
use super::definition::Definition;
use super::open::Places;
use super::references::Definitions;
use super::settings::Settings;
use super::view::View;
use super::workspace::Workspace;
use super::{
    actions, complete, convert, definition, folding, hints, hover, lenses, links, references,
    rename, symbols,
};
use crate::outcome::SpecOutcome;
use crate::session::{Session, files_of};
use crate::text::Change;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: i32,
    pub message: String,
}

impl Failure {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code: code as i32, message: message.into() }
    }
}

type Answer = Result<Value, Failure>;

/// A spec that something is asked about, and how its client speaks.
struct Asked<'a> {
    uri: &'a str,
    version: i32,
    view: View<'a>,
    places: Places<'a>,
    /// What the last check came to, which may be one of an older text.
    checked: Option<&'a SpecOutcome>,
    settings: &'a Settings,
}

impl Asked<'_> {
    fn workspace_edit(&self, edits: &[Change]) -> Value {
        convert::workspace_edit(edits, self.uri, self.version, self.places, self.settings)
    }

    fn action(&self, action: &Action<'_>) -> Value {
        let Self { uri, places, settings, .. } = *self;
        let finding = action.finding.zip(self.checked).map(|(found, checked)| {
            convert::diagnostic(found, &checked.document, places, uri, settings.related)
        });
        convert::action(action, finding, &self.workspace_edit(&action.changes))
    }
}

/// The answer to a request. What is asked about a document that is no spec, or not open, has none.
pub fn answer(
    workspace: &mut Workspace,
    session: &Session<'_>,
    method: &str,
    parameters: Value,
) -> Answer {
    let environment = session.environment;
    let mut desk = Desk { workspace, session };
    match method {
        "textDocument/completion" => {
            let asked: lsp::CompletionParams = read(parameters)?;
            desk.at(&asked.text_document_position_params, |asked, offset| {
                let found = complete::complete(&asked.view, offset, environment);
                convert::completions(found, asked.places, asked.settings)
            })
        }
        "textDocument/hover" => {
            let asked: lsp::HoverParams = read(parameters)?;
            desk.at(&asked.text_document_position_params, |asked, offset| {
                let found = hover::hover(&asked.view, offset, environment);
                found.map(|found| convert::hover(found, asked.places))
            })
        }
        "textDocument/definition" => {
            let asked: lsp::DefinitionParams = read(parameters)?;
            desk.at(&asked.text_document_position_params, |asked, offset| {
                let (_, found) = definition::definition(&asked.view, offset, files_of)?;
                let locate = |found| convert::location(found, asked.uri, asked.places);
                Some(found.into_iter().map(locate).collect::<Vec<_>>())
            })
        }
        "textDocument/references" => {
            let asked: lsp::ReferenceParams = read(parameters)?;
            let definitions = if asked.context.include_declaration {
                Definitions::With
            } else {
                Definitions::Without
            };
            desk.at(&asked.text_document_position_params, |asked, offset| {
                let found = references::references(&asked.view, offset, definitions)?;
                let here = |at| convert::location(Definition::Here(at), asked.uri, asked.places);
                Some(found.into_iter().map(here).collect::<Vec<_>>())
            })
        }
        "textDocument/prepareRename" => {
            let asked: lsp::PrepareRenameParams = read(parameters)?;
            let asked_at = asked.text_document_position_params;
            desk.try_at(&asked_at, |asked, offset| {
                let (range, name) = rename::prepare(&asked.view, offset)?;
                let range = convert::range(asked.places, &range);
                Ok(json!({ "range": range, "placeholder": name }))
            })
        }
        "textDocument/rename" => {
            let lsp::RenameParams { new_name, text_document_position_params: at, .. } =
                read(parameters)?;
            desk.try_at(&at, |asked, offset| {
                let edits = rename::rename(&asked.view, offset, &new_name)?;
                Ok(asked.workspace_edit(&edits))
            })
        }
        "textDocument/documentSymbol" => {
            let asked: lsp::DocumentSymbolParams = read(parameters)?;
            desk.about(&asked.text_document, |asked| {
                let found = symbols::symbols(&asked.view);
                convert::symbols(found, asked.uri, asked.places, asked.settings)
            })
        }
        "textDocument/codeAction" => {
            let asked: lsp::CodeActionParams = read(parameters)?;
            let only = asked.context.only.as_deref().map(convert::kinds);
            let quick = only.as_ref().is_none_or(|only| only.iter().any(|kind| QUICK.is_of(kind)));
            let all = only.is_some_and(|only| only.iter().any(|kind| FIX_ALL.is_of(kind)));
            let range = asked.range;
            desk.about(&asked.text_document, |asked| {
                let range = convert::offsets(asked.places, &range);
                let checked = asked.checked.filter(|_| quick);
                let fixes = checked.map(|checked| actions::fixes(&asked.view, checked, &range));
                let all = all.then(|| actions::fix_all(&asked.view, session)).flatten();
                let found = fixes.into_iter().flatten().chain(all);
                found.map(|action| asked.action(&action)).collect::<Vec<_>>()
            })
        }
        "textDocument/foldingRange" => {
            let asked: lsp::FoldingRangeParams = read(parameters)?;
            desk.about(&asked.text_document, |asked| {
                folding::folds(&asked.view).iter().map(convert::fold).collect::<Vec<_>>()
            })
        }
        "textDocument/documentLink" => {
            let asked: lsp::DocumentLinkParams = read(parameters)?;
            desk.about(&asked.text_document, |asked| {
                let links = links::links(&asked.view);
                links.iter().map(|link| convert::link(link, asked.places)).collect::<Vec<_>>()
            })
        }
        "textDocument/codeLens" => {
            let asked: lsp::CodeLensParams = read(parameters)?;
            desk.about(&asked.text_document, |asked| {
                let lenses = lenses::lenses(&asked.view);
                let lens = |lens| convert::lens(lens, asked.uri, asked.places);
                lenses.iter().map(lens).collect::<Vec<_>>()
            })
        }
        "textDocument/inlayHint" => {
            let asked: lsp::InlayHintParams = read(parameters)?;
            let wanted = asked.range;
            desk.about(&asked.text_document, |asked| {
                let range = convert::offsets(asked.places, &wanted);
                let hints = hints::hints(&asked.view, &range);
                let hint = |hint| convert::hint(hint, asked.places);
                hints.into_iter().map(hint).collect::<Vec<_>>()
            })
        }
        _ => Err(Failure::new(ErrorCode::MethodNotFound, format!("no method `{method}` here"))),
    }
}

/// Where requests about documents are taken to them.
struct Desk<'a> {
    workspace: &'a mut Workspace,
    session: &'a Session<'a>,
}

impl Desk<'_> {
    /// Asks about a document.
    fn about<R: Serialize>(
        &mut self,
        document: &lsp::TextDocumentIdentifier,
        ask: impl FnOnce(&Asked<'_>) -> R,
    ) -> Answer {
        self.try_about(document, |asked| Ok(ask(asked)))
    }

    /// Asks about a place in a document.
    fn at<R: Serialize>(
        &mut self,
        at: &lsp::TextDocumentPositionParams,
        ask: impl FnOnce(&Asked<'_>, usize) -> R,
    ) -> Answer {
        self.try_at(at, |asked, offset| Ok(ask(asked, offset)))
    }

    /// The same for what can be refused, in words for the user.
    fn try_at<R: Serialize>(
        &mut self,
        at: &lsp::TextDocumentPositionParams,
        ask: impl FnOnce(&Asked<'_>, usize) -> Result<R, String>,
    ) -> Answer {
        self.try_about(&at.text_document, |asked| {
            let offset = asked.places.offset(convert::position(at.position));
            ask(asked, offset)
        })
    }

    fn try_about<R: Serialize>(
        &mut self,
        document: &lsp::TextDocumentIdentifier,
        ask: impl FnOnce(&Asked<'_>) -> Result<R, String>,
    ) -> Answer {
        let uri = document.uri.0.as_str();
        let Some((open, settings)) = self.workspace.get_with_settings(uri) else {
            return Ok(Value::Null);
        };
        open.parse(self.session.environment);
        let Some(view) = open.view() else { return Ok(Value::Null) };
        let places = open.places(settings.encoding);
        let asked = Asked {
            uri,
            version: open.version,
            view,
            places,
            checked: open.checked.as_ref(),
            settings,
        };
        match ask(&asked) {
            Ok(answer) => write(answer),
            Err(why) => Err(Failure::new(ErrorCode::RequestFailed, why)),
        }
    }
}

/// The parameters of a request or notification.
pub fn read<T: DeserializeOwned>(parameters: Value) -> Result<T, Failure> {
    serde_json::from_value(parameters)
        .map_err(|error| Failure::new(ErrorCode::InvalidParams, error.to_string()))
}

fn write(answer: impl Serialize) -> Answer {
    serde_json::to_value(answer)
        .map_err(|error| Failure::new(ErrorCode::InternalError, error.to_string()))
}
