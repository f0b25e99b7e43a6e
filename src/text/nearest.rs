//! Finds the word that a misspelt one was meant to be.
//! Synonyms such as `sensitivity` for `recall` are not known here.

use crate::diagnostic::Near;

/// Longer words are compared by their beginnings only: edit distance is quadratic.
const MAX_CHARS: usize = 64;

/// The candidates that `word` most likely stands for, if any comes near: one, or those that are as near.
///
/// Case, `-`, `_` and spaces do not count. Then come a few edits, the same words in another order,
/// and names that begin with, end with or hold the word (`logistic` for `logistic_regression`).
/// Of equally near ones the shorter comes first, then the alphabet decides.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Near> {
    let wanted = Folded::new(word);
    let mut found: Vec<(Score, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| Some((wanted.score(&Folded::new(candidate))?, candidate)))
        .collect();
    let order = |(a, one): &(Score, &str), (b, other): &(Score, &str)| {
        b.value.total_cmp(&a.value).then((one.len(), one).cmp(&(other.len(), other)))
    };
    found.sort_by(order);
    found.dedup_by_key(|(_, name)| *name);
    let best = found.first()?.0;
    Near::of(found.into_iter().filter(|(score, _)| score.rivals(best)).map(|(_, name)| name))
}

/// How near two words are.
#[derive(Clone, Copy)]
struct Score {
    value: f64,
    /// The edits that lead from one to the other, where those were what counted.
    edits: Option<usize>,
}

impl Score {
    /// Of names that take as few edits none is surely meant, whichever letters they share.
    fn rivals(self, best: Self) -> bool {
        match (self.edits, best.edits) {
            (Some(edits), Some(least)) => edits <= least,
            _ => self.value >= best.value,
        }
    }
}

/// A word in lower case, as its parts and as one.
struct Folded {
    parts: Vec<String>,
    joined: String,
    chars: usize,
}

impl Folded {
    fn new(word: &str) -> Folded {
        let lower = word.to_lowercase();
        let parts: Vec<String> = lower
            .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let joined = parts.concat();
        Folded { chars: joined.chars().count(), parts, joined }
    }

    fn score(&self, candidate: &Folded) -> Option<Score> {
        if self.chars == 0 || candidate.chars == 0 {
            return None;
        }
        if self.joined == candidate.joined {
            return Some(Score { value: 3.0, edits: Some(0) });
        }
        let kinship = || Some(Score { value: self.kinship(candidate)?, edits: None });
        self.similarity(candidate).or_else(kinship)
    }

    /// Above 1 where a few edits lead from one to the other.
    fn similarity(&self, candidate: &Folded) -> Option<Score> {
        let longer = self.chars.max(candidate.chars);
        if longer > MAX_CHARS {
            return None;
        }
        let edits = strsim::damerau_levenshtein(&self.joined, &candidate.joined);
        let allowed = (longer / 4).max(1);
        let jaro = strsim::jaro(&self.joined, &candidate.joined);
        let near = (edits <= allowed && edits < longer.min(self.chars)) || jaro >= 0.9;
        let value = 1.0 + jaro / 2.0 + 0.5 / (1.0 + edits as f64);
        near.then_some(Score { value, edits: Some(edits) })
    }

    /// Below 1 where one holds the other.
    fn kinship(&self, candidate: &Folded) -> Option<f64> {
        let mut sorted = [self.parts.clone(), candidate.parts.clone()];
        sorted.iter_mut().for_each(|parts| parts.sort());
        if sorted[0] == sorted[1] {
            return Some(0.9);
        }
        let shorter = self.chars.min(candidate.chars);
        if shorter < 3 {
            return None;
        }
        if candidate.joined.starts_with(&self.joined) {
            Some(0.8)
        } else if self.joined.starts_with(&candidate.joined) {
            Some(0.7)
        } else if candidate.parts.len() > 1 && candidate.parts.contains(&self.joined) {
            Some(0.6)
        } else if self.parts.len() > 1 && self.parts.contains(&candidate.joined) {
            Some(0.5)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 14] = [
        "accuracy",
        "balanced_accuracy",
        "f1",
        "r2",
        "recall",
        "precision",
        "random_forest",
        "logistic_regression",
        "linear_regression",
        "k_nearest_neighbors",
        "ridge",
        "svm",
        "roc_auc",
        "max_iter",
    ];

    #[test]
    fn misspelt_words_are_found() {
        for (word, expected) in [
            ("acuracy", "accuracy"),
            ("acurracy", "accuracy"),
            ("Accuracy", "accuracy"),
            ("F1", "f1"),
            ("ROC-AUC", "roc_auc"),
            ("rocauc", "roc_auc"),
            ("Random Forest", "random_forest"),
            ("RandomForest", "random_forest"),
            ("forest_random", "random_forest"),
            ("forest", "random_forest"),
            ("logistic", "logistic_regression"),
            ("k_nearest_neighbours", "k_nearest_neighbors"),
            ("ridge_regression", "ridge"),
            ("accuracy_score", "accuracy"),
            ("recal", "recall"),
            ("percision", "precision"),
            ("maxiter", "max_iter"),
            ("smv", "svm"),
        ] {
            assert_eq!(nearest(word, NAMES), Some(Near::only(expected)), "{word}");
        }
    }

    #[test]
    fn strangers_are_not() {
        for word in ["", "_", "x", "colour", "transformer", "banana", "日本", "zz"] {
            assert_eq!(nearest(word, NAMES), None, "{word}");
        }
        assert_eq!(nearest("c", ["d", "x"]), None);
        assert_eq!(nearest("accuracy", []), None);
    }

    #[test]
    fn equally_near_names_are_all_told_in_one_order() {
        let both = |names: [&'static str; 2]| Near::of(names);
        assert_eq!(nearest("tesa", ["test", "tess"]), both(["tess", "test"]));
        assert_eq!(nearest("tesa", ["tess", "test", "tess"]), both(["tess", "test"]));
        assert_eq!(
            nearest("max_leaf", ["max_leaf_nodes", "max_leaf_size"]),
            both(["max_leaf_size", "max_leaf_nodes"])
        );
        // The letters that they share differ, but one edit leads to each.
        assert_eq!(nearest("recale", ["recall", "recal_e2", "race"]), both(["recal_e2", "recall"]));
        // Two names that differ by what does not count here.
        assert_eq!(
            nearest("Body Mass", ["body_mass", "BodyMass"]),
            both(["BodyMass", "body_mass"])
        );
        assert_eq!(nearest("feture_1", ["feature_1", "feature_2"]), Some(Near::only("feature_1")));
    }

    #[test]
    fn long_words_cost_little() {
        let long = "a".repeat(1_000_000);
        assert_eq!(nearest(&long, ["accuracy", "aab"]), None);
    }
}
