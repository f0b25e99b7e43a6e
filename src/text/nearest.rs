//! Finds the word that a misspelt one was meant to be.
//! Synonyms such as `sensitivity` for `recall` are not known here.

/// Longer words are compared by their beginnings only: edit distance is quadratic.
const MAX_CHARS: usize = 64;

/// The candidate that `word` most likely stands for, if any comes near.
///
/// Case, `-`, `_` and spaces do not count. Then come a few edits, the same words in another order,
/// and names that begin with, end with or hold the word (`logistic` for `logistic_regression`).
/// Ties go to the shorter candidate, then to the alphabet.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = Folded::new(word);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let Some(score) = wanted.score(&Folded::new(candidate)) else { continue };
        let better = best.is_none_or(|(best_score, best_candidate)| {
            let tie = (candidate.len(), candidate).cmp(&(best_candidate.len(), best_candidate));
            best_score.total_cmp(&score).then(tie).is_lt()
        });
        if better {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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

    fn score(&self, candidate: &Folded) -> Option<f64> {
        if self.chars == 0 || candidate.chars == 0 {
            return None;
        }
        if self.joined == candidate.joined {
            return Some(3.0);
        }
        self.similarity(candidate).or_else(|| self.kinship(candidate))
    }

    /// Above 1 where a few edits lead from one to the other.
    fn similarity(&self, candidate: &Folded) -> Option<f64> {
        let longer = self.chars.max(candidate.chars);
        if longer > MAX_CHARS {
            return None;
        }
        let edits = strsim::damerau_levenshtein(&self.joined, &candidate.joined);
        let allowed = (longer / 4).max(1);
        let jaro = strsim::jaro(&self.joined, &candidate.joined);
        let near = (edits <= allowed && edits < longer.min(self.chars)) || jaro >= 0.9;
        near.then_some(1.0 + jaro / 2.0 + 0.5 / (1.0 + edits as f64))
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
            assert_eq!(nearest(word, NAMES), Some(expected), "{word}");
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
    fn ties_do_not_follow_the_order() {
        assert_eq!(nearest("tesa", ["test", "tess"]), Some("tess"));
        assert_eq!(nearest("tesa", ["tess", "test"]), Some("tess"));
        assert_eq!(nearest("max_leaf", ["max_leaf_nodes", "max_leaf_size"]), Some("max_leaf_size"));
    }

    #[test]
    fn long_words_cost_little() {
        let long = "a".repeat(1_000_000);
        assert_eq!(nearest(&long, ["accuracy", "aab"]), None);
    }
}
