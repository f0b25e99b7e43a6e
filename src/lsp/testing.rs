//! Open specs for tests, written with a mark where the cursor is; and answers drawn into the text.

use std::ops::Range;
use std::path::PathBuf;

use super::open::Open;
use super::view::View;
use crate::session::Known;
use crate::store::LastRun;

/// Where the cursor is.
pub const CURSOR: char = '█';

/// A spec as an editor has it open.
pub struct Opened {
    open: Open,
    /// The offset of the mark; the end of the text where there is none.
    pub cursor: usize,
}

impl Opened {
    /// Opens a text after taking the mark out.
    pub fn new(marked: &str) -> Self {
        Self::at("/specs/a.mlspec.yaml".into(), marked)
    }

    pub fn at(path: PathBuf, marked: &str) -> Self {
        let cursor = marked.find(CURSOR).unwrap_or(marked.len());
        let text = marked.replacen(CURSOR, "", 1);
        let mut open = Open::new(path, 1, text);
        open.parse(&|_: &str| None);
        Self { open, cursor }
    }

    /// The text becomes another one, as if it was typed over.
    pub fn typed(mut self, marked: &str) -> Self {
        self.cursor = marked.find(CURSOR).unwrap_or(marked.len());
        self.open.replace(marked.replacen(CURSOR, "", 1));
        self.open.parse(&|_: &str| None);
        self
    }

    pub fn knowing(mut self, known: Known) -> Self {
        self.open.known = Some(known.into());
        self
    }

    pub fn last(mut self, last: LastRun) -> Self {
        self.open.last = Some(last);
        self
    }

    pub fn view(&self) -> View<'_> {
        self.open.view().expect("it was parsed")
    }
}

/// The text with each range in brackets.
pub fn drawn(text: &str, ranges: &[Range<usize>]) -> String {
    let mut marks: Vec<(usize, char)> =
        ranges.iter().flat_map(|range| [(range.end, '⟧'), (range.start, '⟦')]).collect();
    marks.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut drawn = text.to_owned();
    for (at, mark) in marks {
        drawn.insert(at, mark);
    }
    drawn
}
