//! Finds bounds such as `> 0.8` that stand without quotes, which YAML takes for blocks of text.
//! Whether a bound makes sense is left to the plan.

use std::collections::HashSet;
use std::ops::Range;

use super::mask::{Masked, Patch, What};
use super::reader::Reading;
use super::scalar::Atom;
use super::syntax::{hidden, line_start, one_line, quoted, shown};
use super::tree::{Content, NodeId, Style, Tree};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place};

/// A value that stands where a bound does, and what stands before it.
struct Bound {
    node: NodeId,
    /// `accuracy: `, `- ` or nothing: with the bound in quotes it makes the fix.
    lead: String,
}

/// Reports what was hidden from the parser, and the blocks of text that stand as bounds. In the
/// tree such a block becomes the bound that was meant, so that nothing else is said about it.
pub(super) fn report(reading: &mut Reading, masked: &Masked) -> Vec<Diagnostic> {
    let text = masked.original();
    let mut diagnostics = Vec::new();
    let mut done = HashSet::new();
    for Bound { node, lead } in bounds(&reading.tree, text) {
        let span = reading.tree.get(node).span.clone();
        if done.contains(&span.start) {
            continue;
        }
        let is_hidden = |patch: &Patch| {
            patch.what == What::Indicator('>')
                && reading.patched.get(&patch.range.start) == Some(&span)
        };
        let Some(scalar) = reading.tree.scalar_mut(node) else { continue };
        if masked.patches().iter().any(is_hidden) {
            done.insert(span.start);
            diagnostics.push(unquoted(text, span, &lead, &scalar.text));
        } else if matches!(scalar.style, Style::Folded | Style::Literal) {
            let header = text.get(span.start..scalar.inner.start).unwrap_or_default();
            let header = header.split_whitespace().next().unwrap_or_default();
            let meant = meant(header, &one_line(&scalar.text));
            done.insert(span.start);
            diagnostics.push(unquoted(text, span, &lead, &meant));
            scalar.text = meant.into();
            scalar.atom = Atom::Text;
        }
    }
    for patch in masked.patches() {
        let scalar = reading.patched.get(&patch.range.start);
        if scalar.is_some_and(|scalar| done.contains(&scalar.start)) {
            continue;
        }
        diagnostics.push(match lost_bound(patch, scalar, text) {
            Some(lead) => unquoted(text, patch.extent.clone(), &lead, &text[patch.extent.clone()]),
            None => hidden(patch, scalar, text),
        });
    }
    diagnostics
}

/// All values of `thresholds.X` and `thresholds.X[i]`.
fn bounds(tree: &Tree, text: &str) -> Vec<Bound> {
    let mut bounds = Vec::new();
    let thresholds = tree.entries(tree.root).iter().find(|entry| &*entry.key == "thresholds");
    for entry in thresholds.map_or(&[][..], |entry| tree.entries(entry.node)) {
        let lead = format!("{}: ", shown(text.get(entry.key_span.clone()).unwrap_or(&entry.key)));
        match &tree.get(entry.node).content {
            Content::Scalar(_) => bounds.push(Bound { node: entry.node, lead }),
            Content::List { style, items } => bounds.extend(items.iter().map(|item| {
                let lead = if *style == Style::Block { "- " } else { "" };
                Bound { node: item.node, lead: lead.into() }
            })),
            Content::Map { .. } => {}
        }
    }
    bounds
}

/// The bound behind a block of text: `>` and `0.8` on the next line were meant as `> 0.8`.
fn meant(header: &str, content: &str) -> String {
    let is_bound = content.starts_with(['<', '>']) || content.contains("..");
    if content.is_empty() {
        header.into()
    } else if is_bound || header.starts_with('|') {
        content.into()
    } else {
        format!("{} {content}", header.trim_end_matches(['+', '-']))
    }
}

fn unquoted(text: &str, range: Range<usize>, lead: &str, bound: &str) -> Diagnostic {
    let help = if bound.contains(|c: char| c.is_ascii_digit()) {
        format!("write `{lead}{}`", quoted(bound))
    } else {
        format!("write the bound in quotes, as in `{lead}\"> 0.8\"`")
    };
    let diagnostic = Diagnostic::error(
        Code::ThresholdUnquoted,
        Place::Text { range: range.clone() },
        "a bound stands without quotes",
    )
    .label("needs quotes")
    .help(help);
    let bound = one_line(bound);
    if !is_bound(&bound) || text[range.clone()].contains('#') {
        return diagnostic;
    }
    let yaml = quoted(&bound);
    let title = format!("write `{yaml}`");
    diagnostic.fix(Fix::certain(title, Edit::Rewrite { place: Place::Text { range }, yaml }))
}

