//! The fixes that a check proposes, as actions at a place; and all certain ones at once.

use std::ops::Range;

use super::View;
use crate::diagnostic::{Certainty, Diagnostic};
use crate::outcome::SpecOutcome;
use crate::session::Session;
use crate::text::{Change, Source};

/// What a client calls a kind of action: words from the general to the special, with points between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionKind(pub &'static str);

pub const QUICK: ActionKind = ActionKind("quickfix");
pub const FIX_ALL: ActionKind = ActionKind("source.fixAll");

impl ActionKind {
    /// Whether it is one of those that a client asks for: of that name, or of a more general one. Clients also ask for
    /// what only this server would do.
    pub fn is_of(self, asked: &str) -> bool {
        let asked = asked.strip_suffix(".mlspec").unwrap_or(asked);
        let rest = self.0.strip_prefix(asked);
        rest.is_some_and(|rest| asked.is_empty() || rest.is_empty() || rest.starts_with('.'))
    }
}

/// Something that can be done at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    pub title: String,
    pub changes: Vec<Change>,
    /// What it mends; none where it mends all there is.
    pub finding: Option<&'a Diagnostic>,
    /// Whether it is what the author meant.
    pub preferred: bool,
}

/// What mends the findings that touch a range. Nothing while the text is newer than its check.
pub fn fixes<'a>(
    view: &View<'_>,
    outcome: &'a SpecOutcome,
    range: &Range<usize>,
) -> Vec<Action<'a>> {
    let document = &outcome.document;
    if document.source().text() != view.text {
        return Vec::new();
    }
    let touches = |found: &&Diagnostic| {
        let span = document.locate_place(&found.place).map_or(0..0, |located| located.span);
        span.start <= range.end && range.start <= span.end
    };
    let mut actions = Vec::new();
    for found in outcome.diagnostics.iter().filter(touches) {
        for (at, fix) in found.fixes.iter().enumerate() {
            let Some(changes) = document.changes(fix) else { continue };
            actions.push(Action {
                title: capitalized(&fix.title),
                changes,
                finding: Some(found),
                preferred: at == 0 && fix.certainty == Certainty::Certain,
            });
        }
    }
    actions
}

/// What `check --fix` would do; none where that is nothing.
pub fn fix_all(view: &View<'_>, session: &Session<'_>) -> Option<Action<'static>> {
    let mended = session.mend(&Source::new(view.path, view.text));
    let changed = mended.text != view.text;
    changed.then(|| Action {
        title: "Apply all fixes that are certain".to_owned(),
        changes: vec![Change { range: 0..view.text.len(), text: mended.text }],
        finding: None,
        preferred: false,
    })
}

/// Titles are orders in lower case, menus begin with a capital.
fn capitalized(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
