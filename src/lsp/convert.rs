//! Turns what features say into the protocol's types, and offsets into positions.

mod outline;

use std::ops::Range;

use gen_lsp_types as lsp;
use serde_json::{Value, json};

use super::actions::{Action, FIX_ALL, QUICK};
use super::complete::{Completion, CompletionKind, Insert};
use super::definition::Definition;
use super::folding::{Fold, Folded};
use super::hints::Hint;
use super::hover::Hover;
use super::lenses::Lens;
use super::lines::{Encoding, Position};
use super::links::Link;
use super::open::{Change, Places};
use super::settings::Settings;
use super::uri;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::report::spans::words;
use crate::text::{self, Document};

pub use self::outline::symbols;

/// What begins a key, a value, an item, a slice, SQL's quotes or another part of a path.
const TRIGGERS: [&str; 12] = [":", " ", "-", "{", "[", ",", "@", "=", "\"", "'", "/", "."];

/// What the server answers to `initialize`.
pub fn capabilities(settings: &Settings) -> Value {
    let encoding = match settings.encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
    };
    json!({
        "capabilities": {
            "positionEncoding": encoding,
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "completionProvider": { "triggerCharacters": TRIGGERS },
            "hoverProvider": true,
            "definitionProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
            "documentSymbolProvider": true,
            "foldingRangeProvider": true,
            "codeActionProvider": { "codeActionKinds": [QUICK.0, FIX_ALL.0] },
            "documentLinkProvider": {},
            "codeLensProvider": settings.code_lenses.then(|| json!({})),
            "inlayHintProvider": settings.inlay_hints,
            "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
        },
        "serverInfo": { "name": "mlspec", "version": env!("CARGO_PKG_VERSION") },
    })
}

pub fn position(position: lsp::Position) -> Position {
    Position { line: position.line, column: position.character }
}

fn to_position(position: Position) -> lsp::Position {
    lsp::Position { line: position.line, character: position.column }
}

pub fn range(places: Places<'_>, range: &Range<usize>) -> lsp::Range {
    let (start, end) = (places.position(range.start), places.position(range.end));
    lsp::Range { start: to_position(start), end: to_position(end) }
}

/// The bytes between two positions.
pub fn offsets(places: Places<'_>, range: &lsp::Range) -> Range<usize> {
    let start = places.offset(position(range.start));
    start..places.offset(position(range.end)).max(start)
}

pub fn changes(changes: Vec<lsp::TextDocumentContentChangeEvent>) -> Vec<Change> {
    use lsp::TextDocumentContentChangeEvent as Event;
    let change = |event| match event {
        Event::TextDocumentContentChangePartial(part) => Change {
            range: Some((position(part.range.start), position(part.range.end))),
            text: part.text,
        },
        Event::TextDocumentContentChangeWholeDocument(whole) => {
            Change { range: None, text: whole.text }
        }
    };
    changes.into_iter().map(change).collect()
}

/// A finding on the bytes that `check` points at. What is about a data file stands at the start of the
/// spec.
pub fn diagnostic(
    found: &Diagnostic,
    document: &Document,
    places: Places<'_>,
    uri: &str,
    related: bool,
) -> lsp::Diagnostic {
    let place = |place: &Place| document.locate_place(place).map(|located| located.span);
    let span = place(&found.place).unwrap_or(0..0);
    let mut message = found.message.clone();
    let mut add = |line: &str| {
        message.push('\n');
        message.push_str(line);
    };
    if let Some(elsewhere) = words(&found.place) {
        add(&format!("in {elsewhere}"));
    }
    let mut others = Vec::new();
    for other in &found.related {
        match (place(&other.place), words(&other.place)) {
            (Some(span), _) if related => others.push(lsp::DiagnosticRelatedInformation {
                location: lsp::Location {
                    uri: lsp::Uri(uri.to_owned()),
                    range: range(places, &span),
                },
                message: other.label.clone(),
            }),
            (Some(_), _) => {}
            (None, Some(elsewhere)) if other.label.is_empty() => add(&format!("see {elsewhere}")),
            (None, Some(elsewhere)) => add(&format!("{}: {elsewhere}", other.label)),
            (None, None) => {}
        }
    }
    if let Some(help) = &found.help {
        add(&format!("help: {help}"));
    }
    lsp::Diagnostic {
        range: range(places, &span),
        severity: Some(match found.severity {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        }),
        code: Some(lsp::Code::String(found.code.name().to_owned())),
        source: Some("mlspec".to_owned()),
        message: message.into(),
        related_information: (!others.is_empty()).then_some(others),
        ..lsp::Diagnostic::default()
    }
}

pub fn hover(hover: Hover, places: Places<'_>) -> lsp::Hover {
    let contents = markdown(hover.markdown);
    lsp::Hover {
        contents: lsp::Contents::MarkupContent(contents),
        range: Some(range(places, &hover.range)),
    }
}

fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

pub fn completions(
    found: Vec<Completion>,
    places: Places<'_>,
    settings: &Settings,
) -> lsp::CompletionList {
    let item = |(at, completion): (usize, Completion)| {
        let (text, format) = match completion.insert {
            Insert::Text(text) => (text, lsp::InsertTextFormat::PlainText),
            Insert::Snippet(text) if settings.snippets => (text, lsp::InsertTextFormat::Snippet),
            Insert::Snippet(text) => (without_places(&text), lsp::InsertTextFormat::PlainText),
        };
        let edit = lsp::TextEdit { range: range(places, &completion.range), new_text: text };
        lsp::CompletionItem {
            label: completion.label,
            kind: Some(kind(completion.kind)),
            detail: completion.detail,
            documentation: completion
                .documentation
                .map(|text| lsp::Documentation::MarkupContent(markdown(text))),
            sort_text: Some(format!("{at:05}")),
            insert_text_format: Some(format),
            text_edit: Some(edit.into()),
            ..lsp::CompletionItem::default()
        }
    };
    lsp::CompletionList {
        is_incomplete: false,
        items: found.into_iter().enumerate().map(item).collect(),
        ..lsp::CompletionList::default()
    }
}

