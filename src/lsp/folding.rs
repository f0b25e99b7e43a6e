//! What an editor can fold away: maps and lists over several lines, and blocks of comments.

use super::View;
use super::lines::Lines;
use crate::text::Kind;

/// Lines that can be folded into the first of them, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    pub first: usize,
    pub last: usize,
    pub what: Folded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folded {
    Code,
    Comment,
}

pub fn folds(view: &View<'_>) -> Vec<Fold> {
    let lines = Lines::new(view.text);
    let drift = view.drift();
    let outline = view.document.outline();
    let mut folds: Vec<Fold> = outline
        .nodes()
        .iter()
        .skip(1)
        .filter(|node| matches!(node.kind, Kind::Map | Kind::List | Kind::String))
        .filter_map(|node| drift.to_text(&node.whole()))
        .map(|range| (lines.line_of(range.start), lines.line_of(range.end.max(range.start))))
        .filter(|(first, last)| first < last)
        .map(|(first, last)| Fold { first, last, what: Folded::Code })
        .collect();
    folds.extend(comments(view.text, &lines));
    folds.sort_unstable();
    // A list and its only item begin on one line; the longer one is of use.
    folds.dedup_by(|next, kept| {
        let same = next.first == kept.first;
        if same {
            kept.last = kept.last.max(next.last);
        }
        same
    });
    folds
}

/// Runs of lines that are nothing but comments.
fn comments(text: &str, lines: &Lines) -> Vec<Fold> {
    let is_comment = |line: usize| text[lines.line(text, line)].trim_start().starts_with('#');
    let mut folds = Vec::new();
    let mut line = 0;
    while line < lines.count() {
        let first = line;
        while line < lines.count() && is_comment(line) {
            line += 1;
        }
        if line > first + 1 {
            folds.push(Fold { first, last: line - 1, what: Folded::Comment });
        }
        line = line.max(first + 1);
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::super::testing::Opened;
    use super::*;

    #[test]
    fn sections_blocks_and_comments_fold() {
        let text = "# a\n# b\nname: x\r\ndata:\n  path: a.csv\n  split:\n    holdout: {}\n\nmetrics:\n- f1:\n    average: macro\n# c\n";
        let opened = Opened::new(text);
        let shown: Vec<String> = folds(&opened.view())
            .iter()
            .map(|fold| format!("{}-{} {:?}", fold.first + 1, fold.last + 1, fold.what))
            .collect();
        assert_eq!(shown, ["1-2 Comment", "4-7 Code", "6-7 Code", "9-11 Code", "10-11 Code"]);
    }
}
