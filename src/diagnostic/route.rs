//! The path from a spec's root to one of its nodes, as keys and indices.
//! Whether a node is there, and where its bytes are, is for `text::Document` to say.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One step from a node to a child of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Segment {
    Key(Arc<str>),
    Index(usize),
}

/// A path of keys and indices; the empty route is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route(Vec<Segment>);

impl Route {
    pub fn root() -> Self {
        Self::default()
    }

    /// The route of a child under `key`.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.child(Segment::Key(key.into()))
    }

    /// The route of the list item at `index`, counted from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// `self` followed by `relative`.
    #[must_use]
    pub fn join(&self, relative: &Route) -> Self {
        let mut segments = self.0.clone();
        segments.extend_from_slice(&relative.0);
        Self(segments)
    }

    /// The route without its last segment; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The last key, without looking past an index.
    pub fn last_key(&self) -> Option<&str> {
        match self.0.last()? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }
}

impl FromIterator<Segment> for Route {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

/// `data.split.holdout.test`, `metrics[1].f1`; the root is `(the whole spec)`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(the whole spec)");
        }
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if at == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_read_like_paths() {
        let route = Route::root().key("metrics").index(1).key("f1");
        assert_eq!(route.to_string(), "metrics[1].f1");
        assert_eq!(route.parent().unwrap().to_string(), "metrics[1]");
        assert_eq!(Route::root().to_string(), "(the whole spec)");
    }
}
