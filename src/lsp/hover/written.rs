//! What YAML and the environment put in a place: anchors and aliases, and `${NAME}`, whose value is never shown.

use std::ops::Range;

use super::Hover;
use crate::lsp::View;
use crate::lsp::columns::code;
use crate::text::Environment;

/// Longer values are cut.
const MOST_LINES: usize = 15;

/// The variable under an offset, in the bytes of a scalar.
pub fn variable(
    text: &str,
    scalar: &Range<usize>,
    offset: usize,
    environment: &dyn Environment,
) -> Option<Hover> {
    let written = text.get(scalar.clone())?;
    let within = offset.checked_sub(scalar.start)?;
    // Behind the `$` and the `{` the cursor is in it as well.
    let reach = written.floor_char_boundary((within + 2).min(written.len()));
    let start = written.get(..reach)?.rfind("${")?;
    let end = start + written[start..].find('}')? + 1;
    let escaped = written[..start].ends_with('$');
    if escaped || within < start || within > end {
        return None;
    }
    let content = &written[start + 2..end - 1];
    let (name, default) = content.split_once(":-").map_or((content, None), |(a, b)| (a, Some(b)));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return None;
    }
    let is_set = environment.get(name).is_some();
    let state = if is_set { "set" } else { "not set" };
    let mut markdown = format!("`{name}` · environment variable, {state} where the server runs");
    match default {
        Some("") => markdown.push_str("\n\nWithout it: nothing."),
        Some(default) => markdown.push_str(&format!("\n\nWithout it: {}", code(default))),
        None if is_set => {}
        None => {
            markdown.push_str(&format!("\n\nSet it, or give a default: `${{{name}:-default}}`"));
        }
    }
    Some(Hover { range: scalar.start + start..scalar.start + end, markdown })
}

/// The anchor or alias under an offset.
pub fn anchor(view: &View<'_>, offset: usize) -> Option<Hover> {
    let name = word(view.text, offset)?;
    let drift = view.drift();
    let outline = view.document.outline();
    let tree = view.document.source().text();
    let aliases = || outline.nodes().iter().filter(|node| node.anchored.is_some());
    if view.text[name.clone()].starts_with('&') {
        let alias = format!("*{}", &view.text[name.start + 1..name.end]);
        let used = aliases().filter(|node| tree.get(node.span.clone()) == Some(alias.as_str()));
        let count = used.count();
        let times = if count == 1 { "place uses it" } else { "places use it" };
        let markdown = format!("an anchor: {count} {times} as {}", code(&alias));
        return Some(Hover { range: name, markdown });
    }
    let at = view.to_tree(offset)?;
    let alias = aliases().find(|node| node.span.start <= at && at <= node.span.end)?;
    let value = tree.get(alias.anchored.clone()?)?;
    let range = drift.to_text(&alias.span)?;
    Some(Hover { range, markdown: format!("stands for\n\n{}", block(value)) })
}

/// The `&name` or `*name` around an offset.
fn word(text: &str, offset: usize) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || ",[]{}\"'".contains(c);
    let start = text
        .get(..offset)?
        .rfind(ends)
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[offset..].find(ends).map_or(text.len(), |at| offset + at);
    let word = &text[start..end];
    (word.len() > 1 && word.starts_with(['&', '*'])).then_some(start..end)
}

/// YAML in a block, without the indentation that it has where it stands.
fn block(yaml: &str) -> String {
    let mut lines: Vec<&str> = yaml.lines().collect();
    let rest = lines.get(1..).unwrap_or_default().iter().filter(|line| !line.trim().is_empty());
    let indent = rest.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let cut = lines.len() > MOST_LINES;
    lines.truncate(MOST_LINES);
    let mut text = String::new();
    for (at, line) in lines.into_iter().enumerate() {
        let line = if at == 0 { line } else { line.get(indent..).unwrap_or_default() };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if cut {
        text.push_str("…\n");
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2);
    let fence = "`".repeat(longest + 1);
    format!("{fence}yaml\n{text}{fence}")
}
