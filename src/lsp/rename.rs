//! Gives a metric or a slice another name, everywhere at once.

use std::ops::Range;

use super::View;
use super::names::{Name, Of, Role, at, names};
use crate::text::Change;

/// What can be renamed at an offset: its place, and its name.
///
/// # Errors
/// Why nothing there can be renamed, in words.
pub fn prepare(view: &View<'_>, offset: usize) -> Result<(Range<usize>, String), String> {
    let (_, name) = renamable(view, offset)?;
    Ok((name.range, name.text))
}

/// The edits that a rename comes to.
///
/// # Errors
/// Why it cannot be done, in words.
pub fn rename(view: &View<'_>, offset: usize, new: &str) -> Result<Vec<Change>, String> {
    let (names, name) = renamable(view, offset)?;
    if new == name.text {
        return Ok(Vec::new());
    }
    if !is_name(new) {
        return Err(format!(
            "`{new}` is no name: write lower-case letters, digits and underscores, a letter first"
        ));
    }
    if let Some(other) = names.iter().find(|other| other.text == new) {
        let what = match (other.of, other.role) {
            (Of::Slice, _) => "a slice",
            (Of::Metric, _) => "a metric",
        };
        return Err(format!("`{new}` is the name of {what} already"));
    }
    if name.of == Of::Slice && is_metric(new) {
        return Err(format!("`{new}` is the name of a metric"));
    }
    let same = names.iter().filter(|other| other.of == name.of && other.text == name.text);
    let mut edits: Vec<Change> = same
        .map(|other| Change { range: other.range.clone(), text: other.replaced_by(new) })
        .collect();
    edits.sort_by_key(|edit| edit.range.start);
    edits.dedup();
    Ok(edits)
}

fn renamable(view: &View<'_>, offset: usize) -> Result<(Vec<Name>, Name), String> {
    if !view.is_current() {
        return Err("the spec is not YAML at the moment: mend that first".to_owned());
    }
    let names = names(view.document);
    let Some(name) = at(&names, offset).cloned() else {
        return Err("only slices and the names under `as` can be renamed".to_owned());
    };
    let given =
        |other: &Name| other.role == Role::Given && other.of == name.of && other.text == name.text;
    if names.iter().any(given) {
        return Ok((names, name));
    }
    Err(match name.of {
        Of::Metric => {
            format!("`{}` is the catalogue's name; give it one of yours by `as`", name.text)
        }
        Of::Slice => format!("there is no slice called `{}`", name.text),
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_metric(name: &str) -> bool {
    let family =
        crate::spec::catalogue::catalogues().into_iter().find(|each| each.plural == "metrics");
    family.is_some_and(|family| family.kinds.iter().any(|kind| kind.name == name))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Opened;
    use super::*;

    /// The text after a rename at the cursor, or why there is none.
    fn renamed(marked: &str, new: &str) -> String {
        let opened = Opened::new(marked);
        let view = opened.view();
        match rename(&view, opened.cursor, new) {
            Ok(edits) => {
                let mut text = view.text.to_owned();
                for edit in edits.iter().rev() {
                    text.replace_range(edit.range.clone(), &edit.text);
                }
                text
            }
            Err(why) => why,
        }
    }

    #[test]
    fn a_slice_is_renamed_wherever_a_threshold_speaks_of_it() {
        let spec = "slices:\n  isl█and: { by: island }\nthresholds:\n  f1: '> 0'\n  f1@island: '> 0'\n  'f1@island=island': '> 0'\n  \"f1@isl\\u0061nd=a b\": '> 0'\n  f1@other: '> 0'\n";
        insta::assert_snapshot!(renamed(spec, "place"), @r#"
        slices:
          place: { by: island }
        thresholds:
          f1: '> 0'
          f1@place: '> 0'
          'f1@place=island': '> 0'
          "f1@place=a b": '> 0'
          f1@other: '> 0'
        "#);
    }

    #[test]
    fn a_metric_is_renamed_from_its_use() {
        let spec = "metrics:\n- f1: {as: mine}\n- f1: {as: \"other\"}\nthresholds: { mi█ne: '> 0', mine@x: '> 0' }\n";
        insta::assert_snapshot!(renamed(spec, "yours"), @r#"
        metrics:
        - f1: {as: yours}
        - f1: {as: "other"}
        thresholds: { yours: '> 0', yours@x: '> 0' }
        "#);
    }

    #[test]
    fn what_cannot_be_renamed_is_said() {
        let spec = "metrics:\n- f1: {as: mi█ne}\n- accuracy\nslices: {s: {by: x}}\nthresholds: {mine: '> 0'}\n";
        let shown = ["Mine", "accuracy", "s", "1a", ""].map(|new| renamed(spec, new)).join("\n");
        insta::assert_snapshot!(shown, @"
        `Mine` is no name: write lower-case letters, digits and underscores, a letter first
        `accuracy` is the name of a metric already
        `s` is the name of a slice already
        `1a` is no name: write lower-case letters, digits and underscores, a letter first
        `` is no name: write lower-case letters, digits and underscores, a letter first
        ");
        let slice = "slices: {█s: {by: x}}\nthresholds: {f1@s: '> 0'}\n";
        assert_eq!(renamed(slice, "recall"), "`recall` is the name of a metric");
        let listed = renamed("metrics: [accu█racy]\nthresholds: {accuracy: '> 0'}\n", "mine");
        assert_eq!(listed, "`accuracy` is the catalogue's name; give it one of yours by `as`");
        assert!(renamed("na█me: a\n", "b").starts_with("only slices"));
        assert_eq!(renamed("thresholds: {f1@█x: '> 0'}\n", "b"), "there is no slice called `x`");
        let opened = Opened::new("a: 1\n").typed("a: [█\n");
        assert!(rename(&opened.view(), opened.cursor, "b").unwrap_err().contains("not YAML"));
    }
}
