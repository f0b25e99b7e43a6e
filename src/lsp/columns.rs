//! What is known of a column, in the words of hovers and completions.

use std::fmt::Write as _;

use crate::session::KnownColumn;

/// So many values are named as examples.
const MOST_EXAMPLES: usize = 5;

/// A few words: the type, and what is missing.
pub fn in_short(column: &KnownColumn) -> String {
    let derived = if column.derived { ", derived" } else { "" };
    match column.missing {
        Some(0) | None => format!("{}{derived}", column.dtype),
        Some(missing) => format!("{}{derived}, {missing} missing", column.dtype),
    }
}

/// All of it, in markdown.
pub fn described(column: &KnownColumn) -> String {
    let derived = if column.derived { ", from `data.derive`" } else { "" };
    let mut text = format!("**{}** · {}{derived}", plain(&column.name), column.dtype);
    match column.missing {
        Some(0) => text.push_str(" · none missing"),
        Some(missing) => {
            let _ = write!(text, " · {missing} missing");
        }
        None => {}
    }
    if let Some(distribution) = &column.distribution {
        let _ = write!(text, "\n\n{}", plain(distribution));
    }
    if !column.values.is_empty() {
        let values: Vec<String> =
            column.values.iter().take(MOST_EXAMPLES).map(|value| code(value)).collect();
        let _ = write!(text, "\n\nfor example {}", values.join(", "));
    }
    text
}

/// So many columns are named of those that a pattern picks.
const MOST_PICKED: usize = 20;

/// Which columns a pattern picks, in markdown; none where it picks nothing, which `check` tells.
pub fn matched(pattern: &str, picked: &[&KnownColumn]) -> Option<String> {
    let columns = match picked.len() {
        0 => return None,
        1 => "1 column".to_owned(),
        count => format!("{count} columns"),
    };
    let mut text = format!("**{}** · {columns}\n", plain(pattern));
    for column in picked.iter().take(MOST_PICKED) {
        let _ = write!(text, "\n- {} · {}", plain(&column.name), in_short(column));
    }
    if let more @ 1.. = picked.len().saturating_sub(MOST_PICKED) {
        let _ = write!(text, "\n- {more} more");
    }
    Some(text)
}

/// Text that means itself in markdown.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '|' | '~') {
            plain.push('\\');
        }
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain
}

/// Text in backticks, more of them than it holds itself.
pub fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let padding =
        if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}
