//! Says which key or scalar stands under an offset of a sketch.

use std::ops::Range;

use super::{Sketch, What};
use crate::diagnostic::Part;

/// A key or a scalar in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub node: usize,
    pub part: Part,
    /// All of it, with its quotes.
    pub range: Range<usize>,
}

impl Sketch<'_> {
    /// What stands under an offset; none for brackets, blanks, comments and aliases.
    pub fn touched(&self, offset: usize) -> Option<Touched> {
        let touches = |range: &Range<usize>| range.start <= offset && offset <= range.end;
        self.nodes.iter().enumerate().rev().find_map(|(node, sketched)| {
            if let Some(key) = sketched.key.as_ref().filter(|key| touches(key)) {
                return Some(Touched { node, part: Part::Key, range: key.clone() });
            }
            let is_scalar = matches!(sketched.what, What::Scalar(_));
            let range = sketched.span.clone();
            (is_scalar && touches(&range)).then_some(Touched { node, part: Part::Value, range })
        })
    }
}
