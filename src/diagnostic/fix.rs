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

/// The shortest word in which one letter can be a slip; shorter ones are too often words of their own, as
/// `svr` beside `svm`.
const LEAST_LETTERS: usize = 6;

/// The same of two letters in each other's place, which makes another word less often.
const LEAST_SWAPPED: usize = 4;

/// Whether one word is another but for case, separators, and one letter that is missing, too much or in its
/// neighbour's place. A wrong letter may make a word of its own: `weight` is not `height`. Nor is another number, as
/// `sales_2024` beside `sales_2025`, or a part more, as `accel` beside `accel_x`.
fn is_slip(old: &str, new: &str) -> bool {
    let letters = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).collect()
    };
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).collect::<String>();
    let (one, other) = (letters(old), letters(new));
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let parts = |text: &str| text.split(['_', '-', ' ']).filter(|part| !part.is_empty()).count();
    let (length, length_of_other) = (one.chars().count(), other.chars().count());
    let least = match sorted(&one) == sorted(&other) {
        true => LEAST_SWAPPED,
        false if length == length_of_other || parts(old) != parts(new) => usize::MAX,
        false => LEAST_LETTERS,
    };
    let is_near = length.max(length_of_other) >= least && strsim::osa_distance(&one, &other) == 1;
    digits(old) == digits(new) && (one == other || is_near)
}

impl Fix {
    pub fn certain(title: impl Into<String>, edit: Edit) -> Self {
        Self { title: title.into(), certainty: Certainty::Certain, edits: vec![edit] }
    }

    pub fn guess(title: impl Into<String>, edit: Edit) -> Self {
        Self { certainty: Certainty::Guess, ..Self::certain(title, edit) }
    }

    /// Writes `new` where `old` stands: certain where it was a slip of the pen, else a guess.
    pub fn rename(place: Place, old: impl Into<String>, new: impl Into<String>) -> Self {
        let (old, new) = (old.into(), new.into());
        let certainty = if is_slip(&old, &new) { Certainty::Certain } else { Certainty::Guess };
        let title = format!("write `{new}`");
        Self { title, certainty, edits: vec![Edit::Replace { place, old, new }] }
    }

    /// The same as what is surely meant.
    #[must_use]
    pub fn sure(self) -> Self {
        Self { certainty: Certainty::Certain, ..self }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slips_are_certain() {
        for (old, new) in [
            ("n_estimator", "n_estimators"),
            ("weigth", "weight"),
            ("knid", "kind"),
            ("RandomForest", "random_forest"),
            ("Body Mass", "body_mass"),
            ("acuracy@s", "accuracy@s"),
        ] {
            assert!(is_slip(old, new), "{old} {new}");
        }
        for (old, new) in [
            ("svr", "svm"),
            ("weight", "height"),
            ("accel_z", "accel_x"),
            ("accel", "accel_x"),
            ("class_b", "class_a"),
            ("rmspe", "rmse"),
            ("f2", "f1"),
            ("price_9", "price_1"),
            ("sales_2025", "sales_2024"),
            ("top_5_accuracy", "top_k_accuracy"),
            ("roc_auc_ovo", "roc_auc"),
            ("logistic", "logistic_regression"),
        ] {
            assert!(!is_slip(old, new), "{old} {new}");
        }
    }
}