fn kind(kind: CompletionKind) -> lsp::CompletionItemKind {
    match kind {
        CompletionKind::Key => lsp::CompletionItemKind::Property,
        CompletionKind::Kind => lsp::CompletionItemKind::Class,
        CompletionKind::Value => lsp::CompletionItemKind::Value,
        CompletionKind::Column => lsp::CompletionItemKind::Field,
        CompletionKind::Class => lsp::CompletionItemKind::EnumMember,
        CompletionKind::Name => lsp::CompletionItemKind::Variable,
        CompletionKind::Function => lsp::CompletionItemKind::Function,
        CompletionKind::File => lsp::CompletionItemKind::File,
        CompletionKind::Folder => lsp::CompletionItemKind::Folder,
        CompletionKind::Snippet => lsp::CompletionItemKind::Snippet,
    }
}

/// A snippet as plain text: each place with what it suggests.
pub fn without_places(snippet: &str) -> String {
    let mut text = String::with_capacity(snippet.len());
    let mut depth = 0;
    let mut rest = snippet.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.extend(rest.next()),
            '$' => {
                let braced = rest.next_if_eq(&'{').is_some();
                while rest.next_if(char::is_ascii_digit).is_some() {}
                if braced {
                    match rest.next() {
                        Some(':') => depth += 1,
                        Some('|') => {
                            let choices: String = rest.by_ref().take_while(|c| *c != '|').collect();
                            text.push_str(choices.split(',').next().unwrap_or_default());
                            let _ = rest.next();
                        }
                        Some(_) | None => {}
                    }
                }
            }
            '}' if depth > 0 => depth -= 1,
            c => text.push(c),
        }
    }
    text
}

/// A place that a feature names, as the client opens it.
pub fn location(definition: Definition, uri: &str, places: Places<'_>) -> lsp::Location {
    match definition {
        Definition::Here(at) => {
            lsp::Location { uri: lsp::Uri(uri.to_owned()), range: range(places, &at) }
        }
        Definition::File(path) => {
            lsp::Location { uri: lsp::Uri(uri::of(&path)), range: lsp::Range::default() }
        }
    }
}

/// The edits of one document, with the version that they are of where the client can compare it.
pub fn workspace_edit(
    edits: &[text::Change],
    uri: &str,
    version: i32,
    places: Places<'_>,
    settings: &Settings,
) -> Value {
    let edit = |edit: &text::Change| {
        json!(lsp::TextEdit { range: range(places, &edit.range), new_text: edit.text.clone() })
    };
    let edits: Vec<Value> = edits.iter().map(edit).collect();
    if settings.versioned_edits {
        let document = json!({ "uri": uri, "version": version });
        json!({ "documentChanges": [{ "textDocument": document, "edits": edits }] })
    } else {
        json!({ "changes": { uri: edits } })
    }
}

/// Kinds of actions as a client writes them.
pub fn kinds(kinds: &[lsp::CodeActionKind]) -> Vec<String> {
    let text = |kind: &lsp::CodeActionKind| json!(kind).as_str().map(ToOwned::to_owned);
    kinds.iter().filter_map(text).collect()
}

/// A quick fix, with the finding that it mends.
pub fn action(action: &Action<'_>, finding: Option<lsp::Diagnostic>, edit: &Value) -> Value {
    let (kind, preferred) = match finding {
        Some(_) => (QUICK.0, action.preferred),
        None => (FIX_ALL.0, false),
    };
    json!({
        "title": action.title,
        "kind": kind,
        "diagnostics": finding.into_iter().collect::<Vec<_>>(),
        "isPreferred": preferred,
        "edit": edit,
    })
}

pub fn fold(fold: &Fold) -> lsp::FoldingRange {
    let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    lsp::FoldingRange {
        start_line: line(fold.first),
        end_line: line(fold.last),
        kind: match fold.what {
            Folded::Code => None,
            Folded::Comment => Some(lsp::FoldingRangeKind::Comment),
        },
        ..lsp::FoldingRange::default()
    }
}

pub fn link(link: &Link, places: Places<'_>) -> lsp::DocumentLink {
    lsp::DocumentLink {
        range: range(places, &link.range),
        target: Some(lsp::Uri(uri::of(&link.target))),
        ..lsp::DocumentLink::default()
    }
}

pub fn lens(lens: &Lens, uri: &str, places: Places<'_>) -> Value {
    let command = json!({ "title": lens.title, "command": lens.command, "arguments": [uri] });
    json!({ "range": range(places, &lens.range), "command": command })
}

pub fn hint(hint: Hint, places: Places<'_>) -> Value {
    json!({
        "position": to_position(places.position(hint.offset)),
        "label": hint.label,
        "tooltip": markdown(hint.tooltip),
        "paddingLeft": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_without_their_places() {
        assert_eq!(without_places("ridge: { alpha: ${1:1.0} }$0"), "ridge: { alpha: 1.0 }");
        assert_eq!(without_places("a: ${1|x,y|}\n$2 \\$3 \\}"), "a: x\n $3 }");
        assert_eq!(without_places("${1:{ a: ${2:b} \\}}"), "{ a: b }");
    }
}
