//! Cuts a text at the keys of its root, so that what is damaged in one section leaves the others alone.

use std::ops::Range;

use super::{is_bare, line_end, skip_blanks, unquoted};

/// The section around an offset: from the key of the root above it to the next one.
pub(super) fn around(text: &str, offset: usize) -> Range<usize> {
    if !is_cut(text) {
        return 0..text.len();
    }
    let mut range = 0..text.len();
    for start in starts(text) {
        if start > offset {
            range.end = start;
            break;
        }
        range.start = start;
    }
    range
}

/// The section that a key of the root opens.
pub(super) fn named(text: &str, key: &str) -> Option<Range<usize>> {
    if !is_cut(text) {
        return Some(0..text.len());
    }
    let mut starts = starts(text).skip_while(|start| key_at(text, *start) != key);
    let start = starts.next()?;
    Some(start..starts.next().unwrap_or(text.len()))
}

/// The keys of the root, as far as each starts a line.
pub fn root_keys(text: &str) -> Vec<String> {
    if !is_cut(text) {
        return Vec::new();
    }
    starts(text).map(|start| key_at(text, start)).collect()
}

fn key_at(text: &str, start: usize) -> String {
    let line = &text[start..line_end(text, start)];
    let end = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len));
    unquoted(line[..end.unwrap_or(line.len())].trim_end())
}

/// Whether the root is a block map without indentation.
fn is_cut(text: &str) -> bool {
    let first = lines(text).find(|start| {
        let content = skip_blanks(text, *start);
        !is_bare(text, content) && !text[*start..].starts_with(['%', '-'])
    });
    first.is_none_or(|start| !text[start..].starts_with([' ', '\t', '{', '[']))
}

/// Where lines start that open a section.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    lines(text).filter(|start| {
        let first = text.as_bytes().get(*start);
        !matches!(
            first,
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b'#' | b'-' | b'%' | b'.' | b']' | b'}')
        )
    })
}

fn lines(text: &str) -> impl Iterator<Item = usize> + '_ {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).map(|at| at + 1);
    std::iter::once(0).chain(ends)
}