/// Whether a text is nothing but a sign and a number, or a range.
fn is_bound(text: &str) -> bool {
    let is_number = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
            && text.ends_with(|last: char| last.is_ascii_digit())
            && text.parse::<f64>().is_ok_and(f64::is_finite)
    };
    match text.strip_prefix(['<', '>']) {
        Some(rest) => is_number(rest.strip_prefix('=').unwrap_or(rest)),
        None => text.split_once("..").is_some_and(|(low, high)| {
            let open = |end: &str| end.trim().is_empty() || is_number(end);
            (is_number(low) && open(high)) || (is_number(high) && open(low))
        }),
    }
}

/// What stands before a bound that the parser never came to, because it stopped elsewhere; nothing
/// where the patch is no bound.
fn lost_bound(patch: &Patch, scalar: Option<&Range<usize>>, text: &str) -> Option<String> {
    if scalar.is_some() || patch.what != What::Indicator('>') {
        return None;
    }
    let bound = text[patch.extent.clone()].trim_start_matches(['>', '=']).trim_start();
    if !bound.starts_with(|c: char| c.is_ascii_digit() || ".-+".contains(c)) {
        return None;
    }
    let before = &text[..patch.range.start];
    let top = before
        .split(['\n', '\r'])
        .rev()
        .find(|line| !line.is_empty() && !line.starts_with([' ', '\t', '#', '-', ']', '}']))?;
    let key = top.split(':').next()?.trim().trim_matches(['"', '\'']);
    if key != "thresholds" {
        return None;
    }
    let lead = before[line_start(text, patch.range.start)..].trim_start();
    let lead = lead.rsplit(['{', '[', ',']).next().unwrap_or(lead).trim_start();
    (!lead.starts_with("because")).then(|| lead.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Parsed;
    use super::*;

    fn bounds(text: &str) -> Vec<(String, String)> {
        let parsed = Parsed::new(text);
        let mut found = Vec::new();
        for (diagnostic, (code, place)) in parsed.diagnostics.iter().zip(parsed.found()) {
            assert_eq!(code, Code::ThresholdUnquoted, "{text:?}: {diagnostic:?}");
            found.push((place.to_owned(), diagnostic.help.clone().unwrap_or_default()));
        }
        found
    }

    fn one(text: &str) -> (String, String) {
        let mut found = bounds(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn on_the_line_of_its_key() {
        for bound in ["> 0.8", ">= 0.8", ">0.8", ">=0.8", ">  1.5", ">-0.5", ">1.5", "> 8 é"] {
            for (before, after) in [
                ("", ""),
                ("", "   # why"),
                ("&a ", ""),
                ("!!str ", ""),
                ("", "\t# why"),
                ("", "\r"),
            ] {
                let text =
                    format!("é: 1\nthresholds:\n  accuracy: {before}{bound}{after}\n  f1: 1\n");
                let (place, help) = one(&text);
                assert_eq!(place, bound, "{text:?}");
                assert_eq!(help, format!("write `accuracy: \"{}\"`", one_line(bound)));
                assert_eq!(Parsed::new(&text).json()["thresholds"]["accuracy"], one_line(bound));
            }
        }
    }

    #[test]
    fn as_a_header_that_yaml_accepts() {
        for (value, place, fix) in [
            (">\n    0.8\n", ">\n    0.8", "> 0.8"),
            ("> # why\n    0.8\n", "> # why\n    0.8", "> 0.8"),
            (">-\n    0.8\n\n", ">-\n    0.8", "> 0.8"),
            (">2\n", ">2", ">2"),
            (">2", ">2", ">2"),
            (">+3\n", ">+3", ">+3"),
            (">-1 # c\n", ">-1", ">-1"),
            (">\n    >= 0.8\n", ">\n    >= 0.8", ">= 0.8"),
            ("|\n    > 0.8\n", "|\n    > 0.8", "> 0.8"),
            ("|\n    0.1 .. 0.2\n", "|\n    0.1 .. 0.2", "0.1 .. 0.2"),
        ] {
            let text = format!("thresholds:\n  accuracy: {value}");
            let (found, help) = one(&text);
            assert_eq!((found.as_str(), help), (place, format!("write `accuracy: \"{fix}\"`")));
            assert_eq!(Parsed::new(&text).json()["thresholds"]["accuracy"], fix);
        }
        let (place, help) = one("thresholds:\n  accuracy: >\n  f1: 1\n");
        assert_eq!(
            (place.as_str(), help.as_str()),
            (">", "write the bound in quotes, as in `accuracy: \"> 0.8\"`")
        );
    }

    #[test]
    fn on_a_line_of_its_own() {
        let (place, help) = one("thresholds:\n  accuracy:\n    > 0.8\n");
        assert_eq!((place.as_str(), help.as_str()), ("> 0.8", "write `accuracy: \"> 0.8\"`"));
    }

    #[test]
    fn in_lists() {
        let text = concat!(
            "thresholds:\n  f1:\n    - > 0.8\n    - >2\n    - {min: 1}\n",
            "  \"a@b\": [> 0.7, \"> 1\", >=3]\n",
        );
        assert_eq!(
            bounds(text),
            [
                ("> 0.8".into(), "write `- \"> 0.8\"`".into()),
                (">2".into(), "write `- \">2\"`".into()),
                ("> 0.7".into(), "write `\"> 0.7\"`".into()),
                (">=3".into(), "write `\">=3\"`".into()),
            ]
        );
        assert_eq!(
            Parsed::new(text).json()["thresholds"]["a@b"],
            serde_json::json!(["> 0.7", "> 1", ">=3"])
        );
    }

    #[test]
    fn in_brackets() {
        for text in [
            "thresholds: {accuracy: > 0.8, f1: 2}\n",
            "thresholds:\n  {accuracy: > 0.8 , f1: 2}\n",
            "{thresholds: {accuracy: > 0.8}}\n",
            "{thresholds: {accuracy: > 0.8 # why\n}}\n",
        ] {
            let (place, help) = one(text);
            assert_eq!((place.as_str(), help.as_str()), ("> 0.8", "write `accuracy: \"> 0.8\"`"));
        }
    }

    #[test]
    fn all_at_once_with_everything_else() {
        let text = concat!(
            "é: 1\nthresholds:\n  accuracy: > 0.8\n  f1: >= 0.7 # é\n  recall: [>2, > 3]\n",
            "  r2: >\n    4\n  r2: 1\né: 2\nx: ${NONE}\n",
        );
        let parsed = Parsed::new(text);
        let places: Vec<&str> = parsed.found().into_iter().map(|(_, place)| place).collect();
        assert_eq!(places, ["> 0.8", ">= 0.7", ">2", "> 3", ">\n    4", "r2", "é", "${NONE}"]);
    }

    #[test]
    fn with_windows_line_ends() {
        let text = "thresholds:\r\n  accuracy: > 0.8\r\n  f1: >2\r\n";
        let places: Vec<String> = bounds(text).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["> 0.8", ">2"]);
    }

    #[test]
    fn through_merges_and_aliases() {
        let text =
            "x-base: &base\n  accuracy: > 0.8\nthresholds:\n  <<: *base\n  f1: &f >2\n  r2: *f\n";
        let places: Vec<String> = bounds(text).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["> 0.8", ">2"]);
    }

    #[test]
    fn before_another_mistake() {
        let parsed = Parsed::new("thresholds:\n  accuracy: > 0.8\nx: [\n");
        assert_eq!(parsed.found(), [(Code::ThresholdUnquoted, "> 0.8"), (Code::YamlSyntax, "[")]);
        // The bracket is never closed, so that the parser does not come to the bound.
        let parsed = Parsed::new("thresholds:\n  {accuracy: > 0.8, because: > 0.9\n");
        let codes: Vec<Code> = parsed.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes.iter().filter(|code| **code == Code::ThresholdUnquoted).count(), 1);
    }

    #[test]
    fn never_where_no_bound_stands() {
        for text in [
            "thresholds:\n  # accuracy: > 0.8\n  f1: 1\n",
            "thresholds:\n  f1: { min: 1 } # > 0.8\n",
            "thresholds:\n  f1:\n    because: >\n      accuracy: > 0.8\n      is enough\n",
            "thresholds:\n  f1:\n    - min: 1\n      because: |\n        - > 0.8\n",
            "description: >\n  thresholds:\n    accuracy: > 0.8\nthresholds:\n  f1: \"> 0.8\"\n",
            "x: {thresholds: {a: >- }}\n".replace(">- ", "'>'").as_str(),
            "x:\n  thresholds:\n    accuracy: >\n      0.8\n",
            "thresholds:\n  f1: 'a: > 0.8'\n  r2: a > 0.8\n  r: < 3\n  s: 0.1 .. 0.2\n",
        ] {
            Parsed::clean(text);
        }
    }

    #[test]
    fn elsewhere_it_is_a_syntax_error() {
        for text in [
            "data: > 0.8\n",
            "thresholds: > 0.8\n",
            "thresholds:\n- > 0.8\n",
            "thresholds:\n  f1: {min: > 0.8}\n",
            "thresholds:\n  f1:\n    because: > 0.8\n",
            "thresholds:\n  f1:\n  - above: > 0.8\n",
        ] {
            let parsed = Parsed::new(text);
            let (code, place, help) = parsed.only();
            assert_eq!((code, place), (Code::YamlSyntax, "> 0.8"), "{text:?}");
            assert!(help.starts_with("put the value in quotes: `\"> 0.8\"`"), "{help}");
        }
    }
}
