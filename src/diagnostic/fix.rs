//! What would mend a finding: edits of a spec, named by place. Turning them into bytes is left to
//! `text::Document`.

use serde::{Deserialize, Serialize};

use super::{Place, Route};

/// Whether an edit says what the author meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Certainty {
    /// `mlspec check --fix` applies it.
    Certain,
    /// A proposal: something in it is for the author to decide.
    Guess,
}

/// Edits that together mend one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as an order: ``write `ridge` ``.
    pub title: String,
    pub certainty: Certainty,
    pub edits: Vec<Edit>,
}

/// One change of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// Another word in the place of a key or a text. The quotes stay as they are, unless the word
    /// needs some. Where another word than `old` stands there, nothing is changed.
    Replace { place: Place, old: String, new: String },
    /// YAML, as it is to stand, in the place of what stands there now.
    Rewrite { place: Place, yaml: String },
    /// A new entry of a map, with its value as YAML.
    Insert { map: Route, key: String, yaml: String, position: Position },
    /// Nothing in the place of a `key: value`.
    Remove { place: Place },
}

/// Where a new entry stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Position {
    First,
    Last,
}

impl Fix {
    pub fn certain(title: impl Into<String>, edit: Edit) -> Self {
        Self { title: title.into(), certainty: Certainty::Certain, edits: vec![edit] }
    }

    pub fn guess(title: impl Into<String>, edit: Edit) -> Self {
        Self { certainty: Certainty::Guess, ..Self::certain(title, edit) }
    }

    /// Writes `new` where `old` stands. Another number is nearly always another thing, as in `sales_2024` and
    /// `sales_2025`, so that is a guess.
    pub fn rename(place: Place, old: impl Into<String>, new: impl Into<String>) -> Self {
        let (old, new) = (old.into(), new.into());
        let fix = Self::certain(
            format!("write `{new}`"),
            Edit::Replace { place, old: old.clone(), new: new.clone() },
        );
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if digits(&old) == digits(&new) { fix } else { fix.unsure() }
    }

    /// The same as a proposal.
    #[must_use]
    pub fn unsure(self) -> Self {
        Self { certainty: Certainty::Guess, ..self }
    }

    /// The fix of something that stands at `route`, whose places were named from there.
    #[must_use]
    pub fn under(mut self, route: &Route) -> Self {
        for edit in &mut self.edits {
            match edit {
                Edit::Replace { place, .. }
                | Edit::Rewrite { place, .. }
                | Edit::Remove { place } => place.move_under(route),
                Edit::Insert { map, .. } => *map = route.join(map),
            }
        }
        self
    }
}
