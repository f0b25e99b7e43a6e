//! Where what stands at a place is defined: a metric, a slice, an anchor, a file.

use std::ops::Range;
use std::path::PathBuf;

use super::View;
use super::names::{Role, at, names};
use super::paths::paths;

/// A place that one can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// Bytes of the view's text.
    Here(Range<usize>),
    /// A file from its start.
    File(PathBuf),
}

/// What stands at an offset, and where it is defined. `files_of` says which files a path stands for.
pub fn definition(
    view: &View<'_>,
    offset: usize,
    files_of: impl Fn(&std::path::Path) -> Vec<PathBuf>,
) -> Option<(Range<usize>, Vec<Definition>)> {
    let drift = view.drift();
    let tree_offset = view.to_tree(offset)?;
    let here = |range: &Range<usize>| drift.to_text(range).map(Definition::Here);
    let names = names(view.document);
    if let Some(name) = at(&names, tree_offset) {
        let origin = drift.to_text(&name.range)?;
        let defined = names
            .iter()
            .filter(|other| other.role != Role::Used)
            .filter(|other| other.of == name.of && other.text == name.text);
        return Some((origin, defined.filter_map(|other| here(&other.range)).collect()));
    }
    let touches = |range: &Range<usize>| range.start <= tree_offset && tree_offset <= range.end;
    if let Some(named) = paths(view).into_iter().find(|named| touches(&named.range)) {
        let origin = drift.to_text(&named.range)?;
        let files = files_of(&named.path).into_iter().filter(|file| file.is_file());
        return Some((origin, files.map(Definition::File).collect()));
    }
    let outline = view.document.outline();
    let alias =
        outline.nodes().iter().find(|node| node.anchored.is_some() && touches(&node.span))?;
    let anchored = alias.anchored.as_ref().and_then(here);
    Some((drift.to_text(&alias.span)?, anchored.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Opened, drawn};
    use super::*;

    const SPEC: &str = "data: { path: a.csv }\nmetrics:\n- accuracy\n- f1: { average: macro, as: f1_macro }\nslices:\n  by_island: { by: island }\nthresholds:\n";

    /// The text with what is gone to from the cursor in brackets.
    fn gone_to(marked: &str) -> String {
        let opened = Opened::new(marked);
        let view = opened.view();
        let found = definition(&view, opened.cursor, |path| vec![path.to_owned()]);
        let ranges: Vec<Range<usize>> = found
            .into_iter()
            .flat_map(|(_, found)| found)
            .filter_map(|found| match found {
                Definition::Here(range) => Some(range),
                Definition::File(_) => None,
            })
            .collect();
        drawn(view.text, &ranges)
    }

    #[test]
    fn thresholds_lead_to_metrics_and_slices() {
        let metric = gone_to(&format!("{SPEC}  f1_ma█cro@by_island: '> 0.5'\n"));
        assert!(metric.contains("as: ⟦f1_macro⟧ }"), "{metric}");
        let slice = gone_to(&format!("{SPEC}  f1_macro@by█_island=Dream: '> 0.5'\n"));
        assert!(slice.contains("\n  ⟦by_island⟧: {"), "{slice}");
        let listed = gone_to(&format!("{SPEC}  \"accu█racy\": '> 0.5'\n"));
        assert!(listed.contains("- ⟦accuracy⟧\n"), "{listed}");
        let nothing = gone_to(&format!("{SPEC}  recall█: '> 0.5'\n"));
        assert!(!nothing.contains('⟦'), "{nothing}");
    }

    #[test]
    fn aliases_lead_to_their_anchors() {
        let alias = gone_to("x-a: &bound { min: 0.5 }\nthresholds: { f1: *bo█und }\n");
        assert!(alias.starts_with("x-a: &bound ⟦{ min: 0.5 }⟧"), "{alias}");
    }

    #[test]
    fn paths_lead_to_files_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("é a.csv"), "x\n").unwrap();
        let path = folder.path().join("a.mlspec.yaml");
        let find = |text: &str| {
            let opened = Opened::at(path.clone(), text);
            definition(&opened.view(), opened.cursor, |path| vec![path.to_owned()])
        };
        let file = Definition::File(folder.path().join("é a.csv"));
        let (_, found) = find("data:\n  path: \"é █a.csv\"\n").unwrap();
        assert_eq!(found, vec![file.clone()]);
        let (_, found) = find("data:\n  train: { path: é a█.csv }\n").unwrap();
        assert_eq!(found, [file]);
        let (_, found) = find("data:\n  path: no█ne.csv\n").unwrap();
        assert_eq!(found, []);
        assert_eq!(find("data:\n  path: http://█a/b.csv\n"), None);
    }

    #[test]
    fn a_syntax_error_elsewhere_does_not_matter() {
        let good = format!("{SPEC}  f1_macro: '> 0.5'\n");
        let broken =
            good.replace("average: macro", "average: [").replace("f1_macro: ", "f1_m█acro: ");
        let opened = Opened::new(&good).typed(&broken);
        let view = opened.view();
        assert!(!view.is_current());
        let (_, found) = definition(&view, opened.cursor, |_| Vec::new()).unwrap();
        let [Definition::Here(range)] = &found[..] else { panic!("{found:?}") };
        assert_eq!(&view.text[range.clone()], "f1_macro");
    }
}
