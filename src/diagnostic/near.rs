//! The names that a misspelt one may stand for, and how they are offered. Finding them is left to
//! those who know the names.

use super::{Fix, Place};

/// The most names that one question asks about.
const MOST: usize = 3;

/// Below this share of common letters two words have nothing to do with each other.
const LEAST_LIKENESS: f64 = 0.6;

/// What a word was probably meant as: one name, or several that are as near to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    first: String,
    /// As near as the first.
    others: Vec<String>,
}

impl Near {
    /// Names that are equally near, the best first; none where there are none.
    pub fn of(names: impl IntoIterator<Item = impl Into<String>>) -> Option<Self> {
        let mut names = names.into_iter().map(Into::into);
        let first = names.next()?;
        Some(Self { first, others: names.take(MOST - 1).collect() })
    }

    pub fn only(name: impl Into<String>) -> Self {
        Self { first: name.into(), others: Vec::new() }
    }

    /// Those of the names that share the most with `word`, where that is much: values and classes, which have
    /// no separators or parts.
    pub fn likest(word: &str, names: impl IntoIterator<Item = String>) -> Option<Self> {
        let word = word.to_lowercase();
        let likeness =
            |name: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &word);
        let found: Vec<(f64, String)> = names
            .into_iter()
            .map(|name| (likeness(&name), name))
            .filter(|(likeness, _)| *likeness >= LEAST_LIKENESS)
            .collect();
        let most = found.iter().map(|(likeness, _)| *likeness).fold(0.0, f64::max);
        Self::of(found.into_iter().filter(|(likeness, _)| *likeness >= most).map(|(_, name)| name))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(String::as_str)
    }

    /// The one name; none where several are as near.
    pub fn sole(&self) -> Option<&str> {
        self.others.is_empty().then_some(self.first.as_str())
    }

    /// The same with every name written in another way.
    #[must_use]
    pub fn map(&self, written: impl Fn(&str) -> String) -> Self {
        Self {
            first: written(&self.first),
            others: self.others.iter().map(|name| written(name)).collect(),
        }
    }

    /// `` `a` ``, `` `a` or `b` ``, `` `a`, `b` or `c` ``.
    pub fn shown(&self) -> String {
        let quoted: Vec<String> = self.names().map(|name| format!("`{name}`")).collect();
        match quoted.as_slice() {
            [before @ .., last] if !before.is_empty() => {
                format!("{} or {last}", before.join(", "))
            }
            _ => quoted.concat(),
        }
    }

    /// ``did you mean `a` or `b`?``
    pub fn question(&self) -> String {
        format!("did you mean {}?", self.shown())
    }

    /// Writes one of them where `old` stands. Where several are as near, which one is for the author to say.
    pub fn fixes(&self, place: &Place, old: &str) -> Vec<Fix> {
        let write = |name| {
            let fix = Fix::rename(place.clone(), old, name);
            if self.others.is_empty() { fix } else { fix.unsure() }
        };
        self.names().map(write).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Certainty, Route};

    #[test]
    fn one_name_is_sure_and_several_are_guesses() {
        let place = Place::key(Route::root().key("recal"));
        let certainties = |near: &Near| -> Vec<Certainty> {
            near.fixes(&place, "colum_a").into_iter().map(|fix| fix.certainty).collect()
        };
        let one = Near::only("column_a");
        assert_eq!(one.question(), "did you mean `column_a`?");
        assert_eq!(certainties(&one), [Certainty::Certain]);
        let two = Near::of(["column_a", "colum_ab"]).unwrap();
        assert_eq!(two.question(), "did you mean `column_a` or `colum_ab`?");
        assert_eq!(certainties(&two), [Certainty::Guess; 2]);
        assert_eq!(two.sole(), None);
        let many = Near::of(["a", "b", "c", "d"]).unwrap();
        assert_eq!(many.shown(), "`a`, `b` or `c`");
        assert_eq!(Near::of([""; 0]), None);
    }
}
